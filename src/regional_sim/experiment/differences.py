"""In which leaves two plans differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from regional_sim.errors import ABSENT, InputError
from regional_sim.experiment.designs import design_of, excess_of
from regional_sim.experiment.points import Points
from regional_sim.scenario import scenario_from_mapping
from regional_sim.scenario.layers import COMPOSITION

_DERIVED: Final = frozenset(
    {"scenario_digest", "scenario_digests", "states", "metrics", "windows", "factors"}
)
"""What follows from the rest of a plan."""

_OF_FORM: Final = frozenset({"format", "experiment", *_DERIVED})
"""What does not tell one question from another."""


@dataclass(frozen=True)
class Change:
    """A leaf, by its dotted path, and its value in each plan; `ABSENT` where one lacks it."""

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
        """Write the change out; a plan that lacks the leaf is left out."""
        values = {"a": self.a, "b": self.b}
        there = {name: value for name, value in values.items() if value is not ABSENT}
        return {"path": self.path, "change": self.kind, **there}


def plan_differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Change, ...]:
    """Compare what two ``plan.json`` hold: in the order of A, then what only B has.

    Keys of the experiment have no prefix; each factor of a design is a leaf, with its levels.

    Examples
    --------
    >>> a, b = {"experiment": {"seed": 1}}, {"experiment": {"seed": 2, "title": "x"}}
    >>> [(change.path, change.kind) for change in plan_differences(a, b)]
    [('seed', 'changed'), ('title', 'added')]
    """
    points_a, points_b = _points(a), _points(b)
    changes = tuple(_changes("", _leaves_first(a, points_a), _leaves_first(b, points_b)))
    if any(change.path.startswith("scenario.") for change in changes):
        # What was set is in the worlds, and would be said twice.
        changes = tuple(one for one in changes if not one.path.startswith("settings"))
    if any(change.path.startswith("design") for change in changes):
        return changes
    return (*changes, *_put_together_otherwise(points_a or Points({}), points_b or Points({})))


def _put_together_otherwise(a: Points, b: Points) -> Iterator[Change]:
    """Compare two designs of the same levels: the order of the factors, or else the points."""
    paths_a, paths_b = list(a.columns), list(b.columns)
    if paths_a != paths_b:
        yield Change("design (order of the factors)", paths_a, paths_b)
    elif a.columns != b.columns:
        pairs = ((dict(p.factors), dict(q.factors)) for p, q in zip(a, b, strict=True))
        for number, (point_a, point_b) in enumerate(pairs):
            if point_a != point_b:
                yield Change(f"design.points[{number}]", point_a, point_b)
                return


def _points(plan: Mapping[str, Any]) -> Points | None:
    """Make the points of a plan; None where its design is too large or cannot be read."""
    written = plan.get("experiment", {}).get("design")
    if written is None:
        return Points({})
    design = design_of(written)
    return None if design is None or excess_of(design) else Points.of_design(design)


def _leaves_first(plan: Mapping[str, Any], points: Points | None) -> dict[str, Any]:
    """Put the experiment's keys beside those of the plan, and say a design by its factors."""
    experiment = dict(plan.get("experiment", {}))
    written = experiment.pop("design", None)
    experiment["scenario"] = _resolved(experiment.get("scenario"))
    experiment["design"] = written
    if points is not None:
        levels = {path: list(column.distinct) for path, column in points.columns.items()}
        experiment["design"] = {"points": len(points), **levels}
    # The form of the plan, and of the experiment file, follow from the version.
    own = {key: value for key, value in plan.items() if key not in _OF_FORM}
    return {**{key: value for key, value in experiment.items() if key != "format"}, **own}


def _resolved(world: object) -> object:
    """Write everything in a world out, however it is written; as it stands if it is none."""
    if not isinstance(world, Mapping) or world.keys() & set(COMPOSITION):
        return world
    try:
        return scenario_from_mapping(world).resolved()
    except InputError:
        return world


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
