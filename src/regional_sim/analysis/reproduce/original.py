"""A result that is to be run again: is its folder whole, and what is not the same here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from regional_sim.errors import InputError
from regional_sim.experiment.plan import Plan
from regional_sim.results.folder import MANIFEST, PLAN
from regional_sim.results.load import load_results
from regional_sim.results.manifest import MANIFEST_FORMAT, checkout, machine
from regional_sim.scenario import digest_of

_COMMIT_DIGITS: Final = 12


@dataclass(frozen=True)
class Original:
    """A result that can be run again.

    Attributes
    ----------
    folder : Path
        The result folder.
    manifest : dict
        What its manifest holds.
    recorded_versions : dict of str
        Versions of what made its numbers.
    plan : Plan
        Its plan, made again, with the versions here.
    versions : dict
        Versions that are not the same here: name to the one there and the one here.
    platform : dict
        What else is not the same here: host, system, machine, commit.
    """

    folder: Path
    manifest: Mapping[str, Any]
    recorded_versions: Mapping[str, str]
    plan: Plan
    versions: Mapping[str, tuple[str, str]]
    platform: Mapping[str, tuple[str, str]]


def original_of(folder: str | Path) -> Original:
    """Open a result in order to run it again.

    Parameters
    ----------
    folder : str or Path
        The result folder.

    Returns
    -------
    Original
        Its plan, and how its surroundings differ from those here.

    Raises
    ------
    InputError
        When it holds no finished result, or its plan was altered or cannot be made again here.
    """
    results = load_results(folder, verify=False)
    path, written, manifest = Path(folder), results.plan, results.manifest
    _check_manifest(manifest, str(path / MANIFEST))
    if manifest.get("partial"):
        what = "this result holds only some of the runs of its plan, so nothing can match it"
        raise InputError(what, where=str(path), hint="finish the sweep, and reproduce that")
    if _digest(written) != manifest["plan"]:
        what = f"{PLAN} was altered after the run: it has not the digest that {MANIFEST} recorded"
        raise InputError(what, where=str(path), hint="get an unaltered copy of the folder")
    plan = Plan.from_mapping(written, origin=str(path / PLAN))
    versions = _unlike(written["versions"], plan.versions)
    platform = _unlike(_surroundings(manifest), _surroundings(_here()))
    return Original(path, manifest, written["versions"], plan, versions, platform)


def _check_manifest(manifest: Mapping[str, Any], where: str) -> None:
    """Refuse a manifest of a newer form, or one that was altered beyond use."""
    form = manifest.get("format")
    if isinstance(form, int) and form > MANIFEST_FORMAT:
        raise InputError(
            "this manifest has a newer format than this version can read",
            where=where,
            key="format",
            value=form,
            allowed=f"up to {MANIFEST_FORMAT}",
        )
    entries = manifest.get("tables")
    whole = isinstance(entries, dict) and all(
        isinstance(entry, dict) and {"file", "sha256"} <= entry.keys() for entry in entries.values()
    )
    if not (whole and "plan" in manifest):
        raise InputError("the manifest was altered after the run", where=where)


def _digest(plan: Mapping[str, Any]) -> str | None:
    """Return the digest of a plan; None where it holds what no plan does."""
    try:
        return digest_of(plan)
    except ValueError:
        return None


def _surroundings(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Gather what a manifest tells of where its numbers were made."""
    parts = (manifest.get("platform"), manifest.get("git"))
    known = {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}
    found = {name: str(known[name]) for name in ("host", "system", "machine") if known.get(name)}
    if known.get("commit"):
        changes = " with changes" if known.get("dirty") else ""
        found["commit"] = f"{str(known['commit'])[:_COMMIT_DIGITS]}{changes}"
    return found


def _here() -> dict[str, Any]:
    """Tell of this machine what a manifest would."""
    return {"platform": machine(), "git": checkout()}


def _unlike(there: Mapping[str, str], here: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """List what is known of both, and not the same."""
    pairs = {name: (str(there[name]), here[name]) for name in there if name in here}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
