"""Who responds: what each state does otherwise under a posture, from the table of states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from regional_sim.html_report.page_parts import PagePart, PageTable, PageText
from regional_sim.html_report.report_source import ReportSource
from regional_sim.model.variables import StateVar
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import contrast
from regional_sim.report.text import decimals_of, signed

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
    yield PageText(
        f"What each state does otherwise than under {reference}, as the mean over the months after"
        f" the onset. '{NO_CLEAR_CHANGE}' stands where the 95 % interval of the paired difference"
        f" holds 0, and '{HARDLY_ANY}' where it does not but the change is less than the last digit"
        " of its column."
    )
    for posture in others[:_MOST_POSTURES]:
        rows = _rows(means, posture, reference, states)
        caption = f"Responses of states to {posture}"
        heads = ("state", *RESPONSES)
        yield PageTable(caption, heads, [(f"{names[code]} ({code})", *row) for code, row in rows])
    if len(others) > _MOST_POSTURES:
        left = ", ".join(others[_MOST_POSTURES:])
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


def _rows(
    means: pd.DataFrame, posture: str, reference: str, states: Sequence[str]
) -> list[tuple[str, tuple[str, ...]]]:
    """Write each state's changes, each column with the same decimals."""
    columns = [_cells(means, posture, reference, states, of.name) for of in RESPONSES.values()]
    return list(zip(states, zip(*columns, strict=True), strict=True))


def _cells(
    means: pd.DataFrame, posture: str, reference: str, states: Sequence[str], column: str
) -> list[str]:
    def of(label: str) -> Floats:
        mine = means.loc[label].reset_index()
        wide = mine.pivot_table(index="state", columns="replicate", values=column)
        return wide.reindex(list(states)).to_numpy(np.float64)

    found = contrast(of(posture), of(reference))
    rows = list(zip(found["difference"], found["ci_low"], found["ci_high"], strict=True))
    clear = [low > 0.0 or high < 0.0 for _, low, high in rows]
    decimals = decimals_of(row[0] for row, told in zip(rows, clear, strict=True) if told)
    said = (signed(float(row[0]), decimals) for row in rows)
    return [
        (text if text.strip("+-0.") else HARDLY_ANY) if is_clear else NO_CLEAR_CHANGE
        for text, is_clear in zip(said, clear, strict=True)
    ]
