"""Conflict of preference orders: in how many pairs of alternatives two of them differ."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["order_conflict"]

Floats = npt.NDArray[np.float64]

# signs of pairs of alternatives that are held at once
_AT_ONCE = 20_000_000


def order_conflict(places: npt.ArrayLike) -> Floats:
    r"""Kendall's distance of every two orders with ties, by the number of pairs of alternatives.

    .. math::

        C_{gh} = \frac{1}{m (m - 1)} \sum_{x < y} |s_g(x, y) - s_h(x, y)|, \qquad
        s_g(x, y) = \operatorname{sign}(r_g(y) - r_g(x))

    ============ ============ ============ ======================================================
    symbol       shape        range        meaning
    ============ ============ ============ ======================================================
    :math:`r`    ``(k, m)``                ``places``: place of each alternative in each order,
                                           the best lowest; equal places are ties
    :math:`m`                 >= 2         alternatives
    ============ ============ ============ ======================================================

    A pair of alternatives that the two orders rank in opposite ways counts 1, one that a single
    order ties counts 1/2. All pairs of orders are two matrix products, since
    :math:`|s - t| = s^2 + t^2 - st - s^2 t^2` for signs.

    Returns
    -------
    numpy.ndarray
        Shape ``(k, k)``, symmetric, a metric: 0 for the same order, 1 for a strict order and its
        reverse, 1/2 between a strict order and a tie of all. 0 throughout if m < 2.

    References
    ----------
    [kendall1938]_; with ties half the distance of [kemeny1959]_, K with p = 1/2 of [fagin2006]_.

    Examples
    --------
    Orders a > b > c, c > b > a and a = b > c:

    >>> order_conflict([[0, 1, 2], [2, 1, 0], [0, 0, 1]]).round(4).tolist()
    [[0.0, 1.0, 0.1667], [1.0, 0.0, 0.8333], [0.1667, 0.8333, 0.0]]
    """
    r = np.asarray(places, dtype=np.float64)
    k, m = r.shape
    first, second = np.triu_indices(m, 1)
    out = np.zeros((k, k))
    step = max(_AT_ONCE // max(k, 1), 1)
    for start in range(0, len(first), step):
        some = slice(start, start + step)
        s = np.sign(r[:, second[some]] - r[:, first[some]])
        strict = np.abs(s)
        counts = strict.sum(axis=1)
        out += counts[:, None]  # in place: there may be thousands of orders
        out += counts[None, :]
        out -= s @ s.T
        out -= strict @ strict.T
    out /= max(m * (m - 1), 1)
    return out
