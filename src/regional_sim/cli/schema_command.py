"""``regional-sim schema``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

EXAMPLES: Final = """\
regional-sim schema --out scenario.schema.json
"""


def schema(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; standard output if not given."),
    ] = None,
) -> None:
    """Print the JSON Schema of scenario files.

    With it an editor checks and completes what you write. Name it in the first line of a
    scenario: "# yaml-language-server: $schema=scenario.schema.json".
    """
    import json

    from regional_sim.cli.files import write_text
    from regional_sim.scenario import json_schema

    text = json.dumps(json_schema(), indent=2) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_text(out, text)
