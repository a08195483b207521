/* A block of runs: the arrays of world/layout.py, in its order, with the run as the last axis. */
#ifndef WORLD_H
#define WORLD_H

#include <stdint.h>

#include "layout.h"

/*
 * A loop over runs, which becomes packed instructions.  Runs do not touch one another, so the
 * compiler need not look whether rows overlap.  Rows are read from the block where they are used:
 * their places are constants, which cost no register.
 *
 * A loop with a long chain of dependent operations, such as an exponential, is faster by half when
 * the instructions of several runs are interleaved.  The compiler does so only where results go
 * into rows that it knows to lie apart: locals, or what a restricted pointer names.
 */
#define EACH_RUN _Pragma("GCC ivdep") for (int run = 0; run < RUNS; run++)

/* One run's value of a variable, for use below EACH_RUN in a function whose block is `w`. */
#define STATE(name, i) w->state[StateVar_##name][i][run]
#define PAIR(name, pair) w->pair[PairVar_##name][pair][run]
#define TOWARD(name, i, j) w->directed[DirectedVar_##name][i][j][run]
#define BELIEF(name, view, i, j) w->belief[BeliefVar_##name][view][i][j][run]
#define REGION(name) w->region[RegionVar_##name][run]
#define LEVEL(name) w->lever[Lever_level][Instrument_##name][run]
#define LEVEL_EXCESS(name) (LEVEL(name) - w->lever[Lever_start][Instrument_##name][run])
#define PARAM(name) w->param[Param_##name][run]
#define METRIC(name) w->metric[Metric_##name][run]
#define DRAW(name, pair) (*draw)[Draw_##name][pair][run]

/* What is dumped and restored: all but the draws, and but scratch rows, which are locals here. */
typedef struct {
    _Alignas(64) double state[StateVar_count][STATES][RUNS];
    double pair[PairVar_count][PAIRS][RUNS];
    double directed[DirectedVar_count][STATES][STATES][RUNS];
    double belief[BeliefVar_count][View_count][STATES][STATES][RUNS];
    double region[RegionVar_count][RUNS];
    double lever[Lever_count][Instrument_count][RUNS];
    double param[Param_count][RUNS];
    double metric[Metric_count][RUNS];
    double summary[WINDOWS][Metric_count][RUNS];
    double group[Group_count][STATES];
    int64_t pair_of[STATES][STATES];
    int64_t host[STATES][STATES];
    int64_t role[Role_count];
    int64_t view_of[STATES];
    int64_t window[WINDOWS][2];
    int64_t option[Option_count];
} World;

/* The draws of one month. */
typedef double Draws[Draw_count][PAIRS][RUNS];

/* What names the stream of each pair, and whether its states are swapped in it. */
typedef struct {
    uint64_t key[PAIRS][2];
    int64_t swapped[PAIRS];
} Streams;

/* A phase that is passed once for each view is given the view in place of the month. */
typedef void Phase(World *world, int month_or_view, const Draws *draw);

/* phases.c */
Phase implement_posture, open_channels, perceive, believe, mobilise, project, weigh, feel_threat;
Phase consider, meet, climb, strain, arm, align, declare, commit;
Phase divert, redirect, settle, sum_trade;

/* metrics.c */
Phase measure_risk, measure_deterrence, measure_alignment, measure_economy, add_to_windows;

/* draws.c */
void fill_draws(Draws *chunk_of_months, const Streams *streams, int chunk, int first_replicate);

#endif
