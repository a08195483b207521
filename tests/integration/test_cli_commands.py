"""What the commands print and write."""

import json
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import regional_sim
from regional_sim.cli import plan_page
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.report.catalogue import SUBJECTS
from regional_sim.scenario import json_schema
from tests.support.cli import invoke, succeeds
from tests.support.processes import ended, printed

SHORT = ("--set", "horizon.months_before=3", "--set", "horizon.months_after=12")


def too_long(text: str, width: int = 80) -> list[str]:
    """Lines that do not fit, but for those that hold a path."""
    return [line for line in text.splitlines() if len(line) > width and "/" not in line]


def rows_below(text: str, heading: str) -> list[str]:
    """The indented lines after a heading, which may go on with the smallest effect."""
    lines = text.splitlines()
    start = next(i + 1 for i, line in enumerate(lines) if line.startswith(heading))
    end = next((i for i in range(start, len(lines)) if not lines[i].startswith("  ")), len(lines))
    return lines[start:end]


# ----------------------------------------------------------------------------- run


def test_run_prints_the_contrasts_that_it_wrote(tmp_path: Path) -> None:
    out = tmp_path / "out"
    postures = ("-p", "traditional", "-p", "new_approach")
    text = succeeds("run", "four_states", *postures, "-n", 8, *SHORT, "--out", out).stdout
    assert too_long(text) == []
    (reference, other) = rows_below(text, "Regional tension (share)")
    assert reference.split()[:2] == ["traditional", "reference"]
    results = regional_sim.load_results(out)
    rows = results.contrasts.query("metric == 'tension' and window == 'whole'")
    (row,) = rows.itertuples()
    numbers = [float(found) for found in re.findall(r"[-+]?\d+\.\d+", other)]
    assert numbers == pytest.approx(
        [row.mean, row.difference, row.ci_low, row.ci_high], rel=0.05, abs=5e-4
    )
    assert other.split()[1] == row.verdict
    assert re.search(rf"^  {row.verdict} .*\bRegional tension\b", text, re.MULTILINE)
    files = text.split(f"Written to {out}:")[1].replace("\n", " ").strip()
    assert sorted(re.split(r", +", files)) == sorted(path.name for path in out.iterdir())


@pytest.mark.parametrize(("most", "is_shown"), [(1, False), (0, True)])
def test_a_long_run_shows_first_what_it_takes(
    most: int, is_shown: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_page, "SHORT_TASKS", most)
    options = ("run", "two_states", "-n", 3, *SHORT, "--out", tmp_path / "out", "--force")
    text = succeeds(*options).stdout
    assert ("runs        3\n" in text) == ("takes       about " in text) == is_shown
    assert invoke(*options, "-q", code=0).output == ""


def test_a_disk_without_room_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("sweep", "posture_contrast", "-n", 1, "--out", tmp_path / "new" / "out")
    monkeypatch.setattr(plan_page.shutil, "disk_usage", lambda _: SimpleNamespace(free=3000))
    monkeypatch.setattr("regional_sim.runner.runner.run_plan", interrupt)
    assert re.search(r"needs about .* of disk, and 3 kB are free", invoke(*options).stderr)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_run_gives_what_python_gives(tmp_path: Path) -> None:
    out = tmp_path / "out"
    postures = ["traditional", "levels:joint_patrols=0.8,label=patrols"]
    options = [part for posture in postures for part in ("--posture", posture)]
    succeeds("run", "two_states", *options, "-n", 3, "--seed", 5, *SHORT, "--out", out)
    same = regional_sim.run(
        "two_states", postures=postures, replicates=3, seed=5, settings=SHORT[1::2]
    )
    assert regional_sim.load_results(out).plan == same.plan
    assert regional_sim.load_results(out).runs.equals(same.runs)


def test_run_of_one_posture_prints_means(tmp_path: Path) -> None:
    text = succeeds("run", "two_states", "-n", 4, *SHORT, "--out", tmp_path / "out").stdout
    assert "95 % interval" in text
    assert "reference" not in text
    assert re.search(r"^  Regional tension +0\.\d+ +0\.\d+ to 0\.\d+ +share$", text, re.MULTILINE)


