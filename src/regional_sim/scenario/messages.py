"""From pydantic's errors to messages with file, line, key, value, what is allowed, and a hint.

The one place where that happens: every model built on :class:`Section`, of a scenario or of an
experiment, gets its messages here.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence, Sized
from types import UnionType
from typing import Any, ClassVar, Final, Union

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from regional_sim.errors import ABSENT, MAX_FAULTS_KEPT, Fault, InputError, suggestion
from regional_sim.scenario.yaml import KeyPath, Positions


class Section(BaseModel):
    """Base of every validated piece of a file: frozen, strict, no unknown keys, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    noun: ClassVar[str] = "key"
    """What a key of this section is called in messages."""


def custom_error(
    what: str, *, value: object = ABSENT, allowed: str | None = None, hint: str | None = None
) -> PydanticCustomError:
    """Make the error that a validator raises, with the fields of :class:`Fault`.

    `value` is given where the offending value is not the one that pydantic hands in.
    """
    # The text travels in the context: in a template its braces would have a meaning.
    context = {"what": what, "value": value, "allowed": allowed, "hint": hint}
    return PydanticCustomError("rule", "{what}", context)


def input_error(
    error: ValidationError, data: object, positions: Positions, model: object
) -> InputError:
    """Turn the error that `model` raised on `data` into the package's own."""
    return InputError.of(faults_of(error, data, positions, model))


def faults_of(
    error: ValidationError,
    data: object,
    positions: Positions,
    model: object,
    prefix: KeyPath = (),
) -> list[Fault]:
    """List the faults of a pydantic error, as many as are kept, in pydantic's order.

    Parameters
    ----------
    error : ValidationError
        As raised by `model` on `data`.
    data : object
        The plain data that was validated.
    positions : Positions
        Of the document that holds the data.
    model : type
        The model, or any type annotation built of models, for the names of allowed keys.
    prefix : tuple
        Path of `data` in the document.
    """
    details = error.errors(include_url=False)[:MAX_FAULTS_KEPT]
    return [_fault(detail, data, positions, model, prefix) for detail in details]


def _fault(
    detail: ErrorDetails, data: object, positions: Positions, model: object, prefix: KeyPath
) -> Fault:
    """Translate one error."""
    kind, loc = detail["type"], detail["loc"]
    path = _existing_path(loc, data)
    full = (*prefix, *path)
    if kind == "missing":
        key = loc[-1]
        if isinstance(key, int):
            return positions.fault(f"item {key + 1} of this list is missing", full)
        return positions.missing(full, key)
    if kind == "extra_forbidden":
        noun, known = _names_at(model, path[:-1])
        return positions.unknown_key(noun, full, known)
    context: Mapping[str, Any] = detail.get("ctx", {})
    value = context.get("value", ABSENT)
    if value is ABSENT and not isinstance(detail["input"], Mapping | list):
        value = detail["input"]
    return positions.fault(
        _message(detail, context),
        full,
        value,
        at_key=bool(loc) and loc[-1] == "[key]",
        allowed=_allowed(kind, context),
        hint=context.get("hint") or _closest_choice(detail["input"], context),
    )


def _existing_path(loc: Sequence[str | int], data: object) -> KeyPath:
    """Reduce pydantic's location to the keys and indices that exist in the data.

    Pydantic also names union members, validators and keys that a before-validator made up (the
    ``value`` of a bare figure).
    """
    path: list[str | int] = []
    for part in loc:
        if _holds(data, part):
            path.append(part)
            data = data[part]  # type: ignore[index]
    return tuple(path)


def _holds(data: object, part: str | int) -> bool:
    """Tell whether a mapping has a key, or a list an index."""
    if isinstance(data, Mapping):
        return part in data
    return isinstance(data, list | tuple) and isinstance(part, int) and part < len(data)


_NOT_A_MAPPING: Final = "must be a mapping (lines of key: value)"
_MESSAGES: Final[dict[str, str]] = {
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "model_type": _NOT_A_MAPPING,
    "model_attributes_type": _NOT_A_MAPPING,
    "dict_type": _NOT_A_MAPPING,
    "mapping_type": _NOT_A_MAPPING,
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "literal_error": "is not one of the choices",
    "enum": "is not one of the choices",
    "union_tag_invalid": "is not one of the kinds",
    "string_too_short": "must not be empty",
}
_BOUNDS: Final[dict[str, str]] = {
    "greater_than": "above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "below {lt}",
    "less_than_equal": "at most {le}",
}
_ITEMS: Final[dict[str, str]] = {
    "too_short": "needs at least {min_length} entries",
    "too_long": "takes at most {max_length} entries",
}


def _message(detail: ErrorDetails, context: Mapping[str, Any]) -> str:
    """Say what is wrong."""
    kind, given = detail["type"], detail["input"]
    if kind in _BOUNDS:
        return "is outside the allowed range"
    if kind in _ITEMS:
        has = len(given) if isinstance(given, Sized) else context["actual_length"]
        return f"{_ITEMS[kind].format(**context)}, has {has}"
    known = context.get("what") or _MESSAGES.get(kind)
    return known or detail["msg"].removeprefix("Value error, ").removeprefix("Input ")


def _allowed(kind: str, context: Mapping[str, Any]) -> str | None:
    """Say what would have been accepted."""
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**context)
    return context.get("allowed") or context.get("expected") or context.get("expected_tags")


def _closest_choice(given: object, context: Mapping[str, Any]) -> str | None:
    """Suggest one of the choices of a literal, which pydantic lists as ``'a', 'b' or 'c'``."""
    if "expected" not in context:
        return None
    choices = str(context["expected"]).replace(" or ", ", ").replace("'", "")
    return suggestion(given, choices.split(", "))


def _names_at(model: object, path: KeyPath) -> tuple[str, list[str]]:
    """Find what keys are called, and which there are, in the section at a path."""
    members = _members(model)
    for part in path:
        members = [inner for member in members for inner in _inside(member, part)]
    models = [m for m in members if isinstance(m, type) and issubclass(m, BaseModel)]
    nouns = [found.noun for found in models if issubclass(found, Section)]
    fields = [item for found in models for item in found.model_fields.items()]
    return nouns[0] if nouns else "key", [field.alias or name for name, field in fields]


def _inside(member: object, part: str | int) -> list[object]:
    """Step from a container's type to the types it may hold under a key or index."""
    if isinstance(member, type) and issubclass(member, BaseModel):
        field = member.model_fields.get(str(part))
        return [] if field is None else _members(field.annotation)
    arguments = [argument for argument in typing.get_args(member) if argument is not Ellipsis]
    return _members(arguments[-1]) if arguments else []


def _members(annotation: object) -> list[object]:
    """Take an annotation apart at ``|`` and strip ``Annotated``."""
    arguments = typing.get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        return _members(arguments[0])
    if typing.get_origin(annotation) in (Union, UnionType):
        return [member for argument in arguments for member in _members(argument)]
    return [annotation]
