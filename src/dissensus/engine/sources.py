"""Open a file, a data frame or a database table as one kind of frame, without reading it."""

from __future__ import annotations

import csv
import gzip
import re
import sys
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from glob import escape, glob, has_magic
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa
import pyarrow.ipc

from dissensus.engine.codebook import Codebook
from dissensus.errors import DissensusError, nearest

__all__ = [
    "Frame",
    "Source",
    "SourceError",
    "collect",
    "open_source",
    "reading",
    "typed",
    "with_rows",
]

Frame = nw.LazyFrame[Any] | nw.DataFrame[Any]

_TEXT = {".csv", ".tsv", ".txt", ".psv"}
_PARQUET = {".parquet", ".pq"}
_JSON_LINES = {".jsonl", ".ndjson"}
_ARROW = {".arrow", ".feather", ".ipc"}
_STATISTICAL = {".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt"}
_PREFLIB = {".soc", ".soi", ".toc", ".toi", ".cat"}
_DATABASE = "::"
_DELIMITERS = ",;\t|:^~"


class SourceError(DissensusError, ValueError):
    """A file, frame or table that cannot be read."""


@dataclass(frozen=True, eq=False)
class Source:
    """Where rows come from.

    Attributes
    ----------
    frame : narwhals frame
        The rows, lazy where the engine is.
    text : bool
        Whether all columns are text exactly as written.
    about : mapping
        Path, size and time for the provenance.
    schema : mapping
        Types of the columns that a user may name.
    codebook : Codebook
        What the file itself says of its codes.
    roles : mapping
        Roles that the file's own format gives to its columns.
    """

    frame: Frame
    text: bool = False
    about: Mapping[str, Any] = field(default_factory=dict)
    schema: Mapping[str, nw.dtypes.DType] = field(default_factory=dict)
    codebook: Codebook = field(default_factory=Codebook)
    roles: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(self.schema)


def open_source(data: Any) -> Source:
    """Open rows: a path, ``file.duckdb::table``, ``-``, a frame, or a mapping of columns.

    Raises
    ------
    SourceError
        No such file or table, an unknown extension, a broken header, or a type we cannot read.

    Examples
    --------
    >>> open_source({"agent": [1, 2], "goal": ["ban", "allow"]}).columns
    ['agent', 'goal']
    """
    if isinstance(data, Source):
        return data
    source = _open_path(str(data)) if isinstance(data, str | Path) else _open_frame(data)
    return with_rows(source, source.frame)


def with_rows(source: Source, frame: Frame) -> Source:
    """Return the source with other rows; its columns are looked up anew.

    Raises
    ------
    SourceError
        The rows cannot be read.
    """
    with reading(source.about.get("path", "the data")):
        schema = dict(frame.collect_schema())
    hidden = set(source.codebook.numbers.values())
    known = {name: kind for name, kind in schema.items() if name not in hidden}
    return replace(source, frame=frame, schema=known)


def collect(frame: Frame) -> pa.Table:
    """Bring a small frame, such as a tally, here as Arrow."""
    with reading("the data"):
        if isinstance(frame, nw.LazyFrame):
            table = frame.collect("pyarrow").to_arrow()
        else:
            # pandas brings its index along
            table = pa.table(frame.to_arrow()).select(frame.columns)
    return _plain(pa.table(table))


def _plain(table: pa.Table) -> pa.Table:
    """Write categories out, and text in one way: a tally is small, and engines differ in both."""
    for place, column in enumerate(table.schema):
        kind = column.type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            kind = pa.string()
        if kind != column.type:
            table = table.set_column(place, column.name, table.column(place).cast(kind))
    return table


