"""Paired differences of a sample on a terminal: the surest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import RenderableType

from dissensus.display.layout import Field
from dissensus.display.rows import words
from dissensus.display.sheet import LONGEST, Cell, Listing, named, number
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["differences"]


def differences(result: Result) -> Iterator[RenderableType]:
    """List the differences that were asked for, those with the smallest p first."""
    table = result.tables.get("differences")
    if table is None or not table.num_rows:
        return
    order = pc.sort_indices(table, sort_keys=[("p_value", "ascending")])
    shown = table.take(order[:LONGEST])
    more = f", the surest {LONGEST} of {table.num_rows:,}" if table.num_rows > LONGEST else ""
    yield from Listing(f"Differences{more}", shown, _cells(table)).draw()


def _cells(table: pa.Table) -> list[Cell]:
    sides = {n.removesuffix("_first") for n in table.column_names if n.endswith("_first")}
    sides.discard("misalignment")
    own = [name for name in table.column_names if name.removesuffix("_first") in sides]
    names = [name.removesuffix("_first") for name in own if not name.endswith("_label_first")]
    first = table.column_names.index(own[0]) if own else 0
    common = [name for name in table.column_names[:first] if not name.endswith("_label")]

    def side(row: Mapping[str, Any], suffix: str) -> str:
        return ", ".join(_words(row, name, suffix) for name in names)

    def interval(row: Mapping[str, Any]) -> str:
        if row["difference_low"] is None:
            return "none"
        ends = (spelled(row[f"difference_{end}"], "difference") for end in ("low", "high"))
        return f"[{', '.join(ends)}]"

    return [
        *(named(name, name, lines=1) for name in common),
        named("first", lambda row: side(row, "_first")),
        named("second", lambda row: side(row, "_second")),
        number("difference"),
        Cell(Field("interval", "number"), interval),
        number("adjusted_p_value"),
        Cell(Field("found"), lambda row: "yes" if row["is_found"] else ""),
    ]


def _words(row: Mapping[str, Any], name: str, suffix: str) -> str:
    label = row.get(f"{name}_label{suffix}")
    return (
        spelled(row.get(f"{name}{suffix}")) if label is None else words({"label": label}, "label")
    )
