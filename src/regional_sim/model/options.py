"""Structural options: which of two published forms a scenario uses.

An option changes the equations, a parameter only a number in them.  The compiled code gets the
integer code of the choice, the same for all runs of a block.
"""

from __future__ import annotations

from enum import IntEnum


class Option(IntEnum):
    """One structural choice; its integer value is its row in the array of options.

    Attributes
    ----------
    choices : tuple of str
        The names as written in a scenario.
    codes : tuple of int
        What the compiled code receives for each choice.
    default : str
        The choice of a scenario that names none.
    meaning : str
        What is chosen, and from which literature.
    """

    choices: tuple[str, ...]
    codes: tuple[int, ...]
    default: str
    meaning: str

    def __new__(
        cls, choices: tuple[str, ...], codes: tuple[int, ...], default: str, meaning: str
    ) -> Option:
        """Number the members in the order of their declaration."""
        member = int.__new__(cls, len(cls.__members__))
        member._value_ = len(cls.__members__)
        member.choices = choices
        member.codes = codes
        member.default = default
        member.meaning = meaning
        return member

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


LOGISTIC_SHOCK = 1
"""Code of a logistic shock, see :attr:`Option.shock`."""
