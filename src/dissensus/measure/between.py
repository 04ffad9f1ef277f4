"""Misalignment between two populations: pick one agent from each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.measure.blocks import BLOCK_SIZE, blocks
from dissensus.measure.friction import friction
from dissensus.measure.misalignment import ratio
from dissensus.model.conflict import AreaConflicts, Conflict
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally

__all__ = [
    "Between",
    "between",
    "count_pairs",
    "misalignment_between_shares",
    "pair_conflicts",
    "pair_indices",
]

Numbers = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]


def misalignment_between_shares(
    shares_a: npt.ArrayLike, shares_b: npt.ArrayLike, conflict: Conflict | npt.ArrayLike
) -> Floats:
    r"""Chance that an agent of A and an agent of B hold conflicting goals.

    .. math:: M(A, B) = p_A^\top C p_B

    ================ ============ ===================== =========================================
    symbol           shape        range                 meaning
    ================ ============ ===================== =========================================
    :math:`p_A`      ``(m, k)``   [0, 1], sum at most 1 ``shares_a``: one population a row
    :math:`p_B`      ``(l, k)``   [0, 1], sum at most 1 ``shares_b``: one population a row
    :math:`C`        ``(k, k)``   [0, 1]                ``conflict``: zero diagonal; a lopsided
                                                        :class:`~dissensus.model.conflict.Matrix`
                                                        gives M(A -> B)
    ================ ============ ===================== =========================================

    Returns
    -------
    numpy.ndarray
        Shape ``(m, l)``, all pairs by one product: 0 if no goal held in A conflicts with one held
        in B, 1 if each does with each. M(A, A) is the misalignment of A, seldom 0.

    Raises
    ------
    ConflictError
        The conflict is not square, not symmetric, out of range, or its diagonal is not zero.

    References
    ----------
    [kierans2022]_, Eq. 1, for sub-populations.

    Examples
    --------
    >>> misalignment_between_shares([[1, 0], [0.5, 0.5]], [[0, 1]], [[0, 1], [1, 0]]).tolist()
    [[1.0], [0.5]]
    """
    a = np.asarray(shares_a, dtype=np.float64)
    met: Floats = a @ friction(np.asarray(shares_b, dtype=np.float64), conflict).T
    return met


@dataclass(frozen=True, eq=False)
class Between:
    """Pairs of populations, each (pairs,); a pair is two cells of one problem area.

    Areas in order, in each the pairs in the order of their segments: each unordered pair once, or
    both orders where conflict is directed. Values that are undefined are NaN.
    """

    cell_a: Codes
    cell_b: Codes
    misalignment: Floats
    conditional_misalignment: Floats
    participation: Floats
    participation_a: Floats
    participation_b: Floats
    compatible_share: Floats
    no_goal_share: Floats


def count_pairs(tally: Tally, *, directed: bool) -> Codes:
    """Number of pairs of populations in each problem area, (A,)."""
    sizes = np.bincount(tally.cell_area, minlength=tally.areas.size).astype(np.int64)
    pairs: Codes = sizes * (sizes - 1) // (1 if directed else 2)
    return pairs


def between(
    tally: Tally, conflicts: AreaConflicts, block_size: int = BLOCK_SIZE, *, first: int = 0
) -> Between:
    r"""Misalignment between every two segments of each problem area.

    .. math:: M(A, B) = p_A^\top C p_B

    All pairs of an area are one matrix product. Weights and sampling make no further difference:
    the two agents come from different populations, so that none meets itself. With ``first`` only
    pairs of one of the first so many segments with one of the others.

    Returns
    -------
    Between
        ``misalignment`` is NaN only where one of the two has no member;
        ``conditional_misalignment`` where no pair of them both holds a goal.
    """
    cell_a, cell_b, conflicting, opposed = pair_conflicts(tally, conflicts, block_size, first=first)
    population = tally.population.values.astype(np.float64)
    without_goal = tally.without_goal.values.astype(np.float64)
    holders = tally.holders.values.astype(np.float64)
    # rounding alone may pass the bounds; who holds no goal is never found by subtraction
    holding = holders[cell_a] * holders[cell_b]
    conflicting = np.minimum(conflicting, holding)
    silent = np.zeros(len(cell_a))
    if without_goal.any():
        silent += without_goal[cell_a] * population[cell_b]
        silent += holders[cell_a] * without_goal[cell_b]
        opposed = np.minimum(opposed, silent)
    drawn = holding + silent
    drawable = drawn > 0
    share = ratio(holders, population, population > 0)
    return Between(
        cell_a=cell_a,
        cell_b=cell_b,
        misalignment=ratio(conflicting + opposed, drawn, drawable),
        conditional_misalignment=ratio(conflicting, holding, drawable),
        participation=ratio(holding, drawn, drawable),
        participation_a=share[cell_a],
        participation_b=share[cell_b],
        compatible_share=ratio(holding - conflicting, drawn, drawable),
        no_goal_share=ratio(silent - opposed, drawn, drawable),
    )


def pair_conflicts(
    tally: Tally,
    conflicts: AreaConflicts,
    block_size: int = BLOCK_SIZE,
    *,
    first: int = 0,
    other: Tally | None = None,
) -> tuple[Codes, Codes, Floats, Floats]:
    """Mass of conflicting pairs of agents between every two cells of an area.

    The second cell has its masses from ``other``, if that is given: a tally of the same cells and
    goals.

    Returns
    -------
    tuple
        The two cells of each pair, the conflict of pairs that both hold a goal, and that of pairs
        with a member that holds none.
    """
    without_goal = tally.without_goal.values.astype(np.float64)
    parts: list[tuple[Numbers, ...]] = []
    cut = blocks(tally, conflicts, block_size, pairs=True, first=first)
    again = None if other is None else blocks(other, conflicts, block_size, pairs=True, first=first)
    for block in cut:
        size = block.cells.shape[1]
        ahead = slice(0, block.split if first else size)
        others = slice(block.split if first else 0, size)
        masses = block.masses.astype(np.float64)
        facing = masses if again is None else next(again).masses
        met = masses[:, ahead] @ np.swapaxes(friction(facing[:, others], block.conflict), -1, -2)
        met = met.reshape(len(met), -1)
        if first:
            one, two = np.divmod(np.arange(met.shape[1]), max(size - block.split, 1))
            two = two + block.split
        else:
            one, two = pair_indices(size, directed=conflicts.directed)
            met = met.take(one * size + two, axis=1)
        a, b = block.cells[:, one], block.cells[:, two]
        opposed = np.zeros(a.shape)
        if block.silence is not None:
            against = (masses * block.silence).sum(axis=-1)
            opposed = against[:, one] * without_goal[b] + without_goal[a] * against[:, two]
        parts.append((a, b, met, opposed))
    cell_a, cell_b, conflicting, opposed = _joined(parts, tally)
    return cell_a, cell_b, conflicting, opposed


def _joined(parts: list[tuple[Numbers, ...]], tally: Tally) -> tuple[Numbers, ...]:
    """Blocks one after the other, areas in order; inside an area pairs are in order already."""
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0)
    if len(parts) == 1:
        return tuple(part.ravel() for part in parts[0])
    columns = zip(*parts, strict=True)
    joined = tuple(np.concatenate([part.ravel() for part in column]) for column in columns)
    order = np.argsort(tally.cell_area[joined[0]], kind="stable")
    return tuple(column[order] for column in joined)


def pair_indices(size: int, *, directed: bool) -> tuple[Codes, Codes]:
    """Places of the two of each pair: each unordered pair once, or both orders."""
    if directed:
        first, second = np.divmod(np.arange(size * size), size)
        return first[first != second], second[first != second]
    later = np.arange(size - 1, -1, -1)
    first = np.repeat(np.arange(size), later)
    start = np.cumsum(later) - later  # of each run of pairs, among all
    return first, np.arange(len(first)) - start[first] + first + 1
