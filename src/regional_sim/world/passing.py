"""Phases passed one after the other by a single call, for a block of many runs.

Calling a phase from Python takes some microseconds, in which no other thread can do the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from regional_sim.rules.compiled import call_at, compiled, compiler_is_on, machine_code
from regional_sim.world.layout import Integers, World
from regional_sim.world.phases import Phase

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
