"""Samples of priors: Latin hypercube, Sobol sequence, independent draws.

`seed` is the seed of the sample, not of the runs: the same seed gives the same points, whatever
the runs are.  No sampler reads or changes NumPy's global state.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field

from regional_sim.experiment.designs.base import Design, DesignRow, Place
from regional_sim.experiment.priors import Factors, Prior, Shares
from regional_sim.scenario import custom_error
from regional_sim.scenario.positions import KeyPath


def _power_of_two(n: int) -> int:
    """Refuse a size at which a Sobol sequence loses its balance."""
    if n < 1 or n & (n - 1):
        below = 1 << max(n.bit_length() - 1, 0) if n > 0 else 1
        raise custom_error("must be a power of two", allowed=f"{below} or {2 * below}")
    return n


Size: Any = Annotated[int, Field(ge=1)]
PowerOfTwo: Any = Annotated[int, AfterValidator(_power_of_two)]


class Sampled(Design):
    """A design that draws from priors."""

    factors: Factors
    seed: Annotated[int, Field(ge=0)] = 0

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the factors, in order."""
        return tuple(self.factors)

    @property
    def priors(self) -> dict[str, Prior]:
        """The priors by path, in order."""
        return dict(self.factors)

    @abstractmethod
    def shares(self) -> Shares:
        """Draw from the unit cube.

        Returns
        -------
        ndarray
            Shape (point, factor), from 0 to 1; the same every time.
        """

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Map the sample of the unit cube to levels; see :meth:`Design.rows`."""
        place: Place = {path: (*at, "factors", path) for path in self.factors}
        priors = self.priors.values()
        drawn = zip(priors, self.shares().T, strict=True)
        columns = [prior.levels(shares) for prior, shares in drawn]
        for levels in zip(*columns, strict=True):
            yield dict(zip(self.factors, levels, strict=True)), place

    def about(self) -> dict[str, str]:
        """Say in a few words which levels each factor takes, by path."""
        return {path: str(prior) for path, prior in self.priors.items()}

    def __str__(self) -> str:
        """Write the design in a few words."""
        return f"{super().__str__()}, seed {self.seed}"


class LatinHypercube(Sampled):
    """Each factor's prior is cut into `n` equally likely strata, with one point in each.

    References
    ----------
    McKay, Beckman & Conover 1979, Technometrics 21.
    """

    kind: Literal["latin_hypercube"]
    n: Size

    @property
    def n_points(self) -> int:
        """Points that the design gives."""
        return int(self.n)

    def shares(self) -> Shares:
        """Draw from the unit cube; see :meth:`Sampled.shares`."""
        from scipy.stats.qmc import LatinHypercube as Sampler

        rng = np.random.default_rng(self.seed)
        return Sampler(len(self.factors), rng=rng).random(self.n_points)


class SobolSequence(Sampled):
    """A scrambled Sobol sequence: it fills the space of all factors more evenly than chance.

    References
    ----------
    Owen 2020, "On dropping the first Sobol' point".
    """

    kind: Literal["sobol"]
    n: PowerOfTwo

    @property
    def n_points(self) -> int:
        """Points that the design gives."""
        return int(self.n)

    def shares(self) -> Shares:
        """Draw from the unit cube; see :meth:`Sampled.shares`."""
        from scipy.stats.qmc import Sobol as Sampler

        rng = np.random.default_rng(self.seed)
        sampler = Sampler(len(self.factors), scramble=True, rng=rng)
        return sampler.random_base2(self.n_points.bit_length() - 1)


class RandomSample(Sampled):
    """Independent draws from the priors."""

    kind: Literal["random"]
    n: Size

    @property
    def n_points(self) -> int:
        """Points that the design gives."""
        return int(self.n)

    def shares(self) -> Shares:
        """Draw from the unit cube; see :meth:`Sampled.shares`."""
        return np.random.default_rng(self.seed).random((self.n_points, len(self.factors)))
