"""Pictures of mechanisms: what changes step by step, and who gets what from what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.types as kinds_of

from dissensus.display.charts import dealing, deliberating, reflecting, scale
from dissensus.display.charts.drawing import grid, lines
from dissensus.display.charts.kinds import Picture, kind
from dissensus.display.charts.look import Look
from dissensus.model.columns import column
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["course", "drawn_tables", "say", "squares", "standing"]

# what is drawn for one mechanism goes before what is drawn for any
del dealing, deliberating, reflecting, scale

# columns along which something changes
_TIMES = ("step", "time", "round", "level", "horizon", "compute", "capacity", "rationality")
# columns whose values are told apart by lines, or by rows of squares
_SERIES = (
    "part",
    "objective",
    "solution",
    "agent",
    "rule",
    "group",
    "prior",
    "start",
    "capacity_kind",
)
_OPTIONS = ("action", "solution", "rule", "option", "outcome", "plan")
_MOST = 6

Row = dict[str, Any]


def drawn_tables(result: Result) -> Iterator[tuple[str, str, pa.Table]]:
    """Name, title and rows of every table of a mechanism's result."""
    titles: Mapping[str, str] = result.summary.get("sections") or {}
    for name, table in {"rows": result.rows, **result.tables}.items():
        if table.num_rows:
            yield name, str(titles.get(name) or name), table


@kind("course", ("simulate",), "what changes step by step: lines")
def course(result: Result, look: Look) -> Picture | None:
    """Draw the first table that has a column of steps."""
    for _, title, table in drawn_tables(result):
        picture = _course(title, table, look)
        if picture is not None:
            return picture
    return None


def _course(title: str, table: pa.Table, look: Look) -> Picture | None:
    time = next((name for name in _TIMES if name in table.column_names), None)
    if time is None or len(set(table[time].to_pylist())) < 2:
        return None
    numbers = [
        name
        for name in table.column_names
        if name != time and kinds_of.is_floating(table.schema.field(name).type)
    ]
    series = next((name for name in _SERIES if name in table.column_names), None)
    if not numbers:
        return None
    rows = [row for row in table.to_pylist() if row[time] is not None]
    unit = column(numbers[0]).unit
    parts: dict[str, list[tuple[Any, Any]]] = {}
    if series is not None:
        for row in rows:
            parts.setdefault(spelled(row[series]), []).append((row[time], row[numbers[0]]))
        label = column(numbers[0]).label
    else:
        same = [name for name in numbers if column(name).unit == unit]
        parts = {column(name).label: [(row[time], row[name]) for row in rows] for name in same}
        label = unit or title
    if any(len({x for x, _ in points}) < len(points) for points in parts.values()):
        return None  # something else tells these rows apart
    fields = [field for name in list(parts)[:_MOST] for field in _points(name, parts[name], unit)]
    if len(fields) < 2:
        return None
    names = column(time)
    share = unit in ("share", "probability")
    chart = lines(fields, look, label, x_title=names.label, ordered=False, of_one=share)
    ends = "; ".join(f"{row['series']} {row['text']}" for row in fields if row["is_last"])
    more = f" The first {_MOST} of {len(parts)}." if len(parts) > _MOST else ""
    return Picture(chart, f"{title}: {label} by {names.label}.{more}", f"At the end: {ends}.")


def _points(name: str, points: list[tuple[Any, Any]], unit: str) -> Iterator[Row]:
    known = [(x, y) for x, y in points if y is not None]
    for place, (x, y) in enumerate(known):
        yield {
            "series": name,
            "x": x,
            "value": y,
            "text": spelled(y, unit),
            "is_last": place == len(known) - 1,
            "tips": {"": name, "at": spelled(x), "value": spelled(y, unit)},
        }


@kind("squares", ("simulate",), "what each part gets from each option: squares")
def squares(result: Result, look: Look) -> Picture | None:
    """Draw the first table of parts, options and what the parts get."""
    for _, title, table in drawn_tables(result):
        names = set(table.column_names)
        option = next((one for one in _OPTIONS if one in names), None)
        if option is None or not {"part", "value"} <= names or set(_TIMES) & names:
            continue
        rows = [row for row in table.to_pylist() if row["value"] is not None]
        fields = [
            {
                "a": spelled(row["part"]),
                "b": spelled(row[option]),
                "value": row["value"],
                "text": spelled(row["value"], "share"),
                "tips": {"part": spelled(row["part"]), column(option).label: spelled(row[option])},
            }
            for row in rows
        ]
        if not fields or not all(0 <= row["value"] <= 1 for row in rows):
            continue
        told = "; ".join(f"{one['a']} from {one['b']} {one['text']}" for one in fields[:8])
        chart = grid(fields, look, "satisfaction", written=len({f["b"] for f in fields}) <= 16)
        caption = f"{title}. Darker: more of what the part could get at best."
        return Picture(chart, caption, f"{told}.")
    return None


@kind("say", ("simulate",), "the share of the say of each part, before and after: lines")
def say(result: Result, look: Look) -> Picture | None:
    """Draw the first table of parts with their weight before and after."""
    for _, title, table in drawn_tables(result):
        if not {"part", "weight_before", "weight"} <= set(table.column_names):
            continue
        rows = [
            row for row in table.to_pylist() if None not in (row["weight_before"], row["weight"])
        ]
        if not rows or len({row["part"] for row in rows}) < len(rows):
            continue  # something else tells these rows apart
        fields = [
            {
                "series": spelled(row["part"]),
                "x": when,
                "value": row[name],
                "text": spelled(row[name], "share"),
                "is_last": name == "weight",
                "tips": {"": spelled(row["part"]), when: spelled(row[name], "share")},
            }
            for row in rows[:_MOST]
            for when, name in (("before", "weight_before"), ("after", "weight"))
        ]
        told = "; ".join(
            f"{spelled(row['part'])} from {spelled(row['weight_before'], 'share')} to "
            f"{spelled(row['weight'], 'share')}"
            for row in rows
        )
        more = f" The first {_MOST} of {len(rows)}." if len(rows) > _MOST else ""
        chart = lines(fields, look, "share of the say", x_title="", ordered=True)
        return Picture(chart, f"{title}. A line that rises gains.{more}", f"{told}.")
    return None


@kind("standing", ("simulate",), "the standing of each part, acted on and left alone: lines")
def standing(result: Result, look: Look) -> Picture | None:
    """Draw how the standings move under what is done, and how they would have by themselves."""
    for _, title, table in drawn_tables(result):
        if not {"step", "part", "standing_share", "natural_share"} <= set(table.column_names):
            continue
        rows = table.to_pylist()
        parts = list(dict.fromkeys(row["part"] for row in rows))
        both = (("standing_share", ""), ("natural_share", ", left alone"))
        # what would have been is left out where there is no room to tell it apart
        drawn = both if len(parts) <= _MOST // len(both) else both[:1]
        fields = [
            field
            for part in parts[:_MOST]
            for name, more in drawn
            for field in _points(
                f"{spelled(part)}{more}",
                [(row["step"], row[name]) for row in rows if row["part"] == part],
                "share",
            )
        ]
        ends = "; ".join(f"{one['series']} {one['text']}" for one in fields if one["is_last"])
        more = f" The first {_MOST} of {len(parts)}." if len(parts) > _MOST else ""
        chart = lines(fields, look, column("standing_share").label, x_title="step", ordered=False)
        return Picture(chart, f"{title}, step by step.{more}", f"At the end: {ends}.")
    return None
