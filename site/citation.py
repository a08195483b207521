"""Write ``codemeta.json`` and ``.zenodo.json`` from ``CITATION.cff``: `make citation`.

The one source is ``CITATION.cff``; a test holds the two others against it.  cffconvert, which could
do this too, needs an older jsonschema than the notebooks of the site.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

ROOT: Final = Path(__file__).resolve().parent.parent


def codemeta(cited: dict[str, Any]) -> dict[str, Any]:
    """Return the CodeMeta 3.0 description of the software."""
    return {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "name": cited["title"],
        "version": cited["version"],
        "description": cited["abstract"],
        "license": f"https://spdx.org/licenses/{cited['license']}",
        "keywords": cited["keywords"],
        "author": [{"@type": "Organization", "name": one["name"]} for one in cited["authors"]],
        "programmingLanguage": "Python",
        "runtimePlatform": "Python 3.11, 3.12 and 3.13",
        "referencePublication": [
            {
                "@type": "Book" if one["type"] == "book" else "ScholarlyArticle",
                "name": one["title"],
                **({"identifier": f"https://doi.org/{one['doi']}"} if "doi" in one else {}),
            }
            for one in cited["references"]
        ],
    }


def zenodo(cited: dict[str, Any]) -> dict[str, Any]:
    """Return the description that Zenodo reads when a release is archived."""
    return {
        "title": cited["title"],
        "version": cited["version"],
        "upload_type": "software",
        "description": cited["abstract"],
        "license": cited["license"].lower(),
        "keywords": cited["keywords"],
        "creators": [{"name": one["name"]} for one in cited["authors"]],
        "related_identifiers": [
            {"scheme": "doi", "identifier": one["doi"], "relation": "references"}
            for one in cited["references"]
            if "doi" in one
        ],
    }


FILES: Final = {"codemeta.json": codemeta, ".zenodo.json": zenodo}


def written(name: str) -> str:
    """Return what a file of `FILES` has to hold."""
    cited = YAML(typ="safe").load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    return json.dumps(FILES[name](cited), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file in FILES:
        (ROOT / file).write_text(written(file), encoding="utf-8")
