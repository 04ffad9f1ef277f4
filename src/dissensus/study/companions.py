"""Companions beside the value, under the names of their fields: null outside their domain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.measure.blocks import Block, blocks
from dissensus.measure.decomposition import symmetric
from dissensus.measure.diversity import effective_number, fractionalisation, shannon
from dissensus.measure.polarisation import (
    agreement_index,
    esteban_ray,
    reynal_querol,
    rice,
    van_der_eijk,
)
from dissensus.model.conflict import Conflict, Line
from dissensus.model.holdings import Holdings
from dissensus.model.tally import Tally
from dissensus.study.conflicts import ConflictModel
from dissensus.study.options import MeasureOptions
from dissensus.study.tables import NO_GOAL, NOBODY

__all__ = ["COMPANIONS", "companions"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Causes = list[tuple[str, Mask, str]]


@dataclass(frozen=True, eq=False)
class _Cells:
    """Cells of one block: masses of their goals, of those without, and shares of both."""

    masses: Floats  # (cells, k)
    without: Floats  # (cells,)
    conflict: Conflict
    measure: MeasureOptions
    levels: int

    @property
    def among(self) -> Floats:
        """Shares of those with a goal."""
        return _shares(self.masses, self.masses.sum(axis=1))

    @property
    def of_all(self) -> Floats:
        """Shares of the population."""
        return _shares(self.masses, self.masses.sum(axis=1) + self.without)


def _shares(masses: Floats, whole: Floats) -> Floats:
    out = np.full_like(masses, np.nan)
    np.divide(masses, whole[:, None], out=out, where=whole[:, None] > 0)
    return out


def _two(cells: _Cells) -> Floats:
    return rice(_padded(cells.among, 2))


def _three(cells: _Cells) -> Floats:
    masses = np.column_stack([cells.masses, cells.without])
    # having no goal is the third option
    masses = masses[:, np.argsort(-masses.sum(axis=0), kind="stable")]
    ordered = -np.sort(-masses, axis=1)
    return agreement_index(_padded(_shares(ordered, ordered.sum(axis=1)), 3))


def _padded(shares: Floats, width: int) -> Floats:
    missing = max(width - shares.shape[1], 0)
    gone = np.isnan(shares).any(axis=1, keepdims=True)
    zeros = np.where(gone, np.nan, 0.0) * np.ones((1, missing))
    return np.column_stack([shares, zeros])[:, :width]


def _ordered(cells: _Cells) -> Floats:
    if not isinstance(cells.conflict, Line):
        return np.full(len(cells.masses), np.nan)
    places = np.broadcast_to(cells.conflict.positions, cells.masses.shape)
    rank = np.rint(places * (cells.levels - 1)).astype(np.int64)
    table = np.zeros((len(rank), cells.levels))
    np.add.at(table, (np.arange(len(rank))[:, None], rank), cells.masses)
    return van_der_eijk(table)


COMPANIONS: dict[str, Callable[[_Cells], Floats]] = {
    "shannon": lambda cells: shannon(cells.among),
    "effective_number": lambda cells: effective_number(
        cells.of_all, cells.conflict, cells.measure.order
    ),
    "fractionalisation": lambda cells: fractionalisation(cells.among),
    "rice": _two,
    "agreement_index": _three,
    "reynal_querol": lambda cells: reynal_querol(cells.among),
    "esteban_ray": lambda cells: esteban_ray(
        cells.among, cells.conflict, cells.measure.sensitivity
    ),
    "van_der_eijk": _ordered,
}


def companions(
    tally: Tally, model: ConflictModel, measure: MeasureOptions, names: Sequence[str]
) -> tuple[dict[str, Floats], Causes]:
    """Values of the cells, and why one is null."""
    size = len(tally.cell_area)
    conflicts = symmetric(model.of(tally))
    without = tally.without_goal.values.astype(np.float64)
    columns = {name: np.full(size, np.nan) for name in names}
    levels = len(set((model.places or {}).values())) if model.name == "ordinal" else 0
    causes: Causes = []
    if not names:
        return columns, causes
    outside = {name: _outside(name, tally, without, model, levels) for name in names}
    for block in blocks(tally, conflicts):
        cells = block.cells[:, 0]
        some = _Cells(
            block.masses[:, 0].astype(np.float64), without[cells], _flat(block), measure, levels
        )
        for name in names:
            inside = ~outside[name][0][cells]
            if inside.any():
                values = COMPANIONS[name](some)
                columns[name][cells] = np.where(inside, values, np.nan)
    nobody = np.asarray(tally.population.values == 0)
    silent = np.asarray(tally.holders.values == 0)
    for name in names:
        columns[name][silent] = np.nan
        causes += [(name, nobody, NOBODY), (name, silent, NO_GOAL), (name, *outside[name])]
    return columns, causes


def _flat(block: Block) -> Any:
    form = block.conflict
    return Line(form.positions[:, 0]) if isinstance(form, Line) else form


def _outside(
    name: str, tally: Tally, without: Floats, model: ConflictModel, levels: int
) -> tuple[Mask, str]:
    """Cells outside the domain of a companion, and which that is."""
    every = np.ones(len(without), dtype=bool)
    goals = tally.goal_counts[tally.cell_area]
    if isinstance(tally, Holdings):
        return every, "defined for one goal an agent"
    if name == "rice":
        return np.asarray(goals > 2), "defined for two options"
    if name == "agreement_index":
        options = goals + (without > 0)
        return np.asarray(options > 3), "defined for three options, one of which may be no goal"
    if name == "effective_number" and model.options.no_goal_conflict is not None:
        return every, "defined where having no goal conflicts with none"
    if name == "van_der_eijk" and model.name != "ordinal":
        return every, "defined for goals on ordered levels: conflict='ordinal'"
    if name == "van_der_eijk" and levels < 3:
        return every, "defined for three levels or more"
    return ~every, ""
