"""What every prior offers."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from regional_sim.experiment.levels import Level
from regional_sim.scenario import Section

Shares: TypeAlias = npt.NDArray[np.float64]
"""Numbers from 0 to 1, one a point: how much of a prior lies below the level."""


class Prior(Section):
    """What is believed of a factor before anything is run: levels, and how likely they are.

    A prior maps shares to levels (its inverse distribution function), so that every sampler can
    draw from every prior.
    """

    distribution: str

    @abstractmethod
    def levels(self, shares: Shares) -> list[Level]:
        """Map shares to levels.

        Parameters
        ----------
        shares : ndarray
            Shape (point,), from 0 to 1, both included.

        Returns
        -------
        list
            The level of each point, within the bounds of the prior.  But for rounding, it never
            falls where shares rise; choices come in the order in which they are given.
        """

    @abstractmethod
    def salib(self) -> tuple[str, list[float]]:
        """Name the distribution as SALib does.

        Returns
        -------
        name : str
            One of SALib's distributions; where it has none, the uniform one.
        bounds : list of float
            What SALib asks for with it.
        """

    @property
    def has_ends(self) -> bool:
        """Whether there is a least and a greatest level."""
        return True

    def __str__(self) -> str:
        """Write the prior in a few words."""
        return self.distribution
