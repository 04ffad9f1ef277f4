"""Tallies: keys in one order, masses by state, digests of what they say."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dissensus as ds
from dissensus.engine.counting import count
from dissensus.model.keys import Keys, distinct, encode, encode_rows
from dissensus.model.tally import Kind, Mass, Tally

ROWS: dict[str, list[Any]] = {
    "agent": [1, 2, 3, 4, 5, 1, 2],
    "area": ["q", "q", "q", "q", "q", "p", "p"],
    "party": ["x", "y", "x", None, "y", "x", "y"],
    "goal": ["b", "a", "pass", None, "b", "c", "c"],
}


def tally_of(rows: dict[str, Any] = ROWS, *, by: str = "party", **roles: Any) -> Tally:
    return count(ds.Population(rows, **roles), by=[by] if by else []).tally


def test_areas_segments_and_goals_stand_in_order() -> None:
    tally = tally_of(no_goal="pass")
    assert tally.areas.table.to_pydict() == {"area": ["p", "q"]}
    assert tally.segments.table.to_pydict() == {"party": ["x", "y", None]}
    assert tally.goals.to_pylist() == ["a", "b", "c"]
    listed = [tally.goals[int(i)].as_py() for i in tally.area_goals]
    assert listed == ["c", "a", "b"]
    assert tally.goal_counts.tolist() == [1, 2]
    assert tally.cell_area.tolist() == [0, 0, 1, 1, 1]
    assert tally.cell_segment.tolist() == [0, 1, 0, 1, 2]


def test_masses_by_state() -> None:
    tally = tally_of(no_goal="pass")
    assert tally.kinds == (Kind("pass", "value", True), Kind("null", "null", False))
    assert tally.holders.agents is not None
    assert tally.holders.agents.tolist() == [1, 1, 1, 2, 0]
    assert tally.without_goal.values.tolist() == [0, 0, 1, 0, 0]
    assert tally.population.values.tolist() == [1, 1, 2, 2, 0]
    assert tally.held_goals.tolist() == [1, 1, 1, 2, 0]
    wider = tally.read(lambda kind: True)
    assert wider.population.values.tolist() == [1, 1, 2, 2, 1]
    assert tally.population.values.tolist() == [1, 1, 2, 2, 0]
    assert tally.read(lambda kind: kind.counted) is tally


def test_dense() -> None:
    tally = tally_of(no_goal="pass")
    assert tally.dense(np.array([2, 3]), 2).tolist() == [[0, 1], [1, 1]]
    assert tally.dense(np.array([3, 2]), 2).tolist() == [[1, 1], [0, 1]]
    assert tally.dense(np.array([], dtype=np.int64), 2).shape == (0, 2)


def test_declared_goals_are_in_every_area() -> None:
    tally = count(ds.Population(ROWS, no_goal="pass"), goal_set=["z", "a"]).tally
    assert tally.declared
    listed = [tally.goals[int(i)].as_py() for i in tally.area_goals]
    assert listed == ["a", "c", "z", "a", "b", "z"]
    assert not tally_of().declared


def test_masses_need_something() -> None:
    with pytest.raises(TypeError):
        Mass(None).values  # noqa: B018
    some = Mass(np.array([1]), np.array([0.5]), np.array([0.25]))
    assert some.values.tolist() == [0.5]
    twice = some.plus(some)
    assert (twice.agents, twice.weights, twice.squares) == (2, 1.0, 0.5)
    assert some.plus(Mass(None, np.array([1.0]))).agents is None
    assert some.map(lambda values: values * 3).squares == 0.75


CHANGES: dict[str, dict[str, list[Any]]] = {
    "a goal": {"goal": ["b", "a", "pass", None, "a", "c", "c"]},
    "a name of a goal": {"goal": ["B", "a", "pass", None, "B", "c", "c"]},
    "a segment": {"party": ["x", "y", "x", None, "x", "x", "y"]},
    "a name of a segment": {"party": ["x", "z", "x", None, "z", "x", "z"]},
    "a name of an area": {"area": ["q", "q", "q", "q", "q", "o", "o"]},
    "a null that is text": {"party": ["x", "y", "x", "", "y", "x", "y"]},
    "where names are cut": {"party": ["xy", "", "xy", None, "", "xy", ""]},
}


@pytest.mark.parametrize("change", CHANGES)
def test_digests_tell_tallies_apart(change: str) -> None:
    other = tally_of({**ROWS, **CHANGES[change]}, no_goal="pass")
    assert other.digest() != tally_of(no_goal="pass").digest()


def test_digests_tell_readings_and_weights_apart() -> None:
    digests = {
        tally_of().digest(),
        tally_of(no_goal="pass").digest(),
        tally_of(no_goal="pass", null_goal="no-goal").digest(),
        tally_of({**ROWS, "w": [1.0] * 7}, weight="w").digest(),
        tally_of({**ROWS, "w": [1.0] * 6 + [1.001]}, weight="w").digest(),
        tally_of(by="").digest(),
    }
    assert len(digests) == 6


def test_digests_forgive_the_last_bits_of_weights() -> None:
    """Engines add in different orders; also on either side of a power of two."""
    tally = tally_of({"agent": [1], "goal": ["a"], "w": [1.0]}, by="", weight="w")

    def digest(weight: float) -> str:
        return replace(tally, entries=Mass(np.array([1]), np.array([weight]))).digest()

    for total in (1.0, 0.5, 0.3, 8e-9, 1e12, 3.0):
        near = {digest(float(np.nextafter(total, end))) for end in (0, 1e300)}
        assert near == {digest(total)}
        assert digest(total * (1 + 1e-9)) != digest(total)


def test_the_digest_of_nothing() -> None:
    tally = count(ds.Population({"agent": [1], "goal": ["pass"]}, no_goal="pass")).tally
    assert len(tally.digest()) == 64


KEYS = st.one_of(st.none(), st.sampled_from(["b", "a", "", "ü"]))


@given(st.lists(st.tuples(KEYS, st.one_of(st.none(), st.integers(-2, 2))), max_size=8))
def test_rows_of_keys(rows: list[tuple[str | None, int | None]]) -> None:
    """Distinct rows, sorted, nulls last, and each row finds itself."""
    columns = {
        "a": pa.chunked_array([[a for a, _ in rows]], pa.string()),
        "b": pa.chunked_array([[b for _, b in rows]], pa.int64()),
    }
    keys, codes = encode_rows(columns, len(rows))
    listed = list(zip(*keys.table.to_pydict().values(), strict=True))
    assert [listed[i] for i in codes] == rows
    assert keys.size == len(listed) == len(set(rows))

    def nulls_last(key: tuple[Any, ...]) -> list[tuple[bool, Any]]:
        return [(part is None, 0 if part is None else part) for part in key]

    assert listed == sorted(set(rows), key=nulls_last)
    taken = keys.take(codes)
    assert taken["a"].to_pylist() == [a for a, _ in rows]


def test_no_columns_are_one_row() -> None:
    keys, codes = encode_rows({}, 3)
    assert (keys.size, keys.names, codes.tolist()) == (1, [], [0, 0, 0])
    part, back = Keys(pa.table({"x": [1, 1, 2], "y": [1, 2, 1]}), 3).codes(["x"])
    assert part.table.to_pydict() == {"x": [1, 2]}
    assert back.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([2.0, float("nan"), None, 1.0]), [1.0, 2.0, None]),
        (pa.array(["b", None, "a"]).dictionary_encode(), ["a", "b", None]),
        (pa.array([True, None, False]), [False, True, None]),
        (pa.array([Decimal("2.5"), Decimal("1.5")]), [Decimal("1.5"), Decimal("2.5")]),
        (pa.array([], pa.string()), []),
    ],
)
def test_encode(values: pa.Array, expected: list[Any]) -> None:
    known, codes = encode(values)
    assert known.to_pylist() == expected
    assert len(codes) == len(values)


@given(st.lists(st.integers(-5, 5), max_size=12))
def test_distinct(codes: list[int]) -> None:
    found = distinct(np.array(codes, dtype=np.int64))
    assert found.tolist() == sorted(set(codes))
