"""What a reader of the page has before them, and what each of their actions makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from regional_sim.dashboard.controls import PAGE_SIDES, Controls
from regional_sim.dashboard.saved_scenario import (
    FILE_NAME,
    run_command,
    saved_scenario,
)
from regional_sim.dashboard.shown_parts import (
    end_text,
    ladder_html,
    log_html,
    metrics_html,
    month_text,
    region_html,
    state_html,
)
from regional_sim.dashboard.watched_runs import WatchedRuns, watched_runs
from regional_sim.errors import InputError, RegionalSimError, UnknownNameError
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.findings import HEADLINE

SPEEDS: Final = {"slow": 1.0, "medium": 3.0, "fast": 8.0}
"""Months in a second."""

_FIRST_METRICS: Final = 4
_MOST_METRICS: Final = 8


@dataclass(frozen=True)
class View:
    """All that decides what the page shows.

    Attributes
    ----------
    runs : WatchedRuns
        Both runs, with the controls that they were made with.
    month : int
        The present month of the run, from 1.
    metrics : tuple of Metric
        Those that are drawn.
    state : str
        Code of the state whose responses are shown.
    playing : bool
        Whether months go on by themselves.
    speed : str
        One of :data:`SPEEDS`.
    fault : str
        Why the last action was refused; empty where it was not.
    imports : tuple of str
        Files of policies that the program was started with.
    """

    runs: WatchedRuns
    month: int
    metrics: tuple[Metric, ...]
    state: str
    playing: bool = False
    speed: str = "medium"
    fault: str = ""
    imports: tuple[str, ...] = ()

    @classmethod
    def opened(cls, controls: Controls, imports: tuple[str, ...] = ()) -> View:
        """Return what the page opens with."""
        runs = watched_runs(controls)
        headline = [Metric[name] for name in HEADLINE if Metric[name] in runs.metrics]
        world = controls.world
        state = world.role("challenger") or world.codes[0]
        metrics = tuple(headline[:_FIRST_METRICS])
        return cls(runs, runs.first_month, metrics, state, imports=imports)

    @property
    def controls(self) -> Controls:
        """What is set."""
        return self.runs.controls

    @property
    def pace(self) -> float | None:
        """Seconds between months while the run plays."""
        return 1.0 / SPEEDS[self.speed] if self.playing else None

    def after(self, action: object) -> View:
        """Return the view after an action of the page; one that cannot be is refused in words."""
        try:
            what, name, value = _parts(action)
            if what not in _ACTIONS:
                raise UnknownNameError("action", what, _ACTIONS)
            return replace(_ACTIONS[what](self, name, value), fault="")
        except RegionalSimError as error:
            return replace(self, fault=str(error), playing=False)

    def with_controls(self, controls: Controls) -> View:
        """Run anew with other settings, and stay in the month."""
        return replace(self, runs=watched_runs(controls))

    def stepped(self) -> View:
        """Go on by a month; at the end, stop."""
        month = min(self.month + 1, self.runs.n_months)
        return replace(self, month=month, playing=self.playing and month < self.runs.n_months)

    def shown(self) -> dict[str, Any]:
        """Return all that the page needs: HTML by the element that it belongs to, and settings."""
        runs, month, controls = self.runs, self.month, self.controls
        return {
            "html": {
                "metrics": metrics_html(runs, month, self.metrics),
                "region": region_html(runs, month, self.state),
                "ladder": ladder_html(runs, month),
                "state": state_html(runs, month, self.state),
                "log": log_html(runs, month),
            },
            "text": {
                "month-text": month_text(runs, month),
                "end-text": end_text(runs, month),
                "fault": self.fault,
                "command": run_command(controls, self.imports),
            },
            "month": month,
            "at_end": month >= runs.n_months,
            "playing": self.playing,
            "postures": dict(zip(PAGE_SIDES, controls.postures, strict=True)),
            "levels": {one.name: level for one, level in controls.levels.items()},
            "seed": str(controls.seed),
            "changes": dict(controls.changes),
            "file": {"name": FILE_NAME, "text": saved_scenario(controls, self.imports)},
        }


def _parts(action: object) -> tuple[str, str, object]:
    """Return what an action does, to what, and the value, which is a single one."""
    if not isinstance(action, Mapping):
        raise InputError("not an action", value=action, allowed="what, name and value")
    value = action.get("value")
    if not isinstance(value, str | int | float | None):
        raise InputError("not a single value", key=str(action.get("what")), value=value)
    return str(action.get("what")), str(action.get("name")), value


def _whole(value: object, low: int, high: int) -> int:
    try:
        return min(max(int(str(value)), low), high)
    except ValueError:
        raise InputError("must be a whole number", key="month", value=value) from None


def _level(view: View, name: str, value: object) -> View:
    try:
        level = float(str(value))
    except ValueError:
        raise InputError("not a level", key=name, value=value, allowed="0 to 1") from None
    return view.with_controls(view.controls.with_level(name, level))


def _posture(view: View, name: str, value: object) -> View:
    if name not in PAGE_SIDES:
        raise UnknownNameError("side", name, PAGE_SIDES)
    return view.with_controls(view.controls.with_posture(name, str(value)))


def _metric(view: View, name: str, value: object) -> View:
    if name not in {metric.name for metric in view.runs.metrics}:
        raise UnknownNameError("metric", name, [metric.name for metric in view.runs.metrics])
    others = tuple(metric for metric in view.metrics if metric.name != name)
    if not value:
        return replace(view, metrics=others)
    if len(others) >= _MOST_METRICS:
        raise InputError(f"at most {_MOST_METRICS} metrics are drawn; take one away first")
    return replace(view, metrics=(*others, Metric[name]))


def _state(view: View, _: str, value: object) -> View:
    if value not in view.controls.world.codes:
        raise UnknownNameError("state", value, view.controls.world.codes)
    return replace(view, state=str(value))


def _speed(view: View, _: str, value: object) -> View:
    if value not in SPEEDS:
        raise UnknownNameError("speed", value, SPEEDS)
    return replace(view, speed=str(value))


_ACTIONS: Final[Mapping[str, Callable[[View, str, Any], View]]] = {
    "play": lambda view, _, value: replace(
        view, playing=bool(value) and view.month < view.runs.n_months
    ),
    "step": lambda view, *_: replace(view.stepped(), playing=False),
    "reset": lambda view, *_: replace(view, month=view.runs.first_month, playing=False),
    "month": lambda view, _, value: replace(
        view, month=_whole(value, 1, view.runs.n_months), playing=False
    ),
    "speed": _speed,
    "posture": _posture,
    "level": _level,
    "seed": lambda view, _, value: view.with_controls(view.controls.with_seed(value)),
    "change": lambda view, name, value: view.with_controls(view.controls.with_change(name, value)),
    "metric": _metric,
    "state": _state,
}
"""What each action does; it gets the view, the name and the value that the page sent."""
