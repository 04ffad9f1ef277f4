"""Programmes over lotteries: largest product of gains, best for the worst off, most even."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "NashLottery",
    "best_subject_to",
    "best_worst_off",
    "largest_product",
    "most_even",
    "solve",
]

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

GAP = 1e-9
ROUNDS = 100


@dataclass(frozen=True, eq=False)
class NashLottery:
    """Lottery with the largest product of gains.

    Attributes
    ----------
    dist : (k,) array, or None
        The lottery; None if no lottery gives every part at least nothing.
    gap : float
        Bound on how far the weighted mean of log gains is below its maximum, in nats.
    gaining : (n,) array of bool
        Parts that can gain together; the product is over these.
    """

    dist: Floats | None
    gap: float
    gaining: Truths


def largest_product(gains: Floats, weights: Floats) -> NashLottery:
    r"""Lottery that maximises the weighted product of the parts' expected gains.

    .. math:: \max_{p \in \Delta} \sum_i \alpha_i \log (g_i \cdot p), \qquad
        \text{gap} = \max_a \sum_i \alpha_i \frac{g_{ia}}{g_i \cdot p} - 1

    ============== ========== ==================================================================
    symbol         shape      meaning
    ============== ========== ==================================================================
    :math:`g`      ``(n, k)`` ``gains``: utility above disagreement, may be negative
    :math:`\alpha` ``(n,)``   ``weights``, as shares of the parts that can gain
    :math:`p`      ``(k,)``   the lottery
    ============== ========== ==================================================================

    A primal-dual interior-point method. Gains are homogeneous, so that the constraint
    :math:`\sum_a p_a = 1` has the multiplier 1 and needs no care. Of several best lotteries it
    tends to the centre, so that equal options get equal chances.

    Parts that cannot gain at all would make the product 0 everywhere: they are left out and named.
    Where some gains are negative, only lotteries that harm nobody count.

    Examples
    --------
    >>> solved = largest_product(np.array([[9.0, 0, 6], [0, 5, 4]]), np.array([1.0, 1.0]))
    >>> solved.dist.round(9).tolist(), solved.gap <= 1e-9
    ([0.0, 0.0, 1.0], True)
    """
    size = np.abs(gains).max(axis=1, keepdims=True)
    scaled = gains / np.where(size > 0, size, 1.0)
    n, k = gains.shape
    if (scaled >= 0).all():
        gaining, start = scaled.max(axis=1) > 0, np.full(k, 1 / k)
    else:
        found = _inside(scaled)
        if found is None:
            return NashLottery(None, np.inf, np.zeros(n, dtype=bool))
        gaining, start = found
    if not gaining.any():
        return NashLottery(start, 0.0, gaining)
    inside = start > 0
    goods, bound = scaled[gaining][:, inside], scaled[~gaining][:, inside]
    alpha = weights[gaining] / weights[gaining].sum()
    p, gap = _interior_point(goods, alpha, _row_basis(bound), start[inside])
    kept = p > 1e-6
    if 0 < kept.sum() < len(p):  # once more without the options that vanish: exact zeros
        again = p[kept] / p[kept].sum()
        few, _ = _interior_point(goods[:, kept], alpha, _row_basis(bound[:, kept]), again)
        full = np.zeros(len(p))
        full[kept] = few
        tidy = _gap(goods, alpha, _row_basis(bound), full)
        if tidy <= max(gap, GAP / 10):
            p, gap = full, tidy
    dist = np.zeros(k)
    dist[inside] = p
    return NashLottery(dist, gap, gaining)


def _interior_point(
    goods: Floats, alpha: Floats, bound: Floats, start: Floats
) -> tuple[Floats, float]:
    """Maximise the sum of alpha log(goods p) over p >= 0 with bound p = 0, from a point inside."""
    k = goods.shape[1]
    p, z = start.copy(), np.ones(k)
    best, best_gap = p / p.sum(), _gap(goods, alpha, bound, p)
    for _ in range(ROUNDS):
        v = goods @ p
        mu = 0.1 * float(p @ z) / k
        steps = _solver(goods, alpha / v**2, p / z)
        right = goods.T @ (alpha / v) - 1 + mu / p
        dp = steps(right[:, None])[:, 0]
        if len(bound):
            across = steps(bound.T)
            dp -= across @ np.linalg.lstsq(bound @ across, bound @ dp, rcond=None)[0]
        dz = (mu - z * dp) / p - z
        forward = min(1.0, _room(p, dp), _room(v, goods @ dp, 0.9))
        p = p + forward * dp
        z = z + min(1.0, _room(z, dz)) * dz
        gap = _gap(goods, alpha, bound, p)
        if gap < best_gap:
            best, best_gap = p / p.sum(), gap
        if float(p @ z) / k < 1e-15 or (best_gap < GAP / 1000 and gap >= best_gap):
            break
    return best, best_gap


def _solver(goods: Floats, curvature: Floats, ratio: Floats) -> Any:
    """Return the inverse of diag(1 / ratio) + goods' diag(curvature) goods, as a function."""
    n, k = goods.shape
    if k <= n:
        full = np.diag(1 / ratio) + (goods.T * curvature) @ goods
        return lambda right: np.linalg.solve(full, right)
    small = np.diag(1 / curvature) + (goods * ratio) @ goods.T

    def apply(right: Floats) -> Floats:
        first = ratio[:, None] * right
        return np.asarray(
            first - ratio[:, None] * (goods.T @ np.linalg.solve(small, goods @ first))
        )

    return apply


