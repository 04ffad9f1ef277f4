"""What each column of a result is called, means, and how it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

__all__ = ["COLUMNS", "Column", "column", "described"]


@dataclass(frozen=True)
class Column:
    """A column of a result: its name, and what people need beside it.

    Attributes
    ----------
    name : str
        Key in every machine format, and the Python name.
    label : str
        Words for a table's head or an axis.
    symbol : str
        Symbol in the formulas of the documentation; empty for what has none.
    unit : str
        ``agents``, ``probability`` ...; empty for text.
    range : str
        Interval of possible values.
    reading : str
        How to read it, in a sentence.
    """

    name: str
    label: str
    symbol: str = ""
    unit: str = ""
    range: str = ""
    reading: str = ""


def _column(*parts: str) -> tuple[str, Column]:
    return parts[0], Column(*parts)


_SHARE = "[0, 1]"

COLUMNS: dict[str, Column] = dict(
    [
        _column("scope", "scope", "", "", "", "Who the row is about: everyone, or one segment."),
        _column("area", "problem area", "PA", "", "", "The question, vote or issue."),
        _column("area_label", "problem area", "", "", "", "The problem area in words."),
        _column("areas", "problem areas", "", "areas", "[0, inf)", "Areas behind the mean."),
        _column("agents", "agents", "n", "agents", "[0, inf)", "Agents in the population."),
        _column("agents_a", "agents a", "n_A", "agents", "[0, inf)", "Agents in population a."),
        _column("agents_b", "agents b", "n_B", "agents", "[0, inf)", "Agents in population b."),
        _column(
            "weighted_agents",
            "weighted agents",
            "W",
            "agents",
            "[0, inf)",
            "Sum of the survey weights: agents of the target population that the rows stand for.",
        ),
        _column(
            "weighted_agents_a",
            "weighted agents a",
            "W_A",
            "agents",
            "[0, inf)",
            "For population a.",
        ),
        _column(
            "weighted_agents_b",
            "weighted agents b",
            "W_B",
            "agents",
            "[0, inf)",
            "For population b.",
        ),
        _column("goals", "goals", "k", "goals", "[0, inf)", "Distinct goals held by somebody."),
        _column(
            "declared_goals",
            "declared goals",
            "k",
            "goals",
            "[0, inf)",
            "Goals that could be held, as declared.",
        ),
        _column(
            "no_goal_agents",
            "without a goal",
            "n_0",
            "agents",
            "[0, inf)",
            "Agents of the population that hold no goal.",
        ),
        _column(
            "participation",
            "participation",
            "1 - p_0",
            "share",
            _SHARE,
            "Share of the population that holds a goal; for a pair, chance that both do.",
        ),
        _column(
            "participation_a", "participation a", "1 - p_A0", "share", _SHARE, "Of population a."
        ),
        _column(
            "participation_b", "participation b", "1 - p_B0", "share", _SHARE, "Of population b."
        ),
        _column(
            "misalignment",
            "misalignment",
            "V",
            "probability",
            _SHARE,
            "Chance that two agents drawn at random hold conflicting goals.",
        ),
        _column(
            "conditional_misalignment",
            "among those with a goal",
            "V / (1 - p_0)^2",
            "probability",
            _SHARE,
            "The same chance among pairs that both hold a goal.",
        ),
        _column(
            "alignment",
            "alignment",
            "1 - V",
            "probability",
            _SHARE,
            "Chance that two agents drawn at random do not conflict; silence is no conflict.",
        ),
        _column(
            "compatible_share",
            "compatible",
            "",
            "probability",
            _SHARE,
            "Chance that both hold a goal and the goals do not conflict.",
        ),
        _column(
            "no_goal_share",
            "silent",
            "",
            "probability",
            _SHARE,
            "Chance that at least one of the two holds no goal and they do not conflict.",
        ),
        _column(
            "asymptotic",
            "of the largest for many agents",
            "V k / (k - 1)",
            "share",
            _SHARE,
            "Misalignment as a part of what k exclusive goals can reach.",
        ),
        _column(
            "finite",
            "of the largest for n agents",
            "V n^2 / 2 t(n, k)",
            "share",
            _SHARE,
            "The value as a part of the largest that n agents with k exclusive goals can have.",
        ),
        _column(
            "attainable",
            "of the attainable",
            "V / max p'Cp",
            "share",
            _SHARE,
            "Misalignment as a part of the largest that any shares of the goals can reach.",
        ),
        _column("reasons", "why null", "", "", "", "Why a value of this row cannot be given."),
        _column("reading", "reading", "", "", "", "Another way to read cells without a goal."),
        _column("counted_as_no_goal", "no goal", "", "", "", "What counts as no goal there."),
        _column("left_outside", "outside", "", "", "", "What is left out of the population there."),
        _column("is_current", "this result", "", "", "", "Whether this result is read that way."),
        _column("goal", "goal", "g_i", "", "", "The answer, vote or demand."),
        _column("state", "state", "", "", "", "Holds a goal, no goal, or outside."),
        _column("rows", "rows", "", "rows", "[0, inf)", "Rows of the data."),
        _column("share", "share", "p_i", "share", _SHARE, "Share of all."),
    ]
)


def column(name: str) -> Column:
    """Description of a column; a name that the measure does not know describes itself."""
    return COLUMNS.get(name, Column(name, name))


def described(tables: Iterable[pa.Table]) -> dict[str, dict[str, str]]:
    """Descriptions of all columns that occur, for the record."""
    names = dict.fromkeys(name for table in tables for name in table.column_names)
    return {name: {k: v for k, v in vars(column(name)).items() if v} for name in names}
