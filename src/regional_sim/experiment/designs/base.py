"""What every design offers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from regional_sim.experiment.levels import Level
from regional_sim.scenario import Section, plain
from regional_sim.scenario.positions import KeyPath

Place: TypeAlias = Mapping[str, KeyPath]
"""Where in the file the level of each factor of a point stands, or the prior that gave it."""

DesignRow: TypeAlias = tuple[dict[str, Level], Place]
"""Level of each factor at a point, and where it stands."""


class Design(Section):
    """How the points of an experiment are made.

    A design gives its points in a fixed order, so that a point's number always means the same.
    """

    kind: str

    @property
    @abstractmethod
    def n_points(self) -> int:
        """Points that the design gives."""

    @property
    @abstractmethod
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the factors, in order."""

    @abstractmethod
    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Make the points.

        Parameters
        ----------
        at : tuple
            Path of the design in its file.

        Yields
        ------
        factors : dict
            Level of each factor at a point.
        places : mapping
            Where each level stands in the file.
        """

    @abstractmethod
    def about(self) -> dict[str, str]:
        """Say in a few words which levels each factor takes, by path."""

    def record(self) -> dict[str, Any]:
        """Write the design out, as what points were made by.

        Returns
        -------
        dict
            Plain, and a design in the form of a file; every default is written out.
        """
        written: dict[str, Any] = plain(self.model_dump(exclude_none=True))
        return written

    def __str__(self) -> str:
        """Write the design in a few words."""
        return f"{self.kind} of {self.n_points}"
