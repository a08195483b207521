"""What of a folder is drawn, and what is said where that cannot be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure

import regional_sim
from regional_sim.errors import InputError, OutputExistsError, UnknownNameError
from regional_sim.figures.finished_folder import FinishedFolder, open_folder
from regional_sim.figures.kind import FigureChoice
from regional_sim.figures.kinds import draw_kind, kind_named
from regional_sim.figures.posterior import POSTERIOR_KIND
from regional_sim.results.folder import read_json, write_json


def test_a_choice_is_heeded_and_checked(figure_folders: Path) -> None:
    choice = FigureChoice(metrics=("incidents",), postures=("reassurance",))
    figure = draw_kind(figure_folders / "run", "series", choice)
    assert figure.axes[0].get_ylabel() == "Incidents\n(incidents per month)"
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert [one for one in labels if one != "onset"] == ["traditional", "reassurance"]
    for wrong, said in (
        (FigureChoice(metrics=("tensoin",)), "did you mean 'tension'"),
        (FigureChoice(postures=("reasurance",)), "did you mean 'reassurance'"),
        (FigureChoice(window="whloe"), "did you mean 'whole'"),
    ):
        with pytest.raises(UnknownNameError, match=said):
            draw_kind(figure_folders / "run", "differences", wrong)


def test_wrong_kinds_and_folders(figure_folders: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'series'"):
        kind_named("serie")
    with pytest.raises(InputError, match="series cannot be drawn: the result has no table"):
        draw_kind(figure_folders / "grid", "series")
    with pytest.raises(InputError, match="no such folder"):
        open_folder(tmp_path / "nothing")
    with pytest.raises(InputError, match=r"it has no plan\.json"):
        open_folder(tmp_path)


def test_a_broken_table_is_named(figure_folders: Path, tmp_path: Path) -> None:
    (tmp_path / "factors.csv").write_text("a,b\n1,2\n")
    (tmp_path / "calibration.json").write_text('{"request": {}}')
    (tmp_path / "posterior_shares.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match=r"factors\.csv: factor: this table lacks a column"):
        POSTERIOR_KIND.draw(FinishedFolder(tmp_path))


def test_python_draws_results_and_folders(figure_folders: Path, tmp_path: Path) -> None:
    results = regional_sim.load_results(figure_folders / "run")
    figure = regional_sim.plot(results, "differences", metrics="tension")
    assert isinstance(figure, Figure)
    file = tmp_path / "new" / "one.svg"
    regional_sim.plot(figure_folders / "run", "differences", out=file)
    assert file.read_text().startswith("<?xml")
    with pytest.raises(OutputExistsError, match="a file is there already"):
        regional_sim.plot(figure_folders / "run", "differences", out=file)
    regional_sim.plot(figure_folders / "run", "differences", out=file, force=True)
    with pytest.raises(InputError, match=r"allowed: \.png, \.pdf, \.svg"):
        regional_sim.plot(results, "differences", out=tmp_path / "a.gif")


REFERENCE = FigureChoice(postures=("traditional",))


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("run", "differences"),
        ("grid", "heat_map"),
        ("sample", "flips"),
        ("sample", "discovery"),
        ("sample", "sensitivity"),
    ],
)
def test_the_reference_is_not_compared_with_itself(
    figure_folders: Path, folder: str, kind: str
) -> None:
    with pytest.raises(InputError, match="this is the reference; name another posture"):
        draw_kind(figure_folders / folder, kind, REFERENCE)


def test_the_reference_may_be_drawn_alone(figure_folders: Path) -> None:
    (axes,) = draw_kind(
        figure_folders / "run", "series", FigureChoice(("tension",), ("traditional",))
    ).axes
    assert axes.get_ylabel().startswith("Regional tension")


COLUMNS = [
    ("run", "claims", "hypotheses.csv", "points"),
    ("calibration", "posterior", "posterior_shares.csv", "parameters.incident_scale"),
    ("calibration", "posterior", "wave_1_shares.csv", "parameters.incident_scale"),
    ("calibration", "targets", "targets.csv", "prior_low"),
    ("calibration", "recovery", "recovery.csv", "inside_90"),
    ("calibration", "recovery", "recovery_ranks.csv", "parameters.incident_scale"),
    ("search", "policies", "front.csv", "joint_patrols"),
    ("search", "policies", "front.csv", "recommended"),
    ("skill", "skill", "comparisons.csv", "months_ahead"),
    ("skill", "forecasts", "forecasts.csv", "q95"),
]


def opened(figure_folders: Path, folder: str, tmp_path: Path) -> FinishedFolder:
    """Open a copy of a folder."""
    found = open_folder(figure_folders / folder)
    shutil.copytree(figure_folders / folder, tmp_path / folder)
    return FinishedFolder(tmp_path / folder, found.results)


@pytest.mark.parametrize(("folder", "kind", "table", "column"), COLUMNS)
def test_a_table_without_a_column_or_with_other_things_in_it_is_named(
    figure_folders: Path, folder: str, kind: str, table: str, column: str, tmp_path: Path
) -> None:
    damaged = opened(figure_folders, folder, tmp_path)
    whole = pd.read_csv(damaged.path / table)
    for frame, said in (
        (whole.drop(columns=column), "this table lacks a column"),
        (whole.assign(**{column: "much"}), "this column holds something else than numbers"),
        (whole.head(0), "this table has no rows"),
    ):
        frame.to_csv(damaged.path / table, index=False)
        with pytest.raises(InputError, match=said) as caught:
            draw_kind(damaged, kind)
        assert table in str(caught.value)
        assert column in str(caught.value) or frame.empty


@pytest.mark.parametrize("column", ["metric", "expects", "verdict"])
def test_an_unknown_word_in_a_table_of_claims_is_named(
    figure_folders: Path, column: str, tmp_path: Path
) -> None:
    damaged = opened(figure_folders, "run", tmp_path)
    file = damaged.path / "hypotheses.csv"
    pd.read_csv(file).assign(**{column: "nonsense"}).to_csv(file, index=False)
    with pytest.raises(UnknownNameError, match=f"unknown {column} 'nonsense'"):
        draw_kind(damaged, "claims")


@pytest.mark.parametrize(
    ("folder", "kind", "record", "change"),
    [
        ("search", "policies", "search.json", {"experiment": None}),
        ("search", "policies", "search.json", {"experiment": {"title": "A study"}}),
        ("search", "policies", "search.json", {"goals": []}),
        ("search", "policies", "search.json", {"instruments": "joint_patrols"}),
        ("search", "policies", "search.json", {"instruments": ["joint_patrolz"]}),
        ("calibration", "posterior", "calibration.json", {"request": None}),
        ("calibration", "targets", "calibration.json", {"request": "A study"}),
    ],
)
def test_a_record_without_a_key_is_named(
    figure_folders: Path, folder: str, kind: str, record: str, change: dict, tmp_path: Path
) -> None:
    damaged = opened(figure_folders, folder, tmp_path)
    write_json(damaged.path / record, read_json(damaged.path / record) | change)
    with pytest.raises(InputError, match=record):
        draw_kind(damaged, kind)
