"""Pareto: what could be better for somebody and worse for nobody, and where such steps lead."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import permutations
from math import factorial

import numpy as np
import numpy.typing as npt

from dissensus.system.conventions import range_normalised
from dissensus.system.lotteries import best_subject_to

__all__ = [
    "Improvement",
    "ImprovingSteps",
    "distance_to_efficient",
    "efficient_actions",
    "improvement",
    "improving_steps",
    "is_efficient",
]

Floats = npt.NDArray[np.float64]
NO_GAIN = 1e-8  # gains below this part of a range are none
MOST_PROGRAMMES = 2000


@dataclass(frozen=True, eq=False)
class Improvement:
    """The largest gain over a lottery that harms no part.

    Attributes
    ----------
    gap : float
        Mean gain of the parts, each on its own range; 0 if the lottery is efficient.
    dist : (k,) array
        A lottery that reaches it; the given one if there is no gain.
    gains : (n,) array
        What each part gains by it, on its own range.
    """

    gap: float
    dist: Floats
    gains: Floats


@dataclass(frozen=True, eq=False)
class ImprovingSteps:
    """Where improving parts one after another can lead.

    Attributes
    ----------
    orders : tuple of tuple of int
        Orders of the parts that were followed.
    exhaustive : bool
        Whether these are all orders.
    point_of_order : tuple of int
        Which point each order ends at.
    utilities : (r, n) array
        Expected utilities at the r distinct efficient points.
    dists : (r, k) array
        Lotteries that give them.
    diameter : float
        Largest distance of two points, each part on its own range; 0 if the steps settle it.
    """

    orders: tuple[tuple[int, ...], ...]
    exhaustive: bool
    point_of_order: tuple[int, ...]
    utilities: Floats
    dists: Floats
    diameter: float


def improvement(utilities: npt.ArrayLike, dist: npt.ArrayLike) -> Improvement:
    r"""How far a lottery is from efficient, in parts of the ranges of those who could gain.

    .. math:: \text{gap} = \max_{\pi \in \Delta} \frac{1}{n} \sum_i
        \frac{E_i \cdot \pi - E_i \cdot \pi_H}{\max E_i - \min E_i}
        \quad \text{s.t. } E_i \cdot \pi \ge E_i \cdot \pi_H \text{ for all } i

    ============== ========== =================================================================
    symbol         shape      meaning
    ============== ========== =================================================================
    :math:`E`      ``(n, k)`` ``utilities``; a part that is indifferent between all gains nothing
    :math:`\pi_H`  ``(k,)``   ``dist``
    ============== ========== =================================================================

    Range units: no sum of different parts' utilities is formed. One linear programme.

    Returns
    -------
    Improvement
        A gap of 0 if no lottery is better for one part and worse for none; 1 would be every part
        at its worst while all could have their best.

    References
    ----------
    [pareto1906]_

    Examples
    --------
    Each of two parts decides by the toss of a coin, and a third option gives both 0.8:

    >>> found = improvement([[1, 0, 0.8], [0, 1, 0.8]], [0.5, 0.5, 0])
    >>> round(found.gap, 9), found.dist.round(9).tolist()
    (0.3, [0.0, 0.0, 1.0])
    """
    values, now = range_normalised(utilities), np.asarray(dist, dtype=np.float64)
    better = best_subject_to(values.mean(axis=0), values, values @ now)
    gains = values @ (better - now)
    if float(gains.mean()) <= NO_GAIN:
        return Improvement(0.0, now, np.zeros(len(values)))
    return Improvement(float(gains.mean()), better, np.maximum(gains, 0.0))


def is_efficient(utilities: npt.ArrayLike, dist: npt.ArrayLike) -> bool:
    """Whether no lottery is better for one part and worse for none.

    Examples
    --------
    >>> is_efficient([[1, 0, 0.8], [0, 1, 0.8]], [0.5, 0, 0.5])
    True
    """
    return improvement(utilities, dist).gap == 0


def efficient_actions(utilities: npt.ArrayLike) -> tuple[int, ...]:
    """Actions that are efficient, among lotteries.

    Examples
    --------
    Half of each extreme is better than the middle for both:

    >>> efficient_actions([[1, 0, 0.4], [0, 1, 0.4]])
    (0, 1)
    """
    values = range_normalised(utilities)
    return tuple(a for a in range(values.shape[1]) if is_efficient(values, _sure(a, values)))


def distance_to_efficient(utilities: npt.ArrayLike, dist: npt.ArrayLike) -> float | None:
    r"""Total variation from a lottery to the nearest efficient one.

    .. math:: \min_{\pi \in t_3} \mathrm{TV}(\pi_H, \pi) = 1 - \max_{S} \pi_H(S)

    over the sets S of actions whose mixtures are efficient: the lottery must move the chance that
    lies outside.

    Returns
    -------
    float or None
        0 if it is efficient, 1 if it never does anything efficient; None if telling would take
        more than 2,000 linear programmes.

    Examples
    --------
    >>> distance_to_efficient([[1, 0, 0.8], [0, 1, 0.8]], [0.25, 0.75, 0])
    0.25
    """
    values, now = range_normalised(utilities), np.asarray(dist, dtype=np.float64)
    used = [int(a) for a in np.flatnonzero(now > 0)]
    if is_efficient(values, now):
        return 0.0
    alone = [a for a in used if is_efficient(values, _sure(a, values))]
    alone.sort(key=lambda a: -now[a])
    # sets by falling chance: each is followed by those that lack one more of its later members
    waiting = [(-float(now[alone].sum()), tuple(alone), 0)]
    for _ in range(MOST_PROGRAMMES):
        mass, members, free = heappop(waiting)
        if len(members) < 2:
            return 1 + mass
        even = np.zeros(len(now))
        even[list(members)] = 1 / len(members)
        if is_efficient(values, even):
            return 1 + mass
        for place in range(free, len(members)):
            rest = (*members[:place], *members[place + 1 :])
            heappush(waiting, (-float(now[list(rest)].sum()), rest, place))
    return None


def improving_steps(
    utilities: npt.ArrayLike, dist: npt.ArrayLike, *, most_orders: int = 720, seed: int = 0
) -> ImprovingSteps:
    r"""All ways to improve one part after another, as far as it goes without harm to any.

    In each order of the parts: maximise the first part's expected utility such that no part falls
    below the lottery it has now, then the second's, keeping the first's, and so on. Every end is
    efficient, and ends differ: "all Pareto-improving steps" says nothing yet.

    Parameters
    ----------
    utilities : (n, k) array
    dist : (k,) array
        The lottery to start from.
    most_orders : int
        All n! orders if they are at most this many, else this many drawn at random.
    seed : int
        For drawing orders.

    Returns
    -------
    ImprovingSteps
        One point if the order does not matter; a single point equal to the start if that is
        efficient.

    Examples
    --------
    >>> u = [[9, 0, 6, 0], [0, 5, 4, 0]]
    >>> steps = improving_steps(u, [0.25, 0.25, 0.25, 0.25])
    >>> steps.utilities.round(6).tolist(), round(steps.diameter, 6)
    ([[7.3125, 2.25], [3.75, 4.375]], 0.580783)
    """
    u = np.asarray(utilities, dtype=np.float64)
    values, start = range_normalised(u), np.asarray(dist, dtype=np.float64)
    n = len(u)
    exhaustive = n <= 12 and factorial(n) <= most_orders
    if exhaustive:
        orders = tuple(permutations(range(n)))
    else:
        random = np.random.default_rng(seed)
        orders = tuple(tuple(random.permutation(n).tolist()) for _ in range(most_orders))
    known: dict[tuple[tuple[float, ...], int], Floats] = {}
    ends: list[Floats] = []
    which: list[int] = []
    for order in orders:
        now = start
        for part in order:
            step = (tuple((values @ now).round(9)), part)
            if step not in known:
                better = best_subject_to(values[part], values, values @ now)
                gained = values[part] @ (better - now) > NO_GAIN
                known[step] = better if gained else now
            now = known[step]
        near = [i for i, e in enumerate(ends) if np.abs(values @ (e - now)).max() < 1e-7]
        if not near:
            ends.append(now)
        which.append(near[0] if near else len(ends) - 1)
    points = np.array([values @ end for end in ends])
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    return ImprovingSteps(
        orders=orders,
        exhaustive=exhaustive,
        point_of_order=tuple(which),
        utilities=np.array([u @ end for end in ends]),
        dists=np.array(ends),
        diameter=float(apart.max()),
    )


def _sure(action: int, values: Floats) -> Floats:
    return np.asarray(np.eye(values.shape[1])[action])
