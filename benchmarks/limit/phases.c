/* The phases of a month, named as in world/phases; each acts for all states and all runs. */
#include "rules.h"
#include "world.h"

/* posture */

static void move_urgency(World *w, int64_t pair)
{
    EACH_RUN {
        double excess = larger(PAIR(tension, pair) - PAIR(tension_start, pair), 0.0);
        double need = PARAM(urgency_base) + PARAM(urgency_tension) * excess;
        REGION(urgency) =
            next_urgency(REGION(urgency), PARAM(urgency_memory), LEVEL_EXCESS(supply_chain), need);
    }
}

static void stock_partner(World *w, int64_t partner)
{
    EACH_RUN {
        double excess = LEVEL_EXCESS(supply_chain);
        STATE(stock_months, partner) =
            stocks(STATE(stock_months_start, partner), PARAM(stock_gain_months), excess);
        STATE(substitutability, partner) = substitutable_share(
            STATE(substitutability_start, partner), PARAM(substitutability_gain), excess);
    }
}

void implement_posture(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    const int64_t sender = w->role[Role_sender];
    const int64_t challenger = w->role[Role_challenger];
    if (sender < 0)
        return;
    for (int one = 0; one < Instrument_count; one++)
        EACH_RUN w->lever[Lever_level][one][run] =
            next_instrument_level(w->lever[Lever_level][one][run],
                                  w->lever[Lever_target][one][run], w->param[LAG_OF[one]][run]);
    EACH_RUN {
        double now = firmness(LEVEL(joint_patrols), LEVEL(political_backing),
                              LEVEL(partner_dialogue), PARAM(firmness_patrols),
                              PARAM(firmness_backing), PARAM(firmness_dialogue),
                              PARAM(firmness_joint));
        double novelty =
            next_novelty(REGION(novelty), PARAM(novelty_memory), now - REGION(firmness));
        REGION(novelty) = novelty;
        REGION(firmness) = now;
        REGION(signal) = sent_signal(now - REGION(firmness_start), novelty, PARAM(level_weight));
    }
    if (challenger >= 0)
        move_urgency(w, w->pair_of[sender][challenger]);
    if (w->role[Role_partner] >= 0)
        stock_partner(w, w->role[Role_partner]);
}

/* channels */

static double sender_to_challenger(const World *w, int i, int j)
{
    const int64_t sender = w->role[Role_sender];
    const int64_t challenger = w->role[Role_challenger];
    return (i == sender && j == challenger) || (i == challenger && j == sender) ? 1.0 : 0.0;
}

void open_channels(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    for (int i = 0; i < STATES; i++)
        for (int j = i + 1; j < STATES; j++) {
            const int64_t pair = w->pair_of[i][j];
            const double instrument_share = sender_to_challenger(w, i, j);
            EACH_RUN {
                double present =
                    PAIR(channel_start, pair) + instrument_share * LEVEL_EXCESS(crisis_channel);
                PAIR(channel, pair) = channel_availability(present, PAIR(tension, pair));
            }
        }
}

/* perception */

static void pool_precision(World *w, int i)
{
    double precision[RUNS];
    EACH_RUN precision[run] = STATE(own_precision, i);
    for (int k = 0; k < STATES; k++)
        EACH_RUN {
            double share = PARAM(pooling_share) * TOWARD(pooling, i, k) * LEVEL(early_warning);
            precision[run] +=
                pooled_gain(share, STATE(own_precision, k), PARAM(error_correlation));
        }
    EACH_RUN {
        STATE(precision, i) = precision[run];
        STATE(detection, i) = detection(precision[run], PARAM(detection_scale));
    }
}

void perceive(World *w, int month, const Draws *draw)
{
    (void)month;
    /* Square roots and a division that are the same for whole rows of pairs. */
    double renewed[RUNS], scale[RUNS];
    EACH_RUN renewed[run] = renewed_share(PARAM(belief_memory));
    for (int i = 0; i < STATES; i++) {
        pool_precision(w, i);
        EACH_RUN scale[run] = error_scale(PARAM(belief_noise), STATE(precision, i));
        for (int j = 0; j < STATES; j++) {
            if (j == i)
                continue;
            const int64_t pair = w->pair_of[i][j];
            const double *innovation =
                (*draw)[i < j ? Draw_innovation_first : Draw_innovation_second][pair];
            EACH_RUN {
                double sd = error_sd(scale[run], PAIR(channel, pair), PARAM(channel_noise_cut));
                TOWARD(error_sd, i, j) = sd;
                TOWARD(error, i, j) = next_error(TOWARD(error, i, j), PARAM(belief_memory),
                                                 renewed[run], sd, innovation[run]);
            }
        }
    }
}

/* beliefs */

