/* The metrics of a month and their sums by window, named as in world/metrics. */
#include "rules.h"
#include "world.h"

static void fill(double *row, double value)
{
    EACH_RUN row[run] = value;
}

static int is_third(const World *w, int i)
{
    return i != w->role[Role_challenger] && i != w->role[Role_sender]
           && i != w->role[Role_partner];
}

static double size_of_group(const World *w, int group)
{
    double size = 0.0;
    for (int i = 0; i < STATES; i++)
        size += w->group[group][i];
    return size;
}

/* risk */

static void measure_tension(World *w)
{
    const int64_t challenger = w->role[Role_challenger];
    const int64_t ally = w->role[Role_ally];
    fill(w->metric[Metric_tension], 0.0);
    for (int pair = 0; pair < PAIRS; pair++)
        EACH_RUN METRIC(tension) += PAIR(weight, pair) * PAIR(tension, pair);
    if (challenger < 0)
        return;
    if (ally >= 0) {
        const int64_t pair = w->pair_of[challenger][ally];
        EACH_RUN METRIC(ally_challenger_tension) = PAIR(tension, pair);
    }
    fill(w->metric[Metric_third_challenger_tension], 0.0);
    int n_third = 0;
    for (int i = 0; i < STATES; i++)
        if (is_third(w, i)) {
            const int64_t pair = w->pair_of[i][challenger];
            n_third += 1;
            EACH_RUN METRIC(third_challenger_tension) += PAIR(tension, pair);
        }
    EACH_RUN METRIC(third_challenger_tension) =
        METRIC(third_challenger_tension) / larger(n_third, 1.0);
}

#define RUNGS_WITH_RISK 4

static void measure_miscalculation(World *w)
{
    double hazard[RUNS], clear[RUNS], highest[RUNS], without_top[RUNS];
    double by_rung[RUNGS_WITH_RISK][RUNS];
    EACH_RUN {
        clear[run] = 1.0;
        highest[run] = 0.0;
        without_top[run] = 1.0;
        by_rung[0][run] = by_rung[1][run] = by_rung[2][run] = by_rung[3][run] = 1.0;
    }
    for (int i = 0; i < STATES; i++)
        for (int j = i + 1; j < STATES; j++) {
            const int64_t pair = w->pair_of[i][j];
            EACH_RUN {
                double first = mistaken(TOWARD(chance, i, j), TOWARD(chance_true, i, j));
                double second = mistaken(TOWARD(chance, j, i), TOWARD(chance_true, j, i));
                hazard[run] = PAIR(trigger, pair) * either(first, second);
                clear[run] = clear[run] * (1.0 - hazard[run]);
                without_top[run] *= 1.0 - smaller(highest[run], hazard[run]);
                highest[run] = larger(highest[run], hazard[run]);
            }
            /* A loop for each rung: as they exclude one another, one loop would get branches. */
            for (int rung = 0; rung < RUNGS_WITH_RISK; rung++)
                EACH_RUN {
                    /* The chances belong to the rung at which the month began. */
                    double began = PAIR(rung, pair) - PAIR(rung_change, pair);
                    double here = began == rung ? hazard[run] : 0.0;
                    by_rung[rung][run] = by_rung[rung][run] * (1.0 - here);
                }
        }
    EACH_RUN {
        METRIC(miscalculation_risk) = 1.0 - clear[run];
        METRIC(miscalculation_risk_without_top) = 1.0 - without_top[run];
        METRIC(miscalculation_risk_rung_0) = 1.0 - by_rung[0][run];
        METRIC(miscalculation_risk_rung_1) = 1.0 - by_rung[1][run];
        METRIC(miscalculation_risk_rung_2) = 1.0 - by_rung[2][run];
        METRIC(miscalculation_risk_rung_3) = 1.0 - by_rung[3][run];
    }
}

static void measure_restraint(World *w)
{
    double held[RUNS], clear[RUNS];
    fill(clear, 1.0);
    for (int i = 0; i < STATES; i++)
        for (int j = i + 1; j < STATES; j++) {
            const int64_t pair = w->pair_of[i][j];
            /* Two loops: the compiler would merge one with that of the next pair, unpacked. */
            EACH_RUN {
                double first = mistaken(TOWARD(chance_true, i, j), TOWARD(chance, i, j));
                double second = mistaken(TOWARD(chance_true, j, i), TOWARD(chance, j, i));
                held[run] = PAIR(trigger, pair) * either(first, second);
            }
            EACH_RUN clear[run] = clear[run] * (1.0 - held[run]);
        }
    EACH_RUN METRIC(mistaken_restraint) = 1.0 - clear[run];
}

#define CRISIS 2

