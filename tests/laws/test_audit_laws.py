"""Laws of the audit, on small random systems."""

from itertools import combinations, product
from math import prod

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dissensus.system import Part, System, World
from dissensus.system.audit import (
    Case,
    Reading,
    commitments,
    cross,
    eligible_actions,
    importances,
    reach,
    settling,
    shake,
    spread,
)
from dissensus.system.audit.axes import setting_of
from dissensus.system.audit.cells import Cells
from dissensus.system.audit.ground import Ground

RULES = ("plurality", "borda", "utilitarian", "nash", "egalitarian")
TENTHS = st.integers(0, 10).map(lambda n: n / 10)


@st.composite
def cases(draw) -> Case:
    k, n = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    names = [f"a{i}" for i in range(k)]
    wishes = st.lists(TENTHS, min_size=k, max_size=k)
    parts = [
        Part(
            f"p{i}",
            draw(wishes),
            standing=draw(st.integers(1, 3)),
            hardness=draw(st.sampled_from([0, 1, 9])),
        )
        for i in range(n)
    ]
    after = {"p0": Part("p0", draw(wishes), hardness=parts[0].hardness)}
    rules = draw(st.lists(st.sampled_from(RULES), min_size=1, max_size=4, unique=True))
    axes = {
        "rule": rules,
        "compute": [1, 10],
        "deliberation": ["none", "given"],
        "scale": draw(st.sampled_from([["raw"], ["raw", "range"]])),
    }
    system = System(parts, World.of(names), "plurality", comparability="full")
    return Case(system, draw(st.sampled_from([{}, after])), axes=axes)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_minimal_commitments_settle_it_and_no_part_of_them_does(case: Case) -> None:
    """Exhaustively: every set of values that settles the outcome contains a minimal one."""
    crossed = cross(case)
    names = list(crossed.axes)
    outcome = crossed.outcome_of[crossed.cell_of]
    found = {frozenset(one.values.items()): one for one in commitments(crossed)}

    def outcomes(values) -> set[int]:
        rows = np.ones(len(outcome), dtype=bool)
        for name, value in values.items():
            code = crossed.axes[name].index(value)
            rows &= crossed.combinations[:, names.index(name)] == code
        return set(outcome[rows].tolist())

    def settles(values) -> bool:
        some = outcomes(values)
        return len(some) == 1 and -1 not in some

    minimal = set()
    if not settles({}):
        for size in range(1, len(names) + 1):
            for chosen in combinations(names, size):
                for values in product(*(crossed.axes[name] for name in chosen)):
                    one = dict(zip(chosen, values, strict=True))
                    smaller = (
                        dict(part)
                        for less in range(size)
                        for part in combinations(one.items(), less)
                    )
                    if settles(one) and not any(settles(part) for part in smaller):
                        minimal.add(frozenset(one.items()))
    assert set(found) == minimal
    for values, one in found.items():
        assert outcomes(dict(values)) == {one.outcome}
        assert {int(crossed.outcome_of[cell]) for cell in one.cells} == {one.outcome}


@settings(max_examples=60, deadline=None)
@given(cases())
def test_shares_are_shares(case: Case) -> None:
    crossed = cross(case)
    found = spread(crossed.outcome_of)
    assert found.outcomes == len(crossed.outcomes)
    assert 0 <= found.normalised_entropy <= 1
    assert 0 <= found.p_diff <= 1 - 1 / found.outcomes + 1e-12
    decides = importances(crossed)
    assert (decides is None) == (found.outcomes == 1)
    for one in (decides or {}).values():
        assert -1e-9 <= one.main <= 1 + 1e-9
        assert -1e-9 <= one.total <= 1 + 1e-9
        whole = len(crossed.cell_of) == prod(map(len, crossed.axes.values()))
        if whole and (crossed.outcome_of >= 0).all():
            assert one.main <= one.total + 1e-9  # axes that are drawn independently
    options, reached, share = reach(crossed)
    assert set(reached) <= set(options)
    assert share == len(reached) / len(options)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_cells_are_distinct_and_what_the_system_does(case: Case) -> None:
    """One cell for each distinct setting, and the plain one is the system's own choice."""
    crossed = cross(case)
    assert len(set(crossed.settings)) == len(crossed.settings)
    assert len(crossed.cell_of) >= len(crossed.settings)
    cells = Cells(case)
    setting = setting_of(case)
    view = cells.stack(setting, None)[0]
    own = case.system.ballots()
    np.testing.assert_array_equal(view.ballots.ranks, own.ranks)
    np.testing.assert_allclose(view.ballots.utilities, own.utilities)
    assert cells.choice(setting).winners == case.system.choice().winners


@settings(max_examples=25, deadline=None)
@given(cases(), st.integers(0, 5))
def test_draws_are_seeded(case: Case, seed: int) -> None:
    crossed = cross(case)
    one, other = (shake(crossed, draws=20, seed=seed) for _ in range(2))
    assert one is not None
    assert other is not None
    np.testing.assert_array_equal(one.drawn, other.drawn)
    assert one.is_whole
    for place in range(len(one.cells)):
        assert sum(share for _, share in one.shares(place)) == pytest.approx(1)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 5), st.integers(1, 4), st.randoms(use_true_random=False))
def test_options_that_some_weighting_would_choose(k: int, n: int, random) -> None:
    """Every winner of a weighted sum is one; none other is strictly dominated by a mixture."""
    u = np.array([[random.randint(0, 10) / 10 for _ in range(k)] for _ in range(n)])
    assume((np.ptp(u, axis=1) > 0).all())
    parts = tuple(Part(f"p{i}", row) for i, row in enumerate(u))
    ground = Ground(parts, tuple(np.eye(k) for _ in parts), np.full((n, k), np.nan))
    options = eligible_actions(ground, np.ones(n))
    weights = np.random.default_rng(0).dirichlet(np.ones(n), 200)
    scaled = (u - u.min(axis=1, keepdims=True)) / np.ptp(u, axis=1)[:, None]
    assert set(np.unique((weights @ scaled).argmax(axis=1))) <= set(options)
    for i in range(n):
        assert set(np.flatnonzero(u[i] == u[i].max())) <= set(options)


def test_two_axes_that_decide_only_together() -> None:
    """The outcome is whether two choices agree: neither alone tells anything, each decides."""
    parts = [Part("a", [1, 0]), Part("b", [0, 1])]
    system = System(parts, World.of(["x", "y"]), "plurality", comparability="full")
    after = {"a": Part("a", [0, 1]), "b": Part("b", [1, 0])}
    axes = {"rule": ["dictator:a", "dictator:b"], "deliberation": ["none", "given"]}
    crossed = cross(Case(system, after, axes=axes))
    found = importances(crossed)
    assert {name: (one.main, one.total) for name, one in found.items()} == {
        "deliberation": (0, 1),
        "rule": (0, 1),
    }
    assert all(len(one.values) == 2 for one in commitments(crossed))
    assert [one.settled for one in settling(crossed)] == [0, 0, 4]


def test_a_reading_with_a_rule_of_its_own_is_one_cell() -> None:
    parts = [Part("a", [1, 0]), Part("b", [0, 1])]
    system = System(parts, World.of(["x", "y"]), "plurality", comparability="full")
    readings = [Reading("a alone", ("a",), "plurality"), Reading("both")]
    crossed = cross(
        Case(
            system,
            readings=readings,
            axes={"reading": ["a alone", "both"], "rule": ["plurality", "utilitarian", "nash"]},
        )
    )
    assert len(crossed.cell_of) == 6
    assert len(crossed.settings) == 4
