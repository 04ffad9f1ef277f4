"""Pictures of why, of what would change it, and of whom one policy can serve."""

from __future__ import annotations

from typing import Any

from dissensus.display.charts.drawing import bars, grid, lines, scatter
from dissensus.display.charts.kinds import Picture, kind
from dissensus.display.charts.look import Look
from dissensus.display.charts.populations import TIMES, value_row
from dissensus.display.rows import EVERYONE, Shape, words
from dissensus.model.columns import column
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["compare", "explain", "goals", "mix", "target"]

_MOST = 20

Row = dict[str, Any]


def _rows(result: Result, name: str) -> list[Row]:
    table = result.tables.get(name)
    return [] if table is None else table.to_pylist()


def _spelled(row: Row, name: str) -> str:
    return spelled(row[name], column(name).unit)


def _bar(name: str, row: Row, value: str, *tips: str) -> Row:
    shown = {column(tip).label: _spelled(row, tip) for tip in (value, *tips)}
    return {"name": name, "value": row[value], "text": _spelled(row, value), "tips": shown}


def _last_only(shape: Shape, rows: list[Row]) -> tuple[list[Row], str]:
    """Rows of the last value of ``over`` alone, and words that say so."""
    if not shape.over or not rows:
        return rows, ""
    last = rows[-1][shape.over]
    kept = [row for row in rows if row[shape.over] == last]
    return kept, f" {shape.over} {words(kept[0], shape.over)}."


@kind("explain", ("explain",), "where the conflict arises: within segments, between them")
def explain(result: Result, look: Look) -> Picture | None:
    """Draw the contributions of the parts."""
    shape = Shape.of(result)
    known = [row for row in _rows(result, "overall") if row["contribution"] is not None]
    rows, when = _last_only(shape, known)
    if not rows:
        return None
    fields = [
        _bar(words(row, "part"), row, "contribution", "contribution_share", "pair_share")
        for row in rows[:_MOST]
    ]
    caption = f"Parts of the misalignment of everyone; together they are all of it.{when}"
    told = "; ".join(f"{one['name']} {one['text']}" for one in fields)
    return Picture(bars(fields, look, "contribution"), caption, f"{told}.")


@kind("goals", ("explain",), "how far each goal conflicts with a random member")
def goals(result: Result, look: Look) -> Picture | None:
    """Draw the friction of the goals that most hold."""
    shape = Shape.of(result)
    held = [row for row in _rows(result, "goals") if row["goal"] is not None]
    rows, when = _last_only(shape, [row for row in held if row["friction"] is not None])
    if not rows:
        return None
    rows = sorted(rows, key=lambda row: -(row["share"] or 0))[:_MOST]
    fields = [
        _bar(words(row, "goal"), row, "friction", "share", "opposing_share", "influence")
        for row in rows
    ]
    caption = f"{column('friction').reading} The goals that most hold come first.{when}"
    told = "; ".join(f"{one['name']} {one['text']}" for one in fields)
    return Picture(bars(fields, look, column("friction").label), caption, f"{told}.")


@kind("mix", ("mix",), "misalignment as agents are added")
def mix(result: Result, look: Look) -> Picture | None:
    """Draw the curve of everyone over the share of the added agents."""
    shape = Shape.of(result)
    rows = [
        row
        for row in _rows(result, "overall")
        if row["misalignment"] is not None and row.get("scope") == EVERYONE
    ]
    if not rows:
        return None
    series = list(dict.fromkeys(words(row, shape.over) for row in rows)) if shape.over else [""]
    fields = []
    for place, row in enumerate(rows):
        name = words(row, shape.over) if shape.over else ""
        last = place == len(rows) - 1 or rows[place + 1]["added_share"] < row["added_share"]
        if name in series[-6:]:
            one = {**value_row(shape, row), "series": name, "x": row["added_share"]}
            one["tips"] = {"share added": _spelled(row, "added_share"), **one["tips"]}
            fields.append({**one, "is_last": last})
    caption = (
        f"Misalignment of everyone as the share of the added grows "
        f"({result.summary.get('added', 'the added agents')})."
    )
    peaks = [row for row in _rows(result, "blocks") if row.get("scope") == EVERYONE]
    told = "; ".join(
        f"{words(row, shape.over) + ': ' if shape.over else ''}peak {_spelled(row, 'peak_share')} "
        f"added, {_spelled(row, 'peak_misalignment')}"
        for row in peaks[:8]
    )
    title = column("added_share").label
    chart = lines(fields, look, column("misalignment").label, x_title=title, ordered=False)
    return Picture(chart, caption, f"{told}.")


