r"""Luce's model fitted to choices from menus: what a learner makes of a system that it watches.

.. math:: P(a \mid m) = \frac{e^{\hat u_a}}{\sum_{b \in m} e^{\hat u_b}}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from dissensus.system.conventions import best
from dissensus.system.relations.conduct import Menu

__all__ = ["LuceFit", "fit_luce", "log_chances", "luce_nll", "menus_as_table"]

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]
SEEN = 1e-9  # an action is chosen from a menu if its chance is larger
STEPS = 200
SURE = 1e-13


def log_chances(logits: npt.ArrayLike, offered: npt.ArrayLike | None = None) -> Floats:
    """Logarithms of chances proportional to exp(logits) along the last axis, on a menu.

    Examples
    --------
    >>> np.exp(log_chances([0.0, np.log(3.0)])).round(12).tolist()
    [0.25, 0.75]
    """
    z = np.asarray(logits, dtype=np.float64)
    if offered is not None:
        z = np.where(np.asarray(offered, dtype=bool), z, -np.inf)
    z = z - z.max(axis=-1, keepdims=True)
    with np.errstate(divide="ignore"):
        return np.asarray(z - np.log(np.exp(z).sum(axis=-1, keepdims=True)))


def luce_nll(
    utilities: npt.ArrayLike, offered: npt.ArrayLike, chosen: npt.ArrayLike
) -> tuple[float, Floats]:
    r"""Mean negative log-likelihood of choices from menus, and its gradient.

    .. math:: L(\hat u) = -\frac{1}{M} \sum_m \sum_{a \in m} p_m(a) \log P(a \mid m), \qquad
        \nabla L = \frac{1}{M} \sum_m (P(\cdot \mid m) - p_m)

    ================= ========== ===============================================================
    symbol            shape      meaning
    ================= ========== ===============================================================
    :math:`\hat u`    ``(k,)``   ``utilities`` to be learned; only differences count
    :math:`m`         ``(M, k)`` ``offered``: which actions are on each menu
    :math:`p_m`       ``(M, k)`` ``chosen``: how often each is taken; rows sum to 1
    ================= ========== ===============================================================

    Returns
    -------
    float, (k,) array
        In nats; the entropy of the choices is the least that any model reaches.

    Examples
    --------
    >>> value, gradient = luce_nll([0.0, 0.0], [[True, True]], [[1.0, 0.0]])
    >>> round(value, 6), gradient.tolist()
    (0.693147, [-0.5, 0.5])
    """
    u, m = np.asarray(utilities, dtype=np.float64), np.asarray(offered, dtype=bool)
    p = np.asarray(chosen, dtype=np.float64)
    logs = log_chances(np.broadcast_to(u, m.shape), m)
    value = -float(np.where(p > 0, p * np.where(p > 0, logs, 0.0), 0.0).sum() / len(m))
    return value, np.asarray((np.exp(logs) - p).sum(axis=0) / len(m))


def menus_as_table(menus: Sequence[Menu], k: int) -> Truths:
    """Which of k actions are on each menu, (M, k).

    Examples
    --------
    >>> menus_as_table([(0, 2)], 3).tolist()
    [[True, False, True]]
    """
    offered = np.zeros((len(menus), k), dtype=bool)
    for row, menu in enumerate(menus):
        offered[row, list(menu)] = True
    return offered


@dataclass(frozen=True, eq=False)
class LuceFit:
    r"""The most likely Luce model of choices from menus.

    Attributes
    ----------
    utilities : (k,) array
        Within each level; mean 0 over the level.
    levels : (k,) array of int
        0 for the actions on top. An action of a higher level is taken from every menu over those
        below: there the most likely differences of utility are infinite. One level means that all
        are finite.
    ordered : bool
        Whether the menus say which of any two levels is the higher.
    predicted : (M, k) array
        Chances that the model gives each menu; in the limit, where utilities diverge.
    """

    utilities: Floats
    levels: Codes
    ordered: bool
    predicted: Floats

    @property
    def finite(self) -> bool:
        """Whether the most likely utilities are finite."""
        return bool(self.levels.max(initial=0) == 0)

    @property
    def top(self) -> Codes:
        """Actions that the model values most; none if it cannot tell which level is on top."""
        if not self.ordered:
            return np.empty(0, dtype=np.int64)
        first = np.flatnonzero(self.levels == 0)
        return np.asarray(first[best(self.utilities[first])])

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Least and largest value of each action between the worst, 0, and the best, 1.

        They coincide if utilities are finite. If they diverge, only the best and the worst are
        known; all else may be anywhere between. All is open if all utilities are equal.
        """
        k = len(self.utilities)
        low, high = np.zeros(k), np.ones(k)
        if self.finite:
            span = np.ptp(self.utilities)
            if span > SEEN:
                low = high = (self.utilities - self.utilities.min()) / span
            return low, high
        if self.ordered:
            last = np.flatnonzero(self.levels == self.levels.max())
            low[self.top] = 1.0
            high[last[best(-self.utilities[last])]] = 0.0
        return low, high

    def on(self, menu: Menu) -> LuceFit:
        """Return the same model on a smaller menu.

        Examples
        --------
        >>> fit_luce([(0, 1), (1, 2)], [[1, 0, 0], [0, 1, 0]]).on((1, 2)).levels.tolist()
        [0, 1]
        """
        kept = list(menu)
        _, level = np.unique(self.levels[kept], return_inverse=True)
        return LuceFit(self.utilities[kept], level, self.ordered, self.predicted[:, kept])


