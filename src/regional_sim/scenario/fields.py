"""The kinds of values that a file holds, for validation and for the JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field, Strict, StringConstraints, WithJsonSchema

from regional_sim.scenario.faults import custom_error
from regional_sim.scenario.ranges import Range

_CODE: Final = r"^[A-Za-z][A-Za-z0-9_]{1,11}$"
_IDENTIFIER: Final = r"^[a-z][a-z0-9_]*$"


def _matching(pattern: str, allowed: str) -> Callable[[str], str]:
    """Make a validator of text whose message says in words what the pattern asks for."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise custom_error("is not a valid name", value=text, allowed=allowed)
        return text

    return check


Text: TypeAlias = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Prose: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True)]
Year: TypeAlias = Annotated[int, Field(ge=1800, le=2100)]
StateCode: TypeAlias = Annotated[
    str,
    AfterValidator(
        _matching(_CODE, "2 to 12 letters, digits or underscores, beginning with a letter")
    ),
    WithJsonSchema({"type": "string", "pattern": _CODE}),
]
Identifier: TypeAlias = Annotated[
    str,
    AfterValidator(
        _matching(
            _IDENTIFIER, "lower-case letters, digits and underscores, beginning with a letter"
        )
    ),
    WithJsonSchema({"type": "string", "pattern": _IDENTIFIER}),
]
Codes: TypeAlias = Annotated[tuple[StateCode, ...], Strict(False)]
Provenance: TypeAlias = Literal["empirical", "theoretical", "stipulated", "user"]


def number_in(allowed: Range) -> object:
    """Annotate a number with its range, for validation and for the JSON Schema.

    Parameters
    ----------
    allowed : Range
        The values it may take.

    Returns
    -------
    object
        A type annotation.
    """

    def check(value: float) -> float:
        if not allowed.contains(value):
            raise custom_error("is outside the allowed range", allowed=str(allowed))
        return value

    return Annotated[float, AfterValidator(check), WithJsonSchema(dict(allowed.json_schema()))]
