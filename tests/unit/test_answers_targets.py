"""Targets: what a file may say, and the statistics that runs have of them."""

import numpy as np
import pytest

import regional_sim
from regional_sim.analysis.base_rates import count_disputes
from regional_sim.answers.posterior.target_statistics import Disputes, merged_disputes, simulated
from regional_sim.engine.job import PAIR_COLUMNS
from regional_sim.errors import InputError
from regional_sim.experiment import experiment_from_mapping
from regional_sim.model.variables import PairVar

BASE = {
    "scenario": "four_states",
    "settings": {"horizon.months_before": 12, "horizon.months_after": 60},
    "seed": 3,
    "replicates": 6,
    "postures": ["traditional"],
    "design": {"kind": "grid", "factors": {"parameters.incident_scale": [1.0, 3.0]}},
    "tables": ["runs", "timeseries", "dyads", "events"],
}
FIGURE = {"value": 1.0, "sd": 0.5}
TARGETS = [
    {"statistic": "disputes", **FIGURE},
    {"statistic": "disputes", "pair": "CHN-TWN", "rung": 2, **FIGURE},
    {"statistic": "dispute_share", "rung": 3, **FIGURE},
    {"statistic": "dispute_share", "over_months": 1, **FIGURE},
    {"metric": "tension", **FIGURE},
    {"statistic": "autocorrelation", "metric": "tension", "lag": 6, "over_lag": 1, **FIGURE},
]


@pytest.fixture(scope="module")
def experiment():
    return experiment_from_mapping({**BASE, "targets": TARGETS})


@pytest.fixture(scope="module")
def results(experiment):
    return regional_sim.sweep(experiment)


@pytest.fixture(scope="module")
def found(experiment, results):
    return simulated(results, experiment, experiment.targets)


def test_disputes_are_those_of_the_base_rates(experiment, results):
    """Events put together give what the rungs of all months do."""
    dyads = results.table("dyads").sort_values(["run", "month", "state_a", "state_b"])
    rungs = dyads["rung"].to_numpy().reshape(12, 72, 6)  # run, month, pair
    columns = np.zeros((72, len(PAIR_COLUMNS), 6, 12))
    columns[:, PAIR_COLUMNS.index(PairVar.rung)] = rungs.transpose(1, 2, 0)
    counted = count_disputes(columns, settle=12)
    disputes = Disputes.of(results.table("events"), experiment)

    def by_run(mine):
        counts = np.zeros((6, 12))
        runs = disputes.point[mine] * 6 + disputes.replicate[mine]
        np.add.at(counts, (disputes.pair[mine], runs), 1)
        return counts

    everything = np.ones(len(disputes.pair), dtype=bool)
    assert counted.disputes.sum() > 50
    assert np.array_equal(by_run(everything), counted.disputes)
    assert np.array_equal(by_run(disputes.highest >= 3), counted.parts[0])
    assert np.array_equal(by_run(disputes.months > 1), counted.parts[1])
    assert np.array_equal(by_run(disputes.months > 6), counted.parts[2])


def test_statistics_are_those_of_the_tables(experiment, results, found):
    runs = results.runs.groupby("point")["tension_whole"]
    assert found.value[:, 4] == pytest.approx(runs.mean().to_numpy())
    assert (found.value[1, :2] > found.value[0, :2]).all()
    assert ((found.value[:, 2:4] >= 0) & (found.value[:, 2:4] <= 1)).all()
    assert (np.abs(found.value[:, 5]) <= 1.5).all()
    assert (found.error > 0).all()


def test_disputes_that_go_on_merge_and_open_ones_do_not_count():
    # Open at the start; again within six months; again after more; open at the end.
    month = np.array([-3, 1, 2, 20, 21, 30])
    before, after = np.array([1, 0, 1, 0, 2, 0]), np.array([0, 1, 0, 2, 0, 1])
    one = merged_disputes(np.zeros(6, dtype=int), month, before, after, last=32)
    assert month[one.first].tolist() == [20, 30]
    assert one.highest.tolist() == [2, 1]
    assert one.months.tolist() == [1, 3]


def test_no_event_is_no_dispute():
    nothing = np.zeros(0, dtype=int)
    assert not len(merged_disputes(nothing, nothing, nothing, nothing, last=5).first)


def test_an_interval_stands_for_a_standard_deviation():
    target = {"metric": "tension", "value": 0.3, "interval": [0.1, 0.492], "discrepancy": 0.0}
    experiment = experiment_from_mapping({**BASE, "targets": [target]})
    assert experiment.targets[0].total_sd == pytest.approx(0.1)


def test_targets_are_no_part_of_the_plan(experiment):
    assert "targets" not in experiment.resolved()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"metric": "tensoin", **FIGURE}, "unknown metric; got 'tensoin'; did you mean 'tension'?"),
        ({"metric": "tension", "window": "erly", **FIGURE}, "targets[0].window: unknown window"),
        ({"metric": "tension", "posture": "x", **FIGURE}, "targets[0].posture: unknown posture"),
        ({"statistic": "disputes", "pair": "TWN-CHN", **FIGURE}, "allowed: CHN-JPN, CHN-TWN"),
        ({"statistic": "disputs", **FIGURE}, "did you mean 'disputes'?"),
        (
            {"statistic": "disputes", "metric": "tension", **FIGURE},
            "statistic disputes has no such setting; got 'metric'",
        ),
        ({"metric": "tension", "value": 1.0}, "needs either sd or interval"),
        ({"metric": "tension", **FIGURE, "interval": [0, 1]}, "needs either sd or interval"),
        ({"metric": "tension", "value": 1.0, "interval": [1, 0]}, "must be below"),
        ({"metric": "tension", "value": 1.0, "sd": 0.0}, "outside the allowed range"),
        ({"statistic": "dispute_share", **FIGURE}, "needs either rung or over_months"),
        (
            {"statistic": "autocorrelation", "metric": "tension", "lag": 59, **FIGURE},
            "is too long for the horizon; got 59; allowed: at most 58",
        ),
        ("tension", "must be a mapping"),
    ],
)
def test_what_is_refused(target, message):
    with pytest.raises(InputError) as raised:
        experiment_from_mapping({**BASE, "targets": [target]})
    assert message in str(raised.value)
