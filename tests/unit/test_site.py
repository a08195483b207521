"""The documentation site has every page, and what is drawn or derived for it is up to date."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.pages import DOCS, ROOT, blocks, text_of
from tests.support.processes import ended


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"site_{name}", ROOT / "site" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BUILD, CITATION = _script("build"), _script("citation")


def test_every_page_has_its_place_on_the_site() -> None:
    placed = [page for pages in BUILD.SECTIONS.values() for page in pages]
    made = {"python", "commands", *(one.removesuffix(".md") for one in BUILD.PAGES.values())}
    assert len(set(placed)) == len(placed)
    assert set(placed) == {page.stem for page in DOCS.glob("*.md")} | made


def test_diagrams_are_drawn_from_what_the_pages_have() -> None:
    drawn = {file.name for file in (DOCS / "diagrams").glob("*.svg")}
    assert drawn == {BUILD.diagram_name(text) for text in BUILD.diagrams_of(DOCS)}
    shown = BUILD.with_diagrams("```mermaid\nflowchart TB\n```")
    assert re.fullmatch(r"!\[Diagram\]\(diagrams/[0-9a-f]{12}\.svg\)", shown)


@pytest.mark.parametrize("name", CITATION.FILES)
def test_citations_come_from_one_source(name: str) -> None:
    assert text_of(ROOT / name) == CITATION.written(name), "out of date: `make citation`"


def test_links_lead_to_pages_of_the_site_or_name_a_file(tmp_path: Path) -> None:
    (tmp_path / "odd.md").touch()
    (tmp_path / "readme.md").touch()
    text = (
        "[model](odd.md#8), [start](../README.md#x), [`a`](../a.py), [peers](../benchmarks/peers)"
    )
    expected = "[model](odd.md#8), [start](readme.md#x), `a`, peers (`benchmarks/peers`)"
    assert BUILD.with_links(text, tmp_path) == expected
    assert BUILD.with_links("[odd.md](odd.md#8)", tmp_path) == "[](odd.md#8)"


@pytest.mark.slow
@pytest.mark.parametrize("page", ["cookbook.md", "quick_start.md"])
def test_the_commands_of_a_page_run_one_after_the_other(page: str, tmp_path: Path) -> None:
    lines = [block for block in blocks(DOCS / page, "sh") if "make demo" not in block]
    script = "\n".join(lines).replace("--replicates 50", "--replicates 4")
    script = script.replace("--replicates 5 ", "--replicates 2 ")
    program = tmp_path / "bin"
    program.mkdir()
    for name, arguments in {"regional-sim": "-m regional_sim ", "python": ""}.items():
        (program / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
        (program / name).chmod(0o755)
    path = f"{program}{os.pathsep}{os.environ['PATH']}"
    ended("-euo", "pipefail", "-c", script, program="bash", cwd=tmp_path, env={"PATH": path})


def test_the_tutorial_is_a_program() -> None:
    cells = re.findall(
        r"```\{code-cell\} python\n(.*?)```", text_of(DOCS / "tutorial.md"), re.DOTALL
    )
    compile("\n".join(cells), "tutorial.md", "exec")
    assert max(len(line) for cell in cells for line in cell.splitlines()) <= 80
