"""What each part gets, on its own range: the common ground of R5 and R6."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.system.conventions import range_normalised

__all__ = ["satisfaction", "softmax_slope"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


def satisfaction(utilities: npt.ArrayLike) -> tuple[Floats, Codes]:
    r"""Satisfaction of each part by each action, and which parts those are.

    .. math:: s_i(a) = \frac{E_i(a) - \min E_i}{\max E_i - \min E_i}

    A part to which all actions are alike has nothing at stake, and is left out.

    Returns
    -------
    (r, k) array, (r,) array of int
        0 for a part's worst action, 1 for its best; positions of the r parts with something at
        stake.

    Examples
    --------
    >>> values, parts = satisfaction([[9, 0, 6], [2, 2, 2]])
    >>> values.round(4).tolist(), parts.tolist()
    ([[1.0, 0.0, 0.6667]], [0])
    """
    stretched = range_normalised(utilities)
    parts = np.flatnonzero(stretched.max(axis=1) > 0)
    return np.asarray(stretched[parts]), parts


def softmax_slope(policy: Floats, slope: Floats) -> Floats:
    """Gradient by the logits of a softmax policy, from the gradient by its chances.

    Examples
    --------
    >>> softmax_slope(np.array([0.5, 0.5]), np.array([1.0, 0.0])).tolist()
    [0.25, -0.25]
    """
    return np.asarray(policy * (slope - policy @ slope))
