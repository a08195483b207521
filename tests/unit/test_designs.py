"""Designs: points that are promised, the same for a seed, and written out in full."""

import itertools
import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from regional_sim.experiment import experiment_from_mapping
from regional_sim.experiment.designs import DESIGNS, design_of
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.sampling import Sampled
from tests.support.processes import printed

SHORT = {"horizon.months_before": 2, "horizon.months_after": 4}
BASE = {
    "scenario": "four_states",
    "settings": SHORT,
    "seed": 0,
    "replicates": 2,
    "postures": ["traditional", {"policy": "levels", "label": "tried", "military": 0.2}],
}

PRIORS = {
    "parameters.theta_challenger": {"low": 0.2, "high": 0.8},
    "parameters.signal_gain": {"distribution": "log_uniform", "low": 0.5, "high": 2.0},
    "horizon.months_after": {"distribution": "integer", "low": 3, "high": 5},
    "options.shock": ["probit", "logit"],
    "posture.military": {"distribution": "triangular", "low": 0.1, "mode": 0.3, "high": 0.9},
}
GRID = {
    "kind": "grid",
    "factors": {"states.JPN.stance": [0.1, 0.2], "parameters.level_weight": [0, 0.5]},
}

DRAWS = Path(__file__).parents[1] / "support" / "draws.csv"
POINTS = [{"options.shock": "logit"}, {"options.shock": "probit"}]

# A design of each kind, and how many points it promises.
EXAMPLES = {
    "grid": (GRID, 4),
    "list": ({"kind": "list", "points": POINTS}, 2),
    "zip": (
        {
            "kind": "zip",
            "factors": {
                "parameters.theta_challenger": [0.1, 0.2, 0.2],
                "options.shock": ["probit", "logit", "probit"],
            },
        },
        3,
    ),
    "latin_hypercube": ({"kind": "latin_hypercube", "n": 20, "factors": PRIORS}, 20),
    "sobol": ({"kind": "sobol", "n": 16, "factors": PRIORS}, 16),
    "random": ({"kind": "random", "n": 11, "factors": PRIORS}, 11),
    "morris": ({"kind": "morris", "trajectories": 4, "levels": 6, "factors": PRIORS}, 4 * 6),
    "saltelli": ({"kind": "saltelli", "n": 4, "factors": PRIORS}, 4 * 12),
    "posterior": (
        {"kind": "posterior", "file": str(DRAWS), "n": 3, "factors": ["options.shock"]},
        3,
    ),
    "mixed": (
        {"kind": "mixed", "parts": [{"kind": "latin_hypercube", "n": 5, "factors": PRIORS}, GRID]},
        20,
    ),
}  # fmt: skip
SAMPLED = [kind for kind, design in DESIGNS.items() if issubclass(design, Sampled)]


def experiment_of(design, **changes):
    return experiment_from_mapping({**BASE, **changes, "design": design})


def points_of(design):
    return [dict(point.factors) for point in experiment_of(design).points]


def sample(kind, factors=PRIORS, **settings):
    """Return the design object of an example with other settings."""
    return design_of({**EXAMPLES[kind][0], "factors": factors, **settings})


every_kind = pytest.mark.parametrize("kind", DESIGNS)
every_sample = pytest.mark.parametrize("kind", SAMPLED)


def test_every_kind_has_an_example():
    assert list(EXAMPLES) == list(DESIGNS)


