"""Meta-preferences: verdicts, levels, laws of fixed points, mistakes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dissensus as ds
from dissensus.system.dynamics import MechanismError
from dissensus.system.dynamics.meta_preferences import levels_up
from dissensus.system.dynamics.reflection import closed_classes, fixed_points, softmax

FEW = {"starts": 200}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.floats(0.1, 6))
def test_fixed_points_keep_themselves_and_stable_ones_attract(seed, n, sharpness) -> None:
    m = np.random.default_rng(seed).normal(size=(n, n))
    found = fixed_points(m, sharpness, starts=50)
    assert len(found.points) >= 1  # Brouwer
    np.testing.assert_allclose(softmax(sharpness * found.points @ m.T), found.points, atol=1e-8)
    np.testing.assert_allclose(found.points.sum(axis=1), 1)
    assert found.basin.sum() + found.cycling == pytest.approx(1)
    for point, radius in zip(found.points, found.radius, strict=True):
        x = point + 1e-5 * (np.eye(n)[0] - point)
        for _ in range(2000):
            x = softmax(sharpness * m @ x)
        if radius < 0.98:
            assert np.abs(x - point).max() < 1e-4


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_closed_classes_are_the_multiplicity_of_one(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    m = random.random((n, n)) * (random.random((n, n)) < 0.4) + 0.01 * np.eye(n)
    m = m / m.sum(axis=1, keepdims=True)
    values = np.linalg.eigvals(m)
    assert closed_classes(m) == int((np.abs(values - 1) < 1e-6).sum())


@pytest.mark.parametrize(
    ("given_", "verdict"),
    [
        ({"endorsement": np.eye(2), "sharpness": 1.5}, "SETTLED"),
        ({"endorsement": np.eye(2), "sharpness": 2.5}, "MOVED UP"),
        ({"endorsement": np.eye(2), "sharpness": 9}, "UNDEFINED"),
        ({"endorsement": -np.eye(2), "sharpness": 9}, "CYCLES"),
        ({"endorsement": np.eye(2), "form": "linear"}, "CONTINUUM"),
        ({"endorsement": [[0.5, 0.5], [0.2, 0.8]], "form": "linear"}, "SETTLED"),
        ({"endorsement": [[0, 1], [1, 0]], "form": "linear"}, "CYCLES"),
    ],
)
def test_verdicts(given_, verdict: str) -> None:
    found = ds.simulate("productivity", "meta-preferences", **FEW, **given_)
    assert found.summary["verdict"] == verdict


def test_levels_stop_where_one_is_left() -> None:
    counts = [int(one.is_stable.sum()) for one in levels_up(np.eye(2), 4, 10, 100)]
    assert counts[-1] == 1
    assert all(count == 2 for count in counts[:-1])
    assert len(levels_up(np.eye(2), 4, 2, 100)) == 3


def test_what_people_would_rather_want_changes_what_is_done() -> None:
    """Work and life both speak for work: from equal standing work comes to rule."""
    found = ds.simulate(
        "productivity", "meta-preferences", endorsement=[[1, 1], [0, 0]], sharpness=6, **FEW
    )
    assert found.summary["verdict"] == "SETTLED"
    assert found.rows["outcome"].to_pylist() == [["push"]]
    assert found.summary["changes_action"] is True
    assert found.summary["equilibria_misalignment"] == 0


def test_mistakes() -> None:
    for given_, words in (
        ({}, "lacks endorsement"),
        ({"endorsement": [[1]]}, "2 parts x 2 parts"),
        ({"endorsement": [[1, 1], [0, 1]], "form": "linear"}, "rows are no shares"),
        ({"endorsement": np.eye(2), "sharpness": -1}, "at least 0"),
    ):
        with pytest.raises(MechanismError) as caught:
            ds.simulate("productivity", "meta-preferences", **given_)
        assert words in str(caught.value)
