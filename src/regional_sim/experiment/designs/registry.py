"""All kinds of designs that stand alone.

To add one, add a file and a line to :data:`BASIC_DESIGNS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from regional_sim.errors import suggestion
from regional_sim.experiment.designs.base import Design
from regional_sim.experiment.designs.grid import Grid, Zip
from regional_sim.experiment.designs.points import PointList
from regional_sim.experiment.designs.sampled import LatinHypercube, RandomSample, SobolSequence
from regional_sim.experiment.designs.sensitivity import Morris, Saltelli
from regional_sim.scenario import custom_error

BASIC_DESIGNS: Final[dict[str, type[Design]]] = {
    "grid": Grid,
    "list": PointList,
    "zip": Zip,
    "latin_hypercube": LatinHypercube,
    "sobol": SobolSequence,
    "random": RandomSample,
    "morris": Morris,
    "saltelli": Saltelli,
}
"""Designs by kind; all of them can be parts of a mixed one."""


def of_known_kind(given: object, kinds: Mapping[str, type[Design]]) -> object:
    """Say which kinds there are, before pydantic looks for one.

    Parameters
    ----------
    given : object
        What stands for a design in a file.
    kinds : mapping
        Designs by kind.

    Returns
    -------
    object
        The same.

    Raises
    ------
    PydanticCustomError
        When it is a mapping without a known kind.
    """
    if isinstance(given, Mapping) and given.get("kind") not in kinds:
        kind = given.get("kind")
        what = "is not a kind of design" if "kind" in given else "needs a kind"
        raise custom_error(
            what,
            **({"value": kind} if "kind" in given else {}),
            allowed=f"kind: {', '.join(kinds)}",
            hint=suggestion(kind, kinds),
        )
    return given
