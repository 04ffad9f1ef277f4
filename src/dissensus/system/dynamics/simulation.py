"""What a mechanism found: a verdict, a sentence, tables, and the steps behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Simulation", "Table"]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length; what cannot be given is None or NaN, with its reason.

    Attributes
    ----------
    title : str
        What it shows, for people; a table without one is in files only.
    columns : mapping of str to sequence
        By the names of the column catalogue.
    reasons : mapping of str to str
        Why a column has no value where it has none.
    """

    title: str
    columns: Mapping[str, Sequence[Any] | Any]
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Simulation:
    """What a mechanism found.

    Attributes
    ----------
    verdict : str
        A word in capitals: ``MANIPULATED``, ``SETTLED`` ... ``UNDEFINED`` is an answer as well.
    words : str
        The finding in one sentence, with its numbers.
    rows : Table
        The main table.
    tables : mapping of str to Table
        Further tables by name.
    numbers : mapping of str to float, int, str, bool or None
        Named scalars.
    reasons : mapping of str to str
        Why a scalar is None.
    trace : tuple of str
        Steps that explain it.
    conventions : mapping of str to str
        Choices that were made for it, in words.
    """

    verdict: str
    words: str
    rows: Table
    tables: Mapping[str, Table] = field(default_factory=dict)
    numbers: Mapping[str, Any] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    trace: tuple[str, ...] = ()
    conventions: Mapping[str, str] = field(default_factory=dict)
