"""The effect of a posture as what a side of a comparison holds: one posture less another one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from regional_sim.analysis.compared_table import Side
from regional_sim.analysis.pairing import align_rows, key_columns
from regional_sim.errors import InputError, UnknownNameError
from regional_sim.results.columns import TEXT

_FORM: Final = "POSTURE or POSTURE:REFERENCE"
_POSTURE: Final = "posture"


class PostureEffect(NamedTuple):
    """A posture, and the one that it is compared with on the same draws."""

    posture: str
    reference: str

    @classmethod
    def of(cls, text: str, first: Side) -> PostureEffect:
        """Read ``POSTURE`` or ``POSTURE:REFERENCE``; else the reference is a side's first one."""
        posture, mark, reference = (part.strip() for part in text.partition(":"))
        if not posture or (mark and not reference):
            raise InputError("names no posture", key="effect", value=text, allowed=_FORM)
        if not mark:
            reference = _postures(first)[0]
        if posture == reference:
            what = "a posture has no effect beside itself"
            hint = None if mark else f"{reference} is the first posture of {first.name}"
            raise InputError(what, key="effect", value=text, allowed=_FORM, hint=hint)
        return cls(posture, reference)

    def on(self, side: Side, key: Sequence[str] | None) -> Side:
        """Turn a side into one that holds effects: the posture's runs less their partners.

        Partners agree in all keys but the posture; what has none is left out and counted.
        """
        postures = _postures(side)
        for name in self:
            if name not in postures:
                raise UnknownNameError(_POSTURE, name, postures, where=side.name)
        own, other = (
            dataclasses.replace(side.only({_POSTURE: name}), name=f"{side.name}::{_POSTURE}={name}")
            for name in self
        )
        found = align_rows(other, own, key_columns(other, own, key))
        if not found.paired:
            what = f"{self.posture} and {self.reference} share no random numbers"
            raise InputError(f"{what}: {found.reason}", where=side.name, key="effect")
        partner = np.full(own.n_rows, -1)
        for group in found.groups:
            partner[group.rows_b] = group.rows_a
        return dataclasses.replace(own.less_partners(other, partner), name=side.name)


def _postures(side: Side) -> list[str]:
    """List the postures of a side, at least two, in the order of its rows."""
    if side.kinds.get(_POSTURE) != TEXT:
        what = "this table has no column of postures, which an effect needs"
        raise InputError(what, where=side.name, key=_POSTURE)
    postures = side.levels(_POSTURE)
    if len(postures) == 1:
        what = "an effect needs two postures, and this side has one"
        hint = "choose no posture here (::COLUMN=VALUE), or compare without an effect"
        raise InputError(what, where=side.name, key="effect", value=postures[0], hint=hint)
    return postures
