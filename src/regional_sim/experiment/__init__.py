"""The question: from a YAML file to a checked `Experiment`, a `Plan` and its tasks."""

from regional_sim.experiment.experiment import TABLES, Experiment
from regional_sim.experiment.load import experiment_from_mapping, load_experiment, single_point
from regional_sim.experiment.points import Point
from regional_sim.experiment.posture import Posture, PostureLike, posture_of

__all__ = [
    "TABLES",
    "Experiment",
    "Point",
    "Posture",
    "PostureLike",
    "experiment_from_mapping",
    "load_experiment",
    "posture_of",
    "single_point",
]
