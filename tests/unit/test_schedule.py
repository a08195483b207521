"""The order of a month, and what phases compute against the equations of docs/odd.md."""

import re

import numpy as np
import pytest
from scipy import special

from regional_sim.engine.build import build_world
from regional_sim.mesa_model import RegionModel
from regional_sim.model import schedule
from regional_sim.model.mechanisms.ladder import RUNG_NAMES, WAR
from regional_sim.model.metrics.catalogue import Metric
from regional_sim.model.options import LOGISTIC_SHOCK, Option
from regional_sim.model.parameters import Param
from regional_sim.model.schedule import ACTIONS, MEASURES, PHASES, Phase
from regional_sim.model.variables import (
    BeliefVar,
    DirectedVar,
    Group,
    InstrumentRow,
    Observer,
    PairVar,
    RegionVar,
    Role,
    StateVar,
)
from regional_sim.postures import Instrument
from tests.support.worlds import random_world, short

NAMES = [phase.name for phase in PHASES]


class TestOrder:
    def test_no_name_stands_twice_and_all_act_before_any_measures(self):
        assert len(set(NAMES)) == len(NAMES)
        assert ACTIONS + MEASURES == PHASES
        assert all(phase.by_state for phase in ACTIONS)
        assert not any(phase.by_state for phase in MEASURES)

    def test_forces_of_one_observer_are_compared_before_the_next_observer(self):
        # Forces stand in one place, for the observer at work.
        seen = [phase for phase in PHASES if phase.observer is not None]
        assert [phase.name for phase in seen] == [
            f"{what}_{observer.name}"
            for observer in Observer
            for what in ("project_force", "contest_success")
        ]
        places = [NAMES.index(phase.name) for phase in seen]
        first, last = NAMES.index("mobilise_force"), NAMES.index("update_threat")
        assert places == list(range(first + 1, last))

    @pytest.mark.parametrize("observer", [None, *Observer])
    def test_a_phase_takes_the_month_or_its_observer(self, observer):
        taken = []

        def look(world, when, lo, hi):
            taken.append((world, when, lo, hi))

        phase = Phase(look, observer=observer)
        phase.run("a world", 7, 2, 5)
        assert taken == [("a world", 7 if observer is None else int(observer), 2, 5)]
        assert phase.name == ("look" if observer is None else f"look_{observer.name}")

    def test_the_table_names_every_phase_in_order(self):
        table = schedule.__doc__.partition("(*) Once")[0]
        functions = list(dict.fromkeys(phase.function.__name__ for phase in PHASES))
        assert re.findall(rf"\b(?:{'|'.join(functions)})\b", table) == functions


# --------------------------------------------------------------------- equations of odd.md


