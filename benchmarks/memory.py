"""Peak memory against the number of runs, through the runner, with its tables."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measured_run import Work
from benchmarks.processes import measured

FEW, MANY, MILLION = 1_000, 100_000, 1_000_000
GIB = 1024.0


def measure(_: Path) -> str:
    """Measure a thousand and a hundred thousand runs, and return the Markdown."""
    found = {runs: measured(Work(replicates=runs, workers=2)) for runs in (FEW, MANY)}
    lines = [
        "| runs of the baseline | peak memory, MiB | result folder, MiB |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| {runs:,} | {one.peak_mib:.0f} | {one.disk_mib:.0f} |" for runs, one in found.items()
    ]
    growth = found[MANY].peak_mib / found[FEW].peak_mib - 1.0
    verdict = "met" if growth <= 0.1 else "**not met**"
    lines.append("")
    lines.append(f"From {FEW:,} to {MANY:,} runs: {growth:+.1%} (target: within 10 %): {verdict}.")
    return "\n".join(lines)


def measure_million(_: Path) -> str:
    """Run a million runs of the baseline, and return the Markdown."""
    one = measured(Work(replicates=MILLION, workers=2))
    verdict = "met" if one.peak_mib < GIB else "**not met**"
    return (
        f"{MILLION:,} runs of the baseline with run-level outputs took {one.seconds / 60:.0f}"
        f" minutes on two cores, {one.peak_mib:.0f} MiB at the peak (target: under 1 GiB):"
        f" {verdict}; the result folder holds {one.disk_mib / 1024:.1f} GiB."
    )
