"""What must hold between the parts of an experiment; every fault with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from regional_sim.engine.outcomes import defined_metrics, window_bounds
from regional_sim.errors import ABSENT, Fault, InputError, suggestion
from regional_sim.experiment.designs import POINTS_LIMIT
from regional_sim.experiment.experiment import (
    TABLES,
    Experiment,
    ExperimentFile,
    Point,
    PostureEntry,
    Replicates,
)
from regional_sim.experiment.levels import Design, DesignRow, Place
from regional_sim.experiment.posture import (
    FACTOR_PREFIX,
    LABEL_FORM,
    Posture,
    PostureLike,
    posture_of,
)
from regional_sim.experiment.stopping import DIFFERENCE, Stopping
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.scenario import (
    Document,
    FileKind,
    Position,
    Scenario,
    input_error,
    load_scenario,
    require_kind,
    scenario_from_mapping,
    shipped_experiment,
    yaml_with_positions,
)
from regional_sim.scenario.files import is_name
from regional_sim.scenario.layers import plain_data
from regional_sim.scenario.yaml import KeyPath, Positions, everywhere

SEED_LIMIT: Final = 2**63
"""Seeds are below it, so that every program that reads the tables can hold them."""

REPLICATE_LIMIT: Final = 10_000_000

_ENOUGH: Final = 20
"""Faults of points after which no more are looked for."""


def check_experiment(
    experiment: Experiment, positions: Positions | None = None, places: Sequence[Place] = ()
) -> Experiment:
    """Check an experiment whose parts have the right types.

    Parameters
    ----------
    experiment : Experiment
        As it was put together.
    positions : Positions, optional
        Of its file.
    places : sequence of dict
        For each point, where the level of each factor stands.

    Returns
    -------
    Experiment
        The same.

    Raises
    ------
    InputError
        With all faults.
    """
    at = positions or Positions()
    faults = [
        *_numbers(experiment, at),
        *_stopping(experiment, at),
        *_check_postures(experiment, at),
        *_names(experiment, at),
        *_points(experiment, at, places),
    ]
    if faults:
        raise InputError.of(faults)
    return experiment


def with_numbers(
    experiment: Experiment, *, replicates: int | None = None, seed: int | None = None
) -> Experiment:
    """Put other numbers in place of those of an experiment.

    Parameters
    ----------
    experiment : Experiment
        Checked.
    replicates : int, optional
        Replicates of every point, also in place of a rule of stopping.
    seed : int, optional
        Master seed.

    Returns
    -------
    Experiment
        Checked.

    Raises
    ------
    InputError
        When a number is not allowed.
    """
    changed = experiment
    if replicates is not None:
        changed = replace(changed, replicates=replicates, stopping=None)
    if seed is not None:
        changed = replace(changed, seed=seed)
    return experiment if changed is experiment else check_experiment(changed)


def relocated(
    error: InputError, places: Mapping[str, KeyPath], otherwise: KeyPath, positions: Positions
) -> Iterator[Fault]:
    """Move faults of a scenario to where an experiment asked for what is at fault.

    Parameters
    ----------
    error : InputError
        Raised while settings were laid over a scenario.
    places : mapping
        Dotted path of each setting to its place in the experiment's file.
    otherwise : tuple
        Place of what cannot be told.
    positions : Positions
        Of the experiment's file.

    Yields
    ------
    Fault
        One for each fault of the error.
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
    key, setting = _without_pairs(f"{fault.key}.".replace("[", ".")), _without_pairs(f"{name}.")
    return key.startswith(setting) or setting.startswith(key)


