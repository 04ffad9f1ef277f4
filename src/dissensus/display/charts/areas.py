"""Squares of one problem area: every pair of segments on it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dissensus.display.charts.drawing import grid
from dissensus.display.charts.kinds import Picture
from dissensus.display.charts.look import Look
from dissensus.display.rows import Shape, words
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["squares_by_area"]

# beyond these a page is too large to mail, and a switch longer than people look at
_AREAS = 12
_SEGMENTS = 30
_SQUARES = 2_400
_WRITTEN = 12
_TOLD = 8


def squares_by_area(result: Result, look: Look) -> list[tuple[str, Picture]]:
    """Name and squares of the areas with the widest pairs of segments, the widest first.

    Nothing of one area, or of fewer than three segments, where a table says as much.
    """
    shape, table = Shape.of(result), result.rows
    if not shape.pairs or shape.one_area:
        return []
    table = table.filter(pc.is_valid(table["misalignment"]))
    segments = sorted(
        {shape.side(row, side) for row in _sides(shape, table) for side in ("_a", "_b")}
    )
    if len(segments) < 3:
        return []
    kept = set(segments[:_SEGMENTS])
    most = max(1, min(_AREAS, _SQUARES // len(kept) ** 2))
    order = [("misalignment_max", "descending"), ("area", "ascending")]
    plain = table.set_column(
        table.column_names.index("area"), "area", table["area"].cast(pa.string())
    )
    widest = plain.group_by("area").aggregate([("misalignment", "max")]).sort_by(order)
    found = []
    for area in widest["area"].slice(0, most).to_pylist():
        rows = table.filter(pc.equal(plain["area"], area)).to_pylist()
        picture = _picture(shape, rows, kept, len(segments), look)
        if picture is not None:
            found.append((words(rows[0], "area"), picture))
    return found


def _sides(shape: Shape, table: pa.Table) -> list[dict[str, Any]]:
    """Each pair of segments once."""
    names = [name for name in table.column_names if name in _side_columns(shape)]
    pairs: list[dict[str, Any]] = table.group_by(names).aggregate([]).to_pylist()
    return pairs


def _side_columns(shape: Shape) -> set[str]:
    sides = [f"{name}_{side}" for name in shape.by for side in "ab"]
    return {*sides, *(f"{side}_label" for side in sides)}


def _picture(
    shape: Shape, rows: list[dict[str, Any]], kept: set[str], segments: int, look: Look
) -> Picture | None:
    pairs = [(shape.side(row, "_a"), shape.side(row, "_b"), row) for row in rows]
    pairs = [(a, b, row) for a, b, row in pairs if a in kept and b in kept]
    if not pairs:
        return None
    known = {(a, b) for a, b, _ in pairs}
    fields = [
        _square(shape, one, other, row)
        for a, b, row in pairs
        for one, other in ((a, b), (b, a))
        # of a pair that is told both ways each has its own square
        if (one, other) == (a, b) or (one, other) not in known
    ]
    fields.sort(key=lambda field: (field["a"], field["b"]))
    written = len({field["a"] for field in fields}) <= _WRITTEN
    chart = grid(fields, look, "misalignment", written=written)
    most = sorted(pairs, key=lambda pair: -pair[2]["misalignment"])[:_TOLD]
    told = "; ".join(f"{a} and {b} {_value(row)}" for a, b, row in most)
    left = f" The first {len(kept)} of {segments} segments." if segments > len(kept) else ""
    caption = (
        "Each square: how likely one agent of the row and one of the column hold conflicting "
        f"goals on this.{left} Empty: no value, or a segment with itself."
    )
    return Picture(chart, caption, f"Highest: {told}.")


def _square(shape: Shape, a: str, b: str, row: dict[str, Any]) -> dict[str, Any]:
    text = _value(row)
    field = {"a": a, "b": b, "value": row["misalignment"], "text": text}
    over = {"over": words(row, shape.over)} if shape.over else {}
    return {**field, **over, "tips": {"": f"{a}, {b}", "misalignment": text}}


def _value(row: dict[str, Any]) -> str:
    return spelled(row["misalignment"], "probability")
