"""The command that scores forecasts, on files that the tests write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from regional_sim.answers.skill.observables import OBSERVABLES
from tests.support.cli import invoke, succeeds

pytest.importorskip("scoringrules", reason="needs the extra 'skill'")

ONE = ("--only", "missile_tests", "--replicates", 8)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Files of the form that the command reads, of random numbers, from 2010 to June 2025."""
    folder = tmp_path / "data"
    folder.mkdir()
    months = [f"{2010 + k // 12}-{k % 12 + 1:02d}" for k in range(186)]
    random = np.random.default_rng(1)
    for file in {one.file for one in OBSERVABLES}:
        columns = [one.column for one in OBSERVABLES if one.file == file]
        table = {column: random.poisson(2.0, size=186) for column in columns}
        pd.DataFrame({"month": months, **table}).to_csv(folder / file, index=False)
    return folder


def test_files_are_scored_printed_and_written(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = Path("out")
    text = succeeds("skill", data.name, *ONE, "--out", out).stdout
    assert max(map(len, text.splitlines())) <= 80
    assert "missiles that North Korea tested, missiles" in text
    assert "event: any missiles in the month" in text
    names = {path.name for path in out.iterdir()}
    tables = {"forecasts.csv", "scores.csv", "comparisons.csv", "fits.csv"}
    assert names == tables | {"skill.png", "forecasts.png"}
    forecasts = pd.read_csv(out / "forecasts.csv")
    assert forecasts["origin"].iloc[0] == "2018-12"
    assert forecasts["target"].iloc[-1] == "2026-06"
    assert len(forecasts) == 79 * 4 * 5
    # Nothing is replaced unless it is asked for, and equal runs give equal files.
    first = (out / "forecasts.csv").read_bytes()
    refused = invoke("skill", data, *ONE, "--out", out, code=2)
    assert "holds 'forecasts.csv' already" in refused.stderr
    succeeds("skill", data, *ONE, "--workers", 2, "--quiet", "--out", out, "--force")
    assert (out / "forecasts.csv").read_bytes() == first


def test_all_series_are_pooled(data: Path) -> None:
    arguments = ("--replicates", 8, "--horizons", "2", "--until", "2021-12", "--refit")
    text = succeeds("skill", data, *arguments).stdout
    assert "All series, scores in standard deviations of each, up to 35 months" in text
    assert "of 7 comparisons" in " ".join(text.split())
    assert "again at every origin" in text


def test_series_are_listed() -> None:
    text = succeeds("skill", "--list").stdout
    assert max(map(len, text.splitlines())) <= 80
    assert all(one.name in text and one.file in text for one in OBSERVABLES)
    assert "press_japan" not in succeeds("skill", "--list", "--only", "missile_tests").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "DATA: name the folder with the observed months"),
        (("nowhere",), "nowhere: this is no folder"),
        (("--drawn", "--until", "2040-01"), "--until: drawn series begin in 2010-01"),
        (("--drawn", "--scenario", "two_states"), "this scenario has no state CHN"),
        (("--drawn", "--only", "missiles"), "unknown series 'missiles'"),
        (("--drawn", "--horizons", "soon"), "--horizons: must be whole numbers of months"),
        (("--drawn", "--horizons", ","), "--horizons: names no months"),
        (("--drawn", "--fit-from", "2010"), "--fit-from: must be a month such as 2019-01"),
        (("--drawn", "--replicates", "7"), "--replicates: must be at least 8"),
        (("--drawn", "--workers", "0"), "not a number of workers"),
        (("--drawn", "--seed", "-1"), "--seed: must be at least 0"),
    ],
)
def test_bad_arguments_are_refused(arguments: tuple[str, ...], said: str) -> None:
    assert said in invoke("skill", *arguments, code=2).stderr


def test_files_and_draws_do_not_mix(data: Path) -> None:
    assert "read or drawn, not both" in invoke("skill", data, "--drawn", code=2).stderr
    (data / OBSERVABLES[-1].file).unlink()
    assert "there is no such file; missile_tests" in invoke("skill", data, *ONE, code=2).stderr
    file = data / "file"
    file.touch()
    said = invoke("skill", data, "--only", "press_japan", "--out", file, code=2).stderr
    assert "this is a file, not a folder" in said
