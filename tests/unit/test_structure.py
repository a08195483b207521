"""What keeps the house in order: imports, sizes and names."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "regional_sim"
MODULES = sorted(SOURCE.rglob("*.py"))

FUNCTION_LINES = 60
MODULE_LINES = 400
REASON = "Longer than others because"
"""How the docstring of a module above the limit begins the sentence that says why."""

SAME_MEANING = {
    # The command line, the Python interface and the room below have one name for one thing.
    "check",
    "compare",
    "describe",
    "discover",
    "flips",
    "hypotheses",
    "main",
    "merge",
    "reproduce",
    "run",
    "schema",
    "sensitivity",
    "sweep",
    "trace",
    # Both engines answer the same call.
    "run_batch",
}
"""Public names that stand in several modules and mean the same in all."""


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_imports_point_downward_and_in_no_circle() -> None:
    """The rooms and their order stand in pyproject.toml, below `tool.importlinter`."""
    found = cli.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert found == 0, "see the report above, or run `lint-imports`"


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines below the signature and the docstring."""
    first = function.body[0]
    start = first.end_lineno if ast.get_docstring(function) else first.lineno - 1
    return function.end_lineno - start


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_are_short(path: Path) -> None:
    functions = [
        node
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = {
        one.name: lines_of_code(one) for one in functions if lines_of_code(one) > FUNCTION_LINES
    }
    assert not long


def test_modules_are_short_or_say_why_not() -> None:
    long = {
        name_of(path): text.count("\n")
        for path in MODULES
        if (text := path.read_text(encoding="utf-8")).count("\n") > MODULE_LINES
        and REASON not in (ast.get_docstring(ast.parse(text)) or "")
    }
    assert not long


def public_names(path: Path) -> Iterator[str]:
    """Names that a module defines at its top level and does not begin with an underscore."""
    for node in tree_of(path).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found = [name]
            case ast.Assign(targets=targets):
                found = [one.id for one in targets if isinstance(one, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)):
                found = [name]
            case _:
                found = []
        yield from (name for name in found if not name.startswith("_"))


def test_a_public_name_means_one_thing() -> None:
    places = defaultdict(list)
    for path in MODULES:
        for name in dict.fromkeys(public_names(path)):
            places[name].append(name_of(path))
    twice = {
        name: found for name, found in places.items() if len(found) > 1 and name not in SAME_MEANING
    }
    assert not twice
