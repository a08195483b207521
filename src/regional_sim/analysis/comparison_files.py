"""A comparison as a file: CSV for programs, JSON with everything, Markdown for people."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regional_sim.errors import InputError, OutputExistsError, shown, suggestion
from regional_sim.experiment.store.storage import whole_file, write_json
from regional_sim.experiment.tables.columns import INTEGER, NUMBER, TEXT, Column
from regional_sim.experiment.tables.table_file import table_writer

if TYPE_CHECKING:
    from regional_sim.analysis.compare import ResultComparison

_JSON_FORMAT: Final = 1
"""Version of the form of the JSON file."""

_UNIT: Final = "as the metric"

STATISTIC_COLUMNS: Final = (
    Column("metric", TEXT, "name of the metric, or of the column of a table that is not ours"),
    Column("window", TEXT, "name of the window of months; empty for other columns"),
    Column("unit", TEXT, "unit of the metric; empty where it is not known"),
    Column("pairs", INTEGER, "pairs of runs; 0 where runs are not paired", "1"),
    Column("n_a", INTEGER, "runs of A that are used", "1"),
    Column("n_b", INTEGER, "runs of B that are used", "1"),
    Column("mean_a", NUMBER, "mean over the runs of A that are used", _UNIT),
    Column("mean_b", NUMBER, "mean over the runs of B that are used", _UNIT),
    Column("difference", NUMBER, "B - A: mean of the paired differences, or of means", _UNIT),
    Column("ci_low", NUMBER, "lower end of the 95 % t interval of the difference", _UNIT),
    Column("ci_high", NUMBER, "upper end of the 95 % t interval of the difference", _UNIT),
    Column("bootstrap_low", NUMBER, "lower end of the 95 % bootstrap interval", _UNIT),
    Column("bootstrap_high", NUMBER, "upper end of the 95 % bootstrap interval", _UNIT),
    Column("percent", NUMBER, "difference over the absolute mean of A", "per cent"),
    Column(
        "cohens_dz",
        NUMBER,
        "Cohen's d of pairs: difference over the standard deviation of the paired differences",
        "1",
    ),
    Column(
        "cohens_d",
        NUMBER,
        "Cohen's d: difference over the pooled standard deviation of A and B",
        "1",
    ),
    Column(
        "probability_of_superiority",
        NUMBER,
        "share of pairs in which B has more, ties counted half; unpaired, of all pairings",
        "share",
    ),
    Column(
        "variance_reduction",
        NUMBER,
        "share of the variance of the difference that pairing takes away: 1 where common random"
        " numbers cancel, 0 without pairing, below 0 where it adds",
        "share",
    ),
)
"""All columns but those of groups, in order."""


def check_target(path: Path, *, force: bool, ending: str | None = None) -> str:
    """Refuse a file that cannot be written; return its ending, or the one that is asked for."""
    kind = path.suffix if ending is None else ending
    if kind not in _WRITE:
        what = "the ending of the file says what to write"
        hint = suggestion(kind, _WRITE)
        raise InputError(what, where=str(path), value=kind, allowed=", ".join(_WRITE), hint=hint)
    if path.is_dir() or (path.exists() and not force):
        held = "a folder" if path.is_dir() else "a file"
        hint = "name another file" if path.is_dir() else "name another file, or use --force"
        raise OutputExistsError(f"{held} is there already", where=str(path), hint=hint)
    return kind


def write_comparison(
    found: ResultComparison, path: Path, *, force: bool = False, ending: str | None = None
) -> None:
    """Write a file, and make the folders above it; see :func:`check_target`."""
    kind = check_target(path, force=force, ending=ending)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _WRITE[kind](found, path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"this file cannot be written: {reason}", where=str(path)) from None


def _columns(found: ResultComparison) -> Iterator[Column]:
    """List the columns of the table."""
    for name, levels in found.group_levels.items():
        if any(isinstance(level, str) for level in levels):
            kind = TEXT
        else:
            kind = INTEGER if all(isinstance(level, int) for level in levels) else NUMBER
        yield Column(name, kind, "what the compared runs have in common")
    yield from STATISTIC_COLUMNS


def _write_csv(found: ResultComparison, path: Path) -> None:
    columns = tuple(_columns(found))
    values = found.values()
    for column in columns:
        if column.kind == NUMBER:
            values[column.name] = np.array(values[column.name], dtype=np.float64)
    with table_writer(path, columns, quoted=True) as writer:
        writer.write(values, len(values["metric"]))


def _write_json(found: ResultComparison, path: Path) -> None:
    write_json(path, _mapping(found))


def _write_markdown(found: ResultComparison, path: Path) -> None:
    with whole_file(path) as file:
        file.write("".join(f"{line}\n" for line in _markdown(_mapping(found))).encode())


_WRITE: Final[Mapping[str, Callable[[ResultComparison, Path], None]]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".md": _write_markdown,
}


def _mapping(found: ResultComparison) -> dict[str, Any]:
    """Return what the JSON file holds: plain data, None where a number does not exist."""
    keys, changes = found.alignment.keys, found.differences_of_config
    values = {name: _plain(column) for name, column in found.values().items()}
    return {
        "format": _JSON_FORMAT,
        "a": found.a,
        "b": found.b,
        "difference": "B - A",
        "paired": found.paired,
        "reason_for_no_pairs": found.alignment.reason or None,
        "notes": list(found.notes),
        "keys": {"groups": list(keys.groups), "repeats": list(keys.repeats)},
        "bootstrap": {"seed": found.seed, "resamples": found.resamples},
        "unmatched": found.unmatched,
        "differences_of_config": None if changes is None else [one.mapping() for one in changes],
        "verdict": found.verdict and found.verdict.mapping(),
        "columns": [
            {"column": one.name, "type": one.kind, "unit": one.unit, "meaning": one.meaning}
            for one in _columns(found)
        ],
        "rows": [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)],
    }


def _plain(column: Any) -> list[object]:
    values = column.tolist() if isinstance(column, np.ndarray) else column
    return [None if isinstance(v, float) and not math.isfinite(v) else v for v in values]


def _markdown(found: Mapping[str, Any]) -> Iterator[str]:
    """Write the lines of a page of what the JSON file holds."""
    yield f"# {found['a']} and {found['b']}"
    yield ""
    yield f"- A: `{found['a']}`"
    yield f"- B: `{found['b']}`"
    if found["paired"]:
        yield f"- Differences are B - A, paired by {', '.join(found['keys']['repeats'])}."
    else:
        yield "- Differences are B - A, unpaired."
        yield f"- Why unpaired: {found['reason_for_no_pairs']}."
    yield from (f"- {note}" for note in found["notes"])
    if found["verdict"] is not None:
        yield f"- Within the tolerance: {'equal' if found['verdict']['equal'] else 'not equal'}."
    yield ""
    names = [one["column"] for one in found["columns"]]
    yield from _table(names, [[_cell(row[name]) for name in names] for row in found["rows"]])
    for kind, what in found["unmatched"].items():
        if what:
            yield from _heading(kind.replace("_", " ").capitalize())
            yield from (f"- {_cell(one)}" for one in (what if isinstance(what, list) else [what]))
    if found["differences_of_config"]:
        yield from _heading("Differences of the configs")
        rows = [
            [one["path"], *(shown(one[side]) if side in one else "" for side in "ab")]
            for one in found["differences_of_config"]
        ]
        yield from _table(["key", "A", "B"], rows)
    yield from _heading("Columns")
    about = ["column", "unit", "meaning"]
    yield from _table(about, [[one[name] for name in about] for one in found["columns"]])


def _heading(text: str) -> Iterator[str]:
    yield from ("", f"## {text}", "")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _cell(value: object) -> str:
    """Write a value with the digits that a reader needs."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_cell(inner)}" for name, inner in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)
