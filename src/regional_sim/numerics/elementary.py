"""Elementary functions that give the same bits compiled, interpreted and vectorised.

The standard library's ``exp``, ``log`` and ``erfc`` differ in the last digit between the
interpreter, the compiler and processors.  Those below use only operations that IEEE 754 rounds
exactly (+, −, ×, ÷, square root) and reinterpretation of bits, and have no branch, so a loop over
runs is vectorised.  Mechanisms use no other transcendental function, and no ``**``.

References
----------
Tang, P. T. P. (1989). Table-driven implementation of the exponential function. *ACM TOMS* 15(2).
Sun Microsystems (1993). *fdlibm*, e_log.c (the polynomial of the logarithm).
Hart, J. F. et al. (1968). *Computer Approximations*, as given by West, G. (2005). Better
approximations to cumulative normal functions. *Wilmott Magazine*, May.
Wichura, M. J. (1988). Algorithm AS 241. *Applied Statistics* 37(3).
"""

from __future__ import annotations

import math

import numpy as np

from regional_sim.numerics.compiler import inlined

# Adding 1.5 * 2**52 rounds a double to an integer and leaves that integer in its low bits.
_ROUNDER = 6755399441055744.0
_LOG2_E = 1.4426950408889634
_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10
_SQRT_HALF = 0.7071067811865476
_LOGIT_BOUND = 700.0
# Beyond this the tail of AS 241 would need a third branch; a draw gets there once in 7e10.
_SMALLEST_TAIL = 1.4e-11


@inlined
def _bits(value: float) -> np.int64:
    """Return the 64 bits of a double as an integer."""
    return np.float64(value).view(np.int64)


@inlined
def _from_bits(bits: np.int64) -> float:
    """Return the double that has these 64 bits."""
    return np.int64(bits).view(np.float64)


@inlined
def larger(a: float, b: float) -> float:
    """Return the larger of two numbers; a NaN in first place is returned."""
    return b if a < b else a


@inlined
def smaller(a: float, b: float) -> float:
    """Return the smaller of two numbers; a NaN in first place is returned."""
    return b if a > b else a


@inlined
def exp(x: float) -> float:
    """Return e to the power x, within 2 units in the last place.

    x is held to [-708, 709], where the result is a normal double.

    >>> float(exp(0.0))
    1.0
    """
    x = smaller(larger(x, -708.0), 709.0)
    shifted = x * _LOG2_E + _ROUNDER
    whole = shifted - _ROUNDER
    r = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    # Taylor's series to the 13th power; |r| <= ln(2)/2, so its remainder is below 1e-17.
    p = 1.6059043836821613e-10
    p = p * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 0.0001984126984126984
    p = p * r + 0.001388888888888889
    p = p * r + 0.008333333333333333
    p = p * r + 0.041666666666666664
    p = p * r + 0.16666666666666666
    p = p * r + 0.5
    p = (r + r * r * p) + 1.0
    return p * _from_bits((_bits(shifted) + np.int64(1023)) << np.int64(52))


@inlined
def log(x: float) -> float:
    """Return the natural logarithm of a positive number, within 2 units in the last place.

    Numbers below 2.3e-308, the least normal double, are taken as that.

    >>> float(log(1.0))
    0.0
    """
    bits = _bits(larger(x, 2.3e-308))
    # Split x into mantissa * 2**exponent with the mantissa in [sqrt(1/2), sqrt(2)).
    offset = bits - _bits(_SQRT_HALF)
    exponent = offset >> np.int64(52)
    mantissa = _from_bits(bits - (exponent << np.int64(52)))
    k = _from_bits(exponent + _bits(_ROUNDER)) - _ROUNDER
    f = mantissa - 1.0
    s = f / (2.0 + f)
    z = s * s
    tail = 0.1479819860511658591
    tail = tail * z + 0.1531383769920937332
    tail = tail * z + 0.1818357216161805012
    tail = tail * z + 0.2222219843214978396
    tail = tail * z + 0.2857142874366239149
    tail = tail * z + 0.3999999999940941908
    tail = tail * z + 0.6666666666666735130
    tail = tail * z
    half_square = 0.5 * f * f
    return k * _LN2_HIGH - ((half_square - (s * (half_square + tail) + k * _LN2_LOW)) - f)


