"""Build the arrays of a batch of runs from scenarios.

Every array is made here, so that all are C-contiguous, writeable and of one type: any other array
would make the compiler compile all phases again for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from regional_sim.engine.job import window_bounds
from regional_sim.engine.relations import friendships, hostility, may_align, may_probe
from regional_sim.model.initial_state import settle_start
from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
from regional_sim.model.mechanisms.force import decay
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.model.variables import (
    BeliefVar,
    ChoiceDraw,
    DirectedVar,
    Draw,
    Group,
    InstrumentRow,
    MotiveTerm,
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
from regional_sim.scenario import Scenario

SCRATCH_ROWS = 10
LEAST_REST_SHARE = 0.05
"""Least trade with the rest of the world, as a share of regional trade, if openness is small."""

_BY_RUN = World._fields[: World._fields.index("draw")]
"""Arrays with a run axis, except the draws; all runs of a batch share what comes after them."""


def build_world(
    scenarios: Scenario | Sequence[Scenario], n_runs: int = 1, draw: Floats | None = None
) -> World:
    """Build the arrays of ``n_runs`` runs of each scenario, side by side, at their initial state.

    All scenarios must have the same :attr:`Scenario.structure`.  ``draw`` are the draws of all
    runs, shape (month, Draw, pair, run); without them the array has one month of zeros.
    """
    given = [scenarios] if isinstance(scenarios, Scenario) else list(scenarios)
    if any(one.structure != given[0].structure for one in given):
        raise ValueError("scenarios of different structure cannot share the arrays of a batch")
    world = _side_by_side([_unsettled(scenario) for scenario in given])
    settle_start(world)
    if draw is None:
        draw = _no_draws(given[0], len(given) * n_runs)
    choice_draw = _no_choice_draws(given[0], len(given) * n_runs)
    return copy_of(world, n_runs)._replace(draw=draw, choice_draw=choice_draw)


def with_motive_terms(world: World) -> World:
    """Return a world that keeps the terms of the motives of all states, else as it is."""
    _, n_states, n_runs = world.state.shape
    return world._replace(motive_term=np.zeros((len(MotiveTerm), n_states, n_states, n_runs)))


def copy_of(world: World, times: int = 1) -> World:
    """Return a copy that has the same draws; its arrays lie together in memory.

    Each run is repeated ``times`` times, side by side; if more than once, the copy still needs
    draws of its own.
    """
    sources = {name: getattr(world, name) for name in _BY_RUN}
    shapes = [(*source.shape[:-1], source.shape[-1] * times) for source in sources.values()]
    copies: dict[str, Any] = dict(zip(sources, empty_together(shapes), strict=True))
    for name, source in sources.items():
        copies[name].reshape(*source.shape, times)[...] = source[..., None]
    return world._replace(**copies)


def _side_by_side(worlds: list[World]) -> World:
    if len(worlds) == 1:
        return worlds[0]
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(world, name) for world in worlds], axis=-1)
        for name in (*_BY_RUN, "draw")
    }
    return worlds[0]._replace(**joined)


def _unsettled(scenario: Scenario) -> World:
    """Return the arrays of a run with the figures of the scenario, before anything is derived."""
    world = empty_world(scenario)
    world.param[:] = scenario.parameter_values()[:, None]
    _fill_states(world, scenario)
    _fill_pairs(world, scenario)
    _fill_directed(world, scenario)
    for instrument, level in TRADITIONAL_LEVELS.items():
        world.instrument[:, instrument] = level
    return world


def _no_draws(scenario: Scenario, n_runs: int) -> Floats:
    return np.zeros((1, len(Draw), n_pairs(scenario.n_states), n_runs))


def _no_choice_draws(scenario: Scenario, n_runs: int) -> Floats:
    return np.zeros((1, len(ChoiceDraw), scenario.n_states, n_runs))


def empty_world(scenario: Scenario) -> World:
    """Return the arrays of one run, with the structure of a scenario and zeros for all else."""
    n = scenario.n_states
    bounds = np.array(list(window_bounds(scenario).values()), dtype=np.int64) + scenario.run_in
    return World(
        state=np.zeros((len(StateVar), n, 1)),
        pair=np.zeros((len(PairVar), n_pairs(n), 1)),
        directed=np.zeros((len(DirectedVar), n, n, 1)),
        belief=np.zeros((len(BeliefVar), len(Observer), n, n, 1)),
        region=np.zeros((len(RegionVar), 1)),
        instrument=np.zeros((len(InstrumentRow), len(Instrument), 1)),
        param=np.zeros((len(Param), 1)),
        metric=np.zeros((len(Metric), 1)),
        summary=np.zeros((len(bounds), len(Metric), 1)),
        scratch=np.zeros((SCRATCH_ROWS, 1)),
        motive_term=np.zeros((len(MotiveTerm), 1, 1, 1)),
        draw=_no_draws(scenario, 1),
        choice_draw=_no_choice_draws(scenario, 1),
        group=_group_members(scenario),
        pair_of=_pair_table(n),
        host=np.ascontiguousarray(scenario.host_index(), dtype=np.int64),
        role=_role_holders(scenario),
        observer_of=_observers(scenario),
        window=bounds,
        option=np.ascontiguousarray(scenario.option_values(), dtype=np.int64),
    )


def _pair_table(n_states: int) -> Integers:
    table = np.full((n_states, n_states), -1, dtype=np.int64)
    upper = np.triu_indices(n_states, 1)
    table[upper] = np.arange(n_pairs(n_states))
    table.T[upper] = table[upper]
    return np.ascontiguousarray(table)


def _role_holders(scenario: Scenario) -> Integers:
    holders = [scenario.role(role.name) for role in Role]
    return np.array(
        [-1 if code is None else scenario.codes.index(code) for code in holders], dtype=np.int64
    )


def _observers(scenario: Scenario) -> Integers:
    own = {scenario.role(one.name): one for one in (Observer.challenger, Observer.partner)}
    return np.array([own.get(code, Observer.third) for code in scenario.codes], dtype=np.int64)


def _group_members(scenario: Scenario) -> Floats:
    members = [[code in scenario.group(group.name) for code in scenario.codes] for group in Group]
    return np.array(members, dtype=np.float64)


def rest_of_world_trade(total: Floats, regional: Floats) -> Floats:
    """Return what states trade outside the region, from their trade with all and within it."""
    least: Floats = LEAST_REST_SHARE * np.maximum(regional, 1e-6)
    return np.maximum(total - regional, least)


_STATE_FIGURES = {
    StateVar.gdp: "gdp_usd_bn",
    StateVar.own_precision: "detection_precision",
    StateVar.seaborne_share: "seaborne_trade_share",
    StateVar.stance: "stance",
    StateVar.stance_start: "stance",
    StateVar.polyarchy: "polyarchy",
    StateVar.neutrality: "neutrality",
    StateVar.deterrence: "deterrence",
    StateVar.resolve: "resolve",
    StateVar.substitutability: "substitutability",
    StateVar.substitutability_start: "substitutability",
    StateVar.stock_months: "stock_months",
    StateVar.stock_months_start: "stock_months",
}


def _fill_states(world: World, scenario: Scenario) -> None:
    figures = scenario.state_values
    for variable, name in _STATE_FIGURES.items():
        world.state[variable] = figures(name)[:, None]
    capability = figures("capability_usd_bn") * figures("theatre_share")
    world.state[StateVar.capability] = capability[:, None]
    regional = scenario.dyad_values("trade_usd_bn").sum(axis=1)
    total = figures("trade_openness") * figures("gdp_usd_bn")
    rest = rest_of_world_trade(total, regional)
    for variable in (StateVar.rest_trade_start, StateVar.rest_trade):
        world.state[variable] = rest[:, None]


_PAIR_FIGURES = {
    PairVar.contact: "contact",
    PairVar.restraint: "restraint",
    PairVar.restraint_start: "restraint",
    PairVar.friction: "friction",
    PairVar.relevance: "relevance",
    PairVar.channel_start: "channel",
    PairVar.trade_start: "trade_usd_bn",
    PairVar.trade: "trade_usd_bn",
}


def _fill_pairs(world: World, scenario: Scenario) -> None:
    upper = np.triu_indices(scenario.n_states, 1)
    for variable, name in _PAIR_FIGURES.items():
        world.pair[variable] = scenario.dyad_values(name)[upper][:, None]
    contact = world.pair[PairVar.contact]
    total = contact.sum()
    world.pair[PairVar.weight] = contact / total if total > 0.0 else 1.0 / len(contact)
    levels = _logits(scenario.dyad_values("tension")[upper][:, None])
    world.pair[PairVar.level] = levels
    world.pair[PairVar.norm] = levels
    world.pair[PairVar.norm_start] = levels


def _fill_directed(world: World, scenario: Scenario) -> None:
    figures = scenario.dyad_values
    unit = np.eye(scenario.n_states)
    decay_km, along_alliances, to_allies = (
        float(world.param[param, 0])
        for param in (Param.distance_decay_km, Param.alliance_influence, Param.ally_pooling_share)
    )
    # A commitment of 1/2 to itself, whose logit is 0.
    commitment = _logits(figures("commitment") + 0.5 * unit)
    for variable, values in {
        DirectedVar.near_share: _decayed(figures("projection_km"), decay_km),
        DirectedVar.home_share: _decayed(figures("home_km"), decay_km),
        DirectedVar.ambiguity_start: figures("ambiguity"),
        DirectedVar.interoperability: figures("interoperability"),
        DirectedVar.stake: figures("stake"),
        DirectedVar.anchor: commitment,
        DirectedVar.commitment: commitment,
        DirectedVar.commitment_start: figures("commitment"),
        DirectedVar.friendship: friendships(scenario),
        DirectedVar.hostile: hostility(scenario),
        DirectedVar.aligns: may_align(scenario),
        DirectedVar.probes: may_probe(scenario),
        DirectedVar.influence: _influence(scenario, along_alliances),
        DirectedVar.pooling: _pooling(scenario, to_allies),
    }.items():
        world.directed[variable] = (values * (1.0 - unit))[:, :, None]


def _decayed(distance_km: Floats, decay_km: float) -> Floats:
    share = np.array(distance_km, dtype=np.float64, order="C")
    turn_into_shares(share.reshape(-1), decay_km)
    return share


@compiled
def turn_into_shares(row: Floats, decay_km: float) -> None:
    """Replace distances by the share of force that remains at them."""
    for place in range(row.shape[0]):
        row[place] = decay(row[place], decay_km)


def _logits(share: Floats) -> Floats:
    level = np.array(share, dtype=np.float64, order="C")
    turn_into_logits(level.reshape(-1))
    return level


@compiled
def turn_into_logits(row: Floats) -> None:
    """Replace shares by their logits."""
    for place in range(row.shape[0]):
        row[place] = logit(row[place])


def _influence(scenario: Scenario, along_alliances: float) -> Floats:
    """Return the weight of the column for the row: a mix of shares of commitment and of trade."""
    commitment = scenario.dyad_values("commitment") * (1.0 - np.eye(scenario.n_states))
    trade = scenario.dyad_values("trade_usd_bn")
    return along_alliances * _shares(commitment) + (1.0 - along_alliances) * _shares(trade)


def _shares(weights: Floats) -> Floats:
    totals = weights.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(weights, totals, out=np.zeros_like(weights), where=totals > 0.0)
    return shares


def _pooling(scenario: Scenario, to_allies: float) -> Floats:
    """Return the part of pooled detection that early_warning opens to the row."""
    pooling = np.zeros((scenario.n_states, scenario.n_states))
    sender, partner = scenario.role("sender"), scenario.role("partner")
    if sender is None or partner is None:
        return pooling
    at = scenario.codes.index
    for code in scenario.group("allies"):
        if code != partner:
            pooling[at(partner), at(code)] = pooling[at(code), at(partner)] = to_allies
    pooling[at(partner), at(sender)] = pooling[at(sender), at(partner)] = 1.0
    return pooling
