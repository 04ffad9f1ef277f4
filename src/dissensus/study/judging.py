"""Values that rest on judgements: their range if the judgements are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.measure.between import Between
from dissensus.measure.conflicts.perturbation import largest_changes
from dissensus.measure.mean_over_areas import mean_over_areas
from dissensus.measure.misalignment import pair_masses
from dissensus.model.conflict import AreaConflicts
from dissensus.model.keys import Codes, distinct
from dissensus.model.tally import Tally
from dissensus.study.cell_pairs import CellPairs
from dissensus.study.conflict_models.judged import Judged
from dissensus.study.tables import Columns, reals, reasons_column, stacked

if TYPE_CHECKING:
    from dissensus.study.asking import Asked

__all__ = ["Ranges", "judged_ranges"]

Floats = npt.NDArray[np.float64]

NO_VALUE = "misalignment is null here"

# shares of judgements in values that are looked at; beyond it the range is not worth its memory
_SHARES_AT_MOST = 10_000_000


@dataclass(frozen=True)
class Ranges:
    """Tables of ranges, what is said of the judge, and notes."""

    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class _Shares:
    """How much each judgement counts in each value: (entries,)."""

    row: Codes
    judgement: Codes
    weight: Floats
    degree: Floats


def judged_ranges(asked: Asked, pairs: Between | None = None) -> Ranges:
    """Range of the values under wrong judgements: of everyone and each segment, or of pairs.

    Returns
    -------
    Ranges
        ``judged``: means over the problem areas; ``area_judged``: each area. Nothing where conflict
        is not judged.
    """
    judge = asked.model.judged
    if judge is None:
        return Ranges()
    options = asked.conflicts
    known = judge.judgements
    about = {
        "model": known.model,
        "prompt": known.prompt,
        "judgements": len(known.known),
        "error": options.judgement_error,
        "flips": options.judgement_flips,
    }
    if asked.population.roles.holds != "one":
        note = "the range under wrong judgements is given where each agent holds one goal"
        return Ranges(summary={"judge": about}, notes=[note])
    tally, labels = asked.counted.tally, asked.population.labels
    if pairs is None:
        whole = CellPairs.alone(asked.everyone, labels, "everyone")
        rows = CellPairs.alone(tally, labels, "segment") if asked.measure.by else whole
        groups = [whole, rows] if asked.measure.by else [whole]
    else:
        rows = CellPairs(tally, pairs.cell_a, pairs.cell_b, labels)
        groups = [rows]
    sizes = [int((one.tally.goal_counts[one.area] ** 2).sum()) for one in groups]
    if max(sizes) > _SHARES_AT_MOST:
        note = "the range under wrong judgements is left out: too many values rest on too many"
        return Ranges(summary={"judge": about}, notes=[note])
    values = [_value(one, asked, pairs) for one in groups]
    shares = [_shares(one, asked, judge) for one in groups]
    tables = {
        "judged": stacked(
            [_means(*three, asked) for three in zip(groups, values, shares, strict=True)]
        ),
        "area_judged": _rows(rows, values[-1], shares[-1], asked),
    }
    return Ranges(tables, {"judge": about})


def _value(pairs: CellPairs, asked: Asked, given: Between | None) -> Floats:
    return asked.within(pairs.tally).misalignment if given is None else given.misalignment


def _shares(pairs: CellPairs, asked: Asked, judge: Judged) -> _Shares:
    """Judgements in each value: the chance to draw a pair of agents that it is about."""
    tally = pairs.tally
    conflicts = asked.model.of(tally)
    drawn = _drawn(pairs, conflicts, asked)
    goals = [judge.text(goal) for goal in tally.goals.to_pylist()]
    number = {text: i for i, text in enumerate(sorted(set(goals)))}
    text_of = np.array([number[text] for text in goals], dtype=np.int64)
    parts: list[tuple[Codes, Codes, Floats, Floats]] = []
    table_of = conflicts.matrix_of_area[pairs.area]
    for table in distinct(np.sort(table_of)).tolist():
        some = np.flatnonzero(table_of == table)
        area = int(pairs.area[some[0]])
        listed = text_of[tally.area_goals[tally.area_offsets[area] : tally.area_offsets[area + 1]]]
        first = tally.dense(pairs.cell_a[some], len(listed)).astype(np.float64)
        second = tally.dense(pairs.cell_b[some], len(listed)).astype(np.float64)
        chance = first[:, :, None] * second[:, None, :]
        np.divide(chance, drawn[some, None, None], out=chance, where=drawn[some, None, None] > 0)
        one, other = listed[:, None], listed[None, :]
        if not asked.conflicts.directed:
            one, other = np.minimum(one, other), np.maximum(one, other)
        code = np.broadcast_to(one * len(number) + other, chance.shape)
        degree = np.broadcast_to(conflicts.matrices[table], chance.shape)
        row = np.broadcast_to(some[:, None, None], chance.shape)
        counted = (chance > 0) & (listed[:, None] != listed[None, :])
        parts.append((row[counted], code[counted], chance[counted], degree[counted]))
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return _Shares(nothing, nothing, np.zeros(0), np.zeros(0))
    row, code, weight, degree = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _Shares(row, code, weight, degree)


def _drawn(pairs: CellPairs, conflicts: AreaConflicts, asked: Asked) -> Floats:
    """Mass of the pairs of agents that can be drawn."""
    tally: Tally = pairs.tally
    if pairs.scope:
        return np.asarray(pair_masses(tally, conflicts, asked.measure.sampling).drawn, np.float64)
    population = tally.population.values.astype(np.float64)
    product: Floats = population[pairs.cell_a] * population[pairs.cell_b]
    return product


def _rows(pairs: CellPairs, value: Floats, shares: _Shares, asked: Asked) -> pa.Table:
    return _finished(pairs.columns(), value, shares, asked)


def _means(pairs: CellPairs, value: Floats, shares: _Shares, asked: Asked) -> pa.Table:
    """Means over the areas: one judgement may count in several of them."""
    columns, group = pairs.means()
    size = int(group.max(initial=-1)) + 1
    weights = asked.area_weights(pairs.tally)
    weight = np.ones(len(group)) if weights is None else weights[pairs.area]
    weight = np.where(np.isnan(value), 0.0, weight)
    total = np.bincount(group, weight, size)[group]
    part = np.divide(weight, total, out=np.zeros(len(group)), where=total > 0)
    mean = mean_over_areas(value, group, size, None if weights is None else weights[pairs.area])
    counted = part[shares.row] > 0
    of_mean = _Shares(
        group[shares.row][counted],
        shares.judgement[counted],
        (shares.weight * part[shares.row])[counted],
        shares.degree[counted],
    )
    columns["areas"] = pa.array(np.bincount(group[~np.isnan(value)], minlength=size))
    return _finished(columns, mean, of_mean, asked)


def _finished(columns: Columns, value: Floats, shares: _Shares, asked: Asked) -> pa.Table:
    size = len(value)
    fall, rise = largest_changes(
        shares.row,
        shares.judgement,
        shares.weight,
        shares.degree,
        error=asked.conflicts.judgement_error,
        flips=asked.conflicts.judgement_flips,
        size=size,
    )
    width = int(shares.judgement.max(initial=0)) + 1
    met = distinct(np.sort(shares.row * width + shares.judgement)) // width
    none = np.isnan(value)
    columns = columns | {
        "judgements": pa.array(np.bincount(met, minlength=size)),
        "misalignment": reals(value),
        # rounding alone may pass the bounds
        "judged_low": reals(np.where(none, np.nan, np.maximum(value - fall, 0.0))),
        "judged_high": reals(np.where(none, np.nan, np.minimum(value + rise, 1.0))),
    }
    names = ("misalignment", "judged_low", "judged_high")
    columns["reasons"] = reasons_column(size, [(name, none, NO_VALUE) for name in names])
    return pa.table(columns)
