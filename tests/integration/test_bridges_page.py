"""The examples of the page on bridges run as they stand, but on a small world and few runs."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "bridges.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
SMALLER = {
    '"baseline"': '"two_states"',
    "range(20)": "range(2)",
    "replicates=20": "replicates=2",
    "scenarios=50": "scenarios=3",
}


def printed(block: str, folder: Path) -> list[str]:
    """Run an example as a program of its own, which its processes import."""
    small = block
    for given, smaller in SMALLER.items():
        small = small.replace(given, smaller)
    program = folder / "example.py"
    program.write_text(small, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def example(word: str) -> str:
    (found,) = [block for block in BLOCKS if word in block]
    return found


def test_every_example_is_tested() -> None:
    words = ("mesa.batch_run", "RegionalSimModel")
    assert [sum(word in block for word in words) for block in BLOCKS] == [1] * len(words)


def test_batch_run(tmp_path: Path) -> None:
    lines = printed(example("mesa.batch_run"), tmp_path)
    assert "tension_whole" in lines[0]
    assert [line.split()[-3] for line in lines[2:]] == ["new_approach", "traditional"] * 2


@pytest.mark.skipif(
    importlib.util.find_spec("ema_workbench") is None, reason="needs the extra 'discovery'"
)
def test_ema_workbench(tmp_path: Path) -> None:
    lines = printed(example("RegionalSimModel"), tmp_path)
    assert "new_approach    3" in lines
    assert "tension_whole (6,)" in lines
    assert "war_months_whole_by_replicate (6, 2)" in lines
    assert "tension (6, 120)" in lines
