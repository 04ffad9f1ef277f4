"""Why, on a terminal: within and between, the segments, goals and kinds that make the conflict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dissensus.display.picking import big_enough
from dissensus.display.plan import MIN_AGENTS
from dissensus.display.rows import NOBODY, words
from dissensus.display.sentences import draws
from dissensus.display.sheet import (
    LONGEST,
    Block,
    Cell,
    Listing,
    Sheet,
    first,
    named,
    number,
    value,
)
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["explanation"]

_FEW = 8  # rows of a list of what weighs most


def explanation(
    result: Result, *, min_agents: int | None = None, overall: bool = False, quiet: bool = False
) -> Sheet:
    """Show a result of ``explain``."""
    by, over = tuple(result.summary.get("by") or ()), result.summary.get("over")
    limit = MIN_AGENTS if min_agents is None else min_agents

    def blocks(times: str) -> Iterator[Block]:
        yield from _parts(result, over)
        yield from _segments(result, by, over, times, limit)
        yield from _goals(result, over, times)
        kind = result.summary.get("kind")
        if kind:
            table = result.tables["kinds"]
            yield Listing(
                "Between and within kinds of agents",
                table,
                [*_over(over), named(str(kind), _pair((str(kind),), times)), *_PAIR_CELLS],
                "contribution_share",
            )
            yield _sum_of_kinds(table, result.summary.get("kind_shares"), over)
        if not overall and by and (result.summary.get("areas") or 0) > 1:
            between = _between_parts(result.rows)
            yield Listing(
                "Areas in which most of it arises between segments",
                first(between, "contribution", 5),
                [
                    *_over(over),
                    named("problem area", "area"),
                    named("part", "part"),
                    value("contribution"),
                    number("contribution_share"),
                ],
                "contribution",
            )

    title = "Why: what the misalignment is made of" + (f", by {', '.join(by)}" if by else "")
    return Sheet(result, title + (f", for each {over}" if over else ""), blocks, quiet)


_PAIR_CELLS = (
    value("contribution_share"),
    number("misalignment"),
    number("excess"),
    number("pair_share", rank=1),
    number("areas", rank=2),
)


def _over(over: str | None) -> list[Cell]:
    return [named(over, over, lines=1)] if over else []


def _pair(by: tuple[str, ...], times: str) -> Any:
    def text(row: Mapping[str, Any]) -> str:
        a, b = (", ".join(words(row, f"{name}_{side}") or NOBODY for name in by) for side in "ab")
        return f"{a} {times} {b}" if a != b else f"within {a}"

    return text


def _parts(result: Result, over: str | None) -> Iterator[Block]:
    table = result.tables["overall"]
    yield Listing(
        "",
        table,
        [
            *_over(over),
            named("part", "part"),
            value("contribution_share"),
            number("contribution"),
            number("misalignment", "conflict\namong them"),
            number("pair_share"),
        ],
        "contribution_share",
    )
    rows = table.to_pylist()
    if over:
        rows = [row for row in rows if row[over] == rows[0][over]]
    known = [row for row in rows if row["contribution"] is not None]
    if not known:
        yield "No value: no goal in this population, or nobody in it."
        return
    where = f"In {over} {words(rows[0], over)}, " if over else ""
    total = result.tables["totals"].to_pylist()[0]["misalignment"]
    told = f"{where}two agents, drawn at random, conflict {draws(total)}"
    shares = [
        f"{spelled(row['contribution_share'], 'share')} {row['part']}"
        for row in known
        if row["contribution_share"] is not None
    ]
    if len(shares) > 1:
        told += f"; of that conflict {', '.join(shares)}"
    yield f"{told[0].upper()}{told[1:]}."


def _segments(
    result: Result, by: tuple[str, ...], over: str | None, times: str, limit: int
) -> Iterator[Block]:
    if not by:
        return
    table = result.tables["segment_pairs"]
    large = big_enough(table, limit)
    shown = large if large.num_rows else table
    most = _FEW if shown.num_rows > LONGEST else LONGEST
    head = "Pairs of segments"
    if shown.num_rows > most:
        head += f": those that make most of the conflict, {most} of {shown.num_rows:,}"
    cells = [*_over(over), named(", ".join(by), _pair(by, times)), *_PAIR_CELLS]
    if most == _FEW or not over:
        shown = first(shown, "contribution", most)
    yield Listing(head, shown, cells, "contribution_share")
    if table.num_rows > large.num_rows > 0:
        hidden = table.num_rows - large.num_rows
        yield f"Hidden: {hidden:,} pairs with fewer than {limit} agents on a side."
    yield str(result.summary.get("excess_sign", ""))


def _goals(result: Result, over: str | None, times: str) -> Iterator[Block]:
    def pair(row: Mapping[str, Any]) -> str:
        return f"{words(row, 'goal_a')} {times} {words(row, 'goal_b') or 'no goal'}"

    pairs = result.tables["goal_pairs"]
    few = pairs if over and pairs.num_rows <= LONGEST else first(pairs, "contribution", _FEW)
    head = "Pairs of goals that make the conflict"
    if few.num_rows < pairs.num_rows:
        head += f": the first {few.num_rows} of {pairs.num_rows:,}"
    cells = [
        *_over(over),
        named("goals", pair),
        value("contribution_share"),
        number("contribution"),
        number("areas", rank=1),
    ]
    yield Listing(head, few, cells, "contribution_share")
    goals = result.tables["goals"]
    some = goals if over and goals.num_rows <= LONGEST else first(goals, "share", _FEW)
    head = "Goals"
    if some.num_rows < goals.num_rows:
        head += f": the {some.num_rows} that most hold, of {goals.num_rows:,}"
    cells = [
        *_over(over),
        named("goal", lambda row: words(row, "goal") or "no goal"),
        value("friction"),
        number("share", "held by"),
        number("opposing_share", rank=1),
        number("influence"),
        number("areas", rank=2),
    ]
    yield Listing(head, some, cells, "friction")


def _sum_of_kinds(table: pa.Table, shares: Mapping[str, float] | None, over: str | None) -> str:
    rows = table.to_pylist()
    rows = [row for row in rows if not over or row[over] == rows[0][over]]
    known = [row["contribution"] for row in rows]
    if not known or any(one is None for one in known):
        return "No total: no problem area has members of every kind."
    stated = "counted as they stand"
    if shares:
        parts = [f"{spelled(share, 'share')} {name}" for name, share in shares.items()]
        stated = f"of {', '.join(parts)}"
    where = f"In {over} {words(rows[0], over)}: in" if over else "In"
    return f"{where} a whole {stated}, two random agents conflict {draws(sum(known))}."


def _between_parts(table: pa.Table) -> pa.Table:
    return table.filter(pc.starts_with(table["part"], "between"))
