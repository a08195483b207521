"""Tables of the shipped experiments, the demo and random worlds have the bytes they had.

``python -m tests.golden.test_tables`` writes the digests anew; do so only where results are meant
to change, with the reason in CHANGELOG.md.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import regional_sim
from tests.support.worlds import WORLDS, random_job, run_batch

DIGESTS = Path(__file__).with_name("tables.json")
ROOT = DIGESTS.parents[2]
EXPERIMENTS = sorted(path.stem for path in (ROOT / "experiments").glob("*.yaml"))
LONG = ["runs", "timeseries", "states", "dyads", "events"]
DEMO = {"postures": ["traditional", "new_approach"], "replicates": 200, "seed": 7}
WORLDS_AT_ONCE = 20


def digests_of(folder: Path) -> dict[str, str]:
    """Digest of every table; of the data dictionary only what is no prose."""
    found = {}
    for path in sorted(folder.glob("*.csv")):
        data = path.read_bytes()
        if path.name == "data_dictionary.csv":
            rows = csv.DictReader(data.decode().splitlines())
            data = json.dumps([[row["table"], row["column"]] for row in rows]).encode()
        found[path.name] = hashlib.sha256(data).hexdigest()[:20]
    return found


def shipped(name: str, folder: Path) -> dict[str, str]:
    regional_sim.sweep(name, out=folder, workers=2)
    return digests_of(folder)


def shipped_long(name: str, folder: Path) -> dict[str, str]:
    experiment = regional_sim.load_experiment(name)
    postures = [posture.plain() for posture in experiment.postures]
    regional_sim.run(
        experiment.scenario, postures=postures, replicates=2, seed=3, tables=LONG, out=folder
    )
    return digests_of(folder)


def demo(folder: Path) -> dict[str, str]:
    regional_sim.run("baseline", tables=["runs", "timeseries"], out=folder, **DEMO)
    return digests_of(folder)


def motives(folder: Path) -> dict[str, str]:
    given = {**DEMO, "replicates": 2}
    regional_sim.run("baseline", tables=["motives"], out=folder, **given)
    return digests_of(folder)


def worlds(first: int) -> str:
    digest = hashlib.sha256()
    for seed in range(first, first + WORLDS_AT_ONCE):
        for case in run_batch(random_job(seed)):
            for result in case:
                for series in ("windows", "timeseries", "states", "dyads"):
                    digest.update(getattr(result, series).tobytes())
    return digest.hexdigest()[:20]


def cases() -> Iterator[tuple[str, object]]:
    yield "demo", demo
    yield "motives", motives
    for name in EXPERIMENTS:
        yield f"{name}", lambda folder, name=name: shipped(name, folder)
        yield f"{name}, long", lambda folder, name=name: shipped_long(name, folder)
    for first in range(0, WORLDS, WORLDS_AT_ONCE):
        yield f"worlds from {first}", lambda _, first=first: worlds(first)


CASES = dict(cases())


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_bytes_are_the_same(name: str, tmp_path: Path) -> None:
    assert CASES[name](tmp_path / "result") == json.loads(DIGESTS.read_text())[name]


def test_every_case_is_recorded() -> None:
    assert set(json.loads(DIGESTS.read_text())) == set(CASES)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        made = {name: case(Path(place) / name) for name, case in CASES.items()}
    DIGESTS.write_text(json.dumps(made, indent=1) + "\n")
