/*
 * Run blocks of replicates: limit INPUT OUTPUT BLOCKS THREADS.
 *
 * INPUT holds a built block, the streams of the pairs and the targets of every month; OUTPUT gets
 * the sums by window of every block and policy.  The seconds that the blocks took are printed.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "world.h"

#define HUGE_PAGE ((size_t)2 << 20)

typedef struct {
    World start;
    Streams streams;
    double targets[POLICIES][MONTHS][Instrument_count];
} Input;

typedef double Summary[WINDOWS][Metric_count][RUNS];

/* What a thread works on: its own blocks under every policy, on draws that they share. */
typedef struct {
    World worlds[POLICIES];
    Draws chunk[CHUNK_MONTHS];
} Desk;

typedef struct {
    const Input *input;
    Desk *desk;
    Summary (*summaries)[POLICIES];
    int n_blocks;
    atomic_int *next_block;
} Worker;

#define EVERY_MONTH (-1)
#define PHASE(name) {#name, name, EVERY_MONTH}
#define SEEN(view) \
    {"project_" #view, project, View_##view}, {"weigh_" #view, weigh, View_##view}

static const struct {
    const char *name;
    Phase *run;
    int view;
} PHASES[] = {
    PHASE(implement_posture), PHASE(open_channels),
    PHASE(perceive),          PHASE(believe),
    PHASE(mobilise),          SEEN(third),
    SEEN(challenger),         SEEN(partner),
    SEEN(truth),              PHASE(feel_threat),
    PHASE(consider),          PHASE(meet),
    PHASE(climb),             PHASE(strain),
    PHASE(arm),               PHASE(align),
    PHASE(declare),           PHASE(commit),
    PHASE(divert),            PHASE(redirect),
    PHASE(settle),            PHASE(sum_trade),
    PHASE(measure_risk),      PHASE(measure_deterrence),
    PHASE(measure_alignment), PHASE(measure_economy),
    PHASE(add_to_windows),
};
enum { PHASE_COUNT = sizeof PHASES / sizeof PHASES[0] };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* With -DTIME_PHASES, and one thread, the seconds of every phase are printed as well. */
#ifdef TIME_PHASES
static double seconds_of[PHASE_COUNT], seconds_of_draws, seconds_of_restoring;
#define TIMED(seconds, work)            \
    do {                                \
        const double before_it = now(); \
        work;                           \
        (seconds) += now() - before_it; \
    } while (0)
#else
#define TIMED(seconds, work) work
#endif

static void step(World *w, const double targets[Instrument_count], int month, const Draws *draw)
{
    for (int one = 0; one < Instrument_count; one++)
        EACH_RUN w->lever[Lever_target][one][run] = targets[one];
    for (int phase = 0; phase < PHASE_COUNT; phase++) {
        const int view = PHASES[phase].view;
        TIMED(seconds_of[phase],
              PHASES[phase].run(w, view == EVERY_MONTH ? month : view, draw));
    }
}

/* Up to the switch all policies are one: the first world passes those months for all of them. */
static void run_block(const Worker *worker, int block)
{
    const Input *input = worker->input;
    Desk *desk = worker->desk;
    TIMED(seconds_of_restoring, memcpy(&desk->worlds[0], &input->start, sizeof input->start));
    for (int month = 0; month < MONTHS; month += CHUNK_MONTHS) {
        const int last = month + CHUNK_MONTHS < MONTHS ? month + CHUNK_MONTHS : MONTHS;
        const int fork = month > SWITCH ? month : SWITCH < last ? SWITCH : last;
        TIMED(seconds_of_draws,
              fill_draws(desk->chunk, &input->streams, month / CHUNK_MONTHS, block * RUNS));
        for (int at = month; at < fork; at++)
            step(&desk->worlds[0], input->targets[0][at], at,
                 (const Draws *)&desk->chunk[at - month]);
        if (fork == SWITCH && fork < last)
            for (int policy = 1; policy < POLICIES; policy++)
                TIMED(seconds_of_restoring,
                      memcpy(&desk->worlds[policy], &desk->worlds[0], sizeof(World)));
        /* Policy by policy, so that a block stays in the cache for all months of a chunk. */
        for (int policy = 0; policy < POLICIES; policy++)
            for (int at = fork; at < last; at++)
                step(&desk->worlds[policy], input->targets[policy][at], at,
                     (const Draws *)&desk->chunk[at - month]);
    }
    for (int policy = 0; policy < POLICIES; policy++)
        memcpy(worker->summaries[block][policy], desk->worlds[policy].summary, sizeof(Summary));
}

static void *work(void *argument)
{
    const Worker *worker = argument;
    for (;;) {
        const int block = atomic_fetch_add(worker->next_block, 1);
        if (block >= worker->n_blocks)
            return NULL;
        run_block(worker, block);
    }
}

static void fail(const char *what)
{
    fprintf(stderr, "limit: %s\n", what);
    exit(EXIT_FAILURE);
}

/* Zeroed memory on huge pages, as NumPy asks for; touched here and not while the clock runs. */
static void *allocate(size_t size)
{
    const size_t whole = (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *memory = aligned_alloc(HUGE_PAGE, whole);
    if (memory == NULL)
        fail("out of memory");
#ifdef MADV_HUGEPAGE
    madvise(memory, whole, MADV_HUGEPAGE);
#endif
    memset(memory, 0, whole);
    return memory;
}

static Input *read_input(const char *path)
{
    Input *input = allocate(sizeof *input);
    FILE *file = fopen(path, "rb");
    if (file == NULL || fread(&input->start, sizeof input->start, 1, file) != 1
        || fread(&input->streams, sizeof input->streams, 1, file) != 1
        || fread(input->targets, sizeof input->targets, 1, file) != 1 || fgetc(file) != EOF)
        fail("the input does not have the layout that the program was compiled for");
    fclose(file);
    return input;
}

int main(int count, char **arguments)
{
    if (count != 5)
        fail("usage: limit INPUT OUTPUT BLOCKS THREADS");
    const Input *input = read_input(arguments[1]);
    const int n_blocks = atoi(arguments[3]);
    const int n_threads = atoi(arguments[4]);
    if (n_blocks < 1 || n_threads < 1)
        fail("there must be at least one block and one thread");
    const size_t size = (size_t)n_blocks * sizeof(Summary[POLICIES]);
    Summary(*summaries)[POLICIES] = allocate(size);
    Worker *workers = allocate((size_t)n_threads * sizeof *workers);
    pthread_t *threads = allocate((size_t)n_threads * sizeof *threads);
    atomic_int next_block = 0;
    for (int one = 0; one < n_threads; one++)
        workers[one] = (Worker){input, allocate(sizeof(Desk)), summaries, n_blocks, &next_block};

    const double start = now();
    for (int one = 1; one < n_threads; one++)
        if (pthread_create(&threads[one], NULL, work, &workers[one]) != 0)
            fail("no further thread");
    work(&workers[0]);
    for (int one = 1; one < n_threads; one++)
        pthread_join(threads[one], NULL);
    printf("seconds %.9f\n", now() - start);

#ifdef TIME_PHASES
    printf("restoring %.9f\ndraws %.9f\n", seconds_of_restoring, seconds_of_draws);
    for (int phase = 0; phase < PHASE_COUNT; phase++)
        printf("%s %.9f\n", PHASES[phase].name, seconds_of[phase]);
#endif
    FILE *file = fopen(arguments[2], "wb");
    if (file == NULL || fwrite(summaries, size, 1, file) != 1 || fclose(file) != 0)
        fail("the output cannot be written");
    return EXIT_SUCCESS;
}
