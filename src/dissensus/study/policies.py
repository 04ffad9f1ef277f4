"""Mixtures of goals as policies: best at worst in each area, and over all areas together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.measure.drivers import goals
from dissensus.measure.mean_over_areas import mean_over_areas
from dissensus.measure.misalignment import ratio
from dissensus.measure.mixtures import minimax_mixtures, on_frontier
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally
from dissensus.study.asking import Asked
from dissensus.study.tables import (
    NO_GOAL,
    Columns,
    area_columns,
    over_keys,
    reals,
    reasons_column,
    segment_columns,
)

__all__ = ["policies"]

Floats = npt.NDArray[np.float64]


def policies(asked: Asked, tally: Tally) -> dict[str, pa.Table]:
    """Two tables: the goals' shares in the best policies, and whom the whole policy serves how."""
    areas, tables = _frictions(asked, tally)
    over, over_of_area = over_keys(tally)
    weights = asked.area_weights(tally)
    weight = np.ones(tally.areas.size) if weights is None else weights
    width = tally.segments.size
    together = [np.empty(0)] * len(areas)
    served = np.full((over.size, width), np.nan)
    weighed = np.flatnonzero(weight[areas] > 0)
    if len(weighed):
        of_over, group = np.unique(over_of_area[areas[weighed]], return_inverse=True)
        found = minimax_mixtures([tables[i] for i in weighed], weight[areas[weighed]], group)
        served[of_over] = found.values
        for i, shares in zip(weighed.tolist(), found.shares, strict=True):
            together[i] = shares
    alone = minimax_mixtures(tables, np.ones(len(tables)), np.arange(len(tables)))
    corners = [on_frontier(table) for table in tables]
    lengths = np.array([table.shape[1] for table in tables], dtype=np.int64)
    area = np.repeat(areas, lengths)
    place = np.concatenate([np.arange(n) for n in lengths]) if len(lengths) else area
    columns: Columns = area_columns(tally, area, asked.population.labels)
    named = pa.array(tally.area_goals[tally.area_offsets[area] + place])
    columns["goal"] = tally.goals.take(named)
    words = asked.population.labels.values.get(str(asked.population.roles.goal), {})
    if words:
        texts = pa.array([words.get(goal) for goal in tally.goals.to_pylist()], pa.string())
        columns["goal_label"] = texts.take(named)
    share = np.concatenate(
        [
            shares if len(shares) else np.full(n, np.nan)
            for shares, n in zip(together, lengths.tolist(), strict=True)
        ]
    )
    columns["share"] = reals(share)
    columns["share_alone"] = reals(np.concatenate(alone.shares))
    columns["largest_alone"] = reals(np.repeat(alone.largest, lengths))
    columns["is_on_frontier"] = pa.array(np.concatenate(corners))
    causes = [("share", np.isnan(share), "its area has weight 0")]
    columns["reasons"] = reasons_column(len(area), causes)
    return {
        "mixtures": pa.table(columns),
        "policy": _policy(asked, tally, areas, tables, alone.values, served),
    }


def _frictions(asked: Asked, tally: Tally) -> tuple[Codes, list[Floats]]:
    """Areas with a goal, and in each the conditional friction of goals with segments, (s, k)."""
    # among those with a goal: the conflict of having none is left out
    conflicts = replace(asked.model.of(tally), silence=None)
    held = goals(tally, conflicts)
    spoken = held.goal >= 0
    part = tally.holders.values.astype(np.float64)
    whole = tally.population.values.astype(np.float64)
    participation = ratio(part, whole, part > 0)
    cell, goal = held.cell[spoken], held.goal[spoken]
    conditional = held.friction[spoken] / participation[cell]
    areas = np.unique(tally.cell_area[part > 0])
    tables = {
        int(area): np.full((tally.segments.size, int(tally.goal_counts[area])), np.nan)
        for area in areas
    }
    for c in np.flatnonzero(part > 0).tolist():
        low, high = np.searchsorted(cell, [c, c + 1])
        table = tables[int(tally.cell_area[c])]
        table[tally.cell_segment[c], goal[low:high]] = conditional[low:high]
    return areas, [tables[int(area)] for area in areas]


def _policy(
    asked: Asked,
    tally: Tally,
    areas: Codes,
    tables: list[Floats],
    alone: Floats,
    served: Floats,
) -> pa.Table:
    """How the policy serves each segment, beside the policy that is best area by area."""
    over, over_of_area = over_keys(tally)
    width = tally.segments.size
    unit, segment = np.divmod(np.arange(over.size * width), width)
    weights = asked.area_weights(tally)
    group = np.repeat(over_of_area[areas] * width, width) + np.tile(np.arange(width), len(areas))
    weight = None if weights is None else np.repeat(weights[areas], width)
    by_area = mean_over_areas(alone.ravel(), group, over.size * width, weight)
    best = np.array([np.where(np.isnan(t).any(axis=1), np.nan, t.min(axis=1)) for t in tables])
    own = mean_over_areas(best.ravel(), group, over.size * width, weight)
    columns: Columns = dict(over.take(unit))
    labels = asked.population.labels
    columns |= segment_columns(tally.segments, segment, "", labels)
    value = served.ravel()
    columns["conditional_misalignment"] = reals(value)
    columns["conditional_alone"] = reals(by_area)
    columns["conditional_floor"] = reals(own)
    names = ("conditional_misalignment", "conditional_alone", "conditional_floor")
    causes = [(name, np.isnan(value), NO_GOAL) for name in names]
    columns["reasons"] = reasons_column(len(value), causes)
    kept = np.flatnonzero(~np.isnan(by_area))
    return pa.table(columns).take(pa.array(kept))
