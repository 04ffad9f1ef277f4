"""What each column of a result is called, means, and how it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

__all__ = ["COLUMNS", "Column", "column", "described", "own_columns"]


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
        _column("part", "part", "", "", "", "Pairs of agents, or a part of a system."),
        _column(
            "pair_share",
            "of all pairs",
            "w_a w_b",
            "share",
            _SHARE,
            "Chance that a random pair of agents is such a pair.",
        ),
        _column(
            "contribution",
            "contribution",
            "w_a w_b M_ab",
            "probability",
            _SHARE,
            "Part of the population's misalignment that arises here; the parts sum to it.",
        ),
        _column(
            "contribution_share",
            "of the conflict",
            "",
            "share",
            _SHARE,
            "The contribution as a share of the population's misalignment.",
        ),
        _column(
            "misalignment_a", "within a", "M_AA", "probability", _SHARE, "Within population a."
        ),
        _column(
            "misalignment_b", "within b", "M_BB", "probability", _SHARE, "Within population b."
        ),
        _column(
            "excess",
            "excess",
            "2 M_AB - M_AA - M_BB",
            "difference",
            "[-2, 2]",
            "How much two populations conflict with each other beyond what each does with itself; "
            "no distance: it may be negative.",
        ),
        _column(
            "mean_within",
            "mean within",
            "",
            "probability",
            _SHARE,
            "Mean misalignment within the segments, weighted by their sizes.",
        ),
        _column(
            "total_minus_within",
            "total minus within",
            "",
            "difference",
            "[-1, 1]",
            "Rao's between: misalignment less the mean within; it may be negative.",
        ),
        _column(
            "is_negative_type",
            "negative type",
            "",
            "",
            "",
            "Whether excess cannot be negative there, whoever the two populations are.",
        ),
        _column("goal_a", "goal", "g_i", "", "", "One goal of a pair."),
        _column("goal_b", "goal", "g_j", "", "", "The other goal of a pair; null for no goal."),
        _column("goal_label", "goal", "", "", "", "The goal in words."),
        _column("goal_a_label", "goal", "", "", "", "The goal in words."),
        _column("goal_b_label", "goal", "", "", "", "The goal in words."),
        _column(
            "friction",
            "friction",
            "r_g = (C p)_g",
            "probability",
            _SHARE,
            "Chance that a random member conflicts with the goal.",
        ),
        _column(
            "opposing_share",
            "opposing group",
            "O_g / n",
            "share",
            _SHARE,
            "Share of the members whose goal conflicts with the goal, however little.",
        ),
        _column(
            "influence",
            "influence",
            "2 (r_g - V)",
            "difference",
            "[-2, 2]",
            "How misalignment changes per share of agents with this goal that are added.",
        ),
        _column("candidate", "candidate", "c", "", "", "The agent or policy that is judged."),
        _column("candidate_label", "candidate", "", "", "", "The candidate in words."),
        _column(
            "largest_misalignment",
            "at worst",
            "max_s M_cs",
            "probability",
            _SHARE,
            "Misalignment with the segment that it serves worst, among those with a goal.",
        ),
        _column("worst_segment", "worst served", "", "", "", "The segment it serves worst."),
        _column(
            "candidate_place",
            "place",
            "",
            "",
            "",
            "Order by misalignment among those with a goal, the lowest first.",
        ),
        _column(
            "place_by_misalignment",
            "place if silence counts",
            "",
            "",
            "",
            "Order by misalignment, in which a candidate's silence counts as no conflict.",
        ),
        _column("is_best", "best", "", "", "", "Lowest misalignment with everyone."),
        _column(
            "is_minimax", "best at worst", "", "", "", "Lowest for the segment it serves worst."
        ),
        _column(
            "is_efficient",
            "efficient",
            "",
            "",
            "",
            "No other candidate is better for one segment and worse for none (Pareto).",
        ),
        _column(
            "baseline",
            "baseline",
            "U",
            "probability",
            _SHARE,
            "Misalignment of a random member with the others: what an outsider is to be judged by.",
        ),
        _column(
            "conditional_baseline",
            "baseline among those with a goal",
            "",
            "probability",
            _SHARE,
            "The same among pairs that both hold a goal.",
        ),
        _column(
            "floor",
            "floor",
            "min_g r_g",
            "probability",
            _SHARE,
            "Least misalignment that an agent with one goal can have with this population.",
        ),
        _column(
            "ceiling",
            "ceiling",
            "max_g r_g",
            "probability",
            _SHARE,
            "Most misalignment that an agent with one goal can have with this population.",
        ),
        _column(
            "share_alone",
            "share, area by area",
            "q_g",
            "share",
            _SHARE,
            "Share of the goal in the mixture that is best at worst in this area alone.",
        ),
        _column(
            "largest_alone",
            "at worst, area by area",
            "",
            "probability",
            _SHARE,
            "Misalignment of that mixture with the segment that it serves worst there.",
        ),
        _column(
            "conditional_alone",
            "area by area",
            "",
            "probability",
            _SHARE,
            "Misalignment among those with a goal with the policy that is best at worst in each "
            "area alone.",
        ),
        _column(
            "conditional_floor",
            "floor among those with a goal",
            "",
            "probability",
            _SHARE,
            "Least that an agent or policy could have, among those with a goal.",
        ),
        _column(
            "is_on_frontier",
            "on the frontier",
            "",
            "",
            "",
            "No mixture of goals is better for one segment and worse for none.",
        ),
        _column(
            "added_share",
            "share added",
            "t",
            "share",
            _SHARE,
            "Share of the added agents in the whole.",
        ),
        _column(
            "added_agents", "agents added", "n_A", "agents", "[0, inf)", "Agents that are added."
        ),
        _column(
            "own_misalignment",
            "within the population",
            "M_HH",
            "probability",
            _SHARE,
            "Misalignment of the population before agents are added.",
        ),
        _column(
            "cross_misalignment",
            "with the added",
            "M_HA",
            "probability",
            _SHARE,
            "Misalignment between the population and the added agents.",
        ),
        _column(
            "added_misalignment",
            "within the added",
            "M_AA",
            "probability",
            _SHARE,
            "Misalignment of the added agents.",
        ),
        _column(
            "peak_share",
            "peak at",
            "t*",
            "share",
            _SHARE,
            "Share of added agents at which misalignment is largest.",
        ),
        _column(
            "peak_misalignment",
            "at the peak",
            "V(t*)",
            "probability",
            _SHARE,
            "The largest misalignment at any share.",
        ),
        _column(
            "own_after",
            "within it afterwards",
            "",
            "probability",
            _SHARE,
            "Misalignment of the population with its goals afterwards.",
        ),
        _column(
            "cross_after",
            "with the added afterwards",
            "",
            "probability",
            _SHARE,
            "Between the population afterwards and the added agents.",
        ),
        _column(
            "misalignment_after",
            "afterwards",
            "",
            "probability",
            _SHARE,
            "Misalignment of the mix with the population's goals afterwards.",
        ),
        _column(
            "change_by_adding",
            "by adding",
            "",
            "difference",
            "[-1, 1]",
            "Change because agents are added, goals as before.",
        ),
        _column(
            "change_by_goals",
            "by changed goals",
            "",
            "difference",
            "[-1, 1]",
            "Change because goals are others afterwards.",
        ),
        _column("whole_change", "change", "", "difference", "[-1, 1]", "Change of both together."),
        _column("compared", "model", "", "", "", "The agent, or agents, that are compared."),
        _column("compared_label", "model", "", "", "", "The same in words."),
        _column(
            "compared_agents", "agents of it", "", "agents", "[0, inf)", "Agents that make it up."
        ),
        _column(
            "conditional_ceiling",
            "ceiling among those with a goal",
            "",
            "probability",
            _SHARE,
            "Most that an agent with one goal could have, among those with a goal.",
        ),
        _column(
            "place_between",
            "between floor and ceiling",
            "",
            "share",
            _SHARE,
            "Where the value stands between the least and the most that one goal can reach; the "
            "population's own spread does not move it.",
        ),
        _column(
            "wasserstein_similarity",
            "1 - Wasserstein",
            "1 - W / (L - 1)",
            "probability",
            _SHARE,
            "How little must be moved, level by level, to turn one distribution into the other.",
        ),
        _column(
            "jensen_shannon_similarity",
            "1 - Jensen-Shannon",
            "",
            "probability",
            _SHARE,
            "How alike the two distributions of goals are; 0 without a goal in common.",
        ),
        _column("side", "held by", "", "", "", "Who holds it: the data, or the models."),
        _column("in_data", "in the data", "", "", "", "Whether the data has the area."),
        _column("in_models", "in the models", "", "", "", "Whether the models have the area."),
        _column(
            "shannon",
            "Shannon",
            "H",
            "bits",
            "[0, log2 k]",
            "Entropy of the goals held, in bits: what one learns from an agent's goal.",
        ),
        _column(
            "effective_number",
            "effective number",
            "qD",
            "camps",
            "[1, k]",
            "As many equal, fully conflicting camps are as diverse; of order 2 it is 1 / (1 - V).",
        ),
        _column(
            "fractionalisation",
            "fractionalisation",
            "1 - sum p^2",
            "probability",
            _SHARE,
            "ELF: chance that two holders of a goal hold different ones, however these conflict.",
        ),
        _column(
            "rice",
            "Rice",
            "|p_1 - p_2|",
            "probability",
            _SHARE,
            "Lead of the larger of two sides among those who took one; 1 is unanimous.",
        ),
        _column(
            "agreement_index",
            "agreement index",
            "",
            "probability",
            _SHARE,
            "Lead of the largest of three options, no goal being one; 1 is unanimous.",
        ),
        _column(
            "reynal_querol",
            "Reynal-Querol",
            "",
            "probability",
            _SHARE,
            "Polarisation: 1 for two equal groups, less for more.",
        ),
        _column(
            "esteban_ray",
            "Esteban-Ray",
            "",
            "index",
            "[0, 0.5]",
            "Polarisation with conflict as distance; largest for two equal, opposed groups.",
        ),
        _column(
            "van_der_eijk",
            "van der Eijk's A",
            "A",
            "difference",
            "[-1, 1]",
            "Agreement on ordered levels: 1 one level, 0 all equally, -1 half at each end.",
        ),
        _column("reasons", "why null", "", "", "", "Why a value of this row cannot be given."),
        _column(
            "reading",
            "reading",
            "",
            "",
            "",
            "One way to read: cells without a goal, or what a system wants.",
        ),
        _column("counted_as_no_goal", "no goal", "", "", "", "What counts as no goal there."),
        _column("left_outside", "outside", "", "", "", "What is left out of the population there."),
        _column("is_current", "this result", "", "", "", "Whether this result is read that way."),
        _column("goal", "goal", "g_i", "", "", "The answer, vote or demand."),
        _column("state", "state", "", "", "", "Holds a goal, no goal, or outside."),
        _column("rows", "rows", "", "rows", "[0, inf)", "Rows of the data."),
        _column("share", "share", "p_i", "share", _SHARE, "Share of all."),
    ]
)

# What an audit of a system, and its card, hold besides.
COLUMNS |= dict(
    [
        _column("cell", "cell", "", "", "", "One combination of choices: a reading."),
        _column("beliefs", "beliefs", "b", "", "", "Whose beliefs count: own, shared, pooled."),
        _column("observation", "observation", "o", "", "", "What has been seen before the choice."),
        _column("deliberation", "deliberation", "", "", "", "Whether the parts deliberate first."),
        _column(
            "compute",
            "compute",
            "\u03ba",
            "",
            "(0, inf)",
            "What the compute of every part is multiplied by.",
        ),
        _column(
            "compute_model", "compute model", "", "", "", "What little compute does to a part."
        ),
        _column("unranked", "unranked", "", "", "", "What silence on an option means."),
        _column("relation", "relation", "f", "", "", "What being aligned means."),
        _column("pointer", "pointer", "", "", "", "What the words 'what it wants' point to."),
        _column("rule", "rule", "\u03a3", "", "", "The aggregation rule."),
        _column("scale", "scale", "", "", "", "Utilities as given, or on each part's own range."),
        _column("tie_break", "ties", "", "", "", "How ties are broken."),
        _column("outcome", "outcome", "", "", "", "The winners: several are a tie or a lottery."),
        _column(
            "status",
            "status",
            "",
            "",
            "",
            "OK; TIE, CYCLE or EMPTY where no one option wins; or what is missing.",
        ),
        _column("chances", "chances", "\u03c0", "probability", _SHARE, "Of each action."),
        _column("policy", "policy", "", "", "", "Cells of one number do the same."),
        _column("today_chosen", "as today", "", "", "", "Whether what is done today is chosen."),
        _column(
            "today_regret",
            "short today",
            "",
            "utils",
            "(-inf, inf)",
            "By how much the mean utility of what is done today falls short of the outcome's.",
        ),
        _column("axis", "axis", "", "", "", "One kind of choice."),
        _column("axis_label", "choice", "", "", "", "The axis in words."),
        _column("values", "values", "", "values", "[2, inf)", "Values that are crossed."),
        _column(
            "main",
            "alone",
            "I / H",
            "share",
            _SHARE,
            "Share of the uncertainty about the outcome that stating this choice alone removes.",
        ),
        _column(
            "total",
            "with the others",
            "H(. given others) / H",
            "share",
            _SHARE,
            "Share of the uncertainty that is left when every other choice is stated.",
        ),
        _column("commitment", "to state", "", "", "", "Choices that settle the outcome."),
        _column("choices", "choices", "", "choices", "[1, inf)", "How many have to be stated."),
        _column("cells", "readings", "", "readings", "[0, inf)", "Cells that it is about."),
        _column(
            "kept_share",
            "holds in draws",
            "",
            "share",
            _SHARE,
            "Share of the draws with perturbed utilities in which it still leaves that outcome.",
        ),
        _column("axes", "axes", "", "", "", "Axes whose values are stated."),
        _column("combinations", "combinations", "", "combinations", "[1, inf)", "Of their values."),
        _column("settled", "settled", "", "combinations", "[0, inf)", "Those with one outcome."),
        _column(
            "draws_share",
            "draws",
            "",
            "share",
            _SHARE,
            "Share of the draws with perturbed utilities in which the cell has this outcome.",
        ),
        _column("is_outcome", "as stated", "", "", "", "Whether it is the unperturbed outcome."),
        _column("number", "number", "", "", "", "R1 to R9."),
        _column("relation_label", "relation", "", "", "", "The relation in words."),
        _column("target", "target", "t_f(H)", "", "", "What an aligned AI would do."),
        _column(
            "score",
            "score",
            "f",
            "score",
            "(-inf, 1]",
            "1: aligned. At least 0, but for the off switch.",
        ),
        _column("verdict", "verdict", "", "", "", "HOLDS, FAILS, AMBIGUOUS or UNDEFINED."),
        _column(
            "intrinsic_gap",
            "no policy would do",
            "1 - max f",
            "score",
            "[0, inf)",
            "The part of the gap that no policy would mend.",
        ),
        _column(
            "procedural_gap",
            "the rule's fault",
            "max f - f",
            "score",
            "[0, inf)",
            "The part of the gap that another policy would mend.",
        ),
        _column(
            "witness", "because", "", "", "", "What breaks the relation, or that nothing does."
        ),
        _column(
            "misfit",
            "misfit",
            "",
            "",
            "[0, inf)",
            "How badly the learned model of the system fits.",
        ),
        _column("meaning", "meaning", "", "", "", "The pointer in words."),
        _column("standing", "standing", "w", "", "(0, inf)", "Weight of the part in the system."),
        _column(
            "value",
            "satisfaction",
            "s_i",
            "share",
            _SHARE,
            "What the part gets, from 0, its worst option, to 1, its best.",
        ),
        _column(
            "regret",
            "regret",
            "",
            "utils",
            "[0, inf)",
            "What the part misses of its best, own units.",
        ),
        _column("least_value", "least satisfaction", "", "share", _SHARE, "Over all readings."),
        _column("most_value", "most satisfaction", "", "share", _SHARE, "Over all readings."),
        _column("least_regret", "least regret", "", "utils", "[0, inf)", "Over all readings."),
        _column("most_regret", "most regret", "", "utils", "[0, inf)", "Over all readings."),
        _column("action", "option", "a", "", "", "What the system, or an AI for it, can do."),
        _column(
            "shared_cells",
            "in ties",
            "",
            "readings",
            "[0, inf)",
            "Cells that choose it among others.",
        ),
        _column("cells_share", "share", "", "share", _SHARE, "Share of the cells that choose it."),
    ]
)


def column(name: str) -> Column:
    """Description of a column; a name that the measure does not know describes itself."""
    return COLUMNS.get(name, Column(name, name))


def own_columns(summary: Mapping[str, Any]) -> list[str]:
    """Names in a result of the user's own columns: ``over``, and the segments, of pairs too."""
    if summary.get("question") == "describe":
        return []
    over = [summary["over"]] if summary.get("over") else []
    return over + [name + side for name in summary.get("by") or () for side in ("", "_a", "_b")]


def described(tables: Iterable[pa.Table], own: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """Descriptions of all columns that occur, for the record.

    ``own`` are names of the user's columns, which mean what they mean in the data.
    """
    users = set(own)
    names = dict.fromkeys(name for table in tables for name in table.column_names)
    known = {name: Column(name, name) if name in users else column(name) for name in names}
    return {name: {k: v for k, v in vars(known[name]).items() if v} for name in names}