static const int ALPHA_OF[View_truth] = {
    [View_third] = Param_alpha_third,
    [View_challenger] = Param_alpha_challenger,
    [View_partner] = Param_alpha_partner,
};
static const int THETA_OF[View_truth] = {
    [View_third] = Param_theta_third,
    [View_challenger] = Param_theta_challenger,
    [View_partner] = Param_theta_third,
};

static void interpret(World *w, int k, int j)
{
    const int64_t sender = w->role[Role_sender];
    const int64_t partner = w->role[Role_partner];
    const double toward_partner = j == partner ? 1.0 : 0.0;
    const double signalled = k == sender && j == partner ? 1.0 : 0.0;
    const double in_dialogue = signalled > 0.0 || (k == partner && j == sender) ? 1.0 : 0.0;
    EACH_RUN TOWARD(half_width, k, j) = interval_half_width(
        TOWARD(ambiguity_start, k, j), PARAM(narrowing_stance),
        toward_partner * (STATE(stance, k) - STATE(stance_start, k)),
        in_dialogue * PARAM(narrowing_dialogue) * LEVEL_EXCESS(partner_dialogue));
    for (int view = 0; view < View_truth; view++) {
        const double *alpha = w->param[ALPHA_OF[view]];
        const double *theta = w->param[THETA_OF[view]];
        EACH_RUN {
            double resolve =
                signalled * read_as_resolve(REGION(signal), PARAM(signal_gain), theta[run]);
            BELIEF(lean, view, k, j) = lean(TOWARD(half_width, k, j), alpha[run], resolve);
        }
    }
    EACH_RUN BELIEF(lean, View_truth, k, j) = 1.0;
}

void believe(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    const int64_t sender = w->role[Role_sender];
    const int64_t partner = w->role[Role_partner];
    for (int k = 0; k < STATES; k++)
        for (int j = 0; j < STATES; j++) {
            if (j == k)
                continue;
            if (j == partner || (k == partner && j == sender))
                interpret(w, k, j);
            EACH_RUN {
                double odds = odds_against(TOWARD(commitment, k, j));
                for (int view = 0; view < View_count; view++)
                    BELIEF(aside, view, k, j) =
                        1.0 - believed_commitment(odds, BELIEF(lean, view, k, j));
            }
        }
}

/* force */

void mobilise(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    for (int k = 0; k < STATES; k++)
        EACH_RUN STATE(mobilised, k) = mobilised(STATE(capability, k), STATE(readiness, k));
}

static void offer_from_home(World *w, int view, int k, int j, const double *timely)
{
    EACH_RUN {
        double aside = BELIEF(aside, view, k, j);
        double reached = STATE(mobilised, k) * TOWARD(near_share, k, j);
        double shared = timely[run] * (1.0 - aside);
        TOWARD(force, k, j) = reached;
        TOWARD(strike, k, j) = reached * aside;
        TOWARD(lend, k, j) = shared;
        TOWARD(help, k, j) = reached * shared;
    }
}

static void offer_from_base(World *w, int view, int k, int j, int64_t host, const double *timely)
{
    EACH_RUN {
        double for_guest = 1.0 - BELIEF(aside, view, host, k);
        double for_target = 1.0 - BELIEF(aside, view, host, j);
        double access = defence_access(for_guest, for_target);
        double near = TOWARD(near_share, k, j);
        double home = TOWARD(home_share, k, j);
        double striking = projected(STATE(mobilised, k), near, home, for_guest);
        double defending = projected(STATE(mobilised, k), near, home, access);
        double aside = BELIEF(aside, view, k, j);
        double shared = timely[run] * (1.0 - aside);
        TOWARD(force, k, j) = striking;
        TOWARD(strike, k, j) = striking * aside;
        TOWARD(lend, k, j) = shared;
        TOWARD(help, k, j) = defending * shared;
    }
}

void project(World *w, int view, const Draws *draw)
{
    (void)draw;
    double timely[RUNS];
    for (int k = 0; k < STATES; k++)
        for (int j = 0; j < STATES; j++) {
            if (j == k)
                continue;
            const int64_t host = w->host[k][j];
            const double drilled =
                k == w->role[Role_sender] && j == w->role[Role_partner] ? 1.0 : 0.0;
            EACH_RUN {
                double share = TOWARD(interoperability, k, j)
                               + drilled * PARAM(interoperability_gain)
                                     * LEVEL_EXCESS(joint_patrols);
                timely[run] =
                    timely_share(larger(smaller(share, 1.0), 0.0), STATE(detection, j));
            }
            if (host < 0)
                offer_from_home(w, view, k, j, timely);
            else
                offer_from_base(w, view, k, j, host, timely);
        }
}

/* contest */

