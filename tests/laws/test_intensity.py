"""Intensity is what all ordered pairs of agents give: any mean, weight, conflict, engine."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests import oracle
from tests.populations import ConflictCase, conflict_cases, holdings, is_measurable

import dissensus as ds

Frame = Callable[[pa.Table], Any]
Agent = tuple[str | None, Fraction, float]

MEANS: dict[str, Callable[[float, float], float]] = {
    "geometric": lambda s, t: (s * t) ** 0.5,
    "arithmetic": lambda s, t: (s + t) / 2,
    "harmonic": lambda s, t: 2 * s * t / (s + t) if s + t else 0.0,
    "min": min,
    "max": max,
    "none": lambda s, t: 1.0,
}
CARES = [0.0, 0.04, 0.3, 0.3, 0.5, 1.0]
QUICK = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def salient(draw: st.DrawFn, *, least: int = 1) -> pa.Table:
    """Rows of holdings with how much each agent cares; those without a goal need not say."""
    table = draw(holdings(least=least))
    size = table.num_rows
    cares = draw(st.lists(st.sampled_from(CARES), min_size=size, max_size=size))
    goals = table.column("goal").to_pylist()
    told = [None if goal is None else care for goal, care in zip(goals, cares, strict=True)]
    return table.append_column("care", pa.array(told, pa.float64()))


def cells(table: pa.Table, *, weight: bool, by: bool) -> dict[tuple[Any, ...], list[Agent]]:
    """Agents of each area and party; ``pass`` is no goal, an empty goal is outside."""
    found: dict[tuple[Any, ...], list[Agent]] = {}
    for row in table.to_pylist():
        if row["goal"] is None:
            continue
        agent = (
            None if row["goal"] == "pass" else row["goal"],
            Fraction(row["weight"]) if weight else Fraction(1),
            row["care"],
        )
        key = (row["area"], row["party"]) if by else (row["area"],)
        found.setdefault(key, []).append(agent)
    return found


def expected(
    first: Sequence[Agent],
    second: Sequence[Agent],
    conflict: oracle.Conflict,
    mean: str,
    *,
    distinct: bool,
) -> tuple[Fraction | None, Fraction | None]:
    """Intensity over pairs of agents, and among pairs that both hold a goal."""
    drawn = holding = met = Fraction(0)
    same = first is second
    for i, (g, a, s) in enumerate(first):
        for j, (h, b, t) in enumerate(second):
            if same and distinct and i == j:
                continue
            drawn += a * b
            if g is None or h is None:
                continue
            holding += a * b
            if not (same and i == j):
                met += a * b * conflict(g, h) * Fraction(MEANS[mean](s, t))
    somebody = not same or any(g is not None and a for g, a, _ in first)
    return (
        met / drawn if drawn and somebody else None,
        met / holding if holding and somebody else None,
    )


def check(row: dict[str, Any], values: tuple[Fraction | None, Fraction | None]) -> None:
    names = ("intensity", "conditional_intensity")
    oracle.assert_close(row, dict(zip(names, values, strict=True)), 1e-10)
    for name in names:
        assert (row[name] is None) == (name in dict(row["reasons"] or []))


@QUICK
@given(
    table=salient(),
    case=conflict_cases(kinds=["exclusive", "ordinal", "matrix", "directed"]),
    mean=st.sampled_from(list(MEANS)),
    distinct=st.booleans(),
    weight=st.booleans(),
    by=st.booleans(),
)
def test_within(
    frame: Frame,
    table: pa.Table,
    case: ConflictCase,
    mean: str,
    distinct: bool,
    weight: bool,
    by: bool,
) -> None:
    assume(is_measurable(table, weight=weight, silent=["pass"]))
    options = {k: v for k, v in case.options.items() if k != "no_goal_conflict"}
    result = ds.misalignment(
        frame(table),
        salience="care",
        salience_mean=mean,
        sampling="distinct-pairs" if distinct else "with-replacement",
        weight="weight" if weight else None,
        no_goal="pass",
        by=["party"] if by else [],
        **options,
    )
    rows = oracle.by_key(result.rows, ["area", "party"] if by else ["area"])
    known = cells(table, weight=weight, by=by)
    for key, agents in known.items():
        check(rows[key], expected(agents, agents, case.conflict, mean, distinct=distinct))
    everyone = cells(table, weight=weight, by=False).values()
    values = [expected(one, one, case.conflict, mean, distinct=distinct)[0] for one in everyone]
    overall = result.tables["overall"].to_pylist()[0]
    oracle.assert_close(overall, {"intensity": oracle.mean(values)}, 1e-10)


@QUICK
@given(
    table=salient(least=3),
    case=conflict_cases(kinds=["exclusive", "ordinal", "matrix", "directed"]),
    mean=st.sampled_from(list(MEANS)),
    weight=st.booleans(),
)
def test_between(
    frame: Frame, table: pa.Table, case: ConflictCase, mean: str, weight: bool
) -> None:
    known = cells(table, weight=weight, by=True)
    assume(len(known) > len({area for area, _ in known}))
    assume(is_measurable(table, weight=weight, silent=["pass"]))
    options = {k: v for k, v in case.options.items() if k != "no_goal_conflict"}
    result = ds.between(
        frame(table),
        by="party",
        salience="care",
        salience_mean=mean,
        weight="weight" if weight else None,
        no_goal="pass",
        **options,
    )
    rows = oracle.by_key(result.rows, ["area", "party_a", "party_b"])
    for (area, a, b), row in rows.items():
        pair = known.get((area, a), []), known.get((area, b), [])
        check(row, expected(*pair, case.conflict, mean, distinct=False))


@pytest.mark.parametrize("mean", MEANS)
def test_counts_stand_for_agents_and_many_levels_are_swept(mean: str) -> None:
    rng = np.random.default_rng(3)
    cares = np.round(rng.random(60), 3)
    counts = rng.integers(1, 4, 60)
    goals = rng.choice(["a", "b", "c"], 60)
    groups = {"goal": goals, "care": cares, "number": counts}
    agents = {name: np.repeat(groups[name], counts) for name in ("goal", "care")}
    agents["agent"] = np.arange(counts.sum())
    both = {"salience": "care", "salience_mean": mean, "sampling": "distinct-pairs"}
    one = ds.misalignment(pa.table(groups), count="number", **both).rows["intensity"][0].as_py()
    two = ds.misalignment(pa.table(agents), **both).rows["intensity"][0].as_py()
    assert one == pytest.approx(two, rel=1e-13)
    listed = [
        (g, Fraction(1), float(s)) for g, s in zip(agents["goal"], agents["care"], strict=True)
    ]
    brute, _ = expected(listed, listed, oracle.exclusive, mean, distinct=True)
    assert two == pytest.approx(float(brute), rel=1e-12)
