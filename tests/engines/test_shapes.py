"""Long, wide and counted tables, weights and rosters: the same answer from every engine."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from tests import oracle
from tests.expected import assert_between, assert_within, column
from tests.frames import FRAMES

import dissensus as ds
from dissensus.errors import DissensusError

Source = Callable[[pa.Table], Any]

# text only, so that a delimited file says the same; quotes, delimiters and other alphabets in it
LONG = pa.table(
    {
        "agent": ["007", "1", "2", "3", "007", "1", "2", "3", "4", "4", "5", "5"],
        "area": ["q1"] * 4 + ["a, b; |c"] * 4 + ["a, b; |c", "q1", "q1", "Größe"],
        "party": ["x", "x", "y z", None, "x", "x", "y z", None, "y z", "y z", None, None],
        "year": ["1990"] * 6 + ["1991"] * 6,
        "goal": [
            "yes",
            "no",
            "yes",
            'so "so", mostly',
            "no",
            "no",
            "unsure",
            "yes",
            None,
            "unsure",
            "да",
            "yes",
        ],
    }
)


@pytest.mark.parametrize("sampling", ["with-replacement", "distinct-pairs"])
def test_long(source: Source, sampling: str) -> None:
    reading: dict[str, Any] = {"by": ["party"], "no_goal": ["unsure"]}
    result = ds.misalignment(source(LONG), sampling=sampling, **reading)
    cells = oracle.cells(oracle.rows_of(LONG), **reading)
    assert_within(result, cells, by=["party"], distinct=sampling == "distinct-pairs")
    assert column(result.rows, "party")[-1] is None
    same = ds.misalignment(LONG, **reading)
    assert result.provenance["tally"] == same.provenance["tally"]
    assert result.summary["agents"] == 6


def test_long_over_and_between(source: Source) -> None:
    reading: dict[str, Any] = {"by": ["party"], "over": "year", "null_goal": "no-goal"}
    data = source(LONG)
    cells = oracle.cells(oracle.rows_of(LONG), **reading)
    assert_within(ds.misalignment(data, **reading), cells, by=["party"], over="year")
    result = ds.between(data, **reading)
    assert_between(result, cells, by=["party"], over="year")
    assert result.provenance["tally"] == ds.between(LONG, **reading).provenance["tally"]


def test_crossed_segments(source: Source) -> None:
    by = ["year", "party"]
    data = source(LONG)
    cells = oracle.cells(oracle.rows_of(LONG), by=by)
    assert_within(ds.misalignment(data, by=by), cells, by=by)
    assert_between(ds.between(data, by=by), cells, by=by)


def test_panel(source: Source) -> None:
    """An agent that answers every year stands once in each."""
    table = pa.table(
        {"agent": ["1", "2", "1", "2"], "year": ["a", "a", "b", "b"], "goal": list("xyxx")}
    )
    result = ds.misalignment(source(table), over="year")
    assert column(result.rows, "misalignment") == [0.5, 0]
    with pytest.raises(DissensusError, match="2 agents stand more than once"):
        ds.misalignment(source(table))


def test_composite_agent(source: Source) -> None:
    table = pa.table(
        {"state": list("aabb"), "seat": list("1212"), "goal": ["yes", "no", "no", "no"]}
    )
    result = ds.misalignment(source(table), agent=["state", "seat"], by="state")
    assert column(result.rows, "misalignment") == [0.5, 0]
    assert result.summary["agents"] == 4


WIDE = pa.table(
    {
        "id": ["a", "b", "c", "d"],
        "sex": ["f", "m", "f", None],
        "q1": ["yes", "no", "yes", None],
        "q2": ["no", "no", None, "no"],
        "q10": ["1", "2", "3", "1"],
        "q3": ["yes", "yes", "unsure", "no"],
    }
)


@pytest.mark.parametrize(
    ("wide", "areas"),
    [
        (["q1", "q3"], ["q1", "q3"]),
        ("q*", ["q1", "q10", "q2", "q3"]),
        ("q?", ["q1", "q2", "q3"]),
        ("q1..q10", ["q1", "q10", "q2"]),
        ("q[12]", ["q1", "q2"]),
    ],
)
def test_wide(source: Source, wide: Any, areas: list[str]) -> None:
    reading: dict[str, Any] = {"by": ["sex"], "no_goal": ["unsure"], "null_goal": "no-goal"}
    rows = [
        {"agent": row["id"], "area": area, "sex": row["sex"], "goal": row[area]}
        for row in WIDE.to_pylist()
        for area in areas
    ]
    result = ds.misalignment(source(WIDE), agent="id", wide=wide, **reading)
    assert_within(result, oracle.cells(rows, **reading), by=["sex"])
    assert list(dict.fromkeys(column(result.rows, "area"))) == areas
    between = ds.between(source(WIDE), agent="id", wide=wide, **reading)
    assert_between(between, oracle.cells(rows, **reading), by=["sex"])


def test_wide_without_agent(source: Source) -> None:
    result = ds.misalignment(source(WIDE.select(["q1", "q3"])), wide="q*")
    assert column(result.rows, "agents") == [3, 4]
    assert column(result.rows, "misalignment") == [4 / 9, 10 / 16]


def test_wide_of_mixed_types(frame: Source) -> None:
    """Whole numbers are spelt alike in columns of every type, and nulls are kept."""
    table = pa.table(
        {
            "id": [1, 2, 3, 4],
            "q1": pa.array([1, 2, None, 1], pa.int8()),
            "q2": pa.array([1.0, 2.5, float("nan"), 1.0]),
            "q3": ["1", "x", None, "1"],
            "q4": [True, False, None, True],
            "q5": pa.array(["1", "x", None, "1"]).dictionary_encode(),
            "q6": pa.array([1, 2, 3, 1], pa.uint64()),
        }
    )
    reading: dict[str, Any] = {"agent": "id", "wide": "q*", "null_goal": "no-goal"}
    result = ds.misalignment(frame(table), no_goal=["1", "true"], **reading)
    assert column(result.rows, "no_goal_agents") == [3, 3, 3, 3, 3, 2]
    assert column(result.rows, "goals") == [1, 1, 1, 1, 1, 2]
    spelt = ds.describe(frame(table), **reading).tables["goals"]
    assert set(column(spelt, "goal")) == {"1", "2", "2.5", "3", "false", "true", "x"}
    same = ds.misalignment(table, no_goal=["1", "true"], **reading)
    assert result.provenance["tally"] == same.provenance["tally"]


def test_wide_of_numbers_with_gaps(frame: Source) -> None:
    """A gap makes NumPy's whole numbers floats; the goals stay 1 and 2."""
    table = pa.table({"id": [1, 2, 3], "q1": pa.array([1, 2, None]), "q2": [1, 1, 2]})
    result = ds.misalignment(frame(table), agent="id", wide="q*", no_goal=[2])
    assert column(result.rows, "no_goal_agents") == [1, 1]
    gaps = table.to_pandas()
    assert ds.misalignment(gaps, agent="id", wide="q*", no_goal=[2]).rows.equals(result.rows)


