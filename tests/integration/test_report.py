"""One page of what a folder found: what stands on it, that it is safe, and wrong turns."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import regional_sim
from regional_sim.errors import InputError
from regional_sim.html_report import citation, other_folders, page
from regional_sim.html_report.sections import PAGE_SECTIONS
from tests.support.cli import invoke, succeeds
from tests.support.html_page import ReadPage
from tests.support.pages import ROOT
from tests.support.sweeps import interrupted, registered, small

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


class TestWhatStandsOnIt:
    def test_sections_of_a_pair_of_postures(self, pair):
        found = page_of(pair)
        assert found.sections == [
            *("run", "answer", "figures", "numbers", "responses", "settings", "metrics"),
            *("reproduce", "cite"),
        ]
        assert "6 of each posture" in found.section("run")

    def test_the_answer_is_two_sentences_with_word_interval_and_smallest_effect(self, pair):
        found = page_of(pair)
        contrast = regional_sim.load_results(pair).contrasts.query(
            "metric == 'tension' and window == 'whole'"
        )
        said = found.section("answer")
        assert contrast["verdict"].item() in said
        assert said.count("95 % interval") == 2
        assert said.count("smallest effect of interest") == 2
        assert f"{contrast['difference'].item():+.3f}"[:5] in said

    def test_who_responds_is_told_by_state(self, pair):
        states = regional_sim.load_results(pair).table("states")
        after = states[states["months_after_switch"] > 0]
        means = after.groupby(["posture", "state"])["readiness"].mean()
        change = means["new_approach", "BBB"] - means["traditional", "BBB"]
        table = page_of(pair).section("responses")
        assert re.search(r"\(AAA\)", table)
        assert f"{change:+.2f}"[:4] in table or "no clear change" in table

    def test_settings_that_differ_are_listed_with_the_default(self, pair):
        said = page_of(pair).section("settings")
        assert "parameters.theta_challenger" in said
        assert "0.71" in said
        assert "parameters.alpha_challenger" not in said

    def test_metrics_shown_are_explained(self, pair):
        found = page_of(pair)
        assert "tension of all pairs" in found.section("metrics")
        assert "miscalculation_risk" in found.section("metrics")

    def test_commands_digests_and_versions(self, pair):
        results = regional_sim.load_results(pair)
        said = page_of(pair).section("reproduce")
        assert "regional-sim reproduce pair" in said
        for entry in results.manifest["tables"].values():
            assert entry["sha256"] in said
        assert results.manifest["plan"] in said
        assert results.plan["versions"]["numpy"] in said

    def test_the_command_gives_the_same_plan(self, pair, tmp_path, monkeypatch):
        (made,) = [
            one.text for one in page_of(pair).all("code") if one.text.startswith("regional-sim run")
        ]
        monkeypatch.chdir(tmp_path)
        succeeds(*made.replace("\\\n", " ").split()[1:], "--quiet")
        again = regional_sim.load_results(tmp_path / "results" / "again")
        assert again.manifest["plan"] == regional_sim.load_results(pair).manifest["plan"]

    def test_a_world_of_ones_own_has_no_command_but_the_folder(self, hostile):
        said = page_of(hostile).section("reproduce")
        assert "regional-sim run" not in said
        assert "plan.json holds the whole question" in said

    def test_citation_is_that_of_the_file(self):
        cited = yaml_of("CITATION.cff")
        assert cited["title"] == citation.TITLE
        assert [one["name"] for one in cited["authors"]] == [citation.AUTHORS]

    def test_one_posture_is_told_by_its_level(self, tmp_path):
        folder = tmp_path / "one"
        regional_sim.run("two_states", replicates=3, out=folder)
        found = page_of(folder)
        assert "Under traditional" in found.section("answer")
        assert "responses" not in found.sections
        assert "--tables runs,timeseries" in found.section("missing")

    def test_a_single_run_has_no_interval(self, tmp_path):
        folder = tmp_path / "single"
        regional_sim.run("two_states", postures=["traditional", "new_approach"], out=folder)
        assert "unclear" in page_of(folder).section("answer")

    def test_claims_are_stated_and_nothing_is_made_up(self, hostile):
        found = page_of(hostile)
        assert "no verdicts" in found.section("claims")
        assert "H1" in found.section("claims")
        assert "regional-sim hypotheses" in found.section("missing")

    def test_a_sample_tells_what_decides(self, sample):
        found = page_of(sample)
        assert {"sensitivity", "discovery"} <= set(found.sections)
        assert "theta_challenger" in found.section("sensitivity")
        assert "at 64 points" in found.section("answer")
        assert "responses" not in found.sections

    def test_few_points_do_not(self, hostile):
        found = page_of(hostile)
        assert not {"sensitivity", "discovery"} & set(found.sections)
        assert "regional-sim sensitivity" in found.section("missing")

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

    def test_title_can_be_given(self, pair):
        found = page_of(pair, title="Mine <b>")
        assert found.texts("h1", "title") == ["Mine <b>"] * 2

    def test_every_section_is_made_in_one_place(self):
        assert len(PAGE_SECTIONS) == len(set(PAGE_SECTIONS))


class TestClaims:
    def test_a_folder_of_claims_needs_its_verdicts(self, tmp_path):
        asked = small(tables=["runs"], hypotheses=[{**CLAIM, "clamp": ["challenger"]}])
        regional_sim.hypotheses(asked, replicates=8, runs=tmp_path / "claims")
        with pytest.raises(InputError, match="not judged to the end"):
            page_of(tmp_path / "claims")

    def test_verdicts_are_those_of_the_table(self, tmp_path):
        asked = tmp_path / "asked.yaml"
        plain = small(tables=["runs"], hypotheses=[CLAIM]).resolved()
        YAML(typ="safe").dump(plain, asked)
        folder = tmp_path / "judged"
        succeeds("hypotheses", asked, "--replicates", 8, "--out", folder, "--quiet")
        verdict = (folder / "hypotheses.csv").read_text(encoding="utf-8")
        found = page_of(folder)
        (word,) = set(re.findall("supported|contradicted|negligible|undecided|structural", verdict))
        assert f"1 is {word} (H1)" in found.section("answer")
        assert word in found.section("claims")
        assert "H1" in found.section("responses")
        assert "reproduce judged/as_it_is" in found.section("reproduce")

    def test_runs_beside_a_result_are_judged_and_none_is_made(self, tmp_path):
        folder = tmp_path / "swept"
        regional_sim.sweep(small(tables=["runs"], hypotheses=[CLAIM]), out=folder)
        judged = regional_sim.hypotheses(folder, replicates=8)
        before = sorted(folder.rglob("*"))
        found = page_of(folder)
        (row,) = judged.rows
        assert f"1 is {row.verdict} (H1)" in found.section("answer")
        assert set(folder.rglob("*")) - set(before) == {folder / page.REPORT_FILE}


class TestOtherFolders:
    FRONT = (
        "posture,recommended,on_front,tension_difference,tension_low,tension_high,largest_regret\n"
        "found_1,False,True,0.01,0.005,0.015,2.5\n"
        "<b>,True,True,-0.02,-0.03,-0.01,1.25\n"
    )

    def test_a_search_tells_what_is_recommended(self, tmp_path, monkeypatch):
        # Its figure needs more of the record than is written here.
        monkeypatch.setattr(other_folders, "pictures_in", lambda _: iter(()))
        asked = {"experiment": {"title": HOSTILE}, "versions": {"regional_sim": "0.4.0"}}
        (tmp_path / "search.json").write_text(json.dumps(asked), encoding="utf-8")
        (tmp_path / "front.csv").write_text(self.FRONT, encoding="utf-8")
        found = page_of(tmp_path)
        assert found.texts("h1") == [" ".join(HOSTILE.split())]
        assert "Least regret: <b>" in found.section("answer")
        assert "Regional tension by -0.020" in found.section("answer")
        assert (found.faults, found.addresses, found.all("b", "script")) == ([], [], [])

    def test_one_that_has_not_ended_is_refused(self, tmp_path):
        (tmp_path / "search.json").write_text("{}", encoding="utf-8")
        result = invoke("report", tmp_path, code=2)
        assert "unfinished" in result.output
        assert "optimise" in result.output


class TestItIsSafeAndWellFormed:
    @pytest.fixture(params=["pair", "hostile", "sample"])
    def found(self, request) -> ReadPage:
        return page_of(request.getfixturevalue(request.param))

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

    def test_texts_of_a_user_are_texts(self, hostile):
        found = page_of(hostile)
        as_one_line = " ".join(HOSTILE.split())
        assert found.texts("h1") == [as_one_line]
        assert as_one_line in found.section("question")
        assert as_one_line in found.section("claims")
        assert as_one_line in found.section("run")

    @pytest.mark.parametrize("name", ["pair", "sample"])
    def test_twice_the_same_bytes(self, name, request, tmp_path):
        folder = request.getfixturevalue(name)
        files = [regional_sim.write_report(folder, tmp_path / f"{n}.html") for n in "ab"]
        assert files[0].read_bytes() == files[1].read_bytes()


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

    def test_altered(self, pair, tmp_path):
        copy = tmp_path / "copy"
        copy.mkdir()
        for path in pair.iterdir():
            (copy / path.name).write_bytes(path.read_bytes())
        (copy / "summary.csv").write_text("x\n")
        assert "not as it was written" in invoke("report", copy, "--force", code=2).output

    def test_an_existing_file_needs_force(self, pair, tmp_path):
        file = tmp_path / "page.html"
        file.write_text("mine")
        result = invoke("report", pair, "--out", file, code=2)
        assert "--force" in result.output
        assert file.read_text() == "mine"
        succeeds("report", pair, "--out", file, "--force")
        assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")

    def test_another_ending(self, pair, tmp_path):
        result = invoke("report", pair, "--out", tmp_path / "page.pdf", code=2)
        assert ".html" in result.output

    def test_a_folder_in_its_place(self, pair, tmp_path):
        (tmp_path / "page.html").mkdir()
        assert "folder" in invoke("report", pair, "--out", tmp_path / "page.html", code=2).output

    def test_a_place_that_cannot_be_written(self, pair, tmp_path):
        (tmp_path / "taken").write_text("x")
        result = invoke("report", pair, "--out", tmp_path / "taken" / "page.html", code=2)
        assert "cannot be written" in result.output

    def test_where_it_is_written_is_told(self, pair, tmp_path):
        file = tmp_path / "new" / "page.html"
        assert str(file) in succeeds("report", pair, "--out", file).output.replace("\n", "")
        assert succeeds("report", pair, "--out", file, "--force", "--quiet").output == ""


def test_the_style_is_not_escaped() -> None:
    made = page.rendered("Title", "Lead.", [])
    style = made[made.index("<style>") : made.index("</style>")]
    assert '"Segoe UI"' in style
    assert "&#" not in style
