"""Krippendorff's expected disagreement of the pooled values is misalignment of distinct pairs.

alpha = 1 - observed / expected. The observed disagreement is computed here, pair by pair within
the units, so that the judge's alpha gives its expected one.
"""

import krippendorff
import numpy as np
import pytest

import dissensus as ds

METRICS = {
    "nominal": (lambda a, b: float(a != b), {"conflict": "exclusive"}),
    "interval": (lambda a, b: float((a - b) ** 2), None),
}


def units(seed):
    """Two judgements of each of some units, as whole numbers 0 .. 4."""
    return np.random.default_rng(seed).integers(0, 5, size=(2, 40))


def expected_by_judge(values, metric):
    distance = METRICS[metric][0]
    alpha = krippendorff.alpha(reliability_data=values.astype(float), level_of_measurement=metric)
    observed = np.mean([distance(a, b) for a, b in values.T])
    return observed / (1 - alpha)


@pytest.mark.parametrize("seed", range(5))
def test_exclusive_goals(seed):
    values = units(seed)
    rows = {"agent": list(range(values.size)), "goal": values.ravel().astype(str)}
    ours = ds.misalignment(rows, sampling="distinct-pairs").rows["misalignment"][0].as_py()
    assert ours == pytest.approx(expected_by_judge(values, "nominal"), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_graded_conflict(seed):
    values = units(seed)
    top = 4
    goals = [str(goal) for goal in range(top + 1)]
    squared = [[((a - b) / top) ** 2 for b in range(top + 1)] for a in range(top + 1)]
    rows = {"agent": list(range(values.size)), "goal": values.ravel().astype(str)}
    result = ds.misalignment(rows, sampling="distinct-pairs", conflict=squared, goal_set=goals)
    ours = result.rows["misalignment"][0].as_py() * top**2
    assert ours == pytest.approx(expected_by_judge(values, "interval"), rel=1e-12)
