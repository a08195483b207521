"""Starting: help, a run with compiled code at hand, and compiling everything."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from regional_sim.engine.precompile import default_processes

REPEATS = 5
TINY_RUN = (
    "run",
    "two_states",
    "--replicates",
    "1",
    "--set",
    "horizon.months_after=1",
    "--quiet",
    "--force",
    "--out",
)
COMPILE = "from regional_sim.engine.precompile import compile_all; compile_all()"


def _seconds(command: list[str], cache: str) -> float:
    start = time.perf_counter()
    subprocess.run(
        command,
        env={**os.environ, "XDG_CACHE_HOME": cache},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def measure(_: Path) -> str:
    """Measure, and return the Markdown."""
    program = [sys.executable, "-m", "regional_sim"]
    with tempfile.TemporaryDirectory() as cache:
        out = str(Path(cache, "out"))
        compiling = _seconds([sys.executable, "-W", "error", "-c", COMPILE], cache)
        runs = [_seconds([*program, *TINY_RUN, out], cache) for _ in range(REPEATS)]
        helps = [_seconds([*program, "--help"], cache) for _ in range(REPEATS)]
    rows = (
        ("the help of the command line", helps, 0.4),
        ("a tiny run on the command line, compiled before", runs, 1.5),
        (f"compiling everything, in {default_processes()} processes", [compiling], 20.0),
    )
    lines = ["| start | seconds, median (range) | target | |", "| --- | --- | --- | --- |"]
    for label, seconds, target in rows:
        median = statistics.median(seconds)
        verdict = "met" if median < target else "**not met**"
        spread = f"{median:.2f} ({min(seconds):.2f} to {max(seconds):.2f})"
        lines.append(f"| {label} | {spread} | under {target:g} | {verdict} |")
    return "\n".join(lines)
