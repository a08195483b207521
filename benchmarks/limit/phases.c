/*
 * The phases of a month that take most of the time, by hand in C, on the arrays of the package.
 *
 * layout.h is written for a batch: numbers of states, pairs and runs as constants, which lets the
 * compiler drop the ends of loops and the arithmetic of addresses; the package's variables by name;
 * and World, the places of the arrays.  Every function leaves the same bits in them as the phase of
 * the package that it stands for; `FUNCTIONS` in library.py says which.
 */
#include "elementary.h"
#include "layout.h"

/*
 * A loop over runs, which becomes packed instructions.  Runs do not touch one another, so the
 * compiler need not look whether rows overlap.  A long chain of dependent operations is faster by
 * half where results go into rows that surely lie apart: locals, or what a restricted pointer names.
 */
#define EACH_RUN _Pragma("GCC ivdep") for (int run = 0; run < RUNS; run++)
#define EACH_OTHER(j, i) for (int j = 0; j < STATES; j++) if (j != (i))

#define STATE(name, i) w->state[StateVar_##name][i][run]
#define PAIR(name, pair) w->pair[PairVar_##name][pair][run]
#define TOWARD(name, i, j) w->directed[DirectedVar_##name][i][j][run]
#define PARAM(name) w->param[Param_##name][run]

/* What calling costs. */
void do_nothing(World *w, int64_t month)
{
    (void)w, (void)month;
}

/* Contest */

/*
 * Sums of products over states read every row of a matrix as often as there are states.  They are
 * therefore made for a strip of runs at a time, whose matrices fit the nearest cache.  A strip is
 * as wide as a register, or as what divides the runs of a batch.
 */
#ifdef __AVX512F__
#define WIDEST 8
#else
#define WIDEST 4
#endif
#define LANES (RUNS % WIDEST == 0 ? WIDEST : RUNS % 4 == 0 ? 4 : RUNS % 2 == 0 ? 2 : 1)
typedef double Lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(8)));
typedef Lanes Strip[STATES][STATES];

#define AT(row) (*(Lanes *)&(row)[first])

static void cut_strip(Strip strip, double whole[][STATES][RUNS], int first)
{
    for (int k = 0; k < STATES; k++)
        for (int j = 0; j < STATES; j++)
            strip[k][j] = AT(whole[k][j]);
}

/* Return the sum over k of left[k][a] * right[k][b]; it associates as the package's does. */
static inline Lanes sum_products(Strip left, int a, Strip right, int b)
{
    Lanes total = {0.0};
    const int in_fours = STATES - STATES % 4;
#pragma GCC unroll 16
    for (int k = 0; k < in_fours; k += 4)
        total += (left[k][a] * right[k][b] + left[k + 1][a] * right[k + 1][b])
                 + (left[k + 2][a] * right[k + 2][b] + left[k + 3][a] * right[k + 3][b]);
    if (STATES - in_fours >= 2)
        total += left[in_fours][a] * right[in_fours][b]
                 + left[in_fours + 1][a] * right[in_fours + 1][b];
    if (STATES % 2 == 1)
        total += left[STATES - 1][a] * right[STATES - 1][b];
    return total;
}

void contest_success(World *w, int64_t observer)
{
    const int truth = observer == Observer_truth;
    const int64_t exponent = w->option[Option_contest_exponent];
    double(*success)[STATES][RUNS] =
        w->directed[truth ? DirectedVar_success_true : DirectedVar_success_believed];
    Strip strike, lend, help, abstain;
    for (int first = 0; first < RUNS; first += LANES) {
        cut_strip(strike, w->directed[DirectedVar_strike], first);
        cut_strip(lend, w->directed[DirectedVar_lend], first);
        cut_strip(help, w->directed[DirectedVar_help], first);
        cut_strip(abstain, w->belief[BeliefVar_abstain_probability][observer], first);
        const Lanes support = AT(w->param[Param_attack_support]);
        for (int i = 0; i < STATES; i++) {
            if (!truth && observer != w->observer_of[i])
                continue;
            EACH_OTHER(j, i) {
                Lanes attack = AT(w->directed[DirectedVar_force][i][j])
                               + support * sum_products(strike, j, lend, i);
                Lanes defence =
                    AT(w->state[StateVar_mobilised][j]) + sum_products(help, j, abstain, i);
                Lanes ratio = defence / attack;
                Lanes squared = ratio * ratio;
                Lanes power =
                    exponent == 1 ? ratio : (exponent == 2 ? squared : squared * squared);
                AT(success[i][j]) = 1.0 / (1.0 + power);
                if (!truth)
                    AT(w->directed[DirectedVar_attack][i][j]) = attack;
                if (!truth && observer != w->observer_of[j])
                    AT(w->directed[DirectedVar_attack_seen][i][j]) =
                        AT(w->directed[DirectedVar_force][j][i])
                        + support * sum_products(strike, i, lend, j);
            }
        }
    }
}

