"""What is run, in which order and by which shard: every run once."""

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regional_sim.errors import InputError
from regional_sim.experiment.experiment import Point, Stopping
from regional_sim.experiment.plan import Plan
from regional_sim.experiment.tasks import Finished, Shard, balanced, spread, tasks_of
from regional_sim.results.columns import outcome_columns
from regional_sim.runner.task_schedule import Schedule
from tests.support.sweeps import finely_cut, small

sizes = st.tuples(st.integers(1, 12), st.integers(1, 40))
"""Points and replicates."""

cuts = st.tuples(st.integers(1, 9), st.integers(1, 5))
"""Most replicates and points of a task."""

counts = st.integers(1, 5)
"""Number of shards."""


@cache
def a_plan():
    return Plan.of(small(tables=[]))


def plan_of(n_points, n_replicates, stopping=None, n_postures=2):
    """Make a plan of some size; its points need not differ, for nothing is run."""
    plan = a_plan()
    points = tuple(Point(number, plan.experiment.points[0].factors) for number in range(n_points))
    postures = plan.experiment.postures[:1] * n_postures
    changed = replace(
        plan.experiment,
        points=points,
        replicates=n_replicates,
        stopping=stopping,
        postures=postures,
    )
    return replace(plan, experiment=changed)


def cells_of(tasks):
    """Count each point and replicate that tasks run."""
    return Counter(
        (point, task.first_replicate + at)
        for task in tasks
        for point in task.points
        for at in range(task.n_replicates)
    )


class Outcomes:
    """Outcomes as if they had been run: more scattered at points with higher numbers."""

    def __init__(self, plan, stopping, seed=0):
        names = [column.name for column in outcome_columns(plan)]
        self.at, self.n_outcomes = names.index(stopping.outcome), len(names)
        n_points, most = len(plan.experiment.points), plan.experiment.replicates
        shape = (len(plan.experiment.postures), n_points, most)
        scale = np.arange(n_points) / n_points
        self.values = np.random.default_rng(seed).normal(size=shape) * scale[None, :, None]

    def outcomes(self, task, posture):
        found = np.full((len(task.points), self.n_outcomes, task.n_replicates), np.nan)
        end = task.first_replicate + task.n_replicates
        found[:, self.at] = self.values[posture, list(task.points), task.first_replicate : end]
        return found


def a_rule(**changes):
    given = {"metric": "tension", "window": "whole", "half_width": 0.4}
    return Stopping(**given | {"at_least": 4, "batch": 3} | changes)


def handed_out(plan, shard, store=None):
    """Let a schedule hand out everything."""
    schedule = Schedule(plan, shard)
    rounds = list(schedule.rounds(store))
    assert [task for tasks in rounds for task in tasks] == schedule.tasks
    return schedule, rounds


@given(sizes, cuts, counts, st.integers(1, 3))
def test_shards_hand_out_every_run_once(size, cut, n_shards, n_postures):
    n_points, n_replicates = size
    plan = plan_of(*size, n_postures=n_postures)
    with finely_cut(*cut):
        parts = [handed_out(plan, Shard(n, n_shards))[0] for n in range(1, n_shards + 1)]
        tasks = [task for part in parts for task in part.tasks]
        assert {task.name for task in handed_out(plan, Shard())[0].tasks} == {
            task.name for task in tasks
        }
    expected = {(p, r): 1 for p in range(n_points) for r in range(n_replicates)}
    assert cells_of(tasks) == expected
    assert sum(part.most_runs for part in parts) == plan.experiment.n_runs
    assert len({task.name for task in tasks}) == len(tasks)
    assert all(task.points == tuple(sorted(task.points)) for task in tasks)
    finished = Finished(plan, tasks[::-1])
    assert finished.n_runs == plan.experiment.n_runs
    assert finished.points == list(range(n_points))
    for point in finished.points:
        firsts = [task.first_replicate for task in finished.tasks_at(point)]
        assert firsts == sorted(firsts)
        assert finished.replicates_at(point) == n_replicates


