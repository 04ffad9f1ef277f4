"""Ranked pairs: lock in majorities, the largest first."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice
from dissensus.system.conventions import EQUAL
from dissensus.system.rules.catalogue import RuleError, rule
from dissensus.system.rules.condorcet import beats, reaches

__all__ = ["ranked_pairs"]

BRANCHES = 5000
Pairs = tuple[tuple[int, int], ...]
Closure = tuple[int, ...]  # for each option the set of those it is locked above, as bits


@rule(
    name="ranked-pairs",
    label="Ranked pairs (Tideman)",
    needs="ordinal",
    reference="tideman1987",
    claims=("condorcet",),
)
def ranked_pairs(ballots: Ballots) -> Choice:
    """Majorities are locked in from the largest margin down, unless they would close a cycle.

    An option wins if none is locked above it. Where margins are equal, every order of locking is
    followed, and all that can win so do.

    Returns
    -------
    Choice
        ``OK`` if one option can win, else ``TIE``.

    Raises
    ------
    RuleError
        More than 5,000 ways to order equal margins have to be told apart.

    References
    ----------
    [tideman1987]_; all orders of equal margins: [brill2012]_.

    Examples
    --------
    >>> ballots = Ballots.from_orders({"a > b > c": 4, "b > c > a": 3, "c > a > b": 2})
    >>> print(ranked_pairs(ballots).trace)
    margin 5: b over c
    margin 3: a over b
    margin 1: c over a dropped, closes a cycle
    none is locked above: a
    """
    names, margins = ballots.actions, ballots.margins
    won = beats(margins)
    path = reaches(won)
    # a majority that is part of no cycle is locked in any case; what is left falls into groups
    together = path & path.T | np.eye(len(names), dtype=bool)
    leading = np.asarray(~(won & ~together).any(axis=0))
    size = EQUAL * max(1.0, float(np.abs(margins).max()))
    steps = [] if together.sum() > len(names) else ["no majorities go round: all are locked"]
    winners: set[int] = set()
    groups = {tuple(np.flatnonzero(together[a]).tolist()) for a in np.flatnonzero(leading)}
    for group in sorted(groups):
        pairs = sorted(
            ((float(margins[a, b]), a, b) for a in group for b in group if won[a, b]),
            reverse=True,
        )
        worlds: set[Closure] = {(0,) * len(names)}
        for margin, equals in groupby(_levelled(pairs, size), key=lambda pair: pair[0]):
            equal: Pairs = tuple((a, b) for _, a, b in equals)
            locked: set[Closure] = set()
            for closure in worlds:
                locked |= _lock(closure, equal, len(locked))
            steps += [
                f"margin {margin:g}: {names[a]} over {names[b]}{_fate(a, b, locked)}"
                for a, b in equal
            ]
            worlds = locked
        winners |= {
            a
            for closure in worlds
            for a in group
            if leading[a] and not any(above >> a & 1 for above in closure)
        }
    steps.append(f"none is locked above: {', '.join(names[a] for a in sorted(winners))}")
    return Choice.among(names, winners, steps, margins=margins)


def _levelled(pairs: list[tuple[float, int, int]], size: float) -> list[tuple[float, int, int]]:
    """Give margins that are equal but for rounding one value."""
    level = np.inf
    out = []
    for margin, a, b in pairs:
        level = level if level - margin <= size else margin
        out.append((level, a, b))
    return out


def _lock(closure: Closure, pairs: Pairs, others: int) -> set[Closure]:
    """Every result of locking equal pairs in some order."""
    ends: set[Closure] = set()
    seen = {closure}
    waiting = [closure]
    while waiting:
        now = waiting.pop()
        open_pairs = [(a, b) for a, b in pairs if not (now[a] >> b & 1 or now[b] >> a & 1)]
        # a pair that stays possible whatever else is locked is locked in every order
        possible = _closed(now, open_pairs)
        branching = [(a, b) for a, b in open_pairs if possible[b] >> a & 1]
        for a, b in open_pairs:
            if not possible[b] >> a & 1:
                now = _above(now, a, b)
        if not branching:
            ends.add(now)
        for a, b in branching:
            after = _above(now, a, b)
            if after not in seen:
                seen.add(after)
                waiting.append(after)
        if len(seen) + others > BRANCHES:
            raise RuleError(
                f"ranked pairs with more than {BRANCHES:,} ways to order equal margins",
                "fewer equal margins",
                "choose schulze or maximin, or give standings that differ",
            )
    return ends


def _closed(closure: Closure, pairs: list[tuple[int, int]]) -> list[int]:
    """What each option would be above if all pairs were locked, cycles and all."""
    reach = list(closure)
    for a, b in pairs:
        reach[a] |= 1 << b
    for middle in range(len(reach)):
        through = reach[middle]
        reach = [bits | through if bits >> middle & 1 else bits for bits in reach]
    return reach


def _above(closure: Closure, a: int, b: int) -> Closure:
    below = closure[b] | 1 << b
    return tuple(
        bits | below if i == a or bits >> a & 1 else bits for i, bits in enumerate(closure)
    )


def _fate(a: int, b: int, worlds: set[Closure]) -> str:
    kept = sum(closure[a] >> b & 1 for closure in worlds)
    if kept == len(worlds):
        return ""
    return " dropped, closes a cycle" if not kept else " locked in some orders of equal margins"
