"""The question: a world, postures on common random numbers, and a design of points.

`ExperimentFile` is its form in YAML, frozen and without unknown keys; `Experiment` its meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, ClassVar, Final, Literal

import numpy as np
from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag

from regional_sim.engine.job import SERIES, WHOLE_WINDOW
from regional_sim.experiment.designs import AnyDesign, design_of
from regional_sim.experiment.levels import Design, Level
from regional_sim.experiment.posture import FACTOR_PREFIX, Posture
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.statistics import Statistics, contrast, summarise
from regional_sim.scenario import Scenario, Section, custom_error
from regional_sim.scenario.schema import Prose, Text

MEAN: Final = "mean"
DIFFERENCE: Final = "difference"


@dataclass(frozen=True)
class Stopping:
    """The rule by which a point stops.

    Attributes
    ----------
    metric, window : str
        The outcome that is watched.
    half_width : float
        Half of the 95 % t interval that is asked for, in the metric's unit; positive.
    relative : bool
        Whether it is a share of the absolute mean instead (for differences of the mean under the
        reference).
    of : str
        ``mean``: of each posture's mean; ``difference``: of each paired difference to the first
        posture.
    at_least : int
        Replicates before it is first asked, at least 2.
    batch : int
        Replicates after which it is asked again, at least 1.
    """

    metric: str
    window: str
    half_width: float
    relative: bool = False
    of: str = MEAN
    at_least: int = 2
    batch: int = 1

    @property
    def outcome(self) -> str:
        """Name of the column that is watched."""
        return f"{self.metric}_{self.window}"

    def batches(self, at_most: int) -> Iterator[tuple[int, int]]:
        """Cut replicates at the places where the rule is asked: first and end of each batch."""
        first, end = 0, min(self.at_least, at_most)
        while first < end:
            yield first, end
            first, end = end, min(end + self.batch, at_most)

    def is_met(self, values: Floats) -> bool:
        """Tell whether a point may stop, by outcomes of shape (posture, replicate).

        NaN stands where there is no outcome; postures without any are not asked.
        """
        found = self.statistics(values)
        # Where all runs failed, or the world does not have the metric, no number would do.
        there = found["n"] > 0
        half = (found["ci_high"] - found["ci_low"]) / 2.0
        return bool(np.all((half <= self.wanted(found))[there]))

    def statistics(self, values: Floats) -> Statistics:
        """Return what the rule looks at, a row of each posture that it looks at."""
        if self.of == MEAN:
            return summarise(values)
        reference = np.broadcast_to(values[:1], values[1:].shape)
        return contrast(values[1:], reference)

    def wanted(self, found: Statistics) -> Floats:
        """Return the half-width asked for in each row of statistics, in the metric's unit."""
        mean = np.abs(found["mean"] if self.of == MEAN else found["reference_mean"])
        return self.half_width * (mean if self.relative else np.ones_like(mean))

    def plain(self, at_most: int) -> dict[str, Any]:
        """Write the rule as a file has it."""
        rule = asdict(self)
        counts = {name: rule.pop(name) for name in ("at_least", "batch")}
        return {**counts, "at_most": at_most, "until": rule}


EXPERIMENT_FORMAT: Final = 1
"""Version of the file format that this package reads and writes."""

MOST_WORLDS_KEPT: Final = 256
"""Points of a design whose worlds are kept; those of a larger one are built when they are asked
for, so that memory does not grow with the design."""


class PostureEntry(Section):
    """A posture: a policy by name, a label, and the policy's own settings."""

    # The policy itself knows its settings, and refuses those it does not have.
    model_config = ConfigDict(extra="allow")
    noun: ClassVar[str] = "setting of a posture"

    policy: Text
    label: Text | None = None


def _as_entry(given: object) -> object:
    """Let a bare name stand for a policy without settings."""
    return {"policy": given} if isinstance(given, str) else given


