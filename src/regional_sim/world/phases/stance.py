"""Stance: states move their positions under influence, threat and pressure, and would vote."""

from regional_sim.postures.instruments import Instrument
from regional_sim.rules import signals, stance
from regional_sim.rules.compiled import compiled, inlined, noalias_loop
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import (
    DirectedVar,
    Floats,
    InstrumentRow,
    PairVar,
    RegionVar,
    Role,
    StateVar,
    World,
)
from regional_sim.world.rows import fill

# Scratch row.
_PULLS = 0


@compiled
def update_stance(world: World, month: int, lo: int, hi: int) -> None:
    """Set the next stance of the states in [lo, hi) and the pressure on them."""
    challenger = world.role[Role.challenger]
    for i in range(lo, hi):
        fill(world.scratch[_PULLS], 0.0)
        for k in range(world.state.shape[1]):
            if k != i:
                _add_influence(
                    world.scratch[_PULLS],
                    world.directed[DirectedVar.influence, i, k],
                    world.state[StateVar.stance, i],
                    world.state[StateVar.stance_start, i],
                    world.state[StateVar.stance, k],
                    world.state[StateVar.stance_start, k],
                    world.param[Param.confidence_bound],
                )
        _damp_by_neutrality(world, i)
        if challenger >= 0 and i != challenger:
            _feel_challenger(world, i, challenger)
        _set_next(world, i)


@noalias_loop
def _add_influence(
    pulls: Floats,
    weight: Floats,
    now: Floats,
    start: Floats,
    other_now: Floats,
    other_start: Floats,
    bound: Floats,
) -> None:
    for run in range(pulls.shape[0]):
        pulls[run] += stance.influence(
            weight[run], now[run], start[run], other_now[run], other_start[run], bound[run]
        )


@inlined
def _damp_by_neutrality(world: World, i: int) -> None:
    pulls = world.scratch[_PULLS]
    neutrality = world.state[StateVar.neutrality, i]
    social = world.param[Param.social_influence]
    for run in range(pulls.shape[0]):
        pulls[run] = (1.0 - neutrality[run]) * social[run] * pulls[run]


@inlined
def _feel_challenger(world: World, i: int, challenger: int) -> None:
    """Add the security pull and the pressure of the challenger; move the pressure on."""
    pair = world.pair_of[i, challenger]
    targeted = 1.0 if i in (world.role[Role.sender], world.role[Role.partner]) else 0.0
    pulls = world.scratch[_PULLS]
    pressure = world.state[StateVar.pressure, i]
    now = world.state[StateVar.stance, i]
    start = world.state[StateVar.stance_start, i]
    threat = world.directed[DirectedVar.threat, i, challenger]
    threat_start = world.directed[DirectedVar.threat_start, i, challenger]
    signal = world.region[RegionVar.signal]
    trade = world.pair[PairVar.trade, pair]
    gdp = world.state[StateVar.gdp, i]
    param = world.param
    for run in range(pulls.shape[0]):
        hostility = targeted * signals.read_as_hostility(
            signal[run], param[Param.signal_gain, run], param[Param.theta_challenger, run]
        )
        pressure[run] = stance.next_pressure(
            pressure[run],
            param[Param.pressure_lag_months, run],
            param[Param.pressure_support, run],
            now[run] - start[run],
            param[Param.pressure_hostility, run],
            hostility,
        )
    for run in range(pulls.shape[0]):
        dependence = trade[run] / gdp[run]
        pulls[run] += (
            param[Param.security_pull, run] * (threat[run] - threat_start[run])
            - param[Param.pressure_cost, run] * dependence * pressure[run]
        )


@inlined
def _set_next(world: World, i: int) -> None:
    backed = 1.0 if i == world.role[Role.sender] else 0.0
    pulls = world.scratch[_PULLS]
    now = world.state[StateVar.stance, i]
    start = world.state[StateVar.stance_start, i]
    following = world.state[StateVar.stance_next, i]
    level = world.instrument[InstrumentRow.level, Instrument.political_backing]
    level_start = world.instrument[InstrumentRow.start, Instrument.political_backing]
    rate = world.param[Param.stance_rate]
    backing = world.param[Param.backing_stance]
    for run in range(following.shape[0]):
        anchor = start[run] + backed * backing[run] * (level[run] - level_start[run])
        following[run] = stance.next_stance(now[run], rate[run], anchor, pulls[run])


@compiled
def cast_votes(world: World, month: int, lo: int, hi: int) -> None:
    """Let the states in [lo, hi) take their next stance, and set how they would vote."""
    for i in range(lo, hi):
        now = world.state[StateVar.stance, i]
        following = world.state[StateVar.stance_next, i]
        for run in range(now.shape[0]):
            now[run] = following[run]
        set_votes(world, i)


@inlined
def set_votes(world: World, i: int) -> None:
    """Set the chances of state i to vote in support and against."""
    now = world.state[StateVar.stance, i]
    support = world.state[StateVar.vote_support, i]
    oppose = world.state[StateVar.vote_oppose, i]
    param = world.param
    for run in range(now.shape[0]):
        support[run] = stance.vote_chance(
            now[run] - param[Param.vote_support_cut, run], param[Param.vote_noise, run]
        )
        oppose[run] = stance.vote_chance(
            param[Param.vote_oppose_cut, run] - now[run], param[Param.vote_noise, run]
        )
