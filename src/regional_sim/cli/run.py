"""``regional-sim run``, ``sweep`` and ``merge``: run a question, then print what was found."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, get_type_hints

import typer

from regional_sim.cli import options
from regional_sim.cli.options import names as split_names

if TYPE_CHECKING:
    from regional_sim.experiment import Experiment
    from regional_sim.experiment.plan import Plan
    from regional_sim.experiment.tasks import Shard
    from regional_sim.report.findings import ShownMetrics
    from regional_sim.results.load import Results
    from regional_sim.runner.options import RunOptions

RUN_EXAMPLES: Final = {
    "run": """\
regional-sim run four_states --posture traditional --posture new_approach \\
    --replicates 50 --seed 7 --plot --out results/first
regional-sim run two_states --posture traditional \\
    --posture levels:joint_patrols=0.8,label=patrols \\
    --set parameters.theta_challenger=0.7 --replicates 20 \\
    --out results/patrols
""",
    "sweep": """\
regional-sim init my_study
regional-sim sweep my_study/experiment.yaml --replicates 10 \\
    --out results/sweep
regional-sim sweep my_study/experiment.yaml --replicates 10 \\
    --out results/sweep --resume
""",
    "merge": """\
regional-sim init my_study
regional-sim sweep my_study/experiment.yaml --replicates 4 \\
    --shard 1/2 --out results/part_1
regional-sim sweep my_study/experiment.yaml --replicates 4 \\
    --shard 2/2 --out results/part_2
regional-sim merge results/part_1 results/part_2 --out results/whole
""",
}

_DRAWN_FROM: Final = "timeseries"
_RETRY: Final = "the same command with --retry-failed runs them again"


@dataclass(frozen=True, kw_only=True)
class RunRequest:
    """The options that `run` and `sweep` have in common: how to run, where to, what to print."""

    out: options.Out
    imports: options.Imports = None
    long_format: options.LongFormat = "csv"
    engine: options.EngineName = "ensemble"
    workers: options.Workers = 1
    on_error: options.OnError = "stop"
    resume: options.Resume = False
    retry_failed: options.RetryFailed = False
    metrics: options.Metrics = ""
    all_metrics: options.AllMetrics = False
    window: options.WindowName = "whole"
    plot: options.Plot = False
    force: options.Force = False
    quiet: options.Quiet = False

    def options(self, **more: Any) -> RunOptions:
        """Return the options of the runner, checked before anything is loaded."""
        from regional_sim.runner.options import RunOptions

        shared = ("workers", "on_error", "resume", "retry_failed", "force")
        return RunOptions(**{name: getattr(self, name) for name in shared}, **more)

    def plan(self, experiment: Experiment, tables: Sequence[str]) -> Plan:
        """Plan an experiment with some tables, and with the one that a figure needs."""
        from regional_sim.cli.terminal import notes, print_path
        from regional_sim.runner.estimate import planned

        for remark in () if self.quiet else experiment.scenario.remarks:
            print_path(notes(), f"note: {remark}")
        # A table that is asked for twice is written once.
        asked = (*tables, _DRAWN_FROM) if self.plot else tables
        return planned(experiment, self.engine, asked, self.long_format)

    def shown(self, plan: Plan) -> ShownMetrics:
        """Choose what to print, and to draw."""
        from regional_sim.report.findings import shown_metrics

        return shown_metrics(
            plan, split_names(self.metrics), self.window, everything=self.all_metrics
        )


def _with_shared_options(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command have the options of `RunRequest` beside its own, as its keywords `shared`."""
    types = get_type_hints(RunRequest, include_extras=True)
    out, *others = (
        one.replace(annotation=types[one.name])
        for one in inspect.signature(RunRequest).parameters.values()
    )
    argument, *own = (
        one.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for one in inspect.signature(command, eval_str=True).parameters.values()
        if one.kind is not inspect.Parameter.VAR_KEYWORD
    )
    command.__signature__ = inspect.Signature([argument, out, *own, *others])  # type: ignore[attr-defined]
    return command


