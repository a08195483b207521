"""Mechanism 5. Perception: errors of belief, pooled precision and detection.

The precision of a state's sensors, its own and what others share, sets how far its beliefs err
and how well it detects a threat.  Errors persist from month to month; a crisis channel makes them
smaller.  The sizes are stipulated.

References
----------
Jervis, R. (1988). War and misperception. *Journal of Interdisciplinary History* 18(4).
Green, D. M. & Swets, J. A. (1966). *Signal Detection Theory and Psychophysics*. Wiley.
"""

import math

from regional_sim.model.instruments import Instrument
from regional_sim.model.mechanisms.align import shared_more
from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, Draw, InstrumentRow, PairVar, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import normal_cdf
from regional_sim.numerics.run_loops import copy

_SQRT_HALF = 0.7071067811865476


@inlined
def pooled_gain(share: float, other_precision: float, correlation: float) -> float:
    """Return s pi (1 - rho), the precision gained from another state's sensors.

    Parameters
    ----------
    share : float
        Share s of the other's precision that is handed over, in [0, 1].
    other_precision : float
        The other's own precision pi, relative to the partner's at the start.
    correlation : float
        Share rho lost because errors are correlated, in [0, 1).

    Returns
    -------
    float
        Gain of precision, relative to the same.

    Examples
    --------
    >>> pooled_gain(0.5, 2.0, 0.25)
    0.75
    """
    return share * other_precision * (1.0 - correlation)


@inlined
def belief_error_sd(scale: float, precision: float, channel: float, channel_cut: float) -> float:
    """Return s / sqrt(pi) (1 - c u), the standard deviation of belief errors.

    Parameters
    ----------
    scale : float
        Standard deviation s at precision 1, utility.
    precision : float
        Precision pi of the observer, above 0.
    channel : float
        Working u of the crisis channel with the observed, in [0, 1].
    channel_cut : float
        Cut c by a fully working channel, in [0, 0.4].

    Returns
    -------
    float
        Standard deviation, utility.

    Examples
    --------
    >>> belief_error_sd(0.5, 4.0, 0.0, 0.25)
    0.25
    """
    return scale / math.sqrt(precision) * (1.0 - channel_cut * channel)


@inlined
def next_error(error: float, memory: float, sd: float, innovation: float) -> float:
    """Return m e + sqrt(1 - m^2) s n, an AR(1) process with stationary deviation s.

    Parameters
    ----------
    error : float
        Belief error e of the month before, utility.
    memory : float
        Autocorrelation m, in [0.5, 0.9].
    sd : float
        Stationary standard deviation s, utility.
    innovation : float
        Standard normal draw n.

    Returns
    -------
    float
        Error of this month, utility.

    Examples
    --------
    >>> next_error(0.5, 0.5, 2.0, 0.0)
    0.25
    """
    return memory * error + math.sqrt(1.0 - memory * memory) * sd * innovation


@inlined
def detection_area(precision: float, scale: float) -> float:
    """Return Phi(d' / sqrt 2) with d' = s sqrt(pi), the area under the ROC curve.

    Parameters
    ----------
    precision : float
        Pooled precision pi, at least 0.
    scale : float
        Discriminability s at precision 1.

    Returns
    -------
    float
        Area in [0.5, 1]: the chance to tell a threat from none.

    Examples
    --------
    >>> round(float(detection_area(0.0, 1.0)), 12)
    0.5
    """
    return normal_cdf(scale * math.sqrt(precision) * _SQRT_HALF)


@compiled
def update_belief_errors(world: World, month: int, lo: int, hi: int) -> None:
    """Update precision, detection and belief errors of the states in [lo, hi)."""
    draws = world.draw[month % world.draw.shape[0]]
    for i in range(lo, hi):
        _pool_precision(world, i)
        for j in range(world.state.shape[1]):
            if j != i:
                pair = world.pair_of[i, j]
                error_sd = world.directed[DirectedVar.error_sd, i, j]
                _set_error_sd(
                    error_sd,
                    world.state[StateVar.precision, i],
                    world.pair[PairVar.channel, pair],
                    world.param[Param.belief_noise],
                    world.param[Param.channel_noise_cut],
                )
                _move_error(
                    world.directed[DirectedVar.error, i, j],
                    world.param[Param.belief_memory],
                    error_sd,
                    draws[Draw.innovation_first if i < j else Draw.innovation_second, pair],
                )


@inlined
def _pool_precision(world: World, i: int) -> None:
    """Set the pooled precision and the detection of state i."""
    own = world.state[StateVar.own_precision]
    precision = world.state[StateVar.precision, i]
    detection = world.state[StateVar.detection, i]
    level = world.instrument[InstrumentRow.level, Instrument.early_warning]
    pooling_share = world.param[Param.pooling_share]
    sharing = world.param[Param.alignment_sharing]
    correlation = world.param[Param.error_correlation]
    scale = world.param[Param.detection_scale]
    copy(precision, own[i])
    for k in range(own.shape[0]):
        if k != i:
            _pool(
                precision,
                own[k],
                pooling_share,
                world.directed[DirectedVar.pooling, i, k],
                world.directed[DirectedVar.alignment, i, k],
                sharing,
                level,
                correlation,
            )
    for run in range(precision.shape[0]):
        detection[run] = detection_area(precision[run], scale[run])


@noalias_loop
def _pool(
    precision: Floats,
    other: Floats,
    pooling_share: Floats,
    pooling: Floats,
    alignment: Floats,
    sharing: Floats,
    level: Floats,
    correlation: Floats,
) -> None:
    for run in range(precision.shape[0]):
        shared = shared_more(pooling[run], sharing[run], alignment[run])
        share = pooling_share[run] * shared * level[run]
        precision[run] += pooled_gain(share, other[run], correlation[run])


@noalias_loop
def _set_error_sd(
    error_sd: Floats, precision: Floats, channel: Floats, scale: Floats, cut: Floats
) -> None:
    for run in range(error_sd.shape[0]):
        error_sd[run] = belief_error_sd(scale[run], precision[run], channel[run], cut[run])


@noalias_loop
def _move_error(error: Floats, memory: Floats, error_sd: Floats, innovation: Floats) -> None:
    for run in range(error.shape[0]):
        error[run] = next_error(error[run], memory[run], error_sd[run], innovation[run])
