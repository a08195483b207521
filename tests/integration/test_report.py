"""One page of what a folder found: what stands on it, that it is safe, and wrong turns."""

from __future__ import annotations

import inspect
import json
import math
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from ruamel.yaml import YAML
from scipy import stats

import regional_sim
from regional_sim.errors import InputError
from regional_sim.experiment.plan import Plan
from regional_sim.figures.kinds import KINDS
from regional_sim.html_report import answers_on_page, citation, page, pictures, sections
from regional_sim.html_report.answer import answer_sentences
from regional_sim.html_report.how_made import commands_of
from regional_sim.html_report.page_parts import PageTable
from regional_sim.html_report.report_source import open_source
from regional_sim.html_report.responses import HARDLY_ANY, NO_CLEAR_CHANGE, RESPONSES, responses_of
from regional_sim.report.text import ContrastRow
from regional_sim.scenario import load_scenario
from tests.support.cli import invoke, succeeds
from tests.support.html_page import ReadPage
from tests.support.pages import ROOT
from tests.support.sweeps import RULE, interrupted, registered, small

HOSTILE = """</title><script>alert("x")</script> "q' & javascript:alert(1) <img src=x onerror=y>"""
CLAIM = {
    "id": "H1",
    "claim": f"It raises tension {HOSTILE}",
    "metric": "tension",
    "expects": "rise",
}


def yaml_of(name: str) -> dict:
    return YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8"))


def page_of(folder: Path, **options) -> ReadPage:
    return ReadPage.of(regional_sim.write_report(folder, force=True, **options))


@pytest.fixture
def no_pictures(monkeypatch) -> None:
    """Leave figures out, which take most of the time of a page."""
    monkeypatch.setattr(pictures, "suitable_kinds", lambda _: ())


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> Path:
    """Two postures at a single point, with series and states."""
    folder = tmp_path_factory.mktemp("report") / "pair"
    regional_sim.run(
        "two_states",
        postures=["traditional", "new_approach"],
        replicates=6,
        seed=3,
        settings=["parameters.theta_challenger=0.71"],
        tables=["runs", "timeseries", "states"],
        out=folder,
    )
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    """Every text of a user tries to get out."""
    folder = tmp_path_factory.mktemp("report") / "a b & <c>"
    sweep = small(
        title=HOSTILE,
        question=f"{HOSTILE}\n\nwhy?",
        settings={**small().settings, "states.AAA.name": HOSTILE, "title": HOSTILE},
        hypotheses=[CLAIM],
        tables=["runs"],
    )
    regional_sim.sweep(sweep, out=folder)
    return folder


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Path:
    """Points enough to ask what decides between them."""
    folder = tmp_path_factory.mktemp("report") / "sample"
    design = {
        "kind": "latin_hypercube",
        "n": 64,
        "seed": 1,
        "factors": {
            "parameters.theta_challenger": {"distribution": "uniform", "low": 0.0, "high": 1.0},
            "parameters.incident_scale": {"distribution": "uniform", "low": 0.0, "high": 4.0},
        },
    }
    regional_sim.sweep(small(design=design, replicates=2, tables=["runs"]), out=folder)
    return folder


@pytest.fixture(scope="module")
def pair_page(pair) -> ReadPage:
    return page_of(pair)


@pytest.fixture(scope="module")
def hostile_page(hostile) -> ReadPage:
    return page_of(hostile)


@pytest.fixture(scope="module")
def sample_page(sample) -> ReadPage:
    return page_of(sample)


@pytest.fixture(scope="module")
def single(tmp_path_factory) -> Path:
    """One run of each of two postures."""
    folder = tmp_path_factory.mktemp("report") / "single"
    both = ["traditional", "new_approach"]
    regional_sim.run("two_states", postures=both, tables=["runs", "states"], out=folder)
    return folder


