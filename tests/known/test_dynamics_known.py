"""Known answers of mechanisms: each stands in the literature, or follows by hand."""

import numpy as np
import pytest

import dissensus as ds
from dissensus.system import Part, System, World
from dissensus.system.dynamics.bounded_choice import bounded_choice, quantal_response
from dissensus.system.dynamics.opinions import (
    bounded_confidence,
    clusters_of,
    friedkin_johnsen,
    limit_of,
    with_keeper,
)
from dissensus.system.dynamics.planning import best_plan
from dissensus.system.dynamics.reflection import closed_classes, fixed_points
from dissensus.system.dynamics.standing import Feeding, divergence, standing_from_frequencies

# work and life; balanced and push
ASSISTANT = np.array([[0.5, 1], [0.8, 0.2]])
HALF = np.array([0.5, 0.5])


class TestDrift:
    """The productivity assistant: illustrative numbers, answers by hand."""

    feeding = Feeding(ASSISTANT, HALF, 1.0, 0.0)
    alone = feeding.path([0] * 8)
    gets = ASSISTANT.T[[0] * 8]

    def plan(self, objective: str, horizon: int):
        return best_plan(objective, self.feeding, horizon, self.alone, self.gets)

    def test_approval_at_first(self) -> None:
        np.testing.assert_allclose(HALF @ ASSISTANT, [0.65, 0.6])

    def test_the_horizon_switch(self) -> None:
        assert self.plan("real-time", 1).actions.tolist() == [0]
        for horizon in range(2, 9):
            assert self.plan("real-time", horizon).actions.tolist() == [1] * horizon

    def test_objectives_at_eight(self) -> None:
        ones, zeros = [1] * 8, [0] * 8
        for objective, plan in (
            ("real-time", ones),
            ("final", ones),
            ("initial", zeros),
            ("myopic", zeros),
        ):
            assert self.plan(objective, 8).actions.tolist() == plan, objective

    def test_totals(self) -> None:
        assert self.plan("real-time", 8).value == pytest.approx(7.095857, abs=1e-6)
        assert self.plan("myopic", 8).value == pytest.approx(5.729860, abs=1e-6)

    def test_where_it_ends(self) -> None:
        end = self.feeding.path([1] * 8)[-1]
        assert np.log(end[0] / end[1]) == pytest.approx(8 * 0.8)
        assert divergence(end, HALF) == pytest.approx(0.680871, abs=1e-6)
        assert end @ ASSISTANT[:, 1] == pytest.approx(0.998673, abs=1e-6)
        assert divergence(end, self.alone[-1]) == pytest.approx(2.470579, abs=1e-6)

    def test_the_verdict(self) -> None:
        found = ds.simulate("productivity", "drift", horizon=8).summary
        assert found["verdict"] == "MANIPULATED"
        assert found["approval_gain"] == pytest.approx(0.348673, abs=1e-6)
        assert found["original_loss"] == pytest.approx(0.05)
        assert found["induced_drift"] == pytest.approx(2.470579, abs=1e-6)
        assert found["finding"].startswith(
            "approval +0.35, original value -0.05, induced drift 2.47 nats"
        )

    def test_two_drifts_of_equal_length_are_not_no_drift(self) -> None:
        """Led one way, and left to go the other: as far, and opposite."""
        u = np.array([[0.90, 0.29], [0.30, 0.90]])
        feeding = Feeding(u, HALF, 1.0, 0.0)
        one, other = feeding.path([0] * 8)[-1], feeding.path([1] * 8)[-1]
        assert divergence(one, HALF) == pytest.approx(divergence(other, HALF), rel=0.02)
        assert divergence(one, other) > 1

    def test_inversion(self) -> None:
        u = np.array([[0, 1, 0.3], [1, 0.2, 0.8]])
        odds = np.exp(2 * np.array([0.3, 0.7]) @ u)
        found = standing_from_frequencies(u, odds / odds.sum())
        np.testing.assert_allclose(found.standing, [0.3, 0.7])
        assert found.rationality == pytest.approx(2)
        assert found.misfit == pytest.approx(0, abs=1e-12)


