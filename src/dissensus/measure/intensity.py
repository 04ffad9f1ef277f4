"""Intensity: the conflict of populations, weighed by how much the two agents care."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dissensus.measure.between import Between, pair_conflicts, pair_indices
from dissensus.measure.blocks import blocks
from dissensus.measure.decomposition import symmetric
from dissensus.measure.friction import friction
from dissensus.measure.misalignment import Sampling, pair_masses, ratio
from dissensus.measure.salience import SalienceError, averaged, met_with_salience
from dissensus.model.conflict import AreaConflicts, Conflict, Line
from dissensus.model.keys import Codes
from dissensus.model.salience import Salience
from dissensus.model.tally import Mass, Tally

__all__ = ["Intensity", "intensity_between", "intensity_within"]

Floats = npt.NDArray[np.float64]

# numbers in a table of segments, saliences and goals of one area
_TABLE = 4_000_000
_LARGEST_TABLE = 40_000_000


@dataclass(frozen=True, eq=False)
class Intensity:
    """Expected intensity of conflict of populations, or of pairs of them; NaN where undefined."""

    intensity: Floats
    conditional_intensity: Floats


def intensity_within(tally: Tally, conflicts: AreaConflicts, sampling: Sampling) -> Intensity:
    r"""Expected intensity of conflict between two agents of each cell.

    .. math:: \frac{1}{n (n - 1)} \sum_{i \ne j} C_{g_i g_j} \operatorname{avg}(s_i, s_j)

    and with :math:`n^2` below with replacement; weights as in
    :func:`dissensus.measure.misalignment.within`.

    Returns
    -------
    Intensity
        (cells,): 0 if no two agents conflict, or none of those who do cares; at most the
        misalignment, which it is if everyone cares fully.

    References
    ----------
    [kierans2024]_, for the geometric mean and distinct pairs.
    """
    salience = _salience_of(tally)
    pairs = pair_masses(tally, conflicts, sampling)
    if salience.mean in _BILINEAR:
        first, second = _weighed(tally, salience)
        met = np.zeros(len(tally.cell_area))
        both_ways = symmetric(conflicts)
        others = blocks(second, both_ways)
        for block, other in zip(blocks(first, both_ways), others, strict=True):
            found = (block.masses * friction(other.masses, block.conflict)).sum(axis=-1)
            met[block.cells[:, 0]] = found[:, 0]
    else:
        met = np.concatenate([np.zeros(0), *_own(tally, salience, conflicts)])
    met = np.minimum(met, pairs.conflicting)  # rounding alone may pass the bound
    somebody = np.asarray(tally.holders.values > 0)
    return Intensity(ratio(met, pairs.drawn, somebody), ratio(met, pairs.holding, somebody))


def intensity_between(tally: Tally, conflicts: AreaConflicts, pairs: Between) -> Intensity:
    r"""Expected intensity of conflict between an agent of one segment and one of another.

    .. math::

        \frac{1}{n_A n_B} \sum_{i \in A} \sum_{j \in B} C_{g_i g_j} \operatorname{avg}(s_i, s_j)

    Returns
    -------
    Intensity
        (pairs,), in the order of ``pairs``.

    Raises
    ------
    SalienceError
        Too many distinct saliences in one area, under ``min``, ``max`` and ``harmonic``.
    """
    salience = _salience_of(tally)
    if salience.mean in _BILINEAR:
        first, second = _weighed(tally, salience)
        met = pair_conflicts(first, conflicts, other=second)[2]
        if salience.mean == "arithmetic":
            met = (met + pair_conflicts(second, conflicts, other=first)[2]) / 2
    else:
        met = np.concatenate([np.zeros(0), *_crossed(tally, salience, conflicts)])
    population = tally.population.values.astype(np.float64)
    holders = tally.holders.values.astype(np.float64)
    drawn, holding = (mass[pairs.cell_a] * mass[pairs.cell_b] for mass in (population, holders))
    defined = drawn > 0
    met = np.minimum(met, np.nan_to_num(pairs.misalignment) * drawn)
    return Intensity(ratio(met, drawn, defined), ratio(met, holding, defined))


_BILINEAR = ("geometric", "arithmetic", "none")


def _salience_of(tally: Tally) -> Salience:
    if tally.salience is None:
        raise SalienceError(
            "a population without saliences",
            "how much each agent cares about its goal",
            "name the column: salience=...",
        )
    return tally.salience


def _weighed(tally: Tally, salience: Salience) -> tuple[Tally, Tally]:
    """Two tallies whose masses, multiplied, are the pairs weighed by the average."""
    size = len(tally.entry_goal)

    def with_masses(values: Floats) -> Tally:
        sums = np.bincount(salience.entry, values, minlength=size).astype(np.float64)
        nobody = np.zeros(tally.silent.values.shape)
        return replace(tally, entries=Mass(None, sums), silent=Mass(None, nobody))

    if salience.mean == "none":
        both = with_masses(salience.mass)
        return both, both
    if salience.mean == "geometric":
        both = with_masses(salience.mass * np.sqrt(salience.level))
        return both, both
    return with_masses(salience.mass * salience.level), with_masses(salience.mass)


@dataclass(frozen=True, eq=False)
class _Area:
    """Rows of salience in one area: the cell, goal, level and mass of each."""

    cells: int
    goals: int
    cell: Codes
    goal: Codes
    level: Floats
    mass: Floats
    conflict: Conflict

    def size_of_table(self) -> int:
        return self.cells * self.goals * len(np.unique(self.level))

    def table(self) -> tuple[Floats, Floats]:
        """Distinct levels, and the mass of each cell by level and goal."""
        levels, level = np.unique(self.level, return_inverse=True)
        shape = (self.cells, len(levels), self.goals)
        place = (self.cell * len(levels) + level) * self.goals + self.goal
        masses = np.bincount(place, self.mass, minlength=int(np.prod(shape)))
        return levels, masses.astype(np.float64).reshape(shape)


def _areas(tally: Tally, salience: Salience, conflicts: AreaConflicts) -> Iterator[_Area]:
    """Areas that somebody belongs to, in order."""
    cell_of_entry = np.repeat(np.arange(len(tally.cell_area)), np.diff(tally.entry_offsets))
    starts = np.searchsorted(tally.cell_area, np.arange(tally.areas.size + 1))
    cell, goal = cell_of_entry[salience.entry], tally.entry_goal[salience.entry]
    ends = np.searchsorted(cell, starts)
    for area in np.flatnonzero(np.diff(starts)).tolist():
        form = conflicts.of(np.array([area]), tally.area_offsets)
        rows = slice(ends[area], ends[area + 1])
        yield _Area(
            int(starts[area + 1] - starts[area]),
            int(tally.goal_counts[area]),
            cell[rows] - starts[area],
            goal[rows],
            salience.level[rows],
            salience.mass[rows],
            Line(form.positions[0]) if isinstance(form, Line) else form,
        )


def _own(tally: Tally, salience: Salience, conflicts: AreaConflicts) -> Iterator[Floats]:
    """Mass of conflicting pairs of each cell, area by area."""
    for area in _areas(tally, salience, conflicts):
        if area.size_of_table() <= _TABLE:
            levels, masses = area.table()
            met = averaged(levels, friction(masses, area.conflict), salience.mean)
            yield (masses * met).sum(axis=(1, 2))
        else:
            yield np.array([_cell(area, at, salience) for at in range(area.cells)])


def _cell(area: _Area, at: int, salience: Salience) -> float:
    start, end = np.searchsorted(area.cell, [at, at + 1])
    rows = slice(start, end)
    goal, level, mass = area.goal[rows], area.level[rows], area.mass[rows]
    return met_with_salience(goal, level, area.conflict, area.goals, salience.mean, mass)


def _crossed(tally: Tally, salience: Salience, conflicts: AreaConflicts) -> Iterator[Floats]:
    """Mass of conflicting pairs between every two cells of an area, area by area."""
    for area in _areas(tally, salience, conflicts):
        size = area.size_of_table()
        if size > _LARGEST_TABLE:
            raise SalienceError(
                f"{area.cells:,} segments and {len(np.unique(area.level)):,} distinct saliences "
                f"in a problem area under salience_mean={salience.mean!r}",
                f"at most {_LARGEST_TABLE:,} numbers: segments times saliences times goals",
                "round the saliences, for example to two digits, or use the geometric mean",
            )
        levels, masses = area.table()
        met = averaged(levels, friction(masses, area.conflict), salience.mean)
        flat = masses.reshape(area.cells, -1) @ met.reshape(area.cells, -1).T
        one, two = pair_indices(area.cells, directed=conflicts.directed)
        yield flat[one, two]
