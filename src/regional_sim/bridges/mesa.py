"""Mesa's ``batch_run`` on our model, with the same arguments under Mesa 3.3 and 3.5.

``mesa.batch_run(RegionModel, ...)`` works by itself.  What differs between versions, and what is
easily lost on the way, is put right here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from regional_sim.engine.precompile import compile_all
from regional_sim.errors import InputError
from regional_sim.scenario.schema import MAX_MONTHS
from regional_sim.scenario.values import plain_data

_SEEDS = ("seed", "rng")


def batch_arguments(
    parameters: Mapping[str, object], *, seeds: int | Iterable[int] = 0
) -> dict[str, Any]:
    """Make the arguments of ``mesa.batch_run`` that depend on Mesa's version.

    Mesa 3.5 takes seeds as its argument ``rng``, and silently ignores a parameter ``seed``; Mesa
    3.3 takes them as a parameter, and refuses ``rng``.  Both stop after 1000 steps unless told.
    The model is compiled here if need be, so that not each of Mesa's processes does it for itself.

    Parameters
    ----------
    parameters : mapping
        Arguments of :class:`regional_sim.mesa_model.RegionModel` and dotted paths of the scenario.
        As in Mesa, a list stands for its elements, one after the other; a mapping for
        ``settings`` is one value here.
    seeds : int or iterable of int
        Master seeds.  Replicates of a seed are numbered by the parameter ``replicate``.

    Returns
    -------
    dict
        ``parameters``, ``max_steps`` and, from Mesa 3.5 on, ``rng``.  Runs are numbered by seed,
        then in the order of `parameters`, the last of them changing fastest.

    Raises
    ------
    InputError
        If a seed stands among the parameters, or there is none.

    Examples
    --------
    >>> import mesa
    >>> from regional_sim.mesa_model import RegionModel
    >>> given = {"scenario": "two_states", "replicate": range(2), "horizon.months_after": 2}
    >>> rows = mesa.batch_run(
    ...     RegionModel, **batch_arguments(given, seeds=7), display_progress=False
    ... )
    >>> sorted({(row["seed"], row["replicate"], row["month"]) for row in rows})
    [(7, 0, 26), (7, 1, 26)]
    """
    import mesa

    for name in _SEEDS:
        if name in parameters:
            what = "seeds are not a parameter here: Mesa 3.5 would ignore them"
            raise InputError(what, key=name, hint="batch_arguments({...}, seeds=[7])")
    given_seeds = plain_data(seeds)
    chosen = plain_data(list(given_seeds)) if isinstance(given_seeds, Iterable) else [given_seeds]
    if chosen in ([], [None]):
        raise InputError("needs at least one seed", key="seeds", value=chosen)
    compile_all()
    given = {
        name: [value] if isinstance(value, Mapping) else value for name, value in parameters.items()
    }
    if "rng" in inspect.signature(mesa.batch_run).parameters:
        return {"parameters": given, "rng": chosen, "max_steps": MAX_MONTHS}
    return {"parameters": {"seed": chosen, **given}, "max_steps": MAX_MONTHS}
