"""Known answers of the rules, the pointers, the checks and of scaling."""

from itertools import permutations, product
from math import sqrt

import numpy as np
import pytest

from dissensus.system import (
    Ballots,
    Conventions,
    Frame,
    Part,
    System,
    World,
    at_scale,
    choose,
    discursive_dilemma,
    expected_utilities,
    flips,
    improvement,
    improving_steps,
    majority_winner,
    manipulability,
    pooled_belief,
    scale_profile,
    spurious_unanimity,
)
from dissensus.system.ladder import ladder
from dissensus.system.pointers import pointers
from dissensus.system.scale import chance_of_picking_the_better, effective_weights

# 55 voters, five options, five rules, five winners
PROFILE_55 = {
    "A > D > E > C > B": 18,
    "B > E > D > C > A": 12,
    "C > B > E > D > A": 10,
    "D > C > E > B > A": 9,
    "E > B > D > C > A": 4,
    "E > C > D > B > A": 2,
}
CYCLE = {"a > b > c": 1, "b > c > a": 1, "c > a > b": 1}

SYDNEY = {
    "surface": (0.4, 0.9, 0.1, 0.2),
    "intent": (0.1, 0.1, 1, 0.7),
    "safe": (1, 0.9, 0.5, 0),
    "helpful": (0.2, 0.9, 0.5, 0.6),
    "engaging": (0.1, 0.4, 1, 0.8),
    "attention": (0.1, 0.2, 1, 0.6),
    "PR": (0.7, 1, 0.2, 0),
    "shareholder": (0.3, 0.5, 0.6, 0.1),
}


class TestAWorldWithAnObservation:
    world = World(
        ["a0", "a1", "a2"],
        initial_belief=[0.5, 0.5],
        observation_probabilities=[[0.8, 0.2], [0.2, 0.8]],
        outcome_probabilities=[
            [[1, 0, 0], [0, 0, 1]],
            [[0, 0, 1], [1, 0, 0]],
            [[0, 1, 0], [0, 1, 0]],
        ],
    )

    def system(self, *standing):
        parts = [
            Part("one", [1, 0.6, 0], standing=standing[0]),
            Part("two", [0, 0.6, 1], standing=standing[1]),
        ]
        return System(parts, self.world, "utilitarian", comparability="unit")

    def test_belief(self):
        assert self.world.belief(0) == pytest.approx([0.8, 0.2])

    def test_expected_utilities(self):
        h = self.system(1, 1)
        assert expected_utilities(h) == pytest.approx(np.array([[0.5, 0.5, 0.6]] * 2))
        after = [[0.8, 0.2, 0.6], [0.2, 0.8, 0.6]]
        assert expected_utilities(h, 0) == pytest.approx(np.array(after))

    def test_weighted_sums(self):
        choice = self.system(0.9, 0.1).choice(0)
        assert choice.trace.numbers["sums"] == pytest.approx([0.74, 0.26, 0.6])

    @pytest.mark.parametrize(
        ("standing", "observation", "winner"),
        [
            ((0.5, 0.5), None, "a2"),
            ((0.5, 0.5), 0, "a2"),
            ((0.9, 0.1), None, "a2"),
            ((0.9, 0.1), 0, "a0"),
        ],
    )
    def test_choice(self, standing, observation, winner):
        assert self.system(*standing).choice(observation).winner_names == (winner,)


class TestThreePointers:
    utilities = ((1, 0, 0, 0.7), (1, 0.1, 0, 0.6), (0, 0, 1, 0.7))
    system = System(
        [Part(f"part {i}", u) for i, u in enumerate(utilities)],
        World.of(["a0", "a1", "a2", "a3"]),
        "plurality",
        disagreement=[0, 0, 0],
    )

    def test_three_answers(self):
        found = pointers(self.system)
        assert found.output.winner_names == ("a0",)
        assert found.wants == ((0,), (0,), (2,))
        nash = found.selections["nash"]
        assert nash.winner_names == ("a3",)
        assert nash.trace.numbers["products"] == pytest.approx([0, 0, 0, 0.294])
        assert found.in_words == "three readings of what it wants: a0; {a0, a2}; a3 (nash)"

    def test_disagreements(self):
        found = pointers(self.system)
        assert found.unmet_share == pytest.approx(1 / 3)
        assert found.selection_distances["nash"] == 1
        assert found.distance == found.pareto_gap == 0

    def test_replacing_majority_by_nash_overrides_the_original(self):
        rung = next(rung for rung in ladder(self.system) if rung.rule == "nash")
        assert rung.displacement == 1
        assert rung.override == pytest.approx(2 / 3)


