"""The figures of a calibration: pairs of factors, targets, and ranks of the recovery test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from regional_sim.answers.posterior.calibration_folder import (
    PAIRS_FIGURE,
    RECOVERY_FIGURE,
    TARGETS_FIGURE,
)
from regional_sim.answers.posterior.calibration_tables import factor_rows, target_rows
from regional_sim.errors import visible
from regional_sim.figures.style import COLOURS, DPI
from regional_sim.numerics.arrays import Floats
from regional_sim.report.text import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from regional_sim.answers.posterior.calibration import Calibration

_PRIOR, _POSTERIOR, _OBSERVED = "0.62", COLOURS[1], COLOURS[2]
_MOST_FACTORS: Final = 7
_MOST_DOTS: Final = 400
_BINS: Final = 10
_CELL_INCHES: Final = 1.55


def write_calibration_figures(found: Calibration, folder: Path) -> None:
    """Draw the figures of a calibration into its folder."""
    figures = {PAIRS_FIGURE: pairs_figure(found), TARGETS_FIGURE: targets_figure(found)}
    if found.recovery is not None:
        figures[RECOVERY_FIGURE] = recovery_figure(found)
    for name, figure in figures.items():
        for text in figure.findobj(Text):
            text.set_parse_math(False)
        figure.savefig(folder / name, dpi=DPI, metadata={"Software": None})


def _figure(width: float, height: float, title: str) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(visible(title), fontweight="bold", x=0.01, ha="left")
    return figure


def _short(path: str) -> str:
    """Name a factor on two lines, if it is long."""
    name = visible(path.rpartition(".")[2])
    head, _, tail = name.partition("_")
    return f"{head}_\n{tail}" if len(name) > 11 and tail else name  # noqa: PLR2004 (fits an axis)


def pairs_figure(found: Calibration) -> Figure:
    """Draw prior and posterior of the factors that the targets inform most, and of each pair."""
    paths = [row["factor"] for row in factor_rows(found)[:_MOST_FACTORS]]
    places = [found.experiment.factors.index(path) for path in paths]
    prior, posterior = found.waves[0].shares[:, places], found.shares[:, places]
    many = len(paths)
    size = max(_CELL_INCHES * many, 5.5)
    title = f"{found.experiment.title}: what the targets tell of the factors"
    figure = _figure(size, size + 0.8, title)
    grid = figure.subplots(many, many, squeeze=False)
    for row in range(many):
        for column in range(many):
            axes = grid[row, column]
            if column > row:
                axes.set_visible(False)
                continue
            if column == row:
                _histogram(axes, posterior[:, row])
            else:
                _dots(axes, prior[:, [column, row]], _PRIOR, ".")
                _dots(axes, posterior[:, [column, row]], _POSTERIOR, "o")
                axes.set_ylim(0, 1)
            _label(axes, found, paths, row, column)
    handles = [
        figure.axes[0].fill_between([], [], color=colour, alpha=alpha, label=label)
        for colour, alpha, label in ((_PRIOR, 0.5, "prior"), (_POSTERIOR, 0.6, "posterior"))
    ]
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=2,
        frameon=False,
        title=f"{len(found.shares)} draws of the posterior. Axes: quantiles of the prior, with the"
        " levels at 5, 50 and 95 %.",
        title_fontsize="small",
    )
    return figure


def _dots(axes: Axes, points: Floats, colour: str, marker: str) -> None:
    some = points[:_MOST_DOTS]
    axes.plot(*some.T, marker, color=colour, markersize=2.6, alpha=0.55, markeredgewidth=0)


def _histogram(axes: Axes, posterior: Floats) -> None:
    edges = np.linspace(0.0, 1.0, 2 * _BINS + 1).tolist()
    # In its own quantiles the prior is flat.
    axes.axhspan(0.0, 1.0, color=_PRIOR, alpha=0.5, linewidth=0)
    axes.hist(posterior, edges, density=True, color=_POSTERIOR, alpha=0.6)
    axes.set_yticks([])


def _label(axes: Axes, found: Calibration, paths: list[str], row: int, column: int) -> None:
    """Write names and levels along the lower and the left edge."""
    from regional_sim.answers.posterior.calibration_options import priors_of

    ticks = np.array([0.05, 0.5, 0.95])

    def levels(place: int) -> list[str]:
        found_levels = priors_of(found.experiment)[paths[place]].levels(ticks)
        return [f"{one:.2g}" if isinstance(one, float) else str(one) for one in found_levels]

    axes.set_xlim(0, 1)
    axes.tick_params(labelsize="x-small", length=2)
    axes.set_xticks(ticks, levels(column) if row == len(paths) - 1 else [])
    if row == len(paths) - 1:
        axes.set_xlabel(_short(paths[column]), fontsize="small")
    if column != row:
        axes.set_yticks(ticks, levels(row) if column == 0 else [])
    if column == 0:
        axes.set_ylabel(_short(paths[row]), fontsize="small")
    axes.spines[["top", "right"]].set_visible(False)


def targets_figure(found: Calibration) -> Figure:
    """Draw each target beside what prior and posterior predict."""
    rows = target_rows(found)
    title = f"{found.experiment.title}: targets"
    figure = _figure(8.0, 1.3 + 0.85 * len(rows), title)
    grid = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    for axes, row in zip(grid, rows, strict=True):
        for height, name, colour in ((0.0, "prior", _PRIOR), (1.0, "posterior", _POSTERIOR)):
            low, median, high = (row[f"{name}_{end}"] for end in ("low", "median", "high"))
            axes.plot([low, high], [height] * 2, color=colour, linewidth=5, solid_capstyle="butt")
            axes.plot(median, height, "|", color="black", markersize=11, markeredgewidth=1.6)
        axes.axvline(row["observed"], color=_OBSERVED, linewidth=1.6, linestyle=(0, (4, 2)))
        said = "" if row["inside"] else " (outside)"
        heading = f"{row['target']}: observed {number(row['observed'])}{said}"
        axes.set_title(visible(heading), loc="left", fontsize="small")
        axes.set_yticks([0, 1], ["prior", "posterior"], fontsize="small")
        axes.set_ylim(-0.6, 1.6)
        axes.tick_params(axis="x", labelsize="x-small", length=2)
        axes.tick_params(axis="y", length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
    figure.supxlabel(
        "Bars: 90 % intervals of what could have been observed, with medians. Dashed: observed.",
        fontsize="small",
    )
    return figure


def recovery_figure(found: Calibration) -> Figure:
    """Draw the ranks of known factors among posterior draws: flat where calibration is honest."""
    from scipy.stats import binom

    recovery: Any = found.recovery
    paths = found.experiment.factors
    across = min(5, len(paths))
    down = -(-len(paths) // across)
    figure = _figure(2.1 * across + 0.4, 1.7 * down + 1.2, "Known factors, found again?")
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    trials = len(recovery.ranks)
    low, high = binom.interval(0.95, trials, 1.0 / _BINS)
    for place, axes in enumerate(grid.flat):
        if place >= len(paths):
            axes.set_visible(False)
            continue
        bins = recovery.ranks[:, place] * _BINS // (recovery.n_draws + 1)
        axes.axhspan(low, high, color="0.85", linewidth=0)
        axes.bar(
            (np.arange(_BINS) + 0.5) / _BINS,
            np.bincount(bins, minlength=_BINS),
            0.09,
            color=_POSTERIOR,
        )
        inside = f"{recovery.coverage[place]:.0%} inside"
        axes.set_title(f"{_short(paths[place])}\n{inside}", fontsize="small", loc="left")
        axes.tick_params(labelsize="x-small", length=2)
        axes.spines[["top", "right"]].set_visible(False)
    figure.supylabel("trials", fontsize="small")
    figure.supxlabel(
        f"Rank of the truth among draws of the posterior, as a share; {trials} trials. Grey: 95 %"
        " of even ranks.\nInside: share of 90 % intervals that hold the truth.",
        fontsize="small",
    )
    return figure
