"""Numbers, sentences and tables as text for a terminal.

Longer than others because one style of number serves every table: three significant digits, and
the same decimals in all rows of a metric.

Postures stand below each other and not side by side, so that nine of them, with long names, fit
into 80 columns and no number is ever cut.  Headings span all columns, which no cell of a Rich table
can; its cells would also end in blanks.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from rich.text import Text

from regional_sim.errors import shown
from regional_sim.numerics.statistics import EFFECT_WORDS

if TYPE_CHECKING:
    import pandas as pd

MISSING: Final = "n/a"
"""Stands for a number that does not exist, such as the interval of a single run."""

TableRow: TypeAlias = str | Sequence[str]
"""Cells, or a heading that spans all columns."""

MEAN_HEADS: Final = ("", "mean", "95 % interval", "unit")
CONTRAST_HEADS: Final = ("", "effect", "mean", "difference", "95 % interval")
RANGE_HEADS: Final = ("", "lowest", "median", "highest")
COUNT_HEADS: Final = ("", *filter(None, EFFECT_WORDS), *RANGE_HEADS[1:])

NO_SPREAD: Final = "no spread"
"""Stands for the interval of a number that is the same in all runs."""

_DIGITS: Final = 3
_SMALLEST_FIXED: Final = 1e-4
_LARGEST_FRACTION: Final = 999.5
_LARGEST_FIXED: Final = 1e15
_MOST_DECIMALS: Final = 6
_SMALLEST_TENTH: Final = 0.095
_HUNDRED: Final = 99.95
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"
_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_NAME_WIDTH: Final = 12


def number(value: float, decimals: int | None = None) -> str:
    """Write a number with three significant digits, or with the decimals of its block.

    >>> number(0.41203), number(24.0), number(13579.2), number(0.0), number(2.5e-6), number(1e300)
    ('0.412', '24.0', '13579', '0', '2.50e-06', '1.00e+300')
    >>> number(0.41203, 4), number(-0.00002, 2)
    ('0.4120', '0.00')
    """
    if math.isnan(value):
        return MISSING
    if value == 0.0 or math.isinf(value):
        return f"{value:g}".replace("-0", "0")
    if abs(value) >= _LARGEST_FIXED or (decimals is None and abs(value) < _SMALLEST_FIXED):
        return f"{value:.{_DIGITS - 1}e}"
    if decimals is not None:
        text = f"{value:.{decimals}f}"
        return text if float(text) else text.removeprefix("-")
    if abs(value) >= _LARGEST_FRACTION:
        return f"{value:.0f}"
    return f"{value:#.{_DIGITS}g}".rstrip(".")


def signed(value: float, decimals: int | None = None) -> str:
    """Write a number with its sign; zero has none.

    >>> signed(0.5), signed(-0.5), signed(0.0), signed(0.001, 2)
    ('+0.500', '-0.500', '0', '0.00')
    """
    text = number(value, decimals)
    return f"+{text}" if value > 0.0 and float(text) else text


def decimals_of(values: Iterable[float]) -> int | None:
    """Return the decimals that numbers of a block share: three digits of the largest one.

    None where so small a number is better written with an exponent.

    >>> decimals_of([0.41203, 0.0002]), decimals_of([24.0, 0.5]), decimals_of([3e-9])
    (3, 1, None)
    """
    return _few(_decimals(max(_sizes(values), default=1.0), _DIGITS))


def interval_decimals(estimates: Iterable[tuple[float, float, float]]) -> int | None:
    """Return the decimals that estimates of a block share with their intervals.

    An estimate is a value with the ends of its interval.  Two digits of the narrowest interval's
    half-width, but no more than three digits of the largest value, unless the widest interval needs
    more to be seen at all.  None where so small a number is better written with an exponent.

    >>> interval_decimals([(0.018873, 0.01709, 0.02066)])
    4
    >>> interval_decimals([(0.018873, 0.01709, 0.02066), (0.512, 0.21, 0.81)])
    3
    """
    rows = list(estimates)
    by_value = _decimals(max(_sizes(value for value, _, _ in rows), default=0.0), _DIGITS)
    halves = list(_sizes(high / 2.0 - low / 2.0 for _, low, high in rows))
    if not halves:
        return _few(by_value)
    shown = min(_decimals(min(halves), 2), max(by_value, _decimals(max(halves), 1)))
    return _few(shown if by_value > _MOST_DECIMALS else min(shown, _MOST_DECIMALS))


def _sizes(values: Iterable[float]) -> Iterator[float]:
    """Return the sizes of the numbers that have one."""
    return (abs(value) for value in values if math.isfinite(value) and value != 0.0)


def _decimals(size: float, digits: int) -> int:
    """Return how many decimals show so many digits of a number of this size."""
    return digits - 1 - math.floor(math.log10(size)) if size else 0


def _few(decimals: int) -> int | None:
    return None if decimals > _MOST_DECIMALS else max(decimals, 0)


def with_interval(
    value: float, low: float, high: float, decimals: int | None = None
) -> tuple[str, str]:
    """Write a difference and its interval with the same decimals: those of its block, or its own.

    >>> with_interval(0.018873, 0.01709, 0.02066)
    ('+0.0189', '+0.0171 to +0.0207')
    >>> with_interval(0.0, 0.0, 0.0), with_interval(0.5, float("nan"), float("nan"))
    (('0', 'no spread'), ('+0.500', 'n/a'))
    >>> with_interval(0.0621, 0.06209, 0.06211, decimals=3)
    ('+0.062', 'within 0.0005')
    """
    return _with_ends(value, low, high, decimals, signed)


def mean_with_interval(
    value: float, low: float, high: float, decimals: int | None = None
) -> tuple[str, str]:
    """Write a level and its interval, as :func:`with_interval` but without signs.

    >>> mean_with_interval(0.41203, 0.40, 0.42406)
    ('0.412', '0.400 to 0.424')
    """
    return _with_ends(value, low, high, decimals, number)


def _with_ends(
    value: float,
    low: float,
    high: float,
    decimals: int | None,
    form: Callable[[float, int | None], str],
) -> tuple[str, str]:
    if decimals is None:
        decimals = interval_decimals([(value, low, high)])
    said = form(value, decimals)
    if math.isnan(low) or math.isnan(high):
        return said, MISSING
    if low == high:
        return said, NO_SPREAD
    ends = form(low, decimals), form(high, decimals)
    if ends[0] == ends[1]:
        half = high / 2.0 - low / 2.0
        return said, f"within {half:.1g}" if decimals is None else _within(decimals)
    return said, f"{ends[0]} to {ends[1]}"


def _within(decimals: int) -> str:
    return f"within {0.5 * 10**-decimals:.{decimals + 1}f}"


def percent(value: float) -> str:
    """Write a change with one decimal, none from 100 %, or one digit where it is very small.

    >>> percent(4.5811), percent(457.51), percent(-0.0213), percent(0.0), percent(float("nan"))
    ('+4.6 %', '+458 %', '-0.02 %', '0 %', 'n/a')
    """
    if not math.isfinite(value):
        return MISSING
    if value == 0.0:
        return "0 %"
    if abs(value) >= _HUNDRED:
        return f"{value:+.0f} %"
    return f"{value:+.1f} %" if abs(value) >= _SMALLEST_TENTH else f"{value:+.1g} %"


def share_text(share: float, decimals: int = 0) -> str:
    """Write a share in per cent; one that does not exist has none.

    >>> share_text(0.384), share_text(0.0123, 1), share_text(-0.0001, 1), share_text(0.0)
    ('38 %', '1.2 %', '0.0 %', '0 %')
    """
    if math.isnan(share):
        return MISSING
    text = f"{100.0 * share:.{decimals}f}"
    return f"{text if float(text) else text.removeprefix('-')} %"


def level(value: object) -> str:
    """Write the level of a factor as a YAML file has it; a whole number has no decimals.

    >>> level(0.5), level(3000.0), level("probit"), level(True), level(None)
    ('0.5', '3000', 'probit', 'true', 'null')
    """
    if value is None or isinstance(value, bool):
        return shown(value)
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.12g}"
    return str(value)


def bounds(low: float, high: float) -> str:
    """Write a range; an infinite bound is none.

    >>> bounds(0.0, 1.0), bounds(0.0, math.inf), bounds(-math.inf, math.inf), bounds(-math.inf, 1.0)
    ('0 to 1', 'from 0', 'any', 'to 1')
    """
    if math.isfinite(low) and math.isfinite(high):
        return f"{level(float(low))} to {level(float(high))}"
    if math.isfinite(low):
        return f"from {level(float(low))}"
    return f"to {level(float(high))}" if math.isfinite(high) else "any"


_UNITS: Final = {
    "1": "ratio",
    "area": "area under the ROC curve",
    "log": "log units",
    "logit": "logits",
    "stance": "units of stance",
}


def unit_text(unit: str) -> str:
    """Write a unit of the catalogue so that it says something on a screen.

    >>> unit_text("1"), unit_text("area"), unit_text("share of GDP")
    ('ratio', 'area under the ROC curve', 'share of GDP')
    """
    return _UNITS.get(unit, unit)


def duration(seconds: float) -> str:
    """Write a time with the precision of a guess.

    >>> duration(0.2), duration(40.0), duration(400.0), duration(20000.0)
    ('1 s', '40 s', '7 min', '5.6 h')
    """
    if seconds < _MINUTE:
        return f"{max(seconds, 1.0):.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < _HOUR else f"{seconds / _HOUR:.1f} h"


def size(n_bytes: float) -> str:
    """Write an amount of memory with the precision of a guess.

    >>> size(900), size(34_000_000), size(2_300_000_000)
    ('1 kB', '34 MB', '2.3 GB')
    """
    for unit, power in (("GB", 9), ("MB", 6)):
        if n_bytes >= 10**power:
            amount = n_bytes / 10**power
            return f"{amount:.1f} {unit}" if amount < 10 else f"{amount:.0f} {unit}"  # noqa: PLR2004
    return f"{max(n_bytes / 1e3, 1.0):.0f} kB"


def wrapped(text: str, width: int, first: str = "", others: str | None = None) -> str:
    """Break a text between words only, so that names and paths stay whole, and not before a %.

    `first` indents the first line, `others` those that follow; if not given, they are the same.

    >>> print(wrapped("traditional, new_approach", 22, "postures  ", " " * 10))
    postures  traditional,
              new_approach
    """
    return textwrap.fill(
        text.replace(" %", f"{_NO_BREAK}%"),
        width,
        initial_indent=first,
        subsequent_indent=first if others is None else others,
        break_long_words=False,
        break_on_hyphens=False,
    ).replace(f"{_NO_BREAK}%", " %")


def named_lines(lines: Sequence[tuple[str, str]], width: int) -> str:
    """Put names to the left of what they name; a line that goes on has no name.

    >>> print(named_lines([("points", "3"), ("postures", "traditional, new_approach")], 30))
    points      3
    postures    traditional,
                new_approach
    """
    return "\n".join(
        wrapped(text, width, name.ljust(_NAME_WIDTH), " " * _NAME_WIDTH) for name, text in lines
    )


def padded(rows: Sequence[Sequence[str]]) -> list[str]:
    """Make a line of each row, its columns as wide as their widest cell.

    >>> padded([("", "mean", "unit"), ("tension", "0.5", "share")])
    ['         mean  unit', 'tension  0.5   share']
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded_rows = (map(str.ljust, row, widths) for row in rows)
    return ["  ".join(cells).rstrip() for cells in padded_rows]


