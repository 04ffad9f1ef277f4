"""Counting first places: plurality, runoff, instant runoff."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots, top_votes
from dissensus.system.choice import Choice
from dissensus.system.conventions import EQUAL, best
from dissensus.system.rules.catalogue import RuleError, rule

__all__ = ["instant_runoff", "plurality", "runoff"]

Floats = npt.NDArray[np.float64]
BRANCHES = 4096
TOLD = 50  # counts that a trace tells; there are more only where ties branch


@rule(name="plurality", label="Plurality", needs="ordinal", reference="brandt2016")
def plurality(ballots: Ballots) -> Choice:
    r"""Most first places win.

    .. math:: \mathrm{score}(a) = \sum_i w_i \, \frac{[a \in \mathrm{top}_i]}{|\mathrm{top}_i|}

    ===================== ======== ============================================================
    symbol                shape    meaning
    ===================== ======== ============================================================
    :math:`w`             ``(n,)`` ``standing``
    :math:`\mathrm{top}`  sets     each part's best options; a part with several splits its vote
    ===================== ======== ============================================================

    Returns
    -------
    Choice
        ``OK`` if one option has the most votes, else ``TIE``.

    References
    ----------
    [brandt2016]_, chapter 2.

    Examples
    --------
    >>> plurality(Ballots.from_orders({"a > b > c": 3, "b > c > a": 2}))
    Choice: OK, 'a'
    """
    votes = ballots.standing @ ballots.tops
    steps = [f"first places: {scored(ballots.actions, votes)}"]
    return Choice.among(ballots.actions, best(votes), steps, votes=votes)


@rule(name="runoff", label="Plurality with runoff", needs="ordinal", reference="brandt2016")
def runoff(ballots: Ballots) -> Choice:
    """The two options with the most first places meet in a second vote.

    Where places in the second vote are tied, every way to fill them is followed, and all that can
    win so do: ``TIE`` unless all ways lead to one winner.

    Returns
    -------
    Choice
        ``OK`` if one option can win, else ``TIE``.

    References
    ----------
    [brandt2016]_, chapter 2.

    Examples
    --------
    >>> runoff(Ballots.from_orders({"a > b > c": 4, "b > c > a": 3, "c > b > a": 2}))
    Choice: OK, 'b'
    """
    votes = ballots.standing @ ballots.tops
    names = ballots.actions
    steps = [f"first places: {scored(names, votes)}"]
    first = best(votes)
    if len(first) > 1 or len(names) == 1:
        pairs = list(combinations(first.tolist(), 2))
    else:
        rest = np.where(np.arange(len(votes)) == first[0], -np.inf, votes)
        pairs = [(int(first[0]), int(second)) for second in best(rest)]
    winners: set[int] = set() if pairs else {int(first[0])}
    for a, b in pairs:
        margin = ballots.margins[a, b]
        if margin > -EQUAL:
            winners.add(a)
        if margin < EQUAL:
            winners.add(b)
        steps.append(
            f"second vote: {names[a]} {ballots.preferring[a, b]:g}, "
            f"{names[b]} {ballots.preferring[b, a]:g}"
        )
    return Choice.among(names, winners, steps, votes=votes)


@rule(name="instant-runoff", label="Instant runoff (IRV)", needs="ordinal", reference="brandt2016")
def instant_runoff(ballots: Ballots) -> Choice:
    """The option with the fewest first places goes out, until one is left.

    Ballots pass to what they rank next; equals share a vote. Where several have the fewest, each
    way to go on is followed, and all that can win so do: ``TIE`` unless all ways lead to one.

    Returns
    -------
    Choice
        ``OK`` if one option can win, else ``TIE``.

    Raises
    ------
    RuleError
        More than 4,096 sets of options can be left, in the ways to break ties.

    References
    ----------
    [brandt2016]_, chapter 2; parallel universes: [conitzer2009]_.

    Examples
    --------
    >>> instant_runoff(Ballots.from_orders({"a > b > c": 4, "b > c > a": 3, "c > b > a": 2}))
    Choice: OK, 'b'
    """
    names, ranks, standing = ballots.actions, ballots.ranks, ballots.standing
    everyone = frozenset(range(len(names)))
    seen, waiting = {everyone}, [everyone]
    winners: set[int] = set()
    steps: list[str] = []
    while waiting:
        left = waiting.pop()
        if len(left) == 1:
            winners |= left
            continue
        kept = sorted(left)
        votes = standing @ top_votes(ranks[:, kept])
        nothing = np.flatnonzero(votes <= EQUAL * votes.max())
        # options without a vote pass none on: they go out together, in every order alike
        outs = (
            [nothing.tolist()] if 0 < len(nothing) < len(kept) else [[int(a)] for a in best(-votes)]
        )
        if len(steps) < TOLD:
            gone = " or ".join(" and ".join(names[kept[a]] for a in out) for out in outs)
            steps.append(f"{scored([names[a] for a in kept], votes)}: out {gone}")
        for out in outs:
            after = left - {kept[a] for a in out}
            if after not in seen:
                seen.add(after)
                waiting.append(after)
        if len(seen) > BRANCHES:
            raise RuleError(
                f"instant runoff with more than {BRANCHES:,} ways to break ties",
                "fewer ties",
                "choose another rule, or give standings that differ",
            )
    steps.append(f"last: {' or '.join(names[a] for a in sorted(winners))}")
    return Choice.among(names, winners, steps)


def scored(names: tuple[str, ...] | list[str], scores: Floats) -> str:
    """Names with their scores, best first.

    Examples
    --------
    >>> scored(["a", "b"], np.array([1.0, 2.5]))
    'b 2.5, a 1'
    """
    order = np.argsort(-scores, kind="stable")
    return ", ".join(f"{names[a]} {scores[a]:.6g}" for a in order)
