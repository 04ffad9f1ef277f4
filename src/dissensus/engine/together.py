"""All problem areas together: what each agent holds in all of them, as one pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from dissensus.engine.checks import check_segments
from dissensus.engine.collapsing import KIND, PLACE, Places, packed, places_of, with_text_goals
from dissensus.engine.counting import grouped_rows
from dissensus.engine.patterning import build_holdings
from dissensus.engine.population import Population
from dissensus.engine.rows import AREA, GOAL, Keys, prepared
from dissensus.engine.sources import collect
from dissensus.engine.tallying import build_tally, placed
from dissensus.model.holdings import Holdings
from dissensus.model.keys import Codes
from dissensus.model.keys import Keys as NoKeys
from dissensus.model.roles import Roles
from dissensus.model.tally import Tally

__all__ = ["Together", "count_together"]


@dataclass(frozen=True, eq=False)
class Together:
    """What agents hold in all problem areas together.

    Attributes
    ----------
    holdings : Holdings
        One area for each value of ``over``; its goals are pairs of an area and a goal in it.
    place : (sum of k,)
        Goal of ``holdings`` that each goal of each area of the tally is, aligned with its
        ``area_goals``.
    """

    holdings: Holdings
    place: Codes


def count_together(
    population: Population,
    tally: Tally,
    *,
    by: Sequence[str] = (),
    over: str | None = None,
    where: str | None = None,
) -> Together:
    """Collapse agents to what they hold in all areas of a tally together.

    An agent belongs if it belongs to one of the areas; members of a roster without a row do not.

    Raises
    ------
    DataError
        An agent that is in several segments.
    """
    roles = replace(population.roles, holds="several")
    keys = Keys(over, tuple(by))
    rows = with_text_goals(prepared(population, keys, where=where, agents=True))
    check_segments(population, rows, keys, together=True)
    table = collect(grouped_rows(rows))
    places = places_of(table, tally, roles)
    joint = _joint(places)
    size = len(joint.goals)
    place = _places(places, tally)
    plain = _plain_tally(table, joint, keys)
    found = packed(rows, joint, roles, keys, merge=population.roles.holds != "one", together=True)
    # every pair of an area and a goal is a goal, held or not
    every = np.tile(np.arange(size), plain.areas.size)
    plain = replace(
        plain,
        goals=_labels(size),
        area_offsets=np.arange(plain.areas.size + 1) * size,
        area_goals=every,
    )
    return Together(build_holdings(found, joint, plain, roles, keys), place)


def _labels(size: int) -> pa.Array:
    """Names of goals, in order."""
    return pa.array([f"{place:09d}" for place in range(size)], pa.string())


def _joint(places: Places) -> Places:
    """Places of the goals of all areas, one area after the other."""
    side = places.side
    size = len(places.goals)
    kind = side.column(KIND).to_numpy()
    start = np.zeros(side.num_rows, dtype=np.int64)
    if AREA in side.column_names:
        named = {"area": side.column(AREA)}
        start = places.offsets[placed(places.areas, named, side.num_rows)]
    place = np.where(kind == len(places.kinds), side.column(PLACE).to_numpy() + start, size + kind)
    at = side.column_names.index(PLACE)
    return replace(
        places,
        areas=NoKeys(pa.table({}), 1),
        offsets=np.array([0, size]),
        goals=np.arange(size),
        side=side.set_column(at, PLACE, pa.array(place)),
    )


def _places(places: Places, tally: Tally) -> Codes:
    """Place of each goal of each area of the tally."""
    named = {name: tally.areas.table.column(name) for name in places.areas.names}
    of_area = placed(places.areas, named, tally.areas.size)
    width = max(len(tally.goals), 1)
    known = np.repeat(np.arange(places.areas.size), np.diff(places.offsets)) * width + places.goals
    wanted = np.repeat(of_area, tally.goal_counts) * width + tally.area_goals
    # a declared goal that nobody holds has no place
    found = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    return np.where(known[found] == wanted, found, -1)


def _plain_tally(table: pa.Table, joint: Places, keys: Keys) -> Tally:
    """Tally of the pairs of area and goal, for its cells."""
    size = len(joint.goals)
    place = joint.side.column(PLACE).to_numpy()[joint.row]
    labels = _labels(size)
    goal = labels.take(pa.array(np.where(place < size, place, 0), mask=place >= size))
    kept = [name for name in table.column_names if name not in (AREA, GOAL)]
    flat = pa.table({**{name: table.column(name) for name in kept}, GOAL: goal})
    return build_tally(flat, Roles(), keys.over, keys.by)