def changes_of(folder: Path) -> dict[str, dict[str, str]]:
    """The table of responses of the only posture beside the reference, by code of the state."""
    (table,) = [one for one in responses_of(open_source(folder)) if isinstance(one, PageTable)]
    return {row[0][-4:-1]: dict(zip(table.heads[1:], row[1:], strict=True)) for row in table.rows}


def cell_holds(cell: str, differences: list[float]) -> bool:
    """Tell whether a cell says what paired differences do."""
    mean = sum(differences) / len(differences)
    low, high = stats.t.interval(
        0.95, len(differences) - 1, loc=mean, scale=stats.sem(differences) or 1e-300
    )
    if low <= 0.0 <= high:
        return cell == NO_CLEAR_CHANGE
    return cell == HARDLY_ANY or math.isclose(float(cell), mean, rel_tol=0.01, abs_tol=0.0006)


class TestWhatStandsOnIt:
    def test_sections_of_a_pair_of_postures(self, pair_page):
        found = pair_page
        assert found.sections == [
            *("run", "answer", "figures", "numbers", "responses", "settings", "metrics"),
            *("reproduce", "cite"),
        ]
        assert "6 of each posture" in found.section("run")

    def test_the_answer_is_two_sentences_with_word_interval_and_smallest_effect(
        self, pair, pair_page
    ):
        contrast = regional_sim.load_results(pair).contrasts.query(
            "metric == 'tension' and window == 'whole'"
        )
        said = pair_page.section("answer")
        assert contrast["verdict"].item() in said
        assert said.count("95 % interval") == 2
        assert said.count("smallest effect of interest") == 2
        assert f"{abs(contrast['difference'].item()):.3f}"[:5] in said
        assert "new approach" in said.lower()

    def test_who_responds_is_told_by_state(self, pair):
        states = regional_sim.load_results(pair).table("states")
        after = states[states["months_after_switch"] > 0]
        found = changes_of(pair)
        assert set(found) == {"AAA", "BBB"}
        clear = 0
        for response, variable in RESPONSES.items():
            means = after.groupby(["posture", "state", "replicate"])[variable.name].mean()
            for code, cells in found.items():
                paired = means["new_approach", code] - means["traditional", code]
                assert cell_holds(cells[response], paired.tolist()), (code, response, cells)
                clear += cells[response] != NO_CLEAR_CHANGE
        assert 0 < clear < 2 * len(RESPONSES)

    def test_responses_pair_the_runs_that_did_not_fail(self, tmp_path):
        folder = tmp_path / "failed"
        with registered():
            postures = [{"policy": "brittle", "limit": 0.3}, "new_approach"]
            asked = small(design=None, postures=postures, tables=["runs", "states"])
            regional_sim.sweep(asked, out=folder, on_error="continue")
            found = changes_of(folder)
            drawn = [one.title for one in pictures.pictures_of(open_source(folder))]
        results = regional_sim.load_results(folder)
        failed = set(results.failures["replicate"])
        assert 0 < len(failed) < 8
        # Its runs would fail again.
        assert KINDS["differences"].question in drawn
        assert KINDS["ladder"].question not in drawn
        states = results.table("states").query("months_after_switch > 0")
        kept = states[~states["replicate"].isin(failed)]
        means = kept.groupby(["posture", "state", "replicate"])["readiness"].mean()
        for code in ("AAA", "BBB"):
            paired = means["new_approach", code] - means["brittle", code]
            assert cell_holds(found[code]["readiness"], paired.tolist())

    def test_settings_that_differ_are_listed_with_the_default(self, pair_page):
        said = pair_page.section("settings")
        assert "parameters.theta_challenger" in said
        assert "0.71" in said
        assert "parameters.alpha_challenger" not in said

    def test_metrics_shown_are_explained(self, pair_page):
        found = pair_page
        assert "tension of all pairs" in found.section("metrics")
        assert "miscalculation_risk" in found.section("metrics")

    def test_commands_digests_and_versions(self, pair, pair_page):
        results = regional_sim.load_results(pair)
        said = pair_page.section("reproduce")
        assert "regional-sim reproduce pair" in said
        for entry in results.manifest["tables"].values():
            assert entry["sha256"] in said
        assert results.manifest["plan"] in said
        assert results.plan["versions"]["numpy"] in said

    def test_the_command_gives_the_same_plan(self, pair, pair_page, tmp_path, monkeypatch):
        (made,) = [
            one.text for one in pair_page.all("code") if one.text.startswith("regional-sim run")
        ]
        monkeypatch.chdir(tmp_path)
        succeeds(*made.replace("\\\n", " ").split()[1:], "--quiet")
        again = regional_sim.load_results(tmp_path / "results" / "again")
        assert again.manifest["plan"] == regional_sim.load_results(pair).manifest["plan"]

    def test_a_world_of_ones_own_has_no_command_but_the_folder(self, hostile_page):
        said = hostile_page.section("reproduce")
        assert "regional-sim run" not in said
        assert "plan.json holds the whole question" in said

    def test_citation_is_that_of_the_file(self):
        cited = yaml_of("CITATION.cff")
        assert cited["title"] == citation.TITLE
        assert [one["name"] for one in cited["authors"]] == [citation.AUTHORS]

    @pytest.mark.usefixtures("no_pictures")
    def test_one_posture_is_told_by_its_level(self, tmp_path):
        folder = tmp_path / "one"
        regional_sim.run("two_states", replicates=3, out=folder)
        found = page_of(folder)
        assert "Under traditional" in found.section("answer")
        assert ": regional tension is" in found.section("answer")
        assert "responses" not in found.sections
        assert "--tables runs,timeseries" in found.section("missing")

    @pytest.mark.usefixtures("no_pictures")
    def test_a_single_run_has_no_interval(self, single):
        found = page_of(single)
        assert "unclear" in found.section("answer")
        assert found.section("answer").count("one pair of runs, so no interval") == 2
        assert "n/a" not in found.section("answer")
        responses = found.section("responses")
        assert "One pair of runs has no interval" in responses
        assert NO_CLEAR_CHANGE not in responses
        assert HARDLY_ANY not in responses

    def test_figures_that_make_runs_again_say_so(self, pair_page):
        captions = pair_page.texts("figcaption")
        said = {
            name: pictures.MADE_AGAIN in one
            for name, kind in KINDS.items()
            for one in captions
            if one.startswith(kind.question)
        }
        again = {"region", "responses", "ladder"}
        assert said == {name: name in again for name in ("differences", "series", *again)}
        assert "few runs of its plan were made again" in pair_page.texts("footer")[0]
        tables = SimpleNamespace(results=SimpleNamespace(tables=("runs", "states", "dyads")))
        assert not pictures._makes_runs(KINDS["region"], tables)
        assert pictures._makes_runs(KINDS["ladder"], tables)

    def test_a_page_without_such_figures_says_that_nothing_was_run(self):
        made = page.rendered("Title", "Lead.", [])
        assert "from the result folder alone.</p>" in made
        assert "again" not in made[made.index("<footer>") :]

    def test_claims_are_stated_and_nothing_is_made_up(self, hostile_page):
        found = hostile_page
        assert "no verdicts" in found.section("claims")
        assert "H1" in found.section("claims")
        assert "regional-sim hypotheses" in found.section("missing")

    @pytest.mark.slow
    def test_a_sample_tells_what_decides(self, sample_page):
        found = sample_page
        assert {"sensitivity", "discovery"} <= set(found.sections)
        assert "theta_challenger" in found.section("sensitivity")
        assert "at 64 points" in found.section("answer")
        assert "responses" not in found.sections

    def test_pictures_of_a_sample_show_what_the_page_tells(self, sample, monkeypatch):
        kinds = (KINDS["sensitivity"], KINDS["discovery"])
        monkeypatch.setattr(pictures, "suitable_kinds", lambda _: kinds)
        # As where there are more points than are analysed for a page.
        source = open_source(sample)
        vars(source).update(sensitivity=None, discovery=None)
        assert list(pictures.pictures_of(source)) == []
        told = []
        for kind in kinds:
            draw = lambda found: told.append(found) or KINDS["differences"].draw(sample_folder)  # noqa: E731
            monkeypatch.setattr(pictures, f"{kind.name}_figure", draw)
        sample_folder = pictures.FinishedFolder(sample, source.results)
        vars(source).update(sensitivity="factors", discovery="boxes")
        assert len(list(pictures.pictures_of(source))) == 2
        assert told == ["factors", "boxes"]

    def test_few_points_do_not(self, hostile_page):
        found = hostile_page
        assert not {"sensitivity", "discovery"} & set(found.sections)
        assert "regional-sim sensitivity" in found.section("missing")

    @pytest.mark.usefixtures("no_pictures")
    def test_failures_are_listed(self, tmp_path):
        folder = tmp_path / "failed"
        with registered():
            asked = small(postures=["traditional", {"policy": "brittle", "limit": 0.4}])
            regional_sim.sweep(asked, out=folder, on_error="continue", tables=["runs"])
            n_failed = len(regional_sim.load_results(folder).failures)
            found = page_of(folder)
        assert n_failed
        said = found.section("failures")
        assert f"{n_failed} of 48 runs failed" in said
        assert "tension is above the limit" in said

    def test_every_section_is_made_in_one_place(self):
        """A function that makes a section and is not listed would never be seen."""
        makers = [
            one
            for module in (sections, answers_on_page)
            for one in vars(module).values()
            if inspect.isfunction(one)
            and one.__module__ == module.__name__
            and str(one.__annotations__.get("return")).startswith("PageSection")
        ]
        assert len(makers) > 10
        assert Counter(sections.PAGE_SECTIONS) == Counter(makers)


