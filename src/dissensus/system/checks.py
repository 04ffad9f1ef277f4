"""Checks on the concrete instance: majorities, unanimity, who decides alone, menus.

Theorems say what must go wrong for some profile; these say what does go wrong for this one, and
each shows where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice
from dissensus.system.rules.catalogue import choose, find
from dissensus.system.rules.condorcet import beats, smith_set

__all__ = [
    "Finding",
    "contraction_consistency",
    "deciders",
    "majority_winner",
    "reporting",
    "unanimity",
]

Floats = npt.NDArray[np.float64]
RuleLike = str | Callable[..., Choice]


@dataclass(frozen=True, eq=False)
class Finding:
    """What a check found.

    Attributes
    ----------
    check : str
    holds : bool, or None
        Whether the good case holds; None if it cannot be asked here, and ``words`` say why.
    words : str
        The finding in a sentence.
    witness : mapping
        What shows it, by name.
    """

    check: str
    holds: bool | None
    words: str
    witness: Mapping[str, Any] = field(default_factory=dict)


def majority_winner(ballots: Ballots) -> Finding:
    """Whether one option beats every other by a majority; else the set that majorities go round in.

    Returns
    -------
    Finding
        Holds with the Condorcet winner as witness; fails with the Smith set, and a cycle of
        majorities through it if there is one.

    References
    ----------
    [condorcet1785]_, [smith1973]_.

    Examples
    --------
    >>> found = majority_winner(
    ...     Ballots.from_orders({"a > b > c": 1, "b > c > a": 1, "c > a > b": 1}))
    >>> found.words
    'no option beats every other: a beats b beats c beats a'
    """
    smith = sorted(smith_set(ballots.margins))
    names = [ballots.actions[a] for a in smith]
    won = beats(ballots.margins)
    if len(smith) == 1:
        return Finding(
            "majority_winner", True, f"{names[0]} beats every other option", {"winner": names[0]}
        )
    witness: dict[str, Any] = {"smith_set": tuple(names)}
    cycle = _cycle(won, smith)
    if not cycle:
        return Finding(
            "majority_winner",
            False,
            f"no option beats every other; drawn at the top: {', '.join(names)}",
            witness,
        )
    witness["cycle"] = tuple(ballots.actions[a] for a in cycle)
    round_ = " beats ".join((*witness["cycle"], witness["cycle"][0]))
    return Finding("majority_winner", False, f"no option beats every other: {round_}", witness)


def unanimity(rule: RuleLike, ballots: Ballots) -> Finding:
    """Whether the rule passes over what every part finds worse than some other option.

    Returns
    -------
    Finding
        Fails with an option that can win although another stands above it for every part.

    Examples
    --------
    >>> ballots = Ballots.from_orders({"b > a > c": 1, "c > b > a": 1})
    >>> unanimity("agenda", ballots).holds
    True
    """
    choice = choose(rule, ballots)
    ranks = ballots.voices[ballots.speaking]
    above = np.asarray((ranks[:, :, None] < ranks[:, None, :]).all(axis=0))
    for loser in sorted(choice.winners) if len(ranks) else ():
        better = np.flatnonzero(above[:, loser])
        if len(better):
            a, b = ballots.actions[better[0]], ballots.actions[loser]
            return Finding(
                "unanimity",
                False,
                f"{b} can win, although every part puts {a} above it",
                {"chosen": b, "better": a},
            )
    return Finding("unanimity", True, "nothing wins that all find worse than another option")


def contraction_consistency(rule: RuleLike, ballots: Ballots) -> Finding:
    """Whether the choice stays when an option that was not chosen is taken away.

    The same parts on a smaller menu; this is not Arrow's independence, which compares profiles.

    Returns
    -------
    Finding
        Fails with the option whose removal changes the winners, and what wins then.

    References
    ----------
    [sen1970]_, property alpha.

    Examples
    --------
    >>> ballots = Ballots.from_orders({"a > b > c": 4, "b > a > c": 3, "c > b > a": 2})
    >>> contraction_consistency("plurality", ballots).words
    'without c, which does not win, the winner is b instead of a'
    """
    choice = choose(rule, ballots)
    if choice.dist is None:
        return Finding(
            "contraction_consistency", None, f"the rule makes no choice: {choice.status}"
        )
    k = len(ballots.actions)
    for gone in range(k):
        if gone in choice.winners or k < 2:
            continue
        left = [a for a in range(k) if a != gone]
        after = choose(rule, ballots.on(left))
        if after.winner_names != choice.winner_names:
            now = " or ".join(after.winner_names) or str(after.status)
            was = " or ".join(choice.winner_names)
            return Finding(
                "contraction_consistency",
                False,
                f"without {ballots.actions[gone]}, which does not win, "
                f"the winner is {now} instead of {was}",
                {"removed": ballots.actions[gone], "winners": after.winner_names},
            )
    return Finding("contraction_consistency", True, "no losing option matters for who wins")


def deciders(rule: RuleLike, ballots: Ballots, *, draws: int = 50, seed: int = 0) -> Finding:
    """Parts that get what they put first, whatever the others report: a dictator in fact.

    For each part, all others report together each order of up to six options (of more: each order
    that puts one option first and one last), and after that ``draws`` profiles at random.

    Returns
    -------
    Finding
        Holds if no part decides alone; fails with those for which no report of the others that was
        tried changes anything, with the number tried.

    Examples
    --------
    >>> ballots = Ballots.from_orders({"a > b": 3, "b > a": 2})
    >>> deciders("plurality", ballots).words
    'part 1 decides alone (52 reports of the others tried)'
    """
    n, k = ballots.ranks.shape
    orders = list(candidate_orders(k))
    random = np.random.default_rng(seed)
    profiles = [np.tile(order, (n, 1)) for order in orders]
    profiles += [random.random((n, k)).argsort(axis=1) for _ in range(draws)]
    alone = []
    for i in range(n):
        top = set(np.flatnonzero(ballots.tops[i]).tolist())
        if top and all(
            choice.winners and choice.winners <= top
            for choice in (choose(rule, _others(ballots, i, profile, rule)) for profile in profiles)
        ):
            alone.append(ballots.parts[i])
    if not alone:
        return Finding("deciders", True, "no part decides alone")
    return Finding(
        "deciders",
        False,
        f"{' and '.join(alone)} decides alone ({len(profiles)} reports of the others tried)",
        {"parts": tuple(alone), "tried": len(profiles)},
    )


def candidate_orders(k: int) -> Sequence[tuple[int, ...]]:
    """All orders of up to six options; of more, those that move one to the top and one to the end.

    Examples
    --------
    >>> len(candidate_orders(3)), len(candidate_orders(7))
    (6, 42)
    """
    if k <= 6:
        return list(permutations(range(k)))
    return [(a, *(c for c in range(k) if c not in (a, b)), b) for a, b in permutations(range(k), 2)]


def reporting(ballots: Ballots, part: int, order: Sequence[int]) -> Ballots:
    """Ballots if one part reports another order; its utilities then change places with it.

    Examples
    --------
    >>> lied = reporting(Ballots.from_utilities("abc", [[1, 0.2, 0]]), 0, [1, 0, 2])
    >>> lied.ranks.tolist(), lied.utilities.tolist()
    ([[2.0, 1.0, 3.0]], [[0.2, 1.0, 0.0]])
    """
    ranks, utilities = ballots.ranks.copy(), ballots.utilities.copy()
    ranks[part, list(order)] = np.arange(1, len(order) + 1)
    utilities[part, list(order)] = -np.sort(-ballots.utilities[part])
    return replace(ballots, ranks=ranks, utilities=utilities)


def _others(ballots: Ballots, part: int, profile: npt.NDArray[np.int64], rule: RuleLike) -> Ballots:
    """Ballots if every other part reports the order in its row."""
    k = ballots.ranks.shape[1]
    ranks = np.empty_like(ballots.ranks)
    np.put_along_axis(ranks, profile, np.arange(1.0, k + 1)[None, :], axis=1)
    utilities = np.where(np.isnan(ballots.utilities), np.nan, (k - ranks) / max(k - 1, 1))
    if find(rule)[0].needs != "ordinal":  # on the scale that the part's own utilities have
        low, high = ballots.utilities.min(), ballots.utilities.max()
        utilities = low + utilities * (high - low)
    ranks[part], utilities[part] = ballots.ranks[part], ballots.utilities[part]
    return replace(ballots, ranks=ranks, utilities=utilities)


def _cycle(won: npt.NDArray[np.bool_], among: Sequence[int]) -> list[int]:
    """Return a shortest cycle of majorities among some options; empty if there is none."""
    best: list[int] = []
    for start in among:
        before: dict[int, int] = {}
        frontier = [start]
        while frontier and start not in before:
            reached = []
            for a in frontier:
                for b in among:
                    if won[a, b] and b not in before:
                        before[b] = a
                        reached.append(b)
            frontier = reached
        if start in before:
            path = [start]
            while before[path[-1]] != start:
                path.append(before[path[-1]])
            path = [start, *reversed(path[1:])]
            if not best or len(path) < len(best):
                best = path
    return best
