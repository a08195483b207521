"""Compiling the model before the first run, and saying so."""

from __future__ import annotations

import math
import warnings
from typing import Final

from regional_sim.cli.consoles import notes
from regional_sim.cli.progress import progress

_STEP_SECONDS: Final = 5


def compile_model() -> None:
    """Compile the model where it is not compiled yet, and tell the user."""
    notice = compile_notice()
    if notice is None:
        return
    from regional_sim.engine.precompile import compile_all

    console = notes()
    console.print(notice)
    with (
        warnings.catch_warnings(record=True, action="always") as caught,
        progress(quiet=False, unit="functions") as update,
    ):
        compile_all(progress=update)
    for warning in caught:
        console.print(str(warning.message), soft_wrap=True)


def compile_notice() -> str | None:
    """Tell whether the first run will wait for the compiler.

    Returns
    -------
    str or None
        What to tell the user; None where compiled code is at hand, or none is used.
    """
    from regional_sim.engine import precompile
    from regional_sim.numerics import compiler

    if not compiler.compiler_is_on():
        return None
    if compiler.cache_folder() is None:
        return (
            f"Compiling the model for this machine, {_about(precompile.SECONDS_OF_ONE)}, each time:"
            " the folder that would keep it cannot be written ..."
        )
    if precompile.is_compiled():
        return None
    seconds = precompile.SECONDS_OF_ONE / precompile.default_processes()
    return f"Compiling the model for this machine, once, {_about(seconds)} ..."


def _about(seconds: float) -> str:
    return f"about {_STEP_SECONDS * math.ceil(seconds / _STEP_SECONDS)} seconds"
