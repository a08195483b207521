"""The look of all figures, and how they are written: equal figures are equal bytes."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from matplotlib import rc_context, rcdefaults
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from regional_sim.errors import InputError, OutputExistsError, os_reason, visible
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.numerics.arrays import Floats
from regional_sim.results.folder import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from regional_sim.answers.outcomes import Outcome
    from regional_sim.experiment.points import Factor

DPI: Final = 150
COLOURS: Final = (
    "#000000",
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#882255",
    "#999933",
)
"""Black for the reference, then colours that the colour-blind can tell apart (Okabe & Ito 2008,
without their yellow, which is too light for lines; Tol 2021 for the last two)."""

DASHES: Final = ("-", (0, (5, 1.5)), (0, (1, 1)))
"""Styles of lines: each third posture has the same, so that neighbours differ in two ways."""

FIGURE_ENDINGS: Final = (".png", ".pdf", ".svg")

ONE_PAIR: Final = "one pair of runs, so no interval"
"""Stands where an interval would."""

_CHARACTERS_PER_INCH: Final = 10.5
"""Of the title; smaller text has more."""
_SMALL_TEXT: Final = 1.35
_LONGEST_LABEL: Final = 26

_UNITS: Final = {
    "1": "",
    "share": "share, 0 to 1",
    "probability": "chance, 0 to 1",
    "area": "0.5 guesses, 1 never errs",
    "log": "in logarithms",
    "logit": "in log-odds",
    "stance": "points of stance",
}
"""Units of the catalogue that say little on a screen, in other words."""

_CHANGED_UNITS: Final = {"share, 0 to 1": "share", "chance, 0 to 1": "chance", _UNITS["area"]: ""}
"""Units of a difference, where they are not those of a level."""

_ID: Final = re.compile(r'(?<= id=")|(?<=href="#)|(?<=url\(#)')
_PROLOGUE: Final = re.compile(r"\A.*?(?=<svg\b)", re.DOTALL)
_OF_A_PAGE: Final = re.compile(r"\s*<(metadata|style)\b.*?</\1>", re.DOTALL)
"""What would hold for the whole page."""
_JOINS: Final = 'stroke-linejoin="round" stroke-linecap="butt"'


# ------------------------------------------------------------------------- making a figure


@contextmanager
def own_style() -> Iterator[None]:
    """Draw and write as Matplotlib does by default, whatever a user's settings file says."""
    with rc_context():
        rcdefaults()
        yield


def new_figure(width: float, height: float, title: str) -> Figure:
    """Make an empty figure of so many inches with a title, without pyplot's global state."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    # Layout is that of the file that is written.
    figure.set_dpi(DPI)
    lines = textwrap.fill(visible(title), int(width * _CHARACTERS_PER_INCH))
    figure.suptitle(lines, fontweight="bold", x=0.01, ha="left", fontsize="large")
    return figure


def explain(figure: Figure, text: str, handles: Sequence[Any] = (), columns: int = 4) -> None:
    """Say below a figure what its marks are, and what else one has to know to read it."""
    width = int(figure.get_size_inches()[0] * _CHARACTERS_PER_INCH * _SMALL_TEXT)
    lines = "\n".join(textwrap.fill(visible(line), width) for line in text.split("\n"))
    if not handles:
        figure.supxlabel(lines, fontsize="small", x=0.01, ha="left", color="0.25")
        return
    legend = figure.legend(
        handles=list(handles),
        loc="outside lower left",
        ncols=min(len(handles), columns),
        frameon=False,
        fontsize="small",
        title=lines or None,
        title_fontsize="small",
        alignment="left",
    )
    legend.get_title().set_color("0.25")


def answered(figure: Figure, answer: str) -> Figure:
    """Attach in one line what a figure shows; :func:`answer_of` returns it."""
    figure.set_label(answer)
    return figure


def answer_of(figure: Figure) -> str:
    """Return in one line what a figure shows: for a list of figures, or who cannot see it."""
    return str(figure.get_label())


def as_plain_text(figure: Figure) -> Figure:
    """Take what users write as text, also where it has dollar signs, and not as formulas."""
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    return figure


def tidy(axes: Axes, grid: str = "y") -> None:
    """Take away the lines that carry nothing, and draw a pale grid along an axis."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, color="0.9", linewidth=0.8)  # type: ignore[arg-type]
    axes.set_axisbelow(True)


# --------------------------------------------------------------------------- words and units


def in_words(name: str) -> str:
    """Write a name that users type as words: ``new_approach`` as ``new approach``."""
    return visible(name).replace("_", " ")


def outcome_words(outcome: Outcome, line: str = ", ") -> str:
    """Name an outcome by its metric's title and whose it is, such as with a line break between."""
    whose = in_words(outcome.posture)
    if outcome.reference is not None:
        whose += f" less {in_words(outcome.reference)}"
    return f"{outcome.metric.title}{line}{whose}"


def axis_label(factor: Factor) -> str:
    """Name a factor for an axis: in words, with its unit where it is a parameter."""
    group, _, name = factor.path.rpartition(".")
    words = in_words(name)
    if group == "parameters" and name in Param.__members__:
        unit = Param[name].unit
        return words if unit == "1" else f"{words} ({unit})"
    return words if group in {"parameters", "options"} else in_words(factor.path)


