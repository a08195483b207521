"""What the engine is measured against does the same work."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from benchmarks.limit.library import FUNCTIONS, is_possible
from benchmarks.peers.region import Region
from benchmarks.profile import TimedBatch
from regional_sim.mesa_model import RegionModel
from regional_sim.model.options import Option
from regional_sim.model.schedule import PHASES
from regional_sim.model.variables import DirectedVar, PairVar, StateVar, World
from regional_sim.scenario import Scenario, load_scenario
from regional_sim.scenario.files import shipped_configs

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
PEERS = sorted(BENCHMARKS.glob("peers/*.py"))
NAMED = {word for path in PEERS for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
"""Words of their sources: the variables that they move are among them."""

SEED, REPLICATE = 1, 0
TOLERANCE = 1e-9
"""Largest relative difference of a peer: elementary functions differ in their last digits."""

SMALLEST = 1e-6
"""Least size that it is related to: small numbers are differences of larger ones."""


def _mesa(posture: str) -> tuple[Region, Callable[[], object]]:
    from benchmarks.peers import mesa_model

    model = mesa_model.RegionModel(posture, SEED, REPLICATE)
    return model, model.step


def _agentpy(posture: str) -> tuple[Region, Callable[[], object]]:
    from benchmarks.peers import agentpy_model

    given = {"posture": posture, "seed": SEED, "replicate": REPLICATE}
    model = agentpy_model.RegionModel(given)
    model.sim_setup()
    return model, model.sim_step


def _differences(peer: Region, world: World) -> Iterator[tuple[float, str]]:
    """Yield the largest relative difference of every variable that the peer keeps and names.

    What it does not name, such as a variable that was added to the model, stays as at the start.
    """
    kept = (
        (StateVar, world.state, peer.states),
        (PairVar, world.pair, peer.pairs),
        (DirectedVar, world.directed, [state.toward for state in peer.states]),
    )
    for variables, values, holders in kept:
        for variable in variables:
            if variable.name in NAMED and hasattr(holders[0], variable.name):
                ours = values[variable, ..., 0]
                theirs = np.array([getattr(holder, variable.name) for holder in holders])
                size = np.maximum(np.maximum(abs(ours), abs(theirs)), SMALLEST)
                yield float((abs(ours - theirs) / size).max()), variable.name


@pytest.mark.slow
@pytest.mark.parametrize("posture", ["new_approach", "incremental"])
@pytest.mark.parametrize(
    "start",
    [_mesa, pytest.param(_agentpy, marks=pytest.mark.skipif(not find_spec("agentpy"), reason=""))],
)
def test_peers_keep_the_same_numbers(start: Callable[..., object], posture: str) -> None:
    """In every month, in all variables; events are whole numbers and so the same.

    The package's first step is the run-in as well.
    """
    peer, step = start(posture)
    package = RegionModel(load_scenario("baseline"), posture, SEED, REPLICATE, collect=False)
    names = set()
    while peer.month < package.region.run_in:
        step()
    while package.running:
        step()
        package.step()
        found = list(_differences(peer, package.world))
        assert max(found)[0] <= TOLERANCE, (package.month, max(found))
        names = {name for _, name in found}
    assert {"tension", "stance", "rung", "incidents", "commitment", "chance_true"} <= names
    assert {"alignment", "pressure", "probing", "hedging", "derisking"} <= names
    assert package.metric("tension") == pytest.approx(peer.tension, rel=TOLERANCE)
    risk = package.metric("miscalculation_risk")
    assert risk == pytest.approx(peer.miscalculation_risk, rel=TOLERANCE, abs=1e-15)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")
@pytest.mark.parametrize("name", ["mesa_model", "agentpy_model"])
def test_peers_run_as_they_are_timed(name: str) -> None:
    """By the batch runner of their own library, which asks for a row of every step.

    agentpy calls pandas in a way that pandas will refuse some day.
    """
    peer = pytest.importorskip(f"benchmarks.peers.{name}")
    peer.run_replicates("traditional", SEED, REPLICATE, 1)


def _variants(scenario: Scenario) -> Iterator[Scenario]:
    """Yield a world as it is, and with every other choice of every structural option."""
    yield scenario
    for option, now in zip(Option, scenario.option_values(), strict=True):
        for choice, code in zip(option.choices, option.codes, strict=True):
            if code != now:
                yield scenario.with_settings({f"options.{option.name}": choice})


def _assert_same_bits(scenario: Scenario, n_runs: int) -> None:
    ours = TimedBatch(scenario, n_runs, in_c=False)
    theirs = TimedBatch(scenario, n_runs, in_c=True)
    for month in range(scenario.run_in + scenario.n_months):
        ours.pass_month(month)
        theirs.pass_month(month)
        for name, mine, other in zip(World._fields, ours.world, theirs.world, strict=True):
            # What is left in working rows belongs to nobody.
            if name != "scratch":
                np.testing.assert_array_equal(mine, other, f"month {month}, {name}")


@pytest.mark.slow
@pytest.mark.skipif(not is_possible(), reason="needs a C compiler")
@pytest.mark.parametrize("name", shipped_configs())
def test_phases_in_c_have_the_same_bits(name: str) -> None:
    for scenario in _variants(load_scenario(name)):
        _assert_same_bits(scenario, 24)


@pytest.mark.slow
@pytest.mark.skipif(not is_possible(), reason="needs a C compiler")
@pytest.mark.parametrize("n_runs", [1, 13, 20])
def test_phases_in_c_take_any_number_of_runs(n_runs: int) -> None:
    _assert_same_bits(load_scenario("four_states"), n_runs)


def test_every_phase_in_c_is_one_of_a_month() -> None:
    assert set(FUNCTIONS) <= {phase.function for phase in PHASES}


def test_a_further_metric_breaks_no_peer_and_nothing_in_c() -> None:
    """They name no metric of the catalogue, and C asks for arrays by name and shape."""
    sources = [*PEERS, *BENCHMARKS.glob("limit/*")]
    for source in sources:
        if source.suffix in {".py", ".c", ".h"}:
            assert not re.search(r"\bMetric\b", source.read_text(encoding="utf-8")), source