static void count_events(World *w)
{
    for (int metric = Metric_incidents; metric <= Metric_months_before_crisis; metric++)
        fill(w->metric[metric], 0.0);
    for (int pair = 0; pair < PAIRS; pair++)
        EACH_RUN {
            double rung = PAIR(rung, pair);
            METRIC(incidents) += PAIR(incidents, pair);
            METRIC(escalations) += PAIR(escalated_first, pair) + PAIR(escalated_second, pair);
            METRIC(mistaken_escalations) +=
                PAIR(mistaken_first, pair) + PAIR(mistaken_second, pair);
            METRIC(rung_changes) += PAIR(rung_change, pair) == 0.0 ? 0.0 : 1.0;
            METRIC(crisis_months) += rung >= CRISIS ? 1.0 : 0.0;
            METRIC(force_months) += rung >= USE_OF_FORCE ? 1.0 : 0.0;
            METRIC(war_months) += rung >= WAR ? 1.0 : 0.0;
        }
}

static void watch_for_crisis(World *w, int month)
{
    if (month < w->window[0][0])
        return;
    EACH_RUN {
        double seen = METRIC(crisis_months) > 0.0 ? 1.0 : REGION(crisis_seen);
        REGION(crisis_seen) = seen;
        METRIC(months_before_crisis) = 1.0 - seen;
    }
}

void measure_risk(World *w, int month, const Draws *draw)
{
    (void)draw;
    measure_tension(w);
    measure_miscalculation(w);
    measure_restraint(w);
    count_events(w);
    watch_for_crisis(w, month);
}

/* deterrence */

static void measure_challenger(World *w)
{
    const int64_t challenger = w->role[Role_challenger];
    const int64_t partner = w->role[Role_partner];
    if (challenger < 0)
        return;
    if (partner >= 0) {
        const int64_t pair = w->pair_of[challenger][partner];
        EACH_RUN {
            METRIC(escalation_hazard) = PAIR(trigger, pair) * TOWARD(chance, challenger, partner);
            METRIC(shared_deterrence) = 1.0 - TOWARD(success_believed, challenger, partner);
        }
    }
    EACH_RUN METRIC(challenger_readiness) = STATE(readiness, challenger);
    fill(w->metric[Metric_challenger_pressure], 0.0);
    for (int i = 0; i < STATES; i++)
        EACH_RUN METRIC(challenger_pressure) += STATE(pressure, i) / (STATES - 1.0);
}

#define RUNGS_TO_FORCE 3

static void add_drawn(World *w, double *drawn, int i, int j, double hedgers)
{
    for (int k = 0; k < STATES; k++)
        if (k != i && k != j && w->group[Group_hedgers][k] == hedgers)
            EACH_RUN drawn[run] +=
                1.0 - BELIEF(aside, View_third, k, i) * BELIEF(aside, View_third, k, j);
}

static void measure_entanglement(World *w)
{
    double path[RUNS], drawn[RUNS], total[RUNS], hedgers[RUNS];
    fill(total, 0.0);
    fill(hedgers, 0.0);
    for (int i = 0; i < STATES; i++)
        for (int j = i + 1; j < STATES; j++) {
            const int64_t pair = w->pair_of[i][j];
            EACH_RUN {
                /* The chances belong to the rung at which the month began. */
                double began = PAIR(rung, pair) - PAIR(rung_change, pair);
                double chance = 1.0;
                for (int step = 0; step < RUNGS_TO_FORCE; step++) {
                    double climbs = PAIR(trigger, pair)
                                    * either(w->directed[DirectedVar_step_1 + step][i][j][run],
                                             w->directed[DirectedVar_step_1 + step][j][i][run]);
                    chance = chance * (began <= step ? climbs : 1.0);
                }
                path[run] = chance;
                drawn[run] = 0.0;
            }
            add_drawn(w, drawn, i, j, 1.0);
            EACH_RUN hedgers[run] += path[run] * drawn[run];
            add_drawn(w, drawn, i, j, 0.0);
            EACH_RUN total[run] += path[run] * drawn[run];
        }
    EACH_RUN {
        METRIC(entanglement) = total[run];
        METRIC(entanglement_hedgers) = hedgers[run];
    }
}

void measure_deterrence(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    const int64_t partner = w->role[Role_partner];
    measure_challenger(w);
    if (partner >= 0)
        EACH_RUN METRIC(threat_detection) = STATE(detection, partner);
    measure_entanglement(w);
}

/* alignment */

#define PAIRS_OF_THREE 3.0

static void add_alliance(World *w, int64_t i, int64_t j)
{
    EACH_RUN {
        double commitment =
            0.5 * (logistic(TOWARD(commitment, i, j)) + logistic(TOWARD(commitment, j, i)));
        double distance = fabs(STATE(stance, i) - STATE(stance, j));
        double close = 0.5 * commitment + 0.5 * (1.0 - 0.5 * distance);
        METRIC(trilateral_alignment) += close / PAIRS_OF_THREE;
        METRIC(alliance_strength) += commitment / PAIRS_OF_THREE;
    }
}

