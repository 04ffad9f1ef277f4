"""Every kind of file and frame says the same; what cannot be read is said, with its place."""

import gzip
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests import oracle
from tests.engines.test_shapes import HELD, LONG, MEMBERS
from tests.expected import assert_between, column
from tests.frames import FRAMES, as_duckdb, text_lines

import dissensus as ds
from dissensus.engine.population import ColumnError
from dissensus.engine.sources import SourceError
from dissensus.errors import DissensusError

Write = Callable[[pa.Table], str]

PLAIN = "agent,area,party,goal\n1,q,x,a\n2,q,y,b\n3,q,x,\n"


def test_every_file_says_the_same(file: Write) -> None:
    reading: dict[str, Any] = {"by": ["party"], "no_goal": ["unsure"], "null_goal": "no-goal"}
    result = ds.between(file(LONG), **reading)
    expected = ds.between(LONG, **reading)
    assert result.provenance["tally"] == expected.provenance["tally"]
    assert result.rows.equals(expected.rows)
    assert_between(result, oracle.cells(oracle.rows_of(LONG), **reading), by=["party"])
    assert Path(str(result.provenance["source"]["path"]).partition("::")[0]).suffix


def test_rosters_in_files(file: Write) -> None:
    roles: dict[str, Any] = {"by": "party", "roster_on": "congress", "absent": "no-goal"}
    members = MEMBERS.select(["agent", "congress", "party"])
    result = ds.misalignment(file(HELD), roster=file(members), **roles)
    assert result.rows.equals(ds.misalignment(HELD, roster=members, **roles).rows)


@pytest.mark.parametrize("name", FRAMES)
def test_a_mapping_is_a_table(name: str) -> None:
    rows = ds.misalignment(LONG.to_pydict(), by="party").rows
    assert rows.equals(ds.misalignment(FRAMES[name](LONG), by="party").rows)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    text = text_lines(LONG, ",").encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text), encoding="utf-8"))
    result = ds.misalignment("-", by="party")
    assert result.rows.equals(ds.misalignment(LONG, by="party").rows)
    assert result.provenance["source"]["path"] == "standard input"


