"""Who is friend or foe to whom, by rule."""

import numpy as np
import pytest

from regional_sim.engine.relations import friendships, hostility, may_align, may_probe
from regional_sim.scenario import load_scenario
from tests.support.worlds import random_world

# Sender JPN, partner TWN, challenger CHN, patron USA.
CHN, JPN, TWN, USA = range(4)
NOBODY = {
    f"dyads.commitment.{one}:{other}": 0.02
    for one in ("CHN", "JPN", "TWN", "USA")
    for other in ("CHN", "JPN", "TWN", "USA")
    if one != other
}


def of(function, **settings):
    """Return the relations of four states that are not committed to each other, but for settings.

    ``commitment__USA_JPN`` is the commitment of the United States to Japan.
    """
    given = {}
    for name, value in settings.items():
        figure, _, pair = name.partition("__")
        mark = "-" if figure == "tension" else ":"
        given[f"dyads.{figure}.{pair.replace('_', mark)}"] = value
    return function(load_scenario("four_states").with_settings({**NOBODY, **given}))


class TestFriendships:
    def test_only_commitments_of_a_tenth_make_friends(self):
        found = of(friendships, commitment__USA_JPN=0.1, commitment__JPN_USA=0.099)
        assert found[USA, JPN] == 0.1
        found[USA, JPN] = 0.0
        assert not found.any()


class TestHostility:
    def test_the_root_of_tension_where_it_is_high_enough(self):
        found = of(hostility, tension__CHN_TWN=0.49, tension__CHN_JPN=0.0999)
        assert found[CHN, TWN] == found[TWN, CHN] == pytest.approx(0.7, rel=1e-15)
        assert found[CHN, JPN] == found[JPN, CHN] == 0.0

    def test_a_commitment_of_either_makes_both_friends(self):
        found = of(hostility, tension__CHN_TWN=0.5, commitment__CHN_TWN=0.1)
        assert found[CHN, TWN] == found[TWN, CHN] == 0.0

    def test_clients_of_one_patron_are_friends(self):
        one = {"tension__JPN_TWN": 0.5, "commitment__USA_JPN": 0.3}
        assert of(hostility, **one)[JPN, TWN] > 0.0
        assert of(hostility, **one, commitment__USA_TWN=0.3)[JPN, TWN] == 0.0


class TestMayProbe:
    def test_a_stake_and_no_friend(self):
        stakes = {"stake__CHN_TWN": 1.0, "stake__TWN_CHN": 0.7}
        assert of(may_probe, **stakes)[CHN, TWN] == 1.0
        assert of(may_probe, **stakes)[TWN, CHN] == 0.0
        assert of(may_probe, **stakes, commitment__TWN_CHN=0.2)[CHN, TWN] == 0.0


class TestMayAlign:
    def test_toward_sender_partner_and_patron_outside_the_challengers_camp(self):
        found = of(may_align)
        expected = np.zeros((4, 4))
        for i in (JPN, TWN, USA):
            for k in (JPN, TWN, USA):
                expected[i, k] = i != k
        assert np.array_equal(found, expected)

    def test_who_is_tied_the_challenger_is_of_its_camp(self):
        found = of(may_align, commitment__CHN_JPN=0.1)
        assert not found[JPN].any()
        assert not found[:, JPN].any()
        assert found[TWN, USA] == 1.0

    def test_what_a_scenario_says_goes_before_the_rule(self):
        found = of(may_align, aligns__JPN_TWN=0.5, aligns__USA_TWN=0.0, aligns__JPN_CHN=1.0)
        assert found[JPN, TWN] == 0.5
        assert found[JPN, CHN] == 0.0
        assert found[USA, TWN] == 0.0

    def test_the_rival_is_of_the_challengers_camp(self):
        world = load_scenario("baseline")
        rival = world.codes.index(world.role("rival"))
        assert not may_align(world)[rival].any()
        assert not may_align(world)[:, rival].any()


@pytest.mark.parametrize("seed", range(12))
def test_no_state_is_related_itself_and_no_friend_is_hostile(seed):
    world = random_world(seed)
    for function in (hostility, may_align, may_probe):
        assert not np.diag(function(world)).any()
    enemies = hostility(world) > 0.0
    assert np.array_equal(enemies, enemies.T)
    friends = (friendships(world) > 0.0) | (friendships(world) > 0.0).T
    assert not (enemies & friends).any()
    assert not ((may_probe(world) > 0.0) & friends).any()
