"""Whether the hypotheses of an experiment speak of what is there; every fault with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from regional_sim.errors import MAX_NAMES_SHOWN, Fault, InputError, suggestion
from regional_sim.experiment.hypotheses import Hypothesis
from regional_sim.experiment.worlds import Frame
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.scenario import Scenario
from regional_sim.scenario.schema import Groups, Roles
from regional_sim.scenario.yaml import KeyPath, Positions

if TYPE_CHECKING:
    from regional_sim.experiment.experiment import Experiment


def hypotheses_at_fault(experiment: Experiment, at: Positions) -> Iterator[Fault]:
    """Find names that do not exist, ids that stand twice, and contrasts with itself."""
    seen: set[str] = set()
    frame = Frame.of(experiment.scenario)
    for index, one in enumerate(experiment.hypotheses):
        place: KeyPath = ("hypotheses", index)
        if one.id in seen:
            yield at.fault("two hypotheses have this id", (*place, "id"), one.id)
        seen.add(one.id)
        yield from _outcome(one, frame, place, at)
        yield from _contrast(one, experiment.labels, place, at)
        for number, name in enumerate(one.clamp):
            path = (*place, "clamp", number)
            if name not in _clampable(experiment.scenario):
                yield _unknown(
                    "state, role or group", path, name, _clampable(experiment.scenario), at
                )
            elif not _states_of(experiment.scenario, name):
                yield at.fault("this world has nobody who is that", path, name)


def clamped_states(scenario: Scenario, names: Sequence[str]) -> tuple[str, ...]:
    """Return the codes of states, roles and groups, in alphabetical order."""
    return tuple(sorted({code for name in names for code in _states_of(scenario, name)}))


def checked_hypotheses(
    experiment: Experiment, hypotheses: Sequence[Hypothesis], where: str | None
) -> tuple[Hypothesis, ...]:
    """Check hypotheses against an experiment that need not be their own, and return them.

    Raises
    ------
    InputError
        With what the experiment lacks; `where` says of which experiment that is.
    """
    changed = replace(experiment, hypotheses=tuple(hypotheses))
    faults = list(hypotheses_at_fault(changed, Positions()))
    if faults:
        raise InputError.of(replace(fault, where=where) for fault in faults)
    return changed.hypotheses


def fitting_hypotheses(
    experiment: Experiment, hypotheses: Sequence[Hypothesis]
) -> tuple[Hypothesis, ...]:
    """Return the hypotheses that speak of what an experiment has, and leave out the others."""

    def fits(one: Hypothesis) -> bool:
        alone = replace(experiment, hypotheses=(one,))
        return not any(hypotheses_at_fault(alone, Positions()))

    return tuple(filter(fits, hypotheses))


def _outcome(one: Hypothesis, frame: Frame, place: KeyPath, at: Positions) -> Iterator[Fault]:
    """Check metric and window."""
    if one.metric not in Metric.__members__:
        yield _unknown("metric", (*place, "metric"), one.metric, list(Metric.__members__), at)
    elif Metric[one.metric] not in frame.metrics:
        needs = " and ".join(Metric[one.metric].requires)
        what = f"this world does not define this metric, which needs {needs}"
        yield at.fault(what, (*place, "metric"), one.metric)
    if one.window not in frame.windows:
        yield _unknown("window", (*place, "window"), one.window, list(frame.windows), at)


def _contrast(
    one: Hypothesis, labels: Sequence[str], place: KeyPath, at: Positions
) -> Iterator[Fault]:
    """Check that posture and reference are two of the experiment."""
    if len(labels) == 1:
        what = "a hypothesis compares two postures, and the experiment has one"
        yield at.fault(what, (*place, "posture"), labels[0])
        return
    for key in ("posture", "reference"):
        if (name := getattr(one, key)) not in labels:
            yield _unknown("posture", (*place, key), name, labels, at)
    if one.posture == one.reference:
        hint = "name another reference"
        yield at.fault("is compared with itself", (*place, "posture"), one.posture, hint=hint)


def _clampable(scenario: Scenario) -> list[str]:
    return [*scenario.codes, *Roles.model_fields, *Groups.model_fields]


def _states_of(scenario: Scenario, name: str) -> tuple[str, ...]:
    """Return the codes of a state, a role or a group."""
    if name in Roles.model_fields:
        code = scenario.role(name)
        return () if code is None else (code,)
    return scenario.group(name) if name in Groups.model_fields else (name,)


def _unknown(noun: str, path: KeyPath, name: str, known: Sequence[str], at: Positions) -> Fault:
    allowed = ", ".join(known) if len(known) <= MAX_NAMES_SHOWN else None
    return at.fault(f"unknown {noun}", path, name, allowed=allowed, hint=suggestion(name, known))
