"""A column of a result: its name, and what people need beside it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SHARE", "Column"]

# range of shares and probabilities
SHARE = "[0, 1]"


@dataclass(frozen=True)
class Column:
    """A column of a result: its name, and what people need beside it.

    Attributes
    ----------
    name : str
        Key in every machine format, and the Python name.
    label : str
        Words for a table's head or an axis.
    symbol : str
        Symbol in the formulas of the documentation; empty for what has none.
    unit : str
        ``agents``, ``probability`` ...; empty for text.
    range : str
        Interval of possible values.
    reading : str
        How to read it, in a sentence.
    """

    name: str
    label: str
    symbol: str = ""
    unit: str = ""
    range: str = ""
    reading: str = ""
