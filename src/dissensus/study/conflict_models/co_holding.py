"""Conflict that shows in who holds what together, counted in the data themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.engine.counting import count
from dissensus.engine.population import Population, as_text
from dissensus.measure.conflicts.co_holding import co_holding_conflict
from dissensus.model.conflict import ConflictError
from dissensus.model.holdings import Holdings
from dissensus.model.tally import Tally
from dissensus.study.conflict_models.catalogue import declared_as
from dissensus.study.options import ConflictOptions

__all__ = ["CoHolding", "co_holding", "held_together"]

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CoHolding:
    """How many agents of each area hold each two goals together.

    Attributes
    ----------
    together : mapping
        From area, or None for the only one, to goals and the number of agents that hold both of
        each pair.
    agents : mapping
        From area to the number of agents that hold any goal.
    """

    together: Mapping[str | None, tuple[Mapping[str, int], Counts]]
    agents: Mapping[str | None, int]
    declared: tuple[str, ...] = ()
    by_area: bool = True

    @property
    def words(self) -> str:
        """Among how many agents."""
        counts = sorted({self.agents[area] for area in self.together})
        spread = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}"
        return f"counted among {spread} holders of a goal in a problem area"

    def between(self, goals: Sequence[str], area: str | None, /) -> npt.NDArray[np.float64]:
        """Estimated conflict; goals that nobody held give no evidence of any."""
        place, known = self.together.get(area, ({}, np.zeros((0, 0), dtype=np.int64)))
        found = np.zeros((len(goals), len(goals)), dtype=np.int64)
        held = [i for i, goal in enumerate(goals) if goal in place]
        columns = [place[goals[i]] for i in held]
        found[np.ix_(held, held)] = known[np.ix_(columns, columns)]
        return co_holding_conflict(found, self.agents.get(area, 0))


@declared_as(
    "co-holding",
    "goals conflict by how much seldomer one agent holds both than if they were held independently",
)
def co_holding(_options: ConflictOptions, population: Population) -> CoHolding:
    """Count who holds what together, in the whole data: before ``where``, ``by`` and ``over``.

    Raises
    ------
    ConflictError
        Agents that hold one goal each.
    """
    holds = population.roles.holds
    if holds != "several":
        raise ConflictError(
            f"conflict='co-holding' of holds={holds!r}",
            "agents that may hold several goals at once: whose goals else are held together?",
            "pass holds='several', or give the conflict in another way",
        )
    return held_together(count(population).tally)


def held_together(tally: Tally) -> CoHolding:
    """Agents of each problem area that hold each two goals, from a count of holdings."""
    if not isinstance(tally, Holdings):
        raise TypeError("co-holding needs a count of several goals an agent")
    has_areas = "area" in tally.areas.names
    names = tally.areas.table.column("area").to_pylist() if has_areas else [None]
    goals = tally.goals.to_pylist()
    together: dict[str | None, tuple[Mapping[str, int], Counts]] = {}
    agents: dict[str | None, int] = {}
    for i, name in enumerate(names):
        area = as_text(name) if has_areas else None
        start, stop = tally.area_offsets[i : i + 2]
        place = {goals[g]: j for j, g in enumerate(tally.area_goals[start:stop].tolist())}
        _, patterns, held = tally.area(i)
        counts = np.zeros(0) if held.agents is None else held.agents.sum(axis=0)
        bits = patterns.members(slice(None)).astype(np.float64)
        both = (bits * counts.astype(np.float64)[:, None]).T @ bits
        together[area] = (place, np.rint(both).astype(np.int64))
        agents[area] = int(counts[patterns.sizes > 0].sum())
    return CoHolding(together, agents)
