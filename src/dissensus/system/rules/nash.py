"""Nash: the largest product of gains, among options and among lotteries."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice, Status
from dissensus.system.conventions import EQUAL, best, gains
from dissensus.system.lotteries import GAP, largest_product
from dissensus.system.rules.catalogue import rule
from dissensus.system.rules.plurality import scored

__all__ = ["acceptable", "nash", "nash_lottery"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@rule(
    name="nash", label="Nash bargaining", needs="range", reference="nash1950", claims=("efficient",)
)
def nash(ballots: Ballots) -> Choice:
    r"""The option with the largest product of gains over disagreement.

    .. math:: \max_a \prod_i (u_i(a) - d_i)^{w_i}

    ========= ========== ====================================================================
    symbol    shape      meaning
    ========= ========== ====================================================================
    :math:`u` ``(n, k)`` ``utilities``
    :math:`d` ``(n,)``   ``disagreement``; each part's own minimum by default
    :math:`w` ``(n,)``   ``standing``
    ========= ========== ====================================================================

    Options below a stated disagreement point for some part do not count. If every option leaves
    some part without a gain, those that give most standing one come first, then the product of
    these gains, each as a share of the part's largest; a part that no option gives a gain is left
    out.

    Returns
    -------
    Choice
        ``OK`` if one option has the largest product, ``TIE`` if several have, ``EMPTY`` if each
        is below the disagreement point for some part.

    References
    ----------
    [nash1950]_; with standing [kalai1977b]_; products of zero [caragiannis2019]_.

    Examples
    --------
    >>> u = [[1, 0, 0, 0.7], [1, 0.1, 0, 0.6], [0, 0, 1, 0.7]]
    >>> choice = nash(Ballots.from_utilities("abcd", u, disagreement=[0, 0, 0]))
    >>> choice
    Choice: OK, 'd'
    >>> choice.trace.numbers["products"].round(3).tolist()
    [0.0, 0.0, 0.0, 0.294]
    """
    g = gains(ballots.utilities, ballots.disagreement)
    names, standing = ballots.actions, ballots.standing
    left = acceptable(g, ballots)
    if not len(left):
        step = "every option is below the disagreement point for some part"
        return Choice.none(names, Status.EMPTY, [step], gains=g)
    gained = g > EQUAL * np.maximum(np.abs(g).max(axis=1, keepdims=True), np.finfo(float).tiny)
    can = gained[:, left].any(axis=1)
    steps = [
        f"left out, since no option gives it a gain: {ballots.parts[i]}"
        for i in np.flatnonzero(~can)
    ]
    heads = standing[can] @ gained[can]
    most = left[best(heads[left])]
    complete = (gained | ~can[:, None]).all(axis=0)
    products = np.where(complete, np.exp(standing @ np.log(np.where(gained, g, 1.0))), 0.0)
    # as shares of the largest gain, so that products over different parts have no unit
    largest = np.where(can, g[:, left].max(axis=1), 1.0)[:, None]
    logs = standing @ np.log(np.where(gained, g / largest, 1.0))
    if not complete[most].any():
        steps.append(
            "no option gives every part a gain; gains for most: "
            + ", ".join(names[a] for a in most)
        )
    steps.append(
        "product of gains, each as a share of the part's largest: "
        + scored([names[a] for a in most], np.exp(logs[most]))
    )
    return Choice.among(names, most[best(logs[most])], steps, products=products, gains=g)


@rule(
    name="nash-lottery",
    label="Nash bargaining over lotteries",
    needs="range",
    reference="nash1950",
    lotteries=True,
    claims=("efficient",),
)
def nash_lottery(ballots: Ballots) -> Choice:
    r"""The lottery with the largest product of expected gains over disagreement.

    .. math:: \max_{\pi \in \Delta} \prod_i (u_i \cdot \pi - d_i)^{w_i}

    Symbols as in `nash`. A part that no lottery can give a gain is left out, and named.

    Returns
    -------
    Choice
        ``OK`` with the lottery, and the duality gap in its trace, at most 1e-9;
        ``NOT_CONVERGED`` with the best found if the gap is larger; ``EMPTY`` if every lottery is
        below the disagreement point for some part.

    References
    ----------
    [nash1950]_; [eisenberg1959]_.

    Examples
    --------
    >>> two = Ballots.from_utilities(["mine", "yours"], [[1, 0], [0, 1]], standing=[3, 1])
    >>> nash_lottery(two)
    Choice: OK, lottery of 'mine' 0.75, 'yours' 0.25
    """
    g = gains(ballots.utilities, ballots.disagreement)
    solved = largest_product(g, ballots.standing)
    if solved.dist is None:
        step = "every lottery is below the disagreement point for some part"
        return Choice.none(ballots.actions, Status.EMPTY, [step], gains=g)
    steps = [
        f"left out, since no lottery gives it a gain: {ballots.parts[i]}"
        for i in np.flatnonzero(~solved.gaining)
    ]
    got = ballots.utilities @ solved.dist
    steps.append(
        "expected utilities: "
        + ", ".join(f"{part} {u:.6g}" for part, u in zip(ballots.parts, got, strict=True))
    )
    steps.append(f"duality gap {solved.gap:.1e}")
    numbers = {"gap": solved.gap, "utilities": got, "gains": g @ solved.dist}
    choice = Choice.lottery(ballots.actions, solved.dist, steps, **numbers)
    if solved.gap <= GAP:
        return choice
    return Choice(choice.actions, choice.dist, choice.winners, Status.NOT_CONVERGED, choice.trace)


def acceptable(gained: Floats, ballots: Ballots) -> Codes:
    """Options that no part finds worse than disagreement."""
    if ballots.disagreement is None:
        return np.arange(gained.shape[1])
    size = np.maximum(np.abs(ballots.utilities).max(axis=1, keepdims=True), 1e-300)
    return np.flatnonzero((gained >= -EQUAL * size).all(axis=0))
