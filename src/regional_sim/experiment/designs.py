"""What every design offers."""

from __future__ import annotations

import itertools
import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

import numpy as np
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from regional_sim.errors import suggestion
from regional_sim.experiment.priors import (
    DifferentLevels,
    FactorLevels,
    Factors,
    Level,
    OneLevel,
    Prior,
    Shares,
    errors_at,
    in_short,
    levels_in_words,
    tagged,
)
from regional_sim.scenario import Section, custom_error, plain_data
from regional_sim.scenario.schema import Text
from regional_sim.scenario.yaml import KeyPath

Place: TypeAlias = Mapping[str, KeyPath]
"""Where in the file the level of each factor of a point stands, or the prior that gave it."""

DesignRow: TypeAlias = tuple[dict[str, Level], Place]
"""Level of each factor at a point, and where it stands."""


class Design(Section):
    """How the points of an experiment are made.

    A design gives its points in a fixed order, so that a point's number always means the same.
    """

    kind: str

    @property
    @abstractmethod
    def n_points(self) -> int:
        """Points that the design gives."""

    @property
    @abstractmethod
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the factors, in order."""

    @abstractmethod
    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Make the points.

        Parameters
        ----------
        at : tuple
            Path of the design in its file.

        Yields
        ------
        factors : dict
            Level of each factor at a point.
        places : mapping
            Where each level stands in the file.
        """

    @abstractmethod
    def about(self) -> dict[str, str]:
        """Say in a few words which levels each factor takes, by path."""

    def record(self) -> dict[str, Any]:
        """Write the design out, as what points were made by.

        Returns
        -------
        dict
            Plain, and a design in the form of a file; every default is written out.
        """
        written: dict[str, Any] = plain_data(self.model_dump(exclude_none=True))
        return written

    def __str__(self) -> str:
        """Write the design in a few words."""
        return f"{self.kind} of {self.n_points}"


class _Listed(Design):
    """A design whose factors have lists of levels."""

    factors: dict[str, list[Level]]

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the factors, in order."""
        return tuple(self.factors)

    def about(self) -> dict[str, str]:
        """Say in a few words which levels each factor takes, by path."""
        return {
            path: in_short(map(levels_in_words, levels)) for path, levels in self.factors.items()
        }

    def _row(self, chosen: tuple[int, ...], at: KeyPath) -> DesignRow:
        """Make the point that has these of the levels."""
        places = dict(zip(self.factors, chosen, strict=True))
        return (
            {name: self.factors[name][place] for name, place in places.items()},
            {name: (*at, "factors", name, place) for name, place in places.items()},
        )


class Grid(_Listed):
    """Every combination of the levels of some factors; the last factor changes fastest."""

    kind: Literal["grid"]
    factors: Annotated[dict[Text, DifferentLevels], Field(min_length=1)]

    @property
    def n_points(self) -> int:
        """Points that the design gives."""
        return math.prod(map(len, self.factors.values()))

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Combine all levels; see :meth:`Design.rows`."""
        places = [range(len(levels)) for levels in self.factors.values()]
        return (self._row(chosen, at) for chosen in itertools.product(*places))


