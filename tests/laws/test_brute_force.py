"""Every value is what all ordered pairs of agents give: any conflict, sampling, weight, engine."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests import oracle
from tests.expected import assert_between, assert_within
from tests.populations import ConflictCase, conflict_cases, holdings, is_measurable

import dissensus as ds

Frame = Callable[[pa.Table], Any]

QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@QUICK
@given(
    table=holdings(),
    case=conflict_cases(),
    distinct=st.booleans(),
    weight=st.sampled_from([None, "weight"]),
    no_goal=st.sampled_from([[], ["pass"], ["pass", "2"]]),
    null_goal=st.sampled_from(["outside", "no-goal"]),
    by=st.sampled_from([[], ["party"]]),
)
def test_within(
    frame: Frame,
    table: pa.Table,
    case: ConflictCase,
    distinct: bool,
    weight: str | None,
    no_goal: list[str],
    null_goal: str,
    by: list[str],
) -> None:
    if case.options.get("conflict") == "interval":
        no_goal = ["pass"]
    assume(is_measurable(table, weight=weight is not None, silent=no_goal))
    reading: dict[str, Any] = {"by": by, "no_goal": no_goal, "null_goal": null_goal}
    reading["weight"] = weight
    result = ds.misalignment(
        frame(table),
        sampling="distinct-pairs" if distinct else "with-replacement",
        **case.options,
        **reading,
    )
    assert_within(
        result,
        oracle.cells(table.to_pylist(), **reading),
        by=by,
        conflict=case.conflict,
        silence=case.silence,
        distinct=distinct,
    )


@QUICK
@given(
    table=holdings(least=2),
    case=conflict_cases(),
    weight=st.sampled_from([None, "weight"]),
    null_goal=st.sampled_from(["outside", "no-goal"]),
)
def test_between(
    frame: Frame, table: pa.Table, case: ConflictCase, weight: str | None, null_goal: str
) -> None:
    parties = {(row["area"], row["party"]) for row in table.to_pylist() if row["goal"]}
    assume(len(parties) > len({area for area, _ in parties}))  # two parties in some area
    assume(is_measurable(table, weight=weight is not None, silent=["pass"]))
    reading: dict[str, Any] = {"by": ["party"], "no_goal": ["pass"], "null_goal": null_goal}
    reading["weight"] = weight
    result = ds.between(frame(table), **case.options, **reading)
    cells = oracle.cells(table.to_pylist(), **reading)
    assert_between(
        result,
        cells,
        by=["party"],
        conflict=case.conflict,
        silence=case.silence,
        directed=case.directed,
    )