def test_run_shows_what_is_asked_for(tmp_path: Path) -> None:
    options = ("--metrics", "war_months,incidents", "--window", "early", "-n", 2, *SHORT)
    text = succeeds("run", "two_states", *options, "--out", tmp_path / "out").stdout
    shown = [line.split("  ")[1] for line in text.splitlines() if line.startswith("  ")]
    assert shown[1:3] == ["Months at war", "Incidents"]
    assert "window early, months 1 to 12" in text.replace("\n", " ")
    everything = succeeds(
        "run", "two_states", *options, "--all-metrics", "--force", "--out", tmp_path / "out"
    ).stdout
    measured = regional_sim.load_results(tmp_path / "out").plan["metrics"]
    for metric in measured:
        assert f"\n  {Metric[metric].title} " in everything


def test_quiet_prints_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = succeeds("run", "two_states", "-n", 2, *SHORT, "--quiet", "--out", out)
    assert result.output == ""
    assert (out / "manifest.json").is_file()


def test_plot_writes_figure_and_its_table(tmp_path: Path) -> None:
    out = tmp_path / "out"
    postures = ("-p", "traditional", "-p", "reassurance")
    succeeds("run", "two_states", *postures, "-n", 2, *SHORT, "--plot", "--out", out)
    assert (out / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "timeseries.csv").is_file()
    succeeds("run", "two_states", "-n", 2, *SHORT, "--force", "--out", out)
    assert not (out / "figure.png").exists()


def test_clamp_and_engine_reach_the_plan(tmp_path: Path) -> None:
    out = tmp_path / "out"
    options = ("--clamp", "BBB", "--engine", "mesa", "--quiet")
    succeeds("run", "two_states", "-n", 1, *SHORT, *options, "--out", out)
    plan = json.loads((out / "plan.json").read_text())
    assert (plan["experiment"]["clamp"], plan["engine"]) == (["BBB"], "mesa")


# --------------------------------------------------------------------------- sweep


@pytest.fixture
def experiment(tmp_path: Path) -> Callable[[str, str], Path]:
    def make(levels: str, postures: str) -> Path:
        path = tmp_path / "experiment.yaml"
        path.write_text(
            "title: A small sweep\n"
            "scenario: two_states\n"
            "settings: {horizon.months_before: 3, horizon.months_after: 12}\n"
            "seed: 1\nreplicates: 3\n"
            f"postures: {postures}\n"
            f"design: {{kind: grid, factors: {{parameters.theta_challenger: {levels}}}}}\n"
            "outcomes: [miscalculation_risk]\n",
            encoding="utf-8",
        )
        return path

    return make


def test_sweep_lists_few_points(experiment: Callable[[str, str], Path], tmp_path: Path) -> None:
    path = experiment("[0.2, 0.8]", "[traditional, new_approach]")
    text = succeeds("sweep", path, "--out", tmp_path / "out").stdout
    assert too_long(text) == []
    assert "runs        12" in text
    assert "points      2: parameters.theta_challenger = 0.2, 0.8" in text
    rows = rows_below(text, "Risk of miscalculation (probability)")
    labels = [row.strip().split("  ")[0] for row in rows]
    assert labels == [
        *("theta_challenger = 0.2", "traditional", "new_approach"),
        *("theta_challenger = 0.8", "traditional", "new_approach"),
    ]
    assert "Regional tension" not in text


def test_sweep_counts_many_points(experiment: Callable[[str, str], Path], tmp_path: Path) -> None:
    levels = [round(0.1 * step, 1) for step in range(1, 10)]
    path = experiment(str(levels), "[traditional, new_approach]")
    out = tmp_path / "out"
    text = succeeds("sweep", path, "--replicates", 4, "--seed", 9, "--out", out).stdout
    (row,) = rows_below(text, "Risk of miscalculation (probability)")
    label, *counts, lowest, _, highest = row.split()
    contrasts = regional_sim.load_results(out).contrasts
    mine = contrasts.query("metric == 'miscalculation_risk' and window == 'whole'")
    assert label == "new_approach"
    words = ["raises", "lowers", "negligible", "unclear"]
    assert list(map(int, counts)) == [(mine.verdict == word).sum() for word in words]
    assert sum(map(int, counts)) == 9
    rounded = 5.1e-3 * mine.difference.abs().max()
    assert float(lowest) == pytest.approx(mine.difference.min(), abs=rounded)
    assert float(highest) == pytest.approx(mine.difference.max(), abs=rounded)
    assert "4 replicates of each posture, seed 9" in text.replace("\n", " ")