class Zip(_Listed):
    """Factors that step together: the first levels of all, then the second, and so on."""

    kind: Literal["zip"]
    factors: Annotated[dict[Text, FactorLevels], Field(min_length=1)]

    @model_validator(mode="after")
    def _equal_lengths(self) -> Self:
        first, *others = self.factors.items()
        wanted = len(first[1])
        found = [
            (("factors", path), custom_error(_unequal(len(levels), first[0], wanted)))
            for path, levels in others
            if len(levels) != wanted
        ]
        if found:
            raise errors_at(found)
        return self

    @property
    def n_points(self) -> int:
        """Points that the design gives."""
        return len(next(iter(self.factors.values())))

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Step through all lists at once; see :meth:`Design.rows`."""
        many = len(self.factors)
        return (self._row((step,) * many, at) for step in range(self.n_points))


def _unequal(has: int, other: str, wanted: int) -> str:
    return f"factors of a zip have equally many levels: this one {has}, {other} {wanted}"


_Point: Any = Annotated[dict[Text, OneLevel], Field(min_length=1)]


class PointList(Design):
    """Points as they are listed.

    What they were made by may stand beside them, for the record: a plan lists its points, and
    keeps there the design that gave them.
    """

    kind: Literal["list"]
    points: Annotated[list[_Point], Field(min_length=1)]
    made_by: dict[Text, Any] | None = None

    @property
    def n_points(self) -> int:
        """Points that the design gives."""
        return len(self.points)

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the factors of the first point, in order."""
        return tuple(self.points[0])

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Return the points as they stand; see :meth:`Design.rows`."""
        for number, point in enumerate(self.points):
            yield dict(point), {name: (*at, "points", number, name) for name in point}

    def about(self) -> dict[str, str]:
        """Say in a few words which levels each factor takes, by path."""
        return dict.fromkeys(self.paths, "as listed")

    def record(self) -> dict[str, Any]:
        """Return what the points were made by, if anything: they stand for themselves."""
        written: dict[str, Any] = plain_data(self.made_by or {})
        return written


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


BASIC_DESIGNS: Final[dict[str, type[Design]]] = {
    "grid": Grid,
    "list": PointList,
    "zip": Zip,
    "latin_hypercube": LatinHypercube,
    "sobol": SobolSequence,
    "random": RandomSample,
    "morris": Morris,
    "saltelli": Saltelli,
}
"""Designs by kind; all of them can be parts of a mixed one."""


def of_known_kind(given: object, kinds: Mapping[str, type[Design]]) -> object:
    """Say which kinds there are, before pydantic looks for one.

    Parameters
    ----------
    given : object
        What stands for a design in a file.
    kinds : mapping
        Designs by kind.

    Returns
    -------
    object
        The same.

    Raises
    ------
    PydanticCustomError
        When it is a mapping without a known kind.
    """
    if isinstance(given, Mapping) and given.get("kind") not in kinds:
        kind = given.get("kind")
        what = "is not a kind of design" if "kind" in given else "needs a kind"
        raise custom_error(
            what,
            **({"value": kind} if "kind" in given else {}),
            allowed=f"kind: {', '.join(kinds)}",
            hint=suggestion(kind, kinds),
        )
    return given


_Part: Any = tagged(BASIC_DESIGNS, "kind", lambda given: of_known_kind(given, BASIC_DESIGNS))


class Mixed(Design):
    """Every point of each part with every point of the others; the last part changes fastest."""

    kind: Literal["mixed"]
    parts: Annotated[list[_Part], Field(min_length=2)]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if found := list(self._shared()):
            raise errors_at(found)
        return self

    @property
    def n_points(self) -> int:
        """Points that the design gives."""
        return math.prod(part.n_points for part in self.parts)

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the factors, in order."""
        return tuple(path for part in self.parts for path in part.paths)

    def rows(self, at: KeyPath) -> Iterator[DesignRow]:
        """Combine the points of all parts; see :meth:`Design.rows`."""
        parts = [part.rows((*at, "parts", number)) for number, part in enumerate(self.parts)]
        for rows in itertools.product(*parts):
            yield (
                {path: level for factors, _ in rows for path, level in factors.items()},
                {path: place for _, places in rows for path, place in places.items()},
            )

    def about(self) -> dict[str, str]:
        """Say in a few words which levels each factor takes, by path."""
        return {path: text for part in self.parts for path, text in part.about().items()}

    def _shared(self) -> Iterator[tuple[KeyPath, PydanticCustomError]]:
        """Find factors of a part that an earlier one has too."""
        seen: set[str] = set()
        for number, part in enumerate(self.parts):
            for path in part.paths:
                if path in seen:
                    error = custom_error("this factor stands in an earlier part too", value=path)
                    yield ("parts", number, "factors", path, "[key]"), error
            seen.update(part.paths)

    def __str__(self) -> str:
        """Write the design in a few words."""
        return ", crossed with ".join(map(str, self.parts))


__all__ = ["DESIGNS", "POINTS_LIMIT", "AnyDesign", "Design", "DesignRow", "Place", "design_of"]

DESIGNS: Final[dict[str, type[Design]]] = {**BASIC_DESIGNS, "mixed": Mixed}
"""Every design by its kind."""

POINTS_LIMIT: Final = 1_000_000
"""A design that asks for more points is taken for a slip."""

AnyDesign: Any = tagged(DESIGNS, "kind", lambda given: of_known_kind(given, DESIGNS))
"""Any design, told apart by its kind."""


def design_of(record: Mapping[str, object]) -> Design | None:
    """Read a design back from the record of what points were made by.

    Parameters
    ----------
    record : mapping
        As :meth:`Design.record` gave it, or a free text of a user's own.

    Returns
    -------
    Design or None
        None where it is no design that this version knows.
    """
    try:
        design: Design = _adapter().validate_python(record)
    except ValidationError:
        return None
    return design


@cache
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(AnyDesign)
