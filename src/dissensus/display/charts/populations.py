"""Pictures of misalignment: within segments, between them, over time, area by area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from dissensus.display.charts.drawing import bars, grid, lines
from dissensus.display.charts.kinds import Picture, kind
from dissensus.display.charts.look import Look
from dissensus.display.rows import EVERYONE, Shape, words
from dissensus.display.sentences import draws
from dissensus.model.columns import column
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["TIMES", "areas", "between", "segments", "trend", "value_row"]

TIMES = "\u00d7"
# beyond these, another form is easier to read
_BARS = 10
_WRITTEN = 16
_SERIES = 6
_AREAS = 25
_SQUARES = 60

Row = dict[str, Any]


def value_row(shape: Shape, row: Row) -> Row:
    """Fields of a row of a result that a mark needs."""
    tips = {
        "misalignment": spelled(row["misalignment"], "probability"),
        "among those with a goal": spelled(row.get("conditional_misalignment"), "probability"),
        "hold a goal": spelled(row.get("participation"), "share"),
    }
    for name in ("agents", "agents_a", "agents_b"):
        if row.get(name) is not None:
            tips[column(name).label] = spelled(row[name], "agents")
    found = {
        "name": shape.who(row, TIMES),
        "value": row["misalignment"],
        "text": _text(row),
        "tips": tips,
    }
    if row.get("interval_low") is not None:
        found |= {"low": row["interval_low"], "high": row["interval_high"]}
    return found


def _text(row: Row) -> str:
    text = spelled(row["misalignment"], "probability")
    if row.get("interval_low") is None:
        return text
    ends = (spelled(row[f"interval_{end}"], "probability") for end in ("low", "high"))
    return f"{text} [{', '.join(ends)}]"


def _means(result: Result, scope: Sequence[str] = ()) -> list[Row]:
    """Rows of the means that have a value, with ``over`` in words."""
    table = result.tables.get("overall")
    rows = [] if table is None else table.to_pylist()
    return [
        row
        for row in rows
        if row["misalignment"] is not None and (not scope or row.get("scope") in scope)
    ]


def _panels(shape: Shape, rows: Iterable[Row]) -> list[Row]:
    """Fields for bars, a panel for each value of ``over``, the highest first in each."""
    out = []
    for row in rows:
        found = value_row(shape, row)
        if shape.over:
            found["over"] = words(row, shape.over)
        out.append(found)
    place = {over: i for i, over in enumerate(dict.fromkeys(row.get("over") for row in out))}
    return sorted(out, key=lambda row: (place[row.get("over")], -row["value"]))


@kind("between", ("between",), "every pair of segments: bars, or squares if there are many")
def between(result: Result, look: Look) -> Picture | None:
    """Draw the means of all pairs of segments."""
    shape, rows = Shape.of(result), _means(result)
    if not rows:
        return None
    pairs = len({shape.who(row, TIMES) for row in rows})
    times = len({row[shape.over] for row in rows}) if shape.over else 1
    told = _told(shape, rows)
    title = column("misalignment").label
    if pairs <= _BARS and times <= _SERIES:
        chart = bars(_panels(shape, rows), look, title)
        return Picture(chart, f"{_READ_BARS} {_pair_words(shape, rows[0])}", told)
    if shape.over and times > _SERIES:
        last = rows[-1][shape.over]
        rows = [row for row in rows if row[shape.over] == last]
    squares = _squares(shape, rows, result)
    names = {row["a"] for row in squares} | {row["b"] for row in squares}
    if len(names) > _SQUARES:
        kept = set(sorted(names)[:_SQUARES])
        squares = [row for row in squares if row["a"] in kept and row["b"] in kept]
    chart = grid(squares, look, title, written=len(names) <= _WRITTEN)
    caption = (
        "Each square: how likely two agents, one of the row and one of the column, hold "
        "conflicting goals; on the diagonal, two of the same segment. Darker is more likely."
    )
    if len(names) > _SQUARES:
        caption += f" The first {_SQUARES} of {len(names):,} segments; the table has all."
    return Picture(chart, caption, told)


_READ_BARS = "Length: how likely two agents drawn at random hold conflicting goals."


def _pair_words(shape: Shape, row: Row) -> str:
    return f"First row: {shape.who(row, TIMES)}, {draws(row['misalignment'])}."


def _squares(shape: Shape, rows: Sequence[Row], result: Result) -> list[Row]:
    directed = len({(shape.side(r, "_a"), shape.side(r, "_b")) for r in rows}) > len(
        {frozenset((shape.side(r, "_a"), shape.side(r, "_b"))) for r in rows}
    )
    out = []
    for row in rows:
        one, other = shape.side(row, "_a"), shape.side(row, "_b")
        field = value_row(shape, row)
        if shape.over:
            field["over"] = words(row, shape.over)
        out.append({**field, "a": one, "b": other})
        if not directed:
            out.append({**field, "a": other, "b": one})
    overs = {row.get("over") for row in out}
    within = result.tables.get("within")
    for row in [] if within is None else within.to_pylist():
        over = words(row, shape.over) if shape.over else None
        if row.get("scope") == EVERYONE or row["misalignment"] is None or over not in overs:
            continue
        name = shape.side(row)
        field = {**value_row(shape, row), "a": name, "b": name}
        out.append({**field, "over": over} if shape.over else field)
    order = {name: i for i, name in enumerate(sorted({row["a"] for row in out}))}
    time = {over: i for i, over in enumerate(dict.fromkeys(row.get("over") for row in out))}
    return sorted(out, key=lambda row: (time[row.get("over")], order[row["a"]], order[row["b"]]))


def _told(shape: Shape, rows: Sequence[Row], most: int = 8) -> str:
    """Values as a sentence, for those who cannot see the chart."""
    parts = []
    for row in rows[:most]:
        over = f"{words(row, shape.over)}: " if shape.over else ""
        parts.append(f"{over}{shape.who(row, TIMES)} {_text(row)}")
    more = f"; and {len(rows) - most:,} more" if len(rows) > most else ""
    return "; ".join(parts) + more + "."


@kind("segments", ("misalignment",), "everyone and each segment: bars")
def segments(result: Result, look: Look) -> Picture | None:
    """Draw the means of everyone and of each segment."""
    shape, rows = Shape.of(result), _means(result)
    if not rows:
        return None
    fields = _panels(shape, rows)
    caption = f"{_READ_BARS} {_pair_words(shape, rows[0])}"
    names = list(dict.fromkeys(row["name"] for row in fields))
    if len(names) > 2 * _AREAS:
        kept = {*names[: 2 * _AREAS], EVERYONE}
        fields = [row for row in fields if row["name"] in kept]
        caption += f" The highest {2 * _AREAS} of {len(names):,}; the table has all."
    return Picture(bars(fields, look, column("misalignment").label), caption, _told(shape, rows))


@kind("trend", ("between", "misalignment"), "one line a segment or pair, over time")
def trend(result: Result, look: Look) -> Picture | None:
    """Draw the means over the values of ``over``."""
    shape, rows = Shape.of(result), _means(result)
    if not shape.over or len({row[shape.over] for row in rows}) < 2:
        return None
    of_each: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        of_each[shape.who(row, TIMES)].append(row)
    largest = sorted(of_each, key=lambda name: -_size(of_each[name]))
    chosen = set(largest[:_SERIES])
    numbers = all(isinstance(row[shape.over], int | float) for row in rows)
    fields = []
    for name, some in of_each.items():
        for place, row in enumerate(some if name in chosen else []):
            x = row[shape.over] if numbers else words(row, shape.over)
            last = place == len(some) - 1
            fields.append({**value_row(shape, row), "series": name, "x": x, "is_last": last})
    title = column("misalignment").label
    chart = lines(fields, look, title, x_title=shape.over, ordered=not numbers)
    caption = "Height: how likely two agents drawn at random hold conflicting goals."
    if len(of_each) > _SERIES:
        caption += f" The {_SERIES} largest of {len(of_each):,}; the table has all."
    return Picture(chart, caption, _told(shape, [r for n in of_each if n in chosen for r in rows]))


def _size(rows: Sequence[Row]) -> int:
    names = [name for name in ("agents", "agents_a", "agents_b") if name in rows[0]]
    return max(min(row[name] or 0 for name in names) for row in rows) if names else 0


@kind("areas", ("between", "misalignment"), "the problem areas in which they conflict most")
def areas(result: Result, look: Look) -> Picture | None:
    """Draw the areas with the highest mean value of their rows."""
    shape = Shape.of(result)
    if shape.one_area or not result.rows.num_rows:
        return None
    keys = [*([shape.over] if shape.over else []), "area"]
    means = result.rows.group_by(keys).aggregate([("misalignment", "mean")])
    means = means.sort_by([("misalignment_mean", "descending"), (keys[-1], "ascending")])
    chosen = [
        row for row in means.slice(0, _AREAS).to_pylist() if row["misalignment_mean"] is not None
    ]
    if not chosen:
        return None
    labels = _area_words(result)
    fields = []
    for row in chosen:
        name = labels.get(row["area"], spelled(row["area"]))
        if shape.over:
            name = f"{words(row, shape.over)}: {name}"
        value = row["misalignment_mean"]
        text = spelled(value, "probability")
        fields.append({"name": name, "value": value, "text": text, "tips": {"mean": text}})
    caption = (
        f"The {len(fields)} of {means.num_rows:,} problem areas with the highest mean over "
        f"{'the pairs' if shape.pairs else 'the segments' if shape.by else 'everyone'}."
    )
    told = "; ".join(f"{row['name']} {row['text']}" for row in fields[:8])
    return Picture(bars(fields, look, column("misalignment").label), caption, f"{told}.")


def _area_words(result: Result) -> dict[Any, str]:
    if "area_label" not in result.rows.column_names:
        return {}
    known = result.rows.select(["area", "area_label"]).group_by(["area", "area_label"])
    return {
        row["area"]: spelled(row["area_label"])
        for row in known.aggregate([]).to_pylist()
        if row["area_label"] is not None
    }
