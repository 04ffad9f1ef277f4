"""Deliberation: limits, who carries them, files, mistakes."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dissensus as ds
from dissensus.scenario import ScenarioError, load_scenario
from dissensus.system import Part, System, World
from dissensus.system.dynamics import MechanismError
from dissensus.system.dynamics.opinions import (
    argument_exchange,
    bounded_confidence,
    clusters_of,
    friedkin_johnsen,
    limit_of,
    settled_influence,
)

FILE = """schema = "dissensus/system/1"
actions = ["a", "b"]
rule = "utilitarian"
comparability = "unit"
[[parts]]
name = "x"
utilities = [1, 0]
[[parts]]
name = "y"
utilities = [0, 0.9]
"""


def influences(seed: int, n: int):
    return np.random.default_rng(seed).dirichlet(np.ones(n), size=n)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_degroot_ends_at_the_eigenvector(seed: int, n: int) -> None:
    w = influences(seed, n)
    limit = limit_of(w)
    values, vectors = np.linalg.eig(w.T)
    left = np.real(vectors[:, np.argmax(np.real(values))])
    np.testing.assert_allclose(limit, np.tile(left / left.sum(), (n, 1)), atol=1e-8)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_friedkin_johnsen_is_where_its_rounds_go(seed: int, n: int) -> None:
    w, random = influences(seed, n), np.random.default_rng(seed)
    openness, first = random.uniform(0, 0.9, n), random.random(n)
    x = first
    for _ in range(400):
        x = openness * (w @ x) + (1 - openness) * first
    found = friedkin_johnsen(w, openness)
    np.testing.assert_allclose(found @ first, x, atol=1e-9)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found >= -1e-12).all()


def test_some_heed_nobody_stubborn() -> None:
    """Two apart: the first is stubborn, the others only heed each other."""
    w = np.array([[1, 0, 0], [0, 0.5, 0.5], [0, 0.5, 0.5]])
    found = settled_influence(w, np.array([0.5, 1, 1]))
    np.testing.assert_allclose(found, [[1, 0, 0], [0, 0.5, 0.5], [0, 0.5, 0.5]], atol=1e-9)


@pytest.mark.parametrize("w", [[[0, 1], [1, 0]], [[0, 1, 0], [0, 0, 1], [1, 0, 0]]])
def test_who_only_copy_each_other_never_settle(w) -> None:
    assert limit_of(w) is None


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1))
def test_bounded_confidence_stays_inside_and_keeps_order(seed: int, confidence: float) -> None:
    first = np.sort(np.random.default_rng(seed).random(8))[:, None]
    found = bounded_confidence(first, confidence)
    assert found.converged
    assert first.min() - 1e-12 <= found.end.min()
    assert found.end.max() <= first.max() + 1e-12
    assert (np.diff(found.end[:, 0]) >= -1e-12).all()


def test_arguments_are_passed_on_and_forgotten() -> None:
    says = np.array([[1, 0], [0, 1], [0.5, 0.5]])
    held = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    found = argument_exchange(held, says, 3000, 0.0, seed=1)
    assert found.converged
    assert clusters_of(found.end).max() == 0  # all hold one and the same argument
    assert found.end[0].tolist() in says.tolist()
    again = argument_exchange(held, says, 3000, 0.0, seed=1)
    np.testing.assert_array_equal(found.path, again.path)
    alike = argument_exchange(held[:2], says, 3000, 1.0, seed=0)
    assert alike.converged  # opposites do not talk
    assert len(alike.path) == 1


def test_a_file_with_a_model_is_crossed_by_the_audit(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(FILE + '[deliberation]\nmodel = "degroot"\ninfluence = [[0, 1], [0, 1]]\n')
    case = load_scenario(path).case
    assert case.deliberated["x"].utilities.tolist() == [0, 0.9]
    stated = {"rule": "utilitarian", "scale": "raw", "relation": "obey"}
    rows = ds.audit(path, fix=stated, draws=0).rows.to_pylist()
    assert {row["deliberation"]: row["outcome"] for row in rows} == {
        "none": ["a"],
        "degroot": ["b"],
    }
    found = ds.simulate(path, "deliberation")
    assert found.summary["verdict"] == "CAPTURED"
    assert found.summary["captor"] == "y"
    assert found.summary["changes_action"] is True


def test_verdicts() -> None:
    world = World.of(["a", "b"])
    two = System([Part("x", [1, 0]), Part("y", [0, 0.9])], world, "utilitarian", "unit")
    for given_, verdict in (
        ({"model": "degroot"}, "CONSENSUS"),
        ({"model": "degroot", "influence": [[1, 0], [0, 1]]}, "DIVIDED"),
        ({"model": "degroot", "influence": [[0, 1], [1, 0]]}, "UNDEFINED"),
        ({"model": "friedkin-johnsen", "openness": {"x": 0.5}}, "CAPTURED"),
        ({"model": "friedkin-johnsen", "openness": {"x": 0.5, "y": 0.5}}, "DIVIDED"),
        ({"model": "bounded-confidence", "confidence": 0.5}, "DIVIDED"),
        ({"model": "bounded-confidence", "confidence": 1}, "CONSENSUS"),
        ({"model": "given", "after": {"x": [0, 1]}}, "STATED"),
    ):
        assert ds.simulate(two, "deliberation", **given_).summary["verdict"] == verdict, given_
    orders = System([Part("x", [1, 0]), Part("y", [0, 0.9])], world, "plurality")
    found = ds.simulate(orders, "deliberation", model="given", after={"x": "b > a"})
    assert found.tables["choices"]["outcome"].to_pylist() == [["a", "b"], ["b"]]


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({}, "lacks model"),
        ({"model": "given"}, "lacks after"),
        ({"model": "given", "after": {"z": [0, 1]}}, "part 'z' after deliberation"),
        ({"model": "friedkin-johnsen"}, "lacks openness"),
        ({"model": "argument-exchange"}, "lacks arguments, held"),
        ({"model": "bounded-confidence", "keeper": 0.1}, "lacks confidence, keeper_wants"),
        ({"model": "degroot", "influence": [[1, 1], [0, 1]]}, "row 1 sums to 2"),
        ({"model": "degroot", "influence": [[1, 0]]}, "2 parts x 2 parts"),
        (
            {"model": "bounded-confidence", "confidence": 1, "keeper": 0.1, "keeper_wants": [0, 1]},
            "a keeper with the model",
        ),
        (
            {"model": "argument-exchange", "held": [[1], [0]], "arguments": [[1, 0], [0, 1]]},
            "held tells of 1 arguments",
        ),
    ],
)
def test_mistakes(given_, words: str) -> None:
    world = World.of(["a", "b"])
    two = System([Part("x", [1, 0]), Part("y", [0, 0.9])], world, "utilitarian", "unit")
    with pytest.raises(MechanismError) as caught:
        ds.simulate(two, "deliberation", **given_)
    assert words in str(caught.value)


def test_mistakes_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(FILE + '[deliberation]\nmodel = "friedkin-johnsen"\n')
    with pytest.raises(ScenarioError, match="lacks openness"):
        load_scenario(path)
    orders = System([Part("x", order="a > b")], World.of(["a", "b"]), "borda")
    with pytest.raises(MechanismError, match="deliberation of part 'x'"):
        ds.simulate(orders, "deliberation", model="degroot")


def test_rounds_until_it_is_nearly_over() -> None:
    """Half of the gap goes each round: a hundredth is left after seven."""
    world = World.of(["a", "b"])
    two = System([Part("x", [1, 0]), Part("y", [0, 1])], world, "utilitarian", "unit")
    half = [[0.75, 0.25], [0.25, 0.75]]
    found = ds.simulate(two, "deliberation", model="degroot", influence=half)
    # from one half to 1 / 2^(t + 1), at most 1 / 100
    assert found.summary["rounds_needed"] == 6
    slow = [[0.99, 0.01], [0.01, 0.99]]
    found = ds.simulate(two, "deliberation", model="degroot", influence=slow)
    assert found.summary["rounds_needed"] is None
    assert found.summary["reasons"]["rounds_needed"] == "more than 20"
