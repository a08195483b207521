"""The sections of a scenario file as frozen models that forbid unknown keys, and its JSON Schema.

Figures, parameters and options are declared in :mod:`regional_sim.scenario.figures`,
:mod:`regional_sim.model.parameters` and :mod:`regional_sim.model.options`; the models here are
made from those tables.  Longer than others because every section is made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    Strict,
    StringConstraints,
    TypeAdapter,
    WithJsonSchema,
    create_model,
    model_validator,
)

from regional_sim.errors import suggestion
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.scenario.figures import (
    DYAD_FIGURES,
    FIXED_FIGURES,
    STATE_FIGURES,
    DyadFigure,
    Range,
    StateFigure,
)
from regional_sim.scenario.messages import Section, custom_error

SCENARIO_FORMAT: Final = 1
"""Version of the file format that this package reads and writes."""

MAX_MONTHS: Final = 1200
RESERVED_WINDOW: Final = "whole"
"""Name of the built-in window of all months after the onset of the posture."""

MIN_STATES: Final = 2
MAX_STATES: Final = 60

_CODE: Final = r"^[A-Za-z][A-Za-z0-9_]{1,11}$"
_CODE_IN_WORDS: Final = "2 to 12 letters, digits or underscores, beginning with a letter"
_MONTH_KEY: Final = r"^[1-9][0-9]{0,3}$"
_IDENTIFIER: Final = r"^[a-z][a-z0-9_]*$"
_IDENTIFIER_IN_WORDS: Final = "lower-case letters, digits and underscores, beginning with a letter"

S = TypeVar("S", bound=Section)


def _matching(pattern: str, in_words: str) -> AfterValidator:
    """Check that a text matches a pattern."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise custom_error("is not a valid name", value=text, allowed=in_words)
        return text

    return AfterValidator(check)


Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Prose: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True)]
StateCode: TypeAlias = Annotated[
    str, _matching(_CODE, _CODE_IN_WORDS), WithJsonSchema({"type": "string", "pattern": _CODE})
]
Identifier: TypeAlias = Annotated[
    str,
    _matching(_IDENTIFIER, _IDENTIFIER_IN_WORDS),
    WithJsonSchema({"type": "string", "pattern": _IDENTIFIER}),
]
_StateCodes: TypeAlias = Annotated[tuple[StateCode, ...], Strict(False)]
_Year: TypeAlias = Annotated[int, Field(ge=1800, le=2100)]
_Provenance: TypeAlias = Literal["empirical", "theoretical", "stipulated", "user"]
_Month: TypeAlias = Annotated[int, Field(ge=1)]


def _number_in(allowed: Range) -> Any:
    """Make the type of a number from its range."""

    def check(value: float) -> float:
        if not allowed.contains(value):
            raise custom_error("is outside the allowed range", allowed=str(allowed))
        return value

    return Annotated[float, AfterValidator(check), WithJsonSchema(dict(allowed.json_schema()))]


class Horizon(Section):
    """Months simulated before and after the onset of the posture, and a run-in before all."""

    run_in: Annotated[int, Field(ge=0)] = Field(
        default=24, description="Months before the first one, in no table: rungs and errors settle."
    )
    months_before: Annotated[int, Field(ge=0)] = 24
    months_after: Annotated[int, Field(ge=1)] = 96

    @model_validator(mode="after")
    def _bounded(self) -> Horizon:
        total = self.run_in + self.months_before + self.months_after
        if total > MAX_MONTHS:
            raise custom_error(
                "run_in, months_before and months_after are too long together",
                value=total,
                allowed=f"at most {MAX_MONTHS} months",
            )
        return self


def _check_order(window: tuple[int, int]) -> tuple[int, int]:
    if window[0] > window[1]:
        raise custom_error("ends before it begins", value=list(window))
    return window


_Window: TypeAlias = Annotated[tuple[_Month, _Month], Strict(False), AfterValidator(_check_order)]


class Roles(Section):
    """Who plays which part, so that nothing is special in the code."""

    noun: ClassVar[str] = "role"

    sender: StateCode
    partner: StateCode | None = None
    challenger: StateCode
    patron: StateCode | None = None
    ally: StateCode | None = None
    rival: StateCode | None = Field(
        default=None, description="The ally's rival, which binds forces of the patron."
    )


class Groups(Section):
    """Lists of states that are looked at together."""

    noun: ClassVar[str] = "group"

    hedgers: _StateCodes = ()
    allies: _StateCodes = ()
    middle_powers: _StateCodes = ()


class Source(Section):
    """A work that figures are taken from."""

    citation: Text
    provenance: Literal["empirical", "theoretical", "stipulated"] = "empirical"
    url: Text | None = None
    note: Prose | None = None


