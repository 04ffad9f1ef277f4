"""Similarity-sensitive diversity with Z = 1 - C is the effective number of camps, of any order."""

import numpy as np
import pytest
from greylock import Metacommunity

import dissensus as ds

ORDERS = [0.0, 0.5, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("seed", range(8))
def test_effective_number(seed, order):
    draw = np.random.default_rng(seed)
    k = seed + 2
    counts = draw.integers(1, 1000, size=k)
    conflict = np.triu(draw.random((k, k)), 1)
    conflict += conflict.T
    goals = [f"goal {i:02}" for i in range(k)]
    ours = ds.misalignment(
        {"goal": goals, "count": counts},
        count="count",
        conflict=conflict,
        goal_set=goals,
        companions="effective_number",
        order=order,
    ).rows
    theirs = Metacommunity(counts[:, None].astype(float), similarity=1 - conflict)
    diversity = theirs.metacommunity_diversity(viewpoint=order, measure="normalized_alpha")
    assert ours["effective_number"][0].as_py() == pytest.approx(diversity, rel=1e-6)
    if order == 2:
        misalignment = ours["misalignment"][0].as_py()
        assert 1 / (1 - misalignment) == pytest.approx(diversity, rel=1e-6)
