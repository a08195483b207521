"""The page of ``regional-sim report``: put together, and written whole."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regional_sim.errors import InputError, OutputExistsError, os_reason, suggestion
from regional_sim.experiment.versions import PACKAGE, __version__
from regional_sim.html_report.page_parts import PagePicture, PageSection, one_line

if TYPE_CHECKING:
    from regional_sim.html_report.report_source import PointProgress

REPORT_FILE: Final = "report.html"
"""Name of the page in its folder, where no other is named."""

_ENDINGS: Final = (".html", ".htm")


def write_report(
    folder: str | Path,
    out: str | Path | None = None,
    *,
    title: str | None = None,
    force: bool = False,
    progress: PointProgress | None = None,
) -> Path:
    """Write one HTML page that opens offline and says what a finished folder found.

    It holds the question, what was run, the answer with its interval, figures, claims, who
    responds, sensitivity and discovery where the folder tells of them, runs that failed, settings
    that differ from the default, and how to reproduce and cite it.  For some figures a few runs are
    made again; these say so.  Equal folders give equal pages.

    Parameters
    ----------
    folder : str or Path
        A finished folder of `run`, `sweep`, `hypotheses`, `sensitivity`, `calibrate`, `optimise` or
        `skill`.
    out : str or Path, optional
        File to write, with the ending ``.html``; None: ``report.html`` in the folder.
    title : str, optional
        In place of the title of the experiment.
    force : bool
        Replace a file that is there.
    progress : callable, optional
        Told the points of a sample that are looked at, and all of them.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        When the folder is not finished or holds nothing to report, or the file is taken or cannot
        be written.

    Examples
    --------
    >>> import regional_sim
    >>> regional_sim.write_report("results/first", title="First try")  # doctest: +SKIP
    """
    from regional_sim.results.folder import whole_file

    source = Path(folder)
    file = source / REPORT_FILE if out is None else Path(out)
    check_page(file, force=force)
    content = page_of(source, title, progress).encode()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(file) as opened:
            opened.write(content)
    except OSError as error:
        what = f"this file cannot be written: {os_reason(error)}"
        raise InputError(what, where=str(file)) from None
    return file


def check_page(path: Path, *, force: bool) -> None:
    """Refuse a file that is no page, or that is there already."""
    if path.suffix not in _ENDINGS:
        what, hint = "a report is an HTML page", suggestion(path.suffix, _ENDINGS)
        allowed = ", ".join(_ENDINGS)
        raise InputError(what, where=str(path), value=path.suffix, allowed=allowed, hint=hint)
    if path.is_dir() or (path.exists() and not force):
        held = "a folder" if path.is_dir() else "a file"
        hint = "name another file" if path.is_dir() else "name another file, or use --force"
        raise OutputExistsError(f"{held} is there already", where=str(path), hint=hint)


def page_of(folder: Path, title: str | None = None, progress: PointProgress | None = None) -> str:
    """Return the page of a finished folder."""
    from regional_sim.html_report.other_folders import other_folder
    from regional_sim.html_report.report_source import open_source
    from regional_sim.html_report.sections import PAGE_SECTIONS

    other = other_folder(folder)
    if other is not None:
        return rendered(title or other.title, other.lead, other.sections)
    source = open_source(folder, progress)
    experiment = source.plan.experiment
    sections = [found for make in PAGE_SECTIONS if (found := make(source)) is not None]
    manifest = source.results.manifest
    day = str(manifest.get("started") or "")[:10]
    lead = f"{manifest['runs']} runs of {PACKAGE} {source.results.plan['versions'].get(PACKAGE)}"
    lead += f", made on {day}" if day else ""
    return rendered(title or experiment.title or folder.name, f"{lead}.", sections)


def rendered(title: str, lead: str, sections: Sequence[PageSection]) -> str:
    """Fill in the template; all texts are escaped but for our own drawings and style."""
    folder = resources.files("regional_sim.html_report") / "templates"
    css = (folder / "report.css").read_text(encoding="utf-8")
    template = _template((folder / "report.html.j2").read_text(encoding="utf-8"))
    parts = (part for section in sections for part in section.parts)
    again = any(isinstance(part, PagePicture) and part.origin for part in parts)
    alone = (
        "; for figures that say so a few runs of its plan were made again" if again else " alone"
    )
    footer = f"Written by regional-sim {__version__} from the result folder{alone}."
    text: str = template.render(
        title=one_line(title), lead=one_line(lead), sections=sections, css=css, footer=footer
    )
    return text


@cache
def _template(text: str) -> Any:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["drawn"] = Markup
    return environment.from_string(text)