def table_text(rows: Sequence[TableRow], width: int | None = None) -> Text:
    """Lay out a table: the first row holds the heads of the columns; ends with a line break.

    Headings are broken where they are wider than the width.
    """
    lines = iter(padded([row for row in rows if not isinstance(row, str)]))
    text = Text()
    for place, row in enumerate(rows):
        if isinstance(row, str):
            indent = _indent_of(row)
            line = row if width is None else wrapped(row.lstrip(), width, indent, f"{indent}    ")
            text.append(f"{line}\n", style="bold")
        else:
            text.append(f"  {next(lines)}\n", style="" if place else "dim")
    return text


class ContrastRow(NamedTuple):
    """Mean of one posture at one point with its 95 % interval, and the same of its difference.

    The difference is None for the reference posture; NaN stands for a bound that does not exist.
    """

    posture: str
    mean: float
    low: float
    high: float
    difference: float | None = None
    difference_low: float = math.nan
    difference_high: float = math.nan
    percent: float = math.nan
    """The difference in per cent of the reference's mean."""
    smallest: float = math.nan
    """Smallest effect of interest; NaN where there is none."""
    verdict: str = ""
    """What the difference is beside it."""


def contrast_rows(
    metric: str, window: str, summary: pd.DataFrame, contrasts: pd.DataFrame
) -> dict[tuple[int, str], ContrastRow]:
    """Gather a metric in a window from tables of a result folder, by point and posture."""

    def chosen(table: pd.DataFrame) -> Any:
        of_metric = (table["metric"] == metric) & (table["window"] == window)
        return table[of_metric].itertuples(index=False)

    rows = {
        (row.point, row.posture): ContrastRow(row.posture, row.mean, row.ci_low, row.ci_high)
        for row in chosen(summary)
    }
    for row in chosen(contrasts):
        rows[row.point, row.posture] = rows[row.point, row.posture]._replace(
            difference=row.difference,
            difference_low=row.ci_low,
            difference_high=row.ci_high,
            percent=row.percent,
            smallest=row.smallest_effect,
            verdict=row.verdict,
        )
    return rows


