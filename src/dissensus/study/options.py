"""Every option, once: the Python argument, the key of a study file and the flag are this field.

The command line makes its flags from these models and the study file is validated by them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from dissensus.model.salience import SalienceMean

__all__ = [
    "QUESTION_OPTIONS",
    "CompareOptions",
    "ConflictOptions",
    "DataOptions",
    "DesignOptions",
    "ExplainOptions",
    "MeasureOptions",
    "MixOptions",
    "Options",
    "TargetOptions",
    "as_mapping",
    "as_names",
    "split_mapping",
    "split_names",
]


def as_names(value: Any) -> Any:
    """Read names: none, one name, or a list of them.

    Examples
    --------
    >>> as_names("age, grouped")
    ('age, grouped',)
    """
    if value is None:
        return ()
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return (_text(value),)
    return tuple(_text(part) for part in value)


def as_mapping(value: Any) -> Any:
    """Spell the keys of a mapping as tallies do; leave anything else (a file, a frame) alone."""
    if isinstance(value, Mapping):
        return {_text(key): part for key, part in value.items()}
    return value


def split_names(text: str) -> list[str]:
    """Split text at commas, quoted as in CSV: a list on the command line.

    Examples
    --------
    >>> split_names('region,"age, grouped"')
    ['region', 'age, grouped']
    """
    return [part.strip() for part in next(csv.reader([text], skipinitialspace=True), [])]


def split_mapping(text: str) -> dict[str, str] | str:
    """Split text like ``a=1,b=2``: a mapping on the command line; else it names a file.

    Examples
    --------
    >>> split_mapping("1=agree,0=no-goal")
    {'1': 'agree', '0': 'no-goal'}
    >>> split_mapping("recode.csv")
    'recode.csv'
    """
    parts = [part.partition("=") for part in split_names(text)]
    return {key: value for key, _, value in parts} if all(sep for _, sep, _ in parts) else text


def _text(value: Any) -> str:
    """Text of a value as tallies spell it: whole numbers without a point, true and false small."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


Names = Annotated[tuple[str, ...], BeforeValidator(as_names)]
Table = Annotated[Any, BeforeValidator(as_mapping)]  # a file's name, a frame or a mapping


Normalisers = Annotated[
    tuple[Literal["asymptotic", "finite", "attainable"], ...], BeforeValidator(as_names)
]

Companions = Annotated[
    tuple[
        Literal[
            "shannon",
            "effective_number",
            "fractionalisation",
            "rice",
            "agreement_index",
            "reynal_querol",
            "esteban_ray",
            "van_der_eijk",
        ],
        ...,
    ],
    BeforeValidator(as_names),
]


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class DataOptions(_Options):
    """What the columns of the data are: table ``[data]`` of a study file."""

    source: Any = Field(None, description="The rows: a path, file.duckdb::table, or -.")
    layout: str | None = Field(
        None,
        description="Whose files these are: polis, voteview or inspect; no column need be named.",
    )
    agent: Names = Field((), description="Column, or columns, that identify an agent.")
    area: str | None = Field(
        None, description="Column of the problem area, or several joined as a+b."
    )
    goal: str | None = Field(None, description="Column of the goal held.")
    wide: Names = Field(
        (), description="Columns that are problem areas, one row an agent: names, q*, q1..q20."
    )
    ranking: Names = Field(
        (), description="Columns of ranked choices, first choice first: one order is the goal."
    )
    count: str | None = Field(
        None, description="Column with the number of agents a row stands for."
    )
    share: str | None = Field(None, description="Column with the share of the population per row.")
    weight: str | None = Field(None, description="Column of the survey weight.")
    salience: str | None = Field(
        None, description="Column of how much an agent cares about its goal, in [0, 1]."
    )
    holds: Literal["one", "several", "draws"] = Field(
        "one", description="What repeated rows of an agent in an area are."
    )
    points: str | None = Field(
        None, description="Column with the points that an agent gives a goal, if it holds several."
    )
    probability: str | None = Field(
        None, description="Column with the probability of each goal; the rest of 1 is no goal."
    )
    no_goal: Names = Field((), description="Values of the goal column that mean: no goal.")
    outside: Names = Field(
        (), description="Values of the goal column that are read as if the row were missing."
    )
    latest: str | None = Field(
        None, description="Column of time: an agent's latest row in an area counts."
    )
    null_goal: Literal["outside", "no-goal"] = Field(
        "outside", description="What an empty goal means."
    )
    absent: Literal["outside", "no-goal"] = Field(
        "outside", description="What no row at all means for a member of the roster."
    )
    goal_map: Table = Field(
        None, description="Recode goals: value=goal, value=no-goal, value=outside; or a table."
    )
    roster: Any = Field(None, description="Table of agents with their segments and weights.")
    roster_on: Names = Field((), description="Further columns that the roster is joined on.")
    areas: Table = Field(None, description="Words for problem areas: a table id, text.")
    labels: Table = Field(
        None, description="Words for goals and segments: a table column, id, text."
    )
    check: Literal["auto", "full", "none"] = Field(
        "auto", description="Look for agents counted twice; auto samples above 10 million rows."
    )