def test_wide_of_categories(frame: Source) -> None:
    table = pa.table(
        {
            "id": [1, 2, 3],
            "q1": pa.array(["a", "b", None]).dictionary_encode(),
            "q2": pa.array(["b", "b", "c"]).dictionary_encode(),
        }
    )
    result = ds.misalignment(frame(table), agent="id", wide="q*")
    assert column(result.rows, "misalignment") == [0.5, 4 / 9]


COUNTED = pa.table(
    {
        "area": ["p", "p", "p", "p", "q", "q", "q"],
        "region": ["n", "n", "s", "s", "n", "s", "s"],
        "candidate": ["A", "B", "A", "none", "B", "A", "B"],
        "votes": ["3", "2", "4", "1", "2", "0", "3"],
        "w": ["1", "0.5", "2", "1", "0.25", "1", "3"],
    }
)


def numbers(table: pa.Table, kinds: dict[str, pa.DataType]) -> pa.Table:
    for name, kind in kinds.items():
        place = table.column_names.index(name)
        table = table.set_column(place, name, table.column(name).cast(kind))
    return table


def counted_rows(*, weight: bool) -> list[dict[str, Any]]:
    """One row an agent."""
    return [
        {**row, "agent": i, "weight": row["w"] if weight else "1"}
        for row in COUNTED.to_pylist()
        for i in range(int(row["votes"]))
    ]


