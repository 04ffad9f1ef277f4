"""Answers from the definitions alone: all ordered pairs of agents, in exact fractions.

Nothing here is shared with the package. A population is a list of agents; rows are read into
populations by plain Python.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pyarrow as pa

Conflict = Callable[[str, str], Fraction]
Silence = Callable[[str], Fraction]
Value = Fraction | None

WITHIN = (
    "participation",
    "misalignment",
    "conditional_misalignment",
    "alignment",
    "compatible_share",
    "no_goal_share",
)
BETWEEN = (*WITHIN, "participation_a", "participation_b")


@dataclass(frozen=True)
class Agent:
    """One agent of a population; without a goal it holds none."""

    goal: str | None
    weight: Fraction = Fraction(1)


def exclusive(a: str, b: str) -> Fraction:
    return Fraction(a != b)


def compatible(_: str) -> Fraction:
    return Fraction(0)


def table(pairs: Mapping[tuple[str, str], Any]) -> Conflict:
    """Conflict as listed; a pair that is not listed is compatible."""
    return lambda a, b: Fraction(pairs.get((a, b), 0))


def line(places: Mapping[str, Any], length: Any) -> Conflict:
    """Conflict by distance on a line."""
    return lambda a, b: abs(Fraction(places[a]) - Fraction(places[b])) / Fraction(length)


def degree(a: Agent, b: Agent, conflict: Conflict, silence: Silence) -> Fraction:
    """Conflict of two agents, D(a, b)."""
    if a.goal is None and b.goal is None:
        return Fraction(0)
    if a.goal is None:
        return silence(str(b.goal))
    if b.goal is None:
        return silence(a.goal)
    return conflict(a.goal, b.goal)


def within(
    agents: Sequence[Agent],
    conflict: Conflict = exclusive,
    silence: Silence = compatible,
    *,
    distinct: bool = False,
) -> dict[str, Value]:
    """All values of one population in one problem area."""
    pairs = [
        (a, b, a.weight * b.weight, Fraction(0) if i == j else degree(a, b, conflict, silence))
        for i, a in enumerate(agents)
        for j, b in enumerate(agents)
        if not (distinct and i == j)
    ]
    total = sum((agent.weight for agent in agents), Fraction(0))
    held = sum((agent.weight for agent in agents if agent.goal is not None), Fraction(0))
    values = _shares(pairs, somebody=held > 0)
    return {"participation": held / total if total else None, **values}


def between(
    first: Sequence[Agent],
    second: Sequence[Agent],
    conflict: Conflict = exclusive,
    silence: Silence = compatible,
) -> dict[str, Value]:
    """All values of a pair of populations: pick one from each."""
    pairs = [
        (a, b, a.weight * b.weight, degree(a, b, conflict, silence)) for a in first for b in second
    ]
    parts = [within(part)["participation"] for part in (first, second)]
    both = None if None in parts else Fraction(parts[0] or 0) * Fraction(parts[1] or 0)
    return {
        "participation": both,
        "participation_a": parts[0],
        "participation_b": parts[1],
        **_shares(pairs, somebody=True),
    }


def _shares(
    pairs: Iterable[tuple[Agent, Agent, Fraction, Fraction]], *, somebody: bool
) -> dict[str, Value]:
    drawn = holding = conflicting = met = silent = Fraction(0)
    for a, b, weight, conflict in pairs:
        drawn += weight
        conflicting += weight * conflict
        if a.goal is not None and b.goal is not None:
            holding += weight
            met += weight * conflict
        else:
            silent += weight * (1 - conflict)
    defined = drawn > 0 and somebody
    value = conflicting / drawn if defined else None
    return {
        "misalignment": value,
        "conditional_misalignment": met / holding if holding and somebody else None,
        "alignment": None if value is None else 1 - value,
        "compatible_share": (holding - met) / drawn if defined else None,
        "no_goal_share": silent / drawn if defined else None,
    }


def mean(values: Iterable[Value], weights: Iterable[Any] | None = None) -> Value:
    """Weighted mean of those that are defined."""
    listed = list(values)
    weight = [Fraction(1)] * len(listed) if weights is None else [Fraction(w) for w in weights]
    known = [(v, w) for v, w in zip(listed, weight, strict=True) if v is not None]
    mass = sum((w for _, w in known), Fraction(0))
    return sum((v * w for v, w in known), Fraction(0)) / mass if mass else None


Row = Mapping[str, Any]
Cells = dict[tuple[Any, ...], dict[tuple[Any, ...], list[Agent]]]


def rows_of(columns: Mapping[str, Sequence[Any]] | pa.Table) -> list[dict[str, Any]]:
    """Rows of a table of columns."""
    return (columns if isinstance(columns, pa.Table) else pa.table(dict(columns))).to_pylist()


def cells(
    rows: Iterable[Row],
    *,
    by: Sequence[str] = (),
    over: str | None = None,
    area: str | None = "area",
    goal: str = "goal",
    weight: str | None = None,
    no_goal: Sequence[str] = (),
    null_goal: str = "outside",
    absent: str = "outside",
    roster: Iterable[Row] | None = None,
    on: Sequence[str] = ("agent",),
    where: Callable[[Row], bool] = lambda row: True,
) -> Cells:
    """Populations per problem area (with ``over`` before it) and segment, from rows of holdings."""
    members = {tuple(row[name] for name in on): row for row in roster or ()}
    joined = [
        {**members.get(tuple(row.get(name) for name in on), {}), **row} if roster else dict(row)
        for row in rows
    ]
    place = [name for name in (over, area) if name]
    out: Cells = {}
    held: dict[tuple[Any, ...], set[tuple[Any, ...]]] = {}
    for row in joined:
        here = tuple(row[name] for name in place)
        segments = out.setdefault(here, {})
        if not where(row):
            continue
        value = row[goal]
        if value is None and "no-goal" not in (null_goal, absent):
            continue
        held.setdefault(here, set()).add(tuple(row.get(name) for name in on))
        agent = Agent(
            None if value is None or value in no_goal else str(value),
            Fraction(row[weight]) if weight else Fraction(1),
        )
        segments.setdefault(tuple(row[name] for name in by), []).append(agent)
    if absent == "no-goal":
        linked = [name for name in on if name != "agent"]
        seen = {tuple(row[name] for name in place): [] for row in joined}
        for row in joined:
            seen[tuple(row[name] for name in place)].append(tuple(row[name] for name in linked))
        for here, links in seen.items():
            for key, member in members.items():
                link = tuple(member[name] for name in linked)
                if link not in links or key in held.get(here, set()) or not where(member):
                    continue
                agent = Agent(None, Fraction(member[weight]) if weight else Fraction(1))
                out[here].setdefault(tuple(member[name] for name in by), []).append(agent)
    return out


def by_key(table: pa.Table, names: Sequence[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Rows of a result by the values of some columns, each of which is there once."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in table.to_pylist():
        key = tuple(row[name] for name in names)
        assert key not in found, f"{key} stands twice"
        found[key] = row
    return found


def assert_close(
    row: Mapping[str, Any], expected: Mapping[str, Value], tolerance: float = 1e-12
) -> None:
    """Same values, null for null; the tolerance is relative, and absolute below 1e-4."""
    for name, value in expected.items():
        found = row[name]
        if value is None or found is None:
            assert found is None, f"{name} is {found}, not null"
            assert value is None, f"{name} is null, not {float(value or 0)}"
            continue
        error = abs(Fraction(found) - value)
        assert error <= tolerance * max(abs(value), Fraction(1, 10**4)), (
            f"{name} is {found!r}, not {float(value)!r}"
        )