@_with_shared_options
def run(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A YAML file, or a shipped scenario's name.")
    ],
    posture: Annotated[
        list[str] | None,
        typer.Option(
            "--posture",
            "-p",
            metavar="NAME[:KEY=VALUE,...]",
            help="A policy, with settings and a label if need be. Repeat it to compare policies on"
            " common random numbers; the first is the reference.",
            show_default="traditional",
        ),
    ] = None,
    replicates: Annotated[
        int, typer.Option("--replicates", "-n", metavar="N", help="Runs of each posture.")
    ] = 100,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Master seed.")] = 0,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a value of the scenario, such as parameters.theta_challenger=0.7."
            " Repeatable; of two on one key the later wins.",
        ),
    ] = None,
    clamp: Annotated[
        list[str] | None,
        typer.Option(
            "--clamp",
            metavar="CODE",
            help="Hold a state on the path it takes under traditional. Repeatable.",
        ),
    ] = None,
    tables: Annotated[
        str,
        typer.Option(
            "--tables",
            metavar="NAME,...",
            help="Tables to write: runs, timeseries, states, dyads, events, motives.",
        ),
    ] = "runs",
    **shared: Any,
) -> None:
    """Run a scenario under one or more postures.

    Every posture meets the same random numbers. Prints each metric by posture, with the paired
    difference to the first posture and its 95 % interval, and writes tables and a manifest to a
    result folder. Of many runs the plan comes first, with what it takes.
    """
    from regional_sim.cli.plan_page import is_long, print_plan
    from regional_sim.cli.terminal import compile_notice
    from regional_sim.experiment import single_point
    from regional_sim.runner.runner import run_plan
    from regional_sim.scenario import load_scenario

    request = RunRequest(**shared)
    options = request.options()
    experiment = single_point(
        load_scenario(scenario),
        posture or ["traditional"],
        seed=seed,
        replicates=replicates,
        settings=setting or [],
        clamp=clamp or [],
    )
    plan = request.plan(experiment, split_names(tables))
    shown = request.shown(plan)
    if is_long(plan) and not request.quiet:
        print_plan(plan, request.workers, request.out, pilot=compile_notice() is None)
    with _progress_shown(options, quiet=request.quiet) as shown_options:
        run_plan(plan, request.out, shown_options)
    raise typer.Exit(_reported(plan, shown, request))


@_with_shared_options
def sweep(
    experiment: Annotated[
        str,
        typer.Argument(metavar="EXPERIMENT", help="A YAML file, or a shipped experiment's name."),
    ],
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates",
            "-n",
            metavar="N",
            help="Runs of each posture at each point.",
            show_default="the experiment's",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="S", help="Master seed.", show_default="the experiment's"),
    ] = None,
    tables: Annotated[
        str | None,
        typer.Option(
            "--tables",
            metavar="NAME,...",
            help="Tables to write: runs, timeseries, states, dyads, events, motives.",
            show_default="the experiment's",
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            "--dask",
            metavar="ADDRESS|local",
            help="Run on a Dask cluster: that of a scheduler such as tcp://10.0.0.1:8786, or one of"
            " --workers processes on this machine.",
            show_default="none",
        ),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            metavar="I/N",
            help="Run a part: the I-th of N. The command merge makes tables of all of them.",
            show_default="all",
        ),
    ] = None,
    **shared: Any,
) -> None:
    """Run a designed experiment.

    Every posture runs at every point of the design, on common random numbers. Prints the plan, then
    what was found, and writes tables and a manifest to a result folder.
    """
    from regional_sim.cli.plan_page import print_plan
    from regional_sim.experiment import load_experiment
    from regional_sim.experiment.checks import with_numbers
    from regional_sim.experiment.tasks import Shard
    from regional_sim.runner.runner import run_plan

    request = RunRequest(**shared)
    part = Shard() if shard is None else Shard.parse(shard)
    options = request.options(dask=dask, shard=part)
    question = with_numbers(load_experiment(experiment), replicates=replicates, seed=seed)
    asked = question.tables if tables is None else split_names(tables)
    plan = request.plan(question, asked)
    shown = request.shown(plan)
    if not request.quiet:
        print_plan(plan, request.workers, request.out)
    with _progress_shown(options, quiet=request.quiet) as shown_options:
        run_plan(plan, request.out, shown_options)
    if not part.is_whole:
        raise typer.Exit(_reported_shard(plan, part, request))
    raise typer.Exit(_reported(plan, shown, request))


