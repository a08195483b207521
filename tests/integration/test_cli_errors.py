# ruff: noqa: E501 (a row of a table is one line)
"""Each wrong turn gives one message, the right exit code, and no traceback."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from regional_sim.cli import inspect
from regional_sim.cli import run as run_module
from regional_sim.errors import RegionalSimError
from regional_sim.scenario import shipped_config
from tests.support.cli import invoke

FOUR_STATES = shipped_config("four_states").read_text(encoding="utf-8")
EXPERIMENT = "{scenario: two_states, seed: 1, replicates: 2, postures: [traditional]}\n"


def only_error(result: Result, code: int = 2) -> str:
    """The one line that was printed, without its prefix."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert "Traceback" not in line
    return line.removeprefix("error: ")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


RUN = ("run", "two_states", "--out", "out", "--replicates", "1")

# Arguments, and what the message must say.
WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "unknown posture": ((*RUN, "-p", "new_aproach"), "did you mean 'new_approach'?"),
    "unknown setting of a posture": ((*RUN, "-p", "levels:join_patrols=0.8"), "did you mean 'joint_patrols'?"),
    "level out of range": ((*RUN, "-p", "levels:joint_patrols=8"), "a number from 0 to 1"),
    "posture that is no list of settings": ((*RUN, "-p", "levels:0.8"), "policy:setting=value"),
    "same posture twice": ((*RUN, "-p", "reactive", "-p", "reactive"), "two postures have this"),
    "missing file": (("run", "nothing.yaml", "--out", "out"), "nothing.yaml: no such file"),
    "unknown scenario": (("run", "baselin", "--out", "out"), "did you mean 'baseline'?"),
    "unknown metric": ((*RUN, "--metrics", "tensoin"), "did you mean 'tension'?"),
    "metric that the world lacks": ((*RUN, "--metrics", "hedger_lean"), "hedger_lean: this world does not define this metric, which needs hedgers"),
    "unknown window": ((*RUN, "--window", "erly"), "did you mean 'early'?"),
    "unknown table": ((*RUN, "--tables", "runs,timeseris"), "did you mean 'timeseries'?"),
    "unknown engine": ((*RUN, "--engine", "messa"), "did you mean 'mesa'?"),
    "unknown state to clamp": ((*RUN, "--clamp", "AAB"), "did you mean 'AAA'?"),
    "setting without a value": ((*RUN, "--set", "parameters.theta_challenger"), "--set parameters.theta_challenger: a setting is written key.path=value"),
    "setting of an unknown key": ((*RUN, "--set", "parameters.theta_chalenger=0.5"), "did you mean 'theta_challenger'?"),
    "setting out of range": ((*RUN, "--set", "parameters.theta_challenger=5"), "--set parameters.theta_challenger=5: parameters.theta_challenger: is outside"),
    "no replicates": ((*RUN[:-1], "0"), "--replicates: is outside the allowed range; got 0"),
    "replicates that are no number": ((*RUN[:-1], "many"), "'--replicates'"),
    "negative seed": ((*RUN, "--seed", "-1"), "--seed: is outside the allowed range; got -1"),
    "no workers": ((*RUN, "--workers", "0"), "--workers: not a number of workers; got 0"),
    "no workers for what is not there": (("sweep", "absent", "--out", "out", "--workers", "0"), "workers: not a number"),
    "no output folder": (("run", "two_states"), "missing option '--out'; see"),
    "shard that is none": (("sweep", "flip_map", "--out", "out", "--shard", "3/2"), "--shard: is no shard"),
    "goal named twice": (("optimise", "flip_map", "--out", "out", "--least", "tension", "--most", "tension"), "--least, --most: this metric is named"),
    "unknown metric by its other option": ((*RUN, "--metric", "tensoin"), "did you mean 'tension'?"),
    "too few blocks by their old option": (("sensitivity", "uncertainty_sample", "--out", "out", "--n", "3"), "--blocks: is too small; got 3"),
    "unknown option": ((*RUN, "--sead", "3"), "no such option: --sead"),
    "unknown command": (("rnu", "two_states"), "did you mean 'run'?"),
    "unknown experiment": (("sweep", "posture_contrst", "--out", "out"), "'posture_contrast'?"),
    "unknown subject": (("describe", "parametres"), "did you mean 'parameters'?"),
    "unknown format": (("describe", "options", "--format", "yaml"), "'--format'"),
    "unknown scenario to describe": (("describe", "states", "--scenario", "bas"), "'bas'"),
    "unknown scenario to start from": (("init", "study", "--scenario", "four_state"), "'four_states'?"),
    "file in a folder that is not there": (("schema", "--out", "no/such.json"), "no such file"),
    "nothing to check": (("check",), "missing argument 'FILE...'; see regional-sim check --help"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG.keys())
def test_wrong_arguments(arguments: tuple[str, ...], said: str, folder: Path) -> None:
    assert said in only_error(invoke(*arguments)).replace("Did", "did")
    assert list(folder.iterdir()) == [], "something was written"


