"""Known answers of within and between, excess, drivers and negative type."""

from fractions import Fraction

import pytest

import dissensus as ds
from dissensus.measure.negative_type import is_of_negative_type
from dissensus.model.conflict import Exclusive, Line

TEAMS = {"agent": list(range(9)), "goal": list("AABAABBBB"), "team": list("xxxyyyzzz")}
HALF = {"goal": ["ban", "allow", "-"], "count": [25, 25, 50], "active": ["yes", "yes", "no"]}
GRADED = {("1", "2"): 1, ("1", "3"): 0.1, ("2", "3"): 0.1}


def columns(table, *names):
    return [tuple(row[name] for name in names) for row in table.to_pylist()]


def test_teams():
    result = ds.explain(TEAMS, by="team")
    found = dict(columns(result.tables["overall"], "part", "contribution"))
    assert found["within team"] == pytest.approx(float(Fraction(8, 81)), abs=1e-15)
    assert found["between team"] == pytest.approx(float(Fraction(32, 81)), abs=1e-15)
    totals = result.tables["totals"].to_pylist()[0]
    assert totals["misalignment"] == pytest.approx(40 / 81)
    assert totals["mean_within"] == pytest.approx(8 / 27)
    assert totals["is_negative_type"]


def test_teams_as_distinct_pairs():
    result = ds.explain(TEAMS, by="team", sampling="distinct-pairs")
    found = dict(columns(result.tables["overall"], "part", "contribution"))
    assert found["within team"] == pytest.approx(8 / 72)
    assert found["between team"] == pytest.approx(32 / 72)


def test_half_without_goals():
    result = ds.explain(HALF, count="count", no_goal="-", by="active")
    totals = result.tables["totals"].to_pylist()[0]
    assert totals["misalignment"] == 0.125
    assert totals["mean_within"] == 0.25
    assert totals["total_minus_within"] == -0.125
    assert not totals["is_negative_type"]
    assert "having no goal" in result.summary["excess_sign"]


def test_negative_excess():
    rows = {"agent": [1, 2, 3, 4], "goal": ["1", "2", "3", "3"], "side": list("AABB")}
    result = ds.explain(rows, by="side", conflict=GRADED)
    pairs = result.tables["segment_pairs"].to_pylist()
    assert [row["excess"] for row in pairs] == [None, pytest.approx(-0.3), None]
    assert dict(pairs[0]["reasons"])["excess"] == "a segment beside itself"
    assert "the conflict table is not of negative type" in result.summary["excess_sign"]


@pytest.mark.parametrize(
    ("conflict", "goals", "no_goal", "expected"),
    [
        (Exclusive(), 3, None, True),
        (Exclusive(), 3, [0, 0, 0], False),
        (Exclusive(), 1, [0], True),
        (Exclusive(), 3, [0.34, 0.34, 0.34], True),  # at least (k - 1) / (2 k) = 1/3
        (Exclusive(), 3, [0.32, 0.32, 0.32], False),
        (Line([0.0, 0.5, 1.0]), 3, None, True),
        ([[0, 1, 0.1], [1, 0, 0.1], [0.1, 0.1, 0]], 3, None, False),
        ([[0, 1, 0.25], [1, 0, 0.25], [0.25, 0.25, 0]], 3, None, True),  # squared distances
        ([[0]], 1, None, True),
    ],
)
def test_negative_type(conflict, goals, no_goal, expected):
    assert is_of_negative_type(conflict, goals, no_goal) is expected


def test_goals():
    rows = {"goal": ["a", "b", "c", "-"], "count": [50, 20, 20, 10]}
    result = ds.explain(rows, count="count", no_goal="-")
    pairs = columns(result.tables["goal_pairs"], "goal_a", "goal_b", "contribution")
    assert [pair[:2] for pair in pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [pair[2] for pair in pairs] == pytest.approx([0.2, 0.2, 0.08])
    goals = result.tables["goals"].to_pylist()
    assert [row["goal"] for row in goals] == ["a", "b", "c", None]
    assert [row["friction"] for row in goals] == pytest.approx([0.4, 0.7, 0.7, 0])
    assert [row["opposing_share"] for row in goals] == pytest.approx([0.4, 0.7, 0.7, 0])
    value = 0.48
    assert [row["influence"] for row in goals] == pytest.approx(
        [2 * (r - value) for r in (0.4, 0.7, 0.7, 0)]
    )


def test_nested():
    rows = {
        "goal": list("ababab"),
        "count": [3, 1, 1, 3, 2, 2],
        "country": list("xxyyzz"),
        "continent": ["E", "E", "E", "E", "F", "F"],
    }
    result = ds.explain(rows, count="count", by=["continent", "country"], nested=True)
    found = columns(result.tables["overall"], "part", "contribution", "pair_share")
    assert [part for part, *_ in found] == [
        "between continent",
        "between country, within continent",
        "within country",
    ]
    # 2 (8)(4) 1/2 of 144 pairs; 2 (4 x 4) (10/16); 2 (3 + 3 + 4)
    assert [value for _, value, _ in found] == pytest.approx([32 / 144, 20 / 144, 20 / 144])
    assert [share for *_, share in found] == pytest.approx([64 / 144, 32 / 144, 48 / 144])


def test_kinds_with_stated_shares():
    rows = {
        "agent": list(range(7)),
        "goal": list("aaabb") + list("bb"),
        "kind": ["human"] * 5 + ["AI"] * 2,
    }
    result = ds.explain(rows, kind="kind", kind_shares={"human": 0.9, "AI": 0.1})
    found = {(r["kind_a"], r["kind_b"]): r for r in result.tables["kinds"].to_pylist()}
    assert found["AI", "AI"]["contribution"] == 0
    assert found["AI", "human"]["contribution"] == pytest.approx(0.18 * 0.6)
    assert found["human", "human"]["contribution"] == pytest.approx(0.81 * 0.48)
    total = sum(row["contribution"] for row in found.values())
    assert sum(row["contribution_share"] for row in found.values()) == pytest.approx(1)
    assert total == pytest.approx(0.81 * 0.48 + 0.18 * 0.6)
    counted = ds.explain(rows, kind="kind")
    assert any("counted as they stand" in note for note in counted.summary["notes"])