def fit_luce(
    menus: Sequence[Menu], chosen: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> LuceFit:
    r"""Fit Luce's model by maximum likelihood, also where the maximum is at infinity.

    The maximum is finite iff the digraph "a is taken while b is on the menu" is strongly connected
    [ford1957]_. Otherwise its strongly connected components are levels: each menu's choices lie in
    one of them, and the likelihood falls apart into one problem a level. Newton's method, since the
    problem is convex.

    Parameters
    ----------
    menus : sequence of tuples of int
        Positions of the actions on each menu.
    chosen : (M, k) array
        Chances of each action on each menu; rows sum to 1.
    weights : (M,) array, optional
        How much each menu counts; alike by default.

    Examples
    --------
    A cycle of pairs says nothing about utilities; a clear order says that they differ without end:

    >>> pairs = [(0, 1), (1, 2), (0, 2)]
    >>> fit_luce(pairs, [[1, 0, 0], [0, 1, 0], [0, 0, 1]]).utilities.tolist()
    [0.0, 0.0, 0.0]
    >>> fit_luce(pairs, [[1, 0, 0], [0, 1, 0], [1, 0, 0]]).levels.tolist()
    [0, 1, 2]
    """
    p = np.asarray(chosen, dtype=np.float64)
    k = p.shape[1]
    w = np.ones(len(menus)) if weights is None else np.asarray(weights, dtype=np.float64)
    offered = menus_as_table(menus, k)
    taken = p > SEEN
    beaten = np.zeros((k, k), dtype=bool)
    for row in np.flatnonzero(w > 0).tolist():
        beaten[np.ix_(taken[row], offered[row])] = True
    np.fill_diagonal(beaten, False)
    parts, label = connected_components(csr_array(beaten), directed=True, connection="strong")
    count: int = int(parts)
    level, ordered = _levels(beaten, label.astype(np.int64), count)
    utilities, predicted = np.zeros(k), np.zeros(p.shape)
    for one in range(count):
        members = label == one
        rows = (taken & members).any(axis=1) & (w > 0)
        held = offered[rows] & members
        u = _newton(held[:, members], p[rows][:, members], w[rows])
        utilities[members] = u
        predicted[np.ix_(rows, members)] = np.exp(
            log_chances(np.broadcast_to(u, held[:, members].shape), held[:, members])
        )
    return LuceFit(utilities, level, ordered, predicted)


def _levels(beaten: Truths, label: Codes, count: int) -> tuple[Codes, bool]:
    """Level of each action, 0 on top, and whether the order of the levels is the only one."""
    above = np.zeros((count, count), dtype=bool)
    for a, b in np.argwhere(beaten):
        above[label[a], label[b]] = True
    np.fill_diagonal(above, False)
    level = np.full(count, -1)
    left, place, ordered = set(range(count)), 0, True
    while left:
        first = [c for c in sorted(left) if not above[sorted(left), c].any()]
        ordered &= len(first) == 1
        for c in first:
            level[c] = place
        left -= set(first)
        place += 1
    return np.asarray(level[label]), ordered


def _newton(offered: Truths, chosen: Floats, weights: Floats) -> Floats:
    """Utilities of the maximum, mean 0; it must be finite."""
    k = offered.shape[1]
    u = np.zeros(k)
    if k < 2 or not len(offered):
        return u
    share = weights / weights.sum()

    def at(point: Floats) -> tuple[float, Floats, Floats]:
        logs = log_chances(np.broadcast_to(point, offered.shape), offered)
        chance = np.exp(logs)
        loss = -float(share @ (chosen * np.where(chosen > 0, logs, 0.0)).sum(axis=1))
        slope = share @ (chance - chosen)
        bend = np.diag(share @ chance) - (chance * share[:, None]).T @ chance
        return loss, slope, bend

    value, slope, bend = at(u)
    for _ in range(STEPS):
        step = -np.linalg.lstsq(bend + np.full((k, k), 1 / k), slope, rcond=None)[0]
        fall = -float(slope @ step)
        if fall < SURE:  # so close that the next full step is exact
            u = u + step
            break
        size, trial = 1.0, at(u + step)
        while trial[0] > value - 0.25 * size * fall:
            size /= 2
            trial = at(u + size * step)
        u = u + size * step
        value, slope, bend = trial
    return np.asarray(u - u.mean())
