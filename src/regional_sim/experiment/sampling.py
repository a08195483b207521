"""Designs that draw from priors: each samples the unit cube, and priors map it to levels."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from regional_sim.experiment.levels import Design, LevelColumn, errors_at
from regional_sim.experiment.priors import Factors, Prior, Shares
from regional_sim.scenario import custom_error
from regional_sim.scenario.yaml import KeyPath


def _power_of_two(n: int) -> int:
    """Refuse a size at which a Sobol sequence loses its balance."""
    if n < 1 or n & (n - 1):
        below = 1 << max(n.bit_length() - 1, 0) if n > 0 else 1
        raise custom_error("must be a power of two", allowed=f"{below} or {2 * below}")
    return n


MOST_STEPS: Final = 1000
"""Levels of a Morris design: it has few trajectories, which would miss most of many levels."""

Size: Any = Annotated[int, Field(ge=1)]
PowerOfTwo: Any = Annotated[int, AfterValidator(_power_of_two)]


class Sampled(Design):
    """A design that draws from priors."""

    factors: Factors
    seed: Annotated[int, Field(ge=0)] = 0

    @property
    def priors(self) -> dict[str, Prior]:
        """The priors by path, in order."""
        return dict(self.factors)

    @abstractmethod
    def shares(self) -> Shares:
        """Draw from the unit cube, shape (point, factor); the same every time."""

    @property
    def n_levels(self) -> int:
        """One of each factor at each point."""
        return self.n_points * len(self.factors)

    def columns(self, at: KeyPath) -> dict[str, LevelColumn]:
        """Map the sample of the unit cube to levels."""
        return {
            path: LevelColumn.of(prior.levels(shares), (*at, "factors", path))
            for (path, prior), shares in zip(self.priors.items(), self.shares().T, strict=True)
        }

    def listed(self, columns: Mapping[str, LevelColumn]) -> dict[str, Any]:
        """Write the levels that were drawn, and beside them what drew them."""
        factors = {path: list(columns[path].values) for path in self.factors}
        return {"kind": "zip", "factors": factors, "made_by": self.record()}

    def about(self) -> dict[str, str]:
        """Return the priors in a few words."""
        return {path: str(prior) for path, prior in self.priors.items()}

    def __str__(self) -> str:
        """Write the design in a few words."""
        return f"{super().__str__()}, seed {self.seed}"

    def _cube(self) -> dict[str, Any]:
        """Write the unit cube as SALib does; levels are ours, so that priors mean the same."""
        paths = list(self.factors)
        return {"num_vars": len(paths), "names": paths, "bounds": [[0.0, 1.0]] * len(paths)}


class _OfSize(Sampled):
    """A sample of any size."""

    n: Size

    @property
    def n_points(self) -> int:
        """The size."""
        return int(self.n)


class LatinHypercube(_OfSize):
    """Each factor's prior is cut into `n` equally likely strata, with one point in each.

    References
    ----------
    McKay, Beckman & Conover 1979, Technometrics 21.
    """

    kind: Literal["latin_hypercube"]

    def shares(self) -> Shares:
        """Draw from the unit cube."""
        from scipy.stats.qmc import LatinHypercube as Sampler

        rng = np.random.default_rng(self.seed)
        return Sampler(len(self.factors), rng=rng).random(self.n_points)


class SobolSequence(_OfSize):
    """A scrambled Sobol sequence: it fills the space of all factors more evenly than chance.

    References
    ----------
    Owen 2020, "On dropping the first Sobol' point".
    """

    kind: Literal["sobol"]
    n: PowerOfTwo

    def shares(self) -> Shares:
        """Draw from the unit cube."""
        from scipy.stats.qmc import Sobol as Sampler

        rng = np.random.default_rng(self.seed)
        sampler = Sampler(len(self.factors), scramble=True, rng=rng)
        return sampler.random_base2(self.n_points.bit_length() - 1)


class RandomSample(_OfSize):
    """Independent draws from the priors."""

    kind: Literal["random"]

    def shares(self) -> Shares:
        """Draw from the unit cube."""
        return np.random.default_rng(self.seed).random((self.n_points, len(self.factors)))


class Morris(Sampled):
    """Trajectories that change one factor at a time, each once, for elementary effects.

    `levels` are the steps of the grid, from 0 to 1 in shares of the prior; a factor is moved by
    a little more than half of them at once.

    References
    ----------
    Morris 1991, Technometrics 33; Campolongo, Cariboni & Saltelli 2007.
    """

    kind: Literal["morris"]
    trajectories: Annotated[int, Field(ge=1)]
    levels: Annotated[int, Field(ge=2, le=MOST_STEPS, multiple_of=2)] = 4

    @model_validator(mode="after")
    def _moving(self) -> Self:
        if found := list(self._at_fault()):
            raise errors_at(found)
        return self

    @property
    def n_points(self) -> int:
        """Each trajectory has one more than there are factors."""
        return self.trajectories * (len(self.factors) + 1)

    def shares(self) -> Shares:
        """Draw from the unit cube."""
        from SALib.sample.morris import sample

        drawn = sample(self._cube(), self.trajectories, num_levels=self.levels, seed=self.seed)
        # Rounding leaves numbers a bit beside the grid, and beside the cube.
        steps = self.levels - 1
        grid: Shares = np.rint(drawn * steps) / steps
        return grid

    def _at_fault(self) -> Iterator[tuple[KeyPath, PydanticCustomError]]:
        """Find priors that have no ends, or that a step may leave where they are."""
        for path, prior in self.priors.items():
            if not prior.has_ends:
                what = "trajectories reach the ends of a prior, and this one has none"
                yield ("factors", path), custom_error(what, hint="give low and high")
            elif not self._moves(prior):
                what = "a step of a trajectory would leave this factor as it is"
                hint = "drop the weights, or use another design"
                yield ("factors", path), custom_error(what, hint=hint)

    def _moves(self, prior: Prior) -> bool:
        """Tell whether each step that a trajectory can take changes the level."""
        levels = prior.levels(np.linspace(0.0, 1.0, self.levels))
        half = self.levels // 2
        return all(low != high for low, high in zip(levels[:half], levels[half:], strict=True))

    def __str__(self) -> str:
        """Write the design in a few words."""
        return f"morris of {self.trajectories} trajectories, {self.levels} levels, seed {self.seed}"


class Saltelli(Sampled):
    """Saltelli's scheme over a Sobol sequence, for variance-based Sobol indices.

    With k factors and base `n`, it has n (2 k + 2) points; without `second_order`, n (k + 2).

    References
    ----------
    Saltelli 2002, Computer Physics Communications 145; Saltelli et al. 2010, ibid. 181.
    """

    kind: Literal["saltelli"]
    n: PowerOfTwo
    second_order: bool = True

    @property
    def n_points(self) -> int:
        """As the scheme has it."""
        many = len(self.factors)
        return int(self.n) * (2 * many + 2 if self.second_order else many + 2)

    def shares(self) -> Shares:
        """Draw from the unit cube."""
        from SALib.sample.sobol import sample

        drawn: Shares = sample(
            self._cube(), self.n, calc_second_order=self.second_order, seed=self.seed
        )
        return drawn

    def __str__(self) -> str:
        """Write the design in a few words."""
        order = "with" if self.second_order else "without"
        return f"saltelli of base {self.n}, {order} second order, seed {self.seed}"
