"""The little language of ``where``: comparisons joined by ``and``, parsed once, never evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from operator import eq, ge, gt, le, lt, ne
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw

from dissensus.engine.kinds import is_category
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
_OPERATORS: dict[str, Callable[[Any, Any], nw.Expr]] = {
    "=": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")


class WhereError(DissensusError, ValueError):
    """A ``where`` that is not comparisons joined by ``and``."""


@dataclass(frozen=True)
class Comparison:
    """One comparison: a column, an operator, and the literal or literals to compare with.

    ``spelt`` are the literals as they were written, for columns of text.
    """

    column: str
    operator: str
    literals: tuple[Literal, ...]
    spelt: tuple[str, ...] = field(repr=False)

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
        token = tokens[place + 2]
        return Comparison(column, operator, (_literal(text, token),), (token[1],)), place + 3
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
    spelt = tuple(token[1] for token in inner[::2])
    return Comparison(column, "in", literals, spelt), place + 3 + close


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
    name, sign = comparison.column, comparison.operator
    if name not in schema:
        raise WhereError(f"no column {name!r} to compare", "a column", nearest(name, schema))
    dtype = schema[name]
    values = _fitting(comparison, dtype)
    # an engine may refuse to compare categories with what is none of them
    column = nw.col(name).cast(nw.String) if is_category(dtype) else nw.col(name)
    if sign == "in":
        compared = _is_one_of(column, values, dtype)
    else:
        compared = _OPERATORS[sign](column, values[0])
    # engines differ in what a missing value is: NaN, the largest number, or unknown
    present = ~column.is_null()
    if dtype.is_float():
        present = present & ~column.is_nan()
    return compared & present


def _is_one_of(column: nw.Expr, values: list[Any], dtype: nw.dtypes.DType) -> nw.Expr:
    if dtype.is_integer():
        values = [int(value) for value in values if value == value // 1 and abs(value) < 2**63]
    elif dtype.is_float():
        values = [float(value) for value in values]
    elif dtype.is_numeric():  # decimals
        equal: list[nw.Expr] = [column == value for value in values]
        return reduce(nw.Expr.__or__, equal)
    return column.is_in(values) if values else column.is_null() & ~column.is_null()


def _fitting(comparison: Comparison, dtype: nw.dtypes.DType) -> list[Any]:
    """Literals as the column's type has them: 7 is not less than '10', and '007' is not 7."""
    name, sign, literals = comparison.column, comparison.operator, comparison.literals
    is_equality = sign in ("=", "!=", "in")
    if is_category(dtype) and not is_equality:
        raise WhereError(
            f"{name!r} holds categories and is compared with {sign}",
            "= != or in, since categories have no order that is told here",
            f"list the categories that are meant: {name} in (a, b)",
        )
    if dtype.is_numeric() and comparison.is_numeric:
        return [_within_reach(literal) for literal in literals]
    if dtype == nw.Boolean and all(isinstance(literal, bool) for literal in literals):
        return list(literals)
    if isinstance(dtype, nw.Date | nw.Datetime):
        return [_moment(literal, name, dtype) for literal in comparison.spelt]
    is_text = isinstance(dtype, nw.String) or is_category(dtype)
    if is_text and (is_equality or not comparison.is_numeric):
        return list(comparison.spelt)
    raise WhereError(
        f"{name!r} is {dtype} and is compared with {quoted(literals)}",
        f"a value of the column's type, {dtype}"
        if is_text or dtype.is_numeric() or dtype == nw.Boolean
        else "a column of numbers, text, dates, or true and false",
        "write numbers and true without quotes, text and dates in quotes",
    )


def _within_reach(literal: Literal) -> float | int:
    """Whole numbers past 64 bits as floats: no engine compares with them else."""
    number = literal if isinstance(literal, int | float) else float(literal)
    if abs(number) < 2**63:
        return number
    return float(number) if abs(number) < 2**1023 else float("inf") * (1 if number > 0 else -1)


def _moment(literal: str, column: str, dtype: nw.dtypes.DType) -> date | datetime:
    try:
        if isinstance(dtype, nw.Date):
            return date.fromisoformat(literal)
        moment = datetime.fromisoformat(literal)
        zone = getattr(dtype, "time_zone", None)
        if zone is None and moment.tzinfo is not None:
            raise ValueError
        if zone is not None:
            here = ZoneInfo(zone)
            moment = moment.astimezone(here) if moment.tzinfo else moment.replace(tzinfo=here)
    except ValueError:
        raise WhereError(
            f"{column!r} is {dtype} and is compared with {literal!r}",
            "a date such as '2026-01-31'"
            + ("" if isinstance(dtype, nw.Date) else ", or a moment such as '2026-01-31T18:00'"),
            "write it in ISO form, in quotes",
        ) from None
    return moment


def _error(text: str, found: str) -> WhereError:
    return WhereError(
        f"in where {quoted([text])}: {found}",
        "comparisons joined by and: column = value, with = != < <= > >= or in (a, b)",
        "for example: age >= 18 and region in ('North', 'South')",
    )
