"""The cache of compiled code: never stale, shared by processes, filled beforehand, or done without.

Every test that compiles has a cache of its own, and a process of its own to compile in.
"""

import ast
import os
import shutil
import subprocess
import sys
import threading
import types
from pathlib import Path

import pytest

from regional_sim.engine import precompile
from tests.support.compiled import SOURCE, compiled_functions
from tests.support.processes import HUNG_SECONDS, start

ROOT = SOURCE.parents[1]

own_cache = pytest.mark.skipif(
    sys.platform in {"win32", "darwin"}, reason="the cache folder cannot be set from outside"
)
compiles = pytest.mark.skipif(
    not precompile.compiler_is_on(), reason="NUMBA_DISABLE_JIT is set: nothing is compiled"
)

# One phase on made-up numbers: what it gives, and how often it had to be compiled for that.
ONE_PHASE = """
from regional_sim.scenario import load_scenario
from regional_sim.engine.build import empty_world
from regional_sim.model.variables import StateVar
from regional_sim.model.mechanisms.readiness import update_readiness

world = empty_world(load_scenario("two_states"))
world.state[:] = 0.7
world.param[:] = 0.3
world.state[StateVar.threat_start] = 0.1
update_readiness(world, 0, 0, 2)
misses = sum(update_readiness.stats.cache_misses.values())
print(world.state[StateVar.readiness, 0, 0].hex(), misses)
"""

NOTICE = """
from regional_sim.cli.terminal import compile_notice
from regional_sim.engine.precompile import compile_all

print(compile_notice())
compile_all(progress=lambda done, total: print(done, total))
"""

# All that calls compiled functions: both engines, several points at once, a clamped state.
CALL_ALL = """
import regional_sim
from regional_sim.api import experiment_from_mapping
from regional_sim.engine.precompile import arguments_of, entries, name_of

experiment = experiment_from_mapping({
    "scenario": "four_states",
    "settings": {
        "horizon.months_before": 1,
        "horizon.months_after": 25,
        "options.choice": "drawn",
    },
    "seed": 1,
    "replicates": 2,
    "postures": ["traditional", "new_approach"],
    "design": {"kind": "grid", "factors": {"parameters.theta_challenger": [0.4, 0.6]}},
    "clamp": ["CHN"],
})
for engine in ("ensemble", "mesa"):
    regional_sim.sweep(experiment, engine=engine)
"""

COUNT_COMPILED = """
print(sum(sum(entry.stats.cache_misses.values()) for entry in entries()))
"""

COMPARE_TYPES = """
import numba

for entry in entries():
    types = tuple(numba.typeof(argument) for argument in arguments_of(entry))
    if entry.signatures != [types]:
        print(name_of(entry), types, entry.signatures)
"""


