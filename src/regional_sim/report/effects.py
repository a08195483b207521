"""Effects beside the smallest effects of interest, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from regional_sim.numerics.statistics import EFFECT_WORDS
from regional_sim.report.text import ContrastRow, percent, unit_text, with_interval, wrapped

WORDS_EXPLAINED: Final = (
    "raises or lowers a metric where the whole 95 % interval of the difference lies beyond the"
    " smallest effect of interest; its effect is negligible where the interval lies within, and"
    " else unclear"
)

_OF_INTEREST: Final = ("raises", "lowers")
_WORD_WIDTH: Final = max(map(len, EFFECT_WORDS)) + 2


def metric_heading(metric: str, unit: str, smallest: float = math.nan) -> str:
    """Name a metric or another column, its unit, and the smallest effect of interest if it has one.

    >>> metric_heading("tension", "share", 0.01), metric_heading("mine", "")
    ('tension (share), smallest effect 0.01', 'mine')
    """
    of = f" ({unit_text(unit)})" if unit else ""
    return f"{metric}{of}" + (f", smallest effect {smallest:.3g}" if smallest > 0.0 else "")


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
        yield from _answer({metric: rows[0, posture] for metric, rows in of_metric}, width)
        yield ""


def _answer(rows: Mapping[str, ContrastRow], width: int) -> Iterator[str]:
    """Write a line for each word: the metrics that have it, with the sizes of those that matter."""
    for word in EFFECT_WORDS:
        said = ", ".join(
            f"{metric} ({_size(row)})" if word in _OF_INTEREST else metric
            for metric, row in rows.items()
            if row.verdict == word
        )
        if said:
            label = word or "no word"
            yield wrapped(said, width, f"  {label.ljust(_WORD_WIDTH)}", " " * (_WORD_WIDTH + 2))


def _size(row: ContrastRow) -> str:
    assert row.difference is not None
    difference, _ = with_interval(row.difference, row.difference_low, row.difference_high)
    relative = f", {percent(row.percent)}" if math.isfinite(row.percent) else ""
    return f"{difference}{relative}; smallest effect {row.smallest:.3g}"


def smallest_of(rows: Iterable[ContrastRow]) -> float:
    """Return the smallest effect of interest of a metric, which is the same in all rows."""
    return next((row.smallest for row in rows if row.difference is not None), math.nan)
