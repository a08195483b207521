"""The README shows what the program prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from regional_sim.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.slow
def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    shown = next(block for block in _blocks("text") if "paired" in block)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "--posture traditional --posture new_approach" in makefile
    replicates = re.search(r"DEMO_REPLICATES \?= (\d+)", makefile)
    assert replicates is not None
    command = [
        *(sys.executable, "-m", "regional_sim", "run", "configs/baseline.yaml"),
        *("--posture", "traditional", "--posture", "new_approach"),
        *("--replicates", replicates[1], "--seed", "7", "--tables", "runs,timeseries"),
        *("--plot", "--out", str(tmp_path / "demo")),
    ]
    printed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    assert printed.split("Written to")[0] == shown.split("Written to")[0]
    assert set(_files(printed)) == set(_files(shown))


def _files(text: str) -> list[str]:
    return re.findall(r"\w+\.(?:csv|json|png)", text.split("Written to")[1])


def test_the_python_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples run as they stand, but on a small world and few replicates."""
    monkeypatch.chdir(tmp_path)
    for block in _blocks("python"):
        if "second/runs.csv" in block:
            continue  # needs the sweep of the study; the command line is tested elsewhere
        small = block.replace('"baseline"', '"four_states"').replace("=50", "=2")
        exec(compile(small, "README.md", "exec"), {})


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_every_command_of_the_program_is_listed() -> None:
    for command in app.registered_commands:
        assert f"`{command.callback.__name__}" in README
