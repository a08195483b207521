"""The region that the states live in, and what they share: pairs, beliefs, instruments, draws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import cache, partial
from types import SimpleNamespace

from benchmarks.peers.conduct import Conduct
from benchmarks.peers.outlook import Outlook
from benchmarks.peers.plain import plain
from benchmarks.peers.response import Response
from regional_sim.engine.build import build_world
from regional_sim.model import variables
from regional_sim.model.instruments import TRADITIONAL_LEVELS
from regional_sim.model.mechanisms import escalation, payoff
from regional_sim.model.options import Option
from regional_sim.model.parameters import SCHEDULE_RUNGS, Param
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams
from regional_sim.model.variables import Observer, World
from regional_sim.postures import Instrument, Observed, create
from regional_sim.scenario import load_scenario

escalation, payoff = plain(escalation, payoff)

Row = list[float]

PARTS = (Outlook, Conduct, Response)
ACTS = [name for part in PARTS for name in vars(part) if not name.startswith("_")]
"""What every state does in a month, in order; all states do one before any does the next."""

KEPT = (
    *("near_share", "home_share", "ambiguity_start", "interoperability", "pooling", "stake"),
    *("anchor", "commitment", "half_width", "influence", "error", "attack"),
    *("success_believed", "success_start", "success_true", "chance", "chance_true"),
    *("step_1", "step_2", "step_3", "step_4"),
    *("friendship", "hostile", "threat", "threat_start", "common_threat_start"),
    *("aligns", "alignment", "alignment_motive", "commitment_start"),
    *("probes", "probing", "probing_motive", "redirected"),
)
"""What a state keeps about the others; the package keeps more, or for an observer at a time."""


_load = cache(load_scenario)


def _by_name(members: Iterable[IntEnum], values: Sequence) -> SimpleNamespace:
    return SimpleNamespace(**{one.name: values[one].tolist() for one in members})


class State(*PARTS):
    """A state of the region; to be mixed with the agent of a framework."""

    def take_place(self, region: Region, world: World, index: int) -> None:
        """Become the state of an index, with its values at the start."""
        self.region, self.index = region, index
        vars(self).update(vars(_by_name(variables.StateVar, world.state[:, index, 0])))
        self.observer, self.hosts = int(world.observer_of[index]), world.host[index].tolist()
        self.loss_weight = region.param.loss_weight / self.resolve
        kept = [variables.DirectedVar[name] for name in KEPT]
        toward = self.toward = _by_name(kept, world.directed[:, index, :, 0])
        toward.steps = [toward.step_1, toward.step_2, toward.step_3, toward.step_4]

    def join_others(self, pair_of: list[list[Pair | None]]) -> None:
        """Take in the pairs with the others; in some of them this state acts for both."""
        states, pairs = self.region.states, enumerate(pair_of[self.index])
        self.others = [(j, states[j], pair) for j, pair in pairs if pair is not None]
        self.pairs_after = [pair for j, _, pair in self.others if j > self.index]
        self.friends = [other for other in self.others if self.toward.aligns[other[0]] > 0.0]
        self.rivals = [other for other in self.others if self.toward.probes[other[0]] > 0.0]


class Belief:
    """What one observer holds: by state, lists of what the others do toward it."""

    def __init__(
        self, param: SimpleNamespace, observer: Observer, odds_multiplier: list[Row]
    ) -> None:
        self.odds_multiplier = odds_multiplier
        for name in ("abstain_probability", "force", "strike", "lend", "help"):
            setattr(self, name, [[0.0] * len(odds_multiplier) for _ in odds_multiplier])
        self.learns = observer == Observer.challenger
        if observer != Observer.truth:
            self.alpha = getattr(param, f"alpha_{observer.name}")


class Pair:
    """Two states, in the order of their index, and what they share."""

    def __init__(self, region: Region, world: World, index: int, sides: Sequence[State]) -> None:
        vars(self).update(vars(_by_name(variables.PairVar, world.pair[:, index, 0])))
        self.index, (self.first, self.second) = index, sides
        self.rung = 0
        param, role = region.param, region.role
        self.weigh_reluctance(param)
        places = {one.index for one in sides}
        self.sender_to_challenger = 1.0 if places == {role.sender, role.challenger} else 0.0
        self.pressed = None
        if role.challenger in places:
            (self.pressed,) = (one for one in sides if one.index != role.challenger)

    def weigh_reluctance(self, param: SimpleNamespace) -> None:
        """Set what the restraint of the pair holds against each rung."""
        below_war = param.ladder_restraint * self.restraint
        war = payoff.war_reluctance(param.ladder_restraint, self.restraint)
        self.reluctance = (below_war, below_war, below_war, war)


class Region:
    """A region of states under one posture; to be mixed with the model of a framework.

    Its first months are the run-in: simulated like all others, but not recorded.
    """

    def prepare(self, posture: str, seed: int, replicate: int) -> World:
        """Set everything but the states to the start of the baseline; return that start."""
        self.scenario = _load("baseline")
        self.policy = create(posture)
        if self.policy.reads:
            raise ValueError("the peers run no posture that reads metrics")
        self.streams = RandomStreams(self.scenario.streams, seed)
        self.month, self.replicate = 0, replicate
        world = build_world(self.scenario)
        vars(self).update(vars(_by_name(variables.RegionVar, world.region[:, 0])))
        self.n_states = self.scenario.n_states
        self.role = _by_name(variables.Role, world.role)
        self.is_ally = world.group[variables.Group.allies].tolist()
        self.option = _by_name(Option, world.option)
        param = self.param = _by_name(Param, world.param[:, 0])
        self.own_precision = world.state[variables.StateVar.own_precision, :, 0].tolist()
        self.chance_of = partial(escalation.escalation_chance, shock=self.option.shock)
        self.certainty = 1.0 / param.shock_sd
        rungs = range(1, SCHEDULE_RUNGS + 1)
        self.exits = [getattr(param, f"exit_rung_{rung}") for rung in rungs]
        kinds = ("gain", "loss", "cost", "restraint")
        self.schedules = [[getattr(param, f"{kind}_rung_{n}") for kind in kinds] for n in rungs]
        # Rows are what others do toward a state, so that the sums over others go along lists.
        odds_multiplier = (
            world.belief[variables.BeliefVar.odds_multiplier, ..., 0].swapaxes(1, 2).tolist()
        )
        self.beliefs = [Belief(param, observer, odds_multiplier[observer]) for observer in Observer]
        self.level_start = self.target = {one.name: TRADITIONAL_LEVELS[one] for one in Instrument}
        self.level = SimpleNamespace(**self.target)
        self.excess = SimpleNamespace(**dict.fromkeys(self.target, 0.0))
        self.lags = {one.name: getattr(param, one.lag.name) for one in Instrument}
        return world

    def settle_states(self, world: World, states: Iterable[State]) -> None:
        """Let the states take their places, and join them in pairs."""
        self.states = list(states)
        for index, state in enumerate(self.states):
            state.take_place(self, world, index)
        self.all_gdp = sum(state.gdp for state in self.states)
        self.pairs: list[Pair] = []
        self.pair_of: list[list[Pair | None]] = [[None] * self.n_states for _ in self.states]
        for i, first in enumerate(self.states):
            for j, second in enumerate(self.states[i + 1 :], i + 1):
                pair = Pair(self, world, len(self.pairs), (first, second))
                self.pairs.append(pair)
                self.pair_of[i][j] = self.pair_of[j][i] = pair
        for state in self.states:
            state.join_others(self.pair_of)

    def open_month(self) -> None:
        """Take the random numbers of the month, and let the policy set its targets."""
        if self.month % CHUNK_MONTHS == 0:
            drawn = self.streams.buffer(1)
            self.streams.fill(drawn, self.month // CHUNK_MONTHS, self.replicate)
            self.chunk = [_by_name(variables.Draw, month) for month in drawn[..., 0]]
        self.draws = self.chunk[self.month % CHUNK_MONTHS]
        since = self.month - self.scenario.run_in - self.scenario.months_before
        if since >= 0:
            nothing = Observed(n_runs=1, months=since, last={}.__getitem__, first={}.__getitem__)
            targets = {**TRADITIONAL_LEVELS, **self.policy.targets(since, nothing)}
            self.target = {one.name: float(targets[one]) for one in Instrument}

    def close_month(self) -> bool:
        """Measure the month, and see whether it counts; return whether another one follows."""
        self.tension = sum([pair.weight * pair.tension for pair in self.pairs])
        clear = 1.0
        for pair in self.pairs:
            there, back = pair.first.toward, pair.second.toward
            i, j = pair.first.index, pair.second.index
            clear *= 1.0 - pair.trigger * escalation.either(
                escalation.mistaken(there.chance[j], there.chance_true[j]),
                escalation.mistaken(back.chance[i], back.chance_true[i]),
            )
        self.miscalculation_risk = 1.0 - clear
        self.month += 1
        self.is_counted = self.month > self.scenario.run_in
        return self.month < self.scenario.run_in + self.scenario.n_months
