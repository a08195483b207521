"""The runs that hypotheses need: the world as it is, the prior, and both with some states held.

Each is a result folder of its own.  One that is there is used, an unfinished one is gone on with,
and one of another question or version is run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from regional_sim.errors import InputError
from regional_sim.experiment import Experiment
from regional_sim.experiment.hypotheses import Hypothesis
from regional_sim.experiment.hypothesis_checks import clamped_states
from regional_sim.experiment.points import Points
from regional_sim.results.load import Results, load_results
from regional_sim.scenario import Scenario, digest_of
from regional_sim.scenario.schema import Groups, Roles

if TYPE_CHECKING:
    from regional_sim.experiment.plan import Plan
    from regional_sim.runner.options import Progress

SWEEP: Final = "sweep"
AS_IT_IS: Final = "as_it_is"
PRIOR: Final = "prior"

ALL_OTHERS: Final = "all others"
"""Everyone but the sender, whose posture it is."""

MOST_FOR_RESPONSES: Final = 200
"""Replicates, at most, that say how much of an effect runs through whose response."""

_LONGEST_NAME: Final = 40


def responders(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Return whose responses are told apart: roles but the sender, groups, and all others.

    Names to codes; of two names for the same states the first stays.
    """
    sender = scenario.role("sender")
    named = {name: clamped_states(scenario, [name]) for name in Roles.model_fields}
    named |= {name: scenario.group(name) for name in Groups.model_fields}
    named[ALL_OTHERS] = tuple(code for code in scenario.codes if code != sender)
    kept: dict[str, tuple[str, ...]] = {}
    for name, codes in named.items():
        if codes and name != "sender" and codes not in kept.values():
            kept[name] = codes
    return kept


def name_of_held(base: str, codes: Sequence[str]) -> str:
    """Name the folder of runs with some states held.

    >>> name_of_held("as_it_is", ["KOR"])
    'as_it_is_without_KOR'
    """
    joined = "_".join(codes)
    if len(joined) > _LONGEST_NAME:
        digest = digest_of({"held": list(codes)})
        joined = f"{len(codes)}_states_{digest[:8]}"
    return f"{base}_without_{joined}"


def needed_runs(
    experiment: Experiment,
    stated: Sequence[Hypothesis],
    wanted: Sequence[Hypothesis],
    *,
    replicates: int,
    prior_replicates: int,
    with_sweep: bool,
    responses: bool,
) -> dict[str, Experiment]:
    """Collect what has to be run for some hypotheses on an experiment, by the name of its folder.

    Parameters
    ----------
    stated, wanted : sequence of Hypothesis
        All that there are, and those that are judged.  What is run for one does not hang on which
        others are judged with it, so that it can be used again.
    replicates : int
        Of the world as it is, with each posture.
    prior_replicates : int
        Of each point of the prior.
    with_sweep : bool
        Whether the sweep is still to be run; without factors there is none.
    responses : bool
        Whether to tell whose response an effect runs through.
    """
    bare = replace(experiment, hypotheses=(), outcomes=(), tables=("runs",))
    used = {name for one in stated for name in (one.reference, one.posture)}
    has_prior = bool(experiment.points.columns)
    asked: dict[str, Experiment] = {}
    if has_prior and with_sweep:
        asked[SWEEP] = bare
    as_it_is = replace(_with_postures(bare, used), points=Points({}), stopping=None)
    if has_prior or with_sweep:
        asked[AS_IT_IS] = replace(as_it_is, replicates=replicates)
    world = experiment.scenario
    by_clamp: dict[tuple[str, ...], set[str]] = {}
    for one in stated:
        postures = by_clamp.setdefault(clamped_states(world, one.clamp), set())
        postures |= {one.reference, one.posture}
    held = dict.fromkeys(clamped_states(world, one.clamp) for one in wanted if one.clamp)
    few = min(replicates, MOST_FOR_RESPONSES)
    for codes in dict.fromkeys([*held, *(responders(world).values() if responses else ())]):
        number = replicates if codes in by_clamp else few
        made = replace(as_it_is, replicates=number, clamp=_also(experiment, codes))
        asked[name_of_held(AS_IT_IS, codes)] = made
    for codes in held if has_prior else ():
        made = replace(_with_postures(bare, by_clamp[codes]), clamp=_also(experiment, codes))
        asked[name_of_held(PRIOR, codes)] = replace(
            made, stopping=None, replicates=prior_replicates
        )
    return asked


def run_missing(
    needed: Mapping[str, Experiment],
    folder: Path,
    *,
    workers: int = 1,
    force: bool = False,
    progress: Progress | None = None,
) -> dict[str, Results]:
    """Run into folders below `folder` what is not there yet, and load everything.

    With `force` a folder that holds another result is replaced, and refused without.
    """
    from regional_sim.runner.estimate import planned

    plans = {name: planned(experiment) for name, experiment in needed.items()}
    missing = {
        name: plan
        for name, plan in plans.items()
        if not _holds(folder / name, plan.digest, finished=True)
    }
    done, total = 0, sum(plan.experiment.n_runs for plan in missing.values())
    for name, plan in missing.items():

        def tell(done_runs: int, total_runs: int, before: int = done) -> None:  # noqa: ARG001
            if progress is not None:
                progress(before + done_runs, total)

        _run(plan, folder / name, workers, tell, force=force)
        done += plan.experiment.n_runs
    return {name: load_results(folder / name, verify=False) for name in needed}


def are_there(needed: Mapping[str, Experiment], folder: Path) -> bool:
    """Tell whether a folder holds all of some runs, finished."""
    from regional_sim.runner.estimate import planned

    return all(
        _holds(folder / name, planned(experiment).digest, finished=True)
        for name, experiment in needed.items()
    )


def _run(plan: Plan, folder: Path, workers: int, progress: Progress, *, force: bool) -> None:
    """Go on with the folder where it is of this plan, or else replace what it holds if forced."""
    from regional_sim.runner.options import RunOptions
    from regional_sim.runner.runner import run_plan

    goes_on = _holds(folder, plan.digest)
    how = RunOptions(
        workers=workers,
        progress=progress,
        resume=goes_on,
        force=force and not goes_on,
        notice=lambda _: None,
    )
    run_plan(plan, folder, how)


def _holds(folder: Path, digest: str, *, finished: bool = False) -> bool:
    """Tell whether a folder holds a plan with this digest, and whether it is finished."""
    from regional_sim.results.folder import read_manifest, read_plan

    try:
        plan = read_plan(folder)
    except InputError:
        return False
    if plan is None or digest_of(plan) != digest:
        return False
    return not finished or read_manifest(folder) is not None


def _also(experiment: Experiment, codes: Sequence[str]) -> tuple[str, ...]:
    """Hold some states with those that the experiment holds itself."""
    return tuple(sorted({*experiment.clamp, *codes}))


def _with_postures(experiment: Experiment, labels: Iterable[str]) -> Experiment:
    """Keep the postures that are needed, in their order."""
    wanted = set(labels)
    kept = tuple(one for one in experiment.postures if one.label in wanted)
    return replace(experiment, postures=kept)
