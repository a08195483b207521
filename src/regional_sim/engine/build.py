"""Build the arrays of a block from a scenario.

One builder makes every array, so that all are C-contiguous, writeable and of one type: any other
array would make the compiler start again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from regional_sim.engine.outcomes import window_bounds
from regional_sim.model.initial_state import settle_start
from regional_sim.model.instruments import TRADITIONAL_LEVELS
from regional_sim.model.mechanisms.force import decay
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    BeliefVar,
    DirectedVar,
    Draw,
    Group,
    InstrumentRow,
    Observer,
    PairVar,
    RegionVar,
    Role,
    StateVar,
    World,
    n_pairs,
)
from regional_sim.numerics.arrays import Floats, Integers, empty_together
from regional_sim.numerics.compiler import compiled
from regional_sim.numerics.elementary import logit
from regional_sim.postures import Instrument
from regional_sim.scenario import Scenario

SCRATCH_ROWS = 10
LEAST_REST_SHARE = 0.05
"""Least trade with the rest of the world, as a share of regional trade, where openness is small."""


def build_world(
    scenarios: Scenario | Sequence[Scenario], n_runs: int = 1, draw: Floats | None = None
) -> World:
    """Build a block at its rest point: some runs of each of some scenarios, side by side.

    Parameters
    ----------
    scenarios : Scenario or sequence of Scenario
        The validated worlds; all have the same :attr:`Scenario.structure`.
    n_runs : int
        Runs of each scenario, at least 1.
    draw : ndarray, shape (month, Draw, pair, run), optional
        Draws of all runs, shared with other blocks; a buffer of one month is made if None.

    Returns
    -------
    World
        All arrays, with every start value set; the runs of the first scenario come first.

    Raises
    ------
    ValueError
        If the structures differ.
    """
    given = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
    if any(one.structure != given[0].structure for one in given):
        raise ValueError("worlds of different structure cannot stand side by side in a block")
    world = _side_by_side([_unsettled(scenario) for scenario in given])
    settle_start(world)
    if draw is None:
        draw = _no_draws(given[0], len(given) * n_runs)
    return copy_of(world, n_runs)._replace(draw=draw)


def copy_of(world: World, times: int = 1) -> World:
    """Return a block with values of its own and the same draws.

    Parameters
    ----------
    world : World
        A block.
    times : int
        How often each of its runs is repeated, side by side; if more than once, the copy has yet
        to be given draws of its own.

    Returns
    -------
    World
        The copy; its arrays lie together in memory.
    """
    sources = {name: getattr(world, name) for name in _BY_RUN}
    shapes = [(*source.shape[:-1], source.shape[-1] * times) for source in sources.values()]
    copies: dict[str, Any] = dict(zip(sources, empty_together(shapes), strict=True))
    for name, source in sources.items():
        copies[name].reshape(*source.shape, times)[...] = source[..., None]
    return world._replace(**copies)


_BY_RUN = (
    "state",
    "pair",
    "directed",
    "belief",
    "region",
    "instrument",
    "param",
    "metric",
    "summary",
    "scratch",
)


def _side_by_side(worlds: list[World]) -> World:
    if len(worlds) == 1:
        return worlds[0]
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(world, name) for world in worlds], axis=-1)
        for name in (*_BY_RUN, "draw")
    }
    return worlds[0]._replace(**joined)


def _unsettled(scenario: Scenario) -> World:
    world = empty_world(scenario)
    _fill_parameters(world, scenario)
    _fill_states(world, scenario)
    _fill_pairs(world, scenario)
    _fill_directed(world, scenario)
    for instrument, level in TRADITIONAL_LEVELS.items():
        world.instrument[:, instrument] = level
    return world


def _no_draws(scenario: Scenario, n_runs: int) -> Floats:
    return np.zeros((1, len(Draw), n_pairs(scenario.n_states), n_runs))


def empty_world(scenario: Scenario) -> World:
    """Return the arrays of a single run, with nothing but the structure of a scenario in them.

    Parameters
    ----------
    scenario : Scenario
        The validated world.

    Returns
    -------
    World
        Floats are 0.
    """
    n = scenario.n_states
    d = n_pairs(n)
    n_runs = 1
    bounds = np.array(list(window_bounds(scenario).values()), dtype=np.int64)
    return World(
        state=np.zeros((len(StateVar), n, n_runs)),
        pair=np.zeros((len(PairVar), d, n_runs)),
        directed=np.zeros((len(DirectedVar), n, n, n_runs)),
        belief=np.zeros((len(BeliefVar), len(Observer), n, n, n_runs)),
        region=np.zeros((len(RegionVar), n_runs)),
        instrument=np.zeros((len(InstrumentRow), len(Instrument), n_runs)),
        param=np.zeros((len(Param), n_runs)),
        metric=np.zeros((len(Metric), n_runs)),
        summary=np.zeros((len(bounds), len(Metric), n_runs)),
        scratch=np.zeros((SCRATCH_ROWS, n_runs)),
        draw=_no_draws(scenario, n_runs),
        group=_group_rows(scenario),
        pair_of=_pair_table(n),
        host=np.ascontiguousarray(scenario.host_index(), dtype=np.int64),
        role=_role_row(scenario),
        observer_of=_view_row(scenario),
        window=bounds,
        option=np.ascontiguousarray(scenario.option_values(), dtype=np.int64),
    )


def _pair_table(n_states: int) -> Integers:
    table = np.full((n_states, n_states), -1, dtype=np.int64)
    upper = np.triu_indices(n_states, 1)
    table[upper] = np.arange(n_pairs(n_states))
    table.T[upper] = table[upper]
    return np.ascontiguousarray(table)


def _role_row(scenario: Scenario) -> Integers:
    holders = [scenario.role(role.name) for role in Role]
    return np.array(
        [-1 if code is None else scenario.codes.index(code) for code in holders], dtype=np.int64
    )


def _view_row(scenario: Scenario) -> Integers:
    views = {
        scenario.role("challenger"): Observer.challenger,
        scenario.role("partner"): Observer.partner,
    }
    return np.array([views.get(code, Observer.third) for code in scenario.codes], dtype=np.int64)


def _group_rows(scenario: Scenario) -> Floats:
    members = [[code in scenario.group(group.name) for code in scenario.codes] for group in Group]
    return np.array(members, dtype=np.float64)


def _fill_parameters(world: World, scenario: Scenario) -> None:
    world.param[:] = scenario.parameter_values()[:, None]


def _fill_states(world: World, scenario: Scenario) -> None:
    def put(variable: StateVar, values: Floats) -> None:
        world.state[variable] = values[:, None]

    put(
        StateVar.capability,
        scenario.state_values("capability_usd_bn") * scenario.state_values("theatre_share"),
    )
    put(StateVar.gdp, scenario.state_values("gdp_usd_bn"))
    put(StateVar.own_precision, scenario.state_values("detection_precision"))
    put(StateVar.seaborne_share, scenario.state_values("seaborne_trade_share"))
    put(StateVar.stance_start, scenario.state_values("stance"))
    put(StateVar.stance, scenario.state_values("stance"))
    for name in (
        "polyarchy",
        "neutrality",
        "deterrence",
        "resolve",
        "substitutability",
        "stock_months",
    ):
        put(StateVar[name], scenario.state_values(name))
    for name in ("substitutability", "stock_months"):
        put(StateVar[f"{name}_start"], scenario.state_values(name))
    regional = scenario.dyad_values("trade_usd_bn").sum(axis=1)
    total = scenario.state_values("trade_openness") * scenario.state_values("gdp_usd_bn")
    rest = np.maximum(total - regional, LEAST_REST_SHARE * np.maximum(regional, 1e-6))
    put(StateVar.rest_trade_start, rest)
    put(StateVar.rest_trade, rest)


def _fill_pairs(world: World, scenario: Scenario) -> None:
    upper = np.triu_indices(scenario.n_states, 1)

    def values(name: str) -> Floats:
        return scenario.dyad_values(name)[upper][:, None]

    for variable in ("contact", "restraint", "relevance"):
        world.pair[PairVar[variable]] = values(variable)
    contact = values("contact")
    met = contact.sum()
    world.pair[PairVar.weight] = contact / met if met > 0.0 else 1.0 / len(contact)
    world.pair[PairVar.channel_start] = values("channel")
    world.pair[PairVar.trade_start] = values("trade_usd_bn")
    world.pair[PairVar.trade] = values("trade_usd_bn")
    levels = _logits(values("tension"))
    world.pair[PairVar.level] = levels
    world.pair[PairVar.norm] = levels


def _fill_directed(world: World, scenario: Scenario) -> None:
    n = scenario.n_states

    def put(variable: DirectedVar, values: Floats) -> None:
        world.directed[variable] = (values * (1.0 - np.eye(n)))[:, :, None]

    decay_km = float(world.param[Param.distance_decay_km, 0])
    near = scenario.dyad_values("projection_km")
    home = scenario.dyad_values("home_km")
    put(DirectedVar.near_share, _decayed(near, decay_km))
    put(DirectedVar.home_share, _decayed(home, decay_km))
    put(DirectedVar.ambiguity_start, scenario.dyad_values("ambiguity"))
    put(DirectedVar.interoperability, scenario.dyad_values("interoperability"))
    put(DirectedVar.stake, scenario.dyad_values("stake"))
    commitment = scenario.dyad_values("commitment") + 0.5 * np.eye(n)
    logits = _logits(commitment)
    put(DirectedVar.anchor, logits)
    put(DirectedVar.commitment, logits)
    put(
        DirectedVar.influence, _influence(scenario, float(world.param[Param.alliance_influence, 0]))
    )
    put(DirectedVar.pooling, _pooling(scenario, float(world.param[Param.ally_pooling_share, 0])))


def _decayed(distance_km: Floats, decay_km: float) -> Floats:
    share = np.array(distance_km, dtype=np.float64, order="C")
    turn_into_shares(share.reshape(-1), decay_km)
    return share


@compiled
def turn_into_shares(row: Floats, decay_km: float) -> None:
    """Replace each distance by the share of force that survives it."""
    for place in range(row.shape[0]):
        row[place] = decay(row[place], decay_km)


def _logits(share: Floats) -> Floats:
    level = np.array(share, dtype=np.float64, order="C")
    turn_into_logits(level.reshape(-1))
    return level


@compiled
def turn_into_logits(row: Floats) -> None:
    """Replace each share by its logit."""
    for place in range(row.shape[0]):
        row[place] = logit(row[place])


def _influence(scenario: Scenario, along: float) -> Floats:
    """Return weights of all others: alliance and trade, each with rows that sum to 1 (or 0)."""
    commitment = scenario.dyad_values("commitment") * (1.0 - np.eye(scenario.n_states))
    trade = scenario.dyad_values("trade_usd_bn")
    return along * _shares(commitment) + (1.0 - along) * _shares(trade)


def _shares(weights: Floats) -> Floats:
    totals = weights.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(weights, totals, out=np.zeros_like(weights), where=totals > 0.0)
    return shares


def _pooling(scenario: Scenario, part: float) -> Floats:
    """Return what early_warning opens: all between sender and partner, part to the allies."""
    pooling = np.zeros((scenario.n_states, scenario.n_states))
    sender, partner = scenario.role("sender"), scenario.role("partner")
    if sender is None or partner is None:
        return pooling
    at = scenario.codes.index
    for code in scenario.group("allies"):
        if code != partner:
            pooling[at(partner), at(code)] = pooling[at(code), at(partner)] = part
    pooling[at(partner), at(sender)] = pooling[at(sender), at(partner)] = 1.0
    return pooling