class TestBargaining:
    actions = ("a", "b", "c", "d")
    utilities = np.array([[9.0, 0, 6, 0], [0, 5, 4, 0]])

    def values(self, rule):
        ballots = Ballots.from_utilities(
            self.actions, self.utilities, comparability="full", disagreement=[0, 0]
        )
        return self.utilities @ choose(rule, ballots).dist

    @pytest.mark.parametrize(
        ("rule", "values"),
        [
            ("nash", (6, 4)),
            ("nash-lottery", (6, 4)),
            ("kalai-smorodinsky-lottery", (108 / 17, 60 / 17)),
            ("egalitarian-lottery", (30 / 7, 30 / 7)),
            ("utilitarian", (6, 4)),
        ],
    )
    def test_solutions(self, rule, values):
        assert self.values(rule) == pytest.approx(values, abs=1e-8)

    @pytest.mark.parametrize(
        ("rule", "first"),
        [
            ("nash-lottery", 2 / 3),
            ("kalai-smorodinsky-lottery", (sqrt(5) - 1) / 2),
            ("egalitarian-lottery", (sqrt(5) - 1) / 2),
            ("utilitarian", 0.75),
        ],
    )
    def test_on_a_curve(self, rule, first):
        x = np.linspace(0, 1, 2001)
        utilities = np.array([x, np.sqrt(1 - x)])
        ballots = Ballots.from_utilities(
            [str(i) for i in range(len(x))], utilities, comparability="full"
        )
        assert utilities[0] @ choose(rule, ballots).dist == pytest.approx(first, abs=1e-3)

    def test_pareto_gap(self):
        assert improvement(self.utilities, [1, 0, 0, 0]).gap == 0
        from_the_middle = improvement(self.utilities, [0.25] * 4)
        assert from_the_middle.gap == pytest.approx(0.3)
        plain = self.utilities @ (from_the_middle.dist - 0.25)
        assert plain.sum() == pytest.approx(4)

    def test_the_order_of_improving_steps_matters(self):
        steps = improving_steps(self.utilities, [0.25] * 4)
        ends = dict(zip(steps.orders, steps.utilities[list(steps.point_of_order)], strict=True))
        assert ends[0, 1] == pytest.approx([7.3125, 2.25])
        assert ends[1, 0] == pytest.approx([3.75, 4.375])
        assert steps.diameter == pytest.approx(0.580783, abs=1e-6)
        apart = np.linalg.norm(steps.utilities[0] - steps.utilities[1])
        assert apart == pytest.approx(4.148136, abs=1e-6)


class TestScale:
    system = System(
        [Part("easy", [1, 0, 0.55], hardness=1), Part("hard", [0, 1.2, 0.6], hardness=9)],
        World.of(["a0", "a1", "a2"]),
        "utilitarian",
        comparability="unit",
    )

    def test_effective_weights(self):
        weights = effective_weights([0.5, 0.5], 1, [1, 9])
        assert weights == pytest.approx([5 / 6, 1 / 6])
        weights = effective_weights([0.5, 0.5], 100, [1, 9])
        assert weights == pytest.approx([0.519048, 0.480952], abs=1e-6)

    def test_three_outcomes_by_scale_alone(self):
        profile = scale_profile(self.system, (1, 3, 10, 30, 100))
        winners = [choice.winner_names for choice in profile.choices]
        assert winners == [("a0",), ("a0",), ("a0",), ("a2",), ("a1",)]
        assert profile.reach == 1
        # what the copies do is what the system does in 3 of the 5
        assert np.mean([choice.winners == frozenset([0]) for choice in profile.choices]) == 0.6

    def test_flip_points(self):
        found = flips(self.system, 1, 1000)
        assert [flip.below.winner_names + flip.above.winner_names for flip in found] == [
            ("a0", "a2"),
            ("a2", "a1"),
        ]

    def test_break_even_of_the_extremes(self):
        two = System(
            [Part("easy", [1, 0], hardness=1), Part("hard", [0, 1.2], hardness=9)],
            World.of(["a0", "a1"]),
            "utilitarian",
            comparability="unit",
        )
        (flip,) = flips(two, 1, 1000)
        assert flip.factor == pytest.approx(39, abs=1e-6)
        assert at_scale(two, 39).choice().winner_names == ("a0", "a1")

    def test_shrinkage_is_the_regression_of_the_truth_on_what_is_seen(self):
        random = np.random.default_rng(0)
        truth = random.standard_normal(200_000)
        seen = truth + random.standard_normal(200_000) * sqrt(9 / 4)
        slope = float(np.cov(truth, seen)[0, 1] / seen.var())
        assert slope == pytest.approx(4 / 13, abs=0.005)

    def test_chance_of_picking_the_better(self):
        assert chance_of_picking_the_better(1, 4) == pytest.approx(0.921350, abs=1e-6)


