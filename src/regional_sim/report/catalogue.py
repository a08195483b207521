"""What ``describe`` lists: the parts of the model, the figures of a world, and what is shipped."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from regional_sim.errors import UnknownNameError
from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.postures import POLICIES
from regional_sim.postures.named import NEW_LEVELS
from regional_sim.report.effects import metric_unit
from regional_sim.report.listing import Column, Listing, Record, field
from regional_sim.report.text import bounds, level
from regional_sim.scenario import (
    STATE_FIGURES,
    Figure,
    Scenario,
    Source,
    load_scenario,
    shipped_config,
    shipped_configs,
    shipped_experiment,
    shipped_experiments,
    yaml_with_positions,
)
from regional_sim.scenario.schema import Groups, Roles

_DEFAULT_WORLD: Final = "baseline"


def catalogue(subject: str | None = None, scenario: Scenario | None = None) -> Listing:
    """List a key of :data:`SUBJECTS`, or these themselves; of a scenario if one is given.

    >>> [record["name"] for record in catalogue("options").records]
    ['contest_exponent', 'shock', 'dependence', 'tension_norm', 'choice']
    """
    if subject is None:
        return _subjects()
    if subject not in SUBJECTS:
        raise UnknownNameError("subject", subject, SUBJECTS)
    return SUBJECTS[subject][1](scenario)


def _subjects() -> Listing:
    return Listing(
        "What can be described",
        "Ask for one of these: regional-sim describe parameters. The pairs that a new state lacks"
        " are written out by: regional-sim describe pairs SCENARIO",
        (field("name"), field("about")),
        [{"name": name, "about": about} for name, (about, _) in SUBJECTS.items()],
    )


def _states(scenario: Scenario | None) -> Listing:
    world = scenario or load_scenario(shipped_config(_DEFAULT_WORLD))
    records = []
    for code, name in zip(world.codes, world.names, strict=True):
        heading = " ".join([code, name, *_roles_and_groups(world, code)])
        for spec in STATE_FIGURES:
            figure = world.figure(code, spec.name)
            cited = world.sources.get(figure.source or "")
            records.append(
                {
                    "state": code,
                    "heading": heading,
                    "figure": spec.name,
                    "value": figure.value,
                    "unit": spec.unit,
                    "year": figure.year,
                    "provenance": _provenance(figure, cited, spec.default),
                    "source": figure.source,
                    "note": figure.note,
                }
            )
    return Listing(
        f"States of {world.title or 'the scenario'}",
        f"{world.description} A default is the package's own, where the file gives no figure.",
        (
            field("figure"),
            _level("value"),
            *(field(key) for key in ("unit", "year", "provenance", "source")),
            field("note", prose=True),
        ),
        records,
        group="heading",
    )


def _roles_and_groups(world: Scenario, code: str) -> list[str]:
    """Name roles and groups of a state, in brackets; nothing where there are none."""
    found = [role for role in Roles.model_fields if world.role(role) == code]
    found += [group for group in Groups.model_fields if code in world.group(group)]
    return [f"({', '.join(found)})"] if found else []


def _provenance(figure: Figure, cited: Source | None, default: float | None) -> str:
    """Say what kind of number a figure is."""
    if figure.provenance is not None:
        return figure.provenance
    if cited is not None:
        return cited.provenance
    return "default" if figure.value == default else "no source"


def _sources(scenario: Scenario | None) -> Listing:
    world = scenario or load_scenario(shipped_config(_DEFAULT_WORLD))
    keys = ("provenance", "citation", "url", "note")
    return Listing(
        f"Sources of {world.title or 'the scenario'}",
        "The works and coding rules that its figures are taken from.",
        (
            field("name"),
            field("provenance"),
            *(field(key, prose=True) for key in ("citation", "url", "note")),
        ),
        [
            {"name": name, **{key: getattr(source, key) for key in keys}}
            for name, source in world.sources.items()
        ],
    )


def _postures(_: Scenario | None) -> Listing:
    records = [
        {
            "name": name,
            "rule": policy.rule,
            "settings": [setting.name for setting in dataclasses.fields(policy)],
            "reads": list(policy.reads),
            "reference": policy.reference,
        }
        for name, policy in POLICIES.items()
    ]
    return Listing(
        "Posture policies",
        "What the sender aims at after the onset; before it every policy is traditional."
        " Settings follow the name: levels:joint_patrols=0.8,label=patrols.",
        (
            field("name"),
            field("rule", prose=True),
            field("settings", prose=True, labelled=True),
            field("reads", prose=True, labelled=True),
            field("reference", prose=True),
        ),
        records,
    )


def _instruments(_: Scenario | None) -> Listing:
    records = [
        {
            "name": instrument.name,
            "dimension": instrument.dimension,
            "traditional": TRADITIONAL_LEVELS[instrument],
            "new_approach": NEW_LEVELS.get(instrument, TRADITIONAL_LEVELS[instrument]),
            "lag": instrument.lag.name,
            "meaning": instrument.meaning,
            "channels": [channel.name for channel in instrument.channels],
        }
        for instrument in Instrument
    ]
    return Listing(
        "Instruments of a posture",
        "Each has a level from 0 to 1; those of two policies are shown. The channels are the"
        " parameters through which it acts: with all of them at 0 it has no effect.",
        (
            *(field(key) for key in ("name", "traditional", "new_approach", "lag")),
            field("meaning", prose=True),
            field("channels", prose=True, labelled=True),
        ),
        records,
        group="dimension",
    )


def _parameters(scenario: Scenario | None) -> Listing:
    values = None if scenario is None else scenario.parameter_values()
    mechanisms = list(dict.fromkeys(param.mechanism for param in Param))
    records = [
        {
            "name": param.name,
            "mechanism": param.mechanism,
            **({} if values is None else {"value": float(values[param])}),
            "default": float(param.default),
            "low": float(param.low),
            "high": float(param.high),
            "unit": param.unit,
            "provenance": param.provenance,
            "meaning": param.meaning,
            "source": param.source,
        }
        for param in sorted(Param, key=lambda param: mechanisms.index(param.mechanism))
    ]
    return Listing(
        "Parameters",
        "By mechanism. Bounds are included. A source is empirical (estimated from data),"
        " theoretical (form and order of magnitude come from the cited work) or stipulated"
        " (chosen here: sweep it before you lean on it).",
        (
            field("name"),
            *(() if values is None else (_level("value"),)),
            _level("default"),
            Column("range", _range),
            field("unit"),
            field("meaning", prose=True),
            Column("source", lambda one: f"{one['provenance']}: {one['source']}", prose=True),
        ),
        records,
        group="mechanism",
    )


def _options(scenario: Scenario | None) -> Listing:
    codes = None if scenario is None else scenario.option_values()

    def choice(option: Option) -> dict[str, str]:
        """Name what a scenario chooses, if one is given."""
        found = None if codes is None else option.codes.index(int(codes[option]))
        return {} if found is None else {"choice": option.choices[found]}

    records = [
        {
            "name": option.name,
            **choice(option),
            "default": option.default,
            "choices": list(option.choices),
            "meaning": option.meaning,
        }
        for option in Option
    ]
    keys = ("name", *(() if codes is None else ("choice",)), "default", "choices")
    return Listing(
        "Structural options",
        "An option changes the equations, a parameter only a number in them.",
        (*map(field, keys), field("meaning", prose=True)),
        records,
    )


def _metrics(scenario: Scenario | None) -> Listing:
    from regional_sim.engine.job import defined_metrics
    from regional_sim.model.metrics.catalogue import STIPULATED_EFFECTS, Metric

    def finite(value: float) -> float | None:
        """Write an absent bound as JSON does."""
        return value if math.isfinite(value) else None

    records = [
        {
            "name": metric.name,
            "title": metric.title,
            "unit": metric.unit,
            "low": finite(metric.low),
            "high": finite(metric.high),
            "combine": metric.combine,
            "smallest": metric.smallest,
            "anchor": "stipulated" if metric in STIPULATED_EFFECTS else "yearly variation",
            "requires": list(metric.requires),
            "meaning": metric.meaning,
        }
        for metric in (Metric if scenario is None else defined_metrics(scenario))
    ]
    return Listing(
        "Metrics",
        "Measured every month. The months of a window become one number by their mean or their"
        " sum. A world without the roles and groups that a metric requires does not define it."
        " An effect below the smallest effect of interest does not matter. It is half of what"
        " yearly means vary within a run of the baseline under the traditional posture, or"
        " stipulated where they hardly vary.",
        (
            field("name"),
            Column("range", _range),
            Column("unit", lambda one: metric_unit(one["name"], one["unit"])),
            field("combine", "window"),
            Column("meaning", _named_meaning, prose=True),
            Column("smallest effect", _smallest, prose=True, labelled=True),
            field("requires", prose=True, labelled=True),
        ),
        records,
    )


def _scenarios(_: Scenario | None) -> Listing:
    return _shipped(
        "Shipped scenarios",
        "Name one instead of a file: regional-sim run baseline ...",
        {name: shipped_config(name) for name in shipped_configs()},
    )


def _experiments(_: Scenario | None) -> Listing:
    return _shipped(
        "Shipped experiments",
        "Name one instead of a file: regional-sim sweep ...",
        {name: shipped_experiment(name) for name in shipped_experiments()},
    )


def _shipped(title: str, about: str, files: Mapping[str, Path]) -> Listing:
    """List files with what they say of themselves."""

    def joined(text: object) -> str:
        return " ".join(str(text or "").split())

    records = []
    for name, path in files.items():
        data = yaml_with_positions(path).data
        content = data.get("description") or data.get("question")
        records.append(
            {"name": name, "title": joined(data.get("title")), "content": joined(content)}
        )
    columns = (field("name"), field("title", prose=True), field("content", prose=True))
    return Listing(title, about, columns, records)


def _level(key: str) -> Column:
    """Make the column of a number, written as a person would."""
    return Column(key, lambda one: level(one[key]))


def _named_meaning(record: Record) -> str:
    """Write title and meaning, or the title alone where it says the same."""
    title, meaning = record["title"], record["meaning"]
    return title if title.lower() == meaning.lower() else f"{title}: {meaning}"


def _smallest(record: Record) -> str:
    each = " a month" if record["combine"] == "sum" else ""
    return f"{level(record['smallest'])}{each}, {record['anchor']}"


def _range(record: Record) -> str:
    low = -math.inf if record["low"] is None else record["low"]
    high = math.inf if record["high"] is None else record["high"]
    return bounds(low, high)


SUBJECTS: Final[Mapping[str, tuple[str, Callable[[Scenario | None], Listing]]]] = {
    "states": ("the figures of every state, with year and source", _states),
    "sources": ("the works that a scenario cites", _sources),
    "postures": ("the policies that can be compared", _postures),
    "instruments": ("the six instruments of a posture", _instruments),
    "parameters": ("numbers of the equations, with ranges", _parameters),
    "options": ("choices between published forms", _options),
    "metrics": ("what is measured", _metrics),
    "scenarios": ("the worlds that come with the package", _scenarios),
    "experiments": ("the studies that come with the package", _experiments),
}
"""What each subject is, and the function that lists it."""
