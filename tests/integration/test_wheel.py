"""An installed wheel, far from the repository, carries the shipped worlds and experiments."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_USE = """
import sys
sys.path.insert(0, sys.argv[1])
import regional_sim
from regional_sim.scenario import load_scenario, shipped_configs, shipped_experiments
assert regional_sim.__file__.startswith(sys.argv[1]), regional_sim.__file__
print(load_scenario("baseline").n_states, len(shipped_configs()), len(shipped_experiments()))
from regional_sim.cli.app import main
sys.argv = ["regional-sim", "init", sys.argv[2]]
main()
"""


@pytest.mark.slow
def test_init_works_from_a_wheel(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    study = tmp_path / "study"
    done = subprocess.run(
        [sys.executable, "-I", "-c", _USE, str(site), str(study)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.stdout.startswith("14 5 4"), done.stderr
    assert (study / "scenario.yaml").is_file()
    assert (study / "experiment.yaml").is_file()
