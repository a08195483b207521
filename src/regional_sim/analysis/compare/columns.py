"""Columns of a comparison: what they are called, and what they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from regional_sim.results.columns import INTEGER, NUMBER, TEXT, TableColumn

_UNIT: Final = "as the metric"

STATISTICS: Final = (
    TableColumn("metric", TEXT, "name of the metric, or of the column of a table that is not ours"),
    TableColumn("window", TEXT, "name of the window of months; empty for other columns"),
    TableColumn("unit", TEXT, "unit of the metric; empty where it is not known"),
    TableColumn("pairs", INTEGER, "pairs of runs; 0 where runs are not paired", "1", 0),
    TableColumn("n_a", INTEGER, "runs of A that are used", "1", 0),
    TableColumn("n_b", INTEGER, "runs of B that are used", "1", 0),
    TableColumn("mean_a", NUMBER, "mean over the runs of A that are used", _UNIT),
    TableColumn("mean_b", NUMBER, "mean over the runs of B that are used", _UNIT),
    TableColumn("difference", NUMBER, "B - A: mean of the paired differences, or of means", _UNIT),
    TableColumn("ci_low", NUMBER, "lower end of the 95 % t interval of the difference", _UNIT),
    TableColumn("ci_high", NUMBER, "upper end of the 95 % t interval of the difference", _UNIT),
    TableColumn("bootstrap_low", NUMBER, "lower end of the 95 % bootstrap interval", _UNIT),
    TableColumn("bootstrap_high", NUMBER, "upper end of the 95 % bootstrap interval", _UNIT),
    TableColumn("percent", NUMBER, "difference over the absolute mean of A", "per cent"),
    TableColumn(
        "cohens_dz",
        NUMBER,
        "Cohen's d of pairs: difference over the standard deviation of the paired differences",
        "1",
    ),
    TableColumn(
        "cohens_d",
        NUMBER,
        "Cohen's d: difference over the pooled standard deviation of A and B",
        "1",
    ),
    TableColumn(
        "probability_of_superiority",
        NUMBER,
        "share of pairs in which B has more, ties counted half; unpaired, of all pairings",
        "share",
        0,
        1,
    ),
    TableColumn(
        "variance_reduction",
        NUMBER,
        "share of the variance of the difference that pairing takes away: 1 where luck cancels,"
        " 0 without pairing, below 0 where it adds",
        "share",
        -1,
        1,
    ),
)
"""All columns but those of groups, in order."""

NAMES: Final = tuple(column.name for column in STATISTICS)


def columns_of(groups: Mapping[str, Sequence[object]]) -> Iterator[TableColumn]:
    """List the columns of a comparison.

    Parameters
    ----------
    groups : mapping
        Columns of groups, and the levels of each.

    Yields
    ------
    Column
        In order.
    """
    for name, levels in groups.items():
        yield TableColumn(name, _kind(levels), "what the compared runs have in common")
    yield from STATISTICS


def _kind(levels: Sequence[object]) -> str:
    if any(isinstance(level, str) for level in levels):
        return TEXT
    return INTEGER if all(isinstance(level, int) for level in levels) else NUMBER