def test_text_is_text_exactly_as_written(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    values = ["007", "7", "7.0", "yes", "NA", "null", "2016", "True", " x", "x ", "1e3"]
    path.write_text("agent,goal\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values)))
    assert column(ds.describe(path).tables["goals"], "goal") == sorted(values)
    result = ds.misalignment(path, no_goal=["NA", "7"])
    assert column(result.rows, "no_goal_agents") == [2]


@pytest.mark.parametrize(
    ("name", "text", "area"),
    [
        ("quoted.csv", '"agent";"ar\nea";goal\n1;"x;y";"a ""b"""\n2;"x;y";b\n', "ar\nea"),
        ("separator.csv", "agent,ar\u2028ea,goal\n1,x,a\n2,x,b\n", "ar\u2028ea"),
        ("blank.csv", "agent, area ,goal\n1,x,a\n\n2,x,b\n\n", "area"),
        ("v[1].csv", "agent,area,goal\n1,x,a\n2,x,b\n", "area"),
        ("no end.csv", "agent,area,goal\n1,x,a\n2,x,b", "area"),
        ("UPPER.CSV", "agent,area,goal\n1,x,a\n2,x,b\n", "area"),
        ("caret.txt", "agent^area^goal\n1^x^a\n2^x^b\n", "area"),
    ],
)
def test_text_files_of_all_sorts(tmp_path: Path, name: str, text: str, area: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert column(ds.misalignment(path, area=area).rows, "misalignment") == [0.5]


def test_patterns(tmp_path: Path) -> None:
    for i, rows in enumerate(["1,a\n2,b\n", "3,a\n4,b\n"]):
        (tmp_path / f"part-{i}.csv").write_text(f"agent,goal\n{rows}")
    result = ds.misalignment(str(tmp_path / "part-*.csv"))
    assert column(result.rows, "agents") == [4]
    assert result.provenance["source"]["kind"] == "2 files"
    for header in ("goal,agent", "agent,goal,age"):
        (tmp_path / "part-2.csv").write_text(f"{header}\n5,a,1\n")
        with pytest.raises(SourceError, match=r"part-2.csv has another header than .*part-0.csv"):
            ds.misalignment(str(tmp_path / "part-*.csv"))
    with pytest.raises(SourceError, match="no such file"):
        ds.misalignment(str(tmp_path / "none-*.csv"))


def broken_parquet(path: Path) -> None:
    pq.write_table(pa.table({"agent": range(5000), "goal": ["a", "b"] * 2500}), path)


def zeroed(path: Path) -> None:
    broken_parquet(path)
    content = bytearray(path.read_bytes())
    content[20:2000] = bytes(1980)
    path.write_bytes(content)


def cut(path: Path) -> None:
    broken_parquet(path)
    path.write_bytes(path.read_bytes()[:500])


def cut_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(PLAIN.encode() * 1000)[:60])


def corrupt_gzip(path: Path) -> None:
    content = bytearray(gzip.compress(bytes(range(256)) * 2000))
    content[30:60] = b"\xff" * 30
    path.write_bytes(content)


def late_corrupt_gzip(path: Path) -> None:
    rows = "".join(f"{i},{'ab'[i % 2]}{i * i}\n" for i in range(200_000))
    content = bytearray(gzip.compress(f"agent,goal\n{rows}".encode()))
    content[-1000:-100] = b"\xff" * 900
    path.write_bytes(content)


LATE_LATIN = b"agent,goal\n" + b"".join(b"%d,a\n" % i for i in range(200_000)) + b"x,\xe9\n"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("row.csv", "agent,goal\n1,a\n2,b,c\n3,d\n", "Line: 3"),
        ("short.csv", "agent,goal\n1,a\n2\n3,d\n", "Line: 3"),
        ("late.csv", "agent,goal\n" + "1,a\n" * 70_000 + "1,a,x\n", "Line: 70002"),
        ("quote.csv", 'agent,goal\n1,"a\n2,b\n3,d\n', "Line: 2"),
        ("empty.csv", "", "is empty"),
        ("blank.csv", "\n\n", "is empty"),
        ("header.csv", "agent,goal\n", "a table without rows"),
        ("twice.csv", "agent,goal,goal\n1,a,b\n", "'goal' twice"),
        ("unnamed.csv", "agent,goal,\n1,a,b\n", "a column without a name"),
        ("latin.csv", "agent,goal\n1,é\n".encode("latin1"), "not UTF-8"),
        ("utf16.csv", "agent,goal\n1,a\n".encode("utf-16"), "not UTF-8"),
        ("zero.csv", "agent,goal\n1,\0\n", "zero bytes"),
        ("late latin.csv", LATE_LATIN, "utf-8"),
        ("not.csv.gz", "agent,goal\n1,a\n", "Not a gzipped file"),
        ("cut.csv.gz", cut_gzip, "cannot read"),
        ("corrupt.csv.gz", corrupt_gzip, "cannot read"),
        ("late corrupt.csv.gz", late_corrupt_gzip, "cannot read"),
        ("footer.parquet", "PAR1xxxxxxxxPAR1", "cannot read"),
        ("cut.parquet", cut, "cannot read"),
        ("zeroed.parquet", zeroed, "cannot read"),
        ("empty.parquet", "", "cannot read"),
        ("word.arrow", "hello world", "cannot read"),
        ("empty.arrow", "", "cannot read"),
        ("line.jsonl", '{"agent":1,"goal":"a"}\n{"agent":2,"goal"\n', "cannot read"),
        ("word.duckdb::rows", "hello world" * 1000, "cannot read"),
        ("rows.xyz", "agent,goal", "unknown kind"),
        ("rows", "agent,goal", "unknown kind"),
    ],
)
def test_files_that_cannot_be_read(
    tmp_path: Path, name: str, content: str | bytes | Callable[[Path], None], words: str
) -> None:
    path = tmp_path / name.partition("::")[0]
    if callable(content):
        content(path)
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DissensusError) as error:
        ds.misalignment(str(tmp_path / name))
    assert words.casefold() in str(error.value).casefold()
    assert error.value.needed
    assert error.value.mend


