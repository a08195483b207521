"""Write the page of evidence: ``make evidence``.

Everything is simulated here, by the ensemble engine, from fixed seeds; what was observed stands in
``configs/``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from experiments.evidence.figures import draw_answers, draw_hindcast, draw_prior
from experiments.evidence.page import Sizes, page, simulate_all

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main() -> int:
    """Write the page and its pictures."""
    parser = argparse.ArgumentParser(prog="python -m experiments.evidence")
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the runs, to see that all parts work"
    )
    parser.add_argument("--out", type=Path, default=DOCS, help="folder (default: docs)")
    given = parser.parse_args()
    start = time.monotonic()

    def tell(line: str) -> None:
        sys.stderr.write(f"{time.monotonic() - start:4.0f} s  {line}\n")

    found = simulate_all(Sizes.quick() if given.quick else Sizes(), tell)
    given.out.mkdir(exist_ok=True)
    draw_answers(found.by_theta, given.out / "evidence_answers.png")
    draw_prior(found.sample.full, given.out / "evidence_prior.png")
    draw_hindcast(found.hindcast, given.out / "evidence_hindcast.png")
    path = given.out / "evidence.md"
    path.write_text(page(found), encoding="utf-8")
    tell(f"written: {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
