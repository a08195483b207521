"""The page of a report as its reader has it: from a file, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="needs the extra `browser`")

import regional_sim
from tests.browser.conftest import THEMES, WIDTHS, Seen

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "pair"
    regional_sim.run(
        "four_states",
        postures=["traditional", "new_approach"],
        replicates=8,
        seed=3,
        settings=["parameters.theta_challenger=0.71"],
        tables=["runs", "timeseries", "states"],
        out=folder,
    )
    return regional_sim.write_report(folder)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_asks_for_nothing_and_axe_finds_nothing_grave(
    report: Path, opened: Callable[..., Seen], width: int, theme: str
) -> None:
    seen = opened(report, width, theme)
    assert seen.overflow() <= 0
    assert seen.requests == [report.as_uri()]
    assert seen.page.locator("figure svg").first.is_visible()
    assert seen.grave_findings() == []
    # Axe is put into the page from outside, which the page's own policy may be told to report.
    assert [said for said in seen.complaints if "Content Security Policy" not in said] == []


def test_the_page_as_such_complains_of_nothing(report: Path, opened: Callable[..., Seen]) -> None:
    assert opened(report).complaints == []


def test_tables_scroll_in_their_box_on_a_phone(report: Path, opened: Callable[..., Seen]) -> None:
    page = opened(report, min(WIDTHS)).page
    wider = page.evaluate(
        "[...document.querySelectorAll('.box')].filter(b => b.scrollWidth > b.clientWidth).length"
    )
    assert wider > 0
    page.locator(".box").first.focus()
    assert page.evaluate("document.activeElement.className") == "box"


def test_the_first_key_leads_past_the_list_of_sections(
    report: Path, opened: Callable[..., Seen]
) -> None:
    page = opened(report).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_printed_it_has_no_clipped_table(report: Path, opened: Callable[..., Seen]) -> None:
    seen = opened(report, 720)
    seen.page.emulate_media(media="print")
    assert seen.overflow() <= 0
    assert not seen.page.locator("nav").is_visible()
    clipped = (
        "[...document.querySelectorAll('.box')].filter(b => b.scrollWidth > b.clientWidth + 1)"
    )
    assert seen.page.evaluate(f"{clipped}.map(b => b.ariaLabel)") == []