/*
 * Sums of products over states read every row of a matrix as often as there are states.  They are
 * therefore made for a strip of runs at a time, whose matrices fit the nearest cache.  A strip is
 * as wide as a register, or as what divides the runs of a block.
 */
#define LANES (RUNS % 8 == 0 ? 8 : RUNS % 4 == 0 ? 4 : RUNS % 2 == 0 ? 2 : 1)
typedef double Lanes __attribute__((vector_size(LANES * sizeof(double))));
typedef Lanes Strip[STATES][STATES];

static inline Lanes *lanes(double *row, int first)
{
    return (Lanes *)&row[first];
}

static void cut_strip(Strip strip, double whole[][STATES][RUNS], int first)
{
    for (int k = 0; k < STATES; k++)
        for (int j = 0; j < STATES; j++)
            strip[k][j] = *lanes(whole[k][j], first);
}

/* Return the sum over k of left[k][a] * right[k][b]; it associates as in world/rows.py. */
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

/* The forces of all states for a strip of runs, as the view at work sees them. */
typedef struct {
    int first;
    Strip strike, lend, help, aside;
} Forces;

static inline Lanes sum_attack(World *w, Forces *f, int i, int j)
{
    Lanes sum = sum_products(f->strike, j, f->lend, i);
    return *lanes(w->directed[DirectedVar_force][i][j], f->first)
           + *lanes(w->param[Param_attack_support], f->first) * sum;
}

/* Set the chance that i prevails over j; return its attack. */
static inline Lanes weigh_one(World *w, Forces *f, int view, int i, int j)
{
    const int truth = view == View_truth;
    const int64_t exponent = w->option[Option_contest_exponent];
    double *success =
        w->directed[truth ? DirectedVar_success_true : DirectedVar_success_believed][i][j];
    Lanes attack = sum_attack(w, f, i, j);
    Lanes defence = *lanes(w->state[StateVar_mobilised][j], f->first)
                    + sum_products(f->help, j, f->aside, i);
    /* The rule `success_chance`, for lanes. */
    Lanes ratio = defence / attack;
    Lanes squared = ratio * ratio;
    Lanes power = exponent == 1 ? ratio : (exponent == 2 ? squared : squared * squared);
    *lanes(success, f->first) = 1.0 / (1.0 + power);
    return attack;
}

void weigh(World *w, int view, const Draws *draw)
{
    (void)draw;
    Forces f;
    for (f.first = 0; f.first < RUNS; f.first += LANES) {
        cut_strip(f.strike, w->directed[DirectedVar_strike], f.first);
        cut_strip(f.lend, w->directed[DirectedVar_lend], f.first);
        cut_strip(f.help, w->directed[DirectedVar_help], f.first);
        cut_strip(f.aside, w->belief[BeliefVar_aside][view], f.first);
        for (int i = 0; i < STATES; i++)
            for (int j = 0; j < STATES; j++) {
                if (j == i)
                    continue;
                if (view == View_truth)
                    weigh_one(w, &f, view, i, j);
                else if (view == w->view_of[i]) {
                    *lanes(w->directed[DirectedVar_attack][i][j], f.first) =
                        weigh_one(w, &f, view, i, j);
                    if (w->view_of[j] != view)
                        *lanes(w->directed[DirectedVar_attack_seen][i][j], f.first) =
                            sum_attack(w, &f, j, i);
                }
            }
    }
}

void feel_threat(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    for (int i = 0; i < STATES; i++) {
        EACH_RUN STATE(threat, i) = 0.0;
        for (int j = 0; j < STATES; j++) {
            if (j == i)
                continue;
            const int64_t pair = w->pair_of[i][j];
            const double *attack = w->view_of[i] == w->view_of[j]
                                       ? w->directed[DirectedVar_attack][j][i]
                                       : w->directed[DirectedVar_attack_seen][i][j];
            EACH_RUN {
                double felt = threat(PAIR(tension, pair), attack[run], STATE(mobilised, i));
                TOWARD(threat, i, j) = felt;
                STATE(threat, i) += felt;
            }
        }
    }
}

/* payoff */

#define BELOW_FORCE (USE_OF_FORCE - 0.5)
#define STEPS_BEFORE_WAR (SCHEDULE_RUNGS - 1)

static int any_above(const double *row, double bound)
{
    int found = 0;
    EACH_RUN found |= row[run] > bound;
    return found;
}

/* What i sees whomever it considers. */
typedef struct {
    double opposed[RUNS], size[RUNS], loss_weight[RUNS], certainty[RUNS];
} Outlook;

/* What i weighs when it considers j: as it believes, and in truth. */
typedef struct {
    double restraint[RUNS], gain[RUNS], loss[RUNS], shift[RUNS], true_gain[RUNS], true_loss[RUNS];
} Terms;

