"""Every pairing against all pairs of agents, one by one."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissensus.measure.pairing import any_of
from dissensus.measure.pairing.internal import internal_conflict
from dissensus.measure.pairing.rules import conflict_table
from dissensus.measure.pairing.several import Work, between_patterns, within_patterns
from dissensus.measure.pairing.tree import tree_of
from dissensus.model.conflict import Exclusive, Line, Matrix
from dissensus.model.patterns import Patterns, patterns_of
from dissensus.model.tally import Mass

SETS = ("any", "independent", "mean")
AMOUNTS = ("points", "draws", "probability")
LEVELS = (0, 0, 0.25, 0.5, 1)


def degree(pairing, a, b, table):
    """D(a, b) as its definition says; an agent is a mapping from goal to amount."""
    goals = list(product(a, b))
    if pairing == "any":
        return max((table[g, h] for g, h in goals), default=0.0)
    if pairing == "independent":
        return 1 - np.prod([1 - table[g, h] for g, h in goals])
    if pairing == "mean":
        return np.mean([table[g, h] for g, h in goals]) if goals else 0.0
    return sum(a[g] * b[h] * table[g, h] for g, h in goals)


@st.composite
def populations(draw):
    k = draw(st.integers(1, 6))
    upper = np.triu(
        np.array(draw(st.lists(st.sampled_from(LEVELS), min_size=k * k, max_size=k * k))).reshape(
            k, k
        ),
        1,
    )
    sets = draw(st.lists(st.sets(st.integers(0, k - 1)), min_size=1, max_size=9))
    n = len(sets)
    draws = [{g: draw(st.integers(1, 3)) for g in part} for part in sets]
    silent = [draw(st.integers(0 if part else 1, 2)) for part in sets]
    weights = draw(st.none() | st.lists(st.sampled_from((0.5, 1.0, 2.5)), min_size=n, max_size=n))
    return k, upper + upper.T, sets, draws, silent, weights


def agents_of(pairing, sets, draws, silent):
    """Agents as the oracle sees them, and as patterns."""
    k = max((max(part, default=0) for part in sets), default=0) + 1
    listed = [sorted(part) for part in sets]
    if pairing in SETS:
        return [dict.fromkeys(part, 1.0) for part in listed], listed, None, None, k
    counts = [[d[g] for g in part] for d, part in zip(draws, listed, strict=True)]
    totals = [sum(c) for c in counts]
    if pairing in ("draws", "probability"):
        totals = [t + s for t, s in zip(totals, silent, strict=True)]
    shares = [
        {g: c / t for g, c in zip(part, cs, strict=True)}
        for part, cs, t in zip(listed, counts, totals, strict=True)
    ]
    if pairing == "probability":
        return shares, listed, [list(s.values()) for s in shares], None, k
    return shares, listed, counts, totals if pairing == "draws" else None, k


def oracle(pairing, agents, table, weights, sampling, silence):
    n = len(agents)
    w = np.ones(n) if weights is None else np.array(weights)
    rest = [1 - min(sum(a.values()), 1) if pairing in AMOUNTS else float(not a) for a in agents]
    held = [1 - r for r in rest]
    met = loud = drawn = both = 0.0
    for i, j in product(range(n), repeat=2):
        if i == j and sampling == "distinct-pairs":
            continue
        drawn += w[i] * w[j]
        both += w[i] * w[j] * held[i] * held[j]
        if i == j:
            continue
        loud += w[i] * w[j] * degree(pairing, agents[i], agents[j], table)
        for a, r in ((agents[i], rest[j]), (agents[j], rest[i])):
            if pairing in AMOUNTS:
                against = sum(a[g] * silence[g] for g in a)
            else:
                against = degree(pairing, a, {0: 1.0}, np.array(silence)[:, None])
            met += w[i] * w[j] * r * against
    if not any(h > 0 for h in held) or drawn == 0:
        return np.nan, np.nan
    return (met + loud) / drawn, loud / both if both else np.nan


@pytest.mark.parametrize("sampling", ["with-replacement", "distinct-pairs"])
@pytest.mark.parametrize("pairing", [*SETS, *AMOUNTS])
@settings(max_examples=60, deadline=None)
@given(case=populations())
def test_all_pairs_of_agents(pairing, sampling, case):
    k, table, sets, draws, silent, weights = case
    silence = np.linspace(0, 1, k)
    agents, listed, amounts, totals, _ = agents_of(pairing, sets, draws, silent)
    patterns = patterns_of(listed, k, amounts, totals)
    n = len(sets)
    mass = (
        Mass(np.eye(n, dtype=int).sum(axis=0)[None])
        if weights is None
        else Mass(np.ones((1, n), int), np.array([weights]), np.array([weights]) ** 2)
    )
    result = within_patterns(patterns, mass, table, pairing, sampling, silence=silence)
    value, conditional = oracle(pairing, agents, table, weights, sampling, silence)
    assert result.misalignment[0] == pytest.approx(value, abs=1e-12, nan_ok=True)
    if not (np.isnan(conditional) or np.isnan(result.conditional_misalignment[0])):
        assert result.conditional_misalignment[0] == pytest.approx(conditional, abs=1e-12)
    assert result.method.startswith("exact")
    assert np.isnan(result.error_bound[0]) or result.error_bound[0] == 0


@settings(max_examples=60, deadline=None)
@given(case=populations(), cut=st.integers(0, 9))
def test_between(case, cut):
    k, table, sets, *_ = case
    side = (np.arange(len(sets)) >= cut).astype(np.int64)
    patterns = patterns_of([sorted(part) for part in sets], k)
    mass = Mass((side == np.array([[0], [1]])).astype(np.int64))
    for pairing in SETS:
        found = between_patterns(patterns, mass, table, pairing).misalignment
        held = [dict.fromkeys(sorted(part), 1.0) for part in sets]
        ours = [a for a, s in zip(held, side, strict=True) if s == 0]
        theirs = [a for a, s in zip(held, side, strict=True) if s == 1]
        known = [degree(pairing, a, b, table) for a, b in product(ours, theirs)]
        expected = np.mean(known) if known else np.nan
        assert found[0, 1] == pytest.approx(expected, abs=1e-12, nan_ok=True)
        assert found[1, 0] == pytest.approx(expected, abs=1e-12, nan_ok=True)
        assert np.isnan(np.diag(found)).all()


@settings(max_examples=80, deadline=None)
@given(case=populations(), sampling=st.sampled_from(["with-replacement", "distinct-pairs"]))
def test_order_of_the_readings(case, sampling):
    k, table, sets, *_ = case
    patterns = patterns_of([sorted(part) for part in sets], k)
    mass = Mass(np.ones((1, len(sets)), int))
    mean, worst, noisy = (
        within_patterns(patterns, mass, table, name, sampling).misalignment[0]
        for name in ("mean", "any", "independent")
    )
    if not np.isnan(mean):
        assert mean <= worst + 1e-12 <= noisy + 2e-12
    if all(len(part) <= 1 for part in sets) and not np.isnan(mean):
        assert mean == pytest.approx(worst, abs=1e-12) == pytest.approx(noisy, abs=1e-12)


def random_patterns(rng, size, goals, cells=1):
    """Patterns of some goals each; each agent is of one population."""
    held = rng.random((size, goals)) < 3 / goals
    patterns = patterns_of([np.flatnonzero(row).tolist() for row in held], goals)
    agents = (rng.integers(0, cells, size) == np.arange(cells)[:, None]).astype(np.int64)
    weights = agents * rng.uniform(0.1, 3, size)
    return patterns, Mass(agents, weights, weights**2)


@pytest.mark.parametrize("lopsided", [False, True])
@pytest.mark.parametrize("goals", [5, 16, 70, 130])
def test_exact_ways_agree(goals, lopsided):
    rng = np.random.default_rng(goals)
    patterns, mass = random_patterns(rng, 700 if goals < 70 else 200, goals, 3)
    table = rng.choice([0, 0, 0.3, 0.6, 1], (goals, goals))
    table = np.triu(table, 1) + (np.tril(table, -1) if lopsided else np.triu(table, 1).T)
    masses = np.asarray(mass.values)
    members = patterns.members(slice(None))
    worst = np.zeros((patterns.size, patterns.size))
    clear = np.ones_like(worst)
    for g, h in zip(*np.nonzero(table), strict=True):
        met = np.outer(members[:, g], members[:, h])
        worst = np.maximum(worst, met * table[g, h])
        clear *= 1 - met * table[g, h]
    expected = masses @ worst @ masses.T
    tree = tree_of(patterns)
    for way in ("worst", "subsets", "products"):
        if way != "subsets" or goals <= any_of.SUBSET_GOALS:
            found = any_of.met_by(way, tree, patterns, table, masses, "any")
            np.testing.assert_allclose(found, expected, rtol=1e-12)
    for way in ("independent", "products"):
        found = any_of.met_by(way, tree, patterns, table, masses, "independent")
        np.testing.assert_allclose(found, masses @ (1 - clear) @ masses.T, rtol=1e-12)


@pytest.mark.parametrize("goals", [1, 4, 70])
def test_exclusive_and_line_are_tables(goals):
    rng = np.random.default_rng(1)
    patterns, mass = random_patterns(rng, 200, goals, 2)
    line = Line(np.linspace(0, 1, goals) if goals > 1 else np.zeros(1))
    for form, pairing, sampling in product(
        (Exclusive(), line), SETS, ("with-replacement", "distinct-pairs")
    ):
        ours = within_patterns(patterns, mass, form, pairing, sampling)
        table = conflict_table(form, goals)
        theirs = within_patterns(patterns, mass, table, pairing, sampling)
        np.testing.assert_allclose(ours.misalignment, theirs.misalignment, atol=1e-12)
        np.testing.assert_allclose(ours.internal_conflict, theirs.internal_conflict, atol=1e-12)


def test_tiny_conflict_keeps_its_digits():
    patterns = patterns_of([[0], [1]], 2)
    mass = Mass(np.array([[1, 1]]))
    tiny = [[0, 1e-14], [1e-14, 0]]
    for pairing in SETS:
        value = within_patterns(patterns, mass, tiny, pairing, "distinct-pairs").misalignment[0]
        assert value == pytest.approx(1e-14, rel=1e-9)


@pytest.mark.parametrize("pairing", ["any", "independent"])
@pytest.mark.parametrize("graded", [False, True])
def test_sampled_estimate_keeps_its_bound(pairing, graded):
    rng = np.random.default_rng(3)
    patterns, mass = random_patterns(rng, 60, 9, 2)
    table = np.triu(rng.choice([0, 0.4, 1] if graded else [0, 1], (9, 9)), 1)
    table = table + table.T
    exact = within_patterns(patterns, mass, table, pairing, "distinct-pairs")
    apart = between_patterns(patterns, mass, table, pairing)
    for seed in range(20):
        work = Work(budget=0, draws=20_000, failure=0.01, seed=seed)
        found = within_patterns(patterns, mass, table, pairing, "distinct-pairs", work=work)
        assert found.method.startswith("sampled")
        assert (found.error_bound > 0).all()
        assert (abs(found.misalignment - exact.misalignment) <= found.error_bound).all()
        crossed = between_patterns(patterns, mass, table, pairing, work=work)
        gap = abs(crossed.misalignment - apart.misalignment)[0, 1]
        assert gap <= crossed.error_bound[0, 1]
    # and the bound is worth having
    assert found.error_bound.max() < 0.03


def test_sampled_leaves_pairs_with_oneself_out():
    patterns = patterns_of([[0, 1]], 2)
    work = Work(budget=-1, draws=1000)
    table = [[0, 1], [1, 0]]
    one = within_patterns(patterns, Mass(np.array([[1]])), Matrix(np.array(table, float)), "any")
    assert one.misalignment[0] == 0
    sampled = within_patterns(patterns, Mass(np.array([[4]])), table, "any", work=work)
    assert sampled.misalignment[0] == 0.75


def test_internal_conflict_of_draws_and_probability():
    table = [[0, 1], [1, 0]]
    drawn = patterns_of([[0, 1], [0], [0, 1]], 2, [[1, 1], [1], [2, 2]], [2, 1, 5])
    found = internal_conflict(drawn, table, "draws")
    assert found[0] == 1
    assert np.isnan(found[1])
    assert found[2] == pytest.approx(8 / 20)
    known = patterns_of([[0, 1]], 2, [[0.5, 0.5]])
    assert np.isnan(internal_conflict(known, table, "probability")).all()
    assert internal_conflict(known, table, "points")[0] == 1
    graded = internal_conflict(patterns_of([[0, 1]], 2), [[0, 0.4], [0.4, 0]], "independent")
    assert graded[0] == pytest.approx(0.4)


def test_bits_hold_more_than_64_goals():
    patterns = patterns_of([[0, 63, 64, 129]], 130)
    assert patterns.words.tolist() == [[2**63 + 1, 1, 2]]
    assert np.flatnonzero(patterns.members(slice(None))[0]).tolist() == [0, 63, 64, 129]
    assert isinstance(patterns.take(np.array([0, 0])), Patterns)
