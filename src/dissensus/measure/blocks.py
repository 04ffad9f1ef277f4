"""Cut a ragged tally into dense blocks, so that each formula is written once, for arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.model.conflict import AreaConflicts, Conflict, Line
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally

__all__ = ["Block", "blocks", "is_exact"]

Numbers = npt.NDArray[Any]

# numbers a block may hold: 32 MB of float64, so that memory stays flat however large the tally is
BLOCK_SIZE = 4_000_000

# below it the square of a population fits into int64, and whole numbers stay exact
EXACT_POPULATION = 3_000_000_000


@dataclass(frozen=True, eq=False)
class Block:
    """Cells whose areas share their number of goals, their segments' number and conflict table.

    Attributes
    ----------
    cells : (a, s)
        Cells of the tally: ``a`` areas with ``s`` cells each.
    masses : (a, s, k)
        Mass of each goal.
    conflict : Conflict
        Conflict between the goals; positions on a line are (a, 1, k).
    silence : (a, 1, k), optional
        Conflict of having no goal with each goal.
    split : int
        How many of the ``s`` cells are of the first segments, where these were named.
    """

    cells: Codes
    masses: Numbers
    conflict: Conflict
    silence: npt.NDArray[np.float64] | None
    split: int = 0


def blocks(
    tally: Tally,
    conflicts: AreaConflicts,
    block_size: int = BLOCK_SIZE,
    *,
    pairs: bool = False,
    first: int = 0,
) -> Iterator[Block]:
    """All cells of a tally, in blocks of at most about ``block_size`` numbers.

    ``pairs`` keeps the cells of an area together, one row of ``s`` cells an area; else each cell
    is a row of its own (s = 1) and no block grows with the number of segments. With ``first``
    the areas of a block also share how many of their cells are of the first so many segments.
    """
    area_starts = np.searchsorted(tally.cell_area, np.arange(tally.areas.size + 1))
    if pairs:
        areas = np.flatnonzero(np.diff(area_starts))
        starts, sizes = area_starts[areas], np.diff(area_starts)[areas]
    else:
        areas = tally.cell_area
        starts, sizes = np.arange(len(areas)), np.ones(len(areas), dtype=np.int64)
    widths = tally.goal_counts[areas]
    split = np.zeros(len(areas), dtype=np.int64)
    if pairs and first:
        ahead = np.bincount(tally.cell_area[tally.cell_segment < first], minlength=tally.areas.size)
        split = ahead[areas]
    shapes = np.stack([widths, sizes, conflicts.matrix_of_area[areas], split])
    order = np.lexsort(shapes)
    changes = np.flatnonzero(np.any(np.diff(shapes[:, order], axis=1) != 0, axis=0)) + 1
    exact = is_exact(tally)
    for group in np.split(order, changes) if len(order) else []:
        width, size = int(widths[group[0]]), int(sizes[group[0]])
        step = max(block_size // max(width * size, size * size if pairs else 1), 1)
        for start in range(0, len(group), step):
            rows = np.sort(group[start : start + step])
            cells = starts[rows][:, None] + np.arange(size)
            masses = tally.dense(cells.ravel(), width).reshape(len(rows), size, width)
            conflict = conflicts.of(areas[rows], tally.area_offsets)
            if isinstance(conflict, Line):
                conflict = Line(conflict.positions[:, None, :])
            silence = conflicts.silence_of(areas[rows], tally.area_offsets)
            yield Block(
                cells,
                masses if exact else masses.astype(np.float64),
                conflict,
                None if silence is None else silence[:, None, :],
                int(split[group[0]]),
            )


def is_exact(tally: Tally) -> bool:
    """Whether all pairs of agents can be counted in whole numbers."""
    values = tally.population.values
    return values.dtype == np.int64 and int(values.max(initial=0)) < EXACT_POPULATION
