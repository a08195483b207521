"""Where two mappings of plain data differ, leaf by leaf."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from regional_sim.errors import ABSENT


class Difference(NamedTuple):
    """A leaf that differs.

    Attributes
    ----------
    path : str
        Dotted path; places in a list are counted from 0.
    one, other : object
        Both values; `ABSENT` where one has none.
    """

    path: str
    one: object
    other: object


def differences(one: object, other: object, path: str = "") -> Iterator[Difference]:
    """Compare plain data.

    Parameters
    ----------
    one, other : object
        Mappings, lists and single values.
    path : str
        What paths begin with.

    Yields
    ------
    Difference
        In the order of `one`, then what only `other` has.

    Examples
    --------
    >>> [d.path for d in differences({"a": 1, "b": {"c": [1, 2]}}, {"a": 1, "b": {"c": [1, 3]}})]
    ['b.c.1']
    """
    for key, here, there in _pairs(one, other):
        if key is None:
            if type(here) is not type(there) or here != there:
                yield Difference(path, here, there)
        else:
            yield from differences(here, there, f"{path}.{key}" if path else key)


def _pairs(one: object, other: object) -> Iterator[tuple[str | None, object, object]]:
    """Step into two containers of one kind; give anything else as it is, without a key."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in [*one, *(key for key in other if key not in one)]:
            yield str(key), one.get(key, ABSENT), other.get(key, ABSENT)
    elif _is_list(one) and _is_list(other):
        for at in range(max(len(one), len(other))):  # type: ignore[arg-type]
            yield str(at), _item(one, at), _item(other, at)
    else:
        yield None, one, other


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _item(values: object, at: int) -> object:
    return values[at] if at < len(values) else ABSENT  # type: ignore[arg-type, index]
