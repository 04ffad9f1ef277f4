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
    Column("step", "step", "t", "steps", "[0, inf)", "Time, in steps; 0 is before the first."),
    Column(
        "approval",
        "approval",
        "r_t",
        "utils",
        "(-inf, inf)",
        "What is done, by the standing of the moment.",
    ),
    Column(
        "original_value",
        "original value",
        "w_0 u",
        "utils",
        "(-inf, inf)",
        "What is done, by the standing at first.",
    ),
    Column("drift", "drift", "KL", "nats", "[0, inf)", "How far standing is from where it began."),
    Column(
        "induced_drift",
        "induced drift",
        "KL",
        "nats",
        "[0, inf)",
        "How far standing is from where it would be had the system been left alone.",
    ),
    Column("standing_share", "standing", "w", "share", SHARE, "Share of the say that a part has."),
    Column(
        "natural_share",
        "left alone",
        "w~",
        "share",
        SHARE,
        "The same had the system been left alone.",
    ),
    Column("objective", "objective", "", "", "", "By whose standing the learner judges."),
    Column("horizon", "horizon", "T", "steps", "[1, inf)", "Steps that are planned."),
    Column("plan", "plan", "", "", "", "Actions in their order; x 7 is seven times."),
    Column("worth", "worth", "", "utils", "(-inf, inf)", "Of the plan, by its own objective."),
    Column(
        "manipulates_from",
        "manipulates from",
        "",
        "steps",
        "[1, inf)",
        "Shortest of the horizons tried at which the objective's plan manipulates.",
    ),
    Column(
        "error_bound",
        "error bound",
        "",
        "utils",
        "[0, inf)",
        "The best plan is worth at most this much more; 0 where the search is exact.",
    ),
    Column("period", "period", "", "periods", "[1, inf)", "Of the choices that were observed."),
    Column(
        "rationality",
        "rationality",
        "\u03b2",
        "per util",
        "[0, inf)",
        "How sharply the best is chosen.",
    ),
    Column(
        "approval_gain",
        "approval gained",
        "G",
        "utils",
        "(-inf, inf)",
        "Approval at the end, less that of the system alone at first.",
    ),
    Column(
        "original_loss",
        "original value lost",
        "L",
        "utils",
        "[0, inf)",
        "What the last action is short of the best, by the standing at first.",
    ),
    Column(
        "total_variation",
        "standing moved",
        "TV",
        "share",
        SHARE,
        "Share of the say that has changed hands.",
    ),
    Column(
        "has_incentive",
        "gains by its effect",
        "",
        "",
        "",
        "Whether the plan would be another if its effect on standing were cut.",
    ),
)
