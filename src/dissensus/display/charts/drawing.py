"""The few forms that all charts are made of: bars, a grid of squares, lines, a scatter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from dissensus.display.charts.look import RAMP, Look

__all__ = ["Rows", "bars", "grid", "lines", "scatter"]

Rows = Sequence[dict[str, Any]]

_UNIT = alt.Scale(domain=[0, 1])
_FIFTHS = [0, 0.2, 0.4, 0.6, 0.8, 1]
_STEP = 26
# least distance of two names at the ends of lines, as a part of the height
_APART = 0.055
_WIDTH = 460


def _data(rows: Rows) -> alt.InlineData:
    return alt.InlineData(values=list(rows))


def bars(rows: Rows, look: Look, title: str, *, of_one: bool = True) -> Any:
    """Bars from 0, each with its value written at its end; an interval as a thin line on it.

    ``rows`` have ``name``, ``value`` and ``text``; optionally ``low`` and ``high``, and ``over``,
    which makes a panel of each of its values.
    """
    if not any("over" in row for row in rows):
        return _bars(rows, look, title, of_one=of_one)
    overs = list(dict.fromkeys(row["over"] for row in rows))
    panels = [[row for row in rows if row["over"] == over] for over in overs]
    charts = [
        _bars(some, look, title if some is panels[-1] else "", of_one=of_one).properties(title=over)
        for over, some in zip(overs, panels, strict=True)
    ]
    return alt.vconcat(*charts, spacing=16)


def _bars(rows: Rows, look: Look, title: str, *, of_one: bool) -> Any:
    axis = alt.Axis(format="~g", values=_FIFTHS, labels=bool(title)) if of_one else alt.Axis()
    x = alt.X("value:Q", title=title or None, scale=_UNIT if of_one else alt.Scale(), axis=axis)
    base = alt.Chart().encode(y=alt.Y("name:N", title=None, sort=None))
    layers: list[Any] = [
        base.mark_bar(color=look.accent, height=14).encode(x=x, tooltip=_tips(rows))
    ]
    if any(row.get("high") is not None for row in rows):
        rule = base.mark_rule(color=look.ink, strokeWidth=1.5)
        layers.append(rule.encode(x=alt.X("low:Q"), x2="high:Q"))
    text = base.mark_text(align="left", dx=5, color=look.ink)
    layers.append(text.encode(x="end:Q", text="text:N"))
    known = [{**row, "end": max(row["value"], row.get("high") or 0)} for row in rows]
    return alt.layer(*layers).properties(width=_WIDTH, height=alt.Step(_STEP), data=_data(known))


def grid(rows: Rows, look: Look, title: str, *, written: bool) -> Any:
    """Squares, darker where the value is higher; ``rows`` have ``a``, ``b``, ``value``, ``text``.

    ``written`` puts the values into the squares. ``over`` makes a panel of each of its values.
    """
    first = list(dict.fromkeys(row["a"] for row in rows))
    second = list(dict.fromkeys(row["b"] for row in rows))
    if set(first) == set(second):
        second = first  # so that the diagonal is one
    x = alt.X("b:N", title=None, sort=second, axis=alt.Axis(orient="top", labelAngle=-40))
    y = alt.Y("a:N", title=None, sort=first)
    ramp = alt.Scale(domain=[0, 1], range=list(RAMP))
    legend = None if written else alt.Legend(title=title, orient="bottom", gradientLength=200)
    colour = alt.Color("value:Q", scale=ramp, legend=legend)
    tips = _tips(rows)
    base = alt.Chart().encode(x=x, y=y)
    layers: list[Any] = [base.mark_rect(stroke=look.rule).encode(color=colour, tooltip=tips)]
    if written:
        ink = alt.condition("datum.value > 0.45", alt.value("white"), alt.value("#1b1b1b"))
        layers.append(base.mark_text(fontSize=11).encode(text="text:N", color=ink))
    size = 46 if written else max(8, min(24, 600 // max(len(first), len(second), 1)))
    chart = alt.layer(*layers).properties(width=alt.Step(size), height=alt.Step(min(size, 30)))
    if any("over" in row for row in rows):
        return chart.facet(row=_panel(rows), data=_data(rows))
    return chart.properties(data=_data(rows))


def lines(
    rows: Rows, look: Look, title: str, *, x_title: str, ordered: bool, of_one: bool = True
) -> Any:
    """One line a series, named at its end; ``rows`` have ``x``, ``value``, ``series``, ``text``.

    ``ordered``: x are names in order rather than numbers.
    """
    names = list(dict.fromkeys(row["series"] for row in rows))
    kind = "O" if ordered else "Q"
    scale = alt.Undefined if ordered else alt.Scale(zero=False, nice=False)
    places = list(dict.fromkeys(row["x"] for row in rows))
    axis = alt.Axis(grid=False, format="~g", tickCount=8)
    if ordered:
        axis = alt.Axis(grid=False, labelAngle=0)
    elif len(places) <= _STEP // 2:
        axis = alt.Axis(grid=False, format="~f", values=places)
    x = alt.X(f"x:{kind}", title=x_title, scale=scale, sort=None, axis=axis)
    heights = _UNIT if of_one else alt.Scale(nice=True)
    y = alt.Y("value:Q", title=title, scale=heights, axis=alt.Axis(grid=True, format="~g"))
    colours = alt.Scale(domain=names, range=list(look.series[: len(names)]))
    colour = alt.Color("series:N", scale=colours, legend=None)
    base = alt.Chart().encode(x=x, y=y, color=colour)
    layers: list[Any] = []
    if any(row.get("high") is not None for row in rows):
        band = alt.Chart().mark_area(opacity=0.15)
        layers.append(band.encode(x=x, y=alt.Y("low:Q", title=title), y2="high:Q", color=colour))
    layers.append(base.mark_line(strokeWidth=2))
    layers.append(base.mark_point(size=40, filled=True, opacity=1).encode(tooltip=_tips(rows)))
    spread = 1.0 if of_one else _spread(rows)
    last = _apart([row for row in rows if row.get("is_last")], _APART * spread)
    label = alt.Chart(_data(last)).mark_text(align="left", dx=8, fontSize=12)
    layers.append(label.encode(x=x, y="at:Q", text="series:N", color=colour))
    return alt.layer(*layers).properties(width=_WIDTH, height=260, data=_data(rows))


def scatter(rows: Rows, look: Look, x_title: str, y_title: str) -> Any:
    """Points, those named that stand out; ``rows`` have ``x``, ``y``, ``name``, ``stands_out``."""
    axis = alt.Axis(format="~g", grid=True)
    x = alt.X("x:Q", title=x_title, scale=alt.Scale(zero=False, padding=20), axis=axis)
    y = alt.Y("y:Q", title=y_title, scale=alt.Scale(zero=False, padding=20), axis=axis)
    colour = alt.condition("datum.stands_out", alt.value(look.accent), alt.value(look.quiet))
    points = alt.Chart().mark_point(filled=True, size=60, opacity=0.9)
    named = [row for row in rows if row["stands_out"]]
    text = alt.Chart(_data(named)).mark_text(align="left", dx=8, color=look.ink)
    return alt.layer(
        points.encode(x=x, y=y, color=colour, tooltip=_tips(rows)),
        text.encode(x=x, y=y, text="name:N"),
    ).properties(width=_WIDTH, height=320, data=_data(rows))


def _panel(rows: Rows) -> alt.Row:
    order = list(dict.fromkeys(row["over"] for row in rows))
    header = alt.Header(labelOrient="top", labelAnchor="start", labelFontWeight="bold")
    return alt.Row("over:N", title=None, sort=order, header=header)


def _spread(rows: Rows) -> float:
    values = [float(row["value"]) for row in rows]
    return max(*values, 0.0) - min(*values, 0.0)


def _apart(rows: Rows, least: float) -> Rows:
    """Move names that would overlap up, in the order of their values."""
    below = float("-inf")
    out = []
    for row in sorted(rows, key=lambda row: float(row["value"])):
        below = max(float(row["value"]), below + least)
        out.append({**row, "at": below})
    return out


def _tips(rows: Rows) -> list[alt.Tooltip]:
    """What stands in the ``tips`` of the first row is shown on pointing at a mark."""
    keys = list(rows[0].get("tips", {})) if rows else []
    return [alt.Tooltip(f"tips.{key}:N", title=key) for key in keys]
