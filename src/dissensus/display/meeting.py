"""Pairs from a network on a terminal: along edges, beside random pairs."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.compute as pc
from rich.console import RenderableType

from dissensus.display.layout import Field
from dissensus.display.rows import Shape
from dissensus.display.sheet import LONGEST, Cell, Listing, named, number, value
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["meeting"]


def meeting(result: Result, shape: Shape, times: str) -> Iterator[RenderableType]:
    """List what holds along the edges that were given; of many rows those with the most edges."""
    heads = {"network": "Along the edges of the network", "network_within": "Along edges within"}
    for name, words in heads.items():
        if name not in result.tables:
            continue
        table, cut = result.tables[name], ""
        if table.num_rows > LONGEST:
            cut = f": of {table.num_rows:,} rows those with the most edges"
            order = pc.sort_indices(table, sort_keys=[("edges", "descending")])
            table = table.take(order[:LONGEST])
        cells = _cells(shape, times)
        yield from Listing(words + cut, table, cells, "network_misalignment").draw()


def _cells(shape: Shape, times: str) -> list[Cell]:
    over = [named(shape.over, shape.over, lines=1)] if shape.over else []
    among = Field("among those\nwith a goal", "number")
    cells = [
        *over,
        named(", ".join(shape.by), lambda row: shape.who(row, times), lines=3),
        value("network_misalignment"),
        number("misalignment", "random\npairs"),
        Cell(among, lambda row: spelled(row["network_conditional_misalignment"], "probability")),
        number("network_participation", "participation", rank=1),
        number("edges", rank=1),
    ]
    return cells + ([number("areas", rank=2)] if not shape.one_area else [])
