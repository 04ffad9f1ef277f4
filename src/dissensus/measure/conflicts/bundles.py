"""Conflict over a budget: how often wanting one project leaves no room for another."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from itertools import accumulate
from math import gcd, lcm
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.model.conflict import ConflictError

__all__ = ["bundle_conflict", "joint_cost_conflict"]

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

# steps of the longer way that are still worth taking: a few seconds
_STEPS = 1_000_000_000
# up to so many projects all subsets are looked at
_SUBSETS = 16
# counts of bundles stay below 2^63
_PROJECTS = 62


def joint_cost_conflict(costs: npt.ArrayLike, budget: float) -> Floats:
    r"""Full conflict between two projects that the budget cannot pay for together.

    .. math:: C_{gh} = 1 \text{ if } c_g + c_h > B, \text{ else } 0

    ============ ========= ======== ==============================
    symbol       shape     range    meaning
    ============ ========= ======== ==============================
    :math:`c`    ``(k,)``  >= 0     ``costs`` of the projects
    :math:`B`              >= 0     ``budget``
    ============ ========= ======== ==============================

    Returns
    -------
    numpy.ndarray
        Shape ``(k, k)``: 0 everywhere if any two fit together. Three projects may fail to fit
        though every two of them do; this test does not see it.

    Examples
    --------
    >>> joint_cost_conflict([6, 5, 1], 7).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    whole, limit = _whole(np.asarray(costs).tolist(), budget)
    c = np.array(whole, dtype=object)
    out: Floats = (c[:, None] + c[None, :] > limit).astype(np.float64)
    np.fill_diagonal(out, 0.0)
    return out


def bundle_conflict(costs: npt.ArrayLike, budget: float) -> Floats:
    r"""Share of the feasible, maximal bundles with one project that exclude the other.

    .. math::

        C_{g \to h} = \frac{\#\{S \in \mathcal{M} : g \in S, h \notin S\}}
                           {\#\{S \in \mathcal{M} : g \in S\}}

    ===================== ========= ======== =====================================================
    symbol                shape     range    meaning
    ===================== ========= ======== =====================================================
    :math:`c`             ``(k,)``  >= 0     ``costs`` of the projects
    :math:`B`                       >= 0     ``budget``
    :math:`\mathcal{M}`                      sets of projects that cost at most B together, and to
                                             which no further project could be added
    ===================== ========= ======== =====================================================

    Bundles are counted, never sampled: all subsets of few projects; of more, the cheapest project
    that is left out is fixed in turn, and the sums of the dearer ones are counted by generating
    functions over the costs' common unit.

    Returns
    -------
    numpy.ndarray
        Shape ``(k, k)``, row g against column h, lopsided as a rule. 0 if all bundles with g have
        h; 1 if none does. A project that the budget cannot pay for alone is in no bundle: it
        excludes, and is excluded by, all others.

    Raises
    ------
    ConflictError
        More than 62 projects, or costs in so fine a unit that counting is too long.

    Examples
    --------
    A budget of 7 buys {6, 1} or {5, 1}: the cheap project goes with either, each of the others
    with one bundle of the two that the cheap one is in.

    >>> bundle_conflict([6, 5, 1], 7).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]

    Three projects of 1 and a budget of 2: any two fit, and yet each excludes each other one time
    in two.

    >>> bundle_conflict([1, 1, 1], 2).tolist()
    [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]]
    """
    whole, limit = _whole(np.asarray(costs).tolist(), budget)
    size = len(whole)
    out = np.ones((size, size))
    np.fill_diagonal(out, 0.0)
    possible = [i for i, cost in enumerate(whole) if cost <= limit]
    if not possible:
        return out
    order = sorted(possible, key=lambda i: whole[i])
    sorted_costs = [whole[i] for i in order]
    if sum(sorted_costs) <= limit:
        together: Any = np.ones((len(order), len(order)), dtype=np.int64)
    elif len(order) <= _SUBSETS:
        together = _by_subsets(sorted_costs, limit)
    else:
        together = _by_sums(sorted_costs, limit)
    alone = np.diag(together).astype(np.float64)
    out[np.ix_(order, order)] = (alone[:, None] - together) / alone[:, None]
    return out