@pytest.mark.parametrize("sampling", ["with-replacement", "distinct-pairs"])
@pytest.mark.parametrize("weight", [None, "w"])
def test_counted(source: Source, sampling: str, weight: str | None) -> None:
    """A count stands for that many agents; with a weight, for as many of that weight."""
    reading: dict[str, Any] = {"by": ["region"], "no_goal": ["none"]}
    data = source(numbers(COUNTED, {"votes": pa.int32(), "w": pa.float64()}))
    result = ds.misalignment(
        data, goal="candidate", count="votes", weight=weight, sampling=sampling, **reading
    )
    rows = counted_rows(weight=weight is not None)
    cells = oracle.cells(rows, goal="candidate", weight="weight", **reading)
    assert_within(result, cells, by=["region"], distinct=sampling == "distinct-pairs")
    assert result.summary["agents"] is None


def test_counted_without_area(frame: Source) -> None:
    table = pa.table({"candidate": ["A", "B"], "votes": [3, 1]})
    result = ds.misalignment(frame(table), goal="candidate", count="votes")
    assert result.rows.num_rows == 1
    assert column(result.rows, "misalignment") == [2 * 3 * 1 / 16]
    assert "area" not in result.rows.column_names


def test_shares(frame: Source) -> None:
    table = pa.table(
        {
            "area": ["p", "p", "q", "q", "q"],
            "answer": ["yes", "no", "yes", "no", "none"],
            "part": [0.5, 0.25, 0.5, 0.375, 0.125],
        }
    )
    result = ds.misalignment(frame(table), goal="answer", share="part", no_goal="none")
    assert column(result.rows, "misalignment") == [0.25, 0.375]
    assert column(result.rows, "participation") == [0.75, 0.875]
    assert column(result.rows, "agents") == [None, None]
    for row in result.rows.to_pylist():
        assert "unknown" in dict(row["reasons"])["agents"]
    same = ds.misalignment(table, goal="answer", share="part", no_goal="none")
    assert result.provenance["tally"] == same.provenance["tally"]


def test_shares_of_segments_stay_apart(frame: Source) -> None:
    table = pa.table(
        {
            "year": [1, 1, 2, 2],
            "region": ["n", "n", "s", "s"],
            "answer": ["yes", "no", "yes", "no"],
            "part": [0.5, 0.5, 0.75, 0.25],
        }
    )
    roles: dict[str, Any] = {"goal": "answer", "share": "part"}
    result = ds.misalignment(frame(table), by="region", **roles)
    assert column(result.rows, "misalignment") == [0.5, 0.375]
    assert column(result.tables["overall"], "scope") == ["segment", "segment"]
    only = ds.misalignment(frame(table), where="year = 2", **roles)
    assert column(only.rows, "misalignment") == [0.375]
    with pytest.raises(DissensusError, match="cannot be merged"):
        ds.misalignment(frame(table), **roles)


def test_shares_of_many_segments_are_not_merged_in_the_readings(frame: Source) -> None:
    """Beyond 200 pairs the readings are of everyone, whom shares of groups cannot make."""
    size = 25
    table = pa.table(
        {
            "region": [f"r{i:02}" for i in range(size) for _ in "ab"],
            "answer": ["yes", "no"] * size,
            "part": [1.0, 0.0] + [0.0, 0.5] * (size - 1),
        }
    )
    result = ds.between(frame(table), goal="answer", share="part", by="region")
    readings = result.tables["readings"]
    held = [row for row in readings.to_pylist() if not row["counted_as_no_goal"]]
    assert {row["misalignment"] for row in held} <= {0.0, 1.0}


