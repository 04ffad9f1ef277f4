"""Columns of agents that may hold several goals each."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column(
        "internal_conflict",
        "with themselves",
        "I",
        "probability",
        SHARE,
        "Conflict between the goals of one agent, or between two of its draws; mean over agents, "
        "and no part of misalignment.",
    ),
    Column(
        "method",
        "method",
        "",
        "",
        "",
        "Whether the value is exact, or sampled: estimated from pairs of agents drawn at random.",
    ),
    Column(
        "error_bound",
        "off by at most",
        "",
        "probability",
        SHARE,
        "How far a sampled misalignment may be off, but for a chance of 0.001; 0 if it is exact.",
    ),
    Column(
        "lower_bound",
        "at least",
        "max V_m",
        "probability",
        SHARE,
        "Smallest chance of a conflict in at least one problem area that its areas alone allow.",
    ),
    Column(
        "upper_bound",
        "at most",
        "min(1, sum V_m)",
        "probability",
        SHARE,
        "Largest chance of a conflict in at least one problem area that its areas alone allow.",
    ),
)
