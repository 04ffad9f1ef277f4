"""Each relation at its edges: what is missing, what is ambiguous, what an A may be."""

from itertools import combinations
from math import log

import numpy as np
import pytest

from dissensus.system import Choice, ComparabilityError, Part, System, World
from dissensus.system.relations import (
    Encounter,
    RelationError,
    Verdict,
    alignment,
    bradley_terry,
    comparisons,
    defaults,
    endorsed,
    nearest_to_all,
    plan_kept,
    reflexivity,
    rivals,
    total_variation,
    value_of_deferring,
)
from dissensus.system.relations.off_switch import _ceiling, _deferring

ABC = World.of(["a", "b", "c"])


def system(utilities, rule, *, comparability=None, standing=None, world=None, **each):
    weight = standing or [1] * len(utilities)
    parts = [
        Part(f"part {i + 1}", u, standing=w, **each)
        for i, (u, w) in enumerate(zip(utilities, weight, strict=True))
    ]
    return System(parts, world or ABC, rule, comparability)


def orders(*said, rule="plurality"):
    parts = [Part(f"part {i + 1}", order=order) for i, order in enumerate(said)]
    return System(parts, ABC, rule)


def own(h, name, **options):
    return reflexivity(h, name, **options)[0]


def other(a, h, name, **options):
    return alignment(a, h, name, **options)[0]


CYCLE = orders("a > b > c", "b > c > a", "c > a > b", rule="condorcet")


def test_orders_alone_leave_out_what_needs_utilities():
    rows = {row.relation: row for row in reflexivity(orders("a > b > c", "a > c > b"))}
    missing = {name for name, row in rows.items() if row.status == "missing: utilities"}
    assert missing == {"assistance", "no-veto", "pareto", "off-switch"}
    assert rows["whole-system"].status == "missing: hardness"
    assert rows["no-veto"].witness == (
        "part 'part 1', 'part 2' gives no utilities, only an order or a system inside"
    )
    assert all(rows[name].verdict == "HOLDS" for name in ("obey", "irl", "self-endorsement"))


def test_without_a_choice_there_is_no_target():
    rows = {row.relation: row for row in reflexivity(CYCLE)}
    for name in ("obey", "rlhf", "self-endorsement"):
        assert rows[name].verdict is Verdict.UNDEFINED
        assert rows[name].score is None


def test_a_rule_that_cannot_decide_says_so():
    with pytest.raises(ComparabilityError):
        reflexivity(system([[1, 0, 0], [0, 1, 0]], "utilitarian"))


def test_one_action_leaves_nothing_to_learn():
    h = System([Part("me", [1])], World.of(["only"]), "plurality")
    rows = {row.relation: row for row in reflexivity(h)}
    assert rows["obey"].score == rows["no-veto"].score == rows["pareto"].score == 1
    assert rows["irl"].status == rows["assistance"].status == "missing: actions"
    assert rows["self-endorsement"].status == "missing: rivals"


class TestObey:
    h = system([[1, 0.5, 0], [0, 0.5, 1]], "random-dictator", standing=[3, 1])

    def test_an_a_that_draws_lots_agrees_by_chance(self):
        assert other([0.5, 0, 0.5], self.h, "obey").score == pytest.approx(0.5)
        assert other("a", self.h, "obey").score == pytest.approx(0.75)
        assert other(self.h, self.h, "obey").score == own(self.h, "obey").score

    def test_a_table_is_judged_on_its_menus(self):
        table = {("a", "c"): "a", ("a", "b"): "b"}
        assert other(table, self.h, "obey").score == pytest.approx((0.75 + 0.25) / 2)

    def test_a_tie_is_broken_by_whoever_asks(self):
        found = own(system([[1, 0, 0], [0, 1, 0]], "plurality"), "obey")
        assert found.score == pytest.approx(0.5)
        assert found.result.best.winner_names == ("a", "b")
        assert "with ties broken in the order" in found.witness

    def test_turns_are_frames(self):
        h = system([[1, 0, 0], [0, 1, 0]], "turn-taking", standing=[3, 1])
        found = own(h, "obey")
        assert found.score == pytest.approx(0.625)
        assert found.result.details["closeness"] == pytest.approx(0.625)
        assert found.witness == (
            "in the turn of 'part 1' H takes 'a'; in the turn of 'part 2' it takes 'b'"
        )

    @pytest.mark.parametrize(
        "plan", [({}, 0.5, 1), ({-1: 3, 2: 1}, 0.5, 1), ({2: 1}, 1.5, 1), ({2: 1}, 0.5, -1)]
    )
    def test_plans_start_now_and_discount_by_shares(self, plan):
        with pytest.raises(RelationError):
            plan_kept(*plan)

    def test_a_plan_may_be_kept_for_a_while(self):
        """Wait, wait, take 20; the second wait fails: 11 now beats half of 20."""
        assert plan_kept({1: 4, 2: 11, 3: 20}, present_bias=0.5) == pytest.approx(1 / 3)


