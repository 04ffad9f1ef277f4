"""Holdings: a tally of agents that may hold several goals each, with what each holds together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from dissensus.model.keys import Codes
from dissensus.model.patterns import Patterns
from dissensus.model.tally import Mass, Numbers, Tally, grouped, rounded, sums_between

__all__ = ["Holdings"]

Flags = npt.NDArray[np.bool_]

_NOTHING = np.zeros(1, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Holdings(Tally):
    """A tally of agents that may hold several goals each, or of draws from their goals.

    ``entries`` count who holds each goal, and ``silent`` who holds none (of draws: the draws), so
    that their sum may pass the number of agents; ``holders``, ``without_goal`` and ``population``
    are agents.

    Attributes
    ----------
    patterns : Patterns
        Distinct ways to hold goals, those of one problem area after those of another; a goal is its
        position in the goal list of the area.
    pattern_offsets : (A + 1,)
        Patterns of each area.
    silence : (m, kinds)
        Rows without a goal of each kind in a pattern: of draws their number; else 1 for the kind of
        an agent that holds no goal.
    held_offsets, held_pattern : (cells + 1,), (h,)
        Patterns in each cell.
    held : Mass of (h,)
        What stands behind them.
    are_draws : bool
        Whether amounts are draws, whose total takes in those that yielded no goal.
    """

    patterns: Patterns = field(default_factory=lambda: Patterns(0, _NOTHING, _NOTHING[:0]))
    pattern_offsets: Codes = field(default_factory=lambda: _NOTHING)
    silence: Numbers = field(default_factory=lambda: np.zeros((0, 0)))
    held_offsets: Codes = field(default_factory=lambda: _NOTHING)
    held_pattern: Codes = field(default_factory=lambda: _NOTHING[:0])
    held: Mass = field(default_factory=lambda: Mass(_NOTHING[:0]))
    are_draws: bool = False

    @cached_property
    def members(self) -> Flags:
        """Patterns whose agents belong to the population, (m,)."""
        counted = np.array([kind.counted for kind in self.kinds], dtype=bool)
        there: Flags = (self.patterns.sizes > 0) | (self.silence[:, counted] > 0).any(axis=1)
        return there

    @cached_property
    def holders(self) -> Mass:
        """Mass of the agents that hold a goal, (cells,)."""
        return self._sums(self.patterns.sizes > 0)

    @cached_property
    def without_goal(self) -> Mass:
        """Mass of the agents that belong to the population and hold no goal, (cells,)."""
        return self._sums(self.members & (self.patterns.sizes == 0))

    def area(self, area: int) -> tuple[Codes, Patterns, Mass]:
        """Cells of a problem area, its patterns, and the mass of each in each, (cells, patterns).

        Patterns outside the population have no mass; of draws the totals are those that count.
        """
        start, stop = self.pattern_offsets[area : area + 2]
        chosen = np.arange(start, stop)
        patterns = replace(self.patterns.take(chosen), goals=int(self.goal_counts[area]))
        if self.are_draws:
            counted = np.array([kind.counted for kind in self.kinds], dtype=bool)
            on_goals = np.bincount(patterns.of_each, patterns.amounts, minlength=patterns.size)
            totals = on_goals + self.silence[chosen][:, counted].sum(axis=1)
            patterns = replace(patterns, totals=totals)
        low, high = np.searchsorted(self.cell_area, [area, area + 1])
        cells = np.arange(low, high)
        lengths = np.diff(self.held_offsets)[cells]
        entries = slice(int(self.held_offsets[low]), int(self.held_offsets[high]))
        row = np.repeat(np.arange(len(cells)), lengths)
        column = self.held_pattern[entries] - start
        there = self.members[self.held_pattern[entries]]

        def dense(values: Numbers) -> Numbers:
            out = np.zeros((len(cells), len(chosen)), dtype=values.dtype)
            out[row[there], column[there]] = values[entries][there]
            return out

        return cells, patterns, self.held.map(dense)

    def everyone(self) -> Self:
        """Merge all segments into one."""
        if not self.segments.names:
            return self
        cells, _ = grouped(self.cell_area)
        size = max(self.patterns.size, 1)
        area = np.repeat(self.cell_area, np.diff(self.held_offsets))
        codes, sums = grouped(area * size + self.held_pattern)
        merged = super().everyone()
        return replace(
            merged,
            held_offsets=np.searchsorted(codes // size, np.append(cells, self.areas.size)),
            held_pattern=codes % size,
            held=self.held.map(sums),
        )

    def _sums(self, chosen: Flags) -> Mass:
        there = chosen[self.held_pattern]

        def sums(values: Numbers) -> Numbers:
            return sums_between(np.where(there, values, 0).astype(values.dtype), self.held_offsets)

        return self.held.map(sums)

    def _parts(self) -> Iterator[bytes]:
        yield from super()._parts()
        structure = (self.patterns.offsets, self.patterns.held, self.pattern_offsets)
        for codes in (*structure, self.held_offsets, self.held_pattern):
            yield np.ascontiguousarray(codes, dtype=np.int64).tobytes()
        amounts = self.patterns.amounts
        for values in (amounts, self.silence, self.held.agents, self.held.weights):
            if values is not None:
                yield rounded(np.asarray(values).ravel())
