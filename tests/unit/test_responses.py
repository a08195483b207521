"""What states choose, against the equations of docs/odd.md."""

import numpy as np
import pytest

from regional_sim.mesa_model import RegionModel
from regional_sim.model.parameters import Param
from regional_sim.model.schedule import PHASES
from regional_sim.model.variables import (
    DirectedVar,
    Group,
    InstrumentRow,
    PairVar,
    RegionVar,
    Role,
    StateVar,
)
from regional_sim.postures import Instrument
from regional_sim.scenario import load_scenario
from tests.support.worlds import short

NAMES = [phase.name for phase in PHASES]
RESPONSES = ("align", "press", "probe", "hedge", "derisk", "threat", "learn")


class Before:
    """The values of a region just before a phase, a year after the onset, and the phase."""

    def __init__(self, seed, phase):
        rng = np.random.default_rng(seed)
        settings = {
            f"parameters.{param.name}": float(rng.uniform(param.low, param.high))
            for param in Param
            if param.mechanism in RESPONSES
        }
        region = short(load_scenario("baseline"), 2, 30, **{"horizon.run_in": 1, **settings})
        self.model = RegionModel(region, "new_approach", seed, collect=False)
        for _ in range(14):
            self.model.step()
        self.world, self.n = self.model.world, region.n_states
        self.model._controller.steer(self.world, self.model.clock)
        self.phase = NAMES.index(phase)
        for one in PHASES[: self.phase]:
            one.run(self.world, self.model.clock, 0, self.n)
        self.challenger, self.sender, self.partner, self.patron = (
            int(self.world.role[role])
            for role in (Role.challenger, Role.sender, Role.partner, Role.patron)
        )
        self.neutrality, self.pressure = self.state("neutrality"), self.state("pressure")
        self.dependence = self.pair("trade")[:, self.challenger] / self.state("gdp")
        self.exposed = self.dependence / (self.dependence + 0.1)

    def run(self):
        PHASES[self.phase].run(self.world, self.model.clock, 0, self.n)

    def param(self, name):
        return float(self.world.param[Param[name], 0])

    def state(self, name):
        return self.world.state[StateVar[name], :, 0].copy()

    def directed(self, name):
        return self.world.directed[DirectedVar[name], ..., 0].copy()

    def pair(self, name):
        values = self.world.pair[PairVar[name], self.world.pair_of, 0]
        return np.where(self.world.pair_of >= 0, values, 0.0)

    def region(self, name):
        return float(self.world.region[RegionVar[name], 0])

    def excess(self, of, name):
        return of(name) - of(f"{name}_start")

    def leaning(self):
        """Return the mean alignment of each state with sender and patron, over the span."""
        both = self.directed("alignment")[:, [self.sender, self.patron]].sum(axis=1)
        return both / 2.0 / self.param("alignment_span")

    def next(self, now, motive, rate, span, more_inertia=0.0):
        inertia = self.param("choice_inertia") + more_inertia
        up, down = (
            np.exp((signed - inertia) / self.param("choice_temperature"))
            for signed in (motive, -motive)
        )
        return now + self.param(rate) * (span * (up - down) / (1.0 + up + down) - now)


