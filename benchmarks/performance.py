"""Measure what docs/performance.md says, and write it there: ``make bench``.

Each part stands in the document between two comments and is replaced by itself; what is written
around them stays.  Parts can be named on the command line.
"""

from __future__ import annotations

import argparse
import platform
import re
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from benchmarks import forking, growth, memory, profile, speed, startup, sweeping

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = "performance.md"


def _machine(_: Path) -> str:
    with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        models = {line.split(":")[1].strip() for line in file if line.startswith("model name")}
    names = ("numba", "llvmlite", "numpy", "mesa")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return f"{', '.join(models)}; Python {platform.python_version()}, {versions}."


PARTS: dict[str, Callable[[Path], str]] = {
    "machine": _machine,
    "speed": speed.measure,
    "profile": profile.measure,
    "growth": growth.measure,
    "memory": memory.measure,
    "startup": startup.measure,
    "forking": forking.measure,
    "sweeping": sweeping.measure,
    "million": memory.measure_million,
}
"""Every part by its name in the document."""

LONG = ("sweeping", "million")
"""Parts that are measured only when they are named."""

BY_DEFAULT = [name for name in PARTS if name not in LONG]


def main() -> int:
    """Measure the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of performance.md")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    for name in given.parts or BY_DEFAULT:
        sys.stderr.write(f"== {name} ==\n")
        text = PARTS[name](given.docs)
        sys.stdout.write(f"{text}\n\n")
        put(given.docs / PAGE, name, text)
    return 0


def put(page: Path, name: str, text: str) -> None:
    """Replace a part of the page.

    Parameters
    ----------
    page : Path
        The document.
    name : str
        The part; it stands between ``<!-- measured: name -->`` and ``<!-- end -->``.
    text : str
        Markdown.
    """
    before = page.read_text(encoding="utf-8")
    opening = f"<!-- measured: {name} -->"
    pattern = re.compile(re.escape(opening) + r"\n.*?<!-- end -->", re.DOTALL)
    if not pattern.search(before):
        raise SystemExit(f"{page} has no part {name!r}")
    after = pattern.sub(lambda _: f"{opening}\n{text}\n<!-- end -->", before)
    page.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
