"""Imports point downward only.

The order of the packages stands in ``ALLOWED`` and nowhere else in code. Every import counts:
absolute, relative, inside a function, below ``if TYPE_CHECKING``, and by name with
``importlib.import_module``.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = "regional_sim"
SOURCE = Path(__file__).resolve().parents[2] / "src" / ROOT

# From top to bottom. Packages that share a row are siblings: neither imports the other.
ROWS = (
    ("cli",),
    ("report",),
    ("bridges",),
    ("analysis",),
    ("runner",),
    ("results",),
    ("experiment",),
    ("mesa_model",),
    ("engine",),
    ("scenario", "postures"),
    ("model",),
    ("numerics",),
    ("errors",),
)
# The face of the package: may import anything, and only the users' side may import it.
FACE = ("__init__", "__main__", "api")
FACE_USERS = ("cli", "report")

LAYERS = [name for row in ROWS for name in row]
ALLOWED: dict[str, frozenset[str]] = {
    name: frozenset(lower for row in ROWS[place + 1 :] for lower in row)
    | {name}
    | frozenset(FACE if name in FACE_USERS else ())
    for place, row in enumerate(ROWS)
    for name in row
} | {name: frozenset([*LAYERS, *FACE]) for name in FACE}


def module_parts(path: Path, source: Path = SOURCE) -> tuple[str, ...]:
    """Name a file as a module: ``rules/force.py`` is ``("rules", "force")``."""
    return path.relative_to(source).with_suffix("").parts


def layer_of(parts: tuple[str, ...]) -> str:
    """The top package of a dotted name below the root; the root itself is ``__init__``."""
    return parts[0] if parts else "__init__"


def base_of(dots: int, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Where a name with so many leading dots starts in module ``parts``: one is its folder."""
    return (ROOT, *parts)[: len(parts) + 1 - dots] if dots else ()


def targets_of_from(node: ast.ImportFrom, parts: tuple[str, ...]) -> Iterator[str]:
    """Layers that a ``from ... import ...`` statement in module ``parts`` reaches."""
    name = (*base_of(node.level, parts), *(node.module.split(".") if node.module else ()))
    if name[:1] != (ROOT,):
        return
    if len(name) > 1:
        yield layer_of(name[1:])
        return
    for alias in node.names:
        # `from regional_sim import world` names a package, anything else a name of the root.
        yield alias.name if alias.name in ALLOWED or (SOURCE / alias.name).is_dir() else "__init__"


def targets_of_call(node: ast.Call, parts: tuple[str, ...]) -> Iterator[str]:
    """Layers that ``import_module("...")`` or ``__import__("...")`` reaches."""
    function = node.func
    called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if called not in {"import_module", "__import__"} or not node.args:
        return
    argument = node.args[0]
    if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
        return
    dots = len(argument.value) - len(argument.value.lstrip("."))
    name = (*base_of(dots, parts), *(word for word in argument.value.split(".") if word))
    if name[:1] == (ROOT,):
        yield layer_of(name[1:])


