"""Egalitarian: best for the worst off, then for the next, among options and among lotteries."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.system.ballots import Ballots
from dissensus.system.choice import Choice
from dissensus.system.conventions import EQUAL, best
from dissensus.system.lotteries import best_worst_off
from dissensus.system.rules.catalogue import rule, scaled
from dissensus.system.rules.plurality import scored

__all__ = ["egalitarian", "egalitarian_lottery", "leximin_best"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@rule(
    name="egalitarian",
    label="Egalitarian (leximin)",
    needs="full",
    reference="sen1970",
    scale="range unless full",
    claims=("efficient",),
)
def egalitarian(ballots: Ballots) -> Choice:
    r"""The option whose worst-off part is best off; among equals the next worst off, and so on.

    .. math:: \max_a \min_i v_i(a) \quad \text{then leximin}

    ========= ========== ====================================================================
    symbol    shape      meaning
    ========= ========== ====================================================================
    :math:`v` ``(n, k)`` utilities as given, under full comparability, less ``disagreement`` if
                         one is stated; otherwise on each part's own range, 0 its worst, 1 its
                         best option
    ========= ========== ====================================================================

    Standing does not count: the worst off is whoever it is. On own ranges a part that is
    indifferent between all options is left out.

    Returns
    -------
    Choice
        ``OK`` if one option is best, ``TIE`` if several give the same in every place.

    References
    ----------
    [sen1970]_, [kalai1977]_.

    Examples
    --------
    >>> u = [[1, 0.9, 0.5, 0], [0.2, 0.9, 0.5, 0.6], [0.1, 0.4, 1, 0.8]]
    >>> names = ["refuse", "bland", "spicy", "illegal"]
    >>> egalitarian(Ballots.from_utilities(names, u, comparability="full"))
    Choice: OK, 'spicy'
    >>> egalitarian(Ballots.from_utilities(names, u)).trace.numbers["worst"].round(3).tolist()
    [0.0, 0.333, 0.429, 0.0]
    """
    values, how = _compared(egalitarian, ballots)
    worst = values.min(axis=0)
    steps = [f"worst off{how}: {scored(ballots.actions, worst)}"]
    winners = leximin_best(values)
    first = best(worst)
    if len(winners) < len(first):
        steps.append("next worst off decides: " + ", ".join(ballots.actions[a] for a in winners))
    return Choice.among(ballots.actions, winners, steps, worst=worst)


@rule(
    name="egalitarian-lottery",
    label="Egalitarian (leximin) over lotteries",
    needs="full",
    reference="kalai1977",
    lotteries=True,
    scale="range unless full",
    claims=("efficient",),
)
def egalitarian_lottery(ballots: Ballots) -> Choice:
    r"""The lottery whose worst-off part expects most; then the next worst off, and so on.

    .. math:: \max_{\pi \in \Delta} \min_i v_i \cdot \pi \quad \text{then leximin}

    Values as in `egalitarian`. Of several lotteries that give every part the same, the one closest
    to even is named.

    Returns
    -------
    Choice
        ``OK`` with the lottery.

    References
    ----------
    [kalai1977]_

    Examples
    --------
    Between (0, 5) and (6, 4) lies the point where both get 30/7:

    >>> u = [[9, 0, 6, 0], [0, 5, 4, 0]]
    >>> choice = egalitarian_lottery(Ballots.from_utilities("abcd", u, comparability="full"))
    >>> choice.trace.numbers["values"].round(6).tolist()
    [4.285714, 4.285714]
    """
    values, how = _compared(egalitarian_lottery, ballots)
    dist = best_worst_off(values)
    got = values @ dist
    steps = [f"worst off{how}: {got.min():.6g}"]
    return Choice.lottery(ballots.actions, dist, steps, values=got)


def leximin_best(values: Floats) -> Codes:
    """Columns whose sorted entries are lexicographically largest.

    Examples
    --------
    >>> leximin_best(np.array([[0.0, 1.0, 2.0], [5.0, 3.0, 1.0]])).tolist()
    [1]
    """
    ordered = np.sort(values, axis=0)
    left = np.arange(values.shape[1])
    for row in ordered:
        left = left[best(row[left])]
    return left


def _compared(function: object, ballots: Ballots) -> tuple[Floats, str]:
    """Values by which places are compared, and words for them."""
    values, how = scaled(function, ballots)  # type: ignore[arg-type]
    d = ballots.disagreement
    if how:
        span = np.ptp(ballots.utilities, axis=1)
        real = values.max(axis=1) > EQUAL
        if d is not None and real.any():
            low = ballots.utilities.min(axis=1)
            values = values - ((d - low) / np.where(span > 0, span, 1.0))[:, None]
        return (values[real], how) if real.any() else (values, how)
    return (values, "") if d is None else (values - d[:, None], " above disagreement")
