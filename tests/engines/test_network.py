"""Pairs from a network: every engine against a loop over the edges, in exact fractions."""

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from tests import oracle
from tests.expected import close
from tests.oracle import Agent

import dissensus as ds

Rows = list[dict[str, Any]]
Key = tuple[Any, ...]

PARTIES = ["x", "y", None]
PLACES = {"1": 1, "2": 2, "3": 3, "5": 5}
TABLE = {("1", "2"): 0.25, ("2", "1"): 1, ("1", "5"): 0.5, ("5", "1"): 0.5, ("3", "5"): 0.125}
LOPSIDED = {
    "goal_a": [a for a, _ in TABLE],
    "goal_b": [b for _, b in TABLE],
    "conflict": list(TABLE.values()),
}
CONFLICTS: dict[str, tuple[dict[str, Any], oracle.Conflict, oracle.Silence]] = {
    "exclusive": ({}, oracle.exclusive, oracle.compatible),
    "a line": (
        {"conflict": "interval", "range": (1, 5), "no_goal_conflict": 0.25},
        oracle.line(PLACES, 4),
        lambda _: Fraction(1, 4),
    ),
    "a lopsided table": (
        {"conflict": LOPSIDED, "directed": True},
        oracle.table(TABLE),
        oracle.compatible,
    ),
}


def made(seed: int) -> tuple[Rows, Rows]:
    """Holdings of a few agents in two areas and two years, and edges, some of them odd."""
    draw = random.Random(seed)
    rows = [
        {
            "agent": agent,
            "area": area,
            "year": year,
            "party": PARTIES[agent % 3],
            "age": 20 + agent,
            "goal": draw.choice(["1", "2", "3", "5", "pass", None]),
        }
        for agent in range(9)
        for area in ("p", "q")
        for year in (1, 2)
        if draw.random() < 0.8
    ]
    edges = [
        {
            "agent_a": draw.randrange(11),
            "agent_b": draw.randrange(11),
            "weight": draw.choice([0.0, 0.5, 1.0, 2.0]),
        }
        for _ in range(30)
    ]
    return rows, edges


def met(rows: Rows, edges: Rows) -> Iterator[tuple[Key, Key, Key, Agent, Agent, Fraction]]:
    """Edges between agents of one place, with the segments and goals of their ends."""
    there: dict[Key, dict[int, Any]] = {}
    for row in rows:
        if row["goal"] is not None and row["age"] < 28:
            there.setdefault((row["year"], row["area"]), {})[row["agent"]] = row
    for place, agents in there.items():
        for edge in edges:
            a, b = agents.get(edge["agent_a"]), agents.get(edge["agent_b"])
            if a and b and a is not b:
                goals = [None if one["goal"] == "pass" else one["goal"] for one in (a, b)]
                ends = [Agent(goal) for goal in goals]
                weight = Fraction(edge["weight"])
                yield place, (a["party"],), (b["party"],), ends[0], ends[1], weight


def value(pairs: list[tuple[Agent, Agent, Fraction]], conflict: Any, silence: Any) -> Any:
    total = sum((weight for *_, weight in pairs), Fraction(0))
    if not total:
        return None
    found = sum(weight * oracle.degree(a, b, conflict, silence) for a, b, weight in pairs)
    return Fraction(found) / total


def parties(rows: Any, sides: str = "") -> Any:
    return [tuple(row[f"party{side}"] for side in sides or [""]) for row in rows]


def test_edges_of_every_engine(source: Callable[[pa.Table], Any]) -> None:
    check_against_the_loop(source, "a line", pairs_too=False)


@pytest.mark.parametrize("case", CONFLICTS)
def test_edges_with_every_form_of_conflict(case: str) -> None:
    check_against_the_loop(lambda table: table, case)


