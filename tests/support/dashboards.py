"""A dashboard that serves in a process of its own, which may not reach out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import program, surroundings

GUARDED = Path(__file__).with_name("guarded_program.py")


@dataclass(frozen=True)
class Served:
    """A dashboard: its address, its process and what it tried to reach."""

    address: str
    pid: int
    log: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def reached_out(self) -> str:
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""


@contextmanager
def dashboard_of(folder: Path, *arguments: str) -> Iterator[Served]:
    """Serve a dashboard at a free port while the block lasts."""
    log = folder / "reached_out.txt"
    command = ("dashboard", *arguments, "--port", "0", "--no-browser")
    with program("-W", "error", str(GUARDED), str(log), *command, env=surroundings()) as process:
        line = process.stdout.readline()
        assert "http" in line, process.stderr.read()
        yield Served(line.split("at ")[1].split()[0], process.pid, log)
