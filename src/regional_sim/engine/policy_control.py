"""Steering a block: the policy's targets, the clamping of states, the result.

Both drivers use what stands here; neither adds to it anything that changes a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from regional_sim.errors import InputError, suggestion
from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import DirectedVar, InstrumentRow, Role, StateVar, World
from regional_sim.numerics.arrays import Floats, Integers
from regional_sim.postures import Observed, Policy
from regional_sim.postures.policy import Targets


class PolicyController:
    """Hands a policy what it may know, and the block its targets, once a month.

    Parameters
    ----------
    policy : Policy
        The posture policy.
    onset_month : int
        First month of the posture, counted from 0; before it all targets stay traditional, as
        they are at the start.
    runs : slice
        The runs of the block that are steered.
    """

    def __init__(self, policy: Policy, onset_month: int, runs: slice = slice(None)) -> None:
        self.policy = policy
        self.onset_month = onset_month
        self.runs = runs
        self._first: Floats | None = None
        self._aims: list[tuple[Instrument, float | Floats]] | None = None

    def steer(self, world: World, month: int) -> None:
        """Set the targets of a month.

        Parameters
        ----------
        world : World
            The block, whose metrics are those of the month before.
        month : int
            Month, counted from 0 at the start of the run.

        Raises
        ------
        InputError
            If the policy returns something that is no target.
        """
        since = month - self.onset_month
        if since < 0:
            return
        metric = world.metric[:, self.runs]
        if since == 1:
            self._first = metric.copy()
        chosen = self.policy.targets(since, self._observed(metric, since))
        if not isinstance(chosen, Mapping):
            raise self._refused("targets", chosen)
        self._set(world.instrument[InstrumentRow.target, :, self.runs], chosen)

    def _set(self, target: Floats, chosen: Targets) -> None:
        """Write targets where they are others than in the month before."""
        plain = all(type(aim) is float for aim in chosen.values())
        aims = list(chosen.items())
        if plain and aims == self._aims:
            return
        for instrument, level in TRADITIONAL_LEVELS.items():
            target[instrument] = level
        for aimed, aim in chosen.items():
            if not isinstance(aimed, Instrument):
                raise self._refused("targets", aimed)
            target[aimed] = self._checked(aimed, aim, target.shape[1])
        self._aims = aims if plain else None

    def _observed(self, metrics: Floats, since: int) -> Observed:
        def of(rows: Floats | None, metric: str) -> Floats:
            if rows is None:
                raise InputError(
                    "nothing has been observed in the first month of a posture",
                    key=f"posture {self.policy.name}",
                )
            values: Floats = rows[Metric[metric]].copy()
            return values

        latest = metrics if since > 0 else None
        return Observed(
            n_runs=metrics.shape[1],
            months=since,
            last=lambda metric: of(latest, metric),
            first=lambda metric: of(self._first, metric),
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
)


def clamp(world: World, reference: World, states: Integers) -> None:
    """Hold the named states' own variables on the path of a reference block.

    Their readiness, stance, votes and commitments are taken from the reference; for the
    challenger also the pressure that it puts on others.

    Parameters
    ----------
    world, reference : World
        The block and its traditional twin with the same draws, both at the same month.
    states : ndarray of int
        States to hold.
    """
    for i in states:
        for variable in _CLAMPED_STATE:
            world.state[variable, i] = reference.state[variable, i]
        world.directed[DirectedVar.commitment, i] = reference.directed[DirectedVar.commitment, i]
        if i == world.role[Role.challenger]:
            world.state[StateVar.pressure] = reference.state[StateVar.pressure]


def window_values(world: World) -> Floats:
    """Return each metric by window: the mean or the sum of its months.

    Parameters
    ----------
    world : World
        A block that has run to its end.

    Returns
    -------
    ndarray, shape (window, Metric, run)
        Values.
    """
    months = (world.window[:, 1] - world.window[:, 0] + 1).astype(np.float64)
    values = world.summary.copy()
    for metric in Metric:
        if metric.combine == "mean":
            values[:, metric] /= months[:, None]
    return values


def state_indices(codes: Sequence[str], chosen: Sequence[str]) -> Integers:
    """Return the places of codes in the sorted codes of a scenario.

    Parameters
    ----------
    codes : sequence of str
        All codes, sorted.
    chosen : sequence of str
        The codes asked for.

    Returns
    -------
    ndarray of int
        Their places.

    Raises
    ------
    InputError
        If a code is unknown.
    """
    for code in chosen:
        if code not in codes:
            raise InputError(
                "unknown state",
                value=code,
                allowed=", ".join(codes),
                hint=suggestion(code, codes),
            )
    return np.array([codes.index(code) for code in chosen], dtype=np.int64)
