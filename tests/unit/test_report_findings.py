"""Findings are those of the tables, in a form that fits."""

import math
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from regional_sim.errors import InputError, UnknownNameError
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.findings import HEADLINE, View, findings, view_of
from regional_sim.report.replicates import replicates_text, stopping_sentences
from regional_sim.report.text import (
    MISSING,
    ContrastRow,
    contrast_cells,
    contrast_rows,
    count_cells,
    excludes_zero,
    mean_cells,
    range_cells,
    table_text,
)

REFERENCE = ContrastRow("traditional", 0.5, 0.4, 0.6)
MORE = ContrastRow("new_approach", 0.55, 0.45, 0.65, 0.05, 0.03, 0.07, 10.0)
UNCLEAR = ContrastRow("reactive", 0.5, 0.4, 0.6, 0.001, -0.02, 0.022, 0.2)
LESS = MORE._replace(difference=-0.05, difference_low=-0.07, difference_high=-0.03)

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
        | {"percent": 10.0}
    ]
)


def test_lines_are_those_of_metric_and_window() -> None:
    assert contrast_rows("tension", "whole", SUMMARY, CONTRASTS) == {
        (0, "traditional"): REFERENCE,
        (0, "new_approach"): MORE,
    }


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 0.2, True),
        (-0.2, -0.1, True),
        (0.0, 0.1, False),
        (-0.1, 0.0, False),
        (NAN, NAN, False),
    ],
)
def test_interval_that_excludes_zero(low: float, high: float, expected: bool) -> None:
    assert excludes_zero(low, high) is expected


def test_compared() -> None:
    assert contrast_cells([REFERENCE, MORE, UNCLEAR], "  ") == [
        ("  traditional", "0.5000", "reference", "", ""),
        ("  new_approach", "0.5500", "+0.050 *", "+0.030 to +0.070", "+10.0 %"),
        ("  reactive", "0.5000", "+0.001", "-0.020 to +0.022", "+0.2 %"),
    ]


def test_difference_of_one_replicate_has_no_mark() -> None:
    single = MORE._replace(difference_low=NAN, difference_high=NAN)
    assert contrast_cells([single]) == [("new_approach", "0.5500", "+0.05000", MISSING, "+10.0 %")]


def test_counted() -> None:
    assert count_cells([REFERENCE, MORE, REFERENCE, LESS, MORE, MORE]) == [
        ("new_approach", "3", "1", "0", "-0.05000", "+0.05000", "+0.05000")
    ]
    assert count_cells([UNCLEAR]) == [("reactive", "0", "0", "1", *["+0.001000"] * 3)]


def test_range_leaves_out_what_does_not_exist() -> None:
    lines = [REFERENCE._replace(mean=mean) for mean in (3.0, NAN, 1.0, 2.0)]
    assert range_cells("tension", lines) == ("tension", "1.000", "2.000", "3.000")
    assert range_cells("tension", [lines[1]]) == ("tension", MISSING, MISSING, MISSING)


def test_alone() -> None:
    assert mean_cells("tension", "share", REFERENCE) == (
        "tension",
        "0.5000",
        "0.4000 to 0.6000",
        "share",
    )
    single = REFERENCE._replace(low=NAN, high=NAN)
    assert mean_cells("tension", "share", single) == ("tension", "0.5000", MISSING, "share")


def test_aligned() -> None:
    rows = [("", "mean", "x"), "a heading that is wider than the columns", ("a", "1", "")]
    assert table_text(rows).plain == (
        "     mean  x\na heading that is wider than the columns\n  a  1\n"
    )


def results(n_points: int = 1, postures: tuple[str, ...] = ("traditional", "new_approach")) -> Any:
    """What a result folder would hold, with the same rows at every point."""

    def repeated(frame: pd.DataFrame) -> pd.DataFrame:
        kept = frame[frame["posture"].isin(postures)]
        return pd.concat([kept.assign(point=point) for point in range(n_points)])

    points = [{"parameters.theta_challenger": 0.1 * point} for point in range(n_points)]
    experiment: dict[str, Any] = {
        "title": "A study",
        "replicates": 9,
        "seed": 3,
        "postures": [{"label": label} for label in postures],
    }
    if n_points > 1:
        experiment["design"] = {"points": points}
    plan = {
        "experiment": experiment,
        "scenario_digests": ["" for _ in points],
        "windows": {"whole": [1, 96], "other": None},
    }
    return SimpleNamespace(
        plan=plan,
        manifest={"partial": False, "failures": 0},
        summary=repeated(SUMMARY),
        contrasts=repeated(CONTRASTS),
    )


def test_findings_of_two_postures() -> None:
    assert findings(results(), View(("tension",), "whole"), 80).plain == (
        "A study: 9 replicates of each posture, seed 3; window whole, months 1 to 96\n"
        "after the onset.\n"
        "Differences are paired: every posture has the same random numbers.\n"
        "* marks a difference whose 95 % interval excludes 0.\n\n"
        "                mean    difference  95 % interval     change\n"
        "tension (share)\n"
        "  traditional   0.5000  reference\n"
        "  new_approach  0.5500  +0.050 *    +0.030 to +0.070  +10.0 %\n"
    )


def test_findings_at_some_points_name_them() -> None:
    text = findings(results(n_points=2), View(("tension",), "whole"), 80).plain
    assert "A study: 2 points, 9 replicates" in text
    headings = [line.strip() for line in text.splitlines() if " = " in line]
    assert headings == ["theta_challenger = 0", "theta_challenger = 0.1"]
    assert text.count("+0.050 *") == 2


