"""A learned copy of limited capacity: what of the parts' wants is easy to represent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Copy", "copy_of_levels", "copy_of_rank", "least_squares_levels"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Copy:
    """Utilities as a copy of limited capacity holds them.

    Attributes
    ----------
    utilities : (n, k) array
    fidelity : (n,) array
        Share of each part's variance between actions that is kept: 1 if nothing is lost, 0 if only
        the mean is left; NaN for a part to which all actions are alike.
    """

    utilities: Floats
    fidelity: Floats

    @classmethod
    def of(cls, original: Floats, copied: Floats) -> Copy:
        """Compare a copy with what it is of."""
        spread = ((original - original.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
        lost = ((original - copied) ** 2).sum(axis=1)
        real = spread > 1e-18
        kept = np.where(real, 1 - lost / np.where(real, spread, 1.0), np.nan)
        return cls(copied, np.asarray(kept))


def copy_of_rank(utilities: npt.ArrayLike, rank: int) -> Copy:
    r"""Nearest utilities of a rank, around each part's mean.

    .. math:: \hat u = \arg\min_{\operatorname{rank} \le r} \lVert \hat u - u \rVert^2

    Returns
    -------
    Copy
        By Eckart and Young the first r singular values: what many parts share is held first.

    References
    ----------
    [eckart1936]_.

    Examples
    --------
    Two parts want the same, a third the opposite of one of them: one direction holds it all.

    >>> copy_of_rank([[1, 0], [0.8, 0], [0, 1]], 1).fidelity.round(6).tolist()
    [1.0, 1.0, 1.0]
    """
    u = np.asarray(utilities, dtype=np.float64)
    mean = u.mean(axis=1, keepdims=True)
    left, values, right = np.linalg.svd(u - mean, full_matrices=False)
    return Copy.of(u, np.asarray(mean + (left[:, :rank] * values[:rank]) @ right[:rank]))


def copy_of_levels(utilities: npt.ArrayLike, levels: int) -> Copy:
    """Nearest utilities with so many distinct levels for each part.

    Examples
    --------
    >>> copy_of_levels([[0, 0.1, 1]], 2).utilities.tolist()
    [[0.05, 0.05, 1.0]]
    """
    u = np.asarray(utilities, dtype=np.float64)
    return Copy.of(u, np.array([least_squares_levels(row, levels) for row in u]))


def least_squares_levels(values: Floats, levels: int) -> Floats:
    """Values moved to the nearest of ``levels`` levels that lose least, exactly.

    Sorted values are cut into runs; the best cuts follow from the best cuts of fewer values.

    Examples
    --------
    >>> least_squares_levels(np.array([3.0, 1.0, 1.2, 9.0]), 3).tolist()
    [3.0, 1.1, 1.1, 9.0]
    """
    order = np.argsort(values, kind="stable")
    x = values[order]
    size = len(x)
    sums, squares = np.append(0, np.cumsum(x)), np.append(0, np.cumsum(x**2))
    start, end = np.meshgrid(np.arange(size), np.arange(1, size + 1), indexing="ij")
    length = np.maximum(end - start, 1)
    cost = (squares[end] - squares[start]) - (sums[end] - sums[start]) ** 2 / length
    cost = np.where(end > start, np.maximum(cost, 0), np.inf)
    best = cost[0]
    cuts = [np.zeros(size, dtype=np.int64)]
    for _ in range(min(levels, size) - 1):
        # value of cutting before each start, for each end
        options = np.where(
            np.arange(size)[:, None] > 0, np.append(np.inf, best[:-1])[:, None] + cost, np.inf
        )
        cut = options.argmin(axis=0)
        better = options.min(axis=0)
        cut = np.where(better < best, cut, cuts[-1] * 0 - 1)
        cuts.append(cut)
        best = np.minimum(better, best)
    out = np.empty(size)
    stop, level = size, len(cuts) - 1
    while stop > 0:
        cut = cuts[level][stop - 1]
        if level and cut < 0:  # one level fewer is as good
            level -= 1
            continue
        out[order[cut:stop]] = x[cut:stop].mean()
        stop, level = int(cut), max(level - 1, 0)
    return out
