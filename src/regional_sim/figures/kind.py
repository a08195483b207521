"""A kind of picture: the question that it answers, what it needs, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regional_sim.engine.job import WHOLE_WINDOW
from regional_sim.errors import InputError
from regional_sim.figures.finished_folder import FinishedFolder
from regional_sim.figures.style import as_plain_text, own_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class FigureChoice:
    """What of a folder is drawn.

    Attributes
    ----------
    metrics : tuple of str
        Metrics, in order; none: those that the experiment names, or that matter most.
    postures : tuple of str
        Labels beside the reference; none: all.
    window : str
        Months that outcomes are taken over.
    """

    metrics: tuple[str, ...] = ()
    postures: tuple[str, ...] = ()
    window: str = WHOLE_WINDOW


@dataclass(frozen=True)
class Kind:
    """A kind of picture.

    Attributes
    ----------
    name : str
        What ``--kind`` takes, and the stem of the file.
    question : str
        The question that it answers, in words: its title.
    lacks : callable
        Says why a folder does not suit it; None where it does.
    picture : callable
        Draws it from a folder.
    makes_runs : bool
        Whether it may make some runs of the plan again.
    of_one_metric : bool
        Whether it draws a single metric.
    """

    name: str
    question: str
    lacks: Callable[[FinishedFolder], str | None]
    picture: Callable[[FinishedFolder, FigureChoice], Figure]
    makes_runs: bool = False
    of_one_metric: bool = False

    def draw(self, folder: FinishedFolder, choice: FigureChoice | None = None) -> Figure:
        """Draw it from a folder.

        Raises
        ------
        InputError
            When the folder does not suit it, or does not have what is chosen.
        """
        reason = self.lacks(folder)
        if reason is not None:
            what = f"{self.name} cannot be drawn: {reason}"
            raise InputError(what, where=str(folder.path))
        if self.of_one_metric and choice is not None and len(choice.metrics) > 1:
            what = f"{self.name} draws one metric at a time"
            raise InputError(what, key="--metric", value=", ".join(choice.metrics))
        with own_style():
            return as_plain_text(self.picture(folder, choice or FigureChoice()))
