"""The say by prediction: switches, impossible histories, limits, what is refused."""

import numpy as np
import pytest

import dissensus as ds
from dissensus.scenario import load_scenario
from dissensus.system import Part, System, World
from dissensus.system.dynamics.compatible import Compatible, CompatibleError, plan, pooled_plan
from dissensus.system.dynamics.prediction import (
    PredictionError,
    compute_split,
    prediction_drift,
    weights_after,
)

SHARES = [np.array([30.0, 20, 0]), np.array([0.0, 20, 30])]


def colours(chance: float, **more) -> World:
    return World(
        ["one", "half", "two"],
        states=["green", "red"],
        observations=["green", "red"],
        initial_belief=[chance, 1 - chance],
        observation_probabilities=[[1, 0], [0, 1]],
        **more,
    )


def cake(first: float, second: float, weights=(0.5, 0.5)) -> Compatible:
    return Compatible((colours(first), colours(second)), tuple(SHARES), np.array(weights))


@pytest.mark.parametrize("seed", range(5))
def test_no_switch_is_better_by_the_weights(seed: int) -> None:
    random = np.random.default_rng(seed)
    players = cake(random.random(), random.random(), (0.4, 0.6))
    best = plan(players).weighted
    for other in (plan(players, "fixed"), plan(players, "floor", 0.3), pooled_plan(players)):
        assert other.weighted <= best + 1e-9


def test_a_floor_of_one_is_fixed_and_of_none_critch() -> None:
    players = cake(0.9, 0.2)
    for floor, switch in ((1.0, "fixed"), (0.0, "critch")):
        a, b = plan(players, "floor", floor), plan(players, switch)
        np.testing.assert_allclose(a.shares[0], b.shares[0])
        np.testing.assert_allclose(a.values, b.values)


def test_histories_that_are_impossible_are_told_not_divided_by() -> None:
    nobody = plan(cake(1.0, 1.0))
    assert (nobody.impossible, nobody.contested) == (1, 0)
    assert np.isnan(nobody.shares[0][:, 1]).all()
    some = plan(cake(1.0, 0.5))
    assert (some.impossible, some.contested) == (0, 1)
    assert some.shares[0][:, 1].tolist() == [0, 1]
    assert plan(cake(1.0, 0.5), "fixed").shares[0][:, 1].tolist() == [0, 1]


def test_ties_are_counted_and_shared() -> None:
    players = Compatible((colours(0.5),), (np.array([1.0, 1, 0]),), np.ones(1))
    found = plan(players)
    assert found.ties == 2
    assert found.actions[0].tolist() == [[0.5, 0.5, 0]] * 2


def test_discount_and_horizon_count() -> None:
    world = colours(0.5, horizon=3, discount=0.5)
    found = plan(Compatible((world,), (np.array([1.0, 0, 0]),), np.ones(1)))
    assert found.values[0] == pytest.approx(1.75)


def test_worlds_that_do_not_fit() -> None:
    with pytest.raises(CompatibleError, match="the same horizon"):
        Compatible((colours(0.5), colours(0.5, horizon=2)), tuple(SHARES), np.ones(2))
    with pytest.raises(CompatibleError, match="a horizon of at most") as caught:
        Compatible((colours(0.5, horizon=40),) * 2, tuple(SHARES), np.ones(2))
    exact = caught.value.values["exact"]
    assert 2 * 6 ** (exact - 1) <= 1_000_000 < 2 * 6**exact
    by_state = Compatible(
        (
            colours(0.5),
            World(
                ["one", "half", "two"],
                observations=["green", "red"],
                observation_probabilities=[[0.5, 0.5]],
            ),
        ),
        (np.ones((1, 2, 3)), np.array([1.0, 2, 3])),
        np.ones(2),
    )
    with pytest.raises(CompatibleError, match="utilities over outcomes"):
        pooled_plan(by_state)


@pytest.mark.parametrize(
    "work",
    [
        lambda: prediction_drift([1, 1], [[0.5, 0.6], [0.5, 0.5]], [0.5, 0.5], 3),
        lambda: prediction_drift([1, 1], [[0.5, 0.5]] * 2, [0.5, 0.4], 3),
        lambda: prediction_drift([1, 1], [[0.5, 0.5]] * 2, [0.5, 0.5], 0),
        lambda: prediction_drift([1, 1], [[1, 0]] * 2, [0.5, 0.5], 3),
        lambda: compute_split([1, 1], [1, 1], [0, 1], 3),
    ],
)
def test_predictions_and_budgets_that_cannot_be(work) -> None:
    with pytest.raises(PredictionError, match="needed"):
        work()


def test_who_holds_impossible_what_occurs_loses_all() -> None:
    found = prediction_drift([1, 1], [[1, 0], [0.5, 0.5]], [0.5, 0.5], 3)
    assert found.typical[-1].tolist() == [0, 1]
    assert weights_after([1, 1], [[1, 0], [1, 0]], [1, 1]) is None


def test_the_drawn_band_holds_the_typical_course() -> None:
    found = prediction_drift([1, 1], [[0.6, 0.4], [0.5, 0.5]], [0.6, 0.4], 30, seed=3)
    assert (found.low <= found.typical + 1e-9).all()
    assert (found.typical <= found.high + 1e-9).all()
    kept = prediction_drift([1, 1], [[0.9, 0.1], [0.1, 0.9]], [0.9, 0.1], 30, floor=0.2)
    assert kept.typical[-1, 1] == pytest.approx(0.1, abs=1e-6)


def test_drift_from_a_scenario_file(tmp_path) -> None:
    """Truth Bernoulli(.7), models .7 and .5."""
    world = """
observation_probabilities = [[1, 0], [0, 1]]
outcome_probabilities = [[[1, 0], [1, 0]], [[0, 1], [0, 1]]]
"""
    part = """
[[parts]]
name = "{}"
utilities = {}
[parts.model]
initial_belief = {}"""
    text = 'schema = "dissensus/system/1"\nactions = ["a", "b"]\nrule = "plurality"\n'
    text += f"[world]\ninitial_belief = [0.7, 0.3]{world}"
    text += part.format("good", [1, 0], [0.7, 0.3]) + world
    text += part.format("bad", [0, 1], [0.5, 0.5]) + world
    (tmp_path / "s.toml").write_text(text)
    found = ds.simulate(load_scenario(tmp_path / "s.toml"), "critch")
    rows = found.rows.to_pylist()
    assert rows[1]["rate"] == pytest.approx(0.082283, abs=1e-6)
    assert rows[0]["weight"] == pytest.approx(0.983923, abs=1e-6)
    assert "bad hold 1.6% of the say" in found.summary["finding"]


def test_without_beliefs_of_their_own_it_says_what_it_needs() -> None:
    two = System([Part("x", [1, 0]), Part("y", [0, 1])], World.of(["a", "b"]), "plurality")
    with pytest.raises(ds.DissensusError, match="beliefs of"):
        ds.simulate(two, "critch")
