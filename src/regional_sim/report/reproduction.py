"""What came out when a result was run again, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from regional_sim.report.text import named_lines, wrapped

if TYPE_CHECKING:
    from regional_sim.analysis.cell_diff import Difference
    from regional_sim.analysis.reproduce import Original, Reproduction, TableCheck

_MOST_CHARACTERS: Final = 60
"""Characters of a cell that are printed."""


def original_text(original: Original, width: int) -> str:
    """Write what is run again, and how its surroundings differ."""
    experiment = original.plan.experiment
    points = _count(len(experiment.points), "point")
    postures = _count(len(experiment.postures), "posture")
    replicates = _count(experiment.replicates, "replicate")
    machine = " on the same machine" if original.manifest.get("platform") else ""
    lines = [
        ("made", _made(original.manifest)),
        ("with", ", ".join(f"{k} {v}" for k, v in original.recorded_versions.items())),
        ("here", _unlike(original) or f"the same versions{machine}"),
        (
            "again",
            f"{_count(experiment.n_runs, 'run')}: {points}, {postures}, {replicates},"
            f" seed {experiment.seed}",
        ),
    ]
    return named_lines(lines, width)


def reproduction_text(found: Reproduction, width: int) -> str:
    """Write what came out: table by table, then the verdict, and what explains it."""
    names = max(len(table.name) for table in found.tables)
    tables = "\n".join(
        f"{table.name.ljust(names)}  {_count(table.rows, 'row'):>12}  {_state(table)}"
        for table in found.tables
    )
    parts = [
        tables,
        wrapped(found.sentence, width),
        named_lines(list(_places(found)), width),
        *(wrapped(note, width) for note in _notes(found)),
    ]
    return "\n\n".join(part for part in parts if part)


def _made(manifest: Mapping[str, object]) -> str:
    """Say when and where a result was made, as far as its manifest tells."""
    platform = manifest.get("platform")
    known = platform if isinstance(platform, dict) else {}
    where = ", ".join(str(known[name]) for name in ("host", "system") if known.get(name))
    day = str(manifest.get("started", "at an unknown time")).replace("T", " ")
    made = f"{day.replace('+00:00', ' UTC')}{f' on {where}' if where else ''}"
    return f"{made}, with the engine {manifest.get('engine', 'ensemble')}"


def _unlike(original: Original) -> str:
    """List what is not the same here."""
    unlike = {**original.versions, **original.platform}
    return "; ".join(f"{name} {there} there, {here} here" for name, (there, here) in unlike.items())


def _state(table: TableCheck) -> str:
    """Say how a table came out, in a few words."""
    cells = table.comparison
    if table.same_bytes:
        return "same bytes"
    if cells.rows_there != cells.rows_here and cells.first is not None:
        start = f", not the same from row {cells.first.row} on" if cells.first.row else ""
        return f"{_count(cells.rows_there, 'row')} there{start}"
    if cells.first is not None and not (cells.cells or cells.rewritten):
        return cells.first.what
    if cells.cells:
        where = f"in {_count(cells.rows, 'row')} and {_count(cells.columns, 'column')}"
        verb = "differs" if cells.cells == 1 else "differ"
        beyond = "" if cells.beyond == cells.cells else f" ({cells.beyond or 'none'} too far)"
        return f"{_count(cells.cells, 'cell')} {verb}, {where}{beyond}"
    if cells.rewritten:
        return f"same values, {cells.rewritten} written otherwise"
    return "same cells"


def _places(found: Reproduction) -> Iterator[tuple[str, str]]:
    """Name the first difference with both values, and the largest one where it is another."""
    first, largest = found.first_difference, found.largest
    if first is None:
        return
    yield "first", f"{_place(found, first)}{f': {first.what}' if first.what else ''}"
    if first.key:
        yield "", _key(first)
    if first.there is not None and first.here is not None:
        yield "there", _cell(first.there)
        yield "here", _cell(first.here)
    if largest is None or (at := largest.largest_at) is None:
        return
    place = "at this cell" if at == first else f"in {_place(found, at)}"
    yield "largest", f"relative difference {largest.largest:.2g}, {place}"
    if at != first:
        yield "", f"{_key(at)}: {_cell(at.there or '')} there, {_cell(at.here or '')} here"


def _place(found: Reproduction, at: Difference) -> str:
    """Name the file, and row and column where they are known."""
    file = next(table.file for table in found.tables if table.name == at.table)
    row = "" if at.row is None else f", row {at.row}"
    return f"{file}{row}" if at.column is None else f"{file}{row}, column {at.column}"


def _key(at: Difference) -> str:
    return ", ".join(f"{name} {value}" for name, value in at.key.items())


def _cell(text: str) -> str:
    """Write a cell so that it can be seen."""
    if not text:
        return "an empty cell"
    shown = text if text.isprintable() and text == text.strip() else repr(text)
    return shown if len(shown) <= _MOST_CHARACTERS else f"{shown[: _MOST_CHARACTERS - 3]}..."


def _notes(found: Reproduction) -> Iterator[str]:
    """Say what explains a difference."""
    altered = [table for table in found.tables if table.as_written is False]
    files = [table.file for table in altered if not table.same_bytes]
    spoilt = [table.file for table in altered if table.same_bytes]
    if files:
        yield f"Altered after the run, going by the digests in manifest.json: {', '.join(files)}."
    if spoilt:
        yield f"Altered after the run: the digests in manifest.json, of {', '.join(spoilt)}."
    intact = [t.file for t in found.tables if t.as_written and t.comparison.first is not None]
    if not intact:
        return
    yield f"As the run wrote them, but not what comes out here: {', '.join(intact)}."
    if found.versions or found.platform:
        promise = "The same bits are promised on one machine with the same versions only."
        yield f"{promise} Not the same: {_unlike(found.original)}."
    else:
        yield "Versions and machine are the same. Was the program changed, or a policy of your own?"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
