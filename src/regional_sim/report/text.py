"""Numbers, sentences and tables as text for a terminal.

Postures stand below each other and not side by side, so that nine of them, with long names, fit
into 80 columns and no number is ever cut.  Headings span all columns, which no cell of a Rich table
can; its cells would also end in blanks.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Sequence
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
CONTRAST_HEADS: Final = ("", "mean", "difference", "95 % interval", "effect")
RANGE_HEADS: Final = ("", "lowest", "median", "highest")
COUNT_HEADS: Final = ("", *filter(None, EFFECT_WORDS), *RANGE_HEADS[1:])

_SMALLEST_FIXED: Final = 1e-4
_LARGEST_FRACTION: Final = 1e4
_LARGEST_FIXED: Final = 1e15
_MOST_DECIMALS: Final = 6
_SMALLEST_TENTH: Final = 0.095
_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_NAME_WIDTH: Final = 12


def number(value: float) -> str:
    """Write a number with four significant digits.

    >>> number(0.41203), number(24.0), number(13579.2), number(0.0), number(2.5e-6), number(1e300)
    ('0.4120', '24.00', '13579', '0', '2.500e-06', '1.000e+300')
    """
    if math.isnan(value):
        return MISSING
    if value == 0.0 or math.isinf(value):
        return f"{value:g}".replace("-0", "0")
    if not _SMALLEST_FIXED <= abs(value) < _LARGEST_FIXED:
        return f"{value:.3e}"
    if abs(value) >= _LARGEST_FRACTION:
        return f"{value:.0f}"
    return f"{value:#.4g}".rstrip(".")


def signed(value: float) -> str:
    """Write a number with its sign; zero has none.

    >>> signed(0.5), signed(-0.5), signed(0.0)
    ('+0.5000', '-0.5000', '0')
    """
    return f"{'+' if value > 0.0 else ''}{number(value)}"


def with_interval(value: float, low: float, high: float) -> tuple[str, str]:
    """Write an estimate and its interval, with decimals for two digits of half the width.

    >>> with_interval(0.018873, 0.01709, 0.02066)
    ('+0.0189', '+0.0171 to +0.0207')
    >>> with_interval(0.0, 0.0, 0.0), with_interval(0.5, float("nan"), float("nan"))
    (('0', '0 to 0'), ('+0.5000', 'n/a'))
    """
    if math.isnan(low) or math.isnan(high):
        return signed(value), MISSING
    half_width = high / 2.0 - low / 2.0
    if half_width <= 0.0:
        return signed(value), f"{signed(low)} to {signed(high)}"
    decimals = max(0, 1 - math.floor(math.log10(half_width)))
    is_long = decimals > _MOST_DECIMALS or max(abs(low), abs(high)) >= _LARGEST_FIXED
    form = "+.2e" if is_long else f"+.{decimals}f"
    return f"{value:{form}}", f"{low:{form}} to {high:{form}}"


def percent(value: float) -> str:
    """Write a change with one decimal, or one significant digit where it is smaller than that.

    >>> percent(4.5811), percent(-0.0213), percent(0.0), percent(float("nan"))
    ('+4.6 %', '-0.02 %', '0 %', 'n/a')
    """
    if not math.isfinite(value):
        return MISSING
    if value == 0.0:
        return "0 %"
    return f"{value:+.1f} %" if abs(value) >= _SMALLEST_TENTH else f"{value:+.1g} %"


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


def unit_text(unit: str) -> str:
    """Write a unit of the catalogue, where ``1`` stands for a pure number."""
    return "pure number" if unit == "1" else unit


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
    """Break a text between words only, so that names and paths stay whole.

    `first` indents the first line, `others` those that follow; if not given, they are the same.

    >>> print(wrapped("traditional, new_approach", 22, "postures  ", " " * 10))
    postures  traditional,
              new_approach
    """
    return textwrap.fill(
        text,
        width,
        initial_indent=first,
        subsequent_indent=first if others is None else others,
        break_long_words=False,
        break_on_hyphens=False,
    )


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


def table_text(rows: Sequence[TableRow]) -> Text:
    """Lay out a table: the first row holds the heads of the columns; ends with a line break."""
    lines = iter(padded([row for row in rows if not isinstance(row, str)]))
    text = Text()
    for place, row in enumerate(rows):
        if isinstance(row, str):
            text.append(f"{row}\n", style="bold")
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


def mean_cells(label: str, unit: str, row: ContrastRow) -> TableRow:
    """Write a posture that is compared with none, under :data:`MEAN_HEADS`."""
    known = not math.isnan(row.low)
    interval = f"{number(row.low)} to {number(row.high)}" if known else MISSING
    return label, number(row.mean), interval, unit


def contrast_cells(rows: Sequence[ContrastRow], indent: str = "") -> list[TableRow]:
    """Write postures below each other, each compared with the reference.

    Cells stand under :data:`CONTRAST_HEADS`.
    """
    return [(indent + row.posture, number(row.mean), *_contrast(row)) for row in rows]


def _contrast(row: ContrastRow) -> tuple[str, str, str]:
    if row.difference is None:
        return "reference", "", ""
    numbers = with_interval(row.difference, row.difference_low, row.difference_high)
    return *numbers, row.verdict


def range_cells(label: str, rows: Sequence[ContrastRow]) -> TableRow:
    """Write the range of a posture's means over many points, under :data:`RANGE_HEADS`."""
    return label, *_range([row.mean for row in rows])


def count_cells(rows: Sequence[ContrastRow]) -> list[TableRow]:
    """Sum up each posture over many points, under :data:`COUNT_HEADS`.

    At how many points the difference has which word, and the range of the differences.
    """
    by_posture: dict[str, list[ContrastRow]] = {}
    for row in rows:
        by_posture.setdefault(row.posture, []).append(row)
    counted: list[TableRow] = []
    for posture, of in by_posture.items():
        differences = [row.difference for row in of if row.difference is not None]
        if differences:
            words = [row.verdict for row in of]
            counts = (str(words.count(word)) for word in EFFECT_WORDS if word)
            counted.append((posture, *counts, *_range(differences, _brief)))
    return counted


def _brief(value: float) -> str:
    """Write a number with its sign and three digits."""
    return f"{value:+.3g}" if math.isfinite(value) and value else signed(value)


def _range(values: Sequence[float], form: Callable[[float], str] = number) -> tuple[str, ...]:
    """Write lowest, median and highest of the values that exist."""
    finite = [value for value in values if math.isfinite(value)] or [math.nan]
    return form(min(finite)), form(median(finite)), form(max(finite))


def wrapped_lines(sentences: Iterable[str], width: int, indent: str = "") -> str:
    """Break sentences between words; what is continued stands further in."""
    return "".join(
        f"{wrapped(sentence, width, '', indent + _indent_of(sentence))}\n" for sentence in sentences
    )


def _indent_of(sentence: str) -> str:
    return " " * (len(sentence) - len(sentence.lstrip()))
