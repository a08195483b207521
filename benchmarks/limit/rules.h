/* The mechanisms of the model: the scalar rules of the package rules, named as there. */
#ifndef RULES_H
#define RULES_H

#include "layout.h"
#include "numeric.h"

/* ambiguity */

static inline double interval_half_width(double start, double narrowing, double stance_excess,
                                         double dialogue_narrowing)
{
    return start * own_exp(-(narrowing * larger(stance_excess, 0.0)) - dialogue_narrowing);
}

static inline double odds_against(double commitment_logit)
{
    return own_exp(-commitment_logit);
}

static inline double lean(double half_width, double alpha, double resolve_read)
{
    return own_exp(-(half_width * (2.0 * alpha - 1.0)) - resolve_read);
}

static inline double believed_commitment(double odds, double factor)
{
    return 1.0 / (1.0 + odds * factor);
}

/* commitments */

static inline double next_commitment(double value, double rate, double anchor, double threat_gain,
                                     double threat_excess, double openness, double exposure_gain,
                                     double exposure_excess)
{
    double pull = threat_gain * openness * threat_excess - exposure_gain * exposure_excess;
    return value + rate * (anchor - value + pull);
}

/* contest */

static inline double timely_share(double interoperability, double warning)
{
    return interoperability + (1.0 - interoperability) * (2.0 * warning - 1.0);
}

static inline double success_chance(double attack, double defence, int64_t exponent)
{
    double ratio = defence / attack;
    double squared = ratio * ratio;
    double power = exponent == 1 ? ratio : (exponent == 2 ? squared : squared * squared);
    return 1.0 / (1.0 + power);
}

/* escalation */

#define LOGISTIC_SCALE 1.8137993642342178 /* pi / sqrt(3) */

static inline double chance_under_normal_shock(double payoff, double certainty)
{
    return normal_cdf(payoff * certainty);
}

static inline double chance_under_logistic_shock(double payoff, double certainty)
{
    return logistic(LOGISTIC_SCALE * payoff * certainty);
}

static inline double expected_trigger(double intensity, double trigger, double standing)
{
    return 1.0 - (1.0 - standing) * own_exp(-intensity * trigger);
}

static inline double mistaken(double chance, double other_chance)
{
    return larger(chance - other_chance, 0.0);
}

static inline double either(double chance, double other_chance)
{
    return 1.0 - (1.0 - chance) * (1.0 - other_chance);
}

/* force */

static inline double mobilised(double capability, double readiness)
{
    return capability * own_exp(readiness);
}

static inline double projected(double force, double near_share, double home_share, double access)
{
    return force * (access * near_share + (1.0 - access) * home_share);
}

static inline double defence_access(double host_for_guest, double host_for_target)
{
    return 1.0 - (1.0 - host_for_guest) * (1.0 - host_for_target);
}

/* incidents */

#define HIGHEST_INTENSITY 8.0

static inline double presence(double contact, double readiness, double other_readiness)
{
    return contact * own_exp(0.5 * (readiness + other_readiness));
}

static inline double base_intensity(double met_presence, double tension, double floor, double scale,
                                    double thinning)
{
    return scale * met_presence * (floor + tension) * (1.0 - thinning);
}

static inline double total_intensity(double base, double excitation)
{
    return smaller(base + excitation, HIGHEST_INTENSITY);
}

static inline double next_excitation(double excitation, double decay, double branching,
                                     double count)
{
    return decay * excitation + (1.0 - decay) * branching * count;
}

/*
 * Return a Poisson count; leave the place within its step, which is uniform again, in *place.  For
 * every incident *missed, the chance of no trigger so far, is multiplied by 1 - trigger: this is
 * the rule `triggered`, whose k-th factor counts where the draw lies beyond the k-th step.
 */
static inline double poisson_count(double intensity, double uniform, double trigger,
                                   double *missed, double *place)
{
    double mass = own_exp(-intensity);
    double below = 0.0;
    double count = 0.0;
    double lower = 0.0;
    double step = mass;
    double unmissed = *missed;
#pragma GCC unroll 16
    for (int k = 0; k < MOST_INCIDENTS; k++) {
        below = below + mass;
        mass = mass * intensity * (1.0 / (k + 1));
        double longer = count + 1.0;
        double once_more = unmissed * (1.0 - trigger);
        count = uniform >= below ? longer : count;
        lower = uniform >= below ? below : lower;
        step = uniform >= below ? mass : step;
        unmissed = uniform >= below ? once_more : unmissed;
    }
    double rest = 1.0 - lower;
    step = count == MOST_INCIDENTS ? rest : step;
    *missed = unmissed;
    *place = smaller((uniform - lower) / larger(step, 1e-300), 1.0);
    return count;
}

/* ladder */

#define LONGEST_COUNTED 24.0

static inline double exit_chance(double base, double duration_gain, double months, double cost_gain,
                                 double pair_bond, double stake_gain, double stake,
                                 double channel_gain, double channel)
{
    return logistic(base + duration_gain * smaller(months, LONGEST_COUNTED) + cost_gain * pair_bond
                    + channel_gain * channel - stake_gain * stake);
}

static inline double rung_after_exit(double rung)
{
    return rung == WAR ? 1.0 : 0.0;
}

/* payoff */

static inline double economic_bond(double dependence, double other_dependence, int64_t link)
{
    double weak = smaller(dependence, other_dependence);
    double mean = 0.5 * (dependence + other_dependence);
    return link == 1 ? mean : weak;
}

static inline double restraining_bond(double pair_bond, double share_of_trade, double discount)
{
    return pair_bond * (1.0 - discount * (1.0 - share_of_trade));
}

