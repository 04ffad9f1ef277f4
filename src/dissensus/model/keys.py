"""Rows that name things: problem areas and segments, in one canonical order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Codes", "Keys", "distinct", "encode", "encode_rows"]

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Keys:
    """Distinct rows of some key columns, sorted, nulls last.

    ``size`` is kept apart because a table without columns (everyone, one problem area)
    still has one row.
    """

    table: pa.Table
    size: int

    @property
    def names(self) -> list[str]:
        """Names of the key columns."""
        return list(self.table.column_names)

    def take(self, rows: Codes) -> dict[str, pa.ChunkedArray]:
        """Return the key columns repeated for ``rows``."""
        return {name: self.table.column(name).take(pa.array(rows)) for name in self.names}

    def codes(self, names: list[str]) -> tuple[Keys, Codes]:
        """Distinct rows of some of the key columns, and the code of each row in them."""
        return encode_rows({name: self.table.column(name) for name in names}, self.size)


def distinct(codes: Codes) -> Codes:
    """Distinct codes, sorted; several times faster here than numpy.unique, which hashes.

    Examples
    --------
    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered = codes if bool((codes[1:] >= codes[:-1]).all()) else np.sort(codes, kind="stable")
    changes = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=changes[1:])
    return ordered[changes]


def encode(column: pa.ChunkedArray | pa.Array) -> tuple[pa.Array, Codes]:
    """Sorted distinct values of a column (null last) and the code of each row.

    Examples
    --------
    >>> values, codes = encode(pa.array(["b", None, "a", "b"]))
    >>> values.to_pylist(), codes.tolist()
    (['a', 'b', None], [1, 2, 0, 1])
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if pa.types.is_floating(array.type):  # engines differ in whether NaN is null
        array = pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)
    encoded = array.dictionary_encode(null_encoding="encode")
    order = pc.sort_indices(encoded.dictionary)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order.to_numpy()] = np.arange(len(order))
    return encoded.dictionary.take(order), rank[encoded.indices.to_numpy().astype(np.int64)]


def encode_rows(columns: Mapping[str, pa.ChunkedArray], size: int) -> tuple[Keys, Codes]:
    """Sorted distinct rows of several columns and the code of each row; no column is one row.

    Examples
    --------
    >>> keys, codes = encode_rows({"year": pa.chunked_array([[2, 1, 2]])}, 3)
    >>> keys.table.to_pydict(), codes.tolist()
    ({'year': [1, 2]}, [1, 0, 1])
    """
    if not columns:
        return Keys(pa.table({}), 1), np.zeros(size, dtype=np.int64)
    encoded = {name: encode(column) for name, column in columns.items()}
    first, *others = encoded
    values, code = encoded[first]
    parts = {first: np.arange(len(values), dtype=np.int64)}
    for name in others:
        values, codes = encoded[name]
        # compacted after each column, so that the product of the sizes cannot overflow
        crossed = code * len(values) + codes
        met = distinct(crossed)
        code = np.searchsorted(met, crossed)
        parts = {known: rows[met // len(values)] for known, rows in parts.items()}
        parts[name] = met % len(values)
    table = pa.table({name: encoded[name][0].take(pa.array(rows)) for name, rows in parts.items()})
    return Keys(table, table.num_rows), code.astype(np.int64)
