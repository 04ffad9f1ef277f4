"""Columns of mechanisms: what becomes of a system."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column("mechanism", "mechanism", "", "", "", "What happens to the system."),
    Column("mechanism_label", "mechanism", "", "", "", "The mechanism in words."),
    Column("finding", "finding", "", "", "", "What the mechanism found, in a sentence."),
    Column(
        "neglect",
        "neglect",
        "neglect_i",
        "share",
        SHARE,
        "How much of what it could have a part misses, on its own range.",
    ),
    Column(
        "is_neglected", "neglected", "", "", "", "Whether its satisfaction is below the threshold."
    ),
    Column("neglected_parts", "parts neglected", "", "parts", "[0, inf)", "How many are."),
    Column(
        "neglected_share",
        "of the standing",
        "",
        "share",
        SHARE,
        "Share of the standing of the parts that are neglected.",
    ),
)
