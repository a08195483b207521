"""The table of motives: its terms make up the motives by which the states chose."""

import numpy as np
import pandas as pd
import pytest

import regional_sim
from regional_sim.engine.ensemble import run_batch
from regional_sim.engine.job import DYAD_COLUMNS, STATE_COLUMNS, BatchJob
from regional_sim.engine.motives import MOTIVES, TERM_COLUMNS, by_motive, n_kept
from regional_sim.model.options import DRAWN_CHOICE, Option
from regional_sim.model.variables import ChoiceDraw, MotiveTerm, StateVar
from regional_sim.postures import create
from regional_sim.scenario import load_scenario
from tests.support.worlds import random_job, random_world, run, short

SEEDS = range(24)
KEY = ["run", "month"]


def recorded(motive, result, n):
    """Return the motive as the tables of states and dyads have it, shape (month, place, run)."""
    if motive.flag is None:
        return result.states[:, STATE_COLUMNS.index(motive.variable)]
    pair_of = np.zeros((n, n), dtype=int)
    pair_of[np.triu_indices(n, 1)] = range(n * (n - 1) // 2)
    own, other = np.nonzero(~np.eye(n, dtype=bool))
    pair = (pair_of + pair_of.T)[own, other]
    names = [column.name for column in DYAD_COLUMNS]
    first, second = (
        result.dyads[:, names.index(f"{motive.variable.name}_{side}")][:, pair]
        for side in ("first", "second")
    )
    return np.where((own < other)[:, None], first, second)


@pytest.mark.parametrize("seed", SEEDS)
def test_terms_of_random_worlds_add_up_to_the_motives_that_were_used(seed):
    job = random_job(seed)
    n = job.cases[0].scenario.n_states
    for result in run_batch(job)[0]:
        assert result.motives.shape[1] == n_kept(n)
        for motive, kept in by_motive(result.motives, n):
            used, terms = kept[:, 0], kept[:, 1:]
            assert np.array_equal(used, recorded(motive, result, n))
            rounding = 1e-14 * (1.0 + abs(terms).sum(axis=1))
            assert (abs(terms.sum(axis=1) - used) <= rounding).all(), motive.response


def test_the_random_worlds_draw_choices_clamp_states_and_have_every_term():
    jobs = [random_job(seed) for seed in SEEDS]
    options = {int(job.cases[0].scenario.option_values()[Option.choice]) for job in jobs}
    assert DRAWN_CHOICE in options
    assert len(options) == 2
    assert any(job.clamp for job in jobs)
    moved = set()
    for job in jobs[:8]:
        for motive, kept in by_motive(run_batch(job)[0][1].motives, job.cases[0].scenario.n_states):
            of_term = zip(motive.terms.values(), kept.swapaxes(0, 1)[1:], strict=True)
            moved |= {term for term, values in of_term if values.any()}
    # Markets grow only along a path.
    assert set(MotiveTerm) - moved == {MotiveTerm.hedge_market}


def test_a_growing_market_is_seen():
    growth = {"paths.CHN.gdp_usd_bn": {12: 40000.0}}
    world = short(load_scenario("baseline"), 2, 12, **growth)
    (result,) = run(world, ["traditional"])
    kept = {motive.response: (motive, values) for motive, values in by_motive(result.motives, 14)}
    hedge, values = kept[ChoiceDraw.hedge]
    market = values[-1, 1 + list(hedge.terms).index("market")]
    assert (market[hedge.rows(world).place] < 0.0).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_who_has_no_motive_has_no_row(seed):
    world = random_world(seed)
    (result,) = run(short(world, 1, 6), ["new_approach"])
    for motive, kept in by_motive(result.motives, world.n_states):
        rows = motive.rows(world)
        assert (motive.who(world)[rows.state, rows.toward] > 0.0).all()
        assert len(set(rows.place)) == len(rows.place)
        others = np.delete(kept, rows.place, axis=2)
        assert not others.any()


def test_recording_changes_nothing_else():
    world = short(load_scenario("baseline"), 2, 8)
    policies = [create("traditional"), create("new_approach")]
    plain, asked = (
        run_batch(BatchJob.of(world, policies, 3, 0, 5, series=frozenset({"states", *more})))[0]
        for more in ((), ("motives",))
    )
    for one, other in zip(plain, asked, strict=True):
        assert one.motives is None
        assert other.motives is not None
        assert np.array_equal(one.windows, other.windows)
        assert np.array_equal(one.states, other.states)


@pytest.fixture(scope="module")
def baseline():
    """Two replicates of the shipped region under two postures, with Korea clamped."""
    return regional_sim.run(
        short(load_scenario("baseline"), 2, 10),
        postures=["traditional", "new_approach"],
        replicates=2,
        seed=5,
        tables=["states", "dyads", "motives"],
        clamp=["KOR"],
    )


def test_rows_of_the_table(baseline):
    table = baseline.table("motives")
    world = short(load_scenario("baseline"), 2, 10)
    n_rows = {motive.response.name: len(motive.rows(world).state) for motive in MOTIVES}
    assert n_rows == {"align": 56, "press": 13, "probe": 40, "hedge": 10, "derisk": 13}
    counted = table.groupby([*KEY, "response"]).size()
    assert len(counted) == 4 * 12 * 5
    assert all((counted.xs(name, level=2) == many).all() for name, many in n_rows.items())
    own = table["response"].isin(["hedge", "derisk"])
    assert (table.loc[own, "toward"] == "").all()
    assert (table.loc[~own, "toward"] != "").all()
    assert (table["state"] != table["toward"]).all()
    assert set(table.loc[table["response"] == "press", "state"]) == {"CHN"}
    for motive in MOTIVES:
        of_response = table[table["response"] == motive.response.name]
        filled = of_response[list(TERM_COLUMNS)].notna()
        assert set(filled.columns[filled.any()]) == set(motive.terms)
        assert filled[list(motive.terms)].all(axis=None)


def test_terms_of_the_table_add_up_also_where_a_state_is_clamped(baseline):
    table = baseline.table("motives")
    total = table[list(TERM_COLUMNS)].sum(axis=1)
    np.testing.assert_allclose(total, table["motive"], rtol=0, atol=1e-13)
    # What it would have wanted is there, although it was held.
    assert (table.loc[table["state"] == "KOR", "motive"] != 0.0).any()


def test_motives_are_those_of_the_other_tables(baseline):
    table = baseline.table("motives")
    states, dyads = baseline.table("states"), baseline.table("dyads")
    hedge = table[table["response"] == "hedge"].merge(states, on=[*KEY, "state"])
    assert (hedge["motive"] == hedge[StateVar.hedging_motive.name]).all()
    press = table[table["response"] == "press"].drop(columns="state")
    press = press.rename(columns={"toward": "state", "pressure": "by"}).merge(
        states, on=[*KEY, "state"]
    )
    assert (press["motive"] == press[StateVar.pressure_motive.name]).all()
    align = table[(table["response"] == "align") & (table["state"] < table["toward"])]
    pairs = align.merge(
        dyads, left_on=[*KEY, "state", "toward"], right_on=[*KEY, "state_a", "state_b"]
    )
    assert len(pairs) == len(align)
    assert (pairs["motive"] == pairs["alignment_motive_first"]).all()


@pytest.mark.parametrize("long_format", ["csv", "parquet"])
def test_the_table_is_the_same_in_both_formats_and_of_either_engine(
    tmp_path, long_format, baseline
):
    del baseline
    world = short(load_scenario("four_states"), 1, 5)
    given = {"postures": ["new_approach"], "replicates": 3, "seed": 2, "tables": ["motives"]}
    tables = [
        regional_sim.run(
            world, engine=engine, out=tmp_path / engine, long_format=long_format, **given
        )
        for engine in ("ensemble", "mesa")
    ]
    one, other = (results.table("motives") for results in tables)
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    in_memory = regional_sim.run(world, **given).table("motives")
    pd.testing.assert_frame_equal(one, in_memory, check_exact=True)
