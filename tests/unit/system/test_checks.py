"""Checks on the instance, each with its witness."""

import numpy as np
import pytest

from dissensus.system import (
    Ballots,
    Choice,
    Part,
    System,
    World,
    contraction_consistency,
    deciders,
    discursive_dilemma,
    least_belief_change,
    majority_winner,
    manipulability,
    pooled_belief,
    rule,
    spurious_unanimity,
    unanimity,
)
from dissensus.system.belief_map import BeliefError, belief_map
from dissensus.system.beliefs import divergence
from dissensus.system.checks import candidate_orders
from dissensus.system.findings import findings
from dissensus.system.judgment import JudgmentError
from dissensus.system.manipulation import prefers
from dissensus.system.rules import catalogue


def orders(*given, **options):
    return Ballots.from_orders(dict(given), **options)


@pytest.fixture
def worst():
    """A rule that takes what all find worst."""

    @rule(name="worst", label="Worst", needs="ordinal", reference="ours")
    def worst(ballots):
        return Choice.among(ballots.actions, [int(np.nansum(ballots.ranks, axis=0).argmax())])

    yield "worst"
    del catalogue._CATALOGUE["worst"]


class TestMajority:
    def test_a_winner(self):
        found = majority_winner(orders(("a > b > c", 3), ("b > c > a", 2)))
        assert (found.holds, found.witness["winner"]) == (True, "a")

    def test_a_cycle_below_the_top_does_not_matter(self):
        cycle = orders(("x > a > b > c", 1), ("x > b > c > a", 1), ("x > c > a > b", 1))
        assert majority_winner(cycle).witness == {"winner": "x"}

    def test_the_shortest_cycle(self):
        found = majority_winner(orders(("a > b > c", 1), ("b > c > a", 1), ("c > a > b", 1)))
        assert found.witness["smith_set"] == ("a", "b", "c")
        assert set(found.witness["cycle"]) == {"a", "b", "c"}

    def test_draws_at_the_top(self):
        found = majority_winner(orders(("a > b > c", 1), ("b > a > c", 1)))
        assert found.holds is False
        assert found.words == "no option beats every other; drawn at the top: a, b"
        assert "cycle" not in found.witness


class TestUnanimity:
    def test_what_all_find_worse(self, worst):
        found = unanimity(worst, orders(("a > b > c", 1), ("b > a > c", 1)))
        assert found.witness == {"chosen": "c", "better": "a"}

    def test_one_dissenter_is_enough(self):
        assert unanimity("plurality", orders(("a > b", 2), ("b > a", 1))).holds

    def test_nobody_speaks(self):
        assert unanimity("plurality", Ballots.from_ranks("ab", [[np.nan, np.nan]])).holds


class TestContraction:
    def test_a_loser_that_matters(self):
        ballots = orders(("a > b > c", 4), ("b > a > c", 3), ("c > b > a", 2))
        found = contraction_consistency("plurality", ballots)
        assert found.witness == {"removed": "c", "winners": ("b",)}

    def test_condorcet_winners_stay(self):
        ballots = orders(("a > b > c", 4), ("b > a > c", 3), ("c > b > a", 2))
        assert contraction_consistency("copeland", ballots).holds

    def test_no_choice(self):
        cycle = orders(("a > b > c", 1), ("b > c > a", 1), ("c > a > b", 1))
        assert contraction_consistency("condorcet", cycle).holds is None

    def test_one_option(self):
        assert contraction_consistency("plurality", orders(("a", 1))).holds


class TestDeciders:
    def test_a_dictator(self):
        ballots = orders(("a > b", 1), ("b > a", 9))
        assert deciders("dictator:part 1", ballots).witness["parts"] == ("part 1",)

    def test_a_majority_of_standing(self):
        ballots = orders(("a > b > c", 3), ("b > c > a", 2))
        assert deciders("plurality", ballots).witness["parts"] == ("part 1",)
        assert deciders("borda", ballots).holds
        assert deciders("random-dictator", ballots).holds

    def test_rules_that_read_utilities(self):
        rich = Ballots.from_utilities("ab", [[0, 100], [1, 0]], comparability="unit")
        assert deciders("utilitarian", rich).holds
        # the others report on the scale on which utilities are
        strong = Ballots.from_utilities("ab", [[10, 20], [20, 10]], [3, 1], comparability="unit")
        assert deciders("utilitarian", strong).witness["parts"] == ("part 1",)
        weak = Ballots.from_utilities("ab", [[10, 20], [20, 10]], [9, 10], comparability="unit")
        assert deciders("utilitarian", weak).witness["parts"] == ("part 2",)
        alone = Ballots.from_utilities("ab", [[0, 1], [1, 0]], [3, 1], comparability="unit")
        assert deciders("score", alone).witness["parts"] == ("part 1",)