class Reference:
    """The first steps of a month of a single run, written down from the equations."""

    def __init__(self, world, scenario):
        self.world, self.scenario = world, scenario
        self.n = scenario.n_states
        self.option = {option.name: int(world.option[option]) for option in Option}
        self.role = {role.name: int(world.role[role]) for role in Role}

    def param(self, name):
        return float(self.world.param[Param[name], 0])

    def state(self, name):
        return self.world.state[StateVar[name], :, 0]

    def directed(self, name):
        return self.world.directed[DirectedVar[name], ..., 0]

    def pair(self, name):
        return np.where(
            self.world.pair_of >= 0, self.world.pair[PairVar[name], self.world.pair_of, 0], 0.0
        )

    def raised(self, name):
        level = self.world.instrument[:, Instrument[name], 0]
        return level[InstrumentRow.level] - level[InstrumentRow.start]

    def region(self, name):
        return float(self.world.region[RegionVar[name], 0])

    def others(self, *states):
        return [k for k in range(self.n) if k not in states]

    def half_width(self):
        width = self.scenario.dyad_values("ambiguity")
        excess = np.maximum(self.state("stance") - self.state("stance_start"), 0.0)
        sender, partner = self.role["sender"], self.role["partner"]
        width[:, partner] *= np.exp(-self.param("narrowing_stance") * excess)
        talked = np.exp(-self.param("narrowing_dialogue") * self.raised("partner_dialogue"))
        for k, j in ((sender, partner), (partner, sender)):
            width[k, j] *= talked
        return width

    def believed(self, observer):
        """Return q by row and column; on the diagonal a state is with itself."""
        logits = self.directed("commitment").copy()
        if observer != Observer.truth:
            alpha = self.param(f"alpha_{observer.name}")
            logits += self.half_width() * (2.0 * alpha - 1.0)
            theta = self.param("theta_third")
            if observer == Observer.challenger:
                theta = self.region("theta")
            resolve = self.param("signal_gain") * (1.0 - theta) * self.region("signal")
            logits[self.role["sender"], self.role["partner"]] += resolve
        chance = special.expit(logits)
        np.fill_diagonal(chance, 1.0)
        return chance

    def mobilised(self):
        return self.state("capability") * np.exp(self.state("readiness"))

    def forces(self, observer):
        """Return the forces of rows toward columns, to strike and to defend."""
        q, host = self.believed(observer), self.world.host
        reach = self.param("distance_decay_km")
        near = np.exp(-self.scenario.dyad_values("projection_km") / reach)
        home = np.exp(-self.scenario.dyad_values("home_km") / reach)
        access, in_defence = np.ones((2, self.n, self.n))
        for k, j in np.argwhere(host >= 0):
            access[k, j] = q[host[k, j], k]
            in_defence[k, j] = 1.0 - (1.0 - q[host[k, j], k]) * (1.0 - q[host[k, j], j])
        mobilised = self.mobilised()[:, None]
        strike = mobilised * (access * near + (1.0 - access) * home)
        defend = mobilised * (in_defence * near + (1.0 - in_defence) * home)
        for reached in (strike, defend):
            reached[self.role["patron"], self.role["partner"]] *= self.region("patron_share")
        return strike, defend

    def timely(self):
        aligned = self.param("alignment_sharing") * self.directed("alignment")
        share = self.directed("interoperability") + aligned
        drilled = self.param("interoperability_gain") * self.raised("joint_patrols")
        share[self.role["sender"], self.role["partner"]] += drilled
        share = np.clip(share, 0.0, 1.0)
        shared = np.clip(self.directed("pooling") + aligned, 0.0, 1.0)
        start = self.state("detection_start")
        warning = start + shared * (self.state("detection") - start)
        return share + (1.0 - share) * (2.0 * warning - 1.0)

    def both_sides(self, observer, i, j):
        """Return what i can bring against j, and what can be set against it."""
        q, timely = self.believed(observer), self.timely()
        strike, defend = self.forces(observer)
        attack, defence = strike[i, j], self.mobilised()[j]
        for k in self.others(i, j):
            support = q[k, i] * (1.0 - q[k, j]) * timely[k, i] * strike[k, j]
            attack += self.param("attack_support") * support
            defence += q[k, j] * (1.0 - q[k, i]) * timely[k, j] * defend[k, j]
        return attack, defence

    def observer_of(self, i):
        named = {
            self.role["challenger"]: Observer.challenger,
            self.role["partner"]: Observer.partner,
        }
        return named.get(i, Observer.third)

    def success(self, observer, i, j):
        exponent = self.option["contest_exponent"]
        attack, defence = (side**exponent for side in self.both_sides(observer, i, j))
        return attack / (attack + defence)

    def threat(self, i, j):
        attack, _ = self.both_sides(self.observer_of(i), j, i)
        ratio = attack / self.mobilised()[i]
        return self.directed("hostile")[i, j] * (0.5 + 0.25 * np.log(ratio))

    def payoff(self, i, j, success, rung):
        """Return the payoff of going from a rung to the next."""
        gdp, trade = self.state("gdp"), self.pair("trade")[i, j]
        dependence = (trade / gdp[i], trade / gdp[j])
        bond = np.mean(dependence) if self.option["dependence"] == 1 else min(dependence)
        share = trade / (self.pair("trade")[i].sum() + self.state("rest_trade")[i])
        bond *= 1.0 - self.param("openness_discount") * (1.0 - share)
        vote = "vote_oppose" if self.state("stance")[i] > 0.0 else "vote_support"
        third = self.others(i, j)
        opposed = gdp[third] @ self.state(vote)[third] / gdp[third].sum() if third else 0.0
        restraint = self.pair("restraint")[i, j]
        restraint = max(restraint, 1.0) if rung + 1 == WAR else restraint
        steps = {
            name: self.param(f"{name}_rung_{rung + 1}")
            for name in ("gain", "loss", "cost", "restraint")
        }
        held_back = self.param("economic_restraint") * bond
        held_back += self.param("diplomatic_restraint") * self.pair("relevance")[i, j] * opposed
        stake = self.directed("stake")[i, j] * (0.5 + self.pair("tension")[i, j])
        loss = self.param("loss_weight") / self.state("resolve")[i]
        return (
            success * stake * steps["gain"]
            - (1.0 - success) * loss * steps["loss"]
            - held_back * steps["cost"]
            - self.param("ladder_restraint") * restraint * steps["restraint"]
        )

    def chance(self, payoff):
        scaled = payoff / self.param("shock_sd")
        if self.option["shock"] == LOGISTIC_SHOCK:
            return special.expit(np.pi / np.sqrt(3.0) * scaled)
        return special.ndtr(scaled)

    def pairs(self):
        return [(i, j) for i in range(self.n) for j in self.others(i)]


