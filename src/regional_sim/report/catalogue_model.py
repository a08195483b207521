"""Listings of what the model is made of: postures, instruments, parameters, options, metrics."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from regional_sim.report.listing import Column, Listing, Record, field
from regional_sim.report.numbers import bounds, plain

if TYPE_CHECKING:
    from regional_sim.scenario import Scenario


def parameters(scenario: Scenario | None = None) -> Listing:
    """List the parameters by mechanism.

    Parameters
    ----------
    scenario : Scenario, optional
        A world, whose values then stand beside the defaults.

    Returns
    -------
    Listing
        The parameters.
    """
    from regional_sim.model.parameters import Param

    values = None if scenario is None else scenario.parameter_values()
    records = []
    for param in Param:
        record: dict[str, object] = {"name": param.name, "mechanism": param.mechanism}
        if values is not None:
            record["value"] = float(values[param])
        record |= {
            "default": float(param.default),
            "low": float(param.low),
            "high": float(param.high),
            "unit": param.unit,
            "provenance": param.provenance,
            "meaning": param.meaning,
            "source": param.source,
        }
        records.append(record)
    value = () if values is None else (Column("value", lambda one: plain(one["value"])),)
    return Listing(
        "Parameters",
        "By mechanism. Bounds are included. A source is empirical (estimated from data),"
        " theoretical (form and order of magnitude come from the cited work) or stipulated"
        " (chosen here: sweep it before you lean on it).",
        (
            field("name"),
            *value,
            Column("default", lambda one: plain(one["default"])),
            Column("range", _range),
            field("unit"),
            field("meaning", long=True),
            Column("source", lambda one: f"{one['provenance']}: {one['source']}", long=True),
        ),
        records,
        group="mechanism",
    )


def options(scenario: Scenario | None = None) -> Listing:
    """List the structural options.

    Parameters
    ----------
    scenario : Scenario, optional
        A world, whose choices then stand beside the defaults.

    Returns
    -------
    Listing
        The options.
    """
    from regional_sim.model.options import Option

    codes = None if scenario is None else scenario.option_values()
    records = []
    for option in Option:
        record: dict[str, object] = {"name": option.name}
        if codes is not None:
            record["choice"] = option.choices[option.codes.index(int(codes[option]))]
        record |= {
            "default": option.default,
            "choices": list(option.choices),
            "meaning": option.meaning,
        }
        records.append(record)
    return Listing(
        "Structural options",
        "An option changes the equations, a parameter only a number in them.",
        (
            field("name"),
            *(() if codes is None else (field("choice"),)),
            field("default"),
            field("choices"),
            field("meaning", long=True),
        ),
        records,
    )


def metrics(scenario: Scenario | None = None) -> Listing:
    """List the metrics.

    Parameters
    ----------
    scenario : Scenario, optional
        A world; only what can be measured in it is then listed.

    Returns
    -------
    Listing
        The metrics.
    """
    from regional_sim.engine.outcomes import defined_metrics
    from regional_sim.model.metrics.catalogue import Metric

    chosen = Metric if scenario is None else defined_metrics(scenario)
    records = [
        {
            "name": metric.name,
            "unit": metric.unit,
            "low": _finite(metric.low),
            "high": _finite(metric.high),
            "combine": metric.combine,
            "requires": list(metric.requires),
            "meaning": metric.meaning,
        }
        for metric in chosen
    ]
    return Listing(
        "Metrics",
        "Measured every month. The months of a window become one number by their mean or their"
        " sum. A world without the roles and groups that a metric requires does not define it.",
        (
            field("name"),
            Column("range", _range),
            field("unit"),
            Column("window", lambda one: str(one["combine"])),
            field("meaning", long=True),
            field("requires", long=True, labelled=True),
        ),
        records,
    )


def postures(scenario: Scenario | None = None) -> Listing:  # noqa: ARG001 (one form for all)
    """List the posture policies.

    Parameters
    ----------
    scenario : Scenario, optional
        Not used: policies are the same in all worlds.

    Returns
    -------
    Listing
        The policies.
    """
    from regional_sim.postures import POLICIES

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
        "What the sender aims at after the switch; before it every policy is traditional."
        " Settings follow the name: levels:joint_patrols=0.8,label=patrols.",
        (
            field("name"),
            field("rule", long=True),
            field("settings", long=True, labelled=True),
            field("reads", long=True, labelled=True),
            field("reference", long=True),
        ),
        records,
    )


def instruments(scenario: Scenario | None = None) -> Listing:  # noqa: ARG001 (one form for all)
    """List the instruments of a posture.

    Parameters
    ----------
    scenario : Scenario, optional
        Not used: instruments are the same in all worlds.

    Returns
    -------
    Listing
        The instruments.
    """
    from regional_sim.model.instruments import TRADITIONAL_LEVELS, Instrument
    from regional_sim.postures.named import NEW_LEVELS

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
            field("name"),
            field("traditional"),
            field("new_approach"),
            field("lag"),
            field("meaning", long=True),
            field("channels", long=True, labelled=True),
        ),
        records,
        group="dimension",
    )


def _range(record: Record) -> str:
    low = -math.inf if record["low"] is None else record["low"]
    high = math.inf if record["high"] is None else record["high"]
    return bounds(low, high)


def _finite(value: float) -> float | None:
    """Write an absent bound in the way of JSON."""
    return value if math.isfinite(value) else None
