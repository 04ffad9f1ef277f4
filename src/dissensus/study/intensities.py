"""Salience in a question: intensity beside misalignment, its sum over areas, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine.attention import check_attention
from dissensus.engine.population import Population
from dissensus.engine.rows import DataError
from dissensus.measure.between import Between
from dissensus.measure.intensity import Intensity, intensity_between, intensity_within
from dissensus.model.conflict import AreaConflicts
from dissensus.model.tally import Tally
from dissensus.study.options import ConflictOptions, MeasureOptions
from dissensus.study.tables import NO_GOAL, NO_HOLDERS, NO_PAIR, NOBODY, UNKNOWN_NUMBER

__all__ = [
    "Beside",
    "between_intensities",
    "check_options",
    "check_shares_of_attention",
    "intensity_words",
    "refuse_salience",
    "with_total",
    "within_intensities",
]

Mask = npt.NDArray[np.bool_]
Beside = tuple[dict[str, Any], list[tuple[str, Mask, str]]]

_BELOW_ONE = ("geometric", "arithmetic", "harmonic", "min")


def refuse_salience(population: Population, question: str) -> None:
    """Refuse a question that is about misalignment alone.

    Raises
    ------
    DataError
        The population has a salience.
    """
    if population.roles.salience:
        raise DataError(
            f"salience={population.roles.salience!r} for the question {question}",
            "the questions misalignment and between, which weigh conflict by salience",
            "leave out salience (--salience '' if a study file names it)",
        )


def check_options(
    population: Population, conflicts: ConflictOptions, measure: MeasureOptions
) -> None:
    """Refuse options about salience that do not go together.

    Raises
    ------
    DataError
        What is missing, or too much.
    """
    salience = population.roles.salience
    if not salience:
        for name in ("salience_mean", "attention_shares"):
            value = getattr(measure, name)
            if value != MeasureOptions.model_fields[name].default:
                raise DataError(
                    f"{name}={value!r} without salience",
                    "the column of how much each agent cares",
                    "pass salience=...",
                )
        return
    if population.roles.holds != "one":
        raise DataError(
            f"salience and holds={population.roles.holds!r} together",
            "one goal an agent and area, and how much the agent cares about it",
            "leave out salience, or keep one goal of each agent",
        )
    if conflicts.no_goal_conflict is not None:
        raise DataError(
            "salience and no_goal_conflict together",
            "conflict between goals: an agent without a goal has none to care about",
            "leave out one of the two",
        )
    if not measure.attention_shares:
        return
    if measure.salience_mean not in _BELOW_ONE:
        raise DataError(
            f"attention_shares with salience_mean={measure.salience_mean!r}",
            f"a mean that keeps the sum over areas below 1: {', '.join(_BELOW_ONE)}",
            "choose another mean, or leave out attention_shares",
        )
    if measure.area_weights is not None:
        raise DataError(
            "attention_shares and area_weights together",
            "one of the two: shares of attention weigh the areas already",
            "leave out one of the two",
        )


def check_shares_of_attention(
    population: Population, measure: MeasureOptions, tally: Tally
) -> None:
    """Refuse saliences that are no shares of the attention of each agent.

    Raises
    ------
    DataError
        They add up to more than 1 for an agent, or not everyone is in every area.
    """
    if measure.attention_shares:
        check_attention(population, tally, over=measure.over, where=measure.where)


def within_intensities(tally: Tally, conflicts: AreaConflicts, measure: MeasureOptions) -> Beside:
    """Intensity of each cell, and why it is null."""
    if tally.salience is None:
        return {}, []
    found = intensity_within(tally, conflicts, measure.sampling)
    nobody = np.asarray(tally.population.values == 0)
    silent = np.asarray(tally.holders.values == 0)
    alone = UNKNOWN_NUMBER if tally.entries.agents is None else NO_PAIR
    causes = []
    for name in vars(found):
        causes += [(name, nobody, NOBODY), (name, silent, NO_GOAL)]
    causes.append(("intensity", np.isnan(found.intensity), alone))
    causes.append(("conditional_intensity", np.isnan(found.conditional_intensity), NO_HOLDERS))
    return _columns(found), causes


def between_intensities(tally: Tally, conflicts: AreaConflicts, pairs: Between) -> Beside:
    """Intensity of each pair of cells, and why it is null."""
    if tally.salience is None:
        return {}, []
    found = intensity_between(tally, conflicts, pairs)
    return _columns(found), [
        ("intensity", np.isnan(found.intensity), NOBODY),
        ("conditional_intensity", np.isnan(found.intensity), NOBODY),
        ("conditional_intensity", np.isnan(found.conditional_intensity), NO_HOLDERS),
    ]


def _columns(found: Intensity) -> dict[str, Any]:
    return dict(vars(found))


def with_total(table: pa.Table, measure: MeasureOptions) -> pa.Table:
    """Means over areas, with the sum over areas beside them where saliences are shares."""
    if not measure.attention_shares:
        return table
    total = pc.multiply(table["intensity"], table["areas"].cast(pa.float64()))
    place = table.column_names.index("conditional_intensity") + 1
    return table.add_column(place, "total_intensity", pc.min_element_wise(total, 1.0))


def intensity_words(population: Population, measure: MeasureOptions) -> dict[str, str]:
    """Conventions about salience, in words."""
    salience = population.roles.salience
    if not salience:
        return {}
    words = {
        "salience": f"{salience!r}, 0 does not care and 1 cares fully; the conflict of a pair is "
        f"multiplied by the {measure.salience_mean} mean of the two: an expected intensity, no "
        "probability"
        if measure.salience_mean != "none"
        else f"{salience!r}, left aside"
    }
    if measure.attention_shares:
        words["attention"] = "saliences are shares of attention: intensity is summed over the areas"
    return words
