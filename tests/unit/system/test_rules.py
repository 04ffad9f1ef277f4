"""Each rule's corners: ties, cycles, gaps, silence, standing; and the catalogue."""

from dataclasses import replace

import numpy as np
import pytest

from dissensus.system import Ballots, Choice, Conventions, Frame, RuleError, choose, rule
from dissensus.system.ballots import BallotsError
from dissensus.system.rules import catalogue, find, rules


def orders(*given, **options):
    return Ballots.from_orders(dict(given), **options)


def numbers(utilities, standing=None, **options):
    names = "abcdefgh"[: len(utilities[0])]
    return Ballots.from_utilities(names, utilities, standing, **options)


def winners(name, ballots):
    return "".join(choose(name, ballots).winner_names)


class TestCatalogue:
    def test_every_rule_declares_itself(self):
        names = [known.name for known in rules()]
        assert len(set(names)) == len(names) >= 26
        for known in rules():
            assert known.label
            assert known.reference.isidentifier()
            assert known.summary.endswith(".")
            assert "References" in (known.function.__doc__ or "")
            assert "Examples" in (known.function.__doc__ or "")

    def test_a_rule_of_the_users_own(self):
        @rule(name="second", label="Second", needs="ordinal", reference="ours")
        def second(ballots):
            return Choice.among(ballots.actions, [1], ["it is the second"])

        try:
            ballots = orders(("a > b", 1))
            assert choose("second", ballots).winner_names == ("b",)
            assert choose(second, ballots).winner_names == ("b",)
            with pytest.raises(RuleError, match="second rule 'second'"):
                rule(name="second", label="Other", needs="ordinal", reference="ours")(winners)
        finally:
            del catalogue._CATALOGUE["second"]

    def test_a_shipped_name_is_taken(self):
        with pytest.raises(RuleError, match="'borda'"):
            rule(name="borda", label="Mine", needs="ordinal", reference="ours")(winners)

    def test_a_function_without_the_decorator(self):
        with pytest.raises(RuleError, match="not declared"):
            find(lambda ballots: None)

    def test_a_need_that_nobody_knows(self):
        with pytest.raises(RuleError, match="cardinal"):
            rule(name="x", label="X", needs="cardinal", reference="ours")(winners)

    @pytest.mark.parametrize(
        "name", ["borda:x", "dictator", "dictator:", "softmax:", "pref_voting"]
    )
    def test_arguments_too_many_or_too_few(self, name):
        with pytest.raises(RuleError):
            find(name)

    def test_arguments(self):
        assert find("softmax") == (find("softmax:2")[0], "1")
        assert find("softmax:2")[1] == "2"
        assert find("dictator:a:b")[1] == "a:b"

    def test_the_missing_extra_is_named(self, monkeypatch):
        import sys

        monkeypatch.setitem(sys.modules, "pref_voting.voting_methods", None)
        with pytest.raises(RuleError, match=r"pip install 'dissensus\[voting\]'"):
            choose("pref_voting:Beat Path", orders(("a > b", 1)))


class TestBallots:
    def test_shapes(self):
        with pytest.raises(BallotsError, match="shape"):
            Ballots.from_ranks(["a"], [[1, 2]])
        with pytest.raises(BallotsError, match="shape"):
            Ballots.from_ranks(["a", "b"], [[1, 2]], [1, 1])
        with pytest.raises(BallotsError, match="standing"):
            Ballots.from_ranks(["a", "b"], [[1, 2]], [0])
        with pytest.raises(BallotsError, match="no ballots"):
            Ballots.from_ranks(["a"], np.zeros((0, 1)))

    def test_unranked_options(self):
        last = orders(("a > b", 3), actions="abc")
        assert last.margins[1, 2] == 3
        silent = orders(("a > b", 3), actions="abc", conventions=Conventions(unranked="silent"))
        assert silent.margins[1, 2] == 0
        assert silent.margins[0, 1] == 3

    def test_many_ballots_are_compared_as_few(self):
        random = np.random.default_rng(0)
        ranks = random.integers(1, 5, (4000, 8)).astype(float)
        ranks[random.random(ranks.shape) < 0.2] = np.nan
        for unranked in ("last", "silent"):
            for standing in (np.ones(4000), random.integers(1, 4, 4000)):
                whole = Ballots.from_ranks("abcdefgh", ranks, standing, Conventions(unranked))
                parts = [
                    Ballots.from_ranks(
                        "abcdefgh", ranks[i : i + 40], standing[i : i + 40], Conventions(unranked)
                    ).preferring
                    for i in range(0, 4000, 40)
                ]
                assert (whole.preferring == sum(parts)).all()

    def test_a_smaller_menu(self):
        frame = Frame(agenda=("c", "a", "b"), tie_break=("b", "c", "a"))
        menu = replace(numbers([[1, 0, 2]]), frame=frame).on([0, 2])
        assert menu.actions == ("a", "c")
        assert menu.frame == Frame(agenda=("c", "a"), tie_break=("c", "a"))
        assert menu.utilities.tolist() == [[1, 2]]


