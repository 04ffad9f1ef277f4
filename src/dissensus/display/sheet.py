"""A sheet: the frame that the wider questions share: title, head line, listings, sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from dissensus.display.layout import Field, Grid, Row, signs
from dissensus.display.prose import prose
from dissensus.display.rows import words
from dissensus.display.sentences import LIMITS, head_line
from dissensus.model.columns import column
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["LONGEST", "Block", "Cell", "Listing", "Sheet", "first", "named", "number", "value"]

LONGEST = 24  # rows of a listing that is not cut to its first

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """A column of a listing: how it is headed and laid out, and the text of a row in it."""

    field: Field
    text: Callable[[Record], str]


def named(head: str, name: str | Callable[[Record], str], lines: int = 2) -> Cell:
    """Column of names: words rather than ids."""
    if callable(name):
        return Cell(Field(head, lines=lines), name)
    return Cell(Field(head, lines=lines), lambda row: words(row, name))


def number(name: str, head: str | None = None, rank: int = 0) -> Cell:
    """Column of numbers, spelt as their unit asks."""
    return Cell(Field(head or column(name).label, "number", rank), lambda row: _spelt(row, name))


def value(name: str, head: str | None = None) -> Cell:
    """Column of values with bars."""
    return Cell(Field(head or column(name).label, "value"), lambda row: _spelt(row, name) or "none")


def _spelt(row: Record, name: str) -> str:
    return spelled(row.get(name), column(name).unit)


@dataclass(frozen=True)
class Listing:
    """Rows of a table under a heading.

    Attributes
    ----------
    head : str
        The heading.
    table : pyarrow.Table
        The rows.
    cells : sequence of Cell
        Columns.
    bar : str
        Column whose value the bars show.
    """

    head: str
    table: pa.Table
    cells: Sequence[Cell]
    bar: str = ""

    def draw(self) -> Iterator[RenderableType]:
        """Draw the heading and the rows; nothing for an empty table."""
        if not self.table.num_rows:
            return
        rows = [
            Row([cell.text(row) for cell in self.cells], row.get(self.bar))
            for row in self.table.to_pylist()
        ]
        if self.head:
            yield Text(self.head, style="bold")
        yield Padding(Grid([cell.field for cell in self.cells], rows), (0, 0, 0, 2))
        yield Text()


Block = Listing | str  # a listing, or a sentence about the one before


@dataclass(frozen=True)
class Sheet:
    """The answer to one of the wider questions.

    Attributes
    ----------
    result : Result
        What is shown.
    title : str
        What was asked.
    blocks : callable
        Makes listings and sentences from the sign for "times", the answer first.
    quiet : bool
        Listings only.
    """

    result: Result
    title: str
    blocks: Callable[[str], Iterator[Block]]
    quiet: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw all."""
        mark = signs(options)
        if not self.quiet:
            yield prose(self.title, "bold")
            yield prose(head_line(self.result, mark.more))
            for note in self.result.summary.get("notes") or ():
                yield prose(f"Note: {note}", "yellow")
            yield Text()
        for block in self.blocks(mark.times):
            if isinstance(block, Listing):
                yield from block.draw()
            elif not self.quiet:
                yield prose(block, "italic")
                yield Text()
        if not self.quiet:
            yield prose(LIMITS, "dim")


def first(table: pa.Table, by: str, limit: int, order: str = "descending") -> pa.Table:
    """Rows with the largest (or smallest) values of a column; those without one are left out."""
    valued = table.filter(pc.is_valid(table[by]))
    return valued.take(pc.sort_indices(valued, sort_keys=[(by, order)])[:limit])
