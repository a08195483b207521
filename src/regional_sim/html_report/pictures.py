"""The figures of a page: the kinds that suit its folder, as SVG elements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from regional_sim.errors import InputError
from regional_sim.figures.finished_folder import open_folder
from regional_sim.figures.kinds import suitable_kinds
from regional_sim.figures.style import answer_of, svg_text
from regional_sim.html_report.page_parts import PagePicture, one_line
from regional_sim.html_report.report_source import ReportSource

MOST_SVG_CHARACTERS: Final = 400_000
"""A larger drawing is left out, so that a page stays small enough to be sent."""

_NAMESPACES: Final = re.compile(r'\s+xmlns(:\w+)?="[^"]*"')
_COMMENTS: Final = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_REFERENCES: Final = re.compile(r"\bxlink:href=")


def pictures_of(source: ReportSource) -> Iterator[PagePicture]:
    """Draw what suits the folder that was named, and then the runs that its answer rests on."""
    assert source.results.folder is not None
    return pictures_in(dict.fromkeys([source.folder, source.results.folder]))


def pictures_in(folders: Iterable[Path]) -> Iterator[PagePicture]:
    """Draw each kind once, from the first folder that it suits."""
    drawn: set[str] = set()
    for folder in folders:
        try:
            opened = open_folder(folder)
        except InputError:
            # It holds several results, and is none itself.
            continue
        for kind in suitable_kinds(opened):
            if kind.name in drawn:
                continue
            try:
                figure = kind.draw(opened)
            except InputError:
                # The folder suits it, but nothing was found that could be shown.
                continue
            drawn.add(kind.name)
            svg = inline_svg(svg_text(figure, f"figure-{len(drawn)}"))
            if len(svg) <= MOST_SVG_CHARACTERS:
                yield PagePicture(kind.question, one_line(answer_of(figure)), svg)


def inline_svg(svg: str) -> str:
    """Leave out of an SVG element what a page has no use for, so that it names no address.

    >>> inline_svg('<svg xmlns="http://a/"><!-- x --><use xlink:href="#f-1"/></svg>')
    '<svg><use href="#f-1"/></svg>'
    """
    return _REFERENCES.sub("href=", _COMMENTS.sub("", _NAMESPACES.sub("", svg)))
