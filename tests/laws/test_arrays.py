"""Laws of the pure functions: operators against the dense product, exact fractions, blocks."""

from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.populations import holdings, is_measurable

import dissensus as ds
from dissensus.engine.counting import count
from dissensus.measure import between as between_module
from dissensus.measure import blocks as blocks_module
from dissensus.measure.between import between, count_pairs
from dissensus.measure.friction import friction
from dissensus.measure.mean_over_areas import mean_over_areas
from dissensus.measure.misalignment import within
from dissensus.model.conflict import AreaConflicts, Exclusive, Line, Matrix
from dissensus.model.tally import grouped, sums_between

PLACES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=6)
COUNTS = st.integers(0, 10**6)


def dense(conflict: Exclusive | Line | Matrix, size: int) -> np.ndarray:
    if isinstance(conflict, Matrix):
        return conflict.values
    if isinstance(conflict, Line):
        return np.abs(conflict.positions[:, None] - conflict.positions[None, :])
    return 1.0 - np.eye(size)


@st.composite
def conflicts(draw: st.DrawFn) -> tuple[Exclusive | Line | Matrix, int]:
    places = draw(PLACES)
    size = len(places)
    kind = draw(st.sampled_from(["exclusive", "line", "matrix"]))
    if kind == "exclusive":
        return Exclusive(), size
    if kind == "line":
        return Line(np.array(places)), size
    values = draw(hnp.arrays(np.float64, (size, size), elements=st.floats(0, 1)))
    np.fill_diagonal(values, 0)
    return Matrix(values), size


@given(conflicts(), st.lists(st.integers(1, 3), max_size=2), st.data())
def test_friction_is_the_dense_product(
    case: tuple[Exclusive | Line | Matrix, int], leading: list[int], data: st.DataObject
) -> None:
    """Whatever the operator takes as a short cut, r = C p, along the last axis."""
    conflict, size = case
    masses = data.draw(hnp.arrays(np.int64, (*leading, size), elements=COUNTS))
    expected = masses @ dense(conflict, size).T
    assert friction(masses, conflict) == pytest.approx(expected, rel=1e-12, abs=1e-9)
    shares = masses / max(int(masses.sum()), 1)
    found = friction(shares, conflict)
    assert found.shape == shares.shape
    assert found == pytest.approx(shares @ dense(conflict, size).T, rel=1e-12, abs=1e-15)


@given(st.lists(st.lists(COUNTS, min_size=3, max_size=3), min_size=1, max_size=4), st.data())
def test_friction_of_goals_that_stand_elsewhere(rows: list[list[int]], data: st.DataObject) -> None:
    """A stack of populations, each with its own places on the line."""
    masses = np.array(rows)
    shape = (len(rows), 3)
    places = data.draw(hnp.arrays(np.float64, shape, elements=st.sampled_from([0, 0.25, 0.5, 1])))
    found = friction(masses, Line(places))
    for i in range(len(rows)):
        assert found[i] == pytest.approx(masses[i] @ dense(Line(places[i]), 3))


@given(st.lists(st.integers(0, 2**61), min_size=1, max_size=6))
def test_whole_numbers_stay_whole(masses: list[int]) -> None:
    total = sum(masses)
    if total < 2**63:
        found = friction(np.array(masses), Exclusive())
        assert found.tolist() == [total - mass for mass in masses]
    exact = friction(np.array(masses, dtype=object), Exclusive())
    assert exact.tolist() == [total - mass for mass in masses]


@given(conflicts(), st.data())
def test_shares_against_fractions(
    case: tuple[Exclusive | Line | Matrix, int], data: st.DataObject
) -> None:
    conflict, size = case
    table = dense(conflict, size)
    counts = data.draw(st.lists(COUNTS, min_size=size, max_size=size))
    silent = data.draw(COUNTS)
    n = sum(counts) + silent
    if not n:
        return
    exact = sum(
        (
            Fraction(a * b, n * n) * Fraction(table[i, j])
            for (i, a), (j, b) in product(enumerate(counts), repeat=2)
        ),
        Fraction(0),
    )
    value = ds.misalignment_of_shares(np.array(counts) / n, conflict)
    assert abs(Fraction(value) - exact) <= exact / 10**12 + Fraction(1, 10**18)
    own = ds.misalignment_between_shares([np.array(counts) / n], [np.array(counts) / n], conflict)
    assert own.tolist() == [[pytest.approx(value, rel=1e-12, abs=1e-15)]]


@given(conflicts(), st.floats(0, 1), st.data())
def test_mixing(
    case: tuple[Exclusive | Line | Matrix, int], part: float, data: st.DataObject
) -> None:
    """A mixture of two populations: (1-t)^2 M_HH + 2 t (1-t) M_HA + t^2 M_AA, both ways' mean."""
    conflict, size = case

    def shares() -> np.ndarray:
        counts = data.draw(hnp.arrays(np.int64, size, elements=st.integers(0, 100)))
        return counts / (counts.sum() + 1)

    h, a = shares(), shares()
    mixed = ds.misalignment_of_shares((1 - part) * h + part * a, conflict)
    m = ds.misalignment_between_shares([h, a], [h, a], conflict)
    expected = (1 - part) ** 2 * m[0, 0] + part * (1 - part) * (m[0, 1] + m[1, 0])
    assert mixed == pytest.approx(expected + part**2 * m[1, 1], rel=1e-9, abs=1e-12)


