"""Where text goes: results to standard output, everything else to standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def output() -> Console:
    """Return the console of results.

    Returns
    -------
    Console
        Standard output, without colour where that is no terminal or ``NO_COLOR`` is set.
    """
    return _console(stderr=False)


def notes() -> Console:
    """Return the console of progress, notices and errors.

    Returns
    -------
    Console
        Standard error.
    """
    return _console(stderr=True)


def print_path(console: Console, text: str) -> None:
    """Print a line that is not broken, so that a path in it can be copied.

    Parameters
    ----------
    console : Console
        Where to.
    text : str
        The line.
    """
    console.print(text, soft_wrap=True)


def _console(*, stderr: bool) -> Console:
    """Make a console that takes text as it is: no markup, no emoji, no colouring of numbers."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)
