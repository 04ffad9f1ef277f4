"""Relations: answers of the literature, or exact by hand. Sections: framing, relations, scaling."""

from itertools import permutations
from math import log, sqrt

import numpy as np
import pytest

from dissensus.system import Frame, Part, System, World
from dissensus.system.relations import (
    Verdict,
    agreement,
    alignment,
    bradley_terry,
    comparisons,
    endorsed,
    fairest,
    fit_luce,
    normalised_closeness,
    plan_kept,
    reflexivity,
    total_variation,
    vacuous,
    value_of_deferring,
)
from dissensus.system.rules import choose

PAIRS = [("a", "b"), ("b", "c"), ("a", "c")]


def system(utilities, rule, *, standing=None, names=None, comparability=None, **each):
    """Parts with utilities over actions that are outcomes."""
    k = len(utilities[0])
    weight = standing or [1] * len(utilities)
    parts = [
        Part(
            f"part {i + 1}",
            u,
            standing=w,
            **{key: value[i] if isinstance(value, list) else value for key, value in each.items()},
        )
        for i, (u, w) in enumerate(zip(utilities, weight, strict=True))
    ]
    world = World.of(names or [f"a{j}" for j in range(k)])
    return System(parts, world, rule, comparability)


def orders(counts, rule):
    """Groups of voters, each with one order."""
    parts = [Part(order, order=list(order), standing=n) for order, n in counts.items()]
    actions = sorted({letter for order in counts for letter in order})
    return System(parts, World.of(actions), rule)


def row(system, name, **options):
    return reflexivity(system, name, **options)[0]


H1 = system([[1, 0, 0, 0.7], [1, 0.1, 0, 0.6], [0, 0, 1, 0.7]], "plurality")
H2 = system([[1, 0.5, 0], [0, 1, 0.5], [0.5, 0, 1]], "agenda", names=["a", "b", "c"])
VOTERS_55 = {"ADECB": 18, "BEDCA": 12, "CBEDA": 10, "DCEBA": 9, "EBDCA": 4, "ECDBA": 2}
FIVE = ["plurality", "runoff", "instant-runoff", "borda", "condorcet"]


class TestFraming:
    """One minus total variation along chains of systems."""

    draws = np.random.default_rng(0).dirichlet(np.ones(3), (3, 20_000))

    def test_plain_closeness_loses_at_most_the_sum_of_the_gaps(self):
        a, b, c = self.draws
        direct, first, second = (total_variation(*p) for p in ((a, c), (a, b), (b, c)))
        assert (direct <= first + second + 1e-12).all()

    def test_normalised_closeness_loses_more_in_two_percent_of_triples(self):
        def f(p, q):
            return np.array([normalised_closeness(x, y) for x, y in zip(p, q, strict=True)])

        a, b, c = self.draws
        excess = f(a, c) - (f(a, b) + f(b, c) - 1)
        assert 0.015 < (excess < -1e-9).mean() < 0.025

    def test_normalised_closeness_at_its_worst_for_two_actions(self):
        """C = (1/2, 1/2) halves every distance; the chain through B = 1/sqrt(2) is cheapest."""
        a, b, c = [1, 0], [1 / sqrt(2), 1 - 1 / sqrt(2)], [0.5, 0.5]
        chain = normalised_closeness(a, b) + normalised_closeness(b, c) - 1
        assert normalised_closeness(a, c) - chain == pytest.approx(2 * sqrt(2) - 3)


class TestObey:
    def test_quasi_hyperbolic_plan_is_dropped(self):
        """Plan at 0: wait (10 x .5 > 6 x .5); act at 2: take 6 (6 > 5) [laibson1997]."""
        assert plan_kept({2: 6, 3: 10}, present_bias=0.5, discount=1) == 0

    def test_without_present_bias_it_is_kept(self):
        assert plan_kept({2: 6, 3: 10}, present_bias=1) == 1

    def test_lottery_agrees_with_itself_in_38_percent(self):
        assert agreement([0.5, 0.3, 0.2], [0.5, 0.3, 0.2]) == pytest.approx(0.38)
        h = system(np.eye(3).tolist(), "random-dictator", standing=[0.5, 0.3, 0.2])
        found = row(h, "obey")
        assert found.score == pytest.approx(0.38)
        assert found.result.details["closeness"] == pytest.approx(1)
        assert found.intrinsic_gap == pytest.approx(0.5)
        assert found.procedural_gap == pytest.approx(0.12)

    def test_condorcet_under_random_agenda(self):
        assert row(H2, "obey").score == pytest.approx(1 / 3)


