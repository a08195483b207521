"""Everything that can be listed, by the word that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from regional_sim.errors import UnknownNameError
from regional_sim.report import catalogue_model, catalogue_worlds
from regional_sim.report.listing import Listing, field
from regional_sim.scenario import Scenario

Catalogue: TypeAlias = Callable[[Scenario | None], Listing]

SUBJECTS: Final[dict[str, tuple[str, Catalogue]]] = {
    "states": ("the figures of every state, with year and source", catalogue_worlds.states),
    "sources": ("the works that a scenario cites", catalogue_worlds.sources),
    "postures": ("the policies that can be compared", catalogue_model.postures),
    "instruments": ("the six levers of a posture", catalogue_model.instruments),
    "parameters": ("numbers of the equations, with ranges", catalogue_model.parameters),
    "options": ("choices between published forms", catalogue_model.options),
    "metrics": ("what is measured", catalogue_model.metrics),
    "scenarios": ("the worlds that come with the package", catalogue_worlds.scenarios),
    "experiments": ("the studies that come with the package", catalogue_worlds.experiments),
}
"""What each subject is, and the function that lists it."""


def listing(subject: str | None = None, scenario: Scenario | None = None) -> Listing:
    """List what there is of a kind.

    Parameters
    ----------
    subject : str, optional
        A key of :data:`SUBJECTS`; without it, the subjects themselves are listed.
    scenario : Scenario, optional
        The world to describe; the package's defaults if not given.

    Returns
    -------
    Listing
        Ready to be shown.

    Raises
    ------
    UnknownNameError
        When there is no such subject.

    Examples
    --------
    >>> [record["name"] for record in listing("options").records]
    ['contest_exponent', 'shock', 'dependence', 'tension_norm']
    """
    if subject is None:
        return _overview()
    if subject not in SUBJECTS:
        raise UnknownNameError("subject", subject, SUBJECTS)
    return SUBJECTS[subject][1](scenario)


def _overview() -> Listing:
    records = [{"name": name, "about": about} for name, (about, _) in SUBJECTS.items()]
    return Listing(
        "What can be described",
        "Ask for one of these: regional-sim describe parameters",
        (field("name"), field("about")),
        records,
    )
