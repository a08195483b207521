"""A listing, such as that of all parameters, and its three forms: text, Markdown, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, TypeAlias

from rich.text import Text

from regional_sim.errors import visible
from regional_sim.report.text import padded, wrapped

Record: TypeAlias = Mapping[str, Any]
"""One entry by field, in values that JSON has."""

_INDENT: Final = "    "
_PAGE_WIDTH: Final = 100


@dataclass(frozen=True)
class Column:
    """One field as people read it: its title, and how it is written.

    Prose stands below the other fields in a terminal; where it is labelled, its title is put in
    front.
    """

    title: str
    of: Callable[[Record], str]
    prose: bool = False
    labelled: bool = False


def field(
    key: str, title: str | None = None, *, prose: bool = False, labelled: bool = False
) -> Column:
    """Make the column of a field that needs no rewording: text, a number, or a list of texts."""

    def text(record: Record) -> str:
        value = record[key]
        if isinstance(value, list):
            return ", ".join(str(part) for part in value)
        return "" if value is None else str(value)

    return Column(title or key.replace("_", " "), text, prose, labelled)


@dataclass(frozen=True)
class Listing:
    """Records of a kind, below a title and a sentence or two about them.

    The first column names the record.  Records with the same value of the field `group` stand
    together, below that value as a heading; without a group there are no headings.
    """

    title: str
    about: str
    columns: Sequence[Column]
    records: Sequence[Record]
    group: str = ""

    def parts(self) -> Iterator[tuple[str, list[Record]]]:
        """Split the records by their group: each heading, or an empty text, and its records."""
        for name, records in groupby(self.records, lambda one: str(one.get(self.group, ""))):
            yield name[:1].upper() + name[1:], list(records)


def as_text(listing: Listing, width: int) -> Text:
    """Lay a listing out for a terminal: short fields in columns, prose indented below."""
    short = [column for column in listing.columns if not column.prose]
    prose = [column for column in listing.columns if column.prose]
    names = [short[0].of(record) for record in listing.records]
    cells = [[column.of(record) for column in short] for record in listing.records]
    heads, *lines = padded([[column.title for column in short], *cells])
    entries = iter(zip(names, lines, strict=True))
    page = Text.assemble((listing.title, "bold"), "\n", wrapped(listing.about, width), "\n")
    if len(short) > 1:
        page.append(f"\n{wrapped(heads, width, '', _INDENT)}\n", style="dim")
    else:
        page.append("\n")
    for heading, records in listing.parts():
        if heading:
            page.append(f"\n{wrapped(heading, width)}\n", style="bold")
        for record in records:
            name, line = next(entries)
            page.append(name, style="cyan")
            page.append(f"{wrapped(line, width, '', _INDENT)[len(name) :]}\n")
            for column in prose:
                if said := column.of(record):
                    label = f"{column.title}: " if column.labelled else ""
                    page.append(f"{wrapped(label + said, width, _INDENT)}\n")
    return page


def as_markdown(listing: Listing) -> str:
    """Write a listing as a page of Markdown, with one table for each part."""
    head = [column.title for column in listing.columns]
    blocks = [f"# {listing.title}", wrapped(listing.about, _PAGE_WIDTH)]
    for heading, records in listing.parts():
        if heading:
            blocks.append(f"## {heading}")
        rows = [[column.of(record) for column in listing.columns] for record in records]
        table = [head, ["---"] * len(head), *rows]
        blocks.append("\n".join(f"| {' | '.join(map(_escaped, row))} |" for row in table))
    return visible("\n\n".join(blocks)) + "\n"


def as_json(listing: Listing) -> str:
    """Write the records of a listing as a JSON array of objects."""
    text = json.dumps(list(listing.records), indent=2, ensure_ascii=False, allow_nan=False)
    return visible(text) + "\n"


def _escaped(cell: str) -> str:
    """Escape what has a meaning in a cell of Markdown."""
    escaped = cell.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*")
    return escaped.replace("\n", " ")
