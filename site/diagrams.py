"""Draw the diagrams of ``docs/`` as SVG for the site: ``python site/diagrams.py MERMAID_JS``.

Where Mermaid is not part of what shows a page, its text has to be drawn before.  `MERMAID_JS` is
``dist/mermaid.min.js`` of the npm package ``mermaid``; Chromium draws.  Needed only after a diagram
has been edited; a test says so.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from build import ROOT, diagram_name, diagrams_of

FOLDER = ROOT / "docs" / "diagrams"
PAGE = """<!doctype html><meta charset="utf-8"><body><pre id="drawn"></pre>
<script src="{library}"></script><script>
mermaid.initialize({{startOnLoad: false, htmlLabels: false, theme: "neutral",
    flowchart: {{htmlLabels: false, useMaxWidth: false}}}});
mermaid.render("{name}", {diagram}).then(
    found => {{ document.getElementById("drawn").textContent = found.svg; }});
</script>"""


def main() -> None:
    """Draw each diagram into a file that is named by its text, and delete those of old texts."""
    library = Path(sys.argv[1]).resolve()
    FOLDER.mkdir(exist_ok=True)
    diagrams = {diagram_name(one): one for one in diagrams_of(ROOT / "docs")}
    for old in FOLDER.glob("*.svg"):
        if old.name not in diagrams:
            old.unlink()
    for name, diagram in diagrams.items():
        (FOLDER / name).write_text(_drawn(diagram, name.removesuffix(".svg"), library) + "\n")


def _drawn(diagram: str, name: str, library: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        words = json.dumps(diagram)
        page.write_text(PAGE.format(library=library.as_uri(), diagram=words, name=f"d{name}"))
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        options += [f"--user-data-dir={folder}/profile", "--virtual-time-budget=10000"]
        call = ["chromium", *options, "--dump-dom", page.as_uri()]
        shown = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    found = re.search(r'<pre id="drawn">(.*?)</pre>', shown, re.DOTALL)
    if found is None or "<svg" not in html.unescape(found[1]):
        sys.exit(f"Mermaid drew nothing of:\n{diagram}")
    return html.unescape(found[1])


if __name__ == "__main__":
    main()
