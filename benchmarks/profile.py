"""What the time of a run goes to, phase by phase, beside the same phases in C."""

from __future__ import annotations

import re
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numba

from benchmarks.contestants import BLOCK, ONE, SCENARIO, SEED
from regional_sim.engine.build import build_world
from regional_sim.engine.policy_control import PolicyController
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams
from regional_sim.model.schedule import PHASES, CompiledSchedule
from regional_sim.model.variables import World
from regional_sim.postures import create
from regional_sim.scenario import Scenario, load_scenario

PASSES = 5
C_BLOCKS = 5
PACKED = re.compile(r"\bv?(?:add|sub|mul|div|sqrt|max|min|fn?m\w+)p[ds]\b")
SCALAR = re.compile(r"\bv?(?:add|sub|mul|div|sqrt|max|min|fn?m\w+)s[ds]\b")


def measure(_: Path) -> str:
    """Measure, and return the Markdown."""
    scenario = load_scenario(SCENARIO)
    ours = _median_of([_ours(scenario) for _ in range(PASSES)])
    theirs = _of_c(scenario)
    packed = {phase.function.__name__: phase.function for phase in PHASES}
    counts = {name: instructions(function) for name, function in packed.items()}
    total = sum(ours.values())
    lines = [
        "| part | microseconds a run | share | the same in C | packed, scalar instructions |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, seconds in sorted(ours.items(), key=lambda item: -item[1]):
        base = next((key for key in counts if name == key or name.startswith(f"{key}_")), None)
        found = "" if base is None else f"{counts[base][0]}, {counts[base][1]}"
        c = f"{1e6 * theirs[name]:.0f}" if name in theirs else ""
        cells = [name, f"{1e6 * seconds:.0f}", f"{seconds / total:.0%}", c, found]
        lines.append(f"| {' | '.join(cells)} |")
    c_total = f"{1e6 * sum(theirs.values()):.0f}" if theirs else ""
    lines.append(f"| all | {1e6 * total:.0f} | 100% | {c_total} | |")
    return "\n".join(lines)


def _median_of(passes: list[Counter[str]]) -> dict[str, float]:
    return {name: statistics.median(one[name] for one in passes) for name in passes[0]}


def _ours(scenario: Scenario) -> Counter[str]:
    """Return seconds a run of everything that a block of runs takes."""
    spent: Counter[str] = Counter()

    def clocked(name: str, work: Callable[[], object]) -> object:
        start = time.perf_counter()
        result = work()
        spent[name] += (time.perf_counter() - start) / BLOCK
        return result

    luck = RandomStreams(scenario.streams, SEED)
    draw = luck.buffer(BLOCK)
    world: World = clocked("build", lambda: build_world(scenario, BLOCK, draw))  # type: ignore[assignment]
    helm = PolicyController(create(ONE[0]), scenario.months_before)
    nothing = CompiledSchedule(())
    for month in range(scenario.n_months):
        clocked("call", lambda month=month: nothing.run(world, month))
        if month % CHUNK_MONTHS == 0:
            chunk = month // CHUNK_MONTHS
            clocked("draws", lambda chunk=chunk: luck.fill(draw, chunk, 0))
        clocked("steer", lambda month=month: helm.steer(world, month))
        for phase in PHASES:
            clocked(
                phase.name,
                lambda phase=phase, month=month: phase.run(world, month, 0, scenario.n_states),
            )
    # The engine passes all phases by one call; here each had one of its own.
    for phase in PHASES:
        spent[phase.name] -= spent["call"]
    return spent


def _of_c(scenario: Scenario) -> dict[str, float]:
    if shutil.which("gcc") is None:
        return {}
    from benchmarks.limit import run_limit

    policies = [create(name) for name in ONE]
    timing, _ = run_limit(scenario, policies, SEED, BLOCK, C_BLOCKS, by_phase=True)
    return {part: seconds / BLOCK / C_BLOCKS for part, seconds in timing.by_part.items()}


def instructions(function: Callable[..., None]) -> tuple[int, int]:
    """Count the packed and the scalar arithmetic instructions of a phase.

    Parameters
    ----------
    function : callable
        A compiled phase; it is compiled anew, as what comes from the cache cannot be read.

    Returns
    -------
    tuple of int
        Packed, scalar.
    """
    world = build_world(load_scenario("two_states"), 1)
    assembly = assembly_of(function, (world, 0, 0, 0))
    return len(PACKED.findall(assembly)), len(SCALAR.findall(assembly))


def assembly_of(function: Callable[..., None], arguments: tuple[object, ...]) -> str:
    """Return the machine code of a compiled function, as text; it is compiled anew for that."""
    again = numba.njit(error_model="numpy", _nrt=False, nogil=True)(function.py_func)
    again.compile(tuple(numba.typeof(argument) for argument in arguments))
    (assembly,) = again.inspect_asm().values()
    return assembly
