"""How likely two agents conflict in at least one problem area."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.engine.rows import DataError
from dissensus.engine.together import Together, count_together
from dissensus.measure.any_area import frechet_bounds, joint_conflict
from dissensus.measure.pairing.several import within_patterns
from dissensus.model.keys import Codes, distinct
from dissensus.model.tally import Mass, Tally
from dissensus.study.tables import (
    NO_GOAL,
    NO_HOLDERS,
    NO_PAIR,
    NOBODY,
    counts_columns,
    groups_of,
    over_keys,
    reals,
    reasons_column,
    segment_columns,
    stacked,
)

if TYPE_CHECKING:
    from dissensus.study.asking import Asked

__all__ = ["any_area_table"]

Floats = npt.NDArray[np.float64]

# pairs of an area and a goal, whose conflict is a dense table: 200 MB
_MOST_GOALS = 5000
_LOST = "counts and shares do not say what one agent holds in several areas"
_TOO_MANY = f"more than {_MOST_GOALS:,} goals in all areas together"
_VALUES = (
    *("participation", "misalignment", "conditional_misalignment", "alignment"),
    "error_bound",
)


def any_area_table(asked: Asked) -> pa.Table:
    """Conflict in at least one area, for everyone and each segment, with what margins allow.

    Raises
    ------
    DataError
        One problem area; amounts on goals, draws, or a conflict of having no goal.
    """
    _check(asked)
    tally, population = asked.counted.tally, asked.population
    together = None
    if not population.roles.is_counted and len(tally.area_goals) <= _MOST_GOALS:
        ask = asked.measure
        together = count_together(population, tally, by=ask.by, over=ask.over, where=ask.where)
    whole = _rows(asked, asked.everyone, together, "everyone")
    if asked.everyone is tally:
        return whole
    return stacked([whole, _rows(asked, tally, together, "segment")])


def _check(asked: Asked) -> None:
    roles, tally = asked.population.roles, asked.counted.tally
    if "area" not in tally.areas.names:
        raise DataError("in_any_area of one problem area", "several areas", "pass area=...")
    if roles.holds == "draws" or roles.amount:
        raise DataError(
            f"in_any_area of {'draws' if roles.holds == 'draws' else 'amounts'}",
            "goals that an agent holds or does not",
            "leave out in_any_area, or say holds='several' without amounts",
        )
    if asked.several.pairing not in ("any", "independent"):
        raise DataError(
            f"in_any_area with pairing={asked.several.pairing!r}",
            "any or independent: the areas of two agents are paired as their goals are",
            "pass pairing='any'",
        )
    if roles.salience:
        raise DataError(
            "in_any_area with salience", "goals that count alike", "leave one of the two out"
        )
    if asked.conflicts.no_goal_conflict is not None:
        raise DataError(
            "in_any_area with no_goal_conflict",
            "conflict between goals alone",
            "leave one of the two out",
        )
    if roles.absent == "no-goal":
        raise DataError(
            "in_any_area with absent='no-goal'",
            "a population of those who are seen in some area",
            "read absent='outside' for this question",
        )


def _rows(asked: Asked, tally: Tally, together: Together | None, scope: str) -> pa.Table:
    over, over_of_area = over_keys(tally)
    width = tally.segments.size
    kept = np.flatnonzero(np.asarray(tally.population.values > 0))
    area = tally.cell_area[kept]
    codes, group = groups_of(over_of_area[area] * width + tally.cell_segment[kept])
    if together is None:
        size = len(codes)
        values = {name: np.full(size, np.nan) for name in _VALUES}
        agents: dict[str, Any] = {"agents": pa.nulls(size, pa.int64())}
        chance = asked.within(tally).misalignment[kept]
    else:
        joint = together.holdings if scope == "segment" else together.holdings.everyone()
        cells = joint.cell_area * joint.segments.size + joint.cell_segment
        place = np.searchsorted(cells, codes)
        found = _joint_values(asked, tally, together, joint, over_of_area)
        values = {name: column[place] for name, column in found.items()}
        agents = counts_columns(joint.population, place, "")
        drawn = _drawn(tally.population, asked.measure.sampling)[kept]
        whole = _drawn(joint.population, asked.measure.sampling)[place][group]
        chance = np.full(len(kept), np.nan)
        known = asked.within(tally).misalignment[kept] * drawn
        np.divide(known, whole, out=chance, where=whole > 0)
    low, high = frechet_bounds(chance, group, len(codes))
    columns: dict[str, Any] = dict(over.take(codes // width))
    columns["scope"] = pa.array([scope] * len(codes), pa.string())
    columns["areas"] = pa.array(np.bincount(group[~np.isnan(chance)], minlength=len(codes)))
    columns |= segment_columns(tally.segments, codes % width, "", asked.population.labels)
    columns |= agents
    columns |= {name: reals(values[name]) for name in _VALUES[:-1]}
    columns |= {"lower_bound": reals(low), "upper_bound": reals(high)}
    columns["error_bound"] = reals(values["error_bound"])
    columns["reasons"] = _reasons(asked, values, low)
    return pa.table(columns)


def _joint_values(
    asked: Asked, tally: Tally, together: Together, joint: Any, over_of_area: Codes
) -> dict[str, Floats]:
    conflicts = asked.model.of(tally)
    values = {name: np.full(len(joint.cell_area), np.nan) for name in _VALUES}
    for over in range(joint.areas.size):
        areas = np.flatnonzero(over_of_area == over)
        cells, patterns, mass = joint.area(over)
        used, place = _used(tally, areas, together.place)
        patterns = replace(patterns, goals=len(used), held=np.searchsorted(used, patterns.held))
        table = joint_conflict(tally, conflicts, areas, place, len(used))
        several = asked.several
        met = several.met(patterns, mass, table)
        sampling = asked.measure.sampling
        found = within_patterns(patterns, mass, table, several.pairing, sampling, met=met)
        for name in _VALUES:
            known = 1 - found.misalignment if name == "alignment" else getattr(found, name)
            values[name][cells] = known
    return values


def _used(tally: Tally, areas: Codes, place: Codes) -> tuple[Codes, Codes]:
    """Places of the goals of some areas, sorted, and each place as one of these."""
    chosen = np.isin(np.repeat(np.arange(tally.areas.size), tally.goal_counts), areas)
    used = distinct(np.sort(place[chosen & (place >= 0)]))
    return used, np.where(chosen & (place >= 0), np.searchsorted(used, place), -1)


def _drawn(mass: Mass, sampling: str) -> Floats:
    """Mass of the pairs that can be drawn."""
    values = np.asarray(mass.values, dtype=np.float64)
    if sampling == "with-replacement":
        return values**2
    own = mass.agents if mass.squares is None else mass.squares
    left: Floats = values**2 - np.asarray(own, dtype=np.float64)
    return left


def _reasons(asked: Asked, values: dict[str, Floats], low: Floats) -> pa.Array:
    lost = asked.population.roles.is_counted
    many = len(asked.counted.tally.area_goals) > _MOST_GOALS
    why = _LOST if lost else _TOO_MANY if many else NO_PAIR
    causes = []
    silent = values["participation"] == 0
    for name in _VALUES[:-1]:
        missing = np.isnan(values[name])
        causes += [(name, missing & silent, NO_GOAL)]
        words = NO_HOLDERS if name == "conditional_misalignment" and why == NO_PAIR else why
        causes += [(name, missing, NOBODY if name == "participation" and why == NO_PAIR else words)]
    if lost or many:
        causes.append(("agents", np.ones(len(low), dtype=bool), why))
    for name in ("lower_bound", "upper_bound"):
        causes.append((name, np.isnan(low), "null in every problem area"))
    return reasons_column(len(low), causes)
