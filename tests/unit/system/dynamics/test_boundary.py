"""Neglect of parts by an AI that does what comes out."""

import numpy as np
import pytest

import dissensus as ds
from dissensus.system import Part, System, World
from dissensus.system.dynamics.boundary import neglect


def test_neglect_is_what_is_missed_of_the_own_range() -> None:
    u = [[9, 0, 6], [0, 5, 4], [1, 1, 1]]
    np.testing.assert_allclose(neglect(u, [1, 0, 0]), [0, 1, 0])
    np.testing.assert_allclose(neglect(u, [0, 0, 1]), [1 / 3, 1 / 5, 0])
    np.testing.assert_allclose(neglect(u, [0.5, 0.5, 0]), [0.5, 0.5, 0])


def test_scale_and_zero_of_a_part_do_not_matter() -> None:
    random = np.random.default_rng(1)
    u, policy = random.random((4, 5)), random.dirichlet(np.ones(5))
    moved = u * random.uniform(0.1, 9, (4, 1)) + random.normal(size=(4, 1))
    np.testing.assert_allclose(neglect(moved, policy), neglect(u, policy))


def test_verdicts() -> None:
    world = World.of(["a", "b"])
    one = System([Part("me", [1, 0]), Part("idle", [2, 2])], world, "plurality")
    found = ds.simulate(one, "boundary")
    assert found.summary["verdict"] == "SERVES ALL"
    assert found.rows["value"].to_pylist() == [1.0, None]
    assert (
        dict(found.rows["reasons"].to_pylist()[1])["value"] == "all options are alike to the part"
    )
    cycle = System(
        [Part(n, u) for n, u in (("x", [2, 1, 0]), ("y", [0, 2, 1]), ("z", [1, 0, 2]))],
        World.of(["a", "b", "c"]),
        "condorcet",
    )
    found = ds.simulate(cycle, "boundary")
    assert found.summary["verdict"] == "UNDEFINED"
    assert "CYCLE" in found.summary["finding"]


@pytest.mark.parametrize(("threshold", "count"), [(0.5, 1), (0.49, 0), (1.0, 2)])
def test_threshold(threshold: float, count: int) -> None:
    h = System(
        [Part("x", [1, 0.5, 0]), Part("y", [0, 0.49, 1]), Part("z", [0.2, 1, 0])],
        World.of(["a", "b", "c"]),
        "dictator:z",
    )
    assert ds.simulate(h, "boundary", threshold=threshold).summary["neglected_parts"] == count
