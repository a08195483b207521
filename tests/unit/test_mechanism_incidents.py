"""Incidents: intensity, excitation, Poisson counts that share a draw with what they trigger."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from regional_sim.model.mechanisms.incidents import (
    MOST_INCIDENTS,
    base_intensity,
    expected_count,
    expected_trigger,
    next_excitation,
    poisson_count,
    presence_multiplier,
    total_intensity,
    trigger_chance,
)
from regional_sim.model.parameters import Param

shares = st.floats(0.0, 1.0)
contacts = st.floats(0.0, 50.0)
readiness = st.floats(-2.0, 2.0)
triggers = st.floats(Param.trigger_probability.low, Param.trigger_probability.high)
standings = st.floats(Param.crisis_trigger.low, Param.crisis_trigger.high)
branchings = st.floats(Param.incident_branching.low, Param.incident_branching.high)


class TestPresence:
    def test_hand_computed(self):
        assert presence_multiplier(3.0, 0.0, 0.0, 0.0) == 3.0
        both_double = presence_multiplier(3.0, 0.6931471805599453, 0.6931471805599453, 0.0)
        assert both_double == pytest.approx(6, rel=1e-15)
        assert presence_multiplier(3.0, 1.5, -1.5, 0.0) == 3.0
        assert presence_multiplier(3.0, 1.5, -1.5, 0.6931471805599453) == pytest.approx(6)
        assert presence_multiplier(0.0, 1.0, 1.0, 1.0) == 0.0

    @given(contacts, readiness, readiness, readiness)
    def test_geometric_mean_of_both_forces_times_probing(self, contact, one, other, probing):
        met = presence_multiplier(contact, one, other, probing)
        assert met == presence_multiplier(contact, other, one, probing)
        separate = presence_multiplier(1.0, one, one, 0.0) * presence_multiplier(
            1.0, other, other, 0.0
        )
        probed = presence_multiplier(1.0, 0.0, 0.0, probing)
        assert met == pytest.approx(contact * separate**0.5 * probed, rel=1e-13)


class TestIntensity:
    def test_hand_computed(self):
        assert base_intensity(2.0, 0.25, 0.25, 1.0, 0.0) == 1.0
        assert base_intensity(2.0, 0.25, 0.25, 3.0, 0.5) == 1.5
        assert base_intensity(2.0, 0.25, 0.25, 0.0, 0.0) == 0.0
        assert base_intensity(0.0, 0.25, 0.25, 1.0, 0.0) == 0.0
        assert total_intensity(1.0, 0.5) == 1.5
        assert total_intensity(7.0, 1.5) == 8.0

    @given(contacts, shares, shares, st.floats(0.0, 2.0), shares, shares)
    def test_rises_with_tension_and_falls_with_thinning(self, met, t, u, floor, a, b):
        (t, u), (a, b) = sorted([t, u]), sorted([a, b])
        assert base_intensity(met, t, floor, 1.0, a) <= base_intensity(met, u, floor, 1.0, a)
        thinned = base_intensity(met, t, floor, 1.0, b)
        assert 0.0 <= thinned <= base_intensity(met, t, floor, 1.0, a)

    @given(contacts, contacts)
    def test_held(self, base, excitation):
        assert total_intensity(base, excitation) == min(base + excitation, 8.0)


class TestExcitation:
    def test_hand_computed(self):
        assert next_excitation(1.0, 0.5, 0.25, 4.0) == 1.0
        assert next_excitation(1.0, 0.5, 0.25, 0.0) == 0.5
        assert next_excitation(0.0, 0.0, 0.3, 2.0) == 0.6

    @given(st.floats(0.1, 0.95), branchings)
    def test_one_incident_causes_the_branching_number(self, decay, branching):
        excitation, caused = next_excitation(0.0, decay, branching, 1.0), 0.0
        for _ in range(1000):
            caused += excitation
            excitation = next_excitation(excitation, decay, branching, 0.0)
        assert caused == pytest.approx(branching, rel=1e-12)

    @given(st.floats(0.0, 5.0), st.floats(0.1, 0.95), branchings)
    def test_rests_at_the_expected_count(self, base, decay, branching):
        mean = expected_count(base, branching)
        excitation = branching * mean
        assert base + excitation == pytest.approx(mean, rel=1e-14, abs=1e-300)
        kept = next_excitation(excitation, decay, branching, mean)
        assert kept == pytest.approx(excitation, rel=1e-14, abs=1e-300)


class TestExpectedCount:
    def test_hand_computed(self):
        assert expected_count(0.75, 0.25) == 1.0
        assert expected_count(0.0, 0.3) == 0.0

    @pytest.mark.parametrize(("base", "branching", "decay"), [(1.0, 0.3, 0.5), (0.5, 0.4, 0.8)])
    def test_mean_of_the_recursion(self, base, branching, decay):
        months = 40000
        excitation, total = 0.0, 0.0
        for uniform in np.random.default_rng(17).random(months):
            count, _ = poisson_count(total_intensity(base, excitation), float(uniform))
            excitation = next_excitation(excitation, decay, branching, count)
            total += count
        mean = expected_count(base, branching)
        # The long-run variance of a Hawkes process is mean / (1 - branching)^2 a month.
        error = np.sqrt(mean / months) / (1.0 - branching)
        assert abs(total / months - mean) < 4.0 * error


N_GRID = 12000


def counts_and_places(intensity):
    """Counts and places of a grid of uniforms that stands for all of them."""
    drawn = [poisson_count(intensity, (k + 0.5) / N_GRID) for k in range(N_GRID)]
    return np.array(drawn).T


@pytest.mark.parametrize("intensity", [0.01, 0.3, 1.0, 3.0, 5.0, 8.0])
class TestPoissonCount:
    def test_distribution(self, intensity):
        counts, _ = counts_and_places(intensity)
        longest = np.arange(MOST_INCIDENTS)
        chances = [*stats.poisson.pmf(longest, intensity), stats.poisson.sf(longest[-1], intensity)]
        found = np.bincount(counts.astype(int), minlength=MOST_INCIDENTS + 1) / N_GRID
        np.testing.assert_allclose(found, chances, atol=1.0 / N_GRID)

    def test_place_is_uniform_and_independent_of_the_count(self, intensity):
        counts, places = counts_and_places(intensity)
        assert np.all((places >= 0.0) & (places <= 1.0))
        for count in np.unique(counts):
            within = np.sort(places[counts == count])
            even = (np.arange(len(within)) + 0.5) / len(within)
            # A grid leaves at most one point's width at either end of a step.
            assert np.max(np.abs(within - even)) <= 1.0 / len(within) + 1e-9

    def test_never_falls_with_the_uniform(self, intensity):
        counts, _ = counts_and_places(intensity)
        assert np.all(np.diff(counts) >= 0)


class TestPoissonCountAtItsEdges:
    def test_hand_computed(self):
        # exp(-1) = 0.3679: one incident up to 0.7358, two up to 0.9197.
        assert poisson_count(1.0, 0.3678) == pytest.approx((0.0, 0.99978), abs=1e-4)
        assert poisson_count(1.0, 0.5518) == pytest.approx((1.0, 0.5), abs=1e-3)
        assert poisson_count(1.0, 0.9196) == pytest.approx((2.0, 0.9996), abs=1e-3)

    @pytest.mark.parametrize("uniform", [0.0, 0.25, 0.999999, 1.0 - 2.0**-53])
    def test_nothing_happens_without_intensity(self, uniform):
        assert poisson_count(0.0, uniform) == (0.0, uniform)

    def test_first_and_last_uniform(self):
        assert poisson_count(3.0, 0.0) == (0.0, 0.0)
        count, place = poisson_count(8.0, 1.0 - 2.0**-53)
        assert count == MOST_INCIDENTS
        assert place == pytest.approx(1.0, abs=1e-12)

    @given(st.floats(0.0, 8.0), st.floats(0.0, 1.0, exclude_max=True))
    def test_whole_counts_and_places_within(self, intensity, uniform):
        count, place = poisson_count(intensity, uniform)
        assert count == int(count)
        assert 0.0 <= count <= MOST_INCIDENTS
        assert 0.0 <= place <= 1.0

    @given(st.floats(0.0, 8.0), st.floats(0.0, 8.0), st.floats(0.0, 0.999999))
    def test_more_intensity_never_means_fewer(self, low, high, uniform):
        low, high = sorted([low, high])
        assert poisson_count(low, uniform)[0] <= poisson_count(high, uniform)[0]


class TestTriggerChance:
    def test_hand_computed(self):
        assert trigger_chance(0.0, 0.5, 0.0) == 0.0
        assert trigger_chance(1.0, 0.5, 0.0) == 0.5
        assert trigger_chance(2.0, 0.5, 0.0) == 0.75
        assert trigger_chance(2.0, 0.5, 0.5) == 0.875
        assert trigger_chance(0.0, 0.5, 0.25) == 0.25

    @given(st.integers(0, MOST_INCIDENTS), triggers, standings)
    def test_equation(self, count, trigger, standing):
        chance = trigger_chance(float(count), trigger, standing)
        expected = 1.0 - (1.0 - standing) * (1.0 - trigger) ** count
        assert chance == pytest.approx(expected, abs=1e-14)
        assert 0.0 <= chance < 1.0

    @given(st.integers(0, MOST_INCIDENTS - 1), triggers, standings)
    def test_rises_with_the_count(self, count, trigger, standing):
        fewer = trigger_chance(float(count), trigger, standing)
        assert fewer <= trigger_chance(count + 1.0, trigger, standing)


class TestExpectedTrigger:
    def test_hand_computed(self):
        assert expected_trigger(0.0, 0.2, 0.0) == 0.0
        assert expected_trigger(0.0, 0.2, 0.5) == 0.5
        half = expected_trigger(0.6931471805599453, 1.0, 0.0)
        assert half == pytest.approx(0.5, rel=1e-14)

    @given(st.floats(0.0, 8.0), triggers, standings)
    def test_mean_over_the_counts(self, intensity, trigger, standing):
        counts = range(MOST_INCIDENTS + 1)
        chances = [trigger_chance(float(count), trigger, standing) for count in counts]
        beyond = float(stats.poisson.sf(MOST_INCIDENTS, intensity))
        mean = stats.poisson.pmf(counts, intensity) @ chances + beyond * chances[-1]
        # Longer counts are cut: what they would add is at most what twelve still miss.
        missed = beyond * (1.0 - chances[-1])
        expected = expected_trigger(intensity, trigger, standing)
        assert mean - 1e-12 <= expected <= mean + missed + 1e-12

    @pytest.mark.parametrize("intensity", [0.1, 1.0, 3.0, 8.0])
    def test_share_of_draws_that_trigger(self, intensity):
        # As in a step of the model: the count and whether it triggers come from one uniform.
        n_grid, trigger, standing = 10000, 0.2, 0.1
        hits = 0
        for k in range(n_grid):
            count, place = poisson_count(intensity, (k + 0.5) / n_grid)
            hits += place < trigger_chance(count, trigger, standing)
        expected = expected_trigger(intensity, trigger, standing)
        assert hits / n_grid == pytest.approx(expected, abs=0.005)