def _whole(costs: Sequence[float], budget: float) -> tuple[list[int], int]:
    """Costs and budget in the largest unit in which the costs are whole numbers."""
    exact = [Fraction(str(cost)) for cost in costs]
    unit = lcm(1, *(cost.denominator for cost in exact))
    whole = [int(cost * unit) for cost in exact]
    common = reduce(gcd, whole, 0) or 1
    return [cost // common for cost in whole], int(Fraction(str(budget)) * unit // common)


def _by_subsets(costs: list[int], limit: int) -> Counts:
    """Bundles that hold each two projects, from all subsets; costs ascend."""
    subsets = np.arange(1 << len(costs))
    held = (subsets[:, None] >> np.arange(len(costs))) & 1
    # past the limit the exact sum is of no interest, and does not overflow
    spent = held @ np.array([min(cost, limit + 1) for cost in costs], dtype=np.int64)
    # the cheapest project that is left out decides whether anything can be added
    cheapest = np.where(held == 1, limit + 1, np.array(costs)).min(axis=1)
    bundles = held[(spent <= limit) & (spent + cheapest > limit)]
    together: Counts = bundles.T @ bundles
    return together


def _by_sums(costs: list[int], limit: int) -> Counts:
    """Bundles that hold each two projects, by the sums that projects can make; costs ascend.

    If j is the cheapest project left out, all before it are in, and the sum of those after it must
    leave less than the cost of j: a window of sums, in which subsets are counted.
    """
    size = len(costs)
    steps = limit * sum((size - j) ** 2 for j in range(size))
    if size > _PROJECTS or steps > _STEPS:
        raise ConflictError(
            f"{size} projects, and a budget of {limit:,} times the costs' common unit",
            f"at most {_PROJECTS} projects, and few enough sums to count all bundles",
            "round the costs, for example to thousands, or pass budget_test='pairs'",
        )
    together = np.zeros((size, size), dtype=np.int64)
    spent_before = [0, *accumulate(costs)]
    for j, cost in enumerate(costs):
        left = limit - spent_before[j]
        if left < 0:
            break
        free = costs[j + 1 :]
        ways = np.zeros(left + 1, dtype=np.int64)
        ways[0] = 1
        for one in free:
            ways[one:] += ways[: max(left + 1 - one, 0)].copy()
        total = _in_window(ways, left, cost, 0)
        if not total:
            continue
        together[:j, :j] += total
        for a, first in enumerate(free, start=j + 1):
            without = _without(ways, first)
            count = _in_window(without, left, cost, first)
            together[a, a] += count
            together[:j, a] += count
            together[a, :j] += count
            for b in range(a + 1, size):
                both = _in_window(_without(without, costs[b]), left, cost, first + costs[b])
                together[a, b] += both
                together[b, a] += both
    return together


def _in_window(ways: Counts, left: int, cost: int, spent: int) -> int:
    """Ways to leave less than ``cost`` of what is left, ``spent`` apart."""
    high = left - spent
    return int(ways[max(high - cost + 1, 0) : high + 1].sum()) if high >= 0 else 0


def _without(ways: Counts, cost: int) -> Counts:
    """Ways to make each sum without one project: the generating function divided by 1 + x^c."""
    if cost == 0:
        return ways // 2
    rows = -(-len(ways) // cost)
    padded = np.zeros(rows * cost, dtype=np.int64)
    padded[: len(ways)] = ways
    signs = np.where(np.arange(rows) % 2, -1, 1)[:, None]
    divided = np.cumsum(padded.reshape(rows, cost) * signs, axis=0) * signs
    out: Counts = divided.ravel()[: len(ways)]
    return out
