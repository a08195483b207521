"""Mechanism 7. Readiness spiral: states arm against the threat of others.

Readiness follows threat above its start, and tires.  Friends that arm are followed, or arm for
others too; the challenger arms against signals that it reads as hostile, and help lets the partner
arm less or more.  The long-run reaction is estimated from military spending, the rest is
stipulated.

References
----------
Richardson, L. F. (1960). *Arms and Insecurity*. Boxwood.
Collier, P. & Hoeffler, A. (2002). Military expenditure: threats, aid and arms races. World Bank.
Olson, M. & Zeckhauser, R. (1966). An economic theory of alliances. *Review of Economics and
Statistics* 48(3).
"""

from regional_sim.model.parameters import Param
from regional_sim.model.variables import DirectedVar, RegionVar, Role, StateVar, World
from regional_sim.numerics.arrays import Floats
from regional_sim.numerics.compiler import compiled, inlined, noalias_loop
from regional_sim.numerics.elementary import log
from regional_sim.numerics.run_loops import add, add_product, any_above, fill


@inlined
def next_readiness(readiness: float, fatigue: float, goal: float) -> float:
    """Return z + a (g - z), which rests at g.

    Parameters
    ----------
    readiness : float
        Log-readiness z.
    fatigue : float
        Speed a, per month, in (0, 1).
    goal : float
        Readiness g that threats, friends and signals call for, above the start.

    Returns
    -------
    float
        Log-readiness of the next month.

    Examples
    --------
    >>> next_readiness(0.5, 0.5, 0.25)
    0.375
    """
    return readiness + fatigue * (goal - readiness)


@inlined
def help_over_own(help_received: float, own: float) -> float:
    """Return ln(1 + H / M), the help that a state can expect over its own force.

    Parameters
    ----------
    help_received : float
        Force H of all who come to its defence, billion USD, at least 0.
    own : float
        Own force M, billion USD, above 0.

    Returns
    -------
    float
        Log of the ratio of all to own force.

    Examples
    --------
    >>> float(help_over_own(0.0, 2.0))
    0.0
    """
    return log(1.0 + help_received / own)


# Scratch row.
_GOAL = 0


@inlined
def set_partner_help(world: World) -> None:
    """Set the help that the partner has in truth: the last forces projected are the true ones."""
    partner = world.role[Role.partner]
    if partner < 0:
        return
    total = world.scratch[_GOAL]
    fill(total, 0.0)
    for k in range(world.state.shape[1]):
        if k != partner:
            add(total, world.directed[DirectedVar.help, k, partner])
    _set_help(world.region[RegionVar.partner_help], total, world.state[StateVar.mobilised, partner])


@noalias_loop
def _set_help(helped: Floats, total: Floats, own: Floats) -> None:
    for run in range(helped.shape[0]):
        helped[run] = help_over_own(total[run], own[run])


@compiled
def watch_friends(world: World, month: int, lo: int, hi: int) -> None:
    """Set the readiness of friends as the states in [lo, hi) weigh it."""
    for i in range(lo, hi):
        total = world.state[StateVar.friends_readiness, i]
        fill(total, 0.0)
        for k in range(world.state.shape[1]):
            if k != i and any_above(world.directed[DirectedVar.friendship, k, i], 0.0):
                add_product(
                    total,
                    world.directed[DirectedVar.friendship, k, i],
                    world.state[StateVar.readiness, k],
                )


@compiled
def update_readiness(world: World, month: int, lo: int, hi: int) -> None:
    """Update the log-readiness of the states in [lo, hi)."""
    goal = world.scratch[_GOAL]
    for i in range(lo, hi):
        if i == world.role[Role.partner]:
            set_partner_help(world)
        _aim(
            goal,
            world.state[StateVar.threat, i],
            world.state[StateVar.threat_start, i],
            world.state[StateVar.deterrence, i],
            world.state[StateVar.friends_readiness, i],
            world.param,
        )
        if i == world.role[Role.challenger]:
            hostility = world.region[RegionVar.hostility]
            add_product(goal, world.param[Param.hostility_readiness], hostility)
        if i == world.role[Role.partner]:
            _count_help(
                goal,
                world.param[Param.help_readiness],
                world.region[RegionVar.partner_help],
                world.region[RegionVar.partner_help_start],
            )
        _arm(world.state[StateVar.readiness, i], goal, world.param[Param.fatigue])


@noalias_loop
def _aim(
    goal: Floats,
    threat: Floats,
    threat_start: Floats,
    deterrence: Floats,
    friends: Floats,
    param: Floats,
) -> None:
    """Set the readiness that threats and friends call for."""
    for run in range(goal.shape[0]):
        goal[run] = (
            param[Param.reaction_ratio, run] * deterrence[run] * (threat[run] - threat_start[run])
            + param[Param.burden_readiness, run] * friends[run]
        )


@noalias_loop
def _count_help(goal: Floats, gain: Floats, helped: Floats, helped_start: Floats) -> None:
    for run in range(goal.shape[0]):
        goal[run] += gain[run] * (helped[run] - helped_start[run])


@noalias_loop
def _arm(level: Floats, goal: Floats, fatigue: Floats) -> None:
    for run in range(level.shape[0]):
        level[run] = next_readiness(level[run], fatigue[run], goal[run])
