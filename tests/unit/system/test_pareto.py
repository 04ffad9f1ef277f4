"""Pareto gaps and steps, the three pointers, lotteries."""

import numpy as np
import pytest

from dissensus.system import (
    Frame,
    Part,
    System,
    World,
    efficient_actions,
    improvement,
    improving_steps,
    is_efficient,
)
from dissensus.system.lotteries import best_worst_off, largest_product, most_even, solve
from dissensus.system.pareto import distance_to_efficient
from dissensus.system.pointers import pointers, unlimited

COIN = [[1, 0, 0.8], [0, 1, 0.8]]
ABC = World.of(["a", "b", "c"])


class TestImprovement:
    def test_gains_of_each_on_its_own_range(self):
        found = improvement([[10, 0, 8], [0, 1, 0.8]], [0.5, 0.5, 0])
        assert found.gap == pytest.approx(0.3)
        assert found.gains == pytest.approx([0.3, 0.3])
        assert found.dist == pytest.approx([0, 0, 1])

    def test_units_and_zeros_do_not_matter(self):
        scaled = np.array([[1, 0, 0.8], [0, 1, 0.8]]) * [[7], [0.01]] + [[5], [-3]]
        assert improvement(scaled, [0.5, 0.5, 0]).gap == pytest.approx(0.3)

    def test_an_efficient_lottery_stays(self):
        found = improvement(COIN, [0.5, 0, 0.5])
        assert (found.gap, found.dist.tolist(), found.gains.tolist()) == (
            0,
            [0.5, 0, 0.5],
            [0, 0],
        )

    def test_an_indifferent_part_is_no_obstacle(self):
        assert improvement([[1, 0], [3, 3]], [0, 1]).gap == pytest.approx(0.5)

    def test_efficient_actions(self):
        assert efficient_actions(COIN) == (0, 1, 2)
        assert efficient_actions([[1, 0, 0.4], [0, 1, 0.4]]) == (0, 1)
        assert efficient_actions([[1, 1, 0]]) == (0, 1)


class TestDistance:
    def test_efficient_or_never(self):
        assert distance_to_efficient(COIN, [0, 0, 1]) == 0
        assert distance_to_efficient([[1, 0], [1, 0]], [0, 1]) == 1

    def test_the_chance_outside_the_best_efficient_set(self):
        assert distance_to_efficient(COIN, [0.25, 0.75, 0]) == pytest.approx(0.25)
        assert distance_to_efficient(COIN, [0.2, 0.3, 0.5]) == pytest.approx(0.2)

    def test_too_many_mixtures(self, monkeypatch):
        monkeypatch.setattr("dissensus.system.pareto.MOST_PROGRAMMES", 0)
        assert distance_to_efficient(COIN, [0.25, 0.75, 0]) is None


class TestSteps:
    def test_many_parts_are_drawn(self):
        u = np.random.default_rng(0).random((5, 4))
        few = improving_steps(u, [0.25] * 4, most_orders=10)
        assert (few.exhaustive, len(few.orders)) == (False, 10)
        every = improving_steps(u, [0.25] * 4)
        assert (every.exhaustive, len(every.orders)) == (True, 120)
        again = improving_steps(u, [0.25] * 4, most_orders=10)
        assert again.orders == few.orders
        assert all(is_efficient(u, dist) for dist in every.dists)

    def test_nothing_to_improve(self):
        steps = improving_steps(COIN, [0, 0, 1])
        assert steps.utilities.tolist() == [[0.8, 0.8]]
        assert (steps.point_of_order, steps.diameter) == ((0, 0), 0)


