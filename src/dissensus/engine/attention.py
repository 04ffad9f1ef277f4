"""Shares of attention: saliences of an agent that add up to at most 1 over the problem areas."""

from __future__ import annotations

import narwhals as nw
import numpy as np

from dissensus.engine.population import Population
from dissensus.engine.rows import PASSES, DataError, Keys, key_names, prepared
from dissensus.engine.salient import cares
from dissensus.engine.sources import collect
from dissensus.model.tally import Tally

__all__ = ["check_attention"]

_ROUNDING = 1e-9


def check_attention(
    population: Population, tally: Tally, *, over: str | None, where: str | None
) -> None:
    """Refuse saliences that are no shares of the attention of each agent.

    Raises
    ------
    DataError
        Groups rather than agents; agents whose saliences add up to more than 1 over the areas (at
        one value of ``over``), the worst is named; or areas that do not have the same agents.
    """
    agent = population.roles.agent
    if not agent:
        raise DataError(
            "attention_shares of rows without agents",
            "agents, whose saliences add up to 1 over the areas",
            "name the columns that identify an agent, or leave out attention_shares",
        )
    keys = tuple(dict.fromkeys([*([over] if over else []), *agent]))
    rows = prepared(population, Keys(None, ()), where=where, links=keys)
    names = key_names(keys)
    frame = rows.frame
    if PASSES in rows.columns:
        frame = frame.filter(nw.col(PASSES) == 1)
    care = frame.select(*(nw.col(name) for name in names.values()), cares().alias("_care"))
    sums = care.group_by(*names.values()).agg(nw.col("_care").sum())
    worst = collect(sums.sort("_care", descending=True).head(1)).to_pylist()
    if worst and worst[0]["_care"] > 1 + _ROUNDING:
        who = ", ".join(f"{name} {worst[0][alias]!r}" for name, alias in names.items())
        raise DataError(
            f"the saliences of {who} add up to {worst[0]['_care']:g} over the areas",
            "shares of attention: at most 1 for each agent over all areas",
            "divide them by each agent's sum, or leave out attention_shares",
        )
    agents = collect(sums.select(nw.len().alias("agents"))).column("agents")[0].as_py()
    _check_same(population, tally, int(agents), over)


def _check_same(population: Population, tally: Tally, agents: int, over: str | None) -> None:
    """Refuse areas that do not have the same agents: a random pair must be in all of them."""
    _, over_of_area = tally.areas.codes([over] if over else [])
    size = int(over_of_area.max(initial=0)) + 1
    width = tally.segments.size
    group = over_of_area[tally.cell_area] * width + tally.cell_segment
    present = np.asarray(tally.population.agents, dtype=np.float64)
    least, most = np.full(size * width, np.inf), np.zeros(size * width)
    np.minimum.at(least, group, present)
    np.maximum.at(most, group, present)
    areas, of_over = np.bincount(group, minlength=len(most)), np.bincount(over_of_area)
    there = most > 0
    uneven = (least != most) | (areas != np.repeat(of_over, width))
    in_one_area = most.reshape(size, width).sum(axis=1)
    counted = population.roles.absent == "no-goal"
    if (uneven & there).any() or (not counted and int(in_one_area.sum()) != agents):
        raise DataError(
            "attention_shares, and not all agents are in all problem areas",
            "the same agents in every area, with or without a goal",
            "give a roster and absent='no-goal', or leave out attention_shares",
        )
