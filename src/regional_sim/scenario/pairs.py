"""A file of the pairs that a scenario says nothing about, to be filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from pathlib import Path

from regional_sim.errors import InputError, UnknownNameError
from regional_sim.scenario.dyads import EMPTY_TABLE, DyadTable, Pair
from regional_sim.scenario.figures import DYAD_FIGURES, TRADE, DyadFigure
from regional_sim.scenario.load import layers_of
from regional_sim.scenario.schema import DYADS


def pairs_to_fill_in(path_or_name: str | Path, code: str | None = None) -> str:
    """Write, as YAML, the pairs of a state that no file of a scenario gives.

    The scenario may lack whatever is asked for.  Without a code, the pairs are those of all states
    that stand in no pair yet.

    Raises InputError where there is no such scenario or state, or its dyads have faults.
    """
    layers = layers_of(path_or_name)
    if layers.faults:
        raise InputError.of(layers.faults)
    states = layers.data.get("states")
    codes = sorted(states) if isinstance(states, Mapping) else []
    if code is not None and code not in codes:
        raise UnknownNameError("state", code, codes)
    used = {one for table in layers.dyads.values() for pair in table.cells for one in pair}
    chosen = {code} if code else set(codes) - used
    lines = list(_sections(layers.dyads, codes, chosen)) if chosen else []
    if not lines:
        missing = f"{code} lacks no pair" if code else "every state stands in some pair; name one"
        return f"# {missing}\n"
    head = f"# Pairs of {', '.join(sorted(chosen))} that {path_or_name} does not give."
    return "\n".join([head, f"{DYADS}:", *lines]) + "\n"


def _sections(
    tables: Mapping[str, DyadTable], codes: Sequence[str], chosen: set[str]
) -> Iterator[str]:
    """Write each quantity of which something is missing."""
    for spec in DYAD_FIGURES:
        table = tables.get(spec.name, EMPTY_TABLE)
        pairs = [
            pair
            for pair in permutations(codes, 2)
            if (spec.directed or pair[0] < pair[1])
            and not chosen.isdisjoint(pair)
            and pair not in table.cells
        ]
        if pairs and not spec.holds_state:
            yield from _section(spec, table, pairs)


def _section(spec: DyadFigure, table: DyadTable, pairs: Sequence[Pair]) -> Iterator[str]:
    """Write one quantity: what it is, and a line for each pair with what it is taken for."""
    default = spec.default if table.default is None else table.default
    if spec.name == TRADE:
        # Left at 0 it would be a state that trades with nobody, which is hardly meant.
        default = None
    yield f"  # {spec.meaning} Unit: {spec.unit}. Allowed: {spec.range}."
    if default is None and spec.default_from is not None:
        yield f"  # {spec.name}: {spec.default_from} where nothing is given"
        return
    yield f"  {spec.name}:"
    yield "    pairs:"
    for a, b in pairs:
        yield f"      {a}{':' if spec.directed else '-'}{b}:{_value(default)}"


def _value(default: float | None) -> str:
    """Write a default; what has none is left for the user, and refused until it is given."""
    return "" if default is None else f" {default!r}"