def test_no_such_file(tmp_path: Path) -> None:
    (tmp_path / "votes.csv").write_text(PLAIN)
    with pytest.raises(SourceError, match=r"no such file: .*vote.csv") as error:
        ds.misalignment(tmp_path / "vote.csv")
    assert "did you mean 'votes.csv'?" in error.value.mend
    with pytest.raises(SourceError, match="no folder"):
        ds.misalignment(tmp_path / "none" / "votes.csv")
    with pytest.raises(SourceError, match="is a folder"):
        ds.misalignment(tmp_path)
    with pytest.raises(SourceError, match="no such file"):
        ds.misalignment(f"{tmp_path}/none.duckdb::rows")


def test_tables_of_a_database(tmp_path: Path) -> None:
    path = tmp_path / "rows.duckdb"
    with duckdb.connect(path) as connection:
        connection.register("arrow", LONG)
        connection.execute("CREATE TABLE votes AS SELECT * FROM arrow")
        connection.execute('CREATE SCHEMA s; CREATE VIEW s."old votes" AS SELECT * FROM votes')
    expected = ds.misalignment(LONG).rows
    assert ds.misalignment(f"{path}::votes").rows.equals(expected)
    assert ds.misalignment(f"{path}::s.old votes").rows.equals(expected)
    with pytest.raises(SourceError, match="no table 'vote'") as error:
        ds.misalignment(f"{path}::vote")
    assert "did you mean 'votes'?" in error.value.mend
    for name in ("", "s.new", "t.votes"):
        with pytest.raises(DissensusError):
            ds.misalignment(f"{path}::{name}")


