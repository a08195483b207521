"""What to compare, as it is written: a source, and which of its rows.

``results/demo::posture=new_approach,point=3`` names the rows of a folder, or of a CSV file, that
have all of these values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from regional_sim.errors import InputError

MARK: Final = "::"
"""Stands between a source and the values of its rows."""

FORM: Final = "SOURCE::COLUMN=VALUE,COLUMN=VALUE"


@dataclass(frozen=True)
class Selection:
    """Rows of a source.

    Attributes
    ----------
    source : str
        Path of a result folder or of a CSV file.
    where : dict of str
        Column, or dotted path of a factor, to the value that its rows have.
    """

    source: str
    where: Mapping[str, str] = field(default_factory=dict)


def parse_selection(text: str) -> Selection:
    """Read a selection.

    Parameters
    ----------
    text : str
        A path alone, or ``SOURCE::COLUMN=VALUE,...``.

    Returns
    -------
    Selection
        Source and values.

    Raises
    ------
    InputError
        When a part is not written ``COLUMN=VALUE``, or a column stands twice.

    Examples
    --------
    >>> parse_selection("results/demo::posture=traditional, point=3").where
    {'posture': 'traditional', 'point': '3'}
    >>> parse_selection("old.csv")
    Selection(source='old.csv', where={})
    """
    source, mark, rest = text.rpartition(MARK)
    if not mark or Path(text).exists():
        return Selection(text)
    if not source:
        raise InputError("no source stands before ::", value=text, allowed=FORM)
    where: dict[str, str] = {}
    for part in rest.split(","):
        column, equals, value = (piece.strip() for piece in part.partition("="))
        if not column or not equals or not value:
            what = "values of rows are written COLUMN=VALUE"
            raise InputError(what, where=text, value=part.strip(), allowed=FORM)
        if column in where:
            raise InputError("this column stands twice", where=text, key=column)
        where[column] = value
    return Selection(source, where)