def factor_meanings(factors: Iterable[Factor]) -> str:
    """Say in sentences what factors that are parameters mean, by the name that an axis has."""
    said = []
    for factor in factors:
        group, _, name = factor.path.rpartition(".")
        if group == "parameters" and name in Param.__members__:
            meaning = Param[name].meaning.partition(";")[0]
            if not meaning.startswith("the same"):
                said.append(f"{in_words(name).capitalize()}: {meaning}.")
    return " ".join(said)


def figure_text(number: str) -> str:
    """Write a number or an interval of :mod:`regional_sim.report.text` with real minus signs.

    >>> figure_text("-0.021 to -0.017")
    '−0.021 to −0.017'
    """
    return number.replace("-", "−")


def sentence(text: str) -> str:
    """End a text with a full stop, unless it has an end or is empty."""
    return text if not text or text[-1] in ".?!…" else f"{text}."


def short_label(name: str) -> str:
    """Write a name as words that fit beside a line or below a bar."""
    words = in_words(name)
    return words if len(words) <= _LONGEST_LABEL else f"{words[: _LONGEST_LABEL - 1].rstrip()}…"


def unit_words(metric: Metric, *, change: bool = False, of_month: bool = False) -> str:
    """Write the unit of a metric so that it says something; nothing for a pure number.

    >>> unit_words(Metric.tension), unit_words(Metric.tension, change=True)
    ('share, 0 to 1', 'share')
    >>> unit_words(Metric.incidents, of_month=True), unit_words(Metric.incidents)
    ('incidents per month', 'incidents')
    """
    words = _UNITS.get(metric.unit, metric.unit)
    if change:
        words = _CHANGED_UNITS.get(words, words)
    is_rate = of_month and metric.combine == "sum" and math.isinf(metric.high)
    return f"{words} per month" if is_rate else words


def metric_label(metric: Metric, *, change: bool = False, of_month: bool = False) -> str:
    """Name a metric for an axis: its title, and below it the unit in words."""
    unit = unit_words(metric, change=change, of_month=of_month)
    return f"{metric.title}\n({unit})" if unit else metric.title


def title_in_sentence(metric: Metric) -> str:
    """Write the title of a metric within a sentence: only its first letter becomes small.

    >>> title_in_sentence(Metric.un_support)
    'support in the United Nations'
    """
    return metric.title[:1].lower() + metric.title[1:]


def within_unit(values: Floats, metric: Metric, n_months: int = 1) -> Floats:
    """Cut values, such as the ends of an interval, off at the limits of the metric's unit."""
    import numpy as np

    return np.asarray(np.clip(values, *metric.bounds(n_months)), dtype=np.float64)


def keep_in_unit(axes: Axes, metric: Metric, side: str = "y", n_months: int = 1) -> None:
    """End an axis where the unit of its metric ends: no probability lies below 0 or above 1."""
    low, high = metric.bounds(n_months)
    first, last = getattr(axes, f"get_{side}lim")()
    axes.set(**{f"{side}lim": (max(first, low), min(last, high))})


# ---------------------------------------------------------------------------- writing a figure


def check_figure(path: Path, *, force: bool) -> None:
    """Refuse a figure that cannot be drawn, or that is there already."""
    if path.suffix not in FIGURE_ENDINGS:
        what = "the ending of the file says what to draw"
        allowed = ", ".join(FIGURE_ENDINGS)
        raise InputError(what, where=str(path), value=path.suffix, allowed=allowed)
    if path.is_dir() or (path.exists() and not force):
        held = "a folder" if path.is_dir() else "a file"
        hint = "name another file" if path.is_dir() else "name another file, or use --force"
        raise OutputExistsError(f"{held} is there already", where=str(path), hint=hint)


def save_figure(figure: Figure, path: str | Path) -> Path:
    """Write a figure as PNG, SVG or PDF, as the ending says, and make the folders above it.

    Equal figures are equal files.  A file of that name is replaced, a link is not followed.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    file = Path(path)
    content = _file_of(figure, file.suffix.lower().removeprefix("."))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(file) as opened:
            opened.write(content)
    except OSError as error:
        what = f"this figure cannot be written: {os_reason(error)}"
        raise InputError(what, where=str(file)) from None
    return file


def _file_of(figure: Figure, form: str) -> bytes:
    """Return the bytes of a figure, without dates and versions.

    Letters are drawn as outlines in SVG, so that it looks the same where the font is missing; PDF
    carries its font, as journals ask for.
    """
    left_out = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    fixed: dict[Any, Any] = {
        "svg.hashsalt": "regional_sim",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
    }
    content = BytesIO()
    with own_style(), rc_context(fixed):
        as_plain_text(figure)
        if figure.get_layout_engine() is not None:
            # Laid out a second time, panels would move by a hair.
            figure.draw_without_rendering()
            figure.set_layout_engine("none")
        figure.savefig(content, format=form, dpi=DPI, metadata=left_out[form])
    return content.getvalue()


def svg_text(figure: Figure, name: str) -> str:
    """Return a figure as an ``<svg>`` element for a page.

    Parameters
    ----------
    figure : Figure
        What to draw; :func:`answer_of` it is what a screen reader says.
    name : str
        Stands before each id in the element: another one for each figure of a page.
    """
    text = _file_of(figure, "svg").decode()
    text = _OF_A_PAGE.sub("", _PROLOGUE.sub("", text))
    said = escape(answer_of(figure) or figure.get_suptitle().replace("\n", " "))
    text = text.replace("<svg ", f'<svg role="img" aria-label="{said}" {_JOINS} ', 1)
    return _ID.sub(f"{name}-", text)