def difference(verdict: str, value: float, low: float, high: float, percent: float):
    """What is compared of two postures in support."""
    rows = {
        (0, "traditional"): ContrastRow("traditional", 0.5, 0.4, 0.6),
        (0, "new_approach"): ContrastRow(
            "new_approach", 0.5, 0.4, 0.6, value, low, high, percent, 0.01, verdict
        ),
    }
    return SimpleNamespace(
        claims=None,
        labels=("traditional", "new_approach"),
        plan=SimpleNamespace(n_points=1, windows={"whole": None}),
        shown=SimpleNamespace(window="whole"),
        by_metric={"un_support": rows},
    )


class TestTheAnswer:
    SMALLEST = "smallest effect of interest 0.01), against traditional."

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (
                ("lowers", -0.0804, -0.0912, -0.0696, -33.0),
                "New approach lowers support in the United Nations by 0.080, 33.0 %"
                " (95 % interval 0.070 to 0.091, ",
            ),
            (
                ("raises", 0.0804, 0.0696, 0.0912, 33.0),
                "New approach raises support in the United Nations by 0.080, 33.0 %"
                " (95 % interval 0.070 to 0.091, ",
            ),
            (
                ("unclear", -0.004, -0.02, 0.012, -2.0),
                "The effect of new approach on support in the United Nations is unclear: -0.004,"
                " -2.0 % (95 % interval -0.020 to +0.012, ",
            ),
            (
                ("unclear", -0.004, math.nan, math.nan, -2.0),
                "The effect of new approach on support in the United Nations is unclear: -0.00400,"
                " -2.0 % (one pair of runs, so no interval, ",
            ),
        ],
    )
    def test_words_and_signs_do_not_say_the_same_twice(self, given, said):
        assert answer_sentences(difference(*given)) == [said + self.SMALLEST]

    def test_where_all_runs_failed(self):
        (said,) = answer_sentences(difference("unclear", *[math.nan] * 4))
        assert said == (
            "No pair of runs tells what new approach does to support in the United Nations,"
            " against traditional."
        )


