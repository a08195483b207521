"""Points of a prior whose disputes are as frequent as those on record."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np

from regional_sim.errors import InputError
from regional_sim.experiment import Experiment
from regional_sim.numerics.statistics import Flags
from regional_sim.scenario import Scenario, digest_of, load_scenario

RECORD_REPLICATES: Final = 32
"""Runs of each point that disputes are counted in."""

MOST_FREQUENT: Final = 10
FEWEST_INSIDE: Final = 8
"""A point passes if so many of the pairs with most disputes are inside the 95 % interval of the
record."""

_CACHE: Final = "base_rates.json"


def passes_base_rates(
    experiment: Experiment,
    world: str,
    points: Sequence[int],
    folder: Path,
    *,
    workers: int = 1,
) -> Flags:
    """Tell which points pass: at least 8 of the 10 pairs with most disputes inside their interval.

    The figures of a point are laid over another world, whose disputes are on record, under the
    traditional posture.  What was found is kept in the folder.

    Parameters
    ----------
    experiment : Experiment
        Whose points they are.
    world : str
        Name or file of the world of the record, such as ``world_2010``.
    points : sequence of int
        The points that are asked for.
    folder : Path
        Where it is kept; made where it is missing.
    workers : int
        Threads.

    Returns
    -------
    ndarray of bool, shape (point asked for,)
    """
    from regional_sim.experiment.versions import versions
    from regional_sim.results.folder import read_json, write_json

    base = load_scenario(world)
    asked = [experiment.points[number].of_scenario() for number in points]
    key = digest_of(
        {
            "world": base.digest(),
            "points": [list(map(list, one.items())) for one in asked],
            "replicates": RECORD_REPLICATES,
            "versions": versions(),
        }
    )
    path = folder / _CACHE
    kept = read_json(path) or {}
    if kept.get("of") == key:
        return np.array(kept["inside"]) >= FEWEST_INSIDE
    with ThreadPoolExecutor(workers) as pool:
        inside = list(pool.map(_n_inside, (base.with_settings(one) for one in asked)))
    folder.mkdir(parents=True, exist_ok=True)
    write_json(path, {"of": key, "points": list(points), "inside": inside})
    return np.array(inside) >= FEWEST_INSIDE


def check_base_rates(experiment: Experiment, world: str) -> None:
    """Refuse what could not be asked, before anything is run.

    Raises
    ------
    InputError
        When there are no points, the world lacks states of the record, or a factor is no figure of
        the world.
    """
    from regional_sim.analysis.base_rates import pair_names, read_targets

    key = "base_rates"
    if not experiment.points.columns:
        what = "points of a prior pass base rates, and the experiment has no design"
        raise InputError(what, key=key, value=world)
    base = load_scenario(world)
    if set(read_targets().names) - set(pair_names(base.codes)):
        what = "this world lacks states whose disputes are on record"
        allowed = "world_2010, or a world with its states"
        raise InputError(what, key=key, value=world, allowed=allowed)
    base.with_settings(experiment.points[0].of_scenario())


def _n_inside(world: Scenario) -> int:
    """Count the leading pairs whose disputes are inside their interval."""
    from regional_sim.analysis.base_rates import base_rate_table, pair_names, read_targets, simulate

    record = read_targets(pair_names(world.codes))
    table = base_rate_table(simulate(world, RECORD_REPLICATES), record)
    return int(table["inside"].head(MOST_FREQUENT).sum())
