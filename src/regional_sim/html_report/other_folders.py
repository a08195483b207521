"""Pages of folders that hold tables of answers and no runs: calibrations, searches, skill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regional_sim.answers.policies.search_folder import (
    CANDIDATES_FILE,
    FRONT_FILE,
    POINTS_FILE,
    POSTURES_FILE,
    SEARCH_FILE,
)
from regional_sim.answers.posterior.calibration_folder import (
    FACTORS_TABLE,
    POSTERIOR_TABLE,
    RECORD,
    RECOVERY_TABLE,
    TARGETS_TABLE,
)
from regional_sim.errors import InputError, os_reason
from regional_sim.experiment.versions import PACKAGE
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.style import in_words
from regional_sim.html_report.answer import in_sentence, interval_in_words
from regional_sim.html_report.citation import citation_lines
from regional_sim.html_report.page_parts import (
    PageCommands,
    PageFacts,
    PageSection,
    PageTable,
    PageText,
    one_line,
)
from regional_sim.html_report.pictures import pictures_in
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.effects import title_of
from regional_sim.report.skill import comparisons_in_words
from regional_sim.report.text import MISSING, number, with_interval
from regional_sim.results.folder import PLAN, read_json, sha256_of

if TYPE_CHECKING:
    import pandas as pd

_MOST_ROWS: Final = 40
_SEARCHED: Final = "_difference"
_TEXT: Final = "texts"
_NUMBER: Final = "numbers"
_YES_OR_NO: Final = "True and False"


@dataclass(frozen=True)
class OtherFolder:
    """What a page of such a folder says."""

    title: str
    lead: str
    sections: tuple[PageSection, ...]


@dataclass(frozen=True)
class _FolderKind:
    """A command that writes tables of answers.

    `marks` are files that all stand in its folder, the first one written first; `tables` are those
    on the page with their captions; `answer` says in sentences what they hold, for which they need
    some columns, of texts, numbers or yes and no.
    """

    command: str
    made: str
    marks: tuple[str, ...]
    tables: Mapping[str, str]
    needed: Mapping[str, Mapping[str, str]]
    answer: Callable[[Mapping[str, pd.DataFrame]], Iterator[str]]
    files: tuple[str, ...] = ()


def other_folder(folder: Path) -> OtherFolder | None:
    """Make the page of a folder of answers; None where it is none.

    Raises
    ------
    InputError
        When the command that makes it has not ended, or a table cannot be read.
    """
    if (folder / PLAN).exists() or not folder.is_dir():
        return None
    for kind in _KINDS:
        first, *others = kind.marks
        if not (folder / first).exists():
            continue
        for name in others:
            if not (folder / name).exists():
                what = f"this {kind.made} is unfinished: it has no {name}"
                hint = f"go on with it: the same regional-sim {kind.command} command with --resume"
                raise InputError(what, where=str(folder), hint=hint)
        return _page(folder, kind)
    return None


def _page(folder: Path, kind: _FolderKind) -> OtherFolder:
    about = _about(folder, kind)
    tables = {
        name: _read(folder / name, kind.needed.get(name, {}))
        for name in kind.tables
        if (folder / name).exists()
    }
    answer = tuple(PageText(one_line(one)) for one in kind.answer(tables))
    facts = tuple(
        (name, one_line(text))
        for name, text in about.items()
        if text and name not in {"title", "question", "version"}
    )
    shown = tuple(_table(kind.tables[name], frame) for name, frame in tables.items())
    text, entry = citation_lines(about.get("version", ""))
    files = [*kind.tables, *kind.files]
    digests = [(name, sha256_of(folder / name)) for name in files if (folder / name).exists()]
    made = PageText(
        f"The folder was made by regional-sim {kind.command}. It can be made again by the same"
        " command with the same versions; these are its files:"
    )
    question = about.pop("question", "")
    figures = tuple(pictures_in(FinishedFolder(folder)))
    sections = [
        *([PageSection("question", "The question", (PageText(question),))] if question else []),
        PageSection("run", "What was run", (PageFacts(facts),)),
        PageSection("answer", "The answer", answer),
        *([PageSection("figures", "Figures", figures)] if figures else []),
        PageSection("numbers", "The numbers", shown),
        PageSection(
            "reproduce",
            "How to reproduce this",
            (made, PageTable("Files of the answer", ("file", "SHA-256"), digests)),
        ),
        PageSection("cite", "How to cite", (PageText(text), PageCommands(tuple(entry)))),
    ]
    title = about.get("title") or f"{kind.made.capitalize()} in {folder.name}"
    return OtherFolder(title, f"Tables of a {kind.made}.", tuple(sections))


def _about(folder: Path, kind: _FolderKind) -> dict[str, str]:
    """Say what the record of a folder tells of what was asked."""
    record = read_json(folder / kind.marks[0]) or {}
    asked = record.get("experiment") or record.get("request") or {}
    asked = asked if isinstance(asked, dict) else {}
    versions = record.get("versions") if isinstance(record.get("versions"), dict) else {}
    told = {"title": str(asked.get("title") or ""), "command": f"regional-sim {kind.command}"}
    told["question"] = one_line(str(asked.get("question") or ""))
    postures = asked.get("postures")
    if isinstance(postures, list):
        told["postures"] = ", ".join(str(dict(one).get("label", "")) for one in postures)
    for key in ("seed", "replicates", "points", "draws", "generations", "population"):
        value = asked.get(key, record.get(key))
        if isinstance(value, int):
            told[key] = str(value)
    assert isinstance(versions, dict)
    told["version"] = str(versions.get(PACKAGE, ""))
    told["versions"] = ", ".join(f"{name} {of}" for name, of in versions.items())
    return told


def _read(path: Path, needed: Mapping[str, str]) -> pd.DataFrame:
    """Read a table, and check the columns that its answer needs."""
    import pandas as pd

    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""])
    except OSError as error:
        raise InputError(f"cannot be read: {os_reason(error)}", where=str(path)) from None
    except ValueError:
        raise InputError("this is no table", where=str(path)) from None
    searched = [str(one) for one in table.columns if str(one).endswith(_SEARCHED)]
    ends = [f"{one.removesuffix(_SEARCHED)}_{end}" for one in searched for end in ("low", "high")]
    for column, kind in {**needed, **dict.fromkeys([*searched, *ends], _NUMBER)}.items():
        _check(table, column, kind, path)
    return table


def _check(table: pd.DataFrame, column: str, kind: str, path: Path) -> None:
    """Refuse a table without a column, or with something else in it."""
    import pandas as pd

    if column not in table:
        raise InputError("this table lacks a column", where=str(path), key=column)
    dtype = table[column].dtype
    is_number = pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
    if len(table) and not (
        kind == _TEXT
        or (kind == _NUMBER and is_number)
        or (kind == _YES_OR_NO and pd.api.types.is_bool_dtype(dtype))
    ):
        what = f"this column holds something else than {kind}"
        raise InputError(what, where=str(path), key=column)


def _table(caption: str, frame: pd.DataFrame) -> PageTable:
    heads = [_head(str(name)) for name in frame.columns]
    rows = [tuple(map(_cell, row)) for row in frame.head(_MOST_ROWS).itertuples(index=False)]
    more = f": the first {_MOST_ROWS} of {len(frame)} rows" if len(frame) > _MOST_ROWS else ""
    return PageTable(f"{caption}{more}", heads, rows)


def _head(column: str) -> str:
    """Write the name of a column in words; a metric by its title."""
    for metric in sorted(Metric.__members__, key=len, reverse=True):
        if column.startswith(f"{metric}_"):
            return f"{Metric[metric].title}, {column[len(metric) + 1 :]}"
    return one_line(column.replace("_", " "))


def _cell(value: Any) -> str:
    if isinstance(value, bool) or str(value) in {"True", "False"}:
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return MISSING if value != value else number(value)  # noqa: PLR0124 (NaN)
    return one_line(str(value))


# ---------------------------------------------------------------------- what tables say


def _of_calibration(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    targets, factors = tables[TARGETS_TABLE], tables[FACTORS_TABLE]
    yield (
        f"{int(targets['inside'].sum())} of {len(targets)} targets lie in their posterior interval."
    )
    said = [
        f"{word}: {', '.join(of['factor'].astype(str).str.rpartition('.')[2])}"
        for word, of in factors.groupby("informed", sort=False)
    ]
    yield f"How far the targets inform the factors: {'; '.join(said)}."


def _of_search(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    front = tables[FRONT_FILE]
    best = front[front["recommended"]]
    if best.empty:
        yield "No policy meets the requirements."
        return
    row = best.iloc[0]
    regret = number(float(row["largest_regret"]))
    yield (
        f"Least regret: {in_words(str(row['posture']))}, which falls at most {regret} smallest"
        " effects of interest behind the best policy at any point."
    )
    said = []
    for column in front.columns:
        if not column.endswith(_SEARCHED):
            continue
        metric = column.removesuffix(_SEARCHED)
        ends = float(row[f"{metric}_low"]), float(row[f"{metric}_high"])
        difference, interval = with_interval(float(row[column]), *ends)
        title = in_sentence(title_of(metric))
        said.append(f"{title} by {difference} ({interval_in_words(interval, 'one point')})")
    yield f"On average over the points it changes {'; '.join(said)}."


def _of_skill(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    return comparisons_in_words(tables["comparisons.csv"])


_KINDS: Final = (
    _FolderKind(
        "calibrate",
        "calibration",
        (RECORD, POSTERIOR_TABLE, TARGETS_TABLE, FACTORS_TABLE),
        {
            FACTORS_TABLE: "Parameters: prior, and posterior median with its 90 % interval",
            TARGETS_TABLE: "Targets: observed, and intervals of prior and posterior",
            RECOVERY_TABLE: "Recovery of known parameters from simulated data",
        },
        {
            FACTORS_TABLE: {"factor": _TEXT, "informed": _TEXT},
            TARGETS_TABLE: {"inside": _YES_OR_NO},
        },
        _of_calibration,
        (POSTERIOR_TABLE,),
    ),
    _FolderKind(
        "optimise",
        "search for a policy",
        (SEARCH_FILE, FRONT_FILE),
        {FRONT_FILE: "Policies that were judged, with effects and regret"},
        {FRONT_FILE: {"posture": _TEXT, "recommended": _YES_OR_NO, "largest_regret": _NUMBER}},
        _of_search,
        (POINTS_FILE, CANDIDATES_FILE, POSTURES_FILE),
    ),
    _FolderKind(
        "skill",
        "test of forecasts",
        ("comparisons.csv", "scores.csv", "fits.csv"),
        {
            "comparisons.csv": "Skill of the model against simple forecasts",
            "scores.csv": "Scores of each forecast",
            "fits.csv": "The model of each series, as fitted",
        },
        {"comparisons.csv": {"series": _TEXT, "against": _TEXT, "verdict": _TEXT}},
        _of_skill,
        ("forecasts.csv",),
    ),
)
