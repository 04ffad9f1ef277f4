"""Whom one agent or policy can serve, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dissensus.display.layout import MARK
from dissensus.display.picking import big_enough
from dissensus.display.plan import MIN_AGENTS
from dissensus.display.rows import EVERYONE, NOBODY, words
from dissensus.display.sentences import draws
from dissensus.display.sheet import (
    LONGEST,
    Block,
    Cell,
    Listing,
    Sheet,
    first,
    named,
    number,
    value,
)
from dissensus.model.result import Result
from dissensus.model.spelling import spelled

__all__ = ["service"]

_FEW = 8


def service(
    result: Result, *, min_agents: int | None = None, overall: bool = False, quiet: bool = False
) -> Sheet:
    """Show a result of ``target``."""
    by, over = tuple(result.summary.get("by") or ()), result.summary.get("over")
    limit = MIN_AGENTS if min_agents is None else min_agents

    def blocks(_: str) -> Iterator[Block]:
        table = result.tables["overall"]
        yield from _candidates(result, table, by, over)
        yield from _baselines(result, by, over, limit)
        if "policy" in result.tables:
            yield from _policy(result, by, over, overall=overall)
        if not overall and (result.summary.get("areas") or 0) > 1:
            best = result.rows.filter(pc.fill_null(result.rows["is_best"], False))
            yield Listing(
                "Areas in which even the best candidate conflicts most",
                first(best, "conditional_misalignment", 5),
                [
                    *_over(over),
                    named("problem area", "area"),
                    named("best candidate", "candidate"),
                    value("conditional_misalignment"),
                ],
                "conditional_misalignment",
            )

    title = f"Whom one candidate can serve ({result.summary.get('candidates_are')})"
    title += f", by {', '.join(by)}" if by else ""
    return Sheet(result, title + (f", for each {over}" if over else ""), blocks, quiet)


def _over(over: str | None) -> list[Cell]:
    return [named(over, over, lines=1)] if over else []


def _marked(row: Mapping[str, Any]) -> str:
    """Name of a candidate, and what it is best at."""
    parts = [
        text
        for name, text in (
            ("is_best", "best"),
            ("is_minimax", "best at worst"),
            ("is_efficient", "efficient"),
        )
        if row.get(name)
    ]
    if row.get("is_indistinguishable") and not row.get("is_best"):
        parts.append("not told from the best")
    return words(row, "candidate") + (f" ({', '.join(parts)})" if parts else "")


def _candidates(
    result: Result, table: pa.Table, by: tuple[str, ...], over: str | None
) -> Iterator[Block]:
    placed = table.filter(pc.is_valid(table["candidate_place"]))
    shown = placed if placed.num_rows <= LONGEST else _chosen(placed, over)
    head = "Candidates, the best first"
    if shown.num_rows < placed.num_rows:
        head += f": those with a mark or a low place, {shown.num_rows} of {placed.num_rows:,}"
    cells = [
        *_over(over),
        number("candidate_place", "place"),
        named("candidate", _marked, lines=3),
        value("conditional_misalignment", "among those\nwith a goal"),
        Cell(number("participation", "answers").field, _participation),
    ]
    if by:
        cells += [number("largest_misalignment", "at worst"), named("with", "worst_segment")]
    different = len(set(table["areas"].to_pylist())) > 1
    cells += [number("areas", "areas", rank=0 if different else 2)]
    cells += [number("misalignment", rank=1)]
    yield Listing(head, shown, cells, "conditional_misalignment")
    yield from _said(result, placed, over, by)
    silent = result.summary.get("without_goal") or []
    if silent:
        more = f" and {len(silent) - _FEW:,} more" if len(silent) > _FEW else ""
        yield (
            f"Apart, since they hold no goal at all: {', '.join(silent[:_FEW])}{more}. They "
            "conflict with nobody and serve nobody."
        )


def _participation(row: Mapping[str, Any]) -> str:
    share = row["participation"]
    return (f"{MARK} " if share is not None and share < 0.5 else "") + spelled(share, "share")


def _chosen(table: pa.Table, over: str | None) -> pa.Table:
    """Of many candidates those with a low place, and the best at worst."""
    low = pc.less_equal(table["candidate_place"], 3 if over else _FEW)
    if "is_minimax" in table.column_names:
        low = pc.or_(low, pc.fill_null(table["is_minimax"], False))
    return table.filter(low).slice(0, 2 * LONGEST)


def _said(
    result: Result, placed: pa.Table, over: str | None, by: tuple[str, ...]
) -> Iterator[Block]:
    rows = placed.to_pylist()
    if not rows:
        yield "No candidate holds a goal in an area of this population."
        return
    rows = [row for row in rows if not over or row[over] == rows[0][over]]
    where = f"In {over} {words(rows[0], over)}, " if over else ""
    best = [words(row, "candidate") for row in rows if row["is_best"]]
    one = rows[0]
    told = (
        f"{where}{_listed(best)} serves everyone best"
        if len(best) == 1
        else (f"{where}{_listed(best)} serve everyone best, equally well")
    )
    told += f": among those with a goal, {'it conflicts' if len(best) == 1 else 'each conflicts'}"
    told += f" with a random member {_of(one)}"
    if one["participation"] < 0.95:
        told += f"; it holds a goal in {spelled(one['participation'], 'share')} of cases"
    base = next(
        (
            row
            for row in result.tables["baselines"].to_pylist()
            if row["scope"] == EVERYONE and (not over or row[over] == one[over])
        ),
        None,
    )
    yield f"{told[0].upper()}{told[1:]}."
    if base is not None and base["conditional_baseline"] is not None:
        yield (
            "To compare, among those with a goal: a random member conflicts with the others "
            f"{draws(base['conditional_baseline'])}; no agent with one goal an area gets below "
            f"{spelled(base['conditional_floor'], 'probability')}."
        )
    if by:
        worst = [row for row in rows if row.get("is_minimax")]
        if worst:
            names = _listed([words(row, "candidate") for row in worst])
            value = draws(worst[0]["largest_misalignment"])
            yield (
                f"The segment served worst is served best by {names}: {worst[0]['worst_segment']} "
                f"conflicts with it {value}."
            )
    differ = result.summary.get("orders_differ") or 0
    if differ:
        ahead = result.summary.get("first_if_silence_counts") or []
        shares = result.summary.get("participation_of_these") or []
        more = ""
        if ahead:
            more = (
                f"; {_listed(ahead)} would be first, holding a goal in "
                f"{spelled(shares[0], 'share')} of cases"
            )
        yield (
            f"If silence counted as no conflict, {differ:,} places would be others{more}. Silence "
            "is not agreement: the order is among those with a goal."
        )


def _of(row: Mapping[str, Any]) -> str:
    return draws(row["conditional_misalignment"])


def _listed(names: list[str]) -> str:
    few = names[:3]
    more = [f"{len(names) - 3:,} more"] if len(names) > 3 else []
    parts = [*few, *more]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _segment(by: tuple[str, ...]) -> Any:
    def text(row: Mapping[str, Any]) -> str:
        if row.get("scope") == EVERYONE:
            return EVERYONE
        return ", ".join(words(row, name) or NOBODY for name in by)

    return text


def _baselines(
    result: Result, by: tuple[str, ...], over: str | None, limit: int
) -> Iterator[Block]:
    table = result.tables["baselines"]
    large = big_enough(table, limit)
    segments = large.filter(pc.not_equal(large["scope"], EVERYONE))
    shown = large if segments.num_rows or not by else table
    cells = [
        *_over(over),
        named(", ".join(by) or "who", _segment(by)),
        value("conditional_baseline", "conflict with\ntheir own"),
        number("conditional_floor", "floor"),
        number("conditional_ceiling", "ceiling"),
        number("agents", rank=1),
    ]
    yield Listing(
        "What an outsider is up against, among those with a goal",
        shown.slice(0, LONGEST),
        cells,
        "conditional_baseline",
    )


def _policy(
    result: Result, by: tuple[str, ...], over: str | None, *, overall: bool
) -> Iterator[Block]:
    yield Listing(
        "The mixture of goals that is best for whom it serves worst",
        result.tables["policy"].slice(0, LONGEST),
        [
            *_over(over),
            named(", ".join(by) or "who", _segment(by) if by else lambda _: EVERYONE),
            value("conditional_misalignment", "one policy"),
            number("conditional_alone", "area by area"),
            number("conditional_floor", "for it alone"),
        ],
        "conditional_misalignment",
    )
    table = result.tables["mixtures"]
    mixed = table.filter(pc.and_(pc.greater(table["share"], 0), pc.less(table["share"], 1)))
    if overall or not mixed.num_rows:
        return
    cells = [*_over(over)]
    if "area" in mixed.column_names:
        cells.append(named("problem area", "area"))
    yield Listing(
        f"Where that policy mixes goals: {len(mixed):,} rows"
        if len(mixed) > _FEW
        else "Where that policy mixes goals",
        mixed.slice(0, _FEW),
        [*cells, named("goal", "goal"), value("share", "share of it")],
        "share",
    )
