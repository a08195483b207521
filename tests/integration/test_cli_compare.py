"""``regional-sim compare``: what is printed, what is written, and with which exit code it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import regional_sim
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.comparison import MOST_COLUMNS
from tests.support.cli import invoke

EXPERIMENT = """\
scenario: two_states
settings: {horizon.months_before: 2, horizon.months_after: 4}
seed: SEED
replicates: 4
postures: [traditional, reassurance]
design:
  kind: grid
  factors:
    parameters.theta_challenger: LEVELS
"""


def compared(*arguments: object, code: int = 0) -> str:
    """Compare, and return what was printed."""
    result = invoke("compare", *arguments)
    assert result.exit_code == code, result.output
    return result.stdout if code < 2 else result.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small sweeps: two that share a point, and one of another seed."""
    home = tmp_path_factory.mktemp("compare")
    for name, seed, levels in (
        ("first", "3", "[0.3, 0.5]"),
        ("second", "3", "[0.5, 0.9]"),
        ("other_seed", "4", "[0.3, 0.5]"),
        ("large", "3", "[0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]"),
    ):
        path = home / f"{name}.yaml"
        path.write_text(EXPERIMENT.replace("SEED", seed).replace("LEVELS", levels))
        regional_sim.sweep(path, out=home / name)
    return home


@pytest.fixture
def first(folder: Path) -> Path:
    return folder / "first"


def test_a_folder_is_equal_to_itself(first: Path) -> None:
    text = compared(first, first, "--tolerance", 0)
    assert "Equal within a relative difference of 0" in text
    assert "in pairs of equal seed and replicate: 16 pairs in 4 groups" in " ".join(text.split())
    assert "The plans differ" not in text
    assert compared(first, first / "runs.csv", "--tolerance", 0, "--quiet") == ""


def test_folders_with_other_points(folder: Path) -> None:
    text = compared(folder / "first", folder / "second")
    assert "only A has parameters_theta_challenger=0.3, posture=traditional (4 runs)" in text
    assert "only B has parameters_theta_challenger=0.9, posture=traditional (4 runs)" in text
    assert "design.parameters.theta_challenger: [0.3, 0.5] -> [0.5, 0.9]" in text
    assert "  theta_challenger = 0.5, reassurance\n" in text
    assert max(map(len, text.splitlines())) <= 80


def test_without_a_tolerance_a_difference_is_no_failure(folder: Path) -> None:
    compared(folder / "first", folder / "other_seed")
    text = compared(folder / "first", folder / "second", "--tolerance", 0.5, code=1)
    assert "Not equal within a relative difference of 0.5" in text
    assert "and something is missing" in " ".join(text.split())


def test_the_worst_cell_is_printed(first: Path, tmp_path: Path) -> None:
    table = pd.read_csv(first / "runs.csv")
    table.loc[2, "tension_whole"] *= 2
    table.to_csv(tmp_path / "changed.csv", index=False)
    text = compared(first, tmp_path / "changed.csv", "--tolerance", 1e-9, code=1)
    said = " ".join(text.split())
    assert "1 of " in said
    assert "Worst: tension_whole at parameters_theta_challenger=0.3, posture=traditional" in said
    assert "seed=3, replicate=2" in said
    assert "relative 0.5" in said
    options = ("--tolerance", 0.6, "--quiet")
    assert compared(first, tmp_path / "changed.csv", *options) == ""


def test_another_seed_is_compared_without_pairs(folder: Path) -> None:
    text = " ".join(compared(folder / "first", folder / "other_seed").split())
    assert "without pairs: 16 runs of A and 16 of B in 4 groups" in text
    assert "(no run of one side has the seed and replicate of a run of the other)" in text
    assert "seed: 3 -> 4" in text
    refusal = compared(folder / "first", folder / "other_seed", "--tolerance", 0, code=2)
    assert "a tolerance compares run by run, and runs are not paired" in refusal


def test_postures_and_points_of_one_folder(first: Path) -> None:
    text = compared(f"{first}::posture=traditional", f"{first}::posture=reassurance")
    assert "  theta_challenger = 0.3\n" in text
    text = compared(f"{first}::point=0", f"{first}::parameters.theta_challenger=0.5")
    assert "theta_challenger =" not in text
    assert "  reassurance\n" in text
    one = (
        f"{first}::posture=traditional,point=1",
        f"{first}::posture=reassurance,point=1",
        *("--metrics", "tension", "--window", "early"),
    )
    text = compared(*one)
    assert "Window early. Differences are B - A" in text
    assert "Risk of miscalculation" not in text
    assert "without pairs: 4 runs of A and 4 of B (as asked for)" in " ".join(
        compared(*one, "--unpaired").split()
    )