WEIGHTED = pa.table(
    {
        "agent": ["1", "2", "3", "4", "5"],
        "sex": ["f", "m", "f", "m", "f"],
        "w": ["0.1", "0.2", "0.30000000000000004", "0", "2.5"],
        "goal": ["a", "b", "a", "c", None],
    }
)


@pytest.mark.parametrize("sampling", ["with-replacement", "distinct-pairs"])
def test_weights(source: Source, sampling: str) -> None:
    data = source(numbers(WEIGHTED, {"w": pa.float64()}))
    reading: dict[str, Any] = {"by": ["sex"], "weight": "w", "null_goal": "no-goal"}
    result = ds.misalignment(data, sampling=sampling, **reading)
    rows = [{**row, "w": float(row["w"])} for row in WEIGHTED.to_pylist()]
    cells = oracle.cells(rows, area=None, **reading)
    distinct = sampling == "distinct-pairs"
    assert_within(result, cells, by=["sex"], area=None, distinct=distinct)
    assert any("weight 0" in note for note in result.summary["notes"])
    pairs = ds.between(data, **reading)
    assert_between(pairs, cells, by=["sex"], area=None)
    assert result.provenance["tally"] == pairs.provenance["tally"]


HELD = pa.table(
    {
        "agent": ["1", "2", "3", "1", "2", "4"],
        "area": ["q1", "q1", "q1", "q2", "q2", "q2"],
        "congress": ["97", "97", "97", "107", "107", "107"],
        "goal": ["yes", "no", "pass", "no", "yes", None],
    }
)
MEMBERS = pa.table(
    {
        "agent": ["1", "2", "3", "1", "2", "4", "5"],
        "congress": ["97", "97", "97", "107", "107", "107", "107"],
        "party": ["D", "R", "D", "R", "D", "R", "D"],
        "w": ["1", "2", "0.5", "1", "1", "3", "1.5"],
    }
)


@pytest.mark.parametrize("absent", ["outside", "no-goal"])
@pytest.mark.parametrize("weight", [None, "w"])
def test_roster_on(source: Source, absent: str, weight: str | None) -> None:
    """The same agent sits in two congresses, for another party in each."""
    members = numbers(MEMBERS, {"w": pa.float64()})
    reading: dict[str, Any] = {"by": ["party"], "no_goal": ["pass"], "absent": absent}
    result = ds.misalignment(
        source(HELD),
        over="congress",
        roster=source(members),
        roster_on=["congress"],
        weight=weight,
        **reading,
    )
    rows = [{**row, "w": float(row["w"])} for row in MEMBERS.to_pylist()]
    cells = oracle.cells(
        HELD.to_pylist(),
        over="congress",
        roster=rows,
        on=("agent", "congress"),
        weight=weight,
        **reading,
    )
    assert_within(result, cells, by=["party"], over="congress")


def test_roster_of_another_kind(frame: Source) -> None:
    """Data and roster need not be frames of one kind."""
    expected = ds.between(HELD, by="party", roster=MEMBERS, roster_on="congress")
    for other in FRAMES.values():
        result = ds.between(frame(HELD), by="party", roster=other(MEMBERS), roster_on="congress")
        assert result.provenance["tally"] == expected.provenance["tally"]
        assert result.rows.equals(expected.rows)


def test_roster_with_area(source: Source) -> None:
    """A roster that has the area's column says who belongs to which area."""
    roster = pa.table(
        {
            "agent": ["1", "2", "3", "1", "2", "4"],
            "area": ["q1", "q1", "q1", "q2", "q2", "q2"],
            "side": ["L", "R", "L", "L", "R", "R"],
        }
    )
    table = HELD.select(["agent", "area", "goal"])
    reading: dict[str, Any] = {"by": ["side"], "absent": "no-goal", "no_goal": ["pass"]}
    result = ds.misalignment(source(table), roster=source(roster), **reading)
    cells = oracle.cells(
        table.to_pylist(), roster=roster.to_pylist(), on=("agent", "area"), **reading
    )
    assert_within(result, cells, by=["side"])


