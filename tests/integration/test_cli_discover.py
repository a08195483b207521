"""``regional-sim discover`` and ``flips`` on a small sweep, from the sweep to the files."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import regional_sim
from tests.support.cli import invoke, succeeds

EXPERIMENT = """\
title: Small grid
scenario: two_states
settings: {horizon.months_before: 2, horizon.months_after: 12}
seed: 3
replicates: 6
postures: [traditional, new_approach, reassurance]
design:
  kind: grid
  factors:
    parameters.theta_challenger: [0, 0.2, 0.4, 0.6, 0.8, 1]
    parameters.signal_gain: [0.5, 1, 2, 3, 4]
outcomes: [tension]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("discover")
    (home / "grid.yaml").write_text(EXPERIMENT, encoding="utf-8")
    succeeds("sweep", home / "grid.yaml", "--out", home / "grid", "--quiet")
    return home / "grid"


def refused(*arguments: object) -> str:
    """The message of a command that must end with exit code 2."""
    return invoke(*arguments, code=2).stderr


def test_flips_are_printed_written_and_drawn(folder: Path, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("new/flips.csv", "flips.png")]
    result = succeeds("flips", folder, "--out", files[0], "--figure", files[1])
    assert "Small grid: where the effect on Regional tension (share)" in result.stdout
    assert "new_approach less traditional" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80 + len(str(tmp_path)) * 2
    table = pd.read_csv(files[0])
    assert set(table["posture"]) == {"new_approach", "reassurance"}
    assert set(table["parameters.signal_gain"]) == {0.5, 1.0, 2.0, 3.0, 4.0}
    assert files[1].read_bytes().startswith(b"\x89PNG")
    again = refused("flips", folder, "--out", files[0])
    assert "a file is there already" in again
    assert succeeds("flips", folder, "--quiet", "--out", files[0], "--force").stdout == ""


def test_the_map_has_the_differences_of_the_tables(folder: Path) -> None:
    found = regional_sim.flips(folder, x="signal_gain", postures="reassurance")
    contrasts = regional_sim.load_results(folder).contrasts
    chosen = contrasts[
        (contrasts["metric"] == "tension")
        & (contrasts["window"] == "whole")
        & (contrasts["posture"] == "reassurance")
    ]
    (one,) = found.postures
    assert found.y.path == "parameters.theta_challenger"
    for name, column in (("mean", "difference"), ("low", "ci_low"), ("high", "ci_high")):
        wide = chosen.pivot_table(
            index="parameters_theta_challenger", columns="parameters_signal_gain", values=column
        )
        assert getattr(one.surface, name) == pytest.approx(wide.to_numpy(), abs=1e-12)


def test_where_a_condition_holds_is_printed_and_written(folder: Path, tmp_path: Path) -> None:
    middle = regional_sim.load_results(folder).summary
    middle = middle[(middle["metric"] == "tension") & (middle["posture"] == "new_approach")]
    limit = float(middle[middle["window"] == "whole"]["mean"].median())
    where = f"tension > {limit:.6f}"
    file = tmp_path / "where.json"
    result = succeeds("discover", folder, "--where", where, "--out", file)
    assert "It holds at 15 of 30 points (50 %)." in result.stdout
    assert "Factors that matter most" in result.stdout
    written = json.loads(file.read_text(encoding="utf-8"))
    assert sum(one["points"] for one in written["boxes"]) == 30
    assert sum(one["holding"] for one in written["boxes"]) == written["holding"] == 15
    assert {one["factor"] for one in written["factors"]} == {
        "parameters.theta_challenger",
        "parameters.signal_gain",
    }
    found = regional_sim.discover(folder, where)
    assert [one.density for one in found.boxes.boxes] == [
        one["density"] for one in written["boxes"]
    ]


def test_a_condition_that_holds_everywhere_is_an_answer(folder: Path, tmp_path: Path) -> None:
    figure = tmp_path / "where.png"
    result = succeeds("discover", folder, "--where", "tension >= 0", "--figure", figure)
    assert "It holds everywhere" in result.stdout
    assert "No figure is drawn" in result.stdout
    assert not figure.exists()


def test_messages_say_what_would_do(folder: Path, tmp_path: Path) -> None:
    holds = ("--where", "tension.difference < 0")
    assert "run it first: regional-sim sweep flip_map" in refused("flips", "flip_map")
    assert "did you mean 'grid'?" in refused("discover", folder.parent / "grit", *holds)
    assert "such as" in refused("discover", folder, "--where", "tension below zero")
    assert "unknown window 'late'" in refused("discover", folder, *holds, "--window", "late")
    assert "allowed: .png, .pdf, .svg" in refused("flips", folder, "--figure", tmp_path / "a.gif")
    assert "allowed: 0 to 4294967295" in refused("flips", folder, "--seed", "-1")
    single = tmp_path / "single"
    succeeds("run", "two_states", "--replicates", 2, "--out", single, "--quiet")
    assert "at least 1 factor varies" in refused("discover", single, "--where", "tension < 1")
    assert "at least 2 factors of numbers vary" in refused("flips", single)
