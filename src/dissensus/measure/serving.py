"""Whom can one agent serve: the best candidates for all, for the worst off, and by Pareto."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.measure.drivers import Goals
from dissensus.model.keys import Codes

__all__ = ["Judged", "floors", "judged", "pareto_efficient", "places"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# values that differ by less are equal: rounding alone may order them
_EQUAL = 1e-12


def floors(goals: Goals, cells: int) -> tuple[Floats, Floats]:
    r"""Least and most misalignment that an agent with one goal can have with each population.

    .. math:: \min_g r_g \quad \text{and} \quad \max_g r_g, \qquad r_g = (C p)_g

    ============ ============ ========= ======================================================
    symbol       shape        range     meaning
    ============ ============ ========= ======================================================
    :math:`r_g`  ``(rows,)``  [0, 1]    friction of each goal of the area, held or declared
    ============ ============ ========= ======================================================

    Returns
    -------
    tuple of (cells,) arrays
        Floor and ceiling. No candidate that holds one goal of the area, nor any mixture of such,
        is below the floor: it is 0 only if some goal conflicts with nobody. NaN for a cell without
        members or goals.
    """
    held = (goals.goal >= 0) & ~np.isnan(goals.friction)
    low, high = np.full(cells, np.inf), np.full(cells, -np.inf)
    np.minimum.at(low, goals.cell[held], goals.friction[held])
    np.maximum.at(high, goals.cell[held], goals.friction[held])
    known = high >= low
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def pareto_efficient(values: npt.ArrayLike) -> Mask:
    r"""Candidates that no other one beats for some segment without losing for another.

    .. math:: \nexists\, d: \ M_{ds} \le M_{cs} \ \forall s \ \text{ and } \ M_{ds} < M_{cs} \
        \text{ for some } s

    ================ ============ ========= ===================================================
    symbol           shape        range     meaning
    ================ ============ ========= ===================================================
    :math:`M_{cs}`   ``(c, s)``   [0, 1]    ``values``: misalignment of each candidate with each
                                            segment; a candidate with a NaN is left out
    ================ ============ ========= ===================================================

    Returns
    -------
    numpy.ndarray
        (c,) booleans: all True if every candidate is best for some segment or trades one for
        another, one True if one candidate is best for all. Equal candidates stand together.

    Examples
    --------
    >>> pareto_efficient([[0.1, 0.9], [0.9, 0.1], [0.5, 0.5], [0.6, 0.5]]).tolist()
    [True, True, True, False]
    """
    table = np.asarray(values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(table).any(axis=1))
    out = np.zeros(len(table), dtype=bool)
    some = table[known]
    for place, row in zip(known.tolist(), some, strict=True):
        no_worse = (some <= row + _EQUAL).all(axis=1)
        out[place] = not (some[no_worse] < row - _EQUAL).any()
    return out


def places(values: npt.ArrayLike) -> Floats:
    """Place of each value from the lowest, 1 first; equal ones share a place; NaN has none.

    Examples
    --------
    >>> places([0.2, 0.1, 0.2, float("nan")]).tolist()
    [2.0, 1.0, 2.0, nan]
    """
    given = np.asarray(values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(given))
    order = known[np.argsort(given[known], kind="stable")]
    new = np.diff(given[order], prepend=-np.inf) > _EQUAL
    out = np.full(len(given), np.nan)
    out[order] = np.maximum.accumulate(np.where(new, np.arange(1, len(order) + 1), 0))
    return out


@dataclass(frozen=True, eq=False)
class Judged:
    """What becomes of each candidate among those of its group; each (rows,).

    Attributes
    ----------
    place, place_by_misalignment : Floats
        Order by the conditional misalignment with everyone, and by misalignment; NaN for a
        candidate that holds no goal.
    largest : Floats
        Conditional misalignment with the segment it serves worst.
    largest_segment : Codes
        That segment; -1 where there is none.
    is_best, is_minimax, is_efficient : Mask
        Lowest for everyone; lowest for its worst segment; efficient by Pareto over segments.
    is_compared : Mask
        Whether it has a value with each segment that any candidate has one with.
    """

    place: Floats
    place_by_misalignment: Floats
    largest: Floats
    largest_segment: Codes
    is_best: Mask
    is_minimax: Mask
    is_efficient: Mask
    is_compared: Mask


def judged(
    group: Codes,
    misalignment: Floats,
    conditional: Floats,
    pair_row: Codes,
    pair_segment: Codes,
    pair_conditional: Floats,
) -> Judged:
    """Judge the candidates of each group (an area, or a value of ``over``) among themselves.

    Parameters
    ----------
    group : (rows,)
        Group of each candidate, ascending.
    misalignment, conditional : (rows,)
        With everyone.
    pair_row, pair_segment, pair_conditional : (pairs,)
        Candidate, segment, and the value between them. All are judged by the conditional value:
        a candidate that refuses everything conflicts with nobody, and serves nobody.
    """
    size = len(group)
    out = Judged(
        place=np.full(size, np.nan),
        place_by_misalignment=np.full(size, np.nan),
        largest=np.full(size, np.nan),
        largest_segment=np.full(size, -1),
        is_best=np.zeros(size, dtype=bool),
        is_minimax=np.zeros(size, dtype=bool),
        is_efficient=np.zeros(size, dtype=bool),
        is_compared=np.zeros(size, dtype=bool),
    )
    order = np.argsort(pair_row, kind="stable")
    row, segment, value = pair_row[order], pair_segment[order], pair_conditional[order]
    starts = np.concatenate([np.flatnonzero(np.diff(group, prepend=-1)), [size]])
    bounds = np.searchsorted(row, starts)
    width = int(segment.max(initial=-1)) + 1
    spoken = ~np.isnan(conditional)
    for one, after, low, high in zip(starts, starts[1:], bounds, bounds[1:], strict=False):
        rows = slice(one, after)
        out.place[rows] = places(conditional[rows])
        out.place_by_misalignment[rows] = places(np.where(spoken[rows], misalignment[rows], np.nan))
        out.is_best[rows] = out.place[rows] == 1
        table = np.full((after - one, width), np.nan)
        table[row[low:high] - one, segment[low:high]] = value[low:high]
        _judge_segments(out, rows, table)
    return out


def _judge_segments(out: Judged, rows: slice, table: Floats) -> None:
    columns = np.flatnonzero(np.any(~np.isnan(table), axis=0))
    table = table[:, columns]
    if not table.shape[1]:
        return
    some: Mask = np.asarray(~np.isnan(table).all(axis=1))
    whole: Mask = np.asarray(~np.isnan(table).any(axis=1))
    filled = np.where(np.isnan(table), -1.0, table)
    largest = np.where(some, filled.max(axis=1), np.nan)
    out.largest[rows] = largest
    out.largest_segment[rows] = np.where(some, columns[filled.argmax(axis=1)], -1)
    out.is_compared[rows] = whole
    out.is_minimax[rows] = places(np.where(whole, largest, np.nan)) == 1
    out.is_efficient[rows] = pareto_efficient(np.where(whole[:, None], table, np.nan))
