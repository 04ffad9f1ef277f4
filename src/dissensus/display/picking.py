"""Which rows of a result a reader sees first: the widest, the closest, and the silent ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from dissensus.model.result import Result

__all__ = ["Lists", "big_enough", "is_silent", "lists", "reasons", "with_min_agents"]

_SIZES = ("agents", "agents_a", "agents_b")


@dataclass(frozen=True)
class Lists:
    """Three short lists of rows.

    Attributes
    ----------
    widest : pyarrow.Table
        Highest misalignment first.
    closest : pyarrow.Table
        Lowest misalignment among those with a goal first; never a row that is silent.
    silent : pyarrow.Table
        Rows whose pairs are silent rather than agreed, lowest misalignment first.
    """

    widest: pa.Table
    closest: pa.Table
    silent: pa.Table


def lists(table: pa.Table, keys: list[str], length: int = 5) -> Lists:
    """Pick the three lists; ties are ordered by agents, then by ``keys``.

    Parameters
    ----------
    table : pyarrow.Table
        Rows of a result.
    keys : list of str
        Columns that name a row.
    length : int
        Longest list; with few rows the widest and the closest do not overlap.
    """
    valued = table.filter(pc.is_valid(table["misalignment"]))
    mask = is_silent(valued)
    spoken, silent = valued.filter(pc.invert(mask)), valued.filter(mask)
    spoken = spoken.filter(pc.is_valid(spoken["conditional_misalignment"]))
    half = min(length, -(-valued.num_rows // 2))
    return Lists(
        _first(valued, [("misalignment", "descending")], keys, half),
        _first(spoken, [("conditional_misalignment", "ascending")], keys, half),
        _first(silent, [("misalignment", "ascending")], keys, length),
    )


def is_silent(table: pa.Table) -> pa.ChunkedArray:
    """Whether silence is the largest of the three parts: conflict, agreement, silence.

    Such a row is low because few hold a goal. Every row is in which most pairs have a member
    without a goal.

    Examples
    --------
    >>> parts = {"misalignment": [0.0, 0.1], "compatible_share": [0.4, 0.5]}
    >>> is_silent(pa.table({**parts, "no_goal_share": [0.6, 0.4]})).to_pylist()
    [True, False]
    """
    silence = table["no_goal_share"]
    larger = pc.and_(
        pc.greater(silence, table["misalignment"]), pc.greater(silence, table["compatible_share"])
    )
    return pc.fill_null(larger, False)  # noqa: FBT003


def big_enough(table: pa.Table, min_agents: int) -> pa.Table:
    """Rows with at least so many agents, on both sides of a pair; an unknown number stays."""
    for name in _SIZES:
        if name in table.column_names:
            enough = pc.greater_equal(table[name], pa.scalar(min_agents).cast(table[name].type))
            table = table.filter(pc.fill_null(enough, True))  # noqa: FBT003
    return table


def with_min_agents(result: Result, min_agents: int) -> Result:
    """Leave out rows with fewer agents, everywhere, and say how many went from the main table."""
    rows = big_enough(result.rows, min_agents)
    hidden = result.rows.num_rows - rows.num_rows
    summary = {**result.summary, "min_agents": min_agents, "hidden_rows": hidden}
    tables = {name: big_enough(table, min_agents) for name, table in result.tables.items()}
    return replace(result, rows=rows, summary=summary, tables=tables)


def reasons(table: pa.Table) -> list[tuple[str, int]]:
    """Why misalignment is null, and in how many rows; the most frequent reason first."""
    if "reasons" not in table.column_names:
        return []
    without = table.filter(pc.is_null(table["misalignment"]))
    told = (dict(pairs or []).get("misalignment", "no reason given") for pairs in _list(without))
    return Counter(told).most_common()


def _list(table: pa.Table) -> list[list[tuple[str, str]] | None]:
    pairs: list[list[tuple[str, str]] | None] = table["reasons"].to_pylist()
    return pairs


def _first(
    table: pa.Table, by: list[tuple[str, str]], keys: list[str], length: int
) -> pa.Table:
    sizes = [(name, "descending") for name in _SIZES if name in table.column_names]
    order = [*by, *sizes, *((name, "ascending") for name in keys)]
    plain = {name: _plain(table[name]) for name, _ in order}
    return table.take(pc.sort_indices(pa.table(plain), sort_keys=order)[:length])


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column that can be sorted."""
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    return column
