"""What the engine is measured against does the same work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def _check(module: str, **surroundings: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("gcc") is None, reason="the C program needs gcc")
def test_the_c_program_gives_the_same_bits() -> None:
    _check("benchmarks.limit.check")


def test_the_plain_model_gives_the_same_numbers() -> None:
    _check("benchmarks.peers.check", NUMBA_DISABLE_JIT="1")
