"""Writing a scenario out in full: what a result folder stores and can be run from again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from regional_sim.scenario.catalogue import DYAD_FIGURES, DyadFigure
from regional_sim.scenario.dyad_tables import EMPTY_TABLE
from regional_sim.scenario.form import SCENARIO_FORMAT
from regional_sim.scenario.layers import Layers
from regional_sim.scenario.validation import Sections


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
