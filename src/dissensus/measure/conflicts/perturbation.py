"""Range of a value whose degrees of conflict are judgements, which may be wrong."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.model.keys import Codes
from dissensus.model.tally import grouped

__all__ = ["largest_changes"]

Floats = npt.NDArray[np.float64]


def largest_changes(
    rows: Codes,
    judgements: Codes,
    weights: npt.ArrayLike,
    degrees: npt.ArrayLike,
    *,
    error: float,
    flips: int,
    size: int,
) -> tuple[Floats, Floats]:
    r"""How far values can fall and rise if each judgement is off a little, and a few are reversed.

    A value is a weighted sum of judgements, :math:`v = \sum_r w_r c_r`. Each may be moved by at
    most :math:`\varepsilon` inside [0, 1], and at most :math:`m` reversed, :math:`c \to 1 - c`:

    .. math::

        v_{\max} - v = \sum_r w_r u_r + \sum_{r \in R} w_r \max(0, 1 - 2 c_r - u_r), \qquad
        u_r = \min(\varepsilon, 1 - c_r)

    with :math:`R` the :math:`m` judgements of largest gain; downwards the same with
    :math:`1 - c_r` in the place of :math:`c_r`. The sum separates, so that both ends are reached.

    ==================== ============== ========== ===============================================
    symbol               shape          range      meaning
    ==================== ============== ========== ===============================================
    (row of the value)   ``(entries,)`` < size     ``rows``
    (judgement)          ``(entries,)`` >= 0       ``judgements``; a pair that a row has several
                                                   times is added up
    :math:`w`            ``(entries,)`` >= 0       ``weights``
    :math:`c`            ``(entries,)`` [0, 1]     ``degrees``, the same for one judgement
    :math:`\varepsilon`                 [0, 1]     ``error``
    :math:`m`                           >= 0       ``flips``
    ==================== ============== ========== ===============================================

    Returns
    -------
    tuple of (size,) arrays
        The largest fall and the largest rise of each value; 0 if it hangs on no judgement.

    Examples
    --------
    Two halves of a population, judged in conflict to the degree 0.9: V = 0.45. Off by 0.2 at most
    it is 0.35 to 0.5; wrong altogether, 0.05.

    >>> fall, rise = largest_changes([0], [0], [0.5], [0.9], error=0.2, flips=0, size=1)
    >>> fall.round(4).tolist(), rise.round(4).tolist()
    ([0.1], [0.05])
    >>> fall, rise = largest_changes([0], [0], [0.5], [0.9], error=0, flips=1, size=1)
    >>> fall.round(4).tolist(), rise.round(4).tolist()
    ([0.4], [0.0])
    """
    row = np.asarray(rows, dtype=np.int64)
    judgement = np.asarray(judgements, dtype=np.int64)
    width = int(judgement.max(initial=0)) + 1
    entries, sums = grouped(row * width + judgement)
    w = sums(np.asarray(weights, dtype=np.float64))
    c = np.zeros(width)
    c[judgement] = np.asarray(degrees, dtype=np.float64)
    of_row, of_judgement = entries // width, entries % width
    fall = _rise(of_row, w, 1 - c[of_judgement], error, flips, size)
    return fall, _rise(of_row, w, c[of_judgement], error, flips, size)


def _rise(row: Codes, w: Floats, c: Floats, error: float, flips: int, size: int) -> Floats:
    moved = np.minimum(error, 1 - c)
    out: Floats = np.bincount(row, w * moved, size).astype(np.float64)
    if flips:
        gain = w * np.maximum(1 - 2 * c - moved, 0.0)
        order = np.lexsort((-gain, row))
        starts = np.searchsorted(row[order], np.arange(size))
        place = np.arange(len(row)) - starts[row[order]]
        best = order[place < flips]
        out += np.bincount(row[best], gain[best], size)
    return out