class TestSilence:
    @pytest.mark.parametrize("name", [known.name for known in rules() if known.needs == "ordinal"])
    def test_nobody_says_anything(self, name):
        if name in ("dictator", "pref_voting"):
            return
        ballots = Ballots.from_ranks("ab", [[np.nan, np.nan]])
        choice = choose(name, ballots)
        assert (choice.status, choice.dist) == ("EMPTY", None)

    def test_who_abstains_has_no_weight(self):
        ballots = Ballots.from_ranks("ab", [[1, 2], [np.nan, np.nan]], [1, 9])
        assert choose("random-dictator", ballots).dist.tolist() == [1, 0]
        assert choose("borda", ballots).trace.numbers["points"].tolist() == [1, 0]
        assert choose("dictator:part 2", ballots).status == "EMPTY"


class TestInCharge:
    def test_a_dictator_with_two_best(self):
        choice = choose("dictator:part 1", orders(("a = b > c", 1)))
        assert choice.status == "TIE"
        assert choice.dist.tolist() == [0.5, 0.5, 0]

    def test_an_unknown_dictator(self):
        with pytest.raises(RuleError, match="did you mean 'part 1'"):
            choose("dictator:part1", orders(("a", 1)))

    def test_split_chances(self):
        ballots = orders(("a = b > c", 2), ("c > a > b", 3))
        assert choose("random-dictator", ballots).dist == pytest.approx([0.2, 0.2, 0.6])

    def test_turns(self):
        ballots = replace(numbers([[1, 0], [0, 1]]), rationality=np.array([np.nan, np.log(3)]))
        assert choose("turn-taking", ballots).dist == pytest.approx([0.625, 0.375])
        first = choose("turn-taking", replace(ballots, frame=Frame(turn="part 1")))
        assert first.dist.tolist() == [1, 0]
        second = choose("turn-taking", replace(ballots, frame=Frame(turn="part 2")))
        assert second.dist == pytest.approx([0.25, 0.75])

    def test_rationality_about_nothing(self):
        ballots = replace(orders(("a > b", 1)), rationality=np.array([1.0]))
        with pytest.raises(RuleError, match="no utilities"):
            choose("turn-taking", ballots)

    def test_large_utilities_do_not_overflow(self):
        ballots = replace(numbers([[1e6, 0]]), rationality=np.array([1.0]))
        assert choose("turn-taking", ballots).dist.tolist() == [1, 0]


class TestFirstPlaces:
    def test_split_votes(self):
        choice = choose("plurality", orders(("a = b > c", 3), ("c > a > b", 2)))
        assert choice.trace.numbers["votes"].tolist() == [1.5, 1.5, 2]
        assert choice.winner_names == ("c",)

    def test_ties_stay(self):
        choice = choose("plurality", orders(("a > b", 1), ("b > a", 1)))
        assert choice.status == "TIE"

    def test_every_second_round_that_ties_allow(self):
        # b and c tie for the second place, and either of them beats a
        ballots = orders(("a > b > c", 4), ("b > c > a", 3), ("c > b > a", 3))
        assert winners("runoff", ballots) == "bc"

    def test_a_drawn_second_round(self):
        assert winners("runoff", orders(("a > b", 1), ("b > a", 1))) == "ab"

    def test_one_option(self):
        assert winners("runoff", orders(("a", 1))) == "a"
        assert winners("instant-runoff", orders(("a", 1))) == "a"

    def test_every_way_to_eliminate_that_ties_allow(self):
        ballots = orders(("a > b > c", 2), ("b > a > c", 2), ("c > a > b", 1), ("d > b > a", 1))
        assert winners("instant-runoff", ballots) == "ab"

    def test_exhausted_ballots(self):
        ballots = orders(("a", 2), ("b", 3), ("c > a", 2), actions="abc")
        # a and c tie for the last place: without c a has 4, without a c has 2
        assert winners("instant-runoff", ballots) == "ab"

    def test_options_without_votes_go_together(self):
        ballots = Ballots.from_ranks([f"a{i}" for i in range(40)], [np.arange(1.0, 41)])
        choice = choose("instant-runoff", ballots)
        assert choice.winner_names == ("a0",)
        assert len(choice.trace.steps) == 2

    def test_too_many_ways_are_refused(self):
        ranks = np.where(np.eye(13, dtype=bool), 1.0, 2.0)
        ballots = Ballots.from_ranks([f"a{i}" for i in range(13)], ranks)
        with pytest.raises(RuleError, match="4,096"):
            choose("instant-runoff", ballots)


