"""The look of pictures, and how they are written."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from regional_sim.figures.differences import _MARKS
from regional_sim.figures.kinds import draw_kind
from regional_sim.figures.line_labels import spread_apart
from regional_sim.figures.style import (
    explain,
    keep_in_unit,
    metric_label,
    new_figure,
    own_style,
    save_figure,
    short_label,
    svg_text,
    title_in_sentence,
)
from regional_sim.model.metrics.catalogue import Metric


def one_panel(title: str = "What is it?") -> tuple[Figure, Axes]:
    figure = new_figure(5.0, 3.0, title)
    return figure, figure.subplots()


@pytest.mark.parametrize("metric", list(Metric), ids=lambda metric: metric.name)
def test_labels_of_axes_are_words(metric: Metric) -> None:
    label = metric_label(metric)
    assert label.startswith(metric.title)
    assert "_" not in label
    assert "(1)" not in label


def test_an_axis_ends_where_its_unit_ends() -> None:
    _, axes = one_panel()
    axes.plot([0, 1], [-0.4, 1.0])
    keep_in_unit(axes, Metric.tension)
    assert axes.get_ylim() == (0.0, 1.0)


def test_places_are_spread_and_keep_their_order() -> None:
    rng = np.random.default_rng(2)
    for n in (1, 2, 5, 12):
        at = rng.random(n)
        found = spread_apart(at.tolist(), 0.06)
        assert np.diff(np.sort(found)).min(initial=1.0) >= 0.06 - 1e-12
        assert (np.argsort(found, kind="stable") == np.argsort(at, kind="stable")).all()
        assert found.min() >= 0.0
        assert found.max() <= 1.0


def test_svg_for_a_page_has_ids_of_its_own_and_no_styles_for_others(figure_folders: Path) -> None:
    figure = draw_kind(figure_folders / "run", "series")
    one, two = svg_text(figure, "one"), svg_text(figure, "two")
    ids = [re.findall(r' id="([^"]+)"', text) for text in (one, two)]
    assert len(set(ids[0])) == len(ids[0])
    assert not set(ids[0]) & set(ids[1])
    for text, of in zip((one, two), ids, strict=True):
        used = re.findall(r'(?:href="#|url\(#)([^")]+)', text)
        assert used
        assert set(used) <= set(of)
        assert text.startswith('<svg role="img" aria-label="')
        assert "<style" not in text
        assert "<metadata" not in text
    assert svg_text(figure, "one") == one


def test_what_users_write_is_escaped_and_no_formula(tmp_path: Path) -> None:
    figure, _ = one_panel('Costs $a and <b> "c"?')
    explain(figure, "A $x$ & <script>")
    assert 'aria-label="Costs $a and &lt;b&gt; &quot;c&quot;?"' in svg_text(figure, "a")
    save_figure(figure, tmp_path / "a.pdf")


def test_settings_of_a_user_change_nothing(figure_folders: Path, tmp_path: Path) -> None:
    import matplotlib

    plain = save_figure(
        draw_kind(figure_folders / "run", "series"), tmp_path / "a.png"
    ).read_bytes()
    with matplotlib.rc_context({"axes.grid": True, "font.size": 20.0, "lines.linewidth": 9.0}):
        other = save_figure(
            draw_kind(figure_folders / "run", "series"), tmp_path / "b.png"
        ).read_bytes()
    assert plain == other
    with own_style():
        assert matplotlib.rcParams["font.size"] == 10.0


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "a.png").symlink_to(tmp_path / "mine")
    save_figure(one_panel()[0], tmp_path / "a.png")
    assert (tmp_path / "mine").read_text() == "mine"


def test_long_labels_are_shortened() -> None:
    assert short_label("a_posture") == "a posture"
    assert len(short_label("a" * 60)) == 26


def test_marks_of_verdicts_differ_in_grey_or_shape() -> None:
    seen = set()
    for word, mark in _MARKS.items():
        grey = float(np.dot(to_rgb(mark["markerfacecolor"]), (0.3, 0.59, 0.11)))
        key = (mark["marker"], round(grey, 1))
        assert key not in seen, word
        seen.add(key)


def test_names_keep_their_capitals_within_a_sentence() -> None:
    assert title_in_sentence(Metric.un_support) == "support in the United Nations"
    assert title_in_sentence(Metric.tension) == "regional tension"
    figures = Path(save_figure.__code__.co_filename).parent
    assert not [file for file in figures.glob("*.py") if ".title.lower()" in file.read_text()]


def test_names_of_files_stand_where_the_files_are_written() -> None:
    named = re.compile(r'^_?[A-Z_]+: Final = "\w+\.(?:csv|json)"', re.MULTILINE)
    figures = Path(save_figure.__code__.co_filename).parent
    found = {line for file in figures.glob("*.py") for line in named.findall(file.read_text())}
    # Those of folders of an older version, and of a part of a calibration.
    older = {
        '_CHECKED_SHARES: Final = "check_shares.csv"',
        '_PRIOR_SHARES: Final = "wave_1_shares.csv"',
    }
    assert found == older
