"""Rounds in which all contestants do the same work in turn, so that noise meets them alike."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.contestants import CONTESTANTS

ROOT = Path(__file__).resolve().parents[1]

Seconds = Mapping[str, Sequence[float]]
"""Seconds a run, by contestant, one value for each round."""


class _Process:
    """A contestant in a process of its own, warmed up and waiting."""

    def __init__(self, name: str) -> None:
        self.contestant = CONTESTANTS[name]
        switched_off = {} if self.contestant.compiler else {"NUMBA_DISABLE_JIT": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contestants", name],
            cwd=ROOT,
            env={**os.environ, **switched_off},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_until_ready(self) -> None:
        while self._answer().strip() != "ready":
            pass

    def seconds_per_run(self) -> float:
        runs = self.contestant.runs
        self._process.stdin.write(f"{runs}\n")
        self._process.stdin.flush()
        return json.loads(self._answer())["seconds"] / runs

    def _answer(self) -> str:
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the process of '{self.contestant.title}' ended without an answer")
        return line

    def __enter__(self) -> _Process:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=60)


def run_rounds(names: Sequence[str], n_rounds: int) -> Seconds:
    """Time contestants in turn.

    Parameters
    ----------
    names : sequence of str
        Who takes part, in turn.
    n_rounds : int
        How often each has its turn.

    Returns
    -------
    dict of list of float
        Seconds a run, by contestant, one value for each round.
    """
    seconds: dict[str, list[float]] = {name: [] for name in names}
    with ExitStack() as open_processes:
        processes = {}
        for name in names:
            processes[name] = open_processes.enter_context(_Process(name))
            processes[name].wait_until_ready()
        for number in range(n_rounds):
            sys.stderr.write(f"round {number + 1} of {n_rounds}\n")
            for name, process in processes.items():
                seconds[name].append(process.seconds_per_run())
    return seconds
