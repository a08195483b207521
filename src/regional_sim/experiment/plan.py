"""The plan: all that decides what a sweep writes, and nothing else.

It is written first, holds neither times nor hosts, and can be run from again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from regional_sim.errors import InputError, UnknownNameError, suggestion
from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.experiment import TABLES, Experiment
from regional_sim.experiment.factor import Factor
from regional_sim.experiment.load import experiment_from_mapping
from regional_sim.experiment.plan_checks import (
    PLAN_FORMAT,
    check_form,
    check_worlds,
    under_other_version,
)
from regional_sim.experiment.versions import versions
from regional_sim.scenario import Scenario
from regional_sim.scenario.resolution import digest_of
from regional_sim.world.job import SERIES
from regional_sim.world.metrics.catalogue import Metric
from regional_sim.world.metrics.defined import defined_metrics
from regional_sim.world.windows import window_bounds

FORMATS: Final = ("csv", "parquet")
"""How long tables can be written."""


@dataclass(frozen=True)
class Plan:
    """A resolved experiment with the engine and the tables asked for.

    Attributes
    ----------
    experiment : Experiment
        The question.
    engine : str
        Name of the engine.
    tables : tuple of str
        Tables of single runs, in a fixed order; ``runs`` is among them.
    long_format : str
        One of :data:`FORMATS`: how the long tables are written; all others are CSV.
    metrics : tuple of Metric
        Metrics that some point defines.
    windows : dict
        First and last month after the switch of each window that some point has; None where
        points differ.
    digests : tuple of str
        Digest of the world of each point.
    versions : dict of str
        What made the numbers.
    """

    experiment: Experiment
    engine: str
    tables: tuple[str, ...]
    metrics: tuple[Metric, ...]
    windows: Mapping[str, tuple[int, int] | None]
    digests: tuple[str, ...]
    long_format: str = "csv"
    versions: Mapping[str, str] = field(default_factory=versions)

    @classmethod
    def of(
        cls,
        experiment: Experiment,
        engine: str = "ensemble",
        tables: Iterable[str] | None = None,
        long_format: str = "csv",
    ) -> Plan:
        """Make the plan of an experiment.

        Parameters
        ----------
        experiment : Experiment
            Checked.
        engine : str
            ``ensemble`` or ``mesa``.
        tables : iterable of str, optional
            Tables of single runs; None: those that the experiment names.
        long_format : str
            One of :data:`FORMATS`.

        Returns
        -------
        Plan
            With what its points have in common.

        Raises
        ------
        InputError
            When there is no such engine, table or format, or two columns would have one name.
        """
        engine_of(engine)
        if long_format not in FORMATS:
            raise UnknownNameError("format", long_format, FORMATS, key="format")
        chosen = _chosen(experiment.tables if tables is None else tables)
        metrics: set[Metric] = set()
        windows: dict[str, tuple[int, int] | None] = {}
        digests: list[str] = []
        for point in experiment.points:
            scenario = experiment.scenario_at(point)
            metrics.update(defined_metrics(scenario))
            _join_windows(windows, _windows_of(scenario))
            digests.append(scenario.digest())
        found = (tuple(sorted(metrics)), windows, tuple(digests))
        plan = cls(experiment, engine, chosen, *found, long_format)
        _refuse_same_columns(plan)
        return plan

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], *, origin: str = "plan.json") -> Plan:
        """Make the plan that a ``plan.json`` holds.

        Parameters
        ----------
        mapping : mapping
            As :meth:`mapping` gave it.
        origin : str
            What messages name as its place.

        Returns
        -------
        Plan
            With the versions of today.

        Raises
        ------
        InputError
            When its form is newer or is no plan's, a policy is not registered here, or its worlds
            cannot be made again as they were.
        """
        check_form(mapping, origin)
        try:
            experiment = experiment_from_mapping(mapping["experiment"], origin=origin)
            # They are in the world already, and kept for the record.
            experiment = replace(experiment, settings=mapping["settings"])
            asked = (mapping["engine"], mapping["tables"], mapping.get("long_format", "csv"))
            plan = cls.of(experiment, *asked)
        except InputError as error:
            raise under_other_version(mapping, error, origin) from None
        check_worlds(mapping, plan.digests, origin)
        return plan

    @classmethod
    def recorded(cls, mapping: Mapping[str, Any], *, origin: str = "plan.json") -> Plan:
        """Make the plan that a ``plan.json`` holds, with the versions that it was made with.

        Parameters
        ----------
        mapping : mapping
            As :meth:`mapping` gave it.
        origin : str
            What messages name as its place.

        Returns
        -------
        Plan
            Of the same digest.

        Raises
        ------
        InputError
            When it cannot be made here as it was.
        """
        plan = replace(cls.from_mapping(mapping, origin=origin), versions=mapping["versions"])
        if plan.digest != digest_of(mapping):
            what = "this plan was made by another version of the program, or changed since"
            raise InputError(what, where=origin)
        return plan

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The factors as columns."""
        points = self.experiment.points
        return tuple(
            Factor(path, tuple(point.factors[path] for point in points))
            for path in self.experiment.factors
        )

    @property
    def series(self) -> frozenset[str]:
        """Long tables asked for."""
        return frozenset(self.tables) - {"runs"}

    def file_of(self, table: str) -> str:
        """Return the name of a table's file."""
        return f"{table}.{self.format_of(table)}"

    def format_of(self, table: str) -> str:
        """Return the format of a table."""
        return self.long_format if table in SERIES else "csv"

    def mapping(self) -> dict[str, Any]:
        """Write the plan out.

        Returns
        -------
        dict
            What ``plan.json`` holds; equal for equal sweeps.
        """
        return {
            "format": PLAN_FORMAT,
            "versions": dict(self.versions),
            "engine": self.engine,
            "tables": list(self.tables),
            "long_format": self.long_format,
            "factors": {factor.path: factor.column for factor in self.factors},
            "states": list(self.experiment.scenario.codes),
            "metrics": [metric.name for metric in self.metrics],
            "windows": {
                name: None if months is None else list(months)
                for name, months in self.windows.items()
            },
            "settings": dict(self.experiment.settings),
            "experiment": self.experiment.resolved(),
            "scenario_digests": list(self.digests),
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the plan's canonical JSON, in hexadecimal."""
        return digest_of(self.mapping())


def _chosen(tables: Iterable[str]) -> tuple[str, ...]:
    """Put tables in their order, ``runs`` always among them."""
    given = list(tables)
    for name in given:
        if name not in TABLES:
            raise InputError(
                "unknown table",
                key="tables",
                value=name,
                allowed=", ".join(TABLES),
                hint=suggestion(name, TABLES),
            )
    return tuple(name for name in TABLES if name in given or name == "runs")


def _windows_of(scenario: Scenario) -> dict[str, tuple[int, int]]:
    """Return first and last month of each window, counted from 1 at the switch."""
    before = scenario.months_before
    bounds = window_bounds(scenario).items()
    return {name: (first - before + 1, last - before + 1) for name, (first, last) in bounds}


def _join_windows(
    known: dict[str, tuple[int, int] | None], more: Mapping[str, tuple[int, int]]
) -> None:
    """Add the windows of a point; one whose months differ has none in common."""
    for name, months in more.items():
        if known.setdefault(name, months) != months:
            known[name] = None


def _refuse_same_columns(plan: Plan) -> None:
    """Refuse names of factors, or of windows, that would give two columns one name."""
    from regional_sim.experiment.tables.columns import columns_of

    for table in plan.tables:
        names = [column.name for column in columns_of(table, plan)]
        twice = _first_repeated(names)
        if twice is not None:
            what = f"two columns of table {table} would be called {twice}"
            raise InputError(what, hint="rename a window, or drop a factor")


def _first_repeated(names: Sequence[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
