"""What is printed of a scenario or a plan before it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from regional_sim.experiment.experiment import Stopping
from regional_sim.experiment.levels import in_short
from regional_sim.experiment.stable_points import unstable_points
from regional_sim.report.text import duration, level, named_lines, size

if TYPE_CHECKING:
    from regional_sim.experiment.plan import Plan
    from regional_sim.experiment.points import Factor
    from regional_sim.runner.estimate import Estimate
    from regional_sim.scenario import Scenario

_UNSTABLE_SHOWN: Final = 8


def plan_text(plan: Plan, takes: Estimate, width: int) -> str:
    """Write a plan, and about what it takes: a line for each thing, without the last line break."""
    lines = [
        *plan_facts(plan),
        ("tables", ", ".join(plan.tables)),
        ("takes", f"{_takes(takes)}, with the engine {plan.engine}"),
    ]
    return named_lines(lines, width)


def plan_facts(plan: Plan) -> list[tuple[str, str]]:
    """Say what a plan asks: names, each with what it names; priors have no name of their own."""
    experiment = plan.experiment
    return [
        ("experiment", experiment.title or "without a title"),
        ("scenario", experiment.scenario.title),
        *_world(experiment.scenario.codes, *next(iter(plan.horizons))),
        *_points(plan),
        ("postures", ", ".join(experiment.labels)),
        *_replicates(plan),
        ("runs", f"{'at most ' if experiment.stopping else ''}{experiment.n_runs}"),
    ]


def scenario_text(scenario: Scenario, width: int) -> str:
    """Write what a scenario is: a line for each thing, without the last line break."""
    windows = (f"{name} {first} to {last}" for name, (first, last) in scenario.windows.items())
    lines = [
        ("scenario", scenario.title or "without a title"),
        *_world(scenario.codes, scenario.months_before, scenario.months_after),
        ("windows", ", ".join(windows)),
    ]
    return named_lines(lines, width)


def stability_text(radii: Mapping[int, float], n_points: int, width: int) -> str:
    """Write whether a push of the start dies out, from the spectral radius of points by number."""
    unstable = unstable_points(radii)
    largest = f"spectral radius of the month {'up to ' if len(radii) > 1 else ''}"
    largest += f"{max(radii.values()):.4f}"
    if n_points == 1:
        said = "unstable: a push of the start grows" if unstable else "a push of the start dies out"
    else:
        tried = f"{len(radii)} points" if len(radii) == n_points else f"{len(radii)} points tried"
        said = f"{tried}, {len(unstable)} of them unstable"
        if unstable:
            shown = ", ".join(map(str, unstable[:_UNSTABLE_SHOWN]))
            said += f" (numbers {shown}{', ...' if len(unstable) > _UNSTABLE_SHOWN else ''})"
    return named_lines([("stability", f"{said}; {largest}")], width)


def until_text(rule: Stopping) -> str:
    """Write the interval that a rule of stopping asks for, as part of a sentence."""
    share = " of the mean" if rule.relative else ""
    return (
        f"the 95 % interval of the {rule.of} of {rule.metric} ({rule.window}) has a"
        f" half-width of {level(rule.half_width)}{share}"
    )


def _world(states: Sequence[str], before: int, after: int) -> list[tuple[str, str]]:
    """Say who takes part, and for how long."""
    return [
        ("states", f"{len(states)}: {', '.join(states)}"),
        ("months", f"{before} before the onset of the posture, {after} after it"),
    ]


def _points(plan: Plan) -> list[tuple[str, str]]:
    """Say what the points are: a line for each factor where they are a sample."""
    from regional_sim.runner.estimate import design_in_words

    design, priors = design_in_words(plan.experiment)
    if not design:
        parts = "; ".join(map(_levels, plan.factors))
        return [("points", f"{plan.n_points}{': ' if parts else ''}{parts}")]
    longest = max(map(len, priors))
    lines = [("", f"{path.ljust(longest)}  {prior}") for path, prior in priors.items()]
    return [("points", f"{plan.n_points}: {design}"), *lines]


def _levels(factor: Factor) -> str:
    """Name a factor with its levels."""
    return f"{factor.path} = {in_short(map(level, factor.levels.distinct))}"


def _replicates(plan: Plan) -> list[tuple[str, str]]:
    """Say how many replicates there are, and by which rule a point has enough."""
    whose = f"of each posture at each point, seed {plan.experiment.seed}"
    rule, at_most = plan.experiment.stopping, plan.experiment.replicates
    if rule is None:
        return [("replicates", f"{at_most} {whose}")]
    first, batch = rule.at_least, rule.batch
    asked = f"asked after every {batch}" if first == batch else f"asked after {first}, then {batch}"
    return [
        ("replicates", f"{first} to {at_most} {whose}"),
        ("until", f"{until_text(rule)}; {asked}"),
    ]


def _takes(takes: Estimate) -> str:
    """Write the estimates."""
    time = "" if takes.seconds is None else f"about {duration(takes.seconds)}, "
    memory, disk = size(takes.memory_bytes), size(takes.disk_bytes)
    workers = "" if takes.workers == 1 else f" with {takes.workers} workers"
    return f"{time}{memory} of memory and {disk} of disk{workers}"