static void measure_alliance(World *w)
{
    const int64_t sender = w->role[Role_sender];
    const int64_t patron = w->role[Role_patron];
    const int64_t ally = w->role[Role_ally];
    if (sender < 0 || patron < 0 || ally < 0)
        return;
    fill(w->metric[Metric_trilateral_alignment], 0.0);
    fill(w->metric[Metric_alliance_strength], 0.0);
    add_alliance(w, sender, patron);
    add_alliance(w, sender, ally);
    add_alliance(w, patron, ally);
}

static void measure_ambiguity(World *w)
{
    const int64_t partner = w->role[Role_partner];
    if (partner < 0)
        return;
    fill(w->metric[Metric_ambiguity_width], 0.0);
    for (int k = 0; k < STATES; k++)
        if (k != partner)
            EACH_RUN METRIC(ambiguity_width) += TOWARD(half_width, k, partner) / (STATES - 1.0);
}

static void measure_hedgers(World *w)
{
    double mean[RUNS], squares[RUNS];
    const double size = larger(size_of_group(w, Group_hedgers), 1.0);
    fill(mean, 0.0);
    fill(squares, 0.0);
    for (int i = 0; i < STATES; i++) {
        const double share = w->group[Group_hedgers][i] / size;
        EACH_RUN {
            mean[run] += share * STATE(stance, i);
            squares[run] += share * STATE(stance, i) * STATE(stance, i);
        }
    }
    EACH_RUN {
        METRIC(hedger_balance) = fabs(mean[run]);
        METRIC(hedger_spread) = sqrt(larger(squares[run] - mean[run] * mean[run], 0.0));
    }
}

static void measure_votes(World *w)
{
    const double size = larger(size_of_group(w, Group_middle_powers), 1.0);
    fill(w->metric[Metric_stance_clarity], 0.0);
    fill(w->metric[Metric_not_abstaining], 0.0);
    fill(w->metric[Metric_un_support], 0.0);
    for (int i = 0; i < STATES; i++) {
        const double share = w->group[Group_middle_powers][i] / size;
        const double voice = i == w->role[Role_partner] ? 0.0 : 1.0 / (STATES - 1.0);
        EACH_RUN {
            METRIC(un_support) += voice * STATE(vote_support, i);
            METRIC(not_abstaining) += share * (STATE(vote_support, i) + STATE(vote_oppose, i));
        }
        if (share > 0.0)
            EACH_RUN METRIC(stance_clarity) +=
                share * vote_clarity(STATE(vote_support, i), STATE(vote_oppose, i));
    }
}

static void measure_democracies(World *w)
{
    double mean[RUNS], squares[RUNS], weights[RUNS];
    fill(mean, 0.0);
    fill(squares, 0.0);
    fill(weights, 0.0);
    for (int i = 0; i < STATES; i++)
        EACH_RUN {
            weights[run] += STATE(polyarchy, i);
            mean[run] += STATE(polyarchy, i) * STATE(stance, i);
            squares[run] += STATE(polyarchy, i) * STATE(stance, i) * STATE(stance, i);
        }
    EACH_RUN {
        double weight = larger(weights[run], 1e-12);
        double middle = mean[run] / weight;
        METRIC(democratic_spread) = sqrt(larger(squares[run] / weight - middle * middle, 0.0));
    }
}

static void measure_slope(World *w, double *slope, int by_dependence)
{
    double sum_x[RUNS], sum_y[RUNS], sum_xx[RUNS], sum_xy[RUNS];
    const int64_t challenger = w->role[Role_challenger];
    double n_third = 0.0;
    fill(sum_x, 0.0);
    fill(sum_y, 0.0);
    fill(sum_xx, 0.0);
    fill(sum_xy, 0.0);
    for (int i = 0; i < STATES; i++) {
        if (!is_third(w, i))
            continue;
        const int64_t pair = w->pair_of[i][challenger];
        n_third += 1.0;
        EACH_RUN {
            double dependence = PAIR(trade_start, pair) / STATE(gdp, i);
            double x = by_dependence ? dependence : STATE(polyarchy, i);
            double y = STATE(stance, i) - STATE(stance_start, i);
            sum_x[run] += x;
            sum_y[run] += y;
            sum_xx[run] += x * x;
            sum_xy[run] += x * y;
        }
    }
    const double n = larger(n_third, 1.0);
    EACH_RUN {
        double mean = sum_x[run] / n;
        double spread = sum_xx[run] / n - mean * mean;
        double joint = sum_xy[run] / n - mean * (sum_y[run] / n);
        double quotient = joint / spread;
        slope[run] = spread > 1e-12 ? quotient : 0.0;
    }
}

