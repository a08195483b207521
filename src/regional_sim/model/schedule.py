"""The phases of a month and their order, which stands nowhere else.

A phase is passed as ``phase.run(world, month, lo, hi)``: it updates what belongs to the states
``lo`` to ``hi`` (exclusive), for every run of the block.  Within a phase no state reads what
another writes, so the states may act in any order, one by one or all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from regional_sim.model.mechanisms.ambiguity import update_believed_commitments
from regional_sim.model.mechanisms.commitments import update_commitments
from regional_sim.model.mechanisms.contest import contest_success
from regional_sim.model.mechanisms.escalation import update_escalation_probabilities
from regional_sim.model.mechanisms.force import mobilise_force, project_force
from regional_sim.model.mechanisms.implementation import implement_posture, open_channels
from regional_sim.model.mechanisms.incidents import draw_incidents
from regional_sim.model.mechanisms.ladder import update_rungs
from regional_sim.model.mechanisms.perception import update_belief_errors
from regional_sim.model.mechanisms.readiness import update_readiness, update_threat
from regional_sim.model.mechanisms.stance import cast_votes, update_stance
from regional_sim.model.mechanisms.tension import update_tension
from regional_sim.model.mechanisms.trade import (
    clear_trade,
    divert_trade,
    reallocate_trade,
    sum_trade,
)
from regional_sim.model.metrics.measure import (
    add_to_windows,
    measure_alignment,
    measure_deterrence,
    measure_economy,
    measure_risk,
)
from regional_sim.model.variables import Observer, World
from regional_sim.numerics.arrays import Integers
from regional_sim.numerics.compiler import call_at, compiled, compiler_is_on, machine_code


class Phase(NamedTuple):
    """One phase of a month.

    Attributes
    ----------
    function : callable
        The compiled function, ``function(world, month, lo, hi)``.
    by_state : bool
        Whether states act in it; False for what is done once for the region.
    view : View or None
        For a phase that is passed once for each view: whose eyes it sees with.  Its function
        takes the view in place of the month.
    """

    function: Callable[[World, int, int, int], None]
    by_state: bool = True
    view: Observer | None = None

    @property
    def name(self) -> str:
        """Name of the phase: that of its function, and of its view where it has one."""
        name = self.function.__name__
        return name if self.view is None else f"{name}_{self.view.name}"

    def run(self, world: World, month: int, lo: int, hi: int) -> None:
        """Pass the phase for the states from ``lo`` to ``hi`` (exclusive)."""
        when = month if self.view is None else int(self.view)
        self.function(world, when, lo, hi)


def _seen(view: Observer) -> tuple[Phase, ...]:
    """Return the phases in which forces are compared as one view sees them."""
    return (Phase(project_force, view=view), Phase(contest_success, view=view))


PHASES: tuple[Phase, ...] = (
    Phase(implement_posture),
    Phase(open_channels),
    Phase(update_belief_errors),
    Phase(update_believed_commitments),
    Phase(mobilise_force),
    *(phase for view in Observer for phase in _seen(view)),
    Phase(update_threat),
    Phase(update_escalation_probabilities),
    Phase(draw_incidents),
    Phase(update_rungs),
    Phase(update_tension),
    Phase(update_readiness),
    Phase(update_stance),
    Phase(cast_votes),
    Phase(update_commitments),
    Phase(divert_trade),
    Phase(reallocate_trade),
    Phase(clear_trade),
    Phase(sum_trade),
    Phase(measure_risk, by_state=False),
    Phase(measure_deterrence, by_state=False),
    Phase(measure_alignment, by_state=False),
    Phase(measure_economy, by_state=False),
    Phase(add_to_windows, by_state=False),
)
"""All that happens in a month, in order."""

ACTIONS: tuple[Phase, ...] = tuple(phase for phase in PHASES if phase.by_state)
"""The phases in which states act."""

MEASURES: tuple[Phase, ...] = tuple(phase for phase in PHASES if not phase.by_state)
"""The phases after them, which measure; states are clamped in between."""


_MONTH = -1  # in place of a view: the phase is told the month


class CompiledSchedule:
    """Some phases in their order.

    Parameters
    ----------
    phases : sequence of Phase
        What is passed.
    """

    def __init__(self, phases: Sequence[Phase]) -> None:
        self.phases = tuple(phases)
        self._addresses: Integers | None = None
        self._views = np.array(
            [_MONTH if phase.view is None else phase.view for phase in self.phases], dtype=np.int64
        )

    def run(self, world: World, month: int) -> None:
        """Pass all phases for all states.

        Parameters
        ----------
        world : World
            The block; changed in place.
        month : int
            Month, counted from 0 at the start of the run.
        """
        n_states = world.state.shape[1]
        if not compiler_is_on():
            for phase in self.phases:
                phase.run(world, month, 0, n_states)
            return
        if self._addresses is None:
            # The types of the arrays are the same in every world.
            arguments = (world, month, 0, n_states)
            found = [machine_code(phase.function, arguments) for phase in self.phases]
            self._addresses = np.array(found, dtype=np.int64)
        run_phases(world, month, self._addresses, self._views)


@compiled
def run_phases(world: World, month: int, addresses: Integers, views: Integers) -> None:
    """Call the phases at some addresses, each told the month or whose eyes it sees with."""
    n_states = world.state.shape[1]
    for phase in range(addresses.shape[0]):
        when = month if views[phase] == _MONTH else views[phase]
        call_at(addresses[phase], (world, when, 0, n_states))
