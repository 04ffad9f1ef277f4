"""Mean over problem areas: a random pair of agents and a random area."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.model.keys import Codes

__all__ = ["mean_over_areas"]

Floats = npt.NDArray[np.float64]


def mean_over_areas(
    values: npt.ArrayLike, groups: Codes, size: int, weights: npt.ArrayLike | None = None
) -> Floats:
    r"""Weighted mean of the values of each group, over those that are defined.

    .. math:: \bar V = \frac{\sum_m w_m V_m}{\sum_m w_m}

    ============ =========== ============== ===================================================
    symbol       shape       range          meaning
    ============ =========== ============== ===================================================
    :math:`V_m`  ``(rows,)`` any; NaN       ``values``: one an area; NaN is left out, with its
                                            weight
    :math:`w_m`  ``(rows,)`` >= 0           ``weights`` of the areas; 1 if left out
    ============ =========== ============== ===================================================

    Returns
    -------
    numpy.ndarray
        Shape ``(size,)``, one a group ``0 .. size - 1``; NaN for a group without a defined value
        of positive weight.

    Examples
    --------
    >>> mean_over_areas([0.5, 0.25, np.nan], np.array([0, 0, 1]), 2).tolist()
    [0.375, nan]
    """
    value = np.asarray(values, dtype=np.float64)
    weight = np.ones_like(value) if weights is None else np.asarray(weights, dtype=np.float64)
    defined = ~np.isnan(value)
    if not defined.all():
        value, weight, groups = value[defined], weight[defined], groups[defined]
    total = np.bincount(groups, weight * value, minlength=size)
    mass = np.bincount(groups, weight, minlength=size)
    out = np.full(size, np.nan)
    np.divide(total, mass, out=out, where=mass > 0)
    return out
