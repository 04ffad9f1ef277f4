"""Columns of what explains a value: pairs of agents and of goals, frictions."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column("part", "part", "", "", "", "Pairs of agents, or a part of a system."),
    Column(
        "pair_share",
        "of all pairs",
        "w_a w_b",
        "share",
        SHARE,
        "Chance that a random pair of agents is such a pair.",
    ),
    Column(
        "contribution",
        "contribution",
        "w_a w_b M_ab",
        "probability",
        SHARE,
        "Part of the population's misalignment that arises here; the parts sum to it.",
    ),
    Column(
        "contribution_share",
        "of the conflict",
        "",
        "share",
        SHARE,
        "The contribution as a share of the population's misalignment.",
    ),
    Column("misalignment_a", "within a", "M_AA", "probability", SHARE, "Within population a."),
    Column("misalignment_b", "within b", "M_BB", "probability", SHARE, "Within population b."),
    Column(
        "excess",
        "excess",
        "2 M_AB - M_AA - M_BB",
        "difference",
        "[-2, 2]",
        "How much two populations conflict with each other beyond what each does with itself; "
        "no distance: it may be negative.",
    ),
    Column(
        "mean_within",
        "mean within",
        "",
        "probability",
        SHARE,
        "Mean misalignment within the segments, weighted by their sizes.",
    ),
    Column(
        "total_minus_within",
        "total minus within",
        "",
        "difference",
        "[-1, 1]",
        "Rao's between: misalignment less the mean within; it may be negative.",
    ),
    Column(
        "is_negative_type",
        "negative type",
        "",
        "",
        "",
        "Whether excess cannot be negative there, whoever the two populations are.",
    ),
    Column("goal_a", "goal", "g_i", "", "", "One goal of a pair."),
    Column("goal_b", "goal", "g_j", "", "", "The other goal of a pair; null for no goal."),
    Column("goal_label", "goal", "", "", "", "The goal in words."),
    Column("goal_a_label", "goal", "", "", "", "The goal in words."),
    Column("goal_b_label", "goal", "", "", "", "The goal in words."),
    Column(
        "friction",
        "friction",
        "r_g = (C p)_g",
        "probability",
        SHARE,
        "Chance that a random member conflicts with the goal.",
    ),
    Column(
        "opposing_share",
        "opposing group",
        "O_g / n",
        "share",
        SHARE,
        "Share of the members whose goal conflicts with the goal, however little.",
    ),
    Column(
        "influence",
        "influence",
        "2 (r_g - V)",
        "difference",
        "[-2, 2]",
        "How misalignment changes per share of agents with this goal that are added.",
    ),
)
