"""What becomes of a system, on a terminal: the verdict, the numbers, and the steps behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from dissensus.display.layout import Field, Grid, Row
from dissensus.display.prose import prose
from dissensus.model.columns import column
from dissensus.model.result import Result
from dissensus.model.spelling import shown_names, spelled

__all__ = ["SimulationView"]

LONGEST = 12  # rows of a table that are shown
STEPS = 12  # steps of the trace that are shown


@dataclass(frozen=True)
class SimulationView:
    """The result of ``simulate``.

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
        """Draw the verdict and the tables."""
        summary = self.result.summary
        if not self.quiet:
            yield prose(str(summary.get("title") or summary.get("name") or "System"), "bold")
            for note in summary.get("notes") or ():
                yield prose(f"Note: {note}", "yellow")
            yield Text()
        if summary.get("mechanism") is None:
            yield from self._all()
            return
        if not self.quiet:
            yield prose(f"{summary['mechanism_label']}. {summary['asks_of_it']}")
            yield prose(str(summary["head_line"]), "bold")
            yield Text()
        sections = summary["sections"]
        yield from _section(sections["rows"], self.result.rows)
        for name, table in self.result.tables.items():
            yield from _section(sections[name], table)
        yield from self._numbers()
        if not self.quiet:
            yield from self._foot()

    def _all(self) -> Iterator[RenderableType]:
        """One line a mechanism, and what the others would need."""
        rows = self.result.rows.to_pylist()
        ran = [row for row in rows if row["verdict"] is not None]
        for row in ran:
            yield prose(f"{row['mechanism']}: {row['verdict']}", "bold")
            yield Padding(prose(str(row["finding"])), (0, 0, 0, 2))
        waiting = [row for row in rows if row["verdict"] is None]
        if waiting and not self.quiet:
            yield Text()
            yield Text("What the others need", style="bold")
            for row in waiting:
                why = dict(row["reasons"])["verdict"].removeprefix("needs ")
                yield prose(f"  {row['mechanism']}: {why}", "dim")
        if not self.quiet:
            yield Text()
            yield from self._conventions()

    def _numbers(self) -> Iterator[RenderableType]:
        summary = self.result.summary
        told = []
        for name in summary["numbers"]:
            about = column(name)
            value = _spelt(summary[name], about.unit)
            if not value:
                value = f"none: {summary['reasons'].get(name, 'it cannot be given')}"
            told.append(Row([about.label, value]))
        if told:
            grid = Grid([Field("", lines=2), Field("", lines=3)], told, heads=False)
            yield from _titled("In numbers", grid)

    def _foot(self) -> Iterator[RenderableType]:
        trace = self.result.summary["trace"]
        if trace:
            yield Text("How", style="bold")
            for step in trace[:STEPS]:
                yield prose(f"  {step}")
            if len(trace) > STEPS:
                yield prose(f"  {len(trace) - STEPS:,} more steps in JSON", "dim")
            yield Text()
        yield from self._conventions()

    def _conventions(self) -> Iterator[RenderableType]:
        for name, words in self.result.provenance.get("conventions", {}).items():
            yield prose(f"  {name}: {words}", "dim")


def _titled(title: str, grid: Grid) -> Iterator[RenderableType]:
    yield Text(title, style="bold")
    yield Padding(grid, (0, 0, 0, 2))
    yield Text()


def _section(title: str, table: pa.Table) -> Iterator[RenderableType]:
    names = [name for name in shown_names(table) if name != "reasons"]
    if not title or not table.num_rows or not names:
        return
    fields = [_field(table, name, first=not i) for i, name in enumerate(names)]
    rows = [
        Row([_cell(row, name) for name in names]) for row in table.slice(0, LONGEST).to_pylist()
    ]
    more = table.num_rows - len(rows)
    told = f"{title} (the first {LONGEST} of {table.num_rows:,})" if more > 0 else title
    yield from _titled(told, Grid(fields, rows))


def _field(table: pa.Table, name: str, *, first: bool) -> Field:
    kind = table.schema.field(name).type
    counted = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    head = column(name).label
    return Field(
        head.replace(" ", "\n") if counted else head,
        "number" if counted else "name",
        rank=0 if first or not counted else 1,
        lines=3,
    )


def _cell(row: dict[str, Any], name: str) -> str:
    value = row[name]
    return _spelt(value, column(name).unit)


def _spelt(value: Any, unit: str) -> str:
    """Text of a value; utils, nats and the like have three decimals."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and unit not in ("share", "probability", "difference"):
        return f"{value:,.3f}" if abs(value) < 1000 else f"{value:,.1f}"
    return spelled(value, unit)
