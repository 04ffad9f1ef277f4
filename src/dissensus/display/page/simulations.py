"""Sections of a page about what becomes of a system: one a mechanism."""

from __future__ import annotations

from collections.abc import Iterator

from dissensus.display.charts.simulations import drawn_tables
from dissensus.display.page.parts import Definitions, Section
from dissensus.display.page.populations import figure, listing
from dissensus.display.plotting import kinds
from dissensus.model.columns import column
from dissensus.model.result import Result
from dissensus.model.spelling import spelled, visible

__all__ = ["simulation_sections"]


def simulation_sections(result: Result) -> Iterator[Section]:
    """Verdict, picture, numbers and tables of a mechanism; or the list of all of them."""
    summary = result.summary
    if not summary.get("mechanism"):
        said = visible(str(summary.get("head_line", "")))
        table = listing(result, "rows", "Each mechanism", closed=False)
        yield Section("What becomes of it", (said,), table)
        return
    said = f"{summary['verdict']}: {summary['finding']}"
    asked = str(summary.get("asks_of_it") or "")
    reasons = dict(summary.get("reasons") or {})
    numbers = tuple(
        (column(name).label, _number(summary.get(name), column(name).unit, reasons.get(name)))
        for name in summary.get("numbers") or ()
    )
    tables = tuple(
        one
        for name, title, table in drawn_tables(result)
        for one in listing(result, f"{summary['mechanism']}-{name}", visible(title), table)
    )
    trace = tuple((str(i), visible(step)) for i, step in enumerate(summary.get("trace") or (), 1))
    yield Section(
        visible(str(summary.get("mechanism_label") or summary["mechanism"])),
        tuple(visible(one) for one in (asked, said) if one),
        (
            *(
                one
                for name, of in kinds().items()
                if "simulate" in of.questions
                for one in figure(result, name)
            ),
            *((Definitions(numbers),) if numbers else ()),
            *tables,
            *((Definitions(trace),) if trace else ()),
        ),
    )


def _number(value: object, unit: str, reason: str | None) -> str:
    return spelled(value, unit) if value is not None else visible(f"none: {reason or 'not given'}")
