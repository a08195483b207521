"""The properties that the model must have, by their number in the specification."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pytest

from regional_sim.engine.build import build_world
from regional_sim.engine.job import DYAD_COLUMNS, PAIR_COLUMNS, STATE_COLUMNS, SideColumn
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.parameters import Param
from regional_sim.model.schedule import PHASES, Phase
from regional_sim.model.variables import DirectedVar, PairVar, StateVar
from regional_sim.postures import Instrument, Observed, Policy, Targets, create
from regional_sim.postures.named import NEW_LEVELS
from regional_sim.scenario import Scenario, load_scenario, scenario_from_mapping, shipped_configs
from tests.support.worlds import FOLLOWING_POLICIES, QUIET, random_world, run, same_bits, short

TENSION = PAIR_COLUMNS.index(PairVar.tension)
RUNG = PAIR_COLUMNS.index(PairVar.rung)


STILL = [name for name in shipped_configs() if not load_scenario(name).moving_figures]
"""Shipped worlds whose figures do not move by themselves."""


@pytest.mark.parametrize("name", STILL)
def test_1_steady_start(name: str) -> None:
    """Without noise and incidents, nothing moves under the traditional posture."""
    world = short(load_scenario(name), 2, 22, **QUIET)
    (result,) = run(world, ["traditional"], n_runs=1)
    for series in (result.states, result.dyads, result.timeseries):
        constant = np.abs(series - series[0]) <= 1e-12
        # The countdown to the onset and the clock of the first crisis are no part of the world.
        if series is result.timeseries:
            constant = np.delete(constant, Metric.months_before_crisis, axis=1)
        assert constant.all()


@pytest.mark.parametrize("seed", range(6))
def test_1_steady_start_of_random_worlds(seed: int) -> None:
    # Choices that are drawn are noise as well.
    world = random_world(seed).with_settings({**QUIET, "options.choice": "expected"})
    (result,) = run(world, ["traditional"], n_runs=1)
    assert np.allclose(result.dyads, result.dyads[0], rtol=0, atol=1e-12)
    assert np.allclose(result.states, result.states[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("instrument", Instrument)
def test_2_placebo(instrument: Instrument) -> None:
    """With an instrument's channels off, it changes nothing at all."""
    off = {f"parameters.{param.name}": 0.0 for param in instrument.channels}
    world = short(load_scenario("four_states"), 3, 40, **off)
    raised = create("levels", {instrument.name: 0.9})
    traditional, placebo = run(world, ["traditional", raised])
    assert np.array_equal(traditional.timeseries, placebo.timeseries)
    assert np.array_equal(traditional.windows, placebo.windows)
    assert np.array_equal(traditional.states, placebo.states)


@pytest.mark.parametrize("instrument", Instrument)
def test_2_every_instrument_acts_when_its_channels_are_on(instrument: Instrument) -> None:
    world = short(load_scenario("four_states"), 3, 40)
    traditional, raised = run(world, ["traditional", create("levels", {instrument.name: 0.9})])
    assert not np.array_equal(traditional.windows, raised.windows)


@pytest.mark.parametrize("posture", FOLLOWING_POLICIES)
def test_3_shared_history(posture: str) -> None:
    """Every posture shares one history, bit for bit, up to the onset, and differs after it."""
    world = short(load_scenario("baseline"), 6, 12)
    if posture == "levels":
        posture = create("levels", {"military": 0.9})
    if posture == "schedule":
        posture = create("schedule", {"joint_patrols": {1: 0.9}})
    if posture == "adaptive":
        posture = create("adaptive", {"military": 0.9})
    traditional, other = run(world, ["traditional", posture])
    for one, two in (
        (traditional.timeseries, other.timeseries),
        (traditional.states, other.states),
        (traditional.dyads, other.dyads),
    ):
        assert np.array_equal(one[:6], two[:6])
        assert not np.array_equal(one[6:], two[6:])