static inline double vote_against(double stance, double support, double oppose)
{
    return stance > 0.0 ? oppose : support;
}

static void set_outlook(World *w, Outlook *x, int i)
{
    EACH_RUN {
        x->opposed[run] = x->size[run] = 0.0;
        x->loss_weight[run] = PARAM(loss_weight) / STATE(resolve, i);
        x->certainty[run] = 1.0 / PARAM(shock_sd);
    }
    for (int k = 0; k < STATES; k++)
        if (k != i)
            EACH_RUN {
                double against =
                    vote_against(STATE(stance, i), STATE(vote_support, k), STATE(vote_oppose, k));
                x->opposed[run] += STATE(gdp, k) * against;
                x->size[run] += STATE(gdp, k);
            }
}

static void set_terms(World *w, const Outlook *x, Terms *t, int i, int j)
{
    const int64_t pair = w->pair_of[i][j];
    EACH_RUN {
        double economic = restraining_bond(PAIR(bond, pair),
                                           PAIR(trade, pair) / STATE(all_trade, i),
                                           PARAM(openness_discount));
        double against =
            vote_against(STATE(stance, i), STATE(vote_support, j), STATE(vote_oppose, j));
        double third = opposition(x->opposed[run] - STATE(gdp, j) * against,
                                  x->size[run] - STATE(gdp, j));
        double quarrel = 0.5 + PAIR(tension, pair);
        double believed = TOWARD(success_believed, i, j);
        double true = TOWARD(success_true, i, j);
        t->restraint[run] = PARAM(economic_restraint) * economic
                            + PARAM(diplomatic_restraint) * (PAIR(relevance, pair) * third);
        t->gain[run] = believed * TOWARD(stake, i, j) * quarrel;
        t->loss[run] = (1.0 - believed) * x->loss_weight[run];
        t->shift[run] = PARAM(hostility_bias) + TOWARD(error, i, j);
        t->true_gain[run] = true * TOWARD(stake, i, j) * quarrel;
        t->true_loss[run] = (1.0 - true) * x->loss_weight[run];
    }
}

/* The payoff of going from `rung`, a constant, to the next. */
#define PAYOFF(gain, loss, rung)                                                            \
    payoff_of_next_rung((gain)[run], (loss)[run], t->restraint[run],                        \
                        (rung) + 1 == WAR                                                   \
                            ? war_reluctance(PARAM(ladder_restraint), PAIR(restraint, pair)) \
                            : PARAM(ladder_restraint) * PAIR(restraint, pair),              \
                        w->param[Param_gain_rung_1 + (rung)][run],                          \
                        w->param[Param_loss_rung_1 + (rung)][run],                          \
                        w->param[Param_cost_rung_1 + (rung)][run],                          \
                        w->param[Param_restraint_rung_1 + (rung)][run])

/* Turn rows of payoffs into chances; this is where most of the time goes. */
static void set_chances(int64_t shock, int n, double (*restrict payoff)[RUNS],
                        const double *restrict certainty, double (*restrict chance)[RUNS])
{
    for (int row = 0; row < n; row++)
        if (shock == LOGISTIC_SHOCK)
            EACH_RUN chance[row][run] =
                chance_under_logistic_shock(payoff[row][run], certainty[run]);
        else
            EACH_RUN chance[row][run] =
                chance_under_normal_shock(payoff[row][run], certainty[run]);
}

static void set_war_step(World *w, const Outlook *x, const Terms *t, int i, int j)
{
    const int64_t pair = w->pair_of[i][j];
    double payoff[1][RUNS], chance[1][RUNS];
    EACH_RUN payoff[0][run] = PAYOFF(t->gain, t->loss, WAR - 1) + t->shift[run];
    set_chances(w->option[Option_shock], 1, payoff, x->certainty, chance);
    EACH_RUN TOWARD(step_4, i, j) = chance[0][run];
}

/* Leave the true payoff of the rung that is next in each run; at war none is. */
static void set_true_payoff(World *w, const Terms *t, int64_t pair, double *payoff)
{
    EACH_RUN {
        double rung = PAIR(rung, pair);
        double second = PAYOFF(t->true_gain, t->true_loss, 1);
        double third = PAYOFF(t->true_gain, t->true_loss, 2);
        double fourth = PAYOFF(t->true_gain, t->true_loss, 3);
        payoff[run] = rung == 1.0 ? second : payoff[run];
        payoff[run] = rung == 2.0 ? third : payoff[run];
        payoff[run] = rung == 3.0 ? fourth : payoff[run];
    }
}

