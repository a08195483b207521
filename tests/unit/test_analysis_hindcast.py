"""The hindcast: its halves, its scores by hand, and the fit of free gains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regional_sim.analysis import hindcast
from regional_sim.analysis.hindcast import (
    FREE,
    SCORED,
    SCORED_LOOKS,
    TRAINED,
    TRAINED_COMMITMENTS,
    coded_changes,
    fitted,
    historical_posture,
    losses,
    passes,
    scores,
    simulated_changes,
)
from regional_sim.scenario import load_scenario


def table_of(*rows):
    columns = ["quantity", "of", "half", "coded", "simulated"]
    table = pd.DataFrame(rows, columns=columns)
    clear = table["simulated"].abs() > table["quantity"].map(hindcast.CLEAR)
    return table.assign(sign=clear & (np.sign(table["simulated"]) == np.sign(table["coded"])))


class TestHalves:
    def test_no_state_is_fitted_and_scored(self):
        assert not set(TRAINED) & set(SCORED)

    def test_no_row_stands_twice(self):
        table = coded_changes()
        assert not table.duplicated(["quantity", "of"]).any()
        assert set(table["half"]) == {"fit", "scored", "given"}

    def test_commitments_are_scored_but_those_of_the_fitted_states(self):
        rows = coded_changes().query("quantity == 'commitment'")
        fit = rows["of"].str[:3].isin(TRAINED_COMMITMENTS)
        assert (rows["half"] == np.where(fit, "fit", "scored")).all()

    def test_all_tensions_are_scored(self):
        assert set(coded_changes().query("quantity == 'tension'")["half"]) == {"scored"}

    def test_changes_are_those_of_the_worlds(self):
        table = coded_changes().set_index(["quantity", "of"])
        worlds = [load_scenario(name) for name in ("world_2010", "baseline")]
        stances = [w.state_values("stance")[w.codes.index("KOR")] for w in worlds]
        assert table.loc[("stance", "KOR"), "coded"] == pytest.approx(stances[1] - stances[0])
        ends = [
            w.dyad_values("commitment")[w.codes.index("KOR"), w.codes.index("JPN")] for w in worlds
        ]
        logits = [np.log(q / (1 - q)) for q in ends]
        assert table.loc[("commitment", "KOR:JPN"), "coded"] == pytest.approx(logits[1] - logits[0])

    def test_looks_are_written_down(self):
        assert SCORED_LOOKS
        assert all(look.endswith(".") for look in SCORED_LOOKS)


class TestScores:
    TABLE = table_of(
        ("stance", "KOR", "scored", 0.2, 0.05),
        ("stance", "PHL", "scored", 0.2, -0.05),
        ("stance", "SGP", "scored", 0.0, 0.03),
        ("stance", "MYS", "scored", -0.1, -0.01),
        ("tension", "CHN-JPN", "scored", 0.1, 0.1),
        ("stance", "AUS", "fit", 0.4, 0.1),
        ("stance", "JPN", "given", 0.2, 9.0),
    )

    def test_by_hand(self):
        found = scores(self.TABLE).set_index(["half", "quantity"])
        stance = found.loc[("scored", "stance")]
        # PHL has the wrong sign, the change of MYS is too small to have one, SGP did not change.
        assert (stance["changed"], stance["signs hit"]) == (3, 1)
        errors = [0.15, 0.25, 0.03, 0.09]
        assert stance["rmse"] == pytest.approx(np.sqrt(np.mean(np.square(errors))))
        coded = [0.2, 0.2, 0.0, 0.1]
        assert stance["rmse of persistence"] == pytest.approx(np.sqrt(np.mean(np.square(coded))))
        assert found.loc[("scored", "tension"), "rmse"] == pytest.approx(0.0)
        assert found.loc[("fit", "stance"), "rmse"] == pytest.approx(0.3)
        assert "given" not in found.index

    @pytest.mark.parametrize(
        ("hits", "error", "expected"), [(2, 0.1, True), (1, 0.1, False), (3, 0.3, False)]
    )
    def test_the_bar_has_two_parts(self, hits, error, expected):
        columns = ["half", "quantity", "changed", "signs hit", "rmse", "rmse of persistence"]
        rows = [("scored", "stance", 3, hits, error, 0.2), ("fit", "stance", 3, 0, 1.0, 0.2)]
        assert passes(pd.DataFrame(rows, columns=columns)) is expected


class TestFit:
    def test_the_loss_by_hand(self):
        training = pd.DataFrame(
            {"quantity": ["stance", "stance", "commitment"], "coded": [0.3, -0.1, 1.0]}
        )
        simulated = np.array([[0.0, 0.3], [0.3, -0.1], [0.2, 1.0]])
        expected = [np.sqrt((0.3**2 + 0.4**2) / 2) + 0.25 * 0.8, 0.0]
        assert losses(simulated, training) == pytest.approx(expected)

    def test_only_what_is_informed_moves(self):
        rng = np.random.default_rng(0)
        low, high = (np.array([getattr(p, end) for p in FREE]) for end in ("low", "high"))
        shares = rng.random((500, len(FREE)))
        loss = np.abs(shares[:, 0] - 0.9)
        table = fitted(low + shares * (high - low), loss)
        first, others = table.iloc[0], table.iloc[1:]
        assert first["informed"]
        assert first["new"] == pytest.approx(low[0] + 0.9 * (high[0] - low[0]), rel=0.03)
        left = others[~others["informed"]]
        assert len(left) > len(others) / 2
        assert (left["new"] == left["old"]).all()

    def test_the_course_of_the_sender_comes_from_the_experiment(self):
        assert historical_posture().name == "schedule"

    def test_runs_are_repeatable_and_rows_are_found(self):
        world = load_scenario("hindcast_2010_2024").with_settings({"horizon.months_after": 13})
        table = coded_changes()
        one, other = (
            simulated_changes([world, world], historical_posture(), table, 1) for _ in range(2)
        )
        assert one.shape == (len(table), 2)
        assert (one == other).all()
        assert (one[:, 0] == one[:, 1]).all()
        assert np.abs(one).max() < 1.0
