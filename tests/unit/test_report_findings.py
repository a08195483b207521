"""Findings are those of the tables, in a form that fits."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from regional_sim.errors import InputError, UnknownNameError
from regional_sim.experiment import Point, experiment_from_mapping
from regional_sim.experiment.plan import Plan
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.effects import answers
from regional_sim.report.findings import (
    HEADLINE,
    ShownMetrics,
    closing_sentences,
    findings,
    replicates_text,
    shown_metrics,
)
from regional_sim.report.text import (
    MISSING,
    ContrastRow,
    contrast_cells,
    contrast_rows,
    count_cells,
    mean_cells,
    range_cells,
    table_text,
)

REFERENCE = ContrastRow("traditional", 0.5, 0.4, 0.6)
MORE = ContrastRow("new_approach", 0.55, 0.45, 0.65, 0.05, 0.03, 0.07, 10.0, 0.01, "raises")
UNCLEAR = ContrastRow("reactive", 0.5, 0.4, 0.6, 0.001, -0.02, 0.022, 0.2, 0.01, "unclear")
LESS = MORE._replace(
    difference=-0.05, difference_low=-0.07, difference_high=-0.03, verdict="lowers"
)

NAN = math.nan
ROW = {"point": 0, "metric": "tension", "window": "whole"}
SUMMARY = pd.DataFrame(
    [
        {**ROW, "posture": "traditional", "mean": 0.5, "ci_low": 0.4, "ci_high": 0.6},
        {**ROW, "posture": "new_approach", "mean": 0.55, "ci_low": 0.45, "ci_high": 0.65},
        {**ROW, "posture": "traditional", "window": "early", "mean": 9, "ci_low": 9, "ci_high": 9},
        {**ROW, "posture": "traditional", "metric": "incidents", "mean": 8, "ci_low": 7}
        | {"ci_high": 9},
    ]
)
CONTRASTS = pd.DataFrame(
    [
        {**ROW, "posture": "new_approach", "difference": 0.05, "ci_low": 0.03, "ci_high": 0.07}
        | {"percent": 10.0, "smallest_effect": 0.01, "verdict": "raises"}
    ]
)


def test_lines_are_those_of_metric_and_window() -> None:
    assert contrast_rows("tension", "whole", SUMMARY, CONTRASTS) == {
        (0, "traditional"): REFERENCE,
        (0, "new_approach"): MORE,
    }


def test_compared() -> None:
    assert contrast_cells([REFERENCE, MORE, UNCLEAR], "  ") == [
        ("  traditional", "reference", "0.500", "", ""),
        ("  new_approach", "raises", "0.550", "+0.050", "+0.030 to +0.070"),
        ("  reactive", "unclear", "0.500", "+0.001", "-0.020 to +0.022"),
    ]


def test_difference_of_one_replicate_has_no_interval() -> None:
    single = MORE._replace(difference_low=NAN, difference_high=NAN, verdict="unclear")
    cells = ("new_approach", "unclear", "0.550", "+0.0500", MISSING)
    assert contrast_cells([single]) == [cells]


def test_rows_have_the_decimals_of_their_metric() -> None:
    (cells,) = contrast_cells([MORE], block=[MORE, MORE._replace(difference_low=-0.4)])
    assert cells[3:] == ("+0.050", "+0.030 to +0.070")
    (cells,) = contrast_cells([MORE], block=[MORE, MORE._replace(mean=24.0, difference=5.0)])
    assert cells[2:] == ("0.6", "+0.05", "+0.03 to +0.07")


def test_answer_names_what_matters_with_its_size_and_the_rest_without() -> None:
    rows = {"tension": MORE, "un_support": LESS, "incidents": UNCLEAR, "stance_clarity": MORE}
    of_metric = [(metric, {(0, row.posture): row}) for metric, row in rows.items()]
    of_metric[2] = ("incidents", {(0, "new_approach"): UNCLEAR})
    said = list(answers(["traditional", "new_approach"], ", months 1 to 96", of_metric, 200))
    size = "+10.0 %, smallest effect 0.01"
    assert said == [
        "new_approach against traditional, months 1 to 96:",
        f"  raises      Regional tension (+0.050, {size}); Clarity of middle powers' votes (+0.050,"
        " +10.0 %, smallest effect 0.01)",
        f"  lowers      Support in the United Nations (-0.050, {size})",
        "  unclear     Incidents",
        "",
    ]


def test_counted() -> None:
    assert count_cells([REFERENCE, MORE, REFERENCE, LESS, MORE, MORE]) == [
        ("new_approach", "3", "1", "0", "0", "-0.0500", "+0.0500", "+0.0500")
    ]
    assert count_cells([UNCLEAR]) == [("reactive", "0", "0", "0", "1", *["+0.00100"] * 3)]


def test_range_leaves_out_what_does_not_exist() -> None:
    lines = [REFERENCE._replace(mean=mean) for mean in (3.0, NAN, 1.0, 2.0)]
    assert range_cells("tension", lines) == ("tension", "1.00", "2.00", "3.00")
    assert range_cells("tension", [lines[1]]) == ("tension", MISSING, MISSING, MISSING)


def test_alone() -> None:
    assert mean_cells("tension", "share", REFERENCE) == (
        "tension",
        "0.50",
        "0.40 to 0.60",
        "share",
    )
    single = REFERENCE._replace(low=NAN, high=NAN)
    assert mean_cells("tension", "share", single) == ("tension", "0.500", MISSING, "share")


def test_aligned() -> None:
    rows = [("", "mean", "x"), "a heading that is wider than the columns", ("a", "1", "")]
    assert table_text(rows).plain == (
        "     mean  x\na heading that is wider than the columns\n  a  1\n"
    )


STUDY: dict[str, Any] = {
    "title": "A study",
    "scenario": "two_states",
    "seed": 3,
    "replicates": 9,
    "postures": ["traditional", "new_approach"],
}
TENSION = ShownMetrics(("tension",))


def plan_of(n_points: int = 1, **changes: Any) -> Plan:
    """A study of so many points."""
    levels = [round(0.1 + 0.1 * at, 1) for at in range(n_points)]
    design = {"kind": "grid", "factors": {"parameters.theta_challenger": levels}}
    more = {"design": design} if n_points > 1 else {}
    return Plan.of(experiment_from_mapping(STUDY | more | changes))


def found(plan: Plan, shown: ShownMetrics = TENSION) -> str:
    """What is written of a plan, with the same rows at every point."""

    def repeated(frame: pd.DataFrame) -> pd.DataFrame:
        kept = frame[frame["posture"].isin(plan.experiment.labels)]
        return pd.concat([kept.assign(point=point) for point in range(plan.n_points)])

    results: Any = SimpleNamespace(
        manifest={"partial": False, "failures": 0},
        summary=repeated(SUMMARY),
        contrasts=repeated(CONTRASTS),
    )
    return findings(plan, results, shown, 80).plain


def test_findings_of_two_postures() -> None:
    assert found(plan_of()) == (
        "A study: 9 replicates of each posture, seed 3; window whole, months 1 to 96\n"
        "after the onset.\n"
        "Differences are paired: every posture has the same random numbers.\n"
        "A posture raises or lowers a metric where the whole 95 % interval of the\n"
        "difference lies beyond the smallest effect of interest; its effect is negligible\n"
        "where the interval lies within, and else unclear.\n\n"
        "new_approach against traditional, months 1 to 96 after the onset:\n"
        "  raises      Regional tension (+0.050, +10.0 %, smallest effect 0.01)\n\n"
        "                effect     mean   difference  95 % interval\n"
        "Regional tension (share), smallest effect 0.01\n"
        "  traditional   reference  0.500\n"
        "  new_approach  raises     0.550  +0.050      +0.030 to +0.070\n"
    )


def test_findings_at_some_points_name_them() -> None:
    text = found(plan_of(2))
    assert "A study: 2 points, 9 replicates" in text
    headings = [line.strip() for line in text.splitlines() if " = " in line]
    assert headings == ["theta_challenger = 0.1", "theta_challenger = 0.2"]
    assert text.count("raises     0.550  +0.050      +0.030 to +0.070") == 2
    assert "against" not in text


def test_findings_at_many_points_are_counted() -> None:
    text = found(plan_of(7))
    assert "Counted are the points with each effect, against traditional." in text
    assert text.splitlines()[-1].split()[:5] == ["new_approach", "7", "0", "0", "0"]
    assert " = " not in text


def test_many_postures_at_one_point_are_listed() -> None:
    plan = plan_of()
    many = replace(plan.experiment, postures=plan.experiment.postures * 10)
    assert "raises     0.550  +0.050      +0.030 to +0.070" in found(replace(plan, experiment=many))


def test_points_with_factors_of_the_same_last_name_are_told_apart() -> None:
    plan = plan_of(2)
    points = tuple(
        Point(at, {"states.AAA.resolve": 1.0, "states.BBB.resolve": level})
        for at, level in enumerate((1.0, 2.0))
    )
    text = found(replace(plan, experiment=replace(plan.experiment, points=points)))
    assert "  states.AAA.resolve = 1, states.BBB.resolve = 2\n" in text


def test_findings_of_one_posture() -> None:
    text = found(plan_of(postures=["traditional"]))
    assert text.splitlines()[-1] == "  Regional tension  0.50  0.40 to 0.60   share"
    assert "paired" not in text


def test_window_that_differs_between_points_has_no_months() -> None:
    plan = replace(plan_of(), windows={"whole": (1, 96), "other": None})
    assert "window other.\n" in found(plan, ShownMetrics((), "other"))


def measuring(*names: str, n_points: int = 1, outcomes: tuple[str, ...] = ()) -> Plan:
    """A plan whose worlds define no other metrics."""
    plan = plan_of(n_points)
    experiment = replace(plan.experiment, outcomes=outcomes)
    return replace(plan, experiment=experiment, metrics=tuple(Metric[name] for name in names))


def test_what_is_shown_is_what_was_named_or_else_matters_most() -> None:
    plan = measuring("incidents", "tension")
    assert shown_metrics(plan) == ShownMetrics(("tension",), "whole", ("tension",))
    assert shown_metrics(plan, everything=True).metrics == ("tension", "incidents")
    assert shown_metrics(plan, ["incidents"]).metrics == ("incidents",)
    named = measuring("incidents", "tension", outcomes=("incidents",))
    assert shown_metrics(named, everything=True).metrics == ("incidents", "tension")
    twice = shown_metrics(plan, ["tension", "incidents", "tension"])
    assert twice.metrics == ("tension", "incidents")


def test_figure_shows_what_was_named_or_else_the_first_two() -> None:
    assert shown_metrics(measuring(*HEADLINE)).drawn == HEADLINE[:2]
    named = measuring(*HEADLINE, outcomes=HEADLINE[3:6])
    assert shown_metrics(named).drawn == HEADLINE[3:5]
    assert shown_metrics(named, HEADLINE[2:7]).drawn == HEADLINE[2:7]


def test_of_several_points_fewer_metrics_are_shown() -> None:
    assert shown_metrics(measuring(*HEADLINE, n_points=2)).metrics == HEADLINE[:3]


@pytest.mark.parametrize(
    ("wanted", "window", "error", "said"),
    [
        (["tensions"], "whole", UnknownNameError, "did you mean 'tension'"),
        (["hedger_spread"], "whole", InputError, "needs hedgers"),
        ([], "wohle", UnknownNameError, "did you mean 'whole'"),
    ],
)
def test_what_is_not_there_cannot_be_shown(
    wanted: list[str], window: str, error: type[InputError], said: str
) -> None:
    with pytest.raises(error, match=said):
        shown_metrics(measuring("incidents", "tension"), wanted, window)


def test_headline_metrics_exist() -> None:
    assert set(HEADLINE) <= set(Metric.__members__)
    assert len(set(HEADLINE)) == len(HEADLINE)


def sequential(more_needed: list[float], of: str = "mean") -> tuple[Plan, Any]:
    """A plan with a rule of stopping and its result, of as many points as there are numbers."""
    until = {"metric": "tension", "half_width": 0.01, "of": of}
    rule = {"at_least": 4, "batch": 4, "at_most": 20, "until": until}
    rows = [
        {"point": at, "posture": "new_approach", "metric": "tension", "window": "whole"}
        | {"n": 8 + at, "more_needed": more, "mean": 1.0, "reference_mean": 1.0}
        | {"ci_low": 0.0, "ci_high": 0.1 if more else 0.01}
        for at, more in enumerate(more_needed)
    ]
    table = pd.DataFrame(rows)
    manifest = {"partial": False, "runs": 8}
    results = SimpleNamespace(manifest=manifest, summary=table, contrasts=table)
    return plan_of(len(more_needed), replicates=rule), results


@pytest.mark.parametrize(
    ("more_needed", "of", "expected"),
    [
        ([0.0], "mean", "has a half-width of 0.01: reached."),
        ([0.0, 0.0], "difference", "the difference of tension (whole) has a half-width of 0.01"),
        ([0.0, 0.0], "mean", "reached at all points."),
        ([12.0], "mean", "not reached with at most 20; about 12 more needed (new_approach)."),
        (
            [0.0, 3.0, 7.0],
            "mean",
            "reached at 1 of 3 points with at most 20; about 7 more needed (at point 2,"
            " new_approach).",
        ),
        ([NAN, 0.0], "mean", "reached at 1 of 2 points with at most 20; more needed (at point 0,"),
    ],
)
def test_a_rule_of_stopping_is_said_to_be_reached_or_not(
    more_needed: list[float], of: str, expected: str
) -> None:
    (sentence,) = closing_sentences(*sequential(more_needed, of))
    assert expected in sentence


def _said(values: list[float]) -> str:
    plan, results = sequential(values)
    return replicates_text(plan.experiment, results)


def test_replicates_of_points_that_stopped_at_different_numbers() -> None:
    assert _said([0.0, 0.0, 0.0]) == "8 to 10 replicates"
    assert _said([0.0]) == "8 replicates"


def test_missing_runs_are_told() -> None:
    _, results = sequential([0.0])
    plan = plan_of()
    assert list(closing_sentences(plan, results)) == []
    results.manifest["partial"] = True
    (sentence,) = closing_sentences(plan, results)
    assert "Runs of this sweep are missing: the tables hold 8 of 18." in sentence
    assert replicates_text(plan.experiment, results) == "8 replicates"
