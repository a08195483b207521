"""What a search for a policy found, as text."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

import numpy as np
from rich.text import Text

from regional_sim.answers.policies.candidates import written
from regional_sim.answers.policies.policy_search import Judged
from regional_sim.answers.policies.search_plan import SearchPlan
from regional_sim.numerics.arrays import Floats
from regional_sim.report.effects import title_of
from regional_sim.report.text import decimals_of, share_text, signed, table_text, wrapped

_HEAD_WIDTH: Final = 12
"""Characters of the head of a column, which has as many lines as it takes."""


def search_text(plan: SearchPlan, width: int) -> str:
    """Say what is searched, before it begins."""
    goals = ", ".join(
        f"{'most' if goal.most else 'least'} {title_of(goal.metric.name)}" for goal in plan.goals
    )
    runs = plan.runs_until(plan.generations)
    points = _points(plan.searched)
    lines = [
        f"Search for a policy: {goals}{_needs(plan)}.",
        f"Up to {plan.generations * plan.population} candidates at {points}, about"
        f" {runs} runs; then up to {plan.finalists} of them and the"
        f" {len(plan.experiment.postures)} named postures on fresh draws at"
        f" {_points(plan.judged_at)}.",
    ]
    if plan.judged_at == 1:
        lines.append("The design has one point: regret says nothing of what nobody knows.")
    return "\n".join(wrapped(line, width) for line in lines)


def _points(number: int) -> str:
    """Count points in words."""
    return "1 point" if number == 1 else f"{number} points"


def _needs(plan: SearchPlan) -> str:
    """Write the requirements as a part of a sentence."""
    if not plan.requirements:
        return ""
    required = (
        f"{title_of(one.metric.name)} {one.sign} {one.bound:g}" for one in plan.requirements
    )
    return "; required: " + ", ".join(required)


def policies_text(plan: SearchPlan, judged: Judged, width: int) -> Text:
    """Write the finalists and named postures, best first, and what is recommended."""
    text = Text("\n".join(wrapped(line, width) for line in _answer(plan, judged)) + "\n\n")
    text.append(table_text(list(_rows(plan, judged))))
    if judged.chosen is not None and judged.chosen < len(judged.candidates):
        best = judged.postures[judged.chosen].label
        posture = written(judged.candidates[judged.chosen], best)
        text.append(f"\n{best}, as an option of regional-sim run:\n  --posture {posture}\n")
    return text


def _answer(plan: SearchPlan, judged: Judged) -> Iterator[str]:
    reference = plan.experiment.labels[0]
    unstable = f"; {judged.unstable} unstable points left out" if judged.unstable else ""
    points = _points(len(judged.points))
    if judged.chosen is None:
        yield f"No policy meets the requirements on average over {points}{_needs(plan)}."
        yield f"The nearest to them is {judged.postures[_nearest(plan, judged)].label}."
    else:
        best = judged.postures[judged.chosen].label
        regret = judged.regret[judged.chosen].max()
        yield (
            f"Least regret: {best}. At its worst of {points} it falls {regret:.1f}"
            f" smallest effects behind the best policy there{unstable}."
        )
    on_front = [
        one.label for one, front in zip(judged.postures, judged.on_front, strict=True) if front
    ]
    if (most := judged.regret.max()) <= 1.0 and judged.chosen is not None:
        yield (
            f"All policies are within {most:.1f} smallest effects of the best one at every point:"
            " the choice hardly matters."
        )
    if on_front and len(plan.goals) > 1:
        yield f"Unbeaten, as no other policy is better in every goal: {', '.join(on_front)}."
    yield (
        f"Differences to {reference} on the same draws, mean over the points, window {plan.window}."
        " Regret: the most that a policy falls behind the best one at any point, in smallest"
        " effects of interest."
    )


def _rows(plan: SearchPlan, judged: Judged) -> Iterator[tuple[str, ...]]:
    metrics, needs = plan.metrics, bool(plan.requirements)
    heads = [wrap(one.title, _HEAD_WIDTH, break_long_words=False) for one in metrics]
    for line in range(max(map(len, heads))):
        first = ("", "verdict") if line == 0 else ("", "")
        titles = (one[line] if line < len(one) else "" for one in heads)
        last = ("meets", "regret") if line == 0 else ("", "")
        yield (*first, *titles, *last[not needs :])
    smallest = (f"{metric.smallest:g}" for metric in metrics)
    yield ("smallest effect", "", *smallest, *[""] * needs, "")
    means = judged.differences.mean(axis=1)
    decimals = [_decimals(of, metric.smallest) for of, metric in zip(means.T, metrics, strict=True)]
    order = sorted(
        range(len(judged.postures)), key=lambda at: (judged.chosen != at, judged.regret[at].max())
    )
    for at in order:
        meets = [share_text(judged.meets[at].mean())] * needs
        verdict = "chosen" if at == judged.chosen else "unbeaten" * bool(judged.on_front[at])
        cells = map(signed, means[at].tolist(), decimals)
        regret = f"{judged.regret[at].max():.1f}"
        yield (judged.postures[at].label, verdict, *cells, *meets, regret)


def _decimals(differences: Floats, smallest: float) -> int | None:
    """Return the decimals of a column: three digits, but none far below the smallest effect.

    >>> _decimals(np.array([0.0123, -0.004]), 0.01), _decimals(np.array([0.00012]), 0.01)
    (4, 4)
    """
    of_values, of_smallest = decimals_of(differences.tolist()), decimals_of([smallest])
    return of_smallest if of_values is None or of_smallest is None else min(of_values, of_smallest)


def _nearest(plan: SearchPlan, judged: Judged) -> int:
    """Return the posture whose worst shortfall is least, in smallest effects."""
    names = [metric.name for metric in plan.metrics]
    means = judged.differences.mean(axis=1)
    missed = [
        one.shortfall(means[:, names.index(one.metric.name)]) / one.metric.smallest
        for one in plan.requirements
    ]
    return int(np.max(missed, axis=0).argmin())
