"""``regional-sim describe``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import typer


class Form(StrEnum):
    """How a listing is written."""

    table = "table"
    markdown = "markdown"
    json = "json"


EXAMPLES: Final = """\
regional-sim describe
regional-sim describe states --scenario four_states
regional-sim describe parameters --format markdown
"""


def describe(
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[SUBJECT]",
            help="states, sources, postures, instruments, parameters, options, metrics, scenarios"
            " or experiments; without it, what can be described.",
            show_default=False,
        ),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The scenario to describe, a shipped one or a file. States and sources are those"
            " of the baseline if not given, parameters and options show the defaults.",
        ),
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="How to write it.")] = Form.table,
) -> None:
    """Print what there is, with units, ranges and sources."""
    from regional_sim.cli.consoles import output
    from regional_sim.report.catalogues import listing
    from regional_sim.report.listing import as_json, as_markdown, as_text
    from regional_sim.scenario import load_scenario

    found = listing(subject, None if scenario is None else load_scenario(scenario))
    if form is Form.table:
        console = output()
        console.print(as_text(found, console.width), end="", soft_wrap=True)
    else:
        typer.echo(as_markdown(found) if form is Form.markdown else as_json(found), nl=False)
