"""Pictures of bargaining: what the options and the solutions give the parts, with today marked."""

from __future__ import annotations

from typing import Any

import altair as alt
import pyarrow as pa

from dissensus.display.charts.drawing import lines
from dissensus.display.charts.kinds import Picture, kind
from dissensus.display.charts.look import Look
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["frontier"]

_TODAY = "today"
_SAME = " = "
_MOST = 6

Gets = dict[str, dict[str, float]]


@kind("frontier", ("simulate",), "what options and bargains give the parts, with today")
def frontier(result: Result, look: Look) -> Picture | None:
    """Draw two parts as a plane of options and solutions; more parts as a line a solution."""
    options, solutions = result.tables.get("frontier"), result.tables.get("parts")
    if options is None or solutions is None:
        return None
    if not {"action", "value"} <= set(options.column_names):
        return None
    if not {"solution", "change"} <= set(solutions.column_names):
        return None
    parts = list(dict.fromkeys(options["part"].to_pylist()))
    if len(parts) < 2:
        return None
    bargains = _merged({**_today(solutions), **_gets(solutions, "solution")})
    if len(parts) == 2:
        best = {row["action"] for row in options.to_pylist() if row["is_efficient"]}
        return _plane(parts, _gets(options, "action"), best, bargains, look)
    return _profiles(parts, bargains, look)


def _gets(table: pa.Table, name: str) -> Gets:
    found: Gets = {}
    for row in table.to_pylist():
        if row["value"] is not None:
            found.setdefault(spelled(row[name]), {})[row["part"]] = row["value"]
    return found


def _today(solutions: pa.Table) -> Gets:
    """What the parts get today: what a solution gives them, without the change."""
    rows = [row for row in solutions.to_pylist() if None not in (row["value"], row["change"])]
    found = {row["part"]: row["value"] - row["change"] for row in rows}
    return {_TODAY: found} if found else {}


def _merged(gets: Gets) -> Gets:
    """Put what gives all parts the same under one name."""
    names: dict[tuple[Any, ...], list[str]] = {}
    for name, values in gets.items():
        same = tuple(sorted((part, round(value, 6)) for part, value in values.items()))
        names.setdefault(same, []).append(name)
    return {_SAME.join(some): gets[some[0]] for some in names.values()}


def _plane(
    parts: list[str], options: Gets, best: set[str], bargains: Gets, look: Look
) -> Picture | None:
    first, second = parts
    points: list[dict[str, Any]] = [
        {
            "x": values[first],
            "y": values[second],
            "name": name,
            "lines": name.split(_SAME),
            "mark": mark,
        }
        for mark, gets in (("option", options), ("bargain", bargains))
        for name, values in gets.items()
        if {first, second} <= set(values)
    ]
    given = [point for point in points if point["mark"] == "option"]
    reached = [point for point in points if point["mark"] == "bargain"]
    edge = sorted((p for p in given if p["name"] in best), key=lambda p: (p["x"], -p["y"]))
    axis = alt.Axis(format="~g", grid=True)
    scale = alt.Scale(domain=[0, 1])
    x = alt.X("x:Q", title=f"what {spelled(first)} gets", scale=scale, axis=axis)
    y = alt.Y("y:Q", title=f"what {spelled(second)} gets", scale=scale, axis=axis)

    def layer(rows: list[dict[str, Any]]) -> Any:
        return alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y, tooltip="name:N")

    layers: list[Any] = []
    if len(edge) > 1:
        layers.append(layer(edge).mark_line(color=look.quiet, strokeDash=[4, 3]))
    if given:
        text = layer(given).mark_text(align="left", dx=12, dy=-9, color=look.ink)
        dots = layer(given).mark_point(filled=True, size=70, opacity=1, color=look.accent)
        layers += [dots, text.encode(text="name:N")]
    if reached:
        text = layer(reached).mark_text(align="right", dx=-12, dy=9, color=look.second)
        rings = layer(reached).mark_point(size=190, strokeWidth=2.5, color=look.second)
        layers += [rings, text.encode(text="lines:N")]
    if not layers:
        return None
    chart = alt.layer(*layers).properties(width=380, height=380)
    caption = (
        "Dots: options; the line joins those that nothing better for both replaces. "
        "Rings: what each bargain, or a lottery of it, gives, and what today gives."
    )
    told = "; ".join(
        f"{point['name']}: {first} {_share(point['x'])}, {second} {_share(point['y'])}"
        for point in points
    )
    return Picture(chart, caption, f"{told}.")


def _profiles(parts: list[str], bargains: Gets, look: Look) -> Picture | None:
    kept = dict(list(bargains.items())[:_MOST])
    fields = [
        {
            "series": name,
            "x": spelled(part),
            "value": values[part],
            "text": _share(values[part]),
            "is_last": part == parts[-1],
            "tips": {"": name, "part": spelled(part), "gets": _share(values[part])},
        }
        for name, values in kept.items()
        for part in parts
        if part in values
    ]
    if not fields:
        return None
    chart = lines(fields, look, "satisfaction", x_title="part", ordered=True)
    caption = "A line is a bargain, or today; its height at a part is what that part gets of it."
    told = "; ".join(
        f"{name}: " + ", ".join(f"{part} {_share(value)}" for part, value in values.items())
        for name, values in kept.items()
    )
    return Picture(chart, caption, f"{told}.")


def _share(value: float) -> str:
    return spelled(value, "share")
