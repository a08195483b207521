"""The Mesa model is one that a Mesa user recognises."""

from __future__ import annotations

import gc
import weakref

import pytest

import regional_sim
import regional_sim.model
from regional_sim import mesa_model
from regional_sim.engine.job import BatchJob
from regional_sim.errors import InputError
from regional_sim.mesa_model import RegionModel, StateAgent
from regional_sim.postures import create
from regional_sim.scenario import load_scenario

SHORT = {"horizon.months_before": 2, "horizon.months_after": 4}


@pytest.mark.parametrize(
    ("name", "new"),
    [("RegionModel", "from regional_sim import"), ("StateAgent", "from regional_sim.mesa_model")],
)
def test_the_old_place_still_works_with_a_warning(name: str, new: str) -> None:
    with pytest.warns(DeprecationWarning, match=new):
        assert getattr(regional_sim.model, name) is getattr(mesa_model, name)
    with pytest.raises(AttributeError, match="no attribute"):
        regional_sim.model.nothing  # noqa: B018


def test_the_documented_place_is_the_package() -> None:
    assert regional_sim.RegionModel is regional_sim.api.RegionModel is RegionModel


def test_agents_are_states() -> None:
    model = RegionModel("four_states", settings=SHORT)
    assert [agent.code for agent in model.agents] == list(model.region.codes)
    assert all(isinstance(agent, StateAgent) for agent in model.agents)
    assert model.state("JPN").name == "Japan"
    assert model.agents.get("readiness") == [0.0] * 4
    assert model.state("JPN").stance == model.region.state_values("stance")[1]
    assert StateAgent.trade.__doc__ == "trade with all"


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
        ({"parameters.theta_chalenger": 0.1}, "theta_challenger"),
        ({"settings": "parameters.theta_challenger"}, "a list with a mapping"),
        ({"replicat": 1}, "did you mean 'replicate'"),
        ({"collect": "run"}, "did you mean 'runs'"),
        ({"collect": ""}, "collect"),
    ],
)
def test_bad_arguments_are_told(arguments: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        RegionModel("four_states", **arguments)


@pytest.mark.parametrize("clamp", [(), ("AAA",)])
def test_finished_models_are_let_go(clamp: tuple[str, ...]) -> None:
    """Mesa pins every model in a class attribute; a batch of runs must not."""
    alive: list[weakref.ref[RegionModel]] = []
    original = RegionModel.__init__

    def remember(self: RegionModel, *args: object, **kwargs: object) -> None:
        original(self, *args, **kwargs)
        alive.append(weakref.ref(self))

    patch = pytest.MonkeyPatch()
    patch.setattr(RegionModel, "__init__", remember)
    scenario = load_scenario("two_states").with_settings(SHORT)
    mesa_model.run_batch(BatchJob.of(scenario, [create("traditional")], 0, 0, 3, clamp=clamp))
    patch.undo()
    gc.collect()
    assert len(alive) == (6 if clamp else 3)
    assert sum(one() is not None for one in alive) == 0
