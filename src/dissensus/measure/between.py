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

__all__ = ["Between", "between", "count_pairs", "misalignment_between_shares"]

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


def between(tally: Tally, conflicts: AreaConflicts, block_size: int = BLOCK_SIZE) -> Between:
    r"""Misalignment between every two segments of each problem area.

    .. math:: M(A, B) = p_A^\top C p_B

    All pairs of an area are one matrix product. Weights and sampling make no further difference:
    the two agents come from different populations, so that none meets itself.

    Returns
    -------
    Between
        ``misalignment`` is NaN only where one of the two has no member;
        ``conditional_misalignment`` where no pair of them both holds a goal.
    """
    population = tally.population.values.astype(np.float64)
    without_goal = tally.without_goal.values.astype(np.float64)
    parts: list[tuple[Numbers, ...]] = []
    for block in blocks(tally, conflicts, block_size, pairs=True):
        size = block.cells.shape[1]
        first, second = _pair_indices(size, directed=conflicts.directed)
        masses = block.masses.astype(np.float64)
        met = masses @ np.swapaxes(friction(masses, block.conflict), -1, -2)
        a, b = block.cells[:, first], block.cells[:, second]
        silent_conflict = np.zeros(a.shape)
        if block.silence is not None:
            held = (masses * block.silence).sum(axis=-1)
            silent_conflict = held[:, first] * without_goal[b] + without_goal[a] * held[:, second]
        met = met.reshape(len(met), size * size).take(first * size + second, axis=1)
        parts.append((a, b, met, silent_conflict))
    cell_a, cell_b, conflicting, silent_conflict = _joined(parts, tally)
    holders = tally.holders.values.astype(np.float64)
    drawn = population[cell_a] * population[cell_b]
    holding = holders[cell_a] * holders[cell_b]
    drawable = drawn > 0
    share = ratio(holders, population, population > 0)
    return Between(
        cell_a=cell_a,
        cell_b=cell_b,
        misalignment=ratio(conflicting + silent_conflict, drawn, drawable),
        conditional_misalignment=ratio(conflicting, holding, drawable),
        participation=ratio(holding, drawn, drawable),
        participation_a=share[cell_a],
        participation_b=share[cell_b],
        compatible_share=ratio(holding - conflicting, drawn, drawable),
        no_goal_share=ratio(drawn - holding - silent_conflict, drawn, drawable),
    )


def _joined(parts: list[tuple[Numbers, ...]], tally: Tally) -> tuple[Numbers, ...]:
    """Blocks one after the other, areas in order; inside an area pairs are in order already."""
    if not parts:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0)
    columns = zip(*parts, strict=True)
    joined = tuple(np.concatenate([part.ravel() for part in column]) for column in columns)
    if len(parts) > 1:
        order = np.argsort(tally.cell_area[joined[0]], kind="stable")
        joined = tuple(column[order] for column in joined)
    return joined


def _pair_indices(size: int, *, directed: bool) -> tuple[Codes, Codes]:
    if directed:
        first, second = np.divmod(np.arange(size * size), size)
        return first[first != second], second[first != second]
    upper = np.triu_indices(size, 1)
    return upper[0].astype(np.int64), upper[1].astype(np.int64)
