"""Words for whole groups of factors stand for plain paths when a design has been read."""

import pytest

from regional_sim import salib_problem
from regional_sim.errors import InputError
from regional_sim.experiment import experiment_from_mapping
from regional_sim.experiment.factor_groups import factor_groups
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param

BASE = {"scenario": "two_states", "seed": 0, "replicates": 1, "postures": ["traditional"]}
ALIGN = [f"parameters.{param.name}" for param in Param if param.mechanism == "align"]
STIPULATED = [f"parameters.{param.name}" for param in Param if param.provenance == "stipulated"]


def experiment_of(factors, kind="latin_hypercube", **design):
    design = {"kind": kind, "factors": factors, **(design or {"n": 4})}
    return experiment_from_mapping({**BASE, "design": design})


def refused(factors):
    with pytest.raises(InputError) as caught:
        experiment_of(factors)
    return str(caught.value)


def test_groups_are_all_parameters_by_provenance_and_mechanism_and_the_options():
    groups = factor_groups()
    of = {param.provenance for param in Param} | {param.mechanism for param in Param}
    assert groups.keys() == {"all", "options"} | of
    assert len(groups["all"]) == len(Param)
    assert list(groups["stipulated"]) == STIPULATED
    assert list(groups["options"]) == [f"options.{option.name}" for option in Option]


def test_a_group_stands_for_each_of_its_parameters_over_its_range():
    experiment = experiment_of({"align": "range"})
    assert list(experiment.factors) == ALIGN
    for path, prior in experiment.made_by().priors.items():
        param = Param[path.removeprefix("parameters.")]
        assert (prior.low, prior.high) == (param.low, param.high)


def test_options_take_their_choices_in_a_group_or_alone():
    assert experiment_of({"options": "choices"}).made_by().priors["options.shock"].choices == [
        "probit", "logit"
    ]  # fmt: skip
    assert experiment_of({"options.choice": "choices"}).factors == ("options.choice",)


def test_an_entry_of_its_own_counts_before_a_group_wherever_it_stands():
    own = {"low": 0.2, "high": 0.3}
    for factors in (
        {"parameters.brokerage": own, "align": "range"},
        {"align": "range", " parameters.brokerage ": own},
    ):
        experiment = experiment_of(factors)
        assert sorted(experiment.factors) == sorted(ALIGN)
        assert experiment.made_by().priors["parameters.brokerage"].high == 0.3


def test_fixed_takes_factors_out_and_a_later_group_counts_before_an_earlier_one():
    experiment = experiment_of({"stipulated": "range", "align": "fixed"})
    assert set(experiment.factors) == set(STIPULATED) - set(ALIGN)
    again = experiment_of({"align": "fixed", "stipulated": "range"})
    assert set(again.factors) == set(STIPULATED)
    without = experiment_of({"align": "range", "parameters.brokerage": "fixed"})
    assert set(without.factors) == set(ALIGN) - {"parameters.brokerage"}


def test_plan_tables_and_salib_see_plain_paths():
    experiment = experiment_of({"align": "range"}, kind="morris", trajectories=2)
    assert len(experiment.points) == 2 * (len(ALIGN) + 1)
    assert salib_problem(experiment)["names"] == [path.replace(".", "_") for path in ALIGN]
    design = experiment.resolved()["design"]
    assert list(design["factors"]) == list(design["made_by"]["factors"]) == ALIGN


@pytest.mark.parametrize("kind", ["latin_hypercube", "sobol", "random", "saltelli"])
def test_every_sampled_design_takes_groups(kind):
    assert set(experiment_of({"press": "range"}, kind=kind, n=2).factors) == set(
        factor_groups()["press"]
    )


def test_an_unknown_group_is_named_with_what_may_be_meant():
    message = refused({"stipulatd": "range"})
    assert "there is no such group of factors; got 'stipulatd'" in message
    assert "did you mean 'stipulated'?" in message


@pytest.mark.parametrize(
    ("factors", "what"),
    [
        ({"align": {"low": 0, "high": 1}}, "align is a group of factors"),
        ({"align": "choices"}, "allowed: range or fixed"),
        ({"options": "range"}, "allowed: choices or fixed"),
        ({"parameters.brokerage": "choices"}, "only structural options have documented choices"),
        ({"options.shok": "choices"}, "did you mean 'shock'?"),
        ({"options.shock": "range"}, "only parameters have a documented range"),
        ({"align": "fixed"}, "design.factors"),
    ],
)
def test_what_a_group_cannot_take_is_one_message(factors, what):
    message = refused(factors)
    assert what in message
    assert len(message.splitlines()) == 1
