"""Mechanism 15. Choice: how a state cuts, holds or raises each of its responses.

The motive for a response, an excess over the start, is weighed against the status quo by quantal
response: small motives die, large ones saturate.  The forms follow the sources; the sizes are
stipulated.

References
----------
McKelvey, R. & Palfrey, T. (1995). Quantal response equilibria for normal form games. *Games and
Economic Behavior* 10(1).
Samuelson, W. & Zeckhauser, R. (1988). Status quo bias in decision making. *Journal of Risk and
Uncertainty* 1(1).
"""

from regional_sim.model.options import DRAWN_CHOICE
from regional_sim.model.variables import World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import inlined, source_inlined
from regional_sim.numerics.elementary import exp, larger, smaller

_LARGEST = 40.0  # of an exponent: beyond it a choice is sure to 17 digits


@inlined
def weight_of(motive: float, inertia: float, temperature: float) -> float:
    """Return exp((M - k) / tau), the weight of acting on a motive; holding weighs 1.

    Parameters
    ----------
    motive : float
        Motive M.
    inertia : float
        Cost k of leaving the status quo, at least 0.
    temperature : float
        Bluntness tau of the choice, above 0.

    Returns
    -------
    float
        Weight, above 0.

    Examples
    --------
    >>> float(weight_of(0.5, 0.5, 0.25))
    1.0
    """
    return exp(larger(smaller((motive - inertia) / temperature, _LARGEST), -_LARGEST))


@inlined
def chosen(motive: float, inertia: float, temperature: float, uniform: float, option: int) -> float:
    """Return D(M), the chance to raise less the chance to cut, or the choice that was drawn.

    Parameters
    ----------
    motive, inertia, temperature : float
        As for :func:`weight_of`; below 0 the motive is one to cut.
    uniform : float
        Draw in [0, 1); low draws raise and high ones cut.
    option : int
        0 expected, 1 drawn.

    Returns
    -------
    float
        In (-1, 1), odd in the motive and 0 at 0; or one of -1, 0 and 1.

    Examples
    --------
    >>> [float(chosen(motive, 0.5, 0.4, 0.5, option)) for motive, option in ((0.0, 0), (9.0, 1))]
    [0.0, 1.0]
    """
    up = weight_of(motive, inertia, temperature)
    down = weight_of(-motive, inertia, temperature)
    total = 1.0 + up + down
    raised = 1.0 if uniform * total < up else 0.0
    cut = 1.0 if (1.0 - uniform) * total <= down else 0.0
    return raised - cut if option == DRAWN_CHOICE else (up - down) / total


@inlined
def next_response(response: float, rate: float, span: float, choice: float) -> float:
    """Return a + r (s D - a), the response of the next month.

    Parameters
    ----------
    response : float
        Response a of this month.
    rate : float
        Speed r, per month.
    span : float
        Span s: the response of a state that surely raises it.
    choice : float
        Choice D, from :func:`chosen`.

    Returns
    -------
    float
        In (-s, s) if it was there before.

    Examples
    --------
    >>> next_response(0.5, 0.5, 2.0, 0.25)
    0.5
    """
    return response + rate * (span * choice - response)


@source_inlined
def term_row(world: World, term: int, i: int, k: int) -> Floats:
    """Return where a term of the motive of i toward k belongs, shape (run,).

    Where no terms are kept, all states share one place, from which the motive is summed at once.
    """
    last = world.motive_term.shape[1] - 1
    row: Floats = world.motive_term[term, min(i, last), min(k, last)]
    return row
