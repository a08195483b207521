"""docs/designs.md names every design and every distribution, and what it shows is good."""

import ast
import re

import pytest

import regional_sim
from regional_sim.experiment import experiment_from_mapping
from regional_sim.experiment.designs import DESIGNS
from regional_sim.experiment.priors import DISTRIBUTIONS
from regional_sim.scenario.yaml import yaml_value
from tests.support.pages import DOCS, blocks, row_of, rows, sections

PAGE = DOCS / "designs.md"
TABLES = {"Kinds": (DESIGNS, "kind"), "Priors": (DISTRIBUTIONS, "distribution")}

every_table = pytest.mark.parametrize("heading", TABLES)


@every_table
def test_the_table_names_all_there_are_in_order(heading):
    known, _ = TABLES[heading]
    found = [row[0].strip("`") for row in rows(sections(PAGE)[heading])[2:]]
    assert found == list(known)


@every_table
def test_every_row_names_all_settings_and_no_other(heading):
    known, tag = TABLES[heading]
    for name, section in known.items():
        named = re.findall(r"`(\w+)`", row_of(sections(PAGE)[heading], name)[1])
        assert set(named) == set(section.model_fields) - {tag}, name


def test_the_design_that_is_shown_is_good():
    (block,) = blocks(PAGE, "yaml")
    postures = [{"policy": "levels", "military": 0.2}]
    shown = yaml_value(block, str(PAGE))
    base = {"scenario": "four_states", "seed": 0, "replicates": 1, "postures": postures}
    assert len(experiment_from_mapping(base | shown).points) == 64 * 3


def test_the_script_that_is_shown_names_what_exists():
    (block,) = blocks(PAGE, "python")
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.ImportFrom) and node.module == "regional_sim":
            assert {alias.name for alias in node.names} <= set(regional_sim.__all__)
