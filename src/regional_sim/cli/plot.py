"""``regional-sim plot``: pictures from a finished folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import options
from regional_sim.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from regional_sim.figures.finished_folder import FinishedFolder
    from regional_sim.figures.kind import FigureChoice, Kind

PLOT_EXAMPLES: Final = """\
regional-sim run two_states --posture traditional --posture reassurance \\
    --replicates 20 --tables runs,timeseries --out results/first
regional-sim plot results/first --list
regional-sim plot results/first
regional-sim plot results/first --kind series --metric tension \\
    --out results/tension.svg
"""

FIGURES_FOLDER: Final = "figures"
"""Folder of pictures within the one that they are drawn from."""

_FORMATS: Final = ("png", "svg", "pdf")
_OTHER_ENDINGS: Final = frozenset(
    f".{ending}"
    for ending in (
        *("bmp", "eps", "gif", "jpeg", "jpg", "pgf", "ps", "svgz", "tif", "tiff", "webp"),
        *("csv", "html", "json", "md", "parquet", "tsv", "txt", "xlsx"),
    )
)
"""Endings of files that are not written here; a folder may have any other."""


def plot(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="A finished folder of run, sweep, sensitivity, hypotheses, calibrate, skill or"
            " optimise.",
            show_default=False,
        ),
    ],
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            metavar="NAME",
            help="What to draw, as --list names it. Repeatable.",
            show_default="all that suits DIR",
        ),
    ] = None,
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metric",
            metavar="NAME",
            help="Of this metric, as describe metrics lists them. Repeatable.",
            show_default="the most important",
        ),
    ] = None,
    postures: Annotated[
        list[str] | None,
        typer.Option(
            "--posture",
            "-p",
            metavar="LABEL",
            help="Of this posture beside the reference. Repeatable.",
            show_default="all",
        ),
    ] = None,
    window: Annotated[
        str,
        typer.Option("--window", metavar="NAME", help="Months that outcomes are taken over."),
    ] = "whole",
    list_kinds: Annotated[
        bool,
        typer.Option("--list", help="Only tell which kinds suit DIR, and why the others do not."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE|FOLDER",
            help="A file for a single kind (.png, .svg or .pdf), or a folder.",
            show_default=f"DIR/{FIGURES_FOLDER}",
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="png|svg|pdf",
            help="How to write the files of a folder.",
            show_default="png",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    _imports: options.Imports = None,
    quiet: options.Quiet = False,
) -> None:
    """Draw pictures from a finished folder: those that suit it, or those that are named.

    Prints the files, and in a sentence what each shows. The same folder always gives the same
    bytes. Nothing is run, but for region and responses where the result lacks the tables states
    and dyads, and for ladder: these make a few runs of the plan again.
    """
    from regional_sim.cli.terminal import output, print_path
    from regional_sim.figures.finished_folder import open_folder
    from regional_sim.figures.kind import FigureChoice
    from regional_sim.figures.kinds import kind_named

    named = [kind_named(name) for name in dict.fromkeys(kinds or ())]
    opened = open_folder(folder)
    console = output()
    if list_kinds:
        print_path(console, _list_text(opened, console.width))
        return
    chosen = named or _suitable(opened)
    files = _files(folder, chosen, out, form, force=force)
    choice = FigureChoice(tuple(metrics or ()), tuple(postures or ()), window)
    _draw(opened, dict(zip(chosen, files, strict=True)), choice, is_asked=bool(named), quiet=quiet)


def _suitable(opened: FinishedFolder) -> list[Kind]:
    from regional_sim.figures.kinds import suitable_kinds

    found = list(suitable_kinds(opened))
    if not found:
        hint = f"regional-sim plot {opened.path} --list says why"
        raise InputError("no kind of picture suits this folder", where=str(opened.path), hint=hint)
    return found


def _files(
    folder: Path, chosen: Sequence[Kind], out: Path | None, form: str | None, *, force: bool
) -> list[Path]:
    """Name the file of each kind; refuse what cannot be written, before any work."""
    from regional_sim.figures.style import FIGURE_ENDINGS, check_figure

    if form is not None and form not in _FORMATS:
        raise UnknownNameError("format", form, _FORMATS, key="--format")
    is_file = out is not None and out.suffix in FIGURE_ENDINGS and not out.is_dir()
    if out is None or not is_file:
        if out is not None and out.suffix.lower() in _OTHER_ENDINGS and not out.is_dir():
            what, allowed = "this is no ending of a picture", ", ".join(FIGURE_ENDINGS)
            raise InputError(what, key="--out", value=str(out), allowed=f"{allowed}, or a folder")
        below = folder / FIGURES_FOLDER if out is None else out
        files = [below / f"{kind.name}.{form or _FORMATS[0]}" for kind in chosen]
    elif len(chosen) > 1:
        names = ", ".join(kind.name for kind in chosen)
        hint = f"name one with --kind ({names}), or a folder"
        raise InputError("one file cannot hold several pictures", where=str(out), hint=hint)
    elif form is not None and out.suffix != f".{form}":
        what = "the ending of --out says another format"
        raise InputError(what, key="--format", value=form, allowed=out.suffix[1:])
    else:
        files = [out]
    for file in files:
        check_figure(file, force=force)
    return files


def _draw(
    opened: FinishedFolder,
    files: dict[Kind, Path],
    choice: FigureChoice,
    *,
    is_asked: bool,
    quiet: bool,
) -> None:
    """Draw each kind and say what it shows; what nobody named may turn out not to suit."""
    from regional_sim.cli.terminal import compile_model, notes, output, print_path
    from regional_sim.figures.style import answer_of, save_figure
    from regional_sim.report.text import wrapped

    console = output()
    if not quiet and any(kind.makes_runs for kind in files):
        compile_model()
    drawn = 0
    for kind, file in files.items():
        try:
            figure = kind.draw(opened, choice)
        except UnknownNameError:
            raise
        except InputError as error:
            if is_asked:
                raise
            if not quiet:
                print_path(notes(), f"{kind.name} is not drawn: {error.what}")
            continue
        save_figure(figure, file)
        drawn += 1
        if not quiet:
            print_path(console, str(file))
            said = wrapped(answer_of(figure), console.width, "  ")
            console.print(said, soft_wrap=True, markup=False, highlight=False)
    if not drawn:
        raise InputError("no picture could be drawn from this folder", where=str(opened.path))


def _list_text(opened: FinishedFolder, width: int) -> str:
    """List the kinds that suit a folder with their questions, and why the others do not."""
    from regional_sim.figures.kinds import KINDS
    from regional_sim.report.text import named_lines

    reasons = {kind: kind.lacks(opened) for kind in KINDS.values()}
    suits = [(kind.name, kind.question) for kind, why in reasons.items() if why is None]
    others = [(kind.name, why) for kind, why in reasons.items() if why is not None]
    parts = []
    for heading, lines in (("Suits this folder", suits), ("Does not", others)):
        if lines:
            parts.append(f"{heading}\n{named_lines(lines, width)}")
    return "\n\n".join(parts)