def imported_layers(source: str, parts: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Line and layer of every import of this package in the text of module ``parts``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [tuple(alias.name.split(".")) for alias in node.names]
            found = [layer_of(name[1:]) for name in names if name[0] == ROOT]
        elif isinstance(node, ast.ImportFrom):
            found = list(targets_of_from(node, parts))
        elif isinstance(node, ast.Call):
            found = list(targets_of_call(node, parts))
        else:
            continue
        for layer in found:
            yield node.lineno, layer


def complaints(source: str, parts: tuple[str, ...]) -> list[str]:
    """What is wrong with the imports of one module, one sentence each."""
    where = "/".join(parts) + ".py"
    layer = layer_of(parts)
    if layer not in ALLOWED:
        return [f"{where}: '{layer}' has no place in the table of tests/unit/test_layering.py"]
    found = []
    for line, target in imported_layers(source, parts):
        if target not in ALLOWED:
            found.append(f"{where}:{line}: imports '{target}', which has no place in the table")
        elif target not in ALLOWED[layer]:
            found.append(f"{where}:{line}: '{layer}' must not import '{target}'")
    return found


def test_imports_point_downward() -> None:
    files = sorted(SOURCE.rglob("*.py"))
    assert files, f"no Python file below {SOURCE}"
    wrong = [
        complaint
        for path in files
        for complaint in complaints(path.read_text(encoding="utf-8"), module_parts(path))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("parts", "source", "target"),
    [
        (("rules", "force"), "import regional_sim.model.random_streams", "world"),
        (("rules", "force"), "import numpy, regional_sim.model as w", "world"),
        (("rules", "force"), "from regional_sim.model import draws", "world"),
        (("rules", "force"), "from regional_sim import world", "world"),
        (("rules", "force"), "from regional_sim import load_scenario", "__init__"),
        (("rules", "force"), "import regional_sim", "__init__"),
        (("rules", "force"), "from ..world import draws", "world"),
        (("rules", "force"), "from .. import world", "world"),
        (("rules", "force"), "from .. import load_scenario", "__init__"),
        (("rules", "__init__"), "from ..world import draws", "world"),
        (("analysis", "a", "b"), "from ...report import page", "report"),
        (("errors",), "from . import rules", "rules"),
        (("errors",), "from .rules import force", "rules"),
        (("world", "core"), "def f():\n    from regional_sim.mesa_model import agents", "model"),
        (
            ("world", "core"),
            "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from regional_sim.engine import driver",
            "ensemble",
        ),
        (("world", "core"), "importlib.import_module('regional_sim.mesa_model')", "model"),
        (("world", "core"), "import_module('..model', __package__)", "model"),
        (("model", "agents"), "from regional_sim.engine import driver", "ensemble"),
        (("ensemble", "driver"), "from regional_sim.mesa_model import agents", "model"),
        (("scenario", "load"), "from regional_sim import postures", "postures"),
        (("postures", "steps"), "from regional_sim import scenario", "scenario"),
        (("experiment", "runner"), "from regional_sim import api", "api"),
        (("analysis", "results"), "from regional_sim.bridges import mesa", "bridges"),
        (("bridges", "ema"), "import regional_sim", "__init__"),
        (("report", "page"), "from regional_sim.dashboard import app", "dashboard"),
    ],
)
def test_upward_or_sideways_import_is_caught(
    parts: tuple[str, ...], source: str, target: str
) -> None:
    assert [c.split(": ", 1)[1] for c in complaints(source, parts)] == [
        f"'{parts[0]}' must not import '{target}'"
    ]


@pytest.mark.parametrize(
    ("parts", "source"),
    [
        (("world", "core"), "from regional_sim.model.mechanisms import force, numeric"),
        (("world", "core"), "from ..scenario import schema\nfrom ..postures import steps"),
        (("world", "core"), "from . import draws\nfrom .draws import uniforms"),
        (("rules", "__init__"), "from . import force\nfrom .force import projected"),
        (("rules", "force"), "from ..errors import ScenarioError"),
        (("errors",), "import regional_simulator\nfrom world import peace"),
        (("cli", "app"), "from regional_sim import api, report, dashboard"),
        (("cli", "app"), "from regional_sim import load_scenario"),
        (("dashboard", "app"), "import regional_sim.report.plots"),
        (("api",), "from regional_sim.cli import app\nfrom . import model"),
        (
            ("__init__",),
            "from .api import load_scenario\nfrom regional_sim.errors import InputError",
        ),
        (("__main__",), "from regional_sim.cli.app import main"),
    ],
)
def test_downward_import_passes(parts: tuple[str, ...], source: str) -> None:
    assert complaints(source, parts) == []


def test_unknown_module_is_named() -> None:
    assert complaints("", ("helpers", "text")) == [
        "helpers/text.py: 'helpers' has no place in the table of tests/unit/test_layering.py"
    ]
    assert complaints("import regional_sim.helpers", ("cli", "app")) == [
        "cli/app.py:1: imports 'helpers', which has no place in the table"
    ]