@every_kind
class TestEveryDesign:
    def test_gives_the_points_it_promises(self, kind):
        design, many = EXAMPLES[kind]
        assert len(points_of(design)) == many == design_of(design).n_points

    def test_gives_the_same_points_every_time(self, kind):
        design, _ = EXAMPLES[kind]
        assert points_of(design) == points_of(design)

    def test_says_in_a_few_words_what_it_is(self, kind):
        made = design_of(EXAMPLES[kind][0])
        assert list(made.about()) == list(made.paths)
        assert str(made).startswith("latin_hypercube" if kind == "mixed" else kind)

    def test_is_plain_once_resolved_and_reads_back_as_it_was(self, kind):
        experiment = experiment_of(EXAMPLES[kind][0])
        resolved = experiment.resolved()
        again = experiment_from_mapping(json.loads(json.dumps(resolved, allow_nan=False)))
        assert again.resolved() == resolved
        assert again.points == experiment.points
        assert again.design == experiment.design
        assert Plan.of(again, tables=()).mapping() == Plan.of(experiment).mapping() | {
            "settings": {}
        }
        assert str(again.made_by()) == str(experiment.made_by())

    def test_record_is_a_design_that_gives_the_same_points(self, kind):
        experiment = experiment_of(EXAMPLES[kind][0])
        if experiment.design:
            assert points_of(experiment.design) == [dict(p.factors) for p in experiment.points]
            assert design_of(experiment.design).record() == experiment.design

    def test_knows_no_postures(self, kind):
        design, _ = EXAMPLES[kind]
        more = [*BASE["postures"], "new_approach", "reactive"]
        assert experiment_of(design, postures=more).points == experiment_of(design).points


@every_sample
class TestEverySample:
    def test_differs_for_another_seed_and_is_0_without_one(self, kind):
        design, _ = EXAMPLES[kind]
        assert points_of(design) == points_of({**design, "seed": 0})
        assert points_of(design) != points_of({**design, "seed": 1})

    def test_knows_nothing_of_the_seed_of_the_runs(self, kind):
        design, _ = EXAMPLES[kind]
        assert experiment_of(design, seed=5).points == experiment_of(design).points

    def test_leaves_global_random_states_alone(self, kind):
        before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
        first = sample(kind).shares()
        assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        assert np.array_equal(sample(kind).shares(), first)

    def test_keeps_every_level_inside_its_prior(self, kind):
        for point in points_of(EXAMPLES[kind][0]):
            theta, gain, months, shock, military = point.values()
            assert 0.2 <= theta <= 0.8
            assert 0.5 <= gain <= 2.0
            assert months in (3, 4, 5)
            assert isinstance(months, int)
            assert shock in ("probit", "logit")
            assert 0.1 <= military <= 0.9

    def test_takes_a_single_factor(self, kind):
        made = sample(kind, {"parameters.signal_gain": "range"})
        (column,) = made.columns(("design",)).values()
        assert len(column) == len(list(column)) == made.n_points

    @settings(max_examples=20)
    @given(seed=st.integers(0, 2**64), many=st.integers(1, 6))
    def test_stays_in_the_unit_cube(self, kind, seed, many):
        factors = {f"parameters.p{number}": {"low": 0, "high": 1} for number in range(many)}
        shares = sample(kind, factors, seed=seed).shares()
        assert shares.shape == (sample(kind, factors).n_points, many)
        assert ((shares >= 0.0) & (shares <= 1.0)).all()


@given(n=st.integers(1, 60), seed=st.integers(0, 1000))
def test_a_latin_hypercube_has_one_point_in_each_stratum_of_each_factor(n, seed):
    shares = sample("latin_hypercube", n=n, seed=seed).shares()
    strata = np.minimum(np.floor(shares * n), n - 1)
    assert (np.sort(strata, axis=0) == np.arange(n)[:, None]).all()


def test_a_sobol_sequence_is_more_even_than_chance():
    def unevenness(kind, seed):
        return qmc.discrepancy(sample(kind, n=128, seed=seed).shares())

    chance = [unevenness("random", seed) for seed in range(20)]
    assert max(unevenness("sobol", seed) for seed in range(20)) < min(chance)


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), levels=st.sampled_from([2, 4, 6, 10]), many=st.integers(1, 5))
def test_morris_trajectories_move_each_factor_once_by_the_same_share(seed, levels, many):
    factors = dict(list(PRIORS.items())[:many])
    shares = sample("morris", factors, seed=seed, levels=levels).shares()
    steps = np.diff(shares.reshape(4, many + 1, many), axis=1)
    assert np.allclose(np.abs(steps).sum(axis=2), levels / (2 * (levels - 1)))
    assert ((steps != 0).sum(axis=1) == 1).all()
    assert set((shares * (levels - 1)).ravel().tolist()) <= set(map(float, range(levels)))


