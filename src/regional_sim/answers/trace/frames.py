"""The tables of a traced run as data frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from regional_sim.answers.trace.traced_run import TracedRun
from regional_sim.answers.trace.watched import WatchedRun
from regional_sim.answers.trace.weighing import DECISION_COLUMNS
from regional_sim.engine.job import BatchResult
from regional_sim.engine.responses import RESPONSE_KINDS, choice_word
from regional_sim.numerics.arrays import Floats
from regional_sim.results.columns import INTEGER, table_columns
from regional_sim.results.run_tables import rows_of
from regional_sim.results.table_file import Coded

if TYPE_CHECKING:
    import pandas as pd


def long_frame(table: str, run: TracedRun, result: BatchResult) -> pd.DataFrame:
    """Make a long table of a run, with the rows and columns that its result folder has."""
    import pandas as pd

    columns = table_columns(table, run.plan)
    frames = []
    for values, n_rows in rows_of(table, run.branch, result):
        cells = {column.name: _column(values[column.name], n_rows) for column in columns}
        frames.append(pd.DataFrame(cells))
    whole = pd.concat(frames, ignore_index=True)
    integers = [column.name for column in columns if column.kind == INTEGER]
    return whole.astype(dict.fromkeys(integers, np.int64))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a data frame, each by column."""
    rows: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
    return rows


def _column(values: object, n_rows: int) -> object:
    if isinstance(values, Coded):
        return np.array(values.names, dtype=object)[values.codes]
    return np.full(n_rows, values) if np.ndim(values) == 0 else values  # type: ignore[arg-type]


def responses_frame(motives: pd.DataFrame, run: TracedRun, seen: WatchedRun) -> pd.DataFrame:
    """Put to each motive the level of its response, and what was chosen."""
    place = {code: n for n, code in enumerate(run.scenario.codes)}
    month = motives["month"].to_numpy() - 1
    state = motives["state"].map(place).to_numpy()
    toward = motives["toward"].map(place).fillna(-1).to_numpy().astype(np.int64)
    toward = np.where(toward < 0, state, toward)
    level, choice = np.zeros(len(motives)), np.zeros(len(motives))
    for kind in RESPONSE_KINDS:
        rows = (motives["response"] == kind.name).to_numpy()
        of_pairs = kind.motive.flag is not None
        at = (month[rows], state[rows], toward[rows]) if of_pairs else (month[rows], toward[rows])
        level[rows] = seen.levels[kind.name][at]
        choice[rows] = seen.choices[kind.name][at]
    framed = motives.drop(columns=["run", "point", "replicate", "posture"])
    first = list(framed).index("motive")
    framed.insert(first, "choice", [choice_word(one) for one in choice.tolist()])
    framed.insert(first + 1, "chosen", choice)
    framed.insert(first + 2, "level", level)
    return framed


def decisions_frame(run: TracedRun, weighing: dict[str, Floats]) -> pd.DataFrame:
    """Make a row of each month and each state toward each other, in that order."""
    import pandas as pd

    codes = np.array(run.scenario.codes, dtype=object)
    state, toward = np.nonzero(~np.eye(len(codes), dtype=np.bool_))
    n_months = run.scenario.n_months
    month = np.repeat(np.arange(1, n_months + 1), len(state))
    cells: dict[str, object] = {
        "month": month,
        "months_after_switch": month - run.scenario.months_before,
        "state": np.tile(codes[state], n_months),
        "toward": np.tile(codes[toward], n_months),
    }
    for name, (unit, _) in DECISION_COLUMNS.items():
        values = weighing[name][:, state, toward].reshape(-1)
        cells[name] = values.astype(np.int64) if unit in {"flag", "rung"} else values
    return pd.DataFrame(cells)
