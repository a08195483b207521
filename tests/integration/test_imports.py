"""A policy from a file outside the package, with every command that takes a posture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import regional_sim
from regional_sim.postures import POLICIES
from tests.support.cli import invoke, succeeds
from tests.support.policies import (
    forget_policies,
    policies_forgotten,  # noqa: F401 (a fixture)
    policy_file,
)
from tests.support.sweeps import digests

pytestmark = pytest.mark.usefixtures("policies_forgotten")

SHIPPED = dict(POLICIES)
RUN = (
    *("run", "two_states", "-n", 4, "-p", "traditional", "-p", "open_line:width=0.5"),
    *("--set", "horizon.months_before=2", "--set", "horizon.months_after=4", "-q"),
)
EXPERIMENT = (
    "{scenario: two_states, seed: 1, replicates: 4, postures: [traditional, open_line],"
    " settings: {horizon.months_before: 2, horizon.months_after: 4},"
    " design: {kind: grid, factors: {posture.width: [0.2, 0.4]}}}\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "question.yaml").write_text(EXPERIMENT)
    policy_file(tmp_path / "own.py")
    return tmp_path


def anew(*arguments: object, code: int = 0) -> str:
    """Call the program as a new process would, which has imported nothing; return its output."""
    forget_policies(SHIPPED)
    result = invoke(*arguments, code=code)
    if code == 2:
        (line,) = result.stderr.splitlines()
        return line
    return result.stdout


def test_run_resume_and_reproduce(folder: Path) -> None:
    assert "own add --import FILE.py" in anew(*RUN, "--out", "out", code=2)
    anew(*RUN, "--import", "own.py", "--out", "out")
    plan = json.loads((folder / "out" / "plan.json").read_text())
    assert list(plan["imports"]) == ["own.py"]
    anew(*RUN, "--import", "own.py", "--out", "out", "--resume")
    assert "match" in anew("reproduce", "out", "--import", "own.py", "--out", "again")
    assert (folder / "again" / "plan.json").read_bytes() == (folder / "out/plan.json").read_bytes()

    said = anew("reproduce", "out", code=2)
    assert "--import own.py" in said
    assert plan["imports"]["own.py"] in said
    policy_file(folder / "own.py", width=0.25)
    assert "the file own.py that is imported here is not" in anew(
        "reproduce", "out", "--import", "own.py", code=2
    )
    assert "imports.own.py" in anew(*RUN, "--import", "own.py", "--out", "out", "--resume", code=2)


def test_sweep_check_merge_and_describe(folder: Path) -> None:
    with_file = ("--import", "own.py")
    assert "open_line" in anew("check", "question.yaml", *with_file)
    assert "hold the crisis channel open" in anew("describe", "postures", *with_file)
    sweep = ("sweep", "question.yaml", "-q")
    anew(*sweep, *with_file, "--out", "whole")
    for part in (1, 2):
        anew(*sweep, *with_file, "--shard", f"{part}/2", "--out", f"part_{part}")
    merge = ("merge", "part_1", "part_2", "-q", "--out", "merged")
    assert "--import own.py" in anew(*merge, code=2)
    anew(*merge, *with_file)
    assert digests(folder / "merged") == digests(folder / "whole")


def test_workers_that_are_processes_have_the_same_bytes(folder: Path) -> None:
    with_file = ("--import", "own.py", "--out")
    anew(*RUN, *with_file, "threads")
    anew(*RUN, *with_file, "processes", "--engine", "mesa", "--workers", 2)
    one, two = (folder / name / "runs.csv" for name in ("threads", "processes"))
    assert one.read_bytes() == two.read_bytes()


def test_a_plan_without_policies_of_a_file_is_as_before(folder: Path) -> None:
    options = ("run", "two_states", "-n", 1, "-q", "--out")
    anew(*options, "without")
    anew(*options, "with", "--import", "own.py")
    one, two = ((folder / name / "plan.json").read_bytes() for name in ("without", "with"))
    assert one == two
    assert b"imports" not in one


def test_what_python_registered_may_come_from_a_file_later(folder: Path) -> None:
    (kind,) = regional_sim.import_policies("own.py")
    forget_policies(SHIPPED)

    @regional_sim.register
    class Local(kind.__bases__[0]):  # type: ignore[misc, name-defined]
        name = "open_line"
        rule = reference = "a test"

        def targets(self, month: int, observed: object) -> object:
            return kind().targets(month, observed)

    assert Local in POLICIES.values()
    settings = {"horizon.months_before": 2, "horizon.months_after": 4}
    regional_sim.run("two_states", postures=["open_line"], settings=settings, out="out")
    assert "match" in anew("reproduce", "out", "--import", "own.py", "--out", "again")
    assert (folder / "again" / "plan.json").read_bytes() == (folder / "out/plan.json").read_bytes()


def test_a_file_with_a_fault_ends_the_command(folder: Path) -> None:
    (folder / "broken.py").write_text("\n\nraise ValueError('no')\n")
    said = anew(*RUN, "--import", "own.py", "--import", "broken.py", "--out", "out", code=2)
    assert said == "error: broken.py:3: cannot be imported: ValueError: no"
    assert not (folder / "out").exists()


def test_a_run_that_fails_is_told_by_the_line_of_the_file(folder: Path) -> None:
    file = folder / "own.py"
    file.write_text(file.read_text().replace("return {", "return 1 / 0, {"))
    assert "open_line" in succeeds("check", "question.yaml", "--import", "own.py").stdout
    failed = invoke(*RUN, "--import", "own.py", "--out", "out", code=1)
    assert "own.py:20 in targets" in failed.stderr
