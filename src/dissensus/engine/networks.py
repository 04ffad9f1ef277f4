"""Count the edges of a network: joined with the holdings at both ends, grouped by their goals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine.absent import with_absent
from dissensus.engine.checks import check_numbers
from dissensus.engine.kinds import is_category, join_type
from dissensus.engine.population import Population
from dissensus.engine.rows import (
    AREA,
    GOAL,
    PASSES,
    DataError,
    Keys,
    aligned,
    key_names,
    parsed,
    prepared,
    roster_rows,
)
from dissensus.engine.sources import Frame, Source, collect, open_source, reading
from dissensus.engine.tallying import goal_state, goal_text
from dissensus.errors import quoted
from dissensus.model.keys import Codes, encode, encode_rows
from dissensus.model.keys import Keys as KeyRows
from dissensus.model.network import Network
from dissensus.model.tally import Kind, Tally

__all__ = ["count_edges"]

_WEIGHT, _LISTED, _LOOP, _KNOWN = "_edge_weight", "_listed", "_loop", "_known"
_ODD = "_odd"
_OVER, _OVER_TEXT = "_over", "_over_text"


def count_edges(
    population: Population,
    pairs: Any,
    tally: Tally,
    *,
    by: Sequence[str] = (),
    over: str | None = None,
    where: str | None = None,
) -> Network:
    """Reduce a table of edges to how many join which goals, per problem area and segments.

    Parameters
    ----------
    population : Population
        Whose agents the edges join.
    pairs : as the data of a population
        One row an edge: for each agent column ``x`` the columns ``x_a`` and ``x_b`` (of a single
        one, ``agent_a`` and ``agent_b`` too), and perhaps ``weight``.
    tally : Tally
        The count of the same population, with the same ``by``, ``over`` and ``where``.

    Raises
    ------
    DataError
        Other columns, agents of another type, weights that are none, or a population without
        agents to join.
    """
    _check_population(population)
    keys = Keys(over, tuple(by))
    agents = population.roles.agent
    heads = [f"_a{i}" for i in range(len(agents))]
    tails = [f"_b{i}" for i in range(len(agents))]
    edges, is_weighted = _edges(open_source(pairs), agents, heads, tails)
    rows = prepared(population, keys, where=where, links=agents)
    names = key_names(tuple(dict.fromkeys([*keys.names, *agents])))
    columns = {f"_by{i}": names[name] for i, name in enumerate(by)} | {"_goal": GOAL}
    shared = [AREA] if AREA in rows.columns else []
    frame = rows.frame
    if shared and is_category(frame.collect_schema()[AREA]):
        frame = frame.with_columns(nw.col(AREA).cast(nw.String))
    if over:
        # nulls do not join, and are a value of their own here
        text = nw.col(names[over]).cast(nw.String).fill_null("_null")
        frame = frame.with_columns(text.alias(_OVER_TEXT), nw.col(names[over]).alias(_OVER))
        shared = [*shared, _OVER_TEXT]
    ids = [names[name] for name in agents]
    _check_types(frame, edges, ids, heads, tails)

    def side(frame: Frame, ends: list[str], suffix: str, more: Sequence[str]) -> Frame:
        found = [nw.col(one).alias(end) for one, end in zip(ids, ends, strict=True)]
        found += [nw.col(name).alias(alias + suffix) for alias, name in columns.items()]
        return frame.select(*found, *more)

    passing = frame.filter(nw.col(PASSES) == 1) if PASSES in rows.columns else frame
    known = frame
    if population.roles.absent == "no-goal":
        if over:
            raise DataError(
                "pairs from a network over a column while absent members count",
                "one population: who is absent from which of several is not said",
                "choose one value with where=, or read absent='outside'",
            )
        passing = with_absent(population, frame, names, where, passing)
        members, aliases = roster_rows(population, agents, None)
        known = members.select(
            *(nw.col(alias).alias(one) for alias, one in zip(aliases, ids, strict=True))
        )
    first = side(passing, heads, "_a", [*shared, *([_OVER] if over else [])])
    second = side(passing, tails, "_b", shared)
    with reading("the edges"):
        first, edges = aligned(first, edges, heads)
        second, edges = aligned(second, edges, tails)
        is_loop = reduce(and_, (nw.col(a) == nw.col(b) for a, b in zip(heads, tails, strict=True)))
        marked = edges.with_columns(is_loop.alias(_LOOP))
        counts = _reported(marked, known, ids, heads, tails)
        kept = marked.filter(~nw.col(_LOOP))
        met = _join(first, kept, heads).drop(*heads)
        both = _join(met, second, [*tails, *shared])
        groups = [*(name + end for end in ("_a", "_b") for name in columns), *shared]
        groups += [_OVER] if over else []
        masses = [nw.len().alias("edges"), nw.col(_WEIGHT).sum().alias("weight")]
        table = collect(both.select(*groups, _WEIGHT).group_by(*groups).agg(*masses))
    return Network(**_coded(table, population, tally, by, over), **counts, is_weighted=is_weighted)


def _join(left: Frame, right: Frame, on: Sequence[str]) -> Frame:
    joined: Frame = left.join(right, on=list(on), how="inner")  # type: ignore[arg-type]
    return joined


def _check_population(population: Population) -> None:
    roles = population.roles
    if not roles.agent or roles.is_counted:
        raise DataError(
            "pairs from a network in data without agents",
            "one row per agent, whom the edges name",
            "pass agent=..., or leave out pairs=",
        )


def _edges(
    source: Source, agents: Sequence[str], heads: list[str], tails: list[str]
) -> tuple[Frame, bool]:
    """Edges with canonical names, and whether they have weights."""
    named = [[f"{name}_{end}" for name in agents] for end in "ab"]
    if len(agents) == 1 and not {*named[0], *named[1]} <= set(source.schema):
        named = [["agent_a"], ["agent_b"]]
    missing = [name for name in (*named[0], *named[1]) if name not in source.schema]
    if missing:
        raise DataError(
            f"pairs: columns {quoted(source.columns, 6)}",
            f"the two agents of each edge, {quoted([*named[0], *named[1]], 8)}, and perhaps weight",
            f"rename a column to {missing[0]!r}",
        )
    frame = source.frame
    is_weighted = "weight" in source.schema
    if is_weighted:
        frame = parsed(source, None, ["weight"]) if source.text else frame
        check_numbers(frame, "weight", "weight")
    weight = nw.col("weight").cast(nw.Float64) if is_weighted else nw.lit(1.0)
    ends = zip((*named[0], *named[1]), (*heads, *tails), strict=True)
    frame = frame.select(*(nw.col(name).alias(end) for name, end in ends), weight.alias(_WEIGHT))
    empty = [nw.col(end).is_null() for end in (*heads, *tails)]
    with reading("the edges"):
        lacking = collect(frame.filter(nw.any_horizontal(*empty, ignore_nulls=True)).head(1))
    if lacking.num_rows:
        raise DataError(
            "pairs: an edge without one of its agents",
            "two agents in every row",
            "leave these rows out",
        )
    return frame, is_weighted


def _check_types(
    frame: Frame, edges: Frame, ids: Sequence[str], heads: list[str], tails: list[str]
) -> None:
    here, there = frame.collect_schema(), edges.collect_schema()
    for one, ends in zip(ids, zip(heads, tails, strict=True), strict=True):
        for end in ends:
            if join_type(here[one], there[end]) is None:
                raise DataError(
                    f"agents are {here[one]} in the data and {there[end]} in pairs",
                    "the same type in both",
                    "store both as text or both as numbers; text files are read as text",
                )


def _reported(
    edges: Frame, members: Frame, ids: Sequence[str], heads: list[str], tails: list[str]
) -> dict[str, Any]:
    """How many edges are listed, loops, or name agents that the data lacks, and some of these."""
    known = edges.with_columns(nw.lit(1).alias(_LISTED))
    for ends, mark in ((heads, _KNOWN + "_a"), (tails, _KNOWN + "_b")):
        named = [nw.col(one).alias(end) for one, end in zip(ids, ends, strict=True)]
        agents = members.select(*named).unique().with_columns(nw.lit(1).alias(mark))
        known, agents = aligned(known, agents, ends)
        known = known.join(agents, on=ends, how="left")  # type: ignore[arg-type]
    strange = nw.col(_KNOWN + "_a").is_null() | nw.col(_KNOWN + "_b").is_null()
    is_odd = strange & ~nw.col(_LOOP)
    flags = [(nw.col(_LOOP), _LOOP), (is_odd, _ODD)]
    ones = [nw.when(flag).then(nw.lit(1)).otherwise(nw.lit(0)).alias(name) for flag, name in flags]
    sums = collect(known.select(_LISTED, *ones).select(nw.all().sum())).to_pylist()[0]
    strangers = int(sums[_ODD] or 0)
    cases = []
    for row in collect(known.filter(is_odd).head(3)).to_pylist() if strangers else []:
        for ends, mark in ((heads, _KNOWN + "_a"), (tails, _KNOWN + "_b")):
            if row[mark] is None:
                cases.append(", ".join(str(row[end]) for end in ends))
    return {
        "listed": int(sums[_LISTED] or 0),
        "loops": int(sums[_LOOP] or 0),
        "strangers": strangers,
        "unknown": tuple(dict.fromkeys(cases)),
    }


def _coded(
    table: pa.Table, population: Population, tally: Tally, by: Sequence[str], over: str | None
) -> dict[str, Any]:
    """Grouped edges in the codes of the tally; those with an end outside are left out."""
    area_columns = ({over: _OVER} if over else {}) | (
        {"area": AREA} if "area" in tally.areas.names else {}
    )
    area = _places(tally.areas, table, area_columns)
    segments = [
        _places(tally.segments, table, {name: f"_by{i}{end}" for i, name in enumerate(by)})
        for end in ("_a", "_b")
    ]
    goals = [_goals(table.column(f"_goal{end}"), population, tally, area) for end in ("_a", "_b")]
    kept = (goals[0] >= -1) & (goals[1] >= -1)
    edges = np.asarray(table.column("edges").cast(pa.int64()).to_numpy())
    weights = np.asarray(pc.fill_null(table.column("weight").cast(pa.float64()), 0.0).to_numpy())
    return {
        "area": area[kept],
        "segment_a": segments[0][kept],
        "segment_b": segments[1][kept],
        "goal_a": goals[0][kept],
        "goal_b": goals[1][kept],
        "edges": edges[kept],
        "weights": weights[kept],
    }


def _places(keys: KeyRows, table: pa.Table, columns: dict[str, str]) -> Codes:
    """Row of the keys that each row of the table belongs to."""
    if not columns:
        return np.zeros(table.num_rows, dtype=np.int64)
    stacked = {}
    for name, alias in columns.items():
        known = keys.table.column(name)
        found = table.column(alias).cast(known.type)
        stacked[name] = pa.chunked_array([*known.chunks, *found.chunks], type=known.type)
    _, codes = encode_rows(stacked, keys.size + table.num_rows)
    row_of = np.empty(keys.size, dtype=np.int64)
    row_of[codes[: keys.size]] = np.arange(keys.size)
    places: Codes = row_of[codes[keys.size :]]
    return places


def _goals(column: pa.ChunkedArray, population: Population, tally: Tally, area: Codes) -> Codes:
    """Position of each goal in the goal list of its area; -1 for no goal, -2 for outside."""
    values, value_of = encode(goal_text(column))
    index = {goal: i for i, goal in enumerate(tally.goals.to_pylist())}
    states = [goal_state(value, population.roles) for value in values.to_pylist()]
    code = np.array(
        [
            index[state]
            if isinstance(state, str)
            else -1
            if isinstance(state, Kind) and state.counted
            else -2
            for state in states
        ],
        dtype=np.int64,
    )[value_of]
    width = max(len(tally.goals), 1)
    of_area = np.repeat(np.arange(tally.areas.size), tally.goal_counts)
    slots = of_area * width + tally.area_goals
    position = np.searchsorted(slots, area * width + code) - tally.area_offsets[area]
    return np.where(code >= 0, position, code)