def _room(point: Floats, step: Floats, share: float = 0.995) -> float:
    """How far to go along a step so that no coordinate falls below a part of itself."""
    falling = step < 0
    if not falling.any():
        return 1.0
    return float(share * (point[falling] / -step[falling]).min())


def _gap(goods: Floats, alpha: Floats, bound: Floats, p: Floats) -> float:
    """Duality gap of a lottery, in nats."""
    v = goods @ (p / p.sum())
    if (v <= 0).any():
        return np.inf
    worth = goods.T @ (alpha / v)
    if len(bound):  # the multipliers that explain the worth of what is used
        used = p > 1e-6 * p.max()
        worth = worth - bound.T @ np.linalg.lstsq(bound[:, used].T, worth[used] - 1, rcond=None)[0]
    return float(worth.max() - 1)


def _row_basis(rows: Floats) -> Floats:
    """Orthonormal basis of the rows' span; empty for no rows."""
    if not rows.size:
        return np.zeros((0, rows.shape[1]))
    _, size, basis = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(basis[size > 1e-9])


def _inside(gains: Floats) -> tuple[Truths, Floats] | None:
    """Parts that can gain without harm to others, and a lottery with all that harmless ones use.

    One linear programme on the cone of harmless mixtures q: as many coordinates of q and of the
    gains as can be positive together are.
    """
    n, k = gains.shape
    harmless = np.hstack([-gains, np.zeros((n, k)), np.eye(n)])
    below = np.hstack([-np.eye(k), np.eye(k), np.zeros((k, n))])
    wish = np.concatenate([np.zeros(k), -np.ones(k + n)])
    bounds = [(0, None)] * k + [(0, 1)] * (k + n)
    solved = solve(wish, np.vstack([harmless, below]), np.zeros(n + k), bounds=bounds)
    q = np.where(solved.x[k : 2 * k] > 0.5, solved.x[:k], 0.0)
    if q.sum() <= 0:
        return None
    return solved.x[2 * k :] > 0.5, q / q.sum()


