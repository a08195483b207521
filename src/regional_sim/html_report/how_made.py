"""The commands that make a result again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from regional_sim.errors import shown
from regional_sim.experiment import Experiment, load_experiment
from regional_sim.experiment.plan import Plan
from regional_sim.html_report.report_source import ReportSource
from regional_sim.scenario import Scenario, digest_of, load_scenario
from regional_sim.scenario.files import (
    shipped_config,
    shipped_configs,
    shipped_experiment,
    shipped_experiments,
)

_PROGRAM = "regional-sim"


def commands_of(source: ReportSource) -> tuple[list[str], list[str]]:
    """Return the commands that make the runs from nothing, if there are such, and from the folder.

    A command is only given where it was tried that it asks for the very same plan.
    """
    folder = source.results.folder
    assert folder is not None
    again = [f"{_PROGRAM} reproduce {shlex.quote(folder.name)}{_imports(source.plan)}"]
    if source.claims is not None:
        # Several results stand below the folder.
        again = [
            f"{_PROGRAM} reproduce {shlex.quote(f'{source.folder.name}/{one.parent.name}')}"
            for one in sorted(source.folder.glob("*/manifest.json"))
        ]
    return list(_from_nothing(source.plan)), again


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


def _imports(plan: Plan) -> str:
    return "".join(f" --import {shlex.quote(str(name))}" for name in plan.imports)


def _from_nothing(plan: Plan) -> Iterator[str]:
    """Write the command that runs the plan, where shipped files give the same one."""
    arguments = _sweep(plan.experiment) or _run(plan.experiment)
    if arguments is None or plan.imports:
        return
    if plan.tables != ("runs",):
        arguments.append(f"--tables {','.join(plan.tables)}")
    if plan.long_format != "csv":
        arguments.append(f"--format {plan.long_format}")
    arguments.append("--out results/again")
    lines = [f"{_PROGRAM} {arguments[0]}", *(f"    {one}" for one in arguments[1:])]
    yield from (f"{line} \\" for line in lines[:-1])
    yield lines[-1]


def _sweep(experiment: Experiment) -> list[str] | None:
    """Ask for a shipped experiment, with the number of replicates and the seed of this one."""
    for name in shipped_experiments():
        text = shipped_experiment(name).read_text(encoding="utf-8")
        if not experiment.title or experiment.title not in text:
            continue
        there = load_experiment(name)
        asked = replace(there, tables=experiment.tables)
        arguments = [f"sweep {name}"]
        if (there.replicates, there.stopping) != (experiment.replicates, experiment.stopping):
            asked = replace(asked, replicates=experiment.replicates, stopping=None)
            arguments.append(f"--replicates {experiment.replicates}")
        if there.seed != experiment.seed:
            asked = replace(asked, seed=experiment.seed)
            arguments.append(f"--seed {experiment.seed}")
        if _same(asked, experiment):
            return arguments
    return None


def _run(experiment: Experiment) -> list[str] | None:
    """Ask for a shipped world with the settings of this experiment."""
    if experiment.points.columns or experiment.question or experiment.hypotheses:
        return None
    found = shipped_world(experiment.title)
    postures = [_posture(posture.plain()) for posture in experiment.postures]
    if found is None or None in postures:
        return None
    name, world = found
    changed = dict(experiment.settings)
    scenario = world.with_settings(changed) if changed else world
    if scenario.digest() != experiment.scenario.digest():
        return None
    arguments = [f"run {name}"]
    arguments += [f"--posture {shlex.quote(str(one))}" for one in postures]
    arguments += [f"--set {shlex.quote(f'{key}={_level(of)}')}" for key, of in changed.items()]
    arguments += [f"--clamp {code}" for code in experiment.clamp]
    return [*arguments, f"--replicates {experiment.replicates}", f"--seed {experiment.seed}"]


def _same(one: Experiment, other: Experiment) -> bool:
    return digest_of(one.resolved()) == digest_of(other.resolved())


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
