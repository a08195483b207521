"""Progress appears only when it is worth it, and says beforehand what takes long."""

import io
import warnings
from pathlib import Path

import pytest
from rich.console import Console

from regional_sim.cli import compiling as announcing
from regional_sim.cli import progress as module
from regional_sim.cli.arguments import names
from regional_sim.cli.compiling import compile_model, compile_notice
from regional_sim.cli.progress import progress
from regional_sim.engine import precompile
from regional_sim.numerics import compiler


class Clock:
    """Stands in for the clock."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stand_in = Clock()
    monkeypatch.setattr(module, "time", stand_in)
    return stand_in


def console_to(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, terminal: bool = False
) -> None:
    console = Console(file=stream, force_terminal=terminal, width=80, _environ={})
    monkeypatch.setattr(module, "notes", lambda: console)
    monkeypatch.setattr(announcing, "notes", lambda: console)


def test_lines_at_every_tenth(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    console_to(stream, monkeypatch)
    with progress(quiet=False) as update:
        assert update is not None
        for done in range(0, 101, 5):
            clock.now = 0.2 * done
            update(done, 100)
    lines = stream.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == [str(done) for done in range(10, 101, 10)]
    assert lines[0] == "10 of 100 runs, about 18 s left"
    assert lines[-1] == "100 of 100 runs, in 20 s"


def test_the_first_line_does_not_wait_for_a_tenth(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    console_to(stream, monkeypatch)
    with progress(quiet=False) as update:
        assert update is not None
        for done in (0, 1, 2, 3):
            clock.now = float(done)
            update(done, 100)
    assert stream.getvalue() == "2 of 100 runs, about 2 min left\n"


def test_what_was_found_tells_nothing_of_the_speed(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    console_to(stream, monkeypatch)
    with progress(quiet=False) as update:
        assert update is not None
        update(50, 100)
        clock.now = 5.0
        update(60, 100)
    assert stream.getvalue() == "60 of 100 runs, about 20 s left\n"


def test_quick_work_shows_nothing(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    console_to(stream, monkeypatch)
    with progress(quiet=False) as update:
        assert update is not None
        update(0, 2)
        clock.now = 1.9
        update(2, 2)
    assert stream.getvalue() == ""


def test_bar_on_a_terminal(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    console_to(stream, monkeypatch, terminal=True)
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.01)
    with progress(quiet=False) as update:
        assert isinstance(update, module._Bar)
        update(0, 8)
        update._timer.join()
        update(4, 8)
        update._bar.refresh()
    assert "4/8" in stream.getvalue()


@pytest.mark.parametrize("told", [True, False])
def test_no_bar_where_work_ends_soon(
    told: bool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    console_to(stream, monkeypatch, terminal=True)
    with progress(quiet=False) as update:
        assert isinstance(update, module._Bar)
        if told:
            update(8, 8)
    assert not update._timer.is_alive()
    assert stream.getvalue() == ""


def test_quiet_has_no_display() -> None:
    with progress(quiet=True) as update:
        assert update is None


def test_what_comes_first_comes_once_and_only_when_work_begins(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    console_to(stream, monkeypatch)

    def first() -> None:
        stream.write("Compiling\n")
        clock.now += 20.0

    with progress(quiet=False, first=first) as update:
        assert update is not None
        assert stream.getvalue() == ""
        update(0, 10)
        clock.now += 3.0
        update(5, 10)
    assert stream.getvalue() == "Compiling\n5 of 10 runs, about 3 s left\n"


def test_notice_depends_on_what_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiler, "compiler_is_on", lambda: True)
    for place in (compiler, precompile):
        monkeypatch.setattr(place, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(precompile, "entries", lambda: ["force", "trade"])
    monkeypatch.setattr(precompile, "default_processes", lambda: 2)
    assert compile_notice() == ("Compiling the model for this machine, once, about 20 seconds ...")
    (tmp_path / "phases").mkdir()
    # The compiler writes two files for each function.
    for missing in ("force.nbi", "force.nbc", "trade.nbi"):
        (tmp_path / "phases" / missing).touch()
        assert "once" in (compile_notice() or "")
    (tmp_path / "phases" / "trade.nbc").touch()
    assert compile_notice() is None
    monkeypatch.setattr(compiler, "cache_folder", lambda: None)
    assert "each time" in (compile_notice() or "")
    monkeypatch.setattr(compiler, "compiler_is_on", lambda: False)
    assert compile_notice() is None


def test_compiling_shows_its_progress_and_what_went_wrong(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compile_all(progress: precompile.CompileProgress) -> None:
        progress(0, 28)
        clock.now += 10.0
        progress(14, 28)
        warnings.warn("one function failed", RuntimeWarning, stacklevel=2)

    stream = io.StringIO()
    console_to(stream, monkeypatch)
    monkeypatch.setattr(precompile, "compile_all", compile_all)
    monkeypatch.setattr(announcing, "compile_notice", lambda: "Compiling")
    compile_model()
    assert stream.getvalue().splitlines() == [
        "Compiling",
        "14 of 28 functions",
        "one function failed",
    ]
    monkeypatch.setattr(announcing, "compile_notice", lambda: None)
    compile_model()
    assert stream.getvalue().count("Compiling") == 1


def test_names_with_commas() -> None:
    assert names("a, b,,c ") == ("a", "b", "c")
    assert names("") == names(None) == ()
