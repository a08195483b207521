"""Versions of what results depend on."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Final

PACKAGE: Final = "regional_sim"

_LIBRARIES: Final = ("numpy", "numba", "llvmlite", "mesa", "scipy", "pyarrow")


def package_version() -> str:
    """Return the version of this package; ``0+unknown`` where it is not installed."""
    return _version(PACKAGE)


def versions() -> dict[str, str]:
    """Return the versions of the package, of Python and of the libraries that make numbers.

    Returns
    -------
    dict of str
        Name to version.  Nothing is imported for it.
    """
    return {
        PACKAGE: package_version(),
        "python": platform.python_version(),
        **{name: _version(name) for name in _LIBRARIES},
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "0+unknown"
