"""Priors: inverse distribution functions that keep their bounds and the types of their levels."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from scipy import stats

from regional_sim.experiment.priors import DISTRIBUTIONS, Factors, LogUniform, Uniform
from regional_sim.model.parameters import Param

# A prior of each distribution, with its least and greatest level.
EXAMPLES = {
    "uniform": ({"low": 0.2, "high": 0.8}, 0.2, 0.8),
    "log_uniform": ({"low": 0.1, "high": 7.0}, 0.1, 7.0),
    "normal": ({"mean": 1.0, "sd": 0.5, "low": 0.3, "high": 1.9}, 0.3, 1.9),
    "triangular": ({"low": -1.0, "mode": 0.5, "high": 2.0}, -1.0, 2.0),
    "integer": ({"low": -2, "high": 3}, -2, 3),
    "choice": ({"choices": [1, 2.5, 4], "weights": [1, 2, 1]}, 1, 4),
}


class Sample(BaseModel):
    factors: Factors


def prior_of(given, path="x"):
    return Sample.model_validate({"factors": {path: given}}).factors[path]


def example(name):
    return prior_of({"distribution": name, **EXAMPLES[name][0]})


every_distribution = pytest.mark.parametrize("name", DISTRIBUTIONS)
shares = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=20).map(np.array)


def test_every_distribution_has_an_example():
    assert list(EXAMPLES) == list(DISTRIBUTIONS)


@every_distribution
@given(shares=shares)
def test_levels_keep_their_bounds_and_rise_with_their_shares(name, shares):
    _, low, high = EXAMPLES[name]
    levels = example(name).levels(np.sort(shares))
    assert all(low <= level <= high for level in levels)
    assert levels == pytest.approx(sorted(levels), rel=1e-12)


@every_distribution
def test_the_ends_are_exact(name):
    _, low, high = EXAMPLES[name]
    assert example(name).levels(np.array([0.0, 1.0])) == [low, high]


@every_distribution
def test_levels_are_what_yaml_would_give(name):
    kinds = {type(level) for level in example(name).levels(np.linspace(0.0, 1.0, 50))}
    expected = {"integer": {int}, "choice": {int, float}}
    assert kinds == expected.get(name, {float})


@every_distribution
def test_a_prior_says_what_it_is(name):
    assert str(example(name)).startswith(name)


# What the distributions are, told by scipy from their definitions.
OUTSIDE = {
    "uniform": stats.uniform(0.2, 0.6),
    "log_uniform": stats.loguniform(0.1, 7.0),
    "normal": stats.truncnorm(-1.4, 1.8, loc=1.0, scale=0.5),
    "triangular": stats.triang(0.5, loc=-1.0, scale=3.0),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_levels_have_the_distribution(name):
    wanted = np.linspace(0.01, 0.99, 99)
    found = OUTSIDE[name].cdf(example(name).levels(wanted))
    assert np.allclose(found, wanted, rtol=0, atol=1e-12)


@given(low=st.integers(-50, 50), many=st.integers(2, 30))
def test_whole_numbers_are_equally_likely(low, many):
    prior = prior_of({"distribution": "integer", "low": low, "high": low + many - 1})
    middles = (np.arange(many * 10) + 0.5) / (many * 10)
    _, counts = np.unique(prior.levels(middles), return_counts=True)
    assert counts.tolist() == [10] * many


def test_choices_come_as_often_as_they_weigh_and_keep_their_type():
    choices = ["probit", True, None, 1.5, 2]
    prior = prior_of({"choices": choices, "weights": [4, 1, 1, 2, 2]})
    levels = prior.levels((np.arange(100) + 0.5) / 100)
    assert [levels.count(choice) for choice in choices] == [40, 10, 10, 20, 20]
    assert [type(level) for level in levels[::10]] == [
        *[str] * 4, bool, type(None), float, float, int, int
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("short", "full"),
    [
        (["a", "b"], {"distribution": "choice", "choices": ["a", "b"]}),
        ({"low": 1, "high": 2}, {"distribution": "uniform", "low": 1.0, "high": 2.0}),
    ],
)
def test_short_forms_of_a_prior(short, full):
    assert prior_of(short) == prior_of(full)


@pytest.mark.parametrize("param", Param)
def test_range_is_uniform_over_what_is_documented(param):
    found = prior_of("range", f"parameters.{param.name}")
    assert found == prior_of({"low": param.low, "high": param.high})


def test_range_needs_ends(monkeypatch):
    monkeypatch.setattr(Param.signal_gain, "high", math.inf)
    with pytest.raises(ValidationError, match="range of this parameter has no end"):
        prior_of("range", "parameters.signal_gain")


@pytest.mark.parametrize("ends", [{}, {"low": 0.5}, {"high": 0.5}])
def test_a_normal_prior_without_an_end_stays_finite(ends):
    prior = prior_of({"distribution": "normal", "mean": 0.0, "sd": 2.0, **ends})
    assert not prior.has_ends
    levels = prior.levels(np.array([0.0, 1.0]))
    assert all(math.isfinite(level) for level in levels)
    assert levels[0] == ends.get("low", pytest.approx(-16.4, abs=0.5))
    assert levels[1] == ends.get("high", pytest.approx(16.4, abs=0.5))


@settings(max_examples=30)
@given(mean=st.floats(-30, 30), sd=st.floats(0.01, 30))
def test_a_cut_normal_prior_keeps_its_bounds_far_out_in_the_tail(mean, sd):
    prior = prior_of({"distribution": "normal", "mean": mean, "sd": sd, "low": 0.0, "high": 1.0})
    levels = prior.levels(np.linspace(0.0, 1.0, 9))
    assert all(0.0 <= level <= 1.0 for level in levels)
    assert levels == pytest.approx(sorted(levels), rel=1e-9)


def test_ends_that_are_too_far_apart_are_refused_and_orders_of_magnitude_are_not():
    far = {"distribution": "uniform", "low": -1e308, "high": 1e308}
    with pytest.raises(ValueError, match="too far apart"):
        Uniform.model_validate(far)
    wide = LogUniform(distribution="log_uniform", low=1e-300, high=1e300)
    low, middle, high = wide.levels(np.array([0.0, 0.5, 1.0]))
    assert (low, high) == (1e-300, 1e300)
    assert middle == pytest.approx(1.0)


@pytest.mark.parametrize("size", [1e308, 5e-324, 1.0])
def test_weights_of_any_size_keep_their_shares(size):
    prior = prior_of({"choices": ["a", "b"], "weights": [size, size]})
    assert prior.levels(np.array([0.0, 0.49, 0.51, 1.0])) == ["a", "a", "b", "b"]
    assert str(prior) == "choice of a (0.5), b (0.5)"


@pytest.mark.parametrize("weights", [[3.0, 1.0], [0.1, 0.2, 0.7], [1e-3, 5.0, 2.0]])
def test_scaling_weights_moves_no_level(weights):
    choices = list(range(len(weights)))
    ends = np.cumsum(weights)
    shares = np.concatenate([np.linspace(0, 1, 1001), ends / ends[-1]])
    expected = np.minimum(np.searchsorted(ends, shares * ends[-1], side="right"), len(weights) - 1)
    prior = prior_of({"choices": choices, "weights": weights})
    assert prior.levels(shares) == expected.tolist()