static inline double war_reluctance(double general, double pair_restraint)
{
    return general * larger(pair_restraint, 1.0);
}

static inline double opposition(double others_opposed, double others_size)
{
    return larger(others_opposed, 0.0) / larger(others_size, 1e-12);
}

static inline double payoff_of_next_rung(double gain, double loss, double restraint,
                                         double reluctance, double gain_schedule,
                                         double loss_schedule, double cost_schedule,
                                         double restraint_schedule)
{
    return (gain * gain_schedule - loss * loss_schedule)
           - (restraint * cost_schedule + reluctance * restraint_schedule);
}

/* perception */

static inline double pooled_gain(double share, double other_precision, double correlation)
{
    return share * other_precision * (1.0 - correlation);
}

static inline double error_scale(double scale, double precision)
{
    return scale / sqrt(precision);
}

static inline double error_sd(double scale, double channel, double channel_cut)
{
    return scale * (1.0 - channel_cut * channel);
}

static inline double renewed_share(double memory)
{
    return sqrt(1.0 - memory * memory);
}

static inline double next_error(double error, double memory, double renewed, double sd,
                                double innovation)
{
    return memory * error + renewed * sd * innovation;
}

static inline double detection(double precision, double scale)
{
    return normal_cdf(scale * sqrt(precision) * SQRT_HALF);
}

/* posture */

static inline double next_instrument_level(double level, double target, double lag_months)
{
    return level + (target - level) / lag_months;
}

static inline double channel_availability(double level, double tension)
{
    return larger(smaller(level, 1.0), 0.0) * (1.0 - tension);
}

/* readiness */

static inline double threat(double tension, double attack, double defence)
{
    return tension * attack / (attack + defence);
}

static inline double next_readiness(double readiness, double fatigue, double ratio,
                                    double deterrence, double threat_excess)
{
    return readiness + fatigue * (ratio * deterrence * threat_excess - readiness);
}

/* signals */

static inline double firmness(double patrols, double backing, double dialogue,
                              double weight_patrols, double weight_backing, double weight_dialogue,
                              double weight_joint)
{
    return weight_patrols * patrols + weight_backing * backing + weight_dialogue * dialogue
           + weight_joint * (patrols * backing);
}

static inline double next_novelty(double novelty, double memory, double change)
{
    return memory * novelty + change;
}

static inline double sent_signal(double level_excess, double novelty, double level_weight)
{
    return level_weight * level_excess + (1.0 - level_weight) * novelty;
}

static inline double read_as_resolve(double value, double gain, double theta)
{
    return gain * (1.0 - theta) * value;
}

static inline double read_as_hostility(double value, double gain, double theta)
{
    return gain * theta * value;
}

/* stance */

#define INVERSE_LOG_3 0.9102392266268373

static inline double influence(double weight, double stance, double start, double other,
                               double other_start, double bound)
{
    double gap = other - stance;
    double pull = weight * (gap - (other_start - start));
    return fabs(gap) <= bound ? pull : 0.0;
}

static inline double next_stance(double stance, double rate, double anchor, double pulls)
{
    return stance + rate * (anchor - stance + pulls);
}

static inline double next_pressure(double pressure, double lag_months, double gain_support,
                                   double stance_excess, double gain_hostility, double hostility)
{
    double target =
        gain_support * larger(stance_excess, 0.0) + gain_hostility * larger(hostility, 0.0);
    return pressure + (target - pressure) / lag_months;
}

static inline double vote_chance(double distance, double noise)
{
    return normal_cdf(distance / noise);
}

static inline double vote_clarity(double support, double oppose)
{
    double abstain = larger(1.0 - support - oppose, 0.0);
    double entropy =
        support * own_log(support) + oppose * own_log(oppose) + abstain * own_log(abstain);
    return 1.0 + entropy * INVERSE_LOG_3;
}

/* tension */

static inline double stance_divergence(double stance, double other_stance, double relevance)
{
    return relevance * fabs(stance - other_stance);
}

static inline double hostile_reading(double hostility, double relevance, double stance)
{
    return hostility * relevance * (stance < 0.0 ? -stance : 0.0);
}

static inline double next_tension_level(double level, double rate, double norm, double drivers)
{
    return level + rate * (norm + drivers - level);
}

static inline double next_norm(double norm, double rate, double level, int64_t option)
{
    double moved = norm + rate * (level - norm);
    return option == 1 ? moved : norm;
}

/* trade */

static inline double next_urgency(double urgency, double memory, double instrument_excess,
                                  double need)
{
    return memory * urgency + (1.0 - memory) * (instrument_excess * need);
}

static inline double diverted(double trade, double start, double speed, double tension_push,
                              double policy_push, double floor)
{
    double movable = larger(trade - floor * start, 0.0);
    double push = larger(tension_push + policy_push, 0.0);
    return movable * (1.0 - own_exp(-speed * push));
}

static inline double attraction(double trade, double tension)
{
    return trade * (1.0 - tension);
}

static inline double next_trade(double trade, double start, double rate, double outflow,
                                double inflow)
{
    return trade + rate * (start - trade) - outflow + inflow;
}

static inline double stocks(double start_months, double gain, double instrument_excess)
{
    return larger(start_months + gain * instrument_excess, 0.0);
}

static inline double substitutable_share(double start_share, double gain, double instrument_excess)
{
    return smaller(larger(start_share + gain * instrument_excess, 0.0), 1.0);
}

static inline double blockade_vulnerability(double seaborne_share, double substitutability,
                                            double stock_months, double stock_scale,
                                            double hold_chance)
{
    return seaborne_share * (1.0 - substitutability) * own_exp(-stock_months / stock_scale)
           * hold_chance;
}

#endif