@given(sizes, cuts, counts, st.integers(0, 99))
def test_shards_of_a_rule_stop_each_point_where_the_whole_does(size, cut, n_shards, seed):
    n_points, n_replicates = size[0], size[1] + 4
    rule = a_rule()
    plan = plan_of(n_points, n_replicates, rule)
    store = Outcomes(plan, rule, seed)
    with finely_cut(*cut):
        whole, rounds = handed_out(plan, Shard(), store)
        parts = [
            handed_out(plan, Shard(n, n_shards), store)[0].tasks for n in range(1, n_shards + 1)
        ]
    cells = cells_of(whole.tasks)
    assert cells_of(task for part in parts for task in part) == cells
    assert set(cells.values()) == {1}
    for point in range(n_points):
        done = sorted(replicate for p, replicate in cells if p == point)
        assert done == list(range(len(done)))
        ends = [end for _, end in rule.batches(n_replicates)]
        of_point = store.values[:, point]
        stop = next((end for end in ends if rule.is_met(of_point[:, :end])), n_replicates)
        assert len(done) == stop
    assert whole.most_runs == len(cells) * 2
    names = [task.name for task in whole.tasks]
    assert len(set(names)) == len(names)
    for tasks in rounds:
        batch = {replicate for _, replicate in cells_of(tasks)}
        assert batch == set(range(min(batch), max(batch) + 1))


def test_runs_ahead_are_counted_round_by_round():
    rule = a_rule(half_width=1e-9)
    plan = plan_of(3, 10, rule)
    schedule = Schedule(plan)
    store = Outcomes(plan, rule)
    # Point 0 does not vary, so it stops after the first batch.
    told = [schedule.most_runs] + [schedule.most_runs for _ in schedule.rounds(store)]
    assert told == [2 * 3 * 10, 2 * 3 * 10, 2 * (4 + 2 * 10), 2 * (4 + 2 * 10)]
    assert schedule.most_runs == 2 * (4 + 2 * 10)


@given(sizes, cuts)
def test_after_any_share_of_tasks_points_have_about_equally_many_replicates(size, cut):
    plan = plan_of(*size)
    with finely_cut(*cut):
        tasks = balanced(tasks_of(plan))
    most = max(task.n_replicates for task in tasks)
    done = np.zeros(size[0], dtype=int)
    for task in tasks:
        done[list(task.points)] += task.n_replicates
        assert done.max() - done.min() <= most
        assert task.n_replicates >= most - 1


@given(st.integers(0, 300))
def test_spread_takes_each_once_and_leaves_no_wide_gap(n):
    order = spread(n)
    assert sorted(order) == list(range(n))
    for taken in range(1, n + 1):
        places = sorted([*order[:taken], n])
        gaps = np.diff(places)
        # Halved each time the number that is taken doubles.
        assert gaps.max() <= 2 * 2 ** np.ceil(np.log2(n)) / taken


@given(sizes, cuts)
def test_tasks_keep_to_their_sizes(size, cut):
    plan = plan_of(*size)
    with finely_cut(*cut):
        groups = tasks_of(plan)
    for tasks in groups:
        assert len({task.points for task in tasks}) == 1
        for task in tasks:
            assert 1 <= task.n_replicates <= cut[0]
            assert 1 <= len(task.points) <= cut[1]


@pytest.mark.parametrize("text", ["", "1", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "1.0/2"])
def test_what_is_no_shard_is_refused(text):
    with pytest.raises(InputError, match=r"is no shard; got .*allowed: number/of"):
        Shard.parse(text)


@given(st.integers(1, 500), st.integers(0, 500))
def test_a_shard_is_read_as_it_is_written(number, more):
    shard = Shard(number, number + more)
    assert Shard.parse(str(shard)) == shard
    assert Shard.parse(f" {number} / {number + more} ") == shard
