"""Samples that a method of sensitivity analysis asks for, drawn by SALib."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from regional_sim.experiment.designs.sampled import PowerOfTwo, Sampled
from regional_sim.experiment.levels import errors_at
from regional_sim.experiment.priors import Prior, Shares
from regional_sim.scenario import custom_error
from regional_sim.scenario.positions import KeyPath


class _Salib(Sampled):
    """A sample of the unit cube by SALib; levels are ours, so that priors mean the same."""

    def _cube(self) -> dict[str, Any]:
        """Write the unit cube as SALib does."""
        paths = list(self.factors)
        return {"num_vars": len(paths), "names": paths, "bounds": [[0.0, 1.0]] * len(paths)}


class Morris(_Salib):
    """Trajectories that change one factor at a time, each once, for elementary effects.

    `levels` are the steps of the grid, from 0 to 1 in shares of the prior; a factor is moved by
    a little more than half of them at once.

    References
    ----------
    Morris 1991, Technometrics 33; Campolongo, Cariboni & Saltelli 2007.
    """

    kind: Literal["morris"]
    trajectories: Annotated[int, Field(ge=1)]
    levels: Annotated[int, Field(ge=2, multiple_of=2)] = 4

    @model_validator(mode="after")
    def _moving(self) -> Self:
        if found := list(self._at_fault()):
            raise errors_at(found)
        return self

    @property
    def n_points(self) -> int:
        """Points that the design gives."""
        return self.trajectories * (len(self.factors) + 1)

    def shares(self) -> Shares:
        """Draw from the unit cube; see :meth:`Sampled.shares`."""
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


class Saltelli(_Salib):
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
        """Points that the design gives."""
        many = len(self.factors)
        return int(self.n) * (2 * many + 2 if self.second_order else many + 2)

    def shares(self) -> Shares:
        """Draw from the unit cube; see :meth:`Sampled.shares`."""
        from SALib.sample.sobol import sample

        drawn: Shares = sample(
            self._cube(), self.n, calc_second_order=self.second_order, seed=self.seed
        )
        return drawn

    def __str__(self) -> str:
        """Write the design in a few words."""
        order = "with" if self.second_order else "without"
        return f"saltelli of base {self.n}, {order} second order, seed {self.seed}"