class TestMajorities:
    def test_borda_of_equals_is_the_mean_rank(self):
        choice = choose("borda", orders(("a = b > c", 2)))
        assert choice.trace.numbers["points"].tolist() == [3, 3, 0]

    def test_a_cycle_has_no_condorcet_winner_and_names_the_smith_set(self):
        cycle = orders(("a > b > c > d", 1), ("b > c > a > d", 1), ("c > a > b > d", 1))
        choice = choose("condorcet", cycle)
        assert choice.status == "CYCLE"
        assert choice.trace.numbers["smith_set"] == [0, 1, 2]

    def test_unbeaten_options_tie(self):
        assert winners("condorcet", orders(("a > b > c", 1), ("b > a > c", 1))) == "ab"

    def test_a_majority_is_more_than_rounding(self):
        ballots = Ballots.from_ranks("ab", [[1, 2], [1, 2], [2, 1]], [0.1, 0.2, 0.3])
        assert ballots.margins[0, 1] > 0
        for name in ("condorcet", "copeland", "schulze", "ranked-pairs", "agenda", "runoff"):
            assert winners(name, ballots) == "ab", name

    def test_drawn_majorities_count_half(self):
        choice = choose("copeland", orders(("a > b > c", 1), ("b > a > c", 1)))
        assert choice.trace.numbers["wins"].tolist() == [1.5, 1.5, 0]

    def test_schulze_and_ranked_pairs_differ(self):
        ballots = orders(
            ("a > c > b > e > d", 5),
            ("a > d > e > c > b", 5),
            ("b > e > d > a > c", 8),
            ("c > a > b > e > d", 3),
            ("c > a > e > b > d", 7),
            ("c > b > a > d > e", 2),
            ("d > c > e > b > a", 7),
            ("e > b > a > d > c", 8),
        )
        assert winners("schulze", ballots) == "e"
        assert winners("ranked-pairs", ballots) == "a"

    def test_ranked_pairs_follow_every_order_of_equal_margins(self):
        assert winners(
            "ranked-pairs", orders(("a > b > c", 1), ("b > c > a", 1), ("c > a > b", 1))
        ) == ("abc")

    def test_ranked_pairs_with_too_many_equal_margins(self):
        utilities = np.random.default_rng(0).random((10, 40))
        ballots = Ballots.from_utilities([f"a{i}" for i in range(40)], utilities)
        with pytest.raises(RuleError, match="5,000"):
            choose("ranked-pairs", ballots)

    def test_kemeny_ranks_all(self):
        ballots = orders(("a > b > c", 4), ("b > c > a", 3), ("c > a > b", 2))
        choice = choose("kemeny", ballots)
        assert choice.trace.numbers["ranking"] == [0, 1, 2]
        assert choice.trace.numbers["contradicted"] == 10

    def test_kemeny_says_how_many_options_it_takes(self):
        names = [f"a{i}" for i in range(19)]
        with pytest.raises(RuleError, match="19 options"):
            choose("kemeny", Ballots.from_ranks(names, [np.arange(1.0, 20)]))

    def test_an_agenda_with_a_drawn_vote_goes_both_ways(self):
        ballots = orders(("a > b > c", 1), ("b > c > a", 1))
        assert winners("agenda", ballots) == "abc"


