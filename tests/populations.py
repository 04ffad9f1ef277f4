"""Small random populations, as tables of holdings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st
from tests import oracle

GOALS = ["1", "2", "3", "5", "pass"]
WEIGHTS = [0.0, 0.1, 0.25, 1.0, 1.5, 3.0]
DEGREES = [0.0, 0.1, 0.25, 0.5, 1.0]
AREA_NAMES = ["p", "q", "r"]
PARTIES = ["x", "y", "z", None]


@st.composite
def holdings(draw: st.DrawFn, *, least: int = 1, most: int = 7) -> pa.Table:
    """Rows of agents in problem areas; ``pass`` and null are goals that may be read as none."""
    size = draw(st.integers(least, most))
    areas = AREA_NAMES[: draw(st.integers(1, 3))]
    parties = draw(st.lists(st.sampled_from(PARTIES), min_size=size, max_size=size))
    weights = draw(st.lists(st.sampled_from(WEIGHTS), min_size=size, max_size=size))
    choice = st.one_of(st.none(), st.sampled_from(GOALS))
    rows = []
    for area in areas:
        answers = draw(st.lists(choice, min_size=size, max_size=size))
        there = draw(
            st.lists(st.sampled_from([True, True, True, False]), min_size=size, max_size=size)
        )
        rows += [
            {"agent": i, "area": area, "party": parties[i], "weight": weights[i], "goal": goal}
            for i, (goal, here) in enumerate(zip(answers, there, strict=True))
            if here
        ]
    schema = pa.schema(
        {
            "agent": pa.int64(),
            "area": pa.string(),
            "party": pa.string(),
            "weight": pa.float64(),
            "goal": pa.string(),
        }
    )
    return pa.Table.from_pylist(rows, schema=schema)


def is_measurable(table: pa.Table, *, weight: bool = False, silent: Sequence[str] = ()) -> bool:
    """Whether somebody holds a goal (and weighs something)."""
    return any(
        row["goal"] is not None and row["goal"] not in silent and (row["weight"] or not weight)
        for row in table.to_pylist()
    )


@dataclass(frozen=True)
class ConflictCase:
    """A conflict model as the package is told it, and as the oracle computes it."""

    options: dict[str, Any]
    conflict: oracle.Conflict
    silence: oracle.Silence = oracle.compatible
    directed: bool = False
    words: str = field(default="", compare=False)


def _grades(
    draw: st.DrawFn, goals: Sequence[str], *, directed: bool
) -> dict[tuple[str, str], float]:
    pairs: dict[tuple[str, str], float] = {}
    for i, a in enumerate(goals):
        for b in goals[i + 1 :]:
            pairs[a, b] = draw(st.sampled_from(DEGREES))
            pairs[b, a] = draw(st.sampled_from(DEGREES)) if directed else pairs[a, b]
    return pairs


@st.composite
def conflict_cases(
    draw: st.DrawFn, goals: Sequence[str] = GOALS, kinds: Sequence[str] | None = None
) -> ConflictCase:
    """Every conflict model over the goals."""
    known = ["exclusive", "ordinal", "interval", "matrix", "square", "directed", "symmetrise"]
    kind = draw(st.sampled_from(kinds or known))
    silence: oracle.Silence = oracle.compatible
    options: dict[str, Any] = {}
    if draw(st.booleans()):
        row = {goal: draw(st.sampled_from(DEGREES)) for goal in goals}
        options["no_goal_conflict"] = row
        options["goal_set"] = list(goals)
        silence = lambda goal: Fraction(row[goal])  # noqa: E731
    if kind == "exclusive":
        return ConflictCase(options, oracle.exclusive, silence)
    if kind == "ordinal":
        order = draw(st.permutations(list(goals)))
        options |= {"conflict": "ordinal", "levels": list(order)}
        places = {goal: i for i, goal in enumerate(order)}
        return ConflictCase(options, oracle.line(places, len(goals) - 1), silence)
    if kind == "interval":
        # the goal that is no number is placed by nobody, and has to be read as none
        low, high = draw(st.sampled_from([(1, 5), (0, 10)]))
        options |= {"conflict": "interval", "range": (low, high)}
        options.pop("goal_set", None)
        options.pop("no_goal_conflict", None)
        places = {goal: int(goal) for goal in goals if goal.isdigit()}
        return ConflictCase(options, oracle.line(places, high - low))
    pairs = _grades(draw, goals, directed=kind in ("directed", "symmetrise"))
    conflict = oracle.table(pairs)
    if kind == "symmetrise":
        conflict = oracle.table(
            {(a, b): (Fraction(x) + Fraction(pairs[b, a])) / 2 for (a, b), x in pairs.items()}
        )
    if kind == "square":
        square = [[pairs.get((a, b), 0.0) for b in goals] for a in goals]
        options |= {"conflict": square, "goal_set": list(goals)}
    elif kind == "matrix":
        half = {pair: x for pair, x in pairs.items() if pair[0] < pair[1]}
        options["conflict"] = {
            "goal_a": [a for a, _ in half],
            "goal_b": [b for _, b in half],
            "conflict": list(half.values()),
        }
    else:
        options |= {"conflict": pairs, kind: True}
    return ConflictCase(options, conflict, silence, directed=kind == "directed")
