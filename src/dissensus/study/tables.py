"""Arrays of a measure to the tables of a result: columns in their order, nulls with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.engine.population import Labels, as_text
from dissensus.measure.between import Between
from dissensus.measure.mean_over_areas import mean_over_areas
from dissensus.measure.misalignment import Within
from dissensus.measure.pairing.holdings import PairsOfHoldings
from dissensus.model.keys import Codes, Keys, distinct
from dissensus.model.tally import Mass, Numbers, Tally

__all__ = [
    "NOBODY",
    "NO_GOAL",
    "NO_HOLDERS",
    "NO_PAIR",
    "UNKNOWN_NUMBER",
    "Columns",
    "area_columns",
    "between_rows",
    "counts_columns",
    "groups_of",
    "largest_counts",
    "mean_between",
    "mean_within",
    "over_keys",
    "pair_columns",
    "reals",
    "reasons_column",
    "seen_cells",
    "seen_pairs",
    "segment_columns",
    "shown_cells",
    "stacked",
    "wholes",
    "within_rows",
]

Floats = npt.NDArray[np.float64]
Columns = dict[str, Any]

_WITHIN = tuple(Within.__dataclass_fields__)
NOBODY = "nobody in this population"
NO_WEIGHT = "all weights are 0 in this population"
NO_GOAL = "no goal in this population: not one of its problem areas"
NO_PAIR = "no two distinct agents to draw"
NO_HOLDERS = "no pair in which both hold a goal"
UNKNOWN_NUMBER = "shares: the number of agents is unknown"


def reals(values: npt.ArrayLike) -> pa.Array:
    """Float column; NaN becomes null."""
    return pa.array(np.asarray(values, dtype=np.float64), from_pandas=True)


def wholes(values: Numbers | None, size: int) -> pa.Array:
    """Whole numbers; decimals where they pass 2^63; nulls where the number is unknown."""
    if values is None:
        return pa.nulls(size, pa.int64())
    if values.dtype == object:
        from decimal import Decimal

        return pa.array([Decimal(int(value)) for value in values], pa.decimal128(38, 0))
    return pa.array(values.astype(np.int64))


def reasons_column(size: int, causes: Sequence[tuple[str, npt.NDArray[np.bool_], str]]) -> pa.Array:
    """Column of maps from a column to why its value is null; null where none is.

    ``causes`` are (column, rows, words); the first cause of a column in a row counts.
    """
    rows: list[Codes] = []
    names: list[str] = []
    taken: dict[str, npt.NDArray[np.bool_]] = {}
    words: list[str] = []
    for column, mask, text in causes:
        known = taken.get(column)
        where = np.flatnonzero(mask if known is None else mask & ~known)
        if len(where):
            taken[column] = mask if known is None else known | mask
            rows.append(where)
            names.append(column)
            words.append(text)
    kind = pa.map_(pa.string(), pa.string())
    if not rows:
        return pa.nulls(size, kind)
    of = np.concatenate(rows)
    cause = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
    order = np.argsort(of, kind="stable")
    counts = np.bincount(of, minlength=size)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    keys = pa.array(names).take(pa.array(cause[order]))
    items = pa.array(words).take(pa.array(cause[order]))
    return pa.MapArray.from_arrays(pa.array(offsets), keys, items, mask=pa.array(counts == 0))


def within_rows(
    tally: Tally,
    values: Within,
    labels: Labels,
    beside: Mapping[str, Floats],
    causes_beside: Sequence[tuple[str, npt.NDArray[np.bool_], str]],
) -> pa.Table:
    """One row per problem area and segment; ``beside`` are further columns over the cells."""
    kept = shown_cells(tally)
    columns = area_columns(tally, tally.cell_area[kept], labels)
    columns |= segment_columns(tally.segments, tally.cell_segment[kept], "", labels)
    columns |= counts_columns(tally.population, kept, "")
    goals = tally.held_goals[kept]
    columns["goals"] = pa.array(goals)
    if tally.declared:
        columns["declared_goals"] = pa.array(tally.goal_counts[tally.cell_area[kept]])
    columns["no_goal_agents"] = wholes(_taken(tally.without_goal.agents, kept), len(kept))
    columns |= _values(values, kept, ("participation",))
    columns |= {name: reals(column[kept]) for name, column in beside.items()}
    population = np.asarray(tally.population.values, dtype=np.float64)[kept]
    holders = np.asarray(tally.holders.values, dtype=np.float64)[kept]
    value = values.misalignment[kept]
    conditional = values.conditional_misalignment[kept]
    everyone = population == 0
    weightless = everyone & _weightless(tally)[kept]
    silent = ~everyone & (holders == 0)
    undefined = np.isnan(value)
    unknown = tally.entries.agents is None
    alone = UNKNOWN_NUMBER if unknown else NO_PAIR
    causes = []
    if unknown:
        every = np.ones(len(kept), dtype=bool)
        causes += [(name, every, UNKNOWN_NUMBER) for name in ("agents", "no_goal_agents")]
    causes += [("participation", weightless, NO_WEIGHT), ("participation", everyone, NOBODY)]
    names = ("misalignment", "conditional_misalignment", "alignment", "compatible_share")
    for name in (*names, "no_goal_share"):
        causes += [(name, weightless, NO_WEIGHT), (name, everyone, NOBODY)]
        causes += [(name, silent, NO_GOAL), (name, undefined, alone)]
    causes.append(("conditional_misalignment", np.isnan(conditional), NO_HOLDERS))
    causes += [(name, mask[kept], words) for name, mask, words in causes_beside]
    columns["reasons"] = reasons_column(len(kept), causes)
    return pa.table(columns)


def between_rows(
    tally: Tally,
    pairs: Between,
    labels: Labels,
    beside: Mapping[str, Floats],
    causes_beside: Sequence[tuple[str, npt.NDArray[np.bool_], str]],
) -> pa.Table:
    """One row per problem area and pair; ``beside`` are further columns over the pairs."""
    kept = seen_pairs(tally, pairs)
    pairs = _only(pairs, kept)
    a, b = pairs.cell_a, pairs.cell_b
    columns = area_columns(tally, tally.cell_area[a], labels)
    columns |= pair_columns(tally.segments, tally.cell_segment[a], tally.cell_segment[b], labels)
    columns |= counts_columns(tally.population, a, "_a") | counts_columns(tally.population, b, "_b")
    order = ("participation", "participation_a", "participation_b")
    columns |= _values(pairs, slice(None), order)
    columns |= {name: reals(column[kept]) for name, column in beside.items()}
    population = np.asarray(tally.population.values, dtype=np.float64)
    weightless = _weightless(tally)
    empty = (population[a] == 0) | (population[b] == 0)
    unweighed = empty & (weightless[a] | weightless[b])
    names = ("participation", "misalignment", "conditional_misalignment", "alignment")
    causes = []
    for name in (*names, "compatible_share", "no_goal_share"):
        causes += [(name, unweighed, NO_WEIGHT), (name, empty, NOBODY)]
    for name, cells in (("participation_a", a), ("participation_b", b)):
        causes += [(name, weightless[cells], NO_WEIGHT), (name, population[cells] == 0, NOBODY)]
    causes += [("conditional_misalignment", np.isnan(pairs.conditional_misalignment), NO_HOLDERS)]
    if tally.entries.agents is None:
        every = np.ones(len(a), dtype=bool)
        causes += [(name, every, UNKNOWN_NUMBER) for name in ("agents_a", "agents_b")]
    causes += [(name, mask[kept], words) for name, mask, words in causes_beside]
    columns["reasons"] = reasons_column(len(a), causes)
    return pa.table(columns)


def mean_within(
    tally: Tally,
    values: Within,
    weights: Floats | None,
    scope: str,
    labels: Labels,
    beside: Mapping[str, Floats],
    causes_beside: Sequence[tuple[str, npt.NDArray[np.bool_], str]],
) -> pa.Table:
    """Mean over the problem areas, one row per value of ``over`` and segment.

    ``beside`` are further columns over the cells, with why one is null.
    """
    over, over_of_area = over_keys(tally)
    width = tally.segments.size
    cells = seen_cells(tally)
    if len(cells) < len(tally.cell_area):
        values = Within(**{name: getattr(values, name)[cells] for name in _WITHIN})
    areas = tally.cell_area[cells]
    codes, group = groups_of(over_of_area[areas] * width + tally.cell_segment[cells])
    columns = dict(over.take(codes // width))
    columns["scope"] = pa.array([scope] * len(codes), pa.string())
    columns["areas"] = pa.array(_defined(values.misalignment, group, len(codes)))
    columns |= segment_columns(tally.segments, codes % width, "", labels)
    columns |= largest_counts(tally.population, cells, group, len(codes), "")
    weight = None if weights is None else weights[areas]
    means = _means(values, group, len(codes), weight)
    means |= _means_beside(beside, cells, group, len(codes), weight)
    columns |= means
    columns["reasons"] = _mean_reasons(means, len(codes), _frequent(causes_beside, cells))
    return pa.table(columns)


def mean_between(
    tally: Tally,
    pairs: Between,
    weights: Floats | None,
    labels: Labels,
    beside: Mapping[str, Floats],
    causes_beside: Sequence[tuple[str, npt.NDArray[np.bool_], str]],
) -> pa.Table:
    """Mean over the problem areas, one row per value of ``over`` and pair of segments.

    ``beside`` are further columns over pairs, with why one is null.
    """
    kept = seen_pairs(tally, pairs)
    pairs = _only(pairs, kept)
    over, over_of_area = over_keys(tally)
    width = tally.segments.size
    area = tally.cell_area[pairs.cell_a]
    first, second = tally.cell_segment[pairs.cell_a], tally.cell_segment[pairs.cell_b]
    codes, group = groups_of((over_of_area[area] * width + first) * width + second)
    columns = dict(over.take(codes // width**2))
    columns["areas"] = pa.array(_defined(pairs.misalignment, group, len(codes)))
    columns |= pair_columns(tally.segments, *np.divmod(codes % width**2, width), labels)
    columns |= largest_counts(tally.population, pairs.cell_a, group, len(codes), "_a")
    columns |= largest_counts(tally.population, pairs.cell_b, group, len(codes), "_b")
    weight = None if weights is None else weights[area]
    means = _means(pairs, group, len(codes), weight)
    means |= _means_beside(beside, kept, group, len(codes), weight)
    columns |= means
    columns["reasons"] = _mean_reasons(means, len(codes), _frequent(causes_beside, kept))
    return pa.table(columns)


def _means_beside(
    beside: Mapping[str, Floats], rows: Any, group: Codes, size: int, weight: Floats | None
) -> Columns:
    return {
        name: reals(mean_over_areas(column[rows], group, size, weight))
        for name, column in beside.items()
    }


def _frequent(
    causes: Sequence[tuple[str, npt.NDArray[np.bool_], str]], rows: Any
) -> dict[str, str]:
    """Of several causes of a column the most frequent one."""
    frequent = sorted(causes, key=lambda one: int(one[1][rows].sum()))
    return {name: words for name, mask, words in frequent if mask[rows].any()}


def groups_of(codes: Codes) -> tuple[Codes, Codes]:
    """Distinct codes, sorted, and the group of each row; ``0 .. n - 1`` if each row is one."""
    if bool((codes[1:] > codes[:-1]).all()):
        return codes, np.arange(len(codes))
    span = int(codes.max()) + 1
    if span <= 4 * len(codes):  # a table of all codes is faster than a search among them
        there = np.zeros(span, dtype=bool)
        there[codes] = True
        return np.flatnonzero(there), (np.cumsum(there) - 1)[codes]
    groups = distinct(codes)
    return groups, np.searchsorted(groups, codes)


def _means(values: Within | Between, group: Codes, size: int, weight: Floats | None) -> Columns:
    """Means of the probabilities, each over the areas in which it is defined."""
    in_place = len(group) == size and bool((group == np.arange(size)).all())

    def mean(column: Floats) -> Floats:
        if in_place and weight is None:  # one area: every mean is its value
            return column
        return mean_over_areas(column, group, size, weight)

    columns: Columns = {"participation": reals(mean(values.participation))}
    if isinstance(values, Between):
        nobody = np.isnan(values.participation)  # one of the two is not there: no pair of them
        for name in ("participation_a", "participation_b"):
            columns[name] = reals(mean(np.where(nobody, np.nan, getattr(values, name))))
    misalignment = mean(values.misalignment)
    columns["misalignment"] = reals(misalignment)
    columns["conditional_misalignment"] = reals(mean(values.conditional_misalignment))
    columns["alignment"] = reals(1 - misalignment)
    columns["compatible_share"] = reals(mean(values.compatible_share))
    columns["no_goal_share"] = reals(mean(values.no_goal_share))
    if isinstance(values, PairsOfHoldings):
        columns["error_bound"] = reals(mean(values.error_bound))
    return columns


def _mean_reasons(
    means: Mapping[str, pa.Array], size: int, why: Mapping[str, str] | None = None
) -> pa.Array:
    causes = []
    for name, column in means.items():
        mask = np.asarray(column.is_null().to_numpy(zero_copy_only=False))
        words = NO_HOLDERS if name == "conditional_misalignment" else "null in every problem area"
        words = (why or {}).get(name, words)
        causes.append((name, mask, words))
    return reasons_column(size, causes)


def _weightless(tally: Tally) -> npt.NDArray[np.bool_]:
    """Cells of agents that weigh nothing."""
    agents, weights = tally.population.agents, tally.population.weights
    if agents is None or weights is None:
        return np.zeros(len(tally.cell_area), dtype=bool)
    none: npt.NDArray[np.bool_] = np.asarray((agents > 0) & (weights == 0), dtype=bool)
    return none


def _seen(tally: Tally) -> npt.NDArray[np.bool_]:
    """Cells that somebody was seen in, counted or outside; a mere absence does not show."""
    rows = np.array([kind.source != "absent" or kind.counted for kind in tally.kinds], dtype=bool)
    # agents of weight 0 are seen
    values = tally.silent.values if tally.silent.agents is None else tally.silent.agents
    silent = values[:, rows].sum(axis=1) > 0
    held = np.diff(tally.entry_offsets) > 0
    shown: npt.NDArray[np.bool_] = np.asarray(held | silent, dtype=bool)
    return shown


def seen_cells(tally: Tally) -> Codes:
    """Cells that stand behind means: where there are segments, those that somebody was seen in."""
    if not tally.segments.names:
        return np.arange(len(tally.cell_area))
    return np.flatnonzero(_seen(tally))


def shown_cells(tally: Tally) -> Codes:
    """Cells that have a row: somebody was seen in them."""
    return np.flatnonzero(_seen(tally))


def seen_pairs(tally: Tally, pairs: Between) -> Codes:
    """Pairs of which both were seen."""
    seen = _seen(tally)
    if seen.all():
        return np.arange(len(pairs.cell_a))
    return np.flatnonzero(seen[pairs.cell_a] & seen[pairs.cell_b])


def _only(pairs: Between, chosen: Codes) -> Between:
    if len(chosen) == len(pairs.cell_a):
        return pairs
    return type(pairs)(**{name: values[chosen] for name, values in vars(pairs).items()})


def over_keys(tally: Tally) -> tuple[Keys, Codes]:
    """Values of ``over``, and the one of each area."""
    return tally.areas.codes([name for name in tally.areas.names if name != "area"])


def area_columns(tally: Tally, areas: Codes, labels: Labels) -> Columns:
    """Columns that name the areas of some rows."""
    columns: Columns = dict(tally.areas.take(areas))
    if "area" in columns and labels.areas:
        known = tally.areas.table.column("area").to_pylist()
        texts = pa.array([labels.areas.get(as_text(name)) for name in known], pa.string())
        columns["area_label"] = texts.take(pa.array(areas))
    return columns


def segment_columns(segments: Keys, rows: Codes, suffix: str, labels: Labels) -> Columns:
    """Columns that name the segments of some rows."""
    columns: Columns = {}
    for name, column in segments.take(rows).items():
        columns[name + suffix] = column
        if name in labels.values:
            words = labels.values[name]
            known = segments.table.column(name).to_pylist()
            texts = pa.array([words.get(as_text(value)) for value in known], pa.string())
            columns[f"{name}{suffix}_label"] = texts.take(pa.array(rows))
    return columns


def pair_columns(segments: Keys, first: Codes, second: Codes, labels: Labels) -> Columns:
    """Columns that name the two segments of some rows."""
    a = segment_columns(segments, first, "_a", labels)
    return a | segment_columns(segments, second, "_b", labels)


def _taken(values: Numbers | None, rows: Codes) -> Numbers | None:
    return None if values is None else values[rows]


def counts_columns(mass: Mass, rows: Codes, suffix: str) -> Columns:
    """Columns with the number of agents of some cells."""
    columns: Columns = {f"agents{suffix}": wholes(_taken(mass.agents, rows), len(rows))}
    if mass.agents is not None and mass.weights is not None:
        columns[f"weighted_agents{suffix}"] = reals(mass.weights[rows])
    return columns


def largest_counts(mass: Mass, rows: Codes, group: Codes, size: int, suffix: str) -> Columns:
    """Number of agents behind a mean: the most that one of its areas has."""
    columns: Columns = {}
    for name, values in (("agents", mass.agents), ("weighted_agents", mass.weights)):
        if values is None or mass.agents is None:
            if name == "agents":
                columns[name + suffix] = wholes(None, size)
            continue
        out = values[rows]
        if len(group) > size:
            out = np.zeros(size, dtype=values.dtype)
            np.maximum.at(out, group, values[rows])
        columns[name + suffix] = wholes(out, size) if name == "agents" else reals(out)
    return columns


def _defined(values: Floats, group: Codes, size: int) -> Codes:
    counts: Codes = np.bincount(group[~np.isnan(values)], minlength=size).astype(np.int64)
    return counts


def _values(values: Within | Between, rows: Any, first: Sequence[str]) -> Columns:
    columns: Columns = {name: reals(getattr(values, name)[rows]) for name in first}
    columns["misalignment"] = reals(values.misalignment[rows])
    columns["conditional_misalignment"] = reals(values.conditional_misalignment[rows])
    columns["alignment"] = reals(1 - values.misalignment[rows])
    columns["compatible_share"] = reals(values.compatible_share[rows])
    columns["no_goal_share"] = reals(values.no_goal_share[rows])
    if isinstance(values, PairsOfHoldings):
        columns["error_bound"] = reals(values.error_bound[rows])
    return columns


def stacked(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables one above the other, in the columns of the last; what one lacks is null."""
    last = tables[-1].schema
    filled = [
        pa.table(
            {
                field.name: table.column(field.name)
                if field.name in table.column_names
                else pa.nulls(table.num_rows, field.type)
                for field in last
            }
        ).cast(last)
        for table in tables
    ]
    return pa.concat_tables(filled)
