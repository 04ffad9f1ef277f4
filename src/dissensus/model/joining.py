"""Two tallies side by side, on the problem areas that both have; segments merged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from dissensus.model.keys import Codes, Keys, distinct, encode_rows
from dissensus.model.tally import Mass, Numbers, Tally, grouped

__all__ = ["Joined", "joined", "merged"]


@dataclass(frozen=True, eq=False)
class Joined:
    """Two tallies as one.

    Attributes
    ----------
    tally : Tally
        Areas in common; the segments of the first, then those of the second. Its ``segments`` has
        no columns: names are looked up in the tallies themselves.
    first : int
        Number of segments of the first.
    area_a, area_b : Codes
        Areas of the first and of the second tally that each area of ``tally`` is.
    """

    tally: Tally
    first: int
    area_a: Codes
    area_b: Codes

    @property
    def is_first(self) -> Codes:
        """Cells of the first tally, in order."""
        return np.flatnonzero(self.tally.cell_segment < self.first)


def merged(tally: Tally, target: Codes, segments: Keys) -> Tally:
    """Merge segments: segment i becomes ``target[i]`` of ``segments``; -1 leaves it out.

    The counts of agents add up; shares of groups do not, and must not be merged.
    """
    new = target[tally.cell_segment]
    entry_cell = np.repeat(np.arange(len(new)), np.diff(tally.entry_offsets))
    cells, entries = np.flatnonzero(new >= 0), np.flatnonzero(new[entry_cell] >= 0)
    width = max(int(tally.goal_counts.max(initial=0)), 1)
    code = tally.cell_area * segments.size + new
    codes, per_cell = grouped(code[cells])
    slots, per_slot = grouped(code[entry_cell[entries]] * width + tally.entry_goal[entries])
    return replace(
        tally,
        segments=segments,
        cell_area=codes // segments.size,
        cell_segment=codes % segments.size,
        entry_offsets=np.searchsorted(slots // width, np.append(codes, _after(codes))),
        entry_goal=slots % width,
        entries=tally.entries.map(lambda values: per_slot(values[entries])),
        silent=tally.silent.map(lambda values: per_cell(values[cells])),
    )


def _after(codes: Codes) -> int:
    return int(codes[-1]) + 1 if len(codes) else 0


def joined(a: Tally, b: Tally, spelt: Callable[[Any], str]) -> Joined:
    """Put two tallies side by side.

    Areas are the same if the columns that both name them by are spelt alike; an area of the second
    that lacks the first's column of ``over`` is there for each of its values.

    Parameters
    ----------
    a, b : Tally
        The second may name areas by fewer columns.
    spelt : callable
        How a value is spelt as text.

    Returns
    -------
    Joined
        Goals of both; an area has the goals that either side has in it. Masses are numbers of
        agents if both sides are; else weights, in which an agent without one counts once.
    """
    area_a, area_b = _matched(a, b, spelt)
    goals, (code_a, code_b) = _goals(a, b)
    size = max(len(goals), 1)
    areas = np.arange(len(area_a))
    slots = distinct(
        np.concatenate(
            [
                _repeated(areas, a.goal_counts[area_a]) * size
                + code_a[a.area_goals[_spans(a.area_offsets, area_a)]],
                _repeated(areas, b.goal_counts[area_b]) * size
                + code_b[b.area_goals[_spans(b.area_offsets, area_b)]],
            ]
        )
    )
    offsets = np.searchsorted(slots, np.append(areas, len(areas)) * size)
    cells_a, new_a = _cells(a, area_a)
    cells_b, new_b = _cells(b, area_b)
    new_area = np.concatenate([new_a, new_b])
    segment = np.concatenate([a.cell_segment[cells_a], a.segments.size + b.cell_segment[cells_b]])
    order = np.lexsort((segment, new_area))
    goal = np.concatenate(
        [_held(a, cells_a, code_a, new_a * size), _held(b, cells_b, code_b, new_b * size)]
    )
    of_area = _repeated(
        new_area,
        np.concatenate([np.diff(a.entry_offsets)[cells_a], np.diff(b.entry_offsets)[cells_b]]),
    )
    place = np.searchsorted(slots, goal) - offsets[of_area]
    lengths = np.concatenate([np.diff(a.entry_offsets)[cells_a], np.diff(b.entry_offsets)[cells_b]])
    ends = np.concatenate([[0], np.cumsum(lengths)])
    entries = _spans(ends, order)
    both = _entry_masses(a, b, cells_a, cells_b)
    silent = _silent_masses(a, b, cells_a, cells_b)
    table = a.areas.table.take(pa.array(area_a)) if a.areas.names else a.areas.table
    tally = Tally(
        areas=Keys(table, len(area_a)),
        segments=Keys(pa.table({}), a.segments.size + b.segments.size),
        goals=pa.array(goals, pa.string()),
        area_offsets=offsets,
        area_goals=slots % size,
        cell_area=new_area[order],
        cell_segment=segment[order],
        entry_offsets=np.concatenate([[0], np.cumsum(lengths[order])]),
        entry_goal=place[entries],
        entries=both.map(lambda values: values[entries]),
        kinds=(*a.kinds, *b.kinds),
        silent=silent.map(lambda values: values[order]),
        declared=a.declared or b.declared,
    )
    return Joined(tally, a.segments.size, area_a, area_b)


def _matched(a: Tally, b: Tally, spelt: Callable[[Any], str]) -> tuple[Codes, Codes]:
    """Pairs of the same area in both tallies, in the order of the first."""
    shared = [name for name in a.areas.names if name in b.areas.names]
    stacked = {
        name: pa.chunked_array(
            [[spelt(value) for t in (a, b) for value in t.areas.table.column(name).to_pylist()]],
            pa.string(),
        )
        for name in shared
    }
    keys, codes = encode_rows(stacked, a.areas.size + b.areas.size)
    place = np.full(keys.size, -1)
    place[codes[a.areas.size :]] = np.arange(b.areas.size)
    of_a = place[codes[: a.areas.size]]
    area_a = np.flatnonzero(of_a >= 0)
    return area_a, of_a[area_a]


def _goals(a: Tally, b: Tally) -> tuple[list[str], tuple[Codes, Codes]]:
    listed_a, listed_b = a.goals.to_pylist(), b.goals.to_pylist()
    goals = sorted({*listed_a, *listed_b})
    place = {goal: i for i, goal in enumerate(goals)}
    codes = tuple(
        np.array([place[goal] for goal in listed], dtype=np.int64)
        for listed in (listed_a, listed_b)
    )
    return goals, (codes[0], codes[1])


def _cells(tally: Tally, areas: Codes) -> tuple[Codes, Codes]:
    """Cells of the areas, and the new area of each; an area may occur more than once."""
    starts = np.searchsorted(tally.cell_area, np.arange(tally.areas.size + 1))
    return _spans(starts, areas), _repeated(np.arange(len(areas)), np.diff(starts)[areas])


def _held(tally: Tally, cells: Codes, codes: Codes, base: Codes) -> Codes:
    """Code of the goal of each entry of the cells, shifted by a base of each cell."""
    entries = _spans(tally.entry_offsets, cells)
    counts = np.diff(tally.entry_offsets)[cells]
    area = _repeated(tally.cell_area[cells], counts)
    goal = tally.area_goals[tally.area_offsets[area] + tally.entry_goal[entries]]
    out: Codes = codes[goal] + _repeated(base, counts)
    return out


def _entry_masses(a: Tally, b: Tally, cells_a: Codes, cells_b: Codes) -> Mass:
    first, second = _alike(a.entries, b.entries)
    one = first.map(lambda values: values[_spans(a.entry_offsets, cells_a)])
    other = second.map(lambda values: values[_spans(b.entry_offsets, cells_b)])
    return _stacked(one, other, lambda x, y: np.concatenate([x, y]))


def _silent_masses(a: Tally, b: Tally, cells_a: Codes, cells_b: Codes) -> Mass:
    def blocks(x: Numbers, y: Numbers) -> Numbers:
        left = np.zeros((len(y), x.shape[1]), dtype=x.dtype)
        right = np.zeros((len(x), y.shape[1]), dtype=y.dtype)
        return np.block([[x, right], [left, y]])

    first, second = _alike(a.silent, b.silent)
    return _stacked(
        first.map(lambda values: values[cells_a]), second.map(lambda v: v[cells_b]), blocks
    )


def _alike(a: Mass, b: Mass) -> tuple[Mass, Mass]:
    """Both as numbers of agents, or both as weights with squares."""
    if a.weights is None and b.weights is None:
        return a, b
    return _weighted(a), _weighted(b)


def _weighted(mass: Mass) -> Mass:
    if mass.weights is None:
        counts = mass.values.astype(np.float64)
        return Mass(mass.agents, counts, counts)
    if mass.squares is None:  # shares: no two agents of them can be drawn
        unknown = np.full(mass.weights.shape, np.nan)
        return Mass(np.zeros(mass.weights.shape, dtype=np.int64), mass.weights, unknown)
    return mass


def _stacked(a: Mass, b: Mass, stack: Callable[[Numbers, Numbers], Numbers]) -> Mass:
    def both(x: Numbers | None, y: Numbers | None) -> Numbers | None:
        return None if x is None or y is None else stack(x, y)

    return Mass(both(a.agents, b.agents), both(a.weights, b.weights), both(a.squares, b.squares))


def _repeated(values: Codes, counts: Codes) -> Codes:
    out: Codes = np.repeat(values, counts)
    return out


def _spans(offsets: Codes, which: Codes) -> Codes:
    """Indices of the runs ``offsets[i] .. offsets[i + 1]``, one after the other."""
    lengths = np.diff(offsets)[which]
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    steps: Codes = np.repeat(offsets[which] - (ends - lengths), lengths)
    out: Codes = steps + np.arange(total)
    return out
