"""What only one side of a comparison has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from regional_sim.analysis.compare.alignment import Lonely, key_text


@dataclass(frozen=True)
class Leftovers:
    """Groups, runs and columns without a partner.

    Attributes
    ----------
    groups_a, groups_b : tuple of Lonely
        Groups that only one side has.
    runs_a, runs_b : int
        Runs of common groups without a partner; 0 where runs are not paired.
    columns_a, columns_b : tuple of str
        Outcomes that only one side has.
    """

    groups_a: tuple[Lonely, ...] = ()
    groups_b: tuple[Lonely, ...] = ()
    runs_a: int = 0
    runs_b: int = 0
    columns_a: tuple[str, ...] = ()
    columns_b: tuple[str, ...] = ()

    def mapping(self) -> dict[str, Any]:
        """Write everything out as plain data."""
        return {
            "groups_only_in_a": [dict(one.levels) for one in self.groups_a],
            "groups_only_in_b": [dict(one.levels) for one in self.groups_b],
            "runs_only_in_a": self.runs_a,
            "runs_only_in_b": self.runs_b,
            "columns_only_in_a": list(self.columns_a),
            "columns_only_in_b": list(self.columns_b),
        }

    def sentences(self, a: str, b: str) -> Iterator[str]:
        """Name everything.

        Parameters
        ----------
        a, b : str
            What the two sides are called.

        Yields
        ------
        str
            Without an end.
        """
        for name, groups, runs, columns in (
            (a, self.groups_a, self.runs_a, self.columns_a),
            (b, self.groups_b, self.runs_b, self.columns_b),
        ):
            for group in groups:
                yield f"only {name} has {key_text(group.levels)} ({_runs(group.rows)})"
            if runs:
                yield f"{_runs(runs)} of {name} without a partner"
            if columns:
                noun = "column" if len(columns) == 1 else "columns"
                yield f"only {name} has the {noun} {', '.join(columns)}"


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
