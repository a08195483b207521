"""What weighed most in a decision, and what misled it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from regional_sim.answers.trace.weighing import TERMS

MISJUDGED: Final = "odds"
"""Stands for what a wrong chance to prevail adds to the payoff."""


class Reason(NamedTuple):
    """A part of a decision, and how much it added to the payoff, its error, or a motive."""

    name: str
    weight: float


def weighed_most(decision: Mapping[str, Any]) -> Reason:
    """Return what spoke most for the decision that was taken, or misled it where it was mistaken.

    `decision` is a row of the table of decisions.
    """
    acts = decision["escalates"] == 1
    sign = 1.0 if acts else -1.0
    if is_mistaken(decision):
        found = misled_by(decision)
    else:
        found = {name: float(decision[name]) for name in (*TERMS, "shock")}
    name = max(found, key=lambda one: sign * found[one])
    return Reason(name, found[name])


def misled_by(decision: Mapping[str, Any]) -> dict[str, float]:
    """Return by how much each misbelief raises the payoff above that in truth."""
    seen = decision["gain"] + decision["loss"]
    true = decision["gain_true"] + decision["loss_true"]
    return {
        "error": float(decision["error"]),
        "bias": float(decision["bias"]),
        MISJUDGED: float(seen - true),
    }


def is_mistaken(decision: Mapping[str, Any]) -> bool:
    """Tell whether the truth would have reversed a decision."""
    return bool(decision["escalates"] != decision["would_escalate"])
