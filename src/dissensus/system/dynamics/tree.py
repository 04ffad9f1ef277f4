"""Trees of systems: what each level adds to conflict, and the loop between levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.measure.friction import friction
from dissensus.model.conflict import Conflict
from dissensus.system.conventions import EQUAL

__all__ = [
    "Interaction",
    "Level",
    "TreeError",
    "interaction",
    "level_misalignment",
    "majority_of",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Votes = Literal["one each", "by size"]


class TreeError(DissensusError, ValueError):
    """Levels that do not nest, or leaves that do not fit them."""


@dataclass(frozen=True, eq=False)
class Level:
    """One level of a tree, seen from its leaves.

    Attributes
    ----------
    name : str
    nodes : int
    misalignment : float
        Of all leaves: chance that two drawn with replacement conflict.
    within, between : float
        The two terms of the block identity; they sum to ``misalignment``.
    mean_within : float
        Mean misalignment inside a node, by size.
    apart_share : float or None
        :math:`G_{ST}`, the part of the misalignment that lies between nodes; None without any.
    leaf_conflict : float
        Chance that a leaf conflicts with what its node at this level chooses.
    up_conflict : float or None
        Chance that a node conflicts with the choice of the node above; None at the top.
    top_conflict : float
        Chance that a node conflicts with the choice at the top.
    ties : int
        Nodes whose choice is a tie; it is split evenly.
    """

    name: str
    nodes: int
    misalignment: float
    within: float
    between: float
    mean_within: float
    apart_share: float | None
    leaf_conflict: float
    up_conflict: float | None
    top_conflict: float
    ties: int


def majority_of(
    votes: Floats, masses: Floats, groups: Codes, count: int
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """What most of the members of each group choose, (count, k), and whether it is a tie.

    Examples
    --------
    >>> votes = np.eye(2)[[0, 0, 1, 1]]
    >>> chosen, tied = majority_of(votes, np.ones(4), np.array([0, 0, 0, 1]), 2)
    >>> chosen.tolist(), tied.tolist()
    ([[1.0, 0.0], [0.0, 1.0]], [False, False])
    """
    table = _by_group(votes, masses, groups, count)
    best = table.max(axis=1, keepdims=True)
    winners = (table >= best * (1 - EQUAL)) & (best > 0)
    number = winners.sum(axis=1)
    return winners / np.maximum(number, 1)[:, None], number > 1


def level_misalignment(
    leaves: npt.ArrayLike,
    levels: Sequence[tuple[str, npt.ArrayLike]],
    conflict: Conflict | npt.ArrayLike,
    masses: npt.ArrayLike | None = None,
    *,
    votes: Votes = "one each",
    choices: Sequence[npt.ArrayLike] | None = None,
) -> tuple[Level, ...]:
    r"""Conflict inside and between the nodes of each level, and of nodes with those above.

    .. math:: P = \sum_s q_s^2 P_{ss} + \sum_{s \ne t} q_s q_t P_{st}, \qquad
        G_{ST} = \frac{P - \sum_s q_s P_{ss}}{P}

    ============== ========== ==================================================================
    symbol         shape      meaning
    ============== ========== ==================================================================
    :math:`q_s`               share of the leaves that is in node s
    :math:`P_{st}` [0, 1]     chance that a leaf of s and one of t conflict
    ============== ========== ==================================================================

    Parameters
    ----------
    leaves : (N, k) array
        What each leaf wants: chances of goals; less than 1 in all where it wants nothing.
    levels : sequence of (str, (N,) array of int)
        From the top down: the name of each level, and the node that each leaf is in. The first
        should be one node for all. Each level divides the one above.
    conflict : (k, k) array or conflict value
    masses : (N,) array, optional
        How many there are of each leaf; 1 by default.
    votes : {'one each', 'by size'}
        Whether a node counts as one at the level above, or as many as it has leaves.
    choices : sequence of (nodes, k) arrays, optional
        What each node chooses, by level; by default what most of its members choose.

    Returns
    -------
    tuple of Level
        From the top down.

    Raises
    ------
    TreeError
        No leaves, levels of other lengths, a node below two.

    References
    ----------
    [kierans2022]_, [nei1973]_; the levels' conflicts are ours.

    Examples
    --------
    Teams AAB, AAB and BBB:

    >>> team, top = level_misalignment(
    ...     np.eye(2)[[0, 0, 1, 0, 0, 1, 1, 1, 1]],
    ...     [("all", np.zeros(9, int)), ("team", np.arange(9) // 3)],
    ...     [[0, 1], [1, 0]])[::-1]
    >>> round(team.within * 81), round(team.between * 81), round(team.apart_share, 6)
    (8, 32, 0.4)
    >>> round(team.leaf_conflict * 9), round(team.up_conflict * 3), round(top.leaf_conflict * 9)
    (2, 1, 5)
    """
    wants = np.asarray(leaves, dtype=np.float64)
    mass = np.ones(len(wants)) if masses is None else np.asarray(masses, dtype=np.float64)
    groups = _checked(wants, levels, mass)
    total = float(mass.sum())
    pooled = mass @ wants / total
    whole = float(pooled @ friction(pooled, conflict))
    sizes = [np.bincount(g, weights=mass) for g in groups]
    parents = [_parents(low, high) for high, low in pairwise(groups)]
    chosen: list[Floats] = []
    tied: list[int] = []
    for depth in reversed(range(len(groups))):
        if choices is not None:
            here = np.asarray(choices[depth], dtype=np.float64)
            ties = (here > 0).sum(axis=1) > 1
        elif depth == len(groups) - 1:
            here, ties = majority_of(wants, mass, groups[depth], len(sizes[depth]))
        else:
            voting: Floats = np.ones(len(sizes[depth + 1]))
            if votes == "by size":
                voting = sizes[depth + 1].astype(np.float64)
            here, ties = majority_of(chosen[0], voting, parents[depth], len(sizes[depth]))
        chosen.insert(0, here)
        tied.insert(0, int(ties.sum()))
    out = []
    for depth, (name, _) in enumerate(levels):
        size = sizes[depth]
        shares = _by_group(wants, mass, groups[depth], len(size)) / size[:, None]
        own = (shares * friction(shares, conflict)).sum(axis=1)
        q = size / total
        within = float(q**2 @ own)
        mean_within = float(q @ own)
        against = friction(chosen[depth], conflict)
        weight = q if votes == "by size" else np.full(len(q), 1 / len(q))
        up = None
        if depth:
            above = friction(chosen[depth - 1], conflict)[parents[depth - 1]]
            up = float(weight @ (chosen[depth] * above).sum(axis=1))
        at_top = friction(chosen[0], conflict)[0]
        out.append(
            Level(
                name=name,
                nodes=len(size),
                misalignment=whole,
                within=within,
                between=max(whole - within, 0.0),
                mean_within=mean_within,
                apart_share=(whole - mean_within) / whole if whole > 0 else None,
                leaf_conflict=float(mass @ (wants * against[groups[depth]]).sum(axis=1) / total),
                up_conflict=up,
                top_conflict=float(weight @ (chosen[depth] @ at_top)),
                ties=tied[depth],
            )
        )
    return tuple(out)


@dataclass(frozen=True, eq=False)
class Interaction:
    """What becomes of a tree in which choices feed back on standing.

    Attributes
    ----------
    settles : bool
        Whether choices and standing come to rest.
    rounds : int
        Rounds until then, or all that were run.
    changes : int
        Rounds after which the choice at the top was another than before.
    first, last : (k,) array
        Choice at the top before, and in the end.
    standing : (N,) array
        Of the leaves in the end, as shares of their node.
    """

    settles: bool
    rounds: int
    changes: int
    first: Floats
    last: Floats
    standing: Floats


def interaction(
    leaves: npt.ArrayLike,
    levels: Sequence[tuple[str, npt.ArrayLike]],
    conflict: Conflict | npt.ArrayLike,
    masses: npt.ArrayLike | None = None,
    *,
    rate: float = 1.0,
    pull: float = 0.1,
    rounds: int = 500,
) -> Interaction:
    r"""Let choices go up and standing come down, until both rest.

    .. math:: w_i \leftarrow (1 - \lambda)
        \frac{w_i e^{\eta (1 - C(i, \text{choice}))}}{\sum_j w_j e^{\eta (1 - C(j, \text{choice}))}}
        + \lambda w_i^0

    Each node chooses what most of its members want, by their standing, which is their size at
    first; members that agree with the choice of their node, and nodes that agree with the one
    above, then gain standing.

    Parameters
    ----------
    leaves, levels, conflict, masses
        As in `level_misalignment`.
    rate : float
        :math:`\eta`; negative if it is those who lost that gain standing (backlash).
    pull : float
        :math:`\lambda`, in [0, 1]: pull back to the standing at first.
    rounds : int
        At most.

    References
    ----------
    The loop is ours; the question is [kulveit2024]_'s.

    Examples
    --------
    A team of 3 to 2 in which the losers gain standing: the choice goes to and fro.

    >>> found = interaction(np.eye(2)[[0, 0, 0, 1, 1]], [("all", np.zeros(5, int))],
    ...                     [[0, 1], [1, 0]], rate=-1.0, pull=0.0)
    >>> found.settles, found.changes > 100
    (False, True)
    """
    wants = np.asarray(leaves, dtype=np.float64)
    mass = np.ones(len(wants)) if masses is None else np.asarray(masses, dtype=np.float64)
    if not 0 <= pull <= 1 or rounds < 1:
        raise TreeError(
            f"pull {pull:g}, {rounds} rounds", "a number in [0, 1], at least one round", "correct"
        )
    groups = _checked(wants, levels, mass)
    counts = [int(g.max()) + 1 for g in groups]
    member = [_parents(low, high) for high, low in pairwise(groups)]
    member.append(groups[-1])  # leaves in the lowest nodes
    sizes = [np.bincount(g, weights=mass).astype(np.float64) for g in groups]
    start = [_shares(sizes[d + 1], member[d], counts[d]) for d in range(len(groups) - 1)]
    start.append(_shares(mass, member[-1], counts[-1]))
    standing = [w.copy() for w in start]
    first = last = np.zeros(wants.shape[1])
    changes, settled, done = 0, False, 0
    before: list[Floats] = []
    for done in range(1, rounds + 1):
        chosen: list[Floats] = []
        below = wants
        for depth in reversed(range(len(groups))):
            below, _ = majority_of(below, standing[depth], member[depth], counts[depth])
            chosen.insert(0, below)
        if done == 1:
            first = chosen[0][0]
        elif np.abs(chosen[0][0] - last).max() > EQUAL:
            changes += 1
        last = chosen[0][0]
        after = []
        for depth in range(len(groups)):
            said = wants if depth == len(groups) - 1 else chosen[depth + 1]
            clash = (said * friction(chosen[depth], conflict)[member[depth]]).sum(axis=1)
            fed = standing[depth] * np.exp(rate * (1 - clash))
            fed = _shares(fed, member[depth], counts[depth])
            after.append((1 - pull) * fed + pull * start[depth])
        moved = max(float(np.abs(a - b).max()) for a, b in zip(after, standing, strict=True))
        same = bool(before) and all(
            np.array_equal(a, b) for a, b in zip(chosen, before, strict=True)
        )
        standing, before = after, chosen
        if moved < 1e-9 and same:
            settled = True
            break
    return Interaction(settled, done, changes, first, last, standing[-1])


def _by_group(values: Floats, masses: Floats, groups: Codes, count: int) -> Floats:
    """Sum of rows by group, (count, k)."""
    weighted = values * masses[:, None]
    return np.stack(
        [np.bincount(groups, weights=column, minlength=count) for column in weighted.T], axis=1
    )


def _shares(weights: Floats, groups: Codes, count: int) -> Floats:
    total = np.bincount(groups, weights=weights, minlength=count)
    return np.asarray(weights / total[groups])


def _parents(low: Codes, high: Codes) -> Codes:
    """For each node of a level, the node above."""
    out = np.zeros(int(low.max()) + 1, dtype=np.int64)
    out[low] = high
    return out


def _checked(
    wants: Floats, levels: Sequence[tuple[str, npt.ArrayLike]], mass: Floats
) -> list[Codes]:
    if wants.ndim != 2 or not len(wants) or not len(levels) or mass.shape != (len(wants),):
        raise TreeError(
            f"{len(wants)} leaves, {len(levels)} levels and {mass.size} masses",
            "at least one leaf and one level, and one mass a leaf",
            "give each leaf a row",
        )
    groups: list[Codes] = []
    for name, given in levels:
        codes = np.unique(np.asarray(given), return_inverse=True)[1].astype(np.int64)
        if codes.shape != (len(wants),):
            raise TreeError(
                f"level {name!r} of {codes.size} leaves",
                f"a node for each of the {len(wants)} leaves",
                "give one a leaf",
            )
        if groups and (_parents(codes, groups[-1])[codes] != groups[-1]).any():
            raise TreeError(
                f"level {name!r} has a node below two nodes of the level above",
                "a tree: each node is in one above",
                "name nodes by their whole path",
            )
        groups.append(codes)
    if (groups[0] != 0).any():
        raise TreeError("several nodes at the top", "one", "put a level of one node above them")
    return groups