def best_worst_off(values: Floats, harmless: Floats | None = None) -> Floats:
    r"""Lottery that is best for the worst off, then for the next worst off, and so on.

    .. math:: \operatorname{leximax}_{p \in \Delta} \; (v_1 \cdot p, \dots, v_n \cdot p)

    Linear programmes: raise the lowest as far as it goes; those that hold it there (positive
    multiplier) stay, the others are raised further. Of several lotteries that give the same, the
    one closest to even.

    Parameters
    ----------
    values : (n, k) array
        What the parts' places are compared by.
    harmless : (r, k) array, optional
        Rows that a lottery must not make negative.

    Examples
    --------
    >>> best_worst_off(np.array([[9.0, 0, 6], [0, 5, 4]])).round(9).tolist()
    [0.0, 0.285714286, 0.714285714]
    """
    n, k = values.shape
    floor = np.full(n, np.nan)
    extra = np.zeros((0, k)) if harmless is None else harmless
    p = np.full(k, 1 / k)
    free = np.ones(k, dtype=bool)
    while np.isnan(floor).any():
        open_ = np.isnan(floor)
        rows = np.vstack([-values, -extra])
        lift = np.concatenate([np.where(open_, 1.0, 0.0), np.zeros(len(extra))])
        limit = np.concatenate([-np.where(open_, 0.0, floor), np.zeros(len(extra))])
        slack = np.where(lift > 0, 0.0, 1e-12 * np.maximum(1.0, np.abs(limit)))
        solved = solve(
            np.append(np.zeros(k), -1.0),
            np.hstack([rows, lift[:, None]]),
            limit + slack,
            equal=np.append(np.ones(k), 0.0)[None],
            bounds=[(0, None)] * k + [(None, None)],
        )
        p = np.maximum(solved.x[:k], 0.0)
        p /= p.sum()
        free &= (solved.lower.marginals[:k] <= 1e-9) | (p > 0)
        weight = -solved.ineqlin.marginals[:n]
        tight = open_ & (weight > 1e-7)
        floor[tight if tight.any() else open_] = float(solved.x[k])
    # what costs something in one of the programmes is in no best lottery
    p[free] = most_even(np.vstack([values, extra])[:, free], p[free])
    return p


def most_even(values: Floats, dist: Floats) -> Floats:
    r"""Of all lotteries that give the same values, the one closest to even.

    .. math:: \min_{q \in \Delta} \lVert q \rVert^2 \quad \text{s.t. } v_i \cdot q = v_i \cdot p

    So that which of several equally good lotteries is named depends on no order. Least distance
    programming by non-negative least squares (Lawson and Hanson).

    Examples
    --------
    >>> most_even(np.array([[1.0, 1.0, 0.0]]), np.array([1.0, 0.0, 0.0])).round(9).tolist()
    [0.5, 0.5, 0.0]
    """
    from scipy.optimize import nnls

    k = len(dist)
    size = np.abs(values).max(axis=1, keepdims=True)
    same = _row_basis(np.vstack([values / np.where(size > 0, size, 1.0), np.ones(k)]))
    if len(same) == k:  # nothing else gives the same
        return dist
    rows = np.vstack([np.eye(k), same, -same])
    level = np.concatenate([np.zeros(k), same @ dist, -(same @ dist)])
    table = np.vstack([rows.T, level])
    target = np.append(np.zeros(k), 1.0)
    try:
        weight, _ = nnls(table, target, maxiter=50 * table.shape[1])
    except RuntimeError:  # too many steps: what is given is as good for all
        return dist
    rest = table @ weight - target
    if abs(rest[k]) < 1e-12:
        return dist
    found = np.maximum(-rest[:k] / rest[k], 0.0)
    found = np.where(found > 1e-11, found, 0.0)
    found /= found.sum()
    return found if np.abs(same @ (found - dist)).max() < 1e-8 else dist


def solve(
    cost: Floats,
    upper: Floats,
    limit: Floats,
    *,
    equal: Floats | None = None,
    bounds: Sequence[tuple[float | None, float | None]] | None = None,
) -> Any:
    """Linear programme that must have a solution: min cost x, upper x <= limit, equal x = 1."""
    from scipy.optimize import linprog

    solved = linprog(
        cost,
        A_ub=upper,
        b_ub=limit,
        A_eq=equal,
        b_eq=None if equal is None else np.ones(len(equal)),
        bounds=bounds or (0, None),
        method="highs",
    )
    if not solved.success:
        raise ArithmeticError(f"linear programme without a solution: {solved.message}")
    return solved


def best_subject_to(goal: Floats, values: Floats, floor: Floats) -> Floats:
    r"""Lottery that is best by one measure and keeps others above a floor.

    .. math:: \max_{p \in \Delta} c \cdot p \quad \text{s.t. } v_i \cdot p \ge f_i

    Examples
    --------
    >>> best_subject_to(np.array([9.0, 0, 6]), np.array([[0.0, 5, 4]]), np.array([2.0])).tolist()
    [0.5, 0.0, 0.5]
    """
    one = np.ones((1, values.shape[1]))
    p = np.maximum(solve(-goal, -values, -floor, equal=one).x, 0.0)
    return np.asarray(p / p.sum())
