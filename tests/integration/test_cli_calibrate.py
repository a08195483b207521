"""``regional-sim calibrate``: from a file to draws that another experiment samples."""

import json
import shutil

import pandas as pd
import pytest

import regional_sim
from regional_sim.errors import InputError
from regional_sim.experiment import load_experiment
from tests.support.cli import invoke, succeeds

SMALL = """\
scenario: two_states
settings: {horizon.months_before: 2, horizon.months_after: 24}
seed: 3
replicates: 4
postures: [traditional]
design:
  kind: latin_hypercube
  n: 16
  seed: 1
  factors:
    parameters.incident_scale: {low: 0.2, high: 3}
    options.shock: [probit, logit]
targets:
  - {metric: incidents, value: 32, sd: 4}
  - {statistic: autocorrelation, metric: tension, lag: 1, value: 0.7, sd: 0.3}
"""
FEW = ("--draws", "30", "--check", "10", "--points", "10")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """An experiment and its finished calibration, whose folder tests only read."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "experiment.yaml").write_text(SMALL)
    done = succeeds(
        "calibrate", folder / "experiment.yaml", *FEW, "--recover", "12", "--out", folder / "out"
    )
    (folder / "printed.txt").write_text(done.stdout)
    return folder


def test_prints_how_well_it_fits_and_what_is_informed(study):
    text = (study / "printed.txt").read_text()
    assert max(map(len, text.splitlines()[:-2])) <= 80
    for said in (
        "16 + 10 points, 4 replicates each",
        "2 of 2 targets lie in their posterior interval",
        "autocorrelation of Regional tension, lag 1",
        "incident_scale",
        "Are known factors found again?",
    ):
        assert said in text


def test_writes_draws_tables_figures_and_a_record_with_digests(study):
    out = study / "out"
    draws = pd.read_csv(out / "posterior.csv")
    assert list(draws) == ["parameters.incident_scale", "options.shock"]
    assert len(draws) <= 30
    factors = pd.read_csv(out / "factors.csv").set_index("factor")
    assert factors.loc["parameters.incident_scale", "sd_ratio"] < 0.6
    assert set(draws["options.shock"]) == {"probit", "logit"}
    targets = pd.read_csv(out / "targets.csv")
    assert targets["inside"].all()
    assert len(pd.read_csv(out / "recovery_ranks.csv")) == 12
    for name in ("pairs.png", "targets.png", "recovery.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")
    record = json.loads((out / "calibration.json").read_text())
    assert set(record["files"]) >= {"posterior.csv", "targets.csv", "factors.csv", "recovery.csv"}
    assert set(record["plans"]) == {"wave_1", "wave_2", "check"}
    assert record["request"]["targets"][0]["value"] == 32


def test_any_experiment_samples_the_draws(study):
    path = study / "sample.yaml"
    path.write_text(
        "scenario: two_states\nsettings: {horizon.months_after: 4}\nseed: 1\nreplicates: 1\n"
        "postures: [traditional, new_approach]\n"
        "design: {kind: posterior, file: out/posterior.csv, n: 8, seed: 1}\n"
    )
    assert "posterior of 8 draws of out/posterior.csv, seed 1" in succeeds("check", path).stdout
    results = regional_sim.sweep(path)
    assert len(results.runs) == 16


def test_resumed_it_comes_out_the_same(study, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(study / "out", folder)
    shutil.rmtree(folder / "check")
    (folder / "wave_2" / "manifest.json").unlink()
    succeeds("calibrate", study / "experiment.yaml", *FEW, "--resume", "--out", folder, "--quiet")
    for name in ("posterior.csv", "targets.csv", "factors.csv"):
        assert (folder / name).read_bytes() == (study / "out" / name).read_bytes()


def test_from_python(study, tmp_path):
    found = regional_sim.calibrate_posterior(
        study / "experiment.yaml", tmp_path / "out", points=10, draws=30, checked=10
    )
    assert found.posterior.equals(pd.read_csv(study / "out" / "posterior.csv"))
    with pytest.raises(InputError, match="did you mean 'draws'"):
        regional_sim.calibrate_posterior(study / "experiment.yaml", tmp_path / "out", drws=3)


def refused(*arguments):
    done = invoke("calibrate", *arguments)
    assert done.exit_code == 2
    return done.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (SMALL[SMALL.index("targets:") :], "", "targets: this experiment has no targets"),
        ("latin_hypercube\n  n: 16", "morris\n  trajectories: 8", "needs a design that samples"),
        ("n: 16", "n: 4", "design.n: too few points to fit emulators to; got 4; allowed: at least"),
        ("replicates: 4", "replicates: 1", "needs the noise of the runs; got 1"),
        ("metric: incidents", "metric: incident", "did you mean 'incidents'?"),
    ],
)
def test_experiments_that_cannot_be_calibrated(tmp_path, old, new, message):
    path = tmp_path / "experiment.yaml"
    assert old in SMALL
    path.write_text(SMALL.replace(old, new))
    assert message in refused(path, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_folders_that_are_taken(study, tmp_path):
    experiment = study / "experiment.yaml"
    assert "go on with it (--resume)" in refused(experiment, "--out", study / "out")
    other = refused(experiment, *FEW, "--seed", "7", "--resume", "--out", study / "out")
    assert "begun with other seed" in other
    (tmp_path / "mine.txt").write_text("mine")
    assert "what it holds is no calibration" in refused(experiment, "--force", "--out", tmp_path)
    assert (tmp_path / "mine.txt").exists()
    assert "draws: is outside the allowed range; got 1" in refused(
        experiment, "--draws", "1", "--out", tmp_path / "new"
    )


def test_the_shipped_record_can_be_calibrated():
    experiment = load_experiment("calibration")
    assert len(experiment.targets) == 7
