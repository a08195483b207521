"""Enumerations whose members are the rows of an array."""

from __future__ import annotations

from enum import IntEnum
from inspect import get_annotations
from typing import Self


class RowEnum(IntEnum):
    """Members are numbered from 0 in the order of declaration and carry values.

    A subclass annotates the names of these values; each member is declared as a tuple of them, in
    the same order.
    """

    def __new__(cls, *values: object) -> Self:
        """Give the next number to a member, and its values to the annotated names."""
        member = int.__new__(cls, len(cls.__members__))
        member._value_ = len(cls.__members__)
        names = [name for base in reversed(cls.__mro__) for name in get_annotations(base)]
        member.__dict__.update(zip(names, values, strict=True))
        return member
