"""The form of an experiment file: frozen, without unknown keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag

from regional_sim.experiment.designs import AnyDesign
from regional_sim.experiment.stopping import Stopping
from regional_sim.scenario import Section, custom_error
from regional_sim.scenario.fields import Prose, Text
from regional_sim.world.windows import WHOLE_WINDOW

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
    """A question: a world, postures on the same luck, and a design of points."""

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
