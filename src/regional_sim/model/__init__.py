"""The model itself: its variables and parameters, the mechanisms of a month, and the metrics."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

_MOVED = {"RegionModel": "regional_sim", "StateAgent": "regional_sim.mesa_model"}


def __getattr__(name: str) -> Any:
    """Return what was here before, with a warning that names the new place."""
    if name not in _MOVED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    advice = f"{name} has moved: use `from {_MOVED[name]} import {name}`"
    warnings.warn(advice, DeprecationWarning, stacklevel=2)
    return getattr(import_module(_MOVED[name]), name)
