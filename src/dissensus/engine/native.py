"""The few lines a kind of frame that Narwhals lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine.sources import Frame, SourceError, typed

__all__ = [
    "is_duckdb",
    "like",
    "ordered_categories",
    "parsed_numbers",
    "sample_of_agents",
    "share_connection",
    "unpivoted",
    "with_types_of",
]


def is_duckdb(frame: Frame) -> bool:
    """Whether a frame is counted by DuckDB."""
    return _kind(frame) is nw.Implementation.DUCKDB


def _kind(frame: Any) -> nw.Implementation:
    kind: nw.Implementation = frame.implementation
    return kind


def share_connection(frame: Frame, side: Frame) -> bool:
    """Whether two DuckDB relations are of one connection, and so can be joined."""
    left: Any = frame.to_native()
    right: Any = side.to_native()
    try:  # tables of two connections may bear one name
        left.limit(0).set_alias("_left").cross(right.limit(0).set_alias("_right"))
    except duckdb.InvalidInputException:
        return False
    return True


def like(frame: Frame, side_table: pa.Table) -> Frame:
    """Return a small Arrow table as a frame of the same kind as ``frame``, fit to be joined."""
    native: Any = frame.to_native()
    match _kind(frame):
        case nw.Implementation.DUCKDB:
            # the query runs on the relation's own connection and finds the local variable;
            # a table of the user's of that name would go first
            _dissensus_side = side_table
            try:
                side = native.limit(0).query("_dissensus", "SELECT * FROM _dissensus_side")
            except duckdb.CatalogException as error:
                raise SourceError(
                    "a DuckDB connection that may not look at Python's tables",
                    "python_enable_replacements, which brings the roster to the data",
                    "SET python_enable_replacements = true",
                ) from error
        case nw.Implementation.POLARS:
            import polars

            eager = polars.DataFrame(side_table)
            side = eager.lazy() if isinstance(frame, nw.LazyFrame) else eager
        case nw.Implementation.PANDAS:
            side = side_table.to_pandas(types_mapper=_nullable_types(side_table))
        case nw.Implementation.IBIS:
            import ibis

            side = ibis.memtable(side_table)
        case nw.Implementation.PYSPARK:
            side = native.sparkSession.createDataFrame(side_table.to_pandas())
        case nw.Implementation.DASK:
            import dask.dataframe

            side = dask.dataframe.from_pandas(side_table.to_pandas(), npartitions=1)
        case _:
            side = side_table
    joinable: Frame = nw.from_native(side)
    return typed(joinable)


def with_types_of(frame: Frame, side: Frame, keys: Sequence[str]) -> Frame:
    """Return the side with the frame's own types of the keys: Arrow alone has several of text."""
    left: Any = frame.to_native()
    right: Any = side.to_native()
    kind = _kind(frame)
    if kind is nw.Implementation.PANDAS:
        moments = [key for key in keys if isinstance(side.collect_schema()[key], nw.Datetime)]
        cast: Frame = nw.from_native(right.astype({key: left[key].dtype for key in moments}))
        return cast if moments else side
    if kind is not nw.Implementation.PYARROW:
        return side
    for key in keys:
        if left.schema.field(key).type != right.schema.field(key).type:
            cast = right.column(key).cast(left.schema.field(key).type)
            right = right.set_column(right.column_names.index(key), key, cast)
    typed: Frame = nw.from_native(right)
    return typed


def _nullable_types(table: pa.Table) -> Any:
    import pandas

    # whole numbers with nulls would turn into floats, and 1 into 1.0
    holed = {str(f.type) for f in table.schema if table.column(f.name).null_count}

    def mapper(kind: pa.DataType) -> Any:
        return pandas.ArrowDtype(kind) if str(kind) in holed and pa.types.is_integer(kind) else None

    return mapper


def unpivoted(frame: Frame, on: Sequence[str], index: Sequence[str], area: str, goal: str) -> Frame:
    """One row per agent and problem area from one row an agent; nulls are kept."""
    if not is_duckdb(frame):
        return frame.unpivot(on=list(on), index=list(index), variable_name=area, value_name=goal)
    columns = ", ".join(map(_identifier, on))
    kept = ", ".join(
        [
            *map(_identifier, index),
            f"CAST({_identifier(area)} AS VARCHAR) AS {_identifier(area)}",
            _identifier(goal),
        ]
    )
    query = (
        f"SELECT {kept} FROM _dissensus_wide UNPIVOT INCLUDE NULLS "
        f"({_identifier(goal)} FOR {_identifier(area)} IN ({columns}))"
    )
    native: Any = frame.to_native()
    long: Frame = nw.from_native(native.query("_dissensus_wide", query))
    return long


def parsed_numbers(frame: Frame, columns: Sequence[str], *, whole: bool = False) -> Frame:
    """Parse text columns of a DuckDB frame as numbers; what is no number becomes null."""
    kind = "HUGEINT" if whole else "DOUBLE"
    relation: Any = frame.to_native()
    parts = [
        f"TRY_CAST({_identifier(name)} AS {kind}) AS {_identifier(name)}"
        if name in columns
        else _identifier(name)
        for name in relation.columns
    ]
    parsed: Frame = nw.from_native(relation.project(", ".join(parts)))
    return parsed


def sample_of_agents(frame: Frame, agent: Sequence[str], one_in: int) -> Frame | None:
    """All rows of about one agent in ``one_in``, by a hash of the agent; None if it cannot be."""
    native: Any = frame.to_native()
    match _kind(frame):
        case nw.Implementation.DUCKDB:
            columns = ", ".join(map(_identifier, agent))
            sample = native.filter(f"hash({columns}) % {one_in} = 0")
        case nw.Implementation.POLARS:
            import polars

            sample = native.filter(polars.struct(*agent).hash(0) % one_in == 0)
        case nw.Implementation.PANDAS:
            import pandas

            code = pandas.util.hash_pandas_object(native[list(agent)], index=False).to_numpy()
            sample = native[code % np.uint64(one_in) == 0]
        case nw.Implementation.PYARROW if len(agent) == 1:
            known = pc.unique(native.column(agent[0]))
            chosen = known.take(pa.array(np.arange(0, len(known), one_in)))
            sample = native.filter(pc.is_in(native.column(agent[0]), chosen))
        case _:
            return None
    frame_of_sample: Frame = nw.from_native(sample)
    return frame_of_sample


def ordered_categories(frame: Frame, column: str) -> list[str] | None:
    """Categories of an ordered categorical column from lowest to highest; None for others."""
    dtype = frame.collect_schema()[column]
    if isinstance(dtype, nw.Enum):
        return [str(category) for category in dtype.categories]
    if _kind(frame) is nw.Implementation.PYARROW:
        native: Any = frame.to_native()
        values = native.column(column)
        if pa.types.is_dictionary(values.type) and values.type.ordered and values.num_chunks:
            return [str(category) for category in values.chunk(0).dictionary.to_pylist()]
    return None


def _identifier(name: str) -> str:
    quoted = name.replace('"', '""')
    return f'"{quoted}"'
