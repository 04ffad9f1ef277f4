"""Write a scenario file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dissensus.scenario.load import ScenarioError
from dissensus.scenario.schema import SCHEMA

__all__ = ["scenario_text", "write_scenario"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write_scenario(record: Mapping[str, Any], path: str | Path) -> Path:
    """Write a scenario file; one that is there is never replaced.

    Parameters
    ----------
    record : mapping
        Keys of the file but for ``schema``.
    path : str or Path

    Raises
    ------
    ScenarioError
        The file exists already, or cannot be written.
    """
    path = Path(path)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(scenario_text(record))
    except FileExistsError as error:
        raise ScenarioError(
            f"{path} exists already",
            "a new file: what is there is never overwritten",
            "choose another name, or remove it first",
        ) from error
    except OSError as error:
        raise ScenarioError(
            f"cannot write {path}: {error.strerror}",
            "a folder that exists and may be written to",
            "choose another place, or make the folder first",
        ) from error
    return path


def scenario_text(record: Mapping[str, Any]) -> str:
    """Text of a scenario file; what is None or empty is left out.

    Examples
    --------
    >>> print(scenario_text({"actions": ["a", "b"], "rule": "borda",
    ...                      "parts": [{"name": "me", "order": "a > b"}]}))
    # What each key means: dissensus schema system
    schema = "dissensus/system/1"
    actions = ["a", "b"]
    rule = "borda"
    <BLANKLINE>
    [[parts]]
    name = "me"
    order = "a > b"
    <BLANKLINE>
    """
    lines = ["# What each key means: dissensus schema system"]
    lines += _table({"schema": SCHEMA, **record}, "")
    return "\n".join(lines) + "\n"


def _table(record: Mapping[str, Any], above: str) -> Iterator[str]:
    """Lines of a table: its values first, then its tables."""
    given = {key: value for key, value in record.items() if not _is_empty(value)}
    for key, value in given.items():
        if not isinstance(value, Mapping) and not _is_tables(value):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in given.items():
        name = f"{above}{_key(key)}"
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]", *_table(value, f"{name}."))
        elif _is_tables(value):
            for one in value:
                yield from ("", f"[[{name}]]", *_table(one, f"{name}."))


def _is_tables(value: Any) -> bool:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return listed and all(isinstance(one, Mapping) for one in value)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping | list | tuple) and not value)


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
    return "[" + ", ".join(map(_value, value)) + "]"