@pytest.mark.slow
def test_4_no_saturation_over_the_prior() -> None:
    """Over the prior, few months of pairs with contact have tension near its bounds."""
    baseline = load_scenario("baseline")
    upper = np.triu_indices(baseline.n_states, 1)
    met = baseline.dyad_values("contact")[upper] > 0.0
    rng = np.random.default_rng(4)
    outside = total = 0
    for _ in range(60):
        point = {f"parameters.{p.name}": float(rng.uniform(p.low, p.high)) for p in Param}
        for result in run(baseline.with_settings(point), ["new_approach"], n_runs=4):
            tension = result.dyads[:, TENSION][:, met]
            outside += int(((tension < 0.02) | (tension > 0.98)).sum())
            total += tension.size
    assert outside / total < 0.05


def test_6_an_impulse_decays() -> None:
    """A jump of tension after a single incident fades."""
    world = build_world(load_scenario("baseline").with_settings(QUIET), 1)
    pair = world.pair_of[2, 13 - 1]
    world.pair[PairVar.level, pair] += 0.5
    start = world.pair[PairVar.norm, pair, 0]
    excess = []
    for month in range(120):
        for phase in PHASES:
            phase.run(world, month, 0, world.state.shape[1])
        excess.append(float(world.pair[PairVar.level, pair, 0] - start))
    assert excess[0] < 0.5
    assert all(later < earlier for earlier, later in pairwise(excess[:25]))
    assert abs(excess[-1]) < 0.01


def _renamed(scenario: Scenario, names: dict[str, str]) -> Scenario:
    """Return the same world with other codes and the old names of the random streams."""
    plain = scenario.resolved()
    renamed = dict(plain)
    renamed["states"] = {
        names[code]: {**figures, "stream": code} for code, figures in plain["states"].items()
    }
    renamed["roles"] = {role: names[code] for role, code in plain["roles"].items() if code}
    renamed["groups"] = {g: [names[code] for code in m] for g, m in plain["groups"].items()}
    renamed["dyads"] = {
        name: _renamed_dyads(table, names) for name, table in plain["dyads"].items()
    }
    return scenario_from_mapping(renamed)


def _renamed_dyads(table: dict, names: dict[str, str]) -> dict:
    changed = dict(table)
    changed["states"] = [names[code] for code in table["states"]]
    changed["matrix"] = [
        [names.get(cell, cell) if isinstance(cell, str) else cell for cell in row]
        for row in table["matrix"]
    ]
    return changed


def test_8_renaming_changes_no_event() -> None:
    """Other codes in another order give the same run, but for the order of sums."""
    world = short(load_scenario("four_states"), 4, 60)
    names = {"CHN": "ZZZ", "JPN": "MMM", "TWN": "AAA", "USA": "BBB"}
    other = _renamed(world, names)
    order = [other.codes.index(names[code]) for code in world.codes]
    (first,) = run(world, ["new_approach"], n_runs=8)
    (second,) = run(other, ["new_approach"], n_runs=8)
    upper = list(zip(*np.triu_indices(4, 1), strict=True))
    place = {pair: at for at, pair in enumerate(upper)}
    pairs = [place[tuple(sorted((order[i], order[j])))] for i, j in upper]
    assert np.array_equal(first.dyads[:, RUNG], second.dyads[:, RUNG][:, pairs])
    assert np.allclose(first.dyads[:, TENSION], second.dyads[:, TENSION][:, pairs], 0, 1e-12)
    assert np.allclose(first.windows, second.windows, rtol=1e-9, atol=1e-12)


def test_8_the_order_of_states_in_a_file_does_not_matter() -> None:
    world = load_scenario("four_states")
    plain = world.resolved()
    plain["states"] = dict(reversed(list(plain["states"].items())))
    turned = short(scenario_from_mapping(plain), 2, 20)
    assert same_bits(
        run(turned, ["new_approach"])[0], run(short(world, 2, 20), ["new_approach"])[0]
    )


def test_9_equal_states_have_equal_chances() -> None:
    """Two equal states at no distance, without supporters, prevail with chance one half."""
    scenario = load_scenario("two_states")
    first, second = scenario.codes
    close = {f"dyads.{name}.{first}-{second}": 0.0 for name in ("projection_km", "home_km")}
    for exponent in ("1", "2", "4"):
        world = build_world(
            scenario.with_settings({**close, "options.contest_exponent": exponent}), 1
        )
        for variable in (DirectedVar.success_believed, DirectedVar.success_true):
            assert world.directed[variable, 0, 1, 0] == pytest.approx(0.5, abs=1e-12)