/* Escalation */

/* What i sees whomever it considers, and what it weighs when it considers j. */
typedef struct {
    double opposed[RUNS], size[RUNS], loss_weight[RUNS], certainty[RUNS];
    double restraint[RUNS], gain[RUNS], loss[RUNS], shift[RUNS], true_gain[RUNS], true_loss[RUNS];
} Terms;

static int any_above(const double *row, double bound)
{
    int found = 0;
    EACH_RUN found |= row[run] > bound;
    return found;
}

#define AGAINST(i, k) (STATE(stance, i) > 0.0 ? STATE(vote_oppose, k) : STATE(vote_support, k))

static void set_outlook(World *w, Terms *t, int i)
{
    EACH_RUN {
        t->opposed[run] = t->size[run] = 0.0;
        t->loss_weight[run] = PARAM(loss_weight) / STATE(resolve, i);
        t->certainty[run] = 1.0 / PARAM(shock_sd);
    }
    EACH_OTHER(k, i)
        EACH_RUN {
            t->opposed[run] += STATE(gdp, k) * AGAINST(i, k);
            t->size[run] += STATE(gdp, k);
        }
}

static void set_terms(World *w, Terms *t, int i, int j)
{
    const int64_t pair = w->pair_of[i][j];
    EACH_RUN {
        double share = PAIR(trade, pair) / STATE(all_trade, i);
        double economic = PAIR(bond, pair) * (1.0 - PARAM(openness_discount) * (1.0 - share));
        double opposed = t->opposed[run] - STATE(gdp, j) * AGAINST(i, j);
        double third = larger(opposed, 0.0) / larger(t->size[run] - STATE(gdp, j), 1e-12);
        double quarrel = 0.5 + PAIR(tension, pair);
        double believed = TOWARD(success_believed, i, j), true = TOWARD(success_true, i, j);
        t->restraint[run] = PARAM(economic_restraint) * economic
                            + PARAM(diplomatic_restraint) * (PAIR(relevance, pair) * third);
        t->gain[run] = believed * TOWARD(stake, i, j) * quarrel;
        t->loss[run] = (1.0 - believed) * t->loss_weight[run];
        t->shift[run] = PARAM(hostility_bias) + TOWARD(error, i, j);
        t->true_gain[run] = true * TOWARD(stake, i, j) * quarrel;
        t->true_loss[run] = (1.0 - true) * t->loss_weight[run];
    }
}

/* The payoff of going from `rung`, a constant, to the next. */
#define RELUCTANCE(rung) \
    ((rung) + 1 == WAR ? larger(PAIR(restraint, pair), 1.0) : PAIR(restraint, pair))
#define OF_RUNG(kind, rung) w->param[Param_##kind##_rung_1 + (rung)][run]
#define PAYOFF(won, lost, rung)                                       \
    ((t->won[run] * OF_RUNG(gain, rung) - t->lost[run] * OF_RUNG(loss, rung)) \
     - (t->restraint[run] * OF_RUNG(cost, rung)                       \
        + PARAM(ladder_restraint) * RELUCTANCE(rung) * OF_RUNG(restraint, rung)))

/* Turn rows of payoffs into chances; this is where most of the time goes. */
static void set_chances(int64_t shock, int n, double (*restrict payoff)[RUNS],
                        const double *restrict certainty, double (*restrict chance)[RUNS])
{
    for (int row = 0; row < n; row++)
        if (shock == LOGISTIC_SHOCK)
            EACH_RUN chance[row][run] =
                logistic(1.8137993642342178 * payoff[row][run] * certainty[run]);
        else
            EACH_RUN chance[row][run] = normal_cdf(payoff[row][run] * certainty[run]);
}

/* Put the true payoff of the rung that is next in each run in place of that of the first. */
static void set_true_payoff(World *w, const Terms *t, int64_t pair, double *payoff)
{
    EACH_RUN {
#pragma GCC unroll 4
        for (int step = 1; step < WAR; step++) {
            double found = PAYOFF(true_gain, true_loss, step);
            payoff[run] = PAIR(rung, pair) == step ? found : payoff[run];
        }
    }
}

/* At war no rung is next. */
static void choose_step(World *w, int64_t pair, int i, int j)
{
    EACH_RUN {
        double rung = PAIR(rung, pair), chance = 0.0;
#pragma GCC unroll 4
        for (int step = 0; step < WAR; step++)
            chance = rung == step ? w->directed[DirectedVar_step_1 + step][i][j][run] : chance;
        TOWARD(chance, i, j) = chance;
        TOWARD(chance_true, i, j) = rung < WAR ? TOWARD(chance_true, i, j) : 0.0;
    }
}

