"""The dashboard as its reader has it: in a browser, on a desk and on a phone."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="needs the extra `browser`")

from regional_sim import load_results
from regional_sim.report.text import number
from tests.browser.conftest import THEMES, WIDTHS, Seen
from tests.support.cli import succeeds
from tests.support.dashboards import Served, dashboard_of

pytestmark = pytest.mark.browser
ONSET = 24
LAST = 120


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("dashboard")
    with dashboard_of(folder, "four_states", "--seed", "7") as dashboard:
        yield dashboard
        assert dashboard.reached_out() == ""


@pytest.fixture
def dashboard(served: Served, opened: Callable[..., Seen]) -> Iterator[Callable[..., Seen]]:
    """Open the page; in the end nothing may have gone wrong on it."""
    seen: list[Seen] = []

    def open_page(width: int = 1280, theme: str = "light") -> Seen:
        one = opened(served.address, width, theme)
        seen.append(one)
        reaches(one.page, ONSET)
        if width < 800:
            one.page.click("#settings > summary")
        return one

    yield open_page
    for one in seen:
        assert one.complaints == []
        assert one.outside(served.address, served.address.replace("http:", "ws:")) == []


def reaches(page: Any, month: int) -> None:
    page.wait_for_selector(f"body[data-month='{month}']")


def go_to(page: Any, month: int) -> None:
    page.evaluate(
        "month => { const field = document.getElementById('month'); field.value = month;"
        " field.dispatchEvent(new Event('input')); }",
        month,
    )
    reaches(page, month)


def changes(page: Any, selector: str, act: Callable[[], object]) -> None:
    """Do something after which a part of the page must be another."""
    before = page.inner_html(selector)
    act()
    page.wait_for_function(
        "([selector, before]) => document.querySelector(selector).innerHTML !== before",
        arg=[selector, before],
    )


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_posture_is_changed_and_a_month_stepped(dashboard, width, theme) -> None:
    seen = dashboard(width, theme)
    page = seen.page
    go_to(page, 60)
    for selector in ("#metrics", "#region", "#ladder", "#state"):
        assert page.locator(selector).inner_text() or page.locator(f"{selector} svg").count()
    drawn = page.get_attribute("#metrics path.side-2 >> nth=0", "d")
    changes(page, "#metrics", lambda: page.select_option("#posture-second", "reassurance"))
    assert page.input_value("#level-crisis_channel") == "0.9"
    assert "reassurance" in page.inner_text("#metrics")
    changes(page, "#metrics", lambda: page.click("#step"))
    reaches(page, 61)
    assert page.inner_text("#month-text") == "Month 37 of 96 after the onset"
    assert page.get_attribute("#metrics path.side-2 >> nth=0", "d") != drawn
    assert seen.overflow() <= 0
    for summary in page.locator("details details > summary").all():
        summary.click()
    assert seen.grave_findings() == []


def test_it_plays_pauses_resets_and_stops_at_the_end(dashboard) -> None:
    page = dashboard().page
    page.select_option("#speed", "fast")
    page.click("#play")
    page.wait_for_function(f"() => Number(document.body.dataset.month) > {ONSET + 2}")
    page.click("#play")
    page.wait_for_function("() => document.getElementById('play').textContent === 'Play'")
    page.click("#reset")
    reaches(page, ONSET)
    go_to(page, LAST - 1)
    page.click("#play")
    reaches(page, LAST)
    assert "The run ends here" in page.inner_text("#end-text")
    assert page.inner_text("#play") == "Play"
    page.press("#step", "Enter")
    page.select_option("#speed", "slow")
    assert page.get_attribute("body", "data-month") == str(LAST)


def test_it_is_used_with_the_keyboard_alone(dashboard) -> None:
    page = dashboard().page
    page.keyboard.press("Tab")
    assert "Skip" in page.inner_text(":focus")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.inner_text(":focus") == "Step"
    page.keyboard.press("Enter")
    reaches(page, ONSET + 1)
    page.focus("#level-joint_patrols")
    changes(page, "#command", lambda: page.keyboard.press("ArrowLeft"))
    assert page.input_value("#posture-second") == "own_levels"
    assert page.inner_text("#level-joint_patrols-value") == "0.79"


def test_parameters_are_found_changed_refused_and_taken_back(dashboard) -> None:
    page = dashboard().page
    go_to(page, 90)
    page.click("#parameters > summary")
    page.fill("#search", "hostility challenger reads")
    shown = page.locator(".setting:visible label").all_inner_texts()
    assert "theta_challenger" in shown
    assert len(shown) < 8
    page.fill("#set-theta_challenger", "0.8")
    changes(page, "#metrics", lambda: page.keyboard.press("Tab"))
    assert "theta_challenger: 0.8 instead of 0.5" in page.inner_text("#changes")
    page.fill("#set-theta_challenger", "7")
    changes(page, "#fault", lambda: page.keyboard.press("Tab"))
    assert "theta_challenger" in page.inner_text("#fault")
    assert page.get_attribute("#set-theta_challenger", "aria-invalid") == "true"
    changes(page, "#metrics", lambda: page.click("text=Undo"))
    assert page.inner_text("#changes") == ""
    assert page.input_value("#set-theta_challenger") == "0.5"
    assert not page.is_visible("#fault")


def test_the_saved_scenario_gives_the_numbers_of_the_page(
    dashboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = dashboard().page
    page.fill("#seed", "11")
    page.keyboard.press("Tab")
    page.focus("#level-political_backing")
    changes(page, "#command", lambda: page.keyboard.press("ArrowRight"))
    page.click("#parameters > summary")
    page.fill("#set-theta_challenger", "0.8")
    changes(page, "#changes", lambda: page.keyboard.press("Tab"))
    go_to(page, 77)
    with page.expect_download() as waiting:
        page.click("#save")
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    command = page.inner_text("#command")
    assert f"#   {command}\n" in file.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    succeeds(*shlex.split(command)[1:])
    frame = load_results(tmp_path / "results/saved").table("timeseries")
    row = frame[frame.month == 77].set_index("posture")
    shown = {
        found.get_attribute("data-value"): found.inner_text()
        for found in page.locator("[data-value]").all()
    }
    assert len(shown) == 8
    for place, value in shown.items():
        metric, _, side = place.rpartition("-")
        posture = {"1": "traditional", "2": "own_levels"}[side]
        assert value == number(row.loc[posture, metric]), place


def test_the_page_names_no_other_address(served, opened) -> None:
    seen = opened(served.address)
    assert not re.findall(r"https?://[^\s\"'<]+", seen.page.content())
