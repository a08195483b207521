"""Worlds: from a YAML file to a validated, frozen :class:`Scenario`.

A file becomes plain data with positions (`yaml`), is laid over the files that it extends
(`layers`), validated section by section (`schema`, `validation`) against the catalogue of
figures (`figures`), and read by the model as a `Scenario`.

Packages that read YAML files of their own use :func:`yaml_with_positions`, :class:`Section` and
:func:`input_error`, so that every file of the project is refused with the same kind of message.
"""

from regional_sim.scenario.figures import DYAD_FIGURES, STATE_FIGURES, Range
from regional_sim.scenario.files import (
    FileKind,
    file_kind,
    require_kind,
    shipped_config,
    shipped_configs,
    shipped_experiment,
    shipped_experiments,
)
from regional_sim.scenario.load import load_scenario, scenario_from_mapping
from regional_sim.scenario.messages import Section, custom_error, input_error
from regional_sim.scenario.scenario import Scenario, digest_of
from regional_sim.scenario.schema import (
    RESERVED_WINDOW,
    Figure,
    Prose,
    Source,
    Text,
    json_schema,
)
from regional_sim.scenario.values import plain_data
from regional_sim.scenario.yaml import Document, Position, Positions, yaml_with_positions

__all__ = [
    "DYAD_FIGURES",
    "RESERVED_WINDOW",
    "STATE_FIGURES",
    "Document",
    "Figure",
    "FileKind",
    "Position",
    "Positions",
    "Prose",
    "Range",
    "Scenario",
    "Section",
    "Source",
    "Text",
    "custom_error",
    "digest_of",
    "file_kind",
    "input_error",
    "json_schema",
    "load_scenario",
    "plain_data",
    "require_kind",
    "scenario_from_mapping",
    "shipped_config",
    "shipped_configs",
    "shipped_experiment",
    "shipped_experiments",
    "yaml_with_positions",
]
