"""The commands that make a result again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from regional_sim.answers.hypotheses.hypothesis_sources import BESIDE_TABLES
from regional_sim.errors import InputError, shown
from regional_sim.experiment import Experiment, load_experiment, single_point
from regional_sim.experiment.checks import with_numbers
from regional_sim.experiment.plan import Plan
from regional_sim.html_report.report_source import ReportSource
from regional_sim.results.folder import MANIFEST, read_plan
from regional_sim.scenario import Scenario, load_scenario
from regional_sim.scenario.files import (
    shipped_config,
    shipped_configs,
    shipped_experiment,
    shipped_experiments,
)

_PROGRAM: Final = "regional-sim"

_Asked: TypeAlias = tuple[Experiment, list[str]]
"""An experiment, and the command that asks for it as a list of arguments."""


def commands_of(source: ReportSource) -> tuple[list[str], list[str]]:
    """Return the commands that make the runs from nothing, if there are such, and from the folder.

    A command is only given where it was tried that it asks for the very same plan.
    """
    return list(_from_nothing(source.plan)), [
        f"{_PROGRAM} reproduce {shlex.quote(str(folder.relative_to(source.folder.parent)))}"
        f"{_imports((read_plan(folder) or {}).get('imports', ()))}"
        for folder in _folders_of_runs(source)
    ]


def _folders_of_runs(source: ReportSource) -> list[Path]:
    """List the folders whose runs the page rests on: the one named, and those below it."""
    folder = source.results.folder
    assert folder is not None
    if folder != source.folder:
        return sorted(one.parent for one in source.folder.glob(f"*/{MANIFEST}"))
    beside = folder.glob(f"{BESIDE_TABLES}/*/{MANIFEST}") if source.claims is not None else ()
    return [folder, *sorted(one.parent for one in beside)]


@cache
def shipped_world(title: str) -> tuple[str, Scenario] | None:
    """Find the shipped world of a title; None where there is none."""
    for name in shipped_configs():
        # Most files need not be read as what they are.
        if title and title in shipped_config(name).read_text(encoding="utf-8"):
            world = load_scenario(name)
            if world.title == title:
                return name, world
    return None


def _imports(names: Iterable[str]) -> str:
    return "".join(f" --import {shlex.quote(str(name))}" for name in names)


def _from_nothing(plan: Plan) -> Iterator[str]:
    """Write the command that runs the plan, where shipped files give the same one."""
    if plan.imports:
        return
    for experiment, arguments in (*_sweeps(plan.experiment), *_runs(plan.experiment)):
        again = Plan.of(experiment, plan.engine, plan.tables, plan.long_format)
        if again.digest != plan.digest:
            continue
        if plan.tables != Plan.of(experiment).tables:
            arguments.append(f"--tables {','.join(plan.tables)}")
        if plan.long_format != "csv":
            arguments.append(f"--format {plan.long_format}")
        if plan.engine != "ensemble":
            arguments.append(f"--engine {plan.engine}")
        arguments.append("--out results/again")
        lines = [f"{_PROGRAM} {arguments[0]}", *(f"    {one}" for one in arguments[1:])]
        yield from (f"{line} \\" for line in lines[:-1])
        yield lines[-1]
        return


def _sweeps(experiment: Experiment) -> Iterator[_Asked]:
    """Ask for a shipped experiment, with the number of replicates and the seed of this one."""
    for name in shipped_experiments():
        text = shipped_experiment(name).read_text(encoding="utf-8")
        if not experiment.title or experiment.title not in text:
            continue
        asked, arguments = load_experiment(name), [f"sweep {name}"]
        if (asked.replicates, asked.stopping) != (experiment.replicates, experiment.stopping):
            asked = with_numbers(asked, replicates=experiment.replicates)
            arguments.append(f"--replicates {experiment.replicates}")
        if asked.seed != experiment.seed:
            asked = with_numbers(asked, seed=experiment.seed)
            arguments.append(f"--seed {experiment.seed}")
        yield asked, arguments


def _runs(experiment: Experiment) -> Iterator[_Asked]:
    """Ask for a shipped world with the settings of this experiment."""
    found = shipped_world(experiment.title)
    postures = [_posture(posture.plain()) for posture in experiment.postures]
    written = [one for one in postures if one is not None]
    if found is None or len(written) < len(postures) or experiment.points.columns:
        return
    name, world = found
    settings = [f"{key}={_level(of)}" for key, of in experiment.settings.items()]
    numbers = {"seed": experiment.seed, "replicates": experiment.replicates}
    try:
        asked = single_point(world, written, settings=settings, clamp=experiment.clamp, **numbers)
    except InputError:
        # A value has another form in a file than an option can have.
        return
    arguments = [f"run {name}"]
    arguments += [f"--posture {shlex.quote(one)}" for one in written]
    arguments += [f"--set {shlex.quote(one)}" for one in settings]
    arguments += [f"--clamp {code}" for code in experiment.clamp]
    yield asked, [*arguments, *(f"--{key} {of}" for key, of in sorted(numbers.items()))]


def _posture(written: Mapping[str, Any]) -> str | None:
    """Write a posture as an option takes it; None where a setting is no plain value."""
    own = {key: of for key, of in written.items() if key not in {"policy", "label"}}
    if any(isinstance(of, Mapping | Sequence) and not isinstance(of, str) for of in own.values()):
        return None
    if written["label"] != written["policy"]:
        own["label"] = written["label"]
    settings = ",".join(f"{key}={_level(of)}" for key, of in own.items())
    return f"{written['policy']}:{settings}" if settings else str(written["policy"])


def _level(value: object) -> str:
    return value if isinstance(value, str) else shown(value)
