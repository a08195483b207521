"""Types of which a key tells which one is meant."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator

from regional_sim.scenario import Section


def tagged(kinds: Mapping[str, type[Section]], key: str, before: Callable[[object], object]) -> Any:
    """Make the type annotation of any of some kinds.

    Parameters
    ----------
    kinds : mapping
        Section by kind.
    key : str
        The key that holds the kind.
    before : callable
        Called with what a file gives; returns it with the key in place, or says what is wrong.

    Returns
    -------
    Any
        A type annotation.
    """
    union = functools.reduce(operator.or_, kinds.values())
    return Annotated[Annotated[union, Discriminator(key)], BeforeValidator(before)]