def _without_pairs(path: str) -> str:
    """Drop the level ``pairs`` of a dyad quantity, which a setting may leave out."""
    return path.replace(".pairs.", ".", 1) if path.startswith("dyads.") else path


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
            allowed = ", ".join(names) if len(names) <= len(TABLES) else None
            hint = suggestion(name, names)
            yield at.fault(f"unknown {key}", (*place, key), name, allowed=allowed, hint=hint)
    if stopping.of == DIFFERENCE and len(experiment.postures) == 1:
        what = "a difference needs a second posture"
        yield at.fault(what, (*place, "of"), stopping.of)
    if stopping.at_least > experiment.replicates:
        what = "is more than at_most"
        yield at.fault(what, ("replicates", "at_least"), stopping.at_least)


def _check_postures(experiment: Experiment, at: Positions) -> Iterator[Fault]:
    """Check that there are postures, and that labels are good and differ."""
    if not experiment.postures:
        yield at.fault("needs at least one posture", ("postures",))
    seen: set[str] = set()
    for index, posture in enumerate(experiment.postures):
        path: KeyPath = ("postures", index)
        if not posture.has_good_label():
            what = "is not a valid label"
            yield at.fault(what, (*path, "label"), posture.label, allowed=LABEL_FORM)
        if posture.label in seen:
            what = "two postures have this label"
            yield at.fault(what, (*path, "label"), posture.label, hint="give one of them a label")
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
            allowed = ", ".join(known) if len(known) <= len(TABLES) else None
            hint = suggestion(name, known)
            yield at.fault(f"unknown {noun}", (key, index), name, allowed=allowed, hint=hint)
        elif name in given[:index]:
            yield at.fault(f"this {noun} is given twice", (key, index), name)


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


def load_experiment(path_or_name: str | Path) -> Experiment:
    """Load an experiment file.

    Parameters
    ----------
    path_or_name : str or Path
        A YAML file, or the name of a shipped experiment such as ``posture_contrast``.

    Returns
    -------
    Experiment
        Checked, with every point known to be possible.

    Raises
    ------
    InputError
        When a file cannot be read, or with every fault found in what it says.
    """
    path = Path(path_or_name)
    if not path.exists() and is_name(str(path_or_name)):
        path = shipped_experiment(str(path_or_name))
    return _loaded(yaml_with_positions(path))


def experiment_from_mapping(
    mapping: Mapping[str, object], *, origin: str = "<mapping>"
) -> Experiment:
    """Make an experiment of plain data, in the form of the file.

    Parameters
    ----------
    mapping : mapping
        What the YAML file would hold; paths in it are relative to the working folder.
    origin : str
        What messages name as its place.

    Returns
    -------
    Experiment
        Checked.

    Raises
    ------
    InputError
        With every fault found.
    """
    data = plain_data(mapping)
    return _loaded(Document(data, everywhere(data, Position(origin))))


def single_point(
    scenario: Scenario,
    postures: Sequence[PostureLike],
    *,
    seed: int = 0,
    replicates: int = 1,
    settings: Mapping[str, object] | None = None,
    clamp: Sequence[str] = (),
) -> Experiment:
    """Make an experiment of one scenario.

    Parameters
    ----------
    scenario : Scenario
        The world.
    postures : sequence
        At least one; the first is the reference of contrasts.
    seed : int
        Master seed, at least 0.
    replicates : int
        At least 1.
    settings : mapping, optional
        What is changed in the world: dotted path to value.
    clamp : sequence of str
        Codes of states held on their traditional path.

    Returns
    -------
    Experiment
        Checked.

    Raises
    ------
    InputError
        With every fault found.
    """
    changes = plain_data(settings or {})
    return check_experiment(
        Experiment(
            scenario=scenario.with_settings(changes) if changes else scenario,
            postures=tuple(posture_of(given) for given in postures),
            seed=seed,
            replicates=replicates,
            title=scenario.title,
            settings=changes,
            clamp=tuple(clamp),
        )
    )


