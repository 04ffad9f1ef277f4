"""The tables of an explanation: parts, pairs of segments, pairs of goals; per area and as means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.engine.population import Labels
from dissensus.measure.decomposition import Decomposition
from dissensus.measure.drivers import GoalPairs, Goals
from dissensus.measure.mean_over_areas import mean_over_areas
from dissensus.measure.misalignment import ratio
from dissensus.model.keys import Codes, Keys, distinct
from dissensus.model.tally import Tally
from dissensus.study.tables import (
    NO_GOAL,
    Columns,
    area_columns,
    counts_columns,
    groups_of,
    largest_counts,
    over_keys,
    pair_columns,
    reals,
    reasons_column,
    wholes,
)

__all__ = [
    "AREA_PAIRS_AT_MOST",
    "Mean",
    "area_goal_pairs",
    "area_goals",
    "area_pairs",
    "area_parts",
    "area_totals",
    "mean_goal_pairs",
    "mean_goals",
    "mean_pairs",
    "mean_parts",
    "mean_totals",
    "part_codes",
]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# pairs of segments in single areas that are still worth their rows in the record
AREA_PAIRS_AT_MOST = 250_000

_NOTHING = "nothing conflicts here"
_NO_TOTAL = "the misalignment of this population is null"
_ITSELF = "a segment beside itself"
_NOT_BOTH = "one of the two has no value of its own in any area that both are in"


@dataclass(frozen=True, eq=False)
class Mean:
    """Means over areas of what sums up in each: every part over all areas that have a total.

    Attributes
    ----------
    over : Keys
        Values of ``over``.
    over_of_area : (A,)
    weight : (A,)
        0 for an area without a total.
    mass : (over,)
        Sum of the weights.
    areas : (over,)
        Areas with a total.
    is_seen : (over,)
        Whether anybody is left there.
    """

    over: Keys
    over_of_area: Codes
    weight: Floats
    mass: Floats
    areas: Codes
    is_seen: Mask

    @classmethod
    def of(cls, tally: Tally, total: Floats, weights: Floats | None) -> Mean:
        """Means over the areas that have a total."""
        over, over_of_area = over_keys(tally)
        weight = np.ones(tally.areas.size) if weights is None else weights
        weight = np.where(np.isnan(total), 0.0, weight)
        return cls(
            over,
            over_of_area,
            weight,
            _summed(weight, over_of_area, over.size),
            np.bincount(over_of_area, ~np.isnan(total), minlength=over.size).astype(np.int64),
            np.bincount(over_of_area[tally.cell_area], minlength=over.size) > 0,
        )

    def of_parts(self, values: Floats, area: Codes, group: Codes, over: Codes) -> Floats:
        """Mean of each group's sum per area; ``over`` is the one of each group."""
        weight = self.weight[area]
        weighted = weight * values
        weighted[weight == 0] = 0.0  # an area without a total has parts that are undefined
        sums = _summed(weighted, group, len(over))
        return ratio(sums, self.mass[over], self.mass[over] > 0)


def _summed(values: Floats, group: Codes, size: int) -> Floats:
    sums: Floats = np.bincount(group, values, minlength=size).astype(np.float64)
    return sums


def part_codes(
    tally: Tally, parts: Decomposition, by: Sequence[str], *, nested: bool
) -> tuple[list[str], Codes]:
    """Names of the parts, and the part of each pair of segments."""
    if not by:
        return ["everyone"], np.zeros(len(parts.cell_a), dtype=np.int64)
    first, second = tally.cell_segment[parts.cell_a], tally.cell_segment[parts.cell_b]
    if not nested:
        name = ", ".join(by)
        return [f"between {name}", f"within {name}"], (first == second).astype(np.int64)
    names = [f"between {by[0]}"]
    names += [f"between {b}, within {a}" for a, b in pairwise(by)]
    part = np.full(len(first), len(by), dtype=np.int64)
    for place in range(len(by) - 1, -1, -1):
        _, code = tally.segments.codes([by[place]])
        part[code[first] != code[second]] = place
    return [*names, f"within {by[-1]}"], part


