"""The plan: a question, resolved, with the engine and the tables asked for.

It is built once, and everything that shows, runs or reports a sweep is handed the same object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from regional_sim.engine.job import SERIES
from regional_sim.errors import Fault, InputError, UnknownNameError, suggestion
from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.experiment import TABLES, Experiment
from regional_sim.experiment.load import recorded_experiment
from regional_sim.experiment.points import Factor
from regional_sim.experiment.versions import PACKAGE, __version__, versions
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.postures import policy_names
from regional_sim.postures.imported import import_faults, imported_files
from regional_sim.scenario import digest_of

PLAN_FORMAT: Final = 2
"""Version of the form of ``plan.json``.

Format 1 held the world with everything resolved, in which a setting may mean something else, and a
digest of the world of every point.  It listed the points, so the order of factors did not matter.
"""

FORMATS: Final = ("csv", "parquet")
"""How long tables can be written."""

_NEEDED: Final[Mapping[str, type]] = {
    "versions": Mapping,
    "engine": str,
    "tables": list,
    "settings": Mapping,
    "experiment": Mapping,
}
"""What a plan is made of again, and the type of each."""

_NEEDED_BY_FORMAT: Final[Mapping[int, Mapping[str, type]]] = {
    1: {"scenario_digests": list},
    2: {"scenario_digest": str, "factors": list},
}


@dataclass(frozen=True)
class Plan:
    """A resolved experiment with the engine and the tables asked for.

    Attributes
    ----------
    experiment : Experiment
        The question; it keeps the worlds of the points that were asked for last.
    engine : str
        Name of the engine.
    tables : tuple of str
        Tables of single runs, in a fixed order; ``runs`` is among them.
    metrics : tuple of Metric
        Metrics that some point defines.
    windows : dict
        First and last month of each window that some point has, counted from 1 at the onset of the
        posture; None where points differ.
    horizons : dict
        Months before and after the onset, and the number of points that have them.
    long_format : str
        One of :data:`FORMATS`: how the long tables are written; all others are CSV.
    versions : dict of str
        What made the numbers.
    imports : dict of str
        Digests of the imported files that the policies come from, by name.
    """

    experiment: Experiment
    engine: str
    tables: tuple[str, ...]
    metrics: tuple[Metric, ...]
    windows: Mapping[str, tuple[int, int] | None]
    horizons: Mapping[tuple[int, int], int]
    long_format: str = "csv"
    versions: Mapping[str, str] = field(default_factory=versions)
    imports: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        experiment: Experiment,
        engine: str = "ensemble",
        tables: Iterable[str] | None = None,
        long_format: str = "csv",
    ) -> Plan:
        """Make the plan of a checked experiment; without `tables`, with those that it names.

        Raises InputError where there is no such engine, table or format.
        """
        engine_of(engine)
        if long_format not in FORMATS:
            raise UnknownNameError("format", long_format, FORMATS, key="format")
        chosen = _chosen(experiment.tables if tables is None else tables)
        metrics: set[Metric] = set()
        windows: dict[str, tuple[int, int] | None] = {}
        horizons: dict[tuple[int, int], int] = {}
        for _, many, frame in experiment.frames():
            metrics.update(frame.metrics)
            for name, months in frame.windows.items():
                if windows.setdefault(name, months) != months:
                    windows[name] = None
            horizons[frame.horizon] = horizons.get(frame.horizon, 0) + many
        return cls(
            experiment,
            engine,
            chosen,
            tuple(sorted(metrics)),
            windows,
            horizons,
            long_format,
            imports=imported_files(type(posture.policy) for posture in experiment.postures),
        )

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], *, origin: str = "plan.json") -> Plan:
        """Make the plan that a ``plan.json`` holds, with the versions of today.

        Raises InputError where its form is newer or is no plan's, a policy is not registered here
        or comes from another file, or its worlds cannot be made again as they were.
        """
        _check_form(mapping, origin)
        try:
            experiment = recorded_experiment(mapping["experiment"], origin=origin)
            # They are in the world already, and kept for the record.
            experiment = replace(experiment, settings=mapping["settings"])
            asked = (mapping["engine"], mapping["tables"], mapping.get("long_format", "csv"))
            # Where none are recorded, a file may now register what another program did.
            plan = replace(cls.of(experiment, *asked), imports=mapping.get("imports", {}))
        except InputError as error:
            raise _under_other_version(mapping, error, origin) from None
        _check_worlds(mapping, plan.experiment, origin)
        return plan

    @classmethod
    def recorded(cls, mapping: Mapping[str, Any], *, origin: str = "plan.json") -> Plan:
        """Make the plan that a ``plan.json`` holds, with the versions that it was made with.

        Raises InputError where it does not come out here with the same digest.
        """
        plan = replace(cls.from_mapping(mapping, origin=origin), versions=mapping["versions"])
        if plan.digest != digest_of(mapping):
            what = "this plan was made by another version of the program, or changed since"
            raise InputError(what, where=origin, hint=other_version(mapping))
        return plan

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """The factors as columns."""
        columns = self.experiment.points.columns
        return tuple(Factor(path, column) for path, column in columns.items())

    @property
    def n_points(self) -> int:
        """Number of points."""
        return len(self.experiment.points)

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
        """Write out what ``plan.json`` holds; equal for equal sweeps."""
        return {
            "format": PLAN_FORMAT,
            "versions": dict(self.versions),
            "engine": self.engine,
            "tables": list(self.tables),
            "long_format": self.long_format,
            "factors": _in_order(factor.path for factor in self.factors),
            "states": list(self.experiment.scenario.codes),
            "metrics": [metric.name for metric in self.metrics],
            "windows": {
                name: None if months is None else list(months)
                for name, months in self.windows.items()
            },
            "settings": dict(self.experiment.settings),
            **({"imports": dict(self.imports)} if self.imports else {}),
            "experiment": self.experiment.resolved(),
            "scenario_digest": self.experiment.scenario.digest(),
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the plan's canonical JSON, in hexadecimal."""
        return digest_of(self.mapping())


