"""How fast a small push dies out, or grows."""

import numpy as np
import pytest

from regional_sim.engine.stability import spectral_radius
from regional_sim.scenario import load_scenario, shipped_configs

# Sharp choices, and all gains of the loop of stance, pressure and tension at their bounds.
UNSTABLE = {
    "parameters.tension_divergence": 3.0,
    "parameters.tension_pressure": 1.0,
    "parameters.tension_threat": 3.0,
    "parameters.tension_rate": 0.6,
    "parameters.pressure_stance": 1.5,
    "parameters.threat_gain": 3.0,
    "parameters.choice_temperature": 0.2,
    "parameters.choice_inertia": 0.3,
    "parameters.hedging_backlash": 1.0,
    "parameters.hedging_pressure": 6.0,
    "parameters.hedging_span": 0.5,
}


@pytest.mark.parametrize("name", shipped_configs())
def test_a_push_dies_out_at_the_defaults(name):
    (radius,) = spectral_radius([load_scenario(name)])
    assert 0.9 < radius < 1.0


def test_worlds_together_have_the_radius_of_each_alone():
    world = load_scenario("four_states")
    worlds = [world.with_settings({"parameters.tension_rate": rate}) for rate in (0.1, 0.4)]
    alone = [spectral_radius([one])[0] for one in worlds]
    assert np.array_equal(spectral_radius(worlds), alone)


def test_the_radius_is_that_of_the_slowest_return():
    """Where nothing feeds back, commitments return at their rate."""
    gains = ("threat_gain", "tension_threat", "tension_divergence", "tension_pressure")
    gains += ("burden_patron", "burden_others", "brokerage")
    settings = {f"parameters.{name}": 0.0 for name in gains}
    settings["parameters.commitment_rate"] = 0.005
    (radius,) = spectral_radius([load_scenario("four_states").with_settings(settings)])
    assert radius == pytest.approx(0.995, abs=1e-3)


def test_gains_of_loops_raise_it_above_1():
    world = load_scenario("baseline")
    plain, strong = spectral_radius([world, world.with_settings(UNSTABLE)])
    assert plain < 1.0 < strong
