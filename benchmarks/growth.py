"""How time and memory grow with states, months, runs and outputs, as a table and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

from benchmarks.measured_run import Work
from benchmarks.processes import Found, measured

PLOT = "performance_growth.png"
LARGE = 30

STATES = (4, 6, 10, 14, 20, 30, 40, 60)
MONTHS = (30, 60, 120, 240, 480)
RUNS = (256, 1024, 4096)
TABLES = ("runs", "timeseries", "states", "events", "dyads")


class Series(NamedTuple):
    """Measurements along one quantity."""

    name: str
    at: tuple[int, ...]
    found: tuple[Found, ...]
    runs: tuple[int, ...]

    def milliseconds(self) -> list[float]:
        """Return milliseconds a run; for the number of runs, of all of them."""
        per = (1,) * len(self.runs) if self.name == "runs" else self.runs
        return [1e3 * one.seconds / n for one, n in zip(self.found, per, strict=True)]

    def memory(self) -> list[float]:
        """Return peak memory, MiB."""
        return [one.peak_mib for one in self.found]


def measure(docs: Path) -> str:
    """Measure, draw the plot, and return the Markdown."""
    series = [
        _series("states", STATES, lambda n: Work(states=n, replicates=64 if n >= LARGE else 256)),
        _series("months", MONTHS, lambda n: Work(months=n)),
        _series("runs", RUNS, lambda n: Work(replicates=n)),
    ]
    outputs = {name: measured(Work(tables=tuple(dict.fromkeys(("runs", name))))) for name in TABLES}
    _plot(series, outputs, docs / PLOT)
    return "\n\n".join([_table(series), f"![Growth]({PLOT})", _outputs(outputs)])


def _series(name, at, work) -> Series:
    jobs = [work(n) for n in at]
    found = tuple(measured(job) for job in jobs)
    return Series(name, tuple(at), found, tuple(job.replicates for job in jobs))


def exponent(at, values) -> float:
    """Return the slope of a straight line through the logarithms: values grow as at**slope."""
    return float(np.polyfit(np.log(at), np.log(values), 1)[0])


def _table(series: list[Series]) -> str:
    lines = [
        "| grows with | from, to | time from, to | time grows with power | the upper half alone"
        " | memory from, to, MiB |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in series:
        times, memory = one.milliseconds(), one.memory()
        half = len(one.at) // 2
        unit = "ms" if one.name == "runs" else "ms a run"
        lines.append(
            f"| {one.name} | {one.at[0]}, {one.at[-1]} | {times[0]:.3g}, {times[-1]:.3g} {unit}"
            f" | {exponent(one.at, times):.2f} | {exponent(one.at[half:], times[half:]):.2f}"
            f" | {memory[0]:.0f}, {memory[-1]:.0f} |"
        )
    return "\n".join(lines)


def _outputs(outputs: dict[str, Found]) -> str:
    lines = ["| tables besides `runs` | ms a run | peak memory, MiB | disk, KiB a run |"]
    lines.append("| --- | --- | --- | --- |")
    runs = Work().replicates
    for name, one in outputs.items():
        label = "none" if name == "runs" else f"`{name}`"
        disk = 1024.0 * one.disk_mib / runs
        lines.append(
            f"| {label} | {1e3 * one.seconds / runs:.2f} | {one.peak_mib:.0f} | {disk:.0f} |"
        )
    return "\n".join(lines)


def _draw_law(axes: Axes, at: Sequence[int], values: Sequence[float]) -> None:
    """Draw the power law that fits, and say its power; number the axis in ones, twos and fives."""
    power, offset = np.polyfit(np.log(at), np.log(values), 1)
    axes.plot(at, np.exp(offset) * np.power(at, power), "--", color="#9aa5b1", zorder=0)
    axes.set_title(f"power {power:.2f} (dashed)", fontsize=10)
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))


def _plot(series: list[Series], outputs: dict[str, Found], path: Path) -> None:
    figure = Figure(figsize=(10.5, 5.6), layout="constrained")
    panels = figure.subplots(2, 4)
    for column, one in enumerate(series):
        of_all = one.name == "runs"
        rows = (
            (one.milliseconds(), "ms, all runs" if of_all else "ms a run"),
            (one.memory(), "peak memory, MiB"),
        )
        for row, (values, label) in enumerate(rows):
            axes = panels[row][column]
            axes.loglog(one.at, values, "o-", color="#1b6ca8", markersize=4)
            if row == 1:
                axes.set_yscale("linear")
                axes.set_ylim(bottom=0.0, top=1.15 * max(values))
            axes.set_xlabel(one.name)
            axes.set_ylabel(label)
            axes.set_xticks(one.at, [str(n) for n in one.at], fontsize=7)
            axes.minorticks_off()
            if row == 0:
                _draw_law(axes, one.at, values)
    names = list(outputs)
    runs = Work().replicates
    bars = (
        ([1e3 * outputs[name].seconds / runs for name in names], "ms a run"),
        ([outputs[name].peak_mib for name in names], "peak memory, MiB"),
    )
    for row, (values, label) in enumerate(bars):
        axes = panels[row][3]
        axes.bar(names, values, color="#1b6ca8")
        axes.tick_params(axis="x", labelrotation=45, labelsize=8)
        axes.set_ylabel(label)
        if row == 0:
            axes.set_title("with another table", fontsize=10)
    for axes in panels.flat:
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)
