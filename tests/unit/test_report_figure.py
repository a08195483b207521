"""The figure shows the means and paired differences of the runs, and hides nothing."""

from pathlib import Path
from types import SimpleNamespace

import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from regional_sim.report.figure import (
    COLOURS,
    DASHES,
    Trajectories,
    draw,
    posture_figure,
    smoothed,
    trajectories_of,
)

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
    figure = draw({"tension": given, "incidents": given})
    levels, _, differences, _ = figure.axes
    drawn = lines_by_label(levels)
    for label, values in given.by_posture.items():
        assert drawn[label] == pytest.approx(values.mean(axis=1))
    change = lines_by_label(differences)["posture_1"]
    assert change[MONTHS <= 0] == pytest.approx(0.0, abs=1e-15)
    assert change[MONTHS > 0] == pytest.approx(0.1)
    assert levels.get_title(loc="left") == "tension"
    assert levels.get_ylabel() == "mean (share)"
    assert "posture_0" in differences.get_ylabel()
    assert differences.get_xlabel() == "months after the onset of the posture"


def test_onset_is_marked_in_every_panel() -> None:
    for axes in draw({"tension": trajectories(3)}).axes:
        marks = [line for line in axes.get_lines() if list(line.get_xdata()) == [0.0, 0.0]]
        assert len(marks) == 1
        assert [text.get_text() for text in axes.texts] == ["onset"]


def test_one_posture_has_no_differences() -> None:
    figure = draw({"tension": trajectories(1)})
    assert len(figure.axes) == 1
    assert "Differences" not in caption(figure)


def caption(figure: Figure) -> str:
    return figure.legends[0].get_title().get_text()


def test_caption_says_what_is_drawn() -> None:
    assert caption(draw({"tension": trajectories(2)})) == (
        "Lines: mean of 6 replicates. Bands: its 95 % interval.\n"
        "Differences: between runs with the same random numbers, averaged over up to 6 months to"
        " either side."
    )
    pooled = Trajectories(MONTHS, trajectories(1).by_posture, n_points=4)
    assert "each averaged over 4 points" in caption(draw({"tension": pooled}))


def test_bands_of_many_postures_do_not_hide_each_other() -> None:
    few, many = draw({"tension": trajectories(4)}), draw({"tension": trajectories(5)})
    assert len(few.axes[0].collections) == 4
    assert len(many.axes[0].collections) == 1
    assert len(many.axes[1].collections) == 4
    assert "above only that of the reference" in caption(many)


def test_single_run_has_no_bands() -> None:
    single = Trajectories(
        MONTHS, {name: v[:, :1] for name, v in trajectories(2).by_posture.items()}
    )
    assert not any(axes.collections for axes in draw({"tension": single}).axes)


@pytest.mark.parametrize("n_metrics", [1, 2, 4])
@pytest.mark.parametrize("n_postures", [1, 2, 9])
def test_legend_covers_no_panel_and_fits(n_metrics: int, n_postures: int) -> None:
    metrics = ["tension", "incidents", "threat_detection", "economic_cost"][:n_metrics]
    given = trajectories(n_postures)
    figure = draw(dict.fromkeys(metrics, given), title="A study")
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    (legend,) = figure.legends
    box = legend.get_window_extent(renderer)
    assert [text.get_text() for text in legend.get_texts()] == list(
        trajectories(n_postures).by_posture
    )
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert len(shown) == n_metrics * (2 if n_postures > 1 else 1)
    for axes in shown:
        assert not box.overlaps(axes.get_tightbbox(renderer))
    width, height = figure.get_size_inches() * figure.dpi
    assert box.x0 >= 0
    assert box.y0 >= 0
    assert box.x1 <= width
    assert box.y1 <= height


def test_nine_postures_are_drawn_in_nine_ways() -> None:
    drawn = draw({"tension": trajectories(9)}).axes[0].get_lines()[:9]
    assert len({(line.get_color(), str(line.get_linestyle())) for line in drawn}) == 9
    assert len(set(COLOURS)) == 9
    assert len(DASHES) < len(COLOURS)


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
        table=lambda name: {"timeseries": frame(postures, 1)}[name],
        plan={"experiment": {"title": "T", "postures": [{"label": label} for label in postures]}},
    )
    one = posture_figure(results, tmp_path / "one.png", metrics=["tension"])
    two = posture_figure(results, tmp_path / "two.png", metrics=["tension"])
    assert one.read_bytes() == two.read_bytes()
    height, width, _ = matplotlib.image.imread(one).shape
    figure = draw({"tension": trajectories_of(frame(postures, 1), "tension", postures)})
    assert (width, height) == tuple(int(150 * inches) for inches in figure.get_size_inches())


@pytest.mark.parametrize("title", ["$\\frac{$", "costs $a and $b", "a\x1bb", "two\nlines"])
def test_a_title_is_text(title: str, tmp_path: Path) -> None:
    figure = draw({"tension": trajectories(2)}, title=title)
    figure.savefig(tmp_path / "figure.png")
    assert figure.get_suptitle() == title.replace("\x1b", "\\u001b")
    assert not any(text.get_parse_math() for text in figure.findobj(Text) if text.get_text())


def test_no_global_state() -> None:
    code = "import sys, regional_sim.report.figure as f; print('matplotlib.pyplot' in sys.modules)"
    assert printed("-c", code) == "False\n"
