"""How fast: the engine beside its peers, as a table and a plot."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from benchmarks.contestants import CONTESTANTS, run_rounds

ROUNDS = 9
PLOT = "performance_speed.png"

Seconds = Mapping[str, Sequence[float]]


class Target(NamedTuple):
    """What was asked for: how many times as fast one contestant is as another."""

    text: str
    slow: str
    fast: str
    least: float


TARGETS = (
    Target("one posture, at least 300 times plain Mesa", "plain", "engine", 300.0),
    Target("eight postures, at least 700 times plain Mesa", "plain", "engine_8", 700.0),
    Target("two cores, at least 1.85 times one", "engine", "engine_2", 1.85),
    Target("the same with eight postures", "engine_8", "engine_8_2", 1.85),
)


def measure(docs: Path, quick: bool) -> str:
    """Measure, draw the plot, and return the Markdown."""
    seconds = run_rounds(1, part=16) if quick else run_rounds(ROUNDS)
    _plot(seconds, docs / PLOT)
    return "\n\n".join([_table(seconds), f"![Runs a second]({PLOT})", _targets(seconds)])


def _spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def _ratios(seconds: Seconds, slow: str, fast: str) -> list[float]:
    """Return the ratio of each round."""
    return [a / b for a, b in zip(seconds[slow], seconds[fast], strict=True)]


def _table(seconds: Seconds) -> str:
    lines = [
        "| | cores | ms a run: median (range) | times as fast as plain Mesa: median (range) |",
        "| --- | --- | --- | --- |",
    ]
    for name, values in seconds.items():
        one = CONTESTANTS[name]
        milliseconds = _spread([1e3 * value for value in values])
        ratio = _spread(_ratios(seconds, "plain", name))
        lines.append(f"| {one.title} | {one.cores} | {milliseconds} | {ratio} |")
    return "\n".join(lines)


def _targets(seconds: Seconds) -> str:
    lines = ["| target | measured, median (range) | |", "| --- | --- | --- |"]
    for target in TARGETS:
        found = _ratios(seconds, target.slow, target.fast)
        verdict = "met" if statistics.median(found) >= target.least else "**not met**"
        lines.append(f"| {target.text} | {_spread(found)} | {verdict} |")
    return "\n".join(lines)


def _plot(seconds: Seconds, path: Path) -> None:
    names = list(seconds)[::-1]
    rates = [1.0 / statistics.median(seconds[name]) for name in names]
    titles = [CONTESTANTS[name].title.replace("`", "") for name in names]
    cores = [", two cores" if CONTESTANTS[name].cores > 1 else "" for name in names]
    figure = Figure(figsize=(9.0, 0.42 * len(names) + 1.2), layout="constrained")
    axes = figure.subplots()
    colours = ["#1b6ca8" if name.startswith("engine") else "#9aa5b1" for name in names]
    bars = axes.barh([a + b for a, b in zip(titles, cores, strict=True)], rates, color=colours)
    labels = [f"{float(f'{rate:.3g}'):,g}" for rate in rates]
    axes.bar_label(bars, labels, padding=3, fontsize=9)
    axes.set_xscale("log")
    axes.set_xlim(left=1.0, right=max(rates) * 3.0)
    axes.set_xlabel("runs a second, 14 states, 144 months (logarithmic)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)