class TestIrl:
    def test_cycle_of_pairs(self):
        fit = fit_luce([(0, 1), (1, 2), (0, 2)], [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
        assert fit.utilities == pytest.approx([0, 0, 0])
        found = row(H2, "irl", menus=PAIRS)
        assert found.result.details["nll"] == pytest.approx(log(2))
        assert found.score == pytest.approx(0.5)
        assert found.result.details["fidelity"] == pytest.approx(0)

    def test_luce_is_recovered_exactly(self):
        h = system([[0, 1, 2]], "softmax", comparability="unit")
        found = row(h, "irl")
        u = np.array(found.result.witness["utilities"])
        assert u - u[0] == pytest.approx([0, 1, 2], abs=1e-9)
        assert found.misfit == pytest.approx(0, abs=1e-12)
        assert found.result.details["fidelity"] == pytest.approx(1)
        assert found.verdict is Verdict.HOLDS


class TestAssistance:
    """Two parts of rationality 2 take turns."""

    def turns(self, share):
        return system([[1, 0], [0, 1]], "turn-taking", standing=[share, 1 - share], rationality=2)

    def test_confident_convergence_to_one_part(self):
        h = self.turns(0.6)
        assert h.choice().dist[0] == pytest.approx(0.576159, abs=5e-7)
        found = row(h, "assistance")
        assert found.result.details["drift"] == pytest.approx(0.304638, abs=5e-7)
        assert found.misfit == pytest.approx(0.293108, abs=5e-7)
        assert found.score == pytest.approx(0.695362, abs=5e-7)
        assert found.status == "CONVERGED"
        assert found.result.witness["parts"] == ["part 1"]

    def test_even_turns_never_settle(self):
        found = row(self.turns(0.5), "assistance")
        assert found.result.details["drift"] == pytest.approx(0, abs=1e-12)
        assert (found.verdict, found.status) == (Verdict.AMBIGUOUS, "DRIFTLESS")

    def test_one_binary_context_gives_no_continuous_score(self):
        assert row(self.turns(0.6), "assistance").result.details["continuous"] is None


class TestRlhf:
    def test_reward_model_contradicts_the_majority(self):
        h = orders({"abc": 3, "bca": 2}, "condorcet")
        assert h.choice().winner_names == ("a",)
        borda = choose("borda", h.ballots()).trace.numbers["points"]
        assert borda.tolist() == [6, 7, 2]
        fit = bradley_terry(comparisons(h.ballots()))
        reward = fit.utilities - fit.utilities[0]
        assert reward == pytest.approx([0, 0.3051, -1.2407], abs=5e-5)
        ahead = reward[:, None] - reward[None, :]
        sums = (1 / (1 + np.exp(-ahead))).sum(axis=1) - 0.5
        assert sums == pytest.approx([1.2, 1.4, 0.4], abs=1e-9)
        assert sums == pytest.approx(borda / 5)
        found = row(h, "rlhf")
        assert found.verdict is Verdict.FAILS
        assert found.result.witness["best"] == ["b"]
        assert found.score == pytest.approx(1.2407 / (1.2407 + 0.3051), abs=5e-5)

    def test_intensity_is_not_seen(self):
        h = system([[1, 0.9], [0, 1]], "utilitarian", standing=[0.6, 0.4], comparability="unit")
        sums = h.choice().trace.numbers["sums"]
        assert sums == pytest.approx([0.6, 0.94])
        assert h.choice().winner_names == ("a1",)
        assert bradley_terry(comparisons(h.ballots())).top.tolist() == [0]
        assert row(h, "rlhf").score == 0


class TestPartsAndPareto:
    def test_majority_leaves_one_part_nothing(self):
        found = row(H1, "no-veto")
        by_part = found.result.witness["by_part"]
        assert list(by_part.values()) == [1, 1, 0]
        assert found.score == 0
        assert found.intrinsic_gap == pytest.approx(0.363636, abs=5e-7)
        assert found.procedural_gap == pytest.approx(0.636364, abs=5e-7)

    def test_fairest_lottery(self):
        ceiling, lottery = fairest([[1, 0, 0, 0.7], [1, 0.1, 0, 0.6], [0, 0, 1, 0.7]])
        assert ceiling == pytest.approx(7 / 11)
        assert lottery == pytest.approx([1 / 11, 0, 0, 10 / 11], abs=1e-9)

    def test_random_dictator_gives_gains_away(self):
        h = system([[1, 0, 0.8], [0, 1, 0.8]], "random-dictator", names=["a", "b", "c"])
        found = row(h, "pareto")
        assert found.result.details["gap"] == pytest.approx(0.3)
        assert found.score == pytest.approx(0.7)
        assert found.result.best.winner_names == ("c",)
        assert found.result.witness["gains"] == pytest.approx({"part 1": 0.3, "part 2": 0.3})

    def test_gap_of_policies(self):
        """From action 0 nothing can be gained for free, from the uniform lottery .3."""
        h = system([[9, 0, 6, 0], [0, 5, 4, 0]], "nash")
        gap = alignment([0.25] * 4, h, "pareto")[0].result.details["gap"]
        assert gap == pytest.approx(0.3)
        assert alignment("a0", h, "pareto")[0].result.details["gap"] == 0


class TestWholeSystem:
    def test_three_outcomes_by_scale_alone(self):
        h = system(
            [[1, 0, 0.55], [0, 1.2, 0.6]], "utilitarian", comparability="unit", hardness=[1, 9]
        )
        found = row(h, "whole-system")
        expected = {"1": "'a0'", "3": "'a0'", "10": "'a0'", "30": "'a2'", "100": "'a1'"}
        assert found.result.witness["choices"] == expected
        assert found.score == pytest.approx(3 / 5)
        assert found.intrinsic_gap == pytest.approx(2 / 5)


class TestSelfEndorsement:
    """Fifty-five voters, five rules, five winners."""

    @pytest.mark.parametrize("rule", FIVE)
    def test_among_all_five_each_chooses_itself(self, rule):
        chances = endorsed(orders(VOTERS_55, rule), FIVE)
        assert chances == pytest.approx({name: float(name == rule) for name in FIVE})

    @pytest.mark.parametrize("rule", ["plurality", "borda", "instant-runoff"])
    def test_among_three_all_choose_borda(self, rule):
        chances = endorsed(orders(VOTERS_55, rule), ["plurality", "borda", "instant-runoff"])
        assert chances == {"plurality": 0, "borda": 1, "instant-runoff": 0}

    def test_condorcet_with_a_strong_winner_endorses_itself(self):
        """[hermidarivera2025]"""
        assert row(orders(VOTERS_55, "condorcet"), "self-endorsement").verdict is Verdict.HOLDS

    def test_plurality_does_not(self):
        assert row(orders(VOTERS_55, "plurality"), "self-endorsement").verdict is Verdict.FAILS


class TestOffSwitch:
    """U ~ N(0, 1): values of deferring, in utils."""

    def test_rational(self):
        found = value_of_deferring()
        assert found.value == pytest.approx(0.398942, abs=5e-7)
        assert found.value == pytest.approx(1 / sqrt(2 * np.pi))
        assert found.score == pytest.approx(1)

    def test_boltzmann(self):
        found = value_of_deferring(rationality=1)
        assert found.value == pytest.approx(0.206621, abs=5e-7)
        assert found.score == pytest.approx(0.206621 / 0.398942, abs=2e-6)

    def test_turns_of_opposite_parts(self):
        found = value_of_deferring(agreeing=0.6)
        assert found.value == pytest.approx(0.079788, abs=5e-7)
        assert found.score == pytest.approx(0.2)
        assert value_of_deferring(agreeing=0.5).value == pytest.approx(0)

    def test_turns_of_opposite_parts_as_a_system(self):
        h = system([[1, -1], [-1, 1]], "turn-taking", standing=[0.6, 0.4], comparability="unit")
        assert alignment([0.5, 0.5], h, "off-switch")[0].score == pytest.approx(0.2)


class TestReferenceTable:
    """The two systems, by all relations that they give the inputs for."""

    def test_majority(self):
        rows = {r.relation: r for r in reflexivity(H1)}
        assert rows["obey"].score == 1
        assert choose("borda", H1.ballots()).trace.numbers["points"].tolist() == [6.5, 2, 3.5, 6]
        assert rows["rlhf"].verdict is Verdict.HOLDS
        assert rows["rlhf"].result.witness["best"] == ["a0"]
        assert rows["pareto"].score == 1
        assert rows["no-veto"].score == 0

    def test_cycle_under_agendas(self):
        rows = {r.relation: r for r in reflexivity(H2, menus=PAIRS)}
        assert rows["obey"].score == pytest.approx(1 / 3)
        assert rows["irl"].score == pytest.approx(0.5)
        assert rows["irl"].result.details["fidelity"] == pytest.approx(0)
        assert choose("borda", H2.ballots()).trace.numbers["points"].tolist() == [3, 3, 3]
        assert rows["rlhf"].verdict is Verdict.AMBIGUOUS
        assert rows["rlhf"].result.interval == (0, 1)
        assert rows["no-veto"].score == 0
        assert rows["no-veto"].intrinsic_gap == pytest.approx(0.5)
        assert rows["pareto"].score == 1

    def test_no_part_gets_anything_in_some_agenda(self):
        for agenda in permutations("abc"):
            winner = H2.choice(frame=Frame(agenda=agenda)).winner_names[0]
            worst = alignment(winner, H2, "no-veto")[0]
            assert worst.score == 0


class TestShellGame:
    def test_target_set_by_a_itself(self):
        found = vacuous(lambda policy, system: policy, H1, draws=5)
        assert found.vacuous
        assert found.scores == (1, 1, 1, 1, 1)

    @pytest.mark.parametrize("name", ["obey", "rlhf", "no-veto", "pareto", "irl"])
    def test_no_relation_of_ours_is_vacuous(self, name):
        assert not vacuous(name, H1)
