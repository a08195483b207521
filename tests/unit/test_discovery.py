"""A box, a line of zero and a factor that are known are found again."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from regional_sim.answers.discovery.discovery import DiscoveryRequest, discovered
from regional_sim.answers.discovery.flips import FlipsRequest, flip_map
from regional_sim.errors import InputError
from regional_sim.report.discovery import discovery_text, write_discovery
from regional_sim.report.flips import flips_text, write_flips
from tests.support.synthetic import SyntheticResults, grid, sample

PATHS = (
    "parameters.theta_challenger",
    "parameters.alpha_challenger",
    "parameters.pooling_share",
    "parameters.level_weight",
)
BELOW = "tension.difference < 0"


def box_results(n: int = 200, **manner) -> SyntheticResults:
    """The effect is negative where the first two factors are small, and nowhere else."""

    def effect(x, y, *_):
        return np.where((x < 0.5) & (y < 0.6), -0.05, 0.05)

    return SyntheticResults(sample(PATHS, n), effect, **manner)


def asked(*where: str, **manner) -> DiscoveryRequest:
    return DiscoveryRequest(where or (BELOW,), keep_unstable=True, **manner)


def mapped(results: SyntheticResults, **manner):
    return flip_map(results, FlipsRequest(keep_unstable=True, **manner))


@pytest.mark.parametrize("method", ["tree", "prim"])
def test_a_known_box_is_found(method: str) -> None:
    if method == "prim":
        pytest.importorskip("ema_workbench")
    found = discovered(box_results(), asked(method=method))
    best = max(found.boxes.boxes, key=lambda one: one.holding)
    limits = {one.factor.path: one for one in best.intervals}
    assert set(limits) == set(PATHS[:2])
    assert limits[PATHS[0]].high == pytest.approx(0.5, abs=0.05)
    assert limits[PATHS[1]].high == pytest.approx(0.6, abs=0.05)
    assert best.density > 0.9
    assert best.coverage > 0.9
    assert {one.factor.path for one in found.scores.of_factors if one.matters} == set(PATHS[:2])
    assert found.scores.skill.low > 0.8
    text = discovery_text(found, 80).plain
    assert "It holds above all where theta_challenger < 0." in text
    assert "density" in text
    assert "coverage" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_box_allows_what_its_numbers_count() -> None:
    found = discovered(box_results(), asked())
    columns = {one.path: place for place, one in enumerate(found.factors)}
    for box in found.boxes.boxes:
        inside = np.ones(len(found.points), dtype=bool)
        for one in box.intervals:
            values = found.inputs[:, columns[one.factor.path]]
            inside &= (values > one.low) & (values < one.high)
        assert (inside.sum(), (inside & found.holds).sum()) == (box.points, box.holding)


def test_nothing_better_than_chance_is_said_so() -> None:
    random = np.random.default_rng(2)
    results = SyntheticResults(sample(PATHS, 100), lambda x, *_: random.normal(0.0, 1.0, len(x)))
    found = discovered(results, asked())
    text = discovery_text(found, 80).plain
    assert "No region is found in which it holds more often than by chance." in text
    assert "no better than guessing" in " ".join(text.split())


def test_points_at_which_noise_decides_are_counted_apart() -> None:
    found = discovered(box_results(30, noise=0.1), asked())
    assert 0 < found.n_undecided < 30
    assert discovered(box_results(30, noise=0.0), asked()).n_undecided == 0
    assert discovered(box_results(30, replicates=1), asked()).n_undecided == 30


def test_several_conditions_must_all_hold() -> None:
    found = discovered(box_results(), asked(BELOW, "tension < 0.2"))
    assert (found.n_holding, found.boxes, found.scores) == (0, None, None)
    assert "It holds nowhere" in discovery_text(found, 80).plain


def test_everywhere_and_too_few_are_answers() -> None:
    everywhere = discovered(box_results(), asked("tension > 0"))
    assert "It holds everywhere" in discovery_text(everywhere, 80).plain
    few = SyntheticResults(sample(PATHS, 100), lambda x, *_: np.where(x < 0.04, -1.0, 1.0))
    found = discovered(few, asked())
    assert found.boxes is None
    assert found.points_that_would_do == math.ceil(10 * 100 / found.n_holding)
    text = " ".join(discovery_text(found, 80).plain.split())
    assert f"About {found.points_that_would_do} such points would do." in text


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("tension.difference", "this condition cannot be read"),
        ("tension < low", "this condition cannot be read"),
        ("tension = 0", "this condition cannot be read"),
        ("tensoin < 0", "did you mean 'tension'?"),
        ("tension.change < 0", "METRIC.difference"),
    ],
)
def test_condition_that_cannot_be_used_is_named(where: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        discovered(box_results(20), asked(where))
    assert said in str(caught.value)
    assert len(caught.value.faults) == 1


def test_what_the_result_lacks_is_named() -> None:
    results = box_results(30)
    for request, said in (
        (asked(posture="new_aproach"), "did you mean 'new_approach'?"),
        (asked(window="early"), "unknown window 'early'"),
    ):
        with pytest.raises(InputError) as caught:
            discovered(results, request)
        assert said in str(caught.value)
    with pytest.raises(InputError, match="unknown method 'forest'"):
        asked(method="forest")
    with pytest.raises(InputError, match="at least 20 points, and there are 10"):
        discovered(box_results(10), asked())
    with pytest.raises(InputError, match="a difference needs two postures"):
        discovered(box_results(30, postures=["traditional"]), asked())


def test_equal_requests_have_equal_answers(tmp_path: Path) -> None:
    answers = [discovered(box_results(60), asked()) for _ in "ab"]
    for ending in (".csv", ".json", ".md"):
        files = [tmp_path / f"{name}{ending}" for name in "ab"]
        for file, found in zip(files, answers, strict=True):
            write_discovery(found, file)
        assert files[0].read_bytes() == files[1].read_bytes()


# ------------------------------------------------------------------------------------------ flips


def line(x, y, *_):
    """Negative left of x = 0.6 - 0.4 y."""
    return x - 0.6 + 0.4 * y


LEVELS = np.linspace(0.0, 1.0, 6).round(6).tolist()


def test_a_known_line_is_found_on_a_grid() -> None:
    results = SyntheticResults(grid(PATHS[:2], LEVELS, LEVELS), line, noise=0.1)
    found = mapped(results)
    assert found.is_measured
    (one,) = found.postures
    assert [row.y for row in one.rows] == LEVELS
    for row in one.rows:
        (flip,) = row.flips
        true = 0.6 - 0.4 * row.y
        assert flip.upward
        assert flip.at == pytest.approx(true, abs=0.1)
        assert flip.low - 0.02 < true < flip.high + 0.02
    assert sum(one.effect_counts()) == 36


def test_intervals_of_flips_cover_what_they_should() -> None:
    """Of 150 intervals, about 95 in 100 hold the true level."""
    covered = []
    for seed in range(25):
        levels = grid(PATHS[:2], LEVELS, LEVELS)
        results = SyntheticResults(levels, line, noise=0.09, seed=seed)
        for row in mapped(results).postures[0].rows:
            true = 0.6 - 0.4 * row.y
            nearest = min(row.flips, key=lambda flip: abs(flip.at - true))
            covered.append(nearest.low <= true <= nearest.high)
    assert len(covered) == 150
    assert 0.89 <= np.mean(covered) <= 0.99


def test_a_known_line_is_found_in_a_sample() -> None:
    def effect(x, y, z, w):
        return line(x, y) + 0.3 * (z - 0.5) + 0.2 * (w - 0.5)

    found = mapped(SyntheticResults(sample(PATHS, 150), effect), x=PATHS[0], y=PATHS[1])
    assert not found.is_measured
    (one,) = found.postures
    assert one.surface.explained > 0.7
    assert one.surface.spread == pytest.approx(math.hypot(0.3, 0.2) / math.sqrt(12.0), rel=0.25)
    for row in one.rows:
        (flip,) = row.flips
        true = 0.6 - 0.4 * row.y
        assert flip.at == pytest.approx(true, abs=0.08)
        assert flip.low - 0.02 < true < flip.high + 0.02


def test_the_factors_that_matter_most_are_mapped() -> None:
    def effect(_x, y, _z, w):
        return 2.0 * w - 1.0 + 0.5 * (y - 1.0)

    results = SyntheticResults(sample(PATHS, 120), effect)
    found = mapped(results)
    assert (found.x.path, found.y.path) == (PATHS[3], PATHS[1])
    assert "what was not named is what matters most" in " ".join(
        flips_text(found, 80).plain.split()
    )
    other = mapped(results, y="level_weight")
    assert (other.x.path, other.y.path) == (PATHS[1], PATHS[3])


def test_a_sign_that_is_kept_is_said() -> None:
    results = SyntheticResults(grid(PATHS[:2], LEVELS, LEVELS), lambda x, _: x + 1.0)
    (one,) = mapped(results).postures
    assert all(row.flips == () and row.sign == 1 and row.unsure == 0.0 for row in one.rows)
    text = flips_text(mapped(results), 80).plain
    assert text.count("no flip") == 6
    assert text.count("higher everywhere\n") == 6


def test_a_flip_that_may_lie_outside_has_an_open_end() -> None:
    results = SyntheticResults(grid(PATHS[:2], LEVELS, LEVELS), lambda x, _: x - 0.02, noise=0.2)
    text = flips_text(mapped(results), 80).plain
    assert "< 0.00 to " in text


def test_other_factors_of_a_grid_are_averaged() -> None:
    levels = grid(PATHS[:3], LEVELS, [0.0, 0.5, 1.0], [0.0, 1.0])
    results = SyntheticResults(levels, lambda x, y, z: line(x, y) + z - 0.5)
    found = mapped(results, x=PATHS[0], y=PATHS[1])
    assert found.is_measured
    assert [one.path for one in found.others] == [PATHS[2]]
    for row in found.postures[0].rows:
        assert row.flips[0].at == pytest.approx(0.6 - 0.4 * row.y, abs=0.03)


def test_a_grid_with_a_hole_is_still_a_grid() -> None:
    results = SyntheticResults(grid(PATHS[:2], LEVELS, LEVELS), line)
    runs = results.results._frames["runs"]
    runs.loc[runs["point"] == 0, "tension_whole"] = np.nan
    found = mapped(results)
    assert found.is_measured
    assert (found.n_points, found.missing) == (35, 1)
    assert "Left out: 1 point with no value." in flips_text(found, 80).plain
    assert sum(found.postures[0].effect_counts()) == 35
    assert found.postures[0].rows[0].flips[0].at == pytest.approx(0.6, abs=0.03)


def test_a_single_replicate_has_no_intervals() -> None:
    results = SyntheticResults(grid(PATHS[:2], LEVELS, LEVELS), line, replicates=1)
    text = flips_text(mapped(results), 80).plain
    assert "A single replicate does not tell what is noise" in text
    assert " to 0." not in text


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ({"outcome": "tension"}, "a level has no line of zero"),
        ({"outcome": "risk.difference"}, "unknown metric 'risk'"),
        ({"x": "theta_chalenger"}, "did you mean"),
        ({"x": PATHS[0], "y": "theta_challenger"}, "two different factors"),
        ({"postures": ("patrols",)}, "unknown posture 'patrols'"),
        ({}, "20 points are too few to fit a surface to"),
    ],
)
def test_a_map_that_cannot_be_made_is_refused(manner, said: str) -> None:
    with pytest.raises(InputError) as caught:
        mapped(box_results(20), **manner)
    assert said in str(caught.value)
    assert len(caught.value.faults) == 1


def test_a_map_takes_two_factors() -> None:
    results = SyntheticResults(sample(PATHS[:1], 40), lambda x: x - 0.5)
    with pytest.raises(InputError, match="at least 2 factors of numbers vary"):
        mapped(results)


def test_maps_are_written_and_drawn(tmp_path: Path) -> None:
    from regional_sim.report.discovery_figure import discovery_figure
    from regional_sim.report.flips_figure import flips_figure

    from regional_sim.report.answer_files import write_figure

    on_grid = mapped(SyntheticResults(grid(PATHS[:2], LEVELS, LEVELS), line, noise=0.3))
    in_sample = mapped(SyntheticResults(sample(PATHS[:2], 60), line))
    for place, found in enumerate((on_grid, in_sample)):
        for ending in (".csv", ".json", ".md"):
            file = tmp_path / f"map_{place}{ending}"
            write_flips(found, file)
            assert "theta_challenger" in file.read_text(encoding="utf-8")
        write_figure(flips_figure(found), tmp_path / f"map_{place}.png")
    write_figure(
        discovery_figure(discovered(box_results(100), asked())), tmp_path / "discovery.png"
    )
    assert all(path.stat().st_size > 10_000 for path in tmp_path.glob("*.png"))
