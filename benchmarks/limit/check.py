"""Compare the C program with our own phases, bit for bit: ``python -m benchmarks.limit.check``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from benchmarks.limit.program import run_limit
from regional_sim.engine.build import build_world
from regional_sim.engine.policy_control import PolicyController
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.options import Option
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams
from regional_sim.model.schedule import PHASES
from regional_sim.numerics.arrays import Floats
from regional_sim.postures import Policy, create
from regional_sim.scenario import Scenario, load_scenario
from regional_sim.scenario.files import shipped_configs

SEED = 7
RUNS = 24
ODD_RUNS = 13
BLOCKS = 3
NOT_PHASES = ("restoring", "draws")
POLICIES = ("traditional", "new_approach", "incremental", "reassurance")


def reference(
    scenario: Scenario, policies: Sequence[Policy], seed: int, n_runs: int, n_blocks: int
) -> Floats:
    """Run the same blocks through our own phases.

    Parameters
    ----------
    scenario : Scenario
        The validated world.
    policies : sequence of Policy
        Postures that share the draws.
    seed : int
        Master seed.
    n_runs, n_blocks : int
        Runs of a block, and blocks.

    Returns
    -------
    ndarray, shape (block, policy, window, Metric, run)
        Sums of the months of each window.
    """
    luck = RandomStreams(scenario.streams, seed)
    draw = luck.buffer(n_runs)
    sums = []
    for block in range(n_blocks):
        worlds = [build_world(scenario, n_runs, draw) for _ in policies]
        helms = [PolicyController(policy, scenario.months_before) for policy in policies]
        for month in range(scenario.months_before + scenario.months_after):
            if month % CHUNK_MONTHS == 0:
                luck.fill(draw, month // CHUNK_MONTHS, block * n_runs)
            for world, helm in zip(worlds, helms, strict=True):
                helm.steer(world, month)
                for phase in PHASES:
                    phase.run(world, month, 0, scenario.n_states)
        sums.append([world.summary for world in worlds])
    return np.array(sums)


def variants(scenario: Scenario) -> dict[str, Scenario]:
    """Return a scenario as it is, and with every other choice of every structural option."""
    found = {"as shipped": scenario}
    for option, now in zip(Option, scenario.option_values(), strict=True):
        for choice, code in zip(option.choices, option.codes, strict=True):
            if code != now:
                key = f"options.{option.name}"
                found[f"{key} {choice}"] = scenario.with_settings({key: choice})
    return found


def same_phases() -> bool:
    """Whether the program passes our phases, by name and in order."""
    timing, _ = run_limit(load_scenario("two_states"), [create("traditional")], SEED, 1, 1, 1, True)
    passed = [part for part in timing.by_part if part not in NOT_PHASES]
    return passed == [phase.name for phase in PHASES]


def main() -> int:
    """Check every shipped world under every structural option, and print what was found."""
    wrong = not same_phases()
    print(f"phases: {'DIFFERENT' if wrong else 'the same, in the same order'}")
    for name in shipped_configs():
        for what, scenario in variants(load_scenario(name)).items():
            wrong |= _differs(f"{name}, {what}", scenario, RUNS, 1)
        scenario = load_scenario(name)
        wrong |= _differs(f"{name}, two threads", scenario, RUNS, 2)
        wrong |= _differs(f"{name}, an odd number of runs", scenario, ODD_RUNS, 1)
    return int(wrong)


def _differs(what: str, scenario: Scenario, n_runs: int, threads: int) -> bool:
    policies = [create(name) for name in POLICIES]
    ours = reference(scenario, policies, SEED, n_runs, BLOCKS)
    _, theirs = run_limit(scenario, policies, SEED, n_runs, BLOCKS, threads)
    same = np.array_equal(ours, theirs)
    print(f"{what}: {'same bits' if same else 'DIFFERENT'}", flush=True)
    if not same:
        _explain(ours, theirs)
    return not same


def _explain(ours: Floats, theirs: Floats) -> None:
    """Print how many runs differ, by metric."""
    apart = (ours != theirs).sum(axis=(0, 1, 2, 4))
    for metric in Metric:
        if apart[metric]:
            share = apart[metric] / ours[:, :, :, metric].size
            print(f"    {metric.name}: {share:.1%} differ")


if __name__ == "__main__":
    sys.exit(main())
