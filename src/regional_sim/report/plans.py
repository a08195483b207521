"""What is about to be run, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from regional_sim.report.text import level, wrapped

if TYPE_CHECKING:
    from regional_sim.scenario import Scenario

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_MOST_LEVELS: Final = 8
_NAME_WIDTH: Final = 12


def plan_text(plan: Mapping[str, Any], width: int) -> str:
    """Write a plan.

    Parameters
    ----------
    plan : mapping
        As :func:`regional_sim.api.describe_plan` gives it.
    width : int
        Columns of the terminal.

    Returns
    -------
    str
        A line for each thing, without the last line break.
    """
    lines = [
        ("experiment", plan["title"] or "without a title"),
        ("scenario", plan["scenario"]),
        *_world(plan["states"], plan["months_before"], plan["months_after"]),
        *_points(plan),
        ("postures", ", ".join(plan["postures"])),
        *_replicates(plan),
        ("runs", f"{'at most ' if plan['stopping'] else ''}{plan['runs']}"),
        ("tables", ", ".join(plan["tables"])),
        ("takes", _takes(plan)),
    ]
    return written(lines, width)


def scenario_text(scenario: Scenario, width: int) -> str:
    """Write what a scenario is.

    Parameters
    ----------
    scenario : Scenario
        A validated world.
    width : int
        Columns of the terminal.

    Returns
    -------
    str
        A line for each thing, without the last line break.
    """
    windows = (f"{name} {first} to {last}" for name, (first, last) in scenario.windows.items())
    lines = [
        ("scenario", scenario.title or "without a title"),
        *_world(scenario.codes, scenario.months_before, scenario.months_after),
        ("windows", ", ".join(windows)),
    ]
    return written(lines, width)


def written(lines: Sequence[tuple[str, str]], width: int) -> str:
    """Put names to the left of what they name.

    Parameters
    ----------
    lines : sequence of (str, str)
        Name and text of each line; a line that goes on has no name.
    width : int
        Columns of the terminal.

    Returns
    -------
    str
        The lines, broken between words, without the last line break.

    Examples
    --------
    >>> print(written([("points", "3"), ("postures", "traditional, new_approach")], 30))
    points      3
    postures    traditional,
                new_approach
    """
    return "\n".join(
        wrapped(text, width, name.ljust(_NAME_WIDTH), " " * _NAME_WIDTH) for name, text in lines
    )


def until_text(until: Mapping[str, Any]) -> str:
    """Write the interval that a rule of stopping asks for.

    Parameters
    ----------
    until : mapping
        As an experiment file has it, with all keys.

    Returns
    -------
    str
        Part of a sentence.
    """
    share = " of the mean" if until["relative"] else ""
    return (
        f"the 95 % interval of the {until['of']} of {until['metric']} ({until['window']}) has a"
        f" half-width of {level(until['half_width'])}{share}"
    )


def duration(seconds: float) -> str:
    """Write a time with the precision of a guess.

    Parameters
    ----------
    seconds : float
        At least 0.

    Returns
    -------
    str
        In seconds, minutes or hours.

    Examples
    --------
    >>> duration(0.2), duration(40.0), duration(400.0), duration(20000.0)
    ('1 s', '40 s', '7 min', '5.6 h')
    """
    if seconds < _MINUTE:
        return f"{max(seconds, 1.0):.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < _HOUR else f"{seconds / _HOUR:.1f} h"


def size(n_bytes: float) -> str:
    """Write an amount of memory with the precision of a guess.

    Parameters
    ----------
    n_bytes : float
        At least 0.

    Returns
    -------
    str
        In kB, MB or GB.

    Examples
    --------
    >>> size(900), size(34_000_000), size(2_300_000_000)
    ('1 kB', '34 MB', '2.3 GB')
    """
    for unit, power in (("GB", 9), ("MB", 6)):
        if n_bytes >= 10**power:
            amount = n_bytes / 10**power
            return f"{amount:.1f} {unit}" if amount < 10 else f"{amount:.0f} {unit}"  # noqa: PLR2004
    return f"{max(n_bytes / 1e3, 1.0):.0f} kB"


def _world(states: Sequence[str], before: int, after: int) -> list[tuple[str, str]]:
    """Say who takes part, and for how long."""
    return [
        ("states", f"{len(states)}: {', '.join(states)}"),
        ("months", f"{before} before the onset of the posture, {after} after it"),
    ]


def _points(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say what the points are: a line for each factor where they are a sample."""
    n_points, design, priors = plan["points"], plan["design"], plan["priors"]
    if not design:
        return [("points", _levels(n_points, plan["factors"]))]
    longest = max(map(len, priors))
    lines = [("", f"{path.ljust(longest)}  {prior}") for path, prior in priors.items()]
    return [("points", f"{n_points}: {design}"), *lines]


def _levels(n_points: int, factors: Mapping[str, Sequence[object]]) -> str:
    """Name the factors of a design with their levels."""
    parts = []
    for path, levels in factors.items():
        shown = [level(value) for value in levels[:_MOST_LEVELS]]
        more = len(levels) - len(shown)
        parts.append(f"{path} = {', '.join(shown)}{f' and {more} more' if more else ''}")
    return f"{n_points}{': ' if parts else ''}{'; '.join(parts)}"


def _replicates(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say how many replicates there are, and by which rule a point has enough."""
    whose = f"of each posture at each point, seed {plan['seed']}"
    rule = plan["stopping"]
    if rule is None:
        return [("replicates", f"{plan['replicates']} {whose}")]
    first, batch = rule["at_least"], rule["batch"]
    asked = f"asked after every {batch}" if first == batch else f"asked after {first}, then {batch}"
    return [
        ("replicates", f"{first} to {rule['at_most']} {whose}"),
        ("until", f"{until_text(rule['until'])}; {asked}"),
    ]


def _takes(plan: Mapping[str, Any]) -> str:
    """Write the estimates."""
    seconds = plan["estimated_seconds"]
    time = "" if seconds is None else f"about {duration(seconds)}, "
    memory, disk = size(plan["estimated_memory_bytes"]), size(plan["estimated_disk_bytes"])
    workers = "" if plan["workers"] == 1 else f" with {plan['workers']} workers"
    return f"{time}{memory} of memory and {disk} of disk{workers}, with the engine {plan['engine']}"
