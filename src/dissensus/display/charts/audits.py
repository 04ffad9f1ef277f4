"""Pictures of audits: which outcomes the readings give, what decides, what each part gets."""

from __future__ import annotations

from typing import Any

from dissensus.display.charts.drawing import bars, grid
from dissensus.display.charts.kinds import Picture, kind
from dissensus.display.charts.look import Look
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["deciding", "gains", "outcomes"]

_TITLE = "share of the readings"


def _rows(result: Result, name: str) -> list[dict[str, Any]]:
    table = result.tables.get(name)
    return [] if table is None else table.to_pylist()


@kind("outcomes", ("audit",), "the outcomes, and how many readings lead to each")
def outcomes(result: Result, look: Look) -> Picture | None:
    """Draw the outcomes by the share of the readings that lead to them."""
    found, cells = result.summary.get("outcomes") or [], result.summary.get("cells")
    if not found or not cells:
        return None
    fields = [
        {
            "name": " or ".join(map(spelled, one["outcome"])),
            "value": one["cells"] / cells,
            "text": f"{one['cells']:,} of {cells:,}",
            "tips": {"readings": f"{one['cells']:,}"},
        }
        for one in found
    ]
    caption = f"{result.summary.get('caveat', '')} Options with 'or' between them are tied."
    told = "; ".join(f"{one['name']}: {one['text']} readings" for one in fields)
    return Picture(bars(fields, look, _TITLE), caption, f"{told}.")


@kind("deciding", ("audit",), "which choice decides the outcome most")
def deciding(result: Result, look: Look) -> Picture | None:
    """Draw the total importance of each choice."""
    rows = [row for row in _rows(result, "importance") if row["total"] is not None]
    if not rows:
        return None
    fields = [
        {
            "name": row["axis_label"],
            "value": row["total"],
            "text": spelled(row["total"], "share"),
            "tips": {"alone": spelled(row["main"], "share")},
        }
        for row in rows
    ]
    caption = "Share of the uncertainty about the outcome that is left when all else is stated."
    told = "; ".join(f"{one['name']} {one['text']}" for one in fields)
    return Picture(bars(fields, look, "with all else stated"), caption, f"{told}.")


@kind("gains", ("audit",), "what each option gives each part")
def gains(result: Result, look: Look) -> Picture | None:
    """Draw what each part gets from each option, on its own range."""
    rows = [row for row in _rows(result, "gains") if row["value"] is not None]
    if not rows:
        return None
    fields = [
        {
            "a": spelled(row["part"]),
            "b": spelled(row["action"]),
            "value": row["value"],
            "text": spelled(row["value"], "share"),
            "tips": {"part": spelled(row["part"]), "option": spelled(row["action"])},
        }
        for row in rows
    ]
    caption = "Rows: parts; columns: options. Darker: more of what the part could get at best."
    told = "; ".join(f"{one['a']} from {one['b']} {one['text']}" for one in fields[:8])
    written = len({one["b"] for one in fields}) <= 16
    return Picture(grid(fields, look, "satisfaction", written=written), caption, f"{told}.")
