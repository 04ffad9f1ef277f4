"""All pairs of patterns at once: degrees of conflict shared between patterns with equal parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.model.keys import Codes, distinct
from dissensus.model.patterns import Patterns

__all__ = ["Tree", "met_by_tree", "tree_of"]

Floats = npt.NDArray[np.float64]

# patterns whose degrees are found together; patterns compared with them at a time
_BLOCK, _CHUNK = 128, 512


@dataclass(frozen=True, eq=False)
class Tree:
    """Patterns as two halves, each half as two halves, down to the single goal.

    A part that many patterns share is one node. Level 0 has the nodes 2 g (goal g is not held) and
    2 g + 1 (it is); node i of the next level is made of two nodes of the level before.

    Attributes
    ----------
    levels : tuple of (left, right)
        The two nodes of which each node of a level is made.
    first, second : (m,)
        The nodes of the last level that are the halves of each pattern.
    goals : int
        Goals with those that pad their number to a power of two.
    """

    levels: tuple[tuple[Codes, Codes], ...]
    first: Codes
    second: Codes
    goals: int

    @property
    def nodes(self) -> int:
        """Nodes of all levels."""
        return 2 * self.goals + sum(len(left) for left, _ in self.levels)


def tree_of(patterns: Patterns) -> Tree:
    """Split patterns into halves until each part is one goal."""
    goals = max(1 << max(patterns.goals - 1, 0).bit_length(), 2)
    members = patterns.members(slice(None))
    # of each pattern, the node that each part of it is; the goals that pad are never held
    codes = np.zeros((patterns.size, goals), dtype=np.int64)
    codes[:, : patterns.goals] = members
    codes += 2 * np.arange(goals)
    levels = []
    while codes.shape[1] > 2:
        low, high = int(codes.min(initial=0)), int(codes.max(initial=0)) + 1
        crossed = (codes[:, 0::2] - low) * (high - low) + codes[:, 1::2] - low
        columns = []
        left, right, size = [], [], 0
        for column in crossed.T:
            known = distinct(column)
            columns.append(np.searchsorted(known, column) + size)
            left.append(known // (high - low) + low)
            right.append(known % (high - low) + low)
            size += len(known)
        levels.append((np.concatenate(left), np.concatenate(right)))
        codes = np.stack(columns, axis=1)
    return Tree(tuple(levels), codes[:, 0].copy(), codes[:, 1].copy(), goals)


def met_by_tree(
    patterns: Patterns,
    tree: Tree,
    masses: Floats,
    clash: Callable[[slice], Floats],
    *,
    worst: bool,
    symmetric: bool,
) -> Floats:
    r"""Mass of conflicting pairs, from the degrees of each pattern with the halves of all others.

    .. math:: D(S, T) = \max(d_1, d_2) \quad\text{or}\quad d_1 + d_2 - d_1 d_2

    with :math:`d_1, d_2` the degrees of conflict of S with the two halves of T: the worst pair of
    goals, or chances that add up, :math:`1 - \prod_{h \in T} (1 - s_S(h))`. Sums of numbers in
    [0, 1] only, so that small conflicts keep their digits.

    Parameters
    ----------
    clash : callable of a slice
        Conflict s of some patterns with each goal, (chosen, k).
    worst : bool
        Whether only the worst pair of goals counts.
    symmetric : bool
        Whether D(S, T) = D(T, S): then each pair of patterns is looked at once.
    """
    join = _worst if worst else _either
    size = patterns.size
    met = np.zeros((len(masses), len(masses)))
    for start in range(0, size, _BLOCK):
        stop = min(start + _BLOCK, size)
        degrees = _degrees(tree, clash(slice(start, stop)), worst=worst)
        friction = np.zeros((len(masses), stop - start))

        def add(low: int, high: int, degrees: Floats = degrees, out: Floats = friction) -> None:
            for first in range(low, high, _CHUNK):
                others = slice(first, min(first + _CHUNK, high))
                both = join(degrees[tree.first[others]], degrees[tree.second[others]])
                out += masses[:, others] @ both

        ours = masses[:, start:stop]
        if not symmetric:
            add(0, size)
            met += ours @ friction.T
            continue
        add(stop, size)
        once = ours @ friction.T
        friction[:] = 0.0
        add(start, stop)
        met += once + once.T + ours @ friction.T
    return met


def _worst(a: Floats, b: Floats) -> Floats:
    np.maximum(a, b, out=a)
    return a


def _either(a: Floats, b: Floats) -> Floats:
    both = a * b
    a += b
    a -= both
    return a


def _degrees(tree: Tree, clash: Floats, *, worst: bool) -> Floats:
    """Degrees of conflict of a block of patterns with every node of the last level."""
    join = _worst if worst else _either
    values = np.zeros((2 * tree.goals, len(clash)))
    values[1 : 2 * clash.shape[1] : 2] = clash.T
    for left, right in tree.levels:
        values = join(values[left], values[right])
    return values
