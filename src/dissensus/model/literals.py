"""Columns as text for JSON and CSV: exact, and a column at a time, since rows may be many."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Set
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["csv_lines", "json_rows", "json_text", "plain"]

_BATCH = 50_000
_CSV_SPECIAL = '[",\r\n]'
_JSON_SPECIAL = r'["\\\x00-\x1f]'


def plain(value: Any) -> Any:
    """Return a value as JSON has them: exact whole numbers, never NaN.

    Examples
    --------
    >>> plain({"n": Decimal(10**30), "when": date(2024, 2, 29), "p": float("nan")})
    {'n': 1000000000000000000000000000000, 'when': '2024-02-29', 'p': 'nan'}
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        # a segment may be called NaN in the data: kept as a name, JSON has no such number
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | Set):
        return [plain(part) for part in value]
    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == int(value) else str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON text of a value."""
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=indent)


def json_rows(table: pa.Table) -> Iterator[str]:
    """JSON objects of the rows of a table; map columns become objects.

    Examples
    --------
    >>> list(json_rows(pa.table({"party": ["A", None], "misalignment": [1.0, 0.5]})))
    ['{"party": "A", "misalignment": 1.0}', '{"party": null, "misalignment": 0.5}']
    """
    heads = [f"{json_text(name)}: " for name in table.column_names]
    heads[1:] = [f", {head}" for head in heads[1:]]
    for part in _batches(table):
        pieces: list[Any] = []
        for head, column in zip(heads, part.columns, strict=True):
            pieces += [head, _json_column(column)]
        yield from pc.binary_join_element_wise("{", *pieces, "}", "").to_pylist()


def csv_lines(table: pa.Table) -> Iterator[str]:
    """Lines of CSV: exact values, null empty and empty text quoted, what has parts as JSON text.

    Examples
    --------
    >>> list(csv_lines(pa.table({"party": ["a,b", "", None], "agents": [1, 2, 3]})))
    ['party,agents', '"a,b",1', '"",2', ',3']
    """
    names = pa.array(table.column_names, pa.string())
    yield ",".join(_csv_quoted(names).to_pylist())
    for part in _batches(table):
        columns = [_csv_column(column) for column in part.columns]
        yield from pc.binary_join_element_wise(*columns, ",").to_pylist()


def _batches(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows if table.num_columns else 0, _BATCH):
        yield table.slice(start, _BATCH).combine_chunks()


def _json_column(column: pa.ChunkedArray) -> pa.Array:
    array = _array(column)
    texts = _numbers(array)
    if texts is not None:
        finite = pc.is_finite(array) if pa.types.is_floating(array.type) else True
        return pc.if_else(finite, texts, _json_quoted(texts)).fill_null("null")
    if pa.types.is_string(array.type):
        return _json_quoted(array).fill_null("null")
    return _each(array, json_text)


def _csv_column(column: pa.ChunkedArray) -> pa.Array:
    array = _array(column)
    texts = _numbers(array)
    if texts is None:
        texts = _csv_quoted(array if pa.types.is_string(array.type) else _each(array, _csv_text))
    return texts.fill_null("")


def _array(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    array = pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_large_string(array.type) or pa.types.is_string_view(array.type):
        array = array.cast(pa.string())
    return array


def _numbers(array: pa.Array) -> pa.Array | None:
    """Text of numbers, as short as is exact; None for a column that holds something else."""
    kind = array.type
    whole = pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0)
    if whole or pa.types.is_boolean(kind):
        return array.cast(pa.string())
    if not pa.types.is_floating(kind):
        return None
    texts = array.cast(pa.string())
    # 1 becomes 1.0, so that a reader sees a number that need not be whole
    looks_whole = pc.match_substring_regex(texts, r"^-?\d+$")
    return pc.if_else(looks_whole, pc.binary_join_element_wise(texts, ".0", ""), texts)


def _json_quoted(array: pa.Array) -> pa.Array:
    quoted = pc.binary_join_element_wise('"', array, '"', "")
    special = pc.match_substring_regex(array, _JSON_SPECIAL)
    if not pc.any(special).as_py():
        return quoted
    return pc.if_else(special, _each(array, json_text), quoted)


def _csv_quoted(array: pa.Array) -> pa.Array:
    special = pc.or_(pc.match_substring_regex(array, _CSV_SPECIAL), pc.equal(array, ""))
    doubled = pc.replace_substring(array, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise('"', doubled, '"', ""), array)


def _csv_text(value: Any) -> str | None:
    known = plain(value)
    return known if known is None or isinstance(known, str) else json_text(known)


def _each(array: pa.Array, text: Callable[[Any], str | None]) -> pa.Array:
    values = array.to_pylist()
    if pa.types.is_map(array.type):
        values = [None if value is None else dict(value) for value in values]
    return pa.array([text(value) for value in values], pa.string())
