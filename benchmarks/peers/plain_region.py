"""The region in plain Python, free of any framework: its states, a month, and what is measured."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.peers import plain_measures
from benchmarks.peers.plain_disputes import Disputes
from benchmarks.peers.plain_draws import draw_months
from benchmarks.peers.plain_holdings import Belief, Pair
from benchmarks.peers.plain_outlook import Outlook
from benchmarks.peers.plain_relations import Relations
from benchmarks.peers.plain_start import Row, Start, start_of
from regional_sim.model.instruments import TRADITIONAL_LEVELS
from regional_sim.model.mechanisms import escalation, ladder
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.options import LOGISTIC_SHOCK
from regional_sim.model.parameters import SCHEDULE_RUNGS
from regional_sim.model.random_streams import CHUNK_MONTHS, RandomStreams
from regional_sim.model.variables import Observer
from regional_sim.postures import Instrument, Observed, Policy, create

ACTS = (
    "implement_posture",
    "open_channels",
    "perceive",
    "believe",
    "project",
    "weigh",
    "feel_threat",
    "consider",
    "meet",
    "climb",
    "strain",
    "arm",
    "align",
    "declare",
    "commit",
    "divert",
    "redirect",
    "settle",
    "sum_trade",
)
"""What every state does in a month, in order: names of methods of :class:`PlainState`."""


class PlainState(Outlook, Disputes, Relations):
    """A state; to be mixed with the agent of a framework."""


class PlainRegion:
    """A region of states under one posture; to be mixed with the model of a framework.

    Attributes
    ----------
    start : Start
        Where the run starts.
    states : list of PlainState
        In the order of their codes.
    pairs : list of Pair
        In the order (0, 1), (0, 2), ..., (1, 2), ...
    month : int
        Months done.
    metrics : dict of str to float
        Metrics of the month just ended.
    windows : list of list of float, or None
        Each metric by window once the run has ended.
    """

    def prepare(self, scenario: str, posture: str, seed: int, replicate: int) -> None:
        """Set everything but the states.

        Parameters
        ----------
        scenario, posture : str
            Their names.
        seed, replicate : int
            Of the luck.
        """
        self.start = start_of(scenario)
        self.n_states = self.start.scenario.n_states
        self.policy: Policy = create(posture)
        self.luck = RandomStreams(self.start.scenario.streams, seed)
        self.replicate = replicate
        self.month = 0
        self.metrics: dict[str, float] = {}
        self.first_metrics: dict[str, float] = {}
        self.windows: list[Row] | None = None
        self.sums = [dict.fromkeys(Metric.__members__, 0.0) for _ in self.start.windows]
        self._set_constants(self.start)
        self._set_values(self.start)

    def _set_constants(self, start: Start) -> None:
        """Set what no month changes."""
        param = self.param = start.param
        self.sender = start.role.sender
        self.partner = start.role.partner
        self.challenger = start.role.challenger
        self.own_precision = start.state["own_precision"]
        self.level_start = start.levels
        self.lags = [getattr(param, instrument.lag.name) for instrument in Instrument]
        self.exponent = start.option.contest_exponent
        self.link = start.option.dependence
        self.norm_option = start.option.tension_norm
        logistic = start.option.shock == LOGISTIC_SHOCK
        self.chance_under_shock = (
            escalation.chance_under_logistic_shock
            if logistic
            else escalation.chance_under_normal_shock
        )
        self.certainty = 1.0 / param.shock_sd
        rungs = range(1, SCHEDULE_RUNGS + 1)
        self.exits = [getattr(param, f"exit_rung_{rung}") for rung in rungs]
        kinds = ("gain", "loss", "cost", "restraint")
        self.schedules = [
            tuple(getattr(param, f"{kind}_rung_{rung}") for kind in kinds) for rung in rungs
        ]
        self.schedules_below_war = self.schedules[: ladder.USE_OF_FORCE]

    def _set_values(self, start: Start) -> None:
        """Set what the months change, but for the states' own values."""
        region = start.region
        self.firmness = region.firmness
        self.firmness_start = region.firmness_start
        self.novelty = region.novelty
        self.signal = region.signal
        self.urgency = region.urgency
        self.crisis_seen = False
        self.level = start.levels.copy()
        self.target = [TRADITIONAL_LEVELS[instrument] for instrument in Instrument]
        beliefs = self.beliefs = [Belief(start, view) for view in Observer]
        param = start.param
        alphas = (param.alpha_third, param.alpha_challenger, param.alpha_partner)
        thetas = (param.theta_third, param.theta_challenger, param.theta_third)
        self.readers = list(zip(beliefs[: Observer.truth], alphas, thetas, strict=True))
        self.leaning = [(belief.lean, belief.aside) for belief in beliefs]
        self.offers = [
            (belief.aside, belief.force, belief.strike, belief.lend, belief.help)
            for belief in beliefs
        ]

    def settle_states(self, states: Sequence[PlainState]) -> None:
        """Take in the states, which have taken their places, and join them in pairs."""
        self.states = list(states)
        between: list[list[Pair | None]] = [[None] * self.n_states for _ in self.states]
        self.pairs = []
        for i, first in enumerate(self.states):
            for second in self.states[i + 1 :]:
                pair = Pair(self.start, first, second)
                between[i][second.index] = between[second.index][i] = pair
                self.pairs.append(pair)
        self.pair_between = between
        for state in self.states:
            state.meet_others(between)

    def open_month(self) -> None:
        """Draw the luck of the month, and let the policy set the targets of the instruments.

        Raises
        ------
        RuntimeError
            If the run has ended: a framework must not add a step to it.
        """
        if self.windows is not None:
            raise RuntimeError("the run has ended")
        if self.month % CHUNK_MONTHS == 0:
            self._chunk = draw_months(self.luck, self.month // CHUNK_MONTHS, self.replicate)
        self.draws = self._chunk[self.month % CHUNK_MONTHS]
        since = self.month - self.start.scenario.months_before
        if since < 0:
            return
        if since == 1:
            self.first_metrics = self.metrics
        observed = Observed(
            n_runs=1,
            months=since,
            last=self.metrics.__getitem__,
            first=self.first_metrics.__getitem__,
        )
        targets = {**TRADITIONAL_LEVELS, **self.policy.targets(since, observed)}
        self.target = [_plain(targets[instrument]) for instrument in Instrument]

    def close_month(self) -> bool:
        """Measure the month; return whether another one follows."""
        self.metrics = plain_measures.measure(self)
        for (first, last), sums in zip(self.start.windows, self.sums, strict=True):
            if first <= self.month <= last:
                for name, value in self.metrics.items():
                    sums[name] += value
        self.month += 1
        if self.month < self.start.scenario.n_months:
            return True
        self.windows = self._window_values()
        self._chunk = []
        return False

    def _window_values(self) -> list[Row]:
        return [
            [
                sums[metric.name] / (last - first + 1 if metric.combine == "mean" else 1)
                for metric in Metric
            ]
            for (first, last), sums in zip(self.start.windows, self.sums, strict=True)
        ]


def _plain(level: object) -> float:
    """Return a target as a plain number: a policy may give an array for its one run."""
    return float(level) if isinstance(level, (float, int)) else level.item()