def area_parts(
    tally: Tally, parts: Decomposition, names: list[str], part_of: Codes, labels: Labels
) -> pa.Table:
    """One row per area and part."""
    size = len(names)
    code = tally.cell_area[parts.cell_a] * size + part_of
    areas = np.repeat(distinct(np.sort(tally.cell_area)), size)
    part = np.tile(np.arange(size), len(areas) // size)
    place = areas * size + part

    def summed(values: Floats) -> Floats:
        sums: Floats = _summed(values, code, tally.areas.size * size)[place]
        return sums

    columns = area_columns(tally, areas, labels)
    columns["part"] = pa.array(names).take(pa.array(part))
    total = parts.total[areas]
    return pa.table(
        columns | _sums(summed(parts.pair_share), summed(parts.contribution), total, NO_GOAL)
    )


def mean_parts(
    tally: Tally, parts: Decomposition, names: list[str], part_of: Codes, mean: Mean
) -> pa.Table:
    """One row per value of ``over`` and part."""
    size = len(names)
    area = tally.cell_area[parts.cell_a]
    group = mean.over_of_area[area] * size + part_of
    over = np.repeat(np.arange(mean.over.size), size)
    share = mean.of_parts(parts.pair_share, area, group, over)
    contribution = mean.of_parts(parts.contribution, area, group, over)
    columns: Columns = dict(mean.over.take(over))
    columns["part"] = pa.array(names * mean.over.size)
    columns["areas"] = pa.array(mean.areas[over])
    total = _summed(np.nan_to_num(contribution), over, mean.over.size)[over]
    total = np.where(mean.mass[over] > 0, total, np.nan)
    table = pa.table(columns | _sums(share, contribution, total, _NO_TOTAL))
    return table.filter(pa.array(mean.is_seen[over]))


def _sums(share: Floats, contribution: Floats, total: Floats, why: str) -> Columns:
    """Columns of parts that sum to a total, and why one is null."""
    undefined = np.isnan(total)
    share, contribution = (np.where(undefined, np.nan, one) for one in (share, contribution))
    value = ratio(contribution, share, share > 0)
    part = ratio(contribution, total, total > 0)
    causes = [
        *((name, undefined, why) for name in ("pair_share", "contribution", "contribution_share")),
        ("misalignment", undefined, why),
        ("misalignment", np.isnan(value), "there is no such pair"),
        ("contribution_share", np.isnan(part), _NOTHING),
    ]
    return {
        "pair_share": reals(share),
        "misalignment": reals(value),
        "contribution": reals(contribution),
        "contribution_share": reals(part),
        "reasons": reasons_column(len(total), causes),
    }


def area_totals(
    tally: Tally, total: Floats, within: Floats, types: Mask, labels: Labels
) -> pa.Table:
    """One row per area: its misalignment, the mean within, and the rest."""
    columns = area_columns(tally, np.arange(tally.areas.size), labels)
    return pa.table(columns | _totals(total, within, types))


def mean_totals(total: Floats, within: Floats, types: Mask, mean: Mean) -> pa.Table:
    """One row per value of ``over``: the same as means over its areas."""
    both = np.isnan(total) | np.isnan(within)
    group = mean.over_of_area
    size = mean.over.size
    columns: Columns = dict(mean.over.take(np.arange(size)))
    columns["areas"] = pa.array(mean.areas)
    within = mean_over_areas(np.where(both, np.nan, within), group, size, mean.weight)
    total = mean_over_areas(total, group, size, mean.weight)
    whole = np.bincount(group, ~types, minlength=size) == 0
    table = pa.table(columns | _totals(total, within, np.asarray(whole)))
    return table.filter(pa.array(mean.is_seen))


def _totals(total: Floats, within: Floats, types: Mask) -> Columns:
    within = np.where(np.isnan(total), np.nan, within)
    causes = [(name, np.isnan(total), NO_GOAL) for name in ("misalignment", *_WITHIN)]
    causes += [(name, np.isnan(within), "a segment has no value of its own") for name in _WITHIN]
    return {
        "misalignment": reals(total),
        "mean_within": reals(within),
        "total_minus_within": reals(total - within),
        "is_negative_type": pa.array(types),
        "reasons": reasons_column(len(total), causes),
    }


_WITHIN = ("mean_within", "total_minus_within")


def area_pairs(tally: Tally, parts: Decomposition, labels: Labels) -> pa.Table:
    """One row per area and pair of segments, each beside itself too."""
    order = np.argsort(tally.cell_area[parts.cell_a], kind="stable")
    a, b = parts.cell_a[order], parts.cell_b[order]
    columns = area_columns(tally, tally.cell_area[a], labels)
    columns |= pair_columns(tally.segments, tally.cell_segment[a], tally.cell_segment[b], labels)
    columns |= counts_columns(tally.population, a, "_a")
    columns |= counts_columns(tally.population, b, "_b")
    values = [_pair_value(parts, name)[order] for name in _PAIR_VALUES]
    total = parts.total[tally.cell_area[a]]
    return pa.table(columns | _pair_values(values, a == b, total))


def mean_pairs(tally: Tally, parts: Decomposition, mean: Mean, labels: Labels) -> pa.Table:
    """One row per value of ``over`` and pair of segments: means over the areas."""
    width = tally.segments.size
    area = tally.cell_area[parts.cell_a]
    first, second = tally.cell_segment[parts.cell_a], tally.cell_segment[parts.cell_b]
    codes, group = groups_of((mean.over_of_area[area] * width + first) * width + second)
    over, size = codes // width**2, len(codes)
    columns: Columns = dict(mean.over.take(over))
    met = ~np.isnan(parts.misalignment)
    columns["areas"] = pa.array(np.bincount(group[met], minlength=size))
    a, b = codes // width % width, codes % width
    columns |= pair_columns(tally.segments, a, b, labels)
    columns |= largest_counts(tally.population, parts.cell_a, group, size, "_a")
    columns |= largest_counts(tally.population, parts.cell_b, group, size, "_b")
    weight = mean.weight[area]
    values = [
        mean.of_parts(values, area, group, over)
        if name in ("pair_share", "contribution")
        else mean_over_areas(values, group, size, weight)
        for name, values in ((name, _pair_value(parts, name)) for name in _PAIR_VALUES)
    ]
    total = mean_over_areas(parts.total, mean.over_of_area, mean.over.size, mean.weight)[over]
    return pa.table(columns | _pair_values(values, a == b, total))


_PAIR_VALUES = ("pair_share", "misalignment", "own_a", "own_b", "excess", "contribution")


def _pair_value(parts: Decomposition, name: str) -> Floats:
    if name in ("own_a", "own_b"):
        return parts.own[parts.cell_a if name == "own_a" else parts.cell_b]
    value: Floats = getattr(parts, name)
    return value


def _pair_values(values: Sequence[Floats], same: Mask, total: Floats) -> Columns:
    share, value, own_a, own_b, excess, contribution = values
    part = ratio(contribution, total, total > 0)
    columns: Columns = {
        "pair_share": share,
        "misalignment": value,
        "misalignment_a": own_a,
        "misalignment_b": own_b,
        "excess": excess,
        "contribution": contribution,
        "contribution_share": part,
    }
    causes = [
        *((n, np.isnan(total), _NO_TOTAL) for n in ("pair_share", "contribution")),
        ("contribution_share", np.isnan(total), _NO_TOTAL),
        ("contribution_share", np.isnan(part), _NOTHING),
        ("excess", same, _ITSELF),
        ("excess", np.isnan(excess), _NOT_BOTH),
        *(
            (n, np.isnan(columns[n]), "no goal, no member, or no two agents to draw")
            for n in ("misalignment", "misalignment_a", "misalignment_b")
        ),
    ]
    columns = {name: reals(column) for name, column in columns.items()}
    return {**columns, "reasons": reasons_column(len(total), causes)}


Words = Mapping[str, str]


def _goal_columns(tally: Tally, cell: Codes, goal: Codes, name: str, words: Words) -> Columns:
    """Goals of some rows by their places in the list of their area; null for having none."""
    area = tally.cell_area[cell]
    place = tally.area_offsets[area] + np.maximum(goal, 0)
    return _named_goals(tally, np.where(goal < 0, -1, _listed(tally, place)), name, words)


def _listed(tally: Tally, place: Codes) -> Codes:
    return tally.area_goals[np.minimum(place, max(len(tally.area_goals) - 1, 0))]


def _named_goals(tally: Tally, codes: Codes, name: str, words: Words) -> Columns:
    known: Any = pa.array(codes, mask=codes < 0)
    columns: Columns = {name: tally.goals.take(known)}
    if words:
        texts = pa.array([words.get(goal) for goal in tally.goals.to_pylist()], pa.string())
        columns[f"{name}_label"] = texts.take(known)
    return columns


def _states(codes: Codes) -> pa.Array:
    return pa.array(["no goal", "holds a goal"]).take(pa.array((codes >= 0).astype(np.int64)))


def area_goal_pairs(
    tally: Tally, pairs: GoalPairs, value: Floats, labels: Labels, words: Words
) -> pa.Table:
    """One row per area and pair of goals that conflict, the largest contribution first."""
    columns = area_columns(tally, tally.cell_area[pairs.cell], labels)
    columns |= _goal_columns(tally, pairs.cell, pairs.goal_a, "goal_a", words)
    columns |= _goal_columns(tally, pairs.cell, pairs.goal_b, "goal_b", words)
    total = value[pairs.cell]
    share = ratio(pairs.contribution, total, total > 0)
    columns["contribution"] = reals(pairs.contribution)
    columns["contribution_share"] = reals(share)
    undefined = np.isnan(pairs.contribution)
    causes = [(n, undefined, _NO_TOTAL) for n in ("contribution", "contribution_share")]
    columns["reasons"] = reasons_column(len(total), causes)
    return pa.table(columns)


def mean_goal_pairs(
    tally: Tally, pairs: GoalPairs, value: Floats, mean: Mean, words: Words
) -> pa.Table:
    """One row per value of ``over`` and pair of goals: mean contributions, the largest first."""
    area, size = tally.cell_area[pairs.cell], len(tally.goals) + 1
    offset = tally.area_offsets[area]
    a = _listed(tally, offset + pairs.goal_a)
    b = np.where(pairs.goal_b < 0, size - 1, _listed(tally, offset + pairs.goal_b))
    codes, group = groups_of((mean.over_of_area[area] * size + a) * size + b)
    over = codes // size**2
    contribution = mean.of_parts(pairs.contribution, area, group, over)
    columns: Columns = dict(mean.over.take(over))
    columns |= _named_goals(tally, codes // size % size, "goal_a", words)
    last = codes % size
    columns |= _named_goals(tally, np.where(last == size - 1, -1, last), "goal_b", words)
    columns["areas"] = pa.array(np.bincount(group, minlength=len(codes)))
    total = mean_over_areas(
        value, mean.over_of_area[tally.cell_area], mean.over.size, mean.weight[tally.cell_area]
    )[over]
    columns["contribution"] = reals(contribution)
    columns["contribution_share"] = reals(ratio(contribution, total, total > 0))
    undefined = np.isnan(contribution)
    causes = [(n, undefined, _NO_TOTAL) for n in ("contribution", "contribution_share")]
    columns["reasons"] = reasons_column(len(codes), causes)
    order = np.lexsort((-np.nan_to_num(contribution), over))
    return pa.table(columns).take(pa.array(order))


def area_goals(tally: Tally, held: Goals, value: Floats, labels: Labels, words: Words) -> pa.Table:
    """One row per area and goal, and one for having none where somebody does."""
    columns = area_columns(tally, tally.cell_area[held.cell], labels)
    columns["state"] = _states(held.goal)
    columns |= _goal_columns(tally, held.cell, held.goal, "goal", words)
    columns["agents"] = counts_columns(tally.population, held.cell, "")["agents"]
    influence = 2 * (held.friction - value[held.cell])
    values = (held.share, held.friction, held.opposing_share, influence)
    return pa.table(columns | _goal_values(*values))


def mean_goals(tally: Tally, held: Goals, value: Floats, mean: Mean, words: Words) -> pa.Table:
    """One row per value of ``over`` and goal: means over the areas that list the goal."""
    area, size = tally.cell_area[held.cell], len(tally.goals) + 1
    goal = np.where(held.goal < 0, size - 1, _listed(tally, tally.area_offsets[area] + held.goal))
    codes, group = groups_of(mean.over_of_area[area] * size + goal)
    over, listed = codes // size, codes % size
    listed = np.where(listed == size - 1, -1, listed)
    influence = 2 * (held.friction - value[held.cell])
    weight = mean.weight[area]
    means = [
        mean_over_areas(values, group, len(codes), weight)
        for values in (held.share, held.friction, held.opposing_share, influence)
    ]
    columns: Columns = dict(mean.over.take(over))
    columns["state"] = _states(listed)
    columns |= _named_goals(tally, listed, "goal", words)
    columns["areas"] = wholes(np.bincount(group, minlength=len(codes)), len(codes))
    return pa.table(columns | _goal_values(*means))


def _goal_values(share: Floats, friction: Floats, opposing: Floats, influence: Floats) -> Columns:
    columns: Columns = {
        "share": share,
        "friction": friction,
        "opposing_share": opposing,
        "influence": influence,
    }
    causes = [(name, np.isnan(values), NO_GOAL) for name, values in columns.items()]
    columns = {name: reals(values) for name, values in columns.items()}
    return {**columns, "reasons": reasons_column(len(share), causes)}
