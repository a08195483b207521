"""The register of all policies; a shipped one is added by a line here."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from regional_sim.errors import ABSENT, InputError, suggestion
from regional_sim.postures.named import (
    Adaptive,
    DiplomaticFirst,
    EconomicFirst,
    Incremental,
    Levels,
    MilitaryFirst,
    NewApproach,
    Reactive,
    Reassurance,
    Scheduled,
    Traditional,
)
from regional_sim.postures.policy import Policy

POLICIES: dict[str, type[Policy]] = {
    policy.name: policy
    for policy in (
        Traditional,
        Incremental,
        NewApproach,
        MilitaryFirst,
        EconomicFirst,
        DiplomaticFirst,
        Reassurance,
        Reactive,
        Levels,
        Scheduled,
        Adaptive,
    )
}
"""Every policy by its name."""

_TEXTS: Final = ("name", "rule", "reference")


def register(policy: type[Policy]) -> type[Policy]:
    """Add a policy of your own to the register; usable as a class decorator.

    Parameters
    ----------
    policy : type of Policy
        A frozen dataclass with ``name``, ``rule`` and ``reference``.

    Returns
    -------
    type of Policy
        The same class.

    Raises
    ------
    InputError
        If it is no policy, does not say its name, rule or reference, or another one has its name.
    """
    given: object = policy
    if not (isinstance(given, type) and issubclass(given, Policy)):
        raise InputError("is no subclass of regional_sim.Policy", key="register", value=given)
    for text in _TEXTS:
        if not isinstance(getattr(policy, text, None), str):
            raise InputError("a policy says this in a text", key=f"{policy.__name__}.{text}")
    present = POLICIES.get(policy.name)
    if present is not None and present is not policy:
        hint = f"that one is of {_place_of(present)}; choose another name"
        raise InputError("another policy has this name", key=policy.name, hint=hint)
    POLICIES[policy.name] = policy
    return policy


def _place_of(policy: type[Policy]) -> str:
    """Say where a policy comes from: the package, or a file."""
    if policy.__module__.startswith(f"{__package__}."):
        return "the package"
    file = getattr(sys.modules.get(policy.__module__), "__file__", None)
    return policy.__module__ if file is None else Path(file).name


def policy_names() -> list[str]:
    """Return the names of all policies in the order of the register.

    Returns
    -------
    list of str
        Names, ``traditional`` first.
    """
    return list(POLICIES)


def create(name: str, settings: Mapping[str, object] | None = None) -> Policy:
    """Return a policy by its name, with values for some of its fields.

    >>> create("levels", {"joint_patrols": 0.8}).joint_patrols
    0.8
    """
    if name not in POLICIES:
        raise InputError(
            "unknown policy",
            key="posture",
            value=name,
            allowed=", ".join(POLICIES),
            hint=suggestion(name, POLICIES) or "for one of your own add --import FILE.py",
        )
    known = [field.name for field in dataclasses.fields(POLICIES[name])]
    for key in settings or {}:
        if key not in known:
            raise InputError(
                "unknown setting of this policy",
                key=f"posture {name}: {key}",
                allowed=", ".join(known) or "none",
                hint=suggestion(key, known),
            )
    with refusals_told(name, f"posture {name}", settings or ABSENT):
        return POLICIES[name](**(settings or {}))


@contextmanager
def refusals_told(policy: str, key: str, value: object) -> Iterator[None]:
    """Turn whatever the code of a policy raises while one is made into a message."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        what = f"policy {policy} refuses this: {error}"
        raise InputError(what, key=key, value=value) from None
