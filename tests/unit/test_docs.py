"""The pages in docs/ say what the code says, and name nothing that does not exist."""

import enum
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import typer

from regional_sim.cli.app import app
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.model.schedule import PHASES
from regional_sim.model.variables import (
    BeliefVar,
    DirectedVar,
    Draw,
    Group,
    InstrumentRow,
    Observer,
    PairVar,
    RegionVar,
    Role,
    StateVar,
)
from regional_sim.postures import POLICIES, Instrument
from regional_sim.report.catalogue import catalogue
from regional_sim.report.listing import as_markdown

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MECHANISMS = "src/regional_sim/model/mechanisms"
GENERATED = ("parameters", "metrics")
PAGES = sorted(DOCS.glob("*.md"))
POLICIES_SHIPPED = {
    name: policy
    for name, policy in POLICIES.items()
    if policy.__module__.startswith("regional_sim.")
}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def members(*kinds: type[enum.IntEnum]) -> pytest.MarkDecorator:
    """Parametrize a test by every member of some enumerations."""
    found = [member for kind in kinds for member in kind]
    return pytest.mark.parametrize(
        "member", found, ids=[f"{type(one).__name__}.{one.name}" for one in found]
    )


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text_of(page), flags=re.DOTALL | re.MULTILINE)


def new_files(page: Path) -> list[str]:
    """Return the files that a page tells its reader to write."""
    return re.findall(r"`([^`]+)` \(new\)", text_of(page))


def command_lines(page: Path) -> list[str]:
    """Return all that a page shows as a command, in prose and in blocks."""
    return [*quoted(page), *(line for block in blocks(page, "sh") for line in block.splitlines())]


def odd() -> str:
    return text_of(DOCS / "odd.md")