class Figure(Section):
    """A number with where it comes from."""

    value: float
    year: _Year | None = None
    source: Text | None = Field(default=None, description="A key of sources.")
    provenance: _Provenance | None = None
    note: Prose | None = None

    def plain(self) -> float | dict[str, object]:
        """Write the figure as a file has it: a bare number where nothing else is known."""
        given = {name: text for name, text in self if text is not None}
        return self.value if len(given) == 1 else given


class StateBase(Section):
    """What a state has besides its figures."""

    noun: ClassVar[str] = "figure of a state"

    name: Text | None = Field(default=None, description="Name in words; the code if not given.")
    stream: StateCode | None = Field(
        default=None,
        description="Identity of the state's random streams; the code if not given.",
    )

    def figure(self, name: str) -> Figure:
        """Look up a figure by its name in the catalogue."""
        found: Figure = getattr(self, name)
        return found

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """List names and figures, in the order of the catalogue."""
        for spec in STATE_FIGURES:
            yield spec.name, self.figure(spec.name)


def _as_figure(given: object) -> object:
    """Let a bare number stand for a figure."""
    return given if isinstance(given, Mapping | Figure) else {"value": given}


def _figure_kind(spec: StateFigure | DyadFigure) -> Any:
    """Make the type of a figure with its range: a number, or a mapping with a source."""

    def check(figure: Figure) -> Figure:
        if not spec.range.contains(figure.value):
            raise custom_error(
                "is outside the allowed range", value=figure.value, allowed=str(spec.range)
            )
        return figure

    number = dict(spec.range.json_schema())
    mapping = Figure.model_json_schema()
    mapping["properties"]["value"] = number
    about = f"{spec.meaning} Unit: {spec.unit}. Allowed: {spec.range}."
    schema = WithJsonSchema({"description": about, "anyOf": [number, mapping]})
    return Annotated[Figure, BeforeValidator(_as_figure), AfterValidator(check), schema]


def _figure_field(spec: StateFigure) -> tuple[object, Any]:
    """Make the field of a state's figure."""
    return _figure_kind(spec), ... if spec.default is None else Figure(value=spec.default)


def _check_path_month(text: str) -> str:
    """Check the month of a point, which is a key and so a text."""
    if text == "0":
        what = "month 0 has the figure of the scenario itself, so a path begins after it"
        raise custom_error(what, value=text, hint="set the figure under states or dyads")
    if re.fullmatch(_MONTH_KEY, text) is None or int(text) > MAX_MONTHS:
        allowed = f"a whole number from 1 to {MAX_MONTHS}, counted from the start of the run"
        raise custom_error("is not a month", value=text, allowed=allowed)
    return text


_PathMonth: TypeAlias = Annotated[
    str,
    AfterValidator(_check_path_month),
    WithJsonSchema({"type": "string", "pattern": _MONTH_KEY}),
]


def _refused_path(reason: str) -> Any:
    """Make the type of a path that cannot be given."""

    def refuse(_: object) -> None:
        raise custom_error(f"this figure can have no path: {reason}")

    return Annotated[None, BeforeValidator(refuse), WithJsonSchema({"not": {}})]


def _path_field(spec: StateFigure | DyadFigure) -> tuple[object, Any]:
    """Make the field of a figure's path: its values by month."""
    if spec.name in FIXED_FIGURES:
        return _refused_path(FIXED_FIGURES[spec.name]), None
    point: Any = _figure_kind(spec)
    return dict[_PathMonth, point | None] | None, None


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
    kind = _number_in(Range(param.low, param.high))
    return kind, Field(default=float(param.default), description=about)


class DyadForm(Section):
    """What every dyad quantity may say of itself; :data:`DYAD_FORM` adds the values."""

    noun: ClassVar[str] = "key of a dyad quantity"

    year: _Year | None = None
    source: Text | None = Field(default=None, description="A key of sources.")
    provenance: _Provenance | None = None
    note: Prose | None = None
    states: list[StateCode] | None = Field(
        default=None, description="Order of the rows and columns of the matrix."
    )

    def about(self) -> dict[str, object]:
        """Collect year, source, provenance and note, as far as given."""
        names = ("year", "source", "provenance", "note")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


