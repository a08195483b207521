"""What a page is made of: sections of paragraphs, lists, tables, commands and pictures, as data.

The template knows each part by its `kind`; all texts are plain and are escaped there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, TypeAlias

from regional_sim.errors import visible
from regional_sim.report.text import MISSING, TableRow

_NUMBER: Final = re.compile(r"[<>]?[+-]?\d[\d,.]*(e[+-]?\d+)?( ?%| kB| MB| GB)?")
_RANGE: Final = re.compile(rf"{_NUMBER.pattern}( (to|of) {_NUMBER.pattern})?")
_NOT_NUMBERS: Final = frozenset({"", MISSING})


@dataclass(frozen=True)
class PageText:
    """A paragraph; `strong` is what stands in bold before it."""

    kind: ClassVar[str] = "text"
    text: str
    strong: str = ""


@dataclass(frozen=True)
class PageList:
    """Items in any order."""

    kind: ClassVar[str] = "list"
    items: tuple[str, ...]


@dataclass(frozen=True)
class PageFacts:
    """Names, each with what it names."""

    kind: ClassVar[str] = "facts"
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PageCommands:
    """Lines for a terminal, copied as they are."""

    kind: ClassVar[str] = "commands"
    lines: tuple[str, ...]


@dataclass(frozen=True)
class PagePicture:
    """A drawing that was made here, as an SVG element.

    `text` says what it shows, and `origin` what it was drawn from if not from tables alone.
    """

    kind: ClassVar[str] = "picture"
    title: str
    text: str
    svg: str
    origin: str = ""


@dataclass(frozen=True)
class PageTable:
    """Rows below heads; a row that is a text is a heading over those that follow."""

    kind: ClassVar[str] = "table"
    caption: str
    heads: Sequence[str]
    rows: Sequence[TableRow]

    @property
    def groups(self) -> list[tuple[str, list[Sequence[str]]]]:
        """Rows by the heading above them; empty where there is none."""
        groups: list[tuple[str, list[Sequence[str]]]] = []
        for row in self.rows:
            if isinstance(row, str):
                groups.append((row.strip(), []))
            else:
                if not groups:
                    groups.append(("", []))
                groups[-1][1].append(row)
        return groups

    @property
    def numeric(self) -> list[bool]:
        """Tell of each column whether it holds numbers, which are set to the right."""
        cells = [row for row in self.rows if not isinstance(row, str)]
        told = [[one for one in of if one not in _NOT_NUMBERS] for of in zip(*cells, strict=True)]
        return [bool(one) and all(map(_RANGE.fullmatch, one)) for one in told]


PagePart: TypeAlias = PageText | PageList | PageFacts | PageCommands | PagePicture | PageTable


@dataclass(frozen=True)
class PageSection:
    """A part of the page with a heading; `key` is the anchor that links to it."""

    key: str
    heading: str
    parts: Sequence[PagePart] = field(default_factory=tuple)


def one_line(text: str) -> str:
    """Make one line of a text that a user wrote, without what cannot be seen."""
    return visible(" ".join(text.split()))
