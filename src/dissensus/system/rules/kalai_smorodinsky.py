"""Kalai-Smorodinsky: equal shares of what each could hope for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice, Status
from dissensus.system.conventions import EQUAL, gains
from dissensus.system.lotteries import best_worst_off, solve
from dissensus.system.rules.catalogue import rule
from dissensus.system.rules.egalitarian import leximin_best
from dissensus.system.rules.nash import acceptable
from dissensus.system.rules.plurality import scored

__all__ = ["kalai_smorodinsky", "kalai_smorodinsky_lottery"]

Floats = npt.NDArray[np.float64]
NO_GAIN = 1e-7  # of a part's largest gain: what a linear programme may err by


@rule(
    name="kalai-smorodinsky",
    label="Kalai-Smorodinsky",
    needs="range",
    reference="kalai1975",
    claims=("efficient",),
)
def kalai_smorodinsky(ballots: Ballots) -> Choice:
    r"""The option with the largest least share of each part's ideal gain; then the next share.

    .. math:: \max_a \min_i \frac{u_i(a) - d_i}{\bar u_i - d_i} \quad \text{then leximin}, \qquad
        \bar u_i = \max_{a: \, u(a) \ge d} u_i(a)

    ========= ========== ====================================================================
    symbol    shape      meaning
    ========= ========== ====================================================================
    :math:`u` ``(n, k)`` ``utilities``
    :math:`d` ``(n,)``   ``disagreement``; each part's own minimum by default
    ========= ========== ====================================================================

    Standing does not count. A part that no option gives a gain is left out.

    Returns
    -------
    Choice
        ``OK`` if one option is best, else ``TIE``; ``EMPTY`` if each option is below the
        disagreement point for some part.

    References
    ----------
    [kalai1975]_; beyond two parts lexicographic [imai1983]_.

    Examples
    --------
    >>> kalai_smorodinsky(Ballots.from_utilities("abcd", [[9, 0, 6, 0], [0, 5, 4, 0]]))
    Choice: OK, 'c'
    """
    g = gains(ballots.utilities, ballots.disagreement)
    names = ballots.actions
    left = acceptable(g, ballots)
    if not len(left):
        step = "every option is below the disagreement point for some part"
        return Choice.none(names, Status.EMPTY, [step], gains=g)
    ideal = g[:, left].max(axis=1)
    can = ideal > EQUAL * np.abs(g).max(axis=1)
    steps = _left_out(ballots, can)
    if not can.any():
        return Choice.among(names, left, [*steps, "no part can gain"], ideal=ideal)
    shares = g[can] / ideal[can, None]
    least = shares[:, left].min(axis=0)
    steps.append(f"least share of the ideal gain: {scored([names[a] for a in left], least)}")
    winners = left[leximin_best(shares[:, left])]
    return Choice.among(names, winners, steps, shares=shares, ideal=ideal)


@rule(
    name="kalai-smorodinsky-lottery",
    label="Kalai-Smorodinsky over lotteries",
    needs="range",
    reference="kalai1975",
    lotteries=True,
    claims=("efficient",),
)
def kalai_smorodinsky_lottery(ballots: Ballots) -> Choice:
    r"""The lottery that gives all parts the same, largest share of their ideal gains.

    .. math:: \max_{\pi \in \Delta} \min_i \frac{u_i \cdot \pi - d_i}{\bar u_i - d_i}
        \quad \text{then leximin}

    Beyond two parts equal shares may waste gains of some: leximin goes on until none is left. Of
    several lotteries that give every part the same, the one closest to even is named.

    Returns
    -------
    Choice
        ``OK`` with the lottery; ``EMPTY`` if every lottery is below the disagreement point for
        some part.

    References
    ----------
    [kalai1975]_; beyond two parts lexicographic [imai1983]_.

    Examples
    --------
    >>> choice = kalai_smorodinsky_lottery(
    ...     Ballots.from_utilities("abcd", [[9, 0, 6, 0], [0, 5, 4, 0]]))
    >>> choice.trace.numbers["utilities"].round(4).tolist()
    [6.3529, 3.5294]
    """
    g = gains(ballots.utilities, ballots.disagreement)
    names = ballots.actions
    ideal = _ideal(g)
    if ideal is None:
        step = "every lottery is below the disagreement point for some part"
        return Choice.none(names, Status.EMPTY, [step], gains=g)
    can = ideal > NO_GAIN * np.abs(g).max(axis=1)
    steps = _left_out(ballots, can)
    shares = g[can] / ideal[can, None]
    harmless = g if (g < 0).any() else None
    if can.any():
        dist = best_worst_off(shares, harmless)
        steps.append(f"least share of the ideal gain: {(shares @ dist).min():.6g}")
    elif harmless is None:
        dist = np.full(len(names), 1 / len(names))
        steps.append("no part can gain")
    else:
        dist = best_worst_off(g, harmless)
        steps.append("no part can gain")
    got = ballots.utilities @ dist
    return Choice.lottery(names, dist, steps, utilities=got, ideal=ideal)


def _ideal(g: Floats) -> Floats | None:
    """Largest gain of each part among lotteries that harm nobody; None if there is none."""
    if (g >= 0).all():
        return np.asarray(g.max(axis=1))
    worst = best_worst_off(g)
    size = np.maximum(np.abs(g).max(axis=1), 1e-300)
    if ((g @ worst) < -EQUAL * size).any():
        return None
    slack = EQUAL * size
    one = np.ones((1, g.shape[1]))
    return np.array([-solve(-row, -g, slack, equal=one).fun for row in g])


def _left_out(ballots: Ballots, can: npt.NDArray[np.bool_]) -> list[str]:
    return [
        f"left out, since nothing gives it a gain: {ballots.parts[i]}" for i in np.flatnonzero(~can)
    ]
