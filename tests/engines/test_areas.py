"""Areas together, on every engine: near-unanimous ones left out, agents with each other."""

from collections import Counter
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet
import pytest

import dissensus as ds
from dissensus.errors import DissensusError
from dissensus.study import questions

VOTES = [
    *((f"s{i}", 1, "near", "nay" if i == 0 else "yea") for i in range(10)),
    *((f"s{i}", 1, "split", "nay" if i < 4 else "yea") for i in range(10)),
    *((f"s{i}", 1, "silent", "abstain") for i in range(10)),
    *((f"s{i}", 2, "near", "nay" if i < 5 else "yea") for i in range(10)),
    *((f"s{i}", 2, "split", "abstain" if i else "yea") for i in range(10)),
]
TABLE = pa.table(
    {
        name: [row[place] for row in VOTES]
        for place, name in enumerate(("agent", "year", "area", "goal"))
    }
)


def areas(result) -> list[tuple[object, ...]]:
    return [(row.get("year"), row["area"]) for row in result.rows.to_pylist()]


def test_near_unanimous_areas_are_left_out(frame):
    one = TABLE.filter(pa.compute.equal(TABLE["year"], 1))
    rows = frame(one)
    assert areas(ds.misalignment(rows, no_goal="abstain")) == [
        (None, "near"),
        (None, "silent"),
        (None, "split"),
    ]
    # nobody holds a goal in one area: it has no minority, and no value either
    kept = [(None, "silent"), (None, "split")]
    found = ds.misalignment(rows, no_goal="abstain", min_minority=0.11)
    assert areas(found) == kept
    assert "1 near-unanimous problem areas left out: fewer than 11 %" in " ".join(
        found.summary["notes"]
    )
    # one in ten is not fewer than 10 %
    assert len(areas(ds.misalignment(rows, no_goal="abstain", min_minority=0.1))) == 3


def test_near_unanimous_areas_at_each_value_of_over(frame):
    given = {"over": "year", "no_goal": "abstain", "min_minority": 0.2}
    assert areas(ds.misalignment(frame(TABLE), **given)) == [
        (1, "silent"),
        (1, "split"),
        (2, "near"),
    ]


@pytest.mark.parametrize("question", [ds.explain, ds.target])
def test_other_questions_leave_them_out_too(question):
    result = question(TABLE, over="year", no_goal="abstain", min_minority=0.2)
    assert "2 near-unanimous" in " ".join(result.summary["notes"])


def test_near_unanimous_columns_of_a_wide_table(frame):
    wide = {"id": list(range(10)), "q1": ["a"] * 9 + ["b"], "q2": ["a"] * 5 + ["b"] * 5}
    result = ds.misalignment(frame(pa.table(wide)), wide=["q1", "q2"], min_minority=0.2)
    assert areas(result) == [(None, "q2")]


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"min_minority": 0.45, "where": "year = 1"}, "largest minority is 0.4"),
        ({"min_minority": 0.6}, "min_minority"),
        ({"min_minority": 0.1, "holds": "draws"}, "min_minority and holds='draws'"),
    ],
)
def test_what_is_refused(given, match):
    with pytest.raises(DissensusError, match=match):
        ds.misalignment(TABLE, agent=["agent", "year"], no_goal="abstain", **given)


def test_one_area_has_no_others_to_leave_out():
    with pytest.raises(DissensusError, match="min_minority of one problem area"):
        ds.misalignment({"agent": [1, 2], "goal": ["a", "b"]}, min_minority=0.1)
    roster = {"agent": [f"s{i}" for i in range(10)], "term": [1] * 10}
    one = TABLE.filter(pa.compute.equal(TABLE["year"], 1))
    with pytest.raises(DissensusError, match="for each 'term'"):
        ds.misalignment(one, roster=roster, over="term", no_goal="abstain", min_minority=0.11)


def test_agents_with_each_other_over_the_areas_that_they_share(frame):
    """Roll calls of the 117th Senate: agreement of every two senators, by plain loops."""
    folder = ds.example("us-senate").folder
    votes = pa.parquet.read_table(folder / "votes.parquet")
    # the last roll calls, some senators; a senator is outside where there is no row
    late = pa.compute.greater_equal(votes["area"], "117-0930")
    votes = votes.filter(late)
    senators = sorted(set(votes["agent"].to_pylist()))[:30]
    votes = votes.filter(pa.compute.is_in(votes["agent"], pa.array(senators)))
    gone = np.random.default_rng(0).random(votes.num_rows) < 0.1
    votes = votes.filter(pa.array(~gone))
    result = ds.between(frame(votes), by="agent", no_goal="abstain").tables["overall"]
    goals: dict[int, dict[str, str]] = {}
    for row in votes.to_pylist():
        goals.setdefault(row["agent"], {})[row["area"]] = row["goal"]
    found = {(row["agent_a"], row["agent_b"]): row for row in result.to_pylist()}
    assert len(found) == len(goals) * (len(goals) - 1) // 2
    for a, b in combinations(sorted(goals), 2):
        shared = goals[a].keys() & goals[b].keys()
        pairs = Counter(
            "silent"
            if "abstain" in (goals[a][m], goals[b][m])
            else "against"
            if goals[a][m] != goals[b][m]
            else "with"
            for m in shared
        )
        row = found[a, b]
        assert row["areas"] == len(shared)
        assert row["misalignment"] == pytest.approx(pairs["against"] / len(shared), abs=1e-12)
        spoken = pairs["against"] + pairs["with"]
        if spoken:
            assert row["conditional_misalignment"] == pytest.approx(pairs["against"] / spoken)
            assert row["participation"] * row["areas"] == pytest.approx(spoken)


def test_past_the_budget_is_refused(monkeypatch):
    monkeypatch.setattr(questions, "_PAIRS_AT_MOST", 100)
    with pytest.raises(DissensusError, match="225 rows: every pair of 10 segments in 5"):
        ds.between(TABLE, by="agent", over="year", no_goal="abstain")
