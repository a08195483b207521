"""The order of a month, which stands nowhere else.

==============  ====================================  ========================================
mechanism       phases                                what happens
==============  ====================================  ========================================
implementation  implement_posture, open_channels      the sender acts on its policy's targets
perception      update_belief_errors                  sensors are pooled, beliefs err
ambiguity       update_believed_commitments           who is believed to fight for whom
force           mobilise_force, project_force (*)     forces at home and at a distance
contest         contest_success (*)                   chances to prevail
threat          update_threat                         threats felt
escalation      update_escalation_probabilities       chances to take the next rung
incidents       draw_incidents                        incidents, and what they trigger
ladder          update_rungs                          disputes climb, hold or end
tension         update_tension                        what happened moves tension
readiness       watch_friends, update_readiness       states arm against threats
stance          update_stance, cast_votes             stances and votes
commitments     update_commitments                    true commitments
trade           divert_trade, reallocate_trade,       trade leaves tense pairs, finds other
                clear_trade, sum_trade                partners, makes new bonds
second_theatre  divide_force                          what the patron has free for the partner
align           weigh_effort, weigh_alignment,        states draw nearer to friends, or away
                update_alignment
press           press_others                          the challenger presses or courts others
probe           update_probing                        grey-zone activity
hedge           update_hedging                        third states lean to a side, or stay out
derisk          update_derisking                      dependence on the challenger is cut
learn           learn_intentions                      the challenger learns from the month
metrics         measure_risk, measure_deterrence,     the month is measured and added to the
                measure_alignment, measure_economy,   windows that hold it
                add_to_windows
==============  ====================================  ========================================

(*) Once for each observer: third states, the challenger, the partner, and the truth.

A phase is run as ``phase.run(world, month, lo, hi)``: it updates what belongs to the states ``lo``
to ``hi`` (exclusive), for every run of the batch.  Within a phase no state reads what another
writes, so the states may act in any order, one by one or all at once.  Signals, blockade and
payoff have no phase of their own: they are part of those that need them; the responses of the
states share one rule, in :mod:`regional_sim.model.mechanisms.choice`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from regional_sim.model.mechanisms.align import update_alignment, weigh_alignment, weigh_effort
from regional_sim.model.mechanisms.ambiguity import update_believed_commitments
from regional_sim.model.mechanisms.commitments import update_commitments
from regional_sim.model.mechanisms.contest import contest_success
from regional_sim.model.mechanisms.derisk import update_derisking
from regional_sim.model.mechanisms.escalation import update_escalation_probabilities
from regional_sim.model.mechanisms.force import mobilise_force, project_force
from regional_sim.model.mechanisms.hedge import update_hedging
from regional_sim.model.mechanisms.implementation import implement_posture, open_channels
from regional_sim.model.mechanisms.incidents import draw_incidents
from regional_sim.model.mechanisms.ladder import update_rungs
from regional_sim.model.mechanisms.learn import learn_intentions
from regional_sim.model.mechanisms.perception import update_belief_errors
from regional_sim.model.mechanisms.press import press_others
from regional_sim.model.mechanisms.probe import update_probing
from regional_sim.model.mechanisms.readiness import update_readiness, watch_friends
from regional_sim.model.mechanisms.second_theatre import divide_force
from regional_sim.model.mechanisms.stance import cast_votes, update_stance
from regional_sim.model.mechanisms.tension import update_tension
from regional_sim.model.mechanisms.threat import update_threat
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
    observer : Observer or None
        For a phase that is run once for each observer: whose beliefs it uses.  Its function takes
        the observer in place of the month.
    """

    function: Callable[[World, int, int, int], None]
    by_state: bool = True
    observer: Observer | None = None

    @property
    def name(self) -> str:
        """Name of the function, and of the observer where there is one."""
        name = self.function.__name__
        return name if self.observer is None else f"{name}_{self.observer.name}"

    def run(self, world: World, month: int, lo: int, hi: int) -> None:
        """Run the phase for the states from ``lo`` to ``hi`` (exclusive)."""
        self.function(world, month if self.observer is None else int(self.observer), lo, hi)


PHASES: tuple[Phase, ...] = (
    Phase(implement_posture),
    Phase(open_channels),
    Phase(update_belief_errors),
    Phase(update_believed_commitments),
    Phase(mobilise_force),
    *(
        Phase(function, observer=observer)
        for observer in Observer
        for function in (project_force, contest_success)
    ),
    Phase(update_threat),
    Phase(update_escalation_probabilities),
    Phase(draw_incidents),
    Phase(update_rungs),
    Phase(update_tension),
    Phase(watch_friends),
    Phase(update_readiness),
    Phase(update_stance),
    Phase(cast_votes),
    Phase(update_commitments),
    Phase(divert_trade),
    Phase(reallocate_trade),
    Phase(clear_trade),
    Phase(sum_trade),
    Phase(divide_force),
    Phase(weigh_effort),
    Phase(weigh_alignment),
    Phase(update_alignment),
    Phase(press_others),
    Phase(update_probing),
    Phase(update_hedging),
    Phase(update_derisking),
    Phase(learn_intentions),
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

_MONTH = -1  # in place of an observer: the phase takes the month


class CompiledSchedule:
    """Some phases in their order, run by one call of compiled code."""

    def __init__(self, phases: Sequence[Phase]) -> None:
        self.phases = tuple(phases)
        self._addresses: Integers | None = None
        observers = [phase.observer for phase in self.phases]
        self._observers = np.array([_MONTH if one is None else one for one in observers], np.int64)

    def run(self, world: World, month: int) -> None:
        """Run all phases for all states; months are counted from 0 at the start of the run."""
        n_states = world.state.shape[1]
        if not compiler_is_on():
            for phase in self.phases:
                phase.run(world, month, 0, n_states)
            return
        if self._addresses is None:
            # The types of the arrays are the same in every world.
            arguments = (world, month, 0, n_states)
            found = [machine_code(phase.function, arguments) for phase in self.phases]
            self._addresses = np.array(found, np.int64)
        run_phases(world, month, self._addresses, self._observers)


@compiled
def run_phases(world: World, month: int, addresses: Integers, observers: Integers) -> None:
    """Call the phases at some addresses, each with its observer or else the month."""
    n_states = world.state.shape[1]
    for phase in range(addresses.shape[0]):
        when = month if observers[phase] == _MONTH else observers[phase]
        call_at(addresses[phase], (world, when, 0, n_states))