static void choose_step(World *w, int64_t pair, int i, int j)
{
    EACH_RUN {
        double rung = PAIR(rung, pair);
        double chance = 0.0;
        chance = rung == 0.0 ? TOWARD(step_1, i, j) : chance;
        chance = rung == 1.0 ? TOWARD(step_2, i, j) : chance;
        chance = rung == 2.0 ? TOWARD(step_3, i, j) : chance;
        chance = rung == 3.0 ? TOWARD(step_4, i, j) : chance;
        TOWARD(chance, i, j) = chance;
        TOWARD(chance_true, i, j) = rung < SCHEDULE_RUNGS ? TOWARD(chance_true, i, j) : 0.0;
    }
}

static void consider_one(World *w, const Outlook *x, Terms *t, int i, int j)
{
    const int64_t pair = w->pair_of[i][j];
    const double *rung = w->pair[PairVar_rung][pair];
    const int in_dispute = any_above(rung, 0.0);
    double payoff[STEPS_BEFORE_WAR + 1][RUNS], chance[STEPS_BEFORE_WAR + 1][RUNS];
    set_terms(w, x, t, i, j);
    EACH_RUN {
        payoff[0][run] = PAYOFF(t->gain, t->loss, 0) + t->shift[run];
        payoff[1][run] = PAYOFF(t->gain, t->loss, 1) + t->shift[run];
        payoff[2][run] = PAYOFF(t->gain, t->loss, 2) + t->shift[run];
        payoff[STEPS_BEFORE_WAR][run] = PAYOFF(t->true_gain, t->true_loss, 0);
    }
    if (in_dispute)
        set_true_payoff(w, t, pair, payoff[STEPS_BEFORE_WAR]);
    set_chances(w->option[Option_shock], STEPS_BEFORE_WAR + 1, payoff, x->certainty, chance);
    EACH_RUN {
        TOWARD(step_1, i, j) = TOWARD(chance, i, j) = chance[0][run];
        TOWARD(step_2, i, j) = chance[1][run];
        TOWARD(step_3, i, j) = chance[2][run];
        TOWARD(chance_true, i, j) = chance[STEPS_BEFORE_WAR][run];
    }
    if (in_dispute) {
        if (any_above(rung, BELOW_FORCE))
            set_war_step(w, x, t, i, j);
        choose_step(w, pair, i, j);
    }
}

void consider(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    Outlook outlook;
    Terms terms;
    for (int i = 0; i < STATES; i++) {
        set_outlook(w, &outlook, i);
        for (int j = 0; j < STATES; j++)
            if (j != i)
                consider_one(w, &outlook, &terms, i, j);
    }
}

/* incidents */

/* What happens in a pair. */
typedef struct {
    double presence[RUNS], intensity[RUNS], trigger[RUNS], count[RUNS], triggered[RUNS];
} Encounter;

static void meet_one(World *w, const Draws *draw, Encounter *x, int i, int j)
{
    const int64_t pair = w->pair_of[i][j];
    const double patrolled = sender_to_challenger(w, i, j);
    EACH_RUN {
        double patrols = patrolled * PARAM(patrols_presence) * LEVEL_EXCESS(joint_patrols);
        double met = PAIR(contact, pair) * larger(1.0 + patrols, 0.0)
                     * (1.0 + PARAM(rung_presence) * PAIR(rung, pair));
        x->presence[run] = presence(met, STATE(readiness, i), STATE(readiness, j));
    }
    EACH_RUN {
        double base = base_intensity(x->presence[run], PAIR(tension, pair),
                                     PARAM(incident_floor), PARAM(incident_scale),
                                     PARAM(channel_thinning) * PAIR(channel, pair));
        double standing = PAIR(rung, pair) > 0.0 ? PARAM(crisis_trigger) : 0.0;
        x->intensity[run] = total_intensity(base, PAIR(excitation, pair));
        x->trigger[run] =
            expected_trigger(x->intensity[run], PARAM(trigger_probability), standing);
    }
    EACH_RUN {
        double standing = PAIR(rung, pair) > 0.0 ? PARAM(crisis_trigger) : 0.0;
        double place, missed = 1.0 - standing;
        x->count[run] = poisson_count(x->intensity[run], DRAW(incident, pair),
                                      PARAM(trigger_probability), &missed, &place);
        x->triggered[run] = place < 1.0 - missed ? 1.0 : 0.0;
    }
    EACH_RUN {
        PAIR(intensity, pair) = x->intensity[run];
        PAIR(trigger, pair) = x->trigger[run];
        PAIR(incidents, pair) = x->count[run];
        PAIR(triggered, pair) = x->triggered[run];
        PAIR(excitation, pair) = next_excitation(PAIR(excitation, pair), PARAM(incident_decay),
                                                 PARAM(incident_branching), x->count[run]);
    }
}

