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
    Column("misalignment_first", "first", "", "probability", SHARE, "Misalignment of the first."),
    Column(
        "misalignment_second", "second", "", "probability", SHARE, "Misalignment of the second."
    ),
    Column(
        "difference",
        "difference",
        "",
        "difference",
        "[-1, 1]",
        "First less second; what is measured on the same agents errs together.",
    ),
    Column(
        "difference_low",
        "difference, low",
        "",
        "difference",
        "[-1, 1]",
        "Lower end of its interval.",
    ),
    Column(
        "difference_high",
        "difference, high",
        "",
        "difference",
        "[-1, 1]",
        "Upper end of its interval.",
    ),
    Column(
        "p_value",
        "p",
        "p",
        "index",
        SHARE,
        "How often samples of equal values would lie so far apart; of one pair alone.",
    ),
    Column(
        "adjusted_p_value",
        "p of many",
        "",
        "index",
        SHARE,
        "The false discovery rate at which it would be a finding among all rows of its table.",
    ),
    Column(
        "is_found",
        "found",
        "",
        "",
        "",
        "Whether it is a finding: of all findings at most 5 % are false (or as interval= says).",
    ),
    Column(
        "is_possibly_highest",
        "may be the highest",
        "",
        "",
        "",
        "Whether it may be the highest of those it is compared with: the set holds the highest as "
        "often as intervals hold the value.",
    ),
    Column(
        "is_possibly_lowest",
        "may be the lowest",
        "",
        "",
        "",
        "Whether it may be the lowest of those it is compared with.",
    ),
    Column(
        "is_indistinguishable",
        "as good as the best",
        "",
        "",
        "",
        "Whether the candidate cannot be told from the best: the set holds the one that is best in "
        "the population as often as intervals hold the value.",
    ),
    Column(
        "excess_p_value",
        "p of the excess",
        "p",
        "index",
        SHARE,
        "How often agents dealt anew into two populations would have an excess so far from 0.",
    ),
    Column(
        "excess_adjusted_p_value",
        "p of many excesses",
        "",
        "index",
        SHARE,
        "The false discovery rate at which it would be a finding among all rows.",
    ),
)