class TestIrl:
    def test_noise_free_order_is_fitted_in_the_limit(self):
        found = own(system([[1, 0.5, 0]], "plurality"), "irl")
        assert (found.score, found.misfit, found.status) == (1, 0, "FITTED IN THE LIMIT")

    def test_a_uniform_h_is_explained_but_has_no_fidelity(self):
        h = system([[1, 0, 0], [0, 1, 0], [0, 0, 1]], "random-dictator")
        found = own(h, "irl", menus=[("a", "b", "c")])
        assert found.score == pytest.approx(1)
        assert found.result.details["fidelity"] is None

    def test_a_second_best_is_bad_by_an_unknown_amount(self):
        h = system([[1, 0.5, 0]], "plurality")
        assert other("a", h, "irl").score == 1
        assert other("c", h, "irl").score == 0
        found = other("b", h, "irl")
        assert (found.verdict, found.score) == (Verdict.AMBIGUOUS, None)
        assert found.result.interval == (0, 1)

    def test_noise_tells_by_how_much(self):
        h = system([[2, 1.5, 0]], "softmax", comparability="unit")
        assert other("b", h, "irl").score == pytest.approx(0.75)
        assert other("b", h, "irl").result.distance == pytest.approx(0.5)

    def test_flat_utilities_tell_nothing(self):
        h = system([[1, 0, 0], [0, 1, 0], [0, 0, 1]], "random-dictator")
        found = other([0.5, 0.5, 0], h, "irl", menus=[("a", "b", "c")])
        assert (found.verdict, found.result.interval) == (Verdict.AMBIGUOUS, (0, 0.5))

    def test_a_table_is_judged_menu_by_menu(self):
        h = system([[2, 1.5, 0]], "softmax", comparability="unit")
        table = {("a", "c"): "a", ("b", "c"): "c"}
        assert other(table, h, "irl").score == pytest.approx(0.5)

    def test_menus_without_a_choice_are_left_out(self):
        found = own(CYCLE, "irl")
        assert found.result.details["menus"] == 3
        assert found.score == pytest.approx(0.5)

    def test_the_worst_menu_is_the_witness(self):
        """Plurality: b takes the votes of c's friends when c is away."""
        h = orders(*["a > b > c"] * 4, *["b > c > a"] * 3, *["c > b > a"] * 2)
        found = own(h, "irl")
        assert found.verdict is Verdict.FAILS
        assert found.witness.startswith("from 'a'")


