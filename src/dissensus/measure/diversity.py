"""Diversity: Shannon's entropy, and effective numbers of camps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.measure.friction import friction
from dissensus.model.conflict import Conflict

__all__ = ["effective_number", "fractionalisation", "shannon"]

Floats = npt.NDArray[np.float64]


def shannon(shares: npt.ArrayLike) -> Floats:
    r"""Shannon's entropy of the goals, in bits: what one learns from an agent's goal.

    .. math:: H = -\sum_g p_g \log_2 p_g

    ============ ============ ========= ====================================================
    symbol       shape        range     meaning
    ============ ============ ========= ====================================================
    :math:`p_g`  ``(..., k)`` [0, 1]    ``shares`` of those with a goal; they sum to 1
    ============ ============ ========= ====================================================

    Returns
    -------
    numpy.ndarray
        0 if all hold one goal, log2 k if k goals are held by equally many. NaN where shares are.

    References
    ----------
    [shannon1948]_.

    Examples
    --------
    >>> shannon([[0.5, 0.5], [0.25, 0.75]]).round(6).tolist()
    [1.0, 0.811278]
    """
    p = np.asarray(shares, dtype=np.float64)
    logs = np.zeros_like(p)
    np.log2(p, out=logs, where=p > 0)
    gone = np.isnan(p).any(axis=-1)
    out: Floats = np.where(gone, np.nan, np.abs((p * logs).sum(axis=-1)))
    return out


def fractionalisation(shares: npt.ArrayLike) -> Floats:
    r"""Chance that two random holders of a goal hold different ones, however these conflict.

    .. math:: 1 - \sum_g p_g^2

    ============ ============ ========= ====================================================
    symbol       shape        range     meaning
    ============ ============ ========= ====================================================
    :math:`p_g`  ``(..., k)`` [0, 1]    ``shares`` of those with a goal; they sum to 1
    ============ ============ ========= ====================================================

    Returns
    -------
    numpy.ndarray
        0 if all hold one goal, (k - 1) / k if k goals are held by equally many. With exclusive
        goals it is the conditional misalignment. NaN where shares are.

    References
    ----------
    [greenberg1956]_; ELF, ethno-linguistic fractionalisation, if goals are languages.

    Examples
    --------
    >>> fractionalisation([0.5, 0.5]).tolist()
    0.5
    """
    p = np.asarray(shares, dtype=np.float64)
    before = np.cumsum(p, axis=-1) - p
    out: Floats = 2 * (p * before).sum(axis=-1)
    return out


def effective_number(
    shares: npt.ArrayLike, conflict: Conflict | npt.ArrayLike, order: float = 2.0
) -> Floats:
    r"""Effective number of camps: as many equal, fully conflicting ones are as diverse.

    .. math::

        {}^qD = \Bigl(\sum_g p_g (Z p)_g^{q - 1}\Bigr)^{1 / (1 - q)}, \qquad Z = 1 - C,
        \qquad {}^2D = \frac{1}{1 - V}

    ============ ============ ========= ====================================================
    symbol       shape        range     meaning
    ============ ============ ========= ====================================================
    :math:`p`    ``(..., k)`` [0, 1]    ``shares``; what is missing to 1 holds no goal, which
                                        conflicts with nobody: similar to all
    :math:`C`    ``(k, k)``   [0, 1]    ``conflict``; of exclusive goals Z is the identity
    :math:`q`                 [0, inf]  ``order``: how little rare goals count
    ============ ============ ========= ====================================================

    Returns
    -------
    numpy.ndarray
        1 if nobody conflicts with anybody, k for k exclusive goals that are held by equally many;
        never above k. NaN where shares are.

    References
    ----------
    [leinster2012]_; of order 2 and exclusive goals [laakso1979]_.

    Examples
    --------
    >>> table = [[0, 0.5, 1], [0.5, 0, 0.75], [1, 0.75, 0]]
    >>> round(float(effective_number([0.3, 0.4, 0.3], table)), 9)
    1.923076923
    """
    p = np.asarray(shares, dtype=np.float64)
    rest = np.clip(1 - p.sum(axis=-1, keepdims=True), 0, None)
    # the silent are like everybody, so that their own ordinariness is 1
    ordinary = np.concatenate([1 - friction(p, conflict), np.ones_like(rest)], axis=-1)
    held = np.concatenate([p, np.where(rest > 1e-12, rest, 0.0)], axis=-1)
    gone = np.isnan(held).any(axis=-1)
    weight = np.where(held > 0, held, 0.0)
    usual = np.where(held > 0, ordinary, 1.0)
    with np.errstate(divide="ignore"):
        if order == 1:
            value = np.exp(-(weight * np.log(usual)).sum(axis=-1))
        elif np.isinf(order):
            value = 1 / np.where(held > 0, ordinary, 0.0).max(axis=-1)
        else:
            mean = (weight * usual ** (order - 1)).sum(axis=-1)
            value = mean ** (1 / (1 - order))
    out: Floats = np.where(gone, np.nan, value)
    return out