def _in_order(paths: Iterable[str]) -> list[dict[str, str]]:
    """Write factors as a list, whose order a digest sees."""
    return [{"path": path, "column": Factor(path, ()).column} for path in paths]


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


# ------------------------------------------------------------ reading plans of before


def _check_form(mapping: Mapping[str, Any], origin: str) -> None:
    """Refuse what has not the form of a plan, or names policies that are not there."""
    form = mapping.get("format")
    if type(form) is int and form > PLAN_FORMAT:
        what = f"this plan has format {form}, newer than this version of {PACKAGE} can read"
        raise InputError(
            what, where=origin, allowed=f"up to {PLAN_FORMAT}", hint=other_version(mapping)
        )
    # Python takes true for 1.
    own = _NEEDED_BY_FORMAT.get(form) if type(form) is int else None
    needed = {**_NEEDED, **(own or {})}
    lacking = [key for key, kind in needed.items() if not isinstance(mapping.get(key), kind)]
    if own is None:
        lacking.insert(0, "format")
    faults = [Fault("is missing, or no value of its kind", origin, key) for key in lacking]
    faults = faults or import_faults(mapping.get("imports", {}), origin)
    faults = faults or list(_unknown_policies(mapping["experiment"], origin))
    if faults:
        raise InputError.of(faults)
    refuse_reordered(mapping, origin)


def refuse_reordered(mapping: Mapping[str, Any], origin: str) -> None:
    """Refuse a plan whose design has its factors in another order than the plan recorded.

    The order numbers the points, and a digest does not see it: it sorts keys.
    """
    experiment, recorded = mapping.get("experiment"), mapping.get("factors")
    design = experiment.get("design") if isinstance(experiment, Mapping) else None
    if isinstance(recorded, list) and recorded != _in_order(_paths_in(design)):
        what = "the factors of the design do not stand in the order that this plan recorded"
        raise InputError(what, where=origin, key="factors", hint="get an unaltered copy of it")


def _paths_in(design: object) -> list[str]:
    """Return the factors that a written design names, in order; none where it is not one."""
    match design:
        case {"parts": [*parts]}:
            return [path for part in parts for path in _paths_in(part)]
        case {"factors": Mapping() as factors} | {"points": [Mapping() as factors, *_]}:
            return list(map(str, factors))
    return []


def _unknown_policies(experiment: Mapping[str, Any], origin: str) -> Iterator[Fault]:
    """Find policies that are not registered here; what has no name is found where it is read."""
    known = policy_names()
    entries = experiment.get("postures")
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        name = entry.get("policy") if isinstance(entry, Mapping) else None
        if isinstance(name, str) and name not in known:
            yield Fault(
                "this policy is not registered here",
                where=origin,
                key=f"postures[{index}].policy",
                value=name,
                hint=suggestion(name, known)
                or f"add --import FILE.py, or register it and call {PACKAGE}.reproduce",
            )


def _under_other_version(mapping: Mapping[str, Any], error: InputError, origin: str) -> InputError:
    """Put before the faults of a plan that another version made it, where one did."""
    version = other_version(mapping)
    if version is None:
        return error
    first = Fault("this version cannot make the plan again", origin, hint=version)
    return InputError.of([first, *error.faults])


def _check_worlds(mapping: Mapping[str, Any], experiment: Experiment, origin: str) -> None:
    """Refuse a plan whose worlds come out here with other digests than those that were run."""
    if mapping["format"] > 1:
        key, some = "scenario_digest", ""
        if mapping[key] == experiment.scenario.digest():
            return
    else:
        key, recorded = "scenario_digests", mapping["scenario_digests"]
        here = [experiment.scenario_at(point).digest() for point in experiment.points]
        if recorded == here:
            return
        pairs = zip(recorded, here, strict=False)
        changed = [point for point, (then, now) in enumerate(pairs) if then != now]
        some = (
            f": {len(changed)} of {len(here)}, the first at point {changed[0]}" if changed else ""
        )
    raise InputError(
        f"the worlds of this plan come out differently here{some}",
        where=origin,
        key=key,
        hint=other_version(mapping) or "the plan was changed by hand, or the program was",
    )


def other_version(mapping: Mapping[str, Any]) -> str | None:
    """Name the version that made a plan; None where it is this one, or is not told."""
    told = mapping.get("versions")
    version = told.get(PACKAGE) if isinstance(told, Mapping) else None
    # Not a set: what is read may be a list, which can be in none.
    if version in (None, __version__):
        return None
    return f"made by {PACKAGE} {version}, this is {__version__}"
