"""Conflict between goals: the degree to which holding one excludes holding the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.model.keys import Codes

__all__ = [
    "AreaConflicts",
    "Conflict",
    "ConflictError",
    "Exclusive",
    "Line",
    "Matrix",
    "conflict_matrix",
]

Floats = npt.NDArray[np.float64]


class ConflictError(DissensusError, ValueError):
    """Conflict between goals that is out of range, lopsided or incomplete."""


@dataclass(frozen=True)
class Exclusive:
    """Every two distinct goals conflict fully: the paper's mutually exclusive goals."""


@dataclass(frozen=True, eq=False)
class Line:
    """Goals stand on a line and conflict by their distance.

    ``positions`` is (k,), or (rows, k) for a stack of populations whose goals stand elsewhere;
    scaled so that the largest distance possible is 1.
    """

    positions: Floats


@dataclass(frozen=True, eq=False)
class Matrix:
    """A table of conflict, ``values`` (k, k), in [0, 1] with a zero diagonal."""

    values: Floats


Conflict = Exclusive | Line | Matrix


@dataclass(frozen=True, eq=False)
class AreaConflicts:
    """Conflict between the goals of every problem area of a tally.

    Attributes
    ----------
    matrices : sequence of (k, k) arrays
        Distinct tables; empty unless conflict is a matrix.
    matrix_of_area : (A,)
        Which of them holds in each area; zeros otherwise.
    positions : (sum of k,), optional
        Places on the line, aligned with ``Tally.area_goals``.
    silence : (sum of k,), optional
        Conflict of each goal with having no goal (the row of g_0), aligned likewise.
    directed : bool
        Whether the tables may be lopsided.
    """

    matrix_of_area: Codes
    matrices: Sequence[Floats] = ()
    positions: Floats | None = None
    silence: Floats | None = None
    directed: bool = False

    @property
    def is_exclusive(self) -> bool:
        """Whether every two distinct goals conflict fully."""
        return not self.matrices and self.positions is None

    def of(self, areas: Codes, offsets: Codes) -> Conflict:
        """Conflict in a block of areas that share their number of goals and their table."""
        if self.matrices:
            return Matrix(self.matrices[int(self.matrix_of_area[areas[0]])])
        if self.positions is not None:
            return Line(self.positions[_slices(areas, offsets)])
        return Exclusive()

    def reversed(self) -> AreaConflicts:
        """Look at every pair of goals from the other side: C transposed."""
        if not self.directed:
            return self
        return replace(self, matrices=tuple(table.T for table in self.matrices))

    def silence_of(self, areas: Codes, offsets: Codes) -> Floats | None:
        """Row of g_0 in such a block, (areas, k); None if having no goal conflicts with none."""
        return None if self.silence is None else self.silence[_slices(areas, offsets)]


def _slices(areas: Codes, offsets: Codes) -> Codes:
    width = int(offsets[areas[0] + 1] - offsets[areas[0]])
    return offsets[areas][:, None] + np.arange(width)


def conflict_matrix(
    values: npt.ArrayLike,
    goals: list[str] | None = None,
    *,
    symmetrise: bool = False,
    directed: bool = False,
) -> Matrix:
    """Check a square table of conflict.

    Parameters
    ----------
    values : (k, k) array
        Degrees of conflict in [0, 1], zero diagonal, symmetric unless told otherwise.
    goals : list of str, optional
        Names for the messages.
    symmetrise : bool
        Use the mean of both ways, (C + C^T) / 2.
    directed : bool
        Keep a lopsided table: predator and prey.

    Raises
    ------
    ConflictError
        Not square, out of range, a goal in conflict with itself, or lopsided; the cell is named.

    Examples
    --------
    >>> conflict_matrix([[0, 0.5], [0.5, 0]]).values.tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    table = np.array(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise ConflictError(
            f"a conflict table of shape {table.shape}",
            "a square table, one row and one column a goal",
            "give the same goals in rows and columns",
        )
    names = goals if goals is not None else [f"goal {i + 1}" for i in range(len(table))]

    def cell(bad: npt.NDArray[np.bool_]) -> tuple[str, str, float]:
        i, j = np.argwhere(bad)[0]
        return names[i], names[j], float(table[i, j])

    outside = ~((table >= 0) & (table <= 1))
    if outside.any():
        a, b, value = cell(outside)
        raise ConflictError(
            f"conflict between {a!r} and {b!r} is {value:g}",
            "a degree in [0, 1]: 0 compatible, 1 mutually exclusive",
            "divide the table by its largest value, if it is on another scale",
        )
    if np.diag(table).any():
        a, _, value = cell(np.diag(np.diag(table)) != 0)
        raise ConflictError(
            f"{a!r} is in conflict with itself ({value:g})",
            "a zero diagonal: a goal never conflicts with itself",
            "set that cell to 0",
        )
    if symmetrise:
        table = (table + table.T) / 2
    elif not directed and (table != table.T).any():
        a, b, value = cell(table != table.T)
        back = float(table[names.index(b), names.index(a)])
        raise ConflictError(
            f"conflict between {a!r} and {b!r} is {value:g} one way and {back:g} the other",
            "a symmetric table, each pair once or twice with the same value",
            "correct one of the two, or pass symmetrise=True to use their mean, "
            f"{(value + back) / 2:g}, or directed=True to keep both",
        )
    return Matrix(table)
