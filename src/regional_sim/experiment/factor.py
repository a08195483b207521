"""Factors of a design as columns of tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

from regional_sim.experiment.levels import Level


@dataclass(frozen=True)
class Factor:
    """A factor as a column.

    Attributes
    ----------
    path : str
        Dotted path of what it sets.
    levels : tuple
        Its level at each point.
    """

    path: str
    levels: tuple[Level, ...]

    @property
    def column(self) -> str:
        """Name of its column: the path with everything but letters and digits as underscores.

        Examples
        --------
        >>> Factor("parameters.theta_challenger", (0.5,)).column
        'parameters_theta_challenger'
        """
        return re.sub(r"\W", "_", self.path)

    @property
    def kind(self) -> str:
        """``integer``, ``number`` or ``text``, whichever holds all levels."""
        given = [level for level in self.levels if level is not None]
        if any(isinstance(level, bool | str) for level in given):
            return "text"
        whole = len(given) == len(self.levels) and all(isinstance(level, int) for level in given)
        return "integer" if whole else "number"
