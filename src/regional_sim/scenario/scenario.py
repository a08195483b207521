"""A validated world: what the model reads of it, what it resolves to, and its digest.

Longer than others because all that is read of a world, and the two ways to write it out, are
methods of one class.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from regional_sim.errors import UnknownNameError
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.scenario.dyads import EMPTY_TABLE, FloatArray
from regional_sim.scenario.figures import DYAD_FIGURES, STATE_FIGURE, TRADE, DyadFigure
from regional_sim.scenario.layers import Layers, Part, Setting, apply_settings, as_settings
from regional_sim.scenario.paths import figures_with_paths, pairs_by_month, states_by_month
from regional_sim.scenario.schema import (
    DYADS,
    PATHS,
    SCENARIO_FORMAT,
    Figure,
    Groups,
    Roles,
    Source,
    StateBase,
)
from regional_sim.scenario.validation import Sections, validate


def digest_of(mapping: Mapping[str, Any]) -> str:
    """Identify plain data by the SHA-256 of its canonical JSON, in hexadecimal.

    Examples
    --------
    >>> digest_of({"b": 1, "a": 2}) == digest_of({"a": 2, "b": 1})
    True
    """
    return hashlib.sha256(_canonical_json(mapping).encode()).hexdigest()


def _canonical_json(data: object) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, eq=False)
class Scenario:
    """A validated, frozen world.

    Made by :func:`regional_sim.scenario.load_scenario` or
    :func:`regional_sim.scenario.scenario_from_mapping`.  Two scenarios are equal when everything
    resolved in them is.  Arrays follow the order of `codes` and are the caller's own copies.
    Methods that look something up raise :class:`UnknownNameError` for a name that does not exist.

    Attributes
    ----------
    layers : Layers
        The files it came from, laid over each other.
    sections : Sections
        The validated parts.
    """

    layers: Layers
    sections: Sections
    _json_before: Mapping[Part, str] = field(default_factory=dict, repr=False)
    _changed: frozenset[Part] = frozenset()

    @classmethod
    def of(cls, layers: Layers) -> Scenario:
        """Validate files that were laid over each other."""
        sections = validate(layers)
        return cls(layers.checked(), sections)

    def with_settings(self, settings: Mapping[str, object] | Sequence[Setting]) -> Scenario:
        """Change single values, and validate what changed.

        Parameters
        ----------
        settings : mapping, or sequence of Setting
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
        layers, changed = apply_settings(self.layers, as_settings(settings))
        sections = validate(layers, self.sections, changed)
        return Scenario(layers, sections, self._json, changed)

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

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is allowed but may not be meant.

        Windows that a setting of the horizon cut, and states that trade nothing because no file
        says what they trade.
        """
        table = self.layers.dyads.get(TRADE, EMPTY_TABLE)
        given = {code for pair in table.cells for code in pair}
        idle = self.sections.dyads[TRADE].sum(axis=1) == 0.0
        silent = [c for c, none in zip(self.codes, idle, strict=True) if none and c not in given]
        what = "trades with nobody: no file gives a pair of it under dyads.trade_usd_bn"
        return (*self.layers.remarks, *(f"{code} {what}" for code in silent))

    # -------------------------------------------------------------------- time

    @property
    def run_in(self) -> int:
        """Months before the first one that counts."""
        return self.sections.horizon.run_in

    @property
    def months_before(self) -> int:
        """Months before the onset of the posture."""
        return self.sections.horizon.months_before

    @property
    def months_after(self) -> int:
        """Months after the onset of the posture."""
        return self.sections.horizon.months_after

    @property
    def n_months(self) -> int:
        """All months of a run that count."""
        return self.months_before + self.months_after

    @property
    def windows(self) -> dict[str, tuple[int, int]]:
        """First and last month after the onset of each window, both included."""
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
        """Return the code of the state that plays a role; None where nobody does.

        Parameters
        ----------
        name : str
            ``sender``, ``partner``, ``challenger``, ``patron``, ``ally`` or ``rival``.
        """
        _require("role", name, Roles.model_fields)
        code: str | None = getattr(self.sections.roles, name)
        return code

    def group(self, name: str) -> tuple[str, ...]:
        """Return the sorted codes of the states in a group.

        Parameters
        ----------
        name : str
            ``hedgers``, ``allies`` or ``middle_powers``.
        """
        _require("group", name, Groups.model_fields)
        return tuple(sorted(getattr(self.sections.groups, name)))

    def figure(self, code: str, name: str) -> Figure:
        """Return a state's figure with its year, source, provenance and note."""
        _require("state", code, self.codes)
        _require("figure of a state", name, STATE_FIGURE)
        return self.sections.states[code].figure(name)

    # ------------------------------------------------------------------ arrays

    def state_values(self, name: str) -> FloatArray:
        """Return a figure of every state, shape (n_states,)."""
        _require("figure of a state", name, STATE_FIGURE)
        values = [state.figure(name).value for state in self.sections.states.values()]
        return np.array(values, dtype=np.float64)

    def dyad_values(self, name: str) -> FloatArray:
        """Return a dyad quantity that holds numbers, shape (n_states, n_states).

        Row toward column, symmetric where the quantity has no direction, 0 on the diagonal.
        """
        _require("dyad quantity", name, self.sections.dyads)
        return self.sections.dyads[name].copy()

    @cached_property
    def moving_figures(self) -> frozenset[str]:
        """Names of the figures that have a path."""
        return figures_with_paths(self.sections.paths)

    def state_values_by_month(self, name: str) -> FloatArray:
        """Return a figure of every state in every month, shape (n_months, n_states)."""
        _require("figure of a state", name, STATE_FIGURE)
        s = self.sections
        return states_by_month(s.states, s.paths, name, range(self.n_months))

    def dyad_values_by_month(self, name: str) -> FloatArray:
        """Return :meth:`dyad_values` of every month, shape (n_months, n_states, n_states)."""
        months = range(self.n_months)
        return pairs_by_month(self.dyad_values(name), self.codes, self.sections.paths, name, months)

    def host_index(self) -> npt.NDArray[np.int64]:
        """Return for each pair the row number of the state whose bases row uses against column.

        Shape (n_states, n_states); -1 where there is no host.
        """
        return self.sections.hosts.copy()

    def parameter_values(self) -> FloatArray:
        """Return the parameters, shape (n_parameters,), in the order of :class:`Param`."""
        given = self.sections.parameters
        return np.array([getattr(given, param.name) for param in Param], dtype=np.float64)

    def option_values(self) -> npt.NDArray[np.int64]:
        """Return the codes of the choices, shape (n_options,), in the order of :class:`Option`."""
        chosen = ((o, o.choices.index(getattr(self.sections.options, o.name))) for o in Option)
        return np.array([option.codes[index] for option, index in chosen], dtype=np.int64)

    @property
    def draws_choices(self) -> bool:
        """Whether states draw what they choose."""
        return bool(getattr(self.sections.options, Option.choice.name) == "drawn")

    @cached_property
    def structure(self) -> tuple[object, ...]:
        """All but the numbers; runs of scenarios with equal structures can share a batch."""
        return (
            self.codes,
            self.streams,
            tuple(self.role(name) for name in Roles.model_fields),
            tuple(self.group(name) for name in Groups.model_fields),
            self.host_index().tobytes(),
            self.option_values().tobytes(),
            (self.run_in, self.months_before, self.months_after),
            tuple(self.windows.items()),
            tuple((owner, *figures) for owner, figures in self.sections.paths.items()),
        )

    # ---------------------------------------------------------------- identity

    def resolved(self) -> dict[str, Any]:
        """Write everything out: what a result folder stores and can be run from again.

        It is plain and deterministic, free of paths, and a valid scenario file that extends
        nothing.
        """
        return _together(self._writers())

    def standalone(self) -> dict[str, Any]:
        """Write the world as one file, in which every setting means what it means here.

        Unlike :meth:`resolved` it leaves open what follows from something else: pairs that have
        the default of their quantity, or of another one, and the only window where none is given.
        """
        data = self.layers.data
        windows = data.get("windows", {})
        own: dict[Part, Callable[[], object]]
        own = {
            ("windows",): lambda: {name: windows[name] for name in sorted(windows)},
            **{
                ("states", code): partial(_state, code, state, data["states"][code])
                for code, state in self.sections.states.items()
            },
            **{(DYADS, spec.name): partial(self._open_dyad, spec) for spec in DYAD_FIGURES},
        }
        return _together(self._writers() | own)

    def _writers(self) -> dict[Part, Callable[[], object]]:
        """What writes each part, in the order of a file."""
        s = self.sections
        return {
            ("format",): lambda: SCENARIO_FORMAT,
            ("title",): lambda: s.title,
            ("description",): lambda: s.description,
            ("horizon",): s.horizon.model_dump,
            ("windows",): lambda: {name: list(window) for name, window in s.windows.items()},
            ("roles",): partial(s.roles.model_dump, exclude_none=True),
            ("groups",): lambda: {name: sorted(codes) for name, codes in s.groups},
            ("options",): s.options.model_dump,
            ("parameters",): s.parameters.model_dump,
            ("sources",): lambda: {
                key: s.sources[key].model_dump(exclude_none=True) for key in sorted(s.sources)
            },
            **{("states", c): partial(_state, c, state) for c, state in s.states.items()},
            **{(DYADS, spec.name): partial(self._dyad, spec) for spec in DYAD_FIGURES},
            **({(PATHS,): self._paths} if s.paths else {}),
        }

    def _paths(self) -> dict[str, Any]:
        """Write the points of all paths; months are text, as JSON has no other keys."""
        return {
            owner: {
                name: {str(month): point.plain() for month, point in points.items()}
                for name, points in figures.items()
            }
            for owner, figures in self.sections.paths.items()
        }

    def _dyad(self, spec: DyadFigure) -> dict[str, Any]:
        """Write one dyad quantity as a full matrix."""
        codes = list(self.codes)
        if spec.holds_state:
            rows = self.sections.hosts.tolist()
            matrix = [[None if host < 0 else codes[host] for host in row] for row in rows]
        else:
            matrix = self.sections.dyads[spec.name].tolist()
        about = self.layers.dyads.get(spec.name, EMPTY_TABLE).about
        return {**dict(sorted(about.items())), "states": codes, "matrix": matrix}

    def _open_dyad(self, spec: DyadFigure) -> dict[str, Any]:
        """Write the pairs of a dyad quantity that are given, and the default of the others."""
        table, codes = self.layers.dyads.get(spec.name, EMPTY_TABLE), self.codes
        about = dict(sorted(table.about.items()))
        pairs = itertools.permutations(codes, 2)
        if all(pair in table.cells for pair in pairs if spec.directed or pair[0] < pair[1]):
            return self._dyad(spec)
        default = spec.default if table.default is None else table.default
        sign = ":" if spec.directed else "-"
        return {
            **about,
            **({} if default is None else {"default": default}),
            "pairs": {f"{a}{sign}{b}": value for (a, b), value in sorted(table.cells.items())},
        }

    @cached_property
    def _json(self) -> dict[Part, str]:
        """Canonical JSON of each part; what settings left alone is not written again."""
        kept = self._json_before
        return {
            part: kept[part]
            if part in kept and part not in self._changed
            else _canonical_json(write())
            for part, write in self._writers().items()
        }

    @cached_property
    def _digest(self) -> str:
        whole: dict[str, str] = {}
        inside: dict[str, list[str]] = {}
        for (section, *key), text in sorted(self._json.items()):
            if key:
                inside.setdefault(section, []).append(f'"{key[0]}":{text}')
            else:
                whole[section] = text
        whole |= {section: f"{{{','.join(items)}}}" for section, items in inside.items()}
        text = ",".join(f'"{section}":{whole[section]}' for section in sorted(whole))
        return hashlib.sha256(f"{{{text}}}".encode()).hexdigest()

    def digest(self) -> str:
        """Identify the world by :func:`digest_of` all that is resolved."""
        return self._digest

    def __getstate__(self) -> dict[str, object]:
        """Leave out the JSON, which is only kept to make digests quickly."""
        state = {name: value for name, value in vars(self).items() if name != "_json"}
        return state | {"_json_before": {}, "_changed": frozenset()}

    def __eq__(self, other: object) -> bool:
        """Compare all that is resolved."""
        return isinstance(other, Scenario) and self.digest() == other.digest()

    def __hash__(self) -> int:
        """Hash all that is resolved."""
        return hash(self.digest())

    def __repr__(self) -> str:
        """Name title and size."""
        return f"Scenario({self.title!r}, {self.n_states} states, {self.n_months} months)"


def _together(writers: Mapping[Part, Callable[[], object]]) -> dict[str, Any]:
    """Put written parts into their sections."""
    result: dict[str, Any] = {}
    for (section, *key), write in writers.items():
        if key:
            result.setdefault(section, {})[key[0]] = write()
        else:
            result[section] = write()
    return result


def _state(
    code: str, state: StateBase, given: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Write one state with all figures; as mappings also those that are `given` as mappings."""
    figures: dict[str, object] = {name: figure.plain() for name, figure in state.figures()}
    for name, figure in (given or {}).items():
        # A setting puts a number into it, and so its provenance.
        if isinstance(figure, Mapping) and not isinstance(figures[name], Mapping):
            figures[name] = {"value": figures[name]}
    return {"name": state.name or code, "stream": state.stream or code, **figures}


def _require(kind: str, name: str, known: Collection[str]) -> None:
    """Refuse a name that does not exist."""
    if name not in known:
        raise UnknownNameError(kind, name, known)