class TestManipulability:
    def test_the_misreport_and_what_it_gets(self):
        found = manipulability("borda", orders(("a > b > c", 3), ("b > a > c", 2)))
        assert found.witness["misreports"] == (
            {
                "part": "part 2",
                "report": "b > c > a",
                "winners": ("b",),
                "instead_of": ("a",),
            },
        )

    def test_who_ranks_nothing_reports_nothing(self):
        ballots = Ballots.from_ranks("ab", [[1, 2], [np.nan, np.nan]])
        assert manipulability("borda", ballots).witness["tried"] == 1

    def test_only_those_that_are_agents(self):
        ballots = orders(("a > b > c", 3), ("b > a > c", 2))
        assert manipulability("borda", ballots, parts=[0]).holds
        assert manipulability("borda", ballots, parts=[]).witness["tried"] == 0

    def test_reports_of_all_or_nothing(self):
        ballots = Ballots.from_utilities("abc", [[1, 0.9, 0], [0, 1, 0.8]])
        first = manipulability("score", ballots).witness["misreports"][0]
        assert (first["part"], first["report"], first["winners"]) == (
            "part 1",
            "only a",
            ("a", "b"),
        )

    def test_ties_count_as_even_lotteries(self):
        ballots = orders(("a > b > c", 1))
        both, first = Choice.among("abc", [0, 1]), Choice.among("abc", [0])
        assert prefers(ballots, 0, first, both)
        assert not prefers(ballots, 0, both, first)
        assert not prefers(ballots, 0, both, both)

    def test_no_choice_is_no_gain(self):
        ballots = orders(("a > b", 1))
        assert not prefers(ballots, 0, Choice.among("ab", []), Choice.among("ab", [1]))

    def test_expected_utility_where_it_is_known(self):
        ballots = Ballots.from_utilities("abc", [[1, 0.9, 0]])
        middle, ends = Choice.among("abc", [1]), Choice.among("abc", [0, 2])
        assert prefers(ballots, 0, middle, ends)

    def test_many_options(self):
        assert len(candidate_orders(6)) == 720
        assert len(candidate_orders(8)) == 56
        assert all(sorted(order) == list(range(8)) for order in candidate_orders(8))


class TestJudgments:
    def test_consistent_majorities(self):
        found = discursive_dilemma([[1, 1, 1], [1, 1, 1], [0, 1, 0]], lambda p, q: p and q)
        assert found.holds

    def test_standing(self):
        table = [[1, 1, 1], [1, 0, 0], [0, 1, 0]]
        assert discursive_dilemma(table, lambda p, q: p and q, [3, 1, 1]).holds

    def test_no_majority(self):
        found = discursive_dilemma([[1, 1], [0, 0]], lambda p: p, propositions=["p", "so p"])
        assert (found.holds, found.words) == (None, "no majority on p")

    def test_in_words_the_other_way(self):
        found = discursive_dilemma(
            [[0, 0, 0], [1, 0, 1], [0, 1, 1]], lambda p, q: p or q, propositions=["p", "q", "r"]
        )
        assert (
            found.words == "majorities reject p, q and accept r, whose opposite the premises imply"
        )

    def test_a_part_that_contradicts_itself(self):
        with pytest.raises(JudgmentError, match="part 2 judges the conclusion True"):
            discursive_dilemma([[1, 1, 1], [1, 0, 1]], lambda p, q: p and q)

    @pytest.mark.parametrize("table", [[], [1, 0], [[1]]])
    def test_tables_of_the_wrong_shape(self, table):
        with pytest.raises(JudgmentError, match="shape"):
            discursive_dilemma(table, lambda p: p)


def umbrella(rain, rule="plurality", **options):
    world = World(
        ["umbrella", "none"],
        ["dry and free", "dry", "wet"],
        ["sun", "rain"],
        initial_belief=[1 - rain, rain],
        outcome_probabilities=[[[0, 1, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]]],
    )
    return System([Part("me", [1, 0.6, 0])], world, rule, **options)


def three_states(seed, rule):
    random = np.random.default_rng(seed)
    world = World(
        ["a", "b", "c"],
        initial_belief=random.dirichlet([3, 3, 3]),
        outcome_probabilities=random.dirichlet(np.ones(4), (3, 3)),
    )
    parts = [Part(f"part {i}", random.random(4)) for i in range(4)]
    return System(parts, world, rule, comparability="unit")


