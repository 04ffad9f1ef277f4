"""Simpson's index of a community is misalignment of exclusive goals, with replacement."""

import numpy as np
import pytest
from skbio.diversity.alpha import simpson

import dissensus as ds


@pytest.mark.parametrize("seed", range(10))
def test_simpson(seed):
    counts = np.random.default_rng(seed).integers(1, 1000, size=seed + 2)
    rows = {"goal": [f"species {i}" for i in range(len(counts))], "count": counts}
    ours = ds.misalignment(rows, count="count").rows["misalignment"][0].as_py()
    assert ours == pytest.approx(simpson(counts), abs=1e-14)
