"""Compiled functions of the package, found in its sources and in its modules."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import regional_sim
from regional_sim.numerics import elementary

SOURCE = Path(regional_sim.__file__).resolve().parent
MARKS = ("compiled", "inlined", "source_inlined", "noalias_loop")

only_compiled = pytest.mark.skipif(
    not hasattr(elementary.exp, "py_func"), reason="NUMBA_DISABLE_JIT is set: nothing is compiled"
)


def compiled_functions(tree: ast.AST, marks: Sequence[str] = MARKS) -> Iterator[ast.FunctionDef]:
    """Find the functions that carry one of the package's decorators."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(mark, ast.Name) and mark.id in marks for mark in node.decorator_list
        ):
            yield node


def scalar_rules() -> dict[str, Any]:
    """Return every function of the mechanisms that takes numbers alone, by module and name."""
    found = {}
    for path in sorted((SOURCE / "model" / "mechanisms").glob("[!_]*.py")):
        module = importlib.import_module(f"regional_sim.model.mechanisms.{path.stem}")
        for name, value in vars(module).items():
            plain = getattr(value, "py_func", value)
            if inspect.isfunction(plain) and plain.__module__ == module.__name__:
                hints = get_type_hints(plain)
                hints.pop("return", None)
                if set(hints.values()) <= {int, float}:
                    found[f"{path.stem}.{name}"] = value
    return found
