"""A result as JSON, all of it, and back: the four keys rows, summary, tables, provenance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa

from dissensus.errors import DissensusError
from dissensus.model.columns import COLUMNS
from dissensus.model.literals import json_rows, json_text
from dissensus.model.result import SCHEMA, Result

__all__ = ["RecordError", "json_pieces", "json_schema", "read"]

_KEYS = ("rows", "summary", "tables", "provenance")
_LARGEST = 2**63 - 1


class RecordError(DissensusError, ValueError):
    """A file that is no result of ours, or one of another version."""


def json_schema() -> str:
    """Text of the JSON Schema that every result in JSON keeps to.

    The file says of which type the columns are that no data can have by another meaning; of the
    other columns only the catalogue's sentence is added, since a segment may bear their names.
    """
    text = files("dissensus.model").joinpath("result.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    known = schema["$defs"]["row"]["properties"]
    for name, column in COLUMNS.items():
        known.setdefault(name, {"description": column.reading or column.label})
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def json_pieces(result: Result) -> Iterator[str]:
    """Text of a result in JSON, piece by piece: one row a line, so that tools for lines serve."""
    yield '{\n"rows": '
    yield from _listed(result.rows)
    yield f',\n"summary": {json_text(result.summary, indent=1)},\n"tables": {{'
    for i, (name, table) in enumerate(result.tables.items()):
        yield f"{',' if i else ''}\n{json_text(name)}: "
        yield from _listed(table)
    provenance = {"schema": SCHEMA, **result.provenance}
    yield f'\n}},\n"provenance": {json_text(provenance, indent=1)}\n}}\n'


def _listed(table: pa.Table) -> Iterator[str]:
    yield "["
    for i, row in enumerate(json_rows(table)):
        yield f"{',' if i else ''}\n{row}"
    yield "\n]" if table.num_rows else "]"


def read(path: str | Path) -> Result:
    """Read a result that was saved as JSON.

    Parameters
    ----------
    path : str or Path
        File written by :meth:`Result.save` or by the command line.

    Raises
    ------
    RecordError
        No such file, no JSON, not a result, or a result of another version.
    """
    record = _loaded(Path(path))
    found = set(record) if isinstance(record, dict) else set()
    if found != set(_KEYS):
        raise RecordError(
            f"{path} is JSON, but no result",
            f"an object with exactly the keys {', '.join(_KEYS)}",
            "save one with result.save('name.json') or the command line's -o name.json",
        )
    version = record["provenance"].get("schema")
    if version != SCHEMA:
        raise RecordError(
            f"{path} is a result of version {version!r}",
            f"version {SCHEMA!r}, the one that this dissensus reads",
            "make the result again with this version, or read it with the one that wrote it",
            version=version,
        )
    tables = {name: _table(rows) for name, rows in record["tables"].items()}
    return Result(_table(record["rows"]), record["summary"], tables, record["provenance"])


def _loaded(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordError(
            f"cannot read {path}: {error.strerror}",
            "a result saved as JSON",
            "check the name, or save one with result.save('name.json')",
        ) from error
    except ValueError as error:  # broken JSON or not even UTF-8
        raise RecordError(
            f"{path} is no JSON: {error}",
            "a result saved as JSON",
            "save it again; the file may have been cut off",
        ) from error


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: _array(name, [row.get(name) for row in rows]) for name in names})


def _array(name: str, values: list[Any]) -> pa.Array:
    if name == "reasons":
        pairs = [None if value is None else list(value.items()) for value in values]
        return pa.array(pairs, pa.map_(pa.string(), pa.string()))
    if any(isinstance(value, int) and abs(value) > _LARGEST for value in values):
        exact = [None if value is None else Decimal(value) for value in values]
        return pa.array(exact, pa.decimal128(38, 0))
    return pa.array(values)
