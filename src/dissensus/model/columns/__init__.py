"""What each column of a result is called, means, and how it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from dissensus.model.columns import (
    auditing,
    companions,
    comparing,
    dealing,
    explaining,
    judging,
    measuring,
    mixing,
    networks,
    pairing,
    reading,
    sampling,
    simulating,
    targeting,
)
from dissensus.model.columns.column import Column

__all__ = ["COLUMNS", "Column", "column", "described", "own_columns"]

_CATALOGUES = (
    measuring,
    sampling,
    pairing,
    explaining,
    targeting,
    mixing,
    comparing,
    dealing,
    companions,
    networks,
    judging,
    reading,
    auditing,
    simulating,
)

COLUMNS: dict[str, Column] = {
    one.name: one for catalogue in _CATALOGUES for one in catalogue.CATALOGUE
}


def column(name: str) -> Column:
    """Description of a column; a name that the measure does not know describes itself."""
    return COLUMNS.get(name, Column(name, name))


def own_columns(summary: Mapping[str, Any]) -> list[str]:
    """Names in a result of the user's own columns: ``over``, and the segments, of pairs too."""
    if summary.get("question") == "describe":
        return []
    over = [summary["over"]] if summary.get("over") else []
    return over + [name + side for name in summary.get("by") or () for side in ("", "_a", "_b")]


def described(tables: Iterable[pa.Table], own: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """Descriptions of all columns that occur, for the record.

    ``own`` are names of the user's columns, which mean what they mean in the data.
    """
    users = set(own)
    names = dict.fromkeys(name for table in tables for name in table.column_names)
    known = {name: Column(name, name) if name in users else column(name) for name in names}
    return {name: {k: v for k, v in vars(known[name]).items() if v} for name in names}