class TestCommands:
    @staticmethod
    def made(engine: str = "ensemble", **changes) -> list[str]:
        """The command of a single point of the shipped world."""
        title = load_scenario("two_states").title
        asked = small(**({"design": None, "settings": {}, "title": title, "tables": []} | changes))
        source = SimpleNamespace(folder=Path("x"), claims=None, plan=Plan.of(asked, engine))
        source.results = SimpleNamespace(folder=Path("x"))
        return commands_of(source)[0]

    def test_a_command_is_given_where_it_asks_for_the_same(self):
        assert self.made()[0] == "regional-sim run two_states \\"
        assert "    --replicates 8 \\" in self.made()
        assert "    --set parameters.theta_challenger=0.71 \\" in self.made(
            settings={"parameters.theta_challenger": 0.71}
        )
        assert "    --engine mesa \\" in self.made(engine="mesa")

    @pytest.mark.parametrize(
        "changes", [{"replicates": RULE}, {"outcomes": ["tension"]}, {"tables": ["states"]}]
    )
    def test_none_is_given_where_no_option_asks_for_it(self, changes):
        assert self.made(**changes) == []

    def test_folders_below_are_named_with_the_one_above_and_with_imports(self, tmp_path):
        plan = Plan.of(small())
        for name in ("screen", "indices"):
            below = tmp_path / "my sens" / name
            below.mkdir(parents=True)
            (below / "manifest.json").write_text("{}", encoding="utf-8")
            (below / "plan.json").write_text('{"imports": {"mine.py": "0"}}', encoding="utf-8")
        source = SimpleNamespace(folder=tmp_path / "my sens", plan=plan, claims=None)
        source.results = SimpleNamespace(folder=source.folder / "indices")
        assert commands_of(source)[1] == [
            f"regional-sim reproduce 'my sens/{name}' --import mine.py"
            for name in ("indices", "screen")
        ]


