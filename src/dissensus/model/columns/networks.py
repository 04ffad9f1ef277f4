"""Columns of misalignment along the edges of a network."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column(
        "edges",
        "edges",
        "",
        "edges",
        "[0, inf)",
        "Edges of the network behind the value, each once in each problem area.",
    ),
    Column(
        "edge_weight",
        "weight of the edges",
        "sum w",
        "",
        "[0, inf)",
        "Sum of the weights of these edges.",
    ),
    Column(
        "network_misalignment",
        "along edges",
        "V_W",
        "probability",
        SHARE,
        "Chance that the two ends of a random edge, drawn by its weight, hold conflicting goals.",
    ),
    Column(
        "network_conditional_misalignment",
        "along edges, among those with a goal",
        "",
        "probability",
        SHARE,
        "The same chance among edges whose two ends both hold a goal.",
    ),
    Column(
        "network_participation",
        "participation along edges",
        "",
        "share",
        SHARE,
        "Chance that both ends of a random edge hold a goal.",
    ),
)