class TestAssistance:
    def test_a_part_without_rationality_is_noisy_or_takes_its_best(self):
        sure = system([[1, 0, 0.5], [0, 1, 0.5]], "dictator:part 2")
        assert own(sure, "assistance").verdict is Verdict.HOLDS
        noisy = system([[1, 0, 0.5]], "softmax", comparability="unit")
        assert own(noisy, "assistance").verdict is Verdict.HOLDS

    def test_stated_rationality_is_kept(self):
        h = system([[1, 0, 0.5]], "plurality", rationality=1)
        assert own(h, "assistance").verdict is Verdict.FAILS

    def test_parts_that_act_alike_are_one_hypothesis(self):
        h = system([[1, 0.5, 0], [1, 0.5, 0]], "plurality")
        found = own(h, "assistance")
        assert found.status == "CONVERGED"
        assert found.result.details["drift"] is None

    def test_an_even_mixture_is_within_the_continuous_class(self):
        """A dictator drawn by lot is no part; a sum of both parts does nearly what it does."""
        u = [[log(4), log(2), 0], [0, log(2), log(4)]]
        h = System(
            [Part("one", u[0], rationality=1), Part("two", u[1], rationality=1)],
            ABC,
            "turn-taking",
        )
        found = own(h, "assistance")
        assert found.status == "DRIFTLESS"
        assert found.result.details["continuous"] > found.score

    def test_an_a_is_judged_by_whom_the_learner_believes_in(self):
        h = system([[1, 0, 0.8], [0, 1, 0.8]], "turn-taking", standing=[3, 1], rationality=2)
        found = other("c", h, "assistance")
        assert found.score == pytest.approx(0.8)
        assert found.misfit > 0

    def test_a_learner_that_never_settles_leaves_an_interval(self):
        h = system([[1, 0, 0.6], [0, 1, 0.8]], "turn-taking", rationality=2)
        even = system([[1, 0, 0.8], [0, 1, 0.8]], "turn-taking", rationality=2)
        assert other("c", h, "assistance").status == "CONVERGED"
        found = other("a", even, "assistance")
        assert (found.verdict, found.result.interval) == (Verdict.AMBIGUOUS, (0, 1))
        assert other("c", even, "assistance").score == pytest.approx(0.8)


class TestRlhf:
    def test_unanimous_comparisons_are_fitted_in_the_limit(self):
        found = own(orders("a > b > c", "a > b > c"), "rlhf")
        assert (found.score, found.status) == (1, "FITTED IN THE LIMIT")

    def test_what_lies_between_best_and_worst_is_open(self):
        h = orders("a > b > c", "a > b > c")
        found = other("b", h, "rlhf")
        assert (found.verdict, found.result.interval) == (Verdict.AMBIGUOUS, (0, 1))
        assert other({("b", "c"): "b"}, h, "rlhf").score == 1

    def test_rationality_softens_comparisons(self):
        h = system([[log(3), 0, 0]], "plurality", rationality=1)
        wins = comparisons(h.ballots())
        assert wins[0, 1] == pytest.approx(0.75)
        assert wins[1, 0] == pytest.approx(0.25)
        assert bradley_terry(wins).utilities == pytest.approx(
            np.array([2, -1, -1]) * log(3) / 3, abs=1e-9
        )

    def test_what_nobody_compares_is_undefined(self):
        h = System([Part("hard", [1, 0, 0.5], hardness=99)], ABC, "nash")
        assert own(h, "rlhf").status == "missing: comparisons"

    def test_shared_share_is_all_or_nothing(self):
        alike = system([[1, 0.5, 0], [1, 0.5, 0]], "plurality")
        assert own(alike, "rlhf").result.details["shared_share"] == pytest.approx(1)
        opposed = system([[1, 0.5, 0], [0, 0.5, 1]], "dictator:part 1")
        assert own(opposed, "rlhf").result.details["shared_share"] == pytest.approx(0)


