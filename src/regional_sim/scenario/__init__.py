"""Worlds: from a YAML file to a validated, frozen :class:`Scenario`.

Other packages read scenarios only through the names below.  Those that read YAML files of their
own use :func:`yaml_with_positions`, :class:`Section` and :func:`input_error`, so that every file
of the project is refused with the same kind of message.
"""

from regional_sim.scenario.figures import (
    DYAD_FIGURES,
    STATE_FIGURES,
    DyadFigure,
    Identifier,
    Range,
    StateCode,
    StateFigure,
    Text,
    number_in,
)
from regional_sim.scenario.files import (
    Kind,
    kind_of,
    refuse_other,
    shipped_config,
    shipped_configs,
    shipped_experiment,
    shipped_experiments,
)
from regional_sim.scenario.layers import plain
from regional_sim.scenario.load import load_scenario, scenario_from_mapping
from regional_sim.scenario.messages import Section, custom_error, faults_of, input_error
from regional_sim.scenario.scenario import Scenario, digest_of
from regional_sim.scenario.schema import RESERVED_WINDOW, Figure, Source, json_schema
from regional_sim.scenario.yaml import Document, Position, Positions, yaml_with_positions

__all__ = [
    "DYAD_FIGURES",
    "RESERVED_WINDOW",
    "STATE_FIGURES",
    "Document",
    "DyadFigure",
    "Figure",
    "Identifier",
    "Kind",
    "Position",
    "Positions",
    "Range",
    "Scenario",
    "Section",
    "Source",
    "StateCode",
    "StateFigure",
    "Text",
    "custom_error",
    "digest_of",
    "faults_of",
    "input_error",
    "json_schema",
    "kind_of",
    "load_scenario",
    "number_in",
    "plain",
    "refuse_other",
    "scenario_from_mapping",
    "shipped_config",
    "shipped_configs",
    "shipped_experiment",
    "shipped_experiments",
    "yaml_with_positions",
]