def _loaded(document: Document) -> Experiment:
    require_kind(document, FileKind.EXPERIMENT)
    form = _form(document)
    positions = document.positions
    scenario = _scenario(form, document)
    postures = _postures(form.postures, positions)
    rows = _rows(form.design, positions)
    replicates, stopping = _replicates(form.replicates)
    experiment = Experiment(
        scenario=scenario,
        postures=postures,
        seed=form.seed,
        replicates=replicates,
        stopping=stopping,
        points=tuple(Point(number, factors) for number, (factors, _) in enumerate(rows)),
        title=form.title,
        question=form.question,
        settings=form.settings,
        clamp=form.clamp,
        outcomes=form.outcomes,
        tables=form.tables,
        design={} if form.design is None else form.design.record(),
    )
    return check_experiment(experiment, positions, [place for _, place in rows])


def _replicates(given: int | Replicates) -> tuple[int, Stopping | None]:
    """Tell how many replicates there are at most, and the rule by which a point stops."""
    if isinstance(given, Replicates):
        return given.at_most, given.stopping
    return given, None


def _form(document: Document) -> ExperimentFile:
    """Validate the form of the file."""
    try:
        return ExperimentFile.model_validate(document.data)
    except ValidationError as error:
        raise input_error(error, document.data, document.positions, ExperimentFile) from None


def _rows(design: Design | None, positions: Positions) -> list[DesignRow]:
    """Make all points; without a design there is one, without factors."""
    if design is None:
        return [({}, {})]
    if design.n_points > POINTS_LIMIT:
        what, allowed = "asks for too many points", f"at most {POINTS_LIMIT}"
        fault = positions.fault(what, ("design",), design.n_points, allowed=allowed)
        raise InputError.of([fault])
    return list(design.rows(("design",)))


def _scenario(form: ExperimentFile, document: Document) -> Scenario:
    """Load the world that the experiment names, and lay its settings over it."""
    positions = document.positions
    scenario = _named(form.scenario, document)
    if not form.settings:
        return scenario
    try:
        return scenario.with_settings(form.settings)
    except InputError as error:
        places = {name: ("settings", name) for name in form.settings}
        raise InputError.of(list(relocated(error, places, ("settings",), positions))) from None


def _named(given: str | Mapping[str, object], document: Document) -> Scenario:
    if isinstance(given, Mapping):
        return scenario_from_mapping(given, origin=str(document.positions.of_value(("scenario",))))
    folder = Path() if document.path is None else document.path.parent
    path = folder / given
    if not path.is_file() and is_name(given):
        try:
            return load_scenario(given)
        except InputError as error:
            raise _at_scenario(error, document.positions) from None
    if not path.is_file():
        fault = document.positions.fault("no such file", ("scenario",), str(path))
        raise InputError.of([fault])
    return load_scenario(path)


def _at_scenario(error: InputError, positions: Positions) -> InputError:
    """Report a shipped name that does not exist where the experiment gives it."""
    fault = positions.fault(error.what, ("scenario",), allowed=error.allowed, hint=error.hint)
    return InputError.of([fault])


def _postures(entries: Sequence[PostureEntry], positions: Positions) -> tuple[Posture, ...]:
    """Make all postures, or report all that cannot be made."""
    made: list[Posture] = []
    faults: list[Fault] = []
    for index, entry in enumerate(entries):
        settings = entry.model_extra or {}
        label = {} if entry.label is None else {"label": entry.label}
        try:
            made.append(posture_of({"policy": entry.policy, **label, **settings}))
        except InputError as error:
            faults.append(_posture_fault(error, index, settings, positions))
    if faults:
        raise InputError.of(faults)
    return tuple(made)


def _posture_fault(
    error: InputError, index: int, settings: Mapping[str, object], positions: Positions
) -> Fault:
    """Report a posture's fault at the setting, or at the policy, that is meant."""
    named = str(error.key).rpartition(": ")[2]
    is_setting = named in settings
    path = ("postures", index, named if is_setting else "policy")
    unknown = is_setting and error.what.startswith("unknown")
    return positions.fault(
        error.what, path, error.value, at_key=unknown, allowed=error.allowed, hint=error.hint
    )
