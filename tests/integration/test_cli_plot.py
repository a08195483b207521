"""``regional-sim plot`` writes what suits a folder, and says what was wrong."""

import os
from pathlib import Path

import pytest

from tests.support.cli import invoke, succeeds


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plotted") / "result"
    postures = ("--posture", "traditional", "--posture", "reassurance")
    short = ("--set", "horizon.months_after=24", "--tables", "runs,timeseries")
    succeeds("run", "two_states", *postures, *short, "-n", 4, "--out", folder, "--quiet")
    return folder


def refused(*arguments: object) -> str:
    return invoke("plot", *arguments, code=2).stderr


def test_what_suits_is_drawn_into_the_folder_which_stays_a_result(result: Path) -> None:
    said = succeeds("plot", result).stdout
    figures = result / "figures"
    drawn = ["differences", "ladder", "region", "responses", "series"]
    assert sorted(path.stem for path in figures.iterdir()) == drawn
    assert str(figures / "series.png") in said.replace("\n", "")
    assert "in the last year reassurance changes it by" in " ".join(said.split())
    succeeds("compare", result, result / "runs.csv", "--tolerance", 0)
    succeeds("reproduce", result, "--quiet")
    assert "a file is there already" in refused(result)
    before = (figures / "series.png").read_bytes()
    assert succeeds("plot", result, "--force", "--quiet").stdout == ""
    assert (figures / "series.png").read_bytes() == before


def test_one_kind_into_a_file_or_a_folder(result: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "tension.svg"
    succeeds("plot", result, "--kind", "series", "--metric", "tension", "--out", file)
    assert file.read_text().startswith("<?xml")
    folder = tmp_path / "pictures"
    succeeds("plot", result, "--kind", "series", "--out", folder, "--format", "pdf")
    assert [path.name for path in folder.iterdir()] == ["series.pdf"]
    dotted = tmp_path / "results.v2"
    succeeds("plot", result, "--kind", "series", "--out", dotted, "--quiet")
    assert [path.name for path in dotted.iterdir()] == ["series.png"]


def test_the_reference_is_left_out_of_what_compares(result: Path, tmp_path: Path) -> None:
    alone = ("--posture", "traditional", "--out", tmp_path)
    said = "this is the reference; name another posture"
    assert said in refused(result, "--kind", "differences", *alone)
    whole = succeeds("plot", result, *alone)
    assert f"differences is not drawn: {said}" in " ".join(whole.stderr.split())
    assert (tmp_path / "series.png").exists()


def test_kinds_are_listed_with_reasons(result: Path) -> None:
    said = succeeds("plot", result, "--list").stdout
    suits, _, others = said.partition("Does not")
    assert "series" in suits
    assert "What happens over time under each posture?" in suits
    assert "sensitivity" in others
    assert max(map(len, said.splitlines())) <= 80


def test_wrong_turns(result: Path, tmp_path: Path) -> None:
    one = (result, "--kind", "series", "--out", tmp_path / "a.png")
    assert "did you mean 'series'" in refused(result, "--kind", "serie")
    assert "no such folder" in refused(tmp_path / "nothing")
    assert "did you mean 'tension'" in refused(*one, "--metric", "tensoin")
    assert "did you mean 'reassurance'" in refused(*one, "--posture", "reasurance")
    assert "claims cannot be drawn: no claims were judged" in refused(result, "--kind", "claims")
    out = refused(result, "--out", tmp_path / "a.png")
    assert "one file cannot hold several pictures; name one with --kind" in out
    for other in ("a.gif", "a.csv"):
        assert "allowed: .png, .pdf, .svg" in refused(*one[:3], "--out", tmp_path / other)
    assert "says another format" in refused(*one, "--format", "svg")
    assert "unknown format 'jpg'" in refused(result, "--format", "jpg")
    assert not (tmp_path / "a.png").exists()


def test_an_unfinished_result_is_refused(result: Path, tmp_path: Path) -> None:
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    (unfinished / "plan.json").write_bytes((result / "plan.json").read_bytes())
    assert "this result is unfinished: it has no manifest.json" in refused(unfinished)
    (tmp_path / "file").write_text("")
    assert "this is a file, not a result folder" in refused(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(result: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    said = refused(result, "--kind", "series", "--out", tmp_path / "a.png")
    assert "this figure cannot be written: permission denied" in said


def test_a_file_in_the_place_of_a_folder(result: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    said = refused(result, "--kind", "series", "--out", tmp_path / "taken" / "a.png")
    assert "this figure cannot be written" in said
