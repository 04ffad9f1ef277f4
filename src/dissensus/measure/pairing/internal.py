"""Internal conflict: how far the goals that one agent holds conflict with each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.measure.pairing.rules import amounts_of, own_conflict, rule_of
from dissensus.model.conflict import Conflict, Matrix
from dissensus.model.patterns import Patterns

__all__ = ["internal_conflict"]

Floats = npt.NDArray[np.float64]


def internal_conflict(
    patterns: Patterns, conflict: Conflict | npt.ArrayLike, pairing: str
) -> Floats:
    r"""Conflict between the goals of an agent, over the unordered pairs g < h of its goals.

    .. math::

        \max_{g < h} C_{gh}, \quad 1 - \prod_{g < h} (1 - C_{gh}), \quad
        \frac{2}{s (s - 1)} \sum_{g < h} C_{gh}, \quad
        \frac{\sum_{g < h} x_g x_h C_{gh}}{\sum_{g < h} x_g x_h}, \quad
        \frac{2}{t (t - 1)} \sum_{g < h} t_g t_h C_{gh}

    for ``any``, ``independent``, ``mean``, ``points``, ``draws``.

    ============ ========= ======== ===============================================================
    symbol       shape     range    meaning
    ============ ========= ======== ===============================================================
    :math:`C`    ``(k,k)`` [0, 1]   ``conflict``; of a lopsided table the mean of both ways
    :math:`s`    ``(m,)``  >= 0     goals of a pattern
    :math:`x_g`  ``(h,)``  [0, 1]   part of the points on a goal
    :math:`t_g`  ``(h,)``  >= 0     draws of a goal; t with those that yielded none
    ============ ========= ======== ===============================================================

    It is the measure's own word for a self-unaligned agent, and never a part of misalignment.

    Returns
    -------
    numpy.ndarray
        Shape ``(m,)``: 0 for an agent whose goals go together, or that holds at most one; 1 if all
        of them (``any``: two of them) exclude each other. NaN for a single draw, which cannot
        contradict itself, and for ``probability``, which says what is known of one goal.

    Raises
    ------
    PairingError
        No such pairing, or the patterns lack what it needs.

    Examples
    --------
    >>> from dissensus.model.patterns import patterns_of
    >>> table = [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    >>> patterns = patterns_of([[0, 1], [0, 1, 2]], goals=3)
    >>> internal_conflict(patterns, table, "mean").round(4).tolist()
    [1.0, 0.3333]
    """
    rule_of(pairing, patterns)
    if isinstance(conflict, Matrix):
        conflict = Matrix((conflict.values + conflict.values.T) / 2)
    if pairing == "probability":
        return np.full(patterns.size, np.nan)
    own = own_conflict(patterns, conflict, pairing)
    if pairing == "any":
        return own
    if pairing == "independent":
        with np.errstate(divide="ignore"):
            twice: Floats = np.log1p(-own)
        return -np.expm1(twice / 2)
    if pairing == "draws":
        total: Floats = np.bincount(
            patterns.of_each, patterns.amounts, minlength=patterns.size
        ).astype(np.float64)
        if patterns.totals is not None:
            total = patterns.totals
        out = np.full(patterns.size, np.nan)
        np.divide(own * total, total - 1, out=out, where=total > 1)
        return out
    squares = amounts_of(patterns, pairing) ** 2
    apart = 1 - np.bincount(patterns.of_each, squares, minlength=patterns.size)
    out = np.zeros(patterns.size)
    np.divide(own, apart, out=out, where=patterns.sizes > 1)
    return out
