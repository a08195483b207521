"""A traced run: the same bits as the tables, its decisions taken apart, its log and its text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import regional_sim
from regional_sim.answers.trace.log import marked_changes
from regional_sim.answers.trace.reasons import is_mistaken, weighed_most
from regional_sim.answers.trace.trace import Trace
from regional_sim.answers.trace.weighing import TERMS
from regional_sim.engine.responses import RESPONSE_KINDS
from regional_sim.errors import InputError
from regional_sim.mesa_model import RegionModel
from regional_sim.model.mechanisms.escalation import escalation_chance
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.report.trace import remark, trace_markdown, trace_text, write_trace
from tests.support.cli import invoke, succeeds

SETTINGS = {"horizon.months_before": 6, "horizon.months_after": 30}
LONG = ("timeseries", "states", "dyads", "events", "motives")
CASES = {
    "plain": {},
    "logit": {"options.shock": "logit"},
    "drawn": {"options.choice": "drawn"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("traced") / "first"
    regional_sim.run(
        "four_states",
        postures=["traditional", "new_approach"],
        replicates=3,
        seed=5,
        tables=["runs", *LONG],
        settings=SETTINGS,
        out=out,
    )
    return out


@pytest.fixture(scope="module")
def found(folder: Path) -> Trace:
    return regional_sim.trace(folder, replicate=2, posture="new_approach")


@pytest.fixture(scope="module", params=CASES)
def fresh(request: pytest.FixtureRequest) -> Trace:
    settings = SETTINGS | CASES[request.param]
    return regional_sim.trace("four_states", replicate=1, seed=3, settings=settings)


# ------------------------------------------------------------------- the same run


def test_the_run_comes_out_as_its_row_has_it(found: Trace, folder: Path) -> None:
    assert found.check is not None
    assert found.check.same
    runs = regional_sim.load_results(folder).runs
    row = runs[(runs["posture"] == "new_approach") & (runs["replicate"] == 2)].iloc[0]
    assert found.outcomes["tension_whole"] == row["tension_whole"]
    assert found.check.outcomes == len(found.outcomes)


@pytest.mark.parametrize("table", LONG)
def test_tables_are_those_of_the_folder(found: Trace, folder: Path, table: str) -> None:
    whole = regional_sim.load_results(folder).table(table)
    mine = whole[(whole["posture"] == "new_approach") & (whole["replicate"] == 2)]
    pd.testing.assert_frame_equal(
        found.table(table), mine.reset_index(drop=True), check_dtype=False, check_exact=True
    )


def test_a_run_of_a_scenario_is_the_run_of_a_folder(found: Trace) -> None:
    again = regional_sim.trace(
        "four_states", replicate=2, posture="new_approach", seed=5, settings=SETTINGS
    )
    assert again.outcomes == found.outcomes
    assert again.check is None
    pd.testing.assert_frame_equal(again.log, found.log)


def test_states_that_are_held_are_held_in_a_trace(tmp_path: Path) -> None:
    regional_sim.run(
        "four_states",
        postures=["traditional", "new_approach"],
        settings=SETTINGS,
        clamp=["CHN"],
        out=tmp_path / "held",
    )
    held = regional_sim.trace(tmp_path / "held", posture="new_approach")
    assert held.check is not None
    assert held.check.same


def test_a_row_that_was_altered_is_told(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    table = copy / "runs.csv"
    frame = pd.read_csv(table, dtype=str)
    frame.loc[0, "tension_whole"] = "0.25"
    frame.to_csv(table, index=False)
    said = invoke("trace", copy, code=1).stdout
    assert "NOT the same as its row in runs.csv: 1 of" in said
    assert "tension_whole, 0.25 there" in said


# ------------------------------------------------------------------- what was weighed


def test_payoffs_give_the_chances_that_the_model_used(fresh: Trace) -> None:
    decisions = fresh.decisions.dropna(subset=["payoff"])
    scenario = fresh.run.scenario
    certainty = 1.0 / float(scenario.parameter_values()[Param.shock_sd])
    shock = int(scenario.option_values()[Option.shock])
    for payoff, chance in (("payoff", "chance"), ("payoff_true", "chance_true")):
        given = [float(escalation_chance(one, certainty, shock)) for one in decisions[payoff]]
        assert given == decisions[chance].tolist()


def test_terms_add_up_and_shocks_decide(fresh: Trace) -> None:
    decisions = fresh.decisions.dropna(subset=["payoff"])
    total = decisions[list(TERMS)].sum(axis=1)
    assert np.allclose(total, decisions["payoff"], rtol=0.0, atol=1e-12)
    chosen = decisions[decisions["on_the_table"] == 1]
    assert len(chosen) > 50
    for payoff, decided in (("payoff", "escalates"), ("payoff_true", "would_escalate")):
        acts = (chosen[payoff] + chosen["shock"] > 0.0).astype(int)
        assert acts.tolist() == chosen[decided].tolist()
    assert not decisions[decisions["on_the_table"] == 0]["escalates"].any()


def test_decisions_agree_with_events(found: Trace) -> None:
    events = found.table("events")
    up = events[events["kind"] == "escalation"]
    acts = found.decisions[found.decisions["escalates"] == 1]
    who = acts.groupby(["month", acts[["state", "toward"]].min(axis=1)], sort=True)
    assert sum(up["initiator"].str.count(r"\+") + 1) == len(acts)
    assert set(up["month"]) == set(acts["month"])
    mistaken = acts[acts["would_escalate"] == 0]
    assert set(up[up["mistaken"] == 1]["month"]) == set(mistaken["month"])
    assert len(who) > 5


def test_choices_and_levels_are_those_of_the_tables(fresh: Trace) -> None:
    responses, states = fresh.responses, fresh.table("states")
    derisk = responses[(responses["response"] == "derisk") & (responses["state"] == "JPN")]
    expected = states[states["state"] == "JPN"]["derisking"]
    assert derisk["level"].tolist() == expected.tolist()
    assert responses["chosen"].between(-1.0 - 1e-9, 1.0 + 1e-9).all()
    if fresh.run.scenario.draws_choices:
        assert np.allclose(responses["chosen"], responses["chosen"].round(), atol=1e-9)
    assert set(responses["choice"]) <= {"raise", "hold", "cut"}


def decision(**changes: float) -> dict[str, float]:
    """A row of the table of decisions, which escalates; its payoff is the sum of its terms."""
    terms = {name: changes.get(name, 0.0) for name in TERMS}
    base = {"escalates": 1, "would_escalate": 1, "shock": 0.0, "gain_true": 0.0, "loss_true": 0.0}
    return {**terms, **base, "payoff": sum(terms.values()), **changes}


def test_what_a_decision_turned_on() -> None:
    acts = decision(gain=3.0, error=0.5, loss=-2.0, gain_true=3.0, loss_true=-2.0, shock=0.25)
    assert weighed_most(acts) == ("gain", 3.0)
    assert weighed_most({**acts, "escalates": 0, "would_escalate": 0, "shock": -2.0}) == (
        "shock",
        -2.0,
    )
    low = decision(gain=1.0, loss=-2.0, gain_true=1.0, loss_true=-2.0, shock=1.5)
    assert weighed_most(low) == ("shock", 1.5)
    assert weighed_most({**low, "escalates": 0, "would_escalate": 0}) == ("loss", -2.0)
    wrong = {**acts, "would_escalate": 0}
    assert is_mistaken(wrong)
    assert weighed_most(wrong) == ("error", 0.5)
    assert weighed_most({**wrong, "gain_true": 2.25}) == ("odds", 0.75)


# ------------------------------------------------------------------------- the log


def test_the_log_tells_every_escalation_and_settlement(found: Trace) -> None:
    log, events = found.log, found.table("events")
    acts = log[log["kind"] == "escalation"]
    assert len(acts) == found.decisions["escalates"].sum()
    assert sum(log["kind"] == "settlement") == sum(events["kind"] == "de_escalation")
    assert acts["followed"].str.contains("month|end").all()
    assert acts[acts["mistaken"] == 1]["notable"].all()
    assert log["month"].is_monotonic_increasing


def test_a_response_that_wavers_is_told_once() -> None:
    assert list(marked_changes(np.array([0.6, 0.4, 0.6, 0.3, 0.1]))) == [(1, "raise"), (5, "ease")]
    assert list(marked_changes(np.array([0.6, -0.6]))) == [(1, "raise"), (2, "cut")]


def test_the_month_of_an_escalation_says_why_on_one_screen(found: Trace) -> None:
    log = found.log
    for row in log[(log["kind"] == "escalation")].itertuples():
        said = trace_text(found.about(row.month, row.state), 80)
        lines = said.splitlines()
        assert len(lines) <= 34
        assert max(map(len, lines)) <= 80
        assert ": escalates" in said
        assert "payoff and shock" in said
        wrong = "What misled it most" if row.mistaken else "What spoke most for it"
        assert wrong in said or log[(log["month"] == row.month)].shape[0] > 1


def test_a_month_without_a_decision_says_how_near_one_was(found: Trace) -> None:
    decisions = found.decisions
    quiet = decisions.groupby("month")["on_the_table"].sum()
    month = int(quiet[quiet == 0].index[0])
    said = trace_text(found.about(month, "CHN"), 80)
    assert "Nothing put China before the choice to escalate" in said
    assert "Its responses with the strongest motives" in said
    said = trace_text(found.about(month, pair="CHN-TWN"), 80)
    assert "Taiwan toward China" in said


@pytest.mark.parametrize("width", [80, 120])
def test_the_log_fits_the_terminal(found: Trace, width: int) -> None:
    for everything in (False, True):
        lines = trace_text(found, width, everything=everything).splitlines()
        assert max(map(len, lines)) <= width
        assert "…" not in "".join(lines)
    assert any("new_approach begins" in line for line in lines)


def test_notable_entries_are_shown_and_the_rest_counted(found: Trace) -> None:
    log = found.log
    said = trace_text(found, 80)
    assert f"Shown are {log['notable'].sum()} entries" in " ".join(said.split())
    everything = trace_text(found, 80, everything=True)
    assert len(everything.splitlines()) > len(said.splitlines())
    narrow = trace_text(found.about(pair="CHN-TWN"), 80)
    assert "Not shown" not in narrow


def test_nothing_notable_is_not_nothing() -> None:
    settings = {"horizon.months_before": 4, "horizon.months_after": 6}
    found = regional_sim.trace("two_states", seed=2, settings=settings)
    assert len(found.log) == 4
    said = trace_text(found, 80)
    assert "Nothing notable happened: " in said
    assert "Nothing happened" not in said
    assert "1 settlement. --all" in " ".join(said.split())
    assert "other" not in said
    assert "Nothing notable happened: " in "\n".join(trace_markdown(found))
    empty = regional_sim.trace("two_states", seed=5, settings=settings)
    assert "Nothing happened here: " in trace_text(empty, 80)


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    log = pd.DataFrame({"kind": ["escalation", "escalation", "settlement"], "notable": [1, 0, 0]})
    said = remark(log, log[log["notable"] == 1])
    assert said.startswith("Shown is 1 entry; ")
    assert "Not shown: 1 other escalation, 1 settlement." in said


# --------------------------------------------------------------------------- files


def test_files_hold_what_was_asked(found: Trace, tmp_path: Path) -> None:
    part = found.about("8..12", "CHN")
    for ending in ("csv", "json", "md"):
        write_trace(part, tmp_path / f"log.{ending}")
    table = pd.read_csv(tmp_path / "log.csv")
    assert table["month"].between(8, 12).all()
    assert {"payoff", "shock", *TERMS} <= set(table)
    held = json.loads((tmp_path / "log.json").read_text())
    assert held["same_as_recorded"] is True
    assert len(held["log"]) == len(table)
    assert {one["month"] for one in held["decisions"]} == set(range(8, 13))
    assert "| who>whom |" in (tmp_path / "log.md").read_text()
    write_trace(found.about(9, "CHN"), tmp_path / "month.md")
    assert "Month 9" in (tmp_path / "month.md").read_text()


# ------------------------------------------------------------------------- the command


def test_the_command_prints_what_the_text_says(found: Trace, folder: Path) -> None:
    common = ("trace", folder, "--replicate", 2, "--posture", "new_approach")
    assert succeeds(*common).stdout == trace_text(found, 80)
    said = succeeds(*common, "--month", "20", "--state", "CHN", columns=120).stdout
    assert said == trace_text(found.about(20, "CHN"), 120)
    assert succeeds(*common, "--quiet").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--replicate", "3"], "no such replicate; got 3; allowed: 0 to 2"),
        (["--replicate", "-1"], "--replicate: must be a whole number"),
        (["--posture", "new_aproach"], "did you mean 'new_approach'?"),
        (["--point", "1"], "--point: no such point"),
        (["--state", "chn"], "did you mean 'CHN'?"),
        (["--pair", "CHN-TNW"], "did you mean 'TWN'?"),
        (["--pair", "CHN"], "--pair: is no pair"),
        (["--pair", "CHN-CHN"], "--pair: is no pair"),
        (["--pair", "CHN-TWN", "--state", "CHN"], "not both"),
        (["--month", "37"], "allowed: 1 to 36, in order; the posture begins in month 7"),
        (["--month", "9..3"], "--month: the run has no such month"),
        (["--month", "soon"], "a month such as 27"),
        (["--seed", "1"], "--seed: a run of a result is made again as it was"),
        (["--set", "parameters.theta_challenger=0.1"], "--set: a run of a result"),
        (["--out", "log.txt"], "ending of the file"),
    ],
)
def test_wrong_turns_are_told(folder: Path, arguments: list[str], told: str) -> None:
    result = invoke("trace", folder, *arguments, code=2)
    assert told in result.stderr


def test_what_is_no_result_is_told(folder: Path, tmp_path: Path) -> None:
    unfinished = tmp_path / "unfinished"
    unfinished.mkdir()
    (unfinished / "plan.json").write_bytes((folder / "plan.json").read_bytes())
    assert "unfinished" in invoke("trace", unfinished, code=2).stderr
    assert "no such folder" in invoke("trace", tmp_path / "none", code=2).stderr
    assert "a scenario has no points" in invoke("trace", "two_states", "--point", 1, code=2).stderr


def test_a_mistyped_name_may_be_that_of_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "patrols").mkdir()
    for given, hint in (
        ("four_state", "did you mean 'four_states'?"),
        ("patrol", "did you mean 'patrols'?"),
        ("zzz", "make it with run or sweep, or name a scenario"),
    ):
        said = invoke("trace", given, code=2).stderr
        what = "no shipped scenario and no folder of this name"
        assert said == f"error: {what}; got '{given}'; {hint}\n"
    assert "this is an experiment" in invoke("trace", "uncertainty_sample", code=2).stderr
    assert "error: " in invoke("trace", "a" * 300, code=2).stderr


def test_a_world_without_roles_of_third_parties_is_traced() -> None:
    found = regional_sim.trace("two_states", settings=SETTINGS)
    assert "AAA>BBB" in trace_text(found, 80, everything=True)


# ------------------------------------------------------------------- Mesa's agents


def test_agents_print_with_their_roles() -> None:
    model = RegionModel("baseline", settings=SETTINGS)
    assert repr(model.state("JPN")) == str(model.state("JPN")) == "JPN (sender)"
    assert repr(model.state("PRK")) == "PRK (rival)"
    assert repr(model.state("VNM")) == f"VNM ({', '.join(model.state('VNM').groups)})"
    assert RegionModel("two_states").state("AAA").roles == ("sender",)


def test_agents_show_their_responses(found: Trace) -> None:
    model = RegionModel("four_states", "new_approach", 5, 2, settings=SETTINGS)
    assert all(one.change == 0.0 and one.choice == "hold" for one in model.state("JPN").responses)
    for _ in range(20):
        model.step()
    for code in model.region.codes:
        rows = found.responses[found.responses["month"].eq(20) & found.responses["state"].eq(code)]
        shown = [(r.response, r.toward or "", r.choice, r.level) for r in rows.itertuples()]
        own = [(r.response, r.toward or "", r.choice, r.level) for r in model.state(code).responses]
        assert own == shown
    kinds = {one.response for code in ["CHN", "JPN"] for one in model.state(code).responses}
    assert kinds <= {kind.name for kind in RESPONSE_KINDS}
    assert "press" in kinds


def test_a_watcher_changes_no_bit_and_sees_before_anyone_acts() -> None:
    seen: list[int] = []
    models = [RegionModel("four_states", settings=SETTINGS, collect=False) for _ in range(2)]
    models[0].watcher = lambda world: seen.append(int(world.pair.shape[0]))
    for model in models:
        while model.running:
            model.step()
    assert models[0].outcome("tension") == models[1].outcome("tension")
    assert len(seen) == models[0].clock


def test_seeds_of_a_trace_have_to_be_seeds() -> None:
    with pytest.raises(InputError, match="seed"):
        regional_sim.trace("two_states", seed=-1)
    with pytest.raises(InputError, match="did you mean 'replicate'"):
        regional_sim.trace("two_states", replicat=1)
