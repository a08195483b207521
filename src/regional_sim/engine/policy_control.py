"""What policies and clamping do to a batch of runs, once a month; both engines use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from regional_sim.errors import InputError, UnknownNameError
from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import (
    DirectedVar,
    InstrumentRow,
    RegionVar,
    Role,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.postures import Observed, Policy
from regional_sim.postures.policy import Targets


class PolicyController:
    """Shows a policy what it may know, and writes its targets into the arrays, once a month.

    Parameters
    ----------
    policy : Policy
        The posture policy.
    onset_month : int
        First month of the posture, counted from 0 at the start of the run-in; before it all targets
        stay at the traditional levels with which a run starts.
    runs : slice
        The runs that follow the policy.
    """

    def __init__(self, policy: Policy, onset_month: int, runs: slice = slice(None)) -> None:
        self.policy = policy
        self.onset_month = onset_month
        self.runs = runs
        self._first_metrics: Floats | None = None
        self._last_numbers: list[tuple[Instrument, float | Floats]] | None = None

    def steer(self, world: World, month: int) -> None:
        """Set the targets of a month; the metrics must still be those of the month before."""
        since = month - self.onset_month
        if since < 0:
            return
        metric = world.metric[:, self.runs]
        if since == 1:
            self._first_metrics = metric.copy()
        targets = self.policy.targets(since, self._observed(metric, since))
        if not isinstance(targets, Mapping):
            raise self._refused("targets", targets)
        self._write(world.instrument[InstrumentRow.target, :, self.runs], targets)

    def _write(self, rows: Floats, targets: Targets) -> None:
        """Write targets unless they are the same plain numbers as in the month before."""
        chosen = list(targets.items())
        only_numbers = all(type(level) is float for level in targets.values())
        if only_numbers and chosen == self._last_numbers:
            return
        for instrument, level in TRADITIONAL_LEVELS.items():
            rows[instrument] = level
        for instrument, target in chosen:
            if not isinstance(instrument, Instrument):
                raise self._refused("targets", instrument)
            rows[instrument] = self._checked(instrument, target, rows.shape[1])
        self._last_numbers = chosen if only_numbers else None

    def _observed(self, metrics: Floats, since: int) -> Observed:
        def of(rows: Floats | None, metric: str) -> Floats:
            if rows is None:
                raise InputError(
                    "nothing has been observed in the first month of a posture",
                    key=f"posture {self.policy.name}",
                )
            if metric not in Metric.__members__:
                raise UnknownNameError("metric", metric, Metric.__members__)
            values: Floats = rows[Metric[metric]].copy()
            return values

        latest = metrics if since > 0 else None
        return Observed(
            n_runs=metrics.shape[1],
            months=since,
            last=lambda metric: of(latest, metric),
            first=lambda metric: of(self._first_metrics, metric),
        )

    def _checked(self, instrument: Instrument, level: float | Floats, n_runs: int) -> Floats:
        try:
            values = np.asarray(level, dtype=np.float64)
        except (TypeError, ValueError):
            raise self._refused(instrument.name, level) from None
        fits = values.shape in ((), (n_runs,))
        if not fits or not np.all((values >= 0.0) & (values <= 1.0)):
            raise self._refused(instrument.name, level)
        return values

    def _refused(self, place: str, value: object) -> InputError:
        return InputError(
            "the policy returned something that is no target",
            key=f"posture {self.policy.name}: {place}",
            value=value,
            allowed="numbers from 0 to 1, one for all runs or one a run, by Instrument",
        )


_CLAMPED_STATE = (
    StateVar.readiness,
    StateVar.stance,
    StateVar.vote_support,
    StateVar.vote_oppose,
    StateVar.effort,
    StateVar.hedging,
    StateVar.derisking,
)
_CLAMPED_TOWARD = (DirectedVar.commitment, DirectedVar.alignment, DirectedVar.probing)
_CLAMPED_OF_CHALLENGER = (RegionVar.theta, RegionVar.theta_shift)


def clamp(world: World, reference: World, states: Integers) -> None:
    """Hold some states on their path in a traditional reference run of the same month and draws.

    Their readiness, stance, votes, commitments and responses are copied; for the challenger also
    the pressure that it puts on others and what it has learned, for the patron what it has free
    for the partner.
    """
    for i in states:
        for of_state in _CLAMPED_STATE:
            world.state[of_state, i] = reference.state[of_state, i]
        for toward in _CLAMPED_TOWARD:
            world.directed[toward, i] = reference.directed[toward, i]
        if i == world.role[Role.challenger]:
            world.state[StateVar.pressure] = reference.state[StateVar.pressure]
            for of_challenger in _CLAMPED_OF_CHALLENGER:
                world.region[of_challenger] = reference.region[of_challenger]
        if i == world.role[Role.patron]:
            world.region[RegionVar.patron_share] = reference.region[RegionVar.patron_share]


def state_indices(codes: Sequence[str], chosen: Sequence[str]) -> Integers:
    """Return the places of some states among the sorted codes of a scenario."""
    for code in chosen:
        if code not in codes:
            raise UnknownNameError("state", code, codes)
    return np.array([codes.index(code) for code in chosen], dtype=np.int64)
