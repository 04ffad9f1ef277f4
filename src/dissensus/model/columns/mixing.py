"""Columns of what agents that are added do."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column(
        "added_share",
        "share added",
        "t",
        "share",
        SHARE,
        "Share of the added agents in the whole.",
    ),
    Column("added_agents", "agents added", "n_A", "agents", "[0, inf)", "Agents that are added."),
    Column(
        "own_misalignment",
        "within the population",
        "M_HH",
        "probability",
        SHARE,
        "Misalignment of the population before agents are added.",
    ),
    Column(
        "cross_misalignment",
        "with the added",
        "M_HA",
        "probability",
        SHARE,
        "Misalignment between the population and the added agents.",
    ),
    Column(
        "added_misalignment",
        "within the added",
        "M_AA",
        "probability",
        SHARE,
        "Misalignment of the added agents.",
    ),
    Column(
        "peak_share",
        "peak at",
        "t*",
        "share",
        SHARE,
        "Share of added agents at which misalignment is largest.",
    ),
    Column(
        "peak_misalignment",
        "at the peak",
        "V(t*)",
        "probability",
        SHARE,
        "The largest misalignment at any share.",
    ),
    Column(
        "own_after",
        "within it afterwards",
        "",
        "probability",
        SHARE,
        "Misalignment of the population with its goals afterwards.",
    ),
    Column(
        "cross_after",
        "with the added afterwards",
        "",
        "probability",
        SHARE,
        "Between the population afterwards and the added agents.",
    ),
    Column(
        "misalignment_after",
        "afterwards",
        "",
        "probability",
        SHARE,
        "Misalignment of the mix with the population's goals afterwards.",
    ),
    Column(
        "change_by_adding",
        "by adding",
        "",
        "difference",
        "[-1, 1]",
        "Change because agents are added, goals as before.",
    ),
    Column(
        "change_by_goals",
        "by changed goals",
        "",
        "difference",
        "[-1, 1]",
        "Change because goals are others afterwards.",
    ),
    Column("whole_change", "change", "", "difference", "[-1, 1]", "Change of both together."),
)
