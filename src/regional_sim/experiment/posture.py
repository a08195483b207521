"""Postures of an experiment: a policy with its settings, under a label of its own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from regional_sim.errors import Fault, InputError, suggestion
from regional_sim.postures import Policy, create
from regional_sim.postures.registry import refusals_told
from regional_sim.scenario.values import plain_data
from regional_sim.scenario.yaml import yaml_value

FACTOR_PREFIX: Final = "posture."
"""Factors of this prefix set a policy's field, not the scenario."""

_OUTER_COMMA: Final = re.compile(r",(?![^{}]*\})")
"""A comma that does not stand within braces, as those between the points of a schedule do."""

_LABEL: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
LABEL_FORM: Final = "letters, digits, '_', '.' and '-', beginning with a letter"

NO_LABELS: Final = frozenset({"na", "nan", "null", "none", "true", "false", "inf", "infinity"})
"""Labels, in small letters, that pandas, R or a spreadsheet read as no text."""

PostureLike: TypeAlias = "str | Mapping[str, object] | Policy | Posture"
"""What may stand for a posture in Python: a name, ``levels:joint_patrols=0.8,label=patrols``, a
mapping as in a file, or a policy."""


@dataclass(frozen=True)
class Posture:
    """A policy under a label, which is its name in tables and unique in an experiment."""

    label: str
    policy: Policy

    def fields(self) -> tuple[str, ...]:
        """Name the policy's own settings."""
        return tuple(field.name for field in dataclasses.fields(self.policy))

    def with_settings(self, settings: Mapping[str, object]) -> Posture:
        """Set those fields that the policy has; the others are for other postures."""
        mine = {name: value for name, value in settings.items() if name in self.fields()}
        with refusals_told(self.policy.name, f"posture {self.label}", mine):
            return Posture(self.label, dataclasses.replace(self.policy, **mine))

    def plain(self) -> dict[str, Any]:
        """Write the posture as a file has it: fields at their default are left out."""
        own = {
            field.name: plain_data(getattr(self.policy, field.name))
            for field in dataclasses.fields(self.policy)
            if getattr(self.policy, field.name) != field.default
        }
        return {"policy": self.policy.name, "label": self.label, **own}

    def has_good_label(self) -> bool:
        """Tell whether the label can stand in tables and file names."""
        return _LABEL.fullmatch(self.label) is not None


def field_fault(name: str, postures: Iterable[Posture]) -> Fault | None:
    """Say that no posture has a setting of this name; None where one has it."""
    known = sorted({field for posture in postures for field in posture.fields()})
    if name in known:
        return None
    hint = suggestion(name, known) or "add a posture of policy levels"
    return Fault("no posture has this setting", key=f"{FACTOR_PREFIX}{name}", hint=hint)


def posture_of(given: PostureLike) -> Posture:
    """Make a posture of whatever stands for one; without a label, it has the policy's name.

    Raises InputError where there is no such policy or setting, or the text has another form.

    Examples
    --------
    >>> posture_of("levels:joint_patrols=0.8,label=patrols").plain()
    {'policy': 'levels', 'label': 'patrols', 'joint_patrols': 0.8}
    >>> posture_of("traditional").label
    'traditional'
    """
    match given:
        case Posture():
            return given
        case Policy():
            return Posture(given.name, given)
        case str():
            return _of_mapping(_parsed(given))
        case Mapping():
            return _of_mapping(given)
    raise InputError(
        "cannot be read as a posture",
        key="posture",
        value=given,
        allowed="a name, policy:setting=value, a mapping with a policy, or a policy",
    )


def _of_mapping(entry: Mapping[str, object]) -> Posture:
    name, label = entry.get("policy"), entry.get("label")
    if not isinstance(name, str):
        raise InputError("a posture names its policy", key="posture", value=dict(entry))
    settings = {
        key: plain_data(value) for key, value in entry.items() if key not in {"policy", "label"}
    }
    return Posture(name if label is None else str(label), create(name, settings))


def _parsed(text: str) -> dict[str, object]:
    """Read a posture as it is written on the command line."""
    name, colon, rest = text.partition(":")
    entry: dict[str, object] = {"policy": name.strip()}
    for part in _OUTER_COMMA.split(rest) if colon else ():
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not (key and equals and value):
            raise InputError(
                "a posture is written policy:setting=value,setting=value",
                where=f"posture {text}",
                value=part,
            )
        entry[key] = value if key == "label" else yaml_value(value, f"posture {text}")
    return entry
