"""Counting disputes, and the procedure that sets stakes and restraint."""

from __future__ import annotations

import numpy as np
import pytest
from ruamel.yaml import YAML

from regional_sim.analysis.calibrate import (
    BaseRateTargets,
    Target,
    as_yaml,
    calibrate,
    count_onsets,
    pair_names,
    read_targets,
    simulate,
    stakes_by_rule,
)
from regional_sim.engine.job import PAIR_COLUMNS
from regional_sim.model.variables import PairVar
from regional_sim.scenario import load_scenario, shipped_config


def _dyads(rungs: list[int]) -> np.ndarray:
    dyads = np.zeros((len(rungs), len(PAIR_COLUMNS), 1, 1))
    dyads[:, PAIR_COLUMNS.index(PairVar.rung), 0, 0] = rungs
    return dyads


@pytest.mark.parametrize(
    ("rungs", "disputes", "forced", "wars"),
    [
        ([0, 0, 0], 0, 0, 0),
        ([1, 0, 0, 1, 0], 1, 0, 0),  # the second begins within six months: the same dispute
        ([1, 0, 0, 0, 0, 0, 1], 2, 0, 0),
        ([1, 2, 3, 3, 0], 1, 1, 0),
        ([1, 0, 2, 3, 0], 1, 1, 0),
        ([3, 4, 4, 1, 0], 1, 1, 1),
    ],
)
def test_disputes_are_counted_as_they_were_observed(
    rungs: list[int], disputes: int, forced: int, wars: int
) -> None:
    counts = count_onsets(_dyads(rungs))
    assert counts.disputes.item() == disputes
    assert counts.reaching_force.item() == forced
    assert counts.wars.item() == wars
    assert counts.months.item() == sum(rung > 0 for rung in rungs)


def test_targets_are_those_of_the_record() -> None:
    targets = read_targets()
    assert sum(one.onsets for one in targets.pairs) == 95
    assert {one.pair for one in targets.leading()} >= {"CHN-TWN", "KOR-PRK", "CHN-JPN"}
    assert len(targets.leading()) == 10


def test_the_procedure_moves_rates_toward_their_targets() -> None:
    scenario = load_scenario("world_2010").with_settings({"horizon.months_after": 120})
    targets = BaseRateTargets(21.0, (Target("CHN-TWN", 12, 3), Target("JPN-KOR", 3, 1)))
    fit = calibrate(scenario, targets, rounds=6, replicates=48)
    names = pair_names(scenario.codes)
    world = scenario.with_settings(fit.settings(names))
    years = scenario.n_months / 12.0
    counts = simulate(world, 48, first_replicate=5000)
    begun = counts.disputes.mean(axis=1) / years * 21.0
    assert begun.sum() < 25.0  # all dyads without a record share a restraint that rises
    assert 4.0 < begun[names.index("CHN-TWN")] < 25.0


def test_the_shipped_values_are_the_ones_the_procedure_writes() -> None:
    """Every pair named in the file differs from the default, and stakes keep near their rule."""
    document = YAML(typ="safe").load(shipped_config("calibrated/stakes_and_restraint"))
    stakes = document["dyads"]["stake"]["pairs"]
    rules = dict(zip(stakes, stakes_by_rule(list(stakes)), strict=True))
    for pair, stake in stakes.items():
        assert rules[pair] / 1.501 <= stake <= rules[pair] * 1.501, pair
    assert all(0.3 <= value <= 8.0 for value in document["dyads"]["restraint"]["pairs"].values())


def test_a_written_fit_loads_as_an_overlay() -> None:
    scenario = load_scenario("world_2010").with_settings({"horizon.months_after": 24})
    names = pair_names(scenario.codes)
    fit = calibrate(scenario, read_targets(), rounds=1, replicates=2)
    own = {one.pair for one in read_targets().pairs if one.onsets >= 2}
    text = as_yaml(fit, names, set(names) - own)
    written = YAML(typ="safe").load(text)["dyads"]
    settings = fit.settings(names)
    for name in own:
        assert written["restraint"]["pairs"][name] == settings[f"dyads.restraint.{name}"]
