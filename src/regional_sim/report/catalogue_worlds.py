"""Listings of worlds: the states of one, and what is shipped."""

from __future__ import annotations

from pathlib import Path

from regional_sim.report.listing import Column, Listing, field
from regional_sim.report.numbers import plain
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

DEFAULT_WORLD = "baseline"
"""The scenario that is described when none is named."""


def states(scenario: Scenario | None = None) -> Listing:
    """List every figure of every state, with its source.

    Parameters
    ----------
    scenario : Scenario, optional
        The world; the baseline if not given.

    Returns
    -------
    Listing
        The figures.
    """
    world = scenario or load_scenario(DEFAULT_WORLD)
    records = []
    for code, name in zip(world.codes, world.names, strict=True):
        heading = " ".join([code, name, *_parts_played(world, code)])
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
            Column("value", lambda one: plain(one["value"])),
            field("unit"),
            Column("year", lambda one: plain(one["year"])),
            field("provenance"),
            field("source"),
            field("note", long=True),
        ),
        records,
        group="heading",
    )


def sources(scenario: Scenario | None = None) -> Listing:
    """List the works that a world cites.

    Parameters
    ----------
    scenario : Scenario, optional
        The world; the baseline if not given.

    Returns
    -------
    Listing
        The works.
    """
    world = scenario or load_scenario(DEFAULT_WORLD)
    records = [
        {
            "name": name,
            "provenance": source.provenance,
            "citation": source.citation,
            "url": source.url,
            "note": source.note,
        }
        for name, source in world.sources.items()
    ]
    return Listing(
        f"Sources of {world.title or 'the scenario'}",
        "The works and coding rules that its figures are taken from.",
        (
            field("name"),
            field("provenance"),
            field("citation", long=True),
            field("url", long=True),
            field("note", long=True),
        ),
        records,
    )


def scenarios(scenario: Scenario | None = None) -> Listing:  # noqa: ARG001 (one form for all)
    """List the shipped scenarios.

    Parameters
    ----------
    scenario : Scenario, optional
        Not used.

    Returns
    -------
    Listing
        The scenarios.
    """
    return _shipped(
        "Shipped scenarios",
        "Name one instead of a file: regional-sim run baseline ...",
        {name: shipped_config(name) for name in shipped_configs()},
    )


def experiments(scenario: Scenario | None = None) -> Listing:  # noqa: ARG001 (one form for all)
    """List the shipped experiments.

    Parameters
    ----------
    scenario : Scenario, optional
        Not used.

    Returns
    -------
    Listing
        The experiments.
    """
    return _shipped(
        "Shipped experiments",
        "Name one instead of a file: regional-sim sweep ...",
        {name: shipped_experiment(name) for name in shipped_experiments()},
    )


def _shipped(title: str, about: str, files: dict[str, Path]) -> Listing:
    """List files with what they say of themselves."""
    records = []
    for name, path in files.items():
        data = yaml_with_positions(path).data
        content = _line(data.get("description") or data.get("question"))
        records.append({"name": name, "title": _line(data.get("title")), "content": content})
    columns = (field("name"), field("title", long=True), field("content", long=True))
    return Listing(title, about, columns, records)


def _line(text: object) -> str:
    """Write a text without its line breaks; nothing where there is none."""
    return " ".join(str(text or "").split())


def _provenance(figure: Figure, cited: Source | None, default: float | None) -> str:
    """Say what kind of number a figure is."""
    if figure.provenance is not None:
        return figure.provenance
    if cited is not None:
        return cited.provenance
    return "default" if figure.value == default else "no source"


def _parts_played(world: Scenario, code: str) -> list[str]:
    """Name roles and groups of a state, in brackets; nothing where there are none."""
    played = [role for role in Roles.model_fields if world.role(role) == code]
    played += [group for group in Groups.model_fields if code in world.group(group)]
    return [f"({', '.join(played)})"] if played else []
