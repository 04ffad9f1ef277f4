"""Goal, no goal, outside: never mixed up, whatever the engine and the way they are told."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from tests import oracle
from tests.expected import assert_within, column

import dissensus as ds
from dissensus.errors import DissensusError

Source = Callable[[pa.Table], Any]

TABLE = pa.table(
    {
        "agent": ["1", "2", "3", "4", "5", "6", "1", "2"],
        "area": ["p"] * 6 + ["q"] * 2,
        "goal": ["1", "-1", "0", None, "9", "-1", "1", "0"],
    }
)
ROSTER = pa.table({"agent": [str(i) for i in range(1, 9)]})


@pytest.mark.parametrize("null_goal", ["outside", "no-goal"])
@pytest.mark.parametrize("no_goal", [[], ["0"], ["0", "9"], [0, 9.0]])
def test_null_and_named_values(source: Source, null_goal: str, no_goal: list[Any]) -> None:
    result = ds.misalignment(source(TABLE), null_goal=null_goal, no_goal=no_goal)
    spelt = [str(int(value)) for value in no_goal]
    cells = oracle.cells(TABLE.to_pylist(), null_goal=null_goal, no_goal=spelt)
    assert_within(result, cells)


def test_the_three_readings(source: Source) -> None:
    """Named values, empty goals, absent members: each adds to the population."""
    result = ds.misalignment(source(TABLE), no_goal="0", roster=source(ROSTER))
    readings = {row["reading"]: row for row in result.tables["readings"].to_pylist()}
    rows, roster = TABLE.to_pylist(), ROSTER.to_pylist()
    others: list[dict[str, Any]] = [
        {"where": lambda row: row["goal"] != "0"},
        {"no_goal": ["0"]},
        {"no_goal": ["0"], "null_goal": "no-goal"},
        {"no_goal": ["0"], "absent": "no-goal", "roster": roster},
    ]
    assert len(readings) == len(others)
    for row, reading in zip(readings.values(), others, strict=True):
        cells = oracle.cells(rows, **reading)
        means = [
            oracle.within([a for part in segments.values() for a in part])
            for segments in cells.values()
        ]
        for name in oracle.WITHIN:
            oracle.assert_close(row, {name: oracle.mean(value[name] for value in means)})
    assert [row["is_current"] for row in readings.values()] == [False, True, False, False]


def test_absent_goes_before_a_null_that_is_outside(source: Source) -> None:
    """An empty goal is as if the row were missing; then the member is absent, and counts."""
    for null_goal in ("outside", "no-goal"):
        result = ds.misalignment(
            source(TABLE), roster=source(ROSTER), absent="no-goal", null_goal=null_goal
        )
        assert column(result.rows, "agents") == [8, 8]
        assert column(result.rows, "no_goal_agents") == [3, 6]


MAP = {"1": "agree", "-1": "disagree", "0": "no-goal", "9": "outside"}
MAPS: list[Any] = [
    MAP,
    {1: "agree", -1.0: "disagree", "0": "no-goal", "9": "outside"},
    {"value": list(MAP), "goal": list(MAP.values())},
    pa.table({"value": list(MAP), "goal": list(MAP.values())}),
]


@pytest.mark.parametrize("goal_map", MAPS)
def test_goal_map(source: Source, goal_map: Any) -> None:
    result = ds.misalignment(source(TABLE), goal_map=goal_map)
    mapped = [
        {**row, "goal": MAP.get(row["goal"] or "")}
        for row in TABLE.to_pylist()
        if row["goal"] != "9"
    ]
    cells = oracle.cells(mapped, no_goal=["no-goal"])
    assert_within(result, cells)
    assert column(ds.describe(source(TABLE), goal_map=goal_map).tables["goals"], "goal") == [
        "agree",
        "disagree",
    ]


def test_goal_map_merges(source: Source) -> None:
    merged = {"1": "yes", "0": "yes", "-1": "no", "9": "no"}
    result = ds.misalignment(source(TABLE), goal_map=merged)
    mapped = [{**row, "goal": merged.get(row["goal"] or "")} for row in TABLE.to_pylist()]
    assert_within(result, oracle.cells(mapped))


def test_no_goal_goes_before_the_map(source: Source) -> None:
    result = ds.misalignment(source(TABLE), goal_map={**MAP, "1": "disagree"}, no_goal="1")
    assert column(result.rows, "no_goal_agents") == [2, 2]


def test_goal_map_must_be_whole(source: Source) -> None:
    with pytest.raises(DissensusError, match="goal_map does not list '-1', '9'"):
        ds.misalignment(source(TABLE), goal_map={"1": "agree", "0": "no-goal"})


def test_numbers_are_spelt_alike(frame: Source) -> None:
    """Goals as whole numbers, floats, truth values: 1, not 1.0; true, not True."""
    kinds: dict[str, pa.Array] = {
        "whole": pa.array([1, 2, None, 1]),
        "real": pa.array([1.0, 2.0, float("nan"), 1.0]),
        "narrow": pa.array([1, 2, None, 1], pa.int8()),
    }
    for values in kinds.values():
        table = pa.table({"agent": [1, 2, 3, 4], "goal": values})
        result = ds.misalignment(frame(table), no_goal=[2], null_goal="no-goal")
        assert column(result.rows, "no_goal_agents") == [2]
    table = pa.table({"agent": [1, 2, 3], "goal": [True, False, None]})
    for spelt in (True, "true"):
        result = ds.misalignment(frame(table), no_goal=[spelt])
        assert column(result.rows, "no_goal_agents") == [1]


def test_labels(source: Source) -> None:
    table = pa.table(
        {"agent": ["1", "2"], "area": ["p", "q"], "side": ["L", "R"], "goal": ["a", "b"]}
    )
    words = {"p": "Parks"}
    result = ds.between(
        source(pa.concat_tables([table, table.set_column(0, "agent", pa.array(["3", "4"]))])),
        by="agent",
        areas=words,
        labels={"agent": {"1": "Ada", "4": "Bo"}},
    )
    assert column(result.rows, "area_label") == ["Parks", None]
    assert column(result.rows, "agent_a_label") == ["Ada", None]
    assert column(result.rows, "agent_b_label") == [None, "Bo"]
    tables: list[dict[str, Any]] = [
        {"areas": source(pa.table({"id": ["p"], "text": ["Parks"]}))},
        {"areas": source(pa.table({"area": ["p"], "label": ["Parks"]}))},
    ]
    for given in tables:
        told = ds.misalignment(source(table), **given)
        assert column(told.rows, "area_label") == ["Parks", None]
    labels = pa.table({"column": ["side"], "id": ["R"], "text": ["Right"]})
    told = ds.misalignment(source(table), by="side", labels=source(labels))
    assert column(told.rows, "side_label") == [None, "Right"]


def test_labels_of_numbers(frame: Source) -> None:
    table = pa.table({"agent": [1, 2], "area": [1.0, 2.0], "goal": ["a", "b"]})
    told = ds.misalignment(frame(table), areas={1: "one", "2": "two"})
    assert column(told.rows, "area_label") == ["one", "two"]


REPEATED = pa.table(
    {"agent": ["1", "1", "1", "2"], "area": ["p", "p", "q", "p"], "goal": ["a", "b", "a", "b"]}
)


def test_agents_counted_twice(source: Source) -> None:
    for check in ("auto", "full"):
        with pytest.raises(DissensusError, match="1 agent stands more than once") as error:
            ds.misalignment(source(REPEATED), check=check)
        assert "agent '1', area 'p' (2 rows)" in str(error.value)
        assert "holds='several'" in str(error.value)
    result = ds.misalignment(source(REPEATED), check="none")
    assert column(result.rows, "agents") == [3, 1]
    assert "not checked" in result.provenance["check"]
    assert result.summary["agents"] is None


def test_rows_without_agent_or_area(source: Source) -> None:
    table = pa.table({"agent": ["1", None], "area": ["p", "p"], "goal": ["a", "b"]})
    with pytest.raises(DissensusError, match="1 rows have no 'agent'"):
        ds.misalignment(source(table))
    table = pa.table({"agent": ["1", "2"], "area": [None, "p"], "goal": ["a", "b"]})
    with pytest.raises(DissensusError, match="1 rows have no 'area'"):
        ds.misalignment(source(table))


def test_sample_of_agents_finds_what_is_repeated(
    frame: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above the limit all rows of some of the agents are looked at: never rows at random."""
    from dissensus.engine import checks

    monkeypatch.setattr(checks, "EXACT_ROWS", 100)
    monkeypatch.setattr(checks, "_SAMPLED_ROWS", 200)
    agents = [f"a{i}" for i in range(400)]
    once = pa.table({"agent": agents, "goal": ["x", "y"] * 200})
    result = ds.misalignment(frame(once))
    assert "a sample of about 1 in 2" in result.provenance["check"]
    assert result.summary["agents"] is None
    with pytest.raises(DissensusError, match="stand more than once"):
        ds.misalignment(frame(pa.concat_tables([once, once])))
    full = ds.misalignment(frame(once), check="full")
    assert full.summary["agents"] == 400