class TestMarks:
    def test_approval_by_mean_and_by_aspiration(self):
        ballots = numbers([[1, 0.6, 0], [0, 0.4, 1]])
        assert choose("approval", ballots).trace.numbers["votes"].tolist() == [1, 1, 1]
        choosy = replace(ballots, aspiration=np.array([1, np.nan]))
        assert choose("approval", choosy).trace.numbers["votes"].tolist() == [1, 0, 1]

    def test_approval_reaches_the_bar_despite_rounding(self):
        ballots = replace(numbers([[0.1 + 0.2, 0]]), aspiration=np.array([0.3]))
        assert winners("approval", ballots) == "a"

    def test_score_stretches_each_part(self):
        ballots = numbers([[10, 6, 0], [0, 0.7, 1]])
        assert choose("score", ballots).trace.numbers["marks"] == pytest.approx([1, 1.3, 1])

    def test_an_indifferent_part_has_no_marks(self):
        ballots = numbers([[5, 5], [0, 1]])
        assert choose("score", ballots).trace.numbers["marks"].tolist() == [0, 1]


class TestSums:
    def test_standing(self):
        ballots = numbers([[1, 0], [0, 1]], [1, 3], comparability="unit")
        assert choose("utilitarian", ballots).trace.numbers["sums"].tolist() == [1, 3]

    def test_softmax(self):
        ballots = numbers([[0, np.log(3)]], comparability="unit")
        assert choose("softmax:0", ballots).dist.tolist() == [0.5, 0.5]
        assert choose("softmax:1", ballots).dist == pytest.approx([0.25, 0.75])
        assert choose("softmax:2", ballots).dist == pytest.approx([0.1, 0.9])
        shared = numbers([[0, np.log(3)], [0, 0]], [3, 1], comparability="unit")
        assert choose("softmax", shared).trace.numbers["mean"][1] == pytest.approx(np.log(3) * 0.75)

    @pytest.mark.parametrize("sharpness", ["hot", "-1", "inf", "nan"])
    def test_softmax_of_no_sharpness(self, sharpness):
        with pytest.raises(RuleError, match="sharpness"):
            choose(f"softmax:{sharpness}", numbers([[0, 1]], comparability="unit"))

    def test_a_veto_of_everything(self):
        ballots = replace(numbers([[1, 2]], comparability="unit"), aspiration=np.array([3.0]))
        choice = choose("veto", ballots)
        assert (choice.status, choice.dist) == ("EMPTY", None)
        assert "strikes" in str(choice.trace)

    def test_vetoes_of_all_leave_a_tie(self):
        ballots = numbers([[1, 2, 3]], comparability="unit")
        assert winners("veto", replace(ballots, aspiration=np.array([2.0]))) == "bc"


