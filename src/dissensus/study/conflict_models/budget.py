"""Goals that cost something: conflict by what a budget can pay for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.engine.counting import goal_levels
from dissensus.engine.population import Population
from dissensus.errors import nearest, quoted
from dissensus.measure.conflicts.bundles import bundle_conflict, joint_cost_conflict
from dissensus.model.conflict import ConflictError
from dissensus.study.conflict_models.catalogue import declared_as
from dissensus.study.conflict_models.goal_tables import Numbers, number_of, numbers_of
from dissensus.study.options import ConflictOptions

__all__ = ["Budget", "budget"]


@dataclass(frozen=True, eq=False)
class Budget:
    """Costs of goals and what there is to spend, per area or for all.

    Attributes
    ----------
    costs : mapping
        From (area or None for all, goal) to its cost.
    limits : mapping
        From area, or None for all, to the budget.
    test : {'bundles', 'pairs'}
        Count maximal bundles, or look at the joint cost of two.
    directed : bool
        Keep both ways: of the bundles with g, those without h, and the reverse.
    """

    costs: Numbers
    limits: Mapping[str | None, float]
    test: str
    directed: bool

    @property
    def words(self) -> str:
        """Which test is taken."""
        if self.test == "pairs":
            return "by the joint cost of two, blind to three that do not fit together"
        return "by all that could be bought together"

    @property
    def by_area(self) -> bool:
        """Whether costs or budgets differ by area: what can be bought depends on all its goals."""
        return any(area is not None for area in (*self.limits, *(a for a, _ in self.costs)))

    @property
    def declared(self) -> tuple[str, ...]:
        """Goals with a cost in all areas: what could be bought bears on what else can."""
        return tuple(goal for area, goal in self.costs if area is None)

    def between(self, goals: Sequence[str], area: str | None, /) -> npt.NDArray[np.float64]:
        """Conflict between projects of an area; those that nobody holds compete too."""
        listed = [goal for place, goal in self.costs if place is not None and place == area]
        everything = list(dict.fromkeys([*goals, *listed]))
        costs = [self._cost(goal, area) for goal in everything]
        limit = self._limit(area)
        if self.test == "pairs":
            table = joint_cost_conflict(costs, limit)
        else:
            table = bundle_conflict(costs, limit)
            table = table if self.directed else (table + table.T) / 2
        return table[: len(goals), : len(goals)]

    def _cost(self, goal: str, area: str | None, /) -> float:
        cost = self.costs.get((area, goal), self.costs.get((None, goal)))
        if cost is None:
            known = [one for place, one in self.costs if place in (None, area)]
            where = "" if area is None else f" in area {area!r}"
            raise ConflictError(
                f"no cost of goal {goal!r}{where}",
                f"a cost of every goal; known: {quoted(known, 8)}",
                "add it to costs=, or name it in no_goal= if it is none",
            )
        return cost

    def _limit(self, area: str | None, /) -> float:
        limit = self.limits.get(area, self.limits.get(None))
        if limit is None:
            raise ConflictError(
                f"no budget of area {area!r}",
                f"a budget for every area; known: {quoted(self.limits, 8)}",
                "add it to budget=",
            )
        return limit


@declared_as(
    "budget",
    "goals conflict as far as a budget that pays for the one leaves the other out",
    needs=("budget", "costs"),
    takes=("budget_test", "directed"),
)
def budget(options: ConflictOptions, population: Population) -> Budget:
    """Read costs and budgets.

    Raises
    ------
    ConflictError
        A cost or a budget that is no number, or a table that is none.
    """
    if options.directed and options.budget_test == "pairs":
        raise ConflictError(
            "directed with budget_test='pairs'",
            "a test that tells the two ways apart",
            "leave out directed: a joint cost is the same both ways",
        )
    return Budget(
        _costs(options.costs, population),
        _limits(options.budget),
        options.budget_test,
        options.directed,
    )


def _costs(value: Any, population: Population) -> Numbers:
    if isinstance(value, str) and value in population.source.schema:
        levels = goal_levels(population, value)
        return {
            (None, goal): number_of(cost, f"{value} of {goal!r}") for goal, cost in levels.items()
        }
    if isinstance(value, str) and not any(sign in value for sign in "./\\:"):
        raise ConflictError(
            f"costs={value!r}, which is no column of the data",
            "a column, a file (its name has a dot or a slash), or goal=cost",
            nearest(value, population.source.columns),
        )
    return numbers_of(value, "costs", "goal", "cost")


def _limits(value: Any) -> dict[str | None, float]:
    if isinstance(value, int | float) or (isinstance(value, str) and _is_number(value)):
        return {None: number_of(value, "budget")}
    found = numbers_of(value, "budget", "area", "budget")
    return {name: limit for (_, name), limit in found.items()}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
