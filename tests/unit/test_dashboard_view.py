"""The dashboard's view: what each action makes of it, and that it shows the numbers of a run."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from regional_sim import (
    import_policies,
    load_results,
    load_scenario,
    scenario_from_mapping,
    trace,
)
from regional_sim.answers.trace.log import ESCALATION, SETTLEMENT
from regional_sim.dashboard.controls import OWN_LEVELS, Controls
from regional_sim.dashboard.loopback_guard import LoopbackGuard
from regional_sim.dashboard.page import page
from regional_sim.dashboard.saved_scenario import FILE_NAME, run_command, saved_scenario
from regional_sim.dashboard.shown_parts import (
    event_words,
    ladder_html,
    metrics_html,
    state_html,
)
from regional_sim.dashboard.view import View
from regional_sim.dashboard.watched_runs import (
    ResponseNow,
    SideRun,
    pair_number,
    pairs_of,
    watched_runs,
)
from regional_sim.engine.job import DYAD_COLUMNS
from regional_sim.errors import InputError
from regional_sim.experiment import posture_of
from regional_sim.model.instruments import Instrument
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.variables import PairVar
from tests.support.cli import succeeds
from tests.support.policies import policies_forgotten, policy_text  # noqa: F401 (a fixture)

SHORT = {"horizon.months_before": 3, "horizon.months_after": 12}


@pytest.fixture(scope="module")
def view() -> View:
    world = load_scenario("four_states").with_settings(SHORT)
    return View.opened(Controls(world, seed=7))


def act(view: View, what: str, name: str = "", value: object = "") -> View:
    return view.after({"what": what, "name": name, "value": value})


# ----------------------------------------------------------------------------------------- time


def test_it_opens_in_the_month_before_the_onset(view: View) -> None:
    assert view.month == 3
    assert view.shown()["text"]["month-text"] == "The month before the onset; 12 follow it"
    first, second = view.runs.sides
    assert np.array_equal(first.metric(Metric.tension)[:3], second.metric(Metric.tension)[:3])
    assert not np.array_equal(first.metric(Metric.tension), second.metric(Metric.tension))


def test_steps_go_on_to_the_end_and_no_further(view: View) -> None:
    for _ in range(20):
        view = act(view, "step")
    assert view.month == 15
    assert view.shown()["at_end"]
    assert "The run ends here" in view.shown()["text"]["end-text"]
    assert act(view, "play", "", True).pace is None
    assert act(view, "reset").month == 3


def test_playing_stops_with_the_run(view: View) -> None:
    playing = act(act(view, "month", "", 14), "play", "", True)
    assert playing.pace == pytest.approx(1 / 3)
    assert playing.stepped().pace is None
    assert act(playing, "play", "", False).pace is None


@pytest.mark.parametrize(
    ("value", "month"), [("9", 9), (0, 1), (99, 15)], ids=["inside", "below", "above"]
)
def test_a_month_is_gone_to(view: View, value: object, month: int) -> None:
    assert act(view, "month", "", value).month == month


# ----------------------------------------------------------------------------- what can be set


def test_a_posture_moves_the_sliders_and_keeps_the_month(view: View) -> None:
    changed = act(act(view, "step"), "posture", "second", "reassurance")
    assert changed.month == 4
    assert changed.controls.postures == ("traditional", "reassurance")
    assert changed.controls.levels[Instrument.crisis_channel] == 0.9


def test_a_slider_makes_the_second_posture_ones_own(view: View) -> None:
    changed = act(view, "level", "joint_patrols", "0.35")
    assert changed.controls.postures == ("traditional", OWN_LEVELS)
    policy = changed.controls.posture(OWN_LEVELS).policy
    assert policy.joint_patrols == 0.35
    assert policy.early_warning == changed.controls.levels[Instrument.early_warning]
    first = act(act(view, "posture", "first", OWN_LEVELS), "level", "joint_patrols", "0.35")
    assert first.controls.postures == (OWN_LEVELS, "new_approach")


def test_parameters_and_options_are_changed_and_taken_back(view: View) -> None:
    changed = act(view, "change", "parameters.theta_challenger", "0.7")
    changed = act(changed, "change", "options.contest_exponent", "2")
    assert changed.shown()["changes"] == {
        "parameters.theta_challenger": 0.7,
        "options.contest_exponent": "2",
    }
    back = act(changed, "change", "parameters.theta_challenger", "0.5")
    back = act(back, "change", "options.contest_exponent", "1")
    assert back.controls.changes == {}
    assert back.shown()["html"] == view.shown()["html"]


@pytest.mark.parametrize(
    ("what", "name", "value", "said"),
    [
        ("change", "parameters.theta_challenger", "7", "theta_challenger"),
        ("change", "parameters.theta_challenger", "nan", "theta_challenger"),
        ("change", "parameters.theta_challenger", "much", "must be a number"),
        ("change", "parameters.theta_chalenger", "1", "did you mean 'theta_challenger'?"),
        ("change", "horizon.months_after", "1", "unknown parameter"),
        ("change", "options.shock", "probitt", "did you mean 'probit'?"),
        ("seed", "", "-1", "not a seed"),
        ("seed", "", "²", "not a seed"),
        ("seed", "", "9" * 5000, "not a seed"),
        ("posture", "second", "new_aproach", "did you mean 'new_approach'?"),
        ("posture", "third", "reactive", "unknown side"),
        ("level", "joint_patrols", "2", "not a level"),
        ("level", "joint_patrols", None, "not a level"),
        ("level", "patrols", "0.5", "unknown instrument"),
        ("month", "", "x", "must be a whole number"),
        ("metric", "tensions", True, "did you mean 'tension'?"),
        ("state", "", "JPM", "did you mean 'JPN'?"),
        ("speed", "", "light", "unknown speed"),
        ("delete", "", "", "unknown action"),
        (["step"], "", "", "unknown action"),
        ("speed", "", ["fast"], "speed: not a single value"),
        ("seed", "", {"a": 1}, "seed: not a single value"),
    ],
)
def test_what_cannot_be_is_refused_in_words(view: View, what, name, value, said) -> None:
    refused = view.after({"what": what, "name": name, "value": value})
    assert said in refused.shown()["text"]["fault"]
    assert refused.controls == view.controls
    assert act(refused, "step").fault == ""


@pytest.mark.parametrize("action", [["step"], "step", 1, True])
def test_what_is_no_action_is_refused_in_words(view: View, action: object) -> None:
    refused = view.after(action)
    assert "not an action" in refused.fault
    assert refused.month == view.month


@pytest.mark.usefixtures("policies_forgotten")
@pytest.mark.parametrize("fault", ["self.width * 0 / (month - 5)}", "self.width}, 1"])
def test_a_policy_with_a_fault_is_refused_and_nothing_is_lost(
    view: View, tmp_path: Path, fault: str
) -> None:
    file = tmp_path / "own.py"
    file.write_text(policy_text().replace("self.width}", fault))
    import_policies(file)
    refused = act(view, "posture", "second", "open_line")
    assert "the run failed: " in refused.fault
    assert refused.controls == view.controls


def test_metrics_are_chosen_up_to_a_number(view: View) -> None:
    chosen = act(view, "metric", "economic_cost", True)
    assert chosen.metrics[-1] is Metric.economic_cost
    assert "Economic cost" in chosen.shown()["html"]["metrics"]
    others = [metric for metric in view.runs.metrics if metric not in chosen.metrics]
    for metric in others[:4]:
        chosen = act(chosen, "metric", metric.name, True)
    assert len(chosen.metrics) == 8
    assert "at most 8" in chosen.fault
    for metric in chosen.metrics:
        chosen = act(chosen, "metric", metric.name, False)
    assert "No metric is chosen" in chosen.shown()["html"]["metrics"]


# ------------------------------------------------------------------------- what the page shows


def test_events_add_up_to_the_rungs(view: View) -> None:
    for side in view.runs.sides:
        rungs = side.of_pairs(PairVar.rung)
        pairs = pairs_of(side.world)
        for step in side.rung_changes:
            assert rungs[step.month - 1, pairs.index(step.pair)] == step.after
            assert bool(step.by) is (step.after > step.before)
        assert len(side.rung_changes) == np.count_nonzero(side.of_pairs(PairVar.rung_change))


def test_the_log_is_that_of_a_traced_run(view: View) -> None:
    for side in view.runs.sides:
        log = trace("four_states", posture=side.label, seed=7, settings=SHORT).log
        told = log[log["kind"].isin([ESCALATION, SETTLEMENT])]
        rows = told[["kind", "month", "state", "toward", "rung_before", "rung_after", "mistaken"]]
        mine = [
            (one.kind, one.month, state, toward, one.before, one.after, int(state in one.mistaken))
            for one in side.rung_changes
            for state, toward in (one.pair, one.pair[::-1])
            if (state in one.by if one.by else state == one.pair[0])
        ]
        assert {row[0] for row in mine} == {ESCALATION, SETTLEMENT}
        assert sorted(mine) == sorted(rows.itertuples(index=False, name=None))


def side_with(view: View, **columns: float) -> SideRun:
    """A run in which only the first pair moves, in the first month, as the columns say."""
    side = view.runs.sides[0]
    dyads = np.zeros_like(side.result.dyads)
    for name, value in columns.items():
        dyads[0, DYAD_COLUMNS.index(PairVar[name]), 0] = value
    return replace(side, result=replace(side.result, dyads=dyads))


def test_by_mistake_is_who_was_mistaken(view: View) -> None:
    both = {"rung": 1, "rung_change": 1, "escalated_first": 1, "escalated_second": 1}
    (one,) = side_with(view, **both, mistaken_second=1).rung_changes
    first, second = one.pair
    step = "both escalated: from normal to confrontation."
    assert event_words(one) == f"{first} and {second} (by mistake) {step}"
    (one,) = side_with(view, **both, mistaken_first=1, mistaken_second=1).rung_changes
    assert " both escalated by mistake: " in event_words(one)


def test_a_month_of_war_is_one_month_of_a_dispute(view: View) -> None:
    sides = []
    for side in view.runs.sides:
        dyads = np.zeros_like(side.result.dyads)
        rung = DYAD_COLUMNS.index(PairVar.rung)
        dyads[0, rung, 0], dyads[:2, rung, 1] = 4.0, 1.0
        sides.append(replace(side, result=replace(side.result, dyads=dyads)))
    found = ladder_html(replace(view.runs, sides=tuple(sides)), 5)
    war, longer = ("–".join(pair) for pair in pairs_of(view.controls.world)[:2])
    assert f"{longer}, {war}" in found


def test_units_are_those_of_the_reports(view: View) -> None:
    metrics = (Metric.challenger_pressure, Metric.tension)
    cards = metrics_html(view.runs, 5, metrics)
    assert "<small>from -1 to 1</small>" in cards
    assert "<small>share</small>" in cards
    text = page(view)
    assert "gain schedule s, rung 1; 0 to 10" in text
    assert "ratio," not in text


def test_a_response_that_does_not_move_says_so(view: View) -> None:
    side = view.runs.sides[0]
    still = replace(side.responses("CHN", 1)[0], change=0.0)
    text = state_html(replace(view.runs, sides=(Stub(side, still), Stub(side, still))), 1, "CHN")
    kind = still.kind
    assert f"<b>neither {kind.raising} nor {kind.cutting} {still.toward}</b> stays at" in text
    assert "0.0000" not in text


class Stub:
    """A run in which a state has one response."""

    def __init__(self, side: SideRun, response: ResponseNow) -> None:
        self.label, self.response = side.label, response

    def responses(self, code: str, month: int) -> list[ResponseNow]:  # noqa: ARG002
        return [self.response]


def test_terms_add_up_to_the_motive(view: View) -> None:
    for code in view.controls.world.codes:
        for one in view.runs.sides[1].responses(code, 9):
            assert sum(value for _, value in one.terms) == pytest.approx(one.motive, abs=1e-12)


def test_pairs_are_numbered_as_in_the_arrays(view: View) -> None:
    codes = view.controls.world.codes
    for number, (one, other) in enumerate(pairs_of(view.controls.world)):
        assert pair_number(codes.index(other), codes.index(one), len(codes)) == number


def test_what_a_file_says_is_text_on_the_page() -> None:
    data = load_scenario("two_states").standalone() | {"title": "<script>alert(1)</script>"}
    next(iter(data["states"].values()))["name"] = "<img src=x>"
    data["horizon"] |= {"months_before": 0, "months_after": 3}
    data["windows"] = {}
    opened = View.opened(Controls(scenario_from_mapping(data)))
    text = page(opened) + "".join(opened.shown()["html"].values())
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text
    assert opened.month == 1


def test_a_history_that_is_too_large_is_kept_without_motives(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = [side.result for side in view.runs.sides]
    tables = sum(one.timeseries.nbytes + one.states.nbytes + one.dyads.nbytes for one in results)
    motives = sum(one.motives.nbytes for one in results)
    limit = "regional_sim.dashboard.watched_runs.HISTORY_BYTES"
    monkeypatch.setattr(limit, tables + motives)
    assert watched_runs(view.controls).has_motives
    monkeypatch.setattr(limit, tables + motives - 1)
    runs = watched_runs(view.controls)
    assert not runs.has_motives
    assert "too large" in View(runs, 3, (), "JPN").shown()["html"]["state"]
    monkeypatch.setattr(limit, tables)
    assert not watched_runs(view.controls).has_motives
    monkeypatch.setattr(limit, tables - 1)
    with pytest.raises(InputError, match="horizon: this world is too large for the page"):
        watched_runs(view.controls)


@pytest.mark.parametrize(
    ("port", "host", "is_own"),
    [
        (80, "127.0.0.1", True),
        (80, "localhost", True),
        (80, "localhost:80", True),
        (80, "evil.example", False),
        (8765, "127.0.0.1", False),
    ],
)
def test_the_usual_port_may_be_left_out(port: int, host: str, is_own: bool) -> None:
    async def app(*_: object) -> None:
        """Answer nothing."""

    guard = LoopbackGuard(app, port, "")
    headers = [(b"host", host.encode()), (b"origin", f"http://{host}".encode())]
    assert guard.is_own({"headers": headers}) is is_own


# ------------------------------------------------------------------------------------ the file


def same_as_run(view: View, folder: Path) -> None:
    """Check that the saved command, on the saved file, gives every number that was watched."""
    (folder / FILE_NAME).write_text(saved_scenario(view.controls), encoding="utf-8")
    succeeds(*shlex.split(run_command(view.controls))[1:], "--quiet")
    frame = load_results(folder / "results/saved").table("timeseries")
    for label, side in zip(view.controls.postures, view.runs.sides, strict=True):
        rows = frame[frame.posture == label]
        for metric in view.runs.metrics:
            assert np.array_equal(rows[metric.name], side.metric(metric), equal_nan=True)


@pytest.mark.parametrize("world", ["four_states", "archipelago", "a file"])
def test_the_saved_file_gives_the_same_numbers(
    world: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scenario = load_scenario("two_states" if world == "a file" else world)
    if world == "a file":
        scenario = scenario.with_settings(SHORT)
    view = View.opened(Controls(scenario, seed=3))
    view = act(view, "level", "political_backing", "0.37")
    view = act(view, "change", "parameters.theta_challenger", "0.71")
    view = act(view, "change", "options.contest_exponent", "2")
    assert view.fault == ""
    same_as_run(view, tmp_path)


def test_postures_of_the_command_line_are_saved_and_opened_again(
    view: View, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = [
        "schedule:political_backing={1: 0.1, 9: 0.4},label=slow",
        f"levels:joint_patrols=0.123,label={OWN_LEVELS}",
    ]
    postures = [posture_of(text) for text in texts]
    opened = View.opened(Controls.starting(view.controls.scenario, postures, 5))
    assert opened.controls.levels[Instrument.joint_patrols] == 0.123
    assert "slow" in opened.controls.choices()
    same_as_run(opened, tmp_path)


def test_two_postures_of_one_label_are_refused(view: View) -> None:
    postures = [posture_of(f"levels:joint_patrols={level},label=a") for level in (0.1, 0.2)]
    with pytest.raises(InputError, match="two postures have this label"):
        Controls.starting(view.controls.scenario, postures, 0)
    schedule = posture_of(f"schedule:joint_patrols={{1: 0.2}},label={OWN_LEVELS}")
    with pytest.raises(InputError, match="that of the sliders"):
        Controls.starting(view.controls.scenario, [schedule], 0)
