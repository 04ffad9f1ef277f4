"""Sections of a page about a system: the decisions that are owed, and what hangs on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dissensus.display.page.parts import Choices, Definitions, Flow, Section
from dissensus.display.page.populations import figure, listing
from dissensus.display.page.simulations import simulation_sections
from dissensus.model.result import Result
from dissensus.model.spelling import spelled, visible

__all__ = ["audit_sections"]

_VERDICTS = {
    "SETTLED": "Settled: every reading leads to the same outcome.",
    "NARROW": "Narrow: few outcomes are left open.",
    "WIDE": "Wide: many outcomes are left open.",
    "UNSETTLED": "Unsettled: what an AI aligned with it would do depends on choices nobody stated.",
}


def audit_sections(results: Sequence[Result]) -> list[Section]:
    """All sections that the results have something for."""
    sections: list[Section] = []
    for result in results:
        question = result.summary.get("question")
        if question == "simulate":
            sections += simulation_sections(result)
        else:
            sections += _audit(result) if question == "audit" else _card(result)
    return sections


def _audit(result: Result) -> Iterator[Section]:
    summary = result.summary
    verdict = str(summary.get("verdict", ""))
    said = [_VERDICTS.get(verdict, verdict), str(summary.get("head_line", ""))]
    if summary.get("asks"):
        said.insert(0, str(summary["asks"]))
    yield Section(
        "The answer", tuple(visible(one) for one in said if one), figure(result, "outcomes")
    )
    yield Section("Decisions that you owe", *_owed(result))
    yield Section("What it is made of", (), (_flow(result),))
    yield Section(
        "What 'what it wants' points to",
        (visible(str(summary.get("pointers", ""))),),
        listing(result, "pointers", "The pointers", closed=False),
    )
    yield Section(
        "Is it aligned with itself?",
        (_own_misalignment(summary),) if summary.get("parts_misalignment") is not None else (),
        listing(
            result, "reflexivity", "Each relation, asked of the system and itself", closed=False
        ),
    )
    yield Section(
        "What each part gets",
        (),
        (
            *figure(result, "gains"),
            *listing(result, "parts", "Over all readings", closed=False),
            *listing(result, "satisfaction", "In each reading"),
        ),
    )
    yield Section(
        "Every reading",
        (visible(str(summary.get("caveat", ""))),),
        (
            *listing(result, "rows", "Readings and their outcomes"),
            *listing(result, "actions", "Options, and how many readings choose them"),
            *listing(result, "robustness", "If the utilities were a little different"),
        ),
    )


def _flow(result: Result) -> Flow:
    """Draw the system: parts with their standing, world, rule, options, what is reached."""
    summary = result.summary
    table = result.tables.get("parts")
    parts = [] if table is None else table.to_pylist()
    named = [f"{spelled(row['part'])} (standing {row['standing']:.3g})" for row in parts] or [
        spelled(name) for name in summary.get("parts") or ()
    ]
    reached = [spelled(one) for one in summary.get("reached") or ()]
    states = tuple(spelled(one) for one in summary.get("states") or ())
    stations = (
        ("parts", tuple(named)),
        ("world", states if len(states) != 1 else ("one state, which it knows",)),
        ("rule", (spelled(summary.get("rule") or "its own"),)),
        ("options", tuple(spelled(one) for one in summary.get("actions") or ())),
        ("outcome of some reading", tuple(reached)),
    )
    return Flow(tuple((heading, items) for heading, items in stations if items))


def _owed(result: Result) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    summary = result.summary
    never = [spelled(one) for one in summary.get("never_chosen") or ()]
    same = f"The same under all of them: {', '.join(never)} is never chosen." if never else ""
    if summary.get("verdict") == "SETTLED":
        return ("None: the outcome is the same however they are made.",), ()
    parts: list[Any] = [*figure(result, "deciding")]
    parts += _choices(result)
    parts += listing(result, "choices", "What each choice gives each part", closed=False)
    parts += listing(result, "commitments", "To settle it, state one of these", closed=False)
    left_out = summary.get("left_out") or {}
    if left_out:
        items = tuple((visible(str(k)), visible(str(v))) for k, v in left_out.items())
        parts.append(Definitions(items))
    head = "Each is a choice that the case leaves open. Fix some, and see which outcomes are left."
    return tuple(one for one in (head, visible(same)) if one), tuple(parts)


def _choices(result: Result) -> Iterator[Choices]:
    labels = result.summary.get("axis_labels") or {}
    table = result.rows
    names = [name for name in labels if name in table.column_names]
    if not names or not table.num_rows:
        return
    columns = [[_said(value) for value in table[name].to_pylist()] for name in names]
    axes = {
        name: (visible(str(labels[name])), tuple(dict.fromkeys(column)))
        for name, column in zip(names, columns, strict=True)
    }
    outcomes = tuple(
        " or ".join(map(spelled, row["outcome"])) if row["outcome"] else f"none ({row['status']})"
        for row in table.select(["outcome", "status"]).to_pylist()
    )
    yield Choices(axes, tuple(zip(*columns, strict=True)), outcomes)


def _said(value: object) -> str:
    return "makes no difference" if value is None else spelled(value)


def _own_misalignment(summary: Any) -> str:
    value = spelled(summary["parts_misalignment"], "probability")
    return (
        f"Misalignment of its parts with each other, M(H, H): {value}. Above 0, it is not aligned "
        "with itself in the sense of the measure."
    )


def _card(result: Result) -> Iterator[Section]:
    title = "Is it aligned with itself?"
    if result.summary.get("question") == "alignment":
        title = "Is it aligned with the other?"
    said = visible(str(result.summary.get("head_line", "")))
    table = listing(result, "rows", "Each relation", closed=False)
    yield Section(title, (said,) if said else (), table)