class ConflictOptions(_Options):
    """How far two goals conflict: table ``[conflict]`` of a study file."""

    conflict: Any = Field(
        "exclusive",
        description="exclusive, ordinal, interval, ranking, budget, utility, co-holding, "
        "judged, or a table of conflict.",
    )
    level: str | None = Field(None, description="Column with the level of each goal.")
    costs: Table = Field(
        None,
        description="What goals cost, for budget: goal=cost, a table goal, cost (and area), or a "
        "column.",
    )
    budget: Table = Field(
        None, description="What there is to spend: a number, area=number, or a table area, budget."
    )
    budget_test: Literal["bundles", "pairs"] = Field(
        "bundles", description="Whether budget counts all that can be bought, or looks at pairs."
    )
    utilities: Any = Field(
        None,
        description="What outcomes are worth to goals, for utility: a table goal, outcome, utility "
        "(and area).",
    )
    judgements: Any = Field(
        None, description="File that keeps judgements of pairs of goals, for judged."
    )
    judgement_error: float = Field(
        0.1, ge=0, le=1, description="By how much each judgement may be wrong."
    )
    judgement_flips: int = Field(
        0, ge=0, description="How many judgements may be wrong altogether: 1 less the degree."
    )
    levels: Names = Field((), description="Goals from lowest to highest.")
    range: tuple[float, float] | None = Field(
        None, description="Lowest and highest value possible, for interval and utility."
    )
    symmetrise: bool = Field(False, description="Use the mean of both ways of a lopsided table.")
    directed: bool = Field(False, description="Keep both ways of a lopsided table.")
    pairing: Literal["auto", "any", "independent", "mean", "points", "draws", "probability"] = (
        Field("auto", description="How several goals of two agents become one conflict.")
    )
    no_goal_conflict: Table = Field(
        None, description="Conflict of having no goal with goals: a number, or goal=number."
    )
    goal_set: Names = Field((), description="Goals that could be held, declared.")


class MeasureOptions(_Options):
    """What is asked: table ``[measure]`` of a study file."""

    by: Names = Field((), description="Columns whose crossed values are the segments.")
    where: str | None = Field(
        None, description="Keep rows: comparisons (= != < <= > >= in) joined by and."
    )
    over: str | None = Field(None, description="Repeat the question for each value of this column.")
    sampling: Literal["with-replacement", "distinct-pairs"] = Field(
        "with-replacement",
        description="How the two agents are drawn; of a sample distinct-pairs unless given.",
    )
    salience_mean: SalienceMean = Field(
        "geometric", description="Average of the saliences of two agents."
    )
    attention_shares: bool = Field(
        False, description="Saliences of an agent sum to 1 over areas: intensity is summed too."
    )
    normalise: Normalisers = Field(
        (), description="Normalised values beside the value: asymptotic, finite, attainable."
    )
    companions: Companions = Field(
        (),
        description="What other fields measure, beside the value: shannon, effective_number, "
        "fractionalisation, rice, agreement_index, reynal_querol, esteban_ray, van_der_eijk.",
    )
    order: float = Field(
        2.0, ge=0, description="Order of the effective number: how little rare goals count."
    )
    sensitivity: float = Field(
        1.0, gt=0, le=1.6, description="Esteban and Ray's alpha: how much agents identify."
    )
    pairs: Any = Field(
        None,
        description="Edges of a network, as a table of two agents (agent_a, agent_b, and perhaps "
        "weight): pairs that meet, beside random ones.",
    )
    area_weights: Table = Field(
        None, description="Weights of problem areas in the means: area=weight, or a table."
    )
    min_minority: float = Field(
        0.0,
        ge=0,
        le=0.5,
        description="Leave out areas where fewer than this share hold another goal than most.",
    )
    in_any_area: bool = Field(
        False, description="Conflict in at least one problem area too, with what margins allow."
    )
    segments_from_answers: bool = Field(
        False, description="Segments were made from these same answers: say so beside the values."
    )


