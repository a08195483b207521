"""The region, the ladder and the responses as pictures show what the tables say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

import regional_sim
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.figures import geography, responses
from regional_sim.figures.finished_folder import FinishedFolder, open_folder
from regional_sim.figures.geography import DISCLAIMER, layout_of, map_place
from regional_sim.figures.kind import FigureChoice
from regional_sim.figures.kinds import KINDS, draw_kind, suitable_kinds
from regional_sim.figures.ladder import ladder_figure
from regional_sim.figures.period_means import PeriodMeans, period_means
from regional_sim.figures.region import pair_values
from regional_sim.figures.responses import ResponseChange, _strongest, response_changes
from regional_sim.figures.style import answer_of, save_figure
from regional_sim.scenario import load_scenario, shipped_configs

OWN = ("region", "responses", "ladder")
SETTINGS = {"horizon.months_before": 4, "horizon.months_after": 24}
STATES = ["pressure", "hedging", "derisking", "readiness"]
PAIRS = [
    f"{name}_{side}"
    for name in ("alignment", "commitment", "probing")
    for side in ("first", "second")
]


def made(folder: Path, name: str, scenario: str, tables: list[str], n_postures: int = 2) -> Path:
    out = folder / name
    regional_sim.run(
        scenario,
        postures=["traditional", "new_approach", "reassurance"][:n_postures],
        replicates=4,
        seed=5,
        tables=tables,
        settings=SETTINGS,
        out=out,
    )
    return out


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("region"), "bare", "four_states", ["runs"])


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = ["runs", "states", "dyads"]
    return made(tmp_path_factory.mktemp("region"), "full", "four_states", tables)


def means_of(folder: Path, window: str = "whole") -> PeriodMeans:
    opened = open_folder(folder)
    return period_means(opened, opened.labels, STATES, ["tension", *PAIRS], window)


def texts(figure: Figure) -> str:
    from matplotlib.text import Text

    return " ".join(text.get_text().replace("\n", " ") for text in figure.findobj(Text))


# ------------------------------------------------------------------------ the numbers


def test_runs_made_again_give_the_numbers_of_the_tables(bare: Path, full: Path) -> None:
    again, read = means_of(bare), means_of(full)
    assert again.origin == "From the first 4 replicates, run again."
    assert read.origin == "From the tables states and dyads."
    for one, other in ((again.states, read.states), (again.pairs, read.pairs)):
        assert set(one) == set(other)
        for name, values in one.items():
            assert np.allclose(values, other[name], rtol=0.0, atol=1e-12), name


def test_a_window_is_that_of_the_scenario(full: Path) -> None:
    dyads = regional_sim.load_results(full).table("dyads")
    first = dyads[(dyads["posture"] == "new_approach") & (dyads["replicate"] == 1)]
    first = first[first["months_after_switch"].between(1, 24)]
    pair = first[(first["state_a"] == "CHN") & (first["state_b"] == "JPN")]
    means = means_of(full, "early")
    assert means.pairs["tension"][1, 0, 1] == pytest.approx(pair["tension"].mean(), abs=1e-12)
    with pytest.raises(UnknownNameError, match="did you mean 'early'"):
        means_of(full, "erly")


def test_changes_of_responses_are_paired_differences(full: Path) -> None:
    means = means_of(full)
    (change,) = response_changes(means)
    codes = means.scenario.codes
    derisking = means.states["derisking"]
    expected = (derisking[1] - derisking[0]).mean(axis=-1)
    assert change.values[codes.index("TWN"), 4] == pytest.approx(expected[codes.index("TWN")])
    assert np.isnan(change.values[codes.index("CHN"), 4])
    assert np.isnan(change.values[:, 3]).all()  # all four are sides of the quarrel
    assert np.isfinite(change.values[:, 5]).all()


def test_lines_of_the_region_are_those_that_stand_out(full: Path) -> None:
    means = means_of(full)
    panels = list(pair_values(means))
    assert [one.of_change for one in panels] == [False, False, True, True]
    tension = panels[0]
    assert tension.values == pytest.approx(means.pairs["tension"][0].mean(axis=-1))
    assert (tension.drawn == (tension.values >= 0.1)).all()
    assert all(0.0 <= value <= 1.0 for value in panels[1].values)


# ------------------------------------------------------------------------ the pictures


@pytest.mark.parametrize("kind", OWN)
def test_kinds_are_drawn_alike_twice_in_every_form(bare: Path, kind: str, tmp_path: Path) -> None:
    assert kind in [one.name for one in suitable_kinds(bare)]
    assert KINDS[kind].question.endswith("?")
    figures = [draw_kind(bare, kind) for _ in range(2)]
    for ending in ("png", "svg", "pdf"):
        files = [tmp_path / f"{name}.{ending}" for name in "ab"]
        for figure, file in zip(figures, files, strict=True):
            save_figure(figure, file)
        first, second = (file.read_bytes() for file in files)
        assert first == second
        assert len(first) < 400_000


@pytest.mark.parametrize("kind", OWN)
@pytest.mark.parametrize("scenario", ["two_states", "archipelago"])
def test_made_up_worlds_and_single_postures_are_drawn(
    tmp_path: Path, scenario: str, kind: str
) -> None:
    for n_postures in (1, 3):
        folder = made(tmp_path, f"of_{n_postures}", scenario, ["runs"], n_postures)
        figure = draw_kind(folder, kind)
        assert answer_of(figure)
        assert DISCLAIMER[:20] not in texts(figure)


def test_the_map_says_what_its_borders_are_not(bare: Path) -> None:
    figure = draw_kind(bare, "region")
    assert "say nothing on the status of any territory or border" in texts(figure)
    assert "run again" in texts(figure)
    (tension, *_) = figure.axes
    lines = [patch for patch in tension.patches if isinstance(patch, FancyArrowPatch)]
    assert len(lines) == next(iter(pair_values(means_of(bare)))).drawn.sum()
    assert max(line.get_linewidth() for line in lines) == 6.5


def test_the_ladder_shows_the_rungs_of_the_run(bare: Path) -> None:
    found = regional_sim.trace(bare, posture="new_approach", replicate=2)
    figure = ladder_figure(found)
    (axes,) = figure.axes
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    rungs = found.table("dyads")["rung"]
    months = sum(round(bar.get_width()) for bar in bars if bar.get_height() < 0.8)
    assert months == (rungs > 0).sum()
    colours = {to_hex(bar.get_facecolor()) for bar in bars}
    assert len(colours) == rungs[rungs > 0].nunique()
    acts = found.decisions["escalates"].sum()
    assert sum(len(line.get_xdata()) for line in axes.lines if line.get_marker() in "^v") == acts
    assert f"escalate {acts} times" in answer_of(figure)


def test_the_ladder_of_a_part_shows_that_part(bare: Path) -> None:
    whole = regional_sim.trace(bare, posture="new_approach")
    one = whole.log[whole.log["kind"] == "escalation"].iloc[0]
    found = whole.about(pair=f"{one['state']}-{one['toward']}", months=(one["month"], 28))
    (axes,) = ladder_figure(found).axes
    names = dict(zip(found.run.scenario.codes, found.run.scenario.names, strict=True))
    shown = [label.get_text() for label in axes.get_yticklabels()]
    assert shown == [" – ".join(names[code] for code in sorted(found.scope.states))]
    assert axes.get_xlim() == (one["month"] - 0.5, 28.5)
    nothing = ladder_figure(whole.about(months=1, pair="JPN-USA"))
    assert "No pair left the lowest rung." in texts(nothing)


def test_runs_that_come_out_different_are_not_drawn(bare: Path, tmp_path: Path) -> None:
    shutil.copytree(bare, tmp_path / "other")
    file = tmp_path / "other" / "runs.csv"
    runs = regional_sim.load_results(bare).runs.copy()
    runs["tension_whole"] += np.where(runs["replicate"] == 0, 0.001, 0.0)
    runs.to_csv(file, index=False)
    for kind in OWN:
        with pytest.raises(
            InputError, match=r"are not those of runs\.csv: they differ in tension_whole"
        ):
            draw_kind(tmp_path / "other", kind)
    traced = ladder_figure(regional_sim.trace(tmp_path / "other"))
    assert "made again from its plan, but 1 of its outcomes came out different" in texts(traced)
    # The last digits may differ on another machine.
    runs["tension_whole"] -= np.where(runs["replicate"] == 0, 0.001 - 1e-13, 0.0)
    runs.to_csv(file, index=False)
    draw_kind(tmp_path / "other", "responses")


def test_the_sentence_on_responses_is_sure_and_has_the_words_of_its_sign(full: Path) -> None:
    means = means_of(full)
    n_states = means.scenario.n_states
    values, sure = np.full((n_states, 6), 0.1), np.zeros((n_states, 6), dtype=np.bool_)
    values[0, 4], values[0, 5], values[1, 0] = -0.45, 9.0, 0.8
    sure[0, 4:] = True

    def said(values: np.ndarray, sure: np.ndarray) -> str:
        return _strongest(means, ResponseChange("new_approach", values, sure))

    name = means.scenario.names[0]
    assert said(values, sure) == (
        f"Largest sure change under new approach: {name} cuts its reliance less (−0.45)."
    )
    assert f"{name} cuts its reliance more (+0.45)" in said(-values, sure)
    assert said(values, ~sure & False) == "No response clearly changes under new approach."
    nothing = np.full((n_states, 6), np.nan)
    assert said(nothing, sure) == "No response clearly changes under new approach."


def test_runs_without_numbers_are_no_picture(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(*_: object) -> PeriodMeans:
        means = means_of(full)
        both = [{k: v * np.nan for k, v in of.items()} for of in (means.states, means.pairs)]
        return PeriodMeans(means.scenario, means.labels, *both, means.origin)

    monkeypatch.setattr(responses, "period_means", failed)
    with pytest.raises(InputError, match="no run has numbers to draw"):
        draw_kind(full, "responses")


def test_the_united_states_are_spoken_of_where_they_are() -> None:
    assert layout_of(["CHN", "JPN"]).note == DISCLAIMER
    assert "United States" not in DISCLAIMER
    assert layout_of(["CHN", "USA"]).note.endswith(
        "The United States stands at the edge of the map."
    )
    assert layout_of(["AAA", "USA"]).note == ""


def test_chosen_postures_are_drawn(tmp_path: Path) -> None:
    folder = made(tmp_path, "three", "two_states", ["runs"], 3)
    for kind in OWN:
        said = answer_of(draw_kind(folder, kind, FigureChoice(postures=("reassurance",))))
        assert "reassurance" in said
        assert "new approach" not in said


def test_a_folder_that_cannot_be_run_again_is_left_out(bare: Path) -> None:
    results = regional_sim.load_results(bare)
    plan = json.loads(json.dumps(results.plan))
    plan["experiment"]["postures"][1]["policy"] = "of_mine"
    results.plan = plan
    folder = FinishedFolder(bare, results)
    reason = KINDS["region"].lacks(folder)
    assert reason is not None
    assert "not registered here" in reason
    with pytest.raises(InputError, match="region cannot be drawn"):
        draw_kind(folder, "region")
    assert KINDS["ladder"].lacks(FinishedFolder(bare)) is not None


# ------------------------------------------------------------------------------ the map


def test_every_shipped_world_has_a_layout_whose_places_lie_apart() -> None:
    for name in shipped_configs():
        codes = load_scenario(name).codes
        layout = layout_of(codes)
        assert list(layout.places) == list(codes)
        west, east, south, north = layout.limits
        places = np.array(list(layout.places.values()))
        assert ((places > [west, south]) & (places < [east, north])).all()
        gaps = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
        gaps[np.diag_indices(len(gaps))] = np.inf
        assert gaps.min() > 0.03 * (east - west)
        assert layout.is_map == ("JPN" in codes)


def test_outlines_are_small_and_lie_in_the_region() -> None:
    file = Path(geography.__file__).with_name("region_outlines.json")
    assert file.stat().st_size < 40_000
    atlas = json.loads(file.read_text(encoding="utf-8"))
    assert "Natural Earth" in atlas["source"]
    assert "Permission to use, copy, modify" in atlas["licence"]
    west, south, east, north = atlas["box"]
    for rings in atlas["outlines"].values():
        for ring in rings:
            x, y = np.array(ring).T
            assert west <= x.min() < x.max() <= east
            assert south <= y.min() < y.max() <= north
    assert "SGP" in atlas["places"]
    assert "SGP" not in atlas["outlines"]  # a point
    assert "USA" not in atlas["places"]  # at the edge
    assert map_place((0.0, 10.0)) == (0.0, 10.0)