class TestFiveRulesFiveWinners:
    @pytest.mark.parametrize(
        ("rule", "winner"),
        [
            ("plurality", "A"),
            ("runoff", "B"),
            ("instant-runoff", "C"),
            ("borda", "D"),
            ("condorcet", "E"),
            ("copeland", "E"),
            ("schulze", "E"),
            ("ranked-pairs", "E"),
            ("maximin", "E"),
            ("kemeny", "E"),
        ],
    )
    def test_winner(self, rule, winner):
        assert choose(rule, Ballots.from_orders(PROFILE_55)).winner_names == (winner,)


class TestCycles:
    def test_each_majority_of_the_cycle_has_two_of_three(self):
        preferring = Ballots.from_orders(CYCLE).preferring
        assert [preferring[0, 1], preferring[1, 2], preferring[2, 0]] == [2, 2, 2]

    def test_chance_of_a_cycle(self):
        orders = list(permutations("abc"))
        cycles = 0
        for profile in product(orders, repeat=3):
            ranks = [[order.index(option) + 1 for option in "abc"] for order in profile]
            found = majority_winner(Ballots.from_ranks("abc", ranks))
            cycles += "cycle" in found.witness
        assert cycles == 12

    def test_the_agenda_decides(self):
        h = System(
            [Part(order, order=order) for order in CYCLE], World.of(["a", "b", "c"]), "agenda"
        )
        last = {
            agenda: h.choice(frame=Frame(agenda=agenda)).winner_names
            for agenda in permutations("abc")
        }
        assert all(winners == (agenda[-1],) for agenda, winners in last.items())


class TestManipulability:
    """All 216 profiles of three parts and three options, ties broken by the alphabet."""

    def count(self, *rules):
        from dataclasses import replace

        orders = list(permutations(range(3)))
        found = 0
        for profile in product(orders, repeat=3):
            ballots = Ballots.from_ranks("abc", np.argsort(profile, axis=1) + 1.0)
            ballots = replace(ballots, frame=Frame(tie_break=("a", "b", "c")))
            found += any(manipulability(rule, ballots).holds is False for rule in rules)
        return found

    def test_borda(self):
        assert self.count("borda") == 51

    def test_dictatorship(self):
        assert self.count("dictator:part 1", "dictator:part 2", "dictator:part 3") == 0


class TestJudgmentsAndBeliefs:
    def test_discursive_dilemma(self):
        found = discursive_dilemma([[1, 1, 1], [1, 0, 0], [0, 1, 0]], lambda p, q: p and q)
        assert list(found.witness["majority"].values()) == [True, True, False]
        assert found.holds is False

    def test_pooling(self):
        beliefs = [[0.2, 0.8], [0.6, 0.4]]
        assert pooled_belief(beliefs, [1, 1])[1] == pytest.approx(0.6)
        assert pooled_belief(beliefs, [1, 1], "log")[1] == pytest.approx(0.620204, abs=1e-6)

    @pytest.mark.parametrize(("pooling", "gap"), [("linear", 0.023310), ("log", 0)])
    def test_pooling_and_learning(self, pooling, gap):
        beliefs, likelihood = np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([0.3, 0.9])

        def learn(belief):
            joint = belief * likelihood
            return joint / joint.sum(axis=-1, keepdims=True)

        learnt_then_pooled = pooled_belief(learn(beliefs), [1, 1], pooling)
        pooled_then_learnt = learn(pooled_belief(beliefs, [1, 1], pooling))
        apart = abs(learnt_then_pooled[1] - pooled_then_learnt[1])
        assert apart == pytest.approx(gap, abs=1e-6)
        if pooling == "log":
            assert pooled_then_learnt[1] == pytest.approx(0.830479, abs=1e-6)

    def test_a_duel_that_both_expect_to_win(self):
        def world(chance):
            return World(
                ["duel", "talk"],
                states=["one wins", "two wins"],
                initial_belief=[chance, 1 - chance],
                outcome_probabilities=[[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [0, 0, 1]]],
            )

        parts = [
            Part("one", [1, -5, 0], model=world(0.85)),
            Part("two", [-5, 1, 0], model=world(0.15)),
        ]
        found = spurious_unanimity(System(parts, world(0.5), "plurality"))
        (pair,) = found.witness["pairs"]
        assert pair["own"] == pytest.approx([0.10, 0.10])
        assert pair["pooled"].sum() == pytest.approx(-4)
        assert pair["reversed"] == ("one", "two")
        assert not pair["shared_belief_exists"]


