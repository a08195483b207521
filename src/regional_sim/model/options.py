"""Structural options: which of two or more published forms of an equation a scenario uses.

Compiled code receives the integer code of a choice, the same for all runs of a batch.
"""

from __future__ import annotations

from regional_sim.numerics.arrays import RowEnum


class Option(RowEnum):
    """A structural choice: its names in a scenario, their codes, the default and the meaning.

    Its integer value is its row in ``World.option``.
    """

    choices: tuple[str, ...]
    codes: tuple[int, ...]
    default: str
    meaning: str

    contest_exponent = (
        ("1", "2", "4"),
        (1, 2, 4),
        "1",
        "Decisiveness m of the contest A^m/(A^m + D^m) (Tullock 1980; Hirshleifer 1989).",
    )
    shock = (
        ("probit", "logit"),
        (0, 1),
        "probit",
        "Distribution of the private shock of a decision: normal, or logistic with the same"
        " standard deviation (Signorino 1999).",
    )
    dependence = (
        ("weak_link", "mean"),
        (0, 1),
        "weak_link",
        "Economic bond that restrains: the less dependent side's (Russett & Oneal 2001), or the"
        " mean of both.",
    )
    tension_norm = (
        ("fixed", "slow"),
        (0, 1),
        "fixed",
        "Level to which tension returns: fixed, or one that follows tension slowly (a new normal,"
        " as around Taiwan after August 2022).",
    )
    choice = (
        ("expected", "drawn"),
        (0, 1),
        "expected",
        "How a state uses a response: by the chances to raise and to cut it, or by a draw of one of"
        " raise, hold and cut (governments then act in steps).",
    )


LOGISTIC_SHOCK = 1
"""Code of a logistic shock, see :attr:`Option.shock`."""

DRAWN_CHOICE = 1
"""Code of drawn choices, see :attr:`Option.choice`."""
