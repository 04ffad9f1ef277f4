"""Models against segments, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dissensus.display.layout import MARK
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

__all__ = ["comparison"]

_FEW = 8


def comparison(
    result: Result,
    *,
    min_agents: int | None = None,
    overall: bool = False,
    quiet: bool = False,
    per_area: bool = False,
) -> Sheet:
    """Show a result of ``compare``."""
    by, over = tuple(result.summary.get("by") or ()), result.summary.get("over")
    limit = MIN_AGENTS if min_agents is None else min_agents

    def who(row: Mapping[str, Any]) -> str:
        if row.get("scope") == EVERYONE:
            return EVERYONE
        return ", ".join(words(row, name) or NOBODY for name in by)

    def blocks(times: str) -> Iterator[Block]:
        table = result.tables["overall"]
        whole = table.filter(pc.equal(table["scope"], EVERYONE))
        segments = table.filter(pc.not_equal(table["scope"], EVERYONE))
        if whole.num_rows:
            yield from _listed("", whole, _cells(over, None))
            yield from _said(whole, over)
        large = big_enough(segments, limit)
        yield from _listed(
            "With each segment", large if large.num_rows else segments, _cells(over, who, by)
        )
        yield from _lost(result)
        if per_area and not overall:
            rows = result.rows
            yield Listing(
                f"Areas in which they conflict most, of {rows.num_rows:,} rows",
                first(rows, "conditional_misalignment", LONGEST),
                [
                    *_over(over),
                    *([named("problem area", "area")] if "area" in rows.column_names else []),
                    named("model", lambda row: f"{words(row, 'compared')} {times} {who(row)}"),
                    value("conditional_misalignment", "among those\nwith a goal"),
                    number("place_between", "place"),
                ],
                "conditional_misalignment",
            )

    title = "Models compared with " + (f"segments of {', '.join(by)}" if by else "the population")
    return Sheet(result, title + (f", for each {over}" if over else ""), blocks, quiet)


def _over(over: str | None) -> list[Cell]:
    return [named(over, over, lines=1)] if over else []


def _cells(over: str | None, who: Any, by: tuple[str, ...] = ()) -> list[Cell]:
    cells = [*_over(over), named("model", "compared")]
    if who is not None:
        cells.append(named(", ".join(by), who))
    return [
        *cells,
        value("conditional_misalignment", "among those\nwith a goal"),
        Cell(number("participation_b", "answers").field, _answers),
        number("place_between", "place"),
        number("excess", rank=1),
        number("jensen_shannon_similarity", "1 - JS", rank=2),
        number("wasserstein_similarity", "1 - W", rank=3),
        number("areas", rank=4),
    ]


def _answers(row: Mapping[str, Any]) -> str:
    share = row["participation_b"]
    return (f"{MARK} " if share is not None and share < 0.5 else "") + spelled(share, "share")


def _listed(head: str, table: pa.Table, cells: list[Cell]) -> Iterator[Block]:
    if table.num_rows <= LONGEST:
        yield Listing(head, table, cells, "conditional_misalignment")
        return
    for words_of, order in (
        ("widest", "descending"),
        ("closest, among those with a goal", "ascending"),
    ):
        yield Listing(
            f"{head or 'Models'}: the {_FEW} {words_of}, of {table.num_rows:,}",
            first(table, "conditional_misalignment", _FEW, order),
            cells,
            "conditional_misalignment",
        )


def _said(table: pa.Table, over: str | None) -> Iterator[Block]:
    rows = table.to_pylist()
    rows = [row for row in rows if not over or row[over] == rows[0][over]]
    spoken = [row for row in rows if row["conditional_misalignment"] is not None]
    silent = [words(row, "compared") for row in rows if row["conditional_misalignment"] is None]
    where = f"In {over} {words(rows[0], over)}, " if over else ""
    if spoken:
        one = spoken[0]
        told = (
            f"{where}{words(one, 'compared')} conflicts least with a random member who holds a "
            f"goal, {draws(one['conditional_misalignment'])}"
        )
        if one["conditional_baseline"] is not None:
            told += (
                f"; such a member conflicts with the others {draws(one['conditional_baseline'])}"
            )
        yield f"{told[0].upper()}{told[1:]}."
    if silent:
        yield f"Apart, since they hold no goal at all: {', '.join(silent[:_FEW])}."


def _lost(result: Result) -> Iterator[Block]:
    summary = result.summary
    told = f"{summary.get('areas_in_common'):,} problem areas in common"
    for name, side in (("areas_only_in_data", "the data"), ("areas_only_in_models", "the models")):
        if summary.get(name):
            told += f"; {summary[name]:,} only in {side}"
    yield f"{told}."
    unmatched = summary.get("unmatched_goals") or []
    if unmatched:
        names = ", ".join(map(str, unmatched[:_FEW]))
        yield f"Goals that only one side holds: {names}. Are they spelt alike?"
