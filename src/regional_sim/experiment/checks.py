"""What must hold between the parts of an experiment; every fault with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from regional_sim.engine.job import defined_metrics, window_bounds
from regional_sim.errors import ABSENT, Fault, InputError, suggestion
from regional_sim.experiment.experiment import DIFFERENCE, TABLES, Experiment, Point
from regional_sim.experiment.levels import Place
from regional_sim.experiment.posture import FACTOR_PREFIX, LABEL_FORM
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.scenario.layers import plain_data
from regional_sim.scenario.yaml import KeyPath, Positions

SEED_LIMIT: Final = 2**63
"""Seeds are below it, so that every program that reads the tables can hold them."""

REPLICATE_LIMIT: Final = 10_000_000

_ENOUGH: Final = 20
"""Faults of points after which no more are looked for."""


def check_experiment(
    experiment: Experiment, positions: Positions | None = None, places: Sequence[Place] = ()
) -> Experiment:
    """Check an experiment whose parts have the right types, and return it.

    `places` tells for each point where the level of each factor stands in the file that has these
    `positions`.  Raises InputError with all faults.
    """
    at = positions or Positions()
    if faults := [
        *_numbers(experiment, at),
        *_stopping(experiment, at),
        *_check_postures(experiment, at),
        *_names(experiment, at),
        *_points(experiment, at, places),
    ]:
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


def relocated(
    error: InputError, places: Mapping[str, KeyPath], otherwise: KeyPath, positions: Positions
) -> Iterator[Fault]:
    """Move faults of a scenario to where an experiment asked for what is at fault.

    `places` maps the dotted path of each setting to its place in the experiment's file, `otherwise`
    is the place of what cannot be told.
    """
    for fault in error.faults:
        path = next((place for name, place in places.items() if _is_about(fault, name)), otherwise)
        about_name = fault.value is ABSENT
        if about_name and path and isinstance(path[-1], int):
            path = path[:-1]
        yield positions.fault(
            fault.what,
            path,
            fault.value,
            at_key=about_name,
            allowed=fault.allowed,
            hint=fault.hint or (None if about_name else _drawn(path)),
        )


def _drawn(path: KeyPath) -> str | None:
    """Say that a level does not stand in the file, where its place is that of a prior."""
    return "this prior can give it" if path[-2:-1] == ("factors",) else None


def _is_about(fault: Fault, name: str) -> bool:
    """Tell whether a fault's key is the setting, lies inside it, or contains it."""
    # A setting may leave out the level ``pairs`` of a dyad quantity.
    key, setting = (
        path.replace(".pairs.", ".", 1) if path.startswith("dyads.") else path
        for path in (f"{fault.key}.".replace("[", "."), f"{name}.")
    )
    return key.startswith(setting) or setting.startswith(key)


def _numbers(experiment: Experiment, at: Positions) -> Iterator[Fault]:
    """Check seed and replicates."""
    bounds = {"seed": (0, SEED_LIMIT - 1), "replicates": (1, REPLICATE_LIMIT)}
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


def _stopping(experiment: Experiment, at: Positions) -> Iterator[Fault]:
    """Check that what a rule of stopping watches is there, and can be reached."""
    stopping = experiment.stopping
    if stopping is None:
        return
    place: KeyPath = ("replicates", "until")
    windows = list(window_bounds(experiment.scenario))
    known = {"metric": [m.name for m in defined_metrics(experiment.scenario)], "window": windows}
    for key, names in known.items():
        name = getattr(stopping, key)
        if name not in names:
            yield _unknown(key, (*place, key), name, names, at)
    if stopping.of == DIFFERENCE and len(experiment.postures) == 1:
        yield at.fault("a difference needs a second posture", (*place, "of"), stopping.of)
    if stopping.at_least > experiment.replicates:
        yield at.fault("is more than at_most", ("replicates", "at_least"), stopping.at_least)


def _check_postures(experiment: Experiment, at: Positions) -> Iterator[Fault]:
    """Check that there are postures, and that labels are good and differ."""
    if not experiment.postures:
        yield at.fault("needs at least one posture", ("postures",))
    seen: set[str] = set()
    for index, posture in enumerate(experiment.postures):
        path: KeyPath = ("postures", index, "label")
        if not posture.has_good_label():
            yield at.fault("is not a valid label", path, posture.label, allowed=LABEL_FORM)
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
    known = list(names)
    for index, name in enumerate(given):
        if name not in known:
            yield _unknown(noun, (key, index), name, known, at)
        elif name in given[:index]:
            yield at.fault(f"this {noun} is given twice", (key, index), name)


def _unknown(noun: str, path: KeyPath, name: str, known: Sequence[str], at: Positions) -> Fault:
    """Report a name that does not exist, with all that do where they are few."""
    allowed = ", ".join(known) if len(known) <= len(TABLES) else None
    return at.fault(f"unknown {noun}", path, name, allowed=allowed, hint=suggestion(name, known))


def _points(experiment: Experiment, at: Positions, places: Sequence[Place]) -> list[Fault]:
    """Check that all points have the same factors, and that each one can be made."""
    found: dict[tuple[str | None, str], Fault] = {}
    for point in experiment.points:
        place = places[point.number] if places else {}
        for fault in _point(experiment, point, at, place):
            found.setdefault((fault.where or fault.key, fault.what), fault)
        if len(found) >= _ENOUGH:
            break
    return list(found.values())


def _point(experiment: Experiment, point: Point, at: Positions, place: Place) -> Iterator[Fault]:
    whole: KeyPath = next((path[:-1] for path in place.values()), ("design",))
    if set(point.factors) != set(experiment.factors):
        allowed = ", ".join(experiment.factors)
        yield at.fault("all points must have the same factors", whole, allowed=allowed)
        return
    try:
        experiment.scenario_at(point)
    except InputError as error:
        yield from relocated(error, place, ("design",), at)
    if experiment.postures:
        yield from _fields(experiment, point, at, place)


def _fields(experiment: Experiment, point: Point, at: Positions, place: Place) -> Iterator[Fault]:
    """Check the factors that set fields of policies."""
    settings = point.of_postures()
    if not settings:
        return
    known = [name for posture in experiment.postures for name in posture.fields()]
    for name, level in settings.items():
        path = place.get(f"{FACTOR_PREFIX}{name}", ("design", f"{FACTOR_PREFIX}{name}"))
        if name not in known:
            inner = path[:-1] if isinstance(path[-1], int) else path
            hint = suggestion(name, known) or "add a posture of policy levels"
            yield at.fault("no posture has this setting", inner, at_key=True, hint=hint)
            continue
        try:
            for posture in experiment.postures:
                posture.with_settings({name: level})
        except InputError as error:
            drawn = error.hint or _drawn(path)
            yield at.fault(error.what, path, level, allowed=error.allowed, hint=drawn)
