"""Ranked pairs: lock in majorities, the largest first."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice
from dissensus.system.conventions import EQUAL
from dissensus.system.rules.catalogue import RuleError, rule
from dissensus.system.rules.condorcet import beats

__all__ = ["ranked_pairs"]

BRANCHES = 20000
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
        More than 20,000 ways to order equal margins have to be told apart.

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
    size = EQUAL * max(1.0, float(np.abs(margins).max()))
    pairs = sorted(
        ((float(margins[a, b]), int(a), int(b)) for a, b in np.argwhere(beats(margins))),
        reverse=True,
    )
    worlds: set[Closure] = {(0,) * len(names)}
    steps: list[str] = []
    for margin, group in groupby(_levelled(pairs, size), key=lambda pair: pair[0]):
        equal: Pairs = tuple((a, b) for _, a, b in group)
        locked = set().union(*(_lock(closure, equal) for closure in worlds))
        steps += [
            f"margin {margin:g}: {names[a]} over {names[b]}{_fate(a, b, locked)}" for a, b in equal
        ]
        worlds = locked
    winners = {
        a for closure in worlds for a in range(len(names)) if not any(x >> a & 1 for x in closure)
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


def _lock(closure: Closure, pairs: Pairs) -> set[Closure]:
    """Every result of locking equal pairs in some order."""
    ends: set[Closure] = set()
    seen = {closure}
    waiting = [closure]
    while waiting:
        now = waiting.pop()
        open_pairs = [(a, b) for a, b in pairs if not (now[a] >> b & 1 or now[b] >> a & 1)]
        if not open_pairs:
            ends.add(now)
            continue
        # a pair that stays possible whatever else is locked need not be branched on
        free = [p for p in open_pairs if not _blockable(now, p, open_pairs)]
        for a, b in free[:1] or open_pairs:
            after = _above(now, a, b)
            if after not in seen:
                seen.add(after)
                waiting.append(after)
        if len(seen) > BRANCHES:
            raise RuleError(
                f"ranked pairs with more than {BRANCHES:,} ways to order equal margins",
                "fewer equal margins",
                "choose schulze or maximin, or give standings that differ",
            )
    return ends


def _blockable(closure: Closure, pair: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    """Whether locking other pairs could lead from the lower option back to the upper one."""
    a, b = pair
    reach = list(closure)
    for x, y in others:
        if (x, y) != pair:
            reach[x] |= 1 << y
    found, frontier = 1 << b, [b]
    while frontier:
        new = reach[frontier.pop()] & ~found
        found |= new
        frontier += [i for i in range(len(reach)) if new >> i & 1]
    return bool(found >> a & 1)


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
