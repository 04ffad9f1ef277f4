"""Columns of the range of a value that rests on judgements."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column(
        "judgements",
        "judgements",
        "",
        "judgements",
        "[0, inf)",
        "Judgements of pairs of goals that the value rests on.",
    ),
    Column(
        "judged_low",
        "lowest if judged wrongly",
        "min V",
        "probability",
        SHARE,
        "Lowest value if each judgement is off by as much, and as many are reversed, as allowed.",
    ),
    Column(
        "judged_high",
        "highest if judged wrongly",
        "max V",
        "probability",
        SHARE,
        "Highest value if each judgement is off by as much, and as many are reversed, as allowed.",
    ),
)
