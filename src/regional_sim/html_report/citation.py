"""How the program is cited; a test holds it to CITATION.cff."""

from __future__ import annotations

from typing import Final

TITLE: Final = "regional_sim: an agent-based simulation of East-Asian regional dynamics"
AUTHORS: Final = "regional_sim contributors"


def citation_lines(version: str) -> tuple[str, list[str]]:
    """Return how to cite a version, as a sentence and as the lines of a BibTeX entry."""
    of_version = f" Version {version}." if version else ""
    entry = [
        "@software{regional_sim,",
        f"  author  = {{{{{AUTHORS}}}}},",
        f"  title   = {{{{{TITLE}}}}},",
        *([f"  version = {{{version}}},"] if version else []),
        "}",
    ]
    return f"{AUTHORS}. {TITLE}.{of_version}", entry
