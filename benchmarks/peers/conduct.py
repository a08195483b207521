"""What a state does in the middle of a month: it escalates, arms, takes sides and trades."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.plain import plain
from regional_sim.model.mechanisms import (
    commitments,
    incidents,
    ladder,
    payoff,
    readiness,
    stance,
    tension,
    trade,
)
from regional_sim.model.variables import Observer
from regional_sim.numerics import elementary

if TYPE_CHECKING:
    from benchmarks.peers.region import Pair

commitments, incidents, ladder, payoff, elementary = plain(
    commitments, incidents, ladder, payoff, elementary
)
readiness, stance, tension, trade = plain(readiness, stance, tension, trade)
larger, logistic = elementary.larger, elementary.logistic


class Conduct:
    """Its public methods are acts of a state, in their order."""

    # Escalation, incidents, ladder

    def update_escalation_probabilities(self) -> None:
        """Update the chances that this state takes the next rung, and would if it knew."""
        region, param, toward = self.region, self.region.param, self.toward
        chance, chance_true, steps = toward.chance, toward.chance_true, toward.steps
        chance_of, certainty, schedules = region.chance_of, region.certainty, region.schedules
        for j, pair, restraint in self._restraints():
            stake, rung = toward.stake[j] * (0.5 + pair.tension), pair.rung
            success = toward.success_believed[j]
            gain, loss = success * stake, (1.0 - success) * self.loss_weight
            shift = param.hostility_bias + toward.error[j]
            # War is weighed only by those who stand before it.
            for step in range(4 if rung >= ladder.USE_OF_FORCE else 3):
                value = payoff.next_rung_payoff(
                    gain, loss, restraint, pair.reluctance[step], *schedules[step]
                )
                steps[step][j] = chance_of(value + shift, certainty)
            if rung == ladder.WAR:
                chance[j] = chance_true[j] = 0.0
                continue
            success = toward.success_true[j]
            gain, loss = success * stake, (1.0 - success) * self.loss_weight
            value = payoff.next_rung_payoff(
                gain, loss, restraint, pair.reluctance[rung], *schedules[rung]
            )
            chance[j], chance_true[j] = steps[rung][j], chance_of(value, certainty)

    def _restraints(self) -> list[tuple[int, Pair, float]]:
        """Return the restraint by bonds and by the opposition of third states, by the other."""
        param, agrees, all_trade = self.region.param, self.stance > 0.0, self.all_trade
        against = [0.0] * self.region.n_states
        for k, other, _ in self.others:
            against[k] = other.gdp * (other.vote_oppose if agrees else other.vote_support)
        opposed, size = sum(against), self.region.all_gdp - self.gdp
        found, discount = [], param.openness_discount
        for j, other, pair in self.others:
            economic = payoff.restraining_bond(pair.bond, pair.trade / all_trade, discount)
            third = pair.relevance * payoff.opposition(opposed - against[j], size - other.gdp)
            restraint = param.economic_restraint * economic + param.diplomatic_restraint * third
            found.append((j, pair, restraint))
        return found

    def draw_incidents(self) -> None:
        """Draw the incidents of the pairs."""
        param, uniform = self.region.param, self.region.draws.incident
        floor, scale, probability = (
            param.incident_floor,
            param.incident_scale,
            param.trigger_probability,
        )
        decay, branching = param.incident_decay, param.incident_branching
        patrols = param.patrols_contact * self.region.excess.joint_patrols
        i, probing = self.index, self.toward.probing
        for pair in self.pairs_after:
            second = pair.second
            patrolled = larger(1.0 + pair.sender_to_challenger * patrols, 0.0)
            contact = pair.contact * patrolled * (1.0 + param.rung_presence * pair.rung)
            probed = probing[second.index] + second.toward.probing[i]
            met = incidents.presence_multiplier(contact, self.readiness, second.readiness, probed)
            thinning = param.channel_thinning * pair.channel
            base = incidents.base_intensity(met, pair.tension, floor, scale, thinning)
            intensity = pair.intensity = incidents.total_intensity(base, pair.excitation)
            standing = param.crisis_trigger if pair.rung > 0 else 0.0
            pair.trigger = incidents.expected_trigger(intensity, probability, standing)
            count, place = incidents.poisson_count(intensity, uniform[pair.index])
            chance = incidents.trigger_chance(count, probability, standing)
            pair.incidents = count
            pair.triggered = 1.0 if place < chance else 0.0
            pair.excitation = incidents.next_excitation(pair.excitation, decay, branching, count)

    def update_rungs(self) -> None:
        """Decide escalation and de-escalation; beliefs and truth share a draw."""
        draws, i, toward = self.region.draws, self.index, self.toward
        for pair in self.pairs_after:
            j, back, at, triggered = (
                pair.second.index,
                pair.second.toward,
                pair.index,
                pair.triggered,
            )
            shock = draws.shock_first[at]
            first = pair.escalated_first = triggered if shock < toward.chance[j] else 0.0
            pair.mistaken_first = first if shock >= toward.chance_true[j] else 0.0
            shock = draws.shock_second[at]
            second = pair.escalated_second = triggered if shock < back.chance[i] else 0.0
            pair.mistaken_second = second if shock >= back.chance_true[i] else 0.0
            change = 0
            if first + second > 0.0:
                change = 1
            elif pair.rung > 0 and draws.exit[at] < self._exit_chance(pair):
                change = int(ladder.rung_after_exit(pair.rung)) - pair.rung
            pair.rung_change = change
            pair.rung += change
            pair.duration = pair.duration + 1.0 if pair.rung > 0 else 0.0

    def _exit_chance(self, pair: Pair) -> float:
        region, param = self.region, self.region.param
        stake = self.toward.stake[pair.second.index] + pair.second.toward.stake[self.index]
        return ladder.de_escalation_chance(
            region.exits[pair.rung - 1],
            *(param.exit_duration, pair.duration),
            *(param.exit_cost, pair.bond),
            *(param.exit_stake, 0.5 * stake),
            *(param.channel_exit, pair.channel),
        )

    # Tension, readiness, stance, commitments

    def update_tension(self) -> None:
        """Update the tension of the pairs."""
        region, param, threats, i = self.region, self.region.param, self.toward.threat, self.index
        for pair in self.pairs_after:
            other = pair.second
            pair.divergence = tension.stance_divergence(self.stance, other.stance, pair.relevance)
            pair.threat_both = threats[other.index] + other.toward.threat[i]
            pressure = pair.pressed.pressure if pair.pressed else 0.0
            drivers = (
                param.tension_incident * (pair.incidents - pair.incidents_start)
                + param.tension_rung * (pair.rung - pair.rung_start)
                + param.tension_divergence * (pair.divergence - pair.divergence_start)
                + param.tension_threat * (pair.threat_both - pair.threat_both_start)
                + param.tension_pressure * pressure
            )
            level = tension.next_latent_tension(pair.level, param.tension_rate, pair.norm, drivers)
            pair.level, option = level, region.option.tension_norm
            pair.norm = tension.next_norm(
                pair.norm, pair.norm_start, param.norm_rate, param.norm_weight, level, option
            )
            pair.tension = logistic(level)

    def watch_friends(self) -> None:
        """Set the readiness of friends as this state weighs it."""
        i = self.index
        self.friends_readiness = sum(
            [other.toward.friendship[i] * other.readiness for _, other, _ in self.others]
        )

    def update_readiness(self) -> None:
        """Update log-readiness."""
        region, param, role = self.region, self.region.param, self.region.role
        goal = param.reaction_ratio * self.deterrence * (self.threat - self.threat_start)
        goal += param.burden_readiness * self.friends_readiness
        if self.index == role.challenger:
            goal += param.hostility_readiness * region.hostility
        if self.index == role.partner:
            helping = sum(region.beliefs[Observer.truth].help[self.index])
            region.partner_help = readiness.help_over_own(helping, self.mobilised)
            goal += param.help_readiness * (region.partner_help - region.partner_help_start)
        self.readiness = readiness.next_readiness(self.readiness, param.fatigue, goal)

    def update_stance(self) -> None:
        """Set the next stance."""
        param = self.region.param
        weight, bound = self.toward.influence, param.confidence_bound
        own = now, start = self.stance, self.stance_start
        pulls = 0.0
        for k, other, _ in self.others:
            pulls += stance.social_pull(weight[k], *own, other.stance, other.stance_start, bound)
        pulls *= (1.0 - self.neutrality) * param.social_influence
        anchor = start + self.hedging
        if self.index == self.region.role.sender:
            anchor += param.backing_stance * self.region.excess.political_backing
        self.stance_next = stance.next_stance(now, param.stance_rate, anchor, pulls)

    def cast_votes(self) -> None:
        """Take the next stance, and set how this state would vote."""
        region, param, role = self.region, self.region.param, self.region.role
        shown = self.stance = self.stance_next
        # Sender and partner vote as they think, whatever it costs.
        if self.index not in (role.challenger, role.sender, role.partner):
            dependence = region.pair_of[self.index][role.challenger].trade / self.gdp
            shown = stance.shown_stance(shown, param.vote_pressure, dependence, self.pressure)
        self.vote_support = stance.vote_chance(shown - param.vote_support_cut, param.vote_noise)
        self.vote_oppose = stance.vote_chance(param.vote_oppose_cut - shown, param.vote_noise)

    def update_commitments(self) -> None:
        """Update the commitments to those that this state can align with."""
        toward, rate = self.toward, self.region.param.commitment_rate
        values, anchor, alignment = toward.commitment, toward.anchor, toward.alignment
        for j, _, _ in self.friends:
            values[j] = commitments.next_commitment(values[j], rate, anchor[j], alignment[j])

    # Trade

    def divert_trade(self) -> None:
        """Set the trade that leaves the pairs."""
        region, param = self.region, self.region.param
        speed, floor = param.diversion_speed, param.trade_floor
        two_sides = (region.role.sender, region.role.partner)
        for pair in self.pairs_after:
            strained = param.tension_diversion * (pair.tension - pair.tension_start)
            urgency = 0.0
            if pair.pressed:
                urgency = pair.pressed.derisking
                urgency += region.urgency if pair.pressed.index in two_sides else 0.0
            push = param.diversification_gain * urgency
            pair.outflow = trade.diverted(
                pair.trade, pair.trade_start, speed, strained, push, floor
            )

    def reallocate_trade(self) -> None:
        """Seek new partners for this state's half of what it lost."""
        param, shares, rest = self.region.param, self.toward.redirected, self.rest_trade
        attractions = [
            trade.attraction_of_partner(pair.trade, pair.tension) for _, _, pair in self.others
        ]
        total, kept = rest + sum(attractions), 1.0 - param.trade_friction
        for (k, _, pair), attraction in zip(self.others, attractions, strict=True):
            shares[k] = 0.5 * pair.outflow * kept / (total - attraction)
        self.redirected = sum(shares)
        self.rest_trade = trade.next_trade(
            rest, self.rest_trade_start, param.trade_return, 0.0, rest * self.redirected
        )

    def clear_trade(self) -> None:
        """Settle the trade and the bond of the pairs."""
        region, i, gdp, shares = self.region, self.index, self.gdp, self.toward.redirected
        rate, link = region.param.trade_return, region.option.dependence
        sensitivity = region.param.trade_pressure
        for pair in self.pairs_after:
            other, now, target = pair.second, pair.trade, pair.trade_start
            if pressed := pair.pressed:
                change = pressed.pressure - pressed.pressure_felt
                now = trade.trade_under_pressure(now, sensitivity, change)
                target = trade.pressed_target(target, sensitivity, pressed.pressure)
                pressed.pressure_felt = pressed.pressure
            by_other = other.redirected - other.toward.redirected[i]
            offers = (self.redirected - shares[other.index]) + by_other
            inflow = trade.attraction_of_partner(now, pair.tension) * offers
            now = trade.next_trade(now, target, rate, pair.outflow, inflow)
            traded, pair.trade = larger(now, 0.0), now
            pair.bond = trade.economic_bond(traded / gdp, traded / other.gdp, link)

    def sum_trade(self) -> None:
        """Set all trade of this state, with the others and with the rest of the world."""
        self.all_trade = self.rest_trade + sum([pair.trade for _, _, pair in self.others])
