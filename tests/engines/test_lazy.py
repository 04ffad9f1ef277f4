"""A frame is counted where it lives: never more than a tally comes here."""

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pyarrow as pa
import pytest
from narwhals._duckdb.dataframe import DuckDBLazyFrame
from tests.frames import as_duckdb, as_polars_lazy

import dissensus as ds

ROWS = 5_000
AREAS, PARTIES, GOALS = 4, 3, 5
# values of the goal column, empty ones among them, in each area and segment
CELLS = AREAS * (PARTIES + 1) * (GOALS + 1)

AGENTS = ROWS // AREAS
TABLE = pa.table(
    {
        "agent": [i % AGENTS for i in range(ROWS)],
        "area": [i // AGENTS for i in range(ROWS)],
        "party": [None if i % 7 == 0 else i % PARTIES for i in range(ROWS)],
        "age": [i % 90 for i in range(ROWS)],
        "weight": [1 + i % 3 / 4 for i in range(ROWS)],
        "goal": [None if i % 11 == 0 else f"g{i % GOALS}" for i in range(ROWS)],
        "level": [i % GOALS for i in range(ROWS)],
        "care": [None if i % 11 == 0 else i % GOALS / 4 for i in range(ROWS)],
    }
)
WIDE = pa.table(
    {"id": range(AGENTS), **{f"q{a}": [f"g{i % GOALS}" for i in range(AGENTS)] for a in range(4)}}
)
ROSTER = pa.table({"agent": range(AGENTS + 5), "state": [i % 3 for i in range(AGENTS + 5)]})

# what agents hold in all areas together has few patterns
FEW = TABLE.set_column(5, "goal", pa.array([f"g{i % 2}" for i in range(ROWS)]))

QUESTIONS: dict[str, Callable[[Callable[[pa.Table], Any]], ds.Result]] = {
    "everything": lambda make: ds.misalignment(
        make(TABLE), by="party", weight="weight", where="age >= 18", no_goal="g0"
    ),
    "between": lambda make: ds.between(make(TABLE), by="party", null_goal="no-goal"),
    "unchecked": lambda make: ds.misalignment(make(TABLE), check="none"),
    "levels": lambda make: ds.misalignment(make(TABLE), conflict="ordinal", level="level"),
    "wide": lambda make: ds.misalignment(make(WIDE), agent="id", wide="q*"),
    "roster": lambda make: ds.misalignment(
        make(TABLE.drop_columns("party")), by="state", roster=make(ROSTER), absent="no-goal"
    ),
    "several": lambda make: ds.misalignment(make(TABLE), by="party", holds="several"),
    "draws": lambda make: ds.misalignment(make(TABLE), holds="draws", null_goal="no-goal"),
    "points": lambda make: ds.misalignment(make(TABLE), holds="several", points="level"),
    "salience": lambda make: ds.misalignment(make(TABLE), by="party", salience="care"),
    "salience by level": lambda make: ds.misalignment(
        make(TABLE), by="party", salience="care", salience_mean="min"
    ),
    "contested": lambda make: ds.misalignment(make(TABLE), by="party", min_minority=0.1),
    "together": lambda make: ds.misalignment(make(FEW), in_any_area=True),
    "latest": lambda make: ds.misalignment(
        make(TABLE), agent="party", area="level", latest="age", check="none"
    ),
    "joined area": lambda make: ds.misalignment(make(TABLE), area="area+level", check="none"),
    "ranks": lambda make: ds.misalignment(
        make(WIDE), agent="id", ranking=["q0", "q1"], check="none"
    ),
    "counted": lambda make: ds.misalignment(make(TABLE), count="age", over="party"),
}


@pytest.fixture
def polars_collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Rows of every collect of Polars."""
    sizes: list[int] = []
    collect = pl.LazyFrame.collect

    def spy(frame: pl.LazyFrame, *args: Any, **options: Any) -> Any:
        collected = collect(frame, *args, **options)
        sizes.append(collected.height)
        return collected

    def refuse(*args: Any, **options: Any) -> Any:
        raise AssertionError("collected by another door")

    monkeypatch.setattr(pl.LazyFrame, "collect", spy)
    for door in ("collect_async", "collect_batches", "fetch", "sink_parquet", "sink_csv"):
        monkeypatch.setattr(pl.LazyFrame, door, refuse, raising=False)
    return sizes


@pytest.fixture
def duckdb_collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Rows of every collect of a DuckDB relation."""
    sizes: list[int] = []
    collect = DuckDBLazyFrame.collect

    def spy(frame: Any, *args: Any, **options: Any) -> Any:
        collected = collect(frame, *args, **options)
        sizes.append(len(collected))
        return collected

    monkeypatch.setattr(DuckDBLazyFrame, "collect", spy)
    return sizes


@pytest.mark.parametrize("question", QUESTIONS)
def test_polars_lazy(question: str, polars_collected: list[int]) -> None:
    result = QUESTIONS[question](as_polars_lazy)
    assert result.rows.num_rows
    assert polars_collected, "nothing was collected: the spy looks at the wrong place"
    assert max(polars_collected) <= CELLS


@pytest.mark.parametrize("question", QUESTIONS)
def test_duckdb(question: str, duckdb_collected: list[int]) -> None:
    """Data and roster of one connection, which joins them."""
    connection = duckdb.connect()
    names = iter(["data", "roster"])

    def make(table: pa.Table) -> duckdb.DuckDBPyRelation:
        return connection.from_arrow(table).set_alias(next(names))

    result = QUESTIONS[question](make)
    assert result.rows.num_rows
    assert duckdb_collected, "nothing was collected: the spy looks at the wrong place"
    assert max(duckdb_collected) <= CELLS


@pytest.mark.parametrize("question", QUESTIONS)
def test_lazy_says_what_eager_says(question: str) -> None:
    eager = QUESTIONS[question](lambda table: table)
    for make in (as_polars_lazy, as_duckdb):
        lazy = QUESTIONS[question](make)
        assert lazy.provenance["tally"] == eager.provenance["tally"]
        assert lazy.rows.select(["misalignment"]).equals(eager.rows.select(["misalignment"])) or (
            "weight" in lazy.provenance["roles"]  # whose sums may differ in the last bits
        )


def test_describe_takes_a_head(polars_collected: list[int]) -> None:
    ds.describe(as_polars_lazy(TABLE))
    assert max(polars_collected) <= 1000


def test_the_spy_sees(polars_collected: list[int], duckdb_collected: list[int]) -> None:
    """A frame that is pulled in whole would be seen."""
    nw.from_native(as_polars_lazy(TABLE)).collect("pyarrow")
    nw.from_native(as_duckdb(TABLE)).collect("pyarrow")
    assert polars_collected == [ROWS]
    assert duckdb_collected == [ROWS]
