"""Columns of models that are compared with segments."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column("compared", "model", "", "", "", "The agent, or agents, that are compared."),
    Column("compared_label", "model", "", "", "", "The same in words."),
    Column("compared_agents", "agents of it", "", "agents", "[0, inf)", "Agents that make it up."),
    Column(
        "conditional_ceiling",
        "ceiling among those with a goal",
        "",
        "probability",
        SHARE,
        "Most that an agent with one goal could have, among those with a goal.",
    ),
    Column(
        "place_between",
        "between floor and ceiling",
        "",
        "share",
        SHARE,
        "Where the value stands between the least and the most that one goal can reach; the "
        "population's own spread does not move it.",
    ),
    Column(
        "wasserstein_similarity",
        "1 - Wasserstein",
        "1 - W / (L - 1)",
        "probability",
        SHARE,
        "How little must be moved, level by level, to turn one distribution into the other.",
    ),
    Column(
        "jensen_shannon_similarity",
        "1 - Jensen-Shannon",
        "",
        "probability",
        SHARE,
        "How alike the two distributions of goals are; 0 without a goal in common.",
    ),
    Column("side", "held by", "", "", "", "Who holds it: the data, or the models."),
    Column("in_data", "in the data", "", "", "", "Whether the data has the area."),
    Column("in_models", "in the models", "", "", "", "Whether the models have the area."),
)
