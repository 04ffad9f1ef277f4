"""Marks: approval and score."""

from __future__ import annotations

import numpy as np

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice
from dissensus.system.conventions import as_good_as, best
from dissensus.system.rules.catalogue import rule, scaled
from dissensus.system.rules.plurality import scored

__all__ = ["approval", "score"]


@rule(name="approval", label="Approval", needs="range", reference="brams1978")
def approval(ballots: Ballots) -> Choice:
    r"""Most parts that find it good enough win.

    .. math:: \mathrm{score}(a) = \sum_i w_i \, [u_i(a) \ge d_i]

    ========= ========== ====================================================================
    symbol    shape      meaning
    ========= ========== ====================================================================
    :math:`w` ``(n,)``   ``standing``
    :math:`d` ``(n,)``   ``aspiration`` where a part names one, else the mean of its utilities
    ========= ========== ====================================================================

    Returns
    -------
    Choice
        ``OK`` if one option has the most approval, else ``TIE``.

    References
    ----------
    [brams1978]_

    Examples
    --------
    >>> ballots = Ballots.from_utilities("abc", [[1, 0.9, 0], [0, 0.9, 1]])
    >>> approval(ballots)
    Choice: OK, 'b'
    """
    mean = ballots.utilities.mean(axis=1)
    bar = np.where(np.isnan(ballots.aspiration), mean, ballots.aspiration)
    approves = as_good_as(ballots.utilities, bar[:, None])
    votes = ballots.standing @ approves
    steps = [f"approved by standing: {scored(ballots.actions, votes)}"]
    return Choice.among(ballots.actions, best(votes), steps, votes=votes, approves=approves)


@rule(
    name="score", label="Score (range voting)", needs="unit", reference="smith2000", scale="range"
)
def score(ballots: Ballots) -> Choice:
    r"""The largest sum of marks, each part's worst option at 0 and its best at 1.

    .. math:: \max_a \sum_i w_i \frac{u_i(a) - \min u_i}{\max u_i - \min u_i}

    Returns
    -------
    Choice
        ``OK`` if one option has the largest sum, else ``TIE``.

    References
    ----------
    [smith2000]_; as relative utilitarianism [dhillon1999]_.

    Examples
    --------
    >>> score(Ballots.from_utilities("abc", [[10, 6, 0], [0, 0.7, 1]]))
    Choice: OK, 'b'
    """
    utilities, how = scaled(score, ballots)
    marks = ballots.standing @ utilities
    steps = [f"sum of marks{how}: {scored(ballots.actions, marks)}"]
    return Choice.among(ballots.actions, best(marks), steps, marks=marks)
