"""Conflict in at least one problem area: exactly from what agents hold together, or bounded."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.measure.pairing.rules import conflict_table
from dissensus.model.conflict import AreaConflicts, Matrix
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally

__all__ = ["frechet_bounds", "joint_conflict"]

Floats = npt.NDArray[np.float64]


def frechet_bounds(values: npt.ArrayLike, groups: Codes, size: int) -> tuple[Floats, Floats]:
    r"""Lowest and highest chance of a conflict in at least one area, from each area's alone.

    .. math:: \max_m V_m \le V_{\ge 1} \le \min\Bigl(1, \sum_m V_m\Bigr)

    ============ =========== ============== ===================================================
    symbol       shape       range          meaning
    ============ =========== ============== ===================================================
    :math:`V_m`  ``(rows,)`` [0, 1]; NaN    ``values``: one an area; NaN is left out
    ============ =========== ============== ===================================================

    Returns
    -------
    tuple of numpy.ndarray
        Each of shape ``(size,)``, one a group ``0 .. size - 1``: the lower bound is reached if the
        conflicts of all areas lie within the largest, the upper one if no pair conflicts in two.
        NaN for a group without a value.

    References
    ----------
    [frechet1935]_.

    Examples
    --------
    >>> low, high = frechet_bounds([0.5, 0.25], np.array([0, 0]), 1)
    >>> low.tolist(), high.tolist()
    ([0.5], [0.75])
    """
    value = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(value)
    low, high = np.full(size, -np.inf), np.zeros(size)
    np.maximum.at(low, groups[known], value[known])
    np.add.at(high, groups[known], value[known])
    nothing = np.isinf(low)
    low[nothing] = np.nan
    return low, np.where(nothing, np.nan, np.minimum(high, 1.0))


def joint_conflict(
    tally: Tally, conflicts: AreaConflicts, areas: Codes, place: Codes, size: int
) -> Matrix:
    """Conflict between pairs of an area and a goal in it: that of the goals if the area is one.

    Parameters
    ----------
    tally : Tally
    conflicts : AreaConflicts
        Conflict between the goals of each of its areas.
    areas : Codes
        The areas to take, each goal of which has a place of its own.
    place : (sum of k,)
        Place of each goal of each area; -1 for none.
    size : int
        Number of places.
    """
    table = np.zeros((size, size))
    for area in areas.tolist():
        here = place[tally.area_offsets[area] : tally.area_offsets[area + 1]]
        block = conflict_table(conflicts.of(np.array([area]), tally.area_offsets), len(here))
        held = here >= 0
        table[np.ix_(here[held], here[held])] = block[np.ix_(held, held)]
    return Matrix(table)
