"""The rules of the package as plain Python, with :mod:`math` in place of its own functions.

A rule is copied with the names that it looks up, so that the compiled engine, in the same process
or in another, keeps its own.
"""

from __future__ import annotations

import math
import sys
from types import FunctionType, ModuleType
from typing import Any

from regional_sim.numerics import elementary

_SQRT_HALF = math.sqrt(0.5)


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def _normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x * _SQRT_HALF)


_REPLACED = {
    elementary.exp: math.exp,
    elementary.log: math.log,
    elementary.logistic: _logistic,
    elementary.normal_cdf: _normal_cdf,
}
_names_of: dict[str, dict[str, Any]] = {}


def plain(*modules: ModuleType) -> list[ModuleType]:
    """Return modules of rules in plain Python."""
    copies = [ModuleType(module.__name__) for module in modules]
    for copy in copies:
        vars(copy).update(_plain_names(copy.__name__))
    return copies


def _plain_names(module: str) -> dict[str, Any]:
    if module not in _names_of:
        names = _names_of[module] = dict(vars(sys.modules[module]))
        names.update({name: _plain(value, module) for name, value in names.items()})
    return _names_of[module]


def _plain(value: Any, module: str) -> Any:
    """Return the plain form of what a module knows by some name."""
    function = getattr(value, "py_func", value)
    if not isinstance(function, FunctionType) or not function.__module__.startswith("regional_sim"):
        return value
    if value in _REPLACED:
        return _REPLACED[value]
    home = function.__module__
    if home != module:
        return _plain_names(home).get(function.__name__, value)
    return FunctionType(function.__code__, _names_of[home], function.__name__)