def started(code: str, home: Path | None, source: Path) -> subprocess.Popen[str]:
    """Start a program, perhaps with a cache of its own or with a copy of the package."""
    own = {} if home is None else {"XDG_CACHE_HOME": str(home)}
    return start(
        [sys.executable, "-c", code],
        env={**os.environ, **own, "PYTHONPATH": str(source.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finished(program: subprocess.Popen[str]) -> str:
    """Wait for a program, and return what it printed."""
    printed, errors = program.communicate()
    assert program.returncode == 0, errors
    assert errors == ""
    return printed.strip()


def said_by(code: str, home: Path | None = None, source: Path = SOURCE) -> str:
    """Run a program, and return what it printed."""
    return finished(started(code, home, source))


def compiled_files(home: Path) -> dict[Path, int]:
    """Every file of compiled code, with its time stamp."""
    return {path: path.stat().st_mtime_ns for path in home.rglob("*.nb[ci]")}


# What is compiled beforehand.


@compiles
def test_every_marked_function_is_listed():
    marked = [
        ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts) + f".{function.name}"
        for path in SOURCE.rglob("*.py")
        for function in compiled_functions(
            ast.parse(path.read_text(encoding="utf-8")), ["compiled"]
        )
    ]
    assert len(marked) > 20
    listed = [precompile.name_of(entry) for entry in precompile.entries()]
    assert sorted(listed) == sorted(marked)


@compiles
def test_types_are_those_that_the_engines_use():
    precompile.compile_all()
    assert said_by(CALL_ALL + COMPARE_TYPES) == ""


@compiles
def test_long_functions_come_first_and_then_those_that_share_their_code():
    def name(entry):
        return precompile.name_of(entry).rpartition(".")[2]

    def order(*taken):
        return [name(e) for e in precompile._by_shared_code(lambda e: name(e) not in taken)]

    names = [name(entry) for entry in precompile.entries()]
    assert names.index("update_escalation_probabilities") < names.index("update_rungs")
    assert names.index("update_rungs") < names.index("update_readiness")
    assert order()[0] == names[0]
    assert order(names[0])[0] == names[1]
    assert order().index("update_rungs") < order(names[0]).index("update_rungs")
    assert sorted(order(*names[1:3])) == sorted(set(names) - {*names[1:3]})


@own_cache
@compiles
@pytest.mark.slow
def test_all_that_runs_is_compiled_beforehand(tmp_path):
    home = tmp_path / "cache"
    lines = said_by(NOTICE, home).splitlines()
    assert "once" in lines[0]
    assert [len(set(line.split())) for line in (lines[1], lines[-1])] == [2, 1]
    before = compiled_files(home)
    assert len(before) == 2 * len(precompile.entries())
    assert said_by(CALL_ALL + COUNT_COMPILED, home) == "0"
    assert compiled_files(home) == before
    assert said_by(NOTICE, home) == "None"


# Never stale, shared, or done without.


@own_cache
@compiles
@pytest.mark.slow
def test_an_edit_of_another_file_is_never_missed(tmp_path):
    # Numba itself looks only at the file of the phase, and only at its size and time.
    for name in ("src", "configs", "experiments"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    source, home = tmp_path / "src" / "regional_sim", tmp_path / "cache"
    first, n_compiled = said_by(ONE_PHASE, home, source).split()
    assert n_compiled == "1"
    assert said_by(ONE_PHASE, home, source) == f"{first} 0"
    rule = source / "model" / "mechanisms" / "readiness.py"
    text, stamp = rule.read_text(encoding="utf-8"), rule.stat()
    assert text.count("readiness + fatigue *") == 1
    rule.write_text(text.replace("readiness + fatigue *", "readiness - fatigue *"), "utf-8")
    os.utime(rule, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert rule.stat().st_size == stamp.st_size
    edited, n_compiled = said_by(ONE_PHASE, home, source).split()
    assert n_compiled == "1"
    assert edited != first
    assert said_by(ONE_PHASE, tmp_path / "other", source).split()[0] == edited


@own_cache
@compiles
@pytest.mark.slow
def test_processes_that_start_together_share_a_cache(tmp_path):
    programs = [started(ONE_PHASE, tmp_path, SOURCE) for _ in range(3)]
    values = {finished(program).split()[0] for program in programs}
    assert len(values) == 1
    assert said_by(ONE_PHASE, tmp_path) == f"{values.pop()} 0"


@own_cache
@compiles
@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_done_without(tmp_path):
    home = tmp_path / "file"
    home.write_text("")
    kept = said_by(ONE_PHASE, tmp_path / "cache")
    assert said_by(ONE_PHASE, home) == kept
    assert kept.split()[1] == "1"
    (notice,) = said_by(NOTICE, home).splitlines()
    assert "each time: the folder that would keep it cannot be written" in notice
    assert home.read_text() == ""


# Children.


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """A cache in which nothing is compiled, and a program that tried nothing yet."""
    monkeypatch.setattr(precompile, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(precompile, "compiler_is_on", lambda: True)
    monkeypatch.setattr(precompile, "_tried", set())
    return tmp_path


def children_that(code, monkeypatch):
    """Let children do something else."""
    monkeypatch.setattr(precompile, "_command", lambda *_: [sys.executable, "-c", code])


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit('no compiler here')", "no compiler here"),
        ("import os; os._exit(7)", "a process ended with 7"),
    ],
)
def test_children_that_fail_are_told_of_once(monkeypatch, code, said):
    children_that(code, monkeypatch)
    with pytest.warns(RuntimeWarning, match=f"compiled beforehand.*\n{said}"):
        precompile.compile_all(1)
    precompile.compile_all(1)


@pytest.mark.usefixtures("empty_cache")
def test_a_program_that_cannot_be_started_is_told_of(monkeypatch):
    monkeypatch.setattr(precompile, "_command", lambda *_: ["no such program"])
    with pytest.warns(RuntimeWarning, match="No such file"):
        precompile.compile_all(2)


@pytest.mark.usefixtures("empty_cache")
def test_an_interruption_ends_the_children(monkeypatch):
    children = []

    class Child(subprocess.Popen):
        def __init__(self, *arguments, **more):
            super().__init__(*arguments, **more)
            children.append(self)

    def interrupted(done, total):
        assert [child.poll() for child in children] == [None] * 3
        raise KeyboardInterrupt

    monkeypatch.setattr(precompile.subprocess, "Popen", Child)
    children_that(f"import time; time.sleep({HUNG_SECONDS})", monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        precompile.compile_all(3, interrupted)
    assert all(child.poll() for child in children)


def test_what_is_claimed_is_left_alone_and_a_failure_is_not_the_end(
    empty_cache, tmp_path, monkeypatch, capsys
):
    def entry(name):
        named = types.FunctionType((lambda: None).__code__, {}, name)
        named.__module__, named.py_func = "phases", named
        return named

    def compile_for(entry, _):
        if entry.__name__ == "broken":
            raise TypeError("no such type")

    claims = tmp_path / "claims"
    claims.mkdir()
    (claims / "phases.taken").touch()
    names = ["broken", "taken", "whole"]
    monkeypatch.setattr(precompile, "entries", lambda: [entry(name) for name in names])
    monkeypatch.setattr(precompile, "compile_for", compile_for)
    monkeypatch.setattr(precompile, "arguments_of", lambda _: [])
    monkeypatch.setattr(precompile.gc, "set_threshold", lambda *_: None)
    assert precompile._compile_claimed(claims, tmp_path) == 1
    assert capsys.readouterr().err == "phases.broken: TypeError: no such type\n"
    assert [path.name for path in claims.glob("*.done")] == ["phases.whole.done"]
    assert precompile._compile_claimed(claims, tmp_path) == 0


def test_sources_that_change_meanwhile_are_not_compiled(empty_cache, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(precompile.gc, "set_threshold", lambda *_: None)
    assert precompile._compile_claimed(tmp_path, tmp_path / "other") == 1
    assert "sources have changed" in capsys.readouterr().err


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize("reason", ["compiled", "off", "unwritable"])
def test_no_child_is_started_in_vain(monkeypatch, reason):
    monkeypatch.setattr(precompile, "_command", lambda *_: pytest.fail("started a child"))
    monkeypatch.setattr(precompile, "is_compiled", lambda: reason == "compiled")
    if reason == "off":
        monkeypatch.setattr(precompile, "compiler_is_on", lambda: False)
    if reason == "unwritable":
        monkeypatch.setattr(precompile, "cache_folder", lambda: None)
    precompile.compile_all()


@pytest.mark.skipif(sys.platform == "win32", reason="has no such locks")
def test_a_program_waits_for_another_that_compiles(empty_cache, monkeypatch):
    # It asks twice: before it waits, and when the other has done all of it.
    monkeypatch.setattr(precompile, "_command", lambda *_: pytest.fail("started a child"))
    compiled, waits, asked = threading.Event(), threading.Event(), []

    def is_compiled():
        asked.append(compiled.is_set())
        waits.set()
        return compiled.is_set()

    monkeypatch.setattr(precompile, "is_compiled", is_compiled)
    waiting = threading.Thread(target=precompile.compile_all, daemon=True)
    with precompile._one_at_a_time(empty_cache):
        waiting.start()
        assert waits.wait(HUNG_SECONDS)
        compiled.set()
    waiting.join(HUNG_SECONDS)
    assert asked == [False, True]


def test_processes_are_as_many_as_processors_but_not_too_many(monkeypatch):
    assert 1 <= precompile.default_processes() <= precompile.MOST_PROCESSES
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert precompile.default_processes() == precompile.MOST_PROCESSES
