"""The values a number may take, for validation, for messages and for the JSON Schema."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """The values a number may take.

    Attributes
    ----------
    low, high : float
        Bounds, in the unit of the number; infinite where there is none.
    low_open, high_open : bool
        Whether the bound itself is excluded.
    """

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def contains(self, value: float) -> bool:
        """Tell whether a value is allowed.

        Parameters
        ----------
        value : float
            Any number.

        Returns
        -------
        bool
            False outside the bounds, and for NaN and the infinities.
        """
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below and math.isfinite(value)

    def __str__(self) -> str:
        """Write the range in words.

        Examples
        --------
        >>> print(Range(-1, 1), "|", Range(0, 1, low_open=True), "|", Range(0), "|", Range())
        from -1 to 1 | above 0, at most 1 | at least 0 | any number
        """
        if not (self.low_open or self.high_open) and math.isfinite(self.low + self.high):
            return f"from {self.low:g} to {self.high:g}"
        low = f"{'above' if self.low_open else 'at least'} {self.low:g}"
        high = f"{'below' if self.high_open else 'at most'} {self.high:g}"
        bounds = ((self.low, low), (self.high, high))
        return ", ".join(text for bound, text in bounds if math.isfinite(bound)) or "any number"

    def json_schema(self) -> dict[str, float | str]:
        """Write the range as a JSON Schema.

        Returns
        -------
        dict
            A schema of type ``number``.
        """
        schema: dict[str, float | str] = {"type": "number"}
        if math.isfinite(self.low):
            schema["exclusiveMinimum" if self.low_open else "minimum"] = self.low
        if math.isfinite(self.high):
            schema["exclusiveMaximum" if self.high_open else "maximum"] = self.high
        return schema