def same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
class TestResponses:
    def test_align(self, seed):
        now = Before(seed, "weigh_alignment")
        aligns, alignment = now.directed("aligns"), now.directed("alignment")
        patrols = now.world.instrument[:, Instrument.joint_patrols, 0]
        raised = patrols[InstrumentRow.level] - patrols[InstrumentRow.start]
        threat, tension = now.directed("threat"), now.excess(now.pair, "tension")
        common = threat @ threat.T - now.directed("common_threat_start")
        motive = np.zeros((now.n, now.n))
        for i, k in np.argwhere(aligns > 0.0):
            open_to = (1.0 - now.neutrality[i]) * (1.0 - now.neutrality[k])
            motive[i, k] = now.param("threat_gain") * open_to * common[i, k] / 0.05
            burden = now.param("burden_patron" if i == now.patron else "burden_others")
            motive[i, k] += burden * now.state("effort")[k] / 0.1
            if i != now.patron:
                brokered = alignment[now.patron, [i, k]].mean() / now.param("alignment_span")
                motive[i, k] += now.param("brokerage") * brokered
            fear = 1.0 if i == now.patron else 0.5 * now.world.group[Group.allies, i]
            fear *= now.param("entrapment")
            motive[i, k] -= fear * tension[k, now.challenger] / 0.1
            exposure = now.param("alignment_exposure") * now.dependence[i]
            motive[i, k] -= exposure * now.pressure[i]
            if now.sender in (i, k):
                friction = now.param("friction_patrols") * now.pair("friction")[i, k]
                motive[i, k] -= friction * raised
            if i == now.patron and k in (now.sender, now.partner):
                motive[i, k] -= now.param("patron_restraint") * now.region("hostility")
        now.run()
        same(now.directed("alignment_motive"), motive)
        PHASES[now.phase + 1].run(now.world, now.model.clock, 0, now.n)
        span = aligns * now.param("alignment_span")
        following = now.next(alignment, motive, "alignment_rate", span)
        same(now.directed("alignment"), np.where(aligns > 0.0, following, 0.0))

    def test_press(self, seed):
        now = Before(seed, "press_others")
        others = np.arange(now.n) != now.challenger
        provoked = np.isin(np.arange(now.n), [now.sender, now.partner])
        stance = now.param("pressure_stance") * now.excess(now.state, "stance")
        wedge = -now.param("pressure_wedge") * now.neutrality
        provocation = np.where(provoked, now.param("pressure_hostility"), wedge)
        motive = (0.5 + now.exposed) * (
            stance / now.param("hedging_span")
            + now.param("pressure_alignment") * now.leaning() / 0.3
            + provocation * now.region("hostility")
        )
        own_loss = now.pair("trade")[now.challenger] / now.state("gdp")[now.challenger]
        own_loss *= now.param("pressure_own_loss")
        following = now.next(now.pressure, motive, "pressure_rate", 1.0, own_loss)
        now.run()
        same(now.state("pressure_motive")[others], motive[others])
        same(now.state("pressure")[others], following[others])
        assert now.state("pressure")[now.challenger] == 0.0

    def test_probe(self, seed):
        now = Before(seed, "update_probing")
        probes, probing = now.directed("probes"), now.directed("probing")
        gained = now.directed("success_believed") - now.directed("success_start")
        read = now.region("hostility") - now.region("resolve")
        leaning = now.param("probing_alignment") * now.leaning()
        motive = np.zeros((now.n, now.n))
        for i, j in np.argwhere(probes > 0.0):
            signalled = i == now.challenger and j in (now.sender, now.partner)
            theta = now.region("theta") if i == now.challenger else now.param("theta_third")
            motive[i, j] = gained[i, j] / 0.05 + (read if signalled else 0.0)
            motive[i, j] += (2.0 * theta - 1.0) * leaning[j]
        motive *= now.param("probing_gain")
        now.run()
        same(now.directed("probing_motive"), motive)
        span = probes * now.param("probing_span")
        same(now.directed("probing"), now.next(probing, motive, "probing_rate", span))

    def test_hedge(self, seed):
        now = Before(seed, "update_hedging")
        core = [now.sender, now.partner, now.patron]
        third = ~np.isin(np.arange(now.n), [now.challenger, *core])
        threat = now.excess(now.directed, "threat")[:, now.challenger]
        yielding = -(1.0 - 2.0 * now.param("hedging_backlash")) * now.pressure.clip(0.0)
        yielding += now.pressure.clip(max=0.0)
        success = now.directed("success_start") - now.directed("success_believed")
        polarised = now.excess(now.pair, "tension")[core, now.challenger].mean()
        growth = np.log(now.state("gdp")[now.challenger] / now.region("market_start"))
        motive = now.param("threat_gain") * threat / 0.05
        motive += now.param("hedging_pressure") * now.exposed / 3.0 * yielding
        motive += now.param("hedging_winner") * success[now.challenger, now.partner] / 0.05
        motive -= now.param("hedging_polarisation") * now.neutrality * polarised / 0.05
        motive -= now.param("hedging_market") * now.dependence / 0.1 * growth
        trade = now.excess(now.pair, "trade")
        elsewhere = trade.sum(axis=1) - trade[:, now.challenger]
        gained = 100.0 * elsewhere / now.state("gdp")
        inertia = now.param("hedging_neutrality") * now.neutrality
        inertia += now.param("hedging_gain") * gained.clip(0.0)
        hedging, span = now.state("hedging"), now.param("hedging_span")
        following = now.next(hedging, motive, "hedging_rate", span, inertia)
        now.run()
        same(now.state("hedging_motive"), np.where(third, motive, 0.0))
        same(now.state("hedging"), np.where(third, following, 0.0))

    def test_derisk(self, seed):
        now = Before(seed, "update_derisking")
        tension = now.excess(now.pair, "tension")[:, now.challenger]
        motive = now.param("derisking_pressure") * now.pressure.clip(0.0)
        motive += now.param("threat_gain") * tension / 0.1
        following = now.next(now.state("derisking"), motive, "derisking_rate", 1.0)
        now.run()
        others = np.arange(now.n) != now.challenger
        same(now.state("derisking_motive"), np.where(others, motive, 0.0))
        same(now.state("derisking"), np.where(others, following, 0.0))

    def test_learn(self, seed):
        now = Before(seed, "learn_intentions")
        two = [now.sender, now.partner]
        calm = (now.pair("rung")[two, now.challenger] < 2.0).all()
        working = now.pair("channel")[now.sender, now.challenger] - now.region("channel_start")
        incidents = now.excess(now.pair, "incidents")[two, now.challenger].sum()
        shift = now.param("learning_memory") * now.region("theta_shift")
        shift -= now.param("learning_channel") * (working if calm else 0.0)
        shift += now.param("learning_incidents") * incidents
        now.run()
        same(now.region("theta_shift"), shift)
        theta = now.param("theta_challenger")
        odds = theta / (1.0 - theta) * np.exp(shift)
        same(now.region("theta"), odds / (1.0 + odds))


def test_the_year_before_has_moved_what_is_tested():
    now = Before(1, "measure_risk")
    for name in ("pressure", "hedging", "derisking", "effort"):
        assert now.state(name).any(), name
    for name in ("alignment", "probing"):
        assert now.directed(name).any(), name
    assert now.region("theta_shift") != 0.0