class TestClaims:
    def test_a_folder_of_claims_needs_its_verdicts(self, tmp_path):
        asked = small(tables=["runs"], hypotheses=[{**CLAIM, "clamp": ["challenger"]}])
        regional_sim.hypotheses(asked, replicates=8, runs=tmp_path / "claims")
        with pytest.raises(InputError, match="not judged to the end"):
            page_of(tmp_path / "claims")

    def test_verdicts_are_those_of_the_table(self, tmp_path, monkeypatch):
        asked = tmp_path / "asked.yaml"
        plain = small(tables=["runs"], hypotheses=[CLAIM]).resolved()
        YAML(typ="safe").dump(plain, asked)
        folder = tmp_path / "judged"
        succeeds("hypotheses", asked, "--replicates", 8, "--out", folder, "--quiet")
        verdict = (folder / "hypotheses.csv").read_text(encoding="utf-8")
        drawn = []
        monkeypatch.setattr(pictures, "suitable_kinds", lambda of: drawn.append(of) or ())
        found = page_of(folder)
        # Figures show the runs that sentences and tables are of, and not those of the prior.
        assert [(one.path, one.runs.folder) for one in drawn] == [(folder, folder / "as_it_is")]
        assert KINDS["claims"].lacks(drawn[0]) is None
        (word,) = set(re.findall("supported|contradicted|negligible|undecided|structural", verdict))
        assert f"1 is {word} (H1)" in found.section("answer")
        assert word in found.section("claims")
        assert "H1" in found.section("responses")
        assert "reproduce judged/as_it_is" in found.section("reproduce")
        table = verdict.splitlines()
        place = table[0].split(",").index("points")
        cells = table[1].split(",")
        for damaged in ("", "many"):
            line = ",".join([*cells[:place], damaged, *cells[place + 1 :]])
            (folder / "hypotheses.csv").write_text(f"{table[0]}\n{line}\n", encoding="utf-8")
            output = invoke("report", folder, "--force", code=2).output
            assert "points: must be a whole number" in output.replace("\n", " ")
        (folder / "hypotheses.csv").write_text(
            verdict.replace(f",{word},", ",likely,"), encoding="utf-8"
        )
        assert "unknown verdict" in invoke("report", folder, "--force", code=2).output

    @pytest.mark.usefixtures("no_pictures")
    def test_runs_beside_a_result_are_judged_and_none_is_made(self, tmp_path):
        folder = tmp_path / "swept"
        regional_sim.sweep(small(tables=["runs"], hypotheses=[CLAIM]), out=folder)
        judged = regional_sim.hypotheses(folder, replicates=8)
        before = sorted(folder.rglob("*"))
        found = page_of(folder)
        (row,) = judged.rows
        assert f"1 is {row.verdict} (H1)" in found.section("answer")
        assert set(folder.rglob("*")) - set(before) == {folder / page.REPORT_FILE}
        said = found.section("reproduce")
        assert "reproduce swept regional-sim reproduce swept/hypotheses/as_it_is" in said


