"""``regional-sim schema``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def schema(
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="File to write; standard output if not given."),
    ] = None,
) -> None:
    """Print the JSON Schema of scenario files, for editors that check and complete.

    Name it in the first line of a scenario:

    \b
      # yaml-language-server: $schema=scenario.schema.json

    \b
    Example:
      regional-sim schema --out scenario.schema.json
    """
    from regional_sim.cli.files import write_text
    from regional_sim.report.schema import schema_text

    if out is None:
        typer.echo(schema_text(), nl=False)
    else:
        write_text(out, schema_text())