def check_against_the_loop(
    source: Callable[[pa.Table], Any], case: str, *, pairs_too: bool = True
) -> None:
    options, conflict, silence = CONFLICTS[case]
    rows, edges = made(7)
    data, pairs = source(pa.Table.from_pylist(rows)), source(pa.Table.from_pylist(edges))
    asked = {"no_goal": "pass", "by": "party", "over": "year", "where": "age < 28"}
    within = ds.misalignment(data, pairs=pairs, **asked, **options)
    expected: dict[Key, list[tuple[Agent, Agent, Fraction]]] = {}
    number: dict[Key, int] = {}
    for (year, area), a, b, one, other, weight in met(rows, edges):
        for first, second, ends in ((a, b, (one, other)), (b, a, (other, one))):
            key = (str(year), area, *first, *second)
            expected.setdefault(key, []).append((*ends, weight))
        for key in {(str(year), area, *a, *b), (str(year), area, *b, *a)}:
            number[key] = number.get(key, 0) + 1
    tables = [(within.tables["area_network"], ("party", "party"))]
    if pairs_too:
        between = ds.between(data, pairs=pairs, **asked, **options)
        tables.append((between.tables["area_network"], ("party_a", "party_b")))
    seen = 0
    for table, sides in tables:
        for row in table.to_pylist():
            key = (str(row["year"]), row["area"], *(row[side] or None for side in sides))
            wanted = expected.get(key, [])
            assert row["edges"] == number.get(key, 0)
            found = row["network_misalignment"]
            assert close(found, value(wanted, conflict, silence))
            held = [one for one in wanted if one[0].goal and one[1].goal]
            assert close(row["network_conditional_misalignment"], value(held, conflict, silence))
            seen += found is not None
            assert (found is None) == ("network_misalignment" in dict(row["reasons"] or []))
    assert seen > 2
    for row in within.tables["network"].to_pylist():
        if row["scope"] == "everyone":
            areas = []
            for area in ("p", "q"):
                every = [
                    one
                    for key, listed in expected.items()
                    if key[:2] == (str(row["year"]), area)
                    for one in listed
                ]
                areas.append(value(every, conflict, silence))
            assert close(row["network_misalignment"], oracle.mean(areas))
    notes = " ".join(within.summary["notes"])
    loops = sum(edge["agent_a"] == edge["agent_b"] for edge in edges)
    known = {row["agent"] for row in rows}
    odd = [
        edge
        for edge in edges
        if not {edge["agent_a"], edge["agent_b"]} <= known and edge["agent_a"] != edge["agent_b"]
    ]
    assert f"{loops} of 30 edges join an agent with itself" in notes
    assert f"{len(odd)} of 30 edges name agents that the data lacks" in notes


def test_edges_of_another_kind_than_the_data(frame: Callable[[pa.Table], Any]) -> None:
    rows, edges = made(3)
    texts = [{**row, "agent": f"a{row['agent']}"} for row in rows]
    named = {side: [f"a{edge[side]}" for edge in edges] for side in ("agent_a", "agent_b")}
    data = frame(pa.Table.from_pylist(texts))
    found = ds.misalignment(data, pairs=named, over="year").tables["network"]
    plain = ds.misalignment(pa.Table.from_pylist(texts), pairs=named, over="year")
    names = ["edges", "network_misalignment", "misalignment"]
    assert found.select(names).equals(plain.tables["network"].select(names))


def test_all_pairs_once_are_distinct_pairs(frame: Callable[[pa.Table], Any]) -> None:
    """A network that joins everybody is a draw of two different agents."""
    table = pa.table({"agent": [*"ABCDEFG"], "goal": [*"aabcccd"]})
    pairs = list(combinations("ABCDEFG", 2))
    edges = {"agent_a": [a for a, _ in pairs], "agent_b": [b for _, b in pairs]}
    result = ds.misalignment(frame(table), pairs=edges, sampling="distinct-pairs")
    (row,) = result.tables["network"].to_pylist()
    assert row["network_misalignment"] == pytest.approx(row["misalignment"], rel=1e-14)
    assert row["edges"] == 21


def test_absent_members_hold_no_goal(frame: Callable[[pa.Table], Any]) -> None:
    rows, edges = made(11)
    rows = [row for row in rows if row["year"] == 1]
    data = [{name: row[name] for name in ("agent", "area", "goal")} for row in rows]
    members = [{"agent": i, "party": "xy"[i % 2], "age": 20 + i} for i in range(10)]
    found = ds.misalignment(
        frame(pa.Table.from_pylist(data)),
        roster=frame(pa.Table.from_pylist(members)),
        pairs=frame(pa.Table.from_pylist(edges)),
        absent="no-goal",
        no_goal="pass",
        no_goal_conflict=0.25,
        by="party",
        where="age < 28",
    )
    goals = {(row["agent"], row["area"]): row["goal"] for row in rows}
    expected: dict[Key, list[tuple[Agent, Agent, Fraction]]] = {}
    for edge in edges:
        ends = [edge["agent_a"], edge["agent_b"]]
        if ends[0] == ends[1] or max(ends) >= 8:
            continue
        for area in ("p", "q"):
            held = [goals.get((end, area)) for end in ends]
            agents = [Agent(None if goal == "pass" else goal) for goal in held]
            if len({end % 2 for end in ends}) == 1:
                listed = expected.setdefault((area, "xy"[ends[0] % 2]), [])
                listed.append((*agents, Fraction(edge["weight"])))
    for row in found.tables["area_network"].to_pylist():
        wanted = expected.get((row["area"], row["party"]), [])
        assert row["edges"] == len(wanted)
        quarter = value(wanted, oracle.exclusive, lambda _: Fraction(1, 4))
        assert close(row["network_misalignment"], quarter)
    # the tenth member is on the roster, the eleventh nowhere
    odd = sum(10 in (e["agent_a"], e["agent_b"]) and e["agent_a"] != e["agent_b"] for e in edges)
    assert f"{odd} of 30 edges name agents that the data lacks" in " ".join(found.summary["notes"])
