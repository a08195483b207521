"""A listing of what there is of a kind, and its three forms: text, Markdown, JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeAlias

from rich.text import Text

Record: TypeAlias = Mapping[str, Any]
"""One thing by field, in values that JSON has."""

_INDENT: Final = "    "
_GAP: Final = "  "
_PAGE_WIDTH: Final = 100


@dataclass(frozen=True)
class Column:
    """One field of a listing as people read it.

    Attributes
    ----------
    title : str
        Head of the column.
    of : callable
        Text of a record.
    long : bool
        Whether it is prose, which the text form puts below the short fields.
    labelled : bool
        Whether prose needs its title in front of it to be understood.
    """

    title: str
    of: Callable[[Record], str]
    long: bool = False
    labelled: bool = False

    def prose(self, record: Record) -> str:
        """Write the field as it stands below the short ones.

        Parameters
        ----------
        record : mapping
            One thing.

        Returns
        -------
        str
            Empty where there is nothing to say.
        """
        text = self.of(record)
        return f"{self.title}: {text}" if self.labelled and text else text


def field(
    key: str, title: str | None = None, *, long: bool = False, labelled: bool = False
) -> Column:
    """Make the column of a field that needs no rewording.

    Parameters
    ----------
    key : str
        Field of the record: text, or a sequence of texts.
    title : str, optional
        Head of the column; the field's name if not given.
    long, labelled : bool
        As in :class:`Column`.

    Returns
    -------
    Column
        The column.
    """

    def text(record: Record) -> str:
        value = record[key]
        if isinstance(value, list):
            return ", ".join(str(part) for part in value)
        return "" if value is None else str(value)

    return Column(title or key.replace("_", " "), text, long, labelled)


@dataclass(frozen=True)
class Listing:
    """What there is of a kind.

    Attributes
    ----------
    title : str
        Its name in words.
    about : str
        A sentence or two above it.
    columns : sequence of Column
        What people see; the first names the record.
    records : sequence of mapping
        The things themselves, as JSON has them.
    group : str
        Field whose value heads a part of the listing; empty: no parts.  Records of a part stand
        together.
    """

    title: str
    about: str
    columns: Sequence[Column]
    records: Sequence[Record]
    group: str = ""

    def parts(self) -> Iterator[tuple[str, list[Record]]]:
        """Split the records by their group, in the order in which they stand.

        Yields
        ------
        tuple of (str, list of mapping)
            The value of the group as a heading, empty where there is none, and its records.
        """
        for name, records in groupby(self.records, lambda one: str(one.get(self.group, ""))):
            yield name[:1].upper() + name[1:], list(records)


def as_text(listing: Listing, width: int) -> Text:
    """Lay a listing out for a terminal: short fields in columns, prose indented below.

    Parameters
    ----------
    listing : Listing
        What to show.
    width : int
        Columns of the terminal.

    Returns
    -------
    Text
        Lines of at most this width; nothing is cut.
    """
    page = Text()
    page.append(f"{listing.title}\n", style="bold")
    page.append(textwrap.fill(listing.about, width) + "\n")
    short = [column for column in listing.columns if not column.long]
    cells = [[column.title for column in short]]
    cells += [[column.of(record) for column in short] for record in listing.records]
    widths = [max(len(row[place]) for row in cells) for place in range(len(short))]
    heads = "\n".join(_columns(cells[0], widths, width)) if len(short) > 1 else ""
    page.append(f"\n{heads}".rstrip() + "\n", style="dim")
    for name, records in listing.parts():
        page.append(f"\n{textwrap.fill(name, width)}\n" if name else "", style="bold")
        for record in records:
            page.append_text(_entry(record, listing.columns, widths, width))
    return page


def as_markdown(listing: Listing) -> str:
    """Write a listing as a page of Markdown.

    Parameters
    ----------
    listing : Listing
        What to write.

    Returns
    -------
    str
        Heading, sentence, and one table for each part; ends with a line break.
    """
    blocks = [f"# {listing.title}", textwrap.fill(listing.about, _PAGE_WIDTH)]
    for name, records in listing.parts():
        if name:
            blocks.append(f"## {name}")
        head = [column.title for column in listing.columns]
        rows = [[column.of(record) for column in listing.columns] for record in records]
        rule = ["---"] * len(head)
        blocks.append("\n".join(_markdown_row(cells) for cells in [head, rule, *rows]))
    return "\n\n".join(blocks) + "\n"


def as_json(listing: Listing) -> str:
    """Write the records of a listing as JSON.

    Parameters
    ----------
    listing : Listing
        What to write.

    Returns
    -------
    str
        An array of objects; ends with a line break.
    """
    return json.dumps(list(listing.records), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _entry(
    record: Record, columns: Sequence[Column], widths: Sequence[int], line_width: int
) -> Text:
    """Lay out one record; what is too long for a line goes on to the next."""
    short = [column.of(record) for column in columns if not column.long]
    lines = _columns(short, widths, line_width)
    for column in columns:
        if column.long:
            lines += _wrapped(column.prose(record), line_width, _INDENT)
    entry = Text("\n".join(lines) + "\n")
    entry.stylize("cyan", 0, len(short[0]))
    return entry


def _columns(cells: Sequence[str], widths: Sequence[int], line_width: int) -> list[str]:
    """Put short fields beside each other."""
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
    return _wrapped(_GAP.join(padded), line_width, "")


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    """Break a text into lines; what goes on is indented."""
    if len(indent) + len(text.rstrip()) <= width:
        return [indent + text.rstrip()] if text.strip() else []
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _markdown_row(cells: Sequence[str]) -> str:
    """Write a row of a table; what has a meaning there is escaped."""
    safe = (cell.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*") for cell in cells)
    return f"| {' | '.join(safe)} |"
