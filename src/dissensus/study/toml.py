"""TOML as study files need it: tables of names, text, numbers, lists and mappings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any

__all__ = ["key_lines", "toml_text"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEADER = re.compile(r"""\s*\[\s*["']?([^\["'\]]+?)["']?\s*\]""")
_KEY = re.compile(r"""\s*["']?([^\s"'=.#\[\]]+)["']?\s*(?:\.\s*["']?([^\s"'=.#]+)["']?\s*)?=""")


def toml_text(tables: Mapping[str, Any]) -> str:
    """Text of a TOML document; what is None, or an empty table, is left out.

    Examples
    --------
    >>> print(toml_text({"title": "Votes", "data": {"agent": ["id"], "area": None}}))
    title = "Votes"
    <BLANKLINE>
    [data]
    agent = ["id"]
    """
    given = {name: value for name, value in tables.items() if not _is_empty(value)}
    top = {name: value for name, value in given.items() if not isinstance(value, Mapping)}
    blocks = [list(_lines(top))] if top else []
    for name, value in given.items():
        if isinstance(value, Mapping):
            blocks.append([f"[{_key(name)}]", *_lines(value)])
    return "\n\n".join("\n".join(block) for block in blocks)


def _lines(table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        if not _is_empty(value):
            yield f"{_key(name)} = {_value(value)}"


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, Mapping) and not value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    # JSON escapes all that TOML wants escaped, but for DEL
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(name)} = {_value(v)}" for name, v in value.items()) + " }"
    return "[" + ", ".join(map(_value, value)) + "]"


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    r"""Line of each table and key of a TOML text, as far as a plain look can tell.

    Examples
    --------
    >>> key_lines('title = "x"\n[data]\nagent = "id"\nmeasure.by = "y"')
    {('title',): 1, ('data',): 2, ('data', 'agent'): 3, ('data', 'measure', 'by'): 4}
    """
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = tuple(header.group(1).split("."))
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *filter(None, key.groups())), number)
    return found