def mean_cells(label: str, unit: str, row: ContrastRow, decimals: int | None = None) -> TableRow:
    """Write a posture that is compared with none, under :data:`MEAN_HEADS`."""
    return label, *mean_with_interval(row.mean, row.low, row.high, decimals), unit


def difference_decimals(rows: Iterable[ContrastRow]) -> int | None:
    """Return the decimals that the differences of a metric share with their intervals."""
    return interval_decimals(
        (row.difference, row.difference_low, row.difference_high)
        for row in rows
        if row.difference is not None
    )


def contrast_cells(
    rows: Sequence[ContrastRow], indent: str = "", block: Sequence[ContrastRow] | None = None
) -> list[TableRow]:
    """Write postures below each other, each compared with the reference.

    Cells stand under :data:`CONTRAST_HEADS`, with the decimals of the block: all rows of the metric
    where these are only some of them.
    """
    of_block = rows if block is None else block
    of_means = decimals_of(row.mean for row in of_block)
    decimals = difference_decimals(of_block)
    return [_contrast(row, indent, of_means, decimals) for row in rows]


def _contrast(
    row: ContrastRow, indent: str, of_means: int | None, decimals: int | None
) -> tuple[str, ...]:
    label, mean = indent + row.posture, number(row.mean, of_means)
    if row.difference is None:
        return label, "reference", mean, "", ""
    ends = row.difference_low, row.difference_high
    return label, row.verdict, mean, *with_interval(row.difference, *ends, decimals)


