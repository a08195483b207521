"""Opening result folders: what is whole is read, everything else is refused by name."""

import json

import pandas as pd
import pytest

from regional_sim.errors import InputError, UnknownNameError
from regional_sim.results.folder import sha256_of
from regional_sim.results.load import Results, load_results
from regional_sim.results.table_file import read_batches
from regional_sim.scenario import digest_of

DICTIONARY = """\
table,column,type,unit,low,high,meaning
"runs","run","integer","1",0,,"number, of the run"
"runs","posture","text","",,,"label"
"runs","tension_whole","number","share",0,1,"tension"
"data_dictionary","table","text","",,,"table"
"""
RUNS = "run,posture,tension_whole\n0,NA,0.30000000000000004\n1,b,\n"


@pytest.fixture
def folder(tmp_path):
    """A result folder made by hand."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "plan.json").write_text('{"experiment": {}}')
    tables = {"runs": RUNS, "data_dictionary": DICTIONARY}
    entries = {}
    for name, text in tables.items():
        (out / f"{name}.csv").write_text(text)
        entries[name] = {"file": f"{name}.csv", "sha256": sha256_of(out / f"{name}.csv")}
    (out / "manifest.json").write_text(
        json.dumps({"plan": digest_of({"experiment": {}}), "tables": entries, "runs": 2})
    )
    return out


def test_tables_have_the_kinds_of_the_dictionary(folder):
    runs = load_results(folder).runs
    assert runs["run"].dtype == "int64"
    assert runs["posture"].tolist() == ["NA", "b"]
    assert runs["tension_whole"].iloc[0] == 0.1 + 0.2
    assert pd.isna(runs["tension_whole"].iloc[1])
    described = load_results(folder).table("data_dictionary")
    assert described["meaning"].iloc[0] == "number, of the run"
    assert described["low"].isna().tolist() == [False, True, False, True]


def test_what_a_result_tells_of_itself(folder):
    results = load_results(str(folder))
    assert results.tables == ("runs", "data_dictionary")
    assert results.folder == folder
    assert results.plan == {"experiment": {}}
    assert results.runs is results.table("runs")
    assert "2 runs, tables runs, data_dictionary" in repr(results)


def test_a_detached_result_needs_no_folder(folder):
    results = load_results(folder).detached()
    for path in folder.iterdir():
        path.unlink()
    assert len(results.runs) == 2
    assert "in memory" in repr(results)
    assert isinstance(results, Results)


def test_a_table_that_was_not_asked_for(folder):
    with pytest.raises(UnknownNameError, match=r"unknown table 'run'; .* did you mean 'runs'"):
        load_results(folder).table("run")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda f: (f / "manifest.json").unlink(), "out: this result is unfinished: it has no man"),
        (lambda f: (f / "plan.json").unlink(), "out: this is no result folder: it has no plan.js"),
        (lambda f: (f / "runs.csv").unlink(), "runs.csv: a table of this result is missing"),
        (lambda f: (f / "runs.csv").write_text(RUNS + "2,c,1\n"), "runs.csv: this table is not as"),
        (lambda f: (f / "plan.json").write_text("[1]"), "this is no result folder"),
        (lambda f: (f / "plan.json").write_text('{"x": 1}'), "plan.json was altered after the run"),
        (lambda f: (f / "manifest.json").write_text("{}"), "manifest.json: tables: is missing"),
        (lambda f: (f / "manifest.json").write_text("{"), "this result is unfinished"),
    ],
)
def test_what_is_not_whole_is_refused(folder, change, expected):
    change(folder)
    with pytest.raises(InputError, match=expected) as caught:
        load_results(folder)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("integer", "whole", "data_dictionary.csv: no kind of a column; got 'whole'"),
        (
            "tension_whole",
            "tensions",
            "runs.csv: .* column 'tensions' does not exist",
        ),
        ("type,", "kind,", "data_dictionary.csv: type: this table lacks a column"),
    ],
)
def test_a_dictionary_that_describes_no_table_is_refused(folder, old, new, expected):
    path = folder / "data_dictionary.csv"
    path.write_text(DICTIONARY.replace(old, new))
    results = load_results(folder, verify=False)
    with pytest.raises(InputError, match=expected):
        next(read_batches(results.path("runs"), kinds := results.kinds("runs"), list(kinds), 1))


def test_folders_that_are_not_there(folder):
    with pytest.raises(InputError, match="outt: no such folder; did you mean 'out'"):
        load_results(folder.parent / "outt")
    with pytest.raises(InputError, match=r"there is no folder '.*nowhere' either"):
        load_results(folder / "nowhere" / "out")
    with pytest.raises(InputError, match="this is a file, not a result folder"):
        load_results(folder / "runs.csv")


def test_digests_are_not_compared_where_that_is_not_asked_for(folder):
    (folder / "runs.csv").write_text(RUNS + "2,c,1\n")
    assert len(load_results(folder, verify=False).runs) == 3
