"""All tables of a result."""

from __future__ import annotations

from pathlib import Path

from regional_sim.experiment.plan import Plan
from regional_sim.experiment.running.schedule import Finished
from regional_sim.experiment.store.blocks import BlockStore
from regional_sim.experiment.tables.merge import merge
from regional_sim.experiment.tables.summaries import write_dictionary, write_summaries


def write_tables(plan: Plan, finished: Finished, store: BlockStore, folder: Path) -> dict[str, int]:
    """Write every table, and the dictionary that describes them.

    Parameters
    ----------
    plan : Plan
        What was run.
    finished : Finished
        The tasks that go into the tables.
    store : BlockStore
        Where their blocks are.
    folder : Path
        The result folder.

    Returns
    -------
    dict of int
        Rows of each table, in the order in which they were written.
    """
    rows = merge(plan, finished, store, folder) | write_summaries(plan, finished, store, folder)
    described = [*rows, "data_dictionary"]
    return rows | {"data_dictionary": write_dictionary(plan, described, folder)}
