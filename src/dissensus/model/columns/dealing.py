"""Columns of mechanisms among parts: bargains, predictions, markets, extrapolations, levels."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column("solution", "solution", "", "", "", "Which point of what is feasible counts as fair."),
    Column(
        "displacement",
        "changes what is done",
        "TV",
        "share",
        SHARE,
        "Total variation between the lottery and what is done today.",
    ),
    Column(
        "override",
        "loses by it",
        "",
        "share",
        SHARE,
        "Share of the standing of the parts that expect less than today.",
    ),
    Column(
        "change",
        "against today",
        "",
        "share",
        "[-1, 1]",
        "What the part gains against today, on its own range.",
    ),
    Column("point", "end point", "", "", "[1, inf)", "Distinct place where steps end."),
    Column("orders", "orders", "", "orders", "[0, inf)", "Orders that end there."),
    Column("places", "results", "", "results", "[0, inf)", "Distinct points that solutions give."),
    Column("end_points", "end points", "", "points", "[1, inf)", "Distinct points of all orders."),
    Column(
        "diameter",
        "diameter",
        "",
        "ranges",
        "[0, inf)",
        "Largest distance of two end points, each part on its own range; 0: order is no matter.",
    ),
    Column("is_exhaustive", "all orders", "", "", "", "Whether every order was followed."),
    Column("protocol", "protocol", "", "", "", "How the AIs talk."),
    Column(
        "agreement_time",
        "agreed at",
        "t*",
        "share",
        SHARE,
        "When they agree, as a share of the time allowed.",
    ),
    Column("is_settled", "at rest", "", "", "", "Whether more rounds would change nothing."),
    Column(
        "nash_distance",
        "from Nash",
        "",
        "ranges",
        "[0, inf)",
        "Distance from the Nash lottery, each part on its own range.",
    ),
    Column(
        "got",
        "gets",
        "s_i",
        "share",
        "(-inf, 1]",
        "What the part gets on its own range; below 0 where disagreement is its worst.",
    ),
    Column("patience", "patience", "\u03b4", "", "[0, 1)", "Worth of a unit one round later."),
    Column(
        "exponent",
        "concedes late",
        "e",
        "",
        "(0, inf)",
        "Demand 1 - t^e of what it could have at time t.",
    ),
    Column("concept", "concept", "", "", "", "Solution that its AI holds to be fair."),
    Column(
        "largest_difference",
        "between protocols",
        "",
        "share",
        SHARE,
        "Largest difference of what a part gets between two protocols that end in agreement.",
    ),
)
