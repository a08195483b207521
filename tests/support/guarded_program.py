"""The program, in a process that may not reach out: ``python guarded_program.py LOG COMMAND ...``.

Whatever looks up a name or connects to another machine is refused, and noted in the file LOG.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

HERE = ("127.0.0.1", "::1", "localhost", None, "")


def refuse(log_file: Path, what: str, host: object) -> None:
    with log_file.open("a", encoding="utf-8") as log:
        log.write(f"{what} {host}\n")
    raise OSError(f"refused: {what} {host}")


def guard(log_file: Path) -> None:
    lookups = {name: getattr(socket, name) for name in ("getaddrinfo", "gethostbyname")}
    connects = {name: getattr(socket.socket, name) for name in ("connect", "connect_ex", "sendto")}

    def looking(name: str) -> Any:
        def look_up(host: Any, *more: Any, **named: Any) -> Any:
            if host not in HERE:
                refuse(log_file, name, host)
            return lookups[name](host, *more, **named)

        return look_up

    def connecting(name: str) -> Any:
        def connect(own: socket.socket, *arguments: Any) -> Any:
            address = arguments[-1]
            if own.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in HERE:
                refuse(log_file, name, address)
            return connects[name](own, *arguments)

        return connect

    for name in lookups:
        setattr(socket, name, looking(name))
    for name in connects:
        setattr(socket.socket, name, connecting(name))


if __name__ == "__main__":
    guard(Path(sys.argv[1]))
    from regional_sim.cli.app import app

    sys.argv = ["regional-sim", *sys.argv[2:]]
    app(prog_name="regional-sim")