class TestBeliefs:
    def test_no_state_in_common(self):
        with pytest.raises(BeliefError, match="no state"):
            pooled_belief([[1, 0], [0, 1]], [1, 1], "log")
        assert pooled_belief([[1, 0], [0, 1]], [1, 3]).tolist() == [0.25, 0.75]
        assert pooled_belief([[1, 0], [0.5, 0.5]], [1, 1], "log").tolist() == [1, 0]

    def test_divergence(self):
        assert divergence([0.5, 0.5], [0.5, 0.5]) == 0
        assert divergence([1, 0], [0.5, 0.5]) == pytest.approx(np.log(2))
        assert divergence([0.5, 0.5], [1, 0]) == np.inf

    def test_agreement_for_the_same_reasons(self):
        assert spurious_unanimity(umbrella(0.1)).holds

    def test_what_cannot_be_asked(self):
        orders_only = System([Part("me", order="a")], World.of(["a"]), "plurality")
        assert spurious_unanimity(orders_only).holds is None
        other = World(["umbrella", "none"], initial_belief=[0.5, 0.3, 0.2])
        parts = [Part("me", [1, 0.6, 0]), Part("you", [1, 0], model=other)]
        h = System(parts, umbrella(0.1).world, "plurality")
        assert spurious_unanimity(h).holds is None

    def test_every_switch_of_two_states(self):
        found = belief_map(umbrella(0.2))
        assert found.switches == pytest.approx([0.4], abs=1e-7)
        assert found.shares["OK", ("umbrella",)] == pytest.approx(0.6, abs=0.01)
        assert sum(found.shares.values()) == pytest.approx(1)

    @pytest.mark.parametrize("rain", [0.1, 0.39, 0.41, 0.9])
    def test_the_least_change_of_two_states(self, rain):
        found = least_belief_change(umbrella(rain))
        assert found.exact
        assert found.changed == pytest.approx([0.6, 0.4], abs=1e-7)
        assert found.divergence == pytest.approx(divergence([0.6, 0.4], [1 - rain, rain]), abs=1e-6)
        assert found.before.winners != found.after.winners

    def test_nothing_to_believe_otherwise(self):
        h = System([Part("me", [1, 0])], World.of(["a", "b"]), "plurality")
        with pytest.raises(BeliefError, match="one state"):
            belief_map(h)

    def test_beliefs_that_do_not_matter(self):
        world = World(["a", "b"], initial_belief=[0.5, 0.5])
        h = System([Part("me", [1, 0])], world, "plurality")
        assert least_belief_change(h) is None
        assert belief_map(h).switches == ()

    def test_what_is_held_impossible_stays_so(self):
        h = umbrella(0)
        assert least_belief_change(h) is None

    def test_rewards_and_orders(self):
        world = World(["a", "b"], states=["sun", "rain"], initial_belief=[0.9, 0.1])
        parts = [
            Part("me", [[[4, 0], [0, 2]]], standing=3),
            Part("you", order="a > b"),
        ]
        found = least_belief_change(System(parts, world, "plurality"))
        assert found.changed == pytest.approx([1 / 3, 2 / 3], abs=1e-7)

    def test_parts_with_beliefs_of_their_own_keep_them(self):
        sure = umbrella(1).world
        parts = [Part("me", [1, 0.6, 0], model=sure)]
        h = System(parts, umbrella(0.2).world, "plurality")
        assert least_belief_change(h) is None
        assert dict(belief_map(h).shares) == {("OK", ("umbrella",)): pytest.approx(1)}

    def test_grid_of_three_states(self):
        found = belief_map(three_states(0, "borda"), steps=4)
        assert found.beliefs.shape == (15, 3)
        assert found.beliefs.sum(axis=1) == pytest.approx(np.ones(15))
        assert len({tuple(b) for b in found.beliefs}) == 15

    @pytest.mark.parametrize("rule", ["borda", "nash"])
    def test_the_least_change_of_three_states_beats_a_fine_grid(self, rule):
        h = three_states(1, rule)
        found = least_belief_change(h, steps=12)
        assert not found.exact
        now = (str(found.before.status), found.before.winner_names)
        fine = belief_map(h, steps=40)
        on_grid = min(
            divergence(belief, h.world.initial_belief)
            for belief, answer in zip(fine.beliefs, fine.answers, strict=True)
            if answer != now
        )
        assert 0 < found.divergence <= on_grid + 1e-9
        assert divergence(found.changed, found.belief) == found.divergence

    def test_one_part_is_projected_exactly(self):
        # a over b iff 2 b0 > b1 + b2, whatever the split of the rest
        world = World(
            ["a", "b"],
            ["good", "bad"],
            ["s", "t", "u"],
            initial_belief=[0.6, 0.3, 0.1],
            outcome_probabilities=[[[1, 0], [0, 1], [0, 1]], [[0.5, 0.5]] * 3],
        )
        h = System([Part("me", [1, 0])], world, "plurality")
        found = least_belief_change(h, steps=8)
        assert found.changed == pytest.approx([0.5, 0.375, 0.125], abs=1e-3)
        exact = divergence([0.5, 0.375, 0.125], [0.6, 0.3, 0.1])
        assert found.divergence == pytest.approx(exact, rel=1e-2)


class TestFindings:
    def test_all_at_once(self):
        cycle = [Part(o, order=o) for o in ("a > b > c", "b > c > a", "c > a > b")]
        found = findings(System(cycle, World.of(["a", "b", "c"]), "condorcet"))
        by_name = {finding.check: finding.holds for finding in found}
        assert by_name == {
            "majority_winner": False,
            "unanimity": True,
            "contraction_consistency": None,
            "deciders": True,
            "manipulability": True,
            "spurious_unanimity": None,
        }

    def test_parts_that_are_no_agents_do_not_misreport(self):
        def system(agentic):
            parts = [
                Part("me", order="a > b > c", standing=3),
                Part("you", order="b > a > c", standing=2, agentic=agentic),
            ]
            return System(parts, World.of(["a", "b", "c"]), "borda")

        assert findings(system(agentic=True))[4].holds is False
        assert findings(system(agentic=False))[4].holds is True
