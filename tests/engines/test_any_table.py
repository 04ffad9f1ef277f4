"""Any table ends in a result without NaN or in an error that the user can mend, on every engine."""

import math
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
from hypothesis import HealthCheck, example, given, note, settings
from hypothesis import strategies as st
from tests.frames import FRAMES, as_duckdb

import dissensus as ds
from dissensus.engine.sources import SourceError
from dissensus.errors import DissensusError
from dissensus.model.columns import COLUMNS, own_columns

TEXT = st.one_of(
    st.sampled_from(["", " ", "a", "b", "NA", "null", "nan", "007", "1", "1.0", "true", "A\u0301"]),
    st.text(max_size=3).filter(lambda text: "\0" not in text and text.isprintable()),
)
LARGEST = 2**63 - 1
ARRAYS: dict[str, tuple[st.SearchStrategy[Any], pa.DataType]] = {
    "text": (TEXT, pa.string()),
    "large text": (TEXT, pa.large_string()),
    "categories": (TEXT, pa.dictionary(pa.int32(), pa.string())),
    "whole": (st.one_of(st.integers(-2, 3), st.integers(-LARGEST, LARGEST)), pa.int64()),
    "narrow": (st.integers(-3, 3), pa.int8()),
    "natural": (st.one_of(st.integers(0, 3), st.just(2**64 - 1)), pa.uint64()),
    "real": (
        st.one_of(st.sampled_from([0.0, 0.5, 1.0, -0.0, 1e300, 5e-324]), st.floats()),
        pa.float64(),
    ),
    "single": (st.sampled_from([0.0, 0.1, 2.0, math.nan]), pa.float32()),
    "share": (st.sampled_from([0.0, 0.25, 0.5]), pa.float64()),
    "decimal": (st.decimals(-9, 9, places=2), pa.decimal128(9, 2)),
    "truth": (st.booleans(), pa.bool_()),
    "day": (st.dates(date(1900, 1, 1), date(2100, 1, 1)), pa.date32()),
    "moment": (
        st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
        pa.timestamp("us"),
    ),
    "zoned": (st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)), pa.timestamp("us", "UTC")),
    "hour": (st.sampled_from([time(1), time(2)]), pa.time64("us")),
    "span": (st.sampled_from([timedelta(1), timedelta(2)]), pa.duration("us")),
    "list": (st.lists(st.integers(0, 1), max_size=2), pa.list_(pa.int64())),
    "bytes": (st.sampled_from([b"", b"a", b"\xff"]), pa.binary()),
    "nothing": (st.none(), pa.null()),
}
NAMES = ["agent", "area", "goal", "count", "share", "weight", "party", "q1", "Größe x", "_key0"]


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.sampled_from([0, 1, 2, 3, 6]))
    columns = {}
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
    for name in dict.fromkeys([*draw(st.sampled_from([["agent", "goal"], ["goal"], []])), *names]):
        usual = st.sampled_from(["text", "whole", "share"])
        kind = draw(st.one_of(usual, usual, st.sampled_from(list(ARRAYS))))
        values, arrow = ARRAYS[kind]
        cell = st.one_of(values, values, values, st.none())
        if name == "agent" and kind == "whole":
            columns[name] = pa.array(range(rows), arrow)
            continue
        cells = draw(st.lists(cell, min_size=rows, max_size=rows))
        columns[name] = pa.array(cells, arrow)
    return pa.table(columns)


COLUMN = st.sampled_from([*NAMES, "nme"])
WHERE = st.builds(
    "`{}` {} {}".format,
    COLUMN,
    st.sampled_from(["=", "!=", "<", ">=", "in"]),
    st.sampled_from(["1", "'a'", "(1, 2)", "('a', b)", "true", "2020-01-01", "1e400", "(true)"]),
)
MAYBE: dict[str, st.SearchStrategy[Any]] = {
    "agent": st.one_of(COLUMN, st.lists(COLUMN, max_size=2)),
    "area": COLUMN,
    "goal": COLUMN,
    "wide": st.one_of(COLUMN, st.sampled_from(["q*", "*", "q1..party"])),
    "count": COLUMN,
    "share": COLUMN,
    "weight": COLUMN,
    "no_goal": st.lists(st.one_of(TEXT, st.integers(0, 2), st.floats()), max_size=2),
    "null_goal": st.sampled_from(["outside", "no-goal"]),
    "absent": st.sampled_from(["outside", "no-goal"]),
    "goal_map": st.dictionaries(TEXT, st.sampled_from(["a", "no-goal", "outside"]), max_size=2),
    "roster_on": COLUMN,
    "check": st.sampled_from(["full", "none"]),
    "by": st.lists(COLUMN, max_size=2),
    "over": COLUMN,
    "where": WHERE,
    "sampling": st.sampled_from(["with-replacement", "distinct-pairs"]),
    "conflict": st.one_of(
        st.sampled_from(["exclusive", "ordinal", "interval", "nonsense"]),
        st.dictionaries(st.tuples(TEXT, TEXT), st.floats(0, 1), min_size=1, max_size=2),
    ),
    "level": COLUMN,
    "levels": st.lists(TEXT, max_size=3),
    "range": st.tuples(st.floats(), st.floats()),
    "no_goal_conflict": st.one_of(st.floats(), st.dictionaries(TEXT, st.floats(0, 1), max_size=2)),
    "goal_set": st.lists(TEXT, max_size=3),
    "normalise": st.lists(st.sampled_from(["asymptotic", "finite", "attainable"]), max_size=2),
    "area_weights": st.dictionaries(TEXT, st.floats(0, 2), max_size=2),
    "labels": st.just({"party": {"a": "A"}}),
    "areas": st.dictionaries(TEXT, TEXT, max_size=2),
}


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """Some roles and options; the likely ones more often."""
    given_names = draw(st.lists(st.sampled_from(list(MAYBE)), unique=True, max_size=4))
    likely = draw(st.sampled_from([[], ["by"], ["where"], ["weight"], ["count"], ["share"]]))
    options = {name: draw(MAYBE[name]) for name in dict.fromkeys([*likely, *given_names])}
    for name in ("count", "share", "weight"):
        if name in options and draw(st.booleans()):
            options[name] = name
    return options


