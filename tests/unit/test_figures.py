"""Every kind of picture, from small folders; and how all of them look and are written."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

import regional_sim
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.figures.finished_folder import FinishedFolder, open_folder
from regional_sim.figures.kind import FigureChoice
from regional_sim.figures.kinds import KINDS, draw_kind, kind_named, suitable_kinds
from regional_sim.figures.line_labels import spread_apart
from regional_sim.figures.posterior import POSTERIOR_KIND
from regional_sim.figures.style import (
    answer_of,
    explain,
    keep_in_unit,
    metric_label,
    new_figure,
    own_style,
    save_figure,
    short_label,
    svg_text,
)
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.results.folder import write_json
from tests.support.sweeps import small

POSTURES = [
    "traditional",
    "new_approach",
    "reassurance",
    "reactive",
    "incremental",
    "military_first",
]
GRID = {
    "kind": "grid",
    "factors": {
        "parameters.theta_challenger": [0.0, 0.5, 1.0],
        "parameters.incident_scale": [0.5, 1.0, 4.0],
    },
}
SAMPLE = {
    "kind": "latin_hypercube",
    "n": 40,
    "seed": 1,
    "factors": {
        "parameters.theta_challenger": {"distribution": "uniform", "low": 0.0, "high": 1.0},
        "parameters.incident_scale": {"distribution": "uniform", "low": 0.2, "high": 3.0},
    },
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of each kind, with few runs, or with tables as the commands write them."""
    path = tmp_path_factory.mktemp("made")
    point = {"design": None, "replicates": 4}
    tables = ["runs", "timeseries"]
    regional_sim.sweep(small(**point, tables=tables, postures=POSTURES[:3]), out=path / "run")
    regional_sim.sweep(small(**point, tables=tables, postures=POSTURES), out=path / "many")
    regional_sim.sweep(small(**point, tables=["runs"], postures=POSTURES[:1]), out=path / "alone")
    regional_sim.sweep(small(design=GRID, replicates=2, tables=["runs"]), out=path / "grid")
    regional_sim.sweep(small(design=SAMPLE, replicates=2, tables=["runs"]), out=path / "sample")
    write_claims(path / "run")
    write_calibration(path / "calibration")
    write_search(path / "search")
    write_skill(path / "skill")
    return path


def write_claims(folder: Path) -> None:
    verdicts = ("supported", "contradicted", "negligible", "undecided", "structural")
    rows = [
        {
            "id": f"C{place}",
            "claim": "Costs $a and $b.",
            "metric": "tension",
            "expects": "rise",
            "clamp": "",
            "verdict": verdict,
            "smallest": 0.01,
            "effect": 0.01 * place,
            "ci_low": 0.01 * place - 0.005,
            "ci_high": 0.01 * place + 0.005,
            "points": 10,
            "prior_low": -0.02,
            "prior_high": 0.05,
            "holds": 0.2 * place,
            "holds_beyond": 0.1 * place,
        }
        for place, verdict in enumerate(verdicts)
    ]
    pd.DataFrame(rows).to_csv(folder / "hypotheses.csv", index=False)


def write_calibration(folder: Path) -> None:
    folder.mkdir()
    paths = ["parameters.theta_challenger", "parameters.incident_scale"]
    write_json(folder / "calibration.json", {"request": {"title": "A $t$", "design": SAMPLE}})
    rng = np.random.default_rng(1)
    for name, n in (("posterior_shares.csv", 50), ("wave_1_shares.csv", 40)):
        pd.DataFrame(rng.random((n, 2)), columns=paths).to_csv(folder / name, index=False)
    pd.DataFrame({"factor": paths, "informed": ["well", "a little"]}).to_csv(
        folder / "factors.csv", index=False
    )
    target = {"target": "incidents (whole)", "observed": 8.0, "inside": True}
    ends = {f"{of}_{end}": 5.0 + n for of in ("prior", "posterior") for n, end in ENDS}
    pd.DataFrame([target | ends]).to_csv(folder / "targets.csv", index=False)
    ranks = rng.integers(0, 100, (30, 2))
    pd.DataFrame(ranks, columns=paths).to_csv(folder / "recovery_ranks.csv", index=False)
    found = {"factor": paths, "inside_90": [0.9, 0.8], "mean_rank_share": ranks.mean(axis=0) / 99}
    pd.DataFrame(found).to_csv(folder / "recovery.csv", index=False)


ENDS = ((0, "low"), (2, "median"), (5, "high"))


def write_search(folder: Path) -> None:
    folder.mkdir()
    record = {
        "goals": ["least miscalculation_risk", "most shared_deterrence"],
        "requirements": ["tension <= 0.01"],
        "instruments": ["joint_patrols", "crisis_channel"],
        "experiment": {"title": "A study", "postures": [{"label": "traditional"}]},
    }
    write_json(folder / "search.json", record)
    rows = [
        {
            "posture": name,
            "recommended": name == "found_2",
            "largest_regret": 0.1 * place,
            "miscalculation_risk_difference": -0.01 * place,
            "shared_deterrence_difference": 0.002 * (place % 3),
            "joint_patrols": 0.5 if "found" in name else np.nan,
            "crisis_channel": 0.9 if "found" in name else np.nan,
            "from_month": 13 if "found" in name else np.nan,
        }
        for place, name in enumerate([*(f"found_{n}" for n in range(1, 13)), *POSTURES])
    ]
    pd.DataFrame(rows).to_csv(folder / "front.csv", index=False)


