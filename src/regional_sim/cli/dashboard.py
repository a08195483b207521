"""``regional-sim dashboard``: two postures side by side on a page in the browser."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from regional_sim.cli import options
from regional_sim.errors import InputError

DASHBOARD_EXAMPLES: Final = """\
regional-sim dashboard
regional-sim dashboard four_states --posture traditional \\
    --posture levels:joint_patrols=0.8,label=patrols --seed 7
regional-sim dashboard four_states --port 0 --no-browser
"""

_PORT: Final = 8765
_SIDES: Final = 2


def dashboard(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A YAML file, or a shipped scenario's name.")
    ] = "baseline",
    posture: Annotated[
        list[str] | None,
        typer.Option(
            "--posture",
            "-p",
            metavar="NAME[:KEY=VALUE,...]",
            help="A policy to begin with, as for run. Give it twice for both sides.",
            show_default="traditional, new_approach",
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Master seed.")] = 0,
    port: Annotated[
        int, typer.Option("--port", metavar="N", help="Port of the page; 0 takes any free one.")
    ] = _PORT,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address, and open no browser.")
    ] = False,
    imports: options.Imports = None,
) -> None:
    """Watch a region under two postures in the browser.

    Both runs have the same random numbers. The page plays and steps through the months, changes
    postures, levels, seed and parameters, and saves what it shows as a scenario that run takes. It
    is served to this machine only, and needs no network. Ctrl-C ends it.
    """
    from regional_sim.cli.terminal import compile_model, output, print_path
    from regional_sim.dashboard.controls import Controls
    from regional_sim.dashboard.server import bound_socket, require_shiny, serve
    from regional_sim.experiment import posture_of
    from regional_sim.scenario import load_scenario

    require_shiny()
    chosen = [posture_of(text) for text in posture or ["traditional", "new_approach"]]
    if len(chosen) > _SIDES:
        what = "the page has two sides"
        raise InputError(what, key="--posture", value=len(chosen), allowed="one or two postures")
    controls = Controls.starting(load_scenario(scenario), chosen, seed)

    def ready(address: str) -> None:
        print_path(output(), f"The dashboard is at {address} (Ctrl-C ends it)")

    with bound_socket(port) as listening:
        compile_model()
        serve(
            controls,
            listening,
            imports=tuple(str(file) for file in imports or ()),
            opens_browser=not no_browser,
            ready=ready,
        )
