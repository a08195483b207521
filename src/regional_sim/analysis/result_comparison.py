"""What a comparison found, written as CSV for programs, JSON with everything, or Markdown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from regional_sim.analysis.agreement import Verdict
from regional_sim.analysis.compared_table import REPEAT_COLUMNS
from regional_sim.analysis.pairing import Alignment
from regional_sim.analysis.posture_effect import PostureEffect
from regional_sim.errors import (
    InputError,
    OutputExistsError,
    os_reason,
    shown,
    suggestion,
    visible,
)
from regional_sim.experiment.differences import Change
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.numerics.statistics import EFFECT_WORDS, Statistics, effect_codes
from regional_sim.results.columns import INTEGER, NUMBER, TEXT, VERDICT_MEANING, TableColumn
from regional_sim.results.folder import whole_file, write_json
from regional_sim.results.table_file import table_writer

if TYPE_CHECKING:
    import pandas as pd

_JSON_FORMAT: Final = 1
"""Version of the form of the JSON file."""

_UNIT: Final = "as the metric"
_COHENS_DZ: Final = (
    "Cohen's d of pairs: difference over the standard deviation of the paired differences"
)
_COHENS_D: Final = "Cohen's d: difference over the pooled standard deviation of A and B"
_SUPERIORITY: Final = (
    "share of pairs in which B has more, ties counted half; unpaired, of all pairings"
)
_SMALLEST: Final = (
    "smallest effect of interest in the window; 0 for columns that are no metric; empty for a sum"
    " over a window whose length is not known or not the same"
)
_REDUCTION: Final = (
    "share of the variance of the difference that pairing takes away: 1 where common random numbers"
    " cancel, 0 without pairing, below 0 where it adds"
)

STATISTIC_COLUMNS: Final = tuple(
    TableColumn(name, kind, meaning, unit)
    for name, kind, unit, meaning in (
        ("metric", TEXT, "", "name of the metric, or of the column of a table that is not ours"),
        ("window", TEXT, "", "name of the window of months; empty for other columns"),
        ("unit", TEXT, "", "unit of the metric; empty where it is not known"),
        ("pairs", INTEGER, "1", "pairs of runs; 0 where runs are not paired"),
        ("n_a", INTEGER, "1", "runs of A that are used"),
        ("n_b", INTEGER, "1", "runs of B that are used"),
        ("mean_a", NUMBER, _UNIT, "mean over the runs of A that are used"),
        ("mean_b", NUMBER, _UNIT, "mean over the runs of B that are used"),
        ("difference", NUMBER, _UNIT, "B - A: mean of the paired differences, or of means"),
        ("ci_low", NUMBER, _UNIT, "lower end of the 95 % t interval of the difference"),
        ("ci_high", NUMBER, _UNIT, "upper end of the 95 % t interval of the difference"),
        ("smallest_effect", NUMBER, _UNIT, _SMALLEST),
        ("verdict", TEXT, "", VERDICT_MEANING),
        ("bootstrap_low", NUMBER, _UNIT, "lower end of the 95 % bootstrap interval"),
        ("bootstrap_high", NUMBER, _UNIT, "upper end of the 95 % bootstrap interval"),
        ("percent", NUMBER, "per cent", "difference over the absolute mean of A"),
        ("cohens_dz", NUMBER, "1", _COHENS_DZ),
        ("cohens_d", NUMBER, "1", _COHENS_D),
        ("probability_of_superiority", NUMBER, "share", _SUPERIORITY),
        ("variance_reduction", NUMBER, "share", _REDUCTION),
    )
)
"""All columns but those of groups, in order."""

_NAMES: Final = tuple(column.name for column in STATISTIC_COLUMNS)
_JUDGEMENT: Final = ("smallest_effect", "verdict")
STATISTIC_NAMES: Final = tuple(name for name in _NAMES[3:] if name not in _JUDGEMENT)
_COUNTS: Final = STATISTIC_NAMES[:3]

_BEYOND_INTEGERS: Final = 2**63


@dataclass(frozen=True)
class OutcomeColumn:
    """A column of numbers: a metric in a window of months.

    Where the column is none of ours, the metric is its name, there is no window, and any effect
    counts: the smallest effect of interest is 0.
    """

    column: str
    metric: str
    window: str = ""
    smallest: float = field(default=0.0, compare=False)

    @property
    def unit(self) -> str:
        """Unit of the metric; empty where it is not known."""
        return Metric[self.metric].unit if self.metric in Metric.__members__ else ""

    @classmethod
    def of(
        cls,
        column: str,
        metrics: Iterable[str],
        windows: Mapping[str, Sequence[int] | None] = MappingProxyType({}),
    ) -> OutcomeColumn:
        """Split the name of a column after the longest metric that it begins with.

        `windows` are the first and last months, None or nothing where they are not known.

        Examples
        --------
        >>> found = OutcomeColumn.of("miscalculation_risk_rung_0_early", Metric.__members__)
        >>> found.metric, found.window
        ('miscalculation_risk_rung_0', 'early')
        """
        fitting = [metric for metric in metrics if column.startswith(f"{metric}_")]
        metric = max(fitting, key=len, default=column)
        window = column[len(metric) + 1 :]
        ours = fitting and metric in Metric.__members__
        smallest = Metric[metric].smallest_in(windows.get(window)) if ours else 0.0
        return cls(column, metric, window, smallest)


@dataclass(frozen=True)
class ResultComparison:
    """What a comparison of two results found.

    Made by :func:`regional_sim.compare`.

    Attributes
    ----------
    a, b : str
        What was compared, as it was named.
    outcomes : tuple of OutcomeColumn
        What statistics were made of.
    alignment : Alignment
        Groups of runs, whether they are paired, and what is unmatched.
    statistics : dict of ndarray, shape (group, outcome)
        By their names.
    differences_of_config : tuple of Change, or None
        Where the two plans differ; None where one is not known.
    seed, resamples : int
        Of the bootstrap.
    verdict : Verdict or None
        Whether the runs agree within the tolerance; None where none was given.
    effect : PostureEffect or None
        Where effects were compared: the posture, and what was taken off its values, run by run.
    """

    a: str
    b: str
    outcomes: tuple[OutcomeColumn, ...]
    alignment: Alignment
    statistics: Statistics
    differences_of_config: tuple[Change, ...] | None
    seed: int
    resamples: int
    verdict: Verdict | None = None
    effect: PostureEffect | None = None

    @property
    def paired(self) -> bool:
        """Whether runs were compared in pairs."""
        return self.alignment.paired

    @property
    def unmatched(self) -> dict[str, Any]:
        """What only one side has: groups, runs and columns."""
        return self.alignment.unmatched.mapping()

    @property
    def notes(self) -> tuple[str, ...]:
        """What to keep in mind when reading intervals, a sentence each."""
        keys = self.alignment.keys
        others = [name for name in keys.repeats if name not in REPEAT_COLUMNS]
        if not others or len(others) == len(keys.repeats):
            return ()
        return (
            "Runs of one group share their random numbers at several levels of"
            f" {', '.join(others)}: they are not independent, and intervals are narrower than"
            " they should be.",
        )

    @property
    def group_levels(self) -> dict[str, list[object]]:
        """Column of groups to its level in each group; of effects, posture and reference too."""
        groups = self.alignment.groups
        names = self.alignment.keys.groups
        levels = {name: [group.levels[name] for group in groups] for name in names}
        effect = self.effect._asdict() if self.effect else {}
        return levels | {name: [label] * len(groups) for name, label in effect.items()}

    def values(self) -> dict[str, Any]:
        """Return the columns of the table as arrays or lists; rows stand by group, then outcome."""
        n_groups, n_outcomes = len(self.alignment.groups), len(self.outcomes)
        found: dict[str, Any] = {
            name: [level for level in levels for _ in range(n_outcomes)]
            for name, levels in self.group_levels.items()
        }
        for name in ("metric", "window", "unit"):
            found[name] = [getattr(outcome, name) for outcome in self.outcomes] * n_groups
        for name in STATISTIC_NAMES:
            numbers = self.statistics[name].ravel()
            found[name] = numbers.astype(np.int64) if name in _COUNTS else numbers
        smallest = np.array([outcome.smallest for outcome in self.outcomes] * n_groups)
        codes = effect_codes(found["ci_low"], found["ci_high"], smallest)
        found |= {"smallest_effect": smallest, "verdict": [EFFECT_WORDS[code] for code in codes]}
        return {name: found[name] for name in (*self.group_levels, *_NAMES)}

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each group, metric and window."""
        import pandas as pd

        return pd.DataFrame(self.values())

    def to_csv(self, path: str | Path, *, force: bool = False) -> None:
        """Write the table; `force` replaces a file that is there."""
        write_comparison(self, Path(path), force=force, ending=".csv")

    def to_json(self, path: str | Path, *, force: bool = False) -> None:
        """Write everything, with a dictionary of the columns; as :meth:`to_csv`."""
        write_comparison(self, Path(path), force=force, ending=".json")

    def to_markdown(self, path: str | Path, *, force: bool = False) -> None:
        """Write everything for people; as :meth:`to_csv`."""
        write_comparison(self, Path(path), force=force, ending=".md")

    def __repr__(self) -> str:
        """Say what was compared, and how."""
        how = "paired" if self.paired else "unpaired"
        shape = f"{len(self.alignment.groups)} groups, {len(self.outcomes)} outcomes"
        return f"ResultComparison({self.a!r}, {self.b!r}, {how}, {shape})"


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
        raise InputError(
            f"this file cannot be written: {os_reason(error)}", where=str(path)
        ) from None


