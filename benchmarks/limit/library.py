"""Compile phases.c for the sizes of a batch, and call it on the batch's own arrays."""

from __future__ import annotations

import atexit
import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from enum import IntEnum
from functools import cache
from pathlib import Path

from regional_sim.model.mechanisms.contest import contest_success
from regional_sim.model.mechanisms.escalation import update_escalation_probabilities
from regional_sim.model.mechanisms.ladder import USE_OF_FORCE, WAR
from regional_sim.model.options import LOGISTIC_SHOCK, Option
from regional_sim.model.parameters import Param
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams
from regional_sim.model.variables import (
    BeliefVar,
    DirectedVar,
    Draw,
    Observer,
    PairVar,
    StateVar,
    World,
)
from regional_sim.numerics.arrays import Floats

SOURCES = Path(__file__).parent
COMPILER = "gcc"
FLAGS = (
    "-O3",
    "-march=native",
    "-std=gnu11",
    "-shared",
    "-fPIC",
    # No multiplication and addition at once, which would round once and not twice.
    "-ffp-contract=off",
    # None of what follows changes a value.  Square roots and selections would be branches:
    "-fno-math-errno",
    "-fno-trapping-math",
    # ... as would selections of which one outcome makes what comes next simpler:
    "-fno-tree-pre",
    "-fno-thread-jumps",
    # The instructions of neighbouring runs are interleaved, see phases.c.
    "-fschedule-insns",
    "-funroll-loops",
    *("--param", "max-unroll-times=4"),
    *("--param", "max-unrolled-insns=4000"),
    *("--param", "max-average-unrolled-insns=4000"),
)
FUNCTIONS: dict[Callable[..., None], str] = {
    contest_success: "contest_success",
    update_escalation_probabilities: "update_escalation",
}
"""The package's phases that have a twin in C, and its name there."""

NAMES = (StateVar, PairVar, DirectedVar, BeliefVar, Observer, Draw, Param, Option)
"""What C is told the members of, as constants such as ``PairVar_tension``."""

CONSTANTS = {
    "CHUNK_MONTHS": CHUNK_MONTHS,
    "LOGISTIC_SHOCK": LOGISTIC_SHOCK,
    "USE_OF_FORCE": USE_OF_FORCE,
    "WAR": WAR,
}


def is_possible() -> bool:
    """Whether there is a compiler."""
    return shutil.which(COMPILER) is not None


class Library:
    """The phases in C for a batch whose draws are a buffer of :class:`RandomStreams`."""

    def __init__(self, world: World) -> None:
        self._functions = _compiled(_layout(world))
        self._kept = world  # as long as C knows where its arrays are
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in world]
        self._world = (ctypes.c_void_p * len(pointers))(*pointers)

    def phase(self, name: str, when: int) -> None:
        """Call a phase, told the month or the observer, on the arrays of the batch."""
        self._functions[name](self._world, ctypes.c_int64(when))

    def draw_months(
        self, streams: RandomStreams, buffer: Floats, chunk: int, first_replicate: int
    ) -> None:
        """Fill a buffer as :meth:`RandomStreams.fill` does."""
        arrays = (buffer, streams.keys, streams.swapped)
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in arrays]
        numbers = map(ctypes.c_int64, (chunk, first_replicate))
        self._functions["draw_months"](*pointers, *numbers)


def _layout(world: World) -> str:
    """Return the header that gives C our names, the sizes of a batch and its arrays."""
    _, pairs, runs = world.pair.shape
    sizes = {"STATES": world.state.shape[1], "PAIRS": pairs, "RUNS": runs}
    lines = [f"#define {name} {value}" for name, value in {**sizes, **CONSTANTS}.items()]
    lines += [_enumeration(one) for one in NAMES]
    lines.append("typedef struct {")
    for name, array in world._asdict().items():
        kind = "int64_t" if array.dtype.kind == "i" else "double"
        lines.append(f"    {kind} (*{name}){''.join(f'[{size}]' for size in array.shape[1:])};")
    return "\n".join([*lines, "} World;", ""])


def _enumeration(one: type[IntEnum]) -> str:
    names = [f"{one.__name__}_{member.name} = {member.value}" for member in one]
    return f"enum {{ {', '.join(names)}, {one.__name__}_count }};"


@cache
def _compiled(layout: str) -> ctypes.CDLL:
    folder = Path(tempfile.mkdtemp(prefix="limit-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "layout.h").write_text(layout, encoding="utf-8")
    library = folder / "limit.so"
    sources = [f"-I{folder}", f"-I{SOURCES}", str(SOURCES / "phases.c")]
    subprocess.run([COMPILER, *FLAGS, *sources, "-o", str(library), "-lm"], check=True)
    return ctypes.CDLL(str(library))