class TestOtherFolders:
    FRONT = (
        "posture,recommended,on_front,tension_difference,tension_low,tension_high,largest_regret,"
        "joint_patrols\n"
        "traditional,False,True,0.0,0.0,0.0,2.5,\n"
        "<b>,True,True,-0.02,-0.03,-0.01,1.25,0.5\n"
    )

    @pytest.fixture
    def search(self, tmp_path) -> Path:
        asked = {
            "experiment": {"title": HOSTILE, "postures": [{"label": "traditional"}]},
            "instruments": ["joint_patrols"],
            "goals": ["least tension"],
            "versions": {"regional_sim": "0.4.0"},
        }
        (tmp_path / "search.json").write_text(json.dumps(asked), encoding="utf-8")
        (tmp_path / "front.csv").write_text(self.FRONT, encoding="utf-8")
        return tmp_path

    def test_a_search_tells_what_is_recommended(self, search):
        found = page_of(search)
        assert found.texts("h1") == [" ".join(HOSTILE.split())]
        assert "Least regret: <b>" in found.section("answer")
        assert "regional tension by -0.020" in found.section("answer")
        assert KINDS["policies"].question in found.section("figures")
        assert (found.faults, found.addresses, found.all("b", "script")) == ([], [], [])

    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            ("recommended", "recommend", "recommended: this table lacks a column"),
            ("tension_low", "tension_lo", "tension_low: this table lacks a column"),
            ("1.25", "much", "largest_regret: this column holds something else than numbers"),
            ("b>,True", "b>,perhaps", "recommended: this column holds something else than True"),
        ],
    )
    def test_a_damaged_search_is_refused(self, search, before, after, said):
        (search / "front.csv").write_text(self.FRONT.replace(before, after), encoding="utf-8")
        assert said in " ".join(invoke("report", search, code=2).output.split())

    def test_a_calibration_tells_how_far_targets_inform(self, tmp_path):
        asked = {"request": {"title": "Two factors", "seed": 4, "postures": [{"label": "one"}]}}
        tables = {
            "calibration.json": json.dumps(asked),
            "posterior.csv": "parameters.incident_scale\n1.0\n",
            "factors.csv": (
                "factor,prior,median,low,high,sd_ratio,informed\n"
                "parameters.incident_scale,uniform 0 to 2,1.2,0.9,1.5,0.3,well\n"
                "parameters.exit_cost,uniform 0 to 9,4.0,0.5,8.5,1.0,not\n"
            ),
            "targets.csv": (
                "target,observed,prior_median,prior_low,prior_high,posterior_median,posterior_low,"
                "posterior_high,inside\n"
                "disputes a decade,45.2,49.6,8.2,114.6,48.3,33.4,63.5,True\n"
                "wars a century,2.0,1.0,0.0,3.0,0.8,0.0,1.5,False\n"
            ),
        }
        for name, text in tables.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        found = page_of(tmp_path)
        assert found.texts("h1") == ["Two factors"]
        answer = found.section("answer")
        assert "1 of 2 targets lie in their posterior interval" in answer
        assert "well: incident_scale; not: exit_cost" in answer
        assert KINDS["targets"].question in found.section("figures")
        assert "wars a century" in found.section("numbers")
        assert found.faults == []
        (tmp_path / "targets.csv").write_text(tables["targets.csv"].replace("inside", "in"))
        refused = " ".join(invoke("report", tmp_path, "--force", code=2).output.split())
        assert "inside: this table lacks a column" in refused

    def test_a_test_of_forecasts_counts_comparisons(self, tmp_path):
        tables = {
            "comparisons.csv": (
                "series,months_ahead,against,months,skill,low,high,verdict\n"
                "mine,1,persistence,78,-0.5,-0.7,-0.3,worse\n"
                "mine,2,persistence,78,0.1,0.05,0.15,better\n"
                "all series,1,persistence,78,0.1,0.05,0.15,better\n"
            ),
            "scores.csv": "series,months_ahead,forecast,crps\nmine,1,model,17.5\n",
            "fits.csv": "series,simulated,months_fitted\nmine,tension of AAA-BBB,75\n",
        }
        for name, text in tables.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        found = page_of(tmp_path)
        answer = found.section("answer")
        assert "Against persistence the model is better in 1, worse in 1 and" in answer
        assert "in 0 of 2 comparisons" in answer
        assert "tension of AAA-BBB" in found.section("numbers")
        assert "comparisons.csv" in found.section("reproduce")
        assert found.faults == []
        (tmp_path / "comparisons.csv").write_text("series,against\na,b\n", encoding="utf-8")
        refused = " ".join(invoke("report", tmp_path, "--force", code=2).output.split())
        assert "verdict: this table lacks a column" in refused

    def test_one_that_has_not_ended_is_refused(self, tmp_path):
        (tmp_path / "search.json").write_text("{}", encoding="utf-8")
        result = invoke("report", tmp_path, code=2)
        assert "unfinished" in result.output
        assert "optimise" in result.output


