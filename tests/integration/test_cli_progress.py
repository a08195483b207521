"""Progress appears only when it is worth it, and says beforehand what takes long."""

import io
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from regional_sim.cli import terminal
from regional_sim.cli.options import names
from regional_sim.cli.terminal import compile_model, compile_notice, progress
from regional_sim.engine import precompile
from regional_sim.numerics import compiler


class Screen(io.StringIO):
    """Where notes are shown, and the clock beside it, which goes only when it is set."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    @property
    def lines(self) -> list[str]:
        return self.getvalue().splitlines()


@pytest.fixture(params=[False])
def screen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    shown = Screen()
    console = Console(file=shown, force_terminal=request.param, width=80, _environ={})
    monkeypatch.setattr(terminal, "notes", lambda: console)
    monkeypatch.setattr(terminal, "time", shown)
    return shown


on_a_terminal = pytest.mark.parametrize("screen", [True], indirect=True)


@pytest.mark.parametrize(
    ("told", "lines"),
    [
        pytest.param(
            [(0.2 * done, done) for done in range(0, 100, 20)],
            [
                "20 of 100 runs, about 16 s left",
                "40 of 100 runs, about 12 s left",
                "60 of 100 runs, about 8 s left",
                "80 of 100 runs, about 4 s left",
            ],
            id="every tenth",
        ),
        pytest.param(
            [(float(done), done) for done in range(4)],
            ["2 of 100 runs, about 2 min left"],
            id="the first line does not wait for a tenth",
        ),
        pytest.param(
            [(0.0, 50), (5.0, 60), (8.0, 100)],
            ["60 of 100 runs, about 20 s left", "100 of 100 runs, in 8 s"],
            id="what was found tells nothing of the speed",
        ),
        pytest.param([(0.0, 0), (1.9, 100)], [], id="quick work shows nothing"),
    ],
)
def test_lines(told: list[tuple[float, int]], lines: list[str], screen: Screen) -> None:
    with progress(quiet=False) as update:
        assert update is not None
        for screen.now, done in told:
            update(done, 100)
    assert screen.lines == lines


@on_a_terminal
def test_bar_on_a_terminal(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "PATIENCE_SECONDS", 0.0)
    with progress(quiet=False) as update:
        assert isinstance(update, terminal._Bar)
        update(0, 8)
        update._timer.join()
        update(4, 8)
        update._bar.refresh()
    assert "4/8" in screen.getvalue()


@on_a_terminal
@pytest.mark.parametrize("told", [True, False])
def test_no_bar_where_work_ends_soon(
    told: bool, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "PATIENCE_SECONDS", 3600.0)
    with progress(quiet=False) as update:
        assert isinstance(update, terminal._Bar)
        if told:
            update(8, 8)
    assert not update._timer.is_alive()
    assert screen.getvalue() == ""


def test_quiet_has_no_display() -> None:
    with progress(quiet=True) as update:
        assert update is None


def test_what_comes_first_comes_once_and_only_when_work_begins(screen: Screen) -> None:
    def first() -> None:
        screen.write("Compiling\n")
        screen.now += 20.0

    with progress(quiet=False, first=first) as update:
        assert update is not None
        assert screen.lines == []
        update(0, 10)
        screen.now += 3.0
        update(5, 10)
    assert screen.lines == ["Compiling", "5 of 10 runs, about 3 s left"]


def test_notice_depends_on_what_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiler, "compiler_is_on", lambda: True)
    for place in (compiler, precompile):
        monkeypatch.setattr(place, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(precompile, "entries", lambda: ["force", "trade"])
    monkeypatch.setattr(precompile, "default_processes", lambda: 2)
    assert compile_notice() == "Compiling the model for this machine, once, about 20 seconds ..."
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
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compile_all(progress: precompile.CompileProgress) -> None:
        progress(0, 28)
        screen.now += 10.0
        progress(14, 28)
        warnings.warn("one function failed", RuntimeWarning, stacklevel=2)

    monkeypatch.setattr(precompile, "compile_all", compile_all)
    notices = iter(["Compiling", None])
    monkeypatch.setattr(terminal, "compile_notice", lambda: next(notices))
    compile_model()
    assert screen.lines == ["Compiling", "14 of 28 functions", "one function failed"]
    compile_model()
    assert len(screen.lines) == 3


def test_names_with_commas() -> None:
    assert names("a, b,,c ") == ("a", "b", "c")
    assert names("") == names(None) == ()
