"""The rules of the model as plain Python: with the functions of the standard library.

The package has elementary functions of its own, written so that they give the same bits compiled
and vectorised.  Plain Python needs none of that, so this module puts the functions of :mod:`math`
in their place before the rules take them.  Import it before anything else of the package.
"""

from __future__ import annotations

import math
import statistics
import sys

import numba

_RULES = "regional_sim.model.mechanisms."
_WITHOUT_FUNCTIONS = ("compiled", "numeric", "options", "parameters")
_SQRT_HALF = math.sqrt(0.5)
_TINY = 2.3e-308


def _require_plain() -> None:
    """Refuse to go on where rules are compiled, or have already taken the package's functions."""
    if not numba.config.DISABLE_JIT:
        raise RuntimeError(
            "the peers are plain Python: set NUMBA_DISABLE_JIT=1 before Python starts"
        )
    early = [
        name
        for name in sys.modules
        if name.startswith((_RULES, "regional_sim.model.random_streams"))
        and name.removeprefix(_RULES) not in _WITHOUT_FUNCTIONS
    ]
    if early:
        raise RuntimeError(f"import benchmarks.peers.plain_rules before {early[0]}")


def _larger(a: float, b: float) -> float:
    return b if a < b else a


def _smaller(a: float, b: float) -> float:
    return b if a > b else a


def _log(x: float) -> float:
    return math.log(x if x > _TINY else _TINY)


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))


def _normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x * _SQRT_HALF)


normal_quantile = statistics.NormalDist().inv_cdf
"""The quantile of a standard normal variable."""


def _replace() -> None:
    from regional_sim.numerics import elementary

    elementary.exp = math.exp
    elementary.log = _log
    elementary.logistic = _logistic
    elementary.logit = _logit
    elementary.normal_cdf = _normal_cdf
    # Measured: the built-in functions are the faster ones only in newer interpreters.
    builtin = sys.version_info >= (3, 13)
    elementary.larger = max if builtin else _larger
    elementary.smaller = min if builtin else _smaller


_require_plain()
_replace()
