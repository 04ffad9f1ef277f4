"""Whole numbers stay whole: populations to 10^9 and beyond, counts to 10^18, sums past 2^63."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.expected import column
from tests.frames import FILES

import dissensus as ds
from dissensus.errors import DissensusError

Source = Callable[[pa.Table], Any]

VALUES = ("misalignment", "conditional_misalignment", "alignment", "compatible_share")


def exact(counts: dict[str, int], silent: int, *, distinct: bool) -> dict[str, Fraction]:
    """Exclusive goals, from whole numbers alone."""
    held, everyone = sum(counts.values()), sum(counts.values()) + silent
    pairs = everyone * (everyone - distinct)
    holding = held * (held - distinct)
    same = sum(n * (n - distinct) for n in counts.values())
    value = Fraction(holding - same, pairs)
    return {
        "misalignment": value,
        "conditional_misalignment": Fraction(holding - same, holding),
        "alignment": 1 - value,
        "compatible_share": Fraction(same, pairs),
        "no_goal_share": Fraction(pairs - holding, pairs),
        "participation": Fraction(held, everyone),
    }


CASES: list[tuple[dict[str, int], int]] = [
    ({"a": 10**18 - 1, "b": 1}, 0),
    ({"a": 10**18 - 1}, 1),
    ({"a": 1, "b": 1}, 10**18 - 2),
    ({"a": 5 * 10**17, "b": 5 * 10**17 - 1}, 1),
    ({"a": 9 * 10**18, "b": 9 * 10**18, "c": 7}, 9 * 10**18),
    ({"a": 2**53 + 1, "b": 3}, 2),
    ({"a": 10**9 - 1, "b": 1}, 0),
    ({"a": 3 * 10**9, "b": 1}, 1),
    ({"a": 2_999_999_998, "b": 1}, 0),
    ({"a": 1_499_999_999, "b": 1_500_000_000}, 0),
]


@pytest.mark.parametrize("distinct", [False, True])
def test_large_counts(frame: Source, distinct: bool) -> None:
    table = pa.table(
        {
            "area": [str(i) for i, (counts, _) in enumerate(CASES) for _ in range(len(counts) + 1)],
            "goal": [goal for counts, _ in CASES for goal in (*counts, "none")],
            "n": pa.array(
                [n for counts, silent in CASES for n in (*counts.values(), silent)], pa.int64()
            ),
        }
    )
    result = ds.misalignment(
        frame(table),
        count="n",
        no_goal="none",
        sampling="distinct-pairs" if distinct else "with-replacement",
    )
    for row, (counts, silent) in zip(result.rows.to_pylist(), CASES, strict=True):
        assert row["agents"] == sum(counts.values()) + silent
        assert row["no_goal_agents"] == silent
        for name, value in exact(counts, silent, distinct=distinct).items():
            found = Fraction(row[name])
            assert abs(found - value) <= value / 10**14, (counts, silent, name, row[name])


def test_sums_past_64_bits(frame: Source) -> None:
    """Many rows of a goal add up to what no engine holds in 64 bits."""
    parts = 30
    table = pa.table(
        {
            "goal": ["a", "b"] * parts,
            "district": list(range(parts)) * 2,
            "n": [10**18 - i for i in range(2 * parts)],
        }
    )
    result = ds.misalignment(frame(table), count="n")
    total = sum(10**18 - i for i in range(2 * parts))
    assert total > 2**63
    assert column(result.rows, "agents") == [Decimal(total)]
    counts = {
        goal: sum(10**18 - i for i in range(2 * parts) if i % 2 == rest)
        for rest, goal in enumerate("ab")
    }
    for name, value in exact(counts, 0, distinct=False).items():
        assert abs(Fraction(column(result.rows, name)[0]) - value) <= value / 10**14
    split = ds.misalignment(frame(table), count="n", by="district", where="n > 0")
    assert column(split.tables["overall"], "agents")[0] == Decimal(total)


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.uint8(), pa.int32(), pa.uint64(), pa.float64(), pa.decimal128(25, 2)]
)
def test_types_of_counts(frame: Source, kind: pa.DataType) -> None:
    counts = pa.array([3, 1, 0]).cast(pa.int64()).cast(kind)
    table = pa.table({"goal": ["a", "b", "c"], "n": counts})
    result = ds.misalignment(frame(table), count="n")
    assert column(result.rows, "misalignment") == [6 / 16]
    assert column(result.rows, "agents") == [4]
    assert column(result.rows, "goals") == [2]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (pa.array([1.5, 2.0]), "1 rows are not whole"),
        (pa.array([Decimal("1.50"), Decimal("2.00")]), "1 rows are not whole"),
        (pa.array([1, -1]), "-1 is negative"),
        (pa.array([-0.5, 1]), "-0.5 is negative"),
        (pa.array([1, None]), "1 rows are empty or NaN"),
        (pa.array([1, float("nan")]), "1 rows are empty or NaN"),
        (pa.array([1, float("inf")]), "infinite"),
        (pa.array([2**63, 1], pa.uint64()), "too many"),
        (pa.array([1e19, 1]), "too many"),
        (pa.array([0, 0]), "all are 0"),
        (pa.array(["1", "2"]), "is String"),
        (pa.array([True, False]), "is Boolean"),
    ],
)
def test_counts_that_are_none(frame: Source, values: pa.Array, words: str) -> None:
    table = pa.table({"goal": ["a", "b"], "n": values})
    with pytest.raises(DissensusError, match="count column 'n'") as error:
        ds.misalignment(frame(table), count="n")
    assert words in str(error.value)


@pytest.mark.parametrize("name", ["csv", "csv gz", "tsv"])
def test_counts_in_text(tmp_path: Path, name: str) -> None:
    table = pa.table({"goal": ["a", "b"], "n": [str(10**18 - 1), "1"]})
    result = ds.misalignment(FILES[name](table, tmp_path), count="n")
    assert column(result.rows, "agents") == [10**18]
    for key in VALUES:
        value = exact({"a": 10**18 - 1, "b": 1}, 0, distinct=False)[key]
        assert abs(Fraction(column(result.rows, key)[0]) - value) <= value / 10**14


def test_many_agents_are_counted_exactly(frame: Source) -> None:
    """Pairs of agents overflow 64 bits long before agents do."""
    table = pa.table({"goal": ["a", "b"], "n": [2**31, 2**31 - 1]})
    result = ds.misalignment(frame(table), count="n", sampling="distinct-pairs")
    n = 2**32 - 1
    value = Fraction(2 * 2**31 * (2**31 - 1), n * (n - 1))
    assert abs(Fraction(column(result.rows, "misalignment")[0]) - value) <= value / 10**15
