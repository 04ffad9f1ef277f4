"""The same table as every kind of frame and file that the package counts."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq

Maker = Callable[[pa.Table], Any]
Writer = Callable[[pa.Table, Path], str]


def as_dict(table: pa.Table) -> dict[str, list[Any]]:
    return table.to_pydict()


def as_pandas(table: pa.Table) -> pd.DataFrame:
    """NumPy's types, but for whole numbers with gaps, which those cannot hold."""
    frame = table.to_pandas()
    for f in table.schema:
        if pa.types.is_integer(f.type) and table.column(f.name).null_count:
            kind = str(f.type).capitalize().replace("Uint", "UInt")
            frame[f.name] = pd.array(table.column(f.name).to_pylist(), kind)
    return frame


def as_pandas_arrow(table: pa.Table) -> pd.DataFrame:
    return table.to_pandas(types_mapper=pd.ArrowDtype)


def as_polars(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(table)


def as_polars_lazy(table: pa.Table) -> pl.LazyFrame:
    return pl.DataFrame(table).lazy()


def as_duckdb(table: pa.Table) -> duckdb.DuckDBPyRelation:
    """Relation of a connection of the user's own."""
    connection = duckdb.connect()
    connection.register("arrow", table)
    connection.execute("CREATE TABLE rows AS SELECT * FROM arrow")
    connection.unregister("arrow")
    return connection.table("rows")


FRAMES: dict[str, Maker] = {
    "pyarrow": lambda table: table,
    "pandas": as_pandas,
    "pandas-arrow": as_pandas_arrow,
    "polars": as_polars,
    "polars-lazy": as_polars_lazy,
    "duckdb": as_duckdb,
}


def text_lines(table: pa.Table, delimiter: str, *, quote: bool = False) -> str:
    """Delimited text as a person would write it: null is nothing, text quoted where needed."""

    def cell(value: object) -> str:
        text = "" if value is None else str(value)
        special = any(mark in text for mark in (delimiter, '"', "\n", "\r"))
        return '"' + text.replace('"', '""') + '"' if special or (quote and text) else text

    lines = [table.column_names, *([*row.values()] for row in table.to_pylist())]
    return "".join(delimiter.join(map(cell, line)) + "\n" for line in lines)


def _text(name: str, delimiter: str, *, quote: bool = False, before: str = "", end: str = "\n"):
    def write(table: pa.Table, folder: Path) -> str:
        path = folder / name
        text = before + text_lines(table, delimiter, quote=quote).replace("\n", end)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return str(path)

    return write


def _parquet(table: pa.Table, folder: Path) -> str:
    pq.write_table(table, folder / "rows.parquet")
    return str(folder / "rows.parquet")


def _parquet_parts(table: pa.Table, folder: Path) -> str:
    half = table.num_rows // 2
    pq.write_table(table.slice(0, half), folder / "part-1.parquet")
    backwards = table.select(table.column_names[::-1])  # columns are matched by their names
    pq.write_table(backwards.slice(half), folder / "part-2.parquet")
    return str(folder / "part-*.parquet")


def _json_lines(table: pa.Table, folder: Path) -> str:
    import json

    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    return str(path)


def _feather(table: pa.Table, folder: Path) -> str:
    pyarrow.feather.write_feather(table, folder / "rows.feather")
    return str(folder / "rows.feather")


def _arrow_stream(table: pa.Table, folder: Path) -> str:
    with pa.ipc.new_stream(folder / "rows.arrow", table.schema) as stream:
        stream.write_table(table)
    return str(folder / "rows.arrow")


def _database(table: pa.Table, folder: Path) -> str:
    with duckdb.connect(folder / "rows.duckdb") as connection:
        connection.register("arrow", table)
        connection.execute('CREATE TABLE "all rows" AS SELECT * FROM arrow')
    return f"{folder / 'rows.duckdb'}::all rows"


FILES: dict[str, Writer] = {
    "csv": _text("rows.csv", ","),
    "csv with byte order mark and CR LF": _text("rows.csv", ",", before="\ufeff", end="\r\n"),
    "csv quoted": _text("rows.csv", ",", quote=True),
    "csv semicolon": _text("rows.csv", ";"),
    "csv gz": _text("rows.csv.gz", ","),
    "txt pipe": _text("rows.txt", "|"),
    "tsv": _text("rows.tsv", "\t"),
    "tsv gz": _text("rows.tsv.gz", "\t"),
    "parquet": _parquet,
    "parquet parts": _parquet_parts,
    "json lines": _json_lines,
    "feather": _feather,
    "arrow stream": _arrow_stream,
    "duckdb file": _database,
}
