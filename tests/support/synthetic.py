"""Results whose effects follow a rule that tests know, made without a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from regional_sim.answers.outcomes import PointResults
from regional_sim.experiment import experiment_from_mapping
from regional_sim.results.load import Results

WINDOW = (1, 4)


class SyntheticResults(PointResults):
    """A sweep over some factors, with the tension that a rule gives.

    `effect` is the mean difference to the first posture by point, from the levels of the factors;
    replicates differ by normal noise of this standard deviation.
    """

    def __init__(
        self,
        levels: Mapping[str, Sequence[float]],
        effect: Callable[..., Any],
        *,
        noise: float = 0.01,
        replicates: int = 20,
        postures: Sequence[str] = ("traditional", "new_approach"),
        seed: int = 7,
    ) -> None:
        listed = [dict(zip(levels, row, strict=True)) for row in zip(*levels.values(), strict=True)]
        self.experiment = experiment_from_mapping(
            {
                "title": "Synthetic",
                "scenario": "two_states",
                "settings": {"horizon.months_before": 2, "horizon.months_after": 4},
                "seed": 1,
                "replicates": replicates,
                "postures": list(postures),
                "design": {"kind": "list", "points": listed},
            }
        )
        self.n_points = len(listed)
        random = np.random.default_rng(seed)
        effects = np.asarray(effect(*map(np.asarray, levels.values())), dtype=float)
        differences = effects[:, None] + random.normal(0.0, noise, (self.n_points, replicates))
        by_posture = {label: 0.5 + place * differences for place, label in enumerate(postures)}
        frames = {
            "runs": pd.concat([_runs(label, of) for label, of in by_posture.items()]),
            "summary": pd.concat([_means(label, of, "mean") for label, of in by_posture.items()]),
            "contrasts": pd.concat(
                [
                    _means(label, of - 0.5, "difference")
                    for label, of in by_posture.items()
                    if label != postures[0]
                ]
                or [pd.DataFrame()]
            ),
        }
        plan = {"windows": {"whole": WINDOW}}
        self.results = Results(None, plan, {"tables": dict.fromkeys(frames)})  # type: ignore[arg-type]
        self.results._frames.update(frames)


def _runs(label: str, values: Any) -> pd.DataFrame:
    n_points, n = values.shape
    return pd.DataFrame(
        {
            "point": np.repeat(np.arange(n_points), n),
            "posture": label,
            "replicate": np.tile(np.arange(n), n_points),
            "tension_whole": values.ravel(),
        }
    )


def _means(label: str, values: Any, name: str) -> pd.DataFrame:
    n_points, n = values.shape
    return pd.DataFrame(
        {
            "point": np.arange(n_points),
            "posture": label,
            "metric": "tension",
            "window": "whole",
            "n": n,
            name: values.mean(axis=1),
            "sd": values.std(axis=1, ddof=1) if n > 1 else np.nan,
        }
    )


def sample(paths: Sequence[str], n: int, seed: int = 3) -> dict[str, list[float]]:
    """Draw levels between 0 and 1, each factor by itself."""
    random = np.random.default_rng(seed)
    return {path: random.uniform(0.0, 1.0, n).tolist() for path in paths}


def grid(paths: Sequence[str], *levels: Sequence[float]) -> dict[str, list[float]]:
    """Cross the levels of factors."""
    crossed = np.meshgrid(*levels, indexing="ij")
    return {path: of.ravel().tolist() for path, of in zip(paths, crossed, strict=True)}
