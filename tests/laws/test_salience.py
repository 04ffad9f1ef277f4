"""Every mean of saliences, pairing, sampling and weighting against all pairs of agents."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissensus.measure.pairing.salient import met_with_salience_of_patterns
from dissensus.measure.pairing.several import Work, within_patterns
from dissensus.measure.salience import average, intensity
from dissensus.model.conflict import Exclusive, Line
from dissensus.model.patterns import patterns_of
from dissensus.model.tally import Mass

MEANS = ("geometric", "arithmetic", "harmonic", "min", "max", "none")
SAMPLINGS = ("with-replacement", "distinct-pairs")


def averaged(s, t, mean):
    if mean == "geometric":
        return math.sqrt(s * t)
    if mean == "arithmetic":
        return (s + t) / 2
    if mean == "harmonic":
        return 2 * s * t / (s + t) if s + t else 0.0
    return {"min": min(s, t), "max": max(s, t), "none": 1.0}[mean]


def table_of(draw, k):
    cells = draw(st.lists(st.sampled_from((0, 0.25, 0.5, 1)), min_size=k * k, max_size=k * k))
    upper = np.triu(np.array(cells, float).reshape(k, k), 1)
    return upper + upper.T


@st.composite
def single_goals(draw):
    k = draw(st.integers(1, 4))
    n = draw(st.integers(2, 12))
    goal = draw(st.lists(st.integers(-1, k - 1), min_size=n, max_size=n))
    scale = st.floats(0, 1, allow_subnormal=False) | st.sampled_from((0.0, 0.5, 1.0))
    salience = draw(st.lists(scale, min_size=n, max_size=n))
    weights = draw(st.none() | st.lists(st.sampled_from((0.5, 1, 3)), min_size=n, max_size=n))
    return k, goal, salience, weights, table_of(draw, k)


@pytest.mark.parametrize(("mean", "sampling"), list(product(MEANS, SAMPLINGS)))
@settings(max_examples=40, deadline=None)
@given(case=single_goals())
def test_single_goals(mean, sampling, case):
    k, goal, salience, weights, table = case
    a = weights or [1.0] * len(goal)
    met = drawn = 0.0
    for i, j in product(range(len(goal)), repeat=2):
        if i == j and sampling == "distinct-pairs":
            continue
        drawn += a[i] * a[j]
        if i != j and goal[i] >= 0 and goal[j] >= 0:
            met += a[i] * a[j] * table[goal[i], goal[j]] * averaged(salience[i], salience[j], mean)
    found = intensity(
        goal, salience, table, goals=k, salience_mean=mean, sampling=sampling, weights=weights
    )
    if max(goal) < 0:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(met / drawn, abs=1e-12)


@pytest.mark.parametrize(
    "pairing", ["any", "independent", "mean", "points", "draws", "probability"]
)
@pytest.mark.parametrize("mean", MEANS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_several_goals(mean, pairing, data):
    draw = data.draw
    k, n = draw(st.integers(1, 5)), draw(st.integers(2, 7))
    table = table_of(draw, k)
    sets = [sorted(draw(st.sets(st.integers(0, k - 1)))) for _ in range(n)]
    amounts = [[draw(st.integers(1, 4)) for _ in part] for part in sets]
    if pairing == "probability":
        amounts = [[x / (sum(part) + 1) for x in part] for part in amounts]
    salience = draw(st.lists(st.sampled_from((0.0, 0.3, 0.7, 1.0)), min_size=n, max_size=n))
    weights = draw(st.none() | st.lists(st.sampled_from((0.5, 1, 3)), min_size=n, max_size=n))
    given_amounts = amounts if pairing in ("points", "draws", "probability") else None
    patterns = patterns_of(sets, k, given_amounts)
    # the degree of each pair, from populations of two
    a = weights or [1.0] * n
    expected = 0.0
    for i, j in product(range(n), repeat=2):
        if i != j:
            two = np.zeros((1, n), int)
            two[0, [i, j]] = 1
            met = within_patterns(patterns, Mass(two), table, pairing, "distinct-pairs")
            degree = np.nan_to_num(met.misalignment[0])
            expected += a[i] * a[j] * degree * averaged(salience[i], salience[j], mean)
    found, bound = met_with_salience_of_patterns(
        patterns, np.arange(n), salience, table, pairing, mean, weights=weights
    )
    assert found == pytest.approx(expected, abs=1e-11)
    assert bound == 0


@pytest.mark.parametrize("form", [Exclusive(), Line(np.array([0, 0.2, 0.7, 1.0]))])
@pytest.mark.parametrize("mean", MEANS)
def test_forms_of_conflict(mean, form):
    rng = np.random.default_rng(0)
    goal, salience = rng.integers(0, 4, 200), rng.random(200)
    places = np.arange(4) if isinstance(form, Exclusive) else form.positions
    table = np.abs(places[:, None] - places).astype(float)
    table = np.minimum(np.ceil(table), 1) if isinstance(form, Exclusive) else table
    ours = intensity(goal, salience, form, salience_mean=mean)
    assert ours == pytest.approx(intensity(goal, salience, table, salience_mean=mean), abs=1e-14)
    drawn = table[goal[:, None], goal] * average(salience[:, None], salience, mean)
    assert ours == pytest.approx(drawn.mean(), abs=1e-12)


def test_full_salience_is_misalignment():
    for mean in MEANS:
        assert intensity([0, 1, 1, -1], [1, 1, 1, 1], Exclusive(), salience_mean=mean) == 4 / 16


def test_sampled_with_salience():
    rng = np.random.default_rng(1)
    patterns = patterns_of([[0, 1], [0], [2], [1, 2]], 3)
    pattern, salience = rng.integers(0, 4, 300), rng.choice([0.2, 0.5, 0.9], 300)
    table = [[0, 1, 0.2], [1, 0, 0.4], [0.2, 0.4, 0]]
    for mean in MEANS:
        exact, _ = met_with_salience_of_patterns(patterns, pattern, salience, table, "any", mean)
        work = Work(budget=0, draws=20_000, seed=2)
        found, bound = met_with_salience_of_patterns(
            patterns, pattern, salience, table, "any", mean, work=work
        )
        assert abs(found - exact) <= bound
        assert 0 < bound < 0.05 * 300**2
