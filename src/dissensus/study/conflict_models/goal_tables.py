"""Tables that say something of each goal: a number, for all areas or for one."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from dissensus.engine.population import as_text
from dissensus.engine.sources import collect, open_source
from dissensus.errors import quoted
from dissensus.model.conflict import ConflictError

__all__ = ["Numbers", "number_of", "numbers_of", "read_columns"]

Numbers = dict[tuple[str | None, str], float]


def number_of(value: Any, of: str) -> float:
    """Read a finite number of at least 0.

    Raises
    ------
    ConflictError
        It is none.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not (isfinite(number) and number >= 0):
        raise ConflictError(f"{of} is {value!r}", "a number of at least 0", "correct it")
    return number


def numbers_of(value: Any, option: str, key: str, number: str) -> Numbers:
    """Number of each goal, or of each area, from a mapping or a table.

    ``key`` and ``number`` are the columns of the table, which may have ``area`` beside them.

    Raises
    ------
    ConflictError
        Other columns, a value that is no number, or a key with two values.
    """
    if isinstance(value, Mapping) and not any(isinstance(v, list | tuple) for v in value.values()):
        rows: list[tuple[Any, Any, Any]] = [(None, n, given) for n, given in value.items()]
    else:
        table = read_columns(value, option, (key, number))
        nowhere: list[Any] = [None] * len(table[key])
        areas = nowhere if key == "area" else table.get("area", nowhere)
        rows = list(zip(areas, table[key], table[number], strict=True))
    out: Numbers = {}
    for area, name, given in rows:
        place = (None if area is None else as_text(area), as_text(name))
        found = number_of(given, f"{option} of {as_text(name)!r}")
        if out.setdefault(place, found) != found:
            raise ConflictError(
                f"{option} of {place[1]!r} is {out[place]:g} and {found:g}",
                f"one {number} each",
                "remove one of the two rows",
            )
    return out


def read_columns(value: Any, option: str, needed: tuple[str, ...]) -> dict[str, list[Any]]:
    """Columns of a table, of which some must be there.

    Raises
    ------
    ConflictError
        A column that is needed is not there.
    """
    source = open_source(str(value) if isinstance(value, Path) else value)
    table = collect(source.frame)
    missing = [name for name in needed if name not in table.column_names]
    if missing:
        raise ConflictError(
            f"{option}: columns {quoted(table.column_names, 6)}",
            f"a table with the columns {', '.join(needed)}, and area if it matters",
            f"rename a column to {missing[0]}",
        )
    columns: dict[str, list[Any]] = table.to_pydict()
    return columns
