"""Effects beside the smallest effects of interest, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.statistics import EFFECT_WORDS
from regional_sim.report.text import (
    ContrastRow,
    difference_decimals,
    percent,
    unit_text,
    with_interval,
    wrapped,
)

WORDS_EXPLAINED: Final = (
    "raises or lowers a metric where the whole 95 % interval of the difference lies beyond the"
    " smallest effect of interest; its effect is negligible where the interval lies within, and"
    " else unclear"
)

_UNITS_OF_METRICS: Final = {
    "challenger_pressure": "from -1 to 1",
    "grey_zone_activity": "ratio to the start",
    "hedger_trade_challenger": "ratio to the start",
    "hedger_trade_sender": "ratio to the start",
}
"""Units of metrics that are pure numbers."""

_OF_INTEREST: Final = ("raises", "lowers")
_WORD_WIDTH: Final = max(map(len, EFFECT_WORDS)) + 2


def title_of(metric: str) -> str:
    """Name a metric in words; another column has its own name only.

    >>> title_of("tension"), title_of("mine")
    ('Regional tension', 'mine')
    """
    return Metric[metric].title if metric in Metric.__members__ else metric


def metric_unit(metric: str, unit: str) -> str:
    """Write the unit of a metric or another column.

    >>> metric_unit("challenger_pressure", "1"), metric_unit("hedger_trade_sender", "1")
    ('from -1 to 1', 'ratio to the start')
    """
    return _UNITS_OF_METRICS.get(metric, unit_text(unit))


def metric_heading(metric: str, unit: str, smallest: float = math.nan) -> str:
    """Name a metric or another column, its unit, and the smallest effect of interest if it has one.

    >>> metric_heading("tension", "share", 0.01), metric_heading("mine", "")
    ('Regional tension (share), smallest effect 0.01', 'mine')
    """
    words = metric_unit(metric, unit)
    of = f" ({words})" if words and words != title_of(metric).lower() else ""
    least = f", smallest effect {smallest:.3g}" if smallest > 0.0 else ""
    return f"{title_of(metric)}{of}{least}"


def answers(
    postures: Sequence[str],
    span: str,
    of_metric: Iterable[tuple[str, Mapping[tuple[int, str], ContrastRow]]],
    width: int,
) -> Iterator[str]:
    """Say what each posture but the first does at the only point; an empty line follows each."""
    reference, *others = postures
    for posture in others:
        yield wrapped(f"{posture} against {reference}{span}:", width)
        yield from _answer(posture, of_metric, width)
        yield ""


def _answer(
    posture: str,
    of_metric: Iterable[tuple[str, Mapping[tuple[int, str], ContrastRow]]],
    width: int,
) -> Iterator[str]:
    """Write a line for each word: the metrics that have it, with the sizes of those that matter."""
    by_word: dict[str, list[str]] = {word: [] for word in EFFECT_WORDS}
    for metric, rows in of_metric:
        row, title = rows[0, posture], title_of(metric)
        matters = row.verdict in _OF_INTEREST
        size = f" ({_size(row, difference_decimals(rows.values()))})" if matters else ""
        by_word[row.verdict].append(f"{title}{size}")
    for word, said in by_word.items():
        if said:
            label = word or "no word"
            first = f"  {label.ljust(_WORD_WIDTH)}"
            yield wrapped("; ".join(said), width, first, " " * (_WORD_WIDTH + 2))


def _size(row: ContrastRow, decimals: int | None) -> str:
    assert row.difference is not None
    ends = row.difference_low, row.difference_high
    difference, _ = with_interval(row.difference, *ends, decimals)
    relative = f", {percent(row.percent)}" if math.isfinite(row.percent) else ""
    return f"{difference}{relative}, smallest effect {row.smallest:.3g}"


def smallest_of(rows: Iterable[ContrastRow]) -> float:
    """Return the smallest effect of interest of a metric, which is the same in all rows."""
    return next((row.smallest for row in rows if row.difference is not None), math.nan)
