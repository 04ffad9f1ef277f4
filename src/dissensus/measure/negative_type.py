"""Negative type: whether two populations always differ more between than within."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.measure.friction import as_conflict
from dissensus.model.conflict import AreaConflicts, Conflict, Exclusive, Line
from dissensus.model.tally import Tally

__all__ = ["conflict_table", "is_of_negative_type", "negative_types"]

Floats = npt.NDArray[np.float64]

# eigenvalues below it are rounding
_TRACE = 1e-10


def is_of_negative_type(
    conflict: Conflict | npt.ArrayLike, goals: int, no_goal: npt.ArrayLike | None = None
) -> bool:
    r"""Whether no two populations can have a negative excess.

    .. math::

        x^\top C x \le 0 \ \text{ for all } x \text{ with } \sum_i x_i = 0
        \quad\Longleftrightarrow\quad
        2 M_{AB} - M_{AA} - M_{BB} \ge 0 \ \text{ for all } A, B

    since the excess is :math:`-x^\top C x` with :math:`x = p_A - p_B`. The test is the largest
    eigenvalue of the doubly centred table, which must not be positive.

    ============ ============ ========= ======================================================
    symbol       shape        range     meaning
    ============ ============ ========= ======================================================
    :math:`C`    ``(k, k)``   [0, 1]    ``conflict``; a lopsided one counts as its mean of both
                                        ways
    :math:`k`                 >= 0      ``goals``
    :math:`g_0`  ``(k,)``     [0, 1]    ``no_goal``: conflict of having no goal with each goal,
                                        a further row of C; left out if everybody holds a goal
    ============ ============ ========= ======================================================

    Returns
    -------
    bool
        True for exclusive goals, for goals on a line, for squared distances, if everybody holds a
        goal. False, for example, as soon as two goals conflict and having none conflicts with
        neither.

    References
    ----------
    [schoenberg1938]_.

    Examples
    --------
    A = (1/2, 1/2, 0) and B = (0, 0, 1) have 2 (.1) - .5 - 0 = -.3:

    >>> is_of_negative_type([[0, 1, 0.1], [1, 0, 0.1], [0.1, 0.1, 0]], 3)
    False
    >>> is_of_negative_type(Exclusive(), 3), is_of_negative_type(Exclusive(), 3, [0, 0, 0])
    (True, False)
    """
    form = as_conflict(conflict)
    if no_goal is None and isinstance(form, Exclusive | Line):
        return True
    table = conflict_table(form, goals)[None]
    row = None if no_goal is None else np.asarray(no_goal, dtype=np.float64)[None]
    return bool(_tested(table, row)[0])


def negative_types(tally: Tally, conflicts: AreaConflicts) -> npt.NDArray[np.bool_]:
    """Whether the conflict of each area is of negative type; g_0 is a row where somebody has none.

    Returns
    -------
    numpy.ndarray
        (A,) booleans.
    """
    silent = np.bincount(
        tally.cell_area, tally.without_goal.values.astype(np.float64), tally.areas.size
    )
    answers: dict[bytes, bool] = {}
    out = np.zeros(tally.areas.size, dtype=bool)
    for area in range(tally.areas.size):
        width = int(tally.goal_counts[area])
        with_silence = bool(silent[area] > 0)
        form = conflicts.of(np.array([area]), tally.area_offsets)
        row = conflicts.silence_of(np.array([area]), tally.area_offsets)
        key = repr((width, with_silence, int(conflicts.matrix_of_area[area]))).encode()
        if isinstance(form, Line):
            form = Line(form.positions[0])
            key += form.positions.tobytes()
        if row is not None:
            key += row.tobytes()
        if key not in answers:
            no_goal = (np.zeros(width) if row is None else row[0]) if with_silence else None
            answers[key] = is_of_negative_type(form, width, no_goal)
        out[area] = answers[key]
    return out


def conflict_table(conflict: Conflict, goals: int) -> Floats:
    """Conflict between goals as a table, (k, k), the mean of both ways.

    Examples
    --------
    >>> conflict_table(Line(np.array([0.0, 0.5])), 2).tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    if isinstance(conflict, Exclusive):
        return 1 - np.eye(goals)
    if isinstance(conflict, Line):
        return np.abs(conflict.positions[..., :, None] - conflict.positions[..., None, :])
    return (conflict.values + conflict.values.T) / 2


def _tested(tables: Floats, rows: Floats | None) -> npt.NDArray[np.bool_]:
    if rows is not None:
        bordered = np.zeros((len(tables), tables.shape[1] + 1, tables.shape[1] + 1))
        bordered[:, :-1, :-1] = tables
        bordered[:, -1, :-1] = bordered[:, :-1, -1] = rows
        tables = bordered
    if tables.shape[1] < 2:
        return np.ones(len(tables), dtype=bool)
    means = tables.mean(axis=1, keepdims=True)
    centred = tables - means - np.swapaxes(means, 1, 2) + tables.mean(axis=(1, 2), keepdims=True)
    largest = np.linalg.eigvalsh(centred)[:, -1]
    return np.asarray(largest <= _TRACE * tables.shape[1])