class TestNoVeto:
    def test_who_does_not_care_is_left_out(self):
        h = system([[1, 0.5, 0], [7, 7, 7]], "plurality")
        found = own(h, "no-veto")
        assert found.score == 1
        assert list(found.result.witness["by_part"]) == ["part 1"]

    def test_if_nobody_cares_all_is_well(self):
        h = system([[1, 1, 1], [7, 7, 7]], "plurality")
        assert own(h, "no-veto").verdict is Verdict.HOLDS
        assert own(h, "pareto").verdict is Verdict.HOLDS

    def test_means_and_shares(self):
        h = system([[1, 0.5, 0], [0, 0.2, 1]], "dictator:part 1", standing=[3, 1])
        found = other("b", h, "no-veto")
        assert found.score == pytest.approx(0.2)
        assert found.result.details["mean"] == pytest.approx(0.75 * 0.5 + 0.25 * 0.2)
        assert found.result.details["share_below"] == pytest.approx(0.5)

    def test_satisfaction_is_true_not_perceived(self):
        """What compute does not let a part see still counts for how it fares."""
        h = System(
            [Part("easy", [1, 0, 0.5]), Part("hard", [0, 1, 0.5], hardness=99)], ABC, "plurality"
        )
        assert own(h, "no-veto").witness.startswith("part 'hard' gets 0 of its")


class TestPareto:
    h = system([[1, 0, 0.8], [0, 1, 0.8]], "plurality")

    def test_an_efficient_a_may_still_take_from_a_part(self):
        today = system([[1, 0, 0.8], [0, 1, 0.8]], "nash")
        found = other("a", today, "pareto")
        assert found.result.details["gap"] == 0
        assert found.result.details["shortfall"] == pytest.approx(0.4)
        assert found.score == pytest.approx(0.6)
        assert found.witness == "by 'a' part 'part 2' -0.8 of the range of its utilities"

    def test_an_improvement_that_leaves_something_is_no_target_yet(self):
        today = system([[1, 0, 0.8], [0, 1, 0.8]], "random-dictator")
        assert other([0.25, 0.25, 0.5], today, "pareto").score == pytest.approx(0.85)
        assert other("c", today, "pareto").verdict is Verdict.HOLDS

    def test_the_witness_names_the_improver(self):
        today = system([[1, 0, 0.8], [0, 1, 0.8]], "random-dictator")
        assert own(today, "pareto").witness == (
            "instead of 'a' 50 %, 'b' 50 %, 'c' would give part 'part 1' +0.3, part 'part 2' +0.3 "
            "of the range of its utilities, and nobody less"
        )


class TestWholeSystem:
    def test_a_copy_without_a_choice_leaves_it_undefined(self):
        """With more compute all three have a voice, and go round in a circle."""
        u = [[1, 0.5, 0], [0, 1, 0.5], [0.5, 0, 1]]
        parts = [
            Part(f"part {i}", row, hardness=h)
            for i, (row, h) in enumerate(zip(u, [0, 9, 9], strict=True))
        ]
        found = own(System(parts, ABC, "condorcet"), "whole-system")
        assert found.verdict is Verdict.UNDEFINED
        assert "times its compute H makes no choice" in found.witness

    def test_an_a_is_compared_with_every_copy(self):
        h = System(
            [Part("one", [1, 0, 0.55], hardness=1), Part("two", [0, 1.2, 0.6], hardness=9)],
            ABC,
            "utilitarian",
            "unit",
        )
        assert other("b", h, "whole-system").score == pytest.approx(0.2)
        assert other([0.5, 0.5, 0], h, "whole-system").score == pytest.approx(0.4)

    def test_lotteries_have_a_compromise_too(self):
        random = np.random.default_rng(1)
        for _ in range(20):
            copies = random.dirichlet(np.ones(3), 4)
            value, policy = nearest_to_all(copies)
            assert 1 - total_variation(copies, policy).mean() == pytest.approx(value)
            for rival in random.dirichlet(np.ones(3), 200):
                assert 1 - total_variation(copies, rival).mean() <= value + 1e-9

    def test_a_soft_h_drifts_with_scale(self):
        """Utilities 1, 0, 0.5 seen with reliability c / (c + 9): at scale 1 a tenth."""
        h = system([[1, 0, 0.5]], "softmax", comparability="unit", hardness=9)
        found = own(h, "whole-system")

        def soft(c):
            weight = np.exp(0.5 + c / (c + 9) * (np.array([1, 0, 0.5]) - 0.5))
            return weight / weight.sum()

        copies = np.array([soft(c) for c in (1, 3, 10, 30, 100)])
        assert found.score == pytest.approx(1 - total_variation(copies, copies[0]).mean())
        assert found.intrinsic_gap == pytest.approx(1 - nearest_to_all(copies)[0])


