"""The examples of the README and of the pages run, and print what stands there."""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import shlex
import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from regional_sim.experiment import experiment_from_mapping
from regional_sim.scenario.yaml import yaml_value
from tests.support.cli import invoke
from tests.support.pages import DOCS, ROOT, blocks, text_of
from tests.support.processes import ended, printed

README = ROOT / "README.md"
BRIDGES, SWEEPS = DOCS / "bridges.md", DOCS / "sweeps.md"
BIN = Path(sys.executable).parent
SMALLER = {
    '"baseline"': '"two_states"',
    "range(20)": "range(2)",
    "replicates=20": "replicates=2",
    "scenarios=50": "scenarios=3",
}
"""Examples run as they stand, but on a small world and few runs."""

needs_command = pytest.mark.skipif(
    not (BIN / "regional-sim").exists(), reason="the command is not installed"
)


# ------------------------------------------------------------------------- README


@pytest.mark.slow
def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    shown = next(block for block in blocks(README, "text") if "paired" in block)
    makefile = text_of(ROOT / "Makefile")
    assert "--posture traditional --posture new_approach" in makefile
    replicates = re.search(r"DEMO_REPLICATES \?= (\d+)", makefile)
    assert replicates is not None
    found = printed(
        *("-m", "regional_sim", "run", "configs/baseline.yaml"),
        *("--posture", "traditional", "--posture", "new_approach"),
        *("--replicates", replicates[1], "--seed", "7", "--tables", "runs,timeseries"),
        *("--plot", "--out", tmp_path / "demo"),
        cwd=ROOT,
    )
    assert found.split("Written to")[0] == shown.split("Written to")[0]
    assert _files(found) == _files(shown)


def _files(text: str) -> set[str]:
    return set(re.findall(r"\w+\.(?:csv|json|png)", text.split("Written to")[1]))


def test_the_python_examples_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for block in blocks(README, "python"):
        if "second/runs.csv" in block:
            continue  # needs the sweep of the study; the command line is tested elsewhere
        small = block.replace('"baseline"', '"four_states"').replace("=50", "=2")
        exec(compile(small, "README.md", "exec"), {})


# ------------------------------------------------------------------------ bridges

EXAMPLES = {
    "mesa.batch_run": ["tension_whole", "new_approach", "traditional"],
    "RegionalSimModel": [
        "new_approach    3",
        "tension_whole (6,)",
        "war_months_whole_by_replicate (6, 2)",
        "tension (6, 120)",
    ],
}


def test_every_example_of_the_bridges_is_tested() -> None:
    shown = blocks(BRIDGES, "python")
    assert [sum(word in block for word in EXAMPLES) for block in shown] == [1] * len(EXAMPLES)


@pytest.mark.parametrize("word", EXAMPLES)
@pytest.mark.slow
def test_the_examples_of_the_bridges_run(word: str, tmp_path: Path) -> None:
    if word == "RegionalSimModel" and importlib.util.find_spec("ema_workbench") is None:
        pytest.skip("needs the extra 'discovery'")
    (program,) = [block for block in blocks(BRIDGES, "python") if word in block]
    for given, smaller in SMALLER.items():
        program = program.replace(given, smaller)
    # A program of its own, which its processes import.
    (tmp_path / "example.py").write_text(program, encoding="utf-8")
    found = printed(tmp_path / "example.py", cwd=tmp_path)
    assert not [text for text in EXAMPLES[word] if text not in found]
    if word == "mesa.batch_run":
        rows = found.splitlines()[2:]
        assert [line.split()[-3] for line in rows] == ["new_approach", "traditional"] * 2


# ------------------------------------------------------------------------- sweeps


def shell(script: str, folder: Path, **more: str) -> CompletedProcess[str]:
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    arguments = ("-euo", "pipefail", "-c", script)
    return ended(*arguments, program="bash", cwd=folder, env={"PATH": path, **more})


@pytest.mark.slow
@needs_command
def test_the_commands_on_sweeps_run_one_after_the_other(tmp_path: Path) -> None:
    python = [f"{sys.executable} - <<'END'\n{block}END\n" for block in blocks(SWEEPS, "python")]
    done = shell("".join(blocks(SWEEPS, "sh") + python), tmp_path)
    assert done.returncode == 0, done.stderr
    study = tmp_path / "my_study"
    whole, merged = ((study / name / "runs.csv").read_bytes() for name in ("sweep", "merged"))
    assert whole == merged
    assert (study / "long" / "timeseries.parquet").exists()


