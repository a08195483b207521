"""Months before the first one: they are run and not counted."""

import numpy as np
import pytest

from regional_sim import mesa_model
from regional_sim.engine import ensemble
from regional_sim.engine.job import BatchJob
from regional_sim.mesa_model import RegionModel
from regional_sim.postures import create
from regional_sim.scenario import load_scenario
from tests.support.worlds import ALL_SERIES, run, same_bits, short

SERIES = ("timeseries", "states", "dyads")


def world(run_in, before=3, after=8, **more):
    return short(load_scenario("four_states"), before, after, **{"horizon.run_in": run_in, **more})


@pytest.mark.parametrize("run_in", [1, 5, 24, 30])
def test_a_run_in_is_a_history_of_which_no_table_tells(run_in):
    postures = ["traditional", "new_approach"]
    told = run(world(0, before=run_in + 3), postures)
    for whole, cut in zip(told, run(world(run_in), postures), strict=True):
        assert np.array_equal(whole.windows, cut.windows)
        for series in SERIES:
            months = getattr(cut, series)
            assert len(months) == 11
            assert np.array_equal(getattr(whole, series)[run_in:], months)


@pytest.mark.parametrize("run_in", [0, 7, 30])
def test_engines_agree(run_in):
    job = BatchJob.of(world(run_in), [create("reactive")], 3, 5, 2, series=ALL_SERIES)
    assert same_bits(ensemble.run_batch(job)[0][0], mesa_model.run_batch(job)[0][0])


def test_the_first_step_of_a_model_takes_the_run_in():
    model = RegionModel(world(7), seed=3)
    assert (model.month, model.clock) == (0, 0)
    model.step()
    assert (model.month, model.clock) == (1, 8)
    model.step()
    assert (model.month, model.clock) == (2, 9)
    assert len(model.datacollector.get_model_vars_dataframe()) == 2


def test_without_a_run_in_the_first_month_is_the_first():
    model = RegionModel(world(0), seed=3)
    model.step()
    assert (model.month, model.clock) == (1, 1)