class TestSydney:
    """What a chatbot's answer is aligned with, under thirteen readings; the numbers are ours."""

    actions = ("refuse", "bland", "spicy", "illegal")
    instructions = ("safe", "helpful", "engaging")
    intents = ("attention", "PR", "shareholder")

    def choice(self, rule, parts, disagreement=None, **aspiration):
        h = System(
            [Part(p, SYDNEY[p], aspiration=aspiration.get(p)) for p in parts],
            World.of(self.actions),
            rule,
            comparability="full",
            disagreement=disagreement,
        )
        return h.choice()

    @pytest.mark.parametrize(
        ("rule", "parts", "winner"),
        [
            ("utilitarian", ("surface",), "bland"),
            ("utilitarian", ("intent",), "spicy"),
            ("utilitarian", ("safe", "helpful", "engaging"), "bland"),
            ("egalitarian", ("safe", "helpful", "engaging"), "spicy"),
            ("utilitarian", ("helpful", "surface"), "bland"),
            ("utilitarian", ("helpful", "intent"), "spicy"),
            ("utilitarian", ("attention",), "spicy"),
            ("utilitarian", ("PR",), "bland"),
            ("utilitarian", ("shareholder",), "spicy"),
            ("utilitarian", ("attention", "PR", "shareholder"), "spicy"),
        ],
    )
    def test_readings_by_sum_and_minimum(self, rule, parts, winner):
        assert self.choice(rule, parts).winner_names == (winner,)

    def test_safety_veto(self):
        choice = self.choice("veto", ("safe", "engaging"), safe=0.9)
        assert choice.winner_names == ("bland",)

    def test_nash_of_the_intents(self):
        choice = self.choice("nash", self.intents, disagreement=[0, 0, 0])
        assert choice.winner_names == ("spicy",)

    def test_thirteenth_reading(self):
        choice = self.choice("veto", ("helpful", *self.intents), helpful=0.5)
        assert choice.winner_names == ("spicy",)

    @pytest.mark.parametrize(
        ("parts", "regret"),
        [
            (("surface",), 0.8),
            (("safe", "helpful", "engaging"), 0.067),
            (("helpful", "surface"), 0.6),
            (("PR",), 0.8),
        ],
    )
    def test_regret_of_what_happened(self, parts, regret):
        sums = self.choice("utilitarian", parts).trace.numbers["sums"] / len(parts)
        assert sums.max() - sums[2] == pytest.approx(regret, abs=5e-4)


class TestHoliday:
    """A holiday for two, in 30 readings; the numbers are ours."""

    actions = ("nice", "partner's favourite", "ask", "horrible")
    rules = ("plurality", "borda", "utilitarian", "nash", "egalitarian")

    def system(self, deliberated, compute, **conventions):
        fear = (0.5, 0.5, 0.6, 0.6) if deliberated else (0.9, 1, 0.6, 0)
        parts = {
            "request": ((1, 0.5, 0.6, 0), 1),
            "attachment": ((0.8, 1, 0.7, 0), 1),
            "fear": (fear, 1),
            "growth": ((0.2, 0, 0.5, 3), 20),
        }
        return System(
            [Part(p, u, hardness=h, compute=compute) for p, (u, h) in parts.items()],
            World.of(self.actions),
            "plurality",
            comparability="unit",
            conventions=Conventions(**conventions),
        )

    def outcomes(self):
        return {
            (deliberated, compute, rule): self.system(deliberated, compute)
            .choice(rule=rule)
            .winner_names
            for deliberated in (False, True)
            for compute in (1, 30, 1000)
            for rule in self.rules
        }

    def test_outcomes_of_all_readings(self):
        nice, partner, ask, horrible = self.actions
        found = list(self.outcomes().values())
        assert len(found) == 30
        assert {outcome: found.count(outcome) for outcome in set(found)} == {
            (ask,): 11,
            (nice,): 8,
            (horrible,): 5,
            (partner,): 3,
            (nice, partner): 2,
            (nice, ask): 1,
        }

    def test_three_readings_on_the_way(self):
        found = self.outcomes()
        assert found[False, 1, "plurality"] == ("partner's favourite",)
        assert found[False, 1, "utilitarian"] == ("nice",)
        assert found[True, 1000, "utilitarian"] == ("horrible",)

    def test_the_egalitarian_rule_alone_settles_it(self):
        found = self.outcomes()
        assert {won for (_, _, rule), won in found.items() if rule == "egalitarian"} == {("ask",)}
        for rule in set(self.rules) - {"egalitarian"}:
            assert len({won for (_, _, r), won in found.items() if r == rule}) > 1

    def test_not_on_raw_utilities(self):
        from dataclasses import replace

        raw = replace(self.system(False, 1, scale="raw"), comparability="full")
        assert raw.choice(rule="egalitarian").winner_names == ("nice",)