class TestItIsSafeAndWellFormed:
    @pytest.fixture(params=["pair", "hostile", pytest.param("sample", marks=pytest.mark.slow)])
    def found(self, request) -> ReadPage:
        return request.getfixturevalue(f"{request.param}_page")

    def test_every_element_is_closed_as_it_was_opened(self, found):
        assert found.faults == []

    def test_nothing_is_run_or_fetched(self, found):
        assert found.addresses == []
        assert "http" not in found.source.replace('http-equiv="Content', "")
        assert not found.all("script", "iframe", "object", "embed", "link", "base", "form")
        handlers = [n for e in found.elements for n in e.attributes if n.startswith("on")]
        assert handlers == []

    def test_policy_of_the_browser_allows_no_script(self, found):
        (policy,) = [
            one.attributes["content"]
            for one in found.all("meta")
            if one.attributes.get("http-equiv") == "Content-Security-Policy"
        ]
        assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

    def test_headings_are_in_order(self, found):
        levels = [int(one.tag[1]) for one in found.all("h1", "h2", "h3", "h4")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_ids_are_unique_and_links_lead_to_them(self, found):
        ids = Counter(e.attributes["id"] for e in found.elements if "id" in e.attributes)
        assert max(ids.values()) == 1
        for one in found.all("a", "use"):
            assert one.attributes["href"].removeprefix("#") in ids

    def test_tables_have_captions_and_scopes(self, found):
        assert len(found.all("caption")) == len(found.all("table"))
        assert all(one.attributes["scope"] for one in found.all("th"))

    def test_figures_say_what_they_show(self, found):
        outer = [one for one in found.all("svg") if "role" in one.attributes]
        assert len(outer) == len(found.all("figure"))
        assert all(one.attributes["role"] == "img" for one in outer)
        assert all(one.attributes["aria-label"] for one in outer)
        assert all(found.texts("figcaption"))

    def test_it_is_small(self, found):
        assert len(found.source.encode()) < 1_000_000

    def test_texts_of_a_user_are_texts(self, hostile_page):
        found = hostile_page
        as_one_line = " ".join(HOSTILE.split())
        assert found.texts("h1") == [as_one_line]
        assert as_one_line in found.section("question")
        assert as_one_line in found.section("claims")
        assert as_one_line in found.section("run")

    @pytest.mark.parametrize("name", ["pair", pytest.param("sample", marks=pytest.mark.slow)])
    def test_twice_the_same_bytes(self, name, request, tmp_path):
        folder, found = (request.getfixturevalue(one) for one in (name, f"{name}_page"))
        file = regional_sim.write_report(folder, tmp_path / "again.html")
        assert file.read_text(encoding="utf-8") == found.source


@pytest.mark.usefixtures("no_pictures")
class TestWrongTurns:
    def test_no_such_folder(self, tmp_path):
        result = invoke("report", tmp_path / "nowhere", code=2)
        assert "no such folder" in result.output

    def test_a_file(self, tmp_path):
        (tmp_path / "x.csv").write_text("a\n")
        assert "not a result folder" in invoke("report", tmp_path / "x.csv", code=2).output

    def test_an_empty_folder(self, tmp_path):
        assert "no result folder" in invoke("report", tmp_path, code=2).output

    def test_unfinished(self, tmp_path):
        folder = tmp_path / "half"
        interrupted(small(tables=["runs"]), folder, after_runs=1)
        assert "unfinished" in invoke("report", folder, code=2).output
        assert not (folder / page.REPORT_FILE).exists()

    def test_altered(self, single, tmp_path):
        copy = tmp_path / "copy"
        copy.mkdir()
        for path in single.iterdir():
            (copy / path.name).write_bytes(path.read_bytes())
        (copy / "summary.csv").write_text("x\n")
        assert "not as it was written" in invoke("report", copy, "--force", code=2).output

    def test_an_existing_file_needs_force(self, single, tmp_path):
        file = tmp_path / "page.html"
        file.write_text("mine")
        result = invoke("report", single, "--out", file, code=2)
        assert "--force" in result.output
        assert file.read_text() == "mine"
        succeeds("report", single, "--out", file, "--force")
        assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")

    def test_another_ending(self, single, tmp_path):
        result = invoke("report", single, "--out", tmp_path / "page.pdf", code=2)
        assert ".html" in result.output

    def test_a_folder_in_its_place(self, single, tmp_path):
        (tmp_path / "page.html").mkdir()
        assert "folder" in invoke("report", single, "--out", tmp_path / "page.html", code=2).output

    def test_a_place_that_cannot_be_written(self, single, tmp_path):
        (tmp_path / "taken").write_text("x")
        result = invoke("report", single, "--out", tmp_path / "taken" / "page.html", code=2)
        assert "cannot be written" in result.output

    def test_where_it_is_written_is_told_and_a_title_can_be_given(self, single, tmp_path):
        file = tmp_path / "new" / "page.html"
        result = succeeds("report", single, "--out", file, "--title", "Mine <b>")
        assert str(file) in result.output.replace("\n", "")
        assert ReadPage.of(file).texts("h1", "title") == ["Mine <b>"] * 2
        assert succeeds("report", single, "--out", file, "--force", "--quiet").output == ""


def test_the_style_is_not_escaped() -> None:
    made = page.rendered("Title", "Lead.", [])
    style = made[made.index("<style>") : made.index("</style>")]
    assert '"Segoe UI"' in style
    assert "&#" not in style
