"""A comparison of two tables of runs: what differs on average, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from regional_sim.analysis.compare.alignment import Alignment
from regional_sim.analysis.compare.columns import NAMES
from regional_sim.analysis.compare.leftovers import Leftovers
from regional_sim.analysis.compare.outcomes import Outcome
from regional_sim.analysis.compare.source import LUCK
from regional_sim.analysis.compare.tolerance import Verdict
from regional_sim.experiment.differences import Change
from regional_sim.numerics.statistics import Statistics

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """What was found.

    Made by :func:`regional_sim.compare`.

    Attributes
    ----------
    a, b : str
        What was compared, as it was named.
    outcomes : tuple of Outcome
        What statistics were made of.
    alignment : Alignment
        Groups of runs, and whether they are paired.
    statistics : tuple of dict
        For each group, name of a statistic to an array over outcomes.
    leftovers : Leftovers
        What only one side has.
    differences_of_config : tuple of Change, or None
        Where the two plans differ; None where one is not known.
    seed, resamples : int
        Of the bootstrap.
    verdict : Verdict or None
        Whether the runs agree within the tolerance; None where none was given.
    """

    a: str
    b: str
    outcomes: tuple[Outcome, ...]
    alignment: Alignment
    statistics: tuple[Statistics, ...]
    leftovers: Leftovers
    differences_of_config: tuple[Change, ...] | None
    seed: int
    resamples: int
    verdict: Verdict | None = None

    @property
    def paired(self) -> bool:
        """Whether runs were compared in pairs."""
        return self.alignment.paired

    @property
    def unmatched(self) -> dict[str, Any]:
        """What only one side has: groups, runs and columns."""
        return self.leftovers.mapping()

    @property
    def notes(self) -> tuple[str, ...]:
        """What to keep in mind when reading intervals, a sentence each."""
        keys = self.alignment.keys
        if set(keys.repeats) & set(LUCK) and not keys.are_luck:
            return (
                "Runs of one group share their luck at several levels of"
                f" {', '.join(name for name in keys.repeats if name not in LUCK)}: they are not"
                " independent, and intervals are narrower than they should be.",
            )
        return ()

    @cached_property
    def group_levels(self) -> dict[str, list[object]]:
        """Column of groups to its level in each group."""
        groups = self.alignment.groups
        return {
            name: [group.levels[name] for group in groups] for name in self.alignment.keys.groups
        }

    def values(self) -> dict[str, Any]:
        """Return the columns of the table.

        Returns
        -------
        dict
            Name to an array or list; rows stand by group, then outcome.
        """
        n_groups, n_outcomes = len(self.statistics), len(self.outcomes)
        found: dict[str, Any] = {
            name: [level for level in levels for _ in range(n_outcomes)]
            for name, levels in self.group_levels.items()
        }
        for name in ("metric", "window", "unit"):
            found[name] = [getattr(outcome, name) for outcome in self.outcomes] * n_groups
        for name in NAMES[3:]:
            numbers = np.concatenate([group[name] for group in self.statistics])
            counts = name in {"pairs", "n_a", "n_b"}
            found[name] = numbers.astype(np.int64) if counts else numbers
        return found

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each group, metric and window; see :mod:`regional_sim.analysis.compare`."""
        import pandas as pd

        return pd.DataFrame(self.values())

    def to_csv(self, path: str | Path, *, force: bool = False) -> None:
        """Write the table; `force` replaces a file that is there."""
        self._write(path, ".csv", force=force)

    def to_json(self, path: str | Path, *, force: bool = False) -> None:
        """Write everything, with a dictionary of the columns; as :meth:`to_csv`."""
        self._write(path, ".json", force=force)

    def to_markdown(self, path: str | Path, *, force: bool = False) -> None:
        """Write everything for people; as :meth:`to_csv`."""
        self._write(path, ".md", force=force)

    def __repr__(self) -> str:
        """Say what was compared, and how."""
        how = "paired" if self.paired else "unpaired"
        shape = f"{len(self.statistics)} groups, {len(self.outcomes)} outcomes"
        return f"Comparison({self.a!r}, {self.b!r}, {how}, {shape})"

    def _write(self, path: str | Path, ending: str, *, force: bool) -> None:
        from regional_sim.analysis.compare.writing import write

        write(self, Path(path), force=force, ending=ending)
