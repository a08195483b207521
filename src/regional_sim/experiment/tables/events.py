"""Events: every change of rung, told from the recorded months of all pairs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from regional_sim.experiment.tables.rows import Lane, Piece, by_run
from regional_sim.experiment.tables.table_file import Coded
from regional_sim.world.job import PAIR_COLUMNS
from regional_sim.world.layout import Floats, Integers, PairVar

EVENT_KINDS = ("escalation", "de_escalation")


def events_rows(lane: Lane, dyads: Floats) -> Iterator[Piece]:
    """Make a row of each change of rung, from an array of shape (month, variable, pair, run)."""
    codes = lane.scenario.codes
    first, second = np.triu_indices(len(codes), 1)
    change = _variable(dyads, PairVar.rung_change)
    run, month, pair = np.nonzero(change)

    def of(variable: PairVar) -> Integers:
        return _variable(dyads, variable)[run, month, pair]

    step = change[run, month, pair]
    escalated = (of(PairVar.escalated_first), of(PairVar.escalated_second))
    mistaken = (of(PairVar.mistaken_first), of(PairVar.mistaken_second))
    who = np.where(step > 0, escalated[0] + 2 * escalated[1], 0)
    names = [
        name
        for a, b in zip(first, second, strict=True)
        for name in ("", codes[a], codes[b], f"{codes[a]}+{codes[b]}")
    ]
    rows = lane.keys(slice(0, lane.task.n_replicates), 1)
    for column in ("run", "replicate"):
        rows[column] = np.asarray(rows[column])[run]
    rows |= {
        "month": month + 1,
        "months_after_switch": month + 1 - lane.scenario.months_before,
        "state_a": Coded(codes, first[pair]),
        "state_b": Coded(codes, second[pair]),
        "kind": Coded(EVENT_KINDS, (step < 0).astype(np.int64)),
        "initiator": Coded(names, 4 * pair + who),
        "mistaken": np.where(step > 0, np.maximum(*mistaken), 0),
        "rung_before": of(PairVar.rung) - step,
        "rung_after": of(PairVar.rung),
    }
    yield rows, len(run)


def _variable(dyads: Floats, variable: PairVar) -> Integers:
    """Return a recorded variable that holds whole numbers, shape (run, month, pair).

    A run that failed has none, which counts as 0: nothing happens in it.
    """
    return np.nan_to_num(by_run(dyads[:, PAIR_COLUMNS.index(variable)])).astype(np.int64)
