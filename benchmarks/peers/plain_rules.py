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
import numpy as np

_RULES = "regional_sim.rules."
_WITHOUT_FUNCTIONS = ("compiled", "numeric", "options", "parameters")
_SQRT_HALF = math.sqrt(0.5)
_TINY = 2.3e-308
_HALF_UNIT = 2.0**-54


def _require_plain() -> None:
    """Refuse to go on where rules are compiled, or have already taken the package's functions."""
    if not numba.config.DISABLE_JIT:
        raise RuntimeError(
            "the peers are plain Python: set NUMBA_DISABLE_JIT=1 before Python starts"
        )
    early = [
        name
        for name in sys.modules
        if name.startswith((_RULES, "regional_sim.world.draws"))
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


_quantile = statistics.NormalDist().inv_cdf


def _put_uniform(
    raw: np.ndarray, buffer: np.ndarray, _centre: np.ndarray, pair: int, swapped: bool
) -> None:
    """Put the draws of a pair in place, all of them uniform; see :func:`normal`."""
    kinds = [0, 1, 3, 2, 5, 4] if swapped else [0, 1, 2, 3, 4, 5]
    buffer[:, :, pair, :] = raw[:, :, kinds].transpose(1, 2, 0)


def normal(uniform: list[float]) -> list[float]:
    """Turn uniform draws into normal ones.

    Parameters
    ----------
    uniform : list of float
        Draws in [0, 1).

    Returns
    -------
    list of float
        Standard normal draws.
    """
    return [_quantile(draw + _HALF_UNIT) for draw in uniform]


def _replace() -> None:
    from regional_sim.rules import numeric

    numeric.exp = math.exp
    numeric.log = _log
    numeric.logistic = _logistic
    numeric.logit = _logit
    numeric.normal_cdf = _normal_cdf
    # Measured: the built-in functions are the faster ones only in newer interpreters.
    builtin = sys.version_info >= (3, 13)
    numeric.larger = max if builtin else _larger
    numeric.smaller = min if builtin else _smaller

    from regional_sim.world import draws

    # Interpreted, the loops over draws would take a fifth of a run.
    draws.scatter = _put_uniform


_require_plain()
_replace()
