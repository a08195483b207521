"""``regional-sim check``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES: Final = """\
regional-sim check baseline
regional-sim init my_study
regional-sim check my_study/scenario.yaml my_study/experiment.yaml
"""


def check(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Scenarios and experiments: YAML files, or shipped names."
        ),
    ],
) -> None:
    """Check scenario and experiment files.

    Prints what each would run, and about what that takes. All files are checked, and all
    mistakes shown. Time is measured with a few runs, unless the model has yet to be compiled.
    """
    from regional_sim.cli.program import report
    from regional_sim.errors import InputError

    code = 0
    for name in files:
        try:
            _check(name)
        except InputError as error:
            code = report(error)
    raise typer.Exit(code)


def _check(name: str) -> None:
    """Check one file, and print what it is."""
    from regional_sim.cli.consoles import output, print_path
    from regional_sim.scenario import FileKind, file_kind, yaml_with_positions

    path = _located(name)
    is_experiment = file_kind(yaml_with_positions(path).data) is FileKind.EXPERIMENT
    console = output()
    text = (_experiment if is_experiment else _scenario)(path, console.width)
    print_path(console, f"{name}: ok")
    console.print(f"{text}\n", soft_wrap=True)


def _located(name: str) -> Path:
    """Find a file, or a shipped scenario or experiment."""
    from pathlib import Path

    from regional_sim.scenario import (
        shipped_config,
        shipped_configs,
        shipped_experiment,
        shipped_experiments,
    )

    if Path(name).exists():
        return Path(name)
    if name in shipped_configs():
        return shipped_config(name)
    return shipped_experiment(name) if name in shipped_experiments() else Path(name)


def _scenario(path: Path, width: int) -> str:
    from regional_sim.report.plans import scenario_text
    from regional_sim.scenario import load_scenario

    return scenario_text(load_scenario(path), width)


def _experiment(path: Path, width: int) -> str:
    from regional_sim.cli.compiling import compile_notice
    from regional_sim.experiment import load_experiment
    from regional_sim.report.plans import plan_text
    from regional_sim.runner.estimate import estimated, planned

    is_compiled = compile_notice() is None
    plan = planned(load_experiment(path))
    text = plan_text(plan, estimated(plan, pilot=is_compiled), width)
    return text if is_compiled else f"{text}\ntime        known once a run has compiled the model"