def test_sweep_of_one_posture(experiment: Callable[[str, str], Path], tmp_path: Path) -> None:
    levels = [round(0.05 * step, 2) for step in range(1, 15)]
    few, many = tmp_path / "few", tmp_path / "many"
    text = succeeds("sweep", experiment("[0.2, 0.8]", "[traditional]"), "--out", few).stdout
    assert len(rows_below(text, "Risk of miscalculation (probability)")) == 2
    text = succeeds("sweep", experiment(str(levels), "[traditional]"), "--out", many).stdout
    assert re.search(
        r"^ +lowest +median +highest\n  Risk of miscalculation +\d", text, re.MULTILINE
    )


# -------------------------------------------------------------------------- others


@pytest.mark.parametrize("subject", [None, *SUBJECTS])
@pytest.mark.parametrize("columns", [80, 120])
def test_describe_fits(subject: str | None, columns: int) -> None:
    text = succeeds("describe", *([subject] if subject else []), columns=columns).stdout
    assert too_long(text, columns) == []
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_describe_in_other_forms() -> None:
    markdown = succeeds("describe", "parameters", "--format", "markdown").stdout
    assert markdown.startswith("# Parameters\n")
    assert "| theta_challenger | 0.5 | 0 to 1 | share |" in markdown
    records = json.loads(succeeds("describe", "parameters", "--format", "json").stdout)
    assert {"name", "default", "low", "high", "unit", "provenance", "source"} <= set(records[0])


def test_describe_states_names_year_and_source() -> None:
    text = succeeds("describe", "states", "--scenario", "baseline").stdout
    assert re.search(r"^capability_usd_bn +[\d.]+ +bn USD +2024 +empirical +sipri$", text, re.M)
    assert "JPN Japan (sender" in text


def test_describe_reads_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: two_states\nparameters: {theta_challenger: 0.75}\n")
    text = succeeds("describe", "parameters", "--scenario", path).stdout
    assert re.search(r"^theta_challenger +0\.75 +0\.5 +0 to 1 +share$", text, re.MULTILINE)


def test_check_says_what_would_be_run() -> None:
    text = succeeds("check", "baseline", "posture_contrast").stdout
    assert too_long(text) == []
    assert text.count(": ok\n") == 2
    assert re.search(r"^runs +1600$", text, re.MULTILINE)
    assert re.search(r"^takes +(about .*, )?\d+ MB of memory and", text, re.MULTILINE)


def test_schema_is_that_of_scenarios(tmp_path: Path) -> None:
    assert json.loads(succeeds("schema").stdout) == json_schema()
    assert succeeds("schema", "--out", tmp_path / "schema.json").output == ""
    assert json.loads((tmp_path / "schema.json").read_text(encoding="utf-8")) == json_schema()


@pytest.mark.parametrize(
    ("force", "no", "coloured"), [(None, None, False), ("1", "1", False), ("1", None, True)]
)
def test_colour(force: str | None, no: str | None, coloured: bool) -> None:
    environment = {"TERM": "xterm-256color", "FORCE_COLOR": force, "NO_COLOR": no}
    assert ("\x1b[3" in invoke("describe", "options", **environment).stdout) == coloured


def test_output_without_unicode() -> None:
    arguments = ("-m", "regional_sim", "describe", "sources")
    text = printed(*arguments, env={"PYTHONIOENCODING": "ascii"})
    assert text.isascii()
    assert "Sources of" in text


# The program, sent a signal by itself once some runs are done.
_SIGNALLED = """
import os, signal, sys
from regional_sim.cli import app, terminal

show = terminal.Display.__call__

def signalled(self, done, total):
    show(self, done, total)
    if done:
        os.kill(os.getpid(), number)

# A shell that runs the tests in the background lets them, and their children, ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
terminal.Display.__call__ = signalled
number = int(sys.argv.pop(1))
app.main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run(number: signal.Signals, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["run", "two_states", "-n", "2000", *SHORT, "--out", str(out)]
    done = ended("-c", _SIGNALLED, int(number), *arguments)
    assert (done.returncode, done.stdout) == (130, "")
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("interrupted: ")
    assert "the same command with --resume goes on" in last
    assert list(out.glob("blocks/*"))
    assert not (out / "manifest.json").exists()


def test_a_clamp_is_named_above_the_findings(tmp_path: Path) -> None:
    for name, clamp in (("free", []), ("held", ["--clamp", "USA"])):
        text = succeeds(
            "run", "four_states", "-n", 2, *SHORT, *clamp, "--out", tmp_path / name
        ).stdout
        assert ("Held on their traditional path: USA." in text) == bool(clamp)
