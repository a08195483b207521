"""Mechanism 5. Perception: errors of belief, pooled precision, detection.

References
----------
Jervis, R. (1988). War and misperception. *Journal of Interdisciplinary History* 18(4).
Green, D. M. & Swets, J. A. (1966). *Signal Detection Theory and Psychophysics*. Wiley.
"""

import math

from regional_sim.model.instruments import Instrument
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, Draw, InstrumentRow, PairVar, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import normal_cdf
from regional_sim.numerics.run_loops import copy

_SQRT_HALF = 0.7071067811865476


@inlined
def pooled_gain(share: float, other_precision: float, correlation: float) -> float:
    """Return the precision gained from another state's sensors, share * pi * (1 - rho).

    Parameters
    ----------
    share : float
        Share of the other's precision that is handed over, in [0, 1].
    other_precision : float
        The other's own precision, relative to the partner's at the start.
    correlation : float
        Share lost because errors are correlated, in [0, 1).

    Returns
    -------
    float
        Gain of precision.
    """
    return share * other_precision * (1.0 - correlation)


@inlined
def belief_error_sd(scale: float, precision: float, channel: float, channel_cut: float) -> float:
    """Return the standard deviation of belief errors, scale / sqrt(pi) * (1 - cut * channel).

    Parameters
    ----------
    scale : float
        Standard deviation at precision 1, utility.
    precision : float
        Precision pi of the observer, above 0.
    channel : float
        Working of the crisis channel with the observed, in [0, 1].
    channel_cut : float
        Cut by a fully working channel, in [0, 0.4].

    Returns
    -------
    float
        Standard deviation, utility.
    """
    return scale / math.sqrt(precision) * (1.0 - channel_cut * channel)


@inlined
def next_error(error: float, memory: float, sd: float, innovation: float) -> float:
    """Return the next belief error of an AR(1) process with stationary deviation ``sd``.

    Parameters
    ----------
    error : float
        Error of the month before, utility.
    memory : float
        Autocorrelation, in [0.5, 0.9].
    sd : float
        Stationary standard deviation, utility.
    innovation : float
        Standard normal draw.

    Returns
    -------
    float
        Error of this month, utility.
    """
    return memory * error + math.sqrt(1.0 - memory * memory) * sd * innovation


@inlined
def detection_area(precision: float, scale: float) -> float:
    """Return the area under the ROC curve, Phi(d'/sqrt 2) with d' = scale * sqrt(pi).

    Parameters
    ----------
    precision : float
        Pooled precision pi, at least 0.
    scale : float
        d' at precision 1.

    Returns
    -------
    float
        Area in [0.5, 1]: the chance to tell a threat from none.

    Examples
    --------
    >>> round(float(detection(0.0, 1.0)), 12)
    0.5
    """
    return normal_cdf(scale * math.sqrt(precision) * _SQRT_HALF)


@compiled
def update_belief_errors(world: World, month: int, lo: int, hi: int) -> None:
    """Update precision, detection and belief errors of the states in [lo, hi)."""
    n_states = world.state.shape[1]
    for i in range(lo, hi):
        pool_precision(world, i)
        for j in range(n_states):
            if j != i:
                _set_error_sd(
                    world.directed[DirectedVar.error_sd, i, j],
                    world.state[StateVar.precision, i],
                    world.pair[PairVar.channel, world.pair_of[i, j]],
                    world.param[Param.belief_noise],
                    world.param[Param.channel_noise_cut],
                )
                kind = Draw.innovation_first if i < j else Draw.innovation_second
                _move_error(
                    world.directed[DirectedVar.error, i, j],
                    world.param[Param.belief_memory],
                    world.directed[DirectedVar.error_sd, i, j],
                    world.draw[month % world.draw.shape[0], kind, world.pair_of[i, j]],
                )


@inlined
def pool_precision(world: World, i: int) -> None:
    """Set the pooled precision and the detection of state i."""
    own = world.state[StateVar.own_precision]
    precision = world.state[StateVar.precision, i]
    detection = world.state[StateVar.detection, i]
    level = world.instrument[InstrumentRow.level, Instrument.early_warning]
    pooling_share = world.param[Param.pooling_share]
    correlation = world.param[Param.error_correlation]
    scale = world.param[Param.detection_scale]
    copy(precision, own[i])
    for k in range(own.shape[0]):
        pooling = world.directed[DirectedVar.pooling, i, k]
        _pool(precision, own[k], pooling_share, pooling, level, correlation)
    for run in range(precision.shape[0]):
        detection[run] = detection_area(precision[run], scale[run])


@noalias_loop
def _pool(
    precision: Floats,
    other: Floats,
    pooling_share: Floats,
    pooling: Floats,
    level: Floats,
    correlation: Floats,
) -> None:
    for run in range(precision.shape[0]):
        share = pooling_share[run] * pooling[run] * level[run]
        precision[run] += pooled_gain(share, other[run], correlation[run])


@noalias_loop
def _set_error_sd(
    error_sd: Floats, precision: Floats, channel: Floats, scale: Floats, cut: Floats
) -> None:
    """Set the spread of errors from the precision of a state and the channel of the pair."""
    for run in range(error_sd.shape[0]):
        error_sd[run] = belief_error_sd(scale[run], precision[run], channel[run], cut[run])


@noalias_loop
def _move_error(error: Floats, memory: Floats, error_sd: Floats, innovation: Floats) -> None:
    for run in range(error.shape[0]):
        error[run] = next_error(error[run], memory[run], error_sd[run], innovation[run])
