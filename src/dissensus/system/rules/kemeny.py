"""Kemeny: the ranking that contradicts the fewest comparisons."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice
from dissensus.system.conventions import best
from dissensus.system.rules.catalogue import RuleError, rule

__all__ = ["kemeny"]

Floats = npt.NDArray[np.float64]
LARGEST = 18


@rule(
    name="kemeny",
    label="Kemeny-Young",
    needs="ordinal",
    reference="kemeny1959",
    claims=("condorcet",),
)
def kemeny(ballots: Ballots) -> Choice:
    r"""The top of the ranking that contradicts the least standing, pair by pair.

    .. math:: \min_{\succ} \sum_{a \succ b} P_{ba}, \qquad
        f(S) = \min_{a \in S} \Big( f(S \setminus a) + \sum_{b \in S \setminus a} P_{ba} \Big)

    :math:`P_{ba}` is the standing of the parts that put b above a (``preferring``). Exact: f is
    computed for every set of options, from small to large.

    Returns
    -------
    Choice
        ``OK`` if one option tops every best ranking, ``TIE`` if several top one.

    Raises
    ------
    RuleError
        More than 18 options: the number of sets doubles with each.

    References
    ----------
    [kemeny1959]_; [young1978]_. Dynamic programme: [betzler2009]_.

    Examples
    --------
    >>> ballots = Ballots.from_orders({"a > b > c": 4, "b > c > a": 3, "c > a > b": 2})
    >>> print(kemeny(ballots).trace)
    best ranking: a > b > c, contradicting 10 of 27
    """
    names = ballots.actions
    k = len(names)
    if k > LARGEST:
        raise RuleError(
            f"Kemeny's rule with {k} options",
            f"at most {LARGEST}: it compares every set of options",
            "leave out options that nobody puts first, or choose schulze",
        )
    cost = _least_costs(ballots.preferring)
    everything = (1 << k) - 1
    first = _costs_of_first(everything, cost, ballots.preferring)
    ranking, left = [], everything
    while left:
        top = int(np.argmin(_costs_of_first(left, cost, ballots.preferring)))
        ranking.append(top)
        left &= ~(1 << top)
    steps = [
        f"best ranking: {' > '.join(names[a] for a in ranking)}, "
        f"contradicting {cost[-1]:g} of {ballots.preferring.sum():g}"
    ]
    numbers = {"ranking": ranking, "contradicted": float(cost[-1]), "if_first": first}
    return Choice.among(names, best(-first), steps, **numbers)


def _least_costs(preferring: Floats) -> Floats:
    """Least contradiction in ranking each set of options, (2^k,), by the bits of the set."""
    k = len(preferring)
    sets = np.arange(1 << k)
    size = sum((sets >> a & 1) for a in range(k))
    # against[a, S]: standing that puts some member of S above a
    against = np.zeros((k, 1 << k))
    for b in range(k):
        against[:, 1 << b : 2 << b] = against[:, : 1 << b] + preferring[b, :, None]
    cost = np.zeros(1 << k)
    for count in range(1, k + 1):
        layer = sets[size == count]
        least = np.full(len(layer), np.inf)
        for a in range(k):
            has = (layer >> a & 1) == 1
            rest = layer[has] & ~(1 << a)
            least[has] = np.minimum(least[has], cost[rest] + against[a, rest])
        cost[layer] = least
    return cost


def _costs_of_first(left: int, cost: Floats, preferring: Floats) -> Floats:
    """Least contradiction if each option comes first among those left; infinite if it is gone."""
    k = len(preferring)
    inside = np.array([left >> a & 1 for a in range(k)], dtype=bool)
    return np.array(
        [
            cost[left & ~(1 << a)] + preferring[inside, a].sum() if inside[a] else np.inf
            for a in range(k)
        ]
    )