def test_absent_members_without_segments(source: Source) -> None:
    members = pa.table({"agent": ["1", "2", "3", "4", "5", "6"]})
    table = HELD.select(["agent", "area", "goal"])
    result = ds.misalignment(source(table), roster=source(members), absent="no-goal")
    assert column(result.rows, "agents") == [6, 6]
    assert column(result.rows, "no_goal_agents") == [3, 4]
    cells = oracle.cells(table.to_pylist(), roster=members.to_pylist(), absent="no-goal")
    assert_within(result, cells)


@pytest.mark.parametrize("kind", [pa.int8(), pa.int32(), pa.int64(), pa.uint16(), pa.float64()])
def test_roster_key_of_another_width(frame: Source, kind: pa.DataType) -> None:
    table = pa.table({"agent": [1, 2, 3], "goal": ["a", "b", "a"]})
    roster = pa.table({"agent": pa.array([1, 2, 3], kind), "side": ["L", "R", "L"]})
    result = ds.misalignment(frame(table), by="side", roster=frame(roster))
    assert column(result.rows, "agents") == [2, 1]


def test_roster_key_of_categories(frame: Source) -> None:
    text = pa.array(["1", "2", "3"])
    side = pa.array(["L", "R", "L"]).dictionary_encode()
    for here, there in ((text, text.dictionary_encode()), (text.dictionary_encode(), text)):
        table = pa.table({"agent": here, "area": here, "goal": ["a", "b", "a"]})
        roster = pa.table({"agent": there, "area": there, "side": side})
        result = ds.misalignment(frame(table), by="side", roster=frame(roster), absent="no-goal")
        assert column(result.rows, "side") == ["L", "R", "L"]
        assert column(result.rows, "agents") == [1, 1, 1]


def test_weights_of_the_roster_leave_no_trace(frame: Source) -> None:
    """Rounding must not make somebody absent who is there."""
    table = pa.table({"agent": [3, 1, 2], "goal": ["a", "b", "a"]})
    roster = pa.table({"agent": [1, 2, 3], "w": [0.1, 0.2, 0.3]})
    result = ds.misalignment(frame(table), weight="w", roster=frame(roster), absent="no-goal")
    assert column(result.rows, "no_goal_agents") == [0]
    assert column(result.rows, "participation") == [1]
    assert column(result.rows, "no_goal_share") == [0]
    assert result.tables["readings"].num_rows == 1


def test_types_of_segments(frame: Source) -> None:
    """Segments keep their types; what is missing is one segment, the last."""
    from datetime import date

    columns = {
        "whole": pa.array([2, 1, None, 2]),
        "real": pa.array([2.5, 1.0, float("nan"), 2.5]),
        "truth": pa.array([True, False, None, True]),
        "day": pa.array([date(2021, 1, 1), date(2020, 1, 1), None, date(2021, 1, 1)]),
        "word": pa.array(["b", "a", None, "b"]),
        "category": pa.array(["b", "a", None, "b"]).dictionary_encode(),
        "nothing": pa.array([None] * 4, pa.string()),
    }
    table = pa.table({"agent": [1, 2, 3, 4], "goal": ["x", "x", "x", "y"], **columns})
    for name, values in columns.items():
        result = ds.misalignment(frame(table), by=name)
        plain = [None if value != value else value for value in values.to_pylist()]
        known = sorted({value for value in plain if value is not None})
        assert column(result.rows, name) == [*known, None]
        sizes = [plain.count(value) for value in (*known, None)]
        assert column(result.rows, "agents") == sizes
        assert result.provenance["tally"] == ds.misalignment(table, by=name).provenance["tally"]


def test_names_that_could_clash(frame: Source) -> None:
    """Columns may be called what our own are called inside."""
    table = pa.table(
        {
            "_goal": [1, 2, 3],
            "_area": ["x", "x", "y"],
            "_key0": ["p", "q", "p"],
            "_n": [1, 2, 3],
            "rows": ["a", "b", "a"],
            "_passes": [1, 1, 0],
        }
    )
    result = ds.misalignment(
        frame(table), agent="_goal", area="_area", goal="rows", by="_key0", where="_passes = 1"
    )
    assert column(result.rows, "agents") == [1, 1]
    assert column(result.rows, "_key0") == ["p", "q"]
