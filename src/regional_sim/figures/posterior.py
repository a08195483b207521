"""What a calibration tells: pairs of factors, targets, and whether known factors are found."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.patches import Patch

from regional_sim.answers.posterior.calibration_folder import (
    FACTORS_TABLE,
    PAIRS_FIGURE,
    RANKS_TABLE,
    RECORD,
    RECOVERY_FIGURE,
    RECOVERY_TABLE,
    SHARES_TABLE,
    TARGETS_FIGURE,
    TARGETS_TABLE,
)
from regional_sim.errors import InputError
from regional_sim.experiment.designs import design_of
from regional_sim.experiment.sampling import Sampled
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import FigureChoice, Kind
from regional_sim.figures.style import (
    COLOURS,
    answered,
    explain,
    figure_text,
    in_words,
    new_figure,
    save_figure,
    sentence,
    tidy,
)
from regional_sim.numerics.arrays import Floats
from regional_sim.report.text import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from regional_sim.experiment.priors import Prior

_COMMAND: Final = "calibrate"
_PRIOR, _POSTERIOR, _OBSERVED = "0.62", COLOURS[1], COLOURS[2]
_MOST_FACTORS: Final = 4
_NOT_INFORMED: Final = "not"
_MOST_DOTS: Final = 400
_BINS: Final = 10
_CELL_INCHES: Final = 1.9
_TICKS: Final = (0.05, 0.5, 0.95)


def write_calibration_figures(path: Path) -> None:
    """Draw all that suits the folder of a calibration into it."""
    folder = FinishedFolder(path)
    for kind, name in (
        (POSTERIOR_KIND, PAIRS_FIGURE),
        (TARGETS_KIND, TARGETS_FIGURE),
        (RECOVERY_KIND, RECOVERY_FIGURE),
    ):
        if kind.lacks(folder) is None:
            save_figure(kind.draw(folder), path / name)


def _request(folder: FinishedFolder) -> dict[str, Any]:
    """Return what was asked of a calibration, as it wrote it down."""
    request: dict[str, Any] = folder.record(RECORD, {"request": dict})["request"]
    return request


def _title_of(folder: FinishedFolder) -> str:
    return sentence(str(_request(folder).get("title", "")))


def _name(path: str) -> str:
    """Name a factor by the last part of its path, on two lines if it is long."""
    words = in_words(path.rpartition(".")[2])
    head, _, tail = words.partition(" ")
    return f"{head}\n{tail}" if len(words) > 13 and tail else words  # noqa: PLR2004 (fits an axis)


# ----------------------------------------------------------------------------------- pairs


def _lacks_posterior(folder: FinishedFolder) -> str | None:
    if (reason := folder.lacks_files((FACTORS_TABLE, RECORD), _COMMAND)) is not None:
        return reason
    # Folders of older versions hold fewer draws as shares, those that were run again.
    found = any((folder.path / name).exists() for name in (SHARES_TABLE, _CHECKED_SHARES))
    return None if found else f"it has no {SHARES_TABLE}, which {_COMMAND} writes"


_CHECKED_SHARES: Final = "check_shares.csv"
_PRIOR_SHARES: Final = "wave_1_shares.csv"


def _posterior(folder: FinishedFolder, choice: FigureChoice) -> Figure:  # noqa: ARG001
    """Draw prior and posterior of the factors that the targets inform most, and of each pair."""
    factors = folder.table(FACTORS_TABLE, ("factor", "informed"))
    informed = factors[factors["informed"] != _NOT_INFORMED]
    paths = (informed if len(informed) > 1 else factors)["factor"].tolist()[:_MOST_FACTORS]
    name = SHARES_TABLE if (folder.path / SHARES_TABLE).exists() else _CHECKED_SHARES
    posterior = folder.table(name, needed=paths)[paths].to_numpy(np.float64)
    prior = folder.table(_PRIOR_SHARES, needed=paths)[paths].to_numpy(np.float64)
    priors = _priors(folder, paths)
    many = len(paths)
    size = max(_CELL_INCHES * many + 0.6, 6.0)
    figure = new_figure(size, size + 0.7, "What do the targets tell of the factors?")
    grid = figure.subplots(many, many, squeeze=False)
    for row in range(many):
        for column in range(many):
            axes = grid[row, column]
            if column > row:
                axes.set_visible(False)
            elif column == row:
                _histogram(axes, posterior[:, row])
            else:
                _dots(axes, prior[:, [column, row]], _PRIOR, ".")
                _dots(axes, posterior[:, [column, row]], _POSTERIOR, "o")
                axes.set_ylim(0, 1)
            _label_pair(axes, priors, paths, row, column)
    handles = [
        Patch(color=_PRIOR, alpha=0.5, label="prior"),
        Patch(color=_POSTERIOR, alpha=0.6, label="posterior"),
    ]
    left_out = len(factors) - many
    rest = f" {left_out} that the targets tell less of are left out." if left_out else ""
    caption = (
        f"{_title_of(folder)} {len(posterior)} draws of the posterior.{rest} Axes: quantiles of the"
        " prior, with the levels at 5, 50 and 95 %."
    )
    explain(figure, caption, handles)
    return answered(figure, _told(factors))


def _told(factors: Any) -> str:
    """Say which factors the targets inform."""
    said = []
    for words in dict.fromkeys(factors["informed"]):
        names = [
            in_words(one.rpartition(".")[2])
            for one in factors["factor"][factors["informed"] == words]
        ]
        listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")  # noqa: PLR2004
        said.append(f"{words}: {listed}")
    return f"The targets inform {'; '.join(said)}."


def _priors(folder: FinishedFolder, paths: Sequence[str]) -> dict[str, Prior]:
    """Return the priors that a calibration wrote down, those of some factors among them."""
    design = design_of(_request(folder).get("design") or {})
    if not isinstance(design, Sampled):
        raise InputError("its design has no priors", where=str(folder.path / RECORD))
    priors: dict[str, Prior] = design.priors
    for path in paths:
        if path not in priors:
            where = str(folder.path / RECORD)
            raise InputError("this factor has no prior", where=where, key=path)
    return priors


def _dots(axes: Axes, points: Floats, colour: str, marker: str) -> None:
    some = points[:_MOST_DOTS]
    axes.plot(*some.T, marker, color=colour, markersize=2.8, alpha=0.55, markeredgewidth=0)


def _histogram(axes: Axes, posterior: Floats) -> None:
    edges = np.linspace(0.0, 1.0, 2 * _BINS + 1).tolist()
    # In its own quantiles the prior is flat.
    axes.axhspan(0.0, 1.0, color=_PRIOR, alpha=0.5, linewidth=0)
    axes.hist(posterior, edges, density=True, color=_POSTERIOR, alpha=0.6)
    axes.set_yticks([])


def _label_pair(
    axes: Axes, priors: dict[str, Prior], paths: list[str], row: int, column: int
) -> None:
    """Write names and levels along the lower and the left edge."""

    def levels(place: int) -> list[str]:
        found = priors[paths[place]].levels(np.array(_TICKS))
        return [figure_text(f"{one:.2g}") if isinstance(one, float) else str(one) for one in found]

    axes.set_xlim(0, 1)
    axes.tick_params(labelsize="x-small", length=2)
    axes.set_xticks(_TICKS, levels(column) if row == len(paths) - 1 else [])
    if row == len(paths) - 1:
        axes.set_xlabel(_name(paths[column]), fontsize="small")
    if column != row:
        axes.set_yticks(_TICKS, levels(row) if column == 0 else [])
    if column == 0:
        axes.set_ylabel(_name(paths[row]), fontsize="small")
    axes.spines[["top", "right"]].set_visible(False)


POSTERIOR_KIND: Final = Kind(
    "posterior", "What do the targets tell of the factors?", _lacks_posterior, _posterior
)

# --------------------------------------------------------------------------------- targets


def _lacks_targets(folder: FinishedFolder) -> str | None:
    return folder.lacks_files((TARGETS_TABLE, RECORD), _COMMAND)


def _targets(folder: FinishedFolder, choice: FigureChoice) -> Figure:  # noqa: ARG001
    """Draw each target beside what prior and posterior predict."""
    ends = [f"{of}_{end}" for of in ("prior", "posterior") for end in ("low", "median", "high")]
    table = folder.table(TARGETS_TABLE, ("target",), ("observed", "inside", *ends))
    rows = table.to_dict("records")
    figure = new_figure(8.0, 1.5 + 0.85 * len(rows), "Does the calibrated model hit its targets?")
    grid = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    for axes, row in zip(grid, rows, strict=True):
        for height, name, colour in ((0.0, "prior", _PRIOR), (1.0, "posterior", _POSTERIOR)):
            low, median, high = (row[f"{name}_{end}"] for end in ("low", "median", "high"))
            axes.plot([low, high], [height] * 2, color=colour, linewidth=5, solid_capstyle="butt")
            axes.plot(median, height, "|", color="black", markersize=11, markeredgewidth=1.6)
        axes.axvline(row["observed"], color=_OBSERVED, linewidth=1.6, linestyle=(0, (4, 2)))
        said = "" if row["inside"] else " (outside)"
        heading = f"{in_words(row['target'])}: observed {number(row['observed'])}{said}"
        axes.set_title(heading, loc="left", fontsize="small")
        axes.set_yticks([0, 1], ["prior", "posterior"], fontsize="small")
        axes.set_ylim(-0.6, 1.6)
        axes.tick_params(axis="x", labelsize="x-small", length=2)
        axes.tick_params(axis="y", length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
    explain(
        figure,
        f"{_title_of(folder)} Bars: 90 % intervals of what could have been observed, with medians."
        " Dashed: observed.",
    )
    inside = sum(bool(row["inside"]) for row in rows)
    return answered(figure, f"{inside} of {len(rows)} targets lie inside the posterior's interval.")


TARGETS_KIND: Final = Kind(
    "targets", "Does the calibrated model hit its targets?", _lacks_targets, _targets
)

# -------------------------------------------------------------------------------- recovery


def _lacks_recovery(folder: FinishedFolder) -> str | None:
    names = (RANKS_TABLE, RECOVERY_TABLE)
    return folder.lacks_files(names, f"{_COMMAND} with --recover")


def _recovery(folder: FinishedFolder, choice: FigureChoice) -> Figure:  # noqa: ARG001
    """Draw the ranks of known factors among posterior draws: flat where calibration is honest."""
    from scipy.stats import binom

    table = folder.table(RECOVERY_TABLE, ("factor",), ("inside_90", "mean_rank_share"))
    paths = table["factor"].tolist()
    ranks = folder.table(RANKS_TABLE, needed=paths)
    coverage = table["inside_90"].to_numpy(np.float64)
    across = min(5, len(paths))
    down = -(-len(paths) // across)
    size = max(2.1 * across + 0.4, 7.0), 1.8 * down + 1.5
    figure = new_figure(*size, "Are known factors found again?")
    grid = figure.subplots(down, across, squeeze=False, sharex=True, sharey=True)
    trials = len(ranks)
    low, high = binom.interval(0.95, trials, 1.0 / _BINS)
    for place, axes in enumerate(grid.flat):
        if place >= len(paths):
            axes.set_visible(False)
            continue
        # A rank runs from 0 to the number of draws.
        bins = ranks[paths[place]].to_numpy(np.int64) * _BINS // (_rank_limit(table, ranks) + 1)
        axes.axhspan(low, high, color="0.85", linewidth=0)
        counts = np.bincount(bins, minlength=_BINS)
        axes.bar((np.arange(_BINS) + 0.5) / _BINS, counts, 0.09, color=_POSTERIOR)
        inside = f"{coverage[place]:.0%} inside"
        axes.set_title(f"{_name(paths[place])}\n{inside}", fontsize="small", loc="left")
        axes.tick_params(labelsize="x-small", length=2)
        tidy(axes)
    figure.supylabel("trials", fontsize="small")
    handles = [
        Patch(color=_POSTERIOR, label="trials"),
        Patch(color="0.85", label="95 % of even ranks"),
    ]
    caption = (
        f"{_title_of(folder)} Across: rank of the truth among draws of the posterior, as a share;"
        f" {trials} trials. Inside: share of 90 % intervals that hold the truth."
    )
    explain(figure, caption, handles)
    least = int(np.argmin(coverage))
    return answered(
        figure,
        f"The 90 % intervals hold the truth in {coverage.min():.0%} to {coverage.max():.0%} of"
        f" {trials} trials; least often for {in_words(paths[least].rpartition('.')[2])}.",
    )


def _rank_limit(table: Any, ranks: Any) -> int:
    """Return the number of draws that a truth is ranked among, from its mean rank as a share."""
    means = ranks[table["factor"].tolist()].to_numpy(np.float64).mean(axis=0)
    shares = table["mean_rank_share"].to_numpy(np.float64)
    best = int(np.argmax(shares))
    return (
        round(float(means[best] / shares[best])) if shares[best] > 0.0 else int(ranks.max().max())
    )


RECOVERY_KIND: Final = Kind(
    "recovery", "Are known factors found again?", _lacks_recovery, _recovery
)
