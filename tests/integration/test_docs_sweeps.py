"""The page on sweeps and the script for Slurm do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from regional_sim.experiment import experiment_from_mapping
from regional_sim.scenario.yaml import yaml_value

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def shell(script: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    surroundings = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"} | more
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.skipif(not (BIN / "regional-sim").exists(), reason="the command is not installed")
def test_the_commands_of_the_page_run_one_after_the_other(tmp_path: Path) -> None:
    python = [f"{sys.executable} - <<'END'\n{block}END\n" for block in blocks("python")]
    done = shell("".join(blocks("sh") + python), tmp_path)
    assert done.returncode == 0, done.stderr
    study = tmp_path / "my_study"
    whole, merged = ((study / name / "runs.csv").read_bytes() for name in ("sweep", "merged"))
    assert whole == merged
    assert (study / "long" / "timeseries.parquet").exists()


def test_the_rule_of_the_page_is_read() -> None:
    (block,) = blocks("yaml")
    rule = yaml_value(block, "sweeps.md")
    experiment = experiment_from_mapping(
        {"scenario": "two_states", "seed": 1, "postures": ["traditional", "new_approach"], **rule}
    )
    assert experiment.stopping is not None
    assert experiment.stopping.of == "difference"
    assert experiment.replicates == 400


@pytest.mark.slow
@pytest.mark.skipif(not (BIN / "regional-sim").exists(), reason="the command is not installed")
def test_the_script_for_slurm_runs_shards_that_merge(tmp_path: Path) -> None:
    script = ROOT / "experiments" / "slurm_array.sh"
    experiment = tmp_path / "experiment.yaml"
    experiment.write_text(
        "scenario: two_states\nseed: 1\nreplicates: 4\npostures: [traditional, new_approach]\n"
    )
    for number in ("1", "2", "1"):  # sent again, a job finds its work done
        done = shell(f"bash '{script}' experiment.yaml out 2", tmp_path, SLURM_ARRAY_TASK_ID=number)
        assert done.returncode == 0, done.stderr
    done = shell("regional-sim merge out/part_* --out out/whole", tmp_path)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out" / "whole" / "runs.csv").read_text().splitlines()) == 9
    missing = shell(f"bash '{script}' experiment.yaml out", tmp_path)
    assert missing.returncode != 0
    assert "usage: sbatch" in missing.stderr
