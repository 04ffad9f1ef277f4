"""Pairings ``any`` and ``independent``, exactly: the cheapest of several ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.measure.pairing.rules import certain_or_not, reach
from dissensus.measure.pairing.tree import Tree, met_by_tree, tree_of
from dissensus.model.patterns import Patterns, Words

__all__ = [
    "WAYS",
    "met_by",
    "met_by_products",
    "met_by_subsets",
    "met_exclusive",
    "way_of",
]

Floats = npt.NDArray[np.float64]

# goals up to which a number for every subset is held: 2^22 of 8 bytes are 32 MB
SUBSET_GOALS = 22
# patterns times goals up to which patterns are split into halves: 400 MB
_SPLIT = 50_000_000
# pairs of patterns, or patterns times goals, that are looked at together: 32 MB
_TOGETHER = 4_000_000

WAYS = {
    "subsets": "exact: subset sums over all sets of goals",
    "worst": "exact: the worst conflict of every pair of patterns",
    "independent": "exact: every pair of patterns",
    "products": "exact: products of patterns and conflict",
}


def way_of(
    patterns: Patterns, table: Floats, masses: Floats, pairing: str
) -> tuple[str, Tree | None, float]:
    """Cheapest exact way, and its steps, each about a nanosecond on one core.

    Where conflict is 0 or 1, ``independent`` is ``any``.
    """
    cells, size, goals = len(masses), patterns.size, patterns.goals
    levels = len(_levels(table))
    graded = not np.isin(table, (0, 1)).all()
    is_any = pairing == "any" or not graded
    steps = {}
    if goals <= SUBSET_GOALS and is_any:
        steps["subsets"] = levels * cells * (goals * 2.0**goals * 0.6 + 4 * size)
    # a lower bound, before the tree is built
    if steps and steps["subsets"] <= 0.5 * size**2:
        return "subsets", None, steps["subsets"]
    passes = levels if is_any else 1
    steps["products"] = passes * (0.1 * size * goals * (size + goals) + 2.0 * size**2)
    tree = None
    if size * goals <= _SPLIT:
        tree = tree_of(patterns)
        way = "worst" if is_any else "independent"
        steps[way] = size * (2.0 * tree.nodes + (2.0 + 0.2 * cells) * size * _half(table))
    way = min(steps, key=lambda name: steps[name])
    return way, tree, steps[way]


def met_by(
    way: str,
    tree: Tree | None,
    patterns: Patterns,
    table: Floats,
    masses: Floats,
    pairing: str,
) -> Floats:
    """Mass of conflicting pairs, self-pairs included, by one of the ways, (c, c)."""
    if way == "subsets":
        return met_by_subsets(patterns, table, masses)
    if way == "products" or tree is None:
        return met_by_products(patterns, table, masses, pairing)
    logarithms = certain_or_not(table)

    def worst(some: slice) -> Floats:
        return reach(patterns, table, some)

    def chances(some: slice) -> Floats:
        clash: Floats = -np.expm1(-patterns.members(some).astype(np.float64) @ logarithms)
        return clash

    is_worst = way == "worst"
    clash = worst if is_worst else chances
    symmetric = _half(table) < 1
    return met_by_tree(patterns, tree, masses, clash, worst=is_worst, symmetric=symmetric)


def met_exclusive(patterns: Patterns, masses: Floats) -> Floats:
    r"""Exclusive goals: all pairs conflict but those that hold one and the same single goal.

    .. math:: n_A n_B - \sum_g f_A(\{g\}) f_B(\{g\})

    Summed from products of what differs, without a difference of near equals: agents of one goal
    with those of other goals, and agents of several goals with everyone who holds one.
    """
    single = patterns.sizes == 1
    several = patterns.sizes > 1
    goal = patterns.held[patterns.offsets[:-1][single]]
    alone = np.zeros((len(masses), patterns.goals))
    np.add.at(alone.T, goal, masses[:, single].T)
    many = masses[:, several].sum(axis=1)
    one = alone.sum(axis=1)
    before = np.cumsum(alone, axis=1) - alone
    lower: Floats = alone @ before.T
    upper: Floats = before @ alone.T
    met: Floats = lower + upper
    met += many[:, None] * (many + one) + one[:, None] * many
    return met


def met_by_subsets(patterns: Patterns, table: Floats, masses: Floats) -> Floats:
    r"""Mass of conflicting pairs by subset sums, for up to 22 goals.

    .. math:: B = \sum_S f(S) \bigl[1 - F(\overline{N(S)})\bigr], \qquad
        F(X) = \sum_{T \subseteq X} f(T)

    with N(S) the goals in conflict with a goal of S. F of all :math:`2^k` sets takes
    :math:`k 2^{k-1}` additions, so that the whole is :math:`O(m k + k 2^k)` a level of conflict.

    References
    ----------
    [yates1937]_.
    """
    full = np.uint64((1 << patterns.goals) - 1)
    place = patterns.words[:, 0].astype(np.int64)
    met = np.zeros((len(masses), len(masses)))
    for height, neighbours in _layers(patterns, table):
        apart = (full & ~neighbours[:, 0]).astype(np.int64)
        for b, mass in enumerate(masses):
            sums = np.bincount(place, mass, minlength=1 << patterns.goals)
            for goal in range(patterns.goals):
                pairs = sums.reshape(-1, 2, 1 << goal)
                pairs[:, 1] += pairs[:, 0]
            met[:, b] += height * (masses @ (mass.sum() - sums[apart]))
    return met


def met_by_products(patterns: Patterns, table: Floats, masses: Floats, pairing: str) -> Floats:
    r"""Mass of conflicting pairs by products of dense tables: few patterns of very many goals.

    .. math:: X G_\ell X^\top > 0 \quad\text{a level of conflict}, \qquad
        1 - \exp(-X L X^\top)

    with X the goals of each pattern as 0 and 1: :math:`O(m^2 k)` a level, or in all.
    """
    members = patterns.members(slice(None)).astype(np.float64)
    is_any = pairing == "any" or bool(np.isin(table, (0, 1)).all())
    if is_any:
        heights = np.diff(_levels(table), prepend=0.0)
        graphs = [(table >= level).astype(np.float64) for level in _levels(table)]
    else:
        heights, graphs = np.ones(1), [certain_or_not(table)]
    met = np.zeros((len(masses), len(masses)))
    step = max(_TOGETHER // max(patterns.size, patterns.goals, 1), 1)
    for start in range(0, patterns.size, step):
        some = slice(start, start + step)
        for height, graph in zip(heights, graphs, strict=True):
            sums = (members[some] @ graph) @ members.T
            clash = sums > 0 if is_any else -np.expm1(-sums)
            met += height * (masses[:, some] @ (clash @ masses.T))
    return met


def _half(table: Floats) -> float:
    return 0.5 if bool((table == table.T).all()) else 1.0


def _levels(table: Floats) -> Floats:
    levels: Floats = np.unique(table[table > 0])
    return levels


def _layers(patterns: Patterns, table: Floats) -> Iterator[tuple[float, Words]]:
    """Layer cake: for each level of conflict its height, and the goals N(S) that reach it."""
    below = 0.0
    for level in _levels(table):
        graph = Patterns(*_rows_of(table >= level)).words
        neighbours = np.zeros_like(patterns.words)
        np.bitwise_or.at(neighbours, patterns.of_each, graph[patterns.held])
        yield float(level) - below, neighbours
        below = float(level)


def _rows_of(graph: npt.NDArray[np.bool_]) -> tuple[int, Any, Any]:
    of_each, held = np.nonzero(graph)
    offsets = np.searchsorted(of_each, np.arange(len(graph) + 1))
    return len(graph), offsets.astype(np.int64), held.astype(np.int64)
