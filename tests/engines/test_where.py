"""``where`` on every engine: each operator on each type; what is missing compares as false."""

import operator
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import narwhals as nw
import pyarrow as pa
import pytest
from tests import oracle
from tests.expected import assert_within, column

import dissensus as ds
from dissensus.engine.sources import collect, open_source
from dissensus.engine.where import WhereError, expression, parse_where
from dissensus.errors import DissensusError

Source = Callable[[pa.Table], Any]

NAN = float("nan")
COLUMNS: dict[str, pa.Array] = {
    "whole": pa.array([1, 2, None, 3, -4]),
    "narrow": pa.array([1, 2, None, 3, 4], pa.uint8()),
    "real": pa.array([1.5, 2.0, NAN, -3.0, None]),
    "decimal": pa.array([Decimal("1.50"), Decimal("2.00"), None, Decimal("3.25"), Decimal("-1")]),
    "text": pa.array(["a", "B", None, "007", "it's"]),
    "truth": pa.array([True, False, None, True, False]),
    "category": pa.array(["a", "b", None, "a", "c"]).dictionary_encode(),
    "day": pa.array([date(2020, 1, 1), date(2021, 6, 1), None, date(2020, 6, 1), date(1999, 1, 1)]),
    "moment": pa.array([datetime(2020, 1, 1, 12), datetime(2021, 6, 1), None, None, None]),
    "zoned": pa.array(
        [datetime(2020, 1, 1, 12), datetime(2021, 6, 1), None, None, None],
        pa.timestamp("us", "Europe/Paris"),
    ),
    "two words": pa.array(["x y", "z", None, "x y", "x"]),
    'say "x"': pa.array([1, 2, 3, 4, 5]),
}
TABLE = pa.table({"agent": [1, 2, 3, 4, 5], "goal": ["yes", "no", "no", "maybe", "no"], **COLUMNS})
SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def is_there(value: object) -> bool:
    return value is not None and value == value


def check(data: Any, where: str, keep: Callable[[dict[str, Any]], bool]) -> None:
    """Those who pass are the ones that Python keeps."""
    opened = open_source(data)
    passes = nw.when(expression(parse_where(where), opened.schema)).then(1).otherwise(0)
    kept = collect(opened.frame.select("agent", passes.alias("passes"))).sort_by("agent")
    assert column(kept, "passes") == [int(keep(row)) for row in TABLE.to_pylist()], where


LITERALS: dict[str, list[tuple[str, Any]]] = {
    "whole": [
        ("2", 2),
        ("-4", -4),
        ("2.5", 2.5),
        ("2e0", 2),
        ("1e30", 1e30),
        (f"{10**25}", 10**25),
    ],
    "narrow": [("2", 2), ("-1", -1), ("1000", 1000), ("2.5", 2.5)],
    "real": [("2", 2), ("1.5", 1.5), ("-1e3", -1000)],
    "decimal": [("2", 2), ("1.5", 1.5)],
    "text": [("a", "a"), ("'B'", "B"), ('"it\'s"', "it's"), ("'it\\'s'", "it's")],
    "day": [("2020-06-01", date(2020, 6, 1)), ("'2021-06-01'", date(2021, 6, 1))],
    "moment": [
        ("'2020-01-01T12:00'", datetime(2020, 1, 1, 12)),
        ("2021-01-01", datetime(2021, 1, 1)),
    ],
}


def test_comparisons(frame: Source) -> None:
    data = frame(TABLE)
    for name, literals in LITERALS.items():
        for (written, value), (sign, compare) in product(literals, SIGNS.items()):

            def keep(row: dict[str, Any], name: str = name, value: Any = value) -> bool:
                return is_there(row[name]) and compare(row[name], value)  # noqa: B023

            check(data, f"{name} {sign} {written}", keep)


OTHERS: list[tuple[str, Callable[[dict[str, Any]], bool]]] = [
    ("truth = true", lambda row: row["truth"] is True),
    ("truth != TRUE", lambda row: row["truth"] is False),
    ("truth in (true, false)", lambda row: row["truth"] is not None),
    ("category = a", lambda row: row["category"] == "a"),
    ("category != 'a'", lambda row: row["category"] in ("b", "c")),
    ("category = 'never seen'", lambda row: False),
    ("category in (b, c, 'never seen')", lambda row: row["category"] in ("b", "c")),
    ("whole in (1, 3, 99)", lambda row: row["whole"] in (1, 3)),
    ("whole in (1.0, 2.5)", lambda row: row["whole"] == 1),
    ("whole in (2.5)", lambda row: False),
    ("narrow in (1000, 2)", lambda row: row["narrow"] == 2),
    ("real in (2, 1.5)", lambda row: row["real"] in (2, 1.5)),
    ("decimal in (2, 1.5)", lambda row: row["decimal"] in (2, 1.5)),
    ("text in (a, '007')", lambda row: row["text"] in ("a", "007")),
    ("text = 007", lambda row: row["text"] == "007"),
    ("text = 7", lambda row: False),
    ("day in (2020-01-01, '2021-06-01')", lambda row: row["agent"] in (1, 2)),
    ("zoned >= '2021-01-01'", lambda row: row["agent"] == 2),
    ("zoned < '2020-06-01T00:00+02:00'", lambda row: row["agent"] == 1),
    ("`two words` = 'x y'", lambda row: row["two words"] == "x y"),
    ('"two words" != "x y"', lambda row: row["two words"] in ("x", "z")),
    ('`say "x"` > 2 and whole != 3', lambda row: row["agent"] == 5),
    ("whole >= 1 and whole < 3 AND text = a", lambda row: row["agent"] == 1),
    ("agent = 1", lambda row: row["agent"] == 1),
    ("goal != no", lambda row: row["goal"] != "no"),
]


