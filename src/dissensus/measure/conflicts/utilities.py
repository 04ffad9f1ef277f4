"""Conflict of utilities: how differently two goals value the same outcomes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["scaled_utilities", "utility_conflict"]

Floats = npt.NDArray[np.float64]


def scaled_utilities(utilities: npt.ArrayLike, scale: tuple[float, float] | None = None) -> Floats:
    r"""Utilities on [0, 1]: each goal's worst outcome 0 and its best 1, or on a shared scale.

    .. math:: \hat u_g(x) = \frac{u_g(x) - \min_y u_g(y)}{\max_y u_g(y) - \min_y u_g(y)}

    ============ ============ ========== ========================================================
    symbol       shape        range      meaning
    ============ ============ ========== ========================================================
    :math:`u`    ``(k, m)``              ``utilities`` of m outcomes for each of k goals
    ============ ============ ========== ========================================================

    With ``scale`` the lowest and highest value of a scale that all goals share stand in the place
    of a goal's own extremes.

    Returns
    -------
    numpy.ndarray
        Shape ``(k, m)``; NaN for a goal to which all outcomes are the same, without a scale.

    Examples
    --------
    >>> scaled_utilities([[0, 5, 10], [3, 1, 1]]).tolist()
    [[0.0, 0.5, 1.0], [1.0, 0.0, 0.0]]
    """
    u = np.asarray(utilities, dtype=np.float64)
    if scale is not None:
        shared: Floats = (u - scale[0]) / (scale[1] - scale[0])
        return shared
    low, high = u.min(axis=1, keepdims=True), u.max(axis=1, keepdims=True)
    out = np.full(u.shape, np.nan)
    np.divide(u - low, high - low, out=out, where=high > low)
    return out


def utility_conflict(scaled: npt.ArrayLike) -> Floats:
    r"""Mean difference of two goals' utilities over the outcomes.

    .. math:: C_{gh} = \frac{1}{m} \sum_x |\hat u_g(x) - \hat u_h(x)|

    ================== ============ ========= ===================================================
    symbol             shape        range     meaning
    ================== ============ ========= ===================================================
    :math:`\hat u`     ``(k, m)``   [0, 1]    ``scaled`` utilities of m outcomes for k goals
    ================== ============ ========= ===================================================

    Returns
    -------
    numpy.ndarray
        Shape ``(k, k)``, symmetric, a metric of negative type: 0 if the two value all outcomes
        alike, 1 if what is best for the one is worst for the other, and nothing in between.

    Examples
    --------
    >>> utility_conflict([[0, 0.5, 1], [1, 0, 0]]).round(4).tolist()
    [[0.0, 0.8333], [0.8333, 0.0]]
    """
    u = np.asarray(scaled, dtype=np.float64)
    out = np.zeros((len(u), len(u)))
    for outcome in u.T:
        out += np.abs(outcome[:, None] - outcome[None, :])
    mean: Floats = out / max(u.shape[1], 1)
    return mean
