"""Drivers: which goals, and which pairs of goals, make the conflict of a population."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.measure.blocks import BLOCK_SIZE, blocks
from dissensus.measure.decomposition import symmetric
from dissensus.measure.friction import friction
from dissensus.measure.misalignment import Sampling, pair_masses, ratio
from dissensus.measure.negative_type import conflict_table
from dissensus.model.conflict import AreaConflicts, Conflict, Exclusive, Line
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally

__all__ = ["GoalPairs", "Goals", "goal_pairs", "goals"]

Numbers = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

NO_GOAL = -1  # place of g_0


@dataclass(frozen=True, eq=False)
class Goals:
    """The goals of each cell, and having none where somebody does; each (rows,).

    Attributes
    ----------
    cell : Codes
        Cell of the row.
    goal : Codes
        Position in the goal list of its area; -1 for having no goal.
    share : Floats
        Part of the population that holds it.
    friction : Floats
        Chance that a random member conflicts with it.
    opposing_share : Floats
        Share of its opposing group: members whose goal conflicts with it, however little.
    """

    cell: Codes
    goal: Codes
    share: Floats
    friction: Floats
    opposing_share: Floats


def goals(tally: Tally, conflicts: AreaConflicts) -> Goals:
    r"""Share, friction and opposing group of every goal of each cell.

    .. math:: r_g = (C p)_g = \sum_h C_{gh} p_h, \qquad |O_g| / n = \sum_{h : C_{gh} > 0} p_h

    ============ ========= ========================================================
    symbol       range     meaning
    ============ ========= ========================================================
    :math:`p_h`  [0, 1]    share of the population that holds goal h
    :math:`C`    [0, 1]    conflict, with the row of having no goal; of a lopsided
                           table row g: how far g conflicts with each h
    :math:`O_g`            opposing group of g
    ============ ========= ========================================================

    Returns
    -------
    Goals
        ``friction`` is 0 where nobody conflicts with the goal and equals ``opposing_share`` where
        conflict is 0 or 1. NaN in a cell without members.

    References
    ----------
    [kierans2022]_, opposing group.
    """
    population = tally.population.values.astype(np.float64)
    without = tally.without_goal.values.astype(np.float64)
    parts: list[tuple[Numbers, ...]] = []
    for block in blocks(tally, conflicts):
        cells, width = block.cells[:, 0], block.masses.shape[-1]
        masses = block.masses[:, 0].astype(np.float64)
        met = friction(block.masses, block.conflict)[:, 0].astype(np.float64)
        opposing = _opposing(block.masses, block.conflict)[:, 0].astype(np.float64)
        if block.silence is not None:
            row = block.silence[:, 0]
            met = met + row * without[cells][:, None]
            opposing = opposing + (row > 0) * without[cells][:, None]
        place = np.tile(np.arange(width), len(cells))
        parts.append((np.repeat(cells, width), place, *map(np.ravel, (masses, met, opposing))))
        some = np.flatnonzero(without[cells] > 0)
        against = np.zeros((2, len(cells)))
        if block.silence is not None:
            row = block.silence[:, 0]
            against[:] = (masses * row).sum(axis=1), (masses * (row > 0)).sum(axis=1)
        nobody = np.full(len(some), NO_GOAL)
        parts.append((cells[some], nobody, without[cells][some], *against[:, some]))
    if not parts:
        parts = [(np.empty(0, np.int64), np.empty(0, np.int64), *np.empty((3, 0)))]
    cell, goal, mass, met, opposing = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    order = np.lexsort((np.where(goal < 0, np.iinfo(np.int64).max, goal), cell))
    cell, goal = cell[order], goal[order]
    whole, somebody = population[cell], population[cell] > 0
    shares = (ratio(column[order], whole, somebody) for column in (mass, met, opposing))
    return Goals(cell, goal, *shares)


@dataclass(frozen=True, eq=False)
class GoalPairs:
    """Pairs of conflicting goals that members of a cell hold; each (rows,).

    Attributes
    ----------
    cell : Codes
    goal_a, goal_b : Codes
        Positions in the goal list of the area; ``goal_b`` is -1 for having no goal.
    contribution : Floats
        Part of the cell's misalignment that arises between the two.
    left_out : int
        Pairs beyond the most that were asked for.
    """

    cell: Codes
    goal_a: Codes
    goal_b: Codes
    contribution: Floats
    left_out: int


def goal_pairs(
    tally: Tally, conflicts: AreaConflicts, sampling: Sampling, most: int = 100
) -> GoalPairs:
    r"""Contribution of every pair of goals to the misalignment of each cell, the largest first.

    .. math:: V = \sum_{i < j} 2 p_i p_j C_{ij}

    ============ ========= ========================================================
    symbol       range     meaning
    ============ ========= ========================================================
    :math:`p_i`  [0, 1]    share of the population that holds goal i, or none
    :math:`C`    [0, 1]    conflict; of a lopsided table the mean of both ways
    ============ ========= ========================================================

    Parameters
    ----------
    tally, conflicts, sampling
        As in :func:`dissensus.measure.misalignment.within`.
    most : int
        Pairs that are kept of each cell.

    Returns
    -------
    GoalPairs
        Only pairs that conflict; all of them together sum to the misalignment, and one alone is
        at most all of it.

    References
    ----------
    [kierans2022]_, Eq. 2, term by term.
    """
    both = symmetric(conflicts)
    drawn = pair_masses(tally, both, sampling).drawn.astype(np.float64)
    without = tally.without_goal.values.astype(np.float64)
    widest = int(tally.goal_counts.max(initial=1)) + 1
    parts: list[tuple[Numbers, ...]] = []
    left_out = 0
    for block in blocks(tally, both, max(BLOCK_SIZE // widest, 1)):
        cells, width = block.cells[:, 0], block.masses.shape[-1]
        masses = block.masses[:, 0].astype(np.float64)
        if isinstance(block.conflict, Exclusive) and block.silence is None and width > most + 1:
            # of exclusive goals the largest pairs are among those of the most that are held most
            place = np.sort(np.argpartition(-masses, most, axis=1)[:, : most + 1], axis=1)
            held_goals = (masses > 0).sum(axis=1)
            masses = np.take_along_axis(masses, place, axis=1)
            kept_goals = (masses > 0).sum(axis=1)
            pruned = held_goals * (held_goals - 1) - kept_goals * (kept_goals - 1)
            left_out, width = left_out + int(pruned.sum()) // 2, most + 1
        else:
            place = np.broadcast_to(np.arange(width), masses.shape)
        place = np.column_stack([place, np.full(len(cells), NO_GOAL)])
        held = np.column_stack([masses, without[cells]])
        table = np.zeros((len(cells), width + 1, width + 1))
        form = block.conflict
        if isinstance(form, Line):
            form = Line(form.positions[:, 0])
        table[:, :-1, :-1] = conflict_table(form, width)
        if block.silence is not None:
            table[:, :-1, -1] = block.silence[:, 0]
        first, second = np.triu_indices(width + 1, 1)
        met = 2 * held[:, first] * held[:, second] * table[:, first, second]
        kept, rows = _largest(met, most)
        left_out += int((met > 0).sum() - len(kept))
        goal_a, goal_b = place[rows, first[kept]], place[rows, second[kept]]
        parts.append((cells[rows], goal_a, goal_b, met[rows, kept]))
    if not parts:
        none = np.empty(0, np.int64)
        return GoalPairs(none, none, none, np.empty(0), 0)
    cell, goal_a, goal_b, mass = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((goal_b, goal_a, -mass, cell))
    cell, mass = cell[order], mass[order]
    return GoalPairs(
        cell, goal_a[order], goal_b[order], ratio(mass, drawn[cell], drawn[cell] > 0), left_out
    )


def _largest(values: Floats, most: int) -> tuple[Codes, Codes]:
    """Places of the largest positive values of each row, and their rows."""
    if values.shape[1] > most:
        places = np.argpartition(-values, most - 1, axis=1)[:, :most]
    else:
        places = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    rows = np.broadcast_to(np.arange(len(values))[:, None], places.shape)
    positive = np.take_along_axis(values, places, axis=1) > 0
    return places[positive], rows[positive]


def _opposing(masses: Numbers, conflict: Conflict) -> Numbers:
    """Mass that conflicts with each goal at all."""
    if isinstance(conflict, Exclusive):
        return friction(masses, conflict)
    if isinstance(conflict, Line):
        if (np.diff(np.sort(conflict.positions, axis=-1), axis=-1) > 0).all():
            return friction(masses, Exclusive())
        apart = conflict.positions[..., :, None] != conflict.positions[..., None, :]
        product: Numbers = (apart @ masses[..., :, None])[..., 0]
        return product
    against: Numbers = masses @ (conflict.values > 0).astype(np.float64).T
    return against
