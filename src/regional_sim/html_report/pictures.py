"""The figures of a page: the kinds that suit its folder, as SVG elements."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from regional_sim.errors import InputError
from regional_sim.figures.discovery_boxes import DISCOVERY_KIND, discovery_figure
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.kind import Kind
from regional_sim.figures.kinds import suitable_kinds
from regional_sim.figures.ladder import LADDER_KIND
from regional_sim.figures.sensitivity_bars import SENSITIVITY_KIND, sensitivity_figure
from regional_sim.figures.style import answer_of, own_style, svg_text
from regional_sim.html_report.page_parts import PagePicture, one_line
from regional_sim.html_report.report_source import ReportSource

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_SVG_CHARACTERS: Final = 400_000
"""A larger drawing is left out, so that a page stays small enough to be sent."""

MADE_AGAIN: Final = "Drawn from a few runs of the plan, which were made again for it."

_INSTEAD_OF_RUNS: Final = frozenset({"states", "dyads"})
"""Tables that a picture of who responds, or of the region, takes in place of runs."""

_Drawings: TypeAlias = "Mapping[str, Callable[[], Figure | None]]"
"""How kinds are drawn in a way of their own, by name; None where there is nothing to draw."""
_NOTHING_FOUND: Final[_Drawings] = MappingProxyType({})

_NAMESPACES: Final = re.compile(r'\s+xmlns(:\w+)?="[^"]*"')
_COMMENTS: Final = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_REFERENCES: Final = re.compile(r"\bxlink:href=")


def pictures_of(source: ReportSource) -> Iterator[PagePicture]:
    """Draw what suits the runs of a page, and the claims that were judged from them.

    What the page says of sensitivity and discovery is what their pictures show.
    """

    def sensitivity() -> Figure | None:
        with own_style():
            return None if source.sensitivity is None else sensitivity_figure(source.sensitivity)

    def discovery() -> Figure | None:
        with own_style():
            return None if source.discovery is None else discovery_figure(source.discovery)

    found = {SENSITIVITY_KIND.name: sensitivity, DISCOVERY_KIND.name: discovery}
    return pictures_in(FinishedFolder(source.folder, source.results), found)


def pictures_in(folder: FinishedFolder, found: _Drawings = _NOTHING_FOUND) -> Iterator[PagePicture]:
    """Draw each kind that suits a folder; what `found` has is drawn from what the page tells."""
    n_drawn = 0
    failed = folder.results is not None and not folder.results.failures.empty
    for kind in suitable_kinds(folder):
        again = _makes_runs(kind, folder)
        if again and failed:
            # They would fail again.
            continue
        try:
            figure = found[kind.name]() if kind.name in found else kind.draw(folder)
        except InputError:
            # The folder suits it, but nothing was found that could be shown.
            continue
        if figure is None:
            continue
        n_drawn += 1
        svg = inline_svg(svg_text(figure, f"figure-{n_drawn}"))
        if len(svg) <= MOST_SVG_CHARACTERS:
            origin = MADE_AGAIN if again else ""
            yield PagePicture(kind.question, one_line(answer_of(figure)), svg, origin)


def _makes_runs(kind: Kind, folder: FinishedFolder) -> bool:
    """Tell whether a kind was not drawn from tables alone."""
    if not kind.makes_runs or folder.results is None:
        return False
    return kind is LADDER_KIND or not set(folder.results.tables) >= _INSTEAD_OF_RUNS


def inline_svg(svg: str) -> str:
    """Leave out of an SVG element what a page has no use for, so that it names no address.

    >>> inline_svg('<svg xmlns="http://a/"><!-- x --><use xlink:href="#f-1"/></svg>')
    '<svg><use href="#f-1"/></svg>'
    """
    return _REFERENCES.sub("href=", _COMMENTS.sub("", _NAMESPACES.sub("", svg)))