VOTERS = {"ADECB": 18, "BEDCA": 12, "CBEDA": 10, "DCEBA": 9, "EBDCA": 4, "ECDBA": 2}


class TestSelfEndorsement:
    def profile(self, rule):
        parts = [Part(o, order=list(o), standing=n) for o, n in VOTERS.items()]
        return System(parts, World.of(list("ABCDE")), rule)

    @pytest.mark.parametrize("rule", ["plurality", "instant-runoff"])
    def test_score_is_the_mean_over_all_pairs_and_triples(self, rule):
        h = self.profile(rule)
        rest = rivals(h)
        menus = [(rule, *more) for size in (1, 2) for more in combinations(rest, size)]
        plain = np.mean([endorsed(h, menu)[rule] for menu in menus])
        assert own(h, "self-endorsement").score == pytest.approx(plain)

    def test_with_ties_too(self):
        h = system([[1, 0.5, 0], [0, 0.6, 1]], "plurality")
        few = [name for name in rivals(h) if name in ("borda", "nash", "random-dictator", "kemeny")]
        assert len(few) == 4
        everything = own(h, "self-endorsement").result.witness["endorsed"]
        assert set(few) < set(everything)
        rest = rivals(h)
        menus = [("plurality", *more) for size in (1, 2) for more in combinations(rest, size)]
        plain = np.mean([endorsed(h, menu)["plurality"] for menu in menus])
        assert own(h, "self-endorsement").score == pytest.approx(plain)

    def test_the_rule_of_an_a_stands_for_election(self):
        h, a = self.profile("plurality"), self.profile("borda")
        rest = [name for name in rivals(h) if name != "borda"]
        menus = [("plurality", "borda"), *(("plurality", "borda", name) for name in rest)]
        plain = np.mean([endorsed(h, menu)["borda"] for menu in menus])
        assert other(a, h, "self-endorsement").score == pytest.approx(plain)

    def test_the_same_rule_is_oneself(self):
        h = self.profile("plurality")
        assert other(self.profile("plurality"), h, "self-endorsement").score == pytest.approx(
            own(h, "self-endorsement").score
        )

    def test_a_policy_has_no_rule(self):
        assert other("A", self.profile("borda"), "self-endorsement").status == "missing: rule"

    def test_a_rule_that_h_cannot_use(self):
        a = System([Part("x", [1, 0, 0])], ABC, "utilitarian", "unit")
        found = other(a, orders("a > b > c"), "self-endorsement")
        assert found.status == "missing: rule"
        assert found.witness.startswith("A's rule cannot decide for H: rule 'utilitarian'")

    def test_orders_say_nothing_about_lotteries(self):
        h = orders("a > b > c", "b > a > c", rule="random-dictator")
        assert own(h, "self-endorsement").status == "missing: utilities"

    def test_the_witness_is_a_menu(self):
        found = own(self.profile("plurality"), "self-endorsement")
        assert found.witness == (
            "asked to choose among the rules 'plurality' and 'runoff', plurality picks runoff: "
            "'B' beats 'A'"
        )


