"""Priors: how likely the levels of a factor are held to be, before anything is run.

To add a distribution, add a class to one of the files here and a line to :data:`DISTRIBUTIONS`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from regional_sim.errors import suggestion
from regional_sim.experiment.priors.base import Prior, Shares
from regional_sim.experiment.priors.continuous import LogUniform, Normal, Triangular, Uniform
from regional_sim.experiment.priors.discrete import Choice, Integer
from regional_sim.experiment.tagged import tagged
from regional_sim.rules.parameters import Param
from regional_sim.scenario import custom_error
from regional_sim.scenario.fields import Text

__all__ = ["DISTRIBUTIONS", "RANGE", "Choice", "Factors", "Prior", "Shares"]

DISTRIBUTIONS: Final[dict[str, type[Prior]]] = {
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "normal": Normal,
    "triangular": Triangular,
    "integer": Integer,
    "choice": Choice,
}
"""Every distribution by its name."""

RANGE: Final = "range"
"""Stands for a uniform prior over the documented range of a parameter.  It is a word, because an
empty value would be read so too, and that is more often a slip."""

_PARAMETERS: Final = "parameters."
_FORMS: Final = (
    f"low and high, a list of choices, a distribution with its settings, or {RANGE} for a parameter"
)


def _with_ranges(given: object) -> object:
    """Put priors in place of the word that stands for a documented range."""
    if not isinstance(given, Mapping):
        return given
    return {
        path: _documented(path) if isinstance(prior, str) and prior == RANGE else prior
        for path, prior in given.items()
    }


def _documented(path: object) -> dict[str, object] | PydanticCustomError:
    """Look a range up, or say why there is none."""
    name = str(path).removeprefix(_PARAMETERS)
    if not str(path).startswith(_PARAMETERS):
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


def _named(given: object) -> object:
    """Name the distribution of a prior that is given in short."""
    if isinstance(given, PydanticCustomError):
        raise given
    if isinstance(given, list):
        return {"distribution": "choice", "choices": given}
    if not isinstance(given, Mapping):
        raise custom_error("cannot be read as a prior", allowed=_FORMS)
    if "distribution" not in given:
        return {"distribution": _implied(given), **given}
    name = given["distribution"]
    if not isinstance(name, str) or name not in DISTRIBUTIONS:
        raise custom_error(
            "unknown distribution",
            value=name,
            allowed=", ".join(DISTRIBUTIONS),
            hint=suggestion(name, DISTRIBUTIONS),
        )
    return given


def _implied(given: Mapping[str, object]) -> str:
    """Tell the distribution by the settings, where there is one way to read them."""
    if "choices" in given:
        return "choice"
    if given.keys() & {"low", "high"} and not given.keys() & {"mean", "sd", "mode"}:
        return "uniform"
    raise custom_error("needs a distribution", allowed=", ".join(DISTRIBUTIONS))


_Prior: Any = tagged(DISTRIBUTIONS, "distribution", _named)

Factors: Any = Annotated[dict[Text, _Prior], Field(min_length=1), BeforeValidator(_with_ranges)]
"""Priors by the dotted path of what they are of."""
