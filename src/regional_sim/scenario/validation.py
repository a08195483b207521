"""From layers of plain data to validated sections and arrays; all faults in one error.

What did not change is not validated again: a sweep makes thousands of scenarios that differ in a
parameter or two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from regional_sim.errors import Fault, ScenarioError, suggestion
from regional_sim.scenario import checks
from regional_sim.scenario.catalogue import DYAD_FIGURES
from regional_sim.scenario.dyad_reading import SECTION as DYADS
from regional_sim.scenario.dyad_tables import EMPTY_TABLE, FloatArray, hosts_of, values_of
from regional_sim.scenario.faults import Section, faults_of
from regional_sim.scenario.form import ADAPTERS, DEFAULTS, SECTIONS, ScenarioFile
from regional_sim.scenario.layers import Layers
from regional_sim.scenario.sections import Groups, Horizon, Roles, Source, StateBase

WHOLE_WINDOW: Final = "all"
"""Name of the one window of a scenario that defines none."""

_CITING: Final = ("states", "sources")


@dataclass(frozen=True)
class Sections:
    """The validated parts of a scenario.

    Attributes
    ----------
    title, description : str
        As in the file.
    horizon, roles, groups, options, parameters : Section
        Validated models.
    windows : dict
        First and last month of each, by first month.
    sources : dict of Source
        By key.
    states : dict
        By sorted code.
    dyads : dict of ndarray
        Quantities that hold numbers, rows and columns in the order of `states`.
    hosts : ndarray of int
        Row of the host state, -1 where there is none.
    """

    title: str
    description: str
    horizon: Horizon
    windows: Mapping[str, tuple[int, int]]
    roles: Roles
    groups: Groups
    options: Section
    parameters: Section
    sources: Mapping[str, Source]
    states: Mapping[str, StateBase]
    dyads: Mapping[str, FloatArray]
    hosts: npt.NDArray[np.int64]


def validate(
    layers: Layers, before: Sections | None = None, touched: frozenset[str] = frozenset()
) -> Sections:
    """Validate a scenario, or what changed in one.

    Parameters
    ----------
    layers : Layers
        All files and settings together.
    before : Sections, optional
        The result before the settings; None: validate everything.
    touched : frozenset of str
        Sections that the settings changed, and ``dyads.<quantity>``.

    Returns
    -------
    Sections
        Validated models and arrays.

    Raises
    ------
    ScenarioError
        With all faults.
    """
    faults = [*layers.faults, *_unknown_sections(layers)]
    values: dict[str, Any] = {}
    for name in ADAPTERS:
        if before is not None and name not in touched:
            values[name] = getattr(before, name)
        else:
            values |= _section(name, layers, faults)
    faults += _between(values, layers)
    if before is None or any(name in _CITING or name.startswith(DYADS) for name in touched):
        faults += _citations(values, layers)
    if faults:
        raise ScenarioError.of(faults)
    codes = tuple(values["states"])
    arrays = _arrays(layers, codes, before, touched, faults)
    if faults:
        raise ScenarioError.of(faults)
    hosts = hosts_of(layers.dyads.get("host", EMPTY_TABLE), codes)
    return Sections(**values, dyads=arrays, hosts=hosts)


def _unknown_sections(layers: Layers) -> Iterator[Fault]:
    """Find top-level keys that mean nothing."""
    for name in layers.data:
        if name not in SECTIONS:
            hint = suggestion(name, ScenarioFile.model_fields)
            yield layers.positions.fault("unknown key", (name,), at_key=True, hint=hint)


def _section(name: str, layers: Layers, faults: list[Fault]) -> dict[str, Any]:
    """Validate one section; return it under its name, or nothing where it is at fault."""
    data = layers.data.get(name, DEFAULTS.get(name, {}))
    try:
        value = ADAPTERS[name].validate_python(data)
    except ValidationError as error:
        faults += faults_of(error, data, layers.positions, SECTIONS[name], (name,))
        return {}
    return {name: value}


def _between(values: dict[str, Any], layers: Layers) -> Iterator[Fault]:
    """Check what holds between sections, as far as those are good; put them in order."""
    positions = layers.positions
    if "windows" in values and "horizon" in values:
        values["windows"] = _windows(values["windows"], values["horizon"])
        yield from checks.check_windows(values["windows"], values["horizon"], positions)
    if "states" not in values:
        return
    values["states"] = dict(sorted(values["states"].items()))
    codes = tuple(values["states"])
    if "roles" in values:
        yield from checks.check_roles(values["roles"], codes, positions)
    if "groups" in values:
        yield from checks.check_groups(values["groups"], codes, positions)
    yield from checks.check_streams(values["states"], positions)
    yield from checks.check_mentions(layers.dyads, codes)


def _citations(values: Mapping[str, Any], layers: Layers) -> Iterator[Fault]:
    """Check that what is cited is listed."""
    if "states" in values and "sources" in values:
        yield from checks.check_sources(
            values["states"], layers.dyads, values["sources"], layers.positions
        )


def _windows(
    windows: Mapping[str, tuple[int, int] | None], horizon: Horizon
) -> dict[str, tuple[int, int]]:
    """Drop windows that were set to null, sort the others, and have at least one."""
    kept = [(window, name) for name, window in windows.items() if window is not None]
    return {name: window for window, name in sorted(kept)} or {
        WHOLE_WINDOW: (1, horizon.months_after)
    }


def _arrays(
    layers: Layers,
    codes: tuple[str, ...],
    before: Sections | None,
    touched: frozenset[str],
    faults: list[Fault],
) -> dict[str, FloatArray]:
    """Make the arrays of all dyad quantities, anew only where something changed."""
    arrays: dict[str, FloatArray] = {}
    for spec in DYAD_FIGURES:
        if spec.holds_state:
            continue
        name = spec.name
        if before is not None and not {f"{DYADS}.{name}", f"{DYADS}.{spec.default_from}"} & touched:
            arrays[name] = before.dyads[name]
            continue
        table = layers.dyads.get(name, EMPTY_TABLE)
        arrays[name] = values_of(spec, table, codes, arrays)
        # What its default lacks is reported there.
        if spec.default_from is None or not np.isnan(arrays[spec.default_from]).any():
            faults += checks.check_complete(name, arrays[name], codes, layers.positions)
    return arrays
