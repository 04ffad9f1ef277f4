"""Theorems about the parts of misalignment, against every pair of agents."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dissensus as ds

GOALS = "abc-"


@st.composite
def populations(draw):
    size = draw(st.integers(2, 14))
    goals = draw(st.lists(st.sampled_from(GOALS), min_size=size, max_size=size))
    goals[0] = "a"
    segments = draw(st.lists(st.sampled_from("xyz"), min_size=size, max_size=size))
    inner = draw(st.lists(st.sampled_from("12"), min_size=size, max_size=size))
    table = np.zeros((4, 4))
    for i in range(3):
        for j in range(i):
            table[i, j] = table[j, i] = draw(st.sampled_from([0, 0.25, 0.5, 1]))
    silence = draw(st.sampled_from([None, 0.5]))
    if silence:
        table[3, :3] = table[:3, 3] = silence
    weights = draw(st.one_of(st.none(), st.lists(st.integers(1, 5), min_size=size, max_size=size)))
    return goals, segments, inner, table, silence, weights


def asked(case, **options):
    goals, segments, inner, table, silence, weights = case
    rows = {"agent": list(range(len(goals))), "goal": goals, "s": segments, "t": inner}
    if weights:
        rows["mass"] = weights
        options["weight"] = "mass"
    conflict = {
        (GOALS[i], GOALS[j]): table[i, j] for i in range(3) for j in range(i) if table[i, j]
    }
    return ds.explain(
        rows,
        no_goal="-",
        conflict=conflict or {("a", "b"): 0},
        no_goal_conflict=silence,
        goal_set=["a", "b", "c"],
        **options,
    )


def pairs(case, distinct):
    """Masses and conflicts of all ordered pairs of agents."""
    goals, *_, table, _, weights = case
    places = [GOALS.index(goal) for goal in goals]
    met = table[np.ix_(places, places)]
    mass = np.ones(len(goals)) if not weights else np.array(weights, dtype=float)
    drawn = np.outer(mass, mass)
    if distinct:
        np.fill_diagonal(drawn, 0)
    return drawn, met


@settings(max_examples=25, deadline=None)
@given(populations(), st.booleans())
def test_parts_are_the_pairs_of_agents(case, distinct):
    sampling = "distinct-pairs" if distinct else "with-replacement"
    result = asked(case, by=["s", "t"], nested=True, sampling=sampling)
    drawn, met = pairs(case, distinct)
    first, second = np.array(case[1]), np.array(case[2])
    same = first[:, None] == first
    both = same & (second[:, None] == second)
    for row, chosen in zip(
        result.tables["overall"].to_pylist(), (~same, same & ~both, both), strict=True
    ):
        expected = (drawn * met)[chosen].sum() / drawn.sum()
        assert row["contribution"] == pytest.approx(expected, abs=1e-12)
        assert row["pair_share"] == pytest.approx(drawn[chosen].sum() / drawn.sum(), abs=1e-12)
    whole = result.tables["totals"]["misalignment"][0].as_py()
    for table in ("segment_pairs", "goal_pairs"):
        parts = result.tables[table]["contribution"].to_pylist()
        assert sum(parts) == pytest.approx(whole, abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(populations())
def test_excess_is_never_negative_where_it_says_so(case):
    result = asked(case, by="s")
    if not result.tables["totals"]["is_negative_type"][0].as_py():
        return
    for value in result.tables["segment_pairs"]["excess"].to_pylist():
        assert value is None or value >= -1e-9


@settings(max_examples=15, deadline=None)
@given(populations(), st.integers(0, 3))
def test_influence_is_the_slope(case, extra):
    goals, segments, inner, table, silence, _ = case
    case = (goals, segments, inner, table, silence, None)
    result = asked(case)
    drawn, met = pairs(case, distinct=False)
    places = [GOALS.index(goal) for goal in goals]
    p = np.bincount(places, minlength=4) / len(places)
    step = 1e-6
    q = (1 - step) * p + step * np.eye(4)[extra]
    slope = (q @ table @ q - p @ table @ p) / step
    listed = {row["goal"] or "-": row["influence"] for row in result.tables["goals"].to_pylist()}
    if GOALS[extra] in listed:
        assert listed[GOALS[extra]] == pytest.approx(slope, abs=1e-4)
    assert (drawn * met).sum() / drawn.sum() == pytest.approx(p @ table @ p)
