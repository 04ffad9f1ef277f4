"""Picture of scale: what the system does, by compute and by how much harder a part is."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import altair as alt

from dissensus.display.charts.kinds import Picture, kind
from dissensus.display.charts.look import Look
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["phases"]

_NOTHING = "no choice"
_MOST = 6
_OTHERS = "another"

Row = dict[str, Any]


@kind("phases", ("simulate",), "what it does, by compute and hardness: tiles, and where it flips")
def phases(result: Result, look: Look) -> Picture | None:
    """Draw the phase diagram, and under it the phases of the system as it is."""
    diagram = result.tables.get("diagram")
    if diagram is None or "hardness_ratio" not in diagram.column_names:
        return None
    tiles = [
        {**row, "does": _does(row), "x": _short(row["compute"]), "y": _short(row["hardness_ratio"])}
        for row in diagram.to_pylist()
    ]
    spans = [{**row, "does": _does(row)} for row in result.rows.to_pylist()]
    names = list(dict.fromkeys(row["does"] for row in [*spans, *tiles]))
    kept = {name: name if place < _MOST - 1 else _OTHERS for place, name in enumerate(names)}
    if len(names) <= _MOST:
        kept = {name: name for name in names}
    for row in [*tiles, *spans]:
        row["does"] = kept[row["does"]]
    shown = list(dict.fromkeys(kept.values()))
    scale = alt.Scale(domain=shown, range=list(look.series[: len(shown)]))
    colour = alt.Color("does:N", scale=scale, legend=None)
    chart = alt.vconcat(_tiles(tiles, colour, look), _spans(spans, colour, look), spacing=24)
    flips = [
        f"{before['does']} to {after['does']} at {_short(before['compute_to'])}"
        for before, after in pairwise(spans)
    ]
    caption = (
        "Above: what it does at so much compute (across) if the hardest part were so many times "
        "harder than the easiest (up). Below: the system as it is, and where it flips."
    )
    told = f"Flips of the system as it is: {'; '.join(flips)}." if flips else "It never flips."
    return Picture(chart, caption, f"{told} Outcomes in the diagram: {', '.join(shown)}.")


def _does(row: Row) -> str:
    return " or ".join(map(spelled, row["outcome"])) if row["outcome"] else _NOTHING


def _short(value: float) -> str:
    return f"{value:.2g}" if value < 100 else f"{value:.0f}"


def _tiles(rows: list[Row], colour: alt.Color, look: Look) -> Any:
    across = list(dict.fromkeys(row["x"] for row in rows))
    up = list(dict.fromkeys(row["y"] for row in rows))[::-1]
    x = alt.X("x:O", sort=across, title="compute", axis=alt.Axis(labelAngle=0))
    y = alt.Y("y:O", sort=up, title="times harder")
    tips = [
        alt.Tooltip("does:N", title="does"),
        alt.Tooltip("x:N", title="compute"),
        alt.Tooltip("y:N", title="times harder"),
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y)
    named = alt.Chart(alt.InlineData(values=_named(rows))).encode(x=x, y=y, text="does:N")
    return alt.layer(
        # pale, so that the names on them can be read by day and by night
        base.mark_rect(opacity=0.45, stroke=look.rule).encode(color=colour, tooltip=tips),
        named.mark_text(fontWeight="bold", color=look.ink),
    ).properties(width=440, height=230)


def _named(rows: list[Row]) -> list[Row]:
    """Tiles that carry a name: in the middle of the row of tiles where an outcome is widest."""
    runs: dict[str, list[Row]] = {}
    for does in dict.fromkeys(row["does"] for row in rows):
        lines = [
            [row for row in rows if row["does"] == does and row["y"] == y]
            for y in dict.fromkeys(row["y"] for row in rows)
        ]
        widest = max(map(len, lines))
        same = [line for line in lines if len(line) == widest]
        runs[does] = same[len(same) // 2]
    return [run[len(run) // 2] for run in runs.values()]


def _spans(rows: list[Row], colour: alt.Color, look: Look) -> Any:
    log = alt.Scale(type="log", nice=False)
    x = alt.X("compute_from:Q", title="compute, of the system as it is", scale=log)
    data = alt.InlineData(values=rows)
    bar = alt.Chart(data).mark_bar(height=22, opacity=0.45)
    text = alt.Chart(data).mark_text(align="left", dx=6, color=look.ink)
    layers: list[Any] = [bar.encode(x=x, x2="compute_to:Q", color=colour)]
    if flips := rows[1:]:
        tick = alt.Chart(alt.InlineData(values=flips)).mark_tick(height=34, thickness=2)
        layers.append(tick.encode(x=x, color=alt.value(look.ink)))
    layers.append(text.encode(x=x, text="does:N"))
    return alt.layer(*layers).properties(width=440, height=44)
