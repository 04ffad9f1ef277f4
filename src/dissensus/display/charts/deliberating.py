"""Pictures of many deciding together: opinions round by round, conflict level by level."""

from __future__ import annotations

from typing import Any

import altair as alt

from dissensus.display.charts.drawing import bars, lines
from dissensus.display.charts.kinds import Picture, kind
from dissensus.display.charts.look import Look
from dissensus.model.columns import column
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["levels", "opinions"]

_PANELS = 4
_MOST = 6
_CONFLICTS = ("within", "between", "leaf_conflict", "up_conflict", "top_conflict")

Row = dict[str, Any]


@kind("opinions", ("simulate",), "what each part thinks of each result, round by round: lines")
def opinions(result: Result, look: Look) -> Picture | None:
    """Draw a panel for each result, in it a line for each part."""
    table = next(
        (
            one
            for one in result.tables.values()
            if {"round", "part", "result", "opinion"} <= set(one.column_names)
        ),
        None,
    )
    if table is None or len(set(table["round"].to_pylist())) < 2:
        return None
    rows = table.to_pylist()
    last = max(row["round"] for row in rows)
    of = list(dict.fromkeys(row["result"] for row in rows))
    parts = list(dict.fromkeys(row["part"] for row in rows))[:_MOST]
    panels, told = [], []
    for one in of[:_PANELS]:
        fields = [
            _point(row, last) for row in rows if row["result"] == one and row["part"] in parts
        ]
        at_most = all(0 <= row["value"] <= 1 for row in fields)
        chart = lines(
            fields, look, "opinion", x_title="round", ordered=False, of_one=at_most
        ).properties(title=spelled(one), height=180)
        panels.append(chart)
        ends = ", ".join(f"{row['series']} {row['text']}" for row in fields if row["is_last"])
        told.append(f"of {spelled(one)} in the end: {ends}")
    left = [
        f" The first {limit} of {len(all_of)} {name}."
        for limit, all_of, name in (
            (_PANELS, of, "results"),
            (_MOST, {row["part"] for row in rows}, "parts"),
        )
        if len(all_of) > limit
    ]
    caption = "How highly each part thinks of a result, round by round; lines that meet agree."
    return Picture(
        alt.vconcat(*panels, spacing=16), f"{caption}{''.join(left)}", f"{'; '.join(told)}."
    )


def _point(row: Row, last: int) -> Row:
    text = spelled(row["opinion"], "utils")
    return {
        "series": spelled(row["part"]),
        "x": row["round"],
        "value": row["opinion"],
        "text": text,
        "is_last": row["round"] == last,
        "tips": {"": spelled(row["part"]), "round": spelled(row["round"]), "opinion": text},
    }


@kind("levels", ("simulate",), "conflict at each level of a hierarchy, from the top down: bars")
def levels(result: Result, look: Look) -> Picture | None:
    """Draw the conflicts of each level as a panel, from the top down."""
    table = result.rows
    if not {"tree_level", "leaf_conflict"} <= set(table.column_names):
        return None
    fields = [
        {
            "over": f"{spelled(row['tree_level'])} ({spelled(row['nodes'])})",
            "name": column(name).label,
            "value": row[name],
            "text": spelled(row[name], "probability"),
            "tips": {"": column(name).reading},
        }
        for row in table.to_pylist()
        for name in _CONFLICTS
        if name in row and row[name] is not None
    ]
    if not fields:
        return None
    caption = (
        "From the whole down, with how many nodes there are: what of the conflict lies inside and "
        "between them, and who conflicts with what is chosen."
    )
    told = "; ".join(f"{one['over']}, {one['name']} {one['text']}" for one in fields)
    return Picture(bars(fields, look, "chance of a conflict"), caption, f"{told}.")
