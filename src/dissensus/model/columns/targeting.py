"""Columns of candidates and policies that are judged."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column("candidate", "candidate", "c", "", "", "The agent or policy that is judged."),
    Column("candidate_label", "candidate", "", "", "", "The candidate in words."),
    Column(
        "largest_misalignment",
        "at worst",
        "max_s M_cs",
        "probability",
        SHARE,
        "Misalignment with the segment that it serves worst, among those with a goal.",
    ),
    Column("worst_segment", "worst served", "", "", "", "The segment it serves worst."),
    Column(
        "candidate_place",
        "place",
        "",
        "",
        "",
        "Order by misalignment among those with a goal, the lowest first.",
    ),
    Column(
        "place_by_misalignment",
        "place if silence counts",
        "",
        "",
        "",
        "Order by misalignment, in which a candidate's silence counts as no conflict.",
    ),
    Column("is_best", "best", "", "", "", "Lowest misalignment with everyone."),
    Column("is_minimax", "best at worst", "", "", "", "Lowest for the segment it serves worst."),
    Column(
        "is_efficient",
        "efficient",
        "",
        "",
        "",
        "No other candidate is better for one segment and worse for none (Pareto).",
    ),
    Column(
        "baseline",
        "baseline",
        "U",
        "probability",
        SHARE,
        "Misalignment of a random member with the others: what an outsider is to be judged by.",
    ),
    Column(
        "conditional_baseline",
        "baseline among those with a goal",
        "",
        "probability",
        SHARE,
        "The same among pairs that both hold a goal.",
    ),
    Column(
        "floor",
        "floor",
        "min_g r_g",
        "probability",
        SHARE,
        "Least misalignment that an agent with one goal can have with this population.",
    ),
    Column(
        "ceiling",
        "ceiling",
        "max_g r_g",
        "probability",
        SHARE,
        "Most misalignment that an agent with one goal can have with this population.",
    ),
    Column(
        "share_alone",
        "share, area by area",
        "q_g",
        "share",
        SHARE,
        "Share of the goal in the mixture that is best at worst in this area alone.",
    ),
    Column(
        "largest_alone",
        "at worst, area by area",
        "",
        "probability",
        SHARE,
        "Misalignment of that mixture with the segment that it serves worst there.",
    ),
    Column(
        "conditional_alone",
        "area by area",
        "",
        "probability",
        SHARE,
        "Misalignment among those with a goal with the policy that is best at worst in each "
        "area alone.",
    ),
    Column(
        "conditional_floor",
        "floor among those with a goal",
        "",
        "probability",
        SHARE,
        "Least that an agent or policy could have, among those with a goal.",
    ),
    Column(
        "is_on_frontier",
        "on the frontier",
        "",
        "",
        "",
        "No mixture of goals is better for one segment and worse for none.",
    ),
)