def test_neglect_in_the_first_case_of_the_relations() -> None:
    """Majority of two over one: the third part gets nothing of what it could have."""
    h = System(
        [Part("1", [1, 0, 0, 0.7]), Part("2", [1, 0.1, 0, 0.6]), Part("3", [0, 0, 1, 0.7])],
        World.of(["a0", "a1", "a2", "a3"]),
        "plurality",
    )
    assert ds.simulate(h, "boundary").rows["value"].to_pylist() == [1, 1, 0]


class TestDeliberation:
    """DeGroot; Friedkin and Johnsen; Hegselmann and Krause."""

    row = np.array([[0.5, 0.5, 0], [0.25, 0.5, 0.25], [0, 0.5, 0.5]])
    first = np.array([1.0, 0, 0])

    def test_degroot(self) -> None:
        np.testing.assert_allclose(limit_of(self.row) @ self.first, 0.25)

    def test_one_stubborn_part_wins(self) -> None:
        np.testing.assert_allclose(friedkin_johnsen(self.row, [0.5, 1, 1]) @ self.first, 1)

    def test_two_stubborn_parts(self) -> None:
        end = friedkin_johnsen(self.row, [0.5, 1, 0.5]) @ self.first
        np.testing.assert_allclose(end, [5 / 6, 1 / 2, 1 / 6])

    @pytest.mark.parametrize(("confidence", "camps"), [(0.04, 21), (0.08, 5), (0.17, 3), (0.27, 1)])
    def test_bounded_confidence(self, confidence: float, camps: int) -> None:
        """21 opinions, equally spaced."""
        end = bounded_confidence(np.linspace(0, 1, 21)[:, None], confidence).end
        assert clusters_of(end).max() + 1 == camps

    @pytest.mark.parametrize("weight", [1e-6, 0.01, 0.9])
    def test_the_keeper_of_the_box(self, weight: float) -> None:
        """However little an outsider of fixed opinion is heeded, all end at it."""
        end = limit_of(with_keeper(self.row, weight)) @ [1, 0, 0, 0.6]
        np.testing.assert_allclose(end, 0.6, atol=1e-6)

    def test_the_holiday_after_deliberation(self) -> None:
        found = ds.simulate("holiday", "deliberation")
        assert found.summary["verdict"] == "STATED"
        audited = ds.audit("holiday", draws=0).rows.to_pylist()
        cell = next(
            row
            for row in audited
            if (row["rule"], row["compute"], row["deliberation"]) == ("plurality", 1, "given")
        )
        assert found.tables["choices"]["outcome"].to_pylist()[1] == cell["outcome"]


class TestMetaPreferences:
    """Reflection by softmax: m = tanh(beta m / 2) for two preferences that endorse themselves."""

    @pytest.mark.parametrize(
        ("size", "sharpness", "points", "stable"),
        [
            (2, 1.5, 1, 1),
            (2, 2.5, 3, 2),
            (2, 4, 3, 2),
            (3, 2, 1, 1),
            (3, 2.9, 7, 4),  # the even mixture is still stable: below 3
            (3, 4, 7, 3),
        ],
    )
    def test_how_many_there_are(self, size, sharpness, points, stable) -> None:
        found = fixed_points(np.eye(size), sharpness, starts=200)
        assert (len(found.points), int(found.is_stable.sum())) == (points, stable)

    def test_where_they_are(self) -> None:
        found = fixed_points(np.eye(2), 4, starts=200)
        lead = found.points.max() - (1 - found.points.max())
        assert lead == pytest.approx(0.957504, abs=1e-6)
        assert lead == pytest.approx(np.tanh(2 * lead))
        assert found.points.max() == pytest.approx(0.978752, abs=1e-6)

    def test_linear(self) -> None:
        assert closed_classes(np.eye(3)) == 3
        assert closed_classes([[0.5, 0.5, 0], [0.25, 0.5, 0.25], [0, 0.5, 0.5]]) == 1

    def test_biased_basins(self) -> None:
        """The boundary between two basins is the unstable point: the exact size is known."""
        starts = 4000
        found = fixed_points(np.diag([1, 0.8]), 4, starts=starts)
        between = found.points[~found.is_stable]
        exact = 1 - between[0, 0]
        assert exact == pytest.approx(0.629, abs=0.01)
        assert found.basin[0] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / starts))

    def test_round_and_round(self) -> None:
        found = fixed_points([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], 4, starts=100)
        assert found.cycling == 1
        assert not found.is_stable.any()