def _columns(found: ResultComparison) -> Iterator[TableColumn]:
    """List the columns of the table."""
    for name, levels in found.group_levels.items():
        if all(isinstance(level, int) and abs(level) < _BEYOND_INTEGERS for level in levels):
            kind = INTEGER
        else:
            # Integers beyond those of a table stand as they are written.
            kind = TEXT if any(isinstance(level, str | int) for level in levels) else NUMBER
        yield TableColumn(name, kind, "what the compared runs have in common")
    yield from STATISTIC_COLUMNS


def _write_csv(found: ResultComparison, path: Path) -> None:
    columns = tuple(_columns(found))
    values = found.values()
    for column in columns:
        if column.kind == NUMBER:
            values[column.name] = np.array(values[column.name], dtype=np.float64)
        elif column.kind == TEXT:
            values[column.name] = ["" if one is None else one for one in values[column.name]]
    with table_writer(path, columns, quoted=True) as writer:
        writer.write(values, len(values["metric"]))


def _write_markdown(found: ResultComparison, path: Path) -> None:
    with whole_file(path) as file:
        lines = (visible(line).replace("\n", " ") for line in _markdown(_mapping(found)))
        file.write("".join(f"{line}\n" for line in lines).encode())


_WRITE: Final[Mapping[str, Callable[[ResultComparison, Path], None]]] = {
    ".csv": _write_csv,
    ".json": lambda found, path: write_json(path, _mapping(found)),
    ".md": _write_markdown,
}


