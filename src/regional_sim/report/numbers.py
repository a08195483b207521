"""Numbers as text: as many digits as they carry, never cut short."""

from __future__ import annotations

import math
from typing import Final

from regional_sim.errors import shown

MISSING: Final = "n/a"
"""Stands for a number that does not exist, such as the interval of a single run."""

_SMALLEST_FIXED: Final = 1e-4
_LARGEST_FRACTION: Final = 1e4
_MOST_DECIMALS: Final = 6
_SMALLEST_TENTH: Final = 0.095


def number(value: float) -> str:
    """Write a number with four significant digits.

    Parameters
    ----------
    value : float
        Any number.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> number(0.41203), number(24.0), number(13579.2), number(0.0), number(2.5e-6)
    ('0.4120', '24.00', '13579', '0', '2.500e-06')
    >>> number(float("nan")), number(float("-inf"))
    ('n/a', '-inf')
    """
    if math.isnan(value):
        return MISSING
    if value == 0.0 or math.isinf(value):
        return f"{value:g}".replace("-0", "0")
    if abs(value) >= _LARGEST_FRACTION:
        return f"{value:.0f}"
    if abs(value) < _SMALLEST_FIXED:
        return f"{value:.3e}"
    return f"{value:#.4g}".rstrip(".")


def plain(value: object) -> str:
    """Write a figure of a scenario or a catalogue as a person would.

    Parameters
    ----------
    value : object
        A number, or anything else that prints.

    Returns
    -------
    str
        The text; empty for None.

    Examples
    --------
    >>> plain(3000.0), plain(0.35), plain(None), plain("km"), plain(29184.9)
    ('3000', '0.35', '', 'km', '29184.9')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.12g}"
    return str(value)


def level(value: object) -> str:
    """Write the level of a factor as a file has it.

    Parameters
    ----------
    value : object
        A number, text, true, false or null.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> level(0.5), level("probit"), level(True), level(None)
    ('0.5', 'probit', 'true', 'null')
    """
    return shown(value) if value is None or isinstance(value, bool) else plain(value)


def with_interval(value: float, low: float, high: float) -> tuple[str, str]:
    """Write an estimate and its interval, with the digits that the interval's width allows.

    Half the width has two significant digits.

    Parameters
    ----------
    value : float
        The estimate.
    low, high : float
        Its interval; NaN where there is none.

    Returns
    -------
    value, interval : str
        Both with a sign and with the same number of decimals.

    Examples
    --------
    >>> with_interval(0.018873, 0.01709, 0.02066)
    ('+0.0189', '+0.0171 to +0.0207')
    >>> with_interval(-12.3456, -14.1, -10.6)
    ('-12.3', '-14.1 to -10.6')
    >>> with_interval(0.0, 0.0, 0.0)
    ('0', '0 to 0')
    >>> with_interval(0.5, float("nan"), float("nan"))
    ('+0.5000', 'n/a')
    """
    if math.isnan(low) or math.isnan(high):
        return signed(value), MISSING
    half_width = (high - low) / 2.0
    if half_width <= 0.0:
        return signed(value), f"{signed(low)} to {signed(high)}"
    decimals = max(0, 1 - math.floor(math.log10(half_width)))
    form = "+.2e" if decimals > _MOST_DECIMALS else f"+.{decimals}f"
    return f"{value:{form}}", f"{low:{form}} to {high:{form}}"


def percent(value: float) -> str:
    """Write a change in per cent.

    Parameters
    ----------
    value : float
        Per cent, not a share.

    Returns
    -------
    str
        Signed, with one decimal, or one significant digit where that is further right.

    Examples
    --------
    >>> percent(4.5811), percent(-0.0213), percent(0.0), percent(float("nan"))
    ('+4.6 %', '-0.02 %', '0 %', 'n/a')
    """
    if not math.isfinite(value):
        return MISSING
    if value == 0.0:
        return "0 %"
    return f"{value:+.1f} %" if abs(value) >= _SMALLEST_TENTH else f"{value:+.1g} %"


def in_words(unit: str) -> str:
    """Write a unit.

    Parameters
    ----------
    unit : str
        As in a catalogue, where ``1`` stands for a pure number.

    Returns
    -------
    str
        The unit.

    Examples
    --------
    >>> in_words("1"), in_words("share")
    ('pure number', 'share')
    """
    return "pure number" if unit == "1" else unit


def bounds(low: float, high: float) -> str:
    """Write a range.

    Parameters
    ----------
    low, high : float
        Bounds; infinite where there is none.

    Returns
    -------
    str
        The range in words.

    Examples
    --------
    >>> bounds(0.0, 1.0), bounds(0.0, math.inf), bounds(-math.inf, math.inf), bounds(-math.inf, 1.0)
    ('0 to 1', 'from 0', 'any', 'to 1')
    """
    if math.isfinite(low) and math.isfinite(high):
        return f"{plain(float(low))} to {plain(float(high))}"
    if math.isfinite(low):
        return f"from {plain(float(low))}"
    return f"to {plain(float(high))}" if math.isfinite(high) else "any"


def signed(value: float) -> str:
    """Write a number with its sign; zero has none.

    Parameters
    ----------
    value : float
        Any number.

    Returns
    -------
    str
        The text.

    Examples
    --------
    >>> signed(0.5), signed(-0.5), signed(0.0)
    ('+0.5000', '-0.5000', '0')
    """
    return f"{'+' if value > 0.0 else ''}{number(value)}"
