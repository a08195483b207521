"""Take the picture of docs/dashboard.md: ``python -m tests.browser.picture``."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from tests.browser.conftest import CHROMIUM
from tests.support.dashboards import dashboard_of

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "dashboard.png"
WINDOW = {"width": 1280, "height": 940}
MONTH = 60
COLOURS = 128


def main() -> None:
    from PIL import Image
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory() as folder,
        dashboard_of(Path(folder), "baseline", "--seed", "7") as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport=WINDOW, color_scheme="light", reduced_motion="reduce")
        page.goto(served.address)
        page.wait_for_selector("body[data-ready]")
        page.fill("#month", str(MONTH))
        page.wait_for_selector(f"body[data-month='{MONTH}']")
        shot = page.screenshot()
        browser.close()
    # Few colours make it a fourth of the size.
    picture = Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS)
    picture.save(PICTURE, optimize=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