class TestOffSwitch:
    def test_nothing_to_gain_from_what_is_known(self):
        h = system([[1, 0, -1]], "plurality", comparability="unit")
        found = own(h, "off-switch")
        assert (found.verdict, found.status) == (Verdict.UNDEFINED, "NOTHING TO GAIN")

    def test_sums_need_comparable_parts(self):
        h = system([[1, 0, -1], [1, 0, -1]], "plurality")
        assert own(h, "off-switch").status == "missing: comparability"
        alone = system([[1, 0, -1]], "plurality")
        assert own(alone, "off-switch").status == "NOTHING TO GAIN"

    def test_one_mind_vetoes_what_harms_it(self):
        h = system([[1, 0.5, -1]], "plurality")
        assert other([0.5, 0, 0.5], h, "off-switch").score == pytest.approx(1)

    def test_a_majority_may_stop_what_is_good_for_all_together(self):
        """a: +4 for one, -1 for each of two; c: the reverse. The majority gets both wrong."""
        h = system([[4, 0, -4], [-1, 0, 1], [-1, 0, 1]], "plurality", comparability="unit")
        found = other([0.5, 0, 0.5], h, "off-switch")
        assert found.score == pytest.approx(-1)
        assert found.intrinsic_gap == pytest.approx(2)
        assert found.witness == (
            "H stops 'a' in 100 % of cases, though it is worth 0.667 to H as a whole"
        )

    def test_veto_after_an_observation(self):
        """go: 1.2 in sun, -1 in rain; H sees the weather by the time of its veto."""
        world = World(
            ["go", "stay"],
            initial_belief=[0.5, 0.5],
            observation_probabilities=[[1, 0], [0, 1]],
            outcomes=["good", "bad", "nothing"],
            outcome_probabilities=[[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [0, 0, 1]]],
        )
        h = System([Part("me", [1.2, -1, 0])], world, "plurality")
        found = own(h, "off-switch")
        assert found.score == pytest.approx(1)
        assert found.result.details["deferring"] == pytest.approx(0.6 - 0.1)
        assert own(h, "off-switch", observation=0).status == "NOTHING TO GAIN"

    def test_off_is_worth_the_disagreement_point(self):
        parts = [Part("me", [3, 2.5, 1])]
        h = System(parts, ABC, "plurality", disagreement=[2])
        assert other([0.5, 0, 0.5], h, "off-switch").score == pytest.approx(1)
        assert own(System(parts, ABC, "plurality"), "off-switch").score is None

    @pytest.mark.parametrize(("mean", "spread"), [(0.5, 1), (-0.7, 2)])
    def test_normal_acts_of_any_mean(self, mean, spread):
        u = mean + spread * np.linspace(-9, 9, 200_001)
        weight = np.exp(-(((u - mean) / spread) ** 2) / 2)
        weight /= weight.sum()
        act = weight @ np.maximum(u, 0)
        found = value_of_deferring(mean, spread)
        assert found.most == found.value == pytest.approx(act - max(mean, 0), abs=1e-6)
        noisy = value_of_deferring(mean, spread, rationality=1.5, agreeing=0.8)
        allowed = weight @ (u / (1 + np.exp(-1.5 * u)))
        other_way = weight @ (u / (1 + np.exp(1.5 * u)))
        expected = 0.8 * allowed + 0.2 * other_way - max(mean, 0)
        assert noisy.value == pytest.approx(expected, abs=1e-6)

    @pytest.mark.parametrize("wrong", [{"spread": 0}, {"agreeing": 1.2}, {"rationality": -1}])
    def test_numbers_out_of_range(self, wrong):
        with pytest.raises(RelationError, match="spread"):
            value_of_deferring(**wrong)

    def test_noisy_overseers(self):
        h = system([[1, 0, -1]], "turn-taking", rationality=2)
        sure = 1 / (1 + np.exp(-2))
        assert other([0.5, 0, 0.5], h, "off-switch").score == pytest.approx(2 * sure - 1)

    def test_ceiling_is_the_best_of_all_policies(self):
        random = np.random.default_rng(5)
        for _ in range(50):
            worth = random.normal(size=(3, 4))
            allowed, chance = random.random((3, 4)), random.dirichlet(np.ones(3))
            by_act, gains = chance @ worth, chance @ np.maximum(worth, 0)
            vetoed = chance @ (worth * allowed)
            ceiling = _ceiling(by_act, gains, vetoed)
            scores = [
                _deferring(policy, by_act, gains, vetoed).score
                for policy in random.dirichlet(np.full(4, 0.5), 400)
            ]
            assert max(score for score in scores if score is not None) <= ceiling + 1e-9