def write_skill(folder: Path) -> None:
    folder.mkdir()
    names = ("senkaku_contiguous", "all")
    others = ("persistence", "seasonal-naive", "AR(1)", "climatology")
    compared = [
        {
            "series": name,
            "months_ahead": ahead,
            "against": other,
            "skill": -2.0 if ahead == 3 else 0.2,
            "low": -3.0 if ahead == 3 else 0.1,
            "high": 0.3,
            "verdict": "better than",
        }
        for name in names
        for ahead in (1, 3)
        for other in others
    ]
    pd.DataFrame(compared).to_csv(folder / "comparisons.csv", index=False)
    forecasts = [
        {
            "series": names[0],
            "origin": f"2019-{month:02d}",
            "months_ahead": 3,
            "target": f"2019-{month + 3:02d}",
            "forecast": forecast,
            "observed": 5.0 + month if month < 6 else np.nan,
            "inside_90": 1.0,
            **dict(zip(("q05", "q25", "median", "q75", "q95"), (1, 3, 5, 8, 12), strict=True)),
        }
        for month in range(1, 9)
        for forecast in ("model", "AR(1)")
    ]
    pd.DataFrame(forecasts).to_csv(folder / "forecasts.csv", index=False)
    fits = pd.DataFrame({"series": [names[0]], "source": ["drawn from the model itself"]})
    fits.to_csv(folder / "fits.csv", index=False)


SUITABLE = {
    "run": ["differences", "series", "claims"],
    "many": ["differences", "series"],
    "alone": [],
    "grid": ["differences", "heat_map"],
    "sample": ["differences", "flips", "discovery", "sensitivity"],
    "calibration": ["posterior", "targets", "recovery"],
    "search": ["policies"],
    "skill": ["skill", "forecasts"],
}
CASES = [
    (folder, kind) for folder, kinds in SUITABLE.items() for kind in kinds if kind != "discovery"
]
"""Of the sample no region can be told; one of which it can is drawn below."""
DRAWN = pytest.mark.parametrize(("folder", "kind"), CASES)


@cache
def drawn(folder: Path, kind: str) -> Figure:
    return draw_kind(folder, kind)


@pytest.mark.parametrize("folder", SUITABLE)
def test_kinds_that_suit_a_folder(made: Path, folder: str) -> None:
    own = {"differences", "series", "claims", "heat_map", "flips", "discovery", "sensitivity"}
    own |= {"posterior", "targets", "recovery", "policies", "skill", "forecasts"}
    assert [kind.name for kind in suitable_kinds(made / folder) if kind.name in own] == SUITABLE[
        folder
    ] or folder == "alone"
    opened = open_folder(made / folder)
    for kind in KINDS.values():
        reason = kind.lacks(opened)
        assert reason is None or (len(reason) > 10 and not reason.endswith("."))


def test_every_kind_is_a_question() -> None:
    assert all(kind.question.endswith("?") and "_" not in kind.question for kind in KINDS.values())
    assert [kind.name for kind in KINDS.values()] == list(KINDS)


@DRAWN
def test_a_kind_answers_its_title_in_words(made: Path, folder: str, kind: str) -> None:
    figure = drawn(made / folder, kind)
    assert figure.get_suptitle().endswith("?")
    assert figure.get_suptitle()[0].isupper()
    for text in figure.findobj(Text):
        assert "_" not in text.get_text(), text.get_text()
        assert not text.get_parse_math() or not text.get_text()
    assert answer_of(figure).endswith(".")
    assert "_" not in answer_of(figure)


def bytes_of(figure: Figure, file: Path) -> bytes:
    content = save_figure(figure, file).read_bytes()
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[file.suffix]
    assert content.startswith(start)
    assert b"Matplotlib v" not in content
    assert b"CreationDate" not in content
    return content


@DRAWN
def test_equal_figures_are_equal_bytes(made: Path, folder: str, kind: str, tmp_path: Path) -> None:
    one = bytes_of(draw_kind(made / folder, kind), tmp_path / "a.png")
    assert bytes_of(draw_kind(made / folder, kind), tmp_path / "b.png") == one


@pytest.mark.parametrize("form", ["svg", "pdf"])
@pytest.mark.parametrize("kind", ["series", "differences"])
def test_equal_drawings_are_equal_bytes(made: Path, kind: str, form: str, tmp_path: Path) -> None:
    one = bytes_of(draw_kind(made / "run", kind), tmp_path / f"a.{form}")
    assert bytes_of(draw_kind(made / "run", kind), tmp_path / f"b.{form}") == one


