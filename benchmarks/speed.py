"""How fast: the engine beside its peers and beside a C program, as a table and a plot."""

from __future__ import annotations

import importlib.util
import shutil
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.contestants import CONTESTANTS
from benchmarks.rounds import Seconds, run_rounds

ROUNDS = 9
PLOT = "performance_speed.png"


class Spread(NamedTuple):
    """A median with its range over the rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))

    def text(self, form: str = ".3g") -> str:
        return f"{self.median:{form}} ({self.low:{form}} to {self.high:{form}})"


class Target(NamedTuple):
    """What was asked for, and which ratio of a round tells it."""

    text: str
    above: str
    below: str
    bound: float
    at_least: bool

    def spread(self, seconds: Seconds) -> Spread:
        pairs = zip(seconds[self.above], seconds[self.below], strict=True)
        return Spread.of([slow / fast for slow, fast in pairs])

    def met(self, found: Spread) -> bool:
        return found.median >= self.bound if self.at_least else found.median <= self.bound


TARGETS = (
    Target("one posture, at least 300 times plain Mesa", "plain", "engine", 300.0, True),
    Target("eight postures, at least 700 times plain Mesa", "plain", "engine_8", 700.0, True),
    Target("one posture, at most 1.2 times the C program", "engine", "limit", 1.2, False),
    Target("eight postures, at most 1.2 times the C program", "engine_8", "limit_8", 1.2, False),
    Target("two cores, at least 1.85 times one", "engine", "engine_2", 1.85, True),
    Target("the same with eight postures", "engine_8", "engine_8_2", 1.85, True),
)


def measure(docs: Path, n_rounds: int = ROUNDS) -> str:
    """Measure, draw the plot, and return the Markdown."""
    names = [name for name in CONTESTANTS if _is_possible(name)]
    seconds = run_rounds(names, n_rounds)
    _plot(seconds, docs / PLOT)
    return "\n\n".join([_table(seconds), f"![Runs a second]({PLOT})", _targets(seconds)])


def _is_possible(name: str) -> bool:
    if name == "agentpy":
        return importlib.util.find_spec("agentpy") is not None
    return not name.startswith("limit") or shutil.which("gcc") is not None


def _table(seconds: Seconds) -> str:
    lines = [
        "| | cores | ms a run: median (range) | times as fast as plain Mesa: median (range) |",
        "| --- | --- | --- | --- |",
    ]
    for name, values in seconds.items():
        one = CONTESTANTS[name]
        pairs = zip(seconds["plain"], values, strict=True)
        ratio = Spread.of([slow / fast for slow, fast in pairs])
        milliseconds = Spread.of([1e3 * value for value in values])
        lines.append(f"| {one.title} | {one.cores} | {milliseconds.text()} | {ratio.text()} |")
    return "\n".join(lines)


def _targets(seconds: Seconds) -> str:
    lines = ["| target | measured, median (range) | |", "| --- | --- | --- |"]
    for target in TARGETS:
        if {target.above, target.below} <= set(seconds):
            found = target.spread(seconds)
            verdict = "met" if target.met(found) else "**not met**"
            lines.append(f"| {target.text} | {found.text()} | {verdict} |")
    return "\n".join(lines)


def _three_digits(rate: float) -> str:
    return f"{float(f'{rate:.3g}'):,g}"


def _plot(seconds: Seconds, path: Path) -> None:
    from matplotlib.figure import Figure

    names = list(seconds)[::-1]
    rates = [1.0 / statistics.median(seconds[name]) for name in names]
    labels = [
        CONTESTANTS[name].title.replace("`", "")
        + (", two cores" if CONTESTANTS[name].cores > 1 else "")
        for name in names
    ]
    figure = Figure(figsize=(9.0, 0.42 * len(names) + 1.2), layout="constrained")
    axes = figure.subplots()
    colours = ["#1b6ca8" if name.startswith("engine") else "#9aa5b1" for name in names]
    bars = axes.barh(labels, rates, color=colours)
    axes.bar_label(bars, [_three_digits(rate) for rate in rates], padding=3, fontsize=9)
    axes.set_xscale("log")
    axes.set_xlim(left=1.0, right=max(rates) * 3.0)
    axes.set_xlabel("runs a second, 14 states, 120 months (logarithmic)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)
