"""In which leaves two plans differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from regional_sim.errors import ABSENT
from regional_sim.scenario import digest_of

_DERIVED: Final = frozenset({"scenario_digests", "states", "metrics", "windows", "factors"})
"""What follows from the rest of a plan."""

_DIGITS: Final = 12
"""Of a digest, as many as tell two lists of points apart."""


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
