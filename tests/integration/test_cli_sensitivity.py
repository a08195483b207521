"""regional-sim sensitivity: of a result, of an experiment in two stages, and what it refuses."""

import json
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

import regional_sim
from regional_sim.errors import InputError
from tests.support.cli import invoke, succeeds

EXPERIMENT = """
format: 1
title: Small
scenario: two_states
settings: {horizon.months_before: 0, horizon.months_after: 3}
seed: 1
replicates: 3
postures: [traditional, new_approach, reassurance]
design:
  kind: latin_hypercube
  n: 24
  factors:
    parameters.theta_challenger: range
    parameters.signal_gain: range
    parameters.level_weight: range
    options.shock: choices
outcomes: [tension, miscalculation_risk]
"""
FEW = ["--trajectories", "4", "--n", "16", "--most", "3"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sensitivity")


@pytest.fixture(scope="module")
def experiment(folder):
    path = folder / "small.yaml"
    path.write_text(EXPERIMENT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def result(folder, experiment):
    succeeds("sweep", experiment, "--quiet", "--out", folder / "sample")
    return folder / "sample"


@pytest.fixture(scope="module")
def stages(folder, experiment):
    shown = succeeds("sensitivity", experiment, *FEW, "--out", folder / "stages")
    return folder / "stages", shown.stdout


def test_a_result_tells_what_decides_and_how_sure_that_is(result):
    text = succeeds("sensitivity", result).stdout
    assert "Regional tension (share): new_approach less traditional, window whole" in text
    assert "of its variance is replicate noise, which counts for no factor" in text
    assert "Share is how much of the outcome's variance" in text
    assert max(map(len, text.splitlines())) <= 80


def test_files_hold_everything(result, folder):
    for ending in ("csv", "json", "md"):
        succeeds("sensitivity", result, "--quiet", "--out", folder / f"found.{ending}")
    table = pd.read_csv(folder / "found.csv")
    assert len(table) == 2 * 4 * 2  # outcomes, factors, measures
    assert set(table["measure"]) == {"main_effect", "trend"}
    held = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    assert held["method"] == "main_effects"
    assert len(held["rows"]) == len(table)
    assert "| factor | verdict |" in (folder / "found.md").read_text(encoding="utf-8")
    refused = invoke("sensitivity", result, "--out", folder / "found.csv", code=2)
    assert "use --force" in refused.stderr


def test_the_figure_is_drawn(result, folder):
    succeeds("sensitivity", result, "--figure", folder / "figures" / "found.png", "--quiet")
    with Image.open(folder / "figures" / "found.png") as image:
        assert image.width > 1000


def test_an_experiment_is_screened_and_then_looked_at_closely(stages):
    out, text = stages
    assert "Stage 1 screens 4 factors: 4 trajectories of 5 points, 120 runs." in text
    assert "Stage 2 takes those that matter, at most 3: 16 blocks, at most 480 runs." in text
    assert text.index("elementary effects") < text.index("Sobol indices")
    names = {
        f"{stage}{end}" for stage in ("screen", "indices") for end in ("", ".csv", ".md", ".png")
    }
    assert {path.name for path in out.iterdir()} == names
    assert max(map(len, text.splitlines()[:-1])) <= 80
    plan = json.loads((out / "indices" / "plan.json").read_text(encoding="utf-8"))
    labels = [posture["label"] for posture in plan["experiment"]["postures"]]
    assert labels == ["traditional", "new_approach"]


def test_both_stages_are_results_of_their_own(stages):
    out, _ = stages
    assert "elementary effects" in succeeds("sensitivity", out / "screen").stdout
    of_folder = succeeds("sensitivity", out).stdout
    assert of_folder == succeeds("sensitivity", out / "indices").stdout
    assert "Sobol indices" in of_folder


def test_stages_are_resumed_and_never_overwritten(stages, experiment):
    out, _ = stages
    before = (out / "indices.csv").read_bytes()
    assert "force" in invoke("sensitivity", experiment, *FEW, "--out", out, code=2).stderr
    succeeds("sensitivity", experiment, *FEW, "--out", out, "--resume", "--quiet")
    assert (out / "indices.csv").read_bytes() == before
    other = ["--trajectories", "5", "--n", "16", "--most", "3", "--resume"]
    invoke("sensitivity", experiment, *other, "--out", out, code=2)


def test_python_does_the_same(stages, experiment):
    out, _ = stages
    found = regional_sim.sensitivity(experiment, trajectories=4, n=16, most=3)
    assert found.method == "sobol"
    assert found.screen.method == "morris"
    written = pd.read_csv(out / "indices.csv", keep_default_na=False)
    assert written["factor"].tolist() == found.table["factor"].tolist()
    assert written["value"].tolist() == pytest.approx(found.table["value"].tolist())
    again = regional_sim.sensitivity(out / "indices", metrics="tension")
    assert set(again.table["metric"]) == {"tension"}


def test_factors_may_be_named_instead_of_the_experiments_own(experiment, folder):
    asked = [
        "--factors",
        "second_theatre,press,options.shock",
        "--level",
        "--posture",
        "traditional",
    ]
    text = succeeds("sensitivity", experiment, *FEW, *asked, "--out", folder / "named").stdout
    assert "Stage 1 screens 8 factors" in text
    assert "Regional tension (share): traditional, window whole" in text


def test_a_budget_of_runs_is_shared_out(experiment, folder):
    asked = ["--runs", "320", "--replicates", "1", "--out", folder / "budget"]
    text = succeeds("sensitivity", experiment, *asked).stdout
    assert "10 trajectories of 5 points, 100 runs" in text
    assert "With one replicate, noise cannot be told" in text
    assert "16 blocks, at most 192 runs" in text


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--metrics", "tensoin"], "unknown metric 'tensoin'"),
        (["--posture", "reasurance"], "did you mean 'reassurance'?"),
        (["--factors", "signal_gian"], "unknown factor 'signal_gian'"),
        (["--window", "hole"], "did you mean 'whole'?"),
        (["--method", "sobol"], "carry no Sobol indices"),
        (["--method", "sobl"], "did you mean 'sobol'?"),
        (["--trajectories", "4"], "--trajectories: this is a result"),
        (["--out", "found.txt"], "the ending of the file says what to write"),
        (["--figure", "found.txt"], "the ending of the file says what to draw"),
        (["--resamples", "1"], "resamples: is too small"),
    ],
)
def test_what_a_result_cannot_tell_is_one_message(result, arguments, what, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    refused = invoke("sensitivity", result, *arguments, code=2)
    assert what in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ([], "--out: an experiment is run into a folder"),
        (["--out", "found.csv"], "--out: an experiment is run into a folder"),
        (["--out", "x", "--method", "sobol"], "--method: this is for a result"),
        (["--out", "x", "--n", "17"], "allowed: a power of two, such as 16 or 32"),
        (["--out", "x", "--trajectories", "2"], "trajectories: is too small"),
        (["--out", "x", "--runs", "100"], "runs: too few runs for 4 factors"),
        (["--out", "x", "--factors", "aling"], "unknown group of factors 'aling'"),
        (["--out", "x", "--factors", "parameters.brokrage"], "did you mean 'brokerage'?"),
        (["--out", "x", "--posture", "reasurance"], "did you mean 'reassurance'?"),
        (["--out", "x", "--metrics", "tensoin"], "unknown metric 'tensoin'"),
        (["--out", "x", "--window", "hole"], "unknown window 'hole'"),
    ],
)
def test_what_an_experiment_cannot_do_is_told_before_anything_runs(
    experiment, arguments, what, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    refused = invoke("sensitivity", experiment, *arguments, code=2)
    assert what in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_experiment_without_factors_says_how_to_name_some(tmp_path):
    refused = invoke("sensitivity", "posture_contrast", "--out", tmp_path / "out", code=2)
    assert "has no factors that vary" in refused.stderr
    assert "--factors" in refused.stderr
    with pytest.raises(InputError, match="this is for a result"):
        regional_sim.sensitivity("posture_contrast", method="sobol")


def test_a_result_of_one_point_says_what_is_needed(folder):
    succeeds("run", "two_states", "-n", "2", "--quiet", "--out", folder / "one")
    assert "at least 1 factor varies" in invoke("sensitivity", folder / "one", code=2).stderr


def test_what_is_neither_folder_nor_experiment_is_refused(tmp_path: Path):
    invoke("sensitivity", tmp_path / "nothing", code=2)
    invoke("sensitivity", "uncertainty_sampel", "--out", tmp_path / "x", code=2)
    invoke("sensitivity", tmp_path, code=2)
