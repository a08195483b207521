"""Check that the peers give the numbers of the package: ``python -m benchmarks.peers.check``.

The package runs in a process of its own with the compiler on, each peer in one with it off.  One
replicate of the baseline is run under two postures, of which one reads the metrics every month.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec

SEED = 1
REPLICATE = 0
POSTURES = ("new_approach", "reactive")
TOLERANCE = 1e-9
"""Largest relative difference: elementary functions differ in their last digits."""

SMALLEST = 1e-6
"""Least size that a difference is related to: a risk is 1 less a product of numbers near 1, and
so holds few digits where it is small."""

Windows = list[list[float]]


def _of_package(posture: str) -> Windows:
    from regional_sim.engine.job import window_values
    from regional_sim.mesa_model import RegionModel
    from regional_sim.scenario import load_scenario

    model = RegionModel(load_scenario("baseline"), posture, SEED, REPLICATE, collect=False)
    while model.running:
        model.step()
    return window_values(model.world)[..., 0].tolist()


def _of_mesa(posture: str) -> Windows:
    from benchmarks.peers.plain_model import run_replicates

    return run_replicates(posture, SEED, REPLICATE, 1)[0]


def _of_agentpy(posture: str) -> Windows:
    from benchmarks.peers.agentpy_model import run_replicates

    return run_replicates(posture, SEED, REPLICATE, 1)[0]


PEERS = {"Mesa": _of_mesa, "agentpy": _of_agentpy}
ENGINES = {"package": _of_package, **PEERS}


def _run(engine: str) -> dict[str, Windows]:
    """Return the window values of an engine by posture, from a process of its own."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1" if engine in PEERS else "0"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers.check", engine],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


def _largest_difference(ours: Windows, theirs: Windows) -> tuple[float, str]:
    """Return the largest relative difference, and the metric that has it."""
    from regional_sim.model.metrics.catalogue import Metric

    differences = [
        (abs(mine - other) / max(abs(mine), abs(other), SMALLEST), metric.name)
        for our_values, their_values in zip(ours, theirs, strict=True)
        for metric, mine, other in zip(Metric, our_values, their_values, strict=True)
    ]
    return max(differences)


def main() -> int:
    """Compare, and print the largest difference of each peer and posture."""
    ours = _run("package")
    agree = True
    for peer in PEERS:
        if find_spec(peer.lower()) is None:
            print(f"{peer} is not installed: skipped")
            continue
        theirs = _run(peer)
        for posture in POSTURES:
            difference, metric = _largest_difference(ours[posture], theirs[posture])
            agree = agree and difference <= TOLERANCE
            print(f"{peer}, {posture}: largest relative difference {difference:.1e} ({metric})")
    print("The peers agree with the package." if agree else "THE PEERS DIFFER.")
    return 0 if agree else 1


if __name__ == "__main__":
    if len(sys.argv) > 1:
        values = {posture: ENGINES[sys.argv[1]](posture) for posture in POSTURES}
        json.dump(values, sys.stdout)
    else:
        sys.exit(main())
