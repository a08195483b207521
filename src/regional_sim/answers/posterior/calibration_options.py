"""What a calibration is asked for, and what an experiment must have for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from regional_sim.answers.posterior.emulator import FEWEST_POINTS
from regional_sim.errors import InputError
from regional_sim.experiment import Experiment
from regional_sim.experiment.priors import Prior
from regional_sim.experiment.sampling import LatinHypercube, RandomSample, SobolSequence

_TRIAL_LIMIT: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class CalibrationOptions:
    """How a calibration is made.

    Attributes
    ----------
    waves : int
        Waves of runs, the first of which is the experiment's own design.
    points : int, optional
        Points of each further wave; None: as many as the first has.
    draws : int
        Draws of the posterior.
    checked : int
        Draws that are run again, to judge the posterior.
    recover : int
        Prior draws that data are simulated at, to test whether they are found again; 0: no test.
    seed : int
        Of all that is drawn here; the runs have the experiment's.
    """

    waves: int = 2
    points: int | None = None
    draws: int = 500
    checked: int = 100
    recover: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers out of range, with an InputError."""
        limits = {
            "waves": (1, 20),
            "points": (FEWEST_POINTS, 10_000),
            "draws": (10, 100_000),
            "checked": (10, 10_000),
            "recover": (0, _TRIAL_LIMIT),
            "seed": (0, 2**31 - 1),
        }
        for key, (low, high) in limits.items():
            value = getattr(self, key)
            if value is None and key == "points":
                continue
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                allowed = f"a whole number from {low} to {high}"
                raise InputError(
                    "is outside the allowed range", key=key, value=value, allowed=allowed
                )


def priors_of(experiment: Experiment) -> dict[str, Prior]:
    """Return the priors of an experiment that can be calibrated.

    Raises
    ------
    InputError
        When its design does not sample priors evenly, or there are too few points.
    """
    design = experiment.made_by()
    if not isinstance(design, LatinHypercube | SobolSequence | RandomSample):
        what = "calibration needs a design that samples priors"
        given = "no design" if design is None else design.kind
        allowed = "latin_hypercube, sobol, random"
        hint = "the shipped experiment calibration shows one"
        raise InputError(what, key="design.kind", value=given, allowed=allowed, hint=hint)
    least = max(FEWEST_POINTS, 2 * len(design.priors))
    if design.n_points < least:
        what, allowed = "too few points to fit emulators to", f"at least {least}, better more"
        raise InputError(what, key="design.n", value=design.n_points, allowed=allowed)
    return design.priors


def check_calibration(experiment: Experiment) -> None:
    """Refuse an experiment without targets or priors, or with too few replicates."""
    if not experiment.targets:
        what, hint = (
            "this experiment has no targets",
            "the shipped experiment calibration shows some",
        )
        raise InputError(what, key="targets", hint=hint)
    priors_of(experiment)
    if experiment.replicates < 2:  # noqa: PLR2004 (a standard error needs two)
        what = "calibration needs the noise of the runs"
        raise InputError(what, key="replicates", value=experiment.replicates, allowed="at least 2")
