"""The question: a world, postures on common random numbers, and a design of points.

`ExperimentFile` is its form in YAML, frozen and without unknown keys; `Experiment` its meaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, ClassVar, Final, Literal

import numpy as np
from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag

from regional_sim.engine.job import SERIES, WHOLE_WINDOW
from regional_sim.experiment.designs import AnyDesign
from regional_sim.experiment.hypotheses import Hypothesis, HypothesisEntry
from regional_sim.experiment.levels import Design, DistinctKeys
from regional_sim.experiment.points import Point, Points
from regional_sim.experiment.posture import FACTOR_PREFIX, Posture
from regional_sim.experiment.targets import AnyTarget, Target
from regional_sim.experiment.worlds import MOST_WORLDS_KEPT, Frame, Worlds, leaves_frame
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

    def batch_sizes(self, at_most: int) -> Counter[int]:
        """Count the batches by how many replicates they have."""
        first = min(self.at_least, at_most)
        whole, rest = divmod(at_most - first, self.batch)
        return +(Counter({self.batch: whole}) + Counter([first, rest]) - Counter([0]))

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
        Field(
            description="Shipped name, path from this file, or a whole scenario, whose own paths"
            " are taken from the working folder."
        ),
    ]
    settings: Annotated[dict[Text, Any], DistinctKeys] = Field(default_factory=dict)
    seed: int
    replicates: Annotated[
        Annotated[int, Tag("number")] | Annotated[Replicates, Tag("rule")], Discriminator(_form_of)
    ]
    postures: list[Annotated[PostureEntry, BeforeValidator(_as_entry)]]
    clamp: tuple[Text, ...] = Field(default=(), strict=False)
    design: AnyDesign | None = None
    hypotheses: list[HypothesisEntry] = Field(default_factory=list)
    outcomes: tuple[Text, ...] = Field(default=(), strict=False)
    tables: tuple[Text, ...] = Field(default=(), strict=False)
    targets: tuple[AnyTarget, ...] = Field(default=(), strict=False)


TABLES: Final = ("runs", *SERIES)
"""Tables that can be asked for; ``runs`` is always written."""


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
    points : Points
        In the order of the design; given as any sequence of points.
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
    hypotheses : tuple of Hypothesis
        Claims that the result is to be held against.
    targets : tuple of Target
        Observed figures that a calibration compares with; no part of the plan.
    """

    scenario: Scenario
    postures: tuple[Posture, ...]
    seed: int
    replicates: int
    points: Points = field(default_factory=lambda: Points({}))
    title: str = ""
    question: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    clamp: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    stopping: Stopping | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    targets: tuple[Target, ...] = ()
    _worlds: Worlds = field(default=None, repr=False, compare=False)  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Put points into columns, and take over worlds that a changed copy can use."""
        object.__setattr__(self, "points", Points.of(self.points))
        if getattr(self._worlds, "base", None) is not self.scenario:
            object.__setattr__(self, "_worlds", Worlds(self.scenario))

    @property
    def factors(self) -> tuple[str, ...]:
        """Paths of the factors, in the order of the design."""
        return tuple(self.points.columns)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the postures, in order."""
        return tuple(posture.label for posture in self.postures)

    @property
    def n_runs(self) -> int:
        """Runs of all points, postures and replicates; with a rule of stopping, the most."""
        return len(self.points) * len(self.postures) * self.replicates

    @property
    def design(self) -> dict[str, Any]:
        """What the points were made by, as the file asked for it; empty where it lists them."""
        design = self.points.design
        return {} if design is None else design.asked()

    def made_by(self) -> Design | None:
        """Return the design that gave the points; None where they are listed, or others."""
        design = self.points.design
        return None if design is None else design.origin()

    @property
    def keeps_worlds(self) -> bool:
        """Whether worlds of points are kept."""
        return len(self.points) <= MOST_WORLDS_KEPT

    def scenario_at(self, point: Point) -> Scenario:
        """Return the validated world of a point, which the points of small designs keep."""
        return self._worlds.at(point.of_scenario(), kept=self.keeps_worlds)

    def frame_at(self, point: Point) -> Frame:
        """Return the frame of the world of a point, without building the world."""
        settings = {path: point.factors[path] for path in self.framing_factors}
        return self._worlds.frame(settings, kept=self.keeps_worlds)

    def frames(self) -> Iterator[tuple[int, int, Frame]]:
        """Group the points by the frame of their worlds.

        Yields
        ------
        int, int, Frame
            Number of the first point, how many there are, and what they have in common.
        """
        paths = self.framing_factors
        for first, many in self.points.groups(paths):
            settings = {path: self.points.columns[path][first] for path in paths}
            yield first, many, self._worlds.frame(settings, kept=self.keeps_worlds)

    @property
    def framing_factors(self) -> list[str]:
        """Paths of the factors of the scenario that may change more than numbers and choices."""
        mine = [path for path in self.factors if not path.startswith(FACTOR_PREFIX)]
        return [path for path in mine if not leaves_frame(path)]

    def postures_at(self, point: Point) -> tuple[Posture, ...]:
        """Return the postures of a point, in the order of `postures`."""
        settings = point.of_postures()
        return tuple(posture.with_settings(settings) for posture in self.postures)

    def resolved(self) -> dict[str, Any]:
        """Write everything out, as a file that stands alone."""
        design = {"design": self.points.listed()} if self.points.columns else {}
        claims = [one.plain() for one in self.hypotheses]
        return {
            "format": EXPERIMENT_FORMAT,
            "title": self.title,
            "question": self.question,
            "scenario": self.scenario.standalone(),
            "seed": self.seed,
            "replicates": (
                self.replicates if self.stopping is None else self.stopping.plain(self.replicates)
            ),
            "postures": [posture.plain() for posture in self.postures],
            "clamp": list(self.clamp),
            **design,
            **({"hypotheses": claims} if claims else {}),
            "outcomes": list(self.outcomes),
            "tables": list(self.tables),
        }
