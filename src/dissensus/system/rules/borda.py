"""Borda: places count."""

from __future__ import annotations

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice
from dissensus.system.conventions import best
from dissensus.system.rules.catalogue import rule
from dissensus.system.rules.plurality import scored

__all__ = ["borda"]


@rule(name="borda", label="Borda", needs="ordinal", reference="borda1781")
def borda(ballots: Ballots) -> Choice:
    r"""Most points win: one for each option put below, half of one for each equal.

    .. math:: \mathrm{score}(a) = \sum_i w_i \sum_{b \ne a} \left([a \succ_i b] +
        \tfrac{1}{2} [a \sim_i b]\right) = \tfrac{1}{2} \sum_{b \ne a} \left(W + m_{ab}\right)

    ============== ========== ==================================================================
    symbol         shape      meaning
    ============== ========== ==================================================================
    :math:`w`      ``(n,)``   ``standing``; :math:`W` its sum over the parts that rank something
    :math:`m`      ``(k, k)`` ``margins``: standing for a over b, minus the reverse
    ============== ========== ==================================================================

    Equal options get their mean rank. A pair that a part says nothing about counts half a point
    each way, like an equal.

    Returns
    -------
    Choice
        ``OK`` if one option has the most points, else ``TIE``.

    References
    ----------
    [borda1781]_; weak and partial orders by margins: [young1974]_.

    Examples
    --------
    Three voters a > b > c and two b > c > a: 2·3 points for a, 3 + 2·2 for b, 2 for c.

    >>> ballots = Ballots.from_orders({"a > b > c": 3, "b > c > a": 2})
    >>> borda(ballots).trace.numbers["points"].tolist()
    [6.0, 7.0, 2.0]
    """
    total = ballots.standing[ballots.speaking].sum()
    points = (total * (len(ballots.actions) - 1) + ballots.margins.sum(axis=1)) / 2
    steps = [f"points: {scored(ballots.actions, points)}"]
    return Choice.among(ballots.actions, best(points), steps, points=points)
