"""Picture of meta-preferences: the mixtures that keep themselves, and what ends in each."""

from __future__ import annotations

from typing import Any

import altair as alt

from dissensus.display.charts.drawing import bars
from dissensus.display.charts.kinds import Picture, kind
from dissensus.display.charts.look import Look
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["basins"]

# corners of a triangle: left, right, top
_CORNERS = ((0.0, 0.0), (1.0, 0.0), (0.5, 0.866))

Row = dict[str, Any]


@kind("basins", ("simulate",), "mixtures that keep themselves, and how many starts end in each")
def basins(result: Result, look: Look) -> Picture | None:
    """Draw three preferences as a triangle of mixtures; others as bars of what ends in each."""
    found = result.rows
    if not {"equilibrium", "is_stable", "basin_share"} <= set(found.column_names):
        return None
    weights: dict[int, dict[str, float]] = {}
    for table in result.tables.values():
        if {"equilibrium", "standing_share"} <= set(table.column_names):
            for row in table.to_pylist():
                weights.setdefault(row["equilibrium"], {})[row["part"]] = row["standing_share"]
    points = [
        {
            "name": _words(weights.get(row["equilibrium"], {})) or spelled(row["equilibrium"]),
            "value": row["basin_share"],
            "text": _ends(row),
            "is_stable": row["is_stable"],
            "tips": {"outcome": _outcome(row)},
            "weights": weights.get(row["equilibrium"], {}),
        }
        for row in found.to_pylist()
        if row["basin_share"] is not None
    ]
    if not points:
        return None
    told = "; ".join(f"{one['name']}: {one['text']}" for one in points)
    parts = list(dict.fromkeys(part for one in weights.values() for part in one))
    if len(parts) == 3:
        caption = (
            "Each corner is one preference alone; a point is a mixture that keeps itself. Filled: "
            "stable, larger where more starts end; hollow: left at the least push."
        )
        return Picture(_triangle(points, parts, look), caption, f"{told}.")
    rows = [{key: one[key] for key in ("name", "value", "text", "tips")} for one in points]
    caption = "Mixtures that keep themselves, and the share of all starts that end in each."
    return Picture(bars(rows, look, "share of the starts"), caption, f"{told}.")


def _words(weights: dict[str, float]) -> str:
    kept = [(part, share) for part, share in weights.items() if share >= 0.005]
    return ", ".join(f"{spelled(part)} {spelled(share, 'share')}" for part, share in kept)


def _ends(row: Row) -> str:
    return spelled(row["basin_share"], "share") if row["is_stable"] else "unstable"


def _outcome(row: Row) -> str:
    return " or ".join(map(spelled, row["outcome"])) if row["outcome"] else "none"


def _triangle(points: list[Row], parts: list[str], look: Look) -> Any:
    edge = [
        {"x": x, "y": y, "order": place} for place, (x, y) in enumerate((*_CORNERS, _CORNERS[0]))
    ]
    names = [
        {"x": x, "y": y, "name": spelled(part), "below": y == 0}
        for part, (x, y) in zip(parts, _CORNERS, strict=True)
    ]
    marks = [
        {
            "x": sum(
                one["weights"][part] * x for part, (x, _) in zip(parts, _CORNERS, strict=True)
            ),
            "y": sum(
                one["weights"][part] * y for part, (_, y) in zip(parts, _CORNERS, strict=True)
            ),
            **{key: one[key] for key in ("name", "value", "text", "is_stable")},
            "tips": one["tips"],
        }
        for one in points
    ]
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.15, 1.15]))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-0.15, 1.0]))

    def layer(rows: list[Row]) -> Any:
        return alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y)

    tips = [
        alt.Tooltip("name:N", title="mixture"),
        alt.Tooltip("text:N", title="starts that end here"),
        alt.Tooltip("tips.outcome:N", title="outcome"),
    ]
    size = alt.Size("value:Q", scale=alt.Scale(domain=[0, 1], range=[60, 900]), legend=None)
    stable = [one for one in marks if one["is_stable"]]
    others = [one for one in marks if not one["is_stable"]]
    below = [one for one in names if one["below"]]
    above = [one for one in names if not one["below"]]
    corner = {"fontSize": 13, "fontWeight": "bold", "color": look.ink}
    layers: list[Any] = [
        layer(edge).mark_line(color=look.quiet).encode(order="order:Q"),
        layer(below).mark_text(dy=26, **corner).encode(text="name:N"),
        layer(above).mark_text(dy=-22, **corner).encode(text="name:N"),
    ]
    if others:
        hollow = layer(others).mark_point(filled=False, size=70, strokeWidth=2, color=look.second)
        layers.append(hollow.encode(tooltip=tips))
    if stable:
        disc = layer(stable).mark_circle(opacity=0.85, color=look.accent)
        text = layer(stable).mark_text(align="left", dx=18, color=look.ink)
        layers += [disc.encode(size=size, tooltip=tips), text.encode(text="text:N")]
    return alt.layer(*layers).properties(width=440, height=380)