void meet(World *w, int month, const Draws *draw)
{
    (void)month;
    Encounter encounter;
    for (int i = 0; i < STATES; i++)
        for (int j = i + 1; j < STATES; j++)
            meet_one(w, draw, &encounter, i, j);
}

/* ladder */

static void decide(World *w, const Draws *draw, int i, int j)
{
    const int64_t pair = w->pair_of[i][j];
    for (int side = 0; side < 2; side++) {
        const int first = side == 0 ? i : j;
        const int second = side == 0 ? j : i;
        const double *uniform = (*draw)[Draw_shock_first + side][pair];
        double *escalated = w->pair[PairVar_escalated_first + side][pair];
        double *mistakes = w->pair[PairVar_mistaken_first + side][pair];
        EACH_RUN {
            double triggered = PAIR(triggered, pair);
            double acts = uniform[run] < TOWARD(chance, first, second) ? triggered : 0.0;
            escalated[run] = acts;
            mistakes[run] = uniform[run] >= TOWARD(chance_true, first, second) ? acts : 0.0;
        }
    }
}

static void set_exit_chance(World *w, double *chance, int i, int j)
{
    const int64_t pair = w->pair_of[i][j];
    EACH_RUN {
        double rung = PAIR(rung, pair);
        double base = 0.0;
        base = rung == 1.0 ? PARAM(exit_rung_1) : base;
        base = rung == 2.0 ? PARAM(exit_rung_2) : base;
        base = rung == 3.0 ? PARAM(exit_rung_3) : base;
        base = rung == 4.0 ? PARAM(exit_rung_4) : base;
        chance[run] = exit_chance(base, PARAM(exit_duration), PAIR(duration, pair),
                                  PARAM(exit_cost), PAIR(bond, pair), PARAM(exit_stake),
                                  0.5 * (TOWARD(stake, i, j) + TOWARD(stake, j, i)),
                                  PARAM(channel_exit), PAIR(channel, pair));
    }
}

void climb(World *w, int month, const Draws *draw)
{
    (void)month;
    double exit_now[RUNS] = {0.0};
    for (int i = 0; i < STATES; i++)
        for (int j = i + 1; j < STATES; j++) {
            const int64_t pair = w->pair_of[i][j];
            decide(w, draw, i, j);
            if (any_above(w->pair[PairVar_rung][pair], 0.0))
                set_exit_chance(w, exit_now, i, j);
            EACH_RUN {
                double rung = PAIR(rung, pair);
                double settled = rung_after_exit(rung) - rung;
                double down = rung > 0.0 ? settled : 0.0;
                double change = DRAW(exit, pair) < exit_now[run] ? down : 0.0;
                double acts = PAIR(escalated_first, pair) + PAIR(escalated_second, pair);
                change = acts > 0.0 ? 1.0 : change;
                double longer = PAIR(duration, pair) + 1.0;
                PAIR(rung_change, pair) = change;
                PAIR(rung, pair) = rung + change;
                PAIR(duration, pair) = rung + change > 0.0 ? longer : 0.0;
            }
        }
}

/* tension */

static void add_reading(World *w, double *hostility, int64_t pair, int observer)
{
    const int is_challenger = observer == w->role[Role_challenger];
    const double *theta = w->param[is_challenger ? Param_theta_challenger : Param_theta_third];
    EACH_RUN {
        double read = read_as_hostility(REGION(signal), PARAM(signal_gain), theta[run]);
        hostility[run] +=
            hostile_reading(read, PAIR(relevance, pair), STATE(stance_start, observer));
    }
}

void strain(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    const int64_t sender = w->role[Role_sender];
    const int64_t partner = w->role[Role_partner];
    const int64_t slow = w->option[Option_tension_norm];
    double hostility[RUNS];
    for (int i = 0; i < STATES; i++)
        for (int j = i + 1; j < STATES; j++) {
            const int64_t pair = w->pair_of[i][j];
            EACH_RUN hostility[run] = 0.0;
            if (i == sender || i == partner)
                add_reading(w, hostility, pair, j);
            if (j == sender || j == partner)
                add_reading(w, hostility, pair, i);
            EACH_RUN {
                double divergence =
                    stance_divergence(STATE(stance, i), STATE(stance, j), PAIR(relevance, pair));
                double threat_both = TOWARD(threat, i, j) + TOWARD(threat, j, i);
                PAIR(divergence, pair) = divergence;
                PAIR(threat_both, pair) = threat_both;
                double drivers =
                    PARAM(tension_incident) * (PAIR(incidents, pair) - PAIR(incidents_start, pair))
                    + PARAM(tension_rung) * (PAIR(rung, pair) - PAIR(rung_start, pair));
                drivers +=
                    PARAM(tension_divergence) * (divergence - PAIR(divergence_start, pair))
                    + PARAM(tension_threat) * (threat_both - PAIR(threat_both_start, pair))
                    + PARAM(tension_hostility) * hostility[run];
                double level = next_tension_level(PAIR(level, pair), PARAM(tension_rate),
                                                  PAIR(norm, pair), drivers);
                PAIR(level, pair) = level;
                PAIR(norm, pair) = next_norm(PAIR(norm, pair), PARAM(norm_rate), level, slow);
                PAIR(tension, pair) = logistic(level);
            }
        }
}

