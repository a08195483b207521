"""How the program ends when it cannot write, is interrupted, or is given odd paths."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.cli import invoke, succeeds
from tests.support.processes import ended, start, surroundings
from tests.support.sweeps import INTERRUPTED

PROGRAM = (sys.executable, "-m", "regional_sim")
RUN = ("run", "two_states", "-n", "2", "--set", "horizon.months_after=24", "--out")

needs_devices = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
needs_posix = pytest.mark.skipif(sys.platform != "linux", reason="names and signals differ")


def shell(command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    program = " ".join(PROGRAM)
    text = command.replace("regional-sim", program)
    return ended("-c", text, program="bash", env=more, cwd=folder)


@needs_devices
@pytest.mark.parametrize(
    ("command", "unbuffered"),
    [
        ("describe options", ""),
        ("schema", ""),
        ("--help", ""),
        ("check two_states", ""),
        ("check two_states", "1"),
    ],
)
def test_a_full_standard_output_is_told_in_one_line(
    command: str, unbuffered: str, tmp_path: Path
) -> None:
    done = shell(f"regional-sim {command} > /dev/full", tmp_path, PYTHONUNBUFFERED=unbuffered)
    assert done.returncode == 3
    told = "error: standard output cannot be written: no space left on device\n"
    assert done.stderr == told


@needs_devices
def test_where_notes_cannot_be_shown_the_work_goes_on(tmp_path: Path) -> None:
    done = shell(f"regional-sim {' '.join(RUN)} out 2> /dev/full", tmp_path)
    assert done.returncode == 0
    assert "Written to out" in done.stdout
    assert shell(f"regional-sim {' '.join(RUN)} out 2> /dev/full", tmp_path).returncode == 2


@needs_posix
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_streams_may_be_closed(closed: str, tmp_path: Path) -> None:
    assert shell(f"regional-sim describe options {closed}", tmp_path).returncode == 0


@needs_posix
def test_a_folder_may_have_a_name_that_is_no_text(tmp_path: Path) -> None:
    out = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    succeeds(*RUN, out)
    succeeds("compare", out, out, "--tolerance", "0", "--out", f"{out}.csv")
    assert Path(f"{out}.csv").exists()


@needs_posix
@pytest.mark.parametrize("form", ["--out=~/{}", "--out=~", "--out ~/{}"])
def test_home_is_home(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    invoke(*RUN[:-1], *form.format("out").split(), "-q", code=0)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    out = tmp_path / "home" / ("" if form.endswith("~") else "out")
    assert (out / "manifest.json").exists()


@needs_posix
@pytest.mark.parametrize("force", [False, True])
def test_a_study_that_cannot_be_written_is_not_begun(force: bool, tmp_path: Path) -> None:
    study = tmp_path / "study"
    if force:
        study.mkdir()
        (study / "thesis.txt").write_text("mine")
    options = "--force" if force else ""
    # In blocks of 1024 bytes; the schema is larger.
    done = shell(f"ulimit -f 16; regional-sim init study {options}", tmp_path)
    assert done.returncode == 2
    assert done.stderr == "error: study/scenario.schema.json: cannot be written: file too large\n"
    assert [path.name for path in tmp_path.rglob("*")] == (["study", "thesis.txt"] if force else [])


@needs_posix
@pytest.mark.parametrize("engine", ["ensemble", "mesa"])
def test_ctrl_c_three_times_is_one_message(engine: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [*PROGRAM, *RUN, str(out), "-n", "100000", "--engine", engine, "--workers", "2"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": surroundings()}
    with start(command, start_new_session=True, **pipes) as running:
        while not (out / "plan.json").exists():
            assert running.poll() is None
            time.sleep(0.01)
        for _ in range(3):
            os.killpg(running.pid, signal.SIGINT)
            time.sleep(0.02)
        said = running.communicate()[1]
    assert running.returncode in INTERRUPTED
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("interrupted")


@needs_posix
@pytest.mark.parametrize(
    ("seconds", "code", "said"), [(0, 130, ("", "interrupted\n")), (60, 0, ("went on\n", ""))]
)
def test_a_second_ctrl_c_ends_the_program_but_not_the_same_one_told_twice(
    seconds: int, code: int, said: tuple[str, str]
) -> None:
    done = ended(
        "-c",
        "import signal\n"
        "from regional_sim.cli import interrupts\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"interrupts._SAME_SECONDS = {seconds}\n"
        "with interrupts.interruptible():\n"
        "    try:\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "print('went on')\n",
    )
    assert (done.returncode, (done.stdout, done.stderr)) == (code, said)


@needs_posix
def test_a_link_is_written_through_as_it_may_be_standard_output(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    done = shell("regional-sim schema --out link > out.json", tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "link").is_symlink()
    assert '"$schema"' in (tmp_path / "out.json").read_text()


@needs_posix
def test_ctrl_c_while_the_program_is_imported_prints_nothing_of_python() -> None:
    # The signal comes with the first import of what takes long.
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from regional_sim.__main__ import main\n"
        "main()\n"
    )
    done = ended("-c", code, "describe")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")
