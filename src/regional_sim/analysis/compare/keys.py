"""By what rows are aligned: which columns make a group, and which a pair within it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow.compute as pc

from regional_sim.analysis.compare.side import Side
from regional_sim.analysis.compare.source import LUCK, NUMBERING, POSTURE
from regional_sim.errors import Fault, InputError, suggestion
from regional_sim.results.columns import TEXT

POINT: Final = "point"
"""Column of the number of a point."""


@dataclass(frozen=True)
class Keys:
    """Key columns.

    Attributes
    ----------
    groups : tuple of str
        A line of the comparison for each of their combinations.
    repeats : tuple of str
        What tells the rows of a group apart; rows that agree in all of both are a pair.
    """

    groups: tuple[str, ...]
    repeats: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Groups, then repeats."""
        return (*self.groups, *self.repeats)

    @property
    def are_luck(self) -> bool:
        """Whether pairs are runs on the same draws, so that there may be none by design."""
        return set(self.repeats) <= set(LUCK)


def keys_of(
    a: Side, b: Side, key: Sequence[str] | None = None, by: Sequence[str] | None = None
) -> Keys:
    """Decide by what two sides are aligned.

    Two tables of runs are aligned by the factors that both have, the posture, and the luck that a
    run met.  What was chosen on both sides and differs is what is compared, and no key.

    Parameters
    ----------
    a, b : Side
        The two sides.
    key : sequence of str, optional
        Key columns; needed where a side is no table of runs.
    by : sequence of str, optional
        Those of them that make groups; None: all but seed and replicate, or none where neither is
        a key.

    Returns
    -------
    Keys
        Columns that both sides have.

    Raises
    ------
    InputError
        When a key is needed or a side lacks one, or a factor that only one side has has several
        levels there.
    """
    named = _of_runs(a, b) if key is None else tuple(dict.fromkeys(key))
    _refuse_missing(a, b, named)
    crossed = {name for name in named if name in a.chosen & b.chosen and _differ(a, b, name)}
    left = tuple(name for name in named if name not in crossed)
    luck = tuple(name for name in left if name in LUCK)
    if by is None:
        groups = tuple(name for name in left if name not in LUCK) if luck else ()
    else:
        wrong = [name for name in by if name not in named]
        if wrong:
            what = "groups are made of key columns"
            hint = suggestion(wrong[0], named)
            raise InputError(what, value=wrong[0], allowed=", ".join(left), hint=hint)
        groups = tuple(name for name in left if name in by)
    return Keys(groups, tuple(name for name in left if name not in groups))


def bookkeeping(side: Side, keys: Keys) -> frozenset[str]:
    """Name the columns that are no outcomes, whatever they hold.

    Parameters
    ----------
    side : Side
        One of the two.
    keys : Keys
        Key columns.

    Returns
    -------
    frozenset of str
        Keys, numbering of runs, posture, factors, and what was chosen.
    """
    of_runs = (POSTURE, *side.source.factors) if side.source.factors is not None else ()
    return frozenset({*keys.all, *NUMBERING, *of_runs, *side.chosen})


def _of_runs(a: Side, b: Side) -> tuple[str, ...]:
    """Name the keys of two tables of runs."""
    for side in (a, b):
        if not side.source.is_runs:
            what = "this table lacks the columns of a table of runs"
            hint = "name the columns that tell its rows apart (--key COLUMN,...)"
            raise InputError(what, where=side.name, hint=hint)
    first, second = a.source.factors or (), b.source.factors or ()
    for side, own, others in ((a, first, second), (b, second, first)):
        for factor in own:
            if factor not in others and len(levels := _levels(side, factor)) > 1:
                what = "only this side has this factor, and with several levels"
                hint = f"choose one, such as {side.name}::{factor}={levels[0]}"
                raise InputError(what, where=side.name, key=factor, hint=hint)
    common = tuple(factor for factor in first if factor in second)
    point = (POINT,) if _need_points(a, b, common) else ()
    return (*point, *common, POSTURE, *LUCK)


def _need_points(a: Side, b: Side, factors: Sequence[str]) -> bool:
    """Tell whether only their numbers tell points apart, as some designs have one more than once.

    They do so for two sides with the same points.
    """
    if not factors or any(POINT not in side.source.kinds for side in (a, b)):
        return False
    names = [POINT, *factors]
    lists = [side.columns(names).group_by(names).aggregate([]).to_pylist() for side in (a, b)]
    numbered = [{row[POINT]: tuple(row[name] for name in factors) for row in one} for one in lists]
    repeated = any(len(set(levels.values())) < len(levels) for levels in numbered)
    shared = numbered[0].keys() & numbered[1].keys()
    return repeated and all(numbered[0][point] == numbered[1][point] for point in shared)


def _refuse_missing(a: Side, b: Side, names: Sequence[str]) -> None:
    """Name every key column that a side lacks."""
    faults = [
        Fault(
            "no such key column",
            where=side.name,
            key=name,
            hint=suggestion(name, side.source.kinds),
        )
        for side in (a, b)
        for name in names
        if name not in side.source.kinds
    ]
    if faults:
        raise InputError.of(list(dict.fromkeys(faults)))


def _levels(side: Side, column: str) -> list[object]:
    levels: list[object] = pc.unique(side.columns([column])[column]).to_pylist()
    return levels


def _differ(a: Side, b: Side, column: str) -> bool:
    """Tell whether a column that was chosen on both sides has other values on the other side."""
    as_text = TEXT in {a.source.kinds[column], b.source.kinds[column]}
    first, second = (
        {str(level) if as_text else level for level in _levels(side, column)} for side in (a, b)
    )
    return first != second
