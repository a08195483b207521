"""The Mesa model is one that a Mesa user recognises."""

from __future__ import annotations

import gc
import weakref

import mesa
import pytest

from regional_sim import mesa_model as package
from regional_sim.engine.job import BatchJob
from regional_sim.errors import InputError
from regional_sim.mesa_model import RegionModel, StateAgent
from regional_sim.postures import create
from regional_sim.scenario import load_scenario

SHORT = {"horizon.months_before": 2, "horizon.months_after": 4}


def test_agents_are_states() -> None:
    model = RegionModel("four_states", settings=SHORT)
    assert [agent.code for agent in model.agents] == list(model.region.codes)
    assert all(isinstance(agent, StateAgent) for agent in model.agents)
    assert model.state("JPN").name == "Japan"
    assert model.agents.get("readiness") == [0.0] * 4


def test_steps_are_months_and_stop_at_the_horizon() -> None:
    model = RegionModel("four_states", "new_approach", settings=SHORT)
    while model.running:
        model.step()
    assert model.month == 6
    last = model.metric("tension")
    model.step()
    assert model.month == 6
    assert model.metric("tension") == last


def test_the_data_collector_keeps_metrics_and_states() -> None:
    model = RegionModel("four_states", "new_approach", settings=SHORT)
    while model.running:
        model.step()
    metrics = model.datacollector.get_model_vars_dataframe()
    assert list(metrics["month"]) == [1, 2, 3, 4, 5, 6]
    assert metrics["tension"].between(0, 1).all()
    states = model.datacollector.get_agent_vars_dataframe()
    assert set(states["code"]) == set(model.region.codes)
    assert states["stance"].notna().all()


def test_batch_run_gives_what_the_model_gives() -> None:
    rows = mesa.batch_run(
        RegionModel,
        {
            "scenario": "four_states",
            "posture": ["traditional", "new_approach"],
            "replicate": [0, 1],
            "settings": [SHORT],
        },
        number_processes=1,
        data_collection_period=-1,
        display_progress=False,
        **_one_iteration(),
    )
    for posture in ("traditional", "new_approach"):
        for replicate in (0, 1):
            model = RegionModel("four_states", posture, replicate=replicate, settings=SHORT)
            while model.running:
                model.step()
            found = {
                row["tension"]
                for row in rows
                if row["posture"] == posture and row["replicate"] == replicate
            }
            assert found == {model.metric("tension")}


def _one_iteration() -> dict[str, object]:
    """Return the arguments of one iteration: ``iterations`` before Mesa 3.5, then ``rng``."""
    line = tuple(int(part) for part in mesa.__version__.split(".")[:2])
    return {"rng": [0]} if line >= (3, 5) else {"iterations": 1}


def test_seed_zero_is_a_seed() -> None:
    tension = {
        seed: _tension(RegionModel("four_states", seed=seed, settings=SHORT)) for seed in (0, 1)
    }
    assert tension[0] == _tension(RegionModel("four_states", seed=0, settings=SHORT))
    assert tension[0] != tension[1]


def _tension(model: RegionModel) -> float:
    while model.running:
        model.step()
    return model.tension("CHN", "TWN")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"posture": "new_aproach"}, "new_approach"),
        ({"seed": -1}, "seed"),
        ({"seed": True}, "seed"),
        ({"replicate": 1.5}, "replicate"),
        ({"clamp_states": ("KRO",)}, "unknown state"),
        ({"settings": {"parameters.theta_chalenger": 0.1}}, "theta_challenger"),
    ],
)
def test_bad_arguments_are_told(arguments: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        RegionModel("four_states", **arguments)


@pytest.mark.parametrize("clamp", [(), ("AAA",)])
def test_finished_models_are_let_go(clamp: tuple[str, ...]) -> None:
    """Mesa pins every model in a class attribute; a block of runs must not."""
    alive: list[weakref.ref[RegionModel]] = []
    original = RegionModel.__init__

    def remember(self: RegionModel, *args: object, **kwargs: object) -> None:
        original(self, *args, **kwargs)
        alive.append(weakref.ref(self))

    patch = pytest.MonkeyPatch()
    patch.setattr(RegionModel, "__init__", remember)
    scenario = load_scenario("two_states").with_settings(SHORT)
    package.run_batch(BatchJob.of(scenario, [create("traditional")], 0, 0, 3, clamp=clamp))
    patch.undo()
    gc.collect()
    assert len(alive) == (6 if clamp else 3)
    assert sum(one() is not None for one in alive) == 0