# What is replaced in the shipped file, by what, and what the message must say.
BAD_FILES: dict[str, tuple[str, str, str]] = {
    "misspelt key": ("options:", "optoins:", "optoins: unknown key; did you mean 'options'?"),
    "value out of range": ("horizon: {months_before: 24, months_after: 96}", "horizon: {months_before: 24, months_after: 0}", "horizon.months_after: is outside the allowed range"),
    "state given twice": ("  TWN:\n    name", "  JPN:\n    name", "this key is given twice"),
    "not YAML": ("roles:", "roles: [", "not valid YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), BAD_FILES.values(), ids=BAD_FILES.keys())
@pytest.mark.parametrize("command", [("check",), ("run", "--out", "out")])
def test_wrong_scenario_file(
    command: tuple[str, ...], old: str, new: str, said: str, folder: Path
) -> None:
    assert old in FOUR_STATES
    (folder / "bad.yaml").write_text(FOUR_STATES.replace(old, new, 1), encoding="utf-8")
    message = only_error(invoke(*command, "bad.yaml"))
    assert message.startswith("bad.yaml:")
    assert said in message


def test_matrix_that_is_not_square(folder: Path) -> None:
    text = (
        "extends: two_states\n"
        "dyads: {trade_usd_bn: {states: [AAA, BBB], matrix: [[0, 1, 2], [1, 0]]}}\n"
    )
    (folder / "bad.yaml").write_text(text, encoding="utf-8")
    assert "bad.yaml:2:" in only_error(invoke("run", "bad.yaml", "--out", "out"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("replicates", "replicate", "did you mean 'replicates'?"),
        ("traditional", "tradtional", "did you mean 'traditional'?"),
        ("two_states", "too_states", "did you mean 'two_states'?"),
    ],
)
@pytest.mark.parametrize("command", [("check",), ("sweep", "--out", "out")])
def test_wrong_experiment_file(
    command: tuple[str, ...], old: str, new: str, said: str, folder: Path
) -> None:
    (folder / "bad.yaml").write_text(EXPERIMENT.replace(old, new, 1), encoding="utf-8")
    result = invoke(*command, "bad.yaml", code=2)
    assert said in result.stderr
    assert all(line.startswith("error: bad.yaml:1:") for line in result.stderr.splitlines())


def test_every_mistake_of_every_file_is_shown(folder: Path) -> None:
    (folder / "one.yaml").write_text("extends: two_states\noptoins: {}\ntitel: x\n")
    (folder / "two.yaml").write_text("extends: nowhere.yaml\n")
    result = invoke("check", "one.yaml", "two_states", "two.yaml", "three.yaml", code=2)
    assert result.stdout.splitlines()[0] == "two_states: ok"
    places = [line.split(":")[1].strip() for line in result.stderr.splitlines()]
    assert places == ["one.yaml", "one.yaml", "two.yaml", "three.yaml"]


def test_results_are_not_overwritten(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "thesis.txt").write_text("mine")
    assert "not empty" in only_error(invoke(*RUN))
    assert (folder / "out" / "thesis.txt").read_text() == "mine"


def test_study_is_not_overwritten(folder: Path) -> None:
    (folder / "thesis.txt").write_text("mine")
    assert "use --force" in only_error(invoke("init", "."))
    assert "not a folder" in only_error(invoke("init", "thesis.txt"))


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(**_: Any) -> None:
        raise error

    monkeypatch.setattr(run_module, "RunRequest", fail)


def test_internal_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError("a\nb"))
    result = invoke(*RUN, code=3)
    assert result.stderr.splitlines() == [
        "error: internal: ZeroDivisionError: a b",
        "run again with --debug to see where",
    ]


LONG = "n" * 300


@pytest.mark.parametrize(
    "command",
    [
        ("init", LONG),
        ("reproduce", LONG),
        ("compare", LONG, LONG),
        ("merge", LONG, LONG, "--out", "out"),
        ("run", "two_states", "--out", LONG),
        ("run", "two_states", "--import", LONG + ".py", "--out", "out"),
        ("sweep", LONG, "--out", "out"),
        ("check", LONG),
        ("schema", "--out", LONG),
    ],
    ids=lambda command: command[0],
)
def test_names_that_the_system_refuses_are_no_internal_errors(command, folder: Path) -> None:
    assert "nnn" in only_error(invoke(*command))


@pytest.mark.parametrize("place", [0, len(RUN)])
def test_debug_shows_where(place: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, ZeroDivisionError("oh"))
    result = invoke(*RUN[:place], "--debug", *RUN[place:], code=3)
    assert "Traceback" in result.stderr
    assert result.stderr.splitlines()[-1] == "error: internal: ZeroDivisionError: oh"


def test_debug_does_not_last(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, RegionalSimError("no"))
    assert "Traceback" in invoke(*RUN, "--debug").stderr
    assert only_error(invoke(*RUN), code=3) == "no"


def test_interrupt(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, KeyboardInterrupt())
    result = invoke(*RUN)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")


def test_forms_of_a_listing_are_those_of_the_help() -> None:
    assert [form.value for form in inspect.ListingForm] == ["table", "markdown", "json"]
    assert "table|markdown|json" in invoke("describe", "--help").stdout