@settings(deadline=None)
@given(holdings(least=2), st.integers(1, 40), st.booleans())
def test_blocks_of_any_size(table: object, block_size: int, directed: bool) -> None:
    """Cutting a tally into blocks is nothing but a way to work."""
    if not is_measurable(table):
        return
    tally = count(ds.Population(table, no_goal="pass", null_goal="no-goal"), by=["party"]).tally
    areas = np.zeros(tally.areas.size, dtype=np.int64)
    places = np.linspace(0, 1, len(tally.area_goals))
    forms = [
        AreaConflicts(areas),
        AreaConflicts(areas, positions=places, silence=places / 2),
        AreaConflicts(areas, directed=directed, silence=np.full(len(places), 0.5)),
    ]
    for form in forms:
        whole, parts = between(tally, form), between(tally, form, block_size)
        for name in vars(whole):
            np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))
        pairs = int(count_pairs(tally, directed=form.directed).sum())
        assert len(whole.cell_a) == pairs
        assert (tally.cell_area[whole.cell_a] == tally.cell_area[whole.cell_b]).all()
        assert directed or (whole.cell_a < whole.cell_b).all()
        for small in (True, False):
            size = block_size if small else blocks_module.BLOCK_SIZE
            listed = [b.cells.ravel() for b in blocks_module.blocks(tally, form, size)]
            covered = np.concatenate(listed)
            assert sorted(covered.tolist()) == list(range(len(tally.cell_area)))


def test_no_block_is_larger_than_asked() -> None:
    rows = range(60)
    table = {"agent": rows, "area": [i % 20 for i in rows], "goal": ["a"] * 20 + ["b"] * 40}
    tally = count(ds.Population(table)).tally
    conflicts = AreaConflicts(np.zeros(20, dtype=np.int64))
    sizes = [block.masses.size for block in blocks_module.blocks(tally, conflicts, 10)]
    assert max(sizes) <= 10
    assert sum(sizes) == 40
    assert between_module.BLOCK_SIZE == blocks_module.BLOCK_SIZE


@settings(deadline=None)
@given(holdings(), st.sampled_from([None, "weight"]))
def test_everyone_is_the_count_without_segments(table: object, weight: str | None) -> None:
    if not is_measurable(table, weight=weight is not None):
        return
    population = ds.Population(table, no_goal="pass", weight=weight)
    merged = count(population, by=["party"]).tally.everyone()
    alone = count(population).tally
    assert merged.digest() == alone.digest()
    form = AreaConflicts(np.zeros(alone.areas.size, dtype=np.int64))
    for sampling in ("with-replacement", "distinct-pairs"):
        one, two = within(merged, form, sampling), within(alone, form, sampling)
        for name in vars(one):
            np.testing.assert_allclose(getattr(one, name), getattr(two, name), rtol=1e-12)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.just(float("nan")), st.floats(0, 1)),
            st.integers(0, 3),
            st.one_of(st.just(0.0), st.floats(1e-6, 9)),
        ),
        max_size=12,
    ),
    st.booleans(),
)
def test_mean_over_areas(rows: list[tuple[float, int, float]], weighted: bool) -> None:
    values, groups, weights = (
        (list(part) for part in zip(*rows, strict=True)) if rows else ([], [], [])
    )
    found = mean_over_areas(
        np.array(values, dtype=np.float64),
        np.array(groups, dtype=np.int64),
        4,
        np.array(weights, dtype=np.float64) if weighted else None,
    )
    for group in range(4):
        mine = [
            (Fraction(value), Fraction(weight) if weighted else Fraction(1))
            for value, own, weight in rows
            if own == group and value == value
        ]
        mass = sum((weight for _, weight in mine), Fraction(0))
        if float(mass) == 0:
            assert np.isnan(found[group])
        else:
            mean = sum((value * weight for value, weight in mine), Fraction(0)) / mass
            assert found[group] == pytest.approx(float(mean), rel=1e-9, abs=1e-12)


@given(st.lists(st.integers(-5, 5), max_size=20), st.data())
def test_sums(values: list[int], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(values)), max_size=5)))
    offsets = np.array([0, *cuts, len(values)])
    for kind in (np.int64, np.float64, object):
        array = np.array(values, dtype=kind)
        found = sums_between(array, offsets)
        expected = [sum(values[a:b]) for a, b in pairwise(offsets)]
        assert found.tolist() == expected
        distinct, sums = grouped(np.array(values, dtype=np.int64))
        assert distinct.tolist() == sorted(set(values))
        assert sums(array).tolist() == [
            value * values.count(value) for value in sorted(set(values))
        ]
