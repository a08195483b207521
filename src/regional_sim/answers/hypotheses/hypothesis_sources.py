"""Where hypotheses come from, what they are held against, and where their runs are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from regional_sim.answers.hypotheses.hypothesis_runs import SWEEP
from regional_sim.answers.outcomes import PointResults
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment import Experiment, load_experiment
from regional_sim.experiment.hypotheses import Hypothesis
from regional_sim.results.folder import PLAN
from regional_sim.results.load import Results, load_results

BESIDE_TABLES: Final = "hypotheses"
"""Folder of further runs within that of a result."""


def source_of(given: Results | Experiment | str | Path) -> Results | Experiment:
    """Open a result folder, or load an experiment: what is a folder counts as a result."""
    if isinstance(given, Results | Experiment):
        return given
    folder = Path(given)
    if not folder.is_dir():
        return load_experiment(given)
    if not (folder / PLAN).exists() and (folder / SWEEP).is_dir():
        what = "this folder holds the runs of hypotheses, and not the hypotheses"
        hint = f"name their experiment, with --out {folder}: nothing that is there is run again"
        raise InputError(what, where=str(folder), hint=hint)
    return load_results(folder, verify=False)


def runs_folder(source: Results | Experiment, runs: str | Path | None, key: str = "--out") -> Path:
    """Return where further runs are kept: beside the tables of a result, if nothing is named.

    `key` is what a user names it by.

    Raises
    ------
    InputError
        When the source has no folder, and none is named.
    """
    if runs is not None:
        return Path(runs)
    if isinstance(source, Results) and source.folder is not None:
        return source.folder / BESIDE_TABLES
    hint = "such as results/claims"
    raise InputError("name a folder for the runs", key=key, hint=hint)


def stated_hypotheses(
    source: Results | Experiment, claims: Experiment | str | Path | None
) -> tuple[Hypothesis, ...]:
    """Return the hypotheses of a source, or those of another experiment.

    Raises
    ------
    InputError
        When there are none.
    """
    if claims is not None:
        asked = claims if isinstance(claims, Experiment) else load_experiment(claims)
    else:
        asked = source if isinstance(source, Experiment) else PointResults(source).experiment
    if not asked.hypotheses:
        hint = (
            "add a section hypotheses: to it, or name with --claims an experiment whose hypotheses"
            f" are about its postures ({', '.join(asked.labels)})"
        )
        where = str(claims) if isinstance(claims, str | Path) else place_of(source)
        raise InputError("has no hypotheses", where=where, hint=hint)
    return asked.hypotheses


def some_of(stated: Sequence[Hypothesis], ids: Sequence[str]) -> tuple[Hypothesis, ...]:
    """Return those that have one of some ids; without any, all.

    Raises
    ------
    UnknownNameError
        When an id is none of theirs.
    """
    known = [one.id for one in stated]
    for name in ids:
        if name not in known:
            raise UnknownNameError("hypothesis", name, known, key="only")
    return tuple(one for one in stated if not ids or one.id in ids)


def place_of(source: Results | Experiment) -> str | None:
    """Name a source in messages: its folder, or its title."""
    if isinstance(source, Experiment):
        return source.title or None
    return None if source.folder is None else str(source.folder)
