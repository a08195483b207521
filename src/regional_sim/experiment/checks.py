"""What must hold between the parts of an experiment; every fault with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from regional_sim.engine.job import defined_metrics
from regional_sim.errors import MAX_FAULTS_KEPT, Fault, InputError, shown, suggestion
from regional_sim.experiment.experiment import DIFFERENCE, TABLES, Experiment, Stopping
from regional_sim.experiment.hypothesis_checks import hypotheses_at_fault
from regional_sim.experiment.point_checks import names_of_factors, points_at_fault
from regional_sim.experiment.posture import LABEL_FORM, NO_LABELS
from regional_sim.experiment.target_checks import targets_at_fault
from regional_sim.experiment.worlds import Frame
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.scenario.values import INTEGER_LIMIT, plain_data
from regional_sim.scenario.yaml import KeyPath, Positions

REPLICATE_LIMIT: Final = 10_000_000

RUNS_LIMIT: Final = 1_000_000_000
"""An experiment that asks for more runs is taken for a slip: they would take years."""


def check_experiment(
    experiment: Experiment, positions: Positions | None = None, *, recorded: bool = False
) -> Experiment:
    """Check an experiment whose parts have the right types, and return it.

    `positions` are those of its file.  What is `recorded` was run, so only what would keep it from
    being run again is looked for.  Raises InputError with all faults.
    """
    at = positions or Positions()
    faults = [
        *_numbers(experiment, at),
        *islice(_check_postures(experiment, at, recorded=recorded), MAX_FAULTS_KEPT),
        *islice(_names(experiment, at), MAX_FAULTS_KEPT),
        *([] if recorded else islice(hypotheses_at_fault(experiment, at), MAX_FAULTS_KEPT)),
        *([] if recorded else names_of_factors(experiment, at)),
        *islice(targets_at_fault(experiment, at), MAX_FAULTS_KEPT),
    ]
    faults += points_at_fault(experiment, at)
    faults += _stopping(experiment, at, at_points=not (faults or recorded))
    if faults:
        raise InputError.of(faults)
    return experiment


def with_numbers(
    experiment: Experiment, *, replicates: int | None = None, seed: int | None = None
) -> Experiment:
    """Put other numbers in place of those of a checked experiment; replicates also of a rule."""
    if replicates is not None:
        experiment = replace(experiment, replicates=plain_data(replicates), stopping=None)
    if seed is not None:
        experiment = replace(experiment, seed=plain_data(seed))
    if faults := list(_numbers(experiment, Positions())):
        raise InputError.of(faults)
    return experiment


def _numbers(experiment: Experiment, at: Positions) -> Iterator[Fault]:
    """Check seed and replicates."""
    bounds = {"seed": (0, INTEGER_LIMIT - 1), "replicates": (1, REPLICATE_LIMIT)}
    places: dict[str, KeyPath] = {name: (name,) for name in bounds}
    if experiment.stopping is not None:
        places["replicates"] = ("replicates", "at_most")
    for name, (low, high) in bounds.items():
        value = getattr(experiment, name)
        if not isinstance(value, int) or isinstance(value, bool):
            yield at.fault("must be a whole number", places[name], value)
        elif not low <= value <= high:
            allowed = f"from {low} to {high}"
            yield at.fault("is outside the allowed range", places[name], value, allowed=allowed)
        elif name == "replicates" and experiment.n_runs > RUNS_LIMIT:
            what = "asks for too many runs, of all points and postures together"
            allowed = f"at most {RUNS_LIMIT}"
            yield at.fault(what, places[name], experiment.n_runs, allowed=allowed)


def _stopping(experiment: Experiment, at: Positions, *, at_points: bool) -> Iterator[Fault]:
    """Check that what a rule of stopping watches is there, and can be reached."""
    stopping = experiment.stopping
    if stopping is None:
        return
    place: KeyPath = ("replicates", "until")
    base = Frame.of(experiment.scenario)
    known = {"metric": [metric.name for metric in base.metrics], "window": list(base.windows)}
    for key, names in known.items():
        name = getattr(stopping, key)
        if name not in names:
            yield _unknown(key, (*place, key), name, names, at)
            at_points = False
    if at_points:
        yield from _watched_at_points(experiment, stopping, at)
    if stopping.of == DIFFERENCE and len(experiment.postures) == 1:
        yield at.fault("a difference needs a second posture", (*place, "of"), stopping.of)
    if stopping.at_least > experiment.replicates:
        yield at.fault("is more than at_most", ("replicates", "at_least"), stopping.at_least)


def _watched_at_points(
    experiment: Experiment, stopping: Stopping, at: Positions
) -> Iterator[Fault]:
    """Name the first point without the window, or the metric, that a rule of stopping watches."""
    for first, _, frame in experiment.frames():
        there = {"metric": [one.name for one in frame.metrics], "window": frame.windows}
        for key, names in there.items():
            name = getattr(stopping, key)
            if name not in names:
                levels = experiment.points[first].factors
                why = ", ".join(f"{p} = {shown(levels[p])}" for p in experiment.framing_factors)
                what = f"point {first} ({why}) has no such {key}"
                yield at.fault(what, ("replicates", "until", key), name)
                return


def _check_postures(experiment: Experiment, at: Positions, *, recorded: bool) -> Iterator[Fault]:
    """Check that there are postures, and that labels are good and differ."""
    if not experiment.postures:
        yield at.fault("needs at least one posture", ("postures",))
    seen: set[str] = set()
    for index, posture in enumerate(experiment.postures):
        path: KeyPath = ("postures", index, "label")
        if not posture.has_good_label():
            yield at.fault("is not a valid label", path, posture.label, allowed=LABEL_FORM)
        elif posture.label.lower() in NO_LABELS and not recorded:
            what = "programs that read the tables take this label for something else"
            yield at.fault(what, path, posture.label, hint="choose another")
        if posture.label in seen:
            hint = "give one of them a label"
            yield at.fault("two postures have this label", path, posture.label, hint=hint)
        seen.add(posture.label)


def _names(experiment: Experiment, at: Positions) -> Iterator[Fault]:
    """Check the lists of names."""
    scenario = experiment.scenario
    yield from _known("state", "clamp", experiment.clamp, scenario.codes, at)
    yield from _known("metric", "outcomes", experiment.outcomes, Metric.__members__, at)
    yield from _known("table", "tables", experiment.tables, TABLES, at)
    defined = {metric.name for metric in defined_metrics(scenario)}
    for index, name in enumerate(experiment.outcomes):
        if name in Metric.__members__ and name not in defined:
            needs = " and ".join(Metric[name].requires)
            what = f"this world does not define this metric, which needs {needs}"
            yield at.fault(what, ("outcomes", index), name)


def _known(
    noun: str, key: str, given: Sequence[str], names: Iterable[str], at: Positions
) -> Iterator[Fault]:
    """Check that names exist and stand once."""
    known = dict.fromkeys(names)
    seen: set[str] = set()
    for index, name in enumerate(given):
        if name not in known:
            yield _unknown(noun, (key, index), name, list(known), at)
        elif name in seen:
            yield at.fault(f"this {noun} is given twice", (key, index), name)
        seen.add(name)


def _unknown(noun: str, path: KeyPath, name: str, known: Sequence[str], at: Positions) -> Fault:
    """Report a name that does not exist, with all that do where they are few."""
    allowed = ", ".join(known) if len(known) <= len(TABLES) else None
    return at.fault(f"unknown {noun}", path, name, allowed=allowed, hint=suggestion(name, known))
