"""Versions of what results depend on."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

PACKAGE: Final = "regional_sim"

_LIBRARIES: Final = ("numpy", "numba", "llvmlite", "mesa", "scipy", "pyarrow")
_DIGEST_DIGITS: Final = 12


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


@cache
def package_digest() -> str:
    """Identify the sources of the package: two of one version may still differ.

    Returns
    -------
    str
        The first digits of a SHA-256, in hexadecimal; the same wherever the package stands.
    """
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
