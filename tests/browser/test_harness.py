"""The harness notices what it is there for: a page with every fault, opened from its file."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="needs the extra `browser`")

pytestmark = pytest.mark.browser

FAULTY = """<!DOCTYPE html><html lang="en"><head><title>x</title></head><body>
<h1 style="color:#bbb;background:#fff;width:3000px">A faint title</h1>
<img src="http://127.0.0.1:9/x.png"><button></button>
<script>console.error("told")</script></body></html>"""


def test_every_fault_of_a_page_is_noticed(opened, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(FAULTY, encoding="utf-8")
    seen = opened(file)
    assert "told" in seen.complaints
    assert seen.outside(file.as_uri()) == ["http://127.0.0.1:9/x.png"]
    assert seen.overflow() > 1000
    rules = {finding.partition(":")[0] for finding in seen.grave_findings()}
    assert {"button-name", "color-contrast", "image-alt"} <= rules
