"""Which rows of a result a reader sees first: the widest, the closest, and the silent ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.model.result import Result

__all__ = ["Lists", "Picked", "big_enough", "is_silent", "lists", "reasons", "with_min_agents"]

_ROW = "_row"
_SIZES = ("agents", "agents_a", "agents_b")


@dataclass(frozen=True)
class Picked:
    """A short list of rows.

    Attributes
    ----------
    rows : pyarrow.Table
        The first rows.
    tied : int
        If all of them have the same value, the number of rows that have it; else 0.
    """

    rows: pa.Table
    tied: int = 0


@dataclass(frozen=True)
class Lists:
    """Three short lists of rows.

    Attributes
    ----------
    widest : Picked
        Highest misalignment first.
    closest : Picked
        Lowest misalignment among those with a goal first; never a row that is silent.
    silent : Picked
        Rows that are low and silent: of the lowest quarter, those in which most pairs have a
        member without a goal; lowest misalignment first.
    """

    widest: Picked
    closest: Picked
    silent: Picked


def lists(table: pa.Table, keys: list[str], length: int = 5, value: str = "misalignment") -> Lists:
    """Pick the three lists, no row twice; ties are ordered by agents, then by ``keys``.

    Parameters
    ----------
    table : pyarrow.Table
        Rows of a result.
    keys : list of str
        Columns that name a row.
    length : int
        Longest list; with few rows half of them.
    value : str
        Column that the rows are ordered by; with ``conditional_`` before it, among those with a
        goal.
    """
    valued = table.filter(pc.is_valid(table[value]))
    valued = valued.append_column(_ROW, pa.array(np.arange(valued.num_rows)))
    mask = is_silent(valued)
    spoken, silent = valued.filter(pc.invert(mask)), valued.filter(mask)
    spoken = spoken.filter(pc.is_valid(spoken[f"conditional_{value}"]))
    low = pc.less_equal(silent[value], _lowest_quarter(valued[value]))
    half = min(length, -(-valued.num_rows // 2))
    widest = _first(valued, (value, "descending"), keys, half)
    taken = widest.rows[_ROW]
    closest = _first(spoken, (f"conditional_{value}", "ascending"), keys, half, taken)
    quiet = _first(silent.filter(low), (value, "ascending"), keys, length, taken)
    return Lists(*(replace(one, rows=one.rows.drop([_ROW])) for one in (widest, closest, quiet)))


def is_silent(table: pa.Table) -> pa.ChunkedArray:
    """Whether most pairs have a member without a goal: a low value there is no agreement.

    Examples
    --------
    >>> silence = {"no_goal_share": [0.6, 0.4, None], "participation": [0.6, 0.8, 0.0]}
    >>> is_silent(pa.table(silence)).to_pylist()
    [True, False, True]
    """
    most = pc.greater(table["no_goal_share"], 0.5)
    nobody = pc.equal(table["participation"], 0)
    return pc.fill_null(pc.or_kleene(most, nobody), False)


def big_enough(table: pa.Table, min_agents: int) -> pa.Table:
    """Rows with at least so many agents, on both sides of a pair; an unknown number stays."""
    for name in _SIZES:
        if name in table.column_names:
            enough = pc.greater_equal(table[name], pa.scalar(min_agents).cast(table[name].type))
            table = table.filter(pc.fill_null(enough, True))
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
    table: pa.Table,
    by: tuple[str, str],
    keys: list[str],
    length: int,
    taken: pa.ChunkedArray | None = None,
) -> Picked:
    """First rows in an order, but for those that another list has taken."""
    every = table[by[0]]
    if taken is not None:
        table = table.filter(pc.invert(pc.is_in(table[_ROW], taken.combine_chunks())))
    sizes = [(name, "descending") for name in _SIZES if name in table.column_names]
    order = [by, *sizes, *((name, "ascending") for name in keys)]
    plain = {name: _plain(table[name]) for name, _ in order}
    rows = table.take(pc.sort_indices(pa.table(plain), sort_keys=order)[:length])
    values = set(rows[by[0]].to_pylist())
    tied = pc.sum(pc.equal(every, values.pop())).as_py() if len(values) == 1 else 0
    return Picked(rows, tied if tied > rows.num_rows else 0)


def _lowest_quarter(values: pa.ChunkedArray) -> pa.Scalar:
    """Highest value of the quarter of the rows that has the lowest."""
    if not len(values):
        return pa.scalar(0.0)
    return values.take(pc.sort_indices(values))[(len(values) - 1) // 4]


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column that can be sorted."""
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    if pa.types.is_null(column.type):
        return column.cast(pa.string())
    return column
