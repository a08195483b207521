"""What a file is: a scenario, an experiment, or the plan of a result; told apart by its keys.

Each is run by a command of its own.  One that was given to another command is refused in one
sentence, instead of one for each key that the other kind does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from regional_sim.errors import InputError
from regional_sim.scenario.form import ScenarioFile
from regional_sim.scenario.yaml_document import Document

EXPERIMENT_KEYS: Final = frozenset(
    (
        *("scenario", "question", "settings", "seed", "replicates", "postures"),
        *("clamp", "design", "outcomes", "tables"),
    )
)
"""Keys that an experiment may have and a scenario may not."""

SCENARIO_KEYS: Final = frozenset(ScenarioFile.model_fields) - {"format", "title"}
"""Keys that a scenario may have and an experiment may not."""

_PLAN_KEYS: Final = frozenset({"experiment", "scenario_digests"})


class Kind(StrEnum):
    """Kind of a file."""

    SCENARIO = "scenario"
    EXPERIMENT = "experiment"
    PLAN = "plan"


def kind_of(data: Mapping[str, object]) -> Kind | None:
    """Tell what a file is.

    Parameters
    ----------
    data : mapping
        What it says.

    Returns
    -------
    Kind or None
        The kind that most of its keys belong to; None where they tell nothing.

    Examples
    --------
    >>> kind_of({"scenario": "baseline", "replicates": 10, "parameters": {}})
    <Kind.EXPERIMENT: 'experiment'>
    >>> kind_of({"title": "x"}) is None
    True
    """
    if data.keys() >= _PLAN_KEYS:
        return Kind.PLAN
    lead = len(data.keys() & EXPERIMENT_KEYS) - len(data.keys() & SCENARIO_KEYS)
    if not lead:
        return None
    return Kind.EXPERIMENT if lead > 0 else Kind.SCENARIO


def refuse_other(document: Document, wanted: Kind) -> None:
    """Refuse a file of another kind.

    Parameters
    ----------
    document : Document
        The file, or plain data in its form.
    wanted : Kind
        What it should be.

    Raises
    ------
    InputError
        With the command that takes what it is.
    """
    found = kind_of(document.data)
    if found is not None and found is not wanted:
        where = document.positions.root.origin if document.path is None else str(document.path)
        raise of_other_kind(found, where, document.path)


def of_other_kind(found: Kind, where: str, path: Path | None = None) -> InputError:
    """Say that something is of another kind than the one that was wanted.

    Parameters
    ----------
    found : Kind
        What it is.
    where : str
        Its path, or another name of it.
    path : Path, optional
        The file; None where it is none.

    Returns
    -------
    InputError
        With the command that takes what it is.
    """
    return InputError(_WHAT[found], where=where, hint=_hint(found, path))


_WHAT: Final = {
    Kind.SCENARIO: "this is a scenario, not an experiment",
    Kind.EXPERIMENT: "this is an experiment, not a scenario",
    Kind.PLAN: "this is the plan of a result",
}


def _hint(kind: Kind, path: Path | None) -> str:
    """Name the command that runs it."""
    match kind:
        case Kind.SCENARIO:
            return f"regional-sim run {path or 'FILE'} runs it"
        case Kind.EXPERIMENT:
            return f"regional-sim sweep {path or 'FILE'} runs it"
        case Kind.PLAN:
            return f"regional-sim reproduce {path.parent if path else 'DIR'} runs it again"
