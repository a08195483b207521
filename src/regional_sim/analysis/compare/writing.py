"""A comparison as a file: CSV for programs, JSON with everything, Markdown for people."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from regional_sim.analysis.compare.columns import columns_of
from regional_sim.analysis.compare.comparison import Comparison
from regional_sim.errors import InputError, OutputExistsError, shown, suggestion
from regional_sim.results.columns import NUMBER
from regional_sim.results.folder import whole_file, write_json
from regional_sim.results.table_file import table_writer

FORMAT: Final = 1
"""Version of the form of the JSON file."""


def check_target(path: Path, *, force: bool, ending: str | None = None) -> str:
    """Refuse a file that cannot be written, before any work is done.

    Parameters
    ----------
    path : Path
        The file.
    force : bool
        Replace one that is there.
    ending : str, optional
        What to write; None: the file's own ending says it.

    Returns
    -------
    str
        ``.csv``, ``.json`` or ``.md``.

    Raises
    ------
    InputError
        When the ending is none of these, or there is no such folder.
    OutputExistsError
        When the file is there and may not be replaced.
    """
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


def write(
    comparison: Comparison, path: Path, *, force: bool = False, ending: str | None = None
) -> None:
    """Write a comparison.

    Parameters
    ----------
    comparison : Comparison
        What was found.
    path : Path
        The file; folders above it are made.
    force, ending
        As in :func:`check_target`.

    Raises
    ------
    InputError
        As :func:`check_target`, or when the file cannot be written.
    """
    kind = check_target(path, force=force, ending=ending)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _WRITE[kind](comparison, path)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"this file cannot be written: {reason}", where=str(path)) from None


def as_mapping(comparison: Comparison) -> dict[str, Any]:
    """Write a comparison out as plain data.

    Parameters
    ----------
    comparison : Comparison
        What was found.

    Returns
    -------
    dict
        What the JSON file holds: equal for equal comparisons; null where a number does not exist.
    """
    keys = comparison.alignment.keys
    changes = comparison.differences_of_config
    values = {name: _plain(column) for name, column in comparison.values().items()}
    return {
        "format": FORMAT,
        "a": comparison.a,
        "b": comparison.b,
        "difference": "B - A",
        "paired": comparison.paired,
        "reason_for_no_pairs": comparison.alignment.reason or None,
        "notes": list(comparison.notes),
        "keys": {"groups": list(keys.groups), "repeats": list(keys.repeats)},
        "bootstrap": {"seed": comparison.seed, "resamples": comparison.resamples},
        "unmatched": comparison.unmatched,
        "differences_of_config": None if changes is None else [one.mapping() for one in changes],
        "verdict": None if comparison.verdict is None else comparison.verdict.mapping(),
        "columns": [
            {"column": one.name, "type": one.kind, "unit": one.unit, "meaning": one.meaning}
            for one in columns_of(comparison.group_levels)
        ],
        "rows": [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)],
    }


def _plain(column: Any) -> list[object]:
    values = column.tolist() if isinstance(column, np.ndarray) else column
    return [None if _is_not_finite(value) else value for value in values]


def _is_not_finite(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _write_csv(comparison: Comparison, path: Path) -> None:
    columns = tuple(columns_of(comparison.group_levels))
    values = comparison.values()
    for column in columns:
        if column.kind == NUMBER:
            values[column.name] = np.array(values[column.name], dtype=np.float64)
    with table_writer(path, columns, quoted=True) as writer:
        writer.write(values, len(values["metric"]))


def _write_json(comparison: Comparison, path: Path) -> None:
    write_json(path, as_mapping(comparison))


def _write_markdown(comparison: Comparison, path: Path) -> None:
    with whole_file(path) as file:
        file.write("".join(f"{line}\n" for line in markdown(as_mapping(comparison))).encode())


_WRITE: Final[Mapping[str, Callable[[Comparison, Path], None]]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".md": _write_markdown,
}


def markdown(found: Mapping[str, Any]) -> Iterator[str]:
    """Write a comparison for people.

    Parameters
    ----------
    found : mapping
        As :func:`as_mapping` gives it.

    Yields
    ------
    str
        Lines.
    """
    keys = found["keys"]
    how = f"paired by {', '.join(keys['repeats'])}"
    yield f"# {found['a']} and {found['b']}"
    yield ""
    yield f"- A: `{found['a']}`"
    yield f"- B: `{found['b']}`"
    yield f"- Differences are B - A, {how if found['paired'] else 'unpaired'}."
    if not found["paired"]:
        yield f"- Why unpaired: {found['reason_for_no_pairs']}."
    yield from (f"- {note}" for note in found["notes"])
    if found["verdict"] is not None:
        equal = "equal" if found["verdict"]["equal"] else "not equal"
        yield f"- Within the tolerance: {equal}."
    yield ""
    names = [one["column"] for one in found["columns"]]
    yield from _table(names, [[_cell(row[name]) for name in names] for row in found["rows"]])
    for kind, what in found["unmatched"].items():
        if what:
            yield ""
            yield f"## {kind.replace('_', ' ').capitalize()}"
            yield ""
            yield from (f"- {_cell(one)}" for one in (what if isinstance(what, list) else [what]))
    changes = found["differences_of_config"]
    if changes:
        yield ""
        yield "## Differences of the configs"
        yield ""
        yield from _table(
            ["key", "A", "B"],
            [[one["path"], *(_side_cell(one, side) for side in "ab")] for one in changes],
        )
    yield ""
    yield "## Columns"
    yield ""
    yield from _table(
        ["column", "unit", "meaning"],
        [[one["column"], one["unit"], one["meaning"]] for one in found["columns"]],
    )


def _side_cell(change: Mapping[str, Any], side: str) -> str:
    return shown(change[side]) if side in change else ""


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
