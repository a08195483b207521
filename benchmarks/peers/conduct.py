"""What a state does in the second half of a month: it escalates, arms, takes sides and trades."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

from benchmarks.peers.plain import plain
from regional_sim.postures import Instrument
from regional_sim.rules import (
    commitments,
    escalation,
    incidents,
    ladder,
    numeric,
    payoff,
    readiness,
    signals,
    stance,
    tension,
    trade,
)
from regional_sim.world.layout import Draw

if TYPE_CHECKING:
    from benchmarks.peers.region import Pair

commitments, escalation, incidents, ladder, numeric, payoff = plain(
    commitments, escalation, incidents, ladder, numeric, payoff
)
readiness, signals, stance, tension, trade = plain(readiness, signals, stance, tension, trade)
larger, logistic = numeric.larger, numeric.logistic


class Conduct:
    """Its public methods are acts of a state, in their order."""

    # Escalation, incidents, ladder

    def weigh_escalation(self) -> None:
        """Update the chances that this state takes the next rung, and would if it knew."""
        region, param, toward = self.region, self.region.param, self.toward
        agrees = self.stance > 0.0
        against = [0.0] * region.n_states
        for k, other, _ in self.others:
            against[k] = other.gdp * (other.vote_oppose if agrees else other.vote_support)
        opposed, size = sum(against), region.all_gdp - self.gdp
        for j, other, pair in self.others:
            economic = payoff.restraining_bond(
                pair.bond, pair.trade / self.all_trade, param.openness_discount
            )
            third = payoff.opposition(opposed - against[j], size - other.gdp)
            restraint = param.economic_restraint * economic + param.diplomatic_restraint * (
                pair.relevance * third
            )
            rung, stake = pair.rung, toward.stake[j] * (0.5 + pair.tension)
            success = toward.success_believed[j]
            terms = success * stake, (1.0 - success) * self.loss_weight, restraint
            shift = param.hostility_bias + toward.error[j]
            # War is weighed only by those who stand before it.
            for step in range(4 if rung >= ladder.USE_OF_FORCE else 3):
                toward.steps[step][j] = region.chance_of(terms, pair.reluctance[step], step, shift)
            if rung == ladder.WAR:
                toward.chance[j] = toward.chance_true[j] = 0.0
                continue
            success = toward.success_true[j]
            terms = success * stake, (1.0 - success) * self.loss_weight, restraint
            toward.chance[j] = toward.steps[rung][j]
            toward.chance_true[j] = region.chance_of(terms, pair.reluctance[rung], rung, 0.0)

    def draw_incidents(self) -> None:
        """Draw the incidents of the pairs."""
        region, param = self.region, self.region.param
        uniform = region.draws[Draw.incident]
        patrols = param.patrols_presence * region.excess[Instrument.joint_patrols]
        for pair in self.pairs_after:
            patrolled = larger(1.0 + pair.sender_to_challenger * patrols, 0.0)
            contact = pair.contact * patrolled * (1.0 + param.rung_presence * pair.rung)
            base = incidents.base_intensity(
                incidents.presence(contact, self.readiness, pair.second.readiness),
                pair.tension,
                param.incident_floor,
                param.incident_scale,
                param.channel_thinning * pair.channel,
            )
            intensity = pair.intensity = incidents.total_intensity(base, pair.excitation)
            standing = param.crisis_trigger if pair.rung > 0 else 0.0
            pair.trigger = escalation.expected_trigger(
                intensity, param.trigger_probability, standing
            )
            count, place = incidents.poisson_count(intensity, uniform[pair.index])
            chance = escalation.triggered(count, param.trigger_probability, standing)
            pair.incidents = count
            pair.triggered = 1.0 if place < chance else 0.0
            pair.excitation = incidents.next_excitation(
                pair.excitation, param.incident_decay, param.incident_branching, count
            )

    def climb(self) -> None:
        """Decide escalation and de-escalation; beliefs and truth share a draw."""
        draws, i, toward = self.region.draws, self.index, self.toward
        for pair in self.pairs_after:
            j, back, at = pair.second.index, pair.second.toward, pair.index
            shock, triggered = draws[Draw.shock_first][at], pair.triggered
            acts = pair.escalated_first = triggered if shock < toward.chance[j] else 0.0
            pair.mistaken_first = acts if shock >= toward.chance_true[j] else 0.0
            shock = draws[Draw.shock_second][at]
            acts = pair.escalated_second = triggered if shock < back.chance[i] else 0.0
            pair.mistaken_second = acts if shock >= back.chance_true[i] else 0.0
            change = 0
            if pair.escalated_first + pair.escalated_second > 0.0:
                change = 1
            elif pair.rung > 0 and draws[Draw.exit][at] < self._exit_chance(pair):
                change = int(ladder.rung_after_exit(pair.rung)) - pair.rung
            pair.rung_change = change
            pair.rung += change
            pair.duration = pair.duration + 1.0 if pair.rung > 0 else 0.0

    def _exit_chance(self, pair: Pair) -> float:
        region, param = self.region, self.region.param
        stakes = self.toward.stake[pair.second.index] + pair.second.toward.stake[self.index]
        return ladder.exit_chance(
            region.exits[pair.rung - 1],
            param.exit_duration,
            pair.duration,
            param.exit_cost,
            pair.bond,
            param.exit_stake,
            0.5 * stakes,
            param.channel_exit,
            pair.channel,
        )

    # Tension, readiness, stance, commitments

    def update_tension(self) -> None:
        """Update the tension of the pairs."""
        region, param, toward, i = self.region, self.region.param, self.toward, self.index
        for pair in self.pairs_after:
            other = pair.second
            pair.divergence = tension.divergence(self.stance, other.stance, pair.relevance)
            pair.threat_both = toward.threat[other.index] + other.toward.threat[i]
            hostility = 0.0
            for observer, theta in pair.observers:
                read = signals.read_as_hostility(region.signal, param.signal_gain, theta)
                hostility += tension.hostile_reading(read, pair.relevance, observer.stance_start)
            drivers = (
                param.tension_incident * (pair.incidents - pair.incidents_start)
                + param.tension_rung * (pair.rung - pair.rung_start)
                + param.tension_divergence * (pair.divergence - pair.divergence_start)
                + param.tension_threat * (pair.threat_both - pair.threat_both_start)
                + param.tension_hostility * hostility
            )
            level = tension.next_level(pair.level, param.tension_rate, pair.norm, drivers)
            pair.level = level
            pair.norm = tension.next_norm(
                pair.norm, param.norm_rate, level, region.option.tension_norm
            )
            pair.tension = logistic(level)

    def update_readiness(self) -> None:
        """Update log-readiness."""
        param, excess = self.region.param, self.threat - self.threat_start
        self.readiness = readiness.next_readiness(
            self.readiness, param.fatigue, param.reaction_ratio, self.deterrence, excess
        )

    def update_stance(self) -> None:
        """Set the next stance, and the pressure on this state."""
        region, param, now, start = self.region, self.region.param, self.stance, self.stance_start
        pulls = 0.0
        for k, other, _ in self.others:
            pulls += stance.influence(
                self.toward.influence[k],
                now,
                start,
                other.stance,
                other.stance_start,
                param.confidence_bound,
            )
        pulls *= (1.0 - self.neutrality) * param.social_influence
        if self.index != region.role.challenger:
            pulls += self._feel_challenger(region.role.challenger)
        anchor = start
        if self.index == region.role.sender:
            anchor += param.backing_stance * region.excess[Instrument.political_backing]
        self.stance_next = stance.next_stance(now, param.stance_rate, anchor, pulls)

    def _feel_challenger(self, challenger: int) -> float:
        """Move the pressure of the challenger on; return its pull and that of the threat."""
        region, param = self.region, self.region.param
        hostility = 0.0
        if self.index in (region.role.sender, region.role.partner):
            hostility = signals.read_as_hostility(
                region.signal, param.signal_gain, param.theta_challenger
            )
        self.pressure = stance.next_pressure(
            self.pressure,
            param.pressure_lag_months,
            param.pressure_support,
            self.stance - self.stance_start,
            param.pressure_hostility,
            hostility,
        )
        threat = self.toward.threat[challenger] - self.toward.threat_start[challenger]
        dependence = region.pair_of[self.index][challenger].trade / self.gdp
        return param.security_pull * threat - param.pressure_cost * dependence * self.pressure

    def cast_votes(self) -> None:
        """Take the next stance, and set how this state would vote."""
        param, now = self.region.param, self.stance_next
        self.stance = now
        self.vote_support = stance.vote_chance(now - param.vote_support_cut, param.vote_noise)
        self.vote_oppose = stance.vote_chance(param.vote_oppose_cut - now, param.vote_noise)

    def update_commitments(self) -> None:
        """Update the commitments; diagonals of 0 leave both states out of the sums."""
        param, toward, k = self.region.param, self.toward, self.index
        threats, values, openness = toward.threat, toward.commitment, 1.0 - self.neutrality
        trades = [0.0] * len(threats)
        for j, _, pair in self.others:
            trades[j] = pair.trade
        for j, other, _ in self.others:
            others_threats = other.toward.threat
            common = sum(map(mul, threats, others_threats))
            exposed = sum(map(mul, others_threats, trades))
            by_others = larger(other.threat - others_threats[k], 1e-12)
            values[j] = commitments.next_commitment(
                values[j],
                param.commitment_rate,
                toward.anchor[j],
                param.commitment_threat,
                common - toward.common_threat_start[j],
                openness * (1.0 - other.neutrality),
                param.commitment_exposure,
                exposed / (by_others * self.gdp) - toward.exposure_start[j],
            )

    # Trade

    def divert_trade(self) -> None:
        """Set the trade that leaves the pairs."""
        param = self.region.param
        push = param.diversification_gain * self.region.urgency
        for pair in self.pairs_after:
            pair.outflow = trade.diverted(
                pair.trade,
                pair.trade_start,
                param.diversion_speed,
                param.tension_diversion * (pair.tension - pair.tension_start),
                push if pair.supporter_and_challenger else 0.0,
                param.trade_floor,
            )

    def reallocate_trade(self) -> None:
        """Seek new partners for this state's half of what it lost."""
        param, shares = self.region.param, self.toward.redirected
        attractions = [trade.attraction(pair.trade, pair.tension) for _, _, pair in self.others]
        total, kept = self.rest_trade + sum(attractions), 1.0 - param.trade_friction
        for (k, _, pair), attraction in zip(self.others, attractions, strict=True):
            shares[k] = 0.5 * pair.outflow * kept / (total - attraction)
        rest, self.redirected = self.rest_trade, sum(shares)
        self.rest_trade = trade.next_trade(
            rest, self.rest_trade_start, param.trade_return, 0.0, rest * self.redirected
        )

    def clear_trade(self) -> None:
        """Settle the trade and the bond of the pairs."""
        region, i = self.region, self.index
        for pair in self.pairs_after:
            other = pair.second
            offers = (self.redirected - self.toward.redirected[other.index]) + (
                other.redirected - other.toward.redirected[i]
            )
            inflow = trade.attraction(pair.trade, pair.tension) * offers
            pair.trade = trade.next_trade(
                pair.trade, pair.trade_start, region.param.trade_return, pair.outflow, inflow
            )
            traded = larger(pair.trade, 0.0)
            pair.bond = payoff.bond(traded / self.gdp, traded / other.gdp, region.option.dependence)

    def sum_trade(self) -> None:
        """Set all trade of this state, with the others and with the rest of the world."""
        self.all_trade = self.rest_trade + sum([pair.trade for _, _, pair in self.others])