/* readiness */

void arm(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    for (int i = 0; i < STATES; i++)
        EACH_RUN STATE(readiness, i) =
            next_readiness(STATE(readiness, i), PARAM(fatigue), PARAM(reaction_ratio),
                           STATE(deterrence, i), STATE(threat, i) - STATE(threat_start, i));
}

/* stance */

static void feel_challenger(World *w, double *pulls, int i, int64_t challenger)
{
    const int64_t pair = w->pair_of[i][challenger];
    const double targeted =
        i == w->role[Role_sender] || i == w->role[Role_partner] ? 1.0 : 0.0;
    EACH_RUN {
        double hostility = targeted
                           * read_as_hostility(REGION(signal), PARAM(signal_gain),
                                               PARAM(theta_challenger));
        double pressure = next_pressure(STATE(pressure, i), PARAM(pressure_lag_months),
                                        PARAM(pressure_support),
                                        STATE(stance, i) - STATE(stance_start, i),
                                        PARAM(pressure_hostility), hostility);
        double dependence = PAIR(trade, pair) / STATE(gdp, i);
        STATE(pressure, i) = pressure;
        pulls[run] += PARAM(security_pull)
                          * (TOWARD(threat, i, challenger) - TOWARD(threat_start, i, challenger))
                      - PARAM(pressure_cost) * dependence * pressure;
    }
}

void align(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    const int64_t challenger = w->role[Role_challenger];
    double pulls[RUNS];
    for (int i = 0; i < STATES; i++) {
        const double backed = i == w->role[Role_sender] ? 1.0 : 0.0;
        EACH_RUN pulls[run] = 0.0;
        for (int k = 0; k < STATES; k++)
            if (k != i)
                EACH_RUN pulls[run] +=
                    influence(TOWARD(influence, i, k), STATE(stance, i), STATE(stance_start, i),
                              STATE(stance, k), STATE(stance_start, k), PARAM(confidence_bound));
        EACH_RUN pulls[run] = (1.0 - STATE(neutrality, i)) * PARAM(social_influence) * pulls[run];
        if (challenger >= 0 && i != challenger)
            feel_challenger(w, pulls, i, challenger);
        EACH_RUN {
            double anchor = STATE(stance_start, i)
                            + backed * PARAM(backing_stance) * LEVEL_EXCESS(political_backing);
            STATE(stance_next, i) =
                next_stance(STATE(stance, i), PARAM(stance_rate), anchor, pulls[run]);
        }
    }
}

void declare(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    for (int i = 0; i < STATES; i++)
        EACH_RUN {
            double now = STATE(stance_next, i);
            STATE(stance, i) = now;
            STATE(vote_support, i) = vote_chance(now - PARAM(vote_support_cut), PARAM(vote_noise));
            STATE(vote_oppose, i) = vote_chance(PARAM(vote_oppose_cut) - now, PARAM(vote_noise));
        }
}

/* commitments */

/* Return the sum over k of left[k] * right[k], in the same order as above. */
static inline Lanes row_products(Lanes left[STATES], Lanes right[STATES])
{
    const int in_fours = STATES - STATES % 4;
    Lanes total = {0.0};
#pragma GCC unroll 16
    for (int k = 0; k < in_fours; k += 4)
        total += (left[k] * right[k] + left[k + 1] * right[k + 1])
                 + (left[k + 2] * right[k + 2] + left[k + 3] * right[k + 3]);
    if (STATES - in_fours >= 2)
        total += left[in_fours] * right[in_fours] + left[in_fours + 1] * right[in_fours + 1];
    if (STATES % 2 == 1)
        total += left[STATES - 1] * right[STATES - 1];
    return total;
}

static void sum_threats(World *w)
{
    Strip threat, trade;
    for (int first = 0; first < RUNS; first += LANES) {
        cut_strip(threat, w->directed[DirectedVar_threat], first);
        cut_strip(trade, w->directed[DirectedVar_trade], first);
        for (int k = 0; k < STATES; k++)
            for (int j = 0; j < STATES; j++) {
                if (j == k)
                    continue;
                *lanes(w->directed[DirectedVar_common_threat][k][j], first) =
                    row_products(threat[k], threat[j]);
                *lanes(w->directed[DirectedVar_exposure][k][j], first) =
                    row_products(threat[j], trade[k]);
            }
    }
}