class reading:  # noqa: N801  (reads as a statement: with reading(path))
    """Turn an engine's complaint about the data into an error that the user can mend."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, duckdb.InternalException | duckdb.BinderException):
            return
        if isinstance(error, duckdb.OutOfMemoryException):
            raise SourceError(
                f"{self.name} needs more memory than there is: {_first_lines(error)}",
                "memory for one row per distinct agent and area",
                "pass check='none', or count the table by goal first and use count=",
            ) from error
        if isinstance(
            error, duckdb.Error | pa.ArrowInvalid | pa.ArrowSerializationError | pa.ArrowTypeError
        ):
            raise SourceError(
                f"cannot read {self.name}: {_first_lines(error)}",
                "a complete file in which every row has the columns of the first",
                "mend the row or write the file anew; for text, quote values that hold the "
                "delimiter",
            ) from error


def _first_lines(error: BaseException, limit: int = 3) -> str:
    text = str(error).partition("Possible fixes")[0]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "; ".join(lines[:limit])


def _open_frame(data: Any) -> Source:
    if isinstance(data, Mapping):
        try:
            data = pa.table({str(name): values for name, values in data.items()})
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, OverflowError) as error:
            raise SourceError(
                f"columns that do not make a table: {error}",
                "a mapping from column names to lists of equal length, one type a column",
                "check the lengths and the types",
            ) from error
    try:
        frame = nw.from_native(data)
        names = list(frame.collect_schema())
    except nw.exceptions.DuplicateError as error:
        raise SourceError(
            f"columns of the same name: {_first_lines(error)}",
            "a name of its own for every column",
            "rename the columns",
        ) from error
    except TypeError as error:
        raise SourceError(
            f"an object of type {type(data).__name__}",
            "a path, file.duckdb::table, a mapping of columns, or a frame of pandas, Polars, "
            "PyArrow or DuckDB",
            "convert it to one of these",
        ) from error
    about = {"kind": f"{type(data).__module__.split('.')[0].lstrip('_')} {type(data).__name__}"}
    if isinstance(frame, nw.DataFrame):
        about["rows"] = f"{len(frame)}"
    unnamed = [name for name in names if not isinstance(name, str)]
    if unnamed:
        raise SourceError(
            f"a column name that is not text: {unnamed[0]!r}",
            "column names that are text",
            "rename the columns, for example frame.columns = frame.columns.astype(str)",
        )
    return Source(typed(frame), about=about)


def typed(frame: Frame) -> Frame:
    """Give columns of pandas' objects, and of nothing, the type of what they hold."""
    if frame.implementation.is_pyarrow():
        return _text_for_nothing(frame)
    if not frame.implementation.is_pandas():
        return frame
    objects = [name for name, kind in frame.collect_schema().items() if kind == nw.Object]
    if not objects:
        return frame
    import pandas

    native: Any = frame.to_native()
    columns = {}
    for name in objects:
        try:
            values = pa.array(native[name], from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            continue  # of several types: refused if it gets a role
        values = values.cast(pa.string()) if pa.types.is_null(values.type) else values
        columns[name] = pandas.Series(pandas.arrays.ArrowExtensionArray(values), native.index)
    whole: Frame = nw.from_native(native.assign(**columns))
    return whole


def _text_for_nothing(frame: Frame) -> Frame:
    table: Any = frame.to_native()
    nothing = [place for place, kind in enumerate(table.schema.types) if pa.types.is_null(kind)]
    for place in nothing:
        column = table.column(place).cast(pa.string())
        table = table.set_column(place, table.column_names[place], column)
    whole: Frame = nw.from_native(table)
    return whole


def _open_path(path: str) -> Source:
    if path == "-":
        return _open_text([_spool_standard_input()], "standard input")
    if _DATABASE in path:
        return _open_database(path)
    is_pattern = has_magic(path) and not Path(path).is_file()
    files = sorted(glob(path, recursive=True)) if is_pattern else [path]  # noqa: PTH207
    found = [file for file in files if Path(file).is_file()]
    if not found:
        raise _missing(path)
    suffix = _suffix(found[0])
    if suffix in _TEXT:
        return _open_text(found, path)
    connection = _connect()
    if suffix in _STATISTICAL:
        from dissensus.engine.statistical import open_statistical

        _one_file(path, found)
        relation, codebook = open_statistical(connection, found[0])
        return Source(nw.from_native(relation), about=_about(path, found), codebook=codebook)
    if suffix in _PREFLIB:
        from dissensus.engine.preflib import open_preflib

        relation, roles = open_preflib(connection, found)
        return Source(nw.from_native(relation), about=_about(path, found), roles=roles)
    with reading(path):
        if suffix in _PARQUET:
            relation = connection.read_parquet(files_of(found), union_by_name=len(found) > 1)
        elif suffix in _JSON_LINES:
            relation = connection.read_json(files_of(found), format="newline_delimited")
            relation = _text_of_json(relation)
        elif suffix in _ARROW:
            relation = connection.from_arrow(_arrow_table(found))
        else:
            raise SourceError(
                f"a file of unknown kind: {path}",
                "one of .csv .tsv .txt (also .gz), .parquet, .jsonl, .arrow, .feather, of SPSS "
                ".sav .zsav .por, Stata .dta, SAS .sas7bdat .xpt, of PrefLib .soc .soi .toc .toi "
                ".cat, or file.duckdb::table",
                "rename the file if it is one of these, or convert it",
            )
    return Source(nw.from_native(relation), about=_about(path, found))


def _one_file(path: str, found: list[str]) -> None:
    if len(found) > 1:
        raise SourceError(
            f"{path} matches {len(found)} files of a survey program",
            "one file: codes may mean different things in each",
            "put them together in that program, or convert them to Parquet",
        )


def _text_of_json(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Read columns of several types as text: yes, not "yes" in quotes."""
    names = ['"' + name.replace('"', '""') + '"' for name in relation.columns]
    pairs = zip(names, relation.types, strict=True)
    parts = [f"{n} ->> '$' AS {n}" if str(kind) == "JSON" else n for n, kind in pairs]
    return relation.project(", ".join(parts))


def files_of(files: list[str]) -> Any:
    """Return the files as the engine takes them: a name is no pattern any more."""
    return [escape(file) for file in files]


def _missing(path: str) -> SourceError:
    folder = Path(path).parent
    if Path(path).is_dir():
        return SourceError(f"{path} is a folder", "a file", f"name a file in it: {path}/*.parquet")
    beside = [file.name for file in folder.iterdir()] if folder.is_dir() else []
    hint = nearest(Path(path).name, beside) if folder.is_dir() else f"no folder {folder} either"
    return SourceError(f"no such file: {path}", "a file that exists", hint)


def _suffix(path: str) -> str:
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    if suffixes[-1:] == [".gz"]:
        suffixes = suffixes[:-1]
    return suffixes[-1] if suffixes else ""


def _connect(database: str = ":memory:", *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(database, read_only=read_only)
    # rows may come in any order: tallies are sorted, and the engine needs less memory
    connection.execute("SET preserve_insertion_order = false")
    return connection


def _open_database(path: str) -> Source:
    file, _, table = path.partition(_DATABASE)
    if not Path(file).is_file():
        raise _missing(file)
    with reading(file):
        connection = _connect(file, read_only=True)
        tables = [str(row[0]) for row in connection.sql("SHOW TABLES").fetchall()]
        if table not in tables and "." not in table:
            raise SourceError(
                f"no table {table!r} in {file}", "a table or view", nearest(table, tables)
            )
        relation = connection.table(table)
    return Source(nw.from_native(relation), about=_about(path, [file]))


def _open_text(files: list[str], name: str) -> Source:
    connection = _connect()
    delimiter, columns = _header(files[0], name)
    for file in files[1:]:
        if _header(file, file) != (delimiter, columns):
            raise SourceError(
                f"{file} has another header than {files[0]}",
                "files with the same columns in the same order",
                "write them anew alike, or convert them to Parquet, where names are matched",
            )
    with reading(name):
        relation = connection.read_csv(
            files_of(files),
            sep=delimiter,
            header=True,
            columns=dict.fromkeys(columns, "VARCHAR"),
            auto_detect=False,
            quotechar='"',
            escapechar='"',
        )
    about = {"kind": "text", "path": name} if name == "standard input" else _about(name, files)
    return Source(nw.from_native(relation), text=True, about=about)


def _header(file: str, name: str) -> tuple[str, list[str]]:
    opened = gzip.open if file.lower().endswith(".gz") else open
    try:
        with opened(file, "rt", encoding="utf-8-sig", newline="") as lines:
            start = lines.read(1_000_000)
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{name} is not UTF-8 text: byte {error.start}",
            "text in UTF-8",
            "convert it, for example with iconv -f latin1 -t utf-8",
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(
            f"cannot read {name}: {error}", "a complete text file", "write the file anew"
        ) from error
    if "\0" in start:
        raise SourceError(
            f"{name} holds zero bytes", "text in UTF-8", "it may be another kind of file"
        )
    head = _first_record(start)
    if not head.strip():
        raise SourceError(f"{name} is empty", "a header line and rows", "check the file")
    unquoted = "".join(head.split('"')[::2])
    delimiter = max(_DELIMITERS, key=lambda mark: (unquoted.count(mark), -_DELIMITERS.index(mark)))
    rows = csv.reader([head], delimiter=delimiter)
    columns = [column.strip() for column in next(rows)]
    repeated = sorted({column for column in columns if columns.count(column) > 1})
    if repeated or "" in columns:
        raise SourceError(
            f"the header of {name} has "
            + (f"{repeated[0]!r} twice" if repeated and repeated[0] else "a column without a name"),
            "a name of its own for every column",
            "rename the columns in the first line",
        )
    return delimiter, columns


def _first_record(text: str) -> str:
    """First line, with the line ends that stand in quotes; no other character ends a line."""
    inside = False
    for mark in re.finditer(r'["\r\n]', text):
        if mark.group() == '"':
            inside = not inside
        elif not inside:
            return text[: mark.start()]
    return text


def _arrow_table(files: list[str]) -> pa.Table:
    tables = []
    for file in files:
        try:
            tables.append(pa.ipc.open_file(pa.memory_map(file)).read_all())
        except pa.ArrowInvalid:
            stream = pa.memory_map(file)
            try:
                tables.append(pa.ipc.open_stream(stream).read_all())
            except OSError as error:  # a header that is none
                raise pa.ArrowInvalid(str(error)) from error
    return pa.concat_tables(tables, promote_options="default")


def _spool_standard_input() -> str:
    with tempfile.NamedTemporaryFile(suffix=".csv", delete=False) as spool:
        while chunk := sys.stdin.buffer.read(1 << 20):
            spool.write(chunk)
    import atexit

    atexit.register(Path(spool.name).unlink, missing_ok=True)
    return spool.name


def _about(path: str, files: list[str]) -> dict[str, Any]:
    stats = [Path(file).stat() for file in files]
    changed = datetime.fromtimestamp(max(stat.st_mtime for stat in stats), UTC)
    return {
        "kind": "file" if len(files) == 1 else f"{len(files)} files",
        "path": path,
        "bytes": sum(stat.st_size for stat in stats),
        "modified": changed.isoformat(timespec="seconds"),
    }