@inlined
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x)), a share in (0, 1)."""
    return 1.0 / (1.0 + exp(-smaller(larger(x, -_LOGIT_BOUND), _LOGIT_BOUND)))


@inlined
def logit(share: float) -> float:
    """Return ln(share / (1 - share)), the inverse of :func:`logistic`."""
    return log(share / (1.0 - share))


@inlined
def normal_cdf(x: float) -> float:
    """Return the probability that a standard normal variable is at most x, within 1e-15.

    >>> round(float(normal_cdf(0.0)), 12)
    0.5
    """
    a = smaller(x if x > 0.0 else -x, 37.0)
    density = exp(-0.5 * a * a)
    above = 3.52624965998911e-02
    above = above * a + 0.700383064443688
    above = above * a + 6.37396220353165
    above = above * a + 33.912866078383
    above = above * a + 112.079291497871
    above = above * a + 221.213596169931
    above = above * a + 220.206867912376
    below = 8.83883476483184e-02
    below = below * a + 1.75566716318264
    below = below * a + 16.064177579207
    below = below * a + 86.7807322029461
    below = below * a + 296.564248779674
    below = below * a + 637.333633378831
    below = below * a + 793.826512519948
    below = below * a + 440.413735824752
    lower = density * above / below
    return 1.0 - lower if x > 0.0 else lower


@inlined
def normal_quantile(p: float) -> float:
    """Return the value below which a standard normal variable lies with probability p.

    Its relative error is below 1e-14.  p is held to [1.4e-11, 1 - 1.4e-11], so the result lies
    within ±6.7.

    >>> float(normal_quantile(0.5))
    0.0
    """
    return quantile_in_tails(p, quantile_in_centre(p))


@inlined
def quantile_in_centre(p: float) -> float:
    """Return the quantile if p lies within 0.425 of 1/2; elsewhere the result has no meaning.

    The two halves of :func:`normal_quantile` are functions of their own because a loop over runs
    is vectorised with either of them, and not with both.
    """
    q = p - 0.5
    c = 0.180625 - q * q
    above = 2.5090809287301226727e3
    above = above * c + 3.3430575583588128105e4
    above = above * c + 6.7265770927008700853e4
    above = above * c + 4.5921953931549871457e4
    above = above * c + 1.3731693765509461125e4
    above = above * c + 1.9715909503065514427e3
    above = above * c + 1.3314166789178437745e2
    above = above * c + 3.3871328727963666080e0
    below = 5.2264952788528545610e3
    below = below * c + 2.8729085735721942674e4
    below = below * c + 3.9307895800092710610e4
    below = below * c + 2.1213794301586595867e4
    below = below * c + 5.3941960214247511077e3
    below = below * c + 6.8718700749205790830e2
    below = below * c + 4.2313330701600911252e1
    below = below * c + 1.0
    return q * above / below


@inlined
def quantile_in_tails(p: float, centre: float) -> float:
    """Return the quantile of any p, given what :func:`quantile_in_centre` returned for it."""
    q = p - 0.5
    t = larger(smaller(p, 1.0 - p), _SMALLEST_TAIL)
    r = math.sqrt(-log(t)) - 1.6
    above = 7.74545014278341407640e-4
    above = above * r + 2.27238449892691845833e-2
    above = above * r + 2.41780725177450611770e-1
    above = above * r + 1.27045825245236838258e0
    above = above * r + 3.64784832476320460504e0
    above = above * r + 5.76949722146069140550e0
    above = above * r + 4.63033784615654529590e0
    above = above * r + 1.42343711074968357734e0
    below = 1.05075007164441684324e-9
    below = below * r + 5.47593808499534494600e-4
    below = below * r + 1.51986665636164571966e-2
    below = below * r + 1.48103976427480074590e-1
    below = below * r + 6.89767334985100004550e-1
    below = below * r + 1.67638483018380384940e0
    below = below * r + 2.05319162663775882187e0
    below = below * r + 1.0
    size = above / below
    outer = size if q > 0.0 else -size
    return centre if (q if q > 0.0 else -q) <= 0.425 else outer
