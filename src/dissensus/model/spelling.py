"""How one value is spelt for people: on a terminal, in a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal

import pyarrow as pa

from dissensus.model.columns import column

__all__ = ["is_number", "label_names", "shown_names", "spelled", "visible"]

# Control characters, and the marks that turn the direction of the text around them: none of them
# may reach a reader's terminal out of data.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_BLANK = frozenset("\t\n\v\f\r\x85\u2028\u2029")


def visible(text: str) -> str:
    r"""Text on one line, with its control characters spelt out.

    Examples
    --------
    >>> visible("two\nlines, \x1b[31mred")
    'two lines, \\x1b[31mred'
    """
    return _CONTROL.sub(_spell_control, text)


def _spell_control(match: re.Match[str]) -> str:
    character = match.group()
    if character in _BLANK:
        return " "
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def spelled(value: object, unit: str = "") -> str:
    """Text of a value: three decimals for a probability, whole per cent for a share.

    A value that is not zero is never rounded to zero, nor one below 1 to 1.

    Examples
    --------
    >>> [spelled(value, "probability") for value in (0.3956, 2e-18, 0, 1, None)]
    ['0.396', '<0.001', '0.000', '1.000', '']
    >>> [spelled(value, "share") for value in (0.904, 0.001, 0.999, 1)]
    ['90 %', '<1 %', '>99 %', '100 %']
    >>> spelled(1234567, "agents"), spelled(1997)
    ('1,234,567', '1997')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _number(value, unit)
    if isinstance(value, date | time):  # a moment (datetime) is a date as well
        return value.isoformat()
    if isinstance(value, list) and all(isinstance(part, tuple) for part in value):  # a map column
        return visible("; ".join(": ".join(map(str, pair)) for pair in value))
    if isinstance(value, list):
        return ", ".join(spelled(part, unit) for part in value)
    return visible(str(value))


def _number(value: int | float | Decimal, unit: str) -> str:
    if unit in ("probability", "intensity"):
        return _rounded(float(value), 3, "")
    if unit == "share":
        return _rounded(float(value) * 100, 0, " %", top=100)
    if unit == "difference":
        return f"{float(value):+.3f}"
    if unit in ("bits", "camps", "index", "nats", "utils"):
        return f"{float(value):.3f}"
    whole = value == value and abs(value) != float("inf") and value == int(value)
    if unit:  # a number of agents, goals, areas, rows
        return f"{int(value):,}" if whole else f"{value:,.1f}"
    return str(int(value)) if whole else f"{value:.6g}"


def _rounded(value: float, digits: int, suffix: str, top: float = 1) -> str:
    step = 10.0**-digits
    if 0 < value < step / 2:
        return f"<{step:.{digits}f}{suffix}"
    if top - step / 2 < value < top:
        return f">{top - step:.{digits}f}{suffix}"
    return f"{value:.{digits}f}{suffix}"


def is_number(table: pa.Table, name: str) -> bool:
    """Whether a column is set to the right: a quantity, not a name that happens to be a number."""
    kind = table.schema.field(name).type
    counted = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return counted and bool(column(name).unit)


def label_names(names: Sequence[str]) -> dict[str, str]:
    """Columns that have words beside them, and the column of the words.

    Examples
    --------
    >>> label_names(["area", "area_label", "party_a", "party_a_label", "agents"])
    {'area': 'area_label', 'party_a': 'party_a_label'}
    """
    return {name: f"{name}_label" for name in names if f"{name}_label" in names}


def shown_names(table: pa.Table) -> list[str]:
    """Columns that a reader is shown: words in the place of ids, and none that is empty."""
    labels = set(label_names(table.column_names).values())
    return [
        name
        for name in table.column_names
        if name not in labels and (name != "reasons" or table[name].null_count < len(table))
    ]
