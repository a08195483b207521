"""Which version of the program and of its libraries makes the numbers."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

__version__ = "0.4.0"  # The only place: the package is built with what stands here.

PACKAGE: Final = "regional_sim"

_LIBRARIES: Final = ("numpy", "numba", "llvmlite", "mesa", "scipy", "pyarrow")
_DIGEST_DIGITS: Final = 12


def versions() -> dict[str, str]:
    """Return the versions of the package, of Python and of the libraries that make numbers."""
    return {
        PACKAGE: __version__,
        "python": platform.python_version(),
        **{name: _version(name) for name in _LIBRARIES},
    }


@cache
def package_digest() -> str:
    """Identify the sources of the package, of which two may differ under one version."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[1]
    for source in sorted(root.rglob("*.py")):
        digest.update(source.relative_to(root).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:_DIGEST_DIGITS]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "0+unknown"
