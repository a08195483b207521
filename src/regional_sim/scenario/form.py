"""The whole scenario file: its sections, in one table, and the JSON Schema made from it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter, create_model

from regional_sim.scenario.dyad_tables import DYAD_FORM
from regional_sim.scenario.faults import Section
from regional_sim.scenario.fields import Identifier, Prose, StateCode, Text
from regional_sim.scenario.sections import (
    MAX_STATES,
    MIN_STATES,
    Groups,
    Horizon,
    Options,
    Parameters,
    Roles,
    Source,
    State,
    Windows,
)

SCENARIO_FORMAT: Final = 1
"""Version of the file format that this package reads and writes."""

_States: Any = Annotated[
    dict[StateCode, State],  # type: ignore[valid-type]
    Field(min_length=MIN_STATES, max_length=MAX_STATES),
]

SECTIONS: Final[dict[str, Any]] = {
    "title": Prose,
    "description": Prose,
    "horizon": Horizon,
    "windows": Windows,
    "roles": Roles,
    "groups": Groups,
    "options": Options,
    "parameters": Parameters,
    "sources": dict[Identifier, Source],
    "states": _States,
}
"""Type of every section but ``format`` and ``dyads``, which are checked file by file."""

DEFAULTS: Final[dict[str, Any]] = {"title": "", "description": ""}
"""Sections that are no mapping, and what stands for them when they are absent."""

ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {
    name: TypeAdapter(kind) for name, kind in SECTIONS.items()
}

Dyads = create_model(
    "Dyads",
    __base__=Section,
    __module__=__name__,
    __doc__="Quantities of pairs of states.",
    **{name: (form | None, None) for name, form in DYAD_FORM.items()},  # type: ignore[call-overload]
)

ScenarioFile = create_model(
    "ScenarioFile",
    __base__=Section,
    __module__=__name__,
    __doc__="A world: states, dyads, roles, horizon, parameters and options.",
    format=(Literal[1], SCENARIO_FORMAT),
    extends=(
        Text | None,
        Field(default=None, description="File, or shipped scenario, that this one changes."),
    ),
    overrides=(
        list[Text] | None,
        Field(default=None, description="Overlays laid over the base, weaker than this file."),
    ),
    **{name: (kind | None, None) for name, kind in SECTIONS.items()},  # type: ignore[call-overload]
    dyads=(Dyads | None, None),
)


def json_schema() -> dict[str, Any]:
    """Make the JSON Schema of the file, for editors.

    Returns
    -------
    dict
        A schema of draft 2020-12.  It requires no section, because a file that extends another
        need not have them; whether the whole is complete is checked when it is loaded.

    Examples
    --------
    >>> json_schema()["$defs"]["Parameters"]["properties"]["theta_challenger"]["maximum"]
    1.0
    """
    schema: dict[str, Any] = ScenarioFile.model_json_schema()
    for name in ("Roles", "State"):
        schema["$defs"][name].pop("required", None)
    for name in ("windows", "sources", "states"):
        keyed, _null = schema["properties"][name]["anyOf"]
        keyed.pop("minProperties", None)
        keyed["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
