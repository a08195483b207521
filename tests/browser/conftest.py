"""The system's Chromium, and pages of which everything that goes wrong is noted."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
WIDTHS = (1280, 390)
THEMES = ("light", "dark")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Drive the browser that is installed; it needs no sandbox of its own in a container."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu"]}


@dataclass
class Seen:
    """A page in the browser, with what it complained of and what it asked for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def outside(self, *inside: str) -> list[str]:
        """Return what was asked for elsewhere than at some addresses."""
        kept = (*inside, "data:", "blob:")
        return [url for url in self.requests if not url.startswith(kept)]

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        root = "document.documentElement"
        return int(self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))

    def grave_findings(self) -> list[str]:
        """Return what axe calls serious or critical, with the elements."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {[node['target'] for node in one['nodes']]}"
            for one in found
            if one["impact"] in {"serious", "critical"}
        ]


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Seen]]:
    """Open an address, or a file, in a window of some width, in light or dark."""
    contexts = []

    def open_at(address: str | Path, width: int = 1280, theme: str = "light") -> Seen:
        window = {"width": width, "height": 900}
        context = browser.new_context(
            viewport=window, color_scheme=theme, accept_downloads=True, reduced_motion="reduce"
        )
        contexts.append(context)
        seen = Seen(context.new_page())
        seen.page.on("request", lambda request: seen.requests.append(request.url))
        seen.page.on("websocket", lambda socket: seen.requests.append(socket.url))
        seen.page.on(
            "console",
            lambda said: (
                seen.complaints.append(said.text) if said.type in {"error", "warning"} else None
            ),
        )
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.goto(address.as_uri() if isinstance(address, Path) else address)
        return seen

    yield open_at
    for context in contexts:
        context.close()
