"""How fast a small push dies out: the spectral radius of the linearised month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from regional_sim.engine.build import build_world
from regional_sim.model.schedule import ACTIONS, CompiledSchedule
from regional_sim.model.variables import DirectedVar, PairVar, RegionVar, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.scenario import Scenario

_MONTHS: Final = 240
_SPAN: Final = 60
"""Growth is taken between the last two spans of so many months."""

_PUSH: Final = 1e-6
_DEAD: Final = 1e-15
_SEED: Final = 1
_QUIET: Final = {
    "parameters.incident_scale": 0.0,
    "parameters.belief_noise": 0.0,
    "options.choice": "expected",
}

_MOVING_STATE: Final = (
    StateVar.readiness,
    StateVar.stance,
    StateVar.hedging,
    StateVar.pressure,
    StateVar.derisking,
)
_MOVING_TOWARD: Final = (DirectedVar.alignment, DirectedVar.probing, DirectedVar.commitment)


def spectral_radius(scenarios: Sequence[Scenario]) -> Floats:
    """Estimate the spectral radius of the month of some worlds of one structure.

    A world without noise and incidents rests at its start.  Forces, stances, alignments, probing
    and tensions are pushed off it by a millionth; the radius is the monthly factor by which what is
    left grows or shrinks after fifteen years.

    Parameters
    ----------
    scenarios : sequence of Scenario
        All with the same :attr:`Scenario.structure`.

    Returns
    -------
    ndarray, shape (scenario,)
        Below 1 where the start is stable: a push dies out.
    """
    world = build_world([one.with_settings(_QUIET) for one in scenarios])
    _push(world)
    start = _latent(build_world([one.with_settings(_QUIET) for one in scenarios]))
    month = CompiledSchedule(ACTIONS)
    sizes = np.zeros((_MONTHS, len(scenarios)))
    for number in range(_MONTHS):
        month.run(world, number)
        sizes[number] = np.sqrt(((_latent(world) - start) ** 2).sum(axis=0))
    late, before = sizes[-_SPAN:].max(axis=0), sizes[-2 * _SPAN : -_SPAN].max(axis=0)
    # What has died out to rounding has no growth to measure.
    radius: Floats = (late / np.maximum(before, _DEAD)) ** (1.0 / _SPAN)
    return radius


def _push(world: World) -> None:
    """Push a world off its start, each run in the same way."""
    random = np.random.default_rng(_SEED)

    def push(rows: Floats, scale: Floats | float = 1.0) -> None:
        rows += _PUSH * scale * random.standard_normal((*rows.shape[:-1], 1))

    push(world.state[StateVar.readiness])
    push(world.state[StateVar.stance])
    push(world.directed[DirectedVar.alignment], world.directed[DirectedVar.aligns])
    push(world.directed[DirectedVar.probing], world.directed[DirectedVar.probes])
    push(world.pair[PairVar.level])


def _latent(world: World) -> Floats:
    """Return what moves, shape (value, run)."""
    n_runs = world.state.shape[-1]
    parts = [world.state[of_state] for of_state in _MOVING_STATE]
    parts += [world.directed[toward] for toward in _MOVING_TOWARD]
    parts += [world.pair[PairVar.level], world.region[RegionVar.theta_shift]]
    return np.concatenate([part.reshape(-1, n_runs) for part in parts])