def _world(given: object) -> object:
    """Refuse what can name no scenario and be none."""
    if isinstance(given, Mapping) or (isinstance(given, str) and given):
        return given
    raise custom_error("must be the name of a scenario, a path, or a whole scenario")


class Until(Section):
    """The interval that is narrow enough: of which outcome, and how narrow."""

    noun: ClassVar[str] = "setting of until"

    metric: Text
    window: Text = WHOLE_WINDOW
    half_width: Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
    relative: bool = False
    of: Literal["mean", "difference"] = "mean"


class Replicates(Section):
    """As many replicates as an interval needs, asked for after whole batches."""

    noun: ClassVar[str] = "setting of replicates"

    at_least: Annotated[int, Field(ge=2)]
    at_most: int
    batch: Annotated[int, Field(ge=1)] | None = None
    until: Until

    @property
    def stopping(self) -> Stopping:
        """The rule; a batch is as large as the first one, if nothing else is said."""
        batch = self.at_least if self.batch is None else self.batch
        return Stopping(**dict(self.until), at_least=self.at_least, batch=batch)


def _form_of(given: object) -> str:
    """Tell a number from a rule, so that messages speak of one of them."""
    return "rule" if isinstance(given, Mapping | Replicates) else "number"


class ExperimentFile(Section):
    """A question: a world, postures on common random numbers, and a design of points."""

    format: Literal[1] = EXPERIMENT_FORMAT
    title: Prose = ""
    question: Prose = ""
    scenario: Annotated[
        Any,
        BeforeValidator(_world),
        Field(description="Shipped name, path from this file, or a whole scenario."),
    ]
    settings: dict[Text, Any] = Field(default_factory=dict)
    seed: int
    replicates: Annotated[
        Annotated[int, Tag("number")] | Annotated[Replicates, Tag("rule")], Discriminator(_form_of)
    ]
    postures: list[Annotated[PostureEntry, BeforeValidator(_as_entry)]]
    clamp: tuple[Text, ...] = Field(default=(), strict=False)
    design: AnyDesign | None = None
    outcomes: tuple[Text, ...] = Field(default=(), strict=False)
    tables: tuple[Text, ...] = Field(default=(), strict=False)


TABLES: Final = ("runs", *SERIES)
"""Tables that can be asked for; ``runs`` is always written."""


@dataclass(frozen=True)
class Point:
    """One combination of factors: its place in the design, and the level of each path."""

    number: int
    factors: Mapping[str, Level] = field(default_factory=dict)

    def of_scenario(self) -> dict[str, Level]:
        """Return the factors that change the scenario."""
        return {k: v for k, v in self.factors.items() if not k.startswith(FACTOR_PREFIX)}

    def of_postures(self) -> dict[str, Level]:
        """Return the factors that change postures, by the name of the policy's field."""
        return {
            key.removeprefix(FACTOR_PREFIX): level
            for key, level in self.factors.items()
            if key.startswith(FACTOR_PREFIX)
        }


class _Worlds:
    """Worlds that differ from one in some settings, each built once."""

    def __init__(self, base: Scenario) -> None:
        self.base = base
        self.known: dict[str, Scenario] = {}

    def __reduce__(self) -> tuple[type[_Worlds], tuple[Scenario]]:
        """Send to other processes no more than the world that all are made of."""
        return _Worlds, (self.base,)

    def at(self, settings: Mapping[str, Level]) -> Scenario:
        """Make a world, or find it again."""
        # Unlike the values themselves, their text tells 1 from 1.0 and True.
        key = repr(settings)
        if key not in self.known:
            self.known[key] = self.base.with_settings(settings)
        return self.known[key]


