"""The sections of a scenario file as frozen models that forbid unknown keys.

Ranges and defaults of figures, parameters and options are declared elsewhere
(:mod:`regional_sim.scenario.figures`, :mod:`regional_sim.model.parameters`,
:mod:`regional_sim.model.options`); the models here are made from those tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    Strict,
    TypeAdapter,
    WithJsonSchema,
    create_model,
    model_validator,
)

from regional_sim.errors import suggestion
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.scenario.dyads import DYAD_FORM
from regional_sim.scenario.figures import (
    STATE_FIGURES,
    Codes,
    Identifier,
    Prose,
    Provenance,
    Range,
    StateCode,
    StateFigure,
    Text,
    Year,
    number_in,
)
from regional_sim.scenario.messages import Section, custom_error

MAX_MONTHS: Final = 1200
RESERVED_WINDOW: Final = "whole"
MIN_STATES: Final = 2
MAX_STATES: Final = 60

S = TypeVar("S", bound=Section)


class Horizon(Section):
    """Months simulated before and after the switch of posture."""

    months_before: Annotated[int, Field(ge=0)] = 24
    months_after: Annotated[int, Field(ge=1)] = 96

    @model_validator(mode="after")
    def _bounded(self) -> Horizon:
        total = self.months_before + self.months_after
        if total > MAX_MONTHS:
            raise custom_error(
                "months_before and months_after are too long together",
                value=total,
                allowed=f"at most {MAX_MONTHS} months",
            )
        return self


def _ordered(window: tuple[int, int]) -> tuple[int, int]:
    """Check that a window does not end before it begins."""
    if window[0] > window[1]:
        raise custom_error("ends before it begins", value=list(window))
    return window


Month: TypeAlias = Annotated[int, Field(ge=1)]
Window: TypeAlias = Annotated[tuple[Month, Month], Strict(False), AfterValidator(_ordered)]
Windows: TypeAlias = dict[Identifier, Window | None]


class Roles(Section):
    """Who plays which part, so that nothing is special in the code."""

    noun: ClassVar[str] = "role"

    sender: StateCode
    partner: StateCode | None = None
    challenger: StateCode
    patron: StateCode | None = None
    ally: StateCode | None = None


class Groups(Section):
    """Lists of states that are looked at together."""

    noun: ClassVar[str] = "group"

    hedgers: Codes = ()
    allies: Codes = ()
    middle_powers: Codes = ()


class Source(Section):
    """A work that figures are taken from."""

    citation: Text
    provenance: Literal["empirical", "theoretical", "stipulated"] = "empirical"
    url: Text | None = None
    note: Prose | None = None


class Figure(Section):
    """A number with where it comes from."""

    value: float
    year: Year | None = None
    source: Text | None = Field(default=None, description="A key of sources.")
    provenance: Provenance | None = None
    note: Prose | None = None

    def plain(self) -> float | dict[str, object]:
        """Write the figure as a file has it.

        Returns
        -------
        float or dict
            The bare number where there is nothing else to say.
        """
        given = {name: text for name, text in self if text is not None}
        return self.value if len(given) == 1 else given


def _as_figure(given: object) -> object:
    """Let a bare number stand for a figure."""
    return given if isinstance(given, Mapping | Figure) else {"value": given}


def _figure_field(spec: StateFigure) -> tuple[object, Any]:
    """Make the field of a state's figure: a number, or a mapping with a source."""

    def check(figure: Figure) -> Figure:
        if not spec.range.contains(figure.value):
            raise custom_error(
                "is outside the allowed range", value=figure.value, allowed=str(spec.range)
            )
        return figure

    number = dict(spec.range.json_schema())
    about = {"description": f"{spec.meaning} Unit: {spec.unit}. Allowed: {spec.range}."}
    mapping = Figure.model_json_schema()
    mapping["properties"]["value"] = number
    schema = WithJsonSchema(about | {"anyOf": [number, mapping]})
    kind = Annotated[Figure, BeforeValidator(_as_figure), AfterValidator(check), schema]
    return kind, ... if spec.default is None else Figure(value=spec.default)


class StateBase(Section):
    """What a state has besides its figures."""

    noun: ClassVar[str] = "figure of a state"

    name: Text | None = Field(default=None, description="Name in words; the code if not given.")
    stream: StateCode | None = Field(
        default=None,
        description="Identity of the state's random streams; the code if not given.",
    )

    def figure(self, name: str) -> Figure:
        """Look a figure up.

        Parameters
        ----------
        name : str
            A name of the catalogue.

        Returns
        -------
        Figure
            With its source.
        """
        found: Figure = getattr(self, name)
        return found

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """List all figures.

        Yields
        ------
        tuple of (str, Figure)
            In the order of the catalogue.
        """
        for spec in STATE_FIGURES:
            yield spec.name, self.figure(spec.name)


def _choice_field(option: Option) -> tuple[object, Any]:
    """Make the field of a structural option; numbers may be written without quotes."""

    def as_text(given: object) -> object:
        return str(given) if isinstance(given, int) and not isinstance(given, bool) else given

    def check(choice: str) -> str:
        if choice not in option.choices:
            raise custom_error(
                "is not one of the choices",
                value=choice,
                allowed=", ".join(option.choices),
                hint=suggestion(choice, option.choices),
            )
        return choice

    numbers = [int(choice) for choice in option.choices if choice.isdigit()]
    schema = {
        "description": option.meaning,
        "enum": [*option.choices, *numbers],
        "default": option.default,
    }
    kind = Annotated[str, BeforeValidator(as_text), AfterValidator(check), WithJsonSchema(schema)]
    return kind, option.default


def _parameter_field(param: Param) -> tuple[object, Any]:
    """Make the field of a parameter."""
    about = f"{param.meaning} Unit: {param.unit}. {param.provenance.capitalize()}: {param.source}"
    kind = number_in(Range(param.low, param.high))
    return kind, Field(default=float(param.default), description=about)


def _made(name: str, doc: str, base: type[S], fields: Mapping[str, tuple[object, Any]]) -> type[S]:
    """Make a model from a table of fields, findable by pickle under its name."""
    made: type[S] = create_model(name, __base__=base, __module__=__name__, __doc__=doc, **fields)  # type: ignore[call-overload]
    return made


class OptionsBase(Section):
    """Base of the structural options."""

    noun: ClassVar[str] = "option"


class ParametersBase(Section):
    """Base of the parameters."""

    noun: ClassVar[str] = "parameter"


State = _made(
    "State",
    "A state and its figures.",
    StateBase,
    {f.name: _figure_field(f) for f in STATE_FIGURES},
)
Options = _made(
    "Options", "Structural options.", OptionsBase, {o.name: _choice_field(o) for o in Option}
)
Parameters = _made(
    "Parameters",
    "Parameters that differ from their default.",
    ParametersBase,
    {p.name: _parameter_field(p) for p in Param},
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
