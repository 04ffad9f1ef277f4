"""The little language of ``where``: comparisons joined by ``and``, parsed once, never evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import narwhals as nw

from dissensus.errors import DissensusError, nearest, quoted

__all__ = ["Comparison", "WhereError", "expression", "parse_where"]

Literal = str | int | float | bool

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<op><=|>=|!=|==|=|<|>)
    | (?P<open>\() | (?P<close>\)) | (?P<comma>,)
    | "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^'\\]|\\.)*)' | `(?P<tick>[^`]*)`
    | (?P<word>[^\s<>=!(),"'`]+)
    )""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")


class WhereError(DissensusError, ValueError):
    """A ``where`` that is not comparisons joined by ``and``."""


@dataclass(frozen=True)
class Comparison:
    """One comparison: a column, an operator, and the literal or literals to compare with."""

    column: str
    operator: str
    literals: tuple[Literal, ...]

    @property
    def is_numeric(self) -> bool:
        """Whether all literals are numbers."""
        return all(type(literal) in (int, float) for literal in self.literals)


def parse_where(text: str) -> tuple[Comparison, ...]:
    """Read ``column OP literal and ...`` with the operators ``= != < <= > >= in``.

    Text is quoted, or a bare word; columns with spaces stand in backticks or double quotes.

    Raises
    ------
    WhereError
        Anything else; the place is named.

    Examples
    --------
    >>> parse_where("age >= 18 and region in ('North', South)")[1]
    Comparison(column='region', operator='in', literals=('North', 'South'))
    """
    tokens = _tokens(text)
    comparisons = []
    place = 0
    while True:
        comparison, place = _comparison(text, tokens, place)
        comparisons.append(comparison)
        if place == len(tokens):
            return tuple(comparisons)
        if tokens[place] != ("word", "and") and tokens[place] != ("word", "AND"):
            raise _error(text, f"{tokens[place][1]!r} after a comparison")
        place += 1


def expression(
    comparisons: tuple[Comparison, ...], schema: Mapping[str, nw.dtypes.DType]
) -> nw.Expr:
    """Build the filter; a null compares as false.

    Raises
    ------
    WhereError
        A column that is not there, or a literal of another type than its column.
    """
    parts = [_compare(comparison, schema) for comparison in comparisons]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole & part
    return whole


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise _error(text, f"{text[place:].strip()[:20]!r}")
        group = match.lastgroup
        value = match.group(group)
        if group in ("double", "single"):
            value = re.sub(r"\\(.)", r"\1", value)
        tokens.append((group, value))
        place = match.end()
    return tokens


def _comparison(text: str, tokens: list[tuple[str, str]], place: int) -> tuple[Comparison, int]:
    parts = tokens[place : place + 2]
    if len(parts) < 2 or parts[0][0] not in ("word", "double", "tick"):
        raise _error(text, "a comparison that is not complete" if parts else "nothing")
    column = parts[0][1]
    kind, operator = parts[1]
    if kind == "op":
        operator = "=" if operator == "==" else operator
        if place + 2 >= len(tokens):
            raise _error(text, f"nothing after {column} {operator}")
        return Comparison(column, operator, (_literal(text, tokens[place + 2]),)), place + 3
    if kind == "word" and operator.lower() == "in":
        return _membership(text, tokens, place, column)
    raise _error(text, f"{operator!r} instead of an operator")


def _membership(
    text: str, tokens: list[tuple[str, str]], place: int, column: str
) -> tuple[Comparison, int]:
    rest = tokens[place + 2 :]
    close = next((i for i, token in enumerate(rest) if token[0] == "close"), -1)
    inner = rest[1:close]
    separated = all(token[0] == "comma" for token in inner[1::2])
    if close < 0 or rest[0][0] != "open" or len(inner) % 2 == 0 or not separated:
        raise _error(text, f"{column} in without a list in parentheses")
    literals = tuple(_literal(text, token) for token in inner[::2])
    return Comparison(column, "in", literals), place + 3 + close


def _literal(text: str, token: tuple[str, str]) -> Literal:
    kind, value = token
    if kind in ("double", "single"):
        return value
    if kind != "word":
        raise _error(text, f"{value!r} instead of a value")
    if _NUMBER.match(value):
        return float(value) if re.search(r"[.eE]", value) else int(value)
    return {"true": True, "false": False}.get(value.lower(), value)


def _compare(comparison: Comparison, schema: Mapping[str, nw.dtypes.DType]) -> nw.Expr:
    name, operator = comparison.column, comparison.operator
    if name not in schema:
        raise WhereError(f"no column {name!r} to compare", "a column", nearest(name, schema))
    column = nw.col(name)
    literals = [_fitting(literal, comparison, schema[name]) for literal in comparison.literals]
    if operator == "in":
        return column.is_in(literals)
    literal = literals[0]
    compared: nw.Expr = {
        "=": column.__eq__,
        "!=": column.__ne__,
        "<": column.__lt__,
        "<=": column.__le__,
        ">": column.__gt__,
        ">=": column.__ge__,
    }[operator](literal)
    # pandas finds a missing value different from everything
    return compared & ~column.is_null() if operator == "!=" else compared


def _fitting(literal: Literal, comparison: Comparison, dtype: nw.dtypes.DType) -> Any:
    """Let a literal be compared only with a column of its type: 7 is not less than '10'."""
    is_number = type(literal) in (int, float)
    if dtype.is_numeric():
        fits = is_number
    elif dtype == nw.Boolean:
        fits = isinstance(literal, bool)
    elif dtype in (nw.Date, nw.Datetime):
        fits = isinstance(literal, str)
        if fits:
            return _moment(str(literal), comparison.column, dtype)
    else:
        fits = not is_number or comparison.operator in ("=", "!=", "in")
        if fits:
            return str(literal).lower() if isinstance(literal, bool) else str(literal)
    if not fits:
        raise WhereError(
            f"{comparison.column!r} is {dtype} and is compared with {literal!r}",
            f"a value of the column's type, {dtype}",
            "write numbers without quotes, and text in quotes",
        )
    return literal


def _moment(literal: str, column: str, dtype: nw.dtypes.DType) -> date | datetime:
    try:
        return date.fromisoformat(literal) if dtype == nw.Date else datetime.fromisoformat(literal)
    except ValueError:
        raise WhereError(
            f"{column!r} is {dtype} and is compared with {literal!r}",
            "a date such as '2026-01-31'",
            "write the date in ISO form, in quotes",
        ) from None


def _error(text: str, found: str) -> WhereError:
    return WhereError(
        f"in where {quoted([text])}: {found}",
        "comparisons joined by and: column = value, with = != < <= > >= or in (a, b)",
        "for example: age >= 18 and region in ('North', 'South')",
    )
