"""What a posture policy is: a frozen dataclass with one method, for users to subclass.

A policy sees the months since the onset of the posture and the metrics measured since then, for
many runs at once, and returns targets.  It has no memory and draws no random numbers, so it gives
the same targets in both engines, in any batch and on any worker.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from regional_sim.model.instruments import Instrument

Targets = Mapping[Instrument, float | NDArray[np.float64]]
"""Targets in [0, 1]: a number for all runs, or an array with a value for each run.  Instruments
that are not named stay at their traditional level."""


@dataclass(frozen=True)
class Observed:
    """What a policy may know: the metrics of the months since the onset of the posture.

    Attributes
    ----------
    n_runs : int
        Number of runs.
    months : int
        Months observed since the onset; 0 in the first month, when nothing is known.
    last : callable
        ``last("tension")`` returns a metric of the month before, shape (run,).
    first : callable
        The same for the first month after the onset.
    """

    n_runs: int
    months: int
    last: Callable[[str], NDArray[np.float64]]
    first: Callable[[str], NDArray[np.float64]]

    def change(self, metric: str) -> NDArray[np.float64]:
        """Return a metric of the month before less its value in the first month.

        Parameters
        ----------
        metric : str
            Name of a metric.

        Returns
        -------
        ndarray, shape (run,)
            The change; 0 while nothing has been observed.
        """
        if self.months == 0:
            return np.zeros(self.n_runs)
        return self.last(metric) - self.first(metric)


@dataclass(frozen=True)
class Policy(ABC):
    """A posture policy.

    Subclasses are frozen dataclasses; their fields are the policy's own settings.

    Attributes
    ----------
    name : str
        Name in configs, on the command line and in tables.
    rule : str
        The rule in a sentence.
    reference : str
        Where it comes from.
    reads : tuple of str
        The metrics it reads; empty unless it is a feedback policy (tested to be true).
    """

    name: ClassVar[str]
    rule: ClassVar[str]
    reference: ClassVar[str]
    reads: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def targets(self, month: int, observed: Observed) -> Targets:
        """Return the targets of a month.

        Parameters
        ----------
        month : int
            Months since the onset, 0 in the first month of the posture.
        observed : Observed
            What has been measured since the onset.

        Returns
        -------
        mapping of Instrument to float or ndarray of shape (run,)
            Targets in [0, 1].
        """
