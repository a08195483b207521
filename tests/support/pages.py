"""Pages in Markdown: their blocks, commands, headings, tables and links."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text_of(page), flags=re.DOTALL | re.MULTILINE)


def prose(page: Path) -> str:
    """Return the page without its fenced blocks."""
    return re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)


def quoted(page: Path) -> list[str]:
    """Return what stands in single backticks outside fenced blocks."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page))]


def commands(page: Path) -> list[str]:
    """Return all that a page shows as a command, in prose and in blocks."""
    return [*quoted(page), *(line for block in blocks(page, "sh") for line in block.splitlines())]


def new_files(page: Path) -> list[str]:
    """Return the files that a page tells its reader to write."""
    return re.findall(r"`([^`]+)` \(new\)", text_of(page))


@cache
def sections(page: Path) -> dict[str, str]:
    """Return the text below each heading, up to the next heading of any level."""
    parts = re.split(r"^#+ (.+)$", text_of(page), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row of every table, heads and rules included."""
    return [
        [cell.strip() for cell in line[1:-1].split("|")]
        for line in text.splitlines()
        if line.startswith("| ")
    ]


def row_of(text: str, name: str) -> list[str]:
    found = [row for row in rows(text) if row[0] == f"`{name}`"]
    assert len(found) == 1, f"{name!r} has {len(found)} rows"
    return found[0]


def broken_links(page: Path) -> list[str]:
    """Return the links to files and headings that are not there."""

    def leads(target: str) -> bool:
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        return file.exists() and (not anchor or anchor in _anchors(file))

    targets = re.findall(r"\]\(([^)\s]+)\)", text_of(page))
    return [one for one in targets if not re.match(r"[a-z]+:", one) and not leads(one)]


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of the headings of a page."""
    heads = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