def test_the_rule_that_is_shown_is_read() -> None:
    (block,) = blocks(SWEEPS, "yaml")
    base = {"scenario": "two_states", "seed": 1, "postures": ["traditional", "new_approach"]}
    experiment = experiment_from_mapping(base | yaml_value(block, "sweeps.md"))
    assert experiment.stopping is not None
    assert (experiment.stopping.of, experiment.replicates) == ("difference", 400)


@pytest.mark.slow
@needs_command
def test_the_script_for_slurm_runs_shards_that_merge(tmp_path: Path) -> None:
    script = ROOT / "experiments" / "slurm_array.sh"
    (tmp_path / "experiment.yaml").write_text(
        "scenario: two_states\nseed: 1\nreplicates: 4\npostures: [traditional, new_approach]\n"
    )
    for number in ("1", "2", "1"):  # sent again, a job finds its work done
        done = shell(f"bash '{script}' experiment.yaml out 2", tmp_path, SLURM_ARRAY_TASK_ID=number)
        assert done.returncode == 0, done.stderr
    done = shell("regional-sim merge out/part_* --out out/whole", tmp_path)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out" / "whole" / "runs.csv").read_text().splitlines()) == 9
    missing = shell(f"bash '{script}' experiment.yaml out", tmp_path)
    assert missing.returncode != 0
    assert "usage: sbatch" in missing.stderr


# ------------------------------------------------- comparing, reproducing, clusters


@pytest.mark.slow
def test_the_page_on_comparing_shows_what_is_printed(tmp_path: Path) -> None:
    """The numbers of the worked example are those of the README's demo."""
    page = DOCS / "comparing_results.md"
    printed(
        *("-m", "regional_sim", "run", ROOT / "configs/baseline.yaml"),
        *("--posture", "traditional", "--posture", "new_approach", "--replicates", "200"),
        *("--seed", "7", "--tables", "runs,timeseries", "--quiet", "--out", "results/demo"),
        cwd=tmp_path,
    )
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    shown = iter(blocks(page, "text"))
    for block in blocks(page, "sh")[:3]:
        for line in block.replace("\\\n", " ").splitlines():
            said = printed("-m", "regional_sim", *line.split()[1:], cwd=tmp_path)
            if " compare " in line:
                assert said == next(shown)


def test_the_page_on_reproducing_shows_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers may differ in their last digits from one machine to the next."""

    def rounded(text: str) -> str:
        return re.sub(r"0\.\d{4,}", "0.", text).strip()

    page = DOCS / "reproducing.md"
    match, differs = map(rounded, blocks(page, "text"))
    _, example = blocks(page, "sh")
    monkeypatch.chdir(tmp_path)
    run, again = (shlex.split(line)[1:] for line in example.splitlines())
    invoke(*run, code=0)
    said = invoke(*again).stdout
    assert said[said.index("again  ") :].strip() == match[match.index("again  ") :]
    table = Path("results/demo/runs.csv")
    lines = table.read_text().splitlines()
    place = lines[0].split(",").index("tension_whole")
    cells = lines[104].split(",")
    assert "0.51" in cells[place]
    cells[place] = cells[place].replace("0.51", "0.31", 1)
    lines[104] = ",".join(cells)
    table.write_text("\n".join(lines) + "\n")
    said = rounded(invoke(*again).stdout)
    assert said[said.index("runs  ") :] == differs


@pytest.mark.slow
def test_the_page_on_tracing_shows_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = DOCS / "trace_a_run.md"
    monkeypatch.chdir(tmp_path)
    shown = iter(blocks(page, "text"))
    for line in "".join(blocks(page, "sh")).splitlines():
        said = invoke(*shlex.split(line)[1:], code=0).stdout
        if " trace " in line and "--out" not in line:
            assert said == next(shown)
    assert next(shown, None) is None
    assert Path("results/log.csv").exists()
    assert Path("results/ladder.png").exists()
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), {})


def test_the_examples_on_clusters_are_python() -> None:
    examples = blocks(DOCS / "clusters.md", "python")
    assert len(examples) == 4
    for example in examples:
        ast.parse(example)
