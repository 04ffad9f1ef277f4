"""Tables of conflict that are worked out when a block of areas is looked at, and not before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.engine.population import as_text
from dissensus.model.conflict import ConflictError
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally
from dissensus.study.conflict_models.catalogue import Degrees

__all__ = ["Remembered", "Tables", "worked_out"]

Floats = npt.NDArray[np.float64]

# numbers of all tables that are kept: a quarter of a gigabyte
_KEPT = 32_000_000
# goals of one area: a table of a gigabyte
_GOALS_AT_MOST = 11_000


class Remembered:
    """Degrees that work out each table once, as long as all of them are small enough to keep."""

    def __init__(self, degrees: Degrees) -> None:
        self.degrees = degrees
        self._known: dict[tuple[str | None, tuple[str, ...]], Floats] = {}
        self._size = 0

    def between(self, goals: tuple[str, ...], area: str | None) -> Floats:
        """Conflict between goals of an area."""
        if len(goals) > _GOALS_AT_MOST:
            where = "" if area is None else f" in area {area!r}"
            raise ConflictError(
                f"a table of conflict between {len(goals):,} goals{where}",
                f"at most {_GOALS_AT_MOST:,} goals in a problem area, so that it fits into memory",
                "merge goals with goal_map=, or split the area",
            )
        known = self._known.get((area, goals))
        if known is not None:
            return known
        table = self.degrees.between(goals, area)
        if self._size + table.size <= _KEPT:
            self._size += table.size
            self._known[area, goals] = table
        return table


class Tables(Sequence[Floats]):
    """Tables of several lists of goals; a large one lives only while it is used."""

    def __init__(
        self, degrees: Remembered, lists: Sequence[tuple[tuple[str, ...], str | None]]
    ) -> None:
        self._degrees, self._lists = degrees, lists

    def __len__(self) -> int:
        return len(self._lists)

    def __getitem__(self, place: Any) -> Any:
        goals, area = self._lists[place]
        return self._degrees.between(goals, area)


def worked_out(degrees: Remembered, goals: Sequence[str], tally: Tally) -> tuple[Codes, Tables]:
    """Table of each area, one for all areas with the same goals where the area makes no difference.

    Returns
    -------
    tuple
        Which table holds in each area, and the tables.
    """
    has_areas = "area" in tally.areas.names
    names = tally.areas.table.column("area").to_pylist() if has_areas else []
    offsets = tally.area_offsets
    places: dict[tuple[tuple[str, ...], str | None], int] = {}
    of_area = np.empty(tally.areas.size, dtype=np.int64)
    for i in range(tally.areas.size):
        listed = tuple(goals[g] for g in tally.area_goals[offsets[i] : offsets[i + 1]])
        area = as_text(names[i]) if degrees.degrees.by_area and has_areas else None
        of_area[i] = places.setdefault((listed, area), len(places))
    return of_area, Tables(degrees, list(places))
