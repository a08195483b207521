"""How time and memory grow with states, months, runs and outputs, as a table and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

from benchmarks.runner_cost import Found, Work, measured
from regional_sim.experiment import TABLES

PLOT = "performance_growth.png"
LARGE = 30
STATES = (4, 6, 10, 14, 20, 30, 40, 60)
MONTHS = (36, 72, 144, 288, 576)
"""Months of a run, those of the run-in too."""
RUNS = (256, 1024, 4096)
COLOUR = "#1b6ca8"


class Series(NamedTuple):
    """Measurements along one quantity: time in ms a run, or of all runs where these grow."""

    name: str
    unit: str
    at: Sequence[int]
    times: list[float]
    memory: list[float]

    def power(self, first: int = 0) -> float:
        """Return the slope through the logarithms from a place on: time grows as at**slope."""
        return float(np.polyfit(np.log(self.at[first:]), np.log(self.times[first:]), 1)[0])


def measure(docs: Path, quick: bool) -> str:
    """Measure, draw the plot, and return the Markdown."""
    runs = 8 if quick else 256
    few = slice(0, 2 if quick else None)
    all_series = [
        _series(
            "states", STATES[few], lambda n: Work(n, replicates=runs // 4 if n >= LARGE else runs)
        ),
        _series("months", MONTHS[few], lambda n: Work(months=n, replicates=runs)),
        _series("runs", (8, 16) if quick else RUNS, lambda n: Work(replicates=n)),
    ]
    tables = {name: tuple(dict.fromkeys(("runs", name))) for name in TABLES}
    outputs = {
        name: measured(Work(replicates=runs, tables=chosen)) for name, chosen in tables.items()
    }
    _plot(all_series, outputs, runs, docs / PLOT)
    return "\n\n".join([_table(all_series), f"![Growth]({PLOT})", _outputs(outputs, runs)])


def _series(name, at, work) -> Series:
    jobs = [work(n) for n in at]
    found = [measured(job) for job in jobs]
    of_all = name == "runs"
    times = [
        1e3 * one.seconds[0] / (1 if of_all else job.replicates)
        for one, job in zip(found, jobs, strict=True)
    ]
    return Series(name, "ms" if of_all else "ms a run", at, times, [one.peak_mib for one in found])


def _table(all_series: list[Series]) -> str:
    lines = [
        "| grows with | from, to | time from, to | time grows with power | the upper half alone"
        " | memory from, to, MiB |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in all_series:
        half = min(len(one.at) // 2, len(one.at) - 2)
        lines.append(
            f"| {one.name} | {one.at[0]}, {one.at[-1]}"
            f" | {one.times[0]:.3g}, {one.times[-1]:.3g} {one.unit}"
            f" | {one.power():.2f} | {one.power(half):.2f}"
            f" | {one.memory[0]:.0f}, {one.memory[-1]:.0f} |"
        )
    return "\n".join(lines)


def _outputs(outputs: dict[str, Found], runs: int) -> str:
    lines = ["| tables besides `runs` | ms a run | peak memory, MiB | disk, KiB a run |"]
    lines.append("| --- | --- | --- | --- |")
    for name, one in outputs.items():
        label = "none" if name == "runs" else f"`{name}`"
        time, disk = 1e3 * one.seconds[0] / runs, 1024.0 * one.disk_mib / runs
        lines.append(f"| {label} | {time:.2f} | {one.peak_mib:.0f} | {disk:.0f} |")
    return "\n".join(lines)


def _plot(all_series: list[Series], outputs: dict[str, Found], runs: int, path: Path) -> None:
    figure = Figure(figsize=(10.5, 5.6), layout="constrained")
    panels = figure.subplots(2, 4)
    for column, one in enumerate(all_series):
        _draw_times(panels[0][column], one)
        axes = panels[1][column]
        axes.semilogx(one.at, one.memory, "o-", color=COLOUR, markersize=4)
        axes.set_ylim(bottom=0.0, top=1.15 * max(one.memory))
        for row, label in enumerate((one.unit, "peak memory, MiB")):
            axes = panels[row][column]
            axes.set_xlabel(one.name)
            axes.set_ylabel(label)
            axes.set_xticks(one.at, [str(n) for n in one.at], fontsize=7)
            axes.minorticks_off()
    bars = {
        "ms a run": [1e3 * one.seconds[0] / runs for one in outputs.values()],
        "peak memory, MiB": [one.peak_mib for one in outputs.values()],
    }
    for row, (label, values) in enumerate(bars.items()):
        axes = panels[row][3]
        axes.bar(list(outputs), values, color=COLOUR)
        axes.tick_params(axis="x", labelrotation=45, labelsize=8)
        axes.set_ylabel(label)
    panels[0][3].set_title("with another table", fontsize=10)
    for axes in panels.flat:
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)


def _draw_times(axes: Axes, one: Series) -> None:
    """Draw times and the power law that fits; number the axis in ones, twos and fives."""
    axes.loglog(one.at, one.times, "o-", color=COLOUR, markersize=4)
    power, offset = np.polyfit(np.log(one.at), np.log(one.times), 1)
    axes.plot(one.at, np.exp(offset) * np.power(one.at, power), "--", color="#9aa5b1", zorder=0)
    axes.set_title(f"power {power:.2f} (dashed)", fontsize=10)
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