def run_until(model, last):
    """Carry the month on, up to a phase, for all states at once."""
    for phase in PHASES[: NAMES.index(last) + 1]:
        phase.run(model.world, model.clock, 0, model.region.n_states)


def a_month(seed):
    """A world in its fifth month after the onset, with pairs at all rungs, and the reference."""
    alphas = {"challenger": 0.2, "partner": 0.9, "third": 0.6}
    settings = {f"parameters.alpha_{observer}": alpha for observer, alpha in alphas.items()}
    settings["options.shock"] = Option.shock.choices[seed % 2]
    scenario = short(random_world(seed, 3 + seed % 5), 2, 20, **settings)
    model = RegionModel(scenario, "new_approach", seed, collect=False)
    for _ in range(6):
        model.step()
    rungs = np.random.default_rng(seed).integers(0, len(RUNG_NAMES), model.world.pair.shape[1])
    model.world.pair[PairVar.rung, :, 0] = rungs
    model._controller.steer(model.world, model.clock)
    return model, Reference(model.world, scenario)


def check(found, expected, atol=0.0):
    for (name, i, j), value in expected.items():
        np.testing.assert_allclose(found(name)[i, j], value, rtol=1e-10, atol=atol)


@pytest.mark.parametrize("seed", range(10))
class TestEquations:
    def test_beliefs_forces_chances_and_threats(self, seed):
        model, reference = a_month(seed)
        run_until(model, "update_threat")
        observers = {reference.observer_of(i) for i in range(reference.n)}
        assert observers == {Observer.third, Observer.challenger, Observer.partner}
        for observer in Observer:
            abstain = model.world.belief[BeliefVar.abstain_probability, observer, ..., 0]
            expected = 1.0 - reference.believed(observer)
            np.testing.assert_allclose(abstain, expected, rtol=1e-10, atol=1e-12)
        expected = {}
        for i, j in reference.pairs():
            observer = reference.observer_of(i)
            expected["success_believed", i, j] = reference.success(observer, i, j)
            expected["success_true", i, j] = reference.success(Observer.truth, i, j)
            expected["threat", i, j] = reference.threat(i, j)
        check(reference.directed, expected)
        total = reference.directed("threat").sum(axis=1)
        np.testing.assert_allclose(reference.state("threat"), total, rtol=1e-12)

    def test_chances_of_the_next_rung_as_believed_and_in_truth(self, seed):
        model, reference = a_month(seed)
        run_until(model, "update_escalation_probabilities")
        rung = reference.pair("rung").astype(int)
        expected = {}
        for i, j in reference.pairs():
            believed = reference.directed("success_believed")[i, j]
            true = reference.directed("success_true")[i, j]
            error = reference.param("hostility_bias") + reference.directed("error")[i, j]
            steps = [
                reference.chance(reference.payoff(i, j, believed, step) + error)
                for step in range(WAR)
            ]
            for step in range(3):
                expected[f"step_{step + 1}", i, j] = steps[step]
            at_war = rung[i, j] == WAR
            expected["chance", i, j] = 0.0 if at_war else steps[rung[i, j]]
            expected["chance_true", i, j] = (
                0.0 if at_war else reference.chance(reference.payoff(i, j, true, rung[i, j]))
            )
        # The normal distribution function is good to 1e-15.
        check(reference.directed, expected, atol=1e-14)

    def test_common_threat(self, seed):
        model, reference = a_month(seed)
        run_until(model, "weigh_alignment")
        threat = reference.directed("threat")
        aligned = np.argwhere(reference.directed("aligns") > 0.0)
        assert len(aligned) > 0
        expected = {("common_threat", i, k): threat[i] @ threat[k] for i, k in aligned}
        check(reference.directed, expected, atol=1e-14)

    def test_entanglement(self, seed):
        model, reference = a_month(seed)
        run_until(model, "measure_deterrence")
        # Beliefs are those of the month, before commitments moved.
        q = 1.0 - model.world.belief[BeliefVar.abstain_probability, Observer.third, ..., 0]
        hedgers = model.world.group[Group.hedgers]
        steps = [reference.directed(f"step_{step + 1}") for step in range(3)]
        trigger, rung = reference.pair("trigger"), reference.pair("rung")
        change, total = reference.pair("rung_change"), np.zeros(2)
        for i, j in reference.pairs():
            if i < j:
                path = 1.0
                for step in range(3):
                    if rung[i, j] - change[i, j] <= step:
                        either = 1.0 - (1.0 - steps[step][i, j]) * (1.0 - steps[step][j, i])
                        path *= trigger[i, j] * either
                for k in reference.others(i, j):
                    drawn = path * (1.0 - (1.0 - q[k, i]) * (1.0 - q[k, j]))
                    total += drawn * np.array([1.0, hedgers[k]])
        for metric, value in zip(
            (Metric.entanglement, Metric.entanglement_hedgers), total, strict=True
        ):
            np.testing.assert_allclose(model.world.metric[metric, 0], value, rtol=1e-10)


