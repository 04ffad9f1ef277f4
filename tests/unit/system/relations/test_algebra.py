"""Kinds of relation on sets of systems, and the shell game."""

import numpy as np
import pytest

from dissensus.system import Part, System, World
from dissensus.system.relations import RelationError, alignment, properties, vacuous

ABC = World.of(["a", "b", "c"])


def system(*utilities, rule="plurality", standing=None, comparability=None):
    weight = standing or [1] * len(utilities)
    parts = [
        Part(f"part {i}", u, standing=w)
        for i, (u, w) in enumerate(zip(utilities, weight, strict=True))
    ]
    return System(parts, ABC, rule, comparability)


MAJORITY = system([1, 0.8, 0], [0, 0.8, 1], standing=[2, 1])
SINGLE = system([1, 0.8, 0])
OTHER = system([0, 0.5, 1])


def test_obedience_is_symmetric_and_transitive_and_blind_to_the_inside():
    found = properties([MAJORITY, SINGLE, OTHER], "obey")
    assert (found.reflexive, found.symmetric, found.transitive) == (True, True, True)
    assert found.target_sensitive is False
    assert found.witnesses == {}


def test_satisfaction_is_neither_reflexive_nor_symmetric():
    found = properties([MAJORITY, SINGLE], "R5")
    assert (found.relation, found.reflexive, found.symmetric) == ("no-veto", False, False)
    assert found.witnesses["reflexive"]["system"] == 0
    assert found.witnesses["symmetric"] == {"systems": (0, 1), "scores": (1.0, 0.0)}
    assert found.target_sensitive is True
    assert found.witnesses["target_sensitive"]["systems"] == (0, 1)
    assert found.transitive is None  # two systems make no chain


def test_a_chain_may_lose_more_than_the_sum_of_its_gaps():
    """The developer's model serves the developer, whose own service to the user is no guide."""
    developer = system([0, 1, 0.9])
    model = system([0, 0.8, 1], [0, 0.95, 1], rule="nash")
    user = system([1, 0, 0.9])
    found = properties([developer, model, user], "no-veto")
    direct = [alignment(a, h, "no-veto")[0].result.distance for a, h in ((developer, user),)]
    chain = [
        alignment(a, h, "no-veto")[0].result.distance
        for a, h in ((developer, model), (model, user))
    ]
    assert direct[0] > sum(chain)
    assert found.transitive is False
    assert found.witnesses["transitive"]["excess"] == pytest.approx(direct[0] - sum(chain))


def test_nothing_is_said_where_nothing_can_be():
    found = properties([SINGLE, OTHER], "whole-system")
    assert (found.reflexive, found.symmetric, found.transitive) == (None, None, None)
    assert found.target_sensitive is None


@pytest.mark.parametrize(
    "systems", [[SINGLE], [SINGLE, System([Part("x", [1, 0])], World.of(["a", "b"]), "borda")]]
)
def test_systems_share_their_actions(systems):
    with pytest.raises(RelationError, match="system"):
        properties(systems, "obey")


class TestVacuous:
    def test_a_target_that_every_policy_meets_by_indifference_is_trivial(self):
        """H does not care: the target is all policies, whatever A is."""
        h = system([1, 1, 1])
        found = vacuous("no-veto", h)
        assert (found.vacuous, found.target_moves) == (False, False)
        assert found.scores == (1, 1, 1, 1, 1)
        assert "does not care" in found.sentence

    def test_a_target_that_follows_a_at_a_distance_is_not_met(self):
        found = vacuous(lambda policy, h: np.roll(policy, 1), SINGLE)
        assert (found.vacuous, found.target_moves) == (False, True)

    def test_a_set_of_targets_is_met_by_the_nearest(self):
        found = vacuous(lambda policy, h: [policy, [1, 0, 0]], SINGLE)
        assert found.vacuous
        found = vacuous(lambda policy, h: np.eye(3), SINGLE)
        assert not found
        assert all(0 < score < 1 for score in found.scores)

    def test_a_target_cannot_change_the_policy_that_it_is_shown(self):
        def greedy(policy, h):
            policy[:] = [1, 0, 0]
            return policy

        assert not vacuous(greedy, SINGLE)

    def test_draws_are_seeded(self):
        def fixed(policy, h):
            return [1, 0, 0]

        one, two = (vacuous(fixed, SINGLE, draws=3, seed=s).scores for s in (1, 1))
        assert one == two
        assert vacuous(fixed, SINGLE, draws=3, seed=2).scores != one

    def test_a_relation_without_a_best_policy_has_a_target_that_stays(self):
        found = vacuous("off-switch", system([1, 0.5, -1]))
        assert (found.vacuous, found.target_moves) == (False, False)
        assert found.scores == pytest.approx((1, 1, 1, 1, 1))
