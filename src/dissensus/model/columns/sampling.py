"""Columns that say how sure a value is, where agents are a sample."""

from __future__ import annotations

from dissensus.model.columns.column import SHARE, Column

__all__ = ["CATALOGUE"]

CATALOGUE = (
    Column(
        "effective_agents",
        "effective agents",
        "n_eff",
        "agents",
        "[0, inf)",
        "Agents drawn one by one that would give as precise a value.",
    ),
    Column(
        "kish_agents",
        "effective agents by weights",
        "W^2 / sum a^2",
        "agents",
        "[0, inf)",
        "Kish's number: what the spread of the weights alone leaves of the agents.",
    ),
    Column(
        "standard_error",
        "standard error",
        "se",
        "probability",
        "[0, inf)",
        "How far values of other samples would typically lie from the population's.",
    ),
    Column(
        "interval_low",
        "interval, low",
        "",
        "probability",
        SHARE,
        "Lower end of the interval: values of the population below it are refuted.",
    ),
    Column(
        "interval_high",
        "interval, high",
        "",
        "probability",
        SHARE,
        "Upper end of the interval: values of the population above it are refuted.",
    ),
    Column(
        "exceedance_probability",
        "above the threshold",
        "P(value > t)",
        "share",
        SHARE,
        "How sure it is that the population's value lies above the threshold.",
    ),
)