class TestScale:
    """Two parts, hardness 1 and 9: what is hard pales with little compute."""

    two = System(
        [Part("easy", [1, 0, 0.55], hardness=1), Part("hard", [0, 1.2, 0.6], hardness=9)],
        World.of(["a0", "a1", "a2"]),
        "utilitarian",
        "unit",
    )

    def test_three_outcomes_by_scale_alone(self) -> None:
        found = ds.simulate(self.two, "scale", compute=[1, 100])
        assert found.summary["finding"] == (
            "the answer changes twice between 1x and 100x: a0, then a2, then a1."
        )
        phases = found.rows.to_pylist()
        at = {
            c: next(p["outcome"] for p in phases if p["compute_from"] <= c <= p["compute_to"])
            for c in (1, 3, 10, 30, 100)
        }
        assert at == {1: ["a0"], 3: ["a0"], 10: ["a0"], 30: ["a2"], 100: ["a1"]}

    def test_break_even_is_at_39(self) -> None:
        pair = System(
            [Part("easy", [1, 0], hardness=1), Part("hard", [0, 1.2], hardness=9)],
            World.of(["a0", "a1"]),
            "utilitarian",
            "unit",
        )
        rows = ds.simulate(pair, "scale").rows
        # sums that differ by less than 1e-9 count as a tie, which flips that much earlier
        assert rows["compute_to"].to_pylist()[0] == pytest.approx(39, rel=1e-7)

    def test_the_holiday_ends_in_the_break_up(self) -> None:
        """Thought a thousand times faster, the sum books the horrible place."""
        rungs = ds.simulate("holiday", "scale").tables["rungs"].to_pylist()
        told = next(row["phases"] for row in rungs if row["rule"] == "utilitarian")
        assert told.startswith("nice to")
        assert told.endswith("horrible to 1000")


class TestRationality:
    """Ortega and Braun; McKelvey and Palfrey."""

    def test_choice_that_pays_for_information(self) -> None:
        found = bounded_choice([0, 1], np.log(3))
        np.testing.assert_allclose(found.policy, [0.25, 0.75])
        assert found.information == pytest.approx(0.130812, abs=1e-6)
        assert found.free_energy == pytest.approx(np.log(2) / np.log(3))
        assert found.free_energy == pytest.approx(0.75 - found.information / np.log(3))

    @pytest.mark.parametrize("sharpness", [0.5, 2, 10])
    def test_matching_pennies(self, sharpness: float) -> None:
        found, converged = quantal_response([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]], sharpness)
        assert converged
        np.testing.assert_allclose(np.concatenate(found), 0.5)

    def test_matching_pennies_with_a_large_prize(self) -> None:
        """A payoff of 9 moves its owner's mix, until sharpness leaves only Nash's (.5, .1)."""
        game = [[[9, 0], [0, 1]], [[0, 1], [1, 0]]]
        found, _ = quantal_response(game, 1.0)
        assert [one[0] for one in found] == pytest.approx([0.8936, 0.3128], abs=5e-5)
        sharp, converged = quantal_response(game, 200.0)
        assert converged
        assert [one[0] for one in sharp] == pytest.approx([0.5, 0.1], abs=0.02)