@kind("target", ("target",), "candidates: with everyone, and with the segment served worst")
def target(result: Result, look: Look) -> Picture | None:
    """Draw the candidates by their two values, those of the frontier named."""
    shape = Shape.of(result)
    known = [row for row in _rows(result, "overall") if row["conditional_misalignment"] is not None]
    rows, when = _last_only(shape, known)
    if not rows:
        return None
    rows = sorted(rows, key=lambda row: row["conditional_misalignment"])
    caption = (
        "Among those with a goal; lower is better served. Named: those that no other beats for "
        f"one segment without losing with another.{when}"
    )
    named = [row for row in rows if row.get("is_efficient")][:_MOST] or rows[:1]
    told = "; ".join(
        f"{words(row, 'candidate')} {_spelled(row, 'conditional_misalignment')}" for row in named
    )
    worst = column("largest_misalignment").label
    if len(rows) <= _MOST or not shape.by:
        fields = [
            _bar(words(row, "candidate"), row, "conditional_misalignment", "participation")
            for row in rows[:_MOST]
        ]
        if shape.by:
            for field, row in zip(fields, rows, strict=False):
                text = _spelled(row, "largest_misalignment")
                field["tips"][worst] = f"{text} ({spelled(row['worst_segment'])})"
        caption = f"Misalignment with everyone, among those with a goal; lower is better.{when}"
        title = column("conditional_misalignment").label
        return Picture(bars(fields, look, title), caption, f"{told}.")
    points = [
        {
            "name": words(row, "candidate"),
            "x": row["conditional_misalignment"],
            "y": row["largest_misalignment"],
            "stands_out": any(row is one for one in named),
            "tips": {
                "candidate": words(row, "candidate"),
                "with everyone": _spelled(row, "conditional_misalignment"),
                worst: f"{_spelled(row, 'largest_misalignment')} ({spelled(row['worst_segment'])})",
            },
        }
        for row in rows
        if row["largest_misalignment"] is not None
    ]
    return Picture(scatter(points, look, "with everyone", worst), caption, f"{told}.")


@kind("compare", ("compare",), "each model with each segment: squares")
def compare(result: Result, look: Look) -> Picture | None:
    """Draw the value of each model with each segment, among those with a goal."""
    shape = Shape.of(result)
    scope = "segment" if shape.by else EVERYONE
    known = [
        row
        for row in _rows(result, "overall")
        if row["conditional_misalignment"] is not None and row.get("scope") == scope
    ]
    rows, when = _last_only(shape, known)
    if not rows:
        return None
    name = "conditional_misalignment"
    shown = ("participation", "place_between", "excess")
    fields = [
        {**_bar(words(row, "compared"), row, name, *shown), "a": words(row, "compared")}
        | {"b": shape.who(row, TIMES)}
        for row in rows
    ]
    told = "; ".join(f"{one['a']} with {one['b']} {one['text']}" for one in fields[:8]) + "."
    title = column(name).label
    if not shape.by:
        caption = f"{column(name).reading} Lower is closer.{when}"
        return Picture(bars(fields[:_MOST], look, title), caption, told)
    written = len({one["b"] for one in fields}) <= 16
    caption = f"Rows: models; columns: segments. Darker: more in conflict, {title}.{when}"
    return Picture(grid(fields, look, title, written=written), caption, told)
