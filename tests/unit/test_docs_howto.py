"""The worked examples in docs/ fit the present files, and can be followed to the end."""

import ast
import csv
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import regional_sim
from regional_sim.postures import Instrument, Observed, Policy
from regional_sim.scenario import load_scenario
from tests.unit.test_docs import DOCS, ROOT, blocks, new_files, text_of

WHAT = ("posture", "state", "mechanism", "response", "metric", "design")
PAGES = [DOCS / f"how_to_add_a_{what}.md" for what in WHAT]
COPIED = ("src", "configs", "experiments", "tests", "benchmarks", "pyproject.toml")

STILL_PASS = (
    "src/regional_sim/model/mechanisms",
    "tests/unit/test_structure.py",
    "tests/unit/test_schedule.py",
    "tests/parity/test_benchmarks_agree.py",
)
"""Tests that hold with all examples in place."""
TOO_LONG = "mesa-incremental or agentpy-incremental or baseline or world_2010"
"""Of these, what takes minutes and shows nothing that the others do not."""

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@dataclass(frozen=True)
class Change:
    """What a block of differences asks for: in a file, one passage in place of another."""

    file: str
    old: str
    new: str

    def made_in(self, source: str) -> str:
        """Return the source with the change; the passage must stand there once."""
        assert source.count(self.old) == 1, f"{self.file} does not hold once:\n{self.old}"
        return source.replace(self.old, self.new)


def changes(page: Path) -> Iterator[Change]:
    """Read the blocks of differences of a page."""
    for block in blocks(page, "diff"):
        (file,) = re.findall(r"^--- (\S+)$", block, flags=re.MULTILINE)
        for hunk in block.split("@@\n")[1:]:
            lines = hunk.splitlines(keepends=True)
            sides = (
                "".join(line[1:] for line in lines if line[0] in kept) for kept in (" -", " +")
            )
            yield Change(file, *sides)


def changed(page: Path, root: Path = ROOT) -> dict[str, str]:
    """Return the files that a page changes, with all its changes made."""
    after: dict[str, str] = {}
    for change in changes(page):
        before = after.get(change.file) or (root / change.file).read_text(encoding="utf-8")
        after[change.file] = change.made_in(before)
    return after


def written(page: Path) -> dict[str, str]:
    """Return the new files of a page with their content."""
    found = re.findall(
        r"`([^`]+)` \(new\)[^`]*?\n```(?:python|yaml)\n(.*?)```", text_of(page), flags=re.DOTALL
    )
    return dict(found)


def test_every_page_is_followed():
    assert sorted(DOCS.glob("how_to_*.md")) == sorted(PAGES)


@every_page
class TestPage:
    def test_shows_something_to_do_and_to_run(self, page):
        assert written(page) or changed(page)
        assert blocks(page, "sh")
        assert list(written(page)) == new_files(page)

    def test_new_files_are_new(self, page):
        assert not [name for name in written(page) if (ROOT / name).exists()]

    def test_python_parses_and_imports_what_exists(self, page):
        for block in blocks(page, "python"):
            for node in ast.walk(ast.parse(block)):
                if isinstance(node, ast.ImportFrom) and node.module.startswith("regional_sim"):
                    module = importlib.import_module(node.module)
                    assert all(hasattr(module, alias.name) for alias in node.names)

    def test_changes_fit_the_present_files(self, page):
        for name, source in changed(page).items():
            assert source != (ROOT / name).read_text(encoding="utf-8")
            ast.parse(source)


@pytest.fixture
def example_policies(tmp_path, monkeypatch) -> list[type[Policy]]:
    """Import the policies of the page on postures, without registering them."""
    made = []
    for number, block in enumerate(blocks(PAGES[0], "python")):
        name = f"example_{number}"
        file = tmp_path / f"{name}.py"
        file.write_text(block.replace("@regional_sim.register\n", ""), encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, file)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        made += [one for one in vars(module).values() if getattr(one, "__module__", "") == name]
    return made


def refuse(metric):
    raise AssertionError(f"read {metric}")


