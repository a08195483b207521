"""What a state does in the first half of a month: it signals, perceives and compares forces.

For one run and without arrays: a state keeps its own numbers as attributes, what it holds about the
others in lists by their index, and shares a pair with each of them.
"""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

from benchmarks.peers.plain import plain
from regional_sim.model.mechanisms import (
    align,
    ambiguity,
    blockade,
    contest,
    force,
    implementation,
    perception,
    signals,
    threat,
    trade,
)
from regional_sim.model.variables import Observer
from regional_sim.numerics import elementary

if TYPE_CHECKING:
    from benchmarks.peers.region import Belief, Row, State

align, ambiguity, blockade, contest, force, elementary = plain(
    align, ambiguity, blockade, contest, force, elementary
)
implementation, perception, signals, threat, trade = plain(
    implementation, perception, signals, threat, trade
)
larger = elementary.larger


class Outlook:
    """Its public methods are acts of a state, in their order."""

    # Posture, channels, perception

    def implement_posture(self) -> None:
        """Move the instruments and what follows from them, if this is the sender."""
        region, param, role = self.region, self.region.param, self.region.role
        if self.index != role.sender:
            return
        for name, lag in region.lags.items():
            now = implementation.next_instrument_level(
                getattr(region.level, name), region.target[name], lag
            )
            setattr(region.level, name, now)
            setattr(region.excess, name, now - region.level_start[name])
        self._send_signal()
        supply = region.excess.supply_chain
        pair = region.pair_of[self.index][role.challenger]
        strained = larger(pair.tension - pair.tension_start, 0.0)
        need = param.urgency_base + param.urgency_tension * strained
        region.urgency = trade.next_urgency(region.urgency, param.urgency_memory, supply, need)
        partner = region.states[role.partner]
        stocks, gain = partner.stock_months_start, param.stock_gain_months
        partner.stock_months = blockade.stocks(stocks, gain, supply)
        share, gain = partner.substitutability_start, param.substitutability_gain
        partner.substitutability = blockade.raised_substitutability(share, gain, supply)

    def _send_signal(self) -> None:
        region, param, level = self.region, self.region.param, self.region.level
        levels = level.joint_patrols, level.political_backing, level.partner_dialogue
        weights = param.firmness_patrols, param.firmness_backing, param.firmness_dialogue
        firmness = signals.weighted_firmness(*levels, *weights, param.firmness_joint)
        change, risen = firmness - region.firmness, firmness - region.firmness_start
        region.novelty = signals.next_novelty(region.novelty, param.novelty_memory, change)
        region.firmness = firmness
        region.signal = signals.signal_of(risen, region.novelty, param.level_weight)
        read = region.signal, param.signal_gain, region.theta
        region.hostility, region.resolve = (
            signals.read_as_hostility(*read),
            signals.read_as_resolve(*read),
        )
        pair = region.pair_of[region.role.sender][region.role.challenger]
        pair.restraint = signals.restraint_by_resolve(
            pair.restraint_start, param.resolve_restraint, region.resolve
        )
        pair.weigh_reluctance(param)

    def open_channels(self) -> None:
        """Set the working of the crisis channels."""
        excess = self.region.excess.crisis_channel
        for pair in self.pairs_after:
            present = pair.channel_start + pair.sender_to_challenger * excess
            pair.channel = implementation.channel_availability(present, pair.tension)

    def update_belief_errors(self) -> None:
        """Update precision, detection and belief errors."""
        region, param, toward = self.region, self.region.param, self.toward
        errors, sharing = toward.error, param.alignment_sharing
        handed_over, correlation = (
            param.pooling_share * region.level.early_warning,
            param.error_correlation,
        )
        precision = self.own_precision
        for pooling, alignment, own in zip(
            toward.pooling, toward.alignment, region.own_precision, strict=True
        ):
            share = handed_over * align.shared_more(pooling, sharing, alignment)
            precision += perception.pooled_gain(share, own, correlation)
        self.precision = precision
        self.detection = perception.detection_area(precision, param.detection_scale)
        noise, cut, memory = param.belief_noise, param.channel_noise_cut, param.belief_memory
        first, second = region.draws.innovation_first, region.draws.innovation_second
        for j, _, pair in self.others:
            innovation = (first if self.index < j else second)[pair.index]
            sd = perception.belief_error_sd(noise, precision, pair.channel, cut)
            errors[j] = perception.next_error(errors[j], memory, sd, innovation)

    # Beliefs, force, contest

    def update_believed_commitments(self) -> None:
        """Update what every observer believes about this state's commitments."""
        region, k, commitment = self.region, self.index, self.toward.commitment
        self._interpret(region.role.sender if k == region.role.partner else region.role.partner)
        observers = [
            (belief.odds_multiplier, belief.abstain_probability) for belief in region.beliefs
        ]
        for j, _, _ in self.others:
            odds = ambiguity.odds_against(commitment[j])
            for odds_multiplier, abstain_probability in observers:
                abstain_probability[j][k] = 1.0 - ambiguity.believed_commitment(
                    odds, odds_multiplier[j][k]
                )

    def _interpret(self, j: int) -> None:
        """Narrow the ambiguity of the commitment to j; every observer reads it in its own way."""
        region, param, role, k = self.region, self.region.param, self.region.role, self.index
        declared = self.stance - self.stance_start if j == role.partner else 0.0
        in_dialogue = {k, j} == {role.sender, role.partner}
        dialogue = param.narrowing_dialogue * region.excess.partner_dialogue if in_dialogue else 0.0
        half_width = self.toward.half_width[j] = ambiguity.interval_half_width(
            self.toward.ambiguity_start[j], param.narrowing_stance, declared, dialogue
        )
        signal = region.signal if k == role.sender and j == role.partner else 0.0
        for belief in region.beliefs[: Observer.truth]:
            theta = region.theta if belief.learns else param.theta_third
            resolve = signals.read_as_resolve(signal, param.signal_gain, theta)
            belief.odds_multiplier[j][k] = ambiguity.odds_factor(half_width, belief.alpha, resolve)

    def project_force(self) -> None:
        """Update the force of this state at every place, as every observer sees it."""
        region, toward, k = self.region, self.toward, self.index
        mobilised = self.mobilised = force.mobilised_force(self.capability, self.readiness)
        drilled_for = region.role.partner if k == region.role.sender else -1
        drilled = region.param.interoperability_gain * region.excess.joint_patrols
        guarded = region.role.partner if k == region.role.patron else -1
        observers = [
            (of.abstain_probability, of.force, of.strike, of.lend, of.help) for of in region.beliefs
        ]
        for j, other, _ in self.others:
            timely = self._timely(j, other, drilled if j == drilled_for else 0.0)
            free = region.patron_share if j == guarded else 1.0
            near, home, host = toward.near_share[j], toward.home_share[j], self.hosts[j]
            striking = defending = mobilised * near * free
            for abstain_probability, reach, strike, lend, helping in observers:
                if host >= 0:
                    for_guest = 1.0 - abstain_probability[k][host]
                    access = force.defence_access(for_guest, 1.0 - abstain_probability[j][host])
                    striking = force.projected(mobilised, near, home, for_guest) * free
                    defending = force.projected(mobilised, near, home, access) * free
                apart = abstain_probability[j][k]
                reach[j][k] = striking
                strike[j][k] = striking * apart
                lend[j][k] = lent = timely * (1.0 - apart)
                helping[j][k] = defending * lent

    def _timely(self, j: int, other: State, drilled: float) -> float:
        """Return the share of this state's force that counts in time for another."""
        toward, sharing = self.toward, self.region.param.alignment_sharing
        alignment = toward.alignment[j]
        shared = align.shared_more(toward.pooling[j], sharing, alignment)
        known = force.warning_known(other.detection_start, other.detection, shared)
        at_once = toward.interoperability[j] + drilled
        return force.timely_share(align.shared_more(at_once, sharing, alignment), known)

    def contest_success(self) -> None:
        """Update the chances of success as this state sees them, and in truth."""
        beliefs, toward = self.region.beliefs, self.toward
        self._weigh(beliefs[self.observer], toward.success_believed, toward.attack)
        self._weigh(beliefs[Observer.truth], toward.success_true, toward.attack.copy())

    def _weigh(self, belief: Belief, success: Row, attack: Row) -> None:
        """Set chances of success and attacks; diagonals of 0 leave both sides out of the sums."""
        region, i = self.region, self.index
        support, exponent = region.param.attack_support, region.option.contest_exponent
        own, strike, helping = belief.force, belief.strike, belief.help
        lend, abstain_probability = belief.lend[i], belief.abstain_probability[i]
        for j, other, _ in self.others:
            joined = sum(map(mul, strike[j], lend))
            attack[j] = attacking = contest.attacking_force(own[j][i], support, joined)
            defending = other.mobilised + sum(map(mul, helping[j], abstain_probability))
            success[j] = contest.success_chance(attacking, defending, exponent)

    def update_threat(self) -> None:
        """Update the threats that this state feels."""
        i, observer, mobilised = self.index, self.observer, self.mobilised
        threats, hostile = self.toward.threat, self.toward.hostile
        belief, support = self.region.beliefs[observer], self.region.param.attack_support
        for j, other, _ in self.others:
            if hostile[j] == 0.0:
                continue
            if other.observer == observer:
                attack = other.toward.attack[i]
            else:
                joined = sum(map(mul, belief.strike[i], belief.lend[j]))
                attack = contest.attacking_force(belief.force[i][j], support, joined)
            threats[j] = threat.felt_threat(hostile[j], attack, mobilised)
        self.threat = sum(threats)
