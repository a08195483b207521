"""Versions of what results depend on."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from regional_sim.engine.job import SERIES
from regional_sim.engine.outcomes import defined_metrics, window_bounds
from regional_sim.errors import ABSENT, Fault, InputError, UnknownNameError, suggestion
from regional_sim.experiment.engines import engine_of
from regional_sim.experiment.experiment import TABLES, Experiment, Factor
from regional_sim.experiment.load import experiment_from_mapping
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.postures import policy_names
from regional_sim.scenario import Scenario
from regional_sim.scenario.scenario import digest_of

PACKAGE: Final = "regional_sim"

_LIBRARIES: Final = ("numpy", "numba", "llvmlite", "mesa", "scipy", "pyarrow")
_DIGEST_DIGITS: Final = 12


def package_version() -> str:
    """Return the version of this package; ``0+unknown`` where it is not installed."""
    return _version(PACKAGE)


def versions() -> dict[str, str]:
    """Return the versions of the package, of Python and of the libraries that make numbers.

    Returns
    -------
    dict of str
        Name to version.  Nothing is imported for it.
    """
    return {
        PACKAGE: package_version(),
        "python": platform.python_version(),
        **{name: _version(name) for name in _LIBRARIES},
    }


@cache
def package_digest() -> str:
    """Identify the sources of the package: two of one version may still differ.

    Returns
    -------
    str
        The first digits of a SHA-256, in hexadecimal; the same wherever the package stands.
    """
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[1]
    for source in sorted(root.rglob("*.py")):
        digest.update(source.relative_to(root).as_posix().encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:_DIGEST_DIGITS]


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "0+unknown"


PLAN_FORMAT: Final = 1
"""Version of the form of ``plan.json``."""

_NEEDED: Final[Mapping[str, type]] = {
    "format": int,
    "versions": Mapping,
    "engine": str,
    "tables": list,
    "settings": Mapping,
    "experiment": Mapping,
    "scenario_digests": list,
}
"""What a plan is made of again, and the type of each."""


def check_form(mapping: Mapping[str, Any], origin: str) -> None:
    """Refuse what has not the form of a plan, or names policies that are not there.

    Parameters
    ----------
    mapping : mapping
        What the file holds.
    origin : str
        What messages name as its place.

    Raises
    ------
    InputError
        With all faults.
    """
    form = mapping.get("format")
    if isinstance(form, int) and form > PLAN_FORMAT:
        what = f"this plan has format {form}, newer than this version of {PACKAGE} can read"
        raise InputError(what, where=origin, allowed=f"up to {PLAN_FORMAT}", hint=_made_by(mapping))
    faults = [
        Fault("is missing, or no value of its kind", origin, key)
        for key, kind in _NEEDED.items()
        if not isinstance(mapping.get(key), kind)
    ]
    faults = faults or list(_unknown_policies(mapping["experiment"], origin))
    if faults:
        raise InputError.of(faults)


def under_other_version(mapping: Mapping[str, Any], error: InputError, origin: str) -> InputError:
    """Put before the faults of a plan that another version made it, where one did.

    Parameters
    ----------
    mapping : mapping
        What the file holds.
    error : InputError
        Raised while its experiment was made.
    origin : str
        What messages name as the file's place.

    Returns
    -------
    InputError
        To be raised.
    """
    made_by = _made_by(mapping)
    if made_by is None:
        return error
    first = Fault("this version cannot make the plan again", origin, hint=made_by)
    return InputError.of([first, *error.faults])


def check_worlds(mapping: Mapping[str, Any], digests: Sequence[str], origin: str) -> None:
    """Refuse a plan whose worlds are not those that were run.

    Parameters
    ----------
    mapping : mapping
        What the file holds.
    digests : sequence of str
        Of the world of each point, as they come out here.
    origin : str
        What messages name as the file's place.

    Raises
    ------
    InputError
        Where some world comes out differently.
    """
    recorded = mapping["scenario_digests"]
    if recorded == list(digests):
        return
    pairs = zip(recorded, digests, strict=False)
    changed = [point for point, (there, here) in enumerate(pairs) if there != here]
    some = f": {len(changed)} of {len(digests)}, the first at point {changed[0]}" if changed else ""
    raise InputError(
        f"the worlds of this plan come out differently here{some}",
        where=origin,
        key="scenario_digests",
        hint=_made_by(mapping) or "the plan was changed by hand, or the program was",
    )


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
                or f"import the module that registers it, then call {PACKAGE}.reproduce",
            )


def _made_by(mapping: Mapping[str, Any]) -> str | None:
    """Name the version that made a plan; None where it is this one, or is not told."""
    versions = mapping.get("versions")
    made_by = versions.get(PACKAGE) if isinstance(versions, Mapping) else None
    here = package_version()
    return None if made_by in {None, here} else f"made by {PACKAGE} {made_by}, this is {here}"


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
        from regional_sim.results.columns import refuse_repeated_columns

        refuse_repeated_columns(plan)
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


_DERIVED: Final = frozenset({"scenario_digests", "states", "metrics", "windows", "factors"})
"""What follows from the rest of a plan."""


_DIGITS: Final = 12
"""Of a digest, as many as tell two lists of points apart."""


@dataclass(frozen=True)
class Change:
    """A leaf in which two plans differ.

    Attributes
    ----------
    path : str
        Dotted, such as ``scenario.parameters.theta_challenger``.
    a, b : object
        The two values; `ABSENT` on the side that has no such key.
    """

    path: str
    a: object = ABSENT
    b: object = ABSENT

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``, from A to B."""
        if self.a is ABSENT:
            return "added"
        return "removed" if self.b is ABSENT else "changed"

    def mapping(self) -> dict[str, object]:
        """Write the change out; a side without the key has none here."""
        sides = {"a": self.a, "b": self.b}
        there = {name: value for name, value in sides.items() if value is not ABSENT}
        return {"path": self.path, "change": self.kind, **there}


