"""A result on a terminal: the answer first, then what stands out, then what it does not say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.compute as pc
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from dissensus.display.audit import AuditView
from dissensus.display.card import CardView
from dissensus.display.comparison import comparison
from dissensus.display.description import Description
from dissensus.display.differences import differences
from dissensus.display.explanation import explanation
from dissensus.display.judgement import judgement
from dissensus.display.layout import Field, Grid, signs
from dissensus.display.meeting import meeting
from dissensus.display.mixture import mixture
from dissensus.display.picking import is_silent
from dissensus.display.plan import Part, Plan, plan
from dissensus.display.prose import prose
from dissensus.display.rows import INTERNAL, Shape
from dissensus.display.sentences import SILENT_ROWS, head_line, limits, reading, title
from dissensus.display.service import service
from dissensus.display.sheet import Cell, Listing, first, named, number, value
from dissensus.display.simulation import SimulationView
from dissensus.model.columns import column
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["view"]

_ABREAST = 4  # companions that stand side by side
_FEW = 5  # rows of a short list

# questions whose answer is no list of values of populations or pairs
_WIDER = {"explain": explanation, "mix": mixture, "target": service}


def view(
    result: Result,
    *,
    min_agents: int | None = None,
    overall: bool = False,
    quiet: bool = False,
    per_area: bool = False,
) -> RenderableType:
    """Show a result.

    Parameters
    ----------
    result : Result
        The answer to any question.
    min_agents : int, optional
        Rows about fewer agents are hidden, and counted. If not given, those with fewer than 30
        are, unless that would hide every segment.
    overall : bool
        Only the means over problem areas.
    quiet : bool
        Tables only, no sentences.
    per_area : bool
        Of a comparison, the single areas in which they conflict most too.
    """
    question = result.summary.get("question")
    if question == "describe":
        return Description(result, quiet=quiet)
    if question in ("reflexivity", "alignment"):
        return CardView(result, quiet=quiet)
    if question == "audit":
        return AuditView(result, quiet=quiet)
    if question == "simulate":
        return SimulationView(result, quiet=quiet)
    if question == "compare":
        return comparison(
            result, min_agents=min_agents, overall=overall, quiet=quiet, per_area=per_area
        )
    wider = _WIDER.get(str(question))
    if wider is not None:
        return wider(result, min_agents=min_agents, overall=overall, quiet=quiet)
    planned = plan(result, min_agents, overall=overall)
    return _View(result, Shape.of(result), planned, quiet=quiet)


@dataclass(frozen=True)
class _View:
    result: Result
    shape: Shape
    plan: Plan
    quiet: bool

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        times, more = signs(options).times, signs(options).more
        if not self.quiet:
            yield from self._head(more)
        for place, part in enumerate(self.plan.parts):
            yield from self._part(part, times)
            if not place and not self.quiet:
                yield from self._reading(part)
            if not place:
                yield from self._companions(part, times)
                yield from meeting(self.result, self.shape, times)
                yield from judgement(self.result, self.shape, times, quiet=self.quiet)
        yield from self._themselves()
        yield from differences(self.result)
        if not self.quiet:
            yield from self._foot()

    def _head(self, more: str) -> Iterator[RenderableType]:
        yield prose(title(self.shape), "bold")
        yield prose(head_line(self.result, more))
        for note in self.result.summary.get("notes") or ():
            yield prose(f"Note: {note}", "yellow")
        yield Text()

    def _part(self, part: Part, times: str) -> Iterator[RenderableType]:
        """Draw the sections of a part, their columns in line, the headings of columns once."""
        who = not part.same
        fields = self.shape.fields(areas=part.areas, who=who)
        rows = [
            self.shape.rows(section.table, areas=part.areas, who=who, times=times)
            for section in part.sections
        ]
        among = [row for some in rows for row in some]
        for place, (section, some) in enumerate(zip(part.sections, rows, strict=True)):
            if not some:
                continue
            if section.head:
                yield Text(section.head, style="bold").append(self._only(part, times, place))
            yield Padding(Grid(fields, some, among, heads=not place), (0, 0, 0, 2))
            yield Text()

    def _only(self, part: Part, times: str, place: int) -> Text:
        """Name the segment that all rows are about, in the first heading."""
        if not part.same or place:
            return Text()
        row = part.sections[0].table.slice(0, 1).to_pylist()[0]
        return Text(f" ({self.shape.who(row, times)})", style="not bold")

    def _reading(self, part: Part) -> Iterator[RenderableType]:
        for section in part.sections[:1]:
            for row in section.table.slice(0, 1).to_pylist():
                yield prose(reading(self.shape, row), "italic")
                yield Text()

    def _companions(self, part: Part, times: str) -> Iterator[RenderableType]:
        """Companions that were asked for, a few at a time."""
        over = self.shape.over
        cells = [named(over, over, lines=1)] if over else []
        cells.append(named(", ".join(self.shape.by), lambda row: self.shape.who(row, times)))
        for start in range(0, len(self.shape.companions), _ABREAST):
            some = [_companion(name) for name in self.shape.companions[start : start + _ABREAST]]
            for section in part.sections:
                yield from Listing("", section.table, [*cells, *some]).draw()
        for name in self.shape.companions:
            whole = part.sections[0].table
            if whole.num_rows and whole[name].null_count == whole.num_rows and not self.quiet:
                why = dict(whole["reasons"][0].as_py() or []).get(name, "it cannot be given")
                yield prose(f"{column(name).label}: none, {why}.")
                yield Text()

    def _themselves(self) -> Iterator[RenderableType]:
        """Segments whose agents conflict most with themselves, where pairs were asked about."""
        within = self.result.tables.get("within")
        if not self.shape.pairs or within is None or INTERNAL not in within.column_names:
            return
        parts = within.filter(pc.equal(within["scope"], "segment"))
        cells = [
            *([named(self.shape.over, self.shape.over, lines=1)] if self.shape.over else []),
            named(", ".join(self.shape.by), self.shape.side, lines=3),
            value(INTERNAL),
            number("participation"),
            number("agents"),
        ]
        few = first(parts, INTERNAL, _FEW)
        yield from Listing("Most with themselves", few, cells, bar=INTERNAL).draw()

    def _foot(self) -> Iterator[RenderableType]:
        planned = self.plan
        if any(pc.any(is_silent(table)).as_py() for table in planned.tables):
            yield prose(SILENT_ROWS)
        if planned.hidden:
            hidden = f"Hidden: {_rows(planned.hidden)} about fewer than {planned.limit} agents"
            yield prose(f"{hidden}.")
        if planned.all_small:
            few = f"There are fewer than {planned.limit} agents"
            yield prose(f"{few} in each row: one more or less may move a value a lot.")
        for reason, count in planned.without[:3]:
            yield prose(f"No value in {_rows(count)}: {reason}.")
        yield prose(limits(self.shape), "dim")


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def _companion(name: str) -> Cell:
    """Column of a companion, its heading as narrow as its words."""
    about = column(name)
    head = Field(about.label.replace(" ", "\n"), "number")
    return Cell(head, lambda row: spelled(row[name], about.unit) or "none")
