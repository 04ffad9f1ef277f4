"""Parts, worlds and systems: what they accept, and the words in which they refuse."""

from dataclasses import replace

import numpy as np
import pytest

from dissensus.errors import DissensusError
from dissensus.system import (
    ComparabilityError,
    Conventions,
    Frame,
    Part,
    PartError,
    RuleError,
    System,
    SystemDescriptionError,
    World,
    WorldError,
    expected_utilities,
)

SEA = World.of(["sea", "hills", "town"])


def couple(rule="plurality", **options):
    parts = [Part("me", [1, 0.5, 0]), Part("you", [0, 0.75, 1])]
    return System(parts, SEA, rule, **options)


class TestPart:
    @pytest.mark.parametrize("standing", [0, -1, float("nan"), float("inf")])
    def test_standing_above_zero(self, standing):
        with pytest.raises(PartError, match="standing") as caught:
            Part("me", [1], standing=standing)
        assert caught.value.values["part"] == "me"

    @pytest.mark.parametrize("name", ["hardness", "compute", "rationality"])
    def test_negative_numbers(self, name):
        with pytest.raises(PartError, match=name):
            Part("me", [1], **{name: -0.1})
        Part("me", [1], **{name: 0})

    def test_aspiration_is_a_number(self):
        with pytest.raises(PartError, match="aspiration"):
            Part("me", [1], aspiration=float("nan"))

    def test_one_way_to_speak(self):
        with pytest.raises(PartError, match="no way to speak"):
            Part("me")
        with pytest.raises(PartError, match="utilities and order"):
            Part("me", [1, 0], order="a > b")

    @pytest.mark.parametrize("utilities", [[1, float("nan")], ["a"], [[1, 2], [3]], [[1, 2]], []])
    def test_utilities_are_numbers(self, utilities):
        with pytest.raises(PartError, match=r"finite number|shape"):
            Part("me", utilities)

    def test_utilities_are_frozen_and_apart_from_the_input(self):
        given = np.array([1.0, 0.0])
        part = Part("me", given)
        given[0] = 9
        assert part.utilities.tolist() == [1, 0]
        with pytest.raises(ValueError, match="read-only"):
            part.utilities[0] = 2

    @pytest.mark.parametrize("order", ["a > a", "a >", "", "a = > b", [["a"], ["b", "a"]]])
    def test_orders_that_are_none(self, order):
        with pytest.raises(PartError, match="order"):
            Part("me", order=order)

    def test_names_with_signs_need_the_list_form(self):
        assert Part("me", order=["a=b", ["c>d", "e"]]).order == (("a=b",), ("c>d", "e"))


class TestWorld:
    def test_defaults(self):
        assert SEA.outcomes == SEA.actions
        assert SEA.outcome_probabilities[:, 0].tolist() == np.eye(3).tolist()
        assert SEA.belief().tolist() == [1]

    def test_a_row_that_does_not_sum_to_one_is_named_with_its_sum(self):
        rows = [[[0.5, 0.5], [1, 0]], [[1, 0], [0.4, 0.5]]]
        with pytest.raises(WorldError) as caught:
            World(["a", "b"], states=["sun", "rain"], outcome_probabilities=rows)
        assert caught.value.found == (
            "outcome_probabilities of action 'b', state 'rain' sum to 0.9"
        )
        assert caught.value.values["sum"] == pytest.approx(0.9)

    @pytest.mark.parametrize(
        ("name", "table"),
        [
            ("initial_belief", [0.5, 0.6]),
            ("initial_belief", [1.5, -0.5]),
            ("observation_probabilities", [[0.5, 0.4], [0.5, 0.5]]),
            ("transitions", [[[1, 0], [0, 0.9]]]),
        ],
    )
    def test_every_table_is_checked(self, name, table):
        with pytest.raises(WorldError, match=name):
            World(["a"], states=["sun", "rain"], **{name: table})

    def test_tolerance_of_a_sum(self):
        World(["a"], initial_belief=[0.5, 0.5 + 5e-10])
        with pytest.raises(WorldError, match="sum to"):
            World(["a"], initial_belief=[0.5, 0.5 + 2e-9])

    @pytest.mark.parametrize(
        "options",
        [
            {"initial_belief": [1], "states": ["sun", "rain"]},
            {"outcome_probabilities": [[[1, 0]], [[1, 0]]]},
            {"outcome_probabilities": [[[1, 0], [0, 1]]], "outcomes": ["x"]},
            {"outcomes": ["x"]},
            {"outcome_probabilities": [[[1, 0], [1]]]},
            {"states": "sun"},
            {"horizon": 0},
            {"discount": 1.1},
        ],
    )
    def test_shapes_and_names_that_do_not_fit(self, options):
        with pytest.raises(WorldError):
            World(["a"], **options)

    @pytest.mark.parametrize("actions", [[], ["a", "a"], "ab", ["a", ""]])
    def test_names_of_actions(self, actions):
        with pytest.raises(WorldError):
            World(actions)

    def test_one_state_needs_no_level_of_brackets(self):
        world = World(["a", "b"], ["win", "lose"], outcome_probabilities=[[0.3, 0.7], [1, 0]])
        assert world.outcome_probabilities.shape == (2, 1, 2)

    def test_observations(self):
        world = World(
            ["a"],
            states=["sun", "rain"],
            observations=["dry", "wet", "snow"],
            observation_probabilities=[[1, 0, 0], [0.5, 0.5, 0]],
        )
        assert world.belief("dry") == pytest.approx([2 / 3, 1 / 3])
        assert world.belief(1).tolist() == [0, 1]
        with pytest.raises(WorldError, match="did you mean 'wet'"):
            world.belief("wett")
        with pytest.raises(WorldError, match="chance 0"):
            world.belief("snow")
        for outside in (3, -1):
            with pytest.raises(WorldError, match="observation"):
                world.belief(outside)

    def test_replacing_a_field_checks_again(self):
        world = World(["a"], initial_belief=[0.5, 0.5])
        assert replace(world, initial_belief=[0.2, 0.8]).belief().tolist() == [0.2, 0.8]
        with pytest.raises(WorldError):
            replace(world, initial_belief=[0.2, 0.7])


