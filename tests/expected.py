"""A result against the oracle: every row, every mean."""

from collections.abc import Sequence
from itertools import combinations, permutations
from typing import Any

import pyarrow as pa
from tests import oracle
from tests.oracle import Agent, Cells, Conflict, Silence

from dissensus.model.result import Result


def assert_within(
    result: Result,
    cells: Cells,
    *,
    by: Sequence[str] = (),
    over: str | None = None,
    area: str | None = "area",
    conflict: Conflict = oracle.exclusive,
    silence: Silence = oracle.compatible,
    distinct: bool = False,
    area_weights: dict[str, Any] | None = None,
    tolerance: float = 1e-12,
) -> None:
    """Rows and means of ``misalignment`` are those of the cells, and no others."""

    def values(agents: Sequence[Agent]) -> dict[str, oracle.Value]:
        return oracle.within(agents, conflict, silence, distinct=distinct)

    place = [name for name in (over, area and "area") if name]
    rows = oracle.by_key(result.rows, [*place, *by])
    populated = {
        (*here, *segment): agents
        for here, segments in cells.items()
        for segment, agents in segments.items()
        if agents
    }
    assert set(populated) <= set(rows)
    for key, row in rows.items():
        agents = populated.get(key, [])
        assert row["agents"] == len(agents)
        assert row["no_goal_agents"] == sum(agent.goal is None for agent in agents)
        held = {agent.goal for agent in agents if agent.weight and agent.goal is not None}
        assert row["goals"] == len(held)
        if "weighted_agents" in row:
            total = sum(agent.weight for agent in agents)
            oracle.assert_close(row, {"weighted_agents": total}, tolerance)
        oracle.assert_close(row, values(agents), tolerance)
        _assert_reasons(row)
    overall = oracle.by_key(result.tables["overall"], ["scope", *place[: over is not None], *by])
    groups = _groups(cells, over is not None, by)
    weights = None if area_weights is None else area_weights
    for key, listed in groups.items():
        row = overall.pop(key)
        expected = [values(agents) for _, agents in listed]
        mass = None if weights is None else [weights[here[-1]] for here, _ in listed]
        means = {
            name: oracle.mean([value[name] for value in expected], mass) for name in oracle.WITHIN
        }
        oracle.assert_close(row, means, tolerance)
        assert row["areas"] == sum(value["misalignment"] is not None for value in expected)
        assert row["agents"] == max(len(agents) for _, agents in listed)
    for row in overall.values():
        assert row["agents"] == 0
        assert row["misalignment"] is None


def _groups(
    cells: Cells, has_over: bool, by: Sequence[str]
) -> dict[tuple[Any, ...], list[tuple[tuple[Any, ...], list[Agent]]]]:
    """Populations behind each mean: everyone's, and each segment's."""
    groups: dict[tuple[Any, ...], list[tuple[tuple[Any, ...], list[Agent]]]] = {}
    for here, segments in cells.items():
        everyone = [agent for agents in segments.values() for agent in agents]
        key = ("everyone", *here[:has_over], *(None for _ in by))
        groups.setdefault(key, []).append((here, everyone))
        if by:
            for segment, agents in segments.items():
                key = ("segment", *here[:has_over], *segment)
                groups.setdefault(key, []).append((here, agents))
    return groups


def assert_between(
    result: Result,
    cells: Cells,
    *,
    by: Sequence[str],
    over: str | None = None,
    area: str | None = "area",
    conflict: Conflict = oracle.exclusive,
    silence: Silence = oracle.compatible,
    directed: bool = False,
    tolerance: float = 1e-12,
) -> None:
    """Pairs of ``between`` are those of the cells: each once, or both ways."""
    place = [name for name in (over, area and "area") if name]
    sides = [f"{name}_a" for name in by] + [f"{name}_b" for name in by]
    rows = oracle.by_key(result.rows, [*place, *sides])
    means: dict[tuple[Any, ...], list[dict[str, oracle.Value]]] = {}
    found = set()
    for here, segments in cells.items():
        known = sorted(segments, key=_nulls_last)
        for a, b in permutations(known, 2) if directed else combinations(known, 2):
            if not (segments[a] and segments[b]):
                continue
            row = rows[(*here, *a, *b)]
            found.add((*here, *a, *b))
            values = oracle.between(segments[a], segments[b], conflict, silence)
            oracle.assert_close(row, values, tolerance)
            assert (row["agents_a"], row["agents_b"]) == (len(segments[a]), len(segments[b]))
            _assert_reasons(row)
            means.setdefault((*here[: over is not None], *a, *b), []).append(values)
    for key in set(rows) - found:
        assert 0 in (rows[key]["agents_a"], rows[key]["agents_b"])
        assert rows[key]["misalignment"] is None
    overall = oracle.by_key(result.tables["overall"], [*place[: over is not None], *sides])
    for key, listed in means.items():
        expected = {name: oracle.mean(value[name] for value in listed) for name in oracle.BETWEEN}
        oracle.assert_close(overall[key], expected, tolerance)
        assert overall[key]["areas"] == len(listed)


def _nulls_last(segment: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple((part is None, "" if part is None else part) for part in segment)


def _assert_reasons(row: dict[str, Any]) -> None:
    """A null has its reason, and a value has none."""
    reasons = dict(row["reasons"] or [])
    for name in oracle.BETWEEN:
        if name in row:
            assert (row[name] is None) == (name in reasons), f"{name}: {row[name]}, {reasons}"
    assert all(reasons.values())


def column(table: pa.Table, name: str) -> list[Any]:
    values: list[Any] = table.column(name).to_pylist()
    return values