def plan_differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Change, ...]:
    """Compare two plans.

    Parameters
    ----------
    a, b : mapping
        What ``plan.json`` holds.

    Returns
    -------
    tuple of Change
        In the order of A, then what only B has.  Keys of the experiment have no prefix; each
        factor of a design is a leaf, with its levels in order.

    Examples
    --------
    >>> a, b = {"experiment": {"seed": 1}}, {"experiment": {"seed": 2, "title": "x"}}
    >>> [(change.path, change.kind) for change in differences(a, b)]
    [('seed', 'changed'), ('title', 'added')]
    """
    changes = tuple(_changes("", _leaves_first(a), _leaves_first(b)))
    points_a, points_b = _points(a), _points(b)
    if points_a == points_b or any(change.path.startswith("design.") for change in changes):
        return changes
    # The same levels, put together otherwise.
    digests = (digest_of({"points": points})[:_DIGITS] for points in (points_a, points_b))
    return (*changes, Change("design.points (digest)", *digests))


def _points(plan: Mapping[str, Any]) -> list[Any]:
    points: list[Any] = plan.get("experiment", {}).get("design", {}).get("points", [])
    return points


def _leaves_first(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Put the experiment's keys beside those of the plan, and say a design by its factors."""
    experiment = dict(plan.get("experiment", {}))
    points = experiment.pop("design", {}).get("points", [])
    experiment["design"] = {
        "points": len(points) or 1,
        **{path: _levels(points, path) for path in (points[0] if points else ())},
    }
    own = {key: value for key, value in plan.items() if key not in {*_DERIVED, "experiment"}}
    # The format of the plan, not of the experiment file, which follows from it.
    return {**experiment, **own}


def _levels(points: Sequence[Mapping[str, Any]], path: str) -> list[Any]:
    """List the levels of a factor once each, in the order of the design."""
    levels = {(isinstance(point[path], bool), point[path]): point[path] for point in points}
    return list(levels.values())


def _changes(path: str, a: object, b: object) -> Iterator[Change]:
    """Walk down two trees side by side."""
    inner_a, inner_b = _inner(a), _inner(b)
    if inner_a is None or inner_b is None or not _comparable(a, b):
        if not _same(a, b):
            yield Change(path, a, b)
        return
    for key in dict.fromkeys([*inner_a, *inner_b]):
        below = key if not path or key.startswith("[") else f".{key}"
        yield from _changes(f"{path}{below}", inner_a.get(key, ABSENT), inner_b.get(key, ABSENT))


def _inner(value: object) -> Mapping[str, Any] | None:
    """Return what a mapping or a list holds, by name; postures by their label."""
    if isinstance(value, Mapping):
        return {str(key): inner for key, inner in value.items()}
    if not isinstance(value, list):
        return None
    if value and all(isinstance(one, Mapping) and "label" in one for one in value):
        return {str(one["label"]): one for one in value}
    return {f"[{place}]": one for place, one in enumerate(value)}


def _comparable(a: object, b: object) -> bool:
    """Tell whether to go on inside: lists of other lengths are whole, but for those of postures."""
    if isinstance(a, list) and isinstance(b, list):
        labelled = all(not key.startswith("[") for key in (*(_inner(a) or ()), *(_inner(b) or ())))
        return labelled or (len(a) == len(b) and any(isinstance(one, list | dict) for one in a))
    return isinstance(a, Mapping) and isinstance(b, Mapping)


def _same(a: object, b: object) -> bool:
    return a is b or (a == b and isinstance(a, bool) == isinstance(b, bool))
