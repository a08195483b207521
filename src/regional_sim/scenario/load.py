"""Loading a scenario: find the file, follow extends and overrides, validate the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from regional_sim.errors import InputError, ScenarioError
from regional_sim.scenario.files import FileKind, is_file, located, require_kind
from regional_sim.scenario.layers import (
    COMPOSITION,
    Layers,
    apply_settings,
    as_settings,
    conflicts,
    document_of,
    layer_of,
    overlay_of,
)
from regional_sim.scenario.scenario import Scenario
from regional_sim.scenario.yaml import (
    Document,
    KeyPath,
    yaml_with_positions,
)


def load_scenario(
    path_or_name: str | Path,
    *,
    settings: Sequence[str] = (),
    overrides: Sequence[str | Path] = (),
) -> Scenario:
    """Load a scenario file.

    Parameters
    ----------
    path_or_name : str or Path
        A YAML file, or the name of a shipped scenario such as ``baseline``.
    settings : sequence of str
        ``key.path=value``, applied last and in order.
    overrides : sequence of str or Path
        Overlays laid over the file; no two may set the same key.

    Returns
    -------
    Scenario
        The validated world.

    Raises
    ------
    InputError
        When a file cannot be read, or with every fault found in what it says.
    """
    layers = _overlaid(layers_of(path_or_name), [located(overlay) for overlay in overrides])
    layers, _ = apply_settings(layers, as_settings(settings))
    return Scenario.of(layers)


_loaded: dict[Path, tuple[list[bytes], Scenario]] = {}
"""What the files of a scenario held when it was loaded, and the scenario, by file."""


def scenario_kept(path_or_name: str | Path) -> Scenario:
    """Load a scenario file as :func:`load_scenario` does, but only once while nothing changes it.

    For callers that load the same world for every run: reading takes longer than a run.
    """
    path = located(path_or_name).absolute()
    if path in _loaded:
        contents, scenario = _loaded[path]
        if contents == _contents(scenario):
            return scenario
    scenario = load_scenario(path_or_name)
    _loaded[path] = _contents(scenario), scenario
    return scenario


def _contents(scenario: Scenario) -> list[bytes]:
    return [file.read_bytes() if is_file(file) else b"" for file in scenario.origin_files]


def layers_of(path_or_name: str | Path) -> Layers:
    """Read a file, or a shipped scenario, and all that it extends, without validating the whole."""
    return _composed(yaml_with_positions(located(path_or_name)), ())


def scenario_from_mapping(mapping: Mapping[str, object], *, origin: str = "<mapping>") -> Scenario:
    """Make a scenario of plain data, in the form of the file.

    Parameters
    ----------
    mapping : mapping
        What the YAML file would hold; paths in it are relative to the working folder.
    origin : str
        What messages name as its place.

    Returns
    -------
    Scenario
        The validated world.

    Raises
    ------
    InputError
        With every fault found.
    """
    return scenario_of_document(document_of(mapping, origin))


def scenario_of_document(document: Document) -> Scenario:
    """Make a scenario of what was read, or of a part of it."""
    return Scenario.of(_composed(document, ()))


def _composed(document: Document, trail: tuple[Path, ...]) -> Layers:
    """Lay a file over its overlays and these over its base."""
    require_kind(document, FileKind.SCENARIO)
    if document.path is not None:
        trail = (*trail, document.path.resolve())
    base = Layers()
    if (name := document.data.get("extends")) is not None:
        base_path = _referred(name, document, ("extends",))
        if base_path.resolve() in trail:
            what = "this file extends itself, directly or through others"
            raise _refused(document, what, ("extends",), name)
        base = _composed(yaml_with_positions(base_path), trail)
    return _overlaid(base, _overlay_paths(document)).under(layer_of(document))


def _overlay_paths(document: Document) -> list[Path]:
    names = document.data.get("overrides")
    if names is None:
        return []
    if not isinstance(names, list):
        raise _refused(document, "must be a list of files", ("overrides",), names)
    return [_referred(name, document, ("overrides", i)) for i, name in enumerate(names)]


def _referred(name: object, document: Document, path: KeyPath) -> Path:
    """Find a file that another one names; a fault lies where it is named."""
    if not isinstance(name, str) or not name:
        raise _refused(document, "must be the name of a file", path, name)
    folder = Path() if document.path is None else document.path.parent
    try:
        found = located(name, folder)
    except InputError as error:
        raise _refused(document, error.what, path, hint=error.hint) from None
    if not is_file(found):
        raise _refused(document, "no such file", path, str(found))
    return found


def _refused(
    document: Document, what: str, path: KeyPath, *value: object, hint: str | None = None
) -> ScenarioError:
    return ScenarioError.of([document.positions.fault(what, path, *value, hint=hint)])


def _overlaid(base: Layers, paths: Sequence[Path]) -> Layers:
    """Lay overlays that do not contradict each other over a base."""
    documents = [yaml_with_positions(path) for path in paths]
    for document in documents:
        for key in COMPOSITION:
            if key in document.data:
                what = "an overlay is laid over other files and names none itself"
                fault = document.positions.fault(what, (key,), at_key=True)
                raise ScenarioError.of([fault])
    overlays = [overlay_of(document) for document in documents]
    if faults := list(conflicts(overlays)):
        raise ScenarioError.of(faults)
    for overlay in overlays:
        base = base.under(overlay)
    return base
