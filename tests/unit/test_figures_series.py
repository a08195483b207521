"""The figure shows the means and paired differences of the runs, and hides nothing."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from regional_sim.errors import InputError
from regional_sim.figures.series import (
    MOST_TOGETHER,
    Trajectories,
    draw_series,
    series_figure,
    smoothed,
    trajectories_of,
)
from regional_sim.figures.style import COLOURS, DASHES, answer_of, save_figure
from tests.support.processes import printed

MONTHS = np.arange(-2, 15)
SHAPE = (len(MONTHS), 6)


def trajectories(n_postures: int, seed: int = 1) -> Trajectories:
    """Values of some postures, all the same up to the onset."""
    generator = np.random.default_rng(seed)
    base = generator.random(SHAPE)
    after = (MONTHS > 0)[:, None]
    return Trajectories(
        MONTHS, {f"posture_{place}": base + 0.1 * place * after for place in range(n_postures)}
    )


def frame(postures: list[str], n_points: int) -> pd.DataFrame:
    """A table of time series in which every value says where it belongs."""
    rows = [
        {
            "point": point,
            "replicate": replicate,
            "posture": posture,
            "months_after_switch": month,
            "tension": 1000 * place + 100 * point + 10 * replicate + month,
        }
        for point in range(n_points)
        for place, posture in enumerate(postures)
        for replicate in (1, 0)
        for month in (-1, 0, 1)
    ]
    return pd.DataFrame(rows)


def test_trajectories_keep_replicates_in_order() -> None:
    found = trajectories_of(frame(["b", "a"], 1), "tension", ["b", "a"])
    assert found.months.tolist() == [-1, 0, 1]
    assert list(found.by_posture) == ["b", "a"]
    assert found.by_posture["b"].tolist() == [[-1, 9], [0, 10], [1, 11]]
    assert found.by_posture["a"].tolist() == [[999, 1009], [1000, 1010], [1001, 1011]]
    assert found.n_points == 1


def test_points_are_averaged_before_replicates_are_counted() -> None:
    found = trajectories_of(frame(["a"], 3), "tension", ["a"])
    assert found.by_posture["a"].tolist() == [[99, 109], [100, 110], [101, 111]]
    assert found.n_points == 3


def test_a_replicate_that_not_all_points_have_is_left_out() -> None:
    table = frame(["a", "b"], 3)
    table = table[(table["replicate"] == 0) | (table["point"] == 1)]
    found = trajectories_of(table, "tension", ["a", "b"])
    assert found.by_posture["b"].tolist() == [[1099], [1100], [1101]]
    assert (found.n_points, found.left_out) == (3, 1)
    said = "Lines: one replicate, averaged over 3 points. 1 more ran at some of the points only"
    assert said in caption(draw_series({"tension": found}))
    with pytest.raises(InputError, match="no replicate ran at all points"):
        trajectories_of(table[table["replicate"] == table["point"]], "tension", ["a", "b"])


def test_smoothing_shifts_nothing() -> None:
    values = np.where(MONTHS > 0, 5.0 + 2.0 * MONTHS, 0.0)[:, None]
    until = len(MONTHS) - 6
    assert smoothed(values, MONTHS)[:until] == pytest.approx(values[:until])


def test_smoothing_does_not_reach_over_the_onset() -> None:
    values = np.random.default_rng(3).random(SHAPE)
    smooth = smoothed(values, MONTHS)
    months = MONTHS.tolist()
    at = {month: values[months.index(month)] for month in months}
    expected = {
        **{month: at[month] for month in (-2, -1, 0, 1)},
        2: (at[1] + at[2] + at[3]) / 3,
        14: sum(at[month] for month in range(8, 15)) / 7,
        7: sum(at[month] for month in range(1, 14)) / 13,
    }
    for month, mean in expected.items():
        assert smooth[months.index(month)] == pytest.approx(mean)


def lines_by_label(axes: object) -> dict[str, np.ndarray]:
    return {line.get_label(): np.asarray(line.get_ydata()) for line in axes.get_lines()}


def test_panels_show_means_and_differences() -> None:
    given = trajectories(2)
    figure = draw_series({"tension": given, "incidents": given})
    levels, _, differences, _ = figure.axes
    drawn = lines_by_label(levels)
    for label, values in given.by_posture.items():
        assert drawn[label] == pytest.approx(values.mean(axis=1))
    change = lines_by_label(differences)["posture_1"]
    assert change[MONTHS <= 0] == pytest.approx(0.0, abs=1e-15)
    assert change[MONTHS > 0] == pytest.approx(0.1)
    assert levels.get_ylabel() == "Regional tension\n(share, 0 to 1)"
    assert differences.get_ylabel() == "change against posture 0\n(share; smoothed)"
    assert differences.get_xlabel() == "months after the onset"


def test_onset_is_marked_in_every_panel() -> None:
    for n_postures in (3, 6):
        for axes in shown(draw_series({"tension": trajectories(n_postures)})):
            marks = [line for line in axes.get_lines() if list(line.get_xdata()) == [0.0, 0.0]]
            assert len(marks) == 1
            assert "onset" in [text.get_text() for text in axes.texts]


def shown(figure: Figure) -> list:
    return [axes for axes in figure.axes if axes.get_visible()]


def test_one_posture_has_no_differences() -> None:
    figure = draw_series({"tension": trajectories(1)})
    assert len(figure.axes) == 1
    assert "Changes" not in caption(figure)


def caption(figure: Figure) -> str:
    return figure._supxlabel.get_text().replace("\n", " ")


def test_caption_says_what_is_drawn() -> None:
    assert caption(draw_series({"tension": trajectories(2)}, study="A study")) == (
        "A study. Lines: mean of 6 replicates. Bands: its 95 % interval."
        " Changes: in pairs of runs with the same random numbers, averaged over up to 6 months to"
        " either side."
    )
    pooled = Trajectories(MONTHS, trajectories(1).by_posture, n_points=4)
    assert "each averaged over 4 points" in caption(draw_series({"tension": pooled}))


def test_many_postures_have_a_panel_each_with_the_reference_in_grey() -> None:
    given = trajectories(MOST_TOGETHER + 2)
    figure = draw_series({"tension": given})
    panels = shown(figure)
    assert [axes.get_title(loc="left").partition("\n")[0] for axes in panels] == [
        f"posture {place}" for place in range(1, MOST_TOGETHER + 2)
    ]
    assert len({axes.get_ylim() for axes in panels}) == 1
    for axes in panels:
        reference, own = axes.get_lines()[:2]
        assert reference.get_color() == "0.55"
        expected = smoothed(given.by_posture["posture_0"], MONTHS).mean(axis=1)
        assert reference.get_ydata() == pytest.approx(expected)
        assert own.get_color() != "0.55"
    assert "smoothed" in panels[0].get_ylabel()


def test_single_run_has_no_bands() -> None:
    single = Trajectories(
        MONTHS, {name: v[:, :1] for name, v in trajectories(2).by_posture.items()}
    )
    assert not any(axes.collections for axes in draw_series({"tension": single}).axes)


def spread_out(n_postures: int) -> Trajectories:
    """Shares of two runs that differ so much that their interval leaves 0 to 1."""
    values = np.column_stack([np.zeros(len(MONTHS)), np.ones(len(MONTHS))])
    return Trajectories(MONTHS, {f"posture_{place}": values for place in range(n_postures)})


@pytest.mark.parametrize("n_postures", [1, 2, 7])
def test_bands_and_axes_end_where_the_unit_ends(n_postures: int) -> None:
    for metric in ("tension", "miscalculation_risk"):
        for axes in shown(draw_series({metric: spread_out(n_postures)})):
            if "change" in axes.get_ylabel():
                continue
            assert 0.0 <= axes.get_ylim()[0] < axes.get_ylim()[1] <= 1.0
            for band in axes.collections:
                heights = band.get_paths()[0].vertices[:, 1]
                assert heights.min() == 0.0
                assert heights.max() == 1.0


@pytest.mark.parametrize("n_metrics", [1, 2, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("n_postures", [1, 2, 4, 9])
def test_all_text_lies_within_the_figure(n_metrics: int, n_postures: int) -> None:
    metrics = ["tension", "incidents", "threat_detection", "economic_cost"][:n_metrics]
    given = trajectories(n_postures)
    figure = draw_series(dict.fromkeys(metrics, given), study="A study")
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    width, height = figure.get_size_inches() * figure.dpi
    n_panels = n_metrics * (1 if n_postures == 1 else 2 if n_postures <= 4 else n_postures - 1)
    assert len(shown(figure)) == n_panels
    texts = list(figure.texts)
    for axes in shown(figure):
        texts += [*axes.texts, axes._left_title, axes.xaxis.label, axes.yaxis.label]
    for text in texts:
        if text.get_text():
            box = text.get_window_extent(renderer)
            assert box.x0 >= -1, text.get_text()
            assert box.x1 <= width + 1, text.get_text()
            assert box.y0 >= -1, text.get_text()
            assert box.y1 <= height + 1, text.get_text()


def test_lines_are_labelled_at_their_ends_without_overlap() -> None:
    given = Trajectories(MONTHS, dict.fromkeys("abcd", np.full(SHAPE, 0.5)))
    figure = draw_series({"tension": given})
    figure.canvas.draw()
    labels = [text for text in figure.axes[0].texts if text.get_text() != "onset"]
    assert [text.get_text() for text in labels] == list("abcd")
    boxes = sorted((text.get_window_extent() for text in labels), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 2 for low, high in pairwise(boxes))


def test_four_postures_are_drawn_in_four_ways() -> None:
    drawn = draw_series({"tension": trajectories(4)}).axes[0].get_lines()[:4]
    assert len({(line.get_color(), str(line.get_linestyle())) for line in drawn}) == 4
    assert len(set(COLOURS)) == 9


def test_a_replicate_that_a_posture_lacks_is_missing_there_alone() -> None:
    table = frame(["a", "b"], 1)
    table = table[(table["posture"] == "a") | (table["replicate"] == 1)]
    found = trajectories_of(table, "tension", ["a", "b"])
    assert not np.isnan(found.by_posture["a"]).any()
    assert np.isnan(found.by_posture["b"][:, 0]).all()
    draw_series({"tension": found}).canvas.draw()


def test_colours_differ_in_lightness_or_hue_for_the_colour_blind() -> None:
    # Deuteranopia after Viénot, Brettel & Mollon 1999, on linear RGB.
    sight = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
    linear = np.array([[(int(c[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)] for c in COLOURS])
    seen = np.clip(linear @ sight.T, 0, 1) ** (1 / 2.2)
    for one in range(len(COLOURS)):
        for other in range(one):
            same_dashes = one % len(DASHES) == other % len(DASHES)
            assert np.abs(seen[one] - seen[other]).max() > (0.15 if same_dashes else 0.02)


def test_file(tmp_path: Path) -> None:
    postures = ["traditional", "reactive"]
    results = SimpleNamespace(
        columns_of=lambda name, columns: {"timeseries": frame(postures, 1)}[name][columns],
        plan={"experiment": {"title": "T", "postures": [{"label": label} for label in postures]}},
    )
    one, two = (
        save_figure(series_figure(results, ["tension"]), tmp_path / name)
        for name in ("one.png", "two.png")
    )
    assert one.read_bytes() == two.read_bytes()
    height, width, _ = matplotlib.image.imread(one).shape
    figure = series_figure(results, ["tension"])
    assert (width, height) == tuple(int(150 * inches) for inches in figure.get_size_inches())
    assert "in the last year reactive changes it by +1000 " in answer_of(figure)


@pytest.mark.parametrize("title", ["$\\frac{$", "costs $a and $b", "a\x1bb", "two\nlines"])
def test_a_title_is_text(title: str, tmp_path: Path) -> None:
    figure = draw_series({"tension": trajectories(2)}, study=title)
    save_figure(figure, tmp_path / "figure.png")
    assert caption(figure).startswith(title.replace("\x1b", "\\u001b").replace("\n", " "))
    assert not any(text.get_parse_math() for text in figure.findobj(Text) if text.get_text())


def test_no_global_state() -> None:
    code = "import sys, regional_sim.figures.kinds; print('matplotlib.pyplot' in sys.modules)"
    assert printed("-c", code) == "False\n"
