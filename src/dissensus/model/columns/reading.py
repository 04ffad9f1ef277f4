"""Columns of how the data is read, and why a value is null."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column("reasons", "why null", "", "", "", "Why a value of this row cannot be given."),
    Column(
        "reading",
        "reading",
        "",
        "",
        "",
        "One way to read: cells without a goal, or what a system wants.",
    ),
    Column("counted_as_no_goal", "no goal", "", "", "", "What counts as no goal there."),
    Column("left_outside", "outside", "", "", "", "What is left out of the population there."),
    Column("is_current", "this result", "", "", "", "Whether this result is read that way."),
    Column("goal", "goal", "g_i", "", "", "The answer, vote or demand."),
    Column("state", "state", "", "", "", "Holds a goal, no goal, or outside."),
    Column("rows", "rows", "", "rows", "[0, inf)", "Rows of the data."),
    Column("share", "share", "p_i", "share", SHARE, "Share of all."),
)
