"""One part decides: a dictator, a part drawn by standing, a part whose turn it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.errors import nearest
from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice, Status
from dissensus.system.rules.catalogue import RuleError, rule

__all__ = ["dictator", "random_dictator", "turn_taking"]

Floats = npt.NDArray[np.float64]


@rule(
    name="dictator",
    label="Dictator",
    needs="ordinal",
    reference="arrow1951",
    argument="the name of a part",
    claims=("unmanipulable",),
)
def dictator(ballots: Ballots, part: str) -> Choice:
    """Whatever one part puts first, whatever the others want.

    Returns
    -------
    Choice
        ``OK`` with that part's best option, ``TIE`` between its best options, ``EMPTY`` if it
        ranks nothing.

    Raises
    ------
    RuleError
        No part has that name.

    References
    ----------
    [arrow1951]_; strategy-proof: [gibbard1973]_.

    Examples
    --------
    >>> ballots = Ballots.from_orders({"a > b": 1, "b > a": 9})
    >>> dictator(ballots, "part 1")
    Choice: OK, 'a'
    """
    if part not in ballots.parts:
        raise RuleError(
            f"dictator {part!r}",
            "the name of a part",
            nearest(part, ballots.parts),
            part=part,
        )
    return _of(ballots, ballots.parts.index(part), "is dictator")


@rule(
    name="random-dictator",
    label="Random dictator",
    needs="ordinal",
    reference="gibbard1977",
    lotteries=True,
    claims=("unmanipulable",),
)
def random_dictator(ballots: Ballots) -> Choice:
    r"""A part drawn with chances proportional to standing decides.

    .. math:: \pi(a) = \sum_i \frac{w_i}{\sum_j w_j} \,
        \frac{[a \in \mathrm{top}_i]}{|\mathrm{top}_i|}

    over the parts that rank something; :math:`\mathrm{top}_i` are part i's best options.

    Returns
    -------
    Choice
        A lottery; one option has chance 1 only if all put it first.

    References
    ----------
    [gibbard1977]_

    Examples
    --------
    >>> random_dictator(Ballots.from_orders({"a > b": 1, "b > a": 3}))
    Choice: OK, lottery of 'a' 0.25, 'b' 0.75
    """
    return _drawn(ballots, ballots.tops)


@rule(
    name="turn-taking",
    label="Taking turns",
    needs="ordinal",
    reference="luce1959",
    lotteries=True,
)
def turn_taking(ballots: Ballots) -> Choice:
    r"""The part whose turn it is decides; without a stated turn each has it as often as it stands.

    .. math:: \pi(a) = \sum_i \frac{w_i}{\sum_j w_j} \, p_i(a), \qquad
        p_i(a) \propto e^{\beta_i u_i(a)}

    for parts with a ``rationality`` :math:`\beta_i`; the others pick their best.

    Returns
    -------
    Choice
        A lottery over options; with ``Frame(turn=...)``, what that part does in its turn.

    Raises
    ------
    RuleError
        A part has a rationality, but gives no utilities to be rational about.

    References
    ----------
    Luce's rule for the part in charge: [luce1959]_.

    Examples
    --------
    >>> from dataclasses import replace
    >>> two = Ballots.from_utilities(["a", "b"], [[1, 0], [0, 1]], standing=[0.6, 0.4])
    >>> turn_taking(two)
    Choice: OK, lottery of 'a' 0.6, 'b' 0.4
    >>> soft = turn_taking(replace(two, rationality=np.array([2.0, 2.0])))
    >>> round(float(soft.dist[0]), 6)
    0.576159
    """
    chances = ballots.tops.copy()
    soft = ~np.isnan(ballots.rationality)
    silent = soft & np.isnan(ballots.utilities).any(axis=1)
    if silent.any():
        part = ballots.parts[int(np.flatnonzero(silent)[0])]
        raise RuleError(
            f"part {part!r} has a rationality and no utilities",
            "utilities, which rationality is about",
            "give it utilities, or leave its rationality out",
            part=part,
        )
    if soft.any():
        chances[soft] = luce(ballots.utilities[soft], ballots.rationality[soft, None])
    if ballots.frame.turn is None:
        return _drawn(ballots, chances)
    i = ballots.parts.index(ballots.frame.turn)
    if not soft[i]:
        return _of(ballots, i, "has the turn")
    step = f"{ballots.parts[i]} has the turn, with rationality {ballots.rationality[i]:g}"
    return Choice.lottery(ballots.actions, chances[i], [step], in_charge=ballots.parts[i])


def luce(utilities: Floats, sharpness: npt.ArrayLike) -> Floats:
    r"""Chances proportional to :math:`e^{\beta u}` along the last axis.

    Examples
    --------
    >>> luce(np.array([0.0, np.log(3.0)]), 1.0).round(12).tolist()
    [0.25, 0.75]
    """
    heat = np.asarray(sharpness, dtype=np.float64) * utilities
    weight = np.exp(heat - heat.max(axis=-1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


def _of(ballots: Ballots, i: int, why: str) -> Choice:
    part = ballots.parts[i]
    best = np.flatnonzero(ballots.tops[i])
    if not len(best):
        step = f"{part} {why} and ranks nothing"
        return Choice.none(ballots.actions, Status.EMPTY, [step], in_charge=part)
    names = ", ".join(ballots.actions[a] for a in best)
    return Choice.among(ballots.actions, best, [f"{part} {why}; its best: {names}"], in_charge=part)


def _drawn(ballots: Ballots, chances: Floats) -> Choice:
    saying = ballots.speaking | (chances.sum(axis=1) > 0)
    weight = np.where(saying, ballots.standing, 0.0)
    weight = weight / weight.sum()
    steps = [
        f"{part} decides with chance {w:.4g}: "
        + ", ".join(f"{ballots.actions[a]} {row[a]:.4g}" for a in np.flatnonzero(row))
        for part, w, row in zip(ballots.parts, weight, chances, strict=True)
        if w > 0
    ]
    return Choice.lottery(ballots.actions, weight @ chances, steps, weight=weight)
