"""The commands that run nothing: ``init``, ``check``, ``describe`` and ``schema``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from regional_sim.cli import options
from regional_sim.errors import InputError

if TYPE_CHECKING:
    from regional_sim.scenario import Scenario

INIT_EXAMPLES: Final = """\
regional-sim init my_study
regional-sim init small_study --scenario four_states
"""

CHECK_EXAMPLES: Final = """\
regional-sim check baseline
regional-sim init my_study
regional-sim check my_study/scenario.yaml my_study/experiment.yaml
"""

DESCRIBE_EXAMPLES: Final = """\
regional-sim describe
regional-sim describe states --scenario four_states
regional-sim describe parameters --format markdown
regional-sim describe pairs four_states JPN
"""

_PAIRS: Final = "pairs"

SCHEMA_EXAMPLES: Final = """\
regional-sim schema --out scenario.schema.json
"""


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder to make.", show_default=False)
    ],
    scenario: Annotated[
        str, typer.Option(metavar="NAME", help="The shipped scenario to start from.")
    ] = "baseline",
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that is not empty.")
    ] = False,
) -> None:
    """Make a study folder, ready to run.

    It holds a scenario to edit, an experiment on it, the schema that lets an editor check the
    scenario, and a short README.
    """
    from regional_sim.cli.study import make_study
    from regional_sim.cli.terminal import output, print_path

    files = make_study(folder, scenario, force=force)
    lines = [
        f"Made {folder}:",
        *(f"  {file.relative_to(folder)}" for file in files),
        f"Next: read {folder / 'README.md'}, then",
        f"  cd {folder}",
        "  regional-sim check scenario.yaml experiment.yaml",
    ]
    print_path(output(), "\n".join(lines))


def check(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Scenarios and experiments: YAML files, or shipped names."
        ),
    ],
    _imports: options.Imports = None,
) -> None:
    """Check scenario and experiment files.

    Prints what each would run, and about what that takes. All files are checked, and all
    mistakes shown. Time is measured with a few runs, and stability by a push of the start, unless
    the model has yet to be compiled.
    """
    from regional_sim.cli.program import report_error
    from regional_sim.cli.terminal import output, print_path
    from regional_sim.scenario.files import FileKind, located

    code = 0
    console = output()
    for name in files:
        try:
            path = located(name, kinds=(FileKind.SCENARIO, FileKind.EXPERIMENT))
            print_path(console, f"{name}: ok\n{_summary(path, console.width)}\n")
        except InputError as error:
            code = report_error(error)
    raise typer.Exit(code)


def _summary(path: Path, width: int) -> str:
    """Check a file, and say what it is."""
    from regional_sim.api import load_experiment, load_scenario
    from regional_sim.cli.terminal import compile_notice
    from regional_sim.experiment.load import single_point
    from regional_sim.experiment.stable_points import radii_of_points
    from regional_sim.report.plans import plan_text, scenario_text, stability_text
    from regional_sim.runner.estimate import estimated, planned
    from regional_sim.scenario import FileKind, file_kind, yaml_with_positions

    is_compiled = compile_notice() is None
    if file_kind(yaml_with_positions(path).data) is not FileKind.EXPERIMENT:
        scenario = load_scenario(path)
        text = scenario_text(scenario, width)
        plan = planned(single_point(scenario, "traditional"))
    else:
        plan = planned(load_experiment(path))
        scenario = plan.experiment.scenario
        text = plan_text(plan, estimated(plan, pilot=is_compiled), width)
        if not is_compiled:
            text += "\ntime        known once a run has compiled the model"
    if is_compiled:
        radii = radii_of_points(plan.experiment)
        text += "\n" + stability_text(radii, plan.n_points, width)
    return "\n".join([text, *_notes(scenario)])


def _notes(scenario: Scenario) -> list[str]:
    """Write what may not be meant, as lines of their own."""
    return [f"note: {remark}" for remark in scenario.remarks]


class ListingForm(StrEnum):
    """How a listing is written."""

    table = "table"
    markdown = "markdown"
    json = "json"


def describe(
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[SUBJECT]",
            help="states, sources, postures, instruments, parameters, options, metrics, scenarios"
            " or experiments; without it, what can be described. Or pairs.",
            show_default=False,
        ),
    ] = None,
    of: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SCENARIO [CODE]]",
            help="After pairs: a scenario, and a state of it.",
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
    form: Annotated[
        ListingForm, typer.Option("--format", help="How to write it.")
    ] = ListingForm.table,
    _imports: options.Imports = None,
) -> None:
    """List states, parameters, metrics and more, with their sources.

    "describe pairs SCENARIO [CODE]" writes the pairs that a scenario does not give, of a state or
    of all that stand in no pair yet, as YAML to be filled in.
    """
    if subject == _PAIRS:
        typer.echo(_pairs(of or [], scenario), nl=False)
        return
    if of:
        hint = "name the scenario as --scenario NAME"
        raise InputError("takes no more names", key=f"describe {subject}", value=of[0], hint=hint)
    from regional_sim.cli.terminal import output
    from regional_sim.report.catalogue import catalogue
    from regional_sim.report.listing import as_json, as_markdown, as_text
    from regional_sim.scenario import load_scenario

    found = catalogue(subject, None if scenario is None else load_scenario(scenario))
    if form is ListingForm.table:
        console = output()
        console.print(as_text(found, console.width), end="", soft_wrap=True)
    else:
        typer.echo(as_markdown(found) if form is ListingForm.markdown else as_json(found), nl=False)


def _pairs(names: list[str], scenario: str | None) -> str:
    """Write the pairs to be filled in; the scenario may also be given as an option."""
    from regional_sim.scenario.pairs import pairs_to_fill_in

    given = names if scenario is None else [scenario, *names]
    if not 1 <= len(given) <= len(("SCENARIO", "CODE")):
        what = "takes a scenario, and the code of one of its states if need be"
        raise InputError(what, key=f"describe {_PAIRS}")
    return pairs_to_fill_in(*given)


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
    from regional_sim.cli.study import schema_json
    from regional_sim.cli.terminal import write_text

    if out is None:
        typer.echo(schema_json(), nl=False)
    else:
        write_text(out, schema_json())
