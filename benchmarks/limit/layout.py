"""Write the header that gives the C program our names, sizes and constants."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms import ladder
from regional_sim.model.mechanisms.incidents import MOST_INCIDENTS
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.options import LOGISTIC_SHOCK, Option
from regional_sim.model.parameters import SCHEDULE_RUNGS, Param
from regional_sim.model.random_streams import CHUNK_MONTHS
from regional_sim.model.variables import (
    BeliefVar,
    DirectedVar,
    Draw,
    Group,
    InstrumentRow,
    Observer,
    PairVar,
    RegionVar,
    Role,
    StateVar,
    World,
)

ENUMERATIONS: tuple[type[IntEnum], ...] = (
    StateVar,
    PairVar,
    DirectedVar,
    BeliefVar,
    Observer,
    RegionVar,
    InstrumentRow,
    Draw,
    Role,
    Group,
    Param,
    Option,
    Metric,
    Instrument,
)

CONSTANTS = {
    "CHUNK_MONTHS": CHUNK_MONTHS,
    "MOST_INCIDENTS": MOST_INCIDENTS,
    "SCHEDULE_RUNGS": SCHEDULE_RUNGS,
    "LOGISTIC_SHOCK": LOGISTIC_SHOCK,
    "USE_OF_FORCE": ladder.USE_OF_FORCE,
    "WAR": ladder.WAR,
}


class Sizes(NamedTuple):
    """The sizes that a program is compiled for.

    Attributes
    ----------
    runs, months, switch, policies : int
        Runs of a block, months of a run and how many of them come before the switch, policies
        that share a block's draws.
    states, pairs, windows : int
        Of the world.
    """

    runs: int
    months: int
    switch: int
    policies: int
    states: int
    pairs: int
    windows: int

    @classmethod
    def of(cls, world: World, months: int, switch: int, policies: int) -> Sizes:
        """Return the sizes of a block that was built."""
        _, pairs, runs = world.pair.shape
        return cls(runs, months, switch, policies, world.state.shape[1], pairs, len(world.window))


def header(sizes: Sizes) -> str:
    """Return the text of ``layout.h``.

    Parameters
    ----------
    sizes : Sizes
        What the program is compiled for; as constants they let the compiler drop the ends of
        loops and the arithmetic of addresses.

    Returns
    -------
    str
        C source: an enumeration for each of ours, with the same names and values.
    """
    lines = ["/* Generated from the declarations of regional_sim. */", "#ifndef LAYOUT_H"]
    lines.append("#define LAYOUT_H")
    lines += [f"#define {name.upper()} {size}" for name, size in sizes._asdict().items()]
    lines += [f"#define {name} {value}" for name, value in CONSTANTS.items()]
    lines += [_enumeration(one) for one in ENUMERATIONS]
    lags = ", ".join(f"Param_{instrument.lag.name}" for instrument in Instrument)
    lines.append(f"static const int LAG_OF[Instrument_count] = {{{lags}}};")
    lines.append("#endif")
    return "\n".join(lines) + "\n"


def _enumeration(one: type[IntEnum]) -> str:
    names: Sequence[str] = [f"{one.__name__}_{member.name} = {member.value}" for member in one]
    return f"enum {{ {', '.join(names)}, {one.__name__}_count = {len(one)} }};"
