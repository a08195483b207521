"""The register of all policies; a shipped one is added by a line here."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from regional_sim.errors import InputError, suggestion
from regional_sim.postures.named import (
    DiplomaticFirst,
    EconomicFirst,
    Incremental,
    Levels,
    MilitaryFirst,
    NewApproach,
    Reactive,
    Reassurance,
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
    )
}
"""Every policy by its name."""


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
        If another policy has this name.
    """
    present = POLICIES.get(policy.name)
    if present is not None and present is not policy:
        raise InputError("another policy has this name", key=policy.name)
    POLICIES[policy.name] = policy
    return policy


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
            hint=suggestion(name, POLICIES),
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
    return POLICIES[name](**(settings or {}))
