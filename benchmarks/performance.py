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

from benchmarks import answer_time, forking, growth, profile, runner_cost, speed, startup

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = "performance.md"


def _machine(_: Path, quick: bool) -> str:
    with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        models = {line.split(":")[1].strip() for line in file if line.startswith("model name")}
    names = ("numba", "llvmlite", "numpy", "mesa")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    text = f"{', '.join(models)}; Python {platform.python_version()}, {versions}."
    return text + " The sizes were tiny: the figures mean nothing." * quick


PARTS: dict[str, Callable[[Path, bool], str]] = {
    "machine": _machine,
    "speed": speed.measure,
    "answer": answer_time.measure,
    "profile": profile.measure,
    "growth": growth.measure,
    "branching": forking.measure,
    "memory": runner_cost.measure_memory,
    "startup": startup.measure,
    "sweeping": runner_cost.measure_sweeps,
    "million": runner_cost.measure_million,
}
"""Every part by its name in the document."""

LONG = ("sweeping", "million")
"""Parts that are measured only when they are named, or quickly."""


def main() -> int:
    """Measure the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of performance.md")
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes, to try all parts out; not with our page"
    )
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if given.quick and given.docs.resolve() == DOCS:
        parser.error("--quick wants --docs with a copy of the page")
    by_default = [name for name in PARTS if given.quick or name not in LONG]
    for name in given.parts or by_default:
        sys.stderr.write(f"== {name} ==\n")
        text = PARTS[name](given.docs, given.quick)
        sys.stdout.write(f"{text}\n\n")
        put(given.docs / PAGE, name, text)
    return 0


def put(page: Path, name: str, text: str) -> None:
    """Replace the part of a page between ``<!-- measured: name -->`` and ``<!-- end -->``."""
    before = page.read_text(encoding="utf-8")
    opening = f"<!-- measured: {name} -->"
    pattern = re.compile(re.escape(opening) + r"\n.*?<!-- end -->", re.DOTALL)
    if not pattern.search(before):
        raise SystemExit(f"{page} has no part {name!r}")
    after = pattern.sub(lambda _: f"{opening}\n{text}\n<!-- end -->", before)
    page.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
