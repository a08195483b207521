"""One exception tree: what is wrong, where it stands, what is allowed, and how to mend it.

Everything the package raises on purpose derives from :class:`RegionalSimError`; its ``exit_code``
is what the command line returns.  Bad input is an :class:`InputError`, which carries one
:class:`Fault` for every mistake found, so that a user mends a file in one go.
"""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import ClassVar, Final, Self

MAX_FAULTS_SHOWN: Final = 10
"""Faults printed in full before the message says how many more there are."""

MAX_FAULTS_KEPT: Final = 1000
"""Faults after which no more are looked for, so that a wrong file of any size is refused soon."""

MAX_NAMES_SHOWN: Final = 10
"""Names listed as allowed; of more, a message shows the closest, or so many if none is close."""


class _Absent(Enum):
    """An enum, so that ``is ABSENT`` also holds after a trip to a worker process."""

    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT
"""Stands for "there is no value to show" (which is not null)."""


def suggestion(name: object, candidates: Iterable[str]) -> str | None:
    """Return the hint "did you mean 'x'?" for a misspelt name, or None where nothing is close.

    Examples
    --------
    >>> suggestion("theta_chalenger", ["theta_partner", "theta_challenger"])
    "did you mean 'theta_challenger'?"
    >>> suggestion("jpn", ["JPN", "KOR"])
    "did you mean 'JPN'?"
    >>> suggestion("zebra", ["JPN", "KOR"]) is None
    True
    """
    if not isinstance(name, str):
        return None
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean {by_lower[close[0]]!r}?" if close else None


def shown(value: object) -> str:
    """Write a value briefly, in the words of YAML where they differ from Python's.

    Examples
    --------
    >>> shown(None), shown(True), shown("1.5"), shown(1.5)
    ('null', 'true', "'1.5'", '1.5')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return reprlib.repr(value)
    except ValueError:
        # Python writes out no integer of more than 4300 digits.
        return "a very large number"


def os_reason(error: OSError) -> str:
    """Say why the operating system refused, as part of a sentence."""
    return (error.strerror or str(error)).lower()


_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters but for tab and line feed, other ends of lines, marks that turn the direction
of writing, and halves of characters."""


def visible(text: str) -> str:
    r"""Write out what would steer a terminal instead of being seen, as YAML and JSON do.

    >>> print(visible("a\x1b[2J"))
    a\u001b[2J
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@dataclass(frozen=True)
class Fault:
    """One mistake in what a user gave.

    Attributes
    ----------
    what : str
        The mistake, in plain words.
    where : str or None
        ``file:line:column``, or another origin such as a ``--set`` option.
    key : str or None
        Dotted path of the key at fault.
    value : object
        The offending value; `ABSENT` where none is to be shown.
    allowed : str or None
        What would have been accepted.
    hint : str or None
        How to mend it, for example ``did you mean 'JPN'?``.
    """

    what: str
    where: str | None = None
    key: str | None = None
    value: object = ABSENT
    allowed: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        """Write place, key, mistake, value, allowed values and hint on one line."""
        place = "".join(f"{part}: " for part in (self.where, self.key) if part)
        got = "" if self.value is ABSENT else f"; got {shown(self.value)}"
        allowed = "" if self.allowed is None else f"; allowed: {self.allowed}"
        hint = "" if self.hint is None else f"; {self.hint}"
        return visible(f"{place}{self.what}{got}{allowed}{hint}").replace("\n", "\\n")


class RegionalSimError(Exception):
    """Base of every error the package raises on purpose."""

    exit_code: ClassVar[int] = 3


class InputError(RegionalSimError):
    """What the user gave cannot be used.

    Attributes
    ----------
    faults : tuple of Fault
        Every mistake found, up to :data:`MAX_FAULTS_KEPT`; never empty.
    what, where, key, value, allowed, hint : optional
        Those of the first, as in :class:`Fault`.

    Examples
    --------
    >>> str(InputError("must be a number", where="a.yaml:3:7", key="states.JPN.stance", value="x"))
    "a.yaml:3:7: states.JPN.stance: must be a number; got 'x'"
    """

    exit_code: ClassVar[int] = 2

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        key: str | None = None,
        value: object = ABSENT,
        allowed: str | None = None,
        hint: str | None = None,
    ) -> None:
        self._set_faults((Fault(what, where, key, value, allowed, hint),))

    @classmethod
    def of(cls, faults: Iterable[Fault]) -> Self:
        """Make one error, of the class this is called on, from at least one fault."""
        error = cls.__new__(cls)
        error._set_faults(tuple(islice(faults, MAX_FAULTS_KEPT)))
        return error

    def _set_faults(self, faults: tuple[Fault, ...]) -> None:
        lines = [str(fault) for fault in faults[:MAX_FAULTS_SHOWN]]
        if len(faults) > MAX_FAULTS_SHOWN:
            at_least = "at least " if len(faults) == MAX_FAULTS_KEPT else ""
            lines.append(f"and {at_least}{len(faults) - MAX_FAULTS_SHOWN} more")
        self.args = ("\n".join(lines),)
        self.faults = faults
        first = faults[0]
        self.what, self.where, self.key = first.what, first.where, first.key
        self.value, self.allowed, self.hint = first.value, first.allowed, first.hint

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the faults when the error comes back from a worker process."""
        return type(self).of, (self.faults,)


class ScenarioError(InputError):
    """A scenario, or a setting of one, is not valid."""


class UnknownNameError(InputError):
    """A name was looked up that does not exist.

    Parameters
    ----------
    kind : str
        What the name should be, in the singular: ``"posture"``, ``"metric"``.
    name : object
        The name as given.
    candidates : iterable of str
        The names that exist.
    where, key : str, optional
        As in :class:`Fault`.

    Examples
    --------
    >>> str(UnknownNameError("role", "patrn", ["patron", "ally"]))
    "unknown role 'patrn'; allowed: ally, patron; did you mean 'patron'?"
    """

    def __init__(
        self,
        kind: str,
        name: object,
        candidates: Iterable[str],
        *,
        where: str | None = None,
        key: str | None = None,
    ) -> None:
        names = sorted(candidates)
        hint = suggestion(name, names)
        listed = ", ".join(names[:MAX_NAMES_SHOWN])
        if len(names) > MAX_NAMES_SHOWN:
            listed = "" if hint else f"{listed} and {len(names) - MAX_NAMES_SHOWN} more"
        what = f"unknown {kind} {shown(name)}"
        super().__init__(what, where=where, key=key, allowed=listed or None, hint=hint)


class OutputExistsError(InputError):
    """The place to write to is taken, and overwriting was not asked for."""
