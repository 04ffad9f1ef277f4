"""Several goals an agent: every value is what all ordered pairs of agents give, on every engine."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests import holders, oracle
from tests.expected import _nulls_last
from tests.populations import ConflictCase, conflict_cases

import dissensus as ds

Frame = Callable[[pa.Table], Any]

GOALS = ["1", "2", "3", "5"]
ROUNDING = 1e-10  # what is left of 1 by subtraction may be off by some 1e-16
QUICK = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SCHEMA = pa.schema(
    {
        "agent": pa.int64(),
        "area": pa.string(),
        "party": pa.string(),
        "weight": pa.float64(),
        "goal": pa.string(),
        "points": pa.float64(),
        "chance": pa.float64(),
    }
)
HOW = [
    ("any", "several", {}),
    ("independent", "several", {}),
    ("mean", "several", {}),
    ("points", "several", {"points": "points"}),
    ("any", "several", {"points": "points"}),
    ("probability", "several", {"probability": "chance"}),
    ("draws", "draws", {}),
    ("any", "draws", {}),
]


@st.composite
def several(draw: st.DrawFn, *, draws: bool) -> pa.Table:
    """Rows of agents that hold some goals, each once, or that are drawn from often."""
    rows = []
    size = draw(st.integers(1, 5))
    parties = draw(st.lists(st.sampled_from(["x", "y", None]), min_size=size, max_size=size))
    weights = draw(st.lists(st.sampled_from([0.25, 1.0, 3.0]), min_size=size, max_size=size))
    values = [*GOALS, "pass", None]
    for area in ["p", "q"][: draw(st.integers(1, 2))]:
        for agent in range(size):
            answers = draw(
                st.lists(st.sampled_from(values), max_size=5)
                if draws
                else st.lists(st.sampled_from(values), max_size=4, unique=True)
            )
            left = 8
            for goal in answers:
                chance = draw(st.integers(0, left))
                left -= chance
                points = draw(st.sampled_from([0.0, 0.5, 1.0, 3.0]))
                here = (agent, area, parties[agent], weights[agent])
                rows.append((*here, goal, points, chance / 8))
    columns = zip(*rows, strict=True) if rows else [[] for _ in SCHEMA]
    return pa.table([list(column) for column in columns], schema=SCHEMA)


@QUICK
@given(data=st.data(), distinct=st.booleans(), weight=st.sampled_from([None, "weight"]))
def test_all_pairs(frame: Frame, data: st.DataObject, distinct: bool, weight: str | None) -> None:
    pairing, holds, role = data.draw(st.sampled_from(HOW))
    table = data.draw(several(draws=holds == "draws"))
    case: ConflictCase = data.draw(
        conflict_cases(GOALS, ["exclusive", "ordinal", "matrix", "square", "directed"])
    )
    by = data.draw(st.sampled_from([[], ["party"]]))
    null_goal = data.draw(st.sampled_from(["outside", "no-goal"]))
    reading: dict[str, Any] = {
        "holds": holds,
        "no_goal": ["pass"],
        "null_goal": null_goal,
        "weight": weight,
    }
    amount = next(iter(role.values()), None)
    cells = holders.cells(table.to_pylist(), by=by, amount=amount, **reading)
    everybody = [a for segments in cells.values() for part in segments.values() for a in part]
    assume(any(a.holding(pairing) for a in everybody))
    options = {**case.options, **reading, **role, "pairing": pairing}
    rows = frame(table)
    result = ds.misalignment(
        rows, by=by, sampling="distinct-pairs" if distinct else "with-replacement", **options
    )
    found = oracle.by_key(result.rows, ["area", *by])
    whole: dict[str, list[Any]] = {}
    for (area,), segments in cells.items():
        parts = [*segments.items()]
        everyone = [agent for part in segments.values() for agent in part]
        for segment, agents in parts:
            values = holders.within(agents, pairing, case.conflict, case.silence, distinct=distinct)
            row = found.pop((area, *segment))
            assert row["agents"] == len(agents)
            assert row["no_goal_agents"] == sum(not agent.amounts for agent in agents)
            assert row["goals"] == len({goal for agent in agents for goal in agent.amounts})
            assert row["method"] in ("exact", None)
            oracle.assert_close(row, values, ROUNDING)
            reasons = dict(row["reasons"] or [])
            assert all((row[name] is None) == (name in reasons) for name in values)
        if everyone:
            values = holders.within(
                everyone, pairing, case.conflict, case.silence, distinct=distinct
            )
            for name, value in values.items():
                whole.setdefault(name, []).append(value)
    assert all(row["agents"] == 0 for row in found.values())
    overall = result.tables["overall"].to_pylist()[0]
    means = {name: oracle.mean(values) for name, values in whole.items()}
    oracle.assert_close(overall, means, ROUNDING)
    if not by or not any(len(segments) > 1 for segments in cells.values()):
        return
    pairs = ds.between(rows, by=by, **options)
    found = oracle.by_key(pairs.rows, ["area", "party_a", "party_b"])
    for (area,), segments in cells.items():
        order = permutations if case.directed else combinations
        for a, b in order(sorted(segments, key=_nulls_last), 2):
            values = holders.between(segments[a], segments[b], pairing, case.conflict, case.silence)
            oracle.assert_close(found[area, *a, *b], values, ROUNDING)


def test_the_oracle_by_hand() -> None:
    both, one, other = ({"1": 1, "2": 1}, {"1": 1}, {"3": 1})
    agents = [
        holders.Holder({goal: Fraction(x) for goal, x in amounts.items()})
        for amounts in (both, one, other)
    ]
    conflict = oracle.table({("1", "2"): 1, ("2", "1"): 1})
    found = holders.within(agents, "any", conflict, oracle.compatible, distinct=True)
    assert found["misalignment"] == Fraction(1, 3) == found["internal_conflict"]
