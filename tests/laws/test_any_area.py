"""Conflict in at least one area: all ordered pairs of agents, and the bounds of the margins."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests import oracle
from tests.populations import conflict_cases, holdings, is_measurable

import dissensus as ds
from dissensus.errors import DissensusError

Frame = Callable[[pa.Table], Any]

QUICK = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUICK
@given(
    table=holdings(),
    case=conflict_cases(kinds=["exclusive", "ordinal", "matrix"]),
    pairing=st.sampled_from(["any", "independent"]),
    distinct=st.booleans(),
    weight=st.sampled_from([None, "weight"]),
    null_goal=st.sampled_from(["outside", "no-goal"]),
)
def test_all_pairs(
    frame: Frame,
    table: pa.Table,
    case: Any,
    pairing: str,
    distinct: bool,
    weight: str | None,
    null_goal: str,
) -> None:
    assume(is_measurable(table, weight=weight is not None, silent=["pass"]))
    options = {k: v for k, v in case.options.items() if k != "no_goal_conflict"}
    result = ds.misalignment(
        frame(table),
        in_any_area=True,
        sampling="distinct-pairs" if distinct else "with-replacement",
        pairing=pairing,
        weight=weight,
        no_goal=["pass"],
        null_goal=null_goal,
        **options,
    )
    agents: dict[int, dict[str, str]] = {}
    mass: dict[int, Fraction] = {}
    for row in table.to_pylist():
        if row["goal"] is None and null_goal == "outside":
            continue
        goals = agents.setdefault(row["agent"], {})
        mass[row["agent"]] = Fraction(row["weight"]) if weight else Fraction(1)
        if row["goal"] not in (None, "pass"):
            goals[row["area"]] = row["goal"]
    met = drawn = both = Fraction(0)
    for a, b in product(agents, repeat=2):
        if a == b and distinct:
            continue
        weighed = mass[a] * mass[b]
        drawn += weighed
        both += weighed * bool(agents[a] and agents[b])
        if a == b:
            continue
        shared = agents[a].keys() & agents[b].keys()
        degrees = [case.conflict(agents[a][area], agents[b][area]) for area in shared]
        if pairing == "any":
            met += weighed * max(degrees, default=Fraction(0))
        else:
            met += weighed * (1 - prod((1 - degree for degree in degrees), start=Fraction(1)))
    somebody = any(agents[a] and mass[a] for a in agents)
    row = result.tables["any_area"].to_pylist()[0]
    if not (drawn and somebody):
        assert row["misalignment"] is None
        return
    expected = {
        "misalignment": met / drawn,
        "conditional_misalignment": met / both if both else None,
    }
    oracle.assert_close(row, expected, 1e-10)
    assert row["agents"] == len(agents)
    if row["lower_bound"] is not None:
        assert row["lower_bound"] - 1e-12 <= row["misalignment"] <= row["upper_bound"] + 1e-12


def test_by_hand() -> None:
    """Two questions: 1 and 2 differ in the second; 3 was asked the first alone, and differs."""
    rows = {
        "agent": [1, 1, 2, 2, 3],
        "area": ["p", "q", "p", "q", "p"],
        "goal": ["a", "x", "a", "y", "b"],
    }
    result = ds.misalignment(rows, in_any_area=True, sampling="distinct-pairs")
    row = result.tables["any_area"].to_pylist()[0]
    assert row["misalignment"] == 1
    # of three pairs two conflict in p, one in q
    assert (row["lower_bound"], row["upper_bound"]) == (pytest.approx(2 / 3), pytest.approx(1))
    assert (row["agents"], row["areas"], row["method"]) == (3, 2, "exact")


def test_counts_leave_the_bounds_alone() -> None:
    counted = {"area": ["p", "p", "q", "q"], "goal": ["a", "b", "a", "b"], "n": [5, 5, 9, 1]}
    row = ds.misalignment(counted, count="n", in_any_area=True).tables["any_area"].to_pylist()[0]
    assert row["misalignment"] is None
    assert "counts and shares" in dict(row["reasons"])["misalignment"]
    assert (row["lower_bound"], row["upper_bound"]) == (0.5, pytest.approx(0.68))


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"area": None, "agent": ["agent", "area"]}, "in_any_area of one problem area"),
        ({"holds": "draws"}, "in_any_area of draws"),
        ({"holds": "several", "points": "n"}, "in_any_area of amounts"),
        ({"holds": "several", "pairing": "mean"}, "in_any_area with pairing='mean'"),
        ({"no_goal_conflict": 0.5}, "in_any_area with no_goal_conflict"),
        ({"roster": {"agent": [1, 2]}, "absent": "no-goal"}, "in_any_area with absent"),
        ({"by": "side"}, "1 agent is in several segments of side: agent 1 (2 segments)"),
    ],
)
def test_refused(options: dict[str, Any], found: str) -> None:
    rows = {
        "agent": [1, 1, 2],
        "area": ["p", "q", "p"],
        "goal": ["a", "b", "b"],
        "n": [1, 1, 1],
        "side": ["l", "r", "l"],
    }
    if options.get("area", "area") is None:
        rows["question"] = rows.pop("area")
        options = {"agent": ["agent", "question"]}
    with pytest.raises(DissensusError) as error:
        ds.misalignment(rows, in_any_area=True, **options)
    assert found in str(error.value)