def test_effects(folder: Path, tmp_path: Path) -> None:
    """The change of an effect is that of the posture less that of the reference."""
    first = folder / "first"
    sides = f"{first}::point=0", f"{first}::point=1"
    one = ("--metrics", "tension", "--window", "whole", "--quiet", "--out")
    compared(*sides, *one, tmp_path / "levels.csv")
    compared(*sides, "--effect", "reassurance", *one, tmp_path / "effect.csv")
    levels = pd.read_csv(tmp_path / "levels.csv").set_index("posture")
    effect = pd.read_csv(tmp_path / "effect.csv").iloc[0]
    for name in ("mean_a", "mean_b", "difference"):
        expected = levels.loc["reassurance", name] - levels.loc["traditional", name]
        assert effect[name] == pytest.approx(expected, abs=1e-12)
    text = compared(*sides, "--effect", "reassurance", "--all-metrics")
    said = " ".join(text.split())
    assert "a run under reassurance less those of the run under traditional" in said
    assert "in pairs of equal seed and replicate: 4 pairs." in said
    assert re.search(r"change +A +B +B - A +95 % interval +B > A\n", text)
    assert max(map(len, text.splitlines())) <= 80
    text = compared(first, folder / "other_seed", "--effect", "reassurance")
    said = " ".join(text.split())
    assert "without pairs: 8 effects of A and 8 of B in 2 groups" in said
    assert "the share of pairings in which an effect of B has more" in said
    assert "  theta_challenger = 0.3\n" in text
    large = folder / "large"
    more = compared(large, large, "--effect", "reassurance:traditional")
    assert "theta_challenger = 0.4" in more


def test_effects_that_do_not_exist(first: Path) -> None:
    for given, said in (
        ("reasurance", "unknown posture 'reasurance'"),
        ("traditional", "a posture has no effect beside itself"),
        (":", "names no posture"),
    ):
        assert said in compared(first, first, "--effect", given, code=2)
    one = f"{first}::posture=traditional"
    refusal = compared(one, first, "--effect", "reassurance", code=2)
    assert "an effect needs two postures, and this side has one" in refusal


def test_many_groups_are_counted(folder: Path) -> None:
    large = folder / "large"
    text = compared(large, large)
    assert "with each effect, 14 in all" in " ".join(text.split())
    assert re.search(r"reassurance +0 +0 +7 +0 +0 +0 +0\n", text)


def test_all_metrics_are_printed_on_request(first: Path) -> None:
    text = compared(first, first, "--all-metrics", "--resamples", 100)
    for metric in regional_sim.load_results(first).plan["metrics"]:
        assert f"\n{Metric[metric].title}" in text


def test_files(first: Path, tmp_path: Path) -> None:
    sides = (f"{first}::posture=traditional", f"{first}::posture=reassurance")
    for ending in ("csv", "json", "md"):
        path = tmp_path / f"out.{ending}"
        assert f"Written to {path}" in compared(*sides, "--out", path)
        assert "a file is there already" in compared(*sides, "--out", path, code=2)
        compared(*sides, "--out", path, "--force", "--quiet")
    table = pd.read_csv(tmp_path / "out.csv")
    plan = regional_sim.load_results(first).plan
    assert len(table) == 2 * len(plan["metrics"]) * len(plan["windows"])
    assert len(json.loads((tmp_path / "out.json").read_text())["rows"]) == len(table)
    refusal = compared(*sides, "--out", tmp_path / "out.xlsx", code=2)
    assert "got '.xlsx'; allowed: .csv, .json, .md" in refusal


def test_a_changed_table_is_refused_unless_told_otherwise(first: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in first.iterdir():
        if path.is_file():
            (copy / path.name).write_bytes(path.read_bytes())
    with (copy / "summary.csv").open("a") as file:
        file.write("\n")
    assert "not as it was written" in compared(first, copy, code=2)
    compared(first, copy, "--no-verify", "--tolerance", 0)


def test_tables_of_others(tmp_path: Path) -> None:
    names = [f"x{k}" for k in range(MOST_COLUMNS + 2)]
    for name, shift in (("old", 0.0), ("new", 0.5)):
        rows = [
            {"scenario": s, "replicate": k, **dict.fromkeys(names, k * k + shift)}
            for s in ("low", "high")
            for k in range(5)
        ]
        pd.DataFrame(rows).to_csv(tmp_path / f"{name}.csv", index=False)
    sides = (tmp_path / "old.csv", tmp_path / "new.csv", "--key", "replicate,scenario")
    text = compared(*sides)
    assert "scenario = high" in text
    assert f"\nx{MOST_COLUMNS - 1}\n" in text
    assert f"\nx{MOST_COLUMNS}\n" not in text
    assert "+0.500  no spread" in text
    assert "in pairs of equal replicate, scenario" not in text
    text = compared(*sides, "--by", "", "--metrics", "x3")
    assert "Differences are B - A, in pairs of equal replicate and scenario" in text
    assert "not independent" in " ".join(text.split())


def test_errors_are_messages(tmp_path: Path) -> None:
    refusal = compared(tmp_path / "nothing", tmp_path / "nothing", code=2)
    assert refusal.startswith("error: ")
    assert "no such folder or file" in refusal
    assert "--tolerance" in compared("a", "b", "--tolerance", "x", code=2)
    experiment = tmp_path / "mine.yaml"
    experiment.write_text("scenario: two_states\nquestion: a, b\n")
    refusal = compared(experiment, experiment, code=2)
    assert "this is no result folder and no CSV file; run an experiment first" in refusal