def test_9_readiness_reaches_the_fixed_point_of_richardson() -> None:
    """When one has grown stronger, log-readiness is ratio * delta * excess threat."""
    scenario = load_scenario("two_states").with_settings(QUIET)
    world = build_world(scenario, 1)
    world.state[StateVar.capability, 1] *= 2.0
    for month in range(900):
        for phase in PHASES:
            phase.run(world, month, 0, 2)
    ratio = world.param[Param.reaction_ratio, 0]
    for i in range(2):
        state = world.state[:, i, 0]
        excess = state[StateVar.threat] - state[StateVar.threat_start]
        expected = ratio * state[StateVar.deterrence] * excess
        assert state[StateVar.readiness] == pytest.approx(expected, rel=1e-6)
        assert (expected > 0.0) == (i == 0)


def test_9_incidents_have_the_mean_of_hawkes() -> None:
    """With tension held, counts average base / (1 - branching)."""
    still = {
        f"parameters.{name}": 0.0
        for name in ("tension_incident", "tension_rung", "tension_threat", "tension_divergence")
    }
    world = short(
        load_scenario("two_states"), 0, 120, **still, **{"parameters.trigger_probability": 0.01}
    ).with_settings({"parameters.ladder_restraint": 5.0})
    built = build_world(world, 1)
    (result,) = run(world, n_runs=400)
    counts = result.dyads[:, PAIR_COLUMNS.index(PairVar.incidents)]
    quiet = result.dyads[:, RUNG].max() == 0.0
    assert quiet
    expected = float(built.pair[PairVar.incidents_start, 0, 0])
    spread = counts.mean(axis=(0, 1)).std() / np.sqrt(400)
    assert abs(counts.mean() - expected) < 4.0 * spread + 0.01 * expected


@dataclass(frozen=True)
class _ThereAndBack(Policy):
    """The new approach for four years, then traditional again."""

    name: ClassVar[str] = "there_and_back"
    rule: ClassVar[str] = "new approach for 48 months"
    reference: ClassVar[str] = "test"

    def targets(self, month: int, observed: Observed) -> Targets:  # noqa: ARG002
        return NEW_LEVELS if month < 48 else {}


def test_10_return_to_traditional() -> None:
    """Back at the traditional posture, the means return."""
    world = short(load_scenario("baseline"), 6, 220)
    traditional, returned = run(world, ["traditional", _ThereAndBack()], n_runs=96)
    effect = (returned.timeseries - traditional.timeseries)[:, Metric.tension].mean(axis=1)
    peak = effect[40:60].mean()
    assert peak > 0.005
    assert abs(effect[-24:].mean()) < 0.2 * peak


@pytest.mark.parametrize("code", ["CHN", "JPN", "TWN", "USA", "KOR"])
def test_clamped_states_respond_as_under_traditional(code: str) -> None:
    """What a clamped state does is on the reference path, and what others do is not."""
    world = short(load_scenario("baseline"), 2, 40)
    (reference,) = run(world, ["traditional"])
    (held,) = run(world, ["new_approach"], clamp=(code,))
    at = world.codes.index(code)
    of_state = [StateVar.readiness, StateVar.stance, StateVar.effort, StateVar.hedging]
    of_state += [StateVar.derisking, StateVar.vote_support, StateVar.vote_oppose]
    for variable in of_state:
        row = STATE_COLUMNS.index(variable)
        assert np.array_equal(held.states[:, row, at], reference.states[:, row, at]), variable
    pressure = STATE_COLUMNS.index(StateVar.pressure)
    pressed_alike = np.array_equal(held.states[:, pressure], reference.states[:, pressure])
    assert pressed_alike == (code == "CHN")
    first, second = np.triu_indices(world.n_states, 1)
    moving = (DirectedVar.alignment, DirectedVar.commitment, DirectedVar.probing)
    for row, column in enumerate(DYAD_COLUMNS):
        if isinstance(column, SideColumn) and column.variable in moving:
            own = (first if column.of_first else second) == at
            assert np.array_equal(held.dyads[:, row, own], reference.dyads[:, row, own])
    assert not np.array_equal(held.states, reference.states)


