"""``mesa.batch_run`` on our model gives the numbers of ``regional_sim.run``, bit for bit."""

from __future__ import annotations

import gc
import inspect
import math
import weakref
from pathlib import Path

import mesa
import numpy as np
import pandas as pd
import pytest

import regional_sim
from regional_sim.bridges.mesa import batch_arguments
from regional_sim.errors import InputError
from regional_sim.mesa_model import RegionModel
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.postures import create
from tests.support.processes import printed

SHORT = {"horizon.months_before": 2, "horizon.months_after": 4, "windows.early": [1, 2]}
THETA = "parameters.theta_challenger"
POSTURES = ["traditional", "new_approach"]
RNG = "rng" in inspect.signature(mesa.batch_run).parameters


@pytest.fixture(scope="module")
def world():
    return regional_sim.load_scenario("four_states").with_settings(SHORT)


def batched(given, *seeds, model=RegionModel, data_collection_period=-1, **more):
    """Let Mesa run a batch, and return its rows."""
    arguments = batch_arguments(given, *seeds, **more)
    period = {"data_collection_period": data_collection_period}
    return mesa.batch_run(model, **arguments, **period, display_progress=False)


@pytest.fixture(scope="module")
def rows(world):
    """All months of all runs of a design over seeds, postures, replicates and a setting."""
    parameters = {
        "scenario": world,
        THETA: [0.2, 0.8],
        "posture": POSTURES,
        "replicate": range(3),
        "collect": "runs,timeseries",
    }
    found = batched(parameters, seeds=[7, 0], data_collection_period=1)
    return pd.DataFrame(found)


def ours(world, theta: float, seed: int) -> regional_sim.Results:
    return regional_sim.run(
        world,
        postures=POSTURES,
        replicates=3,
        seed=seed,
        settings={THETA: theta},
        tables=["timeseries"],
    )


def outcomes(table: pd.DataFrame) -> list[str]:
    names = [f"{metric.name}_{window}" for metric in Metric for window in ("whole", "early")]
    return [name for name in names if name in table]


@pytest.mark.parametrize("theta", [0.2, 0.8])
@pytest.mark.parametrize("seed", [7, 0])
def test_rows_have_the_bits_of_the_tables(world, rows, theta: float, seed: int) -> None:
    results = ours(world, theta, seed)
    here = rows[(rows[THETA] == theta) & (rows["seed"] == seed)]
    keys = ["posture", "replicate", "month"]

    months = results.table("timeseries").sort_values(keys)
    found = here.sort_values(keys)
    assert len(months) == len(found) == 2 * 3 * 6
    metrics = [metric.name for metric in Metric if metric.name in months]
    assert len(metrics) > 20
    assert np.array_equal(found[metrics], months[metrics], equal_nan=True)

    runs = results.runs.sort_values(keys[:2])
    last = found[found["month"] == 6]
    names = outcomes(runs)
    assert len(names) == 2 * len(metrics)
    assert np.array_equal(last[names], runs[names], equal_nan=True)


def test_every_run_of_the_design_is_there_once_and_in_order(rows) -> None:
    last = rows[rows["month"] == 6]
    assert list(last["RunId"]) == list(range(2 * 2 * 2 * 3))
    assert list(last["seed"]) == [7] * 12 + [0] * 12
    assert list(last["replicate"]) == [0, 1, 2] * 8


def test_an_outcome_does_not_exist_until_its_window_is_over(rows) -> None:
    run = rows[rows["RunId"] == 0].set_index("month")
    assert run["tension_early"].notna().tolist() == [False] * 3 + [True] * 3
    assert run["tension_whole"].notna().tolist() == [False] * 5 + [True]
    assert run.loc[4, "tension_early"] == run.loc[6, "tension_early"]


def test_states_are_those_of_the_month_only_from_mesa_3_5_on(world) -> None:
    """Mesa 3.3 puts states a month late; the page warns of it, and this fails when it is mended."""
    found = batched({"scenario": world, "posture": "new_approach"}, data_collection_period=1)
    states = regional_sim.run(world, postures=["new_approach"], tables=["states"]).table("states")
    threat = {(one.month, one.state): one.threat for one in states.itertuples()}
    late = 0 if RNG else 1
    months = {row["month"] for row in found if "code" in row}
    assert months == set(range(1 + late, 7))
    for row in found:
        if "code" in row:
            assert row["threat"] == threat[row["month"] - late, row["code"]]


def test_a_row_for_each_run_is_the_default(world) -> None:
    found = batched({"scenario": world, "replicate": range(2), "collect": "runs"})
    assert [row["month"] for row in found] == [6, 6]
    assert not any(math.isnan(row["tension_whole"]) for row in found)
    assert "tension" not in found[0]