void measure_alignment(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    measure_alliance(w);
    measure_ambiguity(w);
    measure_hedgers(w);
    measure_votes(w);
    measure_democracies(w);
    if (w->role[Role_challenger] >= 0) {
        measure_slope(w, w->metric[Metric_stance_slope_dependence], 1);
        measure_slope(w, w->metric[Metric_stance_slope_polyarchy], 0);
    }
}

/* economy */

static void measure_blockade(World *w, int64_t partner, int64_t challenger)
{
    EACH_RUN METRIC(blockade_vulnerability) = blockade_vulnerability(
        STATE(seaborne_share, partner), STATE(substitutability, partner),
        STATE(stock_months, partner), PARAM(stock_scale_months),
        TOWARD(success_true, challenger, partner));
}

static void measure_dependence(World *w, double *dependence, int64_t i, int64_t challenger)
{
    const int64_t pair = w->pair_of[i][challenger];
    EACH_RUN dependence[run] = PAIR(trade, pair) / STATE(gdp, i);
}

static void add_concentration(World *w, int64_t i)
{
    double total[RUNS], squares[RUNS];
    fill(total, 0.0);
    fill(squares, 0.0);
    for (int k = 0; k < STATES; k++)
        if (k != i) {
            const int64_t pair = w->pair_of[i][k];
            EACH_RUN {
                total[run] += PAIR(trade, pair);
                squares[run] += PAIR(trade, pair) * PAIR(trade, pair);
            }
        }
    EACH_RUN {
        double whole = larger(total[run], 1e-12);
        METRIC(trade_concentration) += 0.5 * squares[run] / (whole * whole);
    }
}

static void measure_democratic_share(World *w, int64_t partner)
{
    double total[RUNS], weighted[RUNS];
    fill(total, 0.0);
    fill(weighted, 0.0);
    for (int k = 0; k < STATES; k++)
        if (k != partner) {
            const int64_t pair = w->pair_of[partner][k];
            EACH_RUN {
                total[run] += PAIR(trade, pair);
                weighted[run] += PAIR(trade, pair) * STATE(polyarchy, k);
            }
        }
    EACH_RUN METRIC(partner_democratic_trade) = weighted[run] / larger(total[run], 1e-12);
}

static void measure_group_trade(World *w, double *over_start, int64_t other)
{
    double total[RUNS], at_start[RUNS];
    fill(total, 0.0);
    fill(at_start, 0.0);
    for (int i = 0; i < STATES; i++)
        if (i != other && w->group[Group_hedgers][i] > 0.0) {
            const int64_t pair = w->pair_of[i][other];
            EACH_RUN {
                total[run] += PAIR(trade, pair);
                at_start[run] += PAIR(trade_start, pair);
            }
        }
    EACH_RUN over_start[run] = total[run] / larger(at_start[run], 1e-12);
}

static void measure_cost(World *w)
{
    double lost[RUNS], gdp[RUNS];
    fill(lost, 0.0);
    fill(gdp, 0.0);
    for (int i = 0; i < STATES; i++)
        EACH_RUN {
            gdp[run] += STATE(gdp, i);
            lost[run] += STATE(rest_trade_start, i) - STATE(rest_trade, i);
        }
    for (int pair = 0; pair < PAIRS; pair++)
        EACH_RUN lost[run] += PAIR(trade_start, pair) - PAIR(trade, pair);
    EACH_RUN METRIC(economic_cost) = lost[run] / gdp[run];
}

void measure_economy(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    const int64_t sender = w->role[Role_sender];
    const int64_t partner = w->role[Role_partner];
    const int64_t challenger = w->role[Role_challenger];
    if (partner >= 0 && challenger >= 0) {
        measure_blockade(w, partner, challenger);
        measure_dependence(w, w->metric[Metric_partner_dependence], partner, challenger);
    }
    if (sender >= 0 && challenger >= 0)
        measure_dependence(w, w->metric[Metric_sender_dependence], sender, challenger);
    if (sender >= 0 && partner >= 0) {
        fill(w->metric[Metric_trade_concentration], 0.0);
        add_concentration(w, sender);
        add_concentration(w, partner);
    }
    if (partner >= 0)
        measure_democratic_share(w, partner);
    if (challenger >= 0)
        measure_group_trade(w, w->metric[Metric_hedger_trade_challenger], challenger);
    if (sender >= 0)
        measure_group_trade(w, w->metric[Metric_hedger_trade_sender], sender);
    measure_cost(w);
}

/* measure */

void add_to_windows(World *w, int month, const Draws *draw)
{
    (void)draw;
    for (int window = 0; window < WINDOWS; window++)
        if (w->window[window][0] <= month && month <= w->window[window][1])
            for (int metric = 0; metric < Metric_count; metric++)
                EACH_RUN w->summary[window][metric][run] += w->metric[metric][run];
}