class TestBargaining:
    def test_standing_counts_in_the_product(self):
        ballots = numbers([[1, 0.4, 0], [0, 0.5, 1]], [9, 1])
        lottery = choose("nash-lottery", ballots)
        assert lottery.dist[0] == pytest.approx(0.9)

    def test_a_stated_disagreement_point(self):
        u = [[3, 2, 0], [0, 1, 3]]
        assert winners("nash", numbers(u, disagreement=[1, 0.5])) == "b"
        # what leaves a part exactly where it is harms nobody
        assert winners("nash", numbers(u, disagreement=[2, 0])) == "ab"
        none = choose("nash", numbers(u, disagreement=[2.5, 1]))
        assert none.status == "EMPTY"

    @pytest.mark.parametrize("name", ["nash-lottery", "kalai-smorodinsky-lottery"])
    def test_no_lottery_is_worth_it(self, name):
        choice = choose(name, numbers([[1, 0], [0, 1]], disagreement=[0.6, 0.6]))
        assert (choice.status, choice.dist) == ("EMPTY", None)

    @pytest.mark.parametrize("name", ["nash-lottery", "kalai-smorodinsky-lottery"])
    def test_lotteries_harm_nobody(self, name):
        ballots = numbers([[4, 0, 1], [0, 3, 1]], disagreement=[1, 1])
        got = ballots.utilities @ choose(name, ballots).dist
        assert (got >= 1 - 1e-9).all()

    def test_where_every_option_leaves_somebody_without_a_gain(self):
        ballots = numbers([[2, 0, 1], [0, 1, 0], [0, 3, 1]])
        choice = choose("nash", ballots)
        assert "gains for most" in str(choice.trace)
        assert winners("nash", ballots) == "b"

    def test_the_lottery_says_if_it_is_not_certain(self, monkeypatch):
        monkeypatch.setattr("dissensus.system.rules.nash.GAP", -1.0)
        choice = choose("nash-lottery", numbers([[1, 0], [0, 1]]))
        assert choice.status == "NOT_CONVERGED"
        assert choice.dist == pytest.approx([0.5, 0.5])

    def test_shares_of_ideal_gains_above_disagreement(self):
        u = [[3, 2, 0], [0, 1, 3]]
        assert winners("kalai-smorodinsky", numbers(u, disagreement=[1, 0.5])) == "b"
        none = choose("kalai-smorodinsky", numbers(u, disagreement=[2.5, 1]))
        assert none.status == "EMPTY"

    def test_nobody_can_gain_and_somebody_could_lose(self):
        ballots = numbers([[1, 0], [0, 1]], disagreement=[0.75, 0.25])
        choice = choose("kalai-smorodinsky-lottery", ballots)
        assert choice.dist == pytest.approx([0.75, 0.25])
        assert "no part can gain" in choice.trace.steps
        both = numbers([[1, 1], [2, 2]], disagreement=[1, 2])
        assert choose("kalai-smorodinsky-lottery", both).dist == pytest.approx([0.5, 0.5])

    def test_who_cannot_gain_is_left_out_and_named(self):
        choice = choose("nash", numbers([[1, 1], [0, 1]]))
        assert choice.winner_names == ("b",)
        for name in ("nash", "nash-lottery", "kalai-smorodinsky", "kalai-smorodinsky-lottery"):
            steps = choose(name, numbers([[1, 1], [0, 1]])).trace.steps
            left_out = [step for step in steps if step.startswith("left out")]
            assert [step.endswith(": part 1") for step in left_out] == [True]

    @pytest.mark.parametrize("name", ["nash", "kalai-smorodinsky", "egalitarian"])
    def test_all_indifferent(self, name):
        assert winners(name, numbers([[1, 1], [2, 2]], comparability="range")) == "ab"

    def test_the_gap_stands_in_the_trace(self):
        choice = choose("nash-lottery", numbers(np.random.default_rng(0).random((10, 8))))
        assert 0 <= abs(choice.trace.numbers["gap"]) <= 1e-9

    def test_leximin_looks_at_the_next(self):
        ballots = numbers([[0, 0, 2], [1, 3, 0]], comparability="full")
        assert winners("egalitarian", ballots) == "b"

    def test_leximin_over_lotteries_goes_on(self):
        # parts 1 and 2 share what there is; part 3 gets what costs them nothing
        u = [[1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 1]]
        choice = choose("egalitarian-lottery", numbers(u, comparability="full"))
        assert choice.trace.numbers["values"] == pytest.approx([0.5, 0.5, 1])
        equal = choose("kalai-smorodinsky-lottery", numbers(u))
        assert equal.trace.numbers["utilities"] == pytest.approx([0.5, 0.5, 1])

    def test_equal_options_get_equal_chances(self):
        u = [[1, 1, 0], [0, 0, 1]]
        for name in ("nash-lottery", "egalitarian-lottery", "kalai-smorodinsky-lottery"):
            choice = choose(name, numbers(u, comparability="full"))
            assert choice.dist == pytest.approx([0.25, 0.25, 0.5]), name

    def test_levels_above_a_stated_disagreement(self):
        u = [[5, 4], [1, 2]]
        assert winners("egalitarian", numbers(u, comparability="full")) == "b"
        above = numbers(u, comparability="full", disagreement=[4, 0])
        assert winners("egalitarian", above) == "a"


class TestChoice:
    def test_what_is_shown(self):
        assert repr(Choice.among("ab", [])) == "Choice: EMPTY"
        assert repr(Choice.among("abc", [0, 1, 2])) == "Choice: TIE between 'a', 'b' and 'c'"

    def test_a_stated_order_breaks_only_ties(self):
        lottery = Choice.lottery("ab", [0.5, 0.5])
        assert lottery.broken_by("ba") is lottery
        tie = Choice.among("ab", [0, 1], ["one vote each"])
        broken = tie.broken_by("ba")
        assert broken.winner_names == ("b",)
        assert broken.trace.steps == (
            "one vote each",
            "tie of 'a' and 'b' broken by the stated order: b, a",
        )
