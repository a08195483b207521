"""Writing a scenario out in full: what a result folder stores and can be run from again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from regional_sim.errors import UnknownNameError
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.scenario.dyads import EMPTY_TABLE, FloatArray
from regional_sim.scenario.figures import DYAD_FIGURES, STATE_FIGURE, DyadFigure
from regional_sim.scenario.layers import Layers, Setting, plain, with_settings
from regional_sim.scenario.schema import SCENARIO_FORMAT, Figure, Groups, Roles, Source
from regional_sim.scenario.validation import Sections, validate


def resolved(layers: Layers, sections: Sections) -> dict[str, Any]:
    """Write everything out.

    Parameters
    ----------
    layers : Layers
        For what is known of the dyad quantities beside their values.
    sections : Sections
        Everything else.

    Returns
    -------
    dict
        Plain and deterministic, free of paths; a valid scenario file that extends nothing.
    """
    return {
        "format": SCENARIO_FORMAT,
        "title": sections.title,
        "description": sections.description,
        "horizon": sections.horizon.model_dump(),
        "windows": {name: list(window) for name, window in sections.windows.items()},
        "roles": sections.roles.model_dump(exclude_none=True),
        "groups": {name: sorted(codes) for name, codes in sections.groups},
        "options": sections.options.model_dump(),
        "parameters": sections.parameters.model_dump(),
        "sources": {
            key: sections.sources[key].model_dump(exclude_none=True)
            for key in sorted(sections.sources)
        },
        "states": _states(sections),
        "dyads": {spec.name: _dyads(spec, layers, sections) for spec in DYAD_FIGURES},
    }


def digest_of(mapping: Mapping[str, Any]) -> str:
    """Identify plain data.

    Parameters
    ----------
    mapping : mapping
        What JSON can hold.

    Returns
    -------
    str
        SHA-256 of its canonical JSON, in hexadecimal.

    Examples
    --------
    >>> digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    True
    """
    text = json.dumps(mapping, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _states(sections: Sections) -> dict[str, Any]:
    """Write all states with all figures."""
    return {
        code: {"name": state.name or code, "stream": state.stream or code}
        | {name: figure.plain() for name, figure in state.figures()}
        for code, state in sections.states.items()
    }


def _dyads(spec: DyadFigure, layers: Layers, sections: Sections) -> dict[str, Any]:
    """Write one quantity as a full matrix."""
    codes = list(sections.states)
    if spec.holds_state:
        rows = sections.hosts.tolist()
        matrix = [[None if host < 0 else codes[host] for host in row] for row in rows]
    else:
        matrix = sections.dyads[spec.name].tolist()
    about = layers.dyads.get(spec.name, EMPTY_TABLE).about
    return {**dict(sorted(about.items())), "states": codes, "matrix": matrix}


@dataclass(frozen=True, eq=False)
class Scenario:
    """A validated, frozen world.

    Made by :func:`regional_sim.scenario.load_scenario` or
    :func:`regional_sim.scenario.scenario_from_mapping`.  Two scenarios are equal when everything
    resolved in them is.

    Attributes
    ----------
    layers : Layers
        The files it came from, laid over each other.
    sections : Sections
        The validated parts.
    """

    layers: Layers
    sections: Sections

    @classmethod
    def of(cls, layers: Layers) -> Scenario:
        """Validate files that were laid over each other.

        Parameters
        ----------
        layers : Layers
            All of them.

        Returns
        -------
        Scenario
            The world.

        Raises
        ------
        ScenarioError
            With all faults.
        """
        sections = validate(layers)
        return cls(layers.checked(), sections)

    def with_settings(self, settings: Mapping[str, object]) -> Scenario:
        """Change single values, and validate what changed.

        Parameters
        ----------
        settings : mapping
            Dotted path to value, such as ``{"parameters.theta_challenger": 0.7}``.  Later ones
            win.  Setting a shorter ``horizon.months_after`` cuts the windows to it.

        Returns
        -------
        Scenario
            A new one.

        Raises
        ------
        InputError
            When a path does not exist or a value is not allowed.
        """
        parsed = [Setting(path, plain(value)) for path, value in settings.items()]
        layers, touched = with_settings(self.layers, parsed)
        sections = validate(layers, self.sections, touched)
        return Scenario(layers, sections)

    # ------------------------------------------------------------- description

    @property
    def title(self) -> str:
        """One line."""
        return self.sections.title

    @property
    def description(self) -> str:
        """Some lines."""
        return self.sections.description

    @property
    def origin_files(self) -> tuple[Path, ...]:
        """The files read, weakest first."""
        return self.layers.files

    @property
    def sources(self) -> Mapping[str, Source]:
        """The works cited, by key."""
        return self.sections.sources

    # -------------------------------------------------------------------- time

    @property
    def months_before(self) -> int:
        """Months before the switch of posture."""
        return self.sections.horizon.months_before

    @property
    def months_after(self) -> int:
        """Months after the switch of posture."""
        return self.sections.horizon.months_after

    @property
    def n_months(self) -> int:
        """All months of a run."""
        return self.months_before + self.months_after

    @property
    def windows(self) -> dict[str, tuple[int, int]]:
        """First and last month after the switch of each window, both included."""
        return dict(self.sections.windows)

    # ------------------------------------------------------------------ states

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The states' codes, always sorted."""
        return tuple(self.sections.states)

    @property
    def n_states(self) -> int:
        """Number of states."""
        return len(self.codes)

    @property
    def names(self) -> tuple[str, ...]:
        """The states' names in words, in the order of `codes`."""
        return tuple(state.name or code for code, state in self.sections.states.items())

    @property
    def streams(self) -> tuple[str, ...]:
        """Identities of the states' random streams, in the order of `codes`."""
        return tuple(state.stream or code for code, state in self.sections.states.items())

    def role(self, name: str) -> str | None:
        """Tell who plays a role.

        Parameters
        ----------
        name : str
            ``sender``, ``partner``, ``challenger``, ``patron`` or ``ally``.

        Returns
        -------
        str or None
            The state's code; None where nobody does.

        Raises
        ------
        UnknownNameError
            When there is no such role.
        """
        _require("role", name, Roles.model_fields)
        code: str | None = getattr(self.sections.roles, name)
        return code

    def group(self, name: str) -> tuple[str, ...]:
        """List the states of a group.

        Parameters
        ----------
        name : str
            ``hedgers``, ``allies`` or ``middle_powers``.

        Returns
        -------
        tuple of str
            Codes, sorted.

        Raises
        ------
        UnknownNameError
            When there is no such group.
        """
        _require("group", name, Groups.model_fields)
        return tuple(sorted(getattr(self.sections.groups, name)))

    def figure(self, code: str, name: str) -> Figure:
        """Look up a state's figure with its source.

        Parameters
        ----------
        code : str
            The state.
        name : str
            The figure.

        Returns
        -------
        Figure
            Value, year, source, provenance, note.

        Raises
        ------
        UnknownNameError
            When there is no such state or figure.
        """
        _require("state", code, self.codes)
        _require("figure of a state", name, STATE_FIGURE)
        return self.sections.states[code].figure(name)

    # ------------------------------------------------------------------ arrays

    def state_values(self, name: str) -> FloatArray:
        """Make the array of a figure.

        Parameters
        ----------
        name : str
            The figure.

        Returns
        -------
        ndarray of float, shape (n_states,)
            In the order of `codes`; the caller's own copy.

        Raises
        ------
        UnknownNameError
            When there is no such figure.
        """
        _require("figure of a state", name, STATE_FIGURE)
        values = [state.figure(name).value for state in self.sections.states.values()]
        return np.array(values, dtype=np.float64)

    def dyad_values(self, name: str) -> FloatArray:
        """Make the array of a dyad quantity.

        Parameters
        ----------
        name : str
            The quantity, one that holds numbers.

        Returns
        -------
        ndarray of float, shape (n_states, n_states)
            Row toward column, in the order of `codes`, symmetric where the quantity has no
            direction, 0 on the diagonal; the caller's own copy.

        Raises
        ------
        UnknownNameError
            When there is no such quantity.
        """
        _require("dyad quantity", name, self.sections.dyads)
        return self.sections.dyads[name].copy()

    def host_index(self) -> npt.NDArray[np.int64]:
        """Tell from whose soil each state projects force.

        Returns
        -------
        ndarray of int, shape (n_states, n_states)
            Row number of the host for row toward column; -1 where there is none.
        """
        return self.sections.hosts.copy()

    def parameter_values(self) -> FloatArray:
        """Make the array of parameters.

        Returns
        -------
        ndarray of float, shape (n_parameters,)
            In the order of :class:`regional_sim.model.parameters.Param`.
        """
        given = self.sections.parameters
        return np.array([getattr(given, param.name) for param in Param], dtype=np.float64)

    def option_values(self) -> npt.NDArray[np.int64]:
        """Make the array of structural options.

        Returns
        -------
        ndarray of int, shape (n_options,)
            The code of each choice, in the order of :class:`regional_sim.model.options.Option`.
        """
        chosen = ((o, o.choices.index(getattr(self.sections.options, o.name))) for o in Option)
        return np.array([option.codes[index] for option, index in chosen], dtype=np.int64)

    @cached_property
    def structure(self) -> tuple[object, ...]:
        """All that no number but the shape of a run depends on.

        Runs of scenarios with equal structures can stand side by side in one block.
        """
        roles = tuple(self.role(name) for name in Roles.model_fields)
        groups = tuple(self.group(name) for name in Groups.model_fields)
        return (
            self.codes,
            self.streams,
            roles,
            groups,
            self.host_index().tobytes(),
            self.option_values().tobytes(),
            (self.months_before, self.months_after),
            tuple(self.windows.items()),
        )

    # ---------------------------------------------------------------- identity

    def resolved(self) -> dict[str, Any]:
        """Write everything out: what a result folder stores and can be run from again.

        Returns
        -------
        dict
            Plain and deterministic, free of paths; a valid scenario file that extends nothing.
        """
        return resolved(self.layers, self.sections)

    @cached_property
    def _digest(self) -> str:
        return digest_of(self.resolved())

    def digest(self) -> str:
        """Identify the world.

        Returns
        -------
        str
            SHA-256 of the canonical JSON of :meth:`resolved`, in hexadecimal.
        """
        return self._digest

    def __eq__(self, other: object) -> bool:
        """Compare all that is resolved."""
        return isinstance(other, Scenario) and self.digest() == other.digest()

    def __hash__(self) -> int:
        """Hash all that is resolved."""
        return hash(self.digest())

    def __repr__(self) -> str:
        """Name title and size."""
        return f"Scenario({self.title!r}, {self.n_states} states, {self.n_months} months)"


def _require(kind: str, name: str, known: Mapping[str, object] | tuple[str, ...]) -> None:
    """Refuse a name that does not exist."""
    if name not in known:
        raise UnknownNameError(kind, name, known)
