"""Values that rest on judgements, on a terminal: how far they move if the judge is wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.compute as pc
from rich.console import RenderableType
from rich.text import Text

from dissensus.display.layout import Field
from dissensus.display.prose import prose
from dissensus.display.rows import Shape
from dissensus.display.sheet import LONGEST, Cell, Listing, named, number, value
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["judgement"]


def judgement(result: Result, shape: Shape, times: str, *, quiet: bool) -> Iterator[RenderableType]:
    """List the range of each value; of many rows those with the widest."""
    judge = result.summary.get("judge")
    if not judge or "judged" not in result.tables:
        return
    table, cut = result.tables["judged"], ""
    if table.num_rows > LONGEST:
        cut = f": of {table.num_rows:,} rows those with the widest range"
        width = pc.fill_null(pc.subtract(table["judged_high"], table["judged_low"]), -1.0)
        order = pc.sort_indices(width, sort_keys=[("", "descending")])
        table = table.take(order[:LONGEST])
    over = [named(shape.over, shape.over, lines=1)] if shape.over else []
    cells = [
        *over,
        named(", ".join(shape.by), lambda row: shape.who(row, times), lines=3),
        value("misalignment"),
        Cell(Field("lowest", "number"), lambda row: spelled(row["judged_low"], "probability")),
        Cell(Field("highest", "number"), lambda row: spelled(row["judged_high"], "probability")),
        number("judgements", rank=1),
    ]
    yield from Listing(f"If the judge is wrong{cut}", table, cells, "misalignment").draw()
    if quiet:
        return
    flips = judge["flips"]
    reversed_ = f"{flips:,} of them reversed" if flips else "none reversed"
    yield prose(
        f"Conflict of goals judged by {judge['model'] or 'a judge without a name'}: each judgement "
        f"off by at most {judge['error']:g}, {reversed_}.",
        "italic",
    )
    yield Text()
