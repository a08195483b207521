"""The pages in docs/ say what the code says, and name nothing that does not exist."""

import re
from itertools import pairwise

import pytest
import typer

from regional_sim.analysis.result_comparison import STATISTIC_COLUMNS
from regional_sim.cli.app import app
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.schedule import PHASES
from regional_sim.model.variables import (
    BeliefVar,
    ChoiceDraw,
    DirectedVar,
    Draw,
    Group,
    InstrumentRow,
    MotiveTerm,
    Observer,
    PairVar,
    RegionVar,
    Role,
    StateVar,
)
from regional_sim.postures import POLICIES, Instrument
from regional_sim.report.catalogue import catalogue
from regional_sim.report.listing import as_markdown
from tests.support.pages import (
    DOCS,
    ROOT,
    blocks,  # noqa: F401 (for the worked examples)
    broken_links,
    commands,
    new_files,
    quoted,
    row_of,
    rows,
    sections,
    text_of,
)

MECHANISMS = "src/regional_sim/model/mechanisms"
GENERATED = ("parameters", "metrics")
ODD = DOCS / "odd.md"
PAGES = sorted(DOCS.glob("*.md"))
POLICIES_SHIPPED = {
    name: policy
    for name, policy in POLICIES.items()
    if policy.__module__.startswith("regional_sim.")
}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def section_of(start: str) -> str:
    (found,) = [text for name, text in sections(ODD).items() if name.startswith(start)]
    return found


# --------------------------------------------------------------- odd.md against the catalogues


class TestOdd:
    @pytest.mark.parametrize(
        "kind", [StateVar, PairVar, DirectedVar, BeliefVar, RegionVar, MotiveTerm]
    )
    def test_every_variable_and_no_other_has_a_row_with_its_unit_and_meaning(self, kind):
        (table,) = [t for n, t in sections(ODD).items() if n.endswith(f"(`{kind.__name__}`)")]
        found = rows(table)[2:]
        assert [row[:3] for row in found] == [[f"`{v.name}`", v.unit, v.meaning] for v in kind]
        assert all(set_by for *_, set_by in found)

    @pytest.mark.parametrize("kind", [Draw, ChoiceDraw, Observer, InstrumentRow, Role, Group])
    def test_every_other_name_of_the_layout_is_there(self, kind):
        assert not [member for member in kind if f"`{member.name}`" not in text_of(ODD)]

    @pytest.mark.parametrize("mechanism", sorted({param.mechanism for param in Param}))
    def test_every_parameter_stands_in_the_section_of_its_mechanism(self, mechanism):
        path = f"{MECHANISMS}/{mechanism}.py"
        found = "".join(t for t in sections(ODD).values() if f"Code: `{path}`" in t)
        assert found, f"no section of odd.md begins with the code of {path}"
        own = [param for param in Param if param.mechanism == mechanism]
        assert not [param for param in own if f"`{param.name}`" not in found]

    def test_every_mechanism_has_a_section_of_its_own(self):
        found = {n: t for n, t in sections(ODD).items() if re.match(r"8\.\d+ ", n)}
        assert [name.split()[0] for name in found] == [f"8.{n}" for n in range(len(found))]
        code = [text.strip().partition("\n\n")[0] for text in found.values()]
        for file in sorted((ROOT / MECHANISMS).glob("[!_]*.py")):
            number = re.match(r'"""Mechanism (\d+)\.', file.read_text(encoding="utf-8"))
            places = code[int(number[1]) : int(number[1]) + 1] if number else code
            assert any(f"`{MECHANISMS}/{file.name}`" in text for text in places), file.name

    def test_every_option_is_there(self):
        missing = [o for o in Option if not re.search(rf"Option:\s+`{o.name}`", text_of(ODD))]
        assert not missing

    @pytest.mark.parametrize("metric", Metric, ids=lambda metric: metric.name)
    def test_every_metric_has_a_row(self, metric):
        expected = [metric.unit, metric.combine, ", ".join(metric.requires), metric.meaning]
        assert row_of(section_of("4.10"), metric.name)[1:] == expected

    def test_phases_in_the_order_of_the_code(self):
        numbered = [row for row in rows(section_of("3 ")) if row[0].isdigit()]
        assert [int(row[0]) for row in numbered] == list(range(1, len(PHASES) + 1))
        assert [row[1] for row in numbered] == [f"`{phase.name}`" for phase in PHASES]
        for row, phase in zip(numbered, PHASES, strict=True):
            assert (row[2] == "region") is (not phase.by_state)

    def test_the_picture_shows_the_phases_in_the_same_order(self):
        (picture,) = re.findall(r"```\n(.*?)```", section_of("3 "), flags=re.DOTALL)
        places = [re.search(rf"\b{phase.name}\b", picture).start() for phase in PHASES]
        assert places == sorted(places)

    @pytest.mark.parametrize("name", POLICIES_SHIPPED)
    def test_every_policy_has_its_rule(self, name):
        rule = " ".join(POLICIES[name].rule.split())
        assert row_of(section_of("8.0"), name) == [f"`{name}`", rule]

    @pytest.mark.parametrize("instrument", Instrument, ids=lambda instrument: instrument.name)
    def test_every_instrument_has_a_row_with_its_channels(self, instrument):
        channels = ", ".join(f"`{channel.name}`" for channel in instrument.channels)
        row = row_of(section_of("Instruments"), instrument.name)
        assert row[1:4] == [instrument.dimension, instrument.meaning, channels]

    def test_deviations_are_numbered_and_named_where_they_are_used(self):
        numbers = [row[0] for row in rows(section_of("9 ")) if re.fullmatch(r"D\d+", row[0])]
        assert numbers == [f"D{n}" for n in range(1, len(numbers) + 1)]
        assert all(len(row) == 5 and all(row) for row in rows(section_of("9 ")))
        used = set(re.findall(r"\bD\d+\b", "".join(sections(ODD).values())))
        assert used == set(numbers)

    def test_the_default_that_a_deviation_names_is_the_default(self):
        default = f"`patrols_contact` is {Param.patrols_contact.default:g} by default"
        assert default in section_of("9 ")

    def test_contents_list_every_part(self):
        listed = re.findall(r"^- \[(\d+ .+?)\]", text_of(ODD), flags=re.MULTILINE)
        assert listed == re.findall(r"^## (.+)$", text_of(ODD), flags=re.MULTILINE)


