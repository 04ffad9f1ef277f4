"""What adding agents does, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dissensus.display.picking import big_enough
from dissensus.display.plan import MIN_AGENTS
from dissensus.display.rows import EVERYONE, NOBODY, words
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

__all__ = ["mixture"]

_TENTHS = 10  # rows of the curve that are shown


def mixture(
    result: Result, *, min_agents: int | None = None, overall: bool = False, quiet: bool = False
) -> Sheet:
    """Show a result of ``mix``."""
    by, over = tuple(result.summary.get("by") or ()), result.summary.get("over")
    limit = MIN_AGENTS if min_agents is None else min_agents

    def who(row: Mapping[str, Any]) -> str:
        if row.get("scope") == EVERYONE:
            return EVERYONE
        return ", ".join(words(row, name) or NOBODY for name in by)

    def blocks(_: str) -> Iterator[Block]:
        table = result.tables["blocks"]
        large = big_enough(table, limit)
        shown = large if large.num_rows else table
        yield Listing(
            "",
            shown.slice(0, LONGEST),
            [
                *_over(over),
                named(", ".join(by) or "population", who),
                number("own_misalignment", "within it"),
                number("cross_misalignment", "with the\nadded"),
                number("added_misalignment", "within\nthe added"),
                number("peak_share", "peak at"),
                value("peak_misalignment", "value there"),
                number("excess", rank=1),
                number("areas", rank=2),
            ],
            "peak_misalignment",
        )
        yield from _said(table, over)
        yield from _curve(result, over)
        if not overall and (result.summary.get("areas") or 0) > 1:
            areas = result.tables["area_blocks"]
            areas = areas.filter(pc.equal(areas["scope"], EVERYONE))
            yield Listing(
                "Areas in which the added agents conflict most with the population",
                first(areas, "cross_misalignment", 5),
                [
                    *_over(over),
                    named("problem area", "area"),
                    value("cross_misalignment", "with the added"),
                    number("own_misalignment", "within it"),
                    number("added_misalignment", "within the added"),
                    number("peak_share", "peak at"),
                ],
                "cross_misalignment",
            )

    title = f"What adding agents does ({result.summary.get('added')})"
    title += f", by {', '.join(by)}" if by else ""
    return Sheet(result, title + (f", for each {over}" if over else ""), blocks, quiet)


def _over(over: str | None) -> list[Cell]:
    return [named(over, over, lines=1)] if over else []


def _said(table: pa.Table, over: str | None) -> Iterator[Block]:
    row = table.slice(0, 1).to_pylist()[0]
    where = f"In {over} {words(row, over)}, " if over else ""
    if row["own_misalignment"] is None or row["peak_share"] is None:
        yield f"{where}no value: {dict(row['reasons'] or []).get('peak_share', 'it is null')}."
        return
    told = (
        f"{where}two members conflict {draws(row['own_misalignment'])}, two of the added agents "
        f"{draws(row['added_misalignment'])}, one of each {draws(row['cross_misalignment'])}"
    )
    yield f"{told[0].upper()}{told[1:]}."
    share = row["peak_share"]
    if share <= 0:
        yield "Any share of the added agents leaves misalignment as it is, or lowers it."
    elif share >= 1:
        yield "The larger the share of the added agents, the larger misalignment."
    else:
        yield (
            f"Misalignment is largest where {spelled(share, 'share')} of all are added agents: "
            f"{spelled(row['peak_misalignment'], 'probability')}, instead of "
            f"{spelled(row['own_misalignment'], 'probability')} without them."
        )


def _curve(result: Result, over: str | None) -> Iterator[Block]:
    table = result.tables["overall"]
    table = table.filter(pc.equal(table["scope"], EVERYONE))
    steps = int(result.summary.get("steps") or 1)
    each = max(steps // _TENTHS, 1)
    size = steps + 1
    rows = [i for i in range(table.num_rows) if (i % size) % each == 0 or i % size == steps]
    shown = table.take(pa.array(rows[: 3 * LONGEST]))
    cells = [
        *_over(over),
        number("added_share", "added"),
        value("misalignment"),
        number("conditional_misalignment", "among those\nwith a goal"),
        number("participation"),
    ]
    if result.summary.get("with_after"):
        cells += [
            number("misalignment_after"),
            number("change_by_adding"),
            number("change_by_goals"),
        ]
    yield Listing("By the share of added agents", shown, cells, "misalignment")
