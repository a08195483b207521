"""Sweeps that end early, fail in part, or are run in parts, as the command line has them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

import regional_sim
from regional_sim.experiment import load_experiment, tasks
from regional_sim.postures import register
from regional_sim.postures.policy import Observed, Policy, Targets
from regional_sim.postures.registry import POLICIES
from tests.support.cli import invoke
from tests.support.sweeps import digests, interrupted

EXPERIMENT = """\
title: Trial
scenario: two_states
settings:
  horizon: {months_before: 2, months_after: 4}
  windows: {early: [1, 4], middle: null, late: null}
seed: 5
replicates: 6
postures: [traditional, new_approach]
design:
  kind: grid
  factors:
    parameters.signal_gain: [0.1, 0.3]
"""


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    path = tmp_path / "experiment.yaml"
    path.write_text(EXPERIMENT)
    return path


def unfinished(experiment: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a sweep behind that was interrupted."""
    monkeypatch.setattr(tasks, "task_replicates", lambda _: 2)
    interrupted(load_experiment(experiment), out, 1)


def test_resume(experiment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unfinished(experiment, tmp_path / "out", monkeypatch)
    refused = invoke("sweep", experiment, "--out", tmp_path / "out", code=2)
    assert "an unfinished result; go on with it (--resume)" in refused.stderr
    done = invoke("sweep", experiment, "--out", tmp_path / "out", "--resume", code=0)
    assert done.stderr == ""
    invoke("sweep", experiment, "--out", tmp_path / "whole", "--resume", code=0)
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")
    again = invoke("sweep", experiment, "--out", tmp_path / "out", "--resume", code=0)
    assert again.stderr == f"{tmp_path / 'out'} is finished: nothing to resume\n"
    manifest = regional_sim.load_results(tmp_path / "out").manifest
    assert (manifest["tasks"], manifest["tasks_found"]) == (3, 1)


def test_a_finished_folder_that_lost_a_table_is_made_again(
    experiment: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    invoke("sweep", experiment, "--out", out, code=0)
    before = digests(out)
    (out / "runs.csv").unlink()
    invoke("sweep", experiment, "--out", out, "--resume", code=0)
    assert digests(out) == before


def test_options_are_refused_before_the_plan_is_printed(experiment: Path, tmp_path: Path) -> None:
    refused = invoke("sweep", experiment, "--out", tmp_path / "out", "--workers", 0)
    assert (refused.exit_code, refused.stdout) == (2, "")


def test_a_folder_is_replaced_or_gone_on_with_but_not_both(
    experiment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfinished(experiment, tmp_path / "out", monkeypatch)
    both = invoke("sweep", experiment, "--out", tmp_path / "out", "--resume", "--force", code=2)
    assert "either replaced or resumed" in both.stderr
    refused = invoke("sweep", experiment, "--seed", 6, "--out", tmp_path / "out", "--resume")
    assert (refused.exit_code, "(seed: 5 there, 6 now)" in refused.stderr) == (2, True)


def test_shards_and_their_merge(
    experiment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "task_replicates", lambda _: 2)
    parts = [tmp_path / f"part_{number}" for number in (1, 2)]
    for number, part in enumerate(parts, start=1):
        done = invoke("sweep", experiment, "--shard", f"{number}/2", "--out", part, code=0)
        assert f"Shard {number}/2 is finished in {part}, " in done.stdout
    merged = invoke("merge", *parts, "--out", tmp_path / "merged", code=0)
    assert "2 points, 6 replicates of each posture" in " ".join(merged.stdout.split())
    invoke("sweep", experiment, "--out", tmp_path / "whole", code=0)
    assert digests(tmp_path / "merged") == digests(tmp_path / "whole")
    missing = invoke("merge", parts[0], "--out", tmp_path / "other", code=2)
    assert "of 2 shards, these are not given: 2" in missing.stderr
    some = invoke("merge", parts[0], "--partial", "--out", tmp_path / "other", code=0)
    assert "Runs of this sweep are missing" in some.stdout


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--shard", "3/2", "is no shard; got '3/2'"),
        ("--on-error", "ignore", "unknown way 'ignore'; allowed: continue, stop"),
        ("--format", "excel", "unknown format 'excel'; allowed: csv, parquet"),
        ("--dask", "nonsense", "dask"),
    ],
)
def test_options_that_make_no_sense(
    experiment: Path, tmp_path: Path, option: str, value: str, expected: str
) -> None:
    refused = invoke("sweep", experiment, option, value, "--out", tmp_path / "out", code=2)
    assert expected in refused.stderr
    assert "Traceback" not in refused.stderr


def test_long_tables_in_parquet(experiment: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ("--tables", "timeseries", "--format", "parquet")
    done = invoke("sweep", experiment, *asked, "--out", out, code=0)
    assert "timeseries.parquet" in done.stdout
    assert len(regional_sim.load_results(out).table("timeseries")) == 24 * 6


# --------------------------------------------------------------------- runs that fail

STATE = {"mended": False, "tense": 0.0}


@dataclass(frozen=True)
class Fragile(Policy):
    """The traditional posture, but that it fails where a run is tense."""

    name: ClassVar[str] = "fragile"
    rule: ClassVar[str] = "fail where a run is tense"
    reference: ClassVar[str] = "made up"
    reads: ClassVar[tuple[str, ...]] = ("tension",)

    def targets(self, month: int, observed: Observed) -> Targets:
        if month == 2 and not STATE["mended"] and observed.last("tension").max() > STATE["tense"]:
            raise ValueError("too tense,\nfor this policy")
        return {}


@pytest.fixture
def n_failing(experiment: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Let the experiment have a posture that fails in about half of its runs: so many."""
    series = regional_sim.sweep(experiment, tables=["timeseries"]).table("timeseries")
    here = series[(series["months_after_switch"] == 2) & (series["posture"] == "traditional")]
    monkeypatch.setitem(STATE, "tense", here["tension"].median())
    monkeypatch.setitem(STATE, "mended", False)
    register(Fragile)
    experiment.write_text(EXPERIMENT.replace("new_approach", "fragile"))
    yield int((here["tension"] > STATE["tense"]).sum())
    del POLICIES["fragile"]


def test_a_run_that_fails_stops_the_sweep_which_can_go_on_when_mended(
    n_failing: int, experiment: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    stopped = invoke("sweep", experiment, "--out", out, code=1)
    (message,) = stopped.stderr.splitlines()
    for part in ("posture fragile", "signal_gain = ", "ValueError: too tense, for this policy"):
        assert part in message
    assert "in targets" in message
    assert len((out / "failures.csv").read_text().splitlines()) == 2
    STATE["mended"] = True
    invoke("sweep", experiment, "--out", out, "--resume", code=0)
    assert not (out / "failures.csv").exists()


def test_runs_that_fail_are_left_out_and_can_be_tried_again(
    n_failing: int, experiment: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    some = invoke("sweep", experiment, "--out", out, "--on-error", "continue", code=1)
    assert f"{n_failing} of 24 runs failed and are left out: see {out}/failures.csv" in some.stderr
    results = regional_sim.load_results(out)
    failures = results.failures
    assert len(failures) == n_failing > 0
    assert set(failures["error"]) == {"ValueError"}
    failed = results.runs.loc[results.runs["tension_whole"].isna(), "run"].tolist()
    assert failed == failures["run"].tolist()
    invoke("reproduce", out, code=0)
    invoke("sweep", experiment, "--out", out, "--retry-failed", code=1)
    STATE["mended"] = True
    invoke("sweep", experiment, "--out", tmp_path / "whole", code=0)
    mended = invoke("sweep", experiment, "--out", out, "--retry-failed")
    assert (mended.exit_code, mended.stderr) == (0, "")
    assert digests(out) == digests(tmp_path / "whole")
    nothing = invoke("sweep", experiment, "--out", out, "--retry-failed", code=0)
    assert "nothing to retry: no run failed" in nothing.stderr


def test_a_shard_with_runs_that_fail_says_so_and_is_mended_before_it_is_merged(
    n_failing: int, experiment: Path, tmp_path: Path
) -> None:
    part = tmp_path / "part"
    shard = ("sweep", experiment, "--shard", "1/2", "--out", part, "--on-error", "continue")
    other = ("sweep", experiment, "--shard", "2/2", "--out", tmp_path / "other")
    done = invoke(*shard, code=1)
    said = rf"{n_failing} of \d+ runs failed and are left out: see {part}/failures.csv"
    assert re.search(said, done.stderr)
    assert len((part / "failures.csv").read_text().splitlines()) == n_failing + 1
    invoke(*other, code=0)
    merged = invoke("merge", part, tmp_path / "other", "--out", tmp_path / "merged", code=1)
    assert "try again in the folders of the shards" in merged.stderr
    refused = invoke("sweep", experiment, "--out", tmp_path / "merged", "--retry-failed", code=2)
    assert "the blocks of this result stand elsewhere" in refused.stderr
    STATE["mended"] = True
    invoke(*shard[:-2], "--retry-failed", code=0)
    assert not (part / "failures.csv").exists()


def test_going_on_tells_of_runs_that_failed_before(
    n_failing: int, experiment: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    invoke("sweep", experiment, "--out", out, "--on-error", "continue")
    (out / "manifest.json").unlink()
    again = invoke("sweep", experiment, "--out", out, "--resume", code=1)
    assert f"{n_failing} runs failed before and are left out" in again.stderr
    assert f"{n_failing} of 24 runs failed: means leave them out" in " ".join(again.stdout.split())
