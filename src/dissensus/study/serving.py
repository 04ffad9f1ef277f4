"""The tables of candidates: their values with everyone and each segment, and who serves best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.measure.between import Between, between
from dissensus.measure.mean_over_areas import mean_over_areas
from dissensus.measure.serving import Judged, judged
from dissensus.model.conflict import AreaConflicts
from dissensus.model.joining import Joined
from dissensus.model.keys import Codes, Keys
from dissensus.model.tally import Tally
from dissensus.study.asking import Asked
from dissensus.study.second import Second, names_of
from dissensus.study.tables import (
    NO_GOAL,
    NO_HOLDERS,
    NO_PAIR,
    NOBODY,
    UNKNOWN_NUMBER,
    Columns,
    area_columns,
    counts_columns,
    groups_of,
    largest_counts,
    over_keys,
    reals,
    reasons_column,
    segment_columns,
    stacked,
    wholes,
)

__all__ = ["Served", "baselines", "candidate_tables", "served"]

Floats = npt.NDArray[np.float64]

NO_GOAL_OF_ITS_OWN = "the candidate holds no goal here"
_NOT_EVERYWHERE = "it has no value with some segment that others have one with"


@dataclass(frozen=True, eq=False)
class Served:
    """Pairs of a population (or its segments) and the candidates.

    Attributes
    ----------
    joined : Joined
    pairs : Between
    area, segment, candidate : (pairs,)
    weights : (areas in common,), optional
    """

    joined: Joined
    pairs: Between
    area: Codes
    segment: Codes
    candidate: Codes
    weights: Floats | None

    def mean(self, values: Floats, group: Codes, size: int) -> Floats:
        """Mean over the areas in which the values are defined."""
        weight = None if self.weights is None else self.weights[self.area]
        return mean_over_areas(values, group, size, weight)


def served(both: Joined, conflicts: AreaConflicts, weights: Floats | None) -> Served:
    """Measure every candidate against every segment; if directed, from candidate to segment.

    So are frictions, and with them the floors and ceilings beside these values.
    """
    tally = both.tally
    pairs = between(tally, conflicts.reversed(), first=both.first)
    return Served(
        both,
        pairs,
        tally.cell_area[pairs.cell_a],
        tally.cell_segment[pairs.cell_a],
        tally.cell_segment[pairs.cell_b] - both.first,
        weights,
    )


def candidate_tables(
    asked: Asked, whole: Served, parts: Served | None, others: Second
) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """All tables about candidates, and what the summary says of them."""
    tables: dict[str, pa.Table] = {}
    names, labels = names_of(asked.counted.tally, asked.population)
    segments = [label or name for name, label in zip(names, labels, strict=True)]
    area_table, _ = _judged_table(asked, whole, parts, others, segments, over_areas=False)
    tables["rows"] = area_table
    tables["overall"], more = _judged_table(asked, whole, parts, others, segments, over_areas=True)
    if parts is not None:
        tables["segments"] = _segment_table(asked, parts, others, over_areas=True)
        tables["area_segments"] = _segment_table(asked, parts, others, over_areas=False)
    return tables, more


def _judged_table(
    asked: Asked,
    whole: Served,
    parts: Served | None,
    others: Second,
    segments: Sequence[str],
    *,
    over_areas: bool,
) -> tuple[pa.Table, dict[str, Any]]:
    """One row per candidate, in each area or (``over_areas``) as means over them."""
    size = len(others.names)
    tally = whole.joined.tally
    over, over_of_area = over_keys(tally)
    frame = over_of_area if over_areas else np.arange(tally.areas.size)
    codes, group = groups_of(frame[whole.area] * size + whole.candidate)
    count, unit, who = len(codes), codes // size, codes % size
    pairs = whole.pairs
    value, conditional, participation = (
        whole.mean(column, group, count)
        for column in (pairs.misalignment, pairs.conditional_misalignment, pairs.participation_b)
    )
    per_segment = whole if parts is None else parts
    key, of_pair = groups_of(
        (frame[per_segment.area] * size + per_segment.candidate) * max(len(segments), 1)
        + (0 if parts is None else parts.segment)
    )
    with_segments = per_segment.mean(per_segment.pairs.conditional_misalignment, of_pair, len(key))
    row = np.searchsorted(codes, key // max(len(segments), 1))
    found = judged(unit, value, conditional, row, key % max(len(segments), 1), with_segments)
    columns: Columns = {}
    if over_areas:
        columns |= dict(over.take(unit))
    else:
        columns |= area_columns(tally, unit, asked.population.labels)
    columns |= _candidates(others, who)
    if over_areas:
        met = ~np.isnan(pairs.misalignment)
        columns["areas"] = wholes(np.bincount(group[met], minlength=count), count)
    columns |= _agents(others, whole, pairs.cell_b, group, count)
    columns["participation"] = reals(participation)
    columns["misalignment"] = reals(value)
    columns["conditional_misalignment"] = reals(conditional)
    columns |= _judgement(found, segments, with_worst=parts is not None)
    columns["reasons"] = _reasons(value, conditional, participation, found)
    order = np.lexsort((who, np.where(np.isnan(found.place), np.inf, found.place), unit))
    table = pa.table(columns).take(pa.array(order))
    return table, _summary(others, unit, who, participation, found)


def _judgement(found: Judged, segments: Sequence[str], *, with_worst: bool) -> Columns:
    def flags(values: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]) -> pa.Array:
        return pa.array(values, mask=~known)

    placed = ~np.isnan(found.place)
    columns: Columns = {
        "candidate_place": _whole_places(found.place),
        "place_by_misalignment": _whole_places(found.place_by_misalignment),
        "is_best": flags(found.is_best, placed),
    }
    if with_worst:
        columns["largest_misalignment"] = reals(found.largest)
        named = np.maximum(found.largest_segment, 0)
        worst = pa.array(list(segments), pa.string()).take(
            pa.array(named, mask=found.largest_segment < 0)
        )
        columns["worst_segment"] = worst
        columns["is_minimax"] = flags(found.is_minimax, found.is_compared)
        columns["is_efficient"] = flags(found.is_efficient, found.is_compared)
    return columns


def _whole_places(values: Floats) -> pa.Array:
    gone = np.isnan(values)
    return pa.array(np.where(gone, 0, values).astype(np.int64), mask=gone)


def _reasons(value: Floats, conditional: Floats, participation: Floats, found: Judged) -> pa.Array:
    silent = participation == 0
    names = ("conditional_misalignment", "candidate_place", "place_by_misalignment", "is_best")
    more = ("largest_misalignment", "worst_segment", "is_minimax", "is_efficient")
    causes = [(name, np.isnan(value), NOBODY) for name in ("misalignment", *names, *more)]
    causes += [(name, silent, NO_GOAL_OF_ITS_OWN) for name in (*names, *more)]
    causes += [(name, np.isnan(conditional), NO_HOLDERS) for name in names]
    unknown = ~found.is_compared
    causes += [(name, unknown & np.isnan(found.largest), NO_HOLDERS) for name in more[:2]]
    causes += [(name, unknown, _NOT_EVERYWHERE) for name in more[2:]]
    return reasons_column(len(value), causes)


def _summary(
    others: Second, unit: Codes, who: Codes, participation: Floats, found: Judged
) -> dict[str, Any]:
    """Whether silence would change the order, and whom it would put first."""
    differ = found.place != found.place_by_misalignment
    differ &= ~np.isnan(found.place)
    first = unit == unit.min(initial=0)
    ahead = first & differ & (found.place_by_misalignment == 1)
    names = [others.labels[i] or others.names[i] for i in who[ahead].tolist()]
    return {
        "orders_differ": int(differ.sum()),
        "first_if_silence_counts": names,
        "participation_of_these": participation[ahead].tolist(),
        "without_goal": sorted(
            {others.labels[i] or others.names[i] for i in who[participation == 0].tolist()}
        ),
    }


def _candidates(others: Second, who: Codes) -> Columns:
    columns: Columns = {"candidate": pa.array(others.names, pa.string()).take(pa.array(who))}
    if any(label is not None for label in others.labels):
        columns["candidate_label"] = pa.array(others.labels, pa.string()).take(pa.array(who))
    return columns


def _agents(others: Second, one: Served, cells: Codes, group: Codes, size: int) -> Columns:
    """Number of agents behind each candidate, if there are any."""
    if others.population is None:  # goals, held by nobody in particular
        return {}
    if others.tally.entries.agents is None:
        return {"agents": wholes(None, size)}
    columns = largest_counts(one.joined.tally.population, cells, group, size, "")
    return {"agents": columns["agents"]}


def _segment_table(asked: Asked, parts: Served, others: Second, *, over_areas: bool) -> pa.Table:
    """One row per candidate and segment."""
    size, width = len(others.names), asked.counted.tally.segments.size
    tally, pairs = parts.joined.tally, parts.pairs
    over, over_of_area = over_keys(tally)
    frame = over_of_area if over_areas else np.arange(tally.areas.size)
    codes, group = groups_of((frame[parts.area] * size + parts.candidate) * width + parts.segment)
    count, unit = len(codes), codes // (size * width)
    columns: Columns = {}
    labels = asked.population.labels
    columns |= dict(over.take(unit)) if over_areas else area_columns(tally, unit, labels)
    columns |= _candidates(others, codes // width % size)
    columns |= segment_columns(asked.counted.tally.segments, codes % width, "", labels)
    if over_areas:
        met = ~np.isnan(pairs.misalignment)
        columns["areas"] = wholes(np.bincount(group[met], minlength=count), count)
    columns["agents"] = largest_counts(tally.population, pairs.cell_a, group, count, "")["agents"]
    values = [
        parts.mean(column, group, count)
        for column in (pairs.participation, pairs.misalignment, pairs.conditional_misalignment)
    ]
    names = ("participation", "misalignment", "conditional_misalignment")
    columns |= {name: reals(value) for name, value in zip(names, values, strict=True)}
    empty = np.isnan(values[1])
    causes = [(name, empty, NOBODY) for name in names]
    causes.append((names[2], np.isnan(values[2]), NO_HOLDERS))
    columns["reasons"] = reasons_column(count, causes)
    return pa.table(columns)


def baselines(
    asked: Asked, listed: Sequence[tuple[Codes, Tally, Sequence[Floats]]]
) -> dict[str, pa.Table]:
    """U, floor and ceiling of everyone and each segment, per area and as means over them."""
    per_area, means = [], []
    for place, (areas, tally, values) in enumerate(listed):
        scope = "everyone" if not place else "segment"
        shared = np.isin(tally.cell_area, areas)
        cells = np.flatnonzero(shared & np.asarray(tally.holders.values > 0))
        per_area.append(_area_baselines(asked, tally, cells, scope, values))
        means.append(_mean_baselines(asked, tally, cells, scope, values))
    return {"baselines": stacked(means), "area_baselines": stacked(per_area)}


_NAMES = (
    "baseline",
    "floor",
    "ceiling",
    "conditional_baseline",
    "conditional_floor",
    "conditional_ceiling",
)


def _area_baselines(
    asked: Asked, tally: Tally, cells: Codes, scope: str, values: Sequence[Floats]
) -> pa.Table:
    labels = asked.population.labels
    columns = area_columns(tally, tally.cell_area[cells], labels)
    columns["scope"] = pa.array([scope] * len(cells), pa.string())
    columns |= segment_columns(_segments(tally, scope), tally.cell_segment[cells], "", labels)
    columns |= {"agents": counts_columns(tally.population, cells, "")["agents"]}
    return pa.table(columns | _limits(tally, [value[cells] for value in values]))


def _mean_baselines(
    asked: Asked, tally: Tally, cells: Codes, scope: str, values: Sequence[Floats]
) -> pa.Table:
    over, over_of_area = over_keys(tally)
    width = tally.segments.size
    area = tally.cell_area[cells]
    codes, group = groups_of(over_of_area[area] * width + tally.cell_segment[cells])
    size, labels = len(codes), asked.population.labels
    weights = asked.area_weights(tally)
    columns: Columns = dict(over.take(codes // width))
    columns["scope"] = pa.array([scope] * size, pa.string())
    columns |= segment_columns(_segments(tally, scope), codes % width, "", labels)
    columns["areas"] = wholes(np.bincount(group, minlength=size), size)
    columns["agents"] = largest_counts(tally.population, cells, group, size, "")["agents"]
    weight = None if weights is None else weights[area]
    means = [mean_over_areas(value[cells], group, size, weight) for value in values]
    return pa.table(columns | _limits(tally, means))


def _segments(tally: Tally, scope: str) -> Keys:
    return tally.segments if scope == "segment" else Keys(pa.table({}), 1)


def _limits(tally: Tally, values: Sequence[Floats]) -> Columns:
    why = UNKNOWN_NUMBER if tally.entries.agents is None else NO_PAIR
    named = list(zip(_NAMES, values, strict=True))
    causes = [(n, np.isnan(v), why if "baseline" in n else NO_GOAL) for n, v in named]
    columns: Columns = {n: reals(v) for n, v in zip(_NAMES, values, strict=True)}
    columns["reasons"] = reasons_column(len(values[0]), causes)
    return columns
