"""Who responds: what each state does otherwise under a posture, from the table of states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from regional_sim.figures.style import in_words
from regional_sim.html_report.page_parts import PagePart, PageTable, PageText
from regional_sim.html_report.report_source import ReportSource
from regional_sim.model.variables import StateVar
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Statistics, contrast
from regional_sim.report.text import MISSING, decimals_of, signed

if TYPE_CHECKING:
    import pandas as pd

_TABLE: Final = "states"
_READ_BYTES: Final = 2**22

RESPONSES: Final = {
    "stance": StateVar.stance,
    "hedging": StateVar.hedging,
    "pressure": StateVar.pressure,
    "de-risking": StateVar.derisking,
    "common effort": StateVar.effort,
    "readiness": StateVar.readiness,
}
"""What states choose, by the name that a reader sees."""

_MOST_POSTURES: Final = 4
NO_CLEAR_CHANGE: Final = "no clear change"
HARDLY_ANY: Final = "hardly any"


def responses_of(source: ReportSource) -> Iterator[PagePart]:
    """Write a table for each posture: each state's mean change in what it does."""
    if source.plan.n_points > 1 or len(source.labels) == 1 or _TABLE not in source.results.tables:
        return
    means = _means(source)
    states = source.plan.experiment.scenario.codes
    names = dict(zip(states, source.plan.experiment.scenario.names, strict=True))
    reference, *others = source.labels
    changes = {
        posture: _changes(means, posture, reference, states) for posture in others[:_MOST_POSTURES]
    }
    yield PageText(_introduction(in_words(reference), changes.values()))
    for posture, by_response in changes.items():
        columns = [_cells(change) for change in by_response]
        named = [f"{names[code]} ({code})" for code in states]
        caption = f"Responses of states to {in_words(posture)}"
        yield PageTable(caption, ("state", *RESPONSES), list(zip(named, *columns, strict=True)))
    if len(others) > _MOST_POSTURES:
        left = ", ".join(map(in_words, others[_MOST_POSTURES:]))
        yield PageText(f"Not listed: {left}. The table states has them.")
    said = "; ".join(f"{name}: {of.meaning} ({of.unit})" for name, of in RESPONSES.items())
    yield PageText(said.replace("(1)", "(pure number)") + ".", strong="Columns:")


def _means(source: ReportSource) -> pd.DataFrame:
    """Average each run's months after the onset, a piece of the table at a time."""
    import pandas as pd

    from regional_sim.results.table_file import read_batches

    results = source.results
    keys = ["posture", "state", "replicate"]
    columns = [*keys, "months_after_switch", *(of.name for of in RESPONSES.values())]
    path = results.path(_TABLE)
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        pieces = pq.ParquetFile(path).iter_batches(columns=columns)
    else:
        pieces = read_batches(path, results.kinds(_TABLE), columns, _READ_BYTES)
    sums = []
    for piece in pieces:
        frame = piece.to_pandas()
        after = frame[frame.pop("months_after_switch") > 0]
        sums.append(after.groupby(keys, sort=False).agg(["sum", "count"]))
    total = pd.concat(sums).groupby(level=keys, sort=False).sum()
    whole: pd.DataFrame = total.xs("sum", axis="columns", level=1) / total.xs(
        "count", axis="columns", level=1
    )
    return whole


def _introduction(reference: str, changes: Iterable[Sequence[Statistics]]) -> str:
    """Say what the tables hold, and what stands in place of a number."""
    said = (
        f"What each state does otherwise than under {reference}, as the mean over the months after"
        " the onset."
    )
    pairs = {int(n) for posture in changes for change in posture for n in change["n"]}
    if max(pairs) > 1:
        said += (
            f" '{NO_CLEAR_CHANGE}' stands where the 95 % interval of the paired difference holds 0,"
            f" and '{HARDLY_ANY}' where it does not but the change is less than the last digit of"
            " its column."
        )
    if 1 in pairs:
        said += " One pair of runs has no interval: its difference stands as it is."
    if 0 in pairs:
        said += f" '{MISSING}' stands where no pair of runs has a value."
    return said


def _changes(
    means: pd.DataFrame, posture: str, reference: str, states: Sequence[str]
) -> list[Statistics]:
    """Compare what states do by response; a replicate that one posture lacks belongs to no pair."""
    import pandas as pd

    replicates = means.index.unique("replicate").sort_values()

    def of(label: str, column: str) -> Floats:
        wanted = pd.MultiIndex.from_product([[label], states, replicates])
        values = means[column].reindex(wanted).to_numpy(np.float64)
        return np.asarray(values.reshape(len(states), len(replicates)))

    columns = [variable.name for variable in RESPONSES.values()]
    return [contrast(of(posture, column), of(reference, column)) for column in columns]


def _cells(change: Statistics) -> list[str]:
    """Write a column of changes with the same decimals."""
    keys = ("difference", "ci_low", "ci_high", "n")
    rows = [tuple(map(float, row)) for row in zip(*(change[key] for key in keys), strict=True)]
    told = [n <= 1.0 or low > 0.0 or high < 0.0 for _, low, high, n in rows]
    decimals = decimals_of(row[0] for row, is_told in zip(rows, told, strict=True) if is_told)
    return [
        _cell(signed(row[0], decimals), n=row[3]) if is_told else NO_CLEAR_CHANGE
        for row, is_told in zip(rows, told, strict=True)
    ]


def _cell(text: str, n: float) -> str:
    """Write a change that is clear, or that has no interval."""
    return text if text.strip("+-0.") or n <= 1.0 else HARDLY_ANY
