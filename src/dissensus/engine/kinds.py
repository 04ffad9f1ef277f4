"""Types of columns: which can have a role, which can be joined, how they are spelt as text."""

from __future__ import annotations

import narwhals as nw
import pyarrow as pa

__all__ = ["goal_as_text", "has_parts", "is_category", "join_type", "shared_type"]

_PARTS = (nw.List, nw.Array, nw.Struct, nw.Object, nw.Binary)


def has_parts(dtype: nw.dtypes.DType) -> bool:
    """Whether values of a type are no single value: lists, bytes, objects of several types."""
    return isinstance(dtype, _PARTS)


def is_category(dtype: nw.dtypes.DType) -> bool:
    """Whether a column holds categories, ordered or not."""
    return isinstance(dtype, nw.Categorical | nw.Enum)


def join_type(here: nw.dtypes.DType, there: nw.dtypes.DType) -> nw.dtypes.DType | None:
    """Type that two key columns have to be cast to; None if they cannot be joined.

    Examples
    --------
    >>> join_type(nw.Int64(), nw.Int32()), join_type(nw.Int64(), nw.String())
    (Int64, None)
    """
    if here == there and not is_category(here):
        return here
    if here.is_integer() and there.is_integer():
        # past 2^63 the two have no whole number in common but as text
        return nw.String() if nw.UInt64() in (here, there) else nw.Int64()
    if here.is_numeric() and there.is_numeric():
        return nw.Float64()
    if all(isinstance(kind, nw.String) or is_category(kind) for kind in (here, there)):
        return nw.String()
    return here if isinstance(here, nw.Datetime) and isinstance(there, nw.Datetime) else None


def shared_type(a: pa.DataType, b: pa.DataType) -> pa.DataType:
    """Arrow type that both of two key columns fit into."""
    if a == b:
        return a
    if pa.types.is_integer(a) and pa.types.is_integer(b):
        return pa.int64()
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    if all(any(test(kind) for test in numbers) for kind in (a, b)):
        return pa.float64()
    return b


def goal_as_text(name: str, dtype: nw.dtypes.DType) -> nw.Expr:
    """Column as text, spelt as in tallies whatever the engine: 1, not 1.0; true, not True."""
    column = nw.col(name)
    if dtype == nw.Boolean:
        # a null is neither, and stays null
        no = nw.when(~column).then(nw.lit("false"))
        return nw.when(column).then(nw.lit("true")).otherwise(no).alias(name)
    if not dtype.is_float():
        return column.cast(nw.String)
    present = ~column.is_null() & ~column.is_nan()
    is_whole = present & (column == column.floor()) & (column.abs() < 2**53)
    whole = nw.when(is_whole).then(column).otherwise(nw.lit(0.0)).cast(nw.Int64).cast(nw.String)
    broken = nw.when(present).then(column.cast(nw.String))
    return nw.when(is_whole).then(whole).otherwise(broken).alias(name)