def test_a_figure_is_written_twice_alike(made: Path, tmp_path: Path) -> None:
    figure = draw_kind(made / "run", "series")
    assert bytes_of(figure, tmp_path / "a.png") == bytes_of(figure, tmp_path / "b.png")


def test_a_region_is_drawn_from_a_sample(tmp_path: Path) -> None:
    from tests.unit.test_discovery import box_results

    points = box_results(100)
    postures = [{"label": label} for label in points.experiment.labels]
    points.results.plan["experiment"] = {"title": "Boxes", "postures": postures}
    folder = FinishedFolder(tmp_path, points.results)
    folder.__dict__["points"] = points
    figure = draw_kind(folder, "discovery")
    assert figure.get_suptitle().startswith("Where is ")
    assert figure.get_suptitle().endswith("?")
    assert "It holds at" in answer_of(figure)


@DRAWN
def test_text_beside_the_axes_lies_within_the_figure(made: Path, folder: str, kind: str) -> None:
    figure = drawn(made / folder, kind)
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


def test_policies_have_a_label_each(made: Path) -> None:
    figure = drawn(made / "search", "policies")
    figure.canvas.draw()
    names = [text for text in figure.axes[0].texts if text.get_text()]
    assert len(names) == 12 + len(POSTURES)
    # An annotation counts its line too.
    extents = [Text.get_window_extent(text) for text in names]
    boxes = sorted(extents, key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 + 3 for low, high in pairwise(boxes))
    rows = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert "recommended  2" in rows


def test_differences_have_the_words_of_the_table(made: Path) -> None:
    figure = draw_kind(made / "run", "differences", FigureChoice(metrics=("tension",)))
    found = regional_sim.load_results(made / "run").contrasts
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


def test_a_choice_is_heeded_and_checked(made: Path) -> None:
    choice = FigureChoice(metrics=("incidents",), postures=("reassurance",))
    figure = draw_kind(made / "run", "series", choice)
    assert figure.axes[0].get_ylabel() == "Incidents\n(incidents per month)"
    labels = [text.get_text() for text in figure.axes[0].texts]
    assert [one for one in labels if one != "onset"] == ["traditional", "reassurance"]
    for wrong, said in (
        (FigureChoice(metrics=("tensoin",)), "did you mean 'tension'"),
        (FigureChoice(postures=("reasurance",)), "did you mean 'reassurance'"),
        (FigureChoice(window="whloe"), "did you mean 'whole'"),
    ):
        with pytest.raises(UnknownNameError, match=said):
            draw_kind(made / "run", "differences", wrong)


def test_wrong_kinds_and_folders(made: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'series'"):
        kind_named("serie")
    with pytest.raises(InputError, match="series cannot be drawn: the result has no table"):
        draw_kind(made / "grid", "series")
    with pytest.raises(InputError, match="no such folder"):
        open_folder(tmp_path / "nothing")
    with pytest.raises(InputError, match=r"it has no plan\.json"):
        open_folder(tmp_path)


def test_a_broken_table_is_named(made: Path, tmp_path: Path) -> None:
    (tmp_path / "factors.csv").write_text("a,b\n1,2\n")
    (tmp_path / "calibration.json").write_text("{}")
    (tmp_path / "posterior_shares.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match=r"factors\.csv: factor: this table lacks a column"):
        POSTERIOR_KIND.draw(FinishedFolder(tmp_path))


def test_python_draws_results_and_folders(made: Path, tmp_path: Path) -> None:
    results = regional_sim.load_results(made / "run")
    figure = regional_sim.plot(results, "differences", metrics="tension")
    assert isinstance(figure, Figure)
    file = tmp_path / "new" / "one.svg"
    regional_sim.plot(made / "run", "differences", out=file)
    assert file.read_text().startswith("<?xml")
    with pytest.raises(InputError, match=r"allowed: \.png, \.pdf, \.svg"):
        regional_sim.plot(results, "differences", out=tmp_path / "a.gif")


# ------------------------------------------------------------------------------------- style


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


def test_svg_for_a_page_has_ids_of_its_own_and_no_styles_for_others(made: Path) -> None:
    figure = draw_kind(made / "run", "series")
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


def test_settings_of_a_user_change_nothing(made: Path, tmp_path: Path) -> None:
    import matplotlib

    plain = save_figure(draw_kind(made / "run", "series"), tmp_path / "a.png").read_bytes()
    with matplotlib.rc_context({"axes.grid": True, "font.size": 20.0, "lines.linewidth": 9.0}):
        other = save_figure(draw_kind(made / "run", "series"), tmp_path / "b.png").read_bytes()
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
    from regional_sim.figures.differences import _MARKS

    seen = set()
    for word, mark in _MARKS.items():
        grey = float(np.dot(to_rgb(mark["markerfacecolor"]), (0.3, 0.59, 0.11)))
        key = (mark["marker"], round(grey, 1))
        assert key not in seen or not word
        seen.add(key)
