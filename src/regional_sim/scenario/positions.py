"""Where each key and value of a document stands, so that every message can say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from regional_sim.errors import ABSENT, Fault

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and list indices from the root to a value."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file, or another origin of a value.

    Attributes
    ----------
    origin : str
        The file as the user named it, or for example ``--set options.shock=logit``.
    line, column : int or None
        Counted from 1; None where the origin has no lines.
    """

    origin: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Write ``file:line:column``, as editors and terminals understand it."""
        return ":".join(str(part) for part in (self.origin, self.line, self.column) if part)


NOWHERE: Final = Position("")


@dataclass(frozen=True)
class Positions:
    """The positions of all keys and values of a document.

    Attributes
    ----------
    root : Position
        Where the document begins.
    keys, values : dict
        Position of the key, and of the value, at each path.  Items of lists have no key.
    """

    root: Position = NOWHERE
    keys: dict[KeyPath, Position] = field(default_factory=dict)
    values: dict[KeyPath, Position] = field(default_factory=dict)

    def of_key(self, path: KeyPath) -> Position:
        """Find where a key stands.

        Parameters
        ----------
        path : tuple
            Path of the key.

        Returns
        -------
        Position
            Of the key, or of its nearest ancestor that has one; of the value for items of lists.
        """
        if path and isinstance(path[-1], int):
            return self.of_value(path)
        return self._nearest(self.keys, path)

    def of_value(self, path: KeyPath) -> Position:
        """Find where a value stands.

        Parameters
        ----------
        path : tuple
            Path of the value.

        Returns
        -------
        Position
            Of the value, or of its nearest ancestor that has one.
        """
        return self._nearest(self.values, path)

    def fault(
        self,
        what: str,
        path: KeyPath,
        value: object = ABSENT,
        *,
        at_key: bool = False,
        allowed: str | None = None,
        hint: str | None = None,
    ) -> Fault:
        """Report a mistake in its place.

        Parameters
        ----------
        what : str
            The mistake, in plain words.
        path : tuple
            Path of the key or value at fault.
        value : object
            The offending value, if it is to be shown.
        at_key : bool
            Point to the key rather than to the value.
        allowed, hint : str, optional
            As in :class:`regional_sim.errors.Fault`.

        Returns
        -------
        Fault
            With place and key filled in.
        """
        place = self.of_key(path) if at_key else self.of_value(path)
        return Fault(what, str(place) or None, dotted(path) or None, value, allowed, hint)

    def missing(self, parent: KeyPath, key: str, hint: str | None = None) -> Fault:
        """Report a key that should be there.

        Parameters
        ----------
        parent : tuple
            Path of the mapping that lacks it.
        key : str
            The key.
        hint : str, optional
            As in :class:`regional_sim.errors.Fault`.

        Returns
        -------
        Fault
            At the place of the parent.
        """
        where, name = str(self.of_key(parent)) or None, dotted((*parent, key))
        return Fault("required, but not given", where, name, hint=hint)

    def under(self, other: Positions) -> Positions:
        """Lay the positions of another document over these.

        Parameters
        ----------
        other : Positions
            Of the document whose values win.

        Returns
        -------
        Positions
            A new map; each path has the position of the value that won.
        """
        return Positions(other.root, self.keys | other.keys, self.values | other.values)

    def without(self, section: str) -> Positions:
        """Drop a top-level section.

        Parameters
        ----------
        section : str
            Its key.

        Returns
        -------
        Positions
            A new, smaller map.
        """
        keep = [
            {p: at for p, at in d.items() if p[:1] != (section,)} for d in (self.keys, self.values)
        ]
        return Positions(self.root, *keep)

    def _nearest(self, known: Mapping[KeyPath, Position], path: KeyPath) -> Position:
        for length in range(len(path), 0, -1):
            if (found := known.get(path[:length])) is not None:
                return found
        return self.root


def everywhere(data: object, position: Position) -> Positions:
    """Give every key and value of plain data the same position.

    Parameters
    ----------
    data : object
        Nested mappings and lists.
    position : Position
        For example of a ``--set`` option.

    Returns
    -------
    Positions
        The map.
    """
    paths = dict.fromkeys(key_paths(data), position)
    return Positions(position, paths, dict(paths))


def key_paths(data: object, prefix: KeyPath = ()) -> Iterator[KeyPath]:
    """Walk plain data.

    Parameters
    ----------
    data : object
        Nested mappings and lists.
    prefix : tuple
        Path of `data` itself.

    Yields
    ------
    tuple
        The path of every value, parents before children.
    """
    yield prefix
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from key_paths(value, (*prefix, key))
    elif isinstance(data, Sequence) and not isinstance(data, str | bytes):
        for index, value in enumerate(data):
            yield from key_paths(value, (*prefix, index))


def dotted(path: KeyPath) -> str:
    """Write a path the way ``--set`` takes it, list items as ``[0]``.

    Parameters
    ----------
    path : tuple
        Keys and indices.

    Returns
    -------
    str
        For example ``dyads.trade_usd_bn.matrix[0][2]``.

    Examples
    --------
    >>> dotted(("dyads", "trade_usd_bn", "matrix", 0, 2))
    'dyads.trade_usd_bn.matrix[0][2]'
    """
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
