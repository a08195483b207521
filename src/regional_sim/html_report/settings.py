"""What differs from the default: of the world, of the postures, and of how it was run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from regional_sim.errors import ABSENT, shown
from regional_sim.experiment.differences import Change, plan_differences
from regional_sim.html_report.how_made import shipped_world
from regional_sim.html_report.page_parts import PageFacts, PagePart, PageTable, PageText, one_line
from regional_sim.html_report.report_source import ReportSource
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param

_MOST_LISTED: Final = 60
_MOST_CHARACTERS: Final = 120
_NOT_SETTINGS: Final = ("scenario.title", "scenario.description", "scenario.sources")
_OF_MODEL: Final = "the model's own parameters and options; the world is none that is shipped"
_WORLD: Final = "scenario."


def settings_parts(source: ReportSource) -> Iterator[PagePart]:
    """Say what is not as it is by default."""
    against, changes = _changes(source)
    rows = [_cells(one) for one in changes[:_MOST_LISTED]]
    if rows:
        heads = ("setting", "default", "here", "meaning")
        yield PageTable(f"Values that differ from {against}", heads, rows)
        if len(changes) > len(rows):
            more = len(changes) - len(rows)
            yield PageText(f"And {more} more, which are in the folder's plan.json.")
    else:
        yield PageText(f"None: every value is that of {against}.")
    facts = tuple(_facts(source))
    if facts:
        yield PageFacts(facts)


def _changes(source: ReportSource) -> tuple[str, list[Change]]:
    """List the leaves that differ, and name what they are compared with."""
    scenario = source.plan.experiment.scenario
    found = shipped_world(scenario.title)
    here = scenario.resolved()
    if found is None:
        options: dict[str, Any] = {of.name: of.default for of in Option}
        default = {
            "parameters": {of.name: of.default for of in Param},
            "options": options,
        }
        here = {key: dict(here[key]) for key in default}
        changes = plan_differences(*({"experiment": {"scenario": one}} for one in (default, here)))
        return _OF_MODEL, list(changes)
    name, world = found
    both = (world.resolved(), here)
    changes = plan_differences(*({"experiment": {"scenario": one}} for one in both))
    kept = [one for one in changes if not one.path.startswith(_NOT_SETTINGS)]
    return f"the shipped world {name}", kept


def _cells(change: Change) -> tuple[str, str, str, str]:
    path = change.path.removeprefix(_WORLD)
    return one_line(path), _value(change.a), _value(change.b), _meaning(path)


def _value(value: object) -> str:
    text = "not there" if value is ABSENT else one_line(shown(value))
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"


def _meaning(path: str) -> str:
    group, _, name = path.partition(".")
    if group == "parameters" and name in Param.__members__:
        return Param[name].meaning
    if group == "options" and name in Option.__members__:
        return Option[name].meaning
    return ""


def _facts(source: ReportSource) -> Iterator[tuple[str, str]]:
    """Say which postures have settings of their own, who is held, and how it was run."""
    experiment = source.plan.experiment
    for posture in experiment.postures:
        own = {k: of for k, of in posture.plain().items() if k not in {"policy", "label"}}
        if own:
            said = ", ".join(f"{key} = {shown(of)}" for key, of in own.items())
            yield f"posture {posture.label}", one_line(f"{posture.policy.name} with {said}")
    if experiment.clamp:
        yield "held", f"{', '.join(experiment.clamp)}, on the path they take under traditional"
    if source.plan.engine != "ensemble":
        yield "engine", source.plan.engine
