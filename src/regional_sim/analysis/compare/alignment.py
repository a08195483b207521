"""Which rows of one side belong to which rows of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from regional_sim.analysis.compare.codes import Codes
from regional_sim.analysis.compare.keys import Keys
from regional_sim.analysis.compare.side import Side
from regional_sim.errors import InputError
from regional_sim.numerics.arrays import Integers


@dataclass(frozen=True)
class Group:
    """Rows of both sides that agree in the columns of groups.

    Attributes
    ----------
    levels : dict
        Value of each of these columns.
    rows_a, rows_b : ndarray of int
        Numbers of rows among those that take part, in the order of the repeats; where runs are
        paired, equally many, one beside the other.
    """

    levels: Mapping[str, object]
    rows_a: Integers
    rows_b: Integers


class Lonely(NamedTuple):
    """A group that only one side has.

    Attributes
    ----------
    levels : dict
        Value of each column of groups.
    rows : int
        Its rows.
    """

    levels: Mapping[str, object]
    rows: int


@dataclass(frozen=True)
class Alignment:
    """How two sides fit together.

    Attributes
    ----------
    keys : Keys
        By what.
    groups : tuple of Group
        In the order of their levels.
    paired : bool
        Whether rows stand in pairs.
    reason : str
        Why not; empty where they do.
    lonely_a, lonely_b : tuple of Lonely
        Groups that only one side has.
    single_a, single_b : int
        Rows of common groups without a partner; 0 where rows are not paired.
    """

    keys: Keys
    groups: tuple[Group, ...]
    paired: bool
    reason: str
    lonely_a: tuple[Lonely, ...]
    lonely_b: tuple[Lonely, ...]
    single_a: int
    single_b: int


def align(a: Side, b: Side, keys: Keys, *, paired: bool = True) -> Alignment:
    """Bring the rows of two sides together.

    Parameters
    ----------
    a, b : Side
        The two sides.
    keys : Keys
        By what.
    paired : bool
        Make pairs, if there are any.

    Returns
    -------
    Alignment
        At least one group.  Rows stand in the order of their keys, so that no number depends on
        the order of the tables.

    Raises
    ------
    InputError
        When two rows of a side have one key, or no row of one side belongs to one of the other.
    """
    for side in (a, b):
        # All at once, so that a file is read once.
        side.source.columns(keys.all)
    group = Codes.of(a, b, keys.groups)
    repeat = Codes.of(a, b, keys.repeats)
    whole = group.joined(repeat)
    if paired:
        for side, ids in ((a, whole.a), (b, whole.b)):
            _refuse_repeated(side, ids, keys)
        common, rows_a, rows_b = np.intersect1d(
            whole.a, whole.b, assume_unique=True, return_indices=True
        )
        if len(common):
            return _aligned(keys, group, rows_a, rows_b, "")
        if not keys.are_luck:
            raise _nothing_in_common(a, b, keys)
    shared = np.intersect1d(group.a, group.b)
    if not len(shared):
        raise _nothing_in_common(a, b, keys)
    rows_a, rows_b = (_in_order(ids, codes, shared) for ids, codes in whole.with_groups(group))
    return _aligned(keys, group, rows_a, rows_b, _reason(keys, asked=not paired))


def key_text(levels: Mapping[str, object]) -> str:
    """Write a key for a message.

    Examples
    --------
    >>> key_text({"replicate": 3, "share": 0.25, "posture": "traditional", "clamp": None})
    'replicate=3, share=0.25, posture=traditional, clamp=null'
    """
    return ", ".join(f"{name}={_text(level)}" for name, level in levels.items())


def key_of_row(side: Side, names: Sequence[str], row: int) -> dict[str, object]:
    """Read the key of one row.

    Parameters
    ----------
    side : Side
        Where it stands.
    names : sequence of str
        Key columns.
    row : int
        Its number among those that take part.

    Returns
    -------
    dict
        Column to value.
    """
    return dict(side.columns(names).slice(row, 1).to_pylist()[0]) if names else {}


def _text(level: object) -> str:
    if level is None:
        return "null"
    return f"{level:.12g}" if isinstance(level, float) else str(level)


def _refuse_repeated(side: Side, ids: Integers, keys: Keys) -> None:
    """Name the first key that stands twice."""
    order = np.argsort(ids, kind="stable")
    again = order[1:][ids[order][1:] == ids[order][:-1]]
    if not len(again):
        return
    found = key_of_row(side, keys.all, int(again.min()))
    what = f"two rows have one key: {key_text(found)}" if found else "there is more than one row"
    known = ", ".join(keys.all) or "none"
    hint = f"the key columns are {known}: name more (--key), or choose rows (::COLUMN=VALUE)"
    raise InputError(what, where=side.name, hint=hint)


def _in_order(ids: Integers, groups: Integers, shared: Integers) -> Integers:
    """List the rows of shared groups in the order of their keys."""
    rows = np.flatnonzero(np.isin(groups, shared))
    return rows[np.argsort(ids[rows], kind="stable")]


def _aligned(
    keys: Keys, group: Codes, rows_a: Integers, rows_b: Integers, reason: str
) -> Alignment:
    """Cut rows that stand in the order of their keys into groups."""
    ids_a, ids_b = group.a[rows_a], group.b[rows_b]
    shared, first_a = np.unique(ids_a, return_index=True)
    first_b = np.searchsorted(ids_b, shared)
    ends_a, ends_b = np.append(first_a[1:], len(rows_a)), np.append(first_b[1:], len(rows_b))
    groups = tuple(
        Group(group.level_of(0, rows_a[low_a]), rows_a[low_a:end_a], rows_b[low_b:end_b])
        for low_a, end_a, low_b, end_b in zip(first_a, ends_a, first_b, ends_b, strict=True)
    )
    paired = not reason
    lonely_a, lonely_b = _lonely(group, 0), _lonely(group, 1)
    in_common = np.intersect1d(group.a, group.b)
    single_a, single_b = (
        int(np.isin(ids, in_common).sum()) - len(rows) if paired else 0
        for ids, rows in ((group.a, rows_a), (group.b, rows_b))
    )
    return Alignment(keys, groups, paired, reason, lonely_a, lonely_b, single_a, single_b)


def _lonely(group: Codes, place: int) -> tuple[Lonely, ...]:
    """List the groups that the other side has not."""
    own, other = (group.a, group.b)[:: 1 if place == 0 else -1]
    unique, first, counts = np.unique(own, return_index=True, return_counts=True)
    alone = ~np.isin(unique, other)
    return tuple(
        Lonely(group.level_of(place, int(row)), int(count))
        for row, count in zip(first[alone], counts[alone], strict=True)
    )


def _reason(keys: Keys, *, asked: bool) -> str:
    if asked:
        return "as asked for"
    return f"no run of one side has the {' and '.join(keys.repeats)} of a run of the other"


def _nothing_in_common(a: Side, b: Side, keys: Keys) -> InputError:
    """Say by what rows were aligned, and what the first row of each side has there."""
    names = keys.groups if keys.are_luck else keys.all
    first, second = (key_text(key_of_row(side, names, 0)) for side in (a, b))
    return InputError(
        f"no row of one side belongs to a row of the other by {', '.join(names)}:"
        f" {a.name} has {first}; {b.name} has {second}",
        hint="to compare across a column, choose its value on both sides (::COLUMN=VALUE)",
    )
