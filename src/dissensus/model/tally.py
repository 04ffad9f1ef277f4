"""The tally: how many agents hold which goal, per problem area and segment.

It is all that the mathematics ever sees of a data set. Sparse and ragged: each problem area
has goals of its own, each cell (a problem area and a segment that meet) lists only the goals
held in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.model.keys import Codes, Keys
from dissensus.model.salience import Salience

__all__ = ["Kind", "Mass", "Tally", "grouped", "rounded", "sums_between"]

Numbers = npt.NDArray[Any]  # int64; float64; or object, for whole numbers past 2^63


def sums_between(values: Numbers, offsets: Codes) -> Numbers:
    """Sum of each run ``values[offsets[i]:offsets[i + 1]]``; an empty run is 0.

    Examples
    --------
    >>> sums_between(np.array([1, 2, 3]), np.array([0, 2, 2, 3])).tolist()
    [3, 0, 3]
    """
    starts, lengths = offsets[:-1], np.diff(offsets)
    out = np.zeros((len(starts), *values.shape[1:]), dtype=values.dtype)
    filled = lengths > 0
    if filled.any():
        out[filled] = np.add.reduceat(values, starts[filled], axis=0)
    return out


def grouped(codes: Codes) -> tuple[Codes, Callable[[Numbers], Numbers]]:
    """Distinct codes, sorted, and a function that sums values per distinct code.

    Examples
    --------
    >>> distinct, sums = grouped(np.array([7, 3, 7]))
    >>> distinct.tolist(), sums(np.array([1, 10, 100])).tolist()
    ([3, 7], [10, 101])
    """
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    changes = np.flatnonzero(np.diff(ordered)) + 1
    starts = np.concatenate([np.zeros(min(len(codes), 1), dtype=np.int64), changes])
    offsets = np.append(starts, len(codes))
    return ordered[starts], lambda values: sums_between(values[order], offsets)


@dataclass(frozen=True)
class Kind:
    """One way to be in the data without a goal, and how it is read.

    Attributes
    ----------
    name : str
        The value that the user named, or ``null`` or ``absent``.
    source : {'value', 'null', 'absent'}
        A named value, a null goal, or no row at all.
    counted : bool
        True: no goal (g_0), belongs to the population. False: outside.
    """

    name: str
    source: Literal["value", "null", "absent"]
    counted: bool


@dataclass(frozen=True, eq=False)
class Mass:
    """How much stands behind each row: agents, their weights, and the squares of the weights.

    ``agents`` is None for proportions, whose number of agents is unknown; ``weights`` is None
    where every agent counts once; ``squares`` goes with the weights of agents.
    """

    agents: Numbers | None
    weights: Numbers | None = None
    squares: Numbers | None = None

    @property
    def values(self) -> Numbers:
        """The masses that shares are made of."""
        values = self.agents if self.weights is None else self.weights
        if values is None:
            raise TypeError("a mass needs agents or weights")
        return values

    def map(self, change: Callable[[Numbers], Numbers]) -> Mass:
        """Apply one change to all that is given."""

        def apply(values: Numbers | None) -> Numbers | None:
            return None if values is None else change(values)

        return Mass(apply(self.agents), apply(self.weights), apply(self.squares))

    def plus(self, other: Mass) -> Mass:
        """Add two masses of the same form."""

        def add(a: Numbers | None, b: Numbers | None) -> Numbers | None:
            return None if a is None or b is None else a + b

        return Mass(
            add(self.agents, other.agents),
            add(self.weights, other.weights),
            add(self.squares, other.squares),
        )


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts of a holdings table per problem area, segment and goal.

    Attributes
    ----------
    areas : Keys
        Problem areas, A rows; the ``over`` column first where there is one.
    segments : Keys
        Segments, S rows; one row without columns if nobody asked for segments.
    goals : pyarrow.Array
        Distinct goals of all problem areas.
    area_offsets, area_goals : (A + 1,), (sum of k,)
        Explicit goals of each area as indices of ``goals``: those seen before any filter, and
        those that were declared.
    cell_area, cell_segment : (cells,)
        The area and segment of each cell, sorted by both.
    entry_offsets, entry_goal : (cells + 1,), (entries,)
        Goals held in each cell, as positions in the goal list of its area.
    entries : Mass of (entries,)
    kinds : tuple of Kind, K
        Ways to have no goal, counted or outside.
    silent : Mass of (cells, K)
    declared : bool
        Whether goals were declared beside those that are held.
    salience : Salience, optional
        How much the holders of each goal care.
    """

    areas: Keys
    segments: Keys
    goals: pa.Array
    area_offsets: Codes
    area_goals: Codes
    cell_area: Codes
    cell_segment: Codes
    entry_offsets: Codes
    entry_goal: Codes
    entries: Mass
    kinds: tuple[Kind, ...]
    silent: Mass
    declared: bool = False
    salience: Salience | None = None

    @cached_property
    def goal_counts(self) -> Codes:
        """Number of goals of each area, declared or held, (A,)."""
        return np.diff(self.area_offsets)

    @cached_property
    def holders(self) -> Mass:
        """Mass of those who hold a goal, (cells,)."""
        return self.entries.map(lambda values: sums_between(values, self.entry_offsets))

    @cached_property
    def without_goal(self) -> Mass:
        """Mass of those who belong to the population and hold no goal, (cells,)."""
        counted = np.array([kind.counted for kind in self.kinds], dtype=bool)
        return self.silent.map(lambda values: values[:, counted].sum(axis=1))

    @cached_property
    def population(self) -> Mass:
        """Mass of the population, (cells,)."""
        return self.holders.plus(self.without_goal)

    @cached_property
    def held_goals(self) -> Codes:
        """Number of goals held by somebody in each cell, (cells,)."""
        held = (self.entries.values > 0).astype(np.int64)
        counts: Codes = sums_between(held, self.entry_offsets)
        return counts

    def read(self, counted: Callable[[Kind], bool]) -> Self:
        """Read the same counts another way: which kinds of no goal belong to the population."""
        kinds = tuple(replace(kind, counted=counted(kind)) for kind in self.kinds)
        return self if kinds == self.kinds else replace(self, kinds=kinds)

    def everyone(self) -> Self:
        """Merge all segments into one."""
        if not self.segments.names:
            return self
        areas, per_area = grouped(self.cell_area)
        width = max(int(self.goal_counts.max(initial=0)), 1)
        area_of_entry = np.repeat(self.cell_area, np.diff(self.entry_offsets))
        slot_of_entry = area_of_entry * width + self.entry_goal
        slots, per_slot = grouped(slot_of_entry)
        salience = self.salience and self.salience.moved(np.searchsorted(slots, slot_of_entry))
        return replace(
            self,
            segments=Keys(pa.table({}), 1),
            cell_area=areas,
            cell_segment=np.zeros(len(areas), dtype=np.int64),
            entry_offsets=np.searchsorted(slots // width, np.append(areas, self.areas.size)),
            entry_goal=slots % width,
            entries=self.entries.map(per_slot),
            silent=self.silent.map(per_area),
            salience=salience,
        )

    def dense(self, cells: Codes, width: int) -> Numbers:
        """Masses of ``cells``, whose areas have ``width`` goals each, as (cells, width)."""
        lengths = np.diff(self.entry_offsets)[cells]
        starts = self.entry_offsets[cells]
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        entry = np.arange(total) + np.repeat(starts - (ends - lengths), lengths)
        values = self.entries.values
        out = np.zeros((len(cells), width), dtype=values.dtype)
        out[np.repeat(np.arange(len(cells)), lengths), self.entry_goal[entry]] = values[entry]
        return out

    def digest(self) -> str:
        """SHA-256 of all that the tally says, the same for every engine."""
        digest = sha256()
        for part in self._parts():
            digest.update(part)
            digest.update(b"\0")
        return digest.hexdigest()

    def _parts(self) -> Iterator[bytes]:
        for table in (self.areas.table, self.segments.table):
            for name in table.column_names:
                yield name.encode()
                yield from _bytes_of(table.column(name))
        yield from _bytes_of(pa.chunked_array([self.goals], pa.string()))
        yield repr([(kind.name, kind.counted) for kind in self.kinds]).encode()
        structure = (self.area_offsets, self.area_goals, self.cell_area, self.cell_segment)
        for codes in (*structure, self.entry_offsets, self.entry_goal):
            yield np.ascontiguousarray(codes, dtype=np.int64).tobytes()
        for mass in (self.entries, self.silent):
            for values in (mass.agents, mass.weights):
                if values is not None:
                    yield rounded(values.ravel())
        if self.salience is not None:
            yield self.salience.mean.encode()
            yield np.ascontiguousarray(self.salience.entry, dtype=np.int64).tobytes()
            yield rounded(self.salience.level)
            yield rounded(self.salience.mass)


def _bytes_of(column: pa.ChunkedArray) -> Iterator[bytes]:
    """Bytes of a column that do not depend on how an engine stores it."""
    kind = column.type
    if pa.types.is_integer(kind):
        yield np.asarray(pc.fill_null(column, 0).cast(pa.int64(), safe=False)).tobytes()
    elif pa.types.is_floating(kind):
        yield np.asarray(pc.fill_null(column, 0.0).cast(pa.float64())).tobytes()
    else:
        text = pc.fill_null(column.cast(pa.large_string()), "").combine_chunks()
        _, offsets, characters = text.buffers()
        ends = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1]
        yield np.diff(ends).tobytes()
        yield bytes(characters or b"")[ends[0] : ends[-1]]
    yield np.asarray(column.is_null()).tobytes()


def rounded(values: Numbers) -> bytes:
    """Whole numbers as they are; of weighted sums the first 12 digits, since the last bits vary."""
    if values.dtype == object:
        return repr(values.tolist()).encode()
    if values.dtype.kind != "f":
        return values.astype(np.int64).tobytes()
    fraction, exponent = np.frexp(values)
    # put together again, so that what lies on either side of a power of 2 is the same
    rounded: bytes = np.ldexp(np.rint(fraction * 2.0**40), exponent - 40).tobytes()
    return rounded
