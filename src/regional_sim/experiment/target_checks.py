"""What targets need of an experiment: every fault with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from regional_sim.errors import Fault, suggestion
from regional_sim.experiment.experiment import Experiment
from regional_sim.experiment.levels import in_short
from regional_sim.scenario.yaml import KeyPath, Positions

_OVERLAP: Final = 2
"""Months at least that a lag must leave of the horizon."""


def targets_at_fault(experiment: Experiment, at: Positions) -> Iterator[Fault]:
    """Find targets of a metric, window, posture or pair that some point does not have."""
    if not experiment.targets:
        return
    frames = [frame for _, _, frame in experiment.frames()]
    codes = experiment.scenario.codes
    known = {
        "posture": list(experiment.labels),
        "metric": sorted(
            set.intersection(*({one.name for one in frame.metrics} for frame in frames))
        ),
        "window": sorted(set.intersection(*(set(frame.windows) for frame in frames))),
        # As the base rates name them: codes sorted.
        "pair": [f"{a}-{b}" for i, a in enumerate(codes) for b in codes[i + 1 :]],
    }
    months = min(frame.horizon[1] for frame in frames)
    for number, target in enumerate(experiment.targets):
        for key, names in known.items():
            name = getattr(target, key, None)
            if name is not None and name not in names:
                place: KeyPath = ("targets", number, key)
                hint = suggestion(name, names)
                allowed = None if hint else in_short(names)
                yield at.fault(f"unknown {key}", place, name, allowed=allowed, hint=hint)
        for key in ("lag", "over_lag"):
            lag = getattr(target, key, None)
            if lag is not None and lag + _OVERLAP > months:
                allowed = f"at most {months - _OVERLAP}"
                yield at.fault(
                    "is too long for the horizon", ("targets", number, key), lag, allowed=allowed
                )
