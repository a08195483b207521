"""Designs: from what a file asks for to the points of an experiment.

One file for each family of designs; how to add one is told in ``docs/how_to_add_a_design.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from regional_sim.experiment.designs.base import Design, DesignRow, Place
from regional_sim.experiment.designs.mixed import Mixed
from regional_sim.experiment.designs.registry import BASIC_DESIGNS, of_known_kind
from regional_sim.experiment.tagged import tagged

__all__ = ["DESIGNS", "POINTS_LIMIT", "AnyDesign", "Design", "DesignRow", "Place", "design_of"]

DESIGNS: Final[dict[str, type[Design]]] = {**BASIC_DESIGNS, "mixed": Mixed}
"""Every design by its kind."""

POINTS_LIMIT: Final = 1_000_000
"""A design that asks for more points is taken for a slip."""

AnyDesign: Any = tagged(DESIGNS, "kind", lambda given: of_known_kind(given, DESIGNS))
"""Any design, told apart by its kind."""


def design_of(record: Mapping[str, object]) -> Design | None:
    """Read a design back from the record of what points were made by.

    Parameters
    ----------
    record : mapping
        As :meth:`Design.record` gave it, or a free text of a user's own.

    Returns
    -------
    Design or None
        None where it is no design that this version knows.
    """
    try:
        design: Design = _adapter().validate_python(record)
    except ValidationError:
        return None
    return design


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(AnyDesign)