def range_cells(label: str, rows: Sequence[ContrastRow]) -> TableRow:
    """Write the range of a posture's means over many points, under :data:`RANGE_HEADS`."""
    means = [row.mean for row in rows]
    return label, *_range(means, number, decimals_of(means))


def count_cells(rows: Sequence[ContrastRow]) -> list[TableRow]:
    """Sum up each posture over many points, under :data:`COUNT_HEADS`.

    At how many points the difference has which word, and the range of the differences.
    """
    by_posture: dict[str, list[ContrastRow]] = {}
    for row in rows:
        by_posture.setdefault(row.posture, []).append(row)
    decimals = decimals_of(row.difference for row in rows if row.difference is not None)
    counted: list[TableRow] = []
    for posture, of in by_posture.items():
        differences = [row.difference for row in of if row.difference is not None]
        if differences:
            words = [row.verdict for row in of]
            counts = (str(words.count(word)) for word in EFFECT_WORDS if word)
            counted.append((posture, *counts, *_range(differences, signed, decimals)))
    return counted


def _range(
    values: Sequence[float], form: Callable[[float, int | None], str], decimals: int | None
) -> tuple[str, ...]:
    """Write lowest, median and highest of the values that exist."""
    finite = [value for value in values if math.isfinite(value)] or [math.nan]
    return tuple(form(of(finite), decimals) for of in (min, median, max))


def wrapped_lines(sentences: Iterable[str], width: int, indent: str = "") -> str:
    """Break sentences between words; what is continued stands further in."""
    return "".join(
        f"{wrapped(sentence, width, '', indent + _indent_of(sentence))}\n" for sentence in sentences
    )


def _indent_of(sentence: str) -> str:
    return " " * (len(sentence) - len(sentence.lstrip()))
