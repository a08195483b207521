"""Starting: help, a run with compiled code at hand, and compiling everything."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.runner_cost import verdict
from regional_sim.engine.precompile import compile_all, default_processes

REPEATS = 5
TINY_RUN = "run two_states --replicates 1 --set horizon.months_after=1 --quiet --force --out"
COMPILE = f"from {compile_all.__module__} import compile_all; compile_all()"


def measure(_: Path, quick: bool) -> str:
    """Measure, and return the Markdown."""
    program = ("-m", "regional_sim")
    repeats = 1 if quick else REPEATS
    with tempfile.TemporaryDirectory() as folder:
        tiny = (*program, *TINY_RUN.split(), str(Path(folder, "out")))
        surroundings = {} if quick else {"XDG_CACHE_HOME": folder}
        compiling = [_seconds(surroundings, "-W", "error", "-c", COMPILE)]
        runs = [_seconds(surroundings, *tiny) for _ in range(repeats)]
        helps = [_seconds(surroundings, *program, "--help") for _ in range(repeats)]
    rows = (
        ("the help of the command line", helps, 0.4),
        ("a tiny run on the command line, compiled before", runs, 1.5),
        (f"compiling everything, in {default_processes()} processes", compiling, 20.0),
    )
    lines = ["| start | seconds, median (range) | target | |", "| --- | --- | --- | --- |"]
    for label, seconds, target in rows:
        median = statistics.median(seconds)
        spread = f"{median:.2f} ({min(seconds):.2f} to {max(seconds):.2f})"
        lines.append(f"| {label} | {spread} | under {target:g} | {verdict(median < target)} |")
    return "\n".join(lines)


def _seconds(surroundings: dict[str, str], *arguments: str) -> float:
    environment = {**os.environ, **surroundings}
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True)
    return time.perf_counter() - start
