"""What the time of a run goes to, phase by phase, beside the heaviest phases in C.

A run is all of its months, those of the run-in too.
"""

from __future__ import annotations

import re
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numba

from benchmarks.contestants import BATCH, ONE, SCENARIO, SEED
from benchmarks.limit.library import FUNCTIONS, Library, is_possible
from regional_sim.engine.build import build_world
from regional_sim.engine.policy_control import PolicyController
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams
from regional_sim.model.schedule import PHASES, CompiledSchedule
from regional_sim.postures import create
from regional_sim.scenario import Scenario, load_scenario

PASSES = 5
PACKED = re.compile(r"\bv?(?:add|sub|mul|div|sqrt|max|min|fn?m\w+)p[ds]\b")
SCALAR = re.compile(r"\bv?(?:add|sub|mul|div|sqrt|max|min|fn?m\w+)s[ds]\b")


CALL = "call"
"""Among the parts of a month, what it costs to call a phase that does nothing."""

IN_C = {"draws", *(phase.name for phase in PHASES if phase.function in FUNCTIONS)}
"""The parts that are there in C, too."""

_NOTHING = CompiledSchedule(())


class TimedBatch:
    """A batch whose parts are timed month by month; those that can be are done in C, if wanted."""

    def __init__(self, scenario: Scenario, n_runs: int, *, in_c: bool) -> None:
        self.times: defaultdict[str, list[float]] = defaultdict(list)
        self._streams = RandomStreams(scenario.streams, SEED)
        self._draw = self._streams.buffer(n_runs)
        self.world = self._timed("build", build_world, scenario, n_runs, self._draw)
        self._draws_choices = scenario.draws_choices
        if self._draws_choices:
            choices = self._streams.choice_buffer(n_runs)
            self.world = self.world._replace(choice_draw=choices)
        self._library = Library(self.world) if in_c else None
        onset = scenario.run_in + scenario.months_before
        self._controller = PolicyController(create(ONE[0]), onset)

    def pass_month(self, month: int) -> None:
        """Draw, steer and pass all phases of a month."""
        world, library = self.world, self._library
        if month % CHUNK_MONTHS == 0:
            given = (self._draw, month // CHUNK_MONTHS, 0)
            if library is None:
                self._timed("draws", self._streams.fill, *given)
            else:
                self._timed("draws", library.draw_months, self._streams, *given)
            if self._draws_choices:
                self._streams.fill_choices(world.choice_draw, month // CHUNK_MONTHS, 0)
        self._timed("steer", self._controller.steer, world, month)
        if library is None:
            self._timed(CALL, _NOTHING.run, world, month)
        else:
            self._timed(CALL, library.phase, "do_nothing", month)
        for phase in PHASES:
            if library is None or phase.function not in FUNCTIONS:
                self._timed(phase.name, phase.run, world, month, 0, world.state.shape[1])
            else:
                when = month if phase.observer is None else int(phase.observer)
                self._timed(phase.name, library.phase, FUNCTIONS[phase.function], when)

    def _timed(self, part: str, work: Callable[..., Any], *given: Any) -> Any:
        start = time.perf_counter()
        result = work(*given)
        self.times[part].append(time.perf_counter() - start)
        return result

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each part in all months, for a phase without those of calling."""
        call = statistics.median(self.times[CALL])
        phases = {phase.name for phase in PHASES}
        return {
            part: sum(times) - (call * len(times) if part in phases else 0.0)
            for part, times in self.times.items()
        }


def measure(_: Path, quick: bool) -> str:
    """Measure both ways in turn, and return the Markdown."""
    n_passes = 1 if quick else PASSES
    ways = [False, True] if is_possible() else [False]
    passes = [[_microseconds(in_c) for in_c in ways] for _ in range(n_passes)]
    ours, *found = (_medians(of_way) for of_way in zip(*passes, strict=True))
    theirs = {part: spent for in_c in found for part, spent in in_c.items() if part in IN_C}
    counted = {phase.name: instructions(phase.function) for phase in PHASES[: 1 if quick else None]}
    total = sum(ours.values())
    lines = [
        "| part | microseconds a run | share | the same in C | times C"
        " | packed, scalar instructions |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, spent in sorted(ours.items(), key=lambda item: -item[1]):
        c = _beside(spent, theirs[name]) if name in theirs else " | "
        packed = "{}, {}".format(*counted[name]) if name in counted else ""
        lines.append(f"| {name} | {spent:.0f} | {spent / total:.0%} | {c} | {packed} |")
    lines.append(f"| all | {total:.0f} | 100% | | | |")
    if theirs:
        in_both = sum(ours[name] for name in theirs)
        c = _beside(in_both, sum(theirs.values()))
        lines.append(f"| all that is in C, too | {in_both:.0f} | {in_both / total:.0%} | {c} | |")
    return "\n".join(lines)


def _beside(spent: float, in_c: float) -> str:
    return f"{in_c:.0f} | {spent / in_c:.2f}"


def _microseconds(in_c: bool) -> dict[str, float]:
    """Return microseconds a run of each part of a batch."""
    scenario = load_scenario(SCENARIO)
    batch = TimedBatch(scenario, BATCH, in_c=in_c)
    for month in range(scenario.run_in + scenario.n_months):
        batch.pass_month(month)
    return {part: 1e6 * seconds / BATCH for part, seconds in batch.seconds().items()}


def _medians(passes: Sequence[dict[str, float]]) -> dict[str, float]:
    return {part: statistics.median(one[part] for one in passes) for part in passes[0]}


def instructions(function: Callable[..., None]) -> tuple[int, int]:
    """Count the packed and the scalar arithmetic instructions of a compiled phase."""
    world = build_world(load_scenario("two_states"), 1)
    assembly = assembly_of(function, (world, 0, 0, 0))
    return len(PACKED.findall(assembly)), len(SCALAR.findall(assembly))


def assembly_of(function: Callable[..., None], arguments: tuple[object, ...]) -> str:
    """Return the machine code of a function as text; it is compiled anew, as none is cached."""
    again = numba.njit(error_model="numpy", _nrt=False, nogil=True)(function.py_func)
    again.compile(tuple(numba.typeof(argument) for argument in arguments))
    (assembly,) = again.inspect_asm().values()
    return assembly
