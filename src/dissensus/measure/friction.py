"""Friction: the chance that a random member of a population conflicts with a goal."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.model.conflict import Conflict, Exclusive, Line, Matrix, conflict_matrix

__all__ = ["as_conflict", "friction"]

Numbers = npt.NDArray[Any]


def friction(masses: npt.ArrayLike, conflict: Conflict | npt.ArrayLike) -> Numbers:
    r"""Mass that conflicts with each goal; from shares, the chance to meet a conflicting goal.

    .. math:: r_g = (C p)_g = \sum_h C_{gh} p_h

    ============ ============ ================ ==================================================
    symbol       shape        range            meaning
    ============ ============ ================ ==================================================
    :math:`p`    ``(..., k)`` >= 0             ``masses``: shares, counts or weights per goal
    :math:`C`    ``(k, k)``   [0, 1]           ``conflict``: a table, or one of the conflict values
    ============ ============ ================ ==================================================

    Every term is a product of non-negative numbers and none is subtracted, so that a goal held
    by one agent among :math:`10^{18}` keeps its value. Exclusive goals and goals on a line take
    :math:`O(k)` instead of :math:`O(k^2)`. Whole numbers stay whole where conflict is exclusive.

    Returns
    -------
    numpy.ndarray
        Shape ``(..., k)``: 0 where nobody conflicts with the goal, the whole mass where everybody
        does. In the case of conflict 0 or 1 it is the share of the opposing group.

    References
    ----------
    [kierans2022]_, opposing group.

    Examples
    --------
    >>> friction([0.5, 0.3, 0.2], [[0, 1, 0], [1, 0, 0], [0, 0, 0]]).tolist()
    [0.3, 0.5, 0.0]
    >>> friction([10, 20, 30], Exclusive()).tolist()
    [50, 40, 30]
    """
    values = np.asarray(masses)
    form = as_conflict(conflict)
    if isinstance(form, Exclusive):
        return _before(values) + _after(values)
    if isinstance(form, Line):
        return _ascending(values, form.positions)
    product: Numbers = values @ form.values.T
    return product


def as_conflict(conflict: Conflict | npt.ArrayLike) -> Conflict:
    """Accept a table of numbers where a conflict value is meant, and check it.

    Raises
    ------
    ConflictError
        The table is not square, not symmetric, out of range, or its diagonal is not zero.
    """
    if isinstance(conflict, Exclusive | Line | Matrix):
        return conflict
    return conflict_matrix(conflict)


def _before(values: Numbers) -> Numbers:
    """Sum of all that stands before each place along the last axis."""
    out = np.zeros_like(values)
    np.cumsum(values[..., :-1], axis=-1, out=out[..., 1:])
    return out


def _after(values: Numbers) -> Numbers:
    return _before(values[..., ::-1])[..., ::-1]


def _ascending(values: Numbers, positions: Numbers) -> Numbers:
    """Distance to all others on a line: walk it once up and once down, adding gap x mass passed."""
    order = np.argsort(positions, axis=-1, kind="stable")
    placed = np.take_along_axis(positions, order, axis=-1)
    gaps = np.diff(placed, axis=-1, prepend=placed[..., :1])
    order = np.broadcast_to(order, values.shape)
    mass = np.take_along_axis(values, order, axis=-1)
    below = np.cumsum(gaps * _before(mass), axis=-1)
    up_gaps = np.concatenate([gaps[..., 1:], np.zeros_like(gaps[..., :1])], axis=-1)
    above = np.cumsum((up_gaps * _after(mass))[..., ::-1], axis=-1)[..., ::-1]
    out = np.empty(values.shape, dtype=np.float64)
    np.put_along_axis(out, order, below + above, axis=-1)
    return out
