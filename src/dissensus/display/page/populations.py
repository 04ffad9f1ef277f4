"""Sections of a page about a population: who, on what, why, what would change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dissensus.display.charts.areas import squares_by_area
from dissensus.display.charts.kinds import Picture
from dissensus.display.charts.look import PAGE, configuration
from dissensus.display.page.parts import Figure, Listing, Part, Section, Switch
from dissensus.display.page.tables import selected
from dissensus.display.picking import is_silent, lists
from dissensus.display.plotting import kinds
from dissensus.display.rows import Shape, words
from dissensus.display.sentences import SILENT_ROWS, draws, head_line, reading
from dissensus.model.result import Result
from dissensus.model.spelling import spelled, visible

__all__ = ["figure", "listing", "population_sections"]

# beyond it, a switch has more positions than people look at
_READINGS = 6
# a name on a switch is read at a glance; the tables have it whole
_LETTERS = 80


def figure(result: Result, kind: str) -> tuple[Figure, ...]:
    """Chart of a result, if it has something to draw."""
    picture = kinds()[kind].draw(result, PAGE)
    return () if picture is None else _figure(picture)


def _figure(picture: Picture) -> tuple[Figure, ...]:
    chart = picture.chart.configure(**configuration(PAGE))
    return (Figure(chart.to_dict(), visible(picture.caption), visible(picture.alternative)),)


def listing(
    result: Result, name: str, heading: str, table: pa.Table | None = None, *, closed: bool = True
) -> tuple[Listing, ...]:
    """Table of a result, if it has rows."""
    found = result.rows if name == "rows" else result.tables.get(name)
    table = found if table is None else table
    if table is None or not table.num_rows:
        return ()
    file = f"{result.summary.get('question')}-{name}"
    return (Listing(file, heading, selected(table), table.num_rows, closed),)


def population_sections(results: Sequence[Result]) -> list[Section]:
    """All sections that the results have something for."""
    by_question = {str(result.summary.get("question")): result for result in results}
    first = by_question.get("between") or by_question.get("misalignment") or results[0]
    sections = list(_answer(first))
    for question in ("between", "misalignment"):
        if question in by_question:
            sections += _measured(by_question[question], by_question)
    for question, make in (
        ("explain", _explained),
        ("compare", _compared),
        ("target", _served),
        ("mix", _mixed),
    ):
        if question in by_question:
            sections.append(make(by_question[question]))
    return sections


def _answer(result: Result) -> Iterator[Section]:
    """Say the answer in a sentence and one picture, and how many took a position."""
    shape = Shape.of(result)
    table = result.tables.get("overall")
    rows = [] if table is None else table.to_pylist()
    valued = [row for row in rows if row.get("misalignment") is not None]
    sentences = [reading(shape, row) for row in _telling(shape, valued)]
    if not sentences:
        sentences = [reading(shape, row) for row in rows[:1]] or ["There is no value to show."]
    kind = _first_kind(result)
    parts: list[Part] = list(_readings(result, kind)) if kind else []
    notes = [visible(head_line(result))]
    if table is not None and table.num_rows and _has_silence(table):
        notes.insert(0, SILENT_ROWS)
    yield Section("The answer", tuple(map(visible, sentences)), tuple(parts), tuple(notes))


def _has_silence(table: pa.Table) -> bool:
    needed = {"no_goal_share", "participation"} <= set(table.column_names)
    return needed and bool(pc.any(is_silent(table)).as_py())


def _telling(shape: Shape, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that say most: the highest value, and what it was at first or what is lowest."""
    if not rows:
        return []
    top = max(rows, key=lambda row: row["misalignment"])
    if shape.over:
        same = [row for row in rows if shape.who(row, "") == shape.who(top, "")]
        return [same[-1], same[0]] if len(same) > 1 else same
    low = min(rows, key=lambda row: row["misalignment"])
    return [top] if low is top else [top, low]


def _first_kind(result: Result) -> str | None:
    question = str(result.summary.get("question"))
    fitting = [one.name for one in kinds().values() if question in one.questions]
    if "trend" in fitting and figure(result, "trend"):
        return "trend"
    return fitting[0] if fitting else None


