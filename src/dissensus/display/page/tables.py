"""Tables as data of a page: columns of words and of numbers, compact."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dissensus.model.columns import column
from dissensus.model.spelling import is_number, label_names, shown_names, spelled, visible

__all__ = ["ROWS_AT_MOST", "as_data", "selected"]

# rows of a table that a page holds; 20,000 rows of ten columns are about a megabyte
ROWS_AT_MOST = 20_000
# digits that a reader may want; the data itself is in the result's own file
_DIGITS = 4
# said already by another column
_TWICE = frozenset({"alignment"})
_LONGEST = 300


def selected(table: pa.Table, limit: int = ROWS_AT_MOST) -> pa.Table:
    """Rows that a page holds: all of them, or of too many those that stand out.

    Half of them are those with the highest misalignment; a quarter those with the lowest among
    pairs that hold a goal; a quarter those in which fewest do.
    """
    if table.num_rows <= limit:
        return table
    names = set(table.column_names)
    if not {"misalignment", "conditional_misalignment", "participation"} <= names:
        return table.slice(0, limit)
    orders = (
        ("misalignment", "descending", limit // 2),
        ("conditional_misalignment", "ascending", limit // 4),
        ("participation", "ascending", limit // 4),
    )
    picked = [
        pc.select_k_unstable(table, k=count, sort_keys=[(name, order)])
        for name, order, count in orders
    ]
    return table.take(pc.unique(pa.concat_arrays([one.cast(pa.int64()) for one in picked])))


def as_data(table: pa.Table) -> dict[str, Any]:
    """Columns of a table: names, words for people, and the values, words stored once."""
    labels = label_names(table.column_names)
    columns = []
    for name in (one for one in shown_names(table) if one not in _TWICE):
        about = column(name)
        shown = table[labels.get(name, name)]
        one: dict[str, Any] = {"key": name, "label": about.label, "reading": about.reading}
        if is_number(table, name):
            values = _numbers(shown)
            # a value that all rows have is told once
            same = len(set(values)) == 1
            one |= {"unit": about.unit} | ({"same": values[0]} if same else {"values": values})
        else:
            one |= _words(shown)
        columns.append(one)
    return {"columns": columns, "rows": table.num_rows}


def _numbers(values: pa.ChunkedArray) -> list[float | int | None]:
    kind = values.type
    if pa.types.is_integer(kind):
        return list(values.to_pylist())
    return [_rounded(value) for value in values.to_pylist()]


def _rounded(value: float | Decimal | None) -> float | int | None:
    if value is None or not math.isfinite(value):
        return None
    number = float(f"{float(value):.{_DIGITS}g}")
    return int(number) if number.is_integer() else number


def _words(values: pa.ChunkedArray) -> dict[str, Any]:
    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
    if pa.types.is_nested(kind) or pa.types.is_map(kind):
        values = pa.chunked_array([[_short(value) for value in values.to_pylist()]], pa.string())
    coded = values.combine_chunks().dictionary_encode(null_encoding="encode")
    words = [None if word is None else _short(word) for word in coded.dictionary.to_pylist()]
    return {"words": words, "codes": coded.indices.to_pylist()}


def _short(value: object) -> str | None:
    if value is None:
        return None
    text = visible(spelled(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\u2026"
