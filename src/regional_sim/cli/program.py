"""The program as a whole: what every command has in common when it ends.

A command raises; here alone an exception becomes a message and an exit code: 0 done, 1 differs or
some runs failed, 2 bad input, 3 internal error, 130 interrupted.
"""

from __future__ import annotations

import io
import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from typing import Any, Final, TextIO, cast

import typer
from typer.core import TyperGroup

from regional_sim.cli.interrupts import INTERRUPTED, interruptible
from regional_sim.errors import Fault, InputError, RegionalSimError, os_reason, visible

INTERNAL_ERROR: Final = 3
CLOSED_PIPE: Final = 141
"""What a shell reports of a program whose reader has gone: ``regional-sim describe ... | head``."""

DEBUG: Final = "--debug"

_AT_HOME: Final = re.compile(r"(--[\w-]+=)?(~.*)", re.DOTALL)
"""A path below a home folder, alone or after its option."""

# Typer brings its own copy of Click, or depends on it: its exceptions are reached from one that
# both export.
_UsageError: Final = typer.BadParameter.__bases__[0]


class Program(TyperGroup):
    """The group of all commands, with one end for all of them."""

    debug = False
    command: Any = None
    """The command that runs, once it is known."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Remember which command runs, so that messages can name its options."""
        found = super().resolve_command(ctx, args)
        self.command = found[1]
        return found

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command and exit with its code."""
        self.debug, self.command = False, None
        _replace_unencodable()
        code = self._code_of(*args, **extra | {"standalone_mode": False})
        try:
            sys.stderr.flush()
        except (AttributeError, OSError):
            _silence(sys.stderr)
        sys.exit(code)

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Take ``--debug`` out of the arguments, wherever it stands."""
        if parent is None:
            self.debug = DEBUG in args
            args = [_with_home(argument) for argument in args if argument != DEBUG]
        return super().make_context(info_name, args, parent, **extra)

    def _code_of(self, *args: Any, **extra: Any) -> int:
        """Run a command, report what went wrong, and return the exit code."""
        try:
            with interruptible(), redirect_stdout(cast("TextIO", _Output(sys.stdout))) as output:
                code = super().main(*args, **extra)
                output.flush()
        except SystemExit as error:
            return _closed(error)
        except (KeyboardInterrupt, typer.Abort):
            code = INTERRUPTED
        except BrokenPipeError:
            _silence(sys.stdout)
            return CLOSED_PIPE
        except Exception as error:
            if isinstance(error, OutputError):
                _silence(sys.stdout)
            return report_error(_as_typed(error, self.command), debug=self.debug)
        if code == INTERRUPTED:
            _say("interrupted")
        return code if isinstance(code, int) else 0


def _with_home(argument: str) -> str:
    """Write out ``~``, which a shell leaves as it is after an option's equals sign."""
    found = _AT_HOME.fullmatch(argument)
    if found is None:
        return argument
    return (found[1] or "") + os.path.expanduser(found[2])  # noqa: PTH111 (a text may have more)


def _as_typed(error: Exception, command: Any) -> Exception:
    """Name options as they are typed, with dashes, where a fault names them as Python does."""
    if not isinstance(error, InputError) or command is None:
        return error
    options = {one.name: one.opts[0] for one in command.params if one.opts[0].startswith("--")}
    options |= {text: text for text in options.values()}
    options |= {option.removeprefix("--"): option for option in options.values()}

    def typed(fault: Fault) -> Fault:
        names = (fault.key or "").split(", ")
        if fault.where is not None or not set(names) <= set(options):
            return fault
        return replace(fault, key=", ".join(options[name] for name in names))

    renamed = type(error).of(map(typed, error.faults))
    return renamed.with_traceback(error.__traceback__)


def report_error(error: Exception, *, debug: bool = False) -> int:
    """Print to standard error what went wrong, with `debug` also where; return the exit code."""
    if debug:
        sys.stderr.write(visible("".join(traceback.format_exception(error))))
    if isinstance(error, RegionalSimError):
        prefix = "" if error.exit_code == INTERRUPTED else "error: "
        for line in str(error).splitlines():
            _say(f"{prefix}{line}")
        return error.exit_code
    if isinstance(error, _UsageError):
        _say(f"error: {_usage(error)}")
        return InputError.exit_code
    if isinstance(error, OSError) and error.filename is not None:
        # A name that the system refuses, such as one of 300 characters, can come to any call.
        _say(f"error: {error.filename}: {os_reason(error)}")
        return InputError.exit_code
    said = " ".join(str(error).split())
    _say(f"error: internal: {type(error).__name__}{': ' if said else ''}{said}")
    if not debug:
        _say(f"run again with {DEBUG} to see where")
    return INTERNAL_ERROR


def _usage(error: Any) -> str:
    """Write Typer's complaint on one line, and where help is."""
    said = " ".join(error.format_message().split()).rstrip(".")
    place = "" if error.ctx is None else f"; see {error.ctx.command_path} --help"
    return f"{said[:1].lower()}{said[1:]}{place}"


def _closed(error: SystemExit) -> int:
    """Silence what is left to print when the reader of the output has gone.

    Outside its own handling of errors, which is off, Typer (like Rich) exits only then, with 1.
    """
    if error.code != 1:
        return error.code if isinstance(error.code, int) else 0
    _silence(sys.stdout)
    return CLOSED_PIPE


class OutputError(RegionalSimError):
    """Standard output cannot be written."""


class _Output:
    """Standard output, which may be closed, and says what it is where it cannot be written."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream or io.StringIO()

    def write(self, text: str) -> int:
        with _named():
            return self._stream.write(text)

    def flush(self) -> None:
        with _named():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        what = f"standard output cannot be written: {os_reason(error)}"
        raise OutputError(what) from error


def _silence(stream: TextIO | None) -> None:
    """Let what is left to print go nowhere."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _replace_unencodable() -> None:
    """Let a character that the output's encoding lacks become a question mark, not an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _say(line: str) -> None:
    """Write a line to standard error: broken between words on a terminal, else whole."""
    from regional_sim.cli.terminal import notes

    console = notes()
    with suppress(OSError):
        console.print(line, soft_wrap=not console.is_terminal)
