"""What a terminal shows of a result, and in which order, before a line is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from dissensus.display.picking import big_enough, lists, reasons
from dissensus.display.rows import EVERYONE, Shape
from dissensus.model.result import Result

__all__ = ["MIN_AGENTS", "Part", "Plan", "Section", "plan"]

MIN_AGENTS = 30
BLOCK = 24  # longest block of means; of more, the three lists are shown


@dataclass(frozen=True)
class Section:
    """Rows under a heading.

    Attributes
    ----------
    head : str
        The heading; may be empty.
    table : pyarrow.Table
        The rows.
    """

    head: str
    table: pa.Table


@dataclass(frozen=True)
class Part:
    """Sections whose columns stand in line.

    Attributes
    ----------
    sections : tuple of Section
        The sections.
    areas : bool
        Whether their rows are about single problem areas.
    same : bool
        Whether all rows are about one segment, or one pair, that need not be named in each.
    """

    sections: tuple[Section, ...]
    areas: bool = False
    same: bool = False


@dataclass(frozen=True)
class Plan:
    """Everything that is shown.

    Attributes
    ----------
    parts : tuple of Part
        The answer first: means of everyone, each segment, each pair; then single areas.
    limit : int
        Rows about fewer agents are hidden.
    hidden : int
        How many are.
    all_small : bool
        Whether a table is shown whole because all its rows are about so few.
    without : list of (str, int)
        Why values are missing, and in how many rows.
    """

    parts: tuple[Part, ...]
    limit: int
    hidden: int
    all_small: bool
    without: list[tuple[str, int]]

    @property
    def tables(self) -> list[pa.Table]:
        """Tables that are shown."""
        return [section.table for part in self.parts for section in part.sections]


def plan(result: Result, min_agents: int | None = None, *, overall: bool = False) -> Plan:
    """Choose what to show of a result about misalignment.

    Parameters
    ----------
    result : Result
        The answer to a question.
    min_agents : int, optional
        Rows about fewer agents are hidden. If not given, those with fewer than 30 are, unless
        that would leave nothing of a table.
    overall : bool
        Only the means over problem areas.
    """
    shape = Shape.of(result)
    limit = MIN_AGENTS if min_agents is None else min_agents
    wanted = {name: result.tables[name] for name in ("overall", "within") if name in result.tables}
    if not overall and (shape.normalised or not shape.one_area):
        wanted["rows"] = result.rows
    kept = {name: big_enough(table, limit) for name, table in wanted.items()}
    small = [name for name, table in wanted.items() if _nothing_left(shape, table, kept[name])]
    if min_agents is None:
        kept |= {name: wanted[name] for name in small}
    last = "rows" if "rows" in kept else "overall"
    parts = [_means(shape, kept["overall"])]
    if "within" in kept:
        own = "" if shape.one_area else ", each over its own problem areas"
        parts.append(_means(shape, kept["within"], f"Within, to compare{own}"))
    if "rows" in kept:
        same = _is_same(shape, kept["rows"])
        few = shape.one_area and kept["rows"].num_rows <= BLOCK
        sections = [Section("Normalised", kept["rows"])] if few else _three(shape, kept["rows"])
        parts.append(Part(tuple(sections), areas=True, same=same and not few))
    return Plan(
        tuple(parts),
        limit,
        wanted[last].num_rows - kept[last].num_rows,
        min_agents is None and bool(small),
        reasons(kept[last]),
    )


def _means(shape: Shape, table: pa.Table, head: str = "") -> Part:
    """Means in the order of the segments; of very many, the three lists."""
    if table.num_rows <= BLOCK:
        return Part((Section(head, table),))
    return Part(tuple(_three(shape, table)))


def _three(shape: Shape, table: pa.Table) -> Iterator[Section]:
    value = "intensity" if shape.salient else "misalignment"
    picked = lists(table, shape.keys(table), value=value)
    for head, one in (
        (f"Widest of {table.num_rows:,} rows", picked.widest),
        ("Closest, among those with a goal", picked.closest),
        ("Silent rather than agreed", picked.silent),
    ):
        if one.rows.num_rows:
            tied = f": {one.rows.num_rows} of {one.tied:,} with this value" if one.tied else ""
            yield Section(head + tied, one.rows)


def _nothing_left(shape: Shape, table: pa.Table, kept: pa.Table) -> bool:
    """Whether all rows that the question is about are small; everyone's stands beside them."""
    left, before = (_asked(shape, one).num_rows for one in (kept, table))
    return bool(left == 0 < before)


def _asked(shape: Shape, table: pa.Table) -> pa.Table:
    if not shape.by or "scope" not in table.column_names:
        return table
    return table.filter(pc.not_equal(table["scope"], EVERYONE))


def _is_same(shape: Shape, table: pa.Table) -> bool:
    names = [name for name in shape.segment_columns if name in table.column_names]
    return bool(names) and all(pc.count_distinct(table[n], mode="all").as_py() == 1 for n in names)