def test_the_users_own_tables_are_not_mixed_up() -> None:
    """Names that we use inside a user's connection must not be those of his tables."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(agent, goal)")
    for name in ("side_table", "_side", "_wide", "_rows", "side", "native"):
        connection.execute(f"CREATE TABLE {name} AS SELECT 1 AS agent, 'evil' AS party, 'x' AS q1")
    before = {row[0] for row in connection.sql("SHOW ALL TABLES").fetchall()}
    roster = {"agent": [1, 2], "party": ["x", "y"]}
    result = ds.misalignment(connection.table("t"), by="party", roster=roster)
    assert column(result.rows, "party") == ["x", "y"]
    wide = connection.sql("SELECT agent AS id, goal AS q1, goal AS q2 FROM t")
    assert column(ds.misalignment(wide, agent="id", wide="q*").rows, "agents") == [2, 2]
    assert {row[0] for row in connection.sql("SHOW ALL TABLES").fetchall()} == before


def test_a_connection_that_does_not_see_python() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(agent, goal)")
    connection.execute("SET python_enable_replacements = false")
    roster = {"agent": [1, 2], "party": ["x", "y"]}
    with pytest.raises(SourceError, match="python_enable_replacements"):
        ds.misalignment(connection.table("t"), by="party", roster=roster)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (5, "an object of type int"),
        (None, "an object of type NoneType"),
        ([1, 2], "an object of type list"),
        (pd.Series([1]), "an object of type Series"),
        ({"agent": [1, 2], "goal": ["a"]}, "do not make a table"),
        ({"agent": [1, "b"], "goal": ["a", "b"]}, "do not make a table"),
        ({"agent": 1, "goal": 2}, "do not make a table"),
        ({}, "a table without columns"),
        (pd.DataFrame([[1, "a"], [2, "b"]]), "a column name that is not text: 0"),
        (pd.DataFrame([[1, 2, 3]], columns=["agent", "goal", "goal"]), "of the same name"),
        (pa.table([[1], ["a"], ["b"]], ["agent", "goal", "goal"]), "of the same name"),
        (pl.DataFrame(), "a table without columns"),
    ],
)
def test_objects_that_are_no_table(data: Any, words: str) -> None:
    with pytest.raises(DissensusError, match=words) as error:
        ds.misalignment(data)
    assert error.value.needed
    assert error.value.mend


PARTS: list[pa.Array] = [
    pa.array([[1], [2], [1]]),
    pa.array([{"a": 1}, {"a": 2}, {"a": 1}]),
    pa.array([b"\xff", b"a", b"a"]),
]


@pytest.mark.parametrize("values", PARTS)
def test_columns_with_parts_have_no_role(frame: Any, values: pa.Array) -> None:
    table = pa.table({"agent": [1, 2, 3], "x": values, "goal": ["a", "b", "b"]})
    data = frame(table)
    asked: list[dict[str, Any]] = [
        {"by": "x"},
        {"over": "x"},
        {"area": "x"},
        {"goal": "x"},
        {"agent": "x"},
        {"agent": "agent", "wide": "x"},
        {"conflict": "ordinal", "level": "x"},
        {"where": "x = 1"},
    ]
    for roles in asked:
        with pytest.raises(DissensusError):
            ds.misalignment(data, **roles)
    assert ds.misalignment(data).rows.num_rows == 1


def test_pandas_columns_of_objects() -> None:
    """One type gets that type; several are refused, unless they have no role."""
    from datetime import date
    from decimal import Decimal

    frame = pd.DataFrame(
        {
            "agent": [1, 2, 3],
            "goal": pd.Series(["a", None, "b"], dtype=object),
            "mixed": pd.Series(["a", 2, None], dtype=object),
            "truth": pd.Series([True, None, False], dtype=object),
            "day": pd.Series([date(2020, 1, 1), None, date(2021, 1, 1)], dtype=object),
            "price": pd.Series([Decimal("1.5"), Decimal("2"), None], dtype=object),
            "nothing": pd.Series([None, None, None], dtype=object),
        }
    )
    frame.index = pd.Index([7, 7, 3])  # which means nothing
    assert column(ds.misalignment(frame).rows, "misalignment") == [0.5]
    for where, agents in (("truth = true", 1), ("day > '2020-06-01'", 1), ("price >= 1.5", 1)):
        assert column(ds.misalignment(frame, where=where).rows, "agents") == [agents]
    assert column(ds.misalignment(frame, by="nothing").rows, "nothing") == [None]
    for roles in ({"goal": "mixed"}, {"by": "mixed"}, {"area": "mixed"}):
        with pytest.raises(ColumnError, match="'mixed' is Object"):
            ds.misalignment(frame, **roles)
    assert "truth" in frame.columns
    assert frame["truth"].dtype == object  # the user's own frame is left alone


def test_ordered_categories(tmp_path: Path) -> None:
    """The order of an ordered categorical is the order of the levels; text has none."""
    order = ["never", "sometimes", "always", "no answer"]
    values = ["never", "always", "sometimes", "no answer", None]
    agents = list(range(5))
    arrow = pa.DictionaryArray.from_arrays(
        pa.array([0, 2, 1, 3, None], pa.int8()), pa.array(order), ordered=True
    )
    frames: list[Any] = [
        pd.DataFrame({"agent": agents, "goal": pd.Categorical(values, order, ordered=True)}),
        pl.DataFrame({"agent": agents, "goal": pl.Series(values, dtype=pl.Enum(order))}),
        pl.LazyFrame({"agent": agents, "goal": pl.Series(values, dtype=pl.Enum(order))}),
        pa.table({"agent": agents, "goal": arrow}),
    ]
    for frame in frames:
        result = ds.misalignment(frame, conflict="ordinal", no_goal="no answer")
        # never, sometimes, always at 0, 1/2, 1; one of four without a goal
        assert column(result.rows, "misalignment") == [2 * (1 + 0.5 + 0.5) / 16]
    unordered = pd.DataFrame({"agent": agents, "goal": pd.Categorical(values)})
    with pytest.raises(DissensusError, match="without an order"):
        ds.misalignment(unordered, conflict="ordinal")
    with pytest.raises(DissensusError, match="without an order"):
        ds.misalignment(as_duckdb(pa.table({"agent": agents, "goal": values})), conflict="ordinal")


def test_json_lines_of_several_types(tmp_path: Path) -> None:
    """A goal that is text here and a number there is spelt without quotes."""
    path = tmp_path / "rows.jsonl"
    goals = ['"a"', "5", "true", "null", '"5"']
    lines = [f'{{"agent": {i}, "say \\"x\\"": {goal}}}' for i, goal in enumerate(goals)]
    path.write_text("\n".join(lines))
    told = ds.describe(path, goal='say "x"')
    assert column(told.tables["goals"], "goal") == ["5", "a", "true"]
    result = ds.misalignment(path, goal='say "x"', no_goal="a", null_goal="no-goal")
    assert column(result.rows, "no_goal_agents") == [2]
