"""Compile the C program for a world, hand it a built block, run it, read its sums back."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from benchmarks.limit.layout import Sizes, header
from regional_sim.engine.build import build_world
from regional_sim.engine.policy_control import PolicyController
from regional_sim.errors import InputError
from regional_sim.model.instruments import Instrument
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.random_streams import RandomStreams
from regional_sim.model.variables import InstrumentRow, World
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import Policy
from regional_sim.scenario import Scenario

SOURCES = Path(__file__).parent
COMPILER = "gcc"
FLAGS = (
    "-O3",
    "-march=native",
    "-std=c11",
    "-pthread",
    # No multiplication and addition at once, which would round once and not twice.
    "-ffp-contract=off",
    # None of what follows changes a value.  Square roots and selections would be branches:
    "-fno-math-errno",
    "-fno-trapping-math",
    # ... as would selections of which one outcome makes what comes next simpler:
    "-fno-tree-pre",
    "-fno-thread-jumps",
    # The instructions of neighbouring runs are interleaved, see world.h.
    "-fschedule-insns",
    "-funroll-loops",
    *("--param", "max-unroll-times=4"),
    *("--param", "max-unrolled-insns=4000"),
    *("--param", "max-average-unrolled-insns=4000"),
)
_ALIGNMENT = 64
_NOT_DUMPED = ("draw", "scratch")


class Timing(NamedTuple):
    """What the program measured.

    Attributes
    ----------
    seconds : float
        Of all blocks, without reading the input and writing the output.
    by_part : Mapping of str to float
        Seconds of each phase, of the draws and of restoring, in order; empty where not asked for.
    """

    seconds: float
    by_part: Mapping[str, float]


def run_limit(
    scenario: Scenario,
    policies: Sequence[Policy],
    seed: int,
    n_runs_per_block: int,
    n_blocks: int,
    threads: int = 1,
    by_phase: bool = False,
) -> tuple[Timing, Floats]:
    """Run blocks of replicates in the C program.

    Parameters
    ----------
    scenario : Scenario
        The validated world.
    policies : sequence of Policy
        Postures that share the draws; none that reads metrics.
    seed : int
        Master seed.
    n_runs_per_block, n_blocks : int
        Block b holds the replicates from ``b * n_runs_per_block``.
    threads : int
        Threads that take blocks in turn.
    by_phase : bool
        Whether to time each phase, with one thread.

    Returns
    -------
    Timing
        Seconds.
    ndarray, shape (block, policy, window, Metric, run)
        Sums of the months of each window.

    Raises
    ------
    InputError
        If a policy reads metrics.
    FileNotFoundError
        If there is no compiler.
    """
    for policy in policies:
        if policy.reads:
            raise InputError("the limit runs no policy that reads metrics", value=policy.name)
    world = _built(scenario, n_runs_per_block)
    months = scenario.months_before + scenario.months_after
    sizes = Sizes.of(world, months, scenario.months_before, len(policies))
    program = _compiled(header(sizes), by_phase)
    with tempfile.TemporaryDirectory() as name:
        given, answer = Path(name, "input"), Path(name, "output")
        with given.open("wb") as file:
            _dump_world(file, world)
            _dump_streams(file, scenario, seed)
            _targets(scenario, policies, months).tofile(file)
        command = [program, given, answer, n_blocks, threads]
        printed = subprocess.run(
            [str(part) for part in command], check=True, capture_output=True, text=True
        ).stdout
        shape = (n_blocks, len(policies), len(world.window), len(Metric), n_runs_per_block)
        sums = np.fromfile(answer).reshape(shape)
    seconds = {part: float(value) for part, value in map(str.split, printed.splitlines())}
    return Timing(seconds.pop("seconds"), seconds), sums


def _built(scenario: Scenario, n_runs: int) -> World:
    return build_world(scenario, n_runs)


@cache
def _compiled(layout: str, by_phase: bool) -> Path:
    """Return the program for a layout, compiled once."""
    if shutil.which(COMPILER) is None:
        raise FileNotFoundError(f"the limit needs the C compiler {COMPILER}; none was found")
    folder = Path(tempfile.mkdtemp(prefix="limit-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "layout.h").write_text(layout, encoding="utf-8")
    program = folder / "limit"
    options = ["-DTIME_PHASES"] if by_phase else []
    command = [COMPILER, *FLAGS, *options, f"-I{folder}", f"-I{SOURCES}", "-o", str(program)]
    subprocess.run([*command, *map(str, sorted(SOURCES.glob("*.c"))), "-lm"], check=True)
    return program


def _dump_world(file: BinaryIO, world: World) -> None:
    """Write the arrays in the order of the tuple; C fills its structure up to the alignment."""
    size = 0
    for name, array in world._asdict().items():
        if name not in _NOT_DUMPED:
            array.tofile(file)
            size += array.nbytes
    file.write(bytes(-size % _ALIGNMENT))


def _dump_streams(file: BinaryIO, scenario: Scenario, seed: int) -> None:
    """Write the keys of all pairs, then whether their states are swapped."""
    luck = RandomStreams(scenario.streams, seed)
    luck.keys.tofile(file)
    luck.swapped.tofile(file)


def _targets(scenario: Scenario, policies: Sequence[Policy], months: int) -> Floats:
    """Return the targets that the helm sets, shape (policy, month, Instrument)."""
    targets = np.empty((len(policies), months, len(Instrument)))
    for place, policy in enumerate(policies):
        world = _built(scenario, 1)
        helm = PolicyController(policy, scenario.months_before)
        for month in range(months):
            helm.steer(world, month)
            targets[place, month] = world.instrument[InstrumentRow.target, :, 0]
    return targets
