"""``regional-sim optimise`` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.support.cli import invoke, succeeds

EXPERIMENT = """\
format: 1
scenario: two_states
settings: {horizon.months_before: 1, horizon.months_after: 6, horizon.run_in: 2}
seed: 5
replicates: 1
postures: [traditional, new_approach]
design:
  kind: grid
  factors:
    parameters.theta_challenger: [0.2, 0.8]
"""
SMALL = (
    *("--generations", "2", "--population", "4", "--points", "2", "--replicates", "2"),
    *("--final-points", "2", "--final-replicates", "2"),
)
"""A search of a second."""


def test_a_search_from_the_command_line(tmp_path: Path) -> None:
    file, out = tmp_path / "experiment.yaml", tmp_path / "out"
    file.write_text(EXPERIMENT)
    arguments = ("optimise", file, "--least", "tension", "--out", out, *SMALL)
    said = succeeds(*arguments, "--most", "miscalculation_risk").stdout
    assert "Search for a policy: least Regional tension, most Risk of miscalculation." in said
    assert "Least regret:" in said
    front = pd.read_csv(out / "front.csv")
    assert {"traditional", "new_approach"} <= set(front["posture"])
    assert front["recommended"].sum() == 1
    assert (out / "front.png").stat().st_size > 10_000
    taken = invoke(*arguments)
    assert taken.exit_code == 2
    assert "go on with it (--resume), replace it (--force)" in taken.stderr


def test_what_was_found_can_be_run(tmp_path: Path) -> None:
    file, out = tmp_path / "experiment.yaml", tmp_path / "out"
    file.write_text(EXPERIMENT)
    succeeds("optimise", file, "--least", "tension", "--most", "", "--out", out, "-q", *SMALL)
    found = (out / "postures.yaml").read_text()
    again = tmp_path / "again.yaml"
    again.write_text(EXPERIMENT.replace("postures: [traditional, new_approach]\n", found))
    assert "ok" in succeeds("check", again).stdout


def test_a_requirement_that_cannot_be_read(tmp_path: Path) -> None:
    said = invoke("optimise", "posture_contrast", "--require", "tension", "--out", tmp_path / "out")
    assert said.exit_code == 2
    assert "METRIC >= NUMBER" in said.stderr
    assert not (tmp_path / "out").exists()
