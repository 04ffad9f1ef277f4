"""How data is read, on a terminal: columns and roles, the three states, goals, the readings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from dissensus.display.layout import Field, Grid, Row, signs
from dissensus.display.prose import prose
from dissensus.display.sentences import head_line
from dissensus.model.columns import column
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["Description"]

COLUMNS = 40  # of a table with more, the first are shown
GOALS = 12
SEGMENTS = range(2, 51)  # distinct values of a column that could make segments


@dataclass(frozen=True)
class Description:
    """The result of ``describe``.

    Attributes
    ----------
    result : Result
        What to show.
    quiet : bool
        Tables only, no sentences.
    """

    result: Result
    quiet: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw all tables."""
        tables = self.result.tables
        if not self.quiet:
            yield Text("How the data is read", style="bold")
            yield prose(head_line(self.result, signs(options).more))
            for note in self.result.summary.get("notes") or ():
                yield prose(f"Note: {note}", "yellow")
            yield Text()
        yield from _section("Columns", _columns(self.result.rows), self.result.rows, COLUMNS)
        if "states" in tables:
            head = "Agents in problem areas, by state"
            yield from _section(head, _states(tables["states"]), tables["states"])
        if "goals" in tables:
            yield from _section("Goals", _goals(tables["goals"]), tables["goals"], GOALS)
        if "readings" in tables:
            over = self.result.summary.get("over")
            head = "Under each reading of cells without a goal"
            yield from _section(head, _readings(tables["readings"], over), tables["readings"])
        segments = _segments(self.result.rows)
        if segments and not self.quiet:
            yield prose(f"Columns that could be segments (--by): {', '.join(segments)}")


def _section(
    head: str, grid: Grid, table: pa.Table, limit: int | None = None
) -> Iterator[RenderableType]:
    hidden = table.num_rows - (limit or table.num_rows)
    more = f": the first {limit} of {table.num_rows:,}" if hidden > 0 else ""
    yield Text(head, style="bold").append(more, style="not bold")
    yield Padding(grid, (0, 0, 0, 2))
    yield Text()


def _rows(table: pa.Table, limit: int | None = None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.slice(0, limit).to_pylist()
    return rows


def _columns(table: pa.Table) -> Grid:
    names = ("column", "type", "role", "distinct", "nulls", "examples", "note")
    shown = [name for name in names if name != "note" or table[name].null_count < len(table)]
    kinds: dict[str, Field] = {
        "distinct": Field("distinct", "number"),
        "nulls": Field("empty", "number"),
        "type": Field("type", "name"),
        "examples": Field("examples", lines=2),
        "note": Field("note", lines=4),
    }
    units = {"distinct": "values", "nulls": "rows"}
    rows = [
        Row([spelled(row[name], units.get(name, "")) for name in shown])
        for row in _rows(table, COLUMNS)
    ]
    return Grid([kinds.get(name, Field(name)) for name in shown], rows)


def _states(table: pa.Table) -> Grid:
    rows = [
        Row(
            [
                row["state"] + (f": {spelled(row['kind'])}" if row["kind"] else ""),
                spelled(row["share"], "share"),
                spelled(row["rows"], "rows"),
            ],
            row["share"],
        )
        for row in _rows(table)
    ]
    return Grid([Field("state"), Field("share", "value"), Field("cells", "number")], rows)


def _goals(table: pa.Table) -> Grid:
    rows = [
        Row(
            [spelled(row["goal"]), spelled(row["share"], "share"), spelled(row["rows"], "rows")],
            row["share"],
        )
        for row in _rows(table, GOALS)
    ]
    return Grid([Field("goal"), Field("share", "value"), Field("holders", "number")], rows)


def _readings(table: pa.Table, over: str | None) -> Grid:
    fields = [
        *([Field(over)] if over else []),
        Field("reading", lines=2),
        Field("no goal", lines=2),
        Field(column("misalignment").label, "value"),
        Field("among those\nwith a goal", "number"),
        Field(column("participation").label, "number"),
    ]
    rows = [Row(list(_reading(row, over)), row["misalignment"]) for row in _rows(table)]
    return Grid(fields, rows)


def _reading(row: dict[str, Any], over: str | None) -> Iterator[str]:
    if over:
        yield spelled(row[over])
    yield row["reading"] + (" (this one)" if row["is_current"] else "")
    yield row["counted_as_no_goal"] or "nothing"
    for name in ("misalignment", "conditional_misalignment", "participation"):
        yield spelled(row[name], column(name).unit) or "none"


def _segments(table: pa.Table) -> Sequence[str]:
    return [
        spelled(row["column"])
        for row in _rows(table)
        if row["role"] is None and row["distinct"] in SEGMENTS
    ][:12]
