"""What a state does in the first half of a month: it signals, perceives and compares forces.

For one run and without arrays: a state keeps its own numbers as attributes, what it holds about the
others in lists by their index, and shares a pair with each of them.
"""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

from benchmarks.peers.plain import plain
from regional_sim.postures import Instrument
from regional_sim.rules import (
    ambiguity,
    contest,
    force,
    numeric,
    perception,
    posture,
    readiness,
    signals,
    trade,
)
from regional_sim.world.layout import Draw, View

if TYPE_CHECKING:
    from benchmarks.peers.region import Belief, Row

ambiguity, contest, force, numeric, perception = plain(
    ambiguity, contest, force, numeric, perception
)
posture, readiness, signals, trade = plain(posture, readiness, signals, trade)
larger, smaller = numeric.larger, numeric.smaller


class Outlook:
    """Its public methods are acts of a state, in their order."""

    # Posture, channels, perception

    def implement_posture(self) -> None:
        """Move the instruments and what follows from them, if this is the sender."""
        region, param = self.region, self.region.param
        if self.index != region.role.sender:
            return
        level, excess = region.level, region.excess
        for instrument, lag in enumerate(region.lags):
            level[instrument] = posture.next_level(
                level[instrument], region.target[instrument], lag
            )
            excess[instrument] = level[instrument] - region.level_start[instrument]
        firmness = signals.firmness(
            level[Instrument.joint_patrols],
            level[Instrument.political_backing],
            level[Instrument.partner_dialogue],
            param.firmness_patrols,
            param.firmness_backing,
            param.firmness_dialogue,
            param.firmness_joint,
        )
        change = firmness - region.firmness
        region.novelty = signals.next_novelty(region.novelty, param.novelty_memory, change)
        region.firmness = firmness
        region.signal = signals.signal(
            firmness - region.firmness_start, region.novelty, param.level_weight
        )
        supply = excess[Instrument.supply_chain]
        pair = region.pair_of[self.index][region.role.challenger]
        strained = larger(pair.tension - pair.tension_start, 0.0)
        need = param.urgency_base + param.urgency_tension * strained
        region.urgency = trade.next_urgency(region.urgency, param.urgency_memory, supply, need)
        partner = region.states[region.role.partner]
        partner.stock_months = trade.stocks(
            partner.stock_months_start, param.stock_gain_months, supply
        )
        partner.substitutability = trade.substitutability(
            partner.substitutability_start, param.substitutability_gain, supply
        )

    def open_channels(self) -> None:
        """Set the working of the crisis channels."""
        excess = self.region.excess[Instrument.crisis_channel]
        for pair in self.pairs_after:
            present = pair.channel_start + pair.sender_to_challenger * excess
            pair.channel = posture.channel_availability(present, pair.tension)

    def perceive(self) -> None:
        """Update precision, detection and belief errors."""
        region, param, errors = self.region, self.region.param, self.toward.error
        share = param.pooling_share * region.level[Instrument.early_warning]
        precision = self.own_precision
        for pooling, own in zip(self.toward.pooling, region.own_precision, strict=True):
            precision += perception.pooled_gain(share * pooling, own, param.error_correlation)
        self.precision = precision
        self.detection = perception.detection(precision, param.detection_scale)
        noise, cut, memory = param.belief_noise, param.channel_noise_cut, param.belief_memory
        first, second = region.draws[Draw.innovation_first], region.draws[Draw.innovation_second]
        for j, _, pair in self.others:
            innovation = (first if self.index < j else second)[pair.index]
            sd = perception.error_sd(noise, precision, pair.channel, cut)
            errors[j] = perception.next_error(errors[j], memory, sd, innovation)

    # Beliefs, force, contest

    def believe(self) -> None:
        """Update what every view believes about this state's commitments."""
        region, k, commitment = self.region, self.index, self.toward.commitment
        self._interpret(region.role.sender if k == region.role.partner else region.role.partner)
        for j, _, _ in self.others:
            odds = ambiguity.odds_against(commitment[j])
            for belief in region.beliefs:
                fights = ambiguity.believed_commitment(odds, belief.lean[j][k])
                belief.aside[j][k] = 1.0 - fights

    def _interpret(self, j: int) -> None:
        """Narrow the ambiguity of the commitment to j, which every view reads in its own way."""
        region, param, k = self.region, self.region.param, self.index
        declared = self.stance - self.stance_start if j == region.role.partner else 0.0
        in_dialogue = {k, j} == {region.role.sender, region.role.partner}
        dialogue = region.excess[Instrument.partner_dialogue] if in_dialogue else 0.0
        half_width = self.toward.half_width[j] = ambiguity.interval_half_width(
            self.toward.ambiguity_start[j],
            param.narrowing_stance,
            declared,
            param.narrowing_dialogue * dialogue,
        )
        signal = region.signal if k == region.role.sender and j == region.role.partner else 0.0
        for belief in region.beliefs[: View.truth]:
            resolve = signals.read_as_resolve(signal, param.signal_gain, belief.theta)
            belief.lean[j][k] = ambiguity.lean(half_width, belief.alpha, resolve)

    def project_force(self) -> None:
        """Update the force of this state at every place, as every view sees it."""
        region, toward, k = self.region, self.toward, self.index
        mobilised = self.mobilised = force.mobilised(self.capability, self.readiness)
        drilled_for = region.role.partner if k == region.role.sender else -1
        drilled = region.param.interoperability_gain * region.excess[Instrument.joint_patrols]
        for j, other, _ in self.others:
            at_once = toward.interoperability[j] + (drilled if j == drilled_for else 0.0)
            timely = contest.timely_share(larger(smaller(at_once, 1.0), 0.0), other.detection)
            near, home, host = toward.near_share[j], toward.home_share[j], self.hosts[j]
            striking = defending = mobilised * near
            for belief in region.beliefs:
                aside = belief.aside[j]
                if host >= 0:
                    for_guest = 1.0 - belief.aside[k][host]
                    access = force.defence_access(for_guest, 1.0 - aside[host])
                    striking = force.projected(mobilised, near, home, for_guest)
                    defending = force.projected(mobilised, near, home, access)
                lend = timely * (1.0 - aside[k])
                belief.force[j][k] = striking
                belief.strike[j][k] = striking * aside[k]
                belief.lend[j][k] = lend
                belief.help[j][k] = defending * lend

    def weigh_contests(self) -> None:
        """Update the chances of success as this state sees them, and in truth."""
        beliefs, toward = self.region.beliefs, self.toward
        self._weigh(beliefs[self.view], toward.success_believed, toward.attack)
        self._weigh(beliefs[View.truth], toward.success_true, [0.0] * len(toward.attack))

    def _weigh(self, belief: Belief, success: Row, attack: Row) -> None:
        """Set chances of success and attacks; diagonals of 0 leave both sides out of the sums."""
        i, support, exponent = (
            self.index,
            self.region.param.attack_support,
            self.region.option.contest_exponent,
        )
        lend, aside = belief.lend[i], belief.aside[i]
        for j, other, _ in self.others:
            joined = sum(map(mul, belief.strike[j], lend))
            attack[j] = contest.attack(belief.force[j][i], support, joined)
            defence = other.mobilised + sum(map(mul, belief.help[j], aside))
            success[j] = contest.success_chance(attack[j], defence, exponent)

    def feel_threat(self) -> None:
        """Update the threats that this state feels."""
        region, i, threats = self.region, self.index, self.toward.threat
        belief = region.beliefs[self.view]
        for j, other, pair in self.others:
            if other.view == self.view:
                attack = other.toward.attack[i]
            else:
                joined = sum(map(mul, belief.strike[i], belief.lend[j]))
                attack = contest.attack(belief.force[i][j], region.param.attack_support, joined)
            threats[j] = readiness.threat(pair.tension, attack, self.mobilised)
        self.threat = sum(threats)
