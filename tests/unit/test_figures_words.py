"""What pictures say in words: no more than their numbers do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import regional_sim
from regional_sim.figures.kind import FigureChoice
from regional_sim.figures.kinds import KINDS, draw_kind
from regional_sim.figures.style import answer_of
from regional_sim.results.load import Results
from tests.support.figure_folders import caption_of

TENSION = FigureChoice(metrics=("tension",))


def test_differences_have_the_words_of_the_table(figure_folders: Path) -> None:
    figure = draw_kind(figure_folders / "run", "differences", FigureChoice(metrics=("tension",)))
    found = regional_sim.load_results(figure_folders / "run").contrasts
    chosen = found[(found["metric"] == "tension") & (found["window"] == "whole")]
    title, *said = [text.get_text() for text in figure.axes[0].texts]
    assert title == "Regional tension"
    numbers = []
    for row, text in zip(chosen.itertuples(), said, strict=True):
        word, number, unit = text.replace("−", "-").split(" ")
        assert (word, unit) == (f"{row.verdict},", "share")
        assert float(number) == pytest.approx(row.difference, abs=0.0005)
        numbers.append(number)
    assert len({len(number) for number in numbers}) == 1, numbers


def test_over_points_a_word_is_that_of_more_than_half(
    figure_folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = figure_folders / "stopped"
    table = regional_sim.load_results(folder).contrasts
    of = (table["metric"] == "tension") & (table["window"] == "whole")
    for words, legend, said in (
        (
            ["raises", "lowers", "unclear"],
            "no word at most points",
            "raises regional tension at 1 and lowers it at 1 of 3 points.",
        ),
        (["lowers", "lowers", "raises"], "lowers", "raises regional tension at 1 and lowers it at"),
        (["raises", "raises", "unclear"], "raises", "raises regional tension at 2 of 3 points."),
    ):
        table.loc[of, "verdict"] = words
        monkeypatch.setattr(Results, "contrasts", property(lambda _: table))
        figure = draw_kind(folder, "differences", TENSION)
        assert answer_of(figure).startswith("Against traditional, new approach raises")
        assert said in answer_of(figure)
        assert figure.legends[0].get_texts()[0].get_text() == legend
        assert "that more than half of them have" in caption_of(figure)


def test_a_rule_of_stopping_is_said_in_words(figure_folders: Path) -> None:
    said = caption_of(draw_kind(figure_folders / "stopped", "differences", TENSION))
    assert "4 to 16 replicates, window whole." in said


def test_points_are_averaged_over_the_replicates_that_all_have(figure_folders: Path) -> None:
    folder = figure_folders / "stopped"
    said = caption_of(draw_kind(folder, "series", TENSION))
    assert "mean of 4 replicates, each averaged over 3 points. 12 more ran at some" in said
    frame = regional_sim.load_results(folder).table("timeseries")
    frame = frame[(frame["replicate"] < 4) & (frame["posture"] == "traditional")]
    expected = frame.groupby("months_after_switch")["tension"].mean().to_numpy()
    line = draw_kind(folder, "series", TENSION).axes[0].get_lines()[0]
    assert np.asarray(line.get_ydata()) == pytest.approx(expected)
    for kind in ("region", "responses"):
        said = caption_of(draw_kind(folder, kind))
        assert "and 4 replicates" in said
        assert "Left out: 12 replicates that did not run through everywhere." in said


def test_one_pair_of_runs_has_no_interval(figure_folders: Path) -> None:
    for kind in ("differences", "series", "region", "responses"):
        figure = draw_kind(figure_folders / "single", kind)
        said = f"{caption_of(figure)} {answer_of(figure)}".lower()
        assert "one pair of runs, so no interval" in said, kind
        assert "95 %" not in said, kind
        assert "n/a" not in said, kind


def test_higher_is_not_called_raised() -> None:
    assert KINDS["discovery"].question == "Where is the outcome higher under a posture?"


def test_skill_counts_what_is_better_and_worse(figure_folders: Path) -> None:
    said = answer_of(draw_kind(figure_folders / "skill", "skill"))
    assert said == (
        "Of 8 comparisons with simple forecasts the model is better in 4 and worse in 4."
    )
