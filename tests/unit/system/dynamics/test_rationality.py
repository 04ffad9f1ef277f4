"""Bounded rationality: free energy, worthwhile effort, games, mistakes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dissensus as ds
from dissensus.system import Part, System, World
from dissensus.system.dynamics import MechanismError
from dissensus.system.dynamics.bounded_choice import (
    bounded_choice,
    quantal_response,
    worthwhile_compute,
)

utilities = st.lists(st.floats(-5, 5), min_size=2, max_size=6).map(np.array)


@settings(max_examples=60, deadline=None)
@given(utilities, st.floats(0.05, 20), st.integers(0, 1000))
def test_no_other_policy_has_more_free_energy(u, sharpness, seed) -> None:
    random = np.random.default_rng(seed)
    prior = random.dirichlet(np.ones(len(u)))
    found = bounded_choice(u, sharpness, prior)
    closed = np.log(prior @ np.exp(sharpness * (u - u.max()))) / sharpness + u.max()
    assert found.free_energy == pytest.approx(closed, abs=1e-8)
    for other in random.dirichlet(np.ones(len(u)), size=20):
        cost = (other * np.log(np.maximum(other, 1e-300) / prior)).sum() / sharpness
        assert other @ u - cost <= found.free_energy + 1e-9


def test_without_sharpness_habit_decides() -> None:
    found = bounded_choice([1, 0], 0.0, [0.2, 0.8])
    np.testing.assert_allclose(found.policy, [0.2, 0.8])
    assert found.information == pytest.approx(0)
    assert found.free_energy == found.value == pytest.approx(0.2)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.01, 10), st.floats(0.01, 50), st.floats(0.001, 5))
def test_no_other_effort_is_worth_more(gain, hardness, price) -> None:
    compute, net = worthwhile_compute(gain, hardness, price)
    tried = np.concatenate([np.linspace(0, 4 * compute + 1, 400), [compute]])
    worth = gain * tried / (tried + hardness) - price * tried
    assert net == pytest.approx(worth.max(), abs=1e-9)
    assert (compute == 0) == (gain <= price * hardness * (1 + 1e-12))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0.1, 3))
def test_equilibria_answer_themselves(seed: int, sharpness: float) -> None:
    u = np.random.default_rng(seed).normal(size=(2, 2, 3))
    (first, second), converged = quantal_response(u, sharpness)
    if converged:
        worth = u[0] @ second, first @ u[1]
        for mixed, one in zip((first, second), worth, strict=True):
            odds = np.exp(sharpness * (one - one.max()))
            np.testing.assert_allclose(mixed, odds / odds.sum(), atol=1e-7)


def test_three_parts_play() -> None:
    u = np.zeros((3, 2, 2, 2))
    u[0, 0], u[1, :, 0], u[2, :, :, 0] = 1, 1, 1
    found, converged = quantal_response(u, 1.0)
    assert converged
    for mixed in found:
        np.testing.assert_allclose(mixed, [np.e / (1 + np.e), 1 / (1 + np.e)])


def test_verdicts_and_numbers() -> None:
    found = ds.simulate("holiday", "rationality")
    assert found.summary["verdict"] == "THINKS"
    assert found.summary["crossings"] == 0
    dear = ds.simulate("holiday", "rationality", price=1.0)
    assert dear.summary["verdict"] == "GUESSES"
    assert dear.rows["best_compute"].to_pylist() == [0.0] * 4
    plain = ds.simulate("productivity", "rationality")
    assert "none has to think" in plain.summary["finding"]
    assert plain.rows["chance_right"].to_pylist() == [1.0, 1.0]


def test_the_best_served_part_changes_where_the_answer_flips() -> None:
    pair = System(
        [Part("easy", [1, 0], hardness=1), Part("hard", [0, 1.2], hardness=9)],
        World.of(["a0", "a1"]),
        "utilitarian",
        "unit",
    )
    summary = ds.simulate(pair, "rationality").summary
    assert summary["crossings"] == 1
    assert 39 <= summary["first_crossing"] <= 39 * 1.3  # the next point of the grid


def test_a_game_of_the_parts() -> None:
    coin = [[1, -1], [-1, 1]]
    other = [[-1, 1], [1, -1]]
    found = ds.simulate("productivity", "rationality", payoffs=[coin, other])
    assert found.tables["game"]["chance"].to_pylist() == pytest.approx([0.5] * 4)


def test_mistakes() -> None:
    for given_, words in (
        ({"price": 0}, "above 0"),
        ({"prior": [1, 1]}, "sums to 2"),
        ({"prior": [1]}, "numbers of shape 2 actions"),
        ({"payoffs": [[1, 2], [3, 4]]}, "payoffs of shape 2 x 2 for 2 parts"),
        ({"payoffs": [[[1, 2], [3, 4]]]}, "payoffs of 1 parts"),
    ):
        with pytest.raises(MechanismError) as caught:
            ds.simulate("productivity", "rationality", **given_)
        assert words in str(caught.value), given_