def merge(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...",
            help="Every shard of a sweep; with --partial also an unfinished sweep.",
            show_default=False,
        ),
    ],
    out: options.Out,
    _imports: options.Imports = None,
    partial: Annotated[
        bool,
        typer.Option(
            "--partial",
            help="Make do with what is finished: of each point the runs up to its first missing"
            " replicate.",
        ),
    ] = False,
    force: options.Force = False,
    quiet: options.Quiet = False,
) -> None:
    """Merge the shards of a sweep into one result.

    The tables are the same, byte for byte, as those of the sweep in one piece. Nothing is run, and
    the folders are left as they are.
    """
    from regional_sim.report.findings import shown_metrics
    from regional_sim.results.load import load_results
    from regional_sim.runner.shards import merge_folders

    notice = _notice(quiet=quiet)
    plan = merge_folders(folders, out, force=force, partial=partial, notice=notice)
    results = load_results(out, verify=False)
    if not quiet:
        _print_results(plan, results, shown_metrics(plan), out)
    remedy = "try again in the folders of the shards, and merge them"
    raise typer.Exit(_exit_code(results.manifest, out, remedy))


@contextmanager
def _progress_shown(options: RunOptions, *, quiet: bool) -> Iterator[RunOptions]:
    """Add to options that progress and notices are shown, unless quiet."""
    from regional_sim.cli.terminal import compile_model, progress

    with progress(quiet=quiet, first=compile_model) as update:
        yield replace(options, progress=update, notice=_notice(quiet=quiet))


def _notice(*, quiet: bool) -> Callable[[str], None]:
    """Return what prints a notice, unless quiet."""
    from regional_sim.cli.terminal import notes, print_path

    return lambda text: None if quiet else print_path(notes(), text)


def _reported(plan: Plan, shown: ShownMetrics, request: RunRequest) -> int:
    """Draw the figure if asked to, print findings and files, and return the exit code."""
    from regional_sim.results.load import load_results

    results = load_results(request.out, verify=False)
    if request.plot:
        from regional_sim.figures.series import series_figure
        from regional_sim.figures.style import own_style, save_figure
        from regional_sim.results.folder import FIGURE

        with own_style():
            save_figure(series_figure(results, shown.drawn), request.out / FIGURE)
    if not request.quiet:
        _print_results(plan, results, shown, request.out)
    return _exit_code(results.manifest, request.out)


def _reported_shard(plan: Plan, shard: Shard, request: RunRequest) -> int:
    """Print how many runs of a shard are finished, and return the exit code."""
    from regional_sim.cli.terminal import output, print_path
    from regional_sim.results.folder import read_manifest

    out, manifest = request.out, read_manifest(request.out) or {}
    if not request.quiet:
        print_path(
            output(),
            f"Shard {shard} is finished in {out}, {manifest['runs']} runs. When all are:\n"
            f"  regional-sim merge {out} ... --out DIR"
            + "".join(f" --import {name}" for name in plan.imports),
        )
    return _exit_code(manifest, out)


def _exit_code(manifest: Mapping[str, Any], folder: Path, remedy: str = _RETRY) -> int:
    """Return 1 where runs failed, and say how to try them again; else 0."""
    from regional_sim.cli.terminal import notes, print_path

    n_failed = manifest["failures"]
    if n_failed:
        what = f"{n_failed} of {manifest['runs']} runs failed and are left out"
        print_path(notes(), f"{what}: see {folder}/failures.csv; {remedy}")
    return 1 if n_failed else 0


def _print_results(plan: Plan, results: Results, shown: ShownMetrics, folder: Path) -> None:
    """Print what was found, then which files were written."""
    from regional_sim.cli.terminal import output, print_path
    from regional_sim.report.findings import findings
    from regional_sim.results.folder import FIGURE, MANIFEST, PLAN

    console = output()
    console.print(findings(plan, results, shown, console.width), soft_wrap=True, end="")
    made = [entry["file"] for entry in results.manifest["tables"].values()]
    made += [PLAN, MANIFEST, *([FIGURE] if (folder / FIGURE).exists() else ())]
    print_path(console, f"\nWritten to {folder}:")
    console.print(textwrap.indent(textwrap.fill(", ".join(sorted(made)), console.width - 2), "  "))
