"""Words that stand for whole groups of factors in a design, and what their members take.

A group is expanded when a file is read, so a design, its plan and its tables know single factors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

from pydantic_core import PydanticCustomError

from regional_sim.errors import suggestion
from regional_sim.model.options import Option
from regional_sim.model.parameters import Param
from regional_sim.scenario import custom_error

RANGE: Final = "range"
"""Stands for a uniform prior over the documented range of a parameter.  It is a word, because an
empty value would be read so too, and that is more often a slip."""

CHOICES: Final = "choices"
"""Stands for all choices of a structural option, equally likely."""

FIXED: Final = "fixed"
"""Takes a factor, or a group, out of the groups above it."""

PARAMETERS: Final = "parameters."
OPTIONS: Final = "options."

_ALL: Final = "all"
_OPTIONS_GROUP: Final = "options"


def factor_groups() -> dict[str, tuple[str, ...]]:
    """Return the paths of the factors that each group has.

    `all` has every parameter; the others are parameters by provenance and by mechanism, and the
    structural options.
    """
    groups: dict[str, list[str]] = {_ALL: []}
    for names in (_distinct(p.provenance for p in Param), _distinct(p.mechanism for p in Param)):
        groups |= {name: [] for name in names}
    for param in Param:
        for group in (_ALL, param.provenance, param.mechanism):
            groups[group].append(f"{PARAMETERS}{param.name}")
    groups[_OPTIONS_GROUP] = [f"{OPTIONS}{option.name}" for option in Option]
    return {name: tuple(paths) for name, paths in groups.items()}


def word_for(name: str) -> str:
    """Return the word that stands for the documented priors of a group or a factor."""
    return CHOICES if name == _OPTIONS_GROUP or name.startswith(OPTIONS) else RANGE


def expanded(given: object) -> object:
    """Put the factors of each group in its place, and priors in that of words.

    Of what is given twice, an entry for a single factor counts before one for a group, and a later
    group before an earlier one.
    """
    if not isinstance(given, Mapping):
        return given
    groups = factor_groups()
    of_groups: dict[str, object] = {}
    single: dict[object, object] = {}
    for key, prior in given.items():
        name = str(key).strip()
        if name not in groups:
            single[key] = _no_group(name, groups) if _is_word(prior) and "." not in name else prior
        elif _is_word(prior) and prior in _words_of(name):
            of_groups |= dict.fromkeys(groups[name], prior)
        else:
            single[key] = _no_prior_of_a_group(name, prior)
    own = {str(key).strip() for key in single}
    made = {path: prior for path, prior in of_groups.items() if path not in own} | single
    return {path: _in_place_of_word(path, prior) for path, prior in made.items() if prior != FIXED}


def _is_word(prior: object) -> bool:
    return isinstance(prior, str) and prior in {RANGE, CHOICES, FIXED}


def _words_of(group: str) -> tuple[str, str]:
    """Return the words that may stand for the priors of a group."""
    return word_for(group), FIXED


def _no_group(name: str, groups: Iterable[str]) -> PydanticCustomError:
    what, allowed = "there is no such group of factors", ", ".join(groups)
    return custom_error(what, value=name, allowed=allowed, hint=suggestion(name, groups))


def _no_prior_of_a_group(name: str, prior: object) -> PydanticCustomError:
    what = f"{name} is a group of factors, which have priors of their own"
    return custom_error(what, value=prior, allowed=" or ".join(_words_of(name)))


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _in_place_of_word(path: object, prior: object) -> object:
    """Return the prior that a word stands for, or say why it stands for none."""
    name = str(path).strip()
    if prior == RANGE:
        return _documented(name)
    return _choices(name) if prior == CHOICES else prior


def _documented(path: str) -> dict[str, object] | PydanticCustomError:
    """Look a range up, or say why there is none."""
    name = path.removeprefix(PARAMETERS)
    if not path.startswith(PARAMETERS):
        what = "only parameters have a documented range"
        return custom_error(what, value=RANGE, hint="give low and high")
    if name not in Param.__members__:
        hint = suggestion(name, Param.__members__)
        return custom_error("there is no such parameter", value=name, hint=hint)
    low, high = Param[name].low, Param[name].high
    if not (math.isfinite(low) and math.isfinite(high)):
        what = "the documented range of this parameter has no end"
        return custom_error(what, value=RANGE, hint="give low and high")
    return {"distribution": "uniform", "low": low, "high": high}


def _choices(path: str) -> list[str] | PydanticCustomError:
    """List what a structural option may be, or say that it is none."""
    name = path.removeprefix(OPTIONS)
    if path.startswith(OPTIONS) and name in Option.__members__:
        return list(Option[name].choices)
    if path.startswith(OPTIONS):
        hint = suggestion(name, Option.__members__)
        return custom_error("there is no such option", value=name, hint=hint)
    what = "only structural options have documented choices"
    return custom_error(what, value=CHOICES, hint="list the choices")