def test_findings_at_many_points_are_counted() -> None:
    text = findings(results(n_points=7), View(("tension",), "whole"), 80).plain
    assert "difference to traditional lie above 0" in text.replace("\n", " ")
    assert text.splitlines()[-1].split()[:4] == ["new_approach", "7", "0", "0"]
    assert " = " not in text


def test_many_postures_at_one_point_are_listed() -> None:
    many = results()
    many.plan["experiment"]["postures"] *= 10
    assert "+0.050 *" in findings(many, View(("tension",), "whole"), 80).plain


def test_points_with_factors_of_the_same_last_name_are_told_apart() -> None:
    two = results(n_points=2)
    points = [{"states.JPN.resolve": 1.0, "states.CHN.resolve": level} for level in (1.0, 2.0)]
    two.plan["experiment"]["design"]["points"] = points
    text = findings(two, View(("tension",), "whole"), 80).plain
    assert "  states.JPN.resolve = 1, states.CHN.resolve = 2\n" in text


def test_findings_of_one_posture() -> None:
    text = findings(results(postures=("traditional",)), View(("tension",), "whole"), 80).plain
    assert text.splitlines()[-1].split() == ["tension", "0.5000", "0.4000", "to", "0.6000", "share"]
    assert "paired" not in text


def test_window_that_differs_between_points_has_no_months() -> None:
    text = findings(results(), View((), "other"), 80).plain
    assert "window other.\n" in text


PLAN = {"metrics": ["incidents", "tension"], "windows": {"whole": [1, 96]}, "points": 1}


def test_view() -> None:
    assert view_of(PLAN).metrics == ("tension",)
    assert view_of(PLAN, everything=True).metrics == ("tension", "incidents")
    assert view_of(PLAN, ["incidents"]).metrics == ("incidents",)
    assert view_of(PLAN, outcomes=["incidents"], everything=True).metrics == (
        "incidents",
        "tension",
    )
    assert view_of(PLAN).window == "whole"


def test_view_names_a_metric_once() -> None:
    assert view_of(PLAN, ["tension", "incidents", "tension"]).metrics == (
        "tension",
        "incidents",
    )


def test_figure_shows_what_was_named_or_else_the_first_two() -> None:
    plan = {**PLAN, "metrics": list(HEADLINE)}
    assert view_of(plan).drawn == HEADLINE[:2]
    assert view_of(plan, outcomes=HEADLINE[3:6]).drawn == HEADLINE[3:5]
    assert view_of(plan, HEADLINE[2:7]).drawn == HEADLINE[2:7]


def test_view_of_several_points_is_short() -> None:
    plan = {**PLAN, "metrics": list(HEADLINE), "points": 2}
    assert view_of(plan).metrics == HEADLINE[:3]


@pytest.mark.parametrize(
    ("wanted", "window", "error", "said"),
    [
        (["tensions"], "whole", UnknownNameError, "did you mean 'tension'"),
        (["hedger_spread"], "whole", InputError, "needs hedgers"),
        ([], "wohle", UnknownNameError, "did you mean 'whole'"),
    ],
)
def test_view_of_what_is_not_there(
    wanted: list[str], window: str, error: type[InputError], said: str
) -> None:
    with pytest.raises(error, match=said):
        view_of(PLAN, wanted, window)


def test_headline_metrics_exist() -> None:
    assert set(HEADLINE) <= set(Metric.__members__)
    assert len(set(HEADLINE)) == len(HEADLINE)


UNTIL = {"metric": "tension", "window": "whole", "half_width": 0.01, "relative": False}


def sequential(more_needed: list[float], of: str = "mean") -> Any:
    """A result with a rule of stopping, of as many points as there are numbers."""
    rows = [
        {
            "point": at,
            "posture": "new_approach",
            "metric": "tension",
            "window": "whole",
            "n": 8 + at,
        }
        | {"more_needed": more}
        | {"mean": 1.0, "reference_mean": 1.0, "ci_low": 0.0, "ci_high": 0.1 if more else 0.01}
        for at, more in enumerate(more_needed)
    ]
    rule = {"at_least": 4, "batch": 4, "at_most": 20, "until": UNTIL | {"of": of}}
    table = pd.DataFrame(rows)
    return SimpleNamespace(
        plan={
            "experiment": {"replicates": rule, "postures": ["a", "b"]},
            "scenario_digests": more_needed,
        },
        manifest={"partial": False, "runs": 8},
        summary=table,
        contrasts=table,
    )


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
    (sentence,) = stopping_sentences(sequential(more_needed, of))
    assert expected in sentence


def test_replicates_of_points_that_stopped_at_different_numbers() -> None:
    assert replicates_text(sequential([0.0, 0.0, 0.0])) == "8 to 10 replicates"
    assert replicates_text(sequential([0.0])) == "8 replicates"


def test_missing_runs_are_told() -> None:
    results = sequential([0.0])
    results.plan["experiment"]["replicates"] = 9
    assert list(stopping_sentences(results)) == []
    results.manifest["partial"] = True
    (sentence,) = stopping_sentences(results)
    assert "Runs of this sweep are missing: the tables hold 8 of 18." in sentence
    assert replicates_text(results) == "8 replicates"
