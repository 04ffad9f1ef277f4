"""Names of columns: what a user may write for them, and the error about those that are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from dissensus.errors import DissensusError, nearest, quoted

__all__ = ["ColumnError", "Names", "as_text", "expand", "free_name", "names_of", "one_of"]

Names = str | Sequence[str]


class ColumnError(DissensusError, KeyError):
    """A column that is not there, is there twice, or cannot have the role."""

    __str__ = DissensusError.__str__


def as_text(value: Any) -> str:
    """Spell a value as tallies spell goals: whole numbers without a point.

    Examples
    --------
    >>> as_text(2.0), as_text(True), as_text("2.0")
    ('2', 'true', '2.0')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def expand(patterns: Sequence[str], columns: Sequence[str], role: str = "wide") -> tuple[str, ...]:
    """Columns meant by names, patterns (``q*``) and ranges (``q1..q20``), in the table's order.

    Raises
    ------
    ColumnError
        A name, pattern or range that matches nothing.

    Examples
    --------
    >>> expand(["q1..q3"], ["id", "q1", "q2", "q3", "q4"])
    ('q1', 'q2', 'q3')
    """
    chosen: list[str] = []
    for pattern in patterns:
        if pattern in columns:
            chosen.append(pattern)
            continue
        matched = _range(pattern, columns) if ".." in pattern else None
        if matched is None and re.search(r"[*?\[]", pattern):
            matched = [column for column in columns if fnmatchcase(column, pattern)]
        if not matched:
            raise ColumnError(
                f"{role}: nothing matches {pattern!r}",
                "names, patterns such as 'q*', or ranges such as 'q1..q20'",
                nearest(pattern.split("..")[0], columns),
            )
        chosen.extend(matched)
    return tuple(dict.fromkeys(chosen))


def _range(pattern: str, columns: Sequence[str]) -> list[str] | None:
    first, _, last = pattern.partition("..")
    if first in columns and last in columns:
        start, end = columns.index(first), columns.index(last)
        return list(columns[min(start, end) : max(start, end) + 1])
    return None


def free_name(name: str, taken: Iterable[str]) -> str:
    """Name that no column bears."""
    known = set(taken)
    while name in known:
        name = f"{name}_"
    return name


def names_of(value: Any) -> tuple[str, ...]:
    """Return none, one or several names as a tuple."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)


def one_of(name: str, value: Any, allowed: tuple[str, ...]) -> Any:
    """Return the value if it is one of those allowed.

    Raises
    ------
    ColumnError
        Any other value.
    """
    if value not in allowed:
        raise ColumnError(
            f"{name}={value!r}", f"one of {quoted(allowed)}", nearest(str(value), allowed)
        )
    return value