class TestSystem:
    def test_no_parts(self):
        with pytest.raises(SystemDescriptionError, match="without parts"):
            System([], SEA, "plurality")

    def test_two_parts_of_one_name(self):
        with pytest.raises(SystemDescriptionError, match="'me'"):
            System([Part("me", [1, 0, 0]), Part("me", [0, 1, 0])], SEA, "plurality")

    def test_utilities_of_the_wrong_length(self):
        with pytest.raises(SystemDescriptionError, match=r"shape \(2,\)") as caught:
            System([Part("me", [1, 0])], SEA, "plurality")
        assert "sea, hills, town" in caught.value.needed

    def test_an_option_that_is_no_action(self):
        with pytest.raises(DissensusError, match="did you mean 'hills'"):
            System([Part("me", order="sea > hils")], SEA, "plurality")

    def test_unknown_rules_are_answered_with_near_ones(self):
        with pytest.raises(RuleError, match="did you mean 'borda'"):
            couple("bordo")
        with pytest.raises(RuleError, match="did you mean 'borda'"):
            couple().choice(rule="bordo")

    def test_a_model_of_another_world(self):
        stranger = Part("me", [1, 0], model=World.of(["a", "b"]))
        with pytest.raises(SystemDescriptionError, match="model of part 'me'"):
            System([stranger], SEA, "plurality")

    def test_a_system_inside_itself(self):
        orders = [Part("x", order="sea > hills")]
        inner = System(orders, SEA, "plurality", name="firm")
        middle = System([Part("team", inner=inner)], SEA, "plurality", name="team")
        with pytest.raises(SystemDescriptionError, match="'firm' is inside itself: firm > team"):
            System([Part("y", inner=middle)], SEA, "plurality", name="firm")

    def test_a_system_inside_with_other_actions(self):
        inner = System([Part("x", [1, 0])], World.of(["a", "b"]), "plurality")
        with pytest.raises(SystemDescriptionError, match="inside part 'team'"):
            System([Part("team", inner=inner)], SEA, "plurality")

    @pytest.mark.parametrize("point", [[0], [0, float("nan")], [[0, 0]]])
    def test_disagreement_of_the_wrong_form(self, point):
        with pytest.raises(SystemDescriptionError, match="disagreement"):
            couple(disagreement=point)

    def test_comparability(self):
        assert couple().comparability == "range"
        mixed = [Part("me", [1, 0, 0]), Part("you", order="sea")]
        assert System(mixed, SEA, "plurality").comparability == "ordinal"
        with pytest.raises(SystemDescriptionError, match="cardinal"):
            couple(comparability="cardinal")

    def test_unknown_conventions(self):
        with pytest.raises(DissensusError, match="unranked is 'first'"):
            Conventions(unranked="first")

    @pytest.mark.parametrize(
        "frame",
        [
            Frame(agenda=("sea", "hills")),
            Frame(tie_break=("sea", "sea", "town")),
            Frame(turn="nobody"),
        ],
    )
    def test_frames_that_do_not_fit(self, frame):
        with pytest.raises(DissensusError, match="mend"):
            couple().choice(frame=frame)

    def test_several_steps_are_refused(self):
        with pytest.raises(SystemDescriptionError, match="horizon of 2"):
            System([Part("me", [1, 0])], World(["a", "b"], horizon=2), "plurality")

    def test_replacing_a_field(self):
        assert replace(couple(), rule="borda").choice().winner_names == ("sea", "hills", "town")


