"""Experiments: from a question in a YAML file to tables on disk.

A file becomes an :class:`Experiment`, that a plan, the plan tasks, and these blocks on disk, which
are merged into tables.  What reads and checks stands below; running is
:func:`regional_sim.runner.runner.execute`.
"""

from regional_sim.experiment.experiment import TABLES, Experiment, Point
from regional_sim.experiment.load import experiment_from_mapping, load_experiment, single_point
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
