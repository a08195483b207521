"""One exception tree: what is wrong, where it stands, what is allowed.

Everything the package raises on purpose derives from :class:`RegionalSimError`; its ``exit_code``
is what the command line returns.  Bad input is an :class:`InputError`, which carries one
:class:`Fault` for every mistake found, so that a user mends a file in one go.
"""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Self

MAX_FAULTS_SHOWN: Final = 10
"""Faults printed in full before the message says how many more there are."""


class Absent:
    """Type of :data:`ABSENT`, which stands for "there is no value to show" (not for null)."""

    def __repr__(self) -> str:
        """Name the marker."""
        return "ABSENT"

    def __reduce__(self) -> str:
        """Unpickle to the one marker, so that ``is ABSENT`` holds in worker processes."""
        return "ABSENT"


ABSENT: Final = Absent()


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """Find the candidate that a misspelt name most likely meant.

    Parameters
    ----------
    name : str
        The name as written.
    candidates : iterable of str
        The names that exist.

    Returns
    -------
    str or None
        The closest candidate, or None when nothing is close.

    Examples
    --------
    >>> did_you_mean("theta_chalenger", ["theta_partner", "theta_challenger"])
    'theta_challenger'
    >>> did_you_mean("jpn", ["JPN", "KOR"])
    'JPN'
    >>> did_you_mean("zebra", ["JPN", "KOR"]) is None
    True
    """
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def suggestion(name: object, candidates: Iterable[str]) -> str | None:
    """Return the hint "did you mean 'x'?" for a misspelt name, or None.

    Parameters
    ----------
    name : object
        The name as written; anything but text gets no suggestion.
    candidates : iterable of str
        The names that exist.

    Returns
    -------
    str or None
        The hint.
    """
    meant = did_you_mean(name, candidates) if isinstance(name, str) else None
    return None if meant is None else f"did you mean {meant!r}?"


def shown(value: object) -> str:
    """Write a value briefly, in the words of YAML where they differ from Python's.

    Parameters
    ----------
    value : object
        Any value read from a file.

    Returns
    -------
    str
        A short text.

    Examples
    --------
    >>> shown(None), shown(True), shown("1.5"), shown(1.5)
    ('null', 'true', "'1.5'", '1.5')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return reprlib.repr(value)


def os_reason(error: OSError) -> str:
    """Say why the operating system refused, as part of a sentence."""
    return (error.strerror or str(error)).lower()


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
        return f"{place}{self.what}{got}{allowed}{hint}"


class RegionalSimError(Exception):
    """Base of every error the package raises on purpose."""

    exit_code: ClassVar[int] = 3


class InputError(RegionalSimError):
    """What the user gave cannot be used.

    Parameters
    ----------
    what : str
        The mistake, in plain words.
    where, key, value, allowed, hint : optional
        As in :class:`Fault`.

    Attributes
    ----------
    faults : tuple of Fault
        Every mistake found, never empty.  The attributes `what`, `where`, `key`, `value`,
        `allowed` and `hint` are those of the first.

    Examples
    --------
    >>> str(InputError("must be a number", where="a.yaml:3:7", key="states.JPN.stance", value="x"))
    "a.yaml:3:7: states.JPN.stance: must be a number; got 'x'"
    """

    exit_code: ClassVar[int] = 2
    faults: tuple[Fault, ...]

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
        fault = Fault(what, where, key, value, allowed, hint)
        super().__init__(str(fault))
        self.faults = (fault,)

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> Self:
        """Make one error of several faults.

        Parameters
        ----------
        faults : sequence of Fault
            At least one.

        Returns
        -------
        InputError
            An error of the class this is called on.
        """
        error = cls.__new__(cls)
        error.faults = tuple(faults)
        error.args = (_render(error.faults),)
        return error

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the faults when the error travels from a worker process."""
        return _restored, (type(self), self.faults)

    @property
    def what(self) -> str:
        """The first mistake, in plain words."""
        return self.faults[0].what

    @property
    def where(self) -> str | None:
        """Place of the first mistake."""
        return self.faults[0].where

    @property
    def key(self) -> str | None:
        """Dotted path of the first key at fault."""
        return self.faults[0].key

    @property
    def value(self) -> object:
        """The first offending value, or `ABSENT`."""
        return self.faults[0].value

    @property
    def allowed(self) -> str | None:
        """What would have been accepted in the first place at fault."""
        return self.faults[0].allowed

    @property
    def hint(self) -> str | None:
        """How to mend the first mistake."""
        return self.faults[0].hint


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
        super().__init__(
            f"unknown {kind} {shown(name)}",
            where=where,
            key=key,
            allowed=", ".join(names) if len(names) <= MAX_FAULTS_SHOWN else None,
            hint=suggestion(name, names),
        )


class OutputExistsError(InputError):
    """The place to write to is taken, and overwriting was not asked for."""


def _render(faults: tuple[Fault, ...]) -> str:
    """Write several faults, one a line, the first so many in full."""
    if len(faults) == 1:
        return str(faults[0])
    lines = [str(fault) for fault in faults[:MAX_FAULTS_SHOWN]]
    more = len(faults) - len(lines)
    if more:
        lines.append(f"and {more} more")
    return "\n".join(lines)


def _restored(kind: type[InputError], faults: tuple[Fault, ...]) -> InputError:
    """Rebuild a pickled error."""
    return kind.of(faults)