def test_trade_follows_the_pressure_of_a_clamped_challenger() -> None:
    """Where nothing but pressure moves trade, clamping the challenger leaves none of its effect."""
    still = {"parameters.tension_diversion": 0.0, "parameters.diversification_gain": 0.0}
    world = short(load_scenario("baseline"), 2, 40, **still)
    (reference,) = run(world, ["traditional"])
    (held,) = run(world, ["new_approach"], clamp=(world.role("challenger"),))
    (free,) = run(world, ["new_approach"])
    trade = PAIR_COLUMNS.index(PairVar.trade)
    assert np.allclose(held.dyads[:, trade], reference.dyads[:, trade], rtol=1e-12)
    assert not np.allclose(free.dyads[:, trade], reference.dyads[:, trade], rtol=1e-4)


def test_clamping_changes_nothing_under_traditional() -> None:
    world = short(load_scenario("baseline"), 2, 30)
    (free,) = run(world, ["traditional"])
    (held,) = run(world, ["traditional"], clamp=tuple(world.codes))
    assert same_bits(free, held)


def test_wars_are_rare_and_postures_are_felt() -> None:
    """The region has no war in most decades, and the new approach moves the headline metrics."""
    traditional, new = run(load_scenario("baseline"), ["traditional", "new_approach"], n_runs=96)
    years = 8.0
    assert traditional.windows[0, Metric.war_months].astype(bool).mean() / years * 10.0 < 0.5
    for metric in (Metric.tension, Metric.blockade_vulnerability, Metric.threat_detection):
        difference = (new.windows - traditional.windows)[0, metric]
        assert abs(difference.mean()) > 4.0 * difference.std() / np.sqrt(96)


def test_trade_is_conserved_but_for_friction_and_return() -> None:
    """All trade changes by the return of what was lost, less friction on what is diverted."""
    scenario = load_scenario("baseline").with_settings({**QUIET, "parameters.trade_pressure": 0.0})
    world = build_world(scenario, 1)
    world.pair[PairVar.level] += 1.0
    for month in range(30):
        before = _all_trade(world)
        lost = _all_trade_start(world) - before
        for phase in PHASES:
            phase.run(world, month, 0, world.state.shape[1])
        outflow = world.pair[PairVar.outflow, :, 0].sum()
        rate, friction = world.param[Param.trade_return, 0], world.param[Param.trade_friction, 0]
        assert outflow > 0.0
        assert _all_trade(world) - before == pytest.approx(
            rate * lost - friction * outflow, abs=1e-8
        )


def _all_trade(world) -> float:
    return float(
        world.pair[PairVar.trade, :, 0].sum() + world.state[StateVar.rest_trade, :, 0].sum()
    )


def _all_trade_start(world) -> float:
    pairs = world.pair[PairVar.trade_start, :, 0].sum()
    return float(pairs + world.state[StateVar.rest_trade_start, :, 0].sum())


def _phases(first: str, last: str) -> tuple[Phase, ...]:
    """Return the phases from one to another."""
    names = [phase.name for phase in PHASES]
    return PHASES[names.index(first) : names.index(last) + 1]


@pytest.mark.parametrize("name", shipped_configs())
def test_the_readiness_spiral_is_stable_at_the_start(name: str) -> None:
    """Where readiness answers threats alone, a push of it dies out."""
    scenario = load_scenario(name)
    n = scenario.n_states
    step = 1e-4
    response = np.zeros((n, n))
    for j in range(n):
        world = build_world(scenario, 1)
        world.state[StateVar.readiness, j] += step
        for phase in _phases("mobilise_force", "update_threat"):
            phase.run(world, 0, 0, n)
        excess = world.state[StateVar.threat] - world.state[StateVar.threat_start]
        response[:, j] = excess[:, 0] / step
    # Whoever arms eases its own threats and adds to those of others.
    assert (np.diag(response) < 0.0).all()
    assert (response > 0.0).any()
    ratio = scenario.parameter_values()[Param.reaction_ratio]
    gain = ratio * scenario.state_values("deterrence")[:, None] * response
    fatigue = scenario.parameter_values()[Param.fatigue]
    month = (1.0 - fatigue) * np.eye(n) + fatigue * gain
    assert max(abs(np.linalg.eigvals(month))) < 1.0