MAKERS: dict[str, Callable[[pa.Table], Any]] = {**FRAMES, "mapping": lambda t: t.to_pydict()}


def assert_sound(result: ds.Result) -> None:
    """No NaN anywhere, probabilities within their bounds, a reason for every null value."""
    own = own_columns(result.summary)
    for table in (result.rows, *result.tables.values()):
        for field in table.schema:
            values = table.column(field.name).to_pylist()
            described = COLUMNS.get(field.name)
            if not (described and described.range == "[0, 1]") or field.name in own:
                continue
            for row, value in enumerate(values):
                if value is None:
                    if "reasons" in table.column_names:
                        reasons = dict(table.column("reasons")[row].as_py() or [])
                        assert field.name in reasons, f"{field.name} is null for no reason"
                else:
                    assert 0 <= value <= 1, f"{field.name} is {value!r}"
    text = result.text("json")
    for word in ("NaN", "Infinity"):
        assert f": {word}" not in text
    repr(result)
    result._repr_html_()


def ask(data: Any, options: dict[str, Any], asked: str) -> None:
    question = {"misalignment": ds.misalignment, "between": ds.between, "describe": ds.describe}
    if asked == "between":
        options = {"by": ["party"], **options}
    if asked != "misalignment":
        options = {name: value for name, value in options.items() if name != "normalise"}
    try:
        result = question[asked](data, **options)
    except DissensusError as error:
        note(str(error))
        if not (error.found and error.needed and error.mend):
            raise AssertionError("an error that does not say how to mend it") from error
    else:
        assert_sound(result)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    tables(),
    questions(),
    st.sampled_from(list(MAKERS)),
    st.sampled_from(["misalignment", "misalignment", "between", "describe"]),
)
def test_any_table(table: pa.Table, options: dict[str, Any], maker: str, asked: str) -> None:
    try:
        data = MAKERS[maker](table)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pl.exceptions.PolarsError, duckdb.Error):
        return  # no such frame can be made
    ask(data, options, asked)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    tables(),
    tables(),
    st.sampled_from(list(FRAMES)),
    st.sampled_from(list(FRAMES)),
    st.lists(st.sampled_from(NAMES), max_size=2),
    st.sampled_from(["outside", "no-goal"]),
)
def test_any_roster(
    table: pa.Table, roster: pa.Table, here: str, there: str, by: list[str], absent: str
) -> None:
    try:
        data, side = FRAMES[here](table), FRAMES[there](roster)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pl.exceptions.PolarsError, duckdb.Error):
        return
    ask(data, {"roster": side, "by": by, "absent": absent}, "misalignment")


CELL = st.one_of(
    st.sampled_from(["", "1", "a", '"', ",", "\n", "\r", "\u2028", "\ufeff", "\x1c", "é", "NULL"]),
    st.text(max_size=3),
)


@example(text="\ufeff", header="", encoding="utf-16", ending="arrow")
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(CELL, max_size=12).map("".join),
    st.sampled_from(["agent,goal\n", "agent;goal\n", "agent\tgoal\n", '"agent","goal"\r\n', ""]),
    st.sampled_from(["utf-8", "utf-16", "latin-1"]),
    st.sampled_from(["csv", "tsv", "txt", "jsonl", "parquet", "arrow", "duckdb::t", "csv.gz"]),
)
def test_any_file(tmp_path: Path, text: str, header: str, encoding: str, ending: str) -> None:
    path = tmp_path / f"rows.{ending.partition('::')[0]}"
    path.write_bytes((header + text).encode(encoding, errors="ignore"))
    ask(f"{tmp_path}/rows.{ending}", {}, "misalignment")


OBJECT = st.one_of(
    st.none(), TEXT, st.integers(), st.floats(), st.booleans(), st.binary(max_size=2)
)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(OBJECT, max_size=4), st.lists(OBJECT, max_size=4))
@example([1, "b"], ["a", "b"])
def test_any_objects(agents: list[Any], goals: list[Any]) -> None:
    """Columns of Python's own objects, of several types at once."""
    size = min(len(agents), len(goals))
    columns = {"agent": agents[:size], "goal": goals[:size]}
    ask(columns, {}, "misalignment")
    ask(pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in columns.items()}), {}, "describe")
    ask(pd.DataFrame(columns), {}, "misalignment")


def test_the_checks_can_fail() -> None:
    """A result that is not sound would be seen."""
    for value in (1.5, -0.1):
        table = pa.table({"misalignment": [value]})
        try:
            assert_sound(ds.Result(table))
        except AssertionError:
            continue
        raise RuntimeError(f"{value} passed")
    assert as_duckdb(pa.table({"x": [1]})).fetchall() == [(1,)]
    assert issubclass(SourceError, DissensusError)
