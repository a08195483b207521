"""Loading a scenario: find the file, follow extends and overrides, validate the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from regional_sim.errors import Fault, InputError, ScenarioError
from regional_sim.scenario.files import Kind, is_name, refuse_other, shipped_config
from regional_sim.scenario.layers import (
    COMPOSITION,
    Layers,
    conflicts,
    layer_of,
    overlay_of,
    parse_setting,
    plain,
    with_settings,
)
from regional_sim.scenario.scenario import Scenario
from regional_sim.scenario.yaml import Document, Position, everywhere, yaml_with_positions


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
    layers = _composed(yaml_with_positions(_located(path_or_name, Path())), ())
    layers = _overlaid(layers, [yaml_with_positions(_located(o, Path())) for o in overrides])
    layers, _ = with_settings(layers, [parse_setting(text) for text in settings])
    return Scenario.of(layers)


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
    data = plain(mapping)
    document = Document(data, everywhere(data, Position(origin)))
    return Scenario.of(_composed(document, ()))


def _located(given: str | Path, folder: Path) -> Path:
    """Find a file relative to a folder, or a shipped one by name."""
    path = folder / given
    return path if path.exists() or not is_name(str(given)) else shipped_config(str(given))


def _composed(document: Document, trail: tuple[Path, ...]) -> Layers:
    """Lay a file over its overlays and these over its base."""
    refuse_other(document, Kind.SCENARIO)
    folder = Path() if document.path is None else document.path.parent
    if document.path is not None:
        trail = (*trail, document.path.resolve())
    base = Layers()
    if (name := document.data.get("extends")) is not None:
        base_path = _referred(name, folder, document, ("extends",))
        if base_path.resolve() in trail:
            what = "this file extends itself, directly or through others"
            raise ScenarioError.of([document.positions.fault(what, ("extends",), name)])
        base = _composed(yaml_with_positions(base_path), trail)
    overlays = _overlay_paths(document, folder)
    return _overlaid(base, [yaml_with_positions(path) for path in overlays]).under(
        layer_of(document)
    )


def _overlay_paths(document: Document, folder: Path) -> list[Path]:
    names = document.data.get("overrides")
    if names is None:
        return []
    if not isinstance(names, list):
        fault = document.positions.fault("must be a list of files", ("overrides",), names)
        raise ScenarioError.of([fault])
    return [
        _referred(name, folder, document, ("overrides", index)) for index, name in enumerate(names)
    ]


def _referred(name: object, folder: Path, document: Document, path: tuple[str | int, ...]) -> Path:
    """Find a file that another one names; a fault lies where it is named."""
    if not isinstance(name, str) or not name:
        fault = document.positions.fault("must be the name of a file", path, name)
        raise ScenarioError.of([fault])
    try:
        found = _located(name, folder)
    except InputError as error:
        fault = document.positions.fault(error.what, path, hint=error.hint)
        raise ScenarioError.of([fault]) from None
    if not found.is_file():
        fault = document.positions.fault("no such file", path, str(found))
        raise ScenarioError.of([fault])
    return found


def _overlaid(base: Layers, documents: Sequence[Document]) -> Layers:
    """Lay overlays that do not contradict each other over a base."""
    for document in documents:
        for key in COMPOSITION:
            if key in document.data:
                what = "an overlay is laid over other files and names none itself"
                raise ScenarioError.of([document.positions.fault(what, (key,), at_key=True)])
    overlays = [overlay_of(document) for document in documents]
    faults: list[Fault] = list(conflicts(overlays))
    if faults:
        raise ScenarioError.of(faults)
    for overlay in overlays:
        base = base.under(overlay)
    return base
