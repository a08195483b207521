"""Whatever is accepted comes back from its plan with the same worlds, point by point."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regional_sim.errors import InputError
from regional_sim.experiment import experiment_from_mapping
from regional_sim.experiment.differences import plan_differences
from regional_sim.experiment.plan import Plan
from regional_sim.scenario import digest_of, load_scenario, scenario_from_mapping

BASE = {"seed": 1, "replicates": 1, "postures": ["traditional", "levels"]}

LEVELS = {
    "parameters.signal_gain": st.floats(0, 4),
    "options.shock": st.sampled_from(["probit", "logit"]),
    "horizon.months_after": st.integers(1, 200),
    "horizon.months_before": st.integers(0, 200),
    "windows.early": st.none(),
    "roles.patron": st.none(),
    "states.AAA.gdp_usd_bn": st.floats(1, 9),
    "states.BBB.stance.value": st.floats(-1, 1),
    "states.AAA.name": st.sampled_from(["NA", "one", None]),
    "states.AAA.stream": st.sampled_from(["XX", "YY", None]),
    "dyads.contact.default": st.floats(0, 50),
    "dyads.projection_km.AAA:BBB": st.floats(1, 900),
    "dyads.projection_km.default": st.floats(1, 900),
    "dyads.home_km.pairs.BBB-CCC": st.floats(1, 900),
    "dyads.tension.CCC-AAA": st.floats(0.1, 0.9),
    "dyads.stake.default": st.floats(0, 9),
    "dyads.host.AAA:BBB": st.sampled_from(["CCC", None]),
    "posture.military": st.floats(0, 1),
    "title": st.text("ab", min_size=1),
}
"""What a level of each factor may be."""


@st.composite
def worlds(draw):
    """A world of three states that leaves open what it may."""
    figures = {"capability_usd_bn": 1, "gdp_usd_bn": {"value": 5}, "polyarchy": 0.5, "stance": 0}
    world = {
        "title": "Three",
        "roles": {"sender": "AAA", "partner": "BBB", "challenger": "CCC"},
        "states": {code: dict(figures) for code in ("AAA", "BBB", "CCC")},
        "dyads": {"projection_km": {"default": 100.0}},
    }
    if draw(st.booleans()):
        world["horizon"] = {"months_before": 3, "months_after": draw(st.integers(20, 60))}
        late = draw(st.sampled_from([None, [5, 20]]))
        world["windows"] = draw(st.sampled_from([{}, {"early": None}, {"early": [1, 6]}]))
        world["windows"]["late"] = late
    if draw(st.booleans()):
        world["sources"] = {"book": {"citation": "A book"}}
        world["states"]["AAA"]["gdp_usd_bn"] = {"value": 3, "source": "book"}
    for name in draw(st.sets(st.sampled_from(["contact", "stake", "tension", "home_km"]))):
        number = draw(st.sampled_from([0.25, 0.5]))
        world["dyads"][name] = draw(
            st.sampled_from(
                [
                    {"default": number},
                    {"pairs": {"AAA-BBB": number}, "note": "some"},
                    {"pairs": {"AAA-BBB": 0.5, "AAA-CCC": number, "BBB-CCC": number}},
                ]
            )
        )
    if world["dyads"].get("home_km", {}).get("pairs"):
        world["dyads"]["home_km"]["source"] = "book"
        world["sources"] = {"book": {"citation": "A book"}}
    return world


@st.composite
def designs(draw):
    paths = draw(st.lists(st.sampled_from(sorted(LEVELS)), min_size=1, max_size=4, unique=True))
    many = draw(st.integers(1, 3))
    factors = {
        path: draw(st.lists(LEVELS[path], min_size=1, max_size=many, unique=True)) for path in paths
    }
    if draw(st.booleans()):
        return {"kind": "grid", "factors": factors}
    sample = {"kind": "latin_hypercube", "n": many, "factors": factors}
    prior = {"parameters.theta_challenger": {"low": 0.1, "high": 0.9}}
    first = {**sample, "factors": prior}
    return draw(
        st.sampled_from(
            [sample, {"kind": "mixed", "parts": [first, {"kind": "grid", "factors": factors}]}]
        )
    )


@settings(max_examples=150, deadline=None)
@given(worlds(), designs(), st.booleans())
def test_what_is_accepted_comes_back_with_the_same_worlds(world, design, is_set):
    asked = {**BASE, "scenario": world, "design": design}
    if is_set:
        asked["settings"] = {"dyads.rivalry.default": 0.5, "parameters.level_weight": 0.5}
    try:
        experiment = experiment_from_mapping(asked)
    except InputError:
        return
    plan = Plan.of(experiment)
    written = json.loads(json.dumps(plan.mapping(), allow_nan=False))
    again = Plan.recorded(written)
    assert again.digest == plan.digest == digest_of(written)
    assert again.experiment.points == experiment.points
    pairs = zip(experiment.points, again.experiment.points, strict=True)
    for point, same in pairs:
        there, here = experiment.scenario_at(point), again.experiment.scenario_at(same)
        assert there.digest() == here.digest()
    assert (again.horizons, again.windows, again.metrics) == (
        plan.horizons,
        plan.windows,
        plan.metrics,
    )


@pytest.mark.parametrize("name", ["baseline", "four_states", "two_states"])
def test_a_world_that_stands_alone_is_the_same_and_is_written_the_same_again(name):
    world = load_scenario(name)
    again = scenario_from_mapping(json.loads(json.dumps(world.standalone())))
    assert again == world
    assert again.standalone() == world.standalone()


# ------------------------------------------------------------------ plans of format 1


def of_format_1(experiment):
    """Write a plan as the format before had it."""
    plan = Plan.of(experiment)
    mapping = json.loads(json.dumps(plan.mapping()))
    del mapping["scenario_digest"]
    points = [dict(point.factors) for point in experiment.points]
    design = {"kind": "list", "points": points, "made_by": experiment.design}
    mapping["format"] = 1
    mapping["experiment"]["scenario"] = experiment.scenario.resolved()
    mapping["experiment"]["design"] = design
    mapping["scenario_digests"] = [experiment.scenario_at(p).digest() for p in experiment.points]
    return mapping


DESIGN = {"kind": "grid", "factors": {"parameters.signal_gain": [1, 2.5], "posture.military": [1]}}


def test_a_plan_of_the_format_before_is_read_and_compares_as_the_same():
    experiment = experiment_from_mapping({**BASE, "scenario": "four_states", "design": DESIGN})
    old, plan = of_format_1(experiment), Plan.of(experiment)
    again = Plan.from_mapping(old)
    assert again.experiment.points == experiment.points
    assert str(again.experiment.made_by()) == str(experiment.made_by())
    assert plan_differences(old, plan.mapping()) == ()
    old["scenario_digests"][1] = "0"
    with pytest.raises(InputError, match="come out differently here: 1 of 2, the first at point 1"):
        Plan.from_mapping(old)


def of_order(*paths, kind="grid"):
    design = {"kind": kind, "factors": {path: [0.25, 0.5] for path in paths}}
    return experiment_from_mapping({**BASE, "scenario": "two_states", "design": design})


ORDER = ("posture.military", "parameters.signal_gain")


@pytest.mark.parametrize("kind", ["grid", "zip"])
def test_the_order_of_the_factors_is_a_part_of_the_plan(kind):
    plan, other = Plan.of(of_order(*ORDER, kind=kind)), Plan.of(of_order(*ORDER[::-1], kind=kind))
    assert plan.digest != other.digest
    re_sorted = json.loads(json.dumps(plan.mapping(), sort_keys=True))
    assert digest_of(re_sorted) == plan.digest
    for read in (Plan.from_mapping, Plan.recorded):
        with pytest.raises(InputError, match="do not stand in the order that this plan recorded"):
            read(re_sorted)


def test_rules_that_came_later_do_not_refuse_what_was_run():
    experiment = experiment_from_mapping({**BASE, "scenario": "four_states", "design": DESIGN})
    old = of_format_1(experiment)
    old["experiment"]["postures"][0]["label"] = "NA"
    assert Plan.from_mapping(old).experiment.labels[0] == "NA"


@pytest.mark.parametrize("scenario", ["two_states", {"extends": "two_states"}, {"overrides": []}])
def test_a_plan_reads_no_file(scenario):
    mapping = Plan.of(experiment_from_mapping({**BASE, "scenario": "two_states"})).mapping()
    mapping["experiment"] = {**mapping["experiment"], "scenario": scenario}
    with pytest.raises(InputError, match=r"a plan stands alone|a plan holds its whole scenario"):
        Plan.from_mapping(mapping)