class TestPointers:
    def test_orders_only(self):
        parts = [Part("me", order="a > b > c"), Part("you", order="b > a > c")]
        found = pointers(System(parts, ABC, "plurality"))
        assert found.efficient == (0, 1)
        assert not found.among_lotteries
        assert found.selections == {}
        assert found.pareto_gap is None
        assert set(found.reasons) == {
            "nash",
            "kalai-smorodinsky",
            "egalitarian",
            "utilitarian",
            "pareto_gap",
            "distance",
        }
        assert found.in_words == "three readings of what it wants: a or b; {a, b}; any of a, b"

    def test_no_choice(self):
        cycle = [Part(o, order=o) for o in ("a > b > c", "b > c > a", "c > a > b")]
        found = pointers(System(cycle, ABC, "condorcet"))
        assert found.unmet_share is None
        assert "CYCLE" in found.reasons["unmet_share"]
        assert found.in_words.startswith("three readings of what it wants: CYCLE;")

    def test_standing_of_the_unmet(self):
        parts = [Part("me", [1, 0, 0], standing=3), Part("you", [0, 1, 0.5])]
        found = pointers(System(parts, ABC, "plurality"))
        assert found.unmet_share == pytest.approx(0.25)

    def test_lotteries(self):
        parts = [Part("me", [1, 0, 0.4]), Part("you", [0, 1, 0.4])]
        h = System(parts, ABC, "nash")
        assert h.choice().winner_names == ("c",)
        found = pointers(h, lotteries=True)
        assert found.selections["nash-lottery"].dist == pytest.approx([0.5, 0.5, 0])
        assert found.selection_distances["nash-lottery"] == pytest.approx(1)
        assert found.pareto_gap == pytest.approx(0.1)
        assert found.distance == 1

    def test_distance_to_a_selection(self):
        parts = [Part("me", [1, 0, 0], standing=3), Part("you", [0, 1, 0])]
        found = pointers(System(parts, ABC, "random-dictator"), lotteries=True)
        assert found.output.dist == pytest.approx([0.75, 0.25, 0])
        assert found.selection_distances["nash-lottery"] == pytest.approx(0)
        assert found.selection_distances["egalitarian-lottery"] == pytest.approx(0.25)

    def test_wants_are_those_of_unlimited_compute(self):
        parts = [Part("hard", [0, 3, 0], hardness=20), Part("easy", [1, 0, 0])]
        h = System(parts, ABC, "plurality")
        assert h.choice().winner_names == ("a",)
        assert pointers(h).wants == ((1,), (0,))
        assert unlimited(h).choice().winner_names == ("a", "b")

    def test_frames_and_observations_go_through(self):
        world = World(
            ["a", "b"],
            initial_belief=[0.5, 0.5],
            observation_probabilities=[[1, 0], [0, 1]],
            outcome_probabilities=[[[1, 0], [0, 1]], [[0, 1], [1, 0]]],
        )
        h = System([Part("me", [1, 0])], world, "plurality")
        assert pointers(h, 0).output.winner_names == ("a",)
        assert pointers(h, 1).wants == ((1,),)
        tied = pointers(h, frame=Frame(tie_break=("b", "a")))
        assert tied.output.winner_names == ("b",)


class TestLotteries:
    def test_the_gap_bounds_the_loss(self):
        solved = largest_product(np.array([[1.0, 0], [0, 1.0]]), np.array([1.0, 3.0]))
        assert solved.dist == pytest.approx([0.25, 0.75])
        assert solved.gap <= 1e-9

    def test_many_shapes(self):
        random = np.random.default_rng(1)
        for _ in range(150):
            n, k = random.integers(1, 9), random.integers(1, 40)
            gains = random.random((n, k)) * 10.0 ** random.integers(-6, 7, (n, 1))
            if random.random() < 0.5:
                gains *= random.random((n, k)) < 0.3
            assert largest_product(gains, random.random(n) + 0.01).gap <= 1e-9

    def test_gains_on_the_edge_of_what_harms_nobody(self):
        # only the third option, and mixtures of the first two, harm nobody; nobody gains
        solved = largest_product(np.array([[1.0, -1, 0], [-1, 1, 0]]), np.ones(2))
        assert not solved.gaining.any()
        # the third part gains where the first two stay as they are
        gains = np.array([[1.0, -1, 0, 0.5], [-1, 1, 0, -0.5], [0, 0, 0, 1]])
        solved = largest_product(gains, np.ones(3))
        assert solved.gaining.tolist() == [False, False, True]
        assert solved.dist == pytest.approx([0, 1 / 3, 0, 2 / 3], abs=1e-6)

    def test_nothing_harms_nobody(self):
        assert largest_product(np.array([[-1.0, -1], [1, 1]]), np.ones(2)).dist is None

    def test_worst_off_of_one(self):
        assert best_worst_off(np.array([[1.0, 2, 2]])) == pytest.approx([0, 0.5, 0.5])

    def test_most_even_keeps_what_has_no_equal(self):
        assert most_even(np.eye(2), np.array([0.3, 0.7])).tolist() == [0.3, 0.7]

    def test_a_programme_without_a_solution_is_a_bug_of_ours(self):
        with pytest.raises(ArithmeticError, match="without a solution"):
            solve(np.zeros(1), np.array([[1.0]]), np.array([-1.0]))
