"""What a state does at the end of a month: it aligns, presses, probes, hedges and learns."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING

from benchmarks.peers.plain import plain
from regional_sim.model.mechanisms import (
    align,
    choice,
    derisk,
    hedge,
    ladder,
    learn,
    press,
    probe,
    second_theatre,
)
from regional_sim.numerics import elementary

if TYPE_CHECKING:
    from benchmarks.peers.region import Pair, State

align, choice, derisk, hedge, elementary = plain(align, choice, derisk, hedge, elementary)
ladder, learn, press, probe, second_theatre = plain(ladder, learn, press, probe, second_theatre)
larger, log, logistic = elementary.larger, elementary.log, elementary.logistic


class Response:
    """Its public methods are acts of a state, in their order."""

    def _respond(
        self, now: float, motive: float, rate: float, span: float, inertia: float = 0.0
    ) -> float:
        """Return a response of the next month; inertia is that beside the general one.

        In the baseline choices are expected ones, so the draw does not matter.
        """
        param, option = self.region.param, self.region.option.choice
        inertia += param.choice_inertia
        decided = choice.chosen(motive, inertia, param.choice_temperature, 0.0, option)
        return choice.next_response(now, rate, span, decided)

    def _leaning(self) -> float:
        """Return the mean alignment with sender and patron over the span; diagonals are 0."""
        role, alignment = self.region.role, self.toward.alignment
        leaning = alignment[role.sender] + alignment[role.patron]
        return align.mean_over_span(leaning, self.region.param.alignment_span)

    # Align

    def divide_force(self) -> None:
        """Set what this state has free for the partner, if it is the patron."""
        region, param, role = self.region, self.region.param, self.region.role
        if self.index == role.patron:
            ally, pair = region.states[role.ally], region.pair_of[role.ally][role.rival]
            relief = ally.toward.alignment[role.patron] / param.alignment_span
            region.patron_share = second_theatre.free_share(
                param.second_theatre, relief, pair.tension, pair.tension_start
            )

    def weigh_effort(self) -> None:
        """Set the effort of this state: arms, word to the partner, and firmness."""
        region, toward, role = self.region, self.toward, self.region.role
        self.effort = self.readiness
        if self.index != role.partner:
            given = logistic(toward.commitment[role.partner])
            self.effort += given - toward.commitment_start[role.partner]
        if self.index == role.sender:
            self.effort += region.param.firmness_effort * (region.firmness - region.firmness_start)

    def weigh_alignment(self) -> None:
        """Set the motives of this state to align."""
        region, param, toward = self.region, self.region.param, self.toward
        patron = region.states[region.role.patron]
        burden = param.burden_patron if self is patron else param.burden_others
        given, i = patron.toward.alignment, self.index
        for k, other, pair in self.friends:
            common = sum(map(mul, toward.threat, other.toward.threat))
            openness = (1.0 - self.neutrality) * (1.0 - other.neutrality)
            common -= toward.common_threat_start[k]
            motive = align.common_threat_binds(common, param.threat_gain, openness)
            motive += align.effort_binds(other.effort, burden)
            if self is not patron:
                motive += align.brokered(param.brokerage, given[i], given[k], param.alignment_span)
            toward.alignment_motive[k] = motive + self._loosened(k, pair)

    def _loosened(self, k: int, pair: Pair) -> float:
        """Return what holds this state away from another."""
        region, param, role, i = self.region, self.region.param, self.region.role, self.index
        challenged, own = region.pair_of[k][role.challenger], region.pair_of[i][role.challenger]
        fear = 1.0 if i == role.patron else align.OTHERS_FEAR * region.is_ally[i]
        rubbing = pair.friction if role.sender in (i, k) else 0.0
        loosened = align.entrapment_loosens(
            fear * param.entrapment, challenged.tension - challenged.tension_start
        )
        exposure = param.alignment_exposure * (own.trade / self.gdp)
        loosened += align.pressure_loosens(exposure, self.pressure)
        friction = param.friction_patrols * rubbing
        loosened += align.patrols_loosen(friction, region.excess.joint_patrols)
        if i == role.patron and k in (role.sender, role.partner):
            loosened += align.provocation_loosens(param.patron_restraint, region.hostility)
        return loosened

    def update_alignment(self) -> None:
        """Draw nearer to others, or away from them."""
        param, toward = self.region.param, self.toward
        values, motives, rate = toward.alignment, toward.alignment_motive, param.alignment_rate
        for k, _, _ in self.friends:
            span = toward.aligns[k] * param.alignment_span
            values[k] = self._respond(values[k], motives[k], rate, span)

    # Press, probe

    def press_others(self) -> None:
        """Press or court all others, if this is the challenger."""
        if self.index == self.region.role.challenger:
            for _, other, pair in self.others:
                self._press(other, pair)

    def _press(self, other: State, pair: Pair) -> None:
        region, param = self.region, self.region.param
        provocation = -param.pressure_wedge * other.neutrality
        if other.index in (region.role.sender, region.role.partner):
            provocation = param.pressure_hostility
        motive = press.motive_to_press(
            press.weight_of_exposed(press.exposed(pair.trade / other.gdp)),
            param.pressure_stance * (other.stance - other.stance_start) / param.hedging_span,
            param.pressure_alignment * other._leaning() / press.SIDES,
            provocation * region.hostility,
        )
        own_loss = param.pressure_own_loss * (pair.trade / self.gdp)
        other.pressure = self._respond(other.pressure, motive, param.pressure_rate, 1.0, own_loss)

    def update_probing(self) -> None:
        """Probe those with whom this state has a quarrel."""
        region, param, toward, role = self.region, self.region.param, self.toward, self.region.role
        challenging = self.index == role.challenger
        theta = region.theta if challenging else param.theta_third
        values, motives = toward.probing, toward.probing_motive
        for j, other, _ in self.rivals:
            signalled = challenging and j in (role.sender, role.partner)
            motives[j] = probe.motive_to_probe(
                param.probing_gain,
                probe.success_invites(toward.success_believed[j] - toward.success_start[j]),
                region.hostility - region.resolve if signalled else 0.0,
                probe.alignment_read(param.probing_alignment * other._leaning(), theta),
            )
            span = toward.probes[j] * param.probing_span
            values[j] = self._respond(values[j], motives[j], param.probing_rate, span)

    # Hedge, derisk, learn

    def update_hedging(self) -> None:
        """Move the own position on the partner, if this is a third state."""
        param, role = self.region.param, self.region.role
        if self.index in (role.challenger, role.sender, role.partner, role.patron):
            return
        gained = sum(
            [
                100.0 * (pair.trade - pair.trade_start) / self.gdp
                for k, _, pair in self.others
                if k != role.challenger
            ]
        )
        inertia = param.hedging_neutrality * self.neutrality
        inertia += param.hedging_gain * larger(gained, 0.0)
        motive, span = self._motive_to_hedge(), param.hedging_span
        self.hedging = self._respond(self.hedging, motive, param.hedging_rate, span, inertia)

    def _motive_to_hedge(self) -> float:
        region, param, role, toward = self.region, self.region.param, self.region.role, self.toward
        challenger = region.states[role.challenger]
        pairs = region.pair_of[role.challenger]
        core = [pairs[k] for k in (role.sender, role.partner, role.patron)]
        polarised = sum([(pair.tension - pair.tension_start) / len(core) for pair in core])
        dependence, odds = pairs[self.index].trade / self.gdp, challenger.toward
        threat = toward.threat[role.challenger] - toward.threat_start[role.challenger]
        fails = odds.success_start[role.partner] - odds.success_believed[role.partner]
        growth = log(challenger.gdp / region.market_start)
        answer = hedge.answer_to_pressure(
            *(param.hedging_pressure, press.exposed(dependence)),
            *(self.pressure, param.hedging_backlash),
        )
        motive = hedge.threat_drives(param.threat_gain, threat) + answer
        motive += hedge.winner_attracts(param.hedging_winner, fails)
        motive += hedge.polarisation_repels(param.hedging_polarisation, self.neutrality, polarised)
        return motive + hedge.market_pulls(param.hedging_market, dependence, growth)

    def update_derisking(self) -> None:
        """Set how urgently this state cuts its dependence on the challenger."""
        region, param, challenger = self.region, self.region.param, self.region.role.challenger
        if self.index == challenger:
            return
        pair = region.pair_of[self.index][challenger]
        motive = derisk.pressure_urges(param.derisking_pressure, self.pressure)
        motive += derisk.tension_urges(param.threat_gain, pair.tension - pair.tension_start)
        self.derisking = self._respond(self.derisking, motive, param.derisking_rate, 1.0)

    def learn_intentions(self) -> None:
        """Learn from the month, if this is the challenger."""
        region, param, role = self.region, self.region.param, self.region.role
        if self.index != role.challenger:
            return
        pairs = [region.pair_of[self.index][k] for k in (role.sender, role.partner)]
        calm = all(pair.rung < ladder.COERCION for pair in pairs)
        region.theta_shift = learn.next_shift(
            *(region.theta_shift, param.learning_memory, param.learning_channel),
            pairs[0].channel - region.channel_start if calm else 0.0,
            param.learning_incidents,
            sum([pair.incidents - pair.incidents_start for pair in pairs]),
        )
        region.theta = learn.learned_share(param.theta_challenger, region.theta_shift)
