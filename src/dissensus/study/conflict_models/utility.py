"""Goals that value outcomes: conflict by how differently they value them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.engine.population import Population, as_text
from dissensus.engine.sources import collect, open_source
from dissensus.errors import quoted
from dissensus.measure.conflicts.utilities import scaled_utilities, utility_conflict
from dissensus.model.conflict import ConflictError
from dissensus.study.conflict_models.catalogue import declared_as
from dissensus.study.options import ConflictOptions

__all__ = ["Utility", "utility"]

Table = Mapping[str, Mapping[str, float]]  # goal -> outcome -> utility


@dataclass(frozen=True, eq=False)
class Utility:
    """Utilities of outcomes, per area or for all.

    Attributes
    ----------
    tables : mapping
        From area, or None for all, to goal, to outcome, to utility.
    scale : (float, float), optional
        Scale that all goals share; each goal's own extremes if not given.
    """

    tables: Mapping[str | None, Table]
    scale: tuple[float, float] | None

    @property
    def words(self) -> str:
        """Which scale is taken."""
        if self.scale is None:
            return "each on a scale from its own worst to its best outcome"
        return f"on a scale from {self.scale[0]:g} to {self.scale[1]:g}"

    @property
    def by_area(self) -> bool:
        """Whether some area has utilities of its own."""
        return any(area is not None for area in self.tables)

    @property
    def declared(self) -> tuple[str, ...]:
        """Goals whose utilities are given for all areas."""
        return tuple(self.tables.get(None, {}))

    def between(self, goals: Sequence[str], area: str | None, /) -> npt.NDArray[np.float64]:
        """Mean difference of the utilities of every two goals."""
        table = self.tables.get(area, self.tables.get(None, {}))
        missing = [goal for goal in goals if goal not in table]
        if missing:
            raise ConflictError(
                f"goals without utilities: {quoted(missing)}",
                "the utility of every outcome to every goal that is held",
                "add them to utilities=, or name them in no_goal= if they are none",
            )
        outcomes = list(dict.fromkeys(outcome for goal in goals for outcome in table[goal]))
        holes = [(g, x) for g in goals for x in outcomes if x not in table[g]]
        if holes:
            raise ConflictError(
                f"no utility of outcome {holes[0][1]!r} to goal {holes[0][0]!r}",
                "the utility of every outcome to every goal",
                "add the row",
            )
        values = np.array([[table[g][x] for x in outcomes] for g in goals])
        return utility_conflict(self._scaled(values.reshape(len(goals), -1), goals))

    def _scaled(
        self, values: npt.NDArray[np.float64], goals: Sequence[str]
    ) -> npt.NDArray[np.float64]:
        if self.scale is not None:
            low, high = self.scale
            outside = values[(values < low) | (values > high)]
            if outside.size:
                raise ConflictError(
                    f"utility {outside[0]:g} outside the declared range {low:g} to {high:g}",
                    "utilities in the range",
                    "widen range=, or leave it out: each goal's own extremes are used then",
                )
            return scaled_utilities(values, self.scale)
        scaled = scaled_utilities(values)
        flat = np.flatnonzero(np.isnan(scaled).any(axis=1))
        if len(flat):
            raise ConflictError(
                f"to goal {goals[flat[0]]!r} all outcomes are worth the same",
                "a best and a worst outcome for every goal, or a scale that all goals share",
                "name it in no_goal=, or pass range=(lowest, highest)",
            )
        return scaled


@declared_as(
    "utility",
    "goals conflict by the mean difference of what outcomes are worth to them",
    needs=("utilities",),
    takes=("range",),
)
def utility(options: ConflictOptions, _population: Population) -> Utility:
    """Read a table of utilities.

    Raises
    ------
    ConflictError
        Not such a table, a utility that is no number, or one that is given twice.
    """
    scale = options.range
    if scale is not None and not scale[0] < scale[1]:
        raise ConflictError(
            f"range {scale[0]:g} to {scale[1]:g}", "the lower value first", "swap them"
        )
    tables: dict[str | None, dict[str, dict[str, float]]] = {}
    for area, goal, outcome, value in _rows(options.utilities):
        row = tables.setdefault(area, {}).setdefault(goal, {})
        number = _number(value, f"utility of {outcome!r} to {goal!r}")
        if row.setdefault(outcome, number) != number:
            raise ConflictError(
                f"utility of {outcome!r} to {goal!r} is {row[outcome]:g} and {number:g}",
                "each outcome once a goal",
                "remove one of the two rows",
            )
    return Utility(tables, scale)


def _rows(value: Any) -> list[tuple[str | None, str, str, Any]]:
    table = collect(open_source(value).frame)
    names = table.column_names
    if "goal" not in names or len(names) < 2:
        raise ConflictError(
            f"utilities: columns {quoted(names, 6)}",
            "columns goal, outcome, utility (and area); or goal, and a column for each outcome",
            "rename the columns",
        )
    columns = table.to_pydict()
    areas = [None if a is None else as_text(a) for a in columns.pop("area", [None] * len(table))]
    goals = [as_text(goal) for goal in columns.pop("goal")]
    if {"outcome", "utility"} <= set(columns):
        outcomes = [as_text(outcome) for outcome in columns["outcome"]]
        return list(zip(areas, goals, outcomes, columns["utility"], strict=True))
    return [
        (area, goal, outcome, value)
        for outcome, values in columns.items()
        for area, goal, value in zip(areas, goals, values, strict=True)
    ]


def _number(value: Any, of: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not isfinite(number):
        raise ConflictError(f"{of} is {value!r}", "a number", "correct it, or leave the row out")
    return number
