"""A design that samples draws of a table, such as the posterior of a calibration."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import numpy as np
from pydantic import Field

from regional_sim.errors import InputError, UnknownNameError, os_reason
from regional_sim.experiment.levels import Design, Level, LevelColumn
from regional_sim.experiment.sampling import Size
from regional_sim.numerics.arrays import Integers
from regional_sim.scenario.schema import Text
from regional_sim.scenario.yaml import KeyPath

if TYPE_CHECKING:
    import pandas as pd

WEIGHT: Final = "weight"
"""Column of the weights of draws, where they are not equally likely."""

_Paths = Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]


class PosteriorSample(Design):
    """Rows of a CSV table: a column for each factor, named by its path, and a row for each draw.

    A column ``weight`` says how likely draws are beside each other.  Without `n` every row is a
    point; with it, rows are drawn: each at most once where they are equally likely and there are
    enough.  `factors` names the columns to take, all if it is not given; `sha256` is the digest of
    the file, which must have it where it is given.
    """

    kind: Literal["posterior"]
    file: Text
    n: Size | None = None
    seed: Annotated[int, Field(ge=0)] = 0
    factors: _Paths | None = None
    sha256: Text | None = None

    def located(self, folder: Path) -> PosteriorSample:
        """Read the file relative to a folder.

        Returns
        -------
        PosteriorSample
            With size, factors and digest filled in.

        Raises
        ------
        InputError
            When there is no such file, it is no table of draws, lacks a factor, or has another
            digest.
        """
        path = folder / self.file
        frame, digest = _read(path)
        if self.sha256 not in {None, digest}:
            what = "this file has another digest than the design asks for"
            raise InputError(what, where=str(path), key="sha256", value=digest)
        columns = [str(name) for name in frame.columns if name != WEIGHT]
        for name in self.factors or ():
            if name not in columns:
                raise UnknownNameError("column", name, columns, where=str(path))
        paths = self.factors or tuple(columns)
        if self.n is None and WEIGHT in frame:
            hint = "say how many, such as n: 200"
            raise InputError(
                "draws with weights have to be drawn", where=str(path), key="n", hint=hint
            )
        update = {"n": self.n or len(frame), "factors": paths, "sha256": digest}
        found = self.model_copy(update=update)
        rows = np.arange(len(frame)) if self.n is None else _drawn(frame, self.n, self.seed, path)
        levels = {name: frame[name].iloc[rows].tolist() for name in paths}
        # A frozen model lets its cached values be set: what is read is no part of the record.
        found.__dict__["_levels"] = levels
        return found

    @cached_property
    def _levels(self) -> dict[str, list[Level]]:
        raise InputError("a design of draws stands in a file", key="design.file", value=self.file)

    @property
    def n_points(self) -> int:
        """Rows that are taken."""
        return int(self.n or 0)

    @property
    def n_levels(self) -> int:
        """One of each factor at each point."""
        return self.n_points * len(self.paths)

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the factors, in order."""
        return tuple(self.factors or ())

    def columns(self, at: KeyPath) -> dict[str, LevelColumn]:
        """Return the levels of the rows."""
        return {
            path: LevelColumn.of(levels, (*at, "file", path))
            for path, levels in self._levels.items()
        }

    def listed(self, columns: Mapping[str, LevelColumn]) -> dict[str, Any]:
        """Write the levels of the rows, and beside them the file and its digest."""
        factors = {path: list(columns[path].values) for path in self.paths}
        return {"kind": "zip", "factors": factors, "made_by": self.record()}

    def about(self) -> dict[str, str]:
        """Say of each factor where its levels come from."""
        return dict.fromkeys(self.paths, f"draws of {self.file}")

    def __str__(self) -> str:
        """Write the design in a few words."""
        return f"{super().__str__()} draws of {self.file}, seed {self.seed}"


def _read(path: Path) -> tuple[pd.DataFrame, str]:
    """Read a table of draws, and the digest of its file."""
    import hashlib
    import io

    import pandas as pd

    where = str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {os_reason(error)}", where=where) from None
    try:
        frame = pd.read_csv(io.BytesIO(content), keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())
        raise InputError(f"cannot be read as a CSV table: {said}", where=where) from None
    if frame.empty or not {*frame.columns} - {WEIGHT}:
        what = "holds no draws: a header with the paths of factors, then a row for each draw"
        raise InputError(what, where=where)
    for name in frame.columns:
        if frame[name].dtype.kind not in "ifb" and (frame[name].astype(str) == "").any():
            raise InputError("a draw lacks a level", where=where, key=str(name))
    return frame, hashlib.sha256(content).hexdigest()


def _drawn(frame: pd.DataFrame, n: int, seed: int, path: Path) -> Integers:
    """Draw rows."""
    rng = np.random.default_rng(seed)
    if WEIGHT not in frame:
        return rng.choice(len(frame), n, replace=n > len(frame))
    weights = frame[WEIGHT].to_numpy()
    good = weights.dtype.kind in "if" and np.isfinite(weights).all() and (weights >= 0).all()
    if not (good and weights.sum() > 0):
        what = "weights must be numbers from 0, not all of them 0"
        raise InputError(what, where=str(path), key=WEIGHT)
    return rng.choice(len(frame), n, p=weights / weights.sum())
