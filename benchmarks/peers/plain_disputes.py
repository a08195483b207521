"""The plain state's disputes: decisions, incidents, rungs and the tension that follows."""

from __future__ import annotations

from benchmarks.peers.plain_holdings import Pair
from benchmarks.peers.plain_start import Row
from benchmarks.peers.plain_state import State
from regional_sim.model.mechanisms import escalation, incidents, ladder, readiness, signals, tension
from regional_sim.model.variables import Draw
from regional_sim.numerics.elementary import larger, logistic
from regional_sim.postures import Instrument

# Plain integers: a list finds its place faster by them.
_PATROLS = int(Instrument.joint_patrols)
_INCIDENT = int(Draw.incident)
_EXIT = int(Draw.exit)
_SHOCK_FIRST = int(Draw.shock_first)
_SHOCK_SECOND = int(Draw.shock_second)


class Disputes(State):
    """How a state decides on the next rung, meets others, and arms."""

    def consider(self) -> None:
        """Update the chances that this state takes the next rung, and would if it knew."""
        param = self.region.param
        toward = self.toward
        opposed_by, opposed, size = self._sum_opposition()
        all_trade = self.all_trade
        for j, other, pair in self.others:
            economic = escalation.restraining_bond(
                pair.bond, pair.trade / all_trade, param.openness_discount
            )
            third = escalation.opposition(opposed - opposed_by[j], size - other.gdp)
            restraint = param.economic_restraint * economic + param.diplomatic_restraint * (
                pair.relevance * third
            )
            self._set_steps(j, pair, restraint)
            if pair.rung < ladder.WAR:
                self._set_truth(j, pair, restraint)
            else:
                toward.chance[j] = toward.chance_true[j] = 0.0

    def _sum_opposition(self) -> tuple[Row, float, float]:
        """Return the GDP of each other weighted by its vote against, and both sums."""
        agrees = self.stance > 0.0
        opposed_by = [0.0] * self.region.n_states
        opposed = 0.0
        size = 0.0
        for k, other, _ in self.others:
            against = other.gdp * (other.vote_oppose if agrees else other.vote_support)
            opposed_by[k] = against
            opposed += against
            size += other.gdp
        return opposed_by, opposed, size

    def _set_steps(self, j: int, pair: Pair, restraint: float) -> None:
        """Set the chance of each rung; war is weighed only by those who stand before it."""
        region = self.region
        toward = self.toward
        success = toward.success_believed[j]
        gain = success * toward.stake[j] * (0.5 + pair.tension)
        loss = (1.0 - success) * self.loss_weight
        shift = region.param.hostility_bias + toward.error[j]
        chance_under_shock = region.chance_under_shock
        certainty = region.certainty
        before_war = pair.rung >= ladder.USE_OF_FORCE
        schedules = region.schedules if before_war else region.schedules_below_war
        for schedule, reluctance, step in zip(
            schedules, pair.reluctance, toward.steps, strict=False
        ):
            perceived = escalation.next_rung(gain, loss, restraint, reluctance, *schedule) + shift
            step[j] = chance_under_shock(perceived, certainty)

    def _set_truth(self, j: int, pair: Pair, restraint: float) -> None:
        """Set the chance of the rung that is next: as the state sees it, and if it knew."""
        region = self.region
        toward = self.toward
        rung = pair.rung
        success = toward.success_true[j]
        gain = success * toward.stake[j] * (0.5 + pair.tension)
        loss = (1.0 - success) * self.loss_weight
        true = escalation.next_rung(
            gain, loss, restraint, pair.reluctance[rung], *region.schedules[rung]
        )
        toward.chance[j] = toward.steps[rung][j]
        toward.chance_true[j] = region.chance_under_shock(true, region.certainty)

    # Incidents and the ladder

    def meet(self) -> None:
        """Draw the incidents of every pair of which this is the earlier state."""
        region = self.region
        param = region.param
        uniform = region.draws[_INCIDENT]
        for pair in self.pairs_after:
            base = self._base_intensity(pair)
            intensity = pair.intensity = incidents.total_intensity(base, pair.excitation)
            standing = param.crisis_trigger if pair.rung > 0 else 0.0
            pair.trigger = escalation.expected_trigger(
                intensity, param.trigger_probability, standing
            )
            count, place = incidents.poisson_count(intensity, uniform[pair.index])
            pair.incidents = count
            chance = incidents.trigger_chance(count, param.trigger_probability, standing)
            pair.triggered = 1.0 if place < chance else 0.0
            pair.excitation = incidents.next_excitation(
                pair.excitation, param.incident_decay, param.incident_branching, count
            )

    def _base_intensity(self, pair: Pair) -> float:
        region = self.region
        param = region.param
        excess = region.level[_PATROLS] - region.level_start[_PATROLS]
        patrols = pair.rivals * param.patrols_presence * excess
        met = pair.contact * larger(1.0 + patrols, 0.0) * (1.0 + param.rung_presence * pair.rung)
        return incidents.base_intensity(
            incidents.presence_multiplier(met, self.readiness, pair.second.readiness),
            pair.tension,
            param.incident_floor,
            param.incident_scale,
            param.channel_thinning * pair.channel,
        )

    def climb(self) -> None:
        """Decide escalation and de-escalation of every pair of which this is the earlier state.

        Beliefs and truth share the draw.
        """
        draws = self.region.draws
        first_shock, second_shock = draws[_SHOCK_FIRST], draws[_SHOCK_SECOND]
        toward = self.toward
        i = self.index
        for pair in self.pairs_after:
            other = pair.second
            back = other.toward
            j = other.index
            triggered = pair.triggered
            shock = first_shock[pair.index]
            acts = triggered if shock < toward.chance[j] else 0.0
            pair.escalated_first = acts
            pair.mistaken_first = acts if shock >= toward.chance_true[j] else 0.0
            shock = second_shock[pair.index]
            acts = triggered if shock < back.chance[i] else 0.0
            pair.escalated_second = acts
            pair.mistaken_second = acts if shock >= back.chance_true[i] else 0.0
            self._move_rung(pair, draws[_EXIT][pair.index])

    def _move_rung(self, pair: Pair, uniform: float) -> None:
        rung = pair.rung
        change = 0
        if pair.escalated_first + pair.escalated_second > 0.0:
            change = 1
        elif rung > 0 and uniform < self._exit_chance(pair):
            change = int(ladder.rung_after_exit(rung)) - rung
        pair.rung_change = change
        pair.rung = rung + change
        pair.duration = pair.duration + 1.0 if pair.rung > 0 else 0.0

    def _exit_chance(self, pair: Pair) -> float:
        region = self.region
        param = region.param
        stake = self.toward.stake[pair.second.index]
        other_stake = pair.second.toward.stake[self.index]
        return ladder.de_escalation_chance(
            region.exits[pair.rung - 1],
            param.exit_duration,
            pair.duration,
            param.exit_cost,
            pair.bond,
            param.exit_stake,
            0.5 * (stake + other_stake),
            param.channel_exit,
            pair.channel,
        )

    # Tension and readiness

    def strain(self) -> None:
        """Update the tension of every pair of which this is the earlier state."""
        param = self.region.param
        option = self.region.norm_option
        i = self.index
        toward = self.toward
        for pair in self.pairs_after:
            other = pair.second
            pair.divergence = tension.stance_divergence(self.stance, other.stance, pair.relevance)
            pair.threat_both = toward.threat[other.index] + other.toward.threat[i]
            hostility = self._hostility(pair) if pair.observers else 0.0
            drivers = (
                param.tension_incident * (pair.incidents - pair.incidents_start)
                + param.tension_rung * (pair.rung - pair.rung_start)
                + param.tension_divergence * (pair.divergence - pair.divergence_start)
                + param.tension_threat * (pair.threat_both - pair.threat_both_start)
                + param.tension_hostility * hostility
            )
            level = tension.next_latent_tension(pair.level, param.tension_rate, pair.norm, drivers)
            pair.level = level
            pair.norm = tension.next_norm(pair.norm, param.norm_rate, level, option)
            pair.tension = logistic(level)

    def _hostility(self, pair: Pair) -> float:
        """Return the hostility that one of the pair reads from the other's signal."""
        region = self.region
        hostility = 0.0
        for observer, theta in pair.observers:
            read = signals.read_as_hostility(region.signal, region.param.signal_gain, theta)
            hostility += tension.hostile_reading(read, pair.relevance, observer.stance_start)
        return hostility

    def arm(self) -> None:
        """Update log-readiness."""
        param = self.region.param
        self.readiness = readiness.next_readiness(
            self.readiness,
            param.fatigue,
            param.reaction_ratio,
            self.deterrence,
            self.threat - self.threat_start,
        )
