"""Runs that are measured from outside, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from benchmarks.measured_run import Work

ROOT = Path(__file__).resolve().parents[1]


class Found(NamedTuple):
    """What a run took."""

    seconds: float
    peak_mib: float
    disk_mib: float


def measured(work: Work) -> Found:
    """Run some work in a new process.

    Parameters
    ----------
    work : Work
        What to run.

    Returns
    -------
    Found
        Seconds, and peak memory of the process.
    """
    sys.stderr.write(f"{work}\n")
    command = [sys.executable, "-m", "benchmarks.measured_run", json.dumps(asdict(work))]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    answer = json.loads(printed.splitlines()[-1])
    return Found(answer["seconds"], answer["peak_mib"], answer["disk_mib"])