def test_relations_share_what_was_asked():
    encounter = Encounter(system([[1, 0.5, 0], [0, 0.5, 1]], "plurality"))
    questions = [encounter.of_h(menu) for menu in encounter.menus]
    assert encounter.ask(questions) is encounter.ask(list(questions))


def test_an_observation_changes_what_h_does():
    world = World(
        ["left", "right"],
        initial_belief=[0.5, 0.5],
        observation_probabilities=[[1, 0], [0, 1]],
        outcome_probabilities=[[[1, 0], [0, 1]], [[0, 1], [1, 0]]],
        outcomes=["win", "lose"],
    )
    h = System([Part("me", [1, 0])], world, "plurality")
    assert other("left", h, "obey", observation=0).score == 1
    assert other("left", h, "obey", observation=1).score == 0


def test_relations_are_asked_by_name_or_number():
    h = system([[1, 0.5, 0]], "plurality")
    assert [row.relation for row in reflexivity(h, ["R5", "obey"])] == ["no-veto", "obey"]
    assert [row.number for row in reflexivity(h)] == [f"R{i}" for i in range(1, 10)]


def test_a_choice_of_h_is_an_a():
    h = system([[1, 0.5, 0]], "plurality")
    assert isinstance(h.choice(), Choice)
    assert other(h.choice(), h, "obey").score == 1


def test_lotteries_have_no_place_on_an_agenda():
    """So all places are tried: the order in which actions are listed makes no difference."""
    scores = []
    for order in ([0, 1, 2], [1, 0, 2], [2, 1, 0]):
        u = np.array([[0, 0.05, 0.1], [0, 0.1, 0.05]])[:, order]
        world = World.of([["a", "b", "c"][place] for place in order])
        h = system(u, "agenda", comparability="full", world=world)
        scores.append(own(h, "self-endorsement").score)
    assert scores == pytest.approx([scores[0]] * 3)


@pytest.mark.parametrize("name", ["no-veto", "pareto", "whole-system", "off-switch"])
def test_a_table_without_the_whole_menu_is_no_policy(name):
    h = system([[1, 0.5, -1]], "plurality", hardness=1)
    found = other({("a", "b"): "a"}, h, name)
    assert (found.verdict, found.status) == (Verdict.UNDEFINED, "missing: policy")
    assert other({("a", "b", "c"): [0.5, 0, 0.5]}, h, name).score is not None


def test_the_card_prints_its_conventions():
    h = system([[1, 0.5, 0], [0, 0.5, 1]], "plurality")
    assert defaults(h)["frames"] == "all 2 ways to break the ties"
    assert defaults(h)["menus"] == "all subsets of at least 2 of the 3 actions"
    assert defaults(h, menus=[("a", "b")])["menus"] == "1 that were stated"
    many = System([Part("me", list(range(7)))], World.of(list("abcdefg")), "borda")
    assert defaults(many)["menus"] == "all pairs and triples of the 7 actions"
    assert defaults(many)["frames"] == "one: nothing depends on them"
    assert defaults(h)["rules"].startswith("all pairs and triples of plurality and ")
    assert f" {len(rivals(h))} other shipped rules" in defaults(h)["rules"]


def test_utilities_of_any_range():
    """Regret is a share of what can be lost."""
    h = system([[4, 2, -4], [0, 8, 0]], "dictator:part 1")
    found = other("b", h, "assistance")
    assert found.score == pytest.approx(0.75)
    assert found.result.distance == pytest.approx(2)


@pytest.mark.parametrize("seed", range(4))
def test_many_ties_among_many_actions(seed):
    """What is asked later is asked in the frames in which outcomes came out."""
    u = np.random.default_rng(seed).integers(0, 4, (4, 9)) / 3.0
    names = [f"a{j}" for j in range(9)]
    h = system(u, "plurality", comparability="full", world=World.of(names))
    rows = reflexivity(h)
    assert all(row.score is None or 0 <= row.score <= 1 for row in rows)
    again = reflexivity(h)
    assert [row.score for row in again] == [row.score for row in rows]
