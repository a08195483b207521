"""From a file, or plain data, to a checked experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from regional_sim.errors import Fault, InputError
from regional_sim.experiment.checks import check_experiment
from regional_sim.experiment.designs import excess_of
from regional_sim.experiment.experiment import (
    Experiment,
    ExperimentFile,
    PostureEntry,
    Replicates,
    Stopping,
)
from regional_sim.experiment.hypotheses import Hypothesis
from regional_sim.experiment.levels import Design
from regional_sim.experiment.point_checks import relocated
from regional_sim.experiment.points import Points
from regional_sim.experiment.posture import Posture, PostureLike, posture_of
from regional_sim.postures import Policy
from regional_sim.scenario import (
    Document,
    FileKind,
    Scenario,
    input_error,
    load_scenario,
    require_kind,
    yaml_with_positions,
)
from regional_sim.scenario.files import is_file, located
from regional_sim.scenario.layers import COMPOSITION, as_settings, document_of, record_of
from regional_sim.scenario.load import scenario_of_document
from regional_sim.scenario.values import plain_data
from regional_sim.scenario.yaml import Positions


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
    return _loaded(yaml_with_positions(located(path_or_name, kinds=[FileKind.EXPERIMENT])))


def experiment_from_mapping(
    mapping: Mapping[str, object], *, origin: str = "<mapping>"
) -> Experiment:
    """Make an experiment of what a file would hold; `origin` is what messages name as its place.

    Paths in it are relative to the working folder.  Raises InputError with every fault found.
    """
    return _loaded(document_of(mapping, origin))


def recorded_experiment(mapping: Mapping[str, object], *, origin: str) -> Experiment:
    """Make the experiment of a plan: rules that came after it do not refuse it.

    What it says may come from anywhere, so it reads no file: its world stands in it.
    """
    document = document_of(mapping, origin)
    world, at = document.data.get("scenario"), document.positions
    if not isinstance(world, Mapping):
        raise InputError.of([at.fault("a plan holds its whole scenario", ("scenario",))])
    what = "a plan stands alone and names no files"
    named = [key for key in COMPOSITION if key in world]
    if faults := [at.fault(what, ("scenario", key), at_key=True) for key in named]:
        raise InputError.of(faults)
    return _loaded(document, recorded=True)


def single_point(
    scenario: Scenario,
    postures: Sequence[PostureLike] | PostureLike,
    *,
    seed: int = 0,
    replicates: int = 1,
    settings: Mapping[str, object] | Sequence[str] | None = None,
    clamp: Sequence[str] = (),
) -> Experiment:
    """Make a checked experiment of one scenario, with settings laid over it."""
    changes = as_settings(settings or ())
    several = [postures] if isinstance(postures, str | Mapping | Policy | Posture) else postures
    codes = [clamp] if isinstance(clamp, str) else plain_data(list(clamp))
    experiment = Experiment(
        scenario=scenario.with_settings(changes) if changes else scenario,
        postures=tuple(posture_of(given) for given in several),
        seed=plain_data(seed),
        replicates=plain_data(replicates),
        title=scenario.title,
        settings=record_of(changes),
        clamp=tuple(codes),
    )
    return check_experiment(experiment)


def _loaded(document: Document, *, recorded: bool = False) -> Experiment:
    require_kind(document, FileKind.EXPERIMENT)
    positions = document.positions
    try:
        form = ExperimentFile.model_validate(document.data)
    except ValidationError as error:
        raise input_error(error, document.data, positions, ExperimentFile) from None
    scenario = _scenario(form, document)
    postures = _postures(form.postures, positions)
    points = _points(form.design, document, recorded=recorded)
    replicates, stopping = _replicates(form.replicates)
    labels = tuple(posture.label for posture in postures)
    experiment = Experiment(
        scenario=scenario,
        postures=postures,
        seed=form.seed,
        replicates=replicates,
        stopping=stopping,
        points=points,
        title=form.title,
        question=form.question,
        settings=form.settings,
        clamp=form.clamp,
        outcomes=form.outcomes,
        tables=form.tables,
        hypotheses=tuple(Hypothesis.of(entry, labels) for entry in form.hypotheses),
        targets=form.targets,
    )
    return check_experiment(experiment, positions, recorded=recorded)


def _replicates(given: int | Replicates) -> tuple[int, Stopping | None]:
    """Tell how many replicates there are at most, and the rule by which a point stops."""
    if isinstance(given, Replicates):
        return given.at_most, given.stopping
    return given, None


def _points(design: Design | None, document: Document, *, recorded: bool) -> Points:
    """Make the points of a design that is not too large; without one there is a single point."""
    if design is None:
        return Points({})
    positions = document.positions
    # A plan lists its points, and reads no file.
    folder = Path() if document.path is None else document.path.parent
    design = design if recorded else design.located(folder)
    if excess := excess_of(design):
        what, number, limit = excess
        asks, allowed = f"asks for too many {what}", f"at most {limit}"
        raise InputError.of([positions.fault(asks, ("design",), number, allowed=allowed)])
    return Points.of_design(design)


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
    at, place = document.positions, ("scenario",)
    if isinstance(given, Mapping):
        return scenario_of_document(Document(dict(given), at.below(place)))
    folder = Path() if document.path is None else document.path.parent
    try:
        path = located(given, folder)
    except InputError as error:
        # A shipped name that does not exist is reported where the experiment gives it.
        fault = at.fault(error.what, place, allowed=error.allowed, hint=error.hint)
        raise InputError.of([fault]) from None
    if not is_file(path):
        raise InputError.of([at.fault("no such file", place, str(path))])
    return load_scenario(path)


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
    at_key = is_setting and error.what.startswith("unknown")
    return positions.fault(
        error.what, path, error.value, at_key=at_key, allowed=error.allowed, hint=error.hint
    )
