"""An installed wheel, far from the repository, carries the shipped worlds and experiments."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from regional_sim.scenario import shipped_configs, shipped_experiments
from tests.support.processes import printed

ROOT = Path(__file__).resolve().parents[2]

_USE = """
import sys
sys.path.insert(0, sys.argv[1])
import regional_sim
from regional_sim.scenario import load_scenario, shipped_configs, shipped_experiments
assert regional_sim.__file__.startswith(sys.argv[1]), regional_sim.__file__
from regional_sim.figures.geography import layout_of
assert layout_of(["CHN", "JPN"]).is_map  # the outlines of countries
print(load_scenario("baseline").n_states, len(shipped_configs()), len(shipped_experiments()))
from regional_sim.cli.app import main
sys.argv = ["regional-sim", "init", sys.argv[2]]
main()
"""


@pytest.mark.slow
def test_init_works_from_a_wheel(tmp_path: Path) -> None:
    printed("-m", "build", "--wheel", "--outdir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    study = tmp_path / "study"
    here = f"14 {len(shipped_configs())} {len(shipped_experiments())}\n"
    assert printed("-I", "-c", _USE, site, study, cwd=tmp_path).startswith(here)
    assert (study / "scenario.yaml").is_file()
    assert (study / "experiment.yaml").is_file()
