"""Manipulability: which part gains by reporting something other than what it wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots
from dissensus.system.checks import Finding, RuleLike, candidate_orders, reporting
from dissensus.system.choice import Choice
from dissensus.system.conventions import EQUAL
from dissensus.system.rules.catalogue import choose, find

__all__ = ["manipulability", "prefers"]

Floats = npt.NDArray[np.float64]


def manipulability(
    rule: RuleLike, ballots: Ballots, *, parts: Iterable[int] | None = None
) -> Finding:
    """Whether some part gets more by misreporting, if the others report what they want.

    Tried are all strict orders of up to six options (of more: those that move one to the top and
    one to the end), with the part's own utilities in that order; for rules that read utilities
    also all reports of 1 for some options and 0 for the others. A part that gives utilities gains
    if its expected utility rises; one that gives only an order, if the chance of something at
    least as good rises at some level and falls at none. Ties count as even lotteries.

    Parameters
    ----------
    rule : str or function
    ballots : Ballots
    parts : iterable of int, optional
        Parts that may misreport: those that are agents. All by default.

    Returns
    -------
    Finding
        Fails with each part that gains, its misreport and what it gets; the first stands in the
        words. It holds for the misreports tried, whose number is in the witness.

    References
    ----------
    [gibbard1973]_, [satterthwaite1975]_: for every rule but dictatorship some profile is
    manipulable; here it is asked of this one.

    Examples
    --------
    Two voters can turn Borda from a to b by burying a:

    >>> ballots = Ballots.from_orders({"a > b > c": 3, "b > a > c": 2})
    >>> choose("borda", ballots), manipulability("borda", ballots).words
    (Choice: OK, 'a', 'part 2 gets b instead of a by reporting b > c > a')
    """
    honest = choose(rule, ballots)
    reads_numbers = find(rule)[0].needs != "ordinal"
    asked = range(len(ballots.parts)) if parts is None else parts
    found = []
    tried = 0
    for i in asked:
        if not ballots.speaking[i]:
            continue
        for words, lied in _lies(ballots, i, numbers=reads_numbers):
            tried += 1
            after = choose(rule, lied)
            if prefers(ballots, i, after, honest):
                found.append(
                    {
                        "part": ballots.parts[i],
                        "report": words,
                        "winners": after.winner_names,
                        "instead_of": honest.winner_names,
                    }
                )
                break
    if not found:
        words = f"no part gains by misreporting ({tried} misreports tried)"
        return Finding("manipulability", True, words, {"tried": tried})
    first = found[0]
    words = (
        f"{first['part']} gets {_said(first['winners'])} instead of "
        f"{_said(first['instead_of'])} by reporting {first['report']}"
    )
    return Finding("manipulability", False, words, {"tried": tried, "misreports": tuple(found)})


def prefers(ballots: Ballots, part: int, new: Choice, old: Choice) -> bool:
    """Whether a part strictly prefers one choice to another, by what it says that it wants.

    Examples
    --------
    >>> ballots = Ballots.from_orders({"a > b > c": 1})
    >>> prefers(ballots, 0, Choice.among("abc", [0, 1]), Choice.among("abc", [1]))
    True
    >>> prefers(ballots, 0, Choice.among("abc", [0, 2]), Choice.among("abc", [1]))
    False
    """
    if new.dist is None or old.dist is None:
        return False
    utilities = ballots.utilities[part]
    if not np.isnan(utilities).any():
        rounding = 8 * np.finfo(np.float64).eps * float(np.abs(utilities).max())
        bar = EQUAL * float(np.ptp(utilities)) + rounding
        return bool(utilities @ (new.dist - old.dist) > bar)
    ranks = np.where(np.isnan(ballots.voices[part]), np.inf, ballots.voices[part])
    more = np.array([(new.dist - old.dist)[ranks <= level].sum() for level in np.unique(ranks)])
    return bool((more >= -EQUAL).all() and (more > EQUAL).any())


def _lies(ballots: Ballots, part: int, *, numbers: bool) -> Iterator[tuple[str, Ballots]]:
    names = ballots.actions
    k = len(names)
    for order in candidate_orders(k):
        lied = reporting(ballots, part, order)
        if (lied.ranks[part] != ballots.ranks[part]).any():
            yield " > ".join(names[a] for a in order), lied
    if not numbers or k > 6:
        return
    low, high = ballots.utilities[part].min(), ballots.utilities[part].max()
    for size in range(1, k):
        for liked in combinations(range(k), size):
            yield (
                f"only {_said([names[a] for a in liked])}",
                _marking(ballots, part, liked, low, high),
            )


def _marking(ballots: Ballots, part: int, liked: Sequence[int], low: float, high: float) -> Ballots:
    ranks, utilities = ballots.ranks.copy(), ballots.utilities.copy()
    ranks[part], utilities[part] = 2.0, low
    ranks[part, list(liked)], utilities[part, list(liked)] = 1.0, high
    return replace(ballots, ranks=ranks, utilities=utilities)


def _said(names: Sequence[str]) -> str:
    return " or ".join(names) or "nothing"