@dataclass(frozen=True)
class Experiment:
    """A checked experiment.

    Made by :func:`regional_sim.load_experiment` or
    :func:`regional_sim.experiment.experiment_from_mapping`.

    Attributes
    ----------
    scenario : Scenario
        The world, with `settings` applied.
    postures : tuple of Posture
        The first one is the reference of contrasts.
    seed : int
        Master seed.
    replicates : int
        Replicates of each point, on common random numbers for all postures; with a rule of
        stopping, the most.
    points : tuple of Point
        In the order of the design.
    title, question : str
        In words.
    settings : dict
        What was changed in the world, in order; for the record.
    clamp : tuple of str
        Codes of states held on their traditional path.
    outcomes : tuple of str
        Metrics that reports show first.
    tables : tuple of str
        Tables written where the caller asks for none.
    stopping : Stopping, optional
        The rule by which a point has replicates enough; None: all have as many.
    design : dict
        What the points were made by, as the file asked for it; empty where it lists them.
    """

    scenario: Scenario
    postures: tuple[Posture, ...]
    seed: int
    replicates: int
    points: tuple[Point, ...] = (Point(0),)
    title: str = ""
    question: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    clamp: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    stopping: Stopping | None = None
    design: Mapping[str, object] = field(default_factory=dict)
    _worlds: _Worlds | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take over the worlds of an experiment that this is a changed copy of, if they fit."""
        if self._worlds is None or self._worlds.base is not self.scenario:
            object.__setattr__(self, "_worlds", _Worlds(self.scenario))

    @property
    def factors(self) -> tuple[str, ...]:
        """Paths of the factors, in the order of the design."""
        return tuple(self.points[0].factors)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the postures, in order."""
        return tuple(posture.label for posture in self.postures)

    @property
    def n_runs(self) -> int:
        """Runs of all points, postures and replicates; with a rule of stopping, the most."""
        return len(self.points) * len(self.postures) * self.replicates

    def made_by(self) -> Design | None:
        """Return the design that gave the points; None where they are listed, or others."""
        design = design_of(self.design) if self.design else None
        if design is None or design.n_points != len(self.points):
            return None
        return design if design.paths == self.factors else None

    def scenario_at(self, point: Point) -> Scenario:
        """Return the validated world of a point, which the points of small designs keep."""
        settings = point.of_scenario()
        if not settings:
            return self.scenario
        is_own = point.number < len(self.points) and self.points[point.number] is point
        if self._worlds is None or not is_own or len(self.points) > MOST_WORLDS_KEPT:
            return self.scenario.with_settings(settings)
        return self._worlds.at(settings)

    def postures_at(self, point: Point) -> tuple[Posture, ...]:
        """Return the postures of a point, in the order of `postures`."""
        settings = point.of_postures()
        return tuple(posture.with_settings(settings) for posture in self.postures)

    def resolved(self) -> dict[str, Any]:
        """Write everything out, as a file that stands alone."""
        rows = [dict(point.factors) for point in self.points]
        made_by = {"made_by": dict(self.design)} if self.design else {}
        design = {"design": {"kind": "list", "points": rows, **made_by}} if self.factors else {}
        return {
            "format": EXPERIMENT_FORMAT,
            "title": self.title,
            "question": self.question,
            "scenario": self.scenario.resolved(),
            "seed": self.seed,
            "replicates": (
                self.replicates if self.stopping is None else self.stopping.plain(self.replicates)
            ),
            "postures": [posture.plain() for posture in self.postures],
            "clamp": list(self.clamp),
            **design,
            "outcomes": list(self.outcomes),
            "tables": list(self.tables),
        }


@dataclass(frozen=True)
class Factor:
    """A factor as a column: the dotted path of what it sets, and its level at each point."""

    path: str
    levels: tuple[Level, ...]

    @property
    def column(self) -> str:
        """Name of its column: the path with everything but letters and digits as underscores.

        Examples
        --------
        >>> Factor("parameters.theta_challenger", (0.5,)).column
        'parameters_theta_challenger'
        """
        return re.sub(r"\W", "_", self.path)

    @property
    def kind(self) -> str:
        """``integer``, ``number`` or ``text``, whichever holds all levels."""
        given = [level for level in self.levels if level is not None]
        if any(isinstance(level, bool | str) for level in given):
            return "text"
        whole = len(given) == len(self.levels) and all(isinstance(level, int) for level in given)
        return "integer" if whole else "number"