@pytest.mark.parametrize("seed", range(5))
def test_morris_trajectories_change_one_level_at_a_time(seed):
    points = points_of({**EXAMPLES["morris"][0], "seed": seed})
    for start in range(0, len(points), 6):
        trajectory = points[start : start + 6]
        moved = [
            [path for path in PRIORS if one[path] != other[path]]
            for one, other in itertools.pairwise(trajectory)
        ]
        assert sorted(moved) == sorted([path] for path in PRIORS)


@pytest.mark.parametrize("second_order", [True, False])
@given(power=st.integers(0, 5), many=st.integers(1, 5))
@settings(max_examples=20)
def test_a_saltelli_sample_has_the_size_of_its_scheme(second_order, power, many):
    n = 2**power
    factors = dict(list(PRIORS.items())[:many])
    made = sample("saltelli", factors, n=n, second_order=second_order)
    assert made.n_points == n * (2 * many + 2 if second_order else many + 2)
    assert made.shares().shape == (made.n_points, many)


def test_zip_steps_through_all_factors_together():
    assert points_of(EXAMPLES["zip"][0]) == [
        {"parameters.theta_challenger": theta, "options.shock": shock}
        for theta, shock in ((0.1, "probit"), (0.2, "logit"), (0.2, "probit"))
    ]


def test_mixed_combines_all_points_and_the_last_part_changes_fastest():
    hypercube, grid = EXAMPLES["mixed"][0]["parts"]
    expected = [one | other for one in points_of(hypercube) for other in points_of(grid)]
    assert points_of(EXAMPLES["mixed"][0]) == expected


def test_factors_reach_states_dyads_options_and_postures():
    factors = {
        "states.JPN.stance": [0.1, 0.2],
        "dyads.commitment.USA-JPN": [0.3],
        "dyads.rivalry.CHN-JPN": [0.4],
        "states.TWN.gdp_usd_bn.value": [900],
        "horizon.months_after": [5],
        "options.shock": ["logit"],
        "posture.military": [0.7],
    }
    experiment = experiment_of({"kind": "grid", "factors": factors})
    point = experiment.points[1]
    world = experiment.scenario_at(point)
    place = {code: number for number, code in enumerate(world.codes)}
    assert world.sections.states["JPN"].stance.value == 0.2
    assert world.sections.states["TWN"].gdp_usd_bn.value == 900
    commitment = world.sections.dyads["commitment"]
    assert commitment[place["USA"], place["JPN"]] == 0.3
    assert world.sections.dyads["rivalry"][place["CHN"], place["JPN"]] == 0.4
    assert (world.months_after, world.sections.options.shock) == (5, "logit")
    assert experiment.postures_at(point)[1].policy.military == 0.7
    before = experiment.scenario.sections.states["JPN"].stance.value
    assert before not in (0.1, 0.2)


def test_a_resolved_sample_needs_neither_scipy_nor_salib():
    resolved = json.dumps(experiment_of(EXAMPLES["morris"][0]).resolved())
    code = (
        "import json, sys; from regional_sim.experiment import experiment_from_mapping;"
        "made = experiment_from_mapping(json.load(sys.stdin)); made.resolved(); print(*sys.modules)"
    )
    assert not {"SALib", "scipy.stats"} & set(printed("-c", code, input=resolved).split())


def test_what_points_were_made_by_may_be_a_free_text():
    design = {"kind": "list", "points": [{"options.shock": "logit"}], "made_by": {"tool": "mine"}}
    experiment = experiment_of(design)
    assert experiment.resolved()["design"] == design
    assert experiment.made_by() is None


def test_a_record_that_does_not_fit_the_points_is_not_believed():
    resolved = experiment_of(EXAMPLES["sobol"][0]).resolved()
    for levels in resolved["design"]["factors"].values():
        del levels[3]
    assert experiment_from_mapping(resolved).made_by() is None


def test_a_grid_of_many_levels_is_read_at_once():
    levels = [number / 2**15 for number in range(2**15)]
    made = design_of({"kind": "grid", "factors": {"parameters.theta_challenger": levels}})
    assert made.n_points == 2**15
