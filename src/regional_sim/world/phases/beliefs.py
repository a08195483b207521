"""Beliefs: what each view holds every state's commitments to be."""

from regional_sim.postures.instruments import Instrument
from regional_sim.rules import ambiguity, signals
from regional_sim.rules.compiled import compiled
from regional_sim.rules.numeric import logistic
from regional_sim.rules.parameters import Param
from regional_sim.world.layout import (
    BeliefVar,
    DirectedVar,
    Lever,
    RegionVar,
    Role,
    StateVar,
    View,
    World,
)

_ALPHAS = (int(Param.alpha_third), int(Param.alpha_challenger), int(Param.alpha_partner))
_THETAS = (int(Param.theta_third), int(Param.theta_challenger), int(Param.theta_third))


@compiled
def believe(world: World, month: int, lo: int, hi: int) -> None:
    """Update the width and the beliefs about the commitments of the states in [lo, hi)."""
    n_states = world.state.shape[1]
    for k in range(lo, hi):
        for j in range(n_states):
            if j != k:
                _narrow(world, k, j)
                for view in range(View.truth):
                    _read(world, view, k, j)
                _know(world, k, j)


@compiled
def _narrow(world: World, k: int, j: int) -> None:
    sender = world.role[Role.sender]
    partner = world.role[Role.partner]
    toward_partner = 1.0 if j == partner else 0.0
    in_dialogue = 1.0 if (k == sender and j == partner) or (k == partner and j == sender) else 0.0
    half_width = world.directed[DirectedVar.half_width, k, j]
    start = world.directed[DirectedVar.ambiguity_start, k, j]
    stance = world.state[StateVar.stance, k]
    stance_start = world.state[StateVar.stance_start, k]
    level = world.lever[Lever.level, Instrument.partner_dialogue]
    level_start = world.lever[Lever.start, Instrument.partner_dialogue]
    narrowing = world.param[Param.narrowing_stance]
    by_dialogue = world.param[Param.narrowing_dialogue]
    for run in range(half_width.shape[0]):
        half_width[run] = ambiguity.interval_half_width(
            start[run],
            narrowing[run],
            toward_partner * (stance[run] - stance_start[run]),
            in_dialogue * by_dialogue[run] * (level[run] - level_start[run]),
        )


@compiled
def _read(world: World, view: int, k: int, j: int) -> None:
    signalled = 1.0 if k == world.role[Role.sender] and j == world.role[Role.partner] else 0.0
    believed = world.belief[BeliefVar.commitment, view, k, j]
    commitment = world.directed[DirectedVar.commitment, k, j]
    half_width = world.directed[DirectedVar.half_width, k, j]
    signal = world.region[RegionVar.signal]
    gain = world.param[Param.signal_gain]
    alpha = world.param[_ALPHAS[view]]
    theta = world.param[_THETAS[view]]
    for run in range(believed.shape[0]):
        resolve = signalled * signals.read_as_resolve(signal[run], gain[run], theta[run])
        believed[run] = ambiguity.believed_commitment(
            commitment[run], half_width[run], alpha[run], resolve
        )


@compiled
def _know(world: World, k: int, j: int) -> None:
    true = world.belief[BeliefVar.commitment, View.truth, k, j]
    commitment = world.directed[DirectedVar.commitment, k, j]
    for run in range(true.shape[0]):
        true[run] = logistic(commitment[run])