@pytest.mark.slow
def test_processes_change_no_number(world, tmp_path: Path) -> None:
    """In a program of its own, as users have it: workers import its file."""
    script = tmp_path / "batch.py"
    script.write_text(
        f"""
import mesa
from regional_sim import load_scenario
from regional_sim.bridges.mesa import batch_arguments
from regional_sim.mesa_model import RegionModel

if __name__ == "__main__":
    world = load_scenario("two_states").with_settings({SHORT!r})
    given = {{"scenario": world, "replicate": range(3), "collect": "runs"}}
    for processes in (1, 2):
        rows = mesa.batch_run(
            RegionModel,
            **batch_arguments(given, seeds=7),
            number_processes=processes,
            display_progress=False,
        )
        print(sorted((row["RunId"], row["tension_whole"]) for row in rows))
""",
        encoding="utf-8",
    )
    alone, together = printed(script).splitlines()
    assert alone == together
    assert alone.count("(") == 3


def test_settings_are_one_value_and_paths_win_over_them(world) -> None:
    given = {"scenario": world, "settings": {THETA: 0.3, "horizon.months_after": 2}}
    arguments = batch_arguments({**given, THETA: 0.8})["parameters"]
    assert arguments["settings"] == [given["settings"]]
    model = RegionModel(world, settings=given["settings"], **{THETA: 0.8})
    assert model.region == world.with_settings({"horizon.months_after": 2, THETA: 0.8})


def test_policies_and_clamped_states_can_vary(world) -> None:
    patrols = create("levels", {"joint_patrols": 0.8})
    given = {
        "scenario": world,
        "posture": ["traditional", patrols],
        "clamp_states": [("CHN",)],
        "collect": "runs",
    }
    found = batched(given, seeds=3)
    runs = regional_sim.run(
        world, postures=["traditional", "levels:joint_patrols=0.8"], seed=3, clamp=["CHN"]
    ).runs
    assert [row["tension_whole"] for row in found] == list(runs["tension_whole"])


def test_one_code_may_be_clamped_without_a_list(world) -> None:
    one, several = (RegionModel(world, clamp_states=given) for given in ("CHN", ["CHN"]))
    assert one.reference is not None
    for model in (one, several):
        while model.running:
            model.step()
    assert one.outcome("tension") == several.outcome("tension")


def test_whole_numbers_of_numpy_are_whole_numbers(world) -> None:
    given = {"scenario": world, "replicate": np.arange(2), "collect": "runs"}
    found = [
        batched(one, seeds=seeds)
        for one, seeds in ((given, np.array([7])), ({**given, "replicate": [0, 1]}, 7))
    ]
    first, second = ([row["tension_whole"] for row in rows] for rows in found)
    assert first == second


@pytest.mark.parametrize(
    ("parameters", "more", "told"),
    [
        ({"seed": [7]}, {}, r"seeds=\[7\]"),
        ({"rng": [7]}, {}, r"seeds=\[7\]"),
        ({}, {"seeds": []}, "at least one seed"),
    ],
)
def test_seeds_that_would_be_lost_are_refused(parameters, more, told) -> None:
    with pytest.raises(InputError, match=told):
        batch_arguments(parameters, **more)


def test_a_lost_seed_is_told() -> None:
    """Mesa 3.5 hands None over, whatever seed stands among the parameters."""
    with pytest.warns(UserWarning, match=r"rng=\[7\]"):
        model = RegionModel("two_states", seed=None)
    other = RegionModel("two_states", seed=0)
    for one in (model, other):
        one.step()
    assert model.metric("tension") == other.metric("tension")


@pytest.mark.skipif(not RNG, reason="Mesa before 3.5 has no argument rng")
def test_mesa_loses_a_seed_among_the_parameters(world) -> None:
    """The reason for ``batch_arguments``; if this fails, Mesa has changed."""
    given = {"scenario": world, "seed": [7], "collect": "runs"}
    with pytest.warns(UserWarning, match="seed=None"):
        (row,) = mesa.batch_run(RegionModel, given, display_progress=False)
    assert row["seed"] is None


def test_an_unknown_window_is_told(world) -> None:
    with pytest.raises(InputError, match="did you mean 'early'"):
        RegionModel(world).outcome("tension", "earli")


class Watched(RegionModel):
    """Remembers which models are alive."""

    alive: list[weakref.ref[RegionModel]] = []  # noqa: RUF012

    def __init__(self, seed: int = 0, **more: object) -> None:
        super().__init__(seed=seed, **more)
        self.alive.append(weakref.ref(self))


def test_finished_models_are_let_go(world) -> None:
    """Mesa would keep every model for ever; memory must not grow with the number of runs."""
    batched({"scenario": world, "replicate": range(4)}, model=Watched)
    gc.collect()
    assert len(Watched.alive) == 4
    assert sum(one() is not None for one in Watched.alive) == 0
