"""A result written down: CSV, JSON, Parquet, Markdown, LaTeX; to a file or as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from dissensus.errors import DissensusError, nearest, quoted
from dissensus.model.beside import beside
from dissensus.model.columns import described, own_columns
from dissensus.model.literals import csv_lines, json_text
from dissensus.model.record import RecordError, json_pieces, read
from dissensus.model.result import SCHEMA, Result
from dissensus.model.typeset import latex_lines, markdown_lines

__all__ = [
    "FORMATS",
    "FormatError",
    "OutputError",
    "RecordError",
    "as_text",
    "checked_format",
    "chosen_table",
    "format_of",
    "read",
    "write",
    "write_into",
]

# Each format, and the endings of names that mean it; the first is the usual one.
FORMATS: dict[str, tuple[str, ...]] = {
    "csv": (".csv",),
    "json": (".json",),
    "parquet": (".parquet", ".pq"),
    "markdown": (".md", ".markdown"),
    "latex": (".tex", ".latex"),
}


class FormatError(DissensusError, ValueError):
    """A format, or a table of a result, that there is not."""


class OutputError(DissensusError, OSError):
    """A place that cannot be written to."""


def as_text(result: Result, format: str, table: str = "rows") -> str:
    """Text of a result.

    Parameters
    ----------
    result : Result
        What to write.
    format : {'csv', 'json', 'markdown', 'latex'}
        JSON holds all of it, the others hold one table.
    table : str
        ``rows`` or one of ``result.tables``.

    Raises
    ------
    FormatError
        No such format or table, or one that is not text.
    """
    if checked_format(format) == "parquet":
        raise FormatError(
            "Parquet is no text",
            "csv, json, markdown or latex",
            "save it to a file: -o NAME.parquet",
        )
    into = BytesIO()
    write_into(result, into, format, table)
    return into.getvalue().decode()


def format_of(path: Path) -> str:
    """Format that a file's name means.

    Raises
    ------
    FormatError
        The ending is not known.
    """
    for name, endings in FORMATS.items():
        if path.suffix.lower() in endings:
            return name
    known = ", ".join(endings[0] for endings in FORMATS.values())
    raise FormatError(
        f"the name {path.name!r} does not tell a format",
        f"a name that ends in one of {known}",
        "rename it, or name the format: --format csv, or save(path, format='csv')",
    )


def write(result: Result, path: Path, format: str | None = None, table: str = "rows") -> Path:
    """Write a result to a file, beside it first and renamed when whole.

    Parameters
    ----------
    result : Result
        What to write.
    path : Path
        Where to; an existing file is replaced.
    format : str, optional
        One of ``FORMATS``; follows from the name if not given.
    table : str
        ``rows`` or one of ``result.tables``; JSON always holds all.

    Returns
    -------
    Path
        ``path``.

    Raises
    ------
    FormatError
        The format is not known or does not follow from the name.
    OutputError
        The place cannot be written to; nothing is left behind.
    """
    form = format_of(path) if format is None else checked_format(format)
    try:
        with beside(path) as file:
            write_into(result, file, form, table)
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}",
            "a folder that exists and may be written to, with room left",
            "choose another place, or make the folder first",
        ) from error
    return path


def write_into(result: Result, file: BinaryIO, format: str, table: str = "rows") -> None:
    """Write a result into an open file, as bytes; text is UTF-8."""
    if checked_format(format) == "json":
        for piece in json_pieces(result):
            file.write(piece.encode())
        return
    chosen = chosen_table(result, table)
    if format == "parquet":
        _write_parquet(result, chosen, file)
        return
    for line in _LINES[format](chosen):
        file.write(f"{line}\n".encode())


def checked_format(format: str) -> str:
    """Return the name of a format if there is one of that name.

    Raises
    ------
    FormatError
        There is none.
    """
    if format not in FORMATS:
        raise FormatError(
            f"there is no format {format!r}",
            f"one of {', '.join(FORMATS)}",
            nearest(format, FORMATS),
        )
    return format


def chosen_table(result: Result, name: str) -> pa.Table:
    """Return a table of a result: ``rows`` or one of ``result.tables``.

    Raises
    ------
    FormatError
        There is no such table.
    """
    if name == "rows":
        return result.rows
    if name not in result.tables:
        raise FormatError(
            f"this result has no table {name!r}",
            f"one of {quoted(['rows', *result.tables], 12)}",
            nearest(name, ["rows", *result.tables]),
        )
    return result.tables[name]


def _write_parquet(result: Result, table: pa.Table, file: BinaryIO) -> None:
    words = described([table], own_columns(result.summary))
    fields = [field.with_metadata(words[field.name]) for field in table.schema]
    about = {
        "dissensus.schema": SCHEMA,
        "dissensus.summary": json_text(result.summary),
        "dissensus.provenance": json_text(result.provenance),
    }
    pq.write_table(table.cast(pa.schema(fields, about)), file)


_LINES: dict[str, Callable[[pa.Table], Iterator[str]]] = {
    "csv": csv_lines,
    "markdown": markdown_lines,
    "latex": latex_lines,
}