def test_the_example_policies_give_targets(example_policies):
    discreet, guarded = example_policies
    unseen = Observed(n_runs=2, months=0, last=refuse, first=refuse)
    assert set(discreet().targets(0, unseen)) == {Instrument.early_warning, Instrument.supply_chain}
    (level,) = guarded().targets(0, unseen).values()
    assert level.tolist() == [0.8, 0.8]


def test_the_example_policy_with_feedback_gives_up_patrols(example_policies):
    _, guarded = example_policies
    last, first = np.array([0.5, 0.1]), np.array([0.1, 0.1])
    seen = Observed(n_runs=2, months=3, last=lambda _: last, first=lambda _: first)
    patrols = Instrument.joint_patrols
    assert guarded().targets(3, seen)[patrols].tolist() == [0.1, 0.8]
    assert guarded(threshold=0.5).targets(3, seen)[patrols].tolist() == [0.8, 0.8]


def test_the_example_world_is_valid(tmp_path):
    ((name, text),) = written(PAGES[1]).items()
    (tmp_path / name).write_text(text, encoding="utf-8")
    world = load_scenario(tmp_path / name)
    assert (world.n_states, world.role("ally")) == (5, "KOR")


def test_the_example_world_without_a_distance_names_the_pair(tmp_path):
    ((_, text),) = written(PAGES[1]).items()
    file = tmp_path / "incomplete.yaml"
    file.write_text(text.replace("      KOR-TWN: 988.3\n", "", 1), encoding="utf-8")
    with pytest.raises(Exception, match=r"projection_km.*no value for KOR:TWN"):
        load_scenario(file)


@pytest.mark.slow
def test_the_pages_can_be_followed_to_the_end(tmp_path):
    """Make all changes in one copy of the tree, and run every command of every page there."""
    root = tmp_path / "tree"
    leave = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=leave)
        else:
            shutil.copy(ROOT / name, root / name)
    for page in PAGES:
        for name, text in {**written(page), **changed(page, root)}.items():
            (root / name).write_text(text, encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(root / "src"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    for page in PAGES:
        for line in "".join(blocks(page, "sh")).splitlines():
            _do(_command(line), root, environment)
    check = [sys.executable, "-m", "pytest", "-q", "-m", "", "-k", f"not ({TOO_LONG})"]
    _do([*check, *STILL_PASS], root, environment)
    results = root / "results"
    assert _total(results / "with", "crisis_months_whole") > _total(
        results / "without", "crisis_months_whole"
    )
    assert _total(results / "alerted", "readiness", "states") > _total(
        results / "calm", "readiness", "states"
    )
    assert _total(results / "calm", "alert", "states") > 0.0
    assert "sender_challenger_tension" in (results / "metric" / "summary.csv").read_text()
    _assert_nothing_else_changed(results / "calm", tmp_path / "before")


def _assert_nothing_else_changed(after: Path, before: Path) -> None:
    """Compare what is off by default with the present tree, cell by cell."""
    regional_sim.run("four_states", replicates=20, seed=7, out=before)
    old, new = (_columns(folder / "runs.csv") for folder in (before, after))
    kept = [name for name in old if name in new]
    assert {"tension_whole", "incidents_whole"} <= set(kept)
    assert {name: new[name] for name in kept} == {name: old[name] for name in kept}


def _do(command: list[str], root: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"


def _command(line: str) -> list[str]:
    """Return the arguments of a command with this Python in its place."""
    name, *rest = shlex.split(line)
    module = ["-m", "regional_sim"] if name == "regional-sim" else []
    return [sys.executable, *module, *rest]


def _columns(table: Path) -> dict[str, tuple[str, ...]]:
    with table.open(encoding="utf-8", newline="") as file:
        head, *cells = csv.reader(file)
    return dict(zip(head, zip(*cells, strict=True), strict=True))


def _total(folder: Path, column: str, table: str = "runs") -> float:
    return sum(map(float, _columns(folder / f"{table}.csv")[column]))
