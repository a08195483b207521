"""Sweeps that are killed: whatever the moment, a resumed one ends with the same bytes."""

import sys

import pytest

from tests.support.killing import SWEEPS, SYSTEM_CALLS, WRITE, stories

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="processes are forked, and looked up in /proc"
)

IN_A_WRITE = {"from": "inside", "kind": WRITE}


def outlived(orders):
    """Let sweeps be killed, and check that each one ends as if it never had been."""
    told = stories(orders)
    for story in told:
        assert story["differing"] == [], story
        assert story["resumed"] == 0, story
        for kill in story["kills"]:
            assert kill["taken_for"] in {"unfinished", "finished"}, story
            assert not kill.get("orphans"), story
    return told


def n_killed(told):
    """Count processes that were killed, not done before."""
    return sum(kill["code"] == -9 for story in told for kill in story["kills"])


def test_killed_sweeps_end_with_the_same_bytes():
    told = outlived(
        [
            {"sweep": "csv", "seed": 1, **IN_A_WRITE},
            {"sweep": "csv", "seed": 2, "from": "outside"},
            {"sweep": "rule", "seed": 3, **IN_A_WRITE, "times": 2},
            {"sweep": "shard", "seed": 4, "from": "inside", "kind": "fsync"},
            {"sweep": "retry", "seed": 5, "from": "inside", "kind": "replace"},
        ]
    )
    # The one from outside may come too late on a busy machine.
    assert n_killed(told) >= 5


def test_worker_processes_end_with_a_sweep_that_is_killed():
    order = {"sweep": "processes", "seed": 2, "from": "outside", "resumed_as": "mesa"}
    (story,) = outlived([order])
    assert story["kills"][0]["workers"] > 0
    assert n_killed([story]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", [WRITE, *SYSTEM_CALLS])
def test_a_kill_in_any_kind_of_call_is_outlived(kind):
    told = outlived(
        [
            {"sweep": name, "seed": seed, "from": "inside", "kind": kind}
            for name in ("csv", "parquet")
            for seed in range(4)
        ]
    )
    assert n_killed(told) == len(told)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SWEEPS if name != "processes"])
def test_kills_at_random_moments_are_outlived(name):
    told = outlived(
        [
            {"sweep": name, "seed": seed, "from": place, "times": 1 + seed % 3}
            for seed in range(3)
            for place in ("inside", "outside")
        ]
        + [{"sweep": name, "seed": seed, **IN_A_WRITE, "times": 2} for seed in range(3, 6)]
    )
    # Of those from outside some may come too late.
    assert n_killed(told) >= 2 * len(told) // 3


@pytest.mark.slow
def test_kills_of_sweeps_with_processes_are_outlived():
    told = outlived(
        [{"sweep": "processes", "seed": seed, "from": "outside", "times": 2} for seed in range(5)]
    )
    assert n_killed(told) >= 5
    assert all(story["kills"][0]["workers"] for story in told)
