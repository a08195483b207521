"""The pictures of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from regional_sim.report.figure import COLOURS, DPI

from experiments.evidence.prior import ANSWERS
from experiments.evidence.runs import HEADLINE
from regional_sim.numerics.arrays import Floats

_METADATA: Final = {"Software": None}


def _figure(width: float, height: float, columns: int) -> tuple[Figure, Any]:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, columns, squeeze=False)[0]
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
    return figure, panels


def draw_answers(table: pd.DataFrame, path: Path) -> None:
    """Draw the effect of the new approach over theta, a panel for each answer."""
    figure, panels = _figure(10.5, 3.6, len(ANSWERS))
    for axes, metric in zip(panels, ANSWERS, strict=True):
        axes.axhline(0.0, color="0.4", linewidth=0.8)
        for colour, (gain, part) in zip(COLOURS[1:], table.groupby("signal_gain"), strict=False):
            theta, mean = part["theta_challenger"], part[metric.name]
            half = part[f"{metric.name} +-"]
            axes.plot(theta, mean, color=colour, marker="o", label=f"signal gain {gain:g}")
            axes.fill_between(theta, mean - half, mean + half, color=colour, alpha=0.15)
        axes.set_title(metric.name, loc="left", fontsize="medium", fontweight="bold")
        axes.set_xlabel("share of signals read as hostility (theta)")
    panels[0].set_ylabel("new approach less traditional")
    panels[0].legend(frameon=False)
    figure.savefig(path, dpi=DPI, metadata=_METADATA)


def draw_prior(full: Floats, path: Path) -> None:
    """Draw effects at all points, shape (point, Metric, run), in units of the smallest effect."""
    figure, (axes,) = _figure(8.0, 4.2, 1)
    axes.axvspan(-1.0, 1.0, color="0.92", zorder=0)
    axes.axvline(0.0, color="0.4", linewidth=0.8)
    jitter = np.random.default_rng(0)
    for row, metric in enumerate(HEADLINE):
        values = full[:, metric].mean(axis=-1) / metric.smallest
        height = row + jitter.uniform(-0.25, 0.25, len(values))
        axes.plot(values, height, ".", color=COLOURS[1], alpha=0.5, markersize=5)
        axes.plot([np.median(values)] * 2, [row - 0.35, row + 0.35], color=COLOURS[2])
    axes.set_xscale("symlog", linthresh=1.0)
    ticks = (-10, -3, -1, 0, 1, 3, 10)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(range(len(HEADLINE)), [metric.name for metric in HEADLINE])
    axes.invert_yaxis()
    axes.set_xlabel("effect of the new approach, in smallest effects of interest (grey: below one)")
    figure.savefig(path, dpi=DPI, metadata=_METADATA)


def draw_hindcast(table: pd.DataFrame, path: Path) -> None:
    """Draw simulated against coded changes, a panel for each quantity."""
    quantities = list(table["quantity"].unique())
    figure, panels = _figure(10.5, 3.8, len(quantities))
    halves = {"fit": (COLOURS[1], "o"), "scored": (COLOURS[2], "s"), "given": ("0.6", "^")}
    for axes, quantity in zip(panels, quantities, strict=True):
        part = table[table["quantity"] == quantity]
        ends = part[["coded", "simulated"]].to_numpy()
        line = [min(ends.min(), 0.0), max(ends.max(), 0.0)]
        axes.plot(line, line, color="0.6", linewidth=0.8)
        axes.axhline(0.0, color="0.85", linewidth=0.8, zorder=0)
        for half, (colour, marker) in halves.items():
            mine = part[part["half"] == half]
            axes.plot(mine["coded"], mine["simulated"], marker, color=colour, label=half)
        axes.set_title(quantity, loc="left", fontsize="medium", fontweight="bold")
        axes.set_xlabel("coded change, 2010 to 2024")
    panels[0].set_ylabel("simulated change")
    panels[0].legend(frameon=False)
    figure.savefig(path, dpi=DPI, metadata=_METADATA)
