"""Values on a scale from 0 to 1: misalignment divided by a maximum, by name only."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

from dissensus.measure.friction import as_conflict
from dissensus.model.conflict import Conflict, Exclusive, Line

__all__ = ["asymptotic", "attainable_maximum", "finite_maximum"]

Floats = npt.NDArray[np.float64]

# goals up to which every support is tried
_ENUMERATED = 15


def asymptotic(misalignment: npt.ArrayLike, goals: npt.ArrayLike) -> Floats:
    r"""Misalignment of exclusive goals as a part of what infinitely many agents could reach.

    .. math:: \frac{k}{k - 1} V

    ============ ========= ================ ====================================================
    symbol       shape     range            meaning
    ============ ========= ================ ====================================================
    :math:`V`    ``(...)`` [0, (k - 1) / k] ``misalignment``, drawn with replacement
    :math:`k`    ``(...)`` >= 1             ``goals`` that could be held
    ============ ========= ================ ====================================================

    Returns
    -------
    numpy.ndarray
        0 if no two agents conflict, 1 if k goals are held by equally many; NaN for fewer than two
        goals, where nothing could conflict.

    References
    ----------
    [kierans2022]_, footnote 3; [jang2017]_.

    Examples
    --------
    >>> asymptotic(0.5, 2).tolist()
    1.0
    """
    value, k = np.broadcast_arrays(
        np.asarray(misalignment, dtype=np.float64), np.asarray(goals, dtype=np.float64)
    )
    out = np.full(value.shape, np.nan)
    np.divide(value * k, k - 1, out=out, where=k > 1)
    return out


def finite_maximum(agents: npt.ArrayLike, goals: npt.ArrayLike, *, distinct: bool) -> Floats:
    r"""Largest misalignment that n agents with k exclusive goals can have.

    .. math::

        \frac{2 t(n, k)}{n^2} \text{ or } \frac{2 t(n, k)}{n (n - 1)}, \qquad
        t(n, k) = \Bigl(1 - \frac{1}{k}\Bigr) \frac{n^2}{2} - \frac{s (k - s)}{2 k}, \quad
        s = n \bmod k

    ============ ========= ======== ==========================================================
    symbol       shape     range    meaning
    ============ ========= ======== ==========================================================
    :math:`n`    ``(...)`` >= 1     ``agents``
    :math:`k`    ``(...)`` >= 1     ``goals`` that could be held
    :math:`t`                       edges of Turan's graph: pairs that conflict if the goals
                                    are held as equally as whole agents allow
    ============ ========= ======== ==========================================================

    Returns
    -------
    numpy.ndarray
        With replacement below (k - 1) / k unless k divides n; 1 for distinct pairs if every agent
        can have a goal of its own; NaN where no pair can be drawn, or nothing could conflict.

    References
    ----------
    [turan1941]_.

    Examples
    --------
    >>> finite_maximum(3, 2, distinct=False).tolist()
    0.4444444444444444
    """
    n, k = np.broadcast_arrays(
        np.asarray(agents, dtype=np.float64), np.asarray(goals, dtype=np.float64)
    )
    s = np.mod(n, np.maximum(k, 1))
    twice = (1 - 1 / np.maximum(k, 1)) * n**2 - s * (k - s) / np.maximum(k, 1)
    drawn = n * (n - 1) if distinct else n**2
    out = np.full(n.shape, np.nan)
    np.divide(twice, drawn, out=out, where=(drawn > 0) & (k > 1))
    return out


def attainable_maximum(conflict: Conflict | npt.ArrayLike, goals: int) -> float | None:
    r"""Largest misalignment that any shares of the goals can reach.

    .. math:: \max_{p \ge 0,\ \sum p = 1} p^\top C p

    ============ ========= ========= ========================================================
    symbol       shape     range     meaning
    ============ ========= ========= ========================================================
    :math:`C`    ``(k,k)`` [0, 1]    ``conflict``: symmetric, zero diagonal
    :math:`k`              >= 0      ``goals``
    ============ ========= ========= ========================================================

    Conflict of 0 and 1 is a graph: the maximum is :math:`1 - 1/\omega`, with :math:`\omega` the
    size of its largest clique. Goals on a line: the two ends, half and half. Graded conflict: every
    set of goals that may be held together is tried.

    Returns
    -------
    float or None
        0 if nothing conflicts, (k - 1) / k if everything does; None for graded conflict of more
        than 15 goals, where the search is too long.

    References
    ----------
    [motzkin1965]_.

    Examples
    --------
    >>> attainable_maximum([[0, 1, 1], [1, 0, 0], [1, 0, 0]], 3)
    0.5
    """
    form = as_conflict(conflict)
    if goals < 2:
        return 0.0
    if isinstance(form, Exclusive):
        return (goals - 1) / goals
    if isinstance(form, Line):
        return float(np.ptp(form.positions)) / 2
    table = (form.values + form.values.T) / 2
    if np.isin(table, (0, 1)).all():
        clique = _largest_clique(table.astype(bool))
        return 1 - 1 / clique
    return _enumerated(table) if goals <= _ENUMERATED else None


def _largest_clique(table: npt.NDArray[np.bool_]) -> int:
    """Bron-Kerbosch with pivots, on sets of goals as bits of whole numbers."""
    neighbours = [sum(1 << int(j) for j in np.flatnonzero(row)) for row in table]
    best = 1

    def extend(size: int, candidates: int, excluded: int) -> None:
        nonlocal best
        if not candidates and not excluded:
            best = max(best, size)
            return
        if size + candidates.bit_count() <= best:
            return
        both = candidates | excluded
        pivot = max(
            (i for i in range(len(neighbours)) if both >> i & 1),
            key=lambda i: (candidates & neighbours[i]).bit_count(),
        )
        rest = candidates & ~neighbours[pivot]
        while rest:
            i = (rest & -rest).bit_length() - 1
            rest &= rest - 1
            extend(size + 1, candidates & neighbours[i], excluded & neighbours[i])
            candidates &= ~(1 << i)
            excluded |= 1 << i

    extend(0, (1 << len(neighbours)) - 1, 0)
    return best


def _enumerated(table: Floats) -> float:
    """Best stationary point over all supports: C p = theta on the support, shares positive."""
    best = 0.0
    for size in range(2, len(table) + 1):
        supports = np.array(list(combinations(range(len(table)), size)))
        for chunk in np.array_split(supports, -(-len(supports) // 2000)):
            best = max(best, _best_of(table[chunk[:, :, None], chunk[:, None, :]]))
    return best


def _best_of(tables: Floats) -> float:
    """Largest theta of a stack of supports; a singular one has its maximum on a smaller one."""
    regular = np.abs(np.linalg.det(tables)) > 1e-12
    if not regular.any():
        return 0.0
    # C q = 1, so that p = q / sum q and theta = 1 / sum q
    q = np.linalg.solve(tables[regular], np.ones((*tables[regular].shape[:2], 1)))[..., 0]
    total = q.sum(axis=1)
    valid = (q >= 0).all(axis=1) & (total > 0)
    return float((1 / total[valid]).max(initial=0.0))
