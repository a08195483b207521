"""The plain state's posture, sight and strength: how it sees the others, and what it fears."""

from __future__ import annotations

from operator import mul

from benchmarks.peers.plain_holdings import Belief
from benchmarks.peers.plain_start import Row
from benchmarks.peers.plain_state import State
from regional_sim.model.mechanisms import (
    ambiguity,
    contest,
    force,
    implementation,
    perception,
    readiness,
    signals,
    trade,
)
from regional_sim.model.variables import Draw, Observer
from regional_sim.numerics.elementary import larger, smaller
from regional_sim.postures import Instrument

# Plain integers: a list finds its place faster by them.
_PATROLS = int(Instrument.joint_patrols)
_WARNING = int(Instrument.early_warning)
_SUPPLY = int(Instrument.supply_chain)
_BACKING = int(Instrument.political_backing)
_DIALOGUE = int(Instrument.partner_dialogue)
_CHANNEL = int(Instrument.crisis_channel)
_INNOVATION_FIRST = int(Draw.innovation_first)
_INNOVATION_SECOND = int(Draw.innovation_second)


class Outlook(State):
    """How a state signals, perceives, believes, and compares forces."""

    # Posture

    def implement_posture(self) -> None:
        """Move instruments, firmness, novelty, signal and urgency, if this is the sender."""
        if self.index == self.region.sender:
            self._move_instruments()
            self._send_signal()
            self._move_urgency()
            self._stock_partner()

    def _move_instruments(self) -> None:
        region = self.region
        level = region.level
        for instrument, lag in enumerate(region.lags):
            level[instrument] = implementation.next_instrument_level(
                level[instrument], region.target[instrument], lag
            )

    def _send_signal(self) -> None:
        region = self.region
        param = region.param
        level = region.level
        now = signals.firmness(
            level[_PATROLS],
            level[_BACKING],
            level[_DIALOGUE],
            param.firmness_patrols,
            param.firmness_backing,
            param.firmness_dialogue,
            param.firmness_joint,
        )
        region.novelty = signals.next_novelty(
            region.novelty, param.novelty_memory, now - region.firmness
        )
        region.firmness = now
        region.signal = signals.signal(
            now - region.firmness_start, region.novelty, param.level_weight
        )

    def _move_urgency(self) -> None:
        region = self.region
        param = region.param
        pair = region.pair_between[self.index][region.challenger]
        excess = larger(pair.tension - pair.tension_start, 0.0)
        region.urgency = trade.next_urgency(
            region.urgency,
            param.urgency_memory,
            region.level[_SUPPLY] - region.level_start[_SUPPLY],
            param.urgency_base + param.urgency_tension * excess,
        )

    def _stock_partner(self) -> None:
        region = self.region
        param = region.param
        partner = region.states[region.partner]
        excess = region.level[_SUPPLY] - region.level_start[_SUPPLY]
        partner.stock_months = trade.stocks(
            partner.stock_months_start, param.stock_gain_months, excess
        )
        partner.substitutability = trade.raised_substitutability(
            partner.substitutability_start, param.substitutability_gain, excess
        )

    # Channels and perception

    def open_channels(self) -> None:
        """Set the working of the channel of every pair of which this is the earlier state."""
        region = self.region
        excess = region.level[_CHANNEL] - region.level_start[_CHANNEL]
        for pair in self.pairs_after:
            pair.channel = implementation.channel_availability(
                pair.channel_start + pair.rivals * excess, pair.tension
            )

    def perceive(self) -> None:
        """Update precision, detection and belief errors."""
        region = self.region
        param = region.param
        self._pool_precision()
        i = self.index
        precision = self.precision
        noise = param.belief_noise
        cut = param.channel_noise_cut
        memory = param.belief_memory
        errors = self.toward.error
        as_first = region.draws[_INNOVATION_FIRST]
        as_second = region.draws[_INNOVATION_SECOND]
        for j, _, pair in self.others:
            sd = perception.belief_error_sd(noise, precision, pair.channel, cut)
            innovation = (as_first if i < j else as_second)[pair.index]
            errors[j] = perception.next_error(errors[j], memory, sd, innovation)

    def _pool_precision(self) -> None:
        region = self.region
        param = region.param
        level = region.level[_WARNING]
        precision = self.own_precision
        for pooling, own in zip(self.toward.pooling, region.own_precision, strict=True):
            precision += perception.pooled_gain(
                param.pooling_share * pooling * level, own, param.error_correlation
            )
        self.precision = precision
        self.detection = perception.detection_area(precision, param.detection_scale)

    # Beliefs and force

    def believe(self) -> None:
        """Update what every view believes about this state's commitments."""
        region = self.region
        k = self.index
        commitment = self.toward.commitment
        leaning = region.leaning
        if k != region.partner:
            self._interpret(region.partner)
        else:
            self._interpret(region.sender)
        for j, _, _ in self.others:
            odds = ambiguity.odds_against(commitment[j])
            for lean, aside in leaning:
                aside[j][k] = 1.0 - ambiguity.believed_commitment(odds, lean[j][k])

    def _interpret(self, j: int) -> None:
        """Set the half-width of the interval around the commitment to j, and how views lean."""
        region = self.region
        param = region.param
        k = self.index
        sender, partner = region.sender, region.partner
        declared = self.stance - self.stance_start if j == partner else 0.0
        talks = {k, j} == {sender, partner}
        excess = region.level[_DIALOGUE] - region.level_start[_DIALOGUE] if talks else 0.0
        half_width = ambiguity.interval_half_width(
            self.toward.ambiguity_start[j],
            param.narrowing_stance,
            declared,
            param.narrowing_dialogue * excess,
        )
        self.toward.half_width[j] = half_width
        signal = region.signal if k == sender and j == partner else 0.0
        for belief, alpha, theta in region.readers:
            resolve = signals.read_as_resolve(signal, param.signal_gain, theta)
            belief.lean[j][k] = ambiguity.odds_multiplier(half_width, alpha, resolve)

    def project(self) -> None:
        """Update the force of this state as every view sees it."""
        region = self.region
        k = self.index
        toward = self.toward
        hosts = self.hosts
        mobilised = self.mobilised = force.mobilised_force(self.capability, self.readiness)
        drilled_for = region.partner if k == region.sender else -1
        for j, other, _ in self.others:
            share = toward.interoperability[j]
            if j == drilled_for:
                excess = region.level[_PATROLS] - region.level_start[_PATROLS]
                share += region.param.interoperability_gain * excess
            timely = contest.timely_share(larger(smaller(share, 1.0), 0.0), other.detection)
            if hosts[j] >= 0:
                self._offer_from_base(j, hosts[j], timely)
                continue
            reached = mobilised * toward.near_share[j]
            for aside, force_of, strike, lend, helping in region.offers:
                apart = aside[j][k]
                shared = timely * (1.0 - apart)
                force_of[j][k] = reached
                strike[j][k] = reached * apart
                lend[j][k] = shared
                helping[j][k] = reached * shared

    def _offer_from_base(self, j: int, host: int, timely: float) -> None:
        """Set what a force offers whose host has a say in where it goes."""
        k = self.index
        near = self.toward.near_share[j]
        home = self.toward.home_share[j]
        mobilised = self.mobilised
        for aside, force_of, strike, lend, helping in self.region.offers:
            for_guest = 1.0 - aside[k][host]
            for_target = 1.0 - aside[j][host]
            access = force.defence_access(for_guest, for_target)
            striking = force.projected(mobilised, near, home, for_guest)
            defending = force.projected(mobilised, near, home, access)
            apart = aside[j][k]
            shared = timely * (1.0 - apart)
            force_of[j][k] = striking
            strike[j][k] = striking * apart
            lend[j][k] = shared
            helping[j][k] = defending * shared

    # Contest and payoffs

    def weigh(self) -> None:
        """Update the chances of success as this state sees them, and in truth."""
        region = self.region
        toward = self.toward
        toward.attack = self._weigh_all(region.beliefs[self.view], toward.success_believed)
        self._weigh_all(region.beliefs[Observer.truth], toward.success_true)

    def _weigh_all(self, belief: Belief, success: Row) -> Row:
        """Set all chances of success; return the attacks.

        Diagonals are 0, which leaves the two sides out of the sums over all supporters.
        """
        i = self.index
        support = self.region.param.attack_support
        exponent = self.region.exponent
        own, strike, helping = belief.force, belief.strike, belief.help
        lent = belief.lend[i]
        aside = belief.aside[i]
        attacks = [0.0] * len(success)
        for j, other, _ in self.others:
            attack = own[j][i] + support * sum(map(mul, strike[j], lent))
            defence = other.mobilised + sum(map(mul, helping[j], aside))
            success[j] = contest.success_chance(attack, defence, exponent)
            attacks[j] = attack
        return attacks

    def feel_threat(self) -> None:
        """Update the threats that this state feels."""
        region = self.region
        i = self.index
        view = self.view
        mobilised = self.mobilised
        threats = self.toward.threat
        belief = region.beliefs[view]
        support = region.param.attack_support
        total = 0.0
        for j, other, pair in self.others:
            if other.view == view:
                attack = other.toward.attack[i]
            else:
                joined = sum(map(mul, belief.strike[i], belief.lend[j]))
                attack = belief.force[i][j] + support * joined
            threat = threats[j] = readiness.felt_threat(pair.tension, attack, mobilised)
            total += threat
        self.threat = total