void commit(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    sum_threats(w);
    for (int k = 0; k < STATES; k++)
        for (int j = 0; j < STATES; j++) {
            if (j == k)
                continue;
            EACH_RUN {
                double by_others = larger(STATE(threat, j) - TOWARD(threat, j, k), 1e-12);
                double exposure = TOWARD(exposure, k, j) / (by_others * STATE(gdp, k));
                TOWARD(exposure, k, j) = exposure;
                TOWARD(commitment, k, j) = next_commitment(
                    TOWARD(commitment, k, j), PARAM(commitment_rate), TOWARD(anchor, k, j),
                    PARAM(commitment_threat),
                    TOWARD(common_threat, k, j) - TOWARD(common_threat_start, k, j),
                    (1.0 - STATE(neutrality, k)) * (1.0 - STATE(neutrality, j)),
                    PARAM(commitment_exposure), exposure - TOWARD(exposure_start, k, j));
            }
        }
}

/* trade */

void divert(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    const int64_t challenger = w->role[Role_challenger];
    for (int i = 0; i < STATES; i++)
        for (int j = i + 1; j < STATES; j++) {
            const int64_t pair = w->pair_of[i][j];
            const int other = i == challenger ? j : (j == challenger ? i : -1);
            const int close =
                other >= 0 && (other == w->role[Role_sender] || other == w->role[Role_partner]);
            const double concentrated = close ? 1.0 : 0.0;
            EACH_RUN PAIR(outflow, pair) = diverted(
                PAIR(trade, pair), PAIR(trade_start, pair), PARAM(diversion_speed),
                PARAM(tension_diversion) * (PAIR(tension, pair) - PAIR(tension_start, pair)),
                concentrated * PARAM(diversification_gain) * REGION(urgency), PARAM(trade_floor));
        }
}

void redirect(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    double total[RUNS], redirected[RUNS];
    for (int i = 0; i < STATES; i++) {
        EACH_RUN total[run] = STATE(rest_trade, i);
        for (int k = 0; k < STATES; k++)
            if (k != i) {
                const int64_t pair = w->pair_of[i][k];
                EACH_RUN total[run] += attraction(PAIR(trade, pair), PAIR(tension, pair));
            }
        EACH_RUN redirected[run] = 0.0;
        for (int k = 0; k < STATES; k++)
            if (k != i) {
                const int64_t pair = w->pair_of[i][k];
                EACH_RUN {
                    double elsewhere =
                        total[run] - attraction(PAIR(trade, pair), PAIR(tension, pair));
                    double share =
                        0.5 * PAIR(outflow, pair) * (1.0 - PARAM(trade_friction)) / elsewhere;
                    TOWARD(redirected, i, k) = share;
                    redirected[run] += share;
                }
            }
        EACH_RUN {
            double rest = STATE(rest_trade, i);
            STATE(redirected, i) = redirected[run];
            STATE(rest_trade, i) = next_trade(rest, STATE(rest_trade_start, i),
                                              PARAM(trade_return), 0.0, rest * redirected[run]);
        }
    }
}

void settle(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    const int64_t link = w->option[Option_dependence];
    for (int i = 0; i < STATES; i++)
        for (int j = i + 1; j < STATES; j++) {
            const int64_t pair = w->pair_of[i][j];
            EACH_RUN {
                double now = PAIR(trade, pair);
                double offers = (STATE(redirected, i) - TOWARD(redirected, i, j))
                                + (STATE(redirected, j) - TOWARD(redirected, j, i));
                double inflow = attraction(now, PAIR(tension, pair)) * offers;
                double next = next_trade(now, PAIR(trade_start, pair), PARAM(trade_return),
                                         PAIR(outflow, pair), inflow);
                PAIR(trade, pair) = next;
                PAIR(bond, pair) = economic_bond(larger(next, 0.0) / STATE(gdp, i),
                                                 larger(next, 0.0) / STATE(gdp, j), link);
            }
        }
}

void sum_trade(World *w, int month, const Draws *draw)
{
    (void)month, (void)draw;
    for (int i = 0; i < STATES; i++) {
        EACH_RUN STATE(all_trade, i) = STATE(rest_trade, i);
        for (int k = 0; k < STATES; k++)
            if (k != i) {
                const int64_t pair = w->pair_of[i][k];
                EACH_RUN {
                    TOWARD(trade, i, k) = PAIR(trade, pair);
                    STATE(all_trade, i) += PAIR(trade, pair);
                }
            }
    }
}