class DesignOptions(_Options):
    """How the agents were sampled, and how sure values are: table ``[design]`` of a study file."""

    design: Literal["census", "sample", "self-selected"] = Field(
        "census",
        description="How the agents came into the data; of a census no value has an interval.",
    )
    interval: float = Field(0.95, gt=0, lt=1, description="Confidence of the intervals.")
    threshold: float | None = Field(
        None, ge=0, le=1, description="How sure is it that the value lies above this one?"
    )
    strata: Names = Field((), description="Columns of the strata that were sampled apart.")
    cluster: Names = Field(
        (), description="Columns of the clusters (primary sampling units) that were drawn."
    )
    nested_clusters: bool = Field(
        False, description="Names of clusters begin anew in each stratum."
    )
    lonely: Literal["fail", "remove", "adjust", "average"] = Field(
        "fail", description="What to do with a stratum of one unit, by R's names."
    )
    population_size: Table = Field(
        None,
        description="Agents (or clusters) of the whole population: a number, or stratum=number.",
    )
    replicates: Names = Field(
        (), description="Columns of replicate weights: names, rep*, rep1..rep80."
    )
    replicate_type: Literal["BRR", "Fay", "JK1", "JKn", "bootstrap"] | None = Field(
        None, description="How the replicate weights were made."
    )
    fay: float | None = Field(None, ge=0, lt=1, description="Fay's factor rho, for Fay.")
    replicate_scales: Annotated[tuple[float, ...], BeforeValidator(as_names)] = Field(
        (), description="Factor of each replicate, for JKn."
    )
    sampled_areas: bool = Field(
        False, description="The problem areas were drawn from many, too: means over them say so."
    )
    differences: Literal["segments", "over", "areas"] | None = Field(
        None, description="What to compare in pairs: each with each, in a table of its own."
    )
    excess_test: bool = Field(
        False, description="Excess of each pair of segments, and its p by shuffling agents."
    )
    seed: int = Field(0, ge=0, description="Seed of all that is drawn at random.")


class CompareOptions(_Options):
    """What ``compare`` is asked beside: table ``[compare]`` of a study file."""

    models: Any = Field(
        None,
        description="Whom to compare: a second table, read as the data is, a study file or an "
        "example.",
    )
    model: Names = Field(
        (), description="Columns of it that tell models apart; if left out, its agents."
    )


class ExplainOptions(_Options):
    """What ``explain`` is asked beside: table ``[explain]`` of a study file."""

    nested: bool = Field(
        False, description="Within and between at each level of by: continent, then country."
    )
    kind: str | None = Field(None, description="Column with the kind of agent: human, AI ...")
    kind_shares: Table = Field(
        None, description="Shares of the kinds in the whole: human=0.9,AI=0.1; or a table."
    )


class TargetOptions(_Options):
    """What ``target`` is asked beside: table ``[target]`` of a study file."""

    candidates: Any = Field(
        None,
        description="Whom to judge: a second table, read as the data is, a study file or an "
        "example; every goal of the data if left out.",
    )
    candidate: Names = Field(
        (), description="Columns of it that tell candidates apart; if left out, its agents."
    )
    mixtures: bool = Field(
        False, description="Mixtures of goals too: the best policy for the worst served segment."
    )


class MixOptions(_Options):
    """What ``mix`` is asked beside: table ``[mix]`` of a study file."""

    add: Any = Field(
        None,
        description="Agents to add: a second table, read as the data is, a study file or an "
        "example.",
    )
    split: Table = Field(
        None, description="Instead, those of the data to add to the others: column=value."
    )
    after: Any = Field(
        None, description="The population afterwards, if its goals change too: as --add."
    )
    steps: int = Field(20, ge=1, le=1000, description="Number of steps of the curve.")


class Options(_Options):
    """All options together."""

    data: DataOptions = DataOptions()
    conflict: ConflictOptions = ConflictOptions()
    measure: MeasureOptions = MeasureOptions()
    design: DesignOptions = DesignOptions()
    compare: CompareOptions = CompareOptions()
    explain: ExplainOptions = ExplainOptions()
    mix: MixOptions = MixOptions()
    target: TargetOptions = TargetOptions()


# tables of a study file that belong to one question alone
QUESTION_OPTIONS: dict[str, type[BaseModel]] = {
    "compare": CompareOptions,
    "explain": ExplainOptions,
    "mix": MixOptions,
    "target": TargetOptions,
}