def _readings(result: Result, kind: str) -> Iterator[Part]:
    """Draw the first picture under each reading of who holds no goal, chosen by a switch."""
    table = result.tables.get("readings")
    own = figure(result, kind)
    if table is None or not table.num_rows or not _same_rows(result, table):
        yield from own
        return
    names = list(dict.fromkeys(table["reading"].to_pylist()))[:_READINGS]
    current = [row["reading"] for row in table.to_pylist() if row["is_current"]]
    options = [(f"as asked ({spelled(current[0])})" if current else "as asked", own)]
    for name in names:
        if name in current:
            continue
        rows = table.filter(pc.equal(table["reading"], name))
        drawn = figure(replace(result, tables={**result.tables, "overall": rows}), kind)
        options.append((spelled(name), drawn))
    if len(options) == 1:
        yield from own
    else:
        yield Switch("Who counts, and what counts as no goal", tuple(options))


def _same_rows(result: Result, table: pa.Table) -> bool:
    """Whether the other readings are about the same pairs or segments as the answer."""
    shape = Shape.of(result)
    wanted = {f"{shape.by[0]}_a"} if shape.pairs and shape.by else set()
    return wanted <= set(table.column_names)


def _measured(result: Result, others: Mapping[str, Result]) -> Iterator[Section]:
    shape = Shape.of(result)
    by = ", ".join(shape.by)
    if shape.pairs:
        parts: tuple[Part, ...] = (
            *figure(result, "between"),
            *listing(result, "overall", "All pairs, over all problem areas"),
            *listing(result, "within", "Within the segments, to compare"),
        )
        yield Section(f"Between segments of {visible(by)}", (), parts)
    else:
        parts = (
            *figure(result, "segments"),
            *listing(result, "overall", "Everyone and each segment, over all problem areas"),
            *listing(result, "readings", "The other readings of who holds no goal"),
        )
        yield Section(
            "Within" + (f" segments of {visible(by)}" if by else " the population"), (), parts
        )
    if shape.one_area or (not shape.pairs and "between" in others):
        return
    three = lists(result.rows, shape.keys(result.rows), 10)
    named = (
        ("widest", "Widest", three.widest.rows),
        ("closest", "Closest, among those with a goal", three.closest.rows),
        ("silent", "Silent rather than agreed", three.silent.rows),
    )
    in_areas: tuple[Part, ...] = (
        *figure(result, "areas"),
        *_squares(result),
        *(one for name, heading, rows in named for one in listing(result, name, heading, rows)),
        *listing(result, "rows", "Every problem area", closed=True),
    )
    yield Section("On what", (), in_areas)


def _squares(result: Result) -> Iterator[Switch]:
    """Squares of the segments in each of the widest areas, chosen by a switch."""
    found = squares_by_area(result, PAGE)
    if found:
        views = tuple((_short(visible(name)), _figure(picture)) for name, picture in found)
        yield Switch("The segments with one another on one problem area, the widest first", views)


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[:_LETTERS]}\u2026"


def _explained(result: Result) -> Section:
    sentence = result.summary.get("excess_sign")
    return Section(
        "Why",
        (visible(str(sentence)),) if sentence else (),
        (
            *figure(result, "explain"),
            *listing(result, "overall", "Parts of the misalignment"),
            *listing(result, "segment_pairs", "Pairs of segments"),
            *figure(result, "goals"),
            *listing(result, "goals", "Goals: who conflicts with them"),
            *listing(result, "goal_pairs", "Pairs of goals"),
        ),
    )


def _compared(result: Result) -> Section:
    said = (
        f"{spelled(result.summary.get('models'), 'models')} compared, over "
        f"{spelled(result.summary.get('areas_in_common'), 'areas')} problem areas in common."
    )
    return Section(
        "Models against segments",
        (visible(said),),
        (
            *figure(result, "compare"),
            *listing(result, "overall", "Each model with each segment"),
            *listing(result, "rows", "The same in each problem area"),
            *listing(result, "unmatched", "Goals without a counterpart"),
        ),
    )


def _served(result: Result) -> Section:
    table = result.tables.get("overall")
    best = [] if table is None else [r for r in table.to_pylist() if r.get("is_best")]
    said = [
        f"Serves everyone best: {words(row, 'candidate')}; a random member with a goal conflicts "
        f"with it {draws(row['conditional_misalignment'])}."
        for row in best[-1:]
        if row["conditional_misalignment"] is not None
    ]
    return Section(
        "Whom one policy can serve",
        tuple(map(visible, said)),
        (
            *figure(result, "target"),
            *listing(result, "overall", "All candidates"),
            *listing(result, "segments", "Each candidate with each segment"),
            *listing(result, "baselines", "What an outsider is to be judged by"),
        ),
    )


def _mixed(result: Result) -> Section:
    return Section(
        "What adding agents does",
        (),
        (
            *figure(result, "mix"),
            *listing(result, "blocks", "The parts of the curve, and its peak"),
            *listing(result, "overall", "The curve"),
        ),
    )