def test_other_comparisons(frame: Source) -> None:
    data = frame(TABLE)
    for where, keep in OTHERS:
        check(data, where, keep)


UNFIT = [
    ("whole = '2'", "compared with '2'"),
    ("whole < abc", "compared with 'abc'"),
    ("whole in (1, a)", "compared with 1, 'a'"),
    ("text < 3", "compared with 3"),
    ("truth = 1", "compared with 1"),
    ("truth = yes", "compared with 'yes'"),
    ("day > soon", "compared with 'soon'"),
    ("moment = '2020-01-01T00:00+01:00'", "compared with"),
]


def test_literals_that_do_not_fit(frame: Source) -> None:
    data = frame(TABLE)
    for where, words in UNFIT:
        with pytest.raises(WhereError) as error:
            ds.misalignment(data, where=where)
        assert words in str(error.value)
        assert "needed:" in str(error.value)


def test_those_who_pass_are_measured(frame: Source) -> None:
    data = frame(TABLE)
    for where, keep in (
        ("real > 1", lambda row: row["agent"] in (1, 2)),
        ("real != 2", lambda row: row["agent"] in (1, 4)),
        ("text != a and whole < 3", lambda row: row["agent"] in (2, 5)),
    ):
        cells = oracle.cells(TABLE.to_pylist(), area=None, where=keep)
        assert_within(ds.misalignment(data, where=where), cells, area=None)
    with pytest.raises(DissensusError, match="nobody left after where 'whole > 99'"):
        ds.misalignment(data, where="whole > 99")


def test_areas_and_goals_are_those_seen_before(frame: Source) -> None:
    """The filter takes agents away, neither problem areas nor what could be held in them."""
    table = pa.table(
        {
            "agent": [1, 2, 1, 2],
            "area": ["p", "p", "q", "q"],
            "age": [10, 20, 10, 20],
            "goal": [1, 3, 1, 9],
        }
    )
    result = ds.misalignment(frame(table), where="age < 15", conflict="interval")
    assert column(result.rows, "misalignment") == [0, 0]
    pair = pa.concat_tables([table, pa.table({**table.to_pydict(), "agent": [3, 4, 3, 4]})])
    pair = pair.set_column(3, "goal", pa.array([1, 3, 1, 9, 2, 3, 5, 9]))
    result = ds.misalignment(frame(pair), where="age < 15", conflict="interval")
    # 1 and 2 of 1..3, and 1 and 5 of 1..9: half of the way, each
    assert column(result.rows, "misalignment") == [0.25, 0.25]


def test_areas_without_anybody_left(frame: Source) -> None:
    table = pa.table(
        {"agent": [1, 2, 3], "area": ["p", "p", "q"], "age": [1, 1, 9], "goal": ["a", "b", "a"]}
    )
    result = ds.misalignment(frame(table), where="age < 5")
    assert column(result.rows, "area") == ["p"]
    assert result.summary["areas"] == 1
    assert any("1 problem area" in note for note in result.summary["notes"])


def test_columns_of_the_roster(source: Source) -> None:
    table = pa.table({"agent": ["1", "2", "3"], "goal": ["a", "b", "c"]})
    roster = pa.table({"agent": ["1", "2", "3", "4"], "age": [20, 30, None, 40]})
    result = ds.misalignment(source(table), roster=source(roster), where="age >= 20")
    assert column(result.rows, "agents") == [2]
    whole = ds.misalignment(
        source(table), roster=source(roster), where="age >= 20", absent="no-goal"
    )
    assert column(whole.rows, "agents") == [3]
    assert column(whole.rows, "no_goal_agents") == [1]


def test_where_on_the_data_while_absent_members_count(frame: Source) -> None:
    table = pa.table({"agent": [1, 2], "age": [1, 2], "goal": ["a", "b"]})
    roster = pa.table({"agent": [1, 2, 3]})
    with pytest.raises(DissensusError, match="members without a row do not have"):
        ds.misalignment(frame(table), roster=roster, absent="no-goal", where="age > 1")


def test_text_files_are_compared_as_what_is_meant(tmp_path: Any) -> None:
    """In a text file a number compares with numbers, text with text, and roles stay text."""
    path = tmp_path / "rows.csv"
    path.write_text("agent,age,goal\n007,9,1\n7,10,2\n8,,3\n9,1e1,3\n")

    def kept(where: str) -> list[Any]:
        return column(ds.misalignment(path, where=where).rows, "agents")

    assert kept("age > 9") == [2]
    assert kept("age = 10") == [2]
    assert kept("age = '10'") == [1]
    assert kept("agent = 007") == [1]
    assert kept("agent != 007") == [3]
    assert kept("goal in (1, 3)") == [3]
    with pytest.raises(DissensusError, match="agent"):
        kept("agent > 7")
    path.write_text("agent,age,goal\n1,9,a\n2,young,b\n")
    with pytest.raises(DissensusError, match="'age' holds 'young'"):
        kept("age > 9")
    assert kept("age = 'young'") == [1]
