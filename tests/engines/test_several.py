"""Agents that hold several goals, or are drawn from often: the same on every engine."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from tests import holders, oracle
from tests.expected import column
from tests.frames import as_duckdb, as_polars_lazy

import dissensus as ds
from dissensus.errors import DissensusError

Source = Callable[[pa.Table], Any]

# two years of one question: "1" and "2" exclude each other; 4 is on the roster only
TABLE = pa.table(
    {
        "agent": ["1", "1", "2", "3", "3", "1", "2", "2"],
        "year": [2020, 2020, 2020, 2020, 2020, 2021, 2021, 2021],
        "area": ["p"] * 8,
        "goal": ["1", "2", "1", "3", "pass", None, "1", "two"],
    }
)
ROSTER = pa.table(
    {"agent": ["1", "2", "3", "4"], "side": ["a", "a", "b", "b"], "w": [1.0, 2.0, 3.0, 0.5]}
)
CONFLICT = {("1", "2"): 1.0, ("1", "3"): 0.5}
GOAL_MAP = {"1": "1", "2": "2", "3": "3", "two": "2", "pass": "no-goal"}


def holder(goals: str, weight: Any = 1) -> holders.Holder:
    return holders.Holder({goal: Fraction(1) for goal in goals}, weight=Fraction(weight))


@pytest.mark.parametrize("absent", ["outside", "no-goal"])
def test_roster_recoding_and_years(source: Source, absent: str) -> None:
    result = ds.misalignment(
        source(TABLE),
        holds="several",
        over="year",
        by="side",
        roster=source(ROSTER),
        weight="w",
        absent=absent,
        goal_map=GOAL_MAP,
        conflict=CONFLICT,
    )
    # whoever is asked and says nothing is absent, if absent members count
    gone = absent == "no-goal"
    known = {
        ("2020", "a"): [holder("12", 1), holder("1", 2)],
        ("2020", "b"): [holder("3", 3), *([holder("", 0.5)] if gone else [])],
        ("2021", "a"): [holder("12", 2), *([holder("", 1)] if gone else [])],
        ("2021", "b"): [holder("", 3), holder("", 0.5)] if gone else [],
    }
    conflict = oracle.table(CONFLICT | {(b, a): x for (a, b), x in CONFLICT.items()})
    rows = {(str(row["year"]), row["side"]): row for row in result.rows.to_pylist()}
    for key, agents in known.items():
        if not agents:
            assert key not in rows
            continue
        values = holders.within(agents, "any", conflict, oracle.compatible, distinct=False)
        assert rows[key]["agents"] == len(agents)
        assert rows[key]["no_goal_agents"] == sum(not agent.amounts for agent in agents)
        oracle.assert_close(rows[key], values)


def test_draws_of_a_wide_table(source: Source) -> None:
    """A row an agent and round of asking: the rounds are draws."""
    table = pa.table(
        {
            "model": ["m", "m", "m", "n", "n"],
            "q1": ["yes", "no", None, "no", "no"],
            "q2": ["yes", "yes", "yes", None, None],
        }
    )
    result = ds.misalignment(
        source(table), agent="model", wide="q*", holds="draws", null_goal="no-goal"
    )
    one, two = result.rows.to_pylist()
    # m: one yes, one no, one silent of three; n: always no
    assert one["misalignment"] == pytest.approx(2 * (1 / 3) / 4)
    assert one["participation"] == pytest.approx((2 / 3 + 1) / 2)
    assert one["internal_conflict"] == pytest.approx((2 / 6 + 0) / 2)
    assert (two["agents"], two["no_goal_agents"], two["misalignment"]) == (2, 1, 0.0)


@pytest.mark.parametrize("goals", [48, 49, 130])
def test_more_goals_than_a_word_has_bits(source: Source, goals: int) -> None:
    """Agent i holds goal i and the last one; each goal conflicts with the next alone."""
    listed = [f"g{i:03}" for i in range(goals)]
    rows = [(i, goal) for i in range(goals) for goal in {listed[i], listed[-1]}]
    table = pa.table({"agent": [i for i, _ in rows], "goal": [goal for _, goal in rows]})
    chain = dict.fromkeys(pairwise(listed), 1.0)
    result = ds.misalignment(source(table), holds="several", conflict=chain)
    row = result.rows.to_pylist()[0]
    # neighbours i, i + 1 meet; agent n - 2 holds what conflicts with everybody's last goal
    met = 2 * (goals - 2) + 2 * (goals - 1) - 2
    assert row["misalignment"] == pytest.approx(met / goals**2, rel=1e-12)
    assert row["internal_conflict"] == pytest.approx(1 / goals)
    assert (row["goals"], row["agents"]) == (goals, goals)


def test_a_goal_that_stands_twice(source: Source) -> None:
    table = pa.table({"agent": ["1", "1", "2"], "area": ["p"] * 3, "goal": ["a", "a", "b"]})
    with pytest.raises(DissensusError, match="1 goals stand more than once") as error:
        ds.misalignment(source(table), holds="several")
    assert "agent '1', area 'p', goal 'a' (2 rows)" in str(error.value)
    unchecked = ds.misalignment(source(table), holds="several", check="none")
    assert column(unchecked.rows, "misalignment") == [0.5]


def test_points_and_probabilities(source: Source) -> None:
    table = pa.table(
        {
            "agent": ["1", "1", "2", "3"],
            "goal": ["a", "b", "b", None],
            "x": [0.25, 0.75, 1.0, None],
        }
    )
    points = ds.misalignment(
        source(table), holds="several", points="x", null_goal="no-goal"
    ).rows.to_pylist()[0]
    assert points["misalignment"] == pytest.approx(2 * 0.25 / 9)
    assert (points["agents"], points["internal_conflict"]) == (3, pytest.approx(1 / 3))
    known = ds.misalignment(
        source(table), holds="several", probability="x", null_goal="no-goal"
    ).rows.to_pylist()[0]
    assert known["misalignment"] == pytest.approx(2 * 0.25 / 9)
    assert known["internal_conflict"] is None


def test_what_is_lazy_says_the_same() -> None:
    results = [
        ds.misalignment(make(TABLE), holds="several", over="year", goal_map=GOAL_MAP, where=where)
        for make in (lambda table: table, as_polars_lazy, as_duckdb)
        for where in (None, "agent != 1")
    ]
    digests = [result.provenance["tally"] for result in results]
    assert len(set(digests[::2])) == len(set(digests[1::2])) == 1
    assert digests[0] != digests[1]
