"""Mixtures of goals: a policy that answers one way at some times and another way at others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import coo_array

__all__ = ["Mixtures", "minimax_mixtures", "on_frontier"]

Floats = npt.NDArray[np.float64]

_TRACE = 1e-9


@dataclass(frozen=True, eq=False)
class Mixtures:
    """Mixtures of goals that are best for the segment they serve worst, one for each group.

    Attributes
    ----------
    shares : tuple of (k,) arrays
        Share of each goal in each area; they sum to 1.
    values : (groups, s)
        Mean misalignment with each segment; NaN for one that is in no area of the group.
    largest : (groups,)
        The largest of them, which no other mixture makes smaller.
    """

    shares: tuple[Floats, ...]
    values: Floats
    largest: Floats


def minimax_mixtures(
    frictions: Sequence[npt.ArrayLike], weights: npt.ArrayLike, groups: npt.ArrayLike
) -> Mixtures:
    r"""Find the mixtures of goals whose worst segment is served best, over a group of areas.

    .. math::

        \min_q \max_s \frac{\sum_m w_m r_{ms}^\top q_m}{\sum_m w_m}, \qquad
        q_m \ge 0, \ \sum_g q_{mg} = 1

    ================ ============ ========= ==================================================
    symbol           shape        range     meaning
    ================ ============ ========= ==================================================
    :math:`r_{ms}`   ``(s, k)``   [0, 1]    one of ``frictions`` an area: of each goal with each
                                            segment; a row of NaN where it has no member
    :math:`w_m`      ``(m,)``     > 0       ``weights`` of the areas
    :math:`q_m`      ``(k,)``     [0, 1]    shares of the goals in area m
    ================ ============ ========= ==================================================

    ``groups`` has the group of each area, ``0 .. groups - 1``; areas of one group are served by
    one policy. A linear programme, all groups at once, solved exactly up to the tolerance of the
    solver (1e-7). Shares need not be unique where several mixtures are as good.

    Returns
    -------
    Mixtures
        ``largest`` is 0 if some mixture conflicts with nobody, at most the best single goal's.

    Raises
    ------
    ArithmeticError
        The solver gave up.

    References
    ----------
    [vonneumann1928]_: a game between the policy and the segment that is worst off.

    Examples
    --------
    Two segments that want opposite things: half and half.

    >>> found = minimax_mixtures([[[0, 1], [1, 0]]], [1], [0])
    >>> found.shares[0].tolist(), found.largest.tolist()
    ([0.5, 0.5], [0.5])
    """
    tables = [np.asarray(table, dtype=np.float64) for table in frictions]
    weight = np.asarray(weights, dtype=np.float64)
    group = np.asarray(groups, dtype=np.int64)
    count, segments = int(group.max()) + 1, len(tables[0])
    known = np.array([~np.isnan(table).any(axis=1) for table in tables])
    mass = np.zeros((count, segments))
    np.add.at(mass, group, known * weight[:, None])
    scale = np.divide(1.0, mass, out=np.zeros_like(mass), where=mass > 0)
    ends = np.concatenate([[0], np.cumsum([table.shape[1] for table in tables])])
    size = int(ends[-1])
    every = np.arange(count * segments)
    rows, columns, data = [every], [size + every // segments], [np.full(len(every), -1.0)]
    for m, table in enumerate(tables):
        s, g = np.nonzero(np.nan_to_num(table) * known[m][:, None])
        rows.append(group[m] * segments + s)
        columns.append(ends[m] + g)
        data.append(weight[m] * table[s, g] * scale[group[m], s])
    bounding: Any = coo_array(
        (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns))),
        shape=(len(every), size + count),
    ).tocsr()
    area = np.repeat(np.arange(len(tables)), np.diff(ends))
    summing: Any = coo_array(
        (np.ones(size), (area, np.arange(size))), shape=(len(tables), size + count)
    ).tocsr()
    found: Any = linprog(
        np.concatenate([np.zeros(size), np.ones(count)]),
        A_ub=bounding,
        b_ub=np.zeros(len(every)),
        A_eq=summing,
        b_eq=np.ones(len(tables)),
        bounds=(0, None),
        method="highs",
    )
    if found.status != 0:
        raise ArithmeticError(f"no minimax mixture: {found.message}")
    shares = np.maximum(found.x[:size], 0)
    shares /= np.add.reduceat(shares, ends[:-1])[area]
    values = (bounding[:, :size] @ shares).reshape(count, segments)
    values = np.where(mass > 0, values, np.nan)
    largest = np.where(mass > 0, values, 0.0).max(axis=1)
    return Mixtures(tuple(np.split(shares, ends[1:-1])), values, largest)


def on_frontier(friction: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    r"""Tell which goals no mixture of goals beats for some segment without losing for another.

    .. math:: \max_{q, e \ge 0} \sum_s e_s, \qquad R q + e = R_g, \ \sum q = 1

    is 0 for such a goal. The Pareto frontier of all mixtures has these goals for its corners.

    ============ ============ ========= ==================================================
    symbol       shape        range     meaning
    ============ ============ ========= ==================================================
    :math:`R`    ``(s, k)``   [0, 1]    ``friction`` of each goal with each segment; rows of
                                        NaN are left out
    ============ ============ ========= ==================================================

    Returns
    -------
    numpy.ndarray
        (k,) booleans; at least one is True.

    Raises
    ------
    ArithmeticError
        The solver gave up.

    Examples
    --------
    The third goal is worse than half of the first and half of the second:

    >>> on_frontier([[0, 1, 0.6], [1, 0, 0.6]]).tolist()
    [True, True, False]
    """
    table = np.asarray(friction, dtype=np.float64)
    table = table[~np.isnan(table).any(axis=1)]
    segments, goals = table.shape
    # beaten by one goal alone: no programme is needed
    out = np.array(
        [
            not (
                (table <= table[:, [g]] + _TRACE).all(axis=0)
                & (table < table[:, [g]] - _TRACE).any(axis=0)
            ).any()
            for g in range(goals)
        ]
    )
    if segments < 2 or goals < 3:
        return out
    left = np.column_stack([table, np.eye(segments)])
    sums = np.concatenate([np.ones(goals), np.zeros(segments)])
    cost = np.concatenate([np.zeros(goals), -np.ones(segments)])
    for g in np.flatnonzero(out).tolist():
        found: Any = linprog(
            cost,
            A_eq=np.vstack([left, sums]),
            b_eq=np.append(table[:, g], 1.0),
            bounds=(0, None),
            method="highs",
        )
        if found.status != 0:
            raise ArithmeticError(f"no frontier: {found.message}")
        out[g] = -found.fun <= 1e-7
    return out