@pytest.mark.parametrize("subject", GENERATED)
def test_generated_pages_are_as_the_code_writes_them(subject):
    page = DOCS / f"{subject}.md"
    assert page.exists(), f"docs/{subject}.md is missing; `make tables` writes it"
    assert text_of(page) == as_markdown(catalogue(subject)), "out of date; `make tables` writes it"


# ------------------------------------------------------------------------- names and links


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.stem)
def test_links_resolve(page):
    assert not broken_links(page)


def test_the_readme_lists_every_command():
    names = [command.callback.__name__ for command in app.registered_commands]
    assert not [name for name in names if f"`{name}" not in text_of(ROOT / "README.md")]


def test_every_column_of_a_comparison_is_explained():
    page = text_of(DOCS / "comparing_results.md")
    assert not [column.name for column in STATISTIC_COLUMNS if f"`{column.name}`" not in page]


@every_page
def test_files_and_folders_exist(page):
    new = set(new_files(page))
    roots = {path.name for path in ROOT.iterdir() if path.is_dir()}
    named = {
        span
        for span in quoted(page)
        if re.fullmatch(r"[\w./-]+", span) and span.split("/")[0] in roots and "/" in span
    }
    written = {"results", "blocks"}
    missing = {
        span
        for span in named - new
        if span.split("/")[0] not in written and not (ROOT / span).exists()
    }
    assert not missing


@every_page
def test_commands_exist(page):
    group = typer.main.get_command(app)
    targets = re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), flags=re.MULTILINE)
    for line in commands(page):
        words = line.split()
        if words[:1] == ["make"] and len(words) > 1:
            assert words[1] in targets, line
        if words[:1] != ["regional-sim"] or len(words) == 1:
            continue
        assert words[1] in group.commands, line
        params = group.commands[words[1]].params
        known = {name for param in params for name in (*param.opts, *param.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= known, line


@every_page
def test_what_commands_name_exists(page):
    declared = re.findall(r"^\+    (\w+) = \(", text_of(page), flags=re.MULTILINE)
    for line in commands(page):
        if found := re.match(r"regional-sim describe (?!pairs )(\w+)", line):
            assert catalogue(found[1]).records
        for name in re.findall(r"--set parameters\.(\w+)", line):
            assert name in {*Param.__members__, *declared}, line


MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"


def cited(text: str) -> set[tuple[str, str]]:
    """Return first author and year of the works that a source names."""
    names = r"([A-Z][\w-]+)(?:(?:, [A-Z][\w-]+)* & [A-Z][\w-]+| et al\.)? \(?(\d{4})"
    return {(a, y) for a, y in re.findall(names, text) if not re.fullmatch(MONTHS, a)}


def sources() -> list[str]:
    texts = [one.source for one in Param] + [one.meaning for one in Option]
    texts += [policy.reference for policy in POLICIES_SHIPPED.values()]
    return [*texts, text_of(ODD), text_of(DOCS / "how_to_add_a_mechanism.md")]


def test_every_work_that_is_cited_is_in_the_references():
    entries = text_of(DOCS / "references.md").split("\n- ")
    works = set().union(*map(cited, sources()))
    assert {("Jervis", "1976"), ("Hawkes", "1971"), ("Maoz", "2019")} <= works
    missing = {
        (author, year)
        for author, year in works
        if not any(author in entry and year in entry for entry in entries)
    }
    assert not missing


def test_every_word_of_the_glossary_stands_once_and_in_order():
    words = [row[0].lower() for row in rows(text_of(DOCS / "glossary.md"))[2:]]
    assert all(first < second for first, second in pairwise(words))


@every_page
def test_no_page_names_a_machine(page):
    assert not re.findall(r"/(?:home|root|tmp|work|Users)/|localhost|127\.0\.0\.1", text_of(page))
