"""The measures that surveys of language models use: how alike two distributions of answers are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.measure.blocks import BLOCK_SIZE, blocks
from dissensus.measure.misalignment import ratio
from dissensus.model.conflict import AreaConflicts, Line
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally

__all__ = [
    "Similarities",
    "jensen_shannon_similarity",
    "place_between",
    "similarities",
    "wasserstein_similarity",
]

Floats = npt.NDArray[np.float64]


def wasserstein_similarity(
    shares_a: npt.ArrayLike, shares_b: npt.ArrayLike, positions: npt.ArrayLike
) -> Floats:
    r"""One less the work that turns one distribution into another, over the longest way.

    .. math:: 1 - \frac{1}{L - 1} \sum_{l=1}^{L-1} \lvert F_A(l) - F_B(l) \rvert

    ============ ============ ========= ======================================================
    symbol       shape        range     meaning
    ============ ============ ========= ======================================================
    :math:`F`    ``(..., k)`` [0, 1]    cumulated ``shares_a``, ``shares_b``: of those with a
                                        goal; they sum to 1
    :math:`L`                 >= 2      levels
    ============ ============ ========= ======================================================

    ``positions`` (k,) or (..., k) are the places of the goals on a line of length 1: ranks divided
    by L - 1, or values divided by their range.

    Returns
    -------
    numpy.ndarray
        1 for equal distributions, 0 if all of one stand at one end and all of the other at the
        other. NaN where shares are.

    References
    ----------
    [santurkar2023]_, "alignment" of a model's opinions with a group's.

    Examples
    --------
    >>> float(wasserstein_similarity([1, 0, 0], [0, 0.5, 0.5], [0, 0.5, 1]))
    0.25
    """
    a, b, x = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (shares_a, shares_b, positions))
    )
    order = np.argsort(x, axis=-1, kind="stable")
    placed = np.take_along_axis(x, order, axis=-1)
    difference = np.cumsum(np.take_along_axis(a - b, order, axis=-1), axis=-1)
    work = (np.abs(difference[..., :-1]) * np.diff(placed, axis=-1)).sum(axis=-1)
    gone = np.isnan(a).any(axis=-1) | np.isnan(b).any(axis=-1)
    out: Floats = np.where(gone, np.nan, 1 - work)
    return out


def jensen_shannon_similarity(shares_a: npt.ArrayLike, shares_b: npt.ArrayLike) -> Floats:
    r"""One less the Jensen-Shannon distance of two distributions of goals.

    .. math::

        1 - \sqrt{\tfrac{1}{2} \sum_g p_g \log_2 \frac{p_g}{m_g}
        + \tfrac{1}{2} \sum_g q_g \log_2 \frac{q_g}{m_g}}, \qquad m = \tfrac{1}{2} (p + q)

    ============ ============ ========= ======================================================
    symbol       shape        range     meaning
    ============ ============ ========= ======================================================
    :math:`p,q`  ``(..., k)`` [0, 1]    ``shares_a``, ``shares_b``: of those with a goal; they
                                        sum to 1
    ============ ============ ========= ======================================================

    Returns
    -------
    numpy.ndarray
        1 for equal distributions, 0 for two that have no goal in common. NaN where shares are.

    References
    ----------
    [durmus2023]_, similarity of a model's answers with a country's; [lin1991]_.

    Examples
    --------
    >>> jensen_shannon_similarity([[1, 0], [0.5, 0.5]], [[0, 1], [0.5, 0.5]]).tolist()
    [0.0, 1.0]
    """
    p, q = np.broadcast_arrays(
        np.asarray(shares_a, dtype=np.float64), np.asarray(shares_b, dtype=np.float64)
    )
    m = (p + q) / 2
    divergence = (_relative(p, m) + _relative(q, m)) / 2
    # rounding alone may pass the ends
    out: Floats = 1 - np.sqrt(np.clip(divergence, 0, 1))
    return out


def _relative(p: Floats, m: Floats) -> Floats:
    quotient = np.ones_like(p)
    np.divide(p, m, out=quotient, where=p > 0)
    total: Floats = (p * np.log2(quotient)).sum(axis=-1)
    return np.where(np.isnan(p).any(axis=-1), np.nan, total)


def place_between(value: npt.ArrayLike, floor: npt.ArrayLike, ceiling: npt.ArrayLike) -> Floats:
    r"""Place of a value between the least and the most that an agent with one goal can have.

    .. math:: \frac{M - \min_g r_g}{\max_g r_g - \min_g r_g}

    The spread of a population alone moves its misalignment with anybody; the place does not move
    with it.

    Returns
    -------
    numpy.ndarray
        0 for an agent that serves the population as well as one goal can, 1 for one that serves it
        as badly; NaN where floor and ceiling are one.

    Examples
    --------
    >>> place_between([0.5, 0.2], [0.2, 0.2], [0.8, 0.2]).round(3).tolist()
    [0.5, nan]
    """
    m, low, high = (
        np.atleast_1d(np.asarray(part, dtype=np.float64)) for part in (value, floor, ceiling)
    )
    width = high - low
    place = ratio(m - low, width, width > 1e-12)
    return np.clip(place, 0, 1)


@dataclass(frozen=True, eq=False)
class Similarities:
    """How alike the goals of two cells of an area are, among those with a goal; each (pairs,).

    In the order of :func:`dissensus.measure.between.between`; NaN where one has no holder, and
    ``wasserstein`` wherever goals have no levels.
    """

    cell_a: Codes
    cell_b: Codes
    wasserstein: Floats
    jensen_shannon: Floats


def similarities(tally: Tally, conflicts: AreaConflicts, first: int) -> Similarities:
    """Compare each of the first segments with each of the others, area by area.

    Returns
    -------
    Similarities
        See :func:`wasserstein_similarity` and :func:`jensen_shannon_similarity`.
    """
    widest = int(tally.goal_counts.max(initial=1))
    parts: list[tuple[npt.NDArray[np.int64] | Floats, ...]] = []
    for block in blocks(tally, conflicts, max(BLOCK_SIZE // widest, 1), pairs=True, first=first):
        masses = block.masses.astype(np.float64)
        holders = masses.sum(axis=-1, keepdims=True)
        shares = np.full_like(masses, np.nan)
        np.divide(masses, holders, out=shares, where=holders > 0)
        one, other = shares[:, : block.split, None], shares[:, None, block.split :]
        a, b = np.broadcast_arrays(
            block.cells[:, : block.split, None], block.cells[:, None, block.split :]
        )
        work = np.full(a.shape, np.nan)
        if isinstance(block.conflict, Line):
            work = wasserstein_similarity(one, other, block.conflict.positions[:, :, None])
        alike = jensen_shannon_similarity(one, other)
        parts.append((a.ravel(), b.ravel(), work.ravel(), alike.ravel()))
    if not parts:
        none = np.empty(0, np.int64)
        return Similarities(none, none, np.empty(0), np.empty(0))
    cell_a, cell_b, work, alike = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((cell_b, cell_a))
    return Similarities(
        cell_a[order].astype(np.int64), cell_b[order].astype(np.int64), work[order], alike[order]
    )
