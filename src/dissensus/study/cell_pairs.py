"""Populations, or pairs of them, in the rows of a table: single problem areas, and means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dissensus.engine.population import Labels
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally
from dissensus.study.tables import (
    Columns,
    area_columns,
    groups_of,
    over_keys,
    pair_columns,
    segment_columns,
)

__all__ = ["CellPairs"]


@dataclass(frozen=True, eq=False)
class CellPairs:
    """Pairs of cells of one problem area each; a population by itself is a cell twice.

    Attributes
    ----------
    tally : Tally
        The count.
    cell_a, cell_b : (pairs,)
        Its cells.
    labels : Labels
        Words for areas and segments.
    scope : str
        ``everyone`` or ``segment`` for populations by themselves; empty for pairs.
    """

    tally: Tally
    cell_a: Codes
    cell_b: Codes
    labels: Labels
    scope: str = ""

    @classmethod
    def alone(cls, tally: Tally, labels: Labels, scope: str) -> CellPairs:
        """Each population by itself."""
        cells = np.arange(len(tally.cell_area))
        return cls(tally, cells, cells, labels, scope)

    @property
    def area(self) -> Codes:
        """Problem area of each pair."""
        return self.tally.cell_area[self.cell_a]

    @property
    def segments(self) -> tuple[Codes, Codes]:
        """Segments of each pair."""
        return self.tally.cell_segment[self.cell_a], self.tally.cell_segment[self.cell_b]

    def columns(self) -> Columns:
        """Columns that name each pair and its area."""
        return area_columns(self.tally, self.area, self.labels) | self._named(*self.segments)

    def means(self) -> tuple[Columns, Codes]:
        """Columns that name the rows of means over areas, and the row that each pair goes into."""
        over, over_of_area = over_keys(self.tally)
        width = self.tally.segments.size
        first, second = self.segments
        codes, group = groups_of((over_of_area[self.area] * width + first) * width + second)
        columns: Columns = dict(over.take(codes // width**2))
        if self.scope:
            columns["scope"] = pa.array([self.scope] * len(codes), pa.string())
        return columns | self._named(codes // width % width, codes % width), group

    def _named(self, first: Codes, second: Codes) -> Columns:
        if self.scope:
            return segment_columns(self.tally.segments, first, "", self.labels)
        return pair_columns(self.tally.segments, first, second, self.labels)
