"""The values that the plain model starts from: lists of floats, taken once from a block."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from functools import cache
from types import SimpleNamespace

from benchmarks.peers import plain_rules  # noqa: F401 (before anything else of the package)
from regional_sim.engine.build import build_world
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    BeliefVar,
    DirectedVar,
    Group,
    InstrumentRow,
    PairVar,
    RegionVar,
    Role,
    StateVar,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.scenario import load_scenario

Row = list[float]


class Start:
    """A world at its rest point, for every run that starts there.

    Parameters
    ----------
    name : str
        Name or file of a scenario in which every role is filled.

    Attributes
    ----------
    scenario : Scenario
        The validated world.
    state, pair : dict of str to list of float
        Variables by name; a value for each state or pair.
    directed : dict of str to list of list of float
        Row toward column.
    belief : dict of str to list of list of list of float
        By view and **column**: all that others do toward a state stands in one list.
    region, param, option, role : SimpleNamespace
        Values by name.
    members : dict of str to list of int
        States of each group.
    """

    def __init__(self, name: str) -> None:
        self.scenario = load_scenario(name)
        world = build_world(self.scenario, 1)
        if (world.role < 0).any() or not world.group.any(axis=1).all():
            raise ValueError("the peers need a world that fills every role and every group")
        self.state = _by_name(StateVar, world.state[..., 0])
        self.pair = _by_name(PairVar, world.pair[..., 0])
        self.directed = _by_name(DirectedVar, world.directed[..., 0])
        self.belief = _by_name(BeliefVar, world.belief[..., 0].swapaxes(-1, -2))
        self.region = SimpleNamespace(**_by_name(RegionVar, world.region[:, 0]))
        self.param = SimpleNamespace(**_by_name(Param, world.param[:, 0]))
        self.option = SimpleNamespace(**_by_name(Option, world.option))
        self.role = SimpleNamespace(**_by_name(Role, world.role))
        self.members = {group.name: world.group[group].nonzero()[0].tolist() for group in Group}
        self.levels: Row = world.instrument[InstrumentRow.start, :, 0].tolist()
        self.hosts: list[list[int]] = world.host.tolist()
        self.views: list[int] = world.observer_of.tolist()
        self.pair_of: list[list[int]] = world.pair_of.tolist()
        self.windows: list[list[int]] = world.window.tolist()


def _by_name(variables: Iterable[IntEnum], values: Floats) -> dict[str, list]:
    return {variable.name: values[variable].tolist() for variable in variables}


@cache
def start_of(name: str) -> Start:
    """Return the start of a scenario, read once a process."""
    return Start(name)
