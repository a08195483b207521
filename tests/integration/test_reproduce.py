# ruff: noqa: E501 (a row of a table is one line)
"""Running a result again from its folder alone: it matches, or the first difference is named."""

import csv
import dataclasses
import errno
import io
import json
import re
import shutil
import signal
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import regional_sim
from regional_sim.analysis.reproduce import judge, original_of, output_dir, run_again
from regional_sim.errors import InputError, OutputExistsError
from regional_sim.experiment import experiment_from_mapping
from regional_sim.experiment.experiment import TABLES
from regional_sim.experiment.plan import Plan
from regional_sim.postures import POLICIES, Policy, registry
from regional_sim.postures.named import Traditional
from regional_sim.report.reproduction import reproduction_text
from regional_sim.results.claim import FolderInUseError, folder_lock
from regional_sim.results.folder import sha256_of
from regional_sim.results.table_file import read_table
from regional_sim.runner import runner
from regional_sim.scenario import digest_of
from tests.support import sweeps
from tests.support.cli import invoke
from tests.support.processes import happens, program, surroundings
from tests.support.sweeps import INTERRUPTED

TRIAL = sweeps.SMALL | {
    "title": "Trial",
    "seed": 2**62 + 3,
    "replicates": 3,
    "design": {"kind": "grid", "factors": {"parameters.theta_challenger": [0.3, 0.7]}},
}
EVERY_TABLE = [*TABLES, "summary", "contrasts", "data_dictionary"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A result that no test changes."""
    folder = tmp_path_factory.mktemp("made") / "out"
    regional_sim.sweep(experiment_from_mapping(TRIAL), out=folder)
    return folder


@pytest.fixture(scope="module")
def again(tmp_path_factory, made):
    """What comes out when it is run again."""
    folder = tmp_path_factory.mktemp("again") / "out"
    assert regional_sim.reproduce(made, out=folder).matches
    return folder


@pytest.fixture
def folder(tmp_path, made):
    """A copy under another path, to be spoilt."""
    return shutil.copytree(made, tmp_path / "a copy")


def edit(path: Path, change) -> None:
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data, indent=2))


def edit_plan(folder: Path, change) -> None:
    """Change the plan, and the digest of it with it."""
    edit(folder / "plan.json", change)
    digest = digest_of(json.loads((folder / "plan.json").read_text()))
    edit(folder / "manifest.json", lambda manifest: manifest.update(plan=digest))


def rewrite(folder: Path, table: str, change) -> None:
    """Change the lines of a table; the first one is the header."""
    path = folder / f"{table}.csv"
    lines = path.read_text().splitlines()
    change(lines)
    path.write_text("\n".join(lines) + "\n")


def record(folder: Path, table: str) -> None:
    """Let the manifest hold the digest of a table as it is now."""
    digest = sha256_of(folder / f"{table}.csv")
    edit(folder / "manifest.json", lambda m: m["tables"][table].update(sha256=digest))


def set_cell(lines: list[str], row: int, column: str, text: str) -> None:
    place = lines[0].split(",").index(column)
    cells = lines[row].split(",")
    assert cells[place] != text
    cells[place] = text
    lines[row] = ",".join(cells)


# ------------------------------------------------------------------------- match


def test_a_copy_under_another_path_matches(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "a copy"))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    found = regional_sim.reproduce(str(folder), workers=2)
    assert [table.name for table in found.tables] == EVERY_TABLE
    assert all(table.same_bytes and table.as_written for table in found.tables)
    assert (found.matches, found.first_difference, found.altered) == (True, None, ())
    assert repr(found) == (
        f"Reproduction({str(folder)!r}, match: every table came out the same, byte for byte)"
    )
    assert (found.largest_relative_difference, found.versions, found.platform) == (0.0, {}, {})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_comes_out_can_be_kept_and_has_the_same_plan(made, again):
    names = sorted(path.name for path in made.iterdir())
    assert sorted(path.name for path in again.iterdir()) == names
    for name in names:
        if name != "manifest.json":
            assert (again / name).read_bytes() == (made / name).read_bytes(), name


def test_a_result_of_mesa_is_run_with_mesa(tmp_path, monkeypatch):
    one_point = {key: value for key, value in TRIAL.items() if key != "design"}
    experiment = experiment_from_mapping(one_point | {"tables": ["runs"]})
    regional_sim.sweep(experiment, engine="mesa", out=tmp_path / "out")
    engines = []
    run_plan = runner.run_plan
    monkeypatch.setattr(
        runner, "run_plan", lambda plan, *a: engines.append(plan.engine) or run_plan(plan, *a)
    )
    assert regional_sim.reproduce(tmp_path / "out").matches
    assert engines == ["mesa"]


def test_progress_is_told_in_runs(made):
    told = []
    regional_sim.reproduce(made, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (0, 12)
    assert told[-1] == (12, 12)


# ------------------------------------------------------------------- every digit


def cells_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture(scope="module")
def altered_one(tmp_path_factory, made):
    """A copy, of which a test alters a table and puts it back."""
    return original_of(shutil.copytree(made, tmp_path_factory.mktemp("altered") / "out"))


@settings(max_examples=60)
@given(data=st.data())
def test_every_altered_digit_is_named(altered_one, again, data):
    table = data.draw(st.sampled_from(EVERY_TABLE), label="table")
    path = altered_one.folder / f"{table}.csv"
    text = path.read_text()
    start = text.index("\n")
    digits = [match.start() for match in re.finditer(r"\d", text) if match.start() > start]
    at = data.draw(st.sampled_from(digits), label="place")
    digit = data.draw(st.sampled_from([d for d in "0123456789" if d != text[at]]), label="digit")
    altered = text[:at] + digit + text[at + 1 :]
    header, *rows = cells_of(text)
    places = [
        (row, place)
        for row, (here, there) in enumerate(zip(rows, cells_of(altered)[1:], strict=True), start=1)
        for place in range(len(header))
        if here[place] != there[place]
    ]
    ((row, place),) = places
    there, here = cells_of(altered)[row][place], rows[row - 1][place]
    path.write_text(altered)
    try:
        found = judge(altered_one, again)
    finally:
        path.write_text(text)
    first = found.first_difference
    assert (first.table, first.row, first.column) == (table, row, header[place])
    assert (first.there, first.here, first.what) == (there, here, "")
    kinds = regional_sim.load_results(again, verify=False).kinds(table)
    same = kinds[header[place]] == "number" and float(there) == float(here)
    assert found.matches == same
    assert found.altered == (f"{table}.csv",)


def test_an_altered_header_is_named(folder, again):
    rewrite(folder, "runs", lambda lines: lines.__setitem__(0, lines[0].replace("tension", "t", 1)))
    first = judge(original_of(folder), again).first_difference
    assert (first.table, first.row, first.what) == ("runs", None, "column 7 is another one")
    assert (first.there, first.here) == ("t_whole", "tension_whole")


# ------------------------------------------------------------ other alterations


def test_tables_resaved_by_other_programs_match(tmp_path):
    """Pandas writes True where we write true, and other digits."""
    factors = {"parameters.theta_challenger": [0.3], "states.AAA.name": ["true", "false"]}
    trial = TRIAL | {"design": {"kind": "grid", "factors": factors}, "tables": ["runs"]}
    regional_sim.sweep(experiment_from_mapping(trial), out=tmp_path / "out")
    again = tmp_path / "again"
    regional_sim.reproduce(tmp_path / "out", out=again)
    for table in ("runs", "summary", "contrasts"):
        path = tmp_path / "out" / f"{table}.csv"
        pd.read_csv(path).to_csv(path, index=False)
    assert ",True," in (tmp_path / "out" / "runs.csv").read_text()
    found = judge(original_of(tmp_path / "out"), again)
    assert found.matches
    assert found.sentence == "match: every table came out the same, cell by cell"
    assert " written otherwise\n" in reproduction_text(found, 80)
    verdict = regional_sim.compare(again, tmp_path / "out" / "runs.csv", tolerance=0.0).verdict
    assert verdict.equal


def test_hand_edits_are_named_and_told_from_other_numbers(folder):
    rewrite(folder, "summary", lambda lines: set_cell(lines, 3, "mean", "0.41x2"))
    rewrite(folder, "timeseries", lambda lines: set_cell(lines, 9, "tension", "0.75"))
    rewrite(folder, "timeseries", lambda lines: set_cell(lines, 11, "tension", "0.5"))
    record(folder, "timeseries")
    found = regional_sim.reproduce(folder)
    first = found.first_difference
    assert (first.table, first.row, first.column) == ("timeseries", 9, "tension")
    assert first.key == {
        "run": "1",
        "point": "0",
        "replicate": "1",
        "posture": "traditional",
        "month": "3",
    }
    assert (first.there, float(first.here) != 0.75) == ("0.75", True)
    assert found.altered == ("summary.csv",)
    checks = {table.name: table.comparison for table in found.tables}
    assert (checks["timeseries"].cells, checks["timeseries"].rows) == (2, 2)
    assert checks["summary"].first.what == "this is no number"
    assert checks["summary"].first.key["metric"]
    expected = max(
        abs(float(at.there) - float(at.here)) / max(float(at.there), float(at.here))
        for at in (found.largest.largest_at,)
    )
    assert found.largest_relative_difference == expected > 0
    assert not found.matches


def test_removed_and_added_rows_are_named(folder, again):
    rewrite(folder, "states", lambda lines: lines.pop(5))
    rewrite(folder, "events", lambda lines: lines.append(lines[-1]))
    rewrite(folder, "contrasts", lambda lines: lines.pop())
    found = judge(original_of(folder), again)
    checks = {table.name: table.comparison for table in found.tables}
    assert (checks["states"].first.row, checks["states"].rows_there) == (5, 143)
    assert checks["events"].first.what == "no such row comes out here"
    assert checks["contrasts"].first.what == "this row is missing"
    assert found.first_difference == checks["states"].first


def test_missing_and_extra_tables_are_named(folder, again):
    (folder / "dyads.csv").unlink()

    def change(manifest):
        manifest["tables"]["failures"] = manifest["tables"]["runs"]
        del manifest["tables"]["events"]

    edit(folder / "manifest.json", change)
    found = judge(original_of(folder), again)
    said = {t.name: t.comparison.first.what for t in found.tables if not t.matches}
    assert said == {
        "dyads": "the file of this table is missing",
        "failures": "no such table comes out here",
        "events": "manifest.json does not list this table",
    }


def test_a_table_that_both_have_and_no_dictionary_describes_is_compared(folder, again, tmp_path):
    other = shutil.copytree(again, tmp_path / "again")
    for place, error in ((folder, "one"), (other, "other")):
        (place / "failures.csv").write_text(f'run,error\n3,"it, {error}"\n')
        entry = {"file": "failures.csv", "rows": 1, "sha256": sha256_of(place / "failures.csv")}
        edit(place / "manifest.json", lambda m, e=entry: m["tables"].update(failures=e))
    first = judge(original_of(folder), other).first_difference
    assert (first.table, first.row, first.key, first.column) == (
        "failures",
        1,
        {"run": "3"},
        "error",
    )
    assert (first.there, first.here) == ("it, one", "it, other")


def test_an_altered_digest_in_the_manifest_is_named(folder):
    edit(folder / "manifest.json", lambda m: m["tables"]["runs"].update(sha256="0" * 64))
    result = invoke("reproduce", folder, code=0)
    assert "Altered after the run: the digests in manifest.json, of runs.csv." in result.stdout


def parquet(folder: Path, table: str) -> None:
    """Turn a table of a result into Parquet, as its manifest then says."""
    import pyarrow.parquet

    kinds = regional_sim.load_results(folder, verify=False).kinds(table)
    path = folder / f"{table}.parquet"
    pyarrow.parquet.write_table(read_table(folder / f"{table}.csv", kinds), path)
    (folder / f"{table}.csv").unlink()
    entry = {"file": path.name, "sha256": sha256_of(path)}
    edit(folder / "manifest.json", lambda m: m["tables"][table].update(entry))


def test_parquet_is_compared_by_cell(folder, tmp_path, again):
    other = shutil.copytree(again, tmp_path / "again")
    parquet(folder, "timeseries")
    assert judge(original_of(folder), other).matches
    rewrite(other, "timeseries", lambda lines: set_cell(lines, 9, "tension", "0.75"))
    for _ in range(2):
        found = judge(original_of(folder), other)
        first = found.first_difference
        assert (first.table, first.row, first.column) == ("timeseries", 9, "tension")
        assert first.here == "0.75"
        assert not any(t.same_bytes for t in found.tables if t.name == "timeseries")
        if (other / "timeseries.csv").exists():
            parquet(other, "timeseries")


# -------------------------------------------------------------- tolerance, versions


def test_tolerance_lets_numbers_pass_and_nothing_else(folder):
    number = regional_sim.load_results(folder).runs["tension_whole"].iloc[4]
    rewrite(
        folder,
        "runs",
        lambda lines: set_cell(lines, 5, "tension_whole", repr(float(number) * (1 + 1e-9))),
    )
    assert not regional_sim.reproduce(folder, tolerance=1e-10).matches
    found = regional_sim.reproduce(folder, tolerance=1e-8)
    assert found.matches
    assert found.first_difference.column == "tension_whole"
    assert found.largest_relative_difference == pytest.approx(1e-9, rel=1e-3)
    rewrite(folder, "runs", lambda lines: set_cell(lines, 5, "posture", "new"))
    found = regional_sim.reproduce(folder, tolerance=1e-8)
    assert (found.matches, found.first_difference.column) == (False, "posture")


@pytest.mark.parametrize("tolerance", [-1e-9, float("nan"), float("inf")])
def test_what_is_no_tolerance_is_refused(made, tolerance):
    with pytest.raises(InputError, match="tolerance: must be a number of at least 0"):
        regional_sim.reproduce(made, tolerance=tolerance)


def test_other_versions_are_listed(folder):
    edit_plan(folder, lambda plan: plan["versions"].update(numpy="1.0", numba="0.1"))
    result = invoke("reproduce", folder)
    here = Plan.of(experiment_from_mapping(TRIAL)).versions
    line = f"here        numpy 1.0 there, {here['numpy']} here; numba 0.1 there"
    assert line in result.stdout
    assert "match: every table came out the same, byte for byte" in result.stdout
    assert "promised" not in result.stdout
    assert result.exit_code == 0


def test_other_numbers_under_other_versions_are_explained(folder):
    edit_plan(folder, lambda plan: plan["versions"].update(numpy="1.0"))
    rewrite(folder, "runs", lambda lines: set_cell(lines, 5, "tension_whole", "0.25"))
    record(folder, "runs")
    result = invoke("reproduce", folder)
    said = " ".join(result.stdout.split())
    assert "As the run wrote them, but not what comes out here: runs.csv." in said
    assert "The same bits are promised on one machine with the same versions only." in said
    assert "Altered" not in said
    assert "largest relative difference" in said
    assert result.exit_code == 1


def test_other_numbers_under_the_same_versions_are_not_explained_away(folder):
    rewrite(folder, "runs", lambda lines: set_cell(lines, 5, "tension_whole", "0.25"))
    record(folder, "runs")
    said = " ".join(invoke("reproduce", folder).stdout.split())
    assert "Versions and machine are the same. Was the program changed" in said


def test_another_machine_and_other_code_are_listed(folder):
    def change(manifest):
        manifest["platform"] = {"host": "elsewhere", "machine": "arm64", "processors": 96}
        manifest["git"] = {"commit": "f" * 40, "dirty": True}

    edit(folder / "manifest.json", change)
    platform = original_of(folder).platform
    assert platform["host"][0] == "elsewhere"
    assert platform["machine"][0] == "arm64"
    assert set(platform) <= {"host", "machine", "commit"}
    assert platform.get("commit", ("f" * 12 + " with changes",))[0] == "f" * 12 + " with changes"


# ------------------------------------------------------------------ what is refused


def break_parameter(plan):
    plan["experiment"]["scenario"]["parameters"]["signal_gain"] += 0.1


REFUSED = {
    "altered plan": (lambda f: edit(f / "plan.json", break_parameter), "plan.json was altered after the run"),
    "altered digest of the plan": (lambda f: edit(f / "manifest.json", lambda m: m.update(plan="0" * 64)), "plan.json was altered after the run"),
    "number that JSON lacks": (lambda f: edit(f / "plan.json", lambda p: p.update(engine=float("nan"))), "its plan.json cannot be read"),
    "plan altered with its digest": (lambda f: edit_plan(f, break_parameter), "scenario_digest: the worlds of this plan come out differently here"),
    "newer plan": (lambda f: edit_plan(f, lambda p: p.update(format=3)), "this plan has format 3, newer than this version of regional_sim can read"),
    "newer manifest": (lambda f: edit(f / "manifest.json", lambda m: m.update(format=2)), "this manifest has a newer format"),
    "plan without tables": (lambda f: edit_plan(f, lambda p: p.pop("tables")), "plan.json: tables: is missing"),
    "policy that is not registered": (lambda f: edit_plan(f, lambda p: p["experiment"]["postures"][1].update(policy="xenon_blues")), "postures[1].policy: this policy is not registered here; got 'xenon_blues'; add --import FILE.py, or register it and call regional_sim.reproduce"),
    "misspelt policy": (lambda f: edit_plan(f, lambda p: p["experiment"]["postures"][1].update(policy="new_aproach")), "did you mean 'new_approach'?"),
    "unfinished": (lambda f: (f / "manifest.json").unlink(), "this result is unfinished"),
    "no plan": (lambda f: (f / "plan.json").unlink(), "it has no plan.json"),
    "spoilt plan": (lambda f: (f / "plan.json").write_text("{,"), "its plan.json cannot be read"),
    "spoilt manifest": (lambda f: edit(f / "manifest.json", lambda m: m.update(tables=["runs"])), "manifest.json: tables: is missing, or no value of its kind"),
    "entry without a digest": (lambda f: edit(f / "manifest.json", lambda m: m["tables"]["runs"].pop("sha256")), "manifest.json: tables.runs.sha256: is missing, or no value of its kind"),
    "table of another folder": (lambda f: edit(f / "manifest.json", lambda m: m["tables"]["runs"].update(file="../runs.csv")), "manifest.json: tables.runs.file: is no name of a file in the folder; got '../runs.csv'"),
    "endless lists": (lambda f: (f / "plan.json").write_text("[" * 100_000), "its plan.json cannot be read"),
    "no folder": (shutil.rmtree, "no such folder"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_run_again_is_refused(folder, change, said):
    change(folder)
    result = invoke("reproduce", folder, code=2)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"error: {folder}")
    assert said in line
    if "altered" in said or "kind" in said or "cannot be read" in said or "newer manifest" in said:
        compared = invoke("compare", folder, folder, code=2)
        assert said in compared.stderr


def test_faults_of_a_plan_of_another_version_name_that_version(folder):
    def change(plan):
        plan["versions"]["regional_sim"] = "9.9"
        plan["experiment"]["novelty"] = 1

    edit_plan(folder, change)
    with pytest.raises(InputError) as caught:
        regional_sim.reproduce(folder)
    first, second = caught.value.faults
    assert first.what == "this version cannot make the plan again"
    assert first.hint.startswith("made by regional_sim 9.9, this is ")
    assert (second.key, second.what) == ("novelty", "unknown key")


def test_a_policy_of_ones_own_is_run_again_once_it_is_registered(tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "POLICIES", POLICIES.copy())

    @regional_sim.register
    @dataclass(frozen=True)
    class Mine(Traditional):
        name: ClassVar[str] = "mine_alone"

    assert issubclass(Mine, Policy)
    regional_sim.run(
        "two_states", postures=["mine_alone"], settings=TRIAL["settings"], out=tmp_path / "out"
    )
    assert regional_sim.reproduce(tmp_path / "out").matches
    del registry.POLICIES["mine_alone"]
    with pytest.raises(InputError, match="this policy is not registered here; got 'mine_alone'"):
        regional_sim.reproduce(tmp_path / "out")


def test_a_place_that_is_taken_is_refused_and_left_alone(made, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    for out in (tmp_path, tmp_path / "thesis.txt", made):
        before = sorted(made.iterdir())
        with pytest.raises(OutputExistsError, match="this is taken; name a new folder"):
            regional_sim.reproduce(made, out=out)
        assert sorted(made.iterdir()) == before
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_place_that_another_process_takes_meanwhile_is_left_to_it(made, tmp_path):
    original = original_of(made)

    def run_beside(folder, other):
        with output_dir(folder), other:
            (folder / "plan.json").write_bytes((made / "plan.json").read_bytes())
            run_again(original, folder)

    for name, is_at_work in (("a", True), ("b", False)):
        folder = tmp_path / name
        folder.mkdir()
        other = folder_lock(folder) if is_at_work else nullcontext()
        with pytest.raises(FolderInUseError if is_at_work else OutputExistsError):
            run_beside(folder, other)
        assert (folder / "plan.json").exists()


def test_a_place_that_cannot_be_looked_into_is_named(made, tmp_path, monkeypatch):
    def refuse(_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match="cannot be read: permission denied"):
        regional_sim.reproduce(made, out=tmp_path)


# ---------------------------------------------------------------- command, interruption


def test_what_the_command_prints_fits_and_says_it_all(folder, tmp_path):
    result = invoke("reproduce", folder, "--out", tmp_path / "kept", "--workers", 2, code=0)
    lines = result.stdout.splitlines()
    assert lines[0] == f"reproduce {folder}"
    assert "again       12 runs: 2 points, 2 postures, 3 replicates, seed" in result.stdout
    assert sum(line.endswith("same bytes") for line in lines) == len(EVERY_TABLE)
    assert lines[-3] == "match: every table came out the same, byte for byte"
    assert lines[-1] == f"Written to {tmp_path / 'kept'}"
    rewrite(folder, "runs", lambda lines: set_cell(lines, 5, "tension_whole", ""))
    (folder / "events.csv").unlink()
    result = invoke("reproduce", folder, code=1)
    for line in (
        "differs: runs.csv, events.csv",
        "first       runs.csv, row 5, column tension_whole",
        "            run 4, point 0, replicate 1, posture new_approach",
        "there       an empty cell",
        "Altered after the run, going by the digests in manifest.json: runs.csv.",
    ):
        assert line in result.stdout.splitlines()
    assert [line for line in result.stdout.splitlines() if len(line) > 80 and "/" not in line] == []


def test_quiet_prints_nothing(folder):
    result = invoke("reproduce", folder, "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    (folder / "runs.csv").unlink()
    result = invoke("reproduce", folder, "--quiet")
    assert (result.exit_code, result.output) == (1, "")


def test_an_interruption_leaves_nothing_behind(made, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def stop(done, total):
        if done:
            raise KeyboardInterrupt

    for out in (None, tmp_path / "kept"):
        with pytest.raises(runner.RunInterruptedError, match="interrupted; nothing is kept"):
            regional_sim.reproduce(made, out=out, progress=stop)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="has no such signal")
def test_ctrl_c_leaves_nothing_behind(tmp_path):
    experiment = {key: value for key, value in TRIAL.items() if key != "design"}
    experiment |= {"replicates": 2, "settings": {}, "tables": []}
    out, temporary = tmp_path / "out", tmp_path / "temporary"
    regional_sim.sweep(experiment_from_mapping(experiment), out=out)
    # As if it had been a long one: only the digest of the plan is looked at before the run.
    edit_plan(out, lambda plan: plan["experiment"].update(replicates=2_000_000))
    temporary.mkdir()
    arguments = ("-m", "regional_sim", "reproduce", str(out))
    with program(*arguments, env=surroundings({"TMPDIR": str(temporary)})) as running:
        assert happens(lambda: list(temporary.glob("*/blocks/*.npz")), running.pid)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate()
    assert running.returncode in INTERRUPTED
    assert said.splitlines()[-1] == "interrupted; nothing is kept"
    assert list(temporary.iterdir()) == []


# ------------------------------------------------------------------- kinds of files


@pytest.mark.parametrize("command", ["sweep", "run", "check"])
def test_a_plan_is_sent_to_reproduce(made, command, tmp_path):
    out = () if command == "check" else ("--out", tmp_path / "out")
    result = invoke(command, made / "plan.json", *out, code=2)
    assert result.stderr == (
        f"error: {made / 'plan.json'}: this is the plan of a result;"
        f" regional-sim reproduce {made} runs it again\n"
    )


@pytest.mark.parametrize(
    ("command", "name", "said"),
    [
        ("run", "posture_contrast", "this is an experiment, not a scenario; regional-sim sweep"),
        ("sweep", "four_states", "this is a scenario, not an experiment; regional-sim run"),
    ],
)
@pytest.mark.parametrize("shipped", [True, False])
def test_files_are_sent_to_their_command(command, name, said, shipped, tmp_path):
    from regional_sim.scenario import shipped_config, shipped_experiment

    find = shipped_config if command == "sweep" else shipped_experiment
    given_name = name if shipped else find(name)
    result = invoke(command, given_name, "--out", tmp_path / "out", code=2)
    assert result.stderr == f"error: {given_name}: {said} {given_name} runs it\n"


def test_fields_of_a_reproduction_are_frozen(made, again):
    found = judge(original_of(made), again)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.tolerance = 1.0


# ------------------------------------------------------- results of other kinds of sweeps


def test_long_tables_in_parquet_match(tmp_path: Path) -> None:
    out = tmp_path / "out"
    regional_sim.sweep(experiment_from_mapping(TRIAL), out=out, long_format="parquet")
    again = regional_sim.reproduce(out)
    assert again.matches
    assert "timeseries.parquet" in {check.file for check in again.tables}


def test_a_rule_of_stopping_comes_out_the_same(tmp_path: Path) -> None:
    until = {"metric": "tension", "half_width": 0.02}
    rule = {"at_least": 4, "at_most": 12, "batch": 4, "until": until}
    out = tmp_path / "out"
    regional_sim.sweep(experiment_from_mapping(TRIAL | {"replicates": rule}), out=out)
    assert regional_sim.reproduce(out).matches


def test_some_of_the_runs_cannot_be_matched(tmp_path: Path) -> None:
    # More replicates than a task has, so that there is something to leave out.
    experiment = experiment_from_mapping(TRIAL | {"replicates": 200, "tables": []})
    part = regional_sim.sweep_shard(experiment, "1/2", out=tmp_path / "part")
    regional_sim.merge([part], tmp_path / "some", partial=True)
    with pytest.raises(InputError, match="holds only some of the runs"):
        regional_sim.reproduce(tmp_path / "some")
