"""Majorities, pair by pair: Condorcet, Copeland, maximin."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice, Status
from dissensus.system.conventions import EQUAL, best
from dissensus.system.rules.catalogue import rule
from dissensus.system.rules.plurality import scored

__all__ = ["beats", "condorcet", "copeland", "maximin", "reaches", "smith_set"]

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]


def beats(margins: Floats) -> Truths:
    """Whether the row's option has a majority over the column's, (k, k).

    Margins within `EQUAL` of the largest are no majority.

    Examples
    --------
    >>> beats(np.array([[0.0, 1.0], [-1.0, 0.0]])).tolist()
    [[False, True], [False, False]]
    """
    return np.asarray(margins > EQUAL * max(1.0, float(np.abs(margins).max(initial=0.0))))


def reaches(steps: Truths) -> Truths:
    """Whether a path of steps leads from row to column, (k, k).

    Examples
    --------
    >>> reaches(np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool))[0].tolist()
    [False, True, True]
    """
    path = steps.copy()
    for middle in range(len(path)):
        path |= np.outer(path[:, middle], path[middle])
    return path


def smith_set(margins: Floats) -> frozenset[int]:
    """Smallest set of options each of which beats every option outside it.

    Returns
    -------
    frozenset of int
        One option if it beats all others; all options if a cycle holds them together.

    References
    ----------
    [smith1973]_

    Examples
    --------
    >>> cycle = Ballots.from_orders({"a > b > c": 1, "b > c > a": 1, "c > a > b": 1})
    >>> sorted(smith_set(cycle.margins))
    [0, 1, 2]
    """
    unbeaten_by = ~beats(margins).T  # the row's option is not beaten by the column's
    np.fill_diagonal(unbeaten_by, val=True)
    return frozenset(np.flatnonzero(reaches(unbeaten_by).all(axis=1)).tolist())


@rule(
    name="condorcet",
    label="Condorcet",
    needs="ordinal",
    reference="condorcet1785",
    claims=("condorcet",),
)
def condorcet(ballots: Ballots) -> Choice:
    """The option that no other beats by a majority; none, if majorities go round.

    Returns
    -------
    Choice
        ``OK`` if one option is unbeaten, ``TIE`` if several are, ``CYCLE`` if each is beaten; the
        trace then names the Smith set.

    References
    ----------
    [condorcet1785]_

    Examples
    --------
    >>> condorcet(Ballots.from_orders({"a > b > c": 3, "b > c > a": 2}))
    Choice: OK, 'a'
    >>> condorcet(Ballots.from_orders({"a > b > c": 1, "b > c > a": 1, "c > a > b": 1}))
    Choice: CYCLE
    """
    won = beats(ballots.margins)
    unbeaten = np.flatnonzero(~won.any(axis=0))
    names = ballots.actions
    if len(unbeaten):
        steps = [f"unbeaten: {', '.join(names[a] for a in unbeaten)}"]
        return Choice.among(names, unbeaten, steps, margins=ballots.margins)
    smith = sorted(smith_set(ballots.margins))
    steps = [
        "every option is beaten: " + "; ".join(_duels(ballots, won)),
        f"none outside beats these: {', '.join(names[a] for a in smith)}",
    ]
    return Choice.none(names, Status.CYCLE, steps, margins=ballots.margins, smith_set=smith)


@rule(
    name="copeland",
    label="Copeland",
    needs="ordinal",
    reference="copeland1951",
    claims=("condorcet",),
)
def copeland(ballots: Ballots) -> Choice:
    r"""Most majorities over other options win; a draw counts half.

    .. math:: \mathrm{score}(a) = \sum_{b \ne a} [m_{ab} > 0] + \tfrac{1}{2} [m_{ab} = 0]

    Returns
    -------
    Choice
        ``OK`` if one option has the highest score, else ``TIE``.

    References
    ----------
    [copeland1951]_

    Examples
    --------
    >>> ballots = Ballots.from_orders({"a > b > c": 3, "b > c > a": 2})
    >>> copeland(ballots).trace.numbers["wins"].tolist()
    [2.0, 1.0, 0.0]
    """
    won = beats(ballots.margins)
    wins = won.sum(axis=1) + (~won & ~won.T).sum(axis=1) / 2 - 0.5
    steps = [f"majorities won: {scored(ballots.actions, wins)}"]
    return Choice.among(ballots.actions, best(wins), steps, wins=wins)


@rule(
    name="maximin",
    label="Maximin (Simpson-Kramer)",
    needs="ordinal",
    reference="simpson1969",
    claims=("condorcet",),
)
def maximin(ballots: Ballots) -> Choice:
    r"""The option whose worst margin over another is best.

    .. math:: \max_a \min_{b \ne a} m_{ab}

    Returns
    -------
    Choice
        ``OK`` if one option has the best worst margin, else ``TIE``.

    References
    ----------
    [simpson1969]_

    Examples
    --------
    >>> ballots = Ballots.from_orders({"a > b > c": 4, "b > c > a": 3, "c > a > b": 2})
    >>> maximin(ballots).trace.numbers["worst"].tolist()
    [-1.0, -3.0, -5.0]
    """
    k = len(ballots.actions)
    others = np.where(np.eye(k, dtype=bool), np.inf, ballots.margins)
    worst = others.min(axis=1) if k > 1 else np.zeros(1)
    steps = [f"worst margin: {scored(ballots.actions, worst)}"]
    return Choice.among(ballots.actions, best(worst), steps, worst=worst)


def _duels(ballots: Ballots, won: Truths) -> list[str]:
    names, count = ballots.actions, ballots.preferring
    return [
        f"{names[a]} beats {names[b]} {count[a, b]:g} to {count[b, a]:g}"
        for a, b in np.argwhere(won)
    ]
