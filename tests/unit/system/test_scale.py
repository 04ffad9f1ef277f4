"""What little compute does to parts, and what more of it does to the whole."""

import numpy as np
import pytest

from dissensus.system import Conventions, Part, System, World, at_scale, flips, scale_profile
from dissensus.system.ladder import LADDER, ladder
from dissensus.system.scale import (
    ScaleError,
    chance_of_picking_the_better,
    perceived_utilities,
    reliability,
)

ABC = World.of(["a", "b", "c"])


def system(rule="utilitarian", **options):
    parts = [Part("easy", [1, 0, 0.55], hardness=1), Part("hard", [0, 1.2, 0.6], hardness=9)]
    return System(parts, ABC, rule, comparability="unit", **options)


class TestPerception:
    @pytest.mark.parametrize(
        ("compute", "hardness", "expected"), [(1, 0, 1), (0, 0, 1), (0, 2, 0), (3, 1, 0.75)]
    )
    def test_reliability(self, compute, hardness, expected):
        assert reliability(compute, hardness) == expected

    def test_shrinkage_keeps_the_mean(self):
        seen = perceived_utilities([[0, 3, 6]], [1], [2])
        assert seen == pytest.approx(np.array([[2, 3, 4]]))

    @pytest.mark.parametrize("model", ["shrinkage", "noisy", "search"])
    def test_what_is_not_hard_is_seen_as_it_is(self, model):
        u = [[0.1, 0.7, 0.3]]
        assert perceived_utilities(u, [0], [0], model).tolist() == u

    def test_noise_has_the_stated_size_and_seed(self):
        u = np.tile([[0.0, 1.0]], (20_000, 1))
        seen = perceived_utilities(u, np.full(20_000, 4.0), np.full(20_000, 9.0), "noisy", seed=1)
        # the variance of the utilities is 1/4, that of the noise 9/4 of it
        assert (seen - u).std() == pytest.approx(0.75, rel=0.02)
        again = perceived_utilities(u, np.full(20_000, 4.0), np.full(20_000, 9.0), "noisy", seed=1)
        assert (seen == again).all()
        other = perceived_utilities(u, np.full(20_000, 4.0), np.full(20_000, 9.0), "noisy", seed=2)
        assert (seen != other).any()

    def test_noise_without_compute_says_nothing_of_the_truth(self):
        u = np.tile([[0.0, 1.0]], (4000, 1))
        seen = perceived_utilities(u, np.zeros(4000), np.ones(4000), "noisy")
        assert (seen[:, 1] > seen[:, 0]).mean() == pytest.approx(0.5, abs=0.03)

    @pytest.mark.parametrize(("compute", "looked"), [(0, 0), (1.9, 0), (2, 1), (5, 2), (99, 3)])
    def test_search_looks_at_what_compute_allows(self, compute, looked):
        seen = perceived_utilities([[0, 1, 5]], [compute], [2], "search")[0]
        assert sum(seen != 2) == looked
        assert set(seen) <= {0, 1, 5, 2}

    def test_search_draws_options_alike(self):
        counts = np.zeros(3)
        for seed in range(600):
            counts += perceived_utilities([[0, 1, 5]], [1], [1], "search", seed)[0] != 2
        assert counts == pytest.approx(np.full(3, 200), abs=40)

    def test_chance_of_picking_the_better(self):
        assert chance_of_picking_the_better(1, 0) == 0.5
        assert chance_of_picking_the_better(0, 9) == 0.5
        assert chance_of_picking_the_better(1, 4, deviation=2) == pytest.approx(
            chance_of_picking_the_better(1, 1)
        )


class TestScaling:
    def test_parts_may_scale_unlike(self):
        scaled = at_scale(system(), 10, [1, 0.5])
        assert [part.compute for part in scaled.parts] == pytest.approx([10, 10**0.5])
        assert [part.compute for part in system().parts] == [1, 1]

    @pytest.mark.parametrize("factor", [0, -1, float("nan"), float("inf")])
    def test_factors_that_are_none(self, factor):
        with pytest.raises(ScaleError, match="factor"):
            at_scale(system(), factor)

    def test_one_exponent_a_part(self):
        with pytest.raises(ScaleError, match="3 exponents for 2 parts"):
            at_scale(system(), 10, [1, 1, 1])

    def test_profile(self):
        profile = scale_profile(system())
        assert profile.factors == (1, 3, 10, 30, 100)
        assert profile.reach == 1
        # of the 10 pairs of scales, 3 do the same
        assert profile.mean_distance == pytest.approx(0.7)

    def test_profile_where_scale_does_not_matter(self):
        flat = scale_profile(System([Part("me", [1, 0, 0])], ABC, "plurality"))
        assert (flat.reach, flat.mean_distance) == (pytest.approx(1 / 3), 0)

    def test_profile_without_a_choice(self):
        cycle = [Part(o, order=o) for o in ("a > b > c", "b > c > a", "c > a > b")]
        assert scale_profile(System(cycle, ABC, "condorcet")).mean_distance is None

    def test_flips_are_where_the_choice_changes(self):
        found = flips(system(), 1, 1000)
        assert len(found) == 2
        for flip in found:
            below = at_scale(system(), flip.factor * 0.999).choice().winners
            above = at_scale(system(), flip.factor * 1.001).choice().winners
            assert (below, above) == (flip.below.winners, flip.above.winners)

    def test_two_flips_between_neighbours_of_a_coarse_grid(self):
        found = flips(system(), 1, 1000, steps=2)
        assert [round(flip.factor, 3) for flip in found] == [
            round(flip.factor, 3) for flip in flips(system(), 1, 1000)
        ]

    def test_no_flip(self):
        assert flips(System([Part("me", [1, 0, 0])], ABC, "plurality")) == ()

    @pytest.mark.parametrize("ends", [(0, 1), (2, 1), (1, 1)])
    def test_factors_in_order(self, ends):
        with pytest.raises(ScaleError, match="smaller first"):
            flips(system(), *ends)

    def test_abstention_is_a_convention(self):
        h = system("plurality", conventions=Conventions(abstain_below=0.05))
        assert h.choice().winner_names == ("a", "b")
        assert system("plurality").choice().winner_names == ("a",)

    def test_only_shrinkage_makes_parts_abstain(self):
        h = system("plurality", conventions=Conventions(compute_model="noisy"))
        assert not np.isnan(h.ballots(seed=3).ranks).any()


class TestLadder:
    def test_rungs(self):
        rungs = ladder(system("plurality"))
        assert tuple(rung.rule for rung in rungs) == LADDER
        assert rungs[0].displacement == rungs[0].override == 0

    def test_orders_reach_only_so_high(self):
        parts = [Part("me", order="a > b > c"), Part("you", order="b > a > c")]
        assert [rung.rule for rung in ladder(System(parts, ABC, "borda"))] == list(LADDER[:3])

    def test_no_choice_now(self):
        cycle = [Part(o, order=o) for o in ("a > b > c", "b > c > a", "c > a > b")]
        rung = ladder(System(cycle, ABC, "condorcet"))[0]
        assert (rung.displacement, rung.override) == (None, None)
