"""Drift: searches against brute force, the incentive test, bounds, mistakes."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dissensus as ds
from dissensus.system import Part, System, World
from dissensus.system.dynamics import MechanismError
from dissensus.system.dynamics import planning as planning_module
from dissensus.system.dynamics.planning import OBJECTIVES, best_plan
from dissensus.system.dynamics.standing import (
    Feeding,
    divergence,
    log_odds_distance,
    standing_from_frequencies,
)


def worth(objective, feeding, plan, alone, gets):
    """Value of a plan by the definition, or None if it is not allowed."""
    path, u, last = feeding.path(plan), feeding.utilities, len(plan)
    judges = {
        "real-time": path,
        "pareto": path,
        "final": [path[last]] * last,
        "initial": [path[0]] * last,
        "natural-shift": alone,
    }[objective]
    if objective == "pareto":
        surplus = u[:, list(plan)].sum(axis=1) - gets.sum(axis=0)
        if (path @ surplus < -1e-9).any():
            return None
    return sum(judge @ u[:, a] for judge, a in zip(judges, plan, strict=False))


def brute_force(objective, feeding, horizon, alone, gets):
    plans = product(range(feeding.utilities.shape[1]), repeat=horizon)
    found = [worth(objective, feeding, plan, alone, gets) for plan in plans]
    return max((one for one in found if one is not None), default=None)


def drawn(seed, parts, actions, pull_back):
    random = np.random.default_rng(seed)
    u, start = random.random((parts, actions)), random.dirichlet(np.ones(parts))
    return Feeding(u, start, 1.5, pull_back), random


@pytest.mark.parametrize("pull_back", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(6))
def test_plans_are_the_best_there_are(seed: int, pull_back: float) -> None:
    actions = 2 + seed % 2
    horizon = 7 if actions == 2 else 5
    feeding, random = drawn(seed, 2 + seed % 3, actions, pull_back)
    other = random.integers(actions, size=horizon)
    alone, gets = feeding.path(other), feeding.utilities.T[other]
    for objective in set(OBJECTIVES) - {"myopic"}:
        plan = best_plan(objective, feeding, horizon, alone, gets)
        best = brute_force(objective, feeding, horizon, alone, gets)
        assert (plan is None) == (best is None)
        if plan is not None:
            own = worth(objective, feeding, plan.actions.tolist(), alone, gets)
            assert plan.value == pytest.approx(own)
            assert plan.value <= best + 1e-9
            assert best <= plan.value + plan.error_bound + 1e-9


def test_two_actions_and_three_parts_against_brute_force_at_twelve() -> None:
    feeding, _ = drawn(3, 3, 2, 0.0)
    alone, gets = feeding.path([0] * 12), feeding.utilities.T[[0] * 12]
    plan = best_plan("real-time", feeding, 12, alone, gets)
    plans = np.array(list(product((0, 1), repeat=12)))
    states, total = np.tile(feeding.start, (len(plans), 1)), np.zeros(len(plans))
    for t in range(12):
        got = feeding.utilities.T[plans[:, t]]
        total += (states * got).sum(axis=1)
        states = feeding.after(states, got)
    assert plan.value == pytest.approx(total.max())
    assert plan.error_bound == 0


def test_merging_is_worth_what_its_bound_says(monkeypatch: pytest.MonkeyPatch) -> None:
    feeding, _ = drawn(5, 3, 2, 0.2)
    alone, gets = feeding.path([0] * 10), feeding.utilities.T[[0] * 10]
    exact = best_plan("real-time", feeding, 10, alone, gets)
    monkeypatch.setattr(planning_module, "CELLS", 12)
    rough = best_plan("real-time", feeding, 10, alone, gets)
    assert exact.error_bound < 1e-6 < rough.error_bound
    assert rough.value <= exact.value + 1e-9 <= rough.value + rough.error_bound + 1e-8


weights = st.lists(st.floats(0.05, 1), min_size=3, max_size=3).map(np.array)


@settings(max_examples=60, deadline=None)
@given(weights, weights, weights, st.floats(0, 1))
def test_no_step_makes_standings_more_distant(one, other, gets, pull_back) -> None:
    one, other = one / one.sum(), other / other.sum()
    feeding = Feeding(gets[:, None], np.array([0.2, 0.3, 0.5]), 2.0, pull_back)
    before = log_odds_distance(one, other)
    after = log_odds_distance(feeding.after(one, gets), feeding.after(other, gets))
    assert after <= before + 1e-9
    assert np.abs(one - other).sum() / 2 <= np.tanh(before / 4) + 1e-12


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.permutations([0, 0, 1, 1, 2]))
def test_without_pull_back_order_does_not_matter(seed: int, plan: list[int]) -> None:
    feeding, _ = drawn(seed, 3, 3, 0.0)
    np.testing.assert_allclose(feeding.path(plan)[-1], feeding.path(sorted(plan))[-1])
    counts = np.bincount(plan, minlength=3).astype(float)
    np.testing.assert_allclose(feeding.counted(counts), feeding.path(plan)[-1])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.2, 5))
def test_inversion_undoes_softmax(seed: int, rationality: float) -> None:
    random = np.random.default_rng(seed)
    u, w = random.random((3, 6)), random.dirichlet(np.ones(3) * 3)
    odds = np.exp(rationality * w @ u)
    found = standing_from_frequencies(u, odds / odds.sum())
    np.testing.assert_allclose(found.standing, w, atol=1e-6)
    assert found.rationality == pytest.approx(rationality, rel=1e-6)


def test_what_is_not_identified_is_not_given() -> None:
    u = np.array([[0, 1, 0.3], [1, 0.2, 0.8], [0.5, 0.6, 0.55]])
    found = standing_from_frequencies(u, [0.2, 0.3, 0.5])
    assert found.rank == 2
    assert found.standing is None
    names = ["a", "b", "c"]
    h = System(
        [Part(str(i), row) for i, row in enumerate(u)], World.of(names), "utilitarian", "unit"
    )
    hidden = ds.simulate(h, "drift", horizon=2, frequencies=[[0.2, 0.3, 0.5]]).tables["hidden"]
    assert hidden["standing_share"].null_count == 3
    assert "rank 2" in dict(hidden["reasons"].to_pylist()[0])["standing_share"]
    with pytest.raises(MechanismError, match="now and then"):
        ds.simulate(h, "drift", horizon=2, frequencies=[[0, 0.5, 0.5]])


def test_an_assistant_that_cannot_move_anybody_does_not_manipulate() -> None:
    found = ds.simulate("productivity", "drift", pull_back=1.0)
    assert found.summary["verdict"] == "STABLE"
    assert found.summary["induced_drift"] == 0
    slow = ds.simulate("productivity", "drift", learning_rate=0.01)
    assert slow.summary["induced_drift"] < 0.01


def test_parts_that_agree_drift_without_being_manipulated() -> None:
    world = World.of(["a", "b"])
    same = System([Part("x", [1, 0]), Part("y", [0.6, 0])], world, "utilitarian", "unit")
    found = ds.simulate(same, "drift", horizon=5).summary
    assert found["verdict"] == "STABLE"
    assert found["has_incentive"] is False


def test_mistakes() -> None:
    with pytest.raises(MechanismError, match=r"lacks horizon") as caught:
        ds.simulate("holiday", "drift")
    assert "pass --horizon" in str(caught.value)
    with pytest.raises(MechanismError, match="at least 1"):
        ds.simulate("productivity", "drift", horizon=0)
    many = System(
        [Part("x", np.arange(12.0)), Part("y", np.arange(12.0)[::-1])],
        World.of([f"a{i}" for i in range(12)]),
        "utilitarian",
        "unit",
    )
    with pytest.raises(MechanismError, match="a horizon of at most") as caught:
        ds.simulate(many, "drift", horizon=40)
    assert "40 with 12 actions" in caught.value.found


def test_divergence_of_standing_that_nobody_had() -> None:
    assert divergence([0.5, 0.5], [1, 0]) == np.inf
    assert divergence([1, 0], [0.5, 0.5]) == pytest.approx(np.log(2))