@cache
def sections(page: Path) -> dict[str, str]:
    """Return the text below each heading, up to the next heading of any level."""
    parts = re.split(r"^#+ (.+)$", text_of(page), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def section_of(start: str) -> str:
    (found,) = [text for name, text in sections(DOCS / "odd.md").items() if name.startswith(start)]
    return found


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row of every table, heads and rules included."""
    return [
        [cell.strip() for cell in line[1:-1].split("|")]
        for line in text.splitlines()
        if line.startswith("| ")
    ]


def row_of(text: str, name: str) -> list[str]:
    found = [row for row in rows(text) if row[0] == f"`{name}`"]
    assert len(found) == 1, f"{name!r} has {len(found)} rows"
    return found[0]


# --------------------------------------------------------------- odd.md against the catalogues


class TestOdd:
    @members(StateVar, PairVar, DirectedVar, BeliefVar, RegionVar)
    def test_every_variable_has_a_row_with_its_unit_and_meaning(self, member):
        kind = type(member).__name__
        (table,) = [t for n, t in sections(DOCS / "odd.md").items() if n.endswith(f"(`{kind}`)")]
        _, unit, meaning, set_by = row_of(table, member.name)
        assert (unit, meaning) == (member.unit, member.meaning)
        assert set_by

    @pytest.mark.parametrize("kind", [StateVar, PairVar, DirectedVar, BeliefVar, RegionVar])
    def test_no_table_names_a_variable_that_is_gone(self, kind):
        (table,) = [
            t for n, t in sections(DOCS / "odd.md").items() if n.endswith(f"(`{kind.__name__}`)")
        ]
        named = [row[0].strip("`") for row in rows(table)[2:]]
        assert named == [member.name for member in kind]

    @members(Draw, Observer, InstrumentRow, Role, Group)
    def test_every_other_name_of_the_layout_is_there(self, member):
        assert f"`{member.name}`" in odd()

    @members(Param)
    def test_every_parameter_stands_in_the_section_of_its_mechanism(self, member):
        path = f"{MECHANISMS}/{member.mechanism}.py"
        found = [t for t in sections(DOCS / "odd.md").values() if f"Code: `{path}`" in t]
        assert found, f"no section of odd.md begins with the code of {path}"
        assert any(f"`{member.name}`" in text for text in found)

    def test_every_mechanism_has_a_section_of_its_own(self):
        found = {n: t for n, t in sections(DOCS / "odd.md").items() if re.match(r"8\.\d+ ", n)}
        assert [name.split()[0] for name in found] == [f"8.{n}" for n in range(len(found))]
        code = [text.strip().partition("\n\n")[0] for text in found.values()]
        for file in sorted((ROOT / MECHANISMS).glob("[!_]*.py")):
            number = re.match(r'"""Mechanism (\d+)\.', file.read_text(encoding="utf-8"))
            places = code[int(number[1]) : int(number[1]) + 1] if number else code
            assert any(f"`{MECHANISMS}/{file.name}`" in text for text in places), file.name

    @members(Option)
    def test_every_option_is_there(self, member):
        assert re.search(rf"Option:\s+`{member.name}`", odd())

    @members(Metric)
    def test_every_metric_has_a_row(self, member):
        _, unit, combine, needs, meaning = row_of(section_of("4.10"), member.name)
        assert (unit, combine) == (member.unit, member.combine)
        assert needs == ", ".join(member.requires)
        assert meaning == member.meaning

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

    @members(Instrument)
    def test_every_instrument_has_a_row_with_its_channels(self, member):
        row = row_of(section_of("Instruments"), member.name)
        assert row[1:3] == [member.dimension, member.meaning]
        assert row[3] == ", ".join(f"`{channel.name}`" for channel in member.channels)

    def test_deviations_are_numbered_and_named_where_they_are_used(self):
        numbers = [row[0] for row in rows(section_of("9 ")) if re.fullmatch(r"D\d+", row[0])]
        assert numbers == [f"D{n}" for n in range(1, len(numbers) + 1)]
        assert all(len(row) == 5 and all(row) for row in rows(section_of("9 ")))
        used = set(re.findall(r"\bD\d+\b", "".join(sections(DOCS / "odd.md").values())))
        assert used == set(numbers)

    def test_the_default_that_a_deviation_names_is_the_default(self):
        default = f"`patrols_presence` is {Param.patrols_presence.default:g} by default"
        assert default in section_of("9 ")

    def test_contents_list_every_part(self):
        listed = re.findall(r"^- \[(\d+ .+?)\]", odd(), flags=re.MULTILINE)
        assert listed == re.findall(r"^## (.+)$", odd(), flags=re.MULTILINE)


@pytest.mark.parametrize("subject", GENERATED)
def test_generated_pages_are_as_the_code_writes_them(subject):
    page = DOCS / f"{subject}.md"
    assert page.exists(), f"docs/{subject}.md is missing; `make docs` writes it"
    assert text_of(page) == as_markdown(catalogue(subject)), "out of date; `make docs` writes it"


# ------------------------------------------------------------------------- names and links


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of the headings of a page."""
    prose = re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)
    heads = re.findall(r"^#+ (.+)$", prose, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@every_page
def test_links_resolve(page):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(target)
    assert not broken


def quoted(page: Path) -> list[str]:
    """Return what stands in single backticks outside fenced blocks."""
    prose = re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]


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
    for line in command_lines(page):
        words = line.split()
        if words[:1] == ["make"] and len(words) > 1:
            assert words[1] in targets, line
        if words[:1] != ["regional-sim"] or len(words) == 1:
            continue
        assert words[1] in group.commands, line
        known = {name for param in group.commands[words[1]].params for name in param.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


@every_page
def test_what_commands_name_exists(page):
    declared = re.findall(r"^\+    (\w+) = \(", text_of(page), flags=re.MULTILINE)
    for line in command_lines(page):
        if found := re.match(r"regional-sim describe (\w+)", line):
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
    return [*texts, odd(), text_of(DOCS / "how_to_add_a_mechanism.md")]


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
