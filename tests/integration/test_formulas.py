"""Levels that a spreadsheet would work out: harmless in CSV, elsewhere as they were asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

import regional_sim
from regional_sim.experiment import experiment_from_mapping

LEVELS = ["=HYPERLINK(1)", "-plain", "'+quoted", "ordinary"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formulas") / "out"
    experiment = experiment_from_mapping(
        {
            "scenario": "two_states",
            "settings": {"horizon.months_before": 2, "horizon.months_after": 4},
            "seed": 3,
            "replicates": 2,
            "postures": ["traditional", "new_approach"],
            "design": {"kind": "grid", "factors": {"states.BBB.name": LEVELS}},
        }
    )
    regional_sim.sweep(experiment, out=folder)
    return folder


def test_no_cell_is_a_formula_and_our_reader_knows_the_levels(made: Path) -> None:
    for table in ("runs", "summary", "contrasts"):
        cells = pd.read_csv(made / f"{table}.csv", dtype=str)["states_BBB_name"]
        assert not cells.str.match(r"[=+@-]").any()
        read = regional_sim.load_results(made).table(table)
        assert list(dict.fromkeys(read["states_BBB_name"])) == LEVELS


def test_it_is_reproduced_and_compared_by_the_level_itself(made: Path) -> None:
    assert regional_sim.reproduce(made).matches
    found = regional_sim.compare(
        f"{made}::states.BBB.name=-plain",
        made,
        where_b={"states_BBB_name": "ordinary"},
        metrics="tension",
        windows="whole",
    )
    assert found.table["difference"].tolist() == [0.0, 0.0]


def test_a_table_without_the_apostrophes_is_the_same(made: Path, tmp_path: Path) -> None:
    """As versions before wrote it, or a spreadsheet that dropped them."""
    old = shutil.copytree(made, tmp_path / "old")
    for table in ("runs", "summary", "contrasts"):
        text = (old / f"{table}.csv").read_text()
        assert "'=" in text
        (old / f"{table}.csv").write_text(text.replace("'=", "=").replace("'-", "-"))
    again = regional_sim.reproduce(old)
    assert again.matches
    assert set(again.altered) == {"runs.csv", "summary.csv", "contrasts.csv"}
    assert regional_sim.load_results(old, verify=False).runs.equals(
        regional_sim.load_results(made).runs
    )
