"""Every kind of picture from small folders: what all of them have in common."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.text import Text

from regional_sim.figures.finished_folder import FinishedFolder, open_folder
from regional_sim.figures.kinds import KINDS, draw_kind, suitable_kinds
from regional_sim.figures.style import answer_of
from tests.support.figure_folders import POSTURES, bytes_of, drawn

AGAIN = ["region", "responses", "ladder"]
"""Kinds that can make runs again; tests/unit/test_figures_region.py draws them."""
SUITABLE = {
    "run": ["differences", "series", *AGAIN, "claims"],
    "many": ["differences", "series", *AGAIN],
    "alone": AGAIN,
    "single": ["differences", "series", *AGAIN],
    "stopped": ["differences", "series", *AGAIN],
    "grid": ["differences", "heat_map", *AGAIN],
    "sample": ["differences", "flips", *AGAIN, "discovery", "sensitivity"],
    "calibration": ["posterior", "targets", "recovery"],
    "search": ["policies"],
    "skill": ["skill", "forecasts"],
}
CASES = [
    (folder, kind)
    for folder, kinds in SUITABLE.items()
    for kind in kinds
    if kind not in {"discovery", *AGAIN} and folder not in {"single", "stopped"}
]
"""Of the sample no region can be told; one of which it can is drawn below."""
DRAWN = pytest.mark.parametrize(("folder", "kind"), CASES)
ONCE = pytest.mark.parametrize(
    ("folder", "kind"), {kind: (folder, kind) for folder, kind in reversed(CASES)}.values()
)


@pytest.mark.parametrize("folder", SUITABLE)
def test_kinds_that_suit_a_folder(figure_folders: Path, folder: str) -> None:
    opened = open_folder(figure_folders / folder)
    assert [kind.name for kind in suitable_kinds(opened)] == SUITABLE[folder]
    for kind in KINDS.values():
        reason = kind.lacks(opened)
        assert reason is None or (len(reason) > 10 and not reason.endswith("."))


def test_every_kind_is_a_question() -> None:
    assert all(kind.question.endswith("?") and "_" not in kind.question for kind in KINDS.values())


@DRAWN
def test_a_kind_answers_its_title_in_words(figure_folders: Path, folder: str, kind: str) -> None:
    figure = drawn(figure_folders / folder, kind)
    assert figure.get_suptitle().endswith("?")
    assert figure.get_suptitle()[0].isupper()
    for text in figure.findobj(Text):
        assert "_" not in text.get_text(), text.get_text()
        assert not text.get_parse_math() or not text.get_text()
    assert answer_of(figure).endswith(".")
    assert "_" not in answer_of(figure)


@ONCE
def test_equal_figures_are_equal_bytes(
    figure_folders: Path, folder: str, kind: str, tmp_path: Path
) -> None:
    one = bytes_of(drawn(figure_folders / folder, kind), tmp_path / "a.png")
    assert bytes_of(draw_kind(figure_folders / folder, kind), tmp_path / "b.png") == one


@pytest.mark.parametrize("form", ["svg", "pdf"])
def test_equal_drawings_are_equal_bytes(figure_folders: Path, form: str, tmp_path: Path) -> None:
    folder = figure_folders / "run"
    one = bytes_of(drawn(folder, "differences"), tmp_path / f"a.{form}")
    assert bytes_of(draw_kind(folder, "differences"), tmp_path / f"b.{form}") == one


def test_a_figure_is_written_twice_alike(figure_folders: Path, tmp_path: Path) -> None:
    figure = draw_kind(figure_folders / "calibration", "targets")
    assert bytes_of(figure, tmp_path / "a.png") == bytes_of(figure, tmp_path / "b.png")


def test_a_region_is_drawn_from_a_sample(tmp_path: Path) -> None:
    from tests.unit.test_discovery import box_results

    points = box_results(60)
    postures = [{"label": label} for label in points.experiment.labels]
    points.results.plan["experiment"] = {"title": "Boxes", "postures": postures}
    folder = FinishedFolder(tmp_path, points.results)
    folder.__dict__["points"] = points
    figure = draw_kind(folder, "discovery")
    assert figure.get_suptitle().startswith("Where is ")
    assert figure.get_suptitle().endswith("?")
    assert "It holds at" in answer_of(figure)


@DRAWN
def test_text_beside_the_axes_lies_within_the_figure(
    figure_folders: Path, folder: str, kind: str
) -> None:
    figure = drawn(figure_folders / folder, kind)
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    width, height = figure.get_size_inches() * figure.dpi
    texts = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for axes in figure.axes:
        if axes.get_visible():
            texts += [*axes.texts, axes._left_title, axes.xaxis.label, axes.yaxis.label]
    for text in texts:
        if text.get_text():
            box = text.get_window_extent(renderer)
            assert box.x0 >= -2, text.get_text()
            assert box.x1 <= width + 2, text.get_text()
            assert box.y0 >= -2, text.get_text()
            assert box.y1 <= height + 2, text.get_text()


def test_policies_have_a_label_each(figure_folders: Path) -> None:
    figure = drawn(figure_folders / "search", "policies")
    figure.canvas.draw()
    names = [text for text in figure.axes[0].texts if text.get_text()]
    assert len(names) == 12 + len(POSTURES)
    # An annotation counts its line too.
    extents = [Text.get_window_extent(text) for text in names]
    boxes = sorted(extents, key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 3 for low, high in pairwise(boxes))
    rows = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert "recommended  2" in rows