static void set_chances_of_pair(World *w, Terms *t, int i, int j)
{
    const int64_t pair = w->pair_of[i][j];
    const int64_t shock = w->option[Option_shock];
    const int in_dispute = any_above(w->pair[PairVar_rung][pair], 0.0);
    double payoff[4][RUNS], chance[4][RUNS];
    set_terms(w, t, i, j);
    EACH_RUN {
        payoff[0][run] = PAYOFF(gain, loss, 0) + t->shift[run];
        payoff[1][run] = PAYOFF(gain, loss, 1) + t->shift[run];
        payoff[2][run] = PAYOFF(gain, loss, 2) + t->shift[run];
        payoff[3][run] = PAYOFF(true_gain, true_loss, 0);
    }
    if (in_dispute)
        set_true_payoff(w, t, pair, payoff[3]);
    set_chances(shock, 4, payoff, t->certainty, chance);
    EACH_RUN {
        TOWARD(step_1, i, j) = TOWARD(chance, i, j) = chance[0][run];
        TOWARD(step_2, i, j) = chance[1][run];
        TOWARD(step_3, i, j) = chance[2][run];
        TOWARD(chance_true, i, j) = chance[3][run];
    }
    if (!in_dispute)
        return;
    if (any_above(w->pair[PairVar_rung][pair], USE_OF_FORCE - 0.5)) {
        EACH_RUN payoff[0][run] = PAYOFF(gain, loss, WAR - 1) + t->shift[run];
        set_chances(shock, 1, payoff, t->certainty, chance);
        EACH_RUN TOWARD(step_4, i, j) = chance[0][run];
    }
    choose_step(w, pair, i, j);
}

void update_escalation(World *w, int64_t month)
{
    (void)month;
    Terms terms;
    for (int i = 0; i < STATES; i++) {
        set_outlook(w, &terms, i);
        EACH_OTHER(j, i)
            set_chances_of_pair(w, &terms, i, j);
    }
}

/* Draws: Philox4x64-10 */

#define STEPS_PER_REPLICATE (CHUNK_MONTHS * Draw_count / 4)

static inline double unit_double(uint64_t number)
{
    return (double)(number >> 11) * (1.0 / 9007199254740992.0);
}

/* Return the lower half of a product of 128 bits; leave the upper one in *high. */
static inline uint64_t product(uint64_t a, uint64_t b, uint64_t *high)
{
    const unsigned __int128 whole = (unsigned __int128)a * b;
    *high = (uint64_t)(whole >> 64);
    return (uint64_t)whole;
}

/* Leave the four numbers of one step of the counter of every run in a row each. */
static void draw_step(double *restrict row_0, double *restrict row_1, double *restrict row_2,
                      double *restrict row_3, const uint64_t key[2], uint64_t first,
                      uint64_t chunk)
{
    EACH_RUN {
        uint64_t c0 = first + (uint64_t)run * STEPS_PER_REPLICATE, c1 = 0, c2 = chunk, c3 = 0;
        uint64_t k0 = key[0], k1 = key[1];
#pragma GCC unroll 10
        for (int round = 0; round < 10; round++) {
            uint64_t high_0, high_1;
            uint64_t low_0 = product(UINT64_C(0xD2E7470EE14C6C93), c0, &high_0);
            uint64_t low_1 = product(UINT64_C(0xCA5A826395121157), c2, &high_1);
            c0 = high_1 ^ c1 ^ k0;
            c2 = high_0 ^ c3 ^ k1;
            c1 = low_1;
            c3 = low_0;
            k0 += UINT64_C(0x9E3779B97F4A7C15);
            k1 += UINT64_C(0xBB67AE8584CAA73B);
        }
        row_0[run] = unit_double(c0);
        row_1[run] = unit_double(c1);
        row_2[run] = unit_double(c2);
        row_3[run] = unit_double(c3);
    }
}

void draw_months(double (*months)[Draw_count][PAIRS][RUNS], const uint64_t (*keys)[2],
                 const int64_t *swapped, int64_t chunk, int64_t first_replicate)
{
    /* NumPy steps the counter before its first use. */
    const uint64_t first = (uint64_t)first_replicate * STEPS_PER_REPLICATE + 1;
    for (int pair = 0; pair < PAIRS; pair++) {
        for (int step = 0; step < STEPS_PER_REPLICATE; step++) {
            double *row[4];
            for (int n = 0; n < 4; n++) {
                const int number = step * 4 + n;
                int kind = number % Draw_count;
                if (swapped[pair] && kind >= Draw_innovation_first)
                    kind ^= 1;
                row[n] = months[number / Draw_count][kind][pair];
            }
            draw_step(row[0], row[1], row[2], row[3], keys[pair], first + (uint64_t)step,
                      (uint64_t)chunk);
        }
        for (int month = 0; month < CHUNK_MONTHS; month++)
            for (int kind = Draw_innovation_first; kind <= Draw_innovation_second; kind++) {
                double *row = months[month][kind][pair];
                EACH_RUN {
                    double p = row[run] + 1.0 / 18014398509481984.0; /* off 0 and 1 */
                    row[run] = quantile_in_tails(p, quantile_in_centre(p));
                }
            }
    }
}
