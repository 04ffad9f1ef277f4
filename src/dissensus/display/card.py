"""The card of a system: under which relations it is aligned with itself, and where the gap lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from dissensus.display.layout import Field, Grid, Row
from dissensus.display.prose import prose
from dissensus.model.columns import column
from dissensus.model.result import Result

__all__ = ["CardView", "because", "card_grid", "card_line"]


@dataclass(frozen=True)
class CardView:
    """The result of ``reflexivity`` or ``alignment``.

    Attributes
    ----------
    result : Result
        What to show.
    quiet : bool
        The table only, no sentences.
    """

    result: Result
    quiet: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the card."""
        summary = self.result.summary
        if not self.quiet:
            yield prose(str(summary.get("title") or summary.get("name") or "System"), "bold")
            for note in summary.get("notes") or ():
                yield prose(f"Note: {note}", "yellow")
            yield prose(str(summary["head_line"]))
            yield Text()
        yield Padding(card_grid(self.result.rows.to_pylist()), (0, 0, 0, 2))
        if not self.quiet:
            yield Text()
            yield from because(self.result.rows.to_pylist())
            yield Text()
            yield from self._foot()

    def _foot(self) -> Iterator[RenderableType]:
        for name, words in self.result.provenance.get("conventions", {}).items():
            yield prose(f"  {name}: {words}", "dim")


def card_line(rows: Sequence[Mapping[str, Any]]) -> str:
    """Under how many relations it is."""
    verdicts = [row["verdict"] for row in rows]
    known = len(verdicts) - verdicts.count("UNDEFINED")
    return f"Under {verdicts.count('HOLDS')} of {known} relations"


def card_grid(rows: Sequence[Mapping[str, Any]]) -> Grid:
    """One row a relation: its score, and the two halves of the gap."""
    fields = [
        Field("relation", lines=2),
        Field("score", "value"),
        Field("no policy\nwould do", "number"),
        Field("the rule's\nfault", "number"),
    ]
    return Grid(fields, [_row(row) for row in rows])


def because(rows: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    """Why a relation does not hold, one line each."""
    failed = [row for row in rows if row["verdict"] != "HOLDS"]
    if failed:
        yield Text(column("witness").label.capitalize(), style="bold")
    for row in failed:
        yield prose(f"  {row['number']} {row['relation']}: {row['witness'] or row['status']}")


_GAPS = ("intrinsic_gap", "procedural_gap")


def _row(row: Mapping[str, Any]) -> Row:
    score = row["score"]
    shown = row["verdict"].lower() if score is None else f"{score:.2f}"
    gaps = [f"{row[name]:.2f}" if row[name] else "" for name in _GAPS]
    bar = None if score is None else min(max(score, 0.0), 1.0)
    return Row([f"{row['number']} {row['relation']}", shown, *gaps], bar)