# ------------------------------------------------------------ what a batch may leave out


def at_rungs(world, rungs):
    """A batch of a world whose pairs stand at a rung of their own in each run."""
    batch = build_world(world, len(rungs))
    batch.pair[PairVar.rung] = np.array(rungs, dtype=float)
    return batch


@pytest.mark.parametrize(
    "phase", ["update_escalation_probabilities", "update_rungs", "measure_deterrence"]
)
def test_no_run_of_a_batch_feels_the_rungs_of_another(phase):
    # War is considered, and exits are looked for, only where a run of the batch could take them.
    world = random_world(4, 5)
    rungs = [0, 3, 1, 4, 2]
    together = at_rungs(world, rungs)
    alone = [at_rungs(world, [rung]) for rung in rungs]
    draw = np.random.default_rng(6).random((1, *together.draw.shape[1:3], 1))
    for batch in (together, *alone):
        batch.draw[:] = draw
        for one in PHASES[: NAMES.index(phase) + 1]:
            one.run(batch, 0, 0, world.n_states)
    not_said = {DirectedVar.step_4}
    directed = [variable for variable in DirectedVar if variable not in not_said]
    for run, single in enumerate(alone):
        assert np.array_equal(
            together.directed[directed, ..., run], single.directed[directed, ..., 0]
        )
        for name in ("state", "pair", "belief", "region", "metric"):
            values = getattr(together, name)[..., run]
            assert np.array_equal(values, getattr(single, name)[..., 0]), name
    chance = together.directed[DirectedVar.chance]
    upper = np.triu_indices(world.n_states, 1)
    assert np.all(chance[..., 3][upper] == 0.0)
    assert np.all(chance[..., 1][upper] > 0.0)


def test_the_step_to_war_is_weighed_where_a_run_stands_before_it():
    world = random_world(4, 4)
    for rungs, weighed in (([0, 1, 2], False), ([0, 3, 1], True), ([4], True)):
        batch = at_rungs(world, rungs)
        before = batch.directed[DirectedVar.step_4].copy()
        for one in PHASES[: NAMES.index("update_escalation_probabilities") + 1]:
            one.run(batch, 0, 0, world.n_states)
        assert not before.any()
        assert batch.directed[DirectedVar.step_4].any() == weighed
