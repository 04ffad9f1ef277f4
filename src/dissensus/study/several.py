"""Several goals an agent: which pairing is meant, and the values of all cells by it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine.population import Population
from dissensus.engine.rows import DataError
from dissensus.measure.misalignment import Sampling
from dissensus.measure.pairing.holdings import (
    PairsOfHoldings,
    between_holdings,
    met_of_areas,
    within_holdings,
)
from dissensus.measure.pairing.rules import PAIRINGS
from dissensus.measure.pairing.several import Met, WithinPatterns, Work, met_masses
from dissensus.model.conflict import AreaConflicts, Conflict
from dissensus.model.holdings import Holdings
from dissensus.model.patterns import Patterns
from dissensus.model.roles import Roles
from dissensus.model.tally import Mass
from dissensus.study.tables import NO_GOAL, NOBODY

__all__ = ["Several", "internal_columns", "pairing_of", "single_goals", "with_method"]

Floats = npt.NDArray[np.float64]
Causes = list[tuple[str, npt.NDArray[np.bool_], str]]

_NEEDS = {"points": "points=COLUMN", "probability": "probability=COLUMN", "draws": "holds='draws'"}
_NOT_WITHIN = {
    "draws": "no agent with two draws: one cannot contradict itself",
    "probability": "a probability says what is known of one goal, which cannot contradict itself",
}


def single_goals(population: Population, question: str) -> None:
    """Refuse agents that may hold several goals where a question is about single ones.

    Raises
    ------
    DataError
    """
    holds = population.roles.holds
    if holds != "one":
        raise DataError(
            f"{question} of holds={holds!r}",
            f"one goal per agent and area; misalignment and between take holds={holds!r}",
            "keep one row per agent and area, or make what tells the rows apart part of agent=",
        )


def pairing_of(roles: Roles, given: str) -> str:
    """Pairing that is meant.

    Raises
    ------
    DataError
        A pairing that needs what the rows do not have.
    """
    own = {"points": bool(roles.points), "probability": bool(roles.probability)}
    own["draws"] = roles.holds == "draws"
    if given == "auto":
        return next((name for name, has in own.items() if has), "any")
    if not own.get(given, True):
        raise DataError(
            f"pairing={given!r} of holds={roles.holds!r}",
            f"{_NEEDS[given]}, which says how much an agent has of each goal",
            f"pass {_NEEDS[given]}, or use any, independent or mean",
        )
    return given


class Several:
    """Values of agents that may hold several goals, by one pairing.

    What the pairs of agents have in common is found once, however often cells without a goal are
    read another way.
    """

    def __init__(self, pairing: str) -> None:
        self.pairing = pairing
        self.work = Work()
        self._known: list[tuple[Any, bool, list[Met]]] = []

    @property
    def words(self) -> str:
        """How two agents' goals become one conflict."""
        return f"{self.pairing}: {PAIRINGS[self.pairing].reading}"

    @property
    def methods(self) -> list[str]:
        """How the values were found so far, each way once."""
        return list(dict.fromkeys(met.method for _, _, mets in self._known for met in mets))

    @property
    def is_sampled(self) -> bool:
        """Whether a value is an estimate."""
        return any(not met.is_exact for _, _, mets in self._known for met in mets)

    def within(
        self, tally: Holdings, conflicts: AreaConflicts, sampling: Sampling
    ) -> WithinPatterns:
        """Misalignment of the agents of each cell."""
        mets = self._met(tally, conflicts, pairs=False)
        return within_holdings(tally, conflicts, self.pairing, sampling, mets)

    def between(self, tally: Holdings, conflicts: AreaConflicts) -> PairsOfHoldings:
        """Misalignment of every two cells of an area."""
        mets = self._met(tally, conflicts, pairs=True)
        return between_holdings(tally, conflicts, self.pairing, mets)

    def met(self, patterns: Patterns, mass: Mass, conflict: Conflict) -> Met:
        """Conflicting pairs within populations that are asked about once."""
        found = met_masses(patterns, mass, conflict, self.pairing, self.work, pairs=False)
        self._known.append(((None, None), False, [found]))
        return found

    def _met(self, tally: Holdings, conflicts: AreaConflicts, *, pairs: bool) -> list[Met]:
        # of draws the totals depend on the reading
        same = tally.kinds if self.pairing == "draws" else None
        for (held, kinds), known_pairs, mets in self._known:
            if held is tally.held and kinds == same and (known_pairs or not pairs):
                return mets
        found = met_of_areas(tally, conflicts, self.pairing, self.work, pairs=pairs)
        self._known.append(((tally.held, same), pairs, found))
        return found


def internal_columns(
    tally: Holdings, values: WithinPatterns, pairing: str
) -> tuple[dict[str, Floats], Causes]:
    """Columns of the cells beside the values, and why one is null."""
    own = values.internal_conflict
    nobody = np.asarray(tally.population.values == 0)
    silent = ~nobody & np.asarray(tally.holders.values == 0)
    why = _NOT_WITHIN.get(pairing, NO_GOAL)
    causes = [
        ("internal_conflict", np.isnan(own) & nobody, NOBODY),
        ("internal_conflict", np.isnan(own) & silent, NO_GOAL),
        ("internal_conflict", np.isnan(own), why),
    ]
    return {"internal_conflict": own, "error_bound": values.error_bound}, causes


def with_method(table: pa.Table) -> pa.Table:
    """Say of each value whether it is exact; bounds are shown only where one is not."""
    if "error_bound" not in table.column_names:
        return table
    place = table.column_names.index("error_bound")
    bound = table.column("error_bound")
    is_sampled = pc.greater(bound, 0.0)
    method = pc.if_else(is_sampled, "sampled", "exact").cast(pa.string())
    if not pc.any(is_sampled).as_py():
        return table.set_column(place, "method", method)
    return table.add_column(place, "method", method)
