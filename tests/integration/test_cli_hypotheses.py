"""``regional-sim hypotheses``: runs what is missing, prints verdicts, writes files, refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import regional_sim
from tests.support.cli import invoke, succeeds

EXPERIMENT = """\
title: A small question
scenario: four_states
settings: {horizon.run_in: 2, horizon.months_before: 2, horizon.months_after: 6}
seed: 3
replicates: 2
postures: [traditional, new_approach]
design:
  kind: latin_hypercube
  n: 12
  factors:
    parameters.theta_challenger: range
    parameters.signal_gain: range
hypotheses:
  - {id: D4, claim: Ambiguity falls., metric: ambiguity_width, posture: new_approach, expects: fall}
  - {id: T1, claim: Tension stays., metric: tension, posture: new_approach, expects: unchanged}
  - id: C3
    claim: "The challenger's response raises tension."
    metric: tension
    posture: new_approach
    expects: rise
    clamp: [challenger]
"""


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hypotheses") / "small.yaml"
    path.write_text(EXPERIMENT)
    return path


@pytest.fixture(scope="module")
def judged(experiment: Path) -> Path:
    """The folder of an experiment's runs."""
    folder = experiment.parent / "runs"
    succeeds("hypotheses", experiment, "-n", 6, "--out", folder, "-q")
    return folder


def test_an_experiment_is_run_and_judged(judged: Path) -> None:
    folders = sorted(path.name for path in judged.iterdir() if path.is_dir())
    assert {"sweep", "as_it_is", "as_it_is_without_CHN", "prior_without_CHN"} <= set(folders)
    table = pd.read_csv(judged / "hypotheses.csv", keep_default_na=False).set_index("id")
    assert table.loc["D4", "verdict"] == "supported"  # of 12 points none is structural
    assert float(table.loc["D4", "holds"]) == 1.0
    assert table.loc["C3", "clamp"] == "challenger"
    assert (judged / "hypotheses.png").read_bytes().startswith(b"\x89PNG")
    assert "| D4 | Ambiguity falls. | supported |" in (judged / "hypotheses.md").read_text()


def test_what_is_there_is_not_run_again(experiment: Path, judged: Path) -> None:
    def made() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in judged.rglob("runs.csv")}

    before = made()
    text = succeeds("hypotheses", experiment, "-n", 6, "--out", judged).stdout
    assert made() == before
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80 or str(judged) in text
    assert "  D4  supported" in text
    assert "structural is never said: that takes 59 points of the prior" in text
    again = experiment.with_name("changed.yaml")
    again.write_text(EXPERIMENT.replace("Tension stays.", "It stays as it is."))
    succeeds("hypotheses", again, "-n", 6, "--out", judged, "-q")
    assert made() == before


def test_a_result_answers_with_its_own_and_with_other_hypotheses(
    experiment: Path, tmp_path: Path
) -> None:
    swept, files = tmp_path / "swept", [tmp_path / f"said{end}" for end in (".json", ".png")]
    succeeds("sweep", experiment, "--out", swept, "-q")
    options = ("-n", 4, "--no-responses", "--only", "T1", "--out", files[0], "--figure", files[1])
    text = succeeds("hypotheses", swept, *options).stdout
    assert "  T1" in text
    assert "D4" not in text
    (row,) = json.loads(files[0].read_text())["hypotheses"]
    assert (row["id"], row["points"], row["n"]) == ("T1", 12, 4)
    assert row["goes_with"] in {"", "parameters.theta_challenger", "parameters.signal_gain"}
    refused = invoke("hypotheses", swept, *options, code=2)
    assert "a file is there already" in refused.stderr
    found = regional_sim.hypotheses(swept, claims=experiment, only="D4", replicates=4)
    assert found.table["verdict"].tolist() == ["supported"]
    assert {"through_challenger", "through_all_others"} <= set(found.table)


def test_a_result_without_a_design_has_no_prior(experiment: Path, tmp_path: Path) -> None:
    single = experiment.with_name("single.yaml")
    before, after = EXPERIMENT.split("design:")
    single.write_text(before + after[after.index("hypotheses:") :])
    found = regional_sim.hypotheses(
        regional_sim.sweep(single, replicates=5, out=tmp_path / "single"), responses=False
    )
    assert found.points == 0
    assert found.table["n"].tolist() == [5, 5, 5]
    assert found.table["holds"].isna().all()


def test_what_cannot_be_judged_is_refused(experiment: Path, judged: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    options = ("--replicates", 2, "--posture", "traditional", "--out", plain, "-q")
    succeeds("run", "four_states", *options)
    said = invoke("hypotheses", plain, code=2).stderr
    assert "has no hypotheses; add a section hypotheses: to it, or name with --claims" in said
    said = invoke("hypotheses", plain, "--claims", experiment, "--only", "D5", code=2).stderr
    assert said.startswith("error: --only: unknown hypothesis 'D5'")
    assert len(said.splitlines()) == 1
    said = invoke("hypotheses", plain, "--claims", experiment, code=2).stderr
    assert "compares two postures, and the experiment has one" in said
    said = invoke("hypotheses", experiment, "--out", judged, "--only", "D5", code=2).stderr
    assert "unknown hypothesis 'D5'; allowed: C3, D4, T1" in said
    said = invoke("hypotheses", experiment, "--out", judged, "-n", 1, code=2).stderr
    assert "too few replicates: an interval needs at least 2; got 1" in said
    options = ("--out", judged, "--base-rates", "two_states")
    said = invoke("hypotheses", experiment, *options, code=2).stderr
    assert "this world lacks states whose disputes are on record; got 'two_states'" in said
    assert "name a folder for the runs" in invoke("hypotheses", experiment, code=2).stderr
    said = invoke("hypotheses", judged, code=2).stderr
    assert "nothing that is there is run again" in said
    said = invoke("hypotheses", experiment, "--out", judged, "--figure", "a.png", code=2).stderr
    assert "everything goes into the folder" in said
