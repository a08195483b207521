"""What must hold of a ``plan.json`` before its plan can be made again; every fault by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from regional_sim.errors import Fault, InputError, suggestion
from regional_sim.experiment.versions import PACKAGE, package_version
from regional_sim.postures import policy_names

PLAN_FORMAT: Final = 1
"""Version of the form of ``plan.json``."""

_NEEDED: Final[Mapping[str, type]] = {
    "format": int,
    "versions": Mapping,
    "engine": str,
    "tables": list,
    "settings": Mapping,
    "experiment": Mapping,
    "scenario_digests": list,
}
"""What a plan is made of again, and the type of each."""


def check_form(mapping: Mapping[str, Any], origin: str) -> None:
    """Refuse what has not the form of a plan, or names policies that are not there.

    Parameters
    ----------
    mapping : mapping
        What the file holds.
    origin : str
        What messages name as its place.

    Raises
    ------
    InputError
        With all faults.
    """
    form = mapping.get("format")
    if isinstance(form, int) and form > PLAN_FORMAT:
        what = f"this plan has format {form}, newer than this version of {PACKAGE} can read"
        raise InputError(what, where=origin, allowed=f"up to {PLAN_FORMAT}", hint=_made_by(mapping))
    faults = [
        Fault("is missing, or no value of its kind", origin, key)
        for key, kind in _NEEDED.items()
        if not isinstance(mapping.get(key), kind)
    ]
    faults = faults or list(_unknown_policies(mapping["experiment"], origin))
    if faults:
        raise InputError.of(faults)


def under_other_version(mapping: Mapping[str, Any], error: InputError, origin: str) -> InputError:
    """Put before the faults of a plan that another version made it, where one did.

    Parameters
    ----------
    mapping : mapping
        What the file holds.
    error : InputError
        Raised while its experiment was made.
    origin : str
        What messages name as the file's place.

    Returns
    -------
    InputError
        To be raised.
    """
    made_by = _made_by(mapping)
    if made_by is None:
        return error
    first = Fault("this version cannot make the plan again", origin, hint=made_by)
    return InputError.of([first, *error.faults])


def check_worlds(mapping: Mapping[str, Any], digests: Sequence[str], origin: str) -> None:
    """Refuse a plan whose worlds are not those that were run.

    Parameters
    ----------
    mapping : mapping
        What the file holds.
    digests : sequence of str
        Of the world of each point, as they come out here.
    origin : str
        What messages name as the file's place.

    Raises
    ------
    InputError
        Where some world comes out differently.
    """
    recorded = mapping["scenario_digests"]
    if recorded == list(digests):
        return
    pairs = zip(recorded, digests, strict=False)
    changed = [point for point, (there, here) in enumerate(pairs) if there != here]
    some = f": {len(changed)} of {len(digests)}, the first at point {changed[0]}" if changed else ""
    raise InputError(
        f"the worlds of this plan come out differently here{some}",
        where=origin,
        key="scenario_digests",
        hint=_made_by(mapping) or "the plan was changed by hand, or the program was",
    )


def _unknown_policies(experiment: Mapping[str, Any], origin: str) -> Iterator[Fault]:
    """Find policies that are not registered here; what has no name is found where it is read."""
    known = policy_names()
    entries = experiment.get("postures")
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        name = entry.get("policy") if isinstance(entry, Mapping) else None
        if isinstance(name, str) and name not in known:
            yield Fault(
                "this policy is not registered here",
                where=origin,
                key=f"postures[{index}].policy",
                value=name,
                hint=suggestion(name, known)
                or f"import the module that registers it, then call {PACKAGE}.reproduce",
            )


def _made_by(mapping: Mapping[str, Any]) -> str | None:
    """Name the version that made a plan; None where it is this one, or is not told."""
    versions = mapping.get("versions")
    made_by = versions.get(PACKAGE) if isinstance(versions, Mapping) else None
    here = package_version()
    return None if made_by in {None, here} else f"made by {PACKAGE} {made_by}, this is {here}"
