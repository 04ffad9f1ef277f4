"""Which candidates cannot be told from the best one, where the population is a sample."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import sparse

from dissensus.measure.uncertainty.cells import conflict_of_cells, masses_of_cells
from dissensus.measure.uncertainty.spread import Gradients, Spread
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally
from dissensus.study.asking import Asked
from dissensus.study.differences import Compared, winners
from dissensus.study.sampling import Sample
from dissensus.study.serving import Served
from dissensus.study.tables import groups_of, over_keys

__all__ = ["with_indistinguishable"]

Floats = npt.NDArray[np.float64]


def with_indistinguishable(
    asked: Asked, sample: Sample, whole: Served, table: pa.Table, *, over_areas: bool
) -> pa.Table:
    """Table of candidates, and which of them may be the best in truth.

    Candidates are what they are; the agents that judge them are a sample, and the same for all.
    """
    everyone, tally = asked.everyone, whole.joined.tally
    spread = sample.spread(everyone)
    size = int(whole.candidate.max(initial=-1)) + 1
    _, over_of_area = over_keys(tally)
    frame = over_of_area if over_areas else np.arange(tally.areas.size)
    unit = frame[whole.area]
    codes, group = groups_of(unit * size + whole.candidate)
    value = np.asarray(
        table.column("conditional_misalignment").to_numpy(zero_copy_only=False), dtype=np.float64
    )
    defined = ~np.isnan(whole.pairs.conditional_misalignment)
    weight = defined.astype(np.float64)
    if whole.weights is not None:
        weight *= whole.weights[whole.area]
    total = np.bincount(group, weight, minlength=len(codes))
    share = np.divide(weight, total[group], out=np.zeros(len(group)), where=total[group] > 0)
    mixed = sparse.csc_array(
        (share, (np.arange(len(group)), group)), shape=(len(group), len(codes))
    )
    gradients = sparse.csc_array(_gradients(asked, whole, everyone, spread) @ mixed)
    areas = np.bincount(group[defined], minlength=len(codes))
    frames = np.zeros(len(codes), dtype=np.int64)
    cells = np.searchsorted(everyone.cell_area, whole.joined.area_a[whole.area])
    frames[group] = spread.frame_of_cell[cells]
    enough = np.asarray(everyone.population.agents)[cells]
    agents = np.zeros(len(codes), dtype=np.int64)
    np.maximum.at(agents, group, enough)
    units = np.zeros(len(codes), dtype=np.int64)
    np.maximum.at(units, group, spread.units_of_cell[cells])
    known = ~np.isnan(value) & ((areas == 1) | spread.follows_areas)
    for few, _ in sample.too_few(agents, units):
        known &= ~np.asarray(few)

    def covariance(chosen: Codes) -> Floats:
        return spread.covariance(gradients[:, chosen], frames[chosen])

    compared = Compared(
        value,
        known,
        codes // size,
        covariance,
        {},
        {},
        spread,
        sample.design.interval,
        sample.design.seed,
    )
    flags = winners(compared)["is_possibly_lowest"]
    place = table.column_names.index("reasons")
    return table.add_column(place, "is_indistinguishable", flags)


def _gradients(asked: Asked, whole: Served, everyone: Tally, spread: Spread) -> Gradients:
    """How the conditional misalignment of each pair grows with the masses of everyone's goals."""
    tally, pairs = whole.joined.tally, whole.pairs
    known = {name: i for i, name in enumerate(everyone.goals.to_pylist())}
    goal_of = np.array([known.get(name, -1) for name in tally.goals.to_pylist()], dtype=np.int64)
    rows, columns, values = [], [], []
    for cells, table in conflict_of_cells(tally, asked.model.of(tally).reversed()):
        chosen = np.flatnonzero(np.isin(pairs.cell_a, cells))
        if not len(chosen):
            continue
        place = np.searchsorted(cells, np.stack([pairs.cell_a[chosen], pairs.cell_b[chosen]]))
        masses = masses_of_cells(tally, cells)[:, :-1]
        population, candidate = masses[place[0]], masses[place[1]]
        held, spoken = population.sum(axis=1), candidate.sum(axis=1)
        seen = (held > 0) & (spoken > 0)
        chosen, population, held = chosen[seen], population[seen], held[seen, None]
        friction = (candidate[seen] / spoken[seen, None]) @ table[:-1, :-1].T
        mean = np.sum(friction * population, axis=1, keepdims=True) / held
        slot = _slots(whole, everyone, goal_of, spread, chosen, table.shape[0] - 1)
        real = slot >= 0
        rows.append(slot[real])
        columns.append(np.repeat(chosen, slot.shape[1])[real.ravel()])
        values.append(((friction - mean) / held)[real])
    shape = (int(spread.offsets[-1]), len(pairs.cell_a))
    if not rows:
        return sparse.csc_array(shape)
    parts = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csc_array(parts, shape=shape)


def _slots(
    whole: Served, everyone: Tally, goal_of: Codes, spread: Spread, chosen: Codes, width: int
) -> Codes:
    """Slot of everyone for each goal of each pair; -1 for goals that nobody there lists."""
    tally, area = whole.joined.tally, whole.area[chosen]
    theirs = whole.joined.area_a[area]
    cell = np.searchsorted(everyone.cell_area, theirs)
    goal = goal_of[tally.area_goals[tally.area_offsets[area][:, None] + np.arange(width)]]
    size = max(len(everyone.goals), 1)
    listed = np.repeat(np.arange(everyone.areas.size), everyone.goal_counts) * size
    listed = listed + everyone.area_goals
    code = theirs[:, None] * size + goal
    place = np.minimum(np.searchsorted(listed, code), max(len(listed) - 1, 0))
    there = (goal >= 0) & (listed[place] == code)
    slot: Codes = spread.offsets[cell][:, None] + place - everyone.area_offsets[theirs][:, None]
    return np.where(there, slot, -1)