def _mapping(found: ResultComparison) -> dict[str, Any]:
    """Return what the JSON file holds: plain data, None where a number does not exist."""
    keys, changes, values = found.alignment.keys, found.differences_of_config, found.values()
    lists = [of.tolist() if isinstance(of, np.ndarray) else of for of in values.values()]
    whole = {
        "format": _JSON_FORMAT,
        "a": found.a,
        "b": found.b,
        "difference": "B - A",
        "effect": found.effect and found.effect._asdict(),
        "paired": found.paired,
        "reason_for_no_pairs": found.alignment.reason or None,
        "notes": found.notes,
        "keys": {"groups": keys.groups, "repeats": keys.repeats},
        "bootstrap": {"seed": found.seed, "resamples": found.resamples},
        "unmatched": found.unmatched,
        "differences_of_config": None if changes is None else [one.mapping() for one in changes],
        "verdict": found.verdict and found.verdict.mapping(),
        "columns": [
            {"column": one.name, "type": one.kind, "unit": one.unit, "meaning": one.meaning}
            for one in _columns(found)
        ],
        "rows": [dict(zip(values, row, strict=True)) for row in zip(*lists, strict=True)],
    }
    return cast("dict[str, Any]", _finite(whole))


def _finite(value: Any) -> Any:
    """Put None in place of numbers that JSON does not have."""
    if isinstance(value, Mapping):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _markdown(found: Mapping[str, Any]) -> Iterator[str]:
    """Write the lines of a page of what the JSON file holds."""
    yield f"# {found['a']} and {found['b']}"
    yield ""
    yield f"- A: `{found['a']}`"
    yield f"- B: `{found['b']}`"
    if found["effect"]:
        yield "- Effects are compared: {posture} less {reference}.".format(**found["effect"])
    if found["paired"]:
        yield f"- Differences are B - A, paired by {', '.join(found['keys']['repeats'])}."
    else:
        yield f"- Differences are B - A, unpaired: {found['reason_for_no_pairs']}."
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