class TestExpectedUtilities:
    def test_each_part_by_its_own_model(self):
        def world(chance):
            return World(
                ["bet", "pass"],
                ["win", "lose", "none"],
                initial_belief=[chance, 1 - chance],
                outcome_probabilities=[[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [0, 0, 1]]],
            )

        parts = [Part("shared", [2, -1, 0]), Part("own", [2, -1, 0], model=world(0.9))]
        values = expected_utilities(System(parts, world(0.5), "plurality"))
        assert values == pytest.approx(np.array([[0.5, 0], [1.7, 0]]))

    def test_rewards_by_state_and_action(self):
        world = World(["a", "b"], states=["sun", "rain"], initial_belief=[0.25, 0.75])
        part = Part("me", [[[4, 0], [0, 2]]])
        assert expected_utilities(System([part], world, "plurality")).tolist() == [[1, 1.5]]

    def test_orders_have_no_utilities(self):
        h = System([Part("me", order="sea > town")], SEA, "plurality")
        assert np.isnan(expected_utilities(h)).all()


class TestWhatPartsSay:
    def test_unlisted_options_are_unranked(self):
        h = System([Part("me", order="sea > town")], SEA, "plurality")
        assert h.ballots().ranks.tolist() == [[1, pytest.approx(np.nan, nan_ok=True), 2]]

    def test_equal_but_for_rounding(self):
        h = System([Part("me", [0.3, 0.1 + 0.2, 1])], SEA, "plurality")
        assert h.ballots().ranks.tolist() == [[2, 2, 1]]

    def test_little_compute_gives_no_order_but_pale_utilities(self):
        parts = [Part("hard", [3, 0, 0], hardness=20), Part("easy", [0, 1, 0])]
        ballots = System(parts, SEA, "plurality").ballots()
        assert np.isnan(ballots.ranks[0]).all()
        assert ballots.utilities[0] == pytest.approx(1 + np.array([2, -1, -1]) / 21)
        assert not np.isnan(ballots.ranks[1]).any()

    @pytest.mark.parametrize(("compute", "silent"), [(4.99, True), (5, False)])
    def test_where_abstention_begins(self, compute, silent):
        part = Part("hard", [3, 0, 0], hardness=20, compute=compute)
        ranks = System([part], SEA, "plurality").ballots().ranks
        assert np.isnan(ranks).all() == silent

    def test_a_system_as_a_part_speaks_by_its_winners(self):
        def team(*orders):
            return System(
                [Part(o + str(i), order=o) for i, o in enumerate(orders)], AB, "plurality"
            )

        AB = World.of(["A", "B"])
        teams = [team("A", "A", "B"), team("A", "A", "B"), team("B", "B", "B")]
        parts = [Part(f"team {i}", inner=inner) for i, inner in enumerate(teams)]
        assert System(parts, AB, "plurality").choice().winner_names == ("A",)

    def test_a_part_that_cannot_decide_abstains(self):
        abc = World.of(["a", "b", "c"])
        cycle = [Part(o, order=o) for o in ("a > b > c", "b > c > a", "c > a > b")]
        inner = System(cycle, abc, "condorcet")
        both = System([Part("torn", inner=inner), Part("sure", order="b")], abc, "plurality")
        assert both.choice().winner_names == ("b",)
        alone = System([Part("torn", inner=inner)], abc, "plurality").choice()
        assert (alone.status, alone.dist, alone.winners) == ("EMPTY", None, frozenset())


class TestComparability:
    @pytest.mark.parametrize(
        ("declared", "rule", "allowed"),
        [
            ("ordinal", "borda", True),
            ("ordinal", "approval", False),
            ("ordinal", "nash", False),
            ("range", "nash", True),
            ("range", "score", True),
            ("range", "egalitarian", True),
            ("range", "utilitarian", False),
            ("range", "softmax", False),
            ("unit", "utilitarian", True),
            ("full", "egalitarian", True),
        ],
    )
    def test_what_a_rule_needs(self, declared, rule, allowed):
        h = couple(rule, comparability=declared)
        if allowed:
            assert h.choice().winners
            return
        with pytest.raises(ComparabilityError) as caught:
            h.choice()
        assert caught.value.values["rule"] == rule

    def test_stretching_asks_for_less(self):
        h = couple("utilitarian", conventions=Conventions(scale="range"))
        assert h.choice().winner_names == ("hills",)

    def test_raw_utilities_ask_for_more(self):
        h = couple("egalitarian", comparability="unit", conventions=Conventions(scale="raw"))
        with pytest.raises(ComparabilityError, match="'full'"):
            h.choice()
        h = couple("score", comparability="range", conventions=Conventions(scale="raw"))
        with pytest.raises(ComparabilityError, match="'unit'"):
            h.choice()

    def test_egalitarian_compares_levels_only_if_they_compare(self):
        parts = [Part("rich", [10, 9, 8]), Part("poor", [0, 1, 3])]
        on_ranges = System(parts, SEA, "egalitarian", comparability="unit").choice()
        on_levels = System(parts, SEA, "egalitarian", comparability="full").choice()
        assert on_ranges.winner_names == ("hills",)
        assert on_levels.winner_names == ("town",)

    def test_a_part_without_utilities_is_named(self):
        parts = [Part("me", [1, 0, 0]), Part("you", order="sea")]
        h = System(parts, SEA, "nash", comparability="range")
        with pytest.raises(ComparabilityError, match="part 'you' gives no utilities"):
            h.choice()
