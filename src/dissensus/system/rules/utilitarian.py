"""Sums of utilities: utilitarian, softmax, and the utilitarian under vetoes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice, Status
from dissensus.system.conventions import as_good_as, best
from dissensus.system.rules.catalogue import RuleError, rule, scaled
from dissensus.system.rules.in_charge import luce
from dissensus.system.rules.plurality import scored

__all__ = ["softmax", "utilitarian", "veto"]

Floats = npt.NDArray[np.float64]


@rule(
    name="utilitarian",
    label="Utilitarian",
    needs="unit",
    reference="harsanyi1955",
    scale="raw",
    claims=("efficient",),
)
def utilitarian(ballots: Ballots) -> Choice:
    r"""The largest sum of utilities, weighted by standing.

    .. math:: \max_a \sum_i w_i u_i(a)

    ========= ========== ====================================================================
    symbol    shape      meaning
    ========= ========== ====================================================================
    :math:`w` ``(n,)``   ``standing``
    :math:`u` ``(n, k)`` ``utilities``; on each part's own range under the convention
                         ``scale = "range"`` (relative utilitarianism)
    ========= ========== ====================================================================

    Returns
    -------
    Choice
        ``OK`` if one option has the largest sum, else ``TIE``.

    References
    ----------
    [harsanyi1955]_; on own ranges [dhillon1999]_.

    Examples
    --------
    >>> u = [[0.8, 0.2, 0.6], [0.2, 0.8, 0.6]]
    >>> utilitarian(Ballots.from_utilities("abc", u, comparability="unit"))
    Choice: OK, 'c'
    >>> tilted = Ballots.from_utilities("abc", u, standing=[0.9, 0.1], comparability="unit")
    >>> utilitarian(tilted).trace.numbers["sums"].round(12).tolist()
    [0.74, 0.26, 0.6]
    """
    utilities, how = scaled(utilitarian, ballots)
    sums = ballots.standing @ utilities
    steps = [f"sum of utilities{how}: {scored(ballots.actions, sums)}"]
    return Choice.among(ballots.actions, best(sums), steps, sums=sums)


@rule(
    name="softmax",
    label="Softmax of the sum of utilities",
    needs="unit",
    reference="luce1959",
    lotteries=True,
    scale="raw",
    argument="a sharpness in 1/util",
    default="1",
)
def softmax(ballots: Ballots, sharpness: str) -> Choice:
    r"""Options by chance, the more likely the larger their mean utility.

    .. math:: \pi(a) \propto \exp\Big(\beta \sum_i \frac{w_i}{\sum_j w_j} u_i(a)\Big)

    Returns
    -------
    Choice
        A lottery over all options: uniform at :math:`\beta = 0`, the utilitarian's as it grows.

    Raises
    ------
    RuleError
        The sharpness is not a number of at least 0.

    References
    ----------
    [luce1959]_

    Examples
    --------
    >>> ballots = Ballots.from_utilities(["a", "b"], [[0, np.log(3)]], comparability="unit")
    >>> softmax(ballots, "1")
    Choice: OK, lottery of 'a' 0.25, 'b' 0.75
    """
    try:
        beta = float(sharpness)
    except ValueError:
        beta = np.nan
    if not (np.isfinite(beta) and beta >= 0):
        raise RuleError(
            f"softmax with sharpness {sharpness!r}", "a number of at least 0", "write softmax:1"
        )
    utilities, how = scaled(softmax, ballots)
    mean = ballots.shares @ utilities
    step = f"mean utilities{how}: {scored(ballots.actions, mean)}; sharpness {beta:g}"
    return Choice.lottery(ballots.actions, luce(mean, beta), [step], mean=mean)


@rule(
    name="veto",
    label="Utilitarian under vetoes",
    needs="unit",
    reference="simon1955",
    scale="raw",
)
def veto(ballots: Ballots) -> Choice:
    r"""Parts that name an aspiration strike what falls short of it; the others add up utilities.

    .. math:: \max_{a \in A} \sum_{i \notin V} w_i u_i(a), \qquad
        A = \{a : u_i(a) \ge d_i \text{ for all } i \in V\}

    ========= ========== =====================================================================
    symbol    shape      meaning
    ========= ========== =====================================================================
    :math:`V` parts      those with an ``aspiration`` :math:`d_i`
    :math:`w` ``(n,)``   ``standing``
    :math:`u` ``(n, k)`` ``utilities``
    ========= ========== =====================================================================

    Returns
    -------
    Choice
        ``EMPTY`` if every option is struck; all that are left tie if every part has a veto.

    References
    ----------
    Satisficing: [simon1955]_. The rule is ours.

    Examples
    --------
    >>> from dataclasses import replace
    >>> u = [[1, 0.9, 0.5, 0], [0.1, 0.4, 1, 0.8]]
    >>> names = ["refuse", "bland", "spicy", "illegal"]
    >>> ballots = Ballots.from_utilities(names, u, comparability="unit")
    >>> veto(replace(ballots, aspiration=np.array([0.9, np.nan])))
    Choice: OK, 'bland'
    """
    holds = ~np.isnan(ballots.aspiration)
    bar = ballots.aspiration[holds, None]
    left = np.flatnonzero(as_good_as(ballots.utilities[holds], bar).all(axis=0))
    names = ballots.actions
    steps = [
        f"{ballots.parts[i]} strikes what is below {ballots.aspiration[i]:g}: "
        + (", ".join(names[a] for a in np.flatnonzero(short)) or "nothing")
        for i, short in zip(
            np.flatnonzero(holds), ~as_good_as(ballots.utilities[holds], bar), strict=True
        )
    ]
    if not len(left):
        return Choice.none(names, Status.EMPTY, [*steps, "every option is struck"])
    utilities, how = scaled(veto, ballots)
    sums = ballots.standing[~holds] @ utilities[~holds]
    line = scored([names[a] for a in left], sums[left])
    steps.append(f"sum of the others' utilities{how}: {line}")
    return Choice.among(names, left[best(sums[left])], steps, sums=sums)