def _dyad_form(spec: DyadFigure) -> type[DyadForm]:
    """Make the model of a dyad quantity, with its range."""
    # The diagonal of a matrix is 0 whatever the range, so matrices are checked cell by cell later.
    entry: Any = str | None if spec.holds_state else float | None
    value: Any = StateCode | None if spec.holds_state else _number_in(spec.range)
    keys = "A:B is A toward B, A-B both ways" if spec.directed else "A-B"
    about = f"{spec.meaning} Unit: {spec.unit}."
    fields: dict[str, tuple[object, Any]] = {
        "matrix": (
            list[list[entry]] | None,
            Field(default=None, description="Rows toward columns, 0 on the diagonal."),
        ),
        "pairs": (
            dict[str, value] | None,
            Field(default=None, description=f"Single pairs, over the matrix; {keys}."),
        ),
    }
    if not spec.holds_state:
        about += f" Allowed: {spec.range}."
        default = Field(default=None, description="For the pairs given neither way.")
        fields["default"] = (value | None, default)
    return _made(f"Dyad_{spec.name}", about, DyadForm, fields)


def _made(
    name: str,
    doc: str,
    base: type[S],
    fields: Mapping[str, tuple[object, Any]],
    noun: str | None = None,
) -> type[S]:
    """Make a model from a table of fields, findable by pickle under its name."""
    made: type[S] = create_model(name, __base__=base, __module__=__name__, __doc__=doc, **fields)  # type: ignore[call-overload]
    made.noun = noun or base.noun
    return made


State = _made(
    "State",
    "A state and its figures.",
    StateBase,
    {f.name: _figure_field(f) for f in STATE_FIGURES},
)
_options = {option.name: _choice_field(option) for option in Option}
Options = _made("Options", "Structural options.", Section, _options, "option")
_parameters = {param.name: _parameter_field(param) for param in Param}
Parameters = _made(
    "Parameters", "Parameters that differ from their default.", Section, _parameters, "parameter"
)
DYAD_FORM: Final = {spec.name: _dyad_form(spec) for spec in DYAD_FIGURES}

StatePaths = _made(
    "StatePaths",
    "Points of the figures of a state, by month.",
    Section,
    {f.name: _path_field(f) for f in STATE_FIGURES},
    StateBase.noun,
)
PairPaths = _made(
    "PairPaths",
    "Points of the quantities of a pair, by month.",
    Section,
    {f.name: _path_field(f) for f in DYAD_FIGURES},
    "dyad quantity",
)

PATHS: Final = "paths"
"""Key of the section of paths."""

_paths_schema = {
    "type": "object",
    "description": "Figures that move: values by month of the run, linear in between.",
    "patternProperties": {
        _CODE: StatePaths.model_json_schema(),
        r"^[^:-]+[:-][^:-]+$": PairPaths.model_json_schema(),
    },
    "additionalProperties": False,
}

SECTIONS: Final[dict[str, Any]] = {
    "title": Prose,
    "description": Prose,
    "horizon": Horizon,
    "windows": dict[Identifier, _Window | None],
    "roles": Roles,
    "groups": Groups,
    "options": Options,
    "parameters": Parameters,
    "sources": dict[Identifier, Source],
    "states": Annotated[
        dict[StateCode, State],  # type: ignore[valid-type]
        Field(min_length=MIN_STATES, max_length=MAX_STATES),
    ],
    # What stands under each state or pair is read by scenario.paths, which knows the states.
    PATHS: Annotated[dict[str, Any], WithJsonSchema(_paths_schema)],
}
"""Type of every section but ``format`` and ``dyads``, which are checked file by file."""

DYADS: Final = "dyads"
"""Key of the section of dyads."""

DEFAULTS: Final[dict[str, Any]] = {"title": "", "description": ""}
"""Sections that are no mapping, and what stands for them when they are absent."""

ADAPTERS: Final[dict[str, TypeAdapter[Any]]] = {
    name: TypeAdapter(kind) for name, kind in SECTIONS.items()
}

_Dyads = _made(
    "Dyads",
    "Quantities of pairs of states.",
    Section,
    {name: (form | None, None) for name, form in DYAD_FORM.items()},
)

ScenarioFile = _made(
    "ScenarioFile",
    "A world: states, dyads, roles, horizon, parameters and options.",
    Section,
    {
        "format": (Literal[1], SCENARIO_FORMAT),
        "extends": (
            Text | None,
            Field(default=None, description="File, or shipped scenario, that this one changes."),
        ),
        "overrides": (
            list[Text] | None,
            Field(default=None, description="Overlays laid over the base, weaker than this file."),
        ),
        **{name: (kind | None, None) for name, kind in SECTIONS.items()},
        DYADS: (_Dyads | None, None),
    },
)


def json_schema() -> dict[str, Any]:
    """Make the JSON Schema (draft 2020-12) of the file, for editors.

    It requires no section, because a file that extends another need not have them; whether the
    whole is complete is checked when it is loaded.

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
