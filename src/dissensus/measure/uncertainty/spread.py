"""Spread: how the masses of a tally would vary over samples drawn as this one was."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from dissensus.measure.uncertainty.design import LonelyCluster
from dissensus.measure.uncertainty.replicates import ReplicateKind, replicate_factors
from dissensus.measure.uncertainty.variance import UncertaintyError
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally
from dissensus.model.units import Units, slot_offsets

__all__ = ["Drawing", "Gradients", "Spread", "spread_of"]

Floats = npt.NDArray[np.float64]
Gradients = Any  # a sparse matrix, (slots, estimates): scipy gives it no one type

# numbers of units times estimates that are held at a time
_BLOCK = 20_000_000


@dataclass(frozen=True, eq=False)
class Drawing:
    """How units were drawn, beside which ones.

    Attributes
    ----------
    lonely : {'fail', 'remove', 'adjust', 'average'}
        What to do with a stratum of one unit, by the names of R's package survey.
    fractions : (frames, strata), optional
        Part of the units of each stratum that was drawn; small enough to neglect unless given.
    replicates : {'BRR', 'Fay', 'JK1', 'JKn', 'bootstrap'}, optional
        Kind of the replicate weights.
    fay : float, optional
    scales : (R,), optional
        Factors of the replicates.
    """

    lonely: LonelyCluster = "fail"
    fractions: Floats | None = None
    replicates: ReplicateKind | None = None
    fay: float | None = None
    scales: Floats | None = None


@dataclass(frozen=True, eq=False)
class _Frame:
    """Units of one value of ``over``: codes, strata, and what each stratum's distances count."""

    units: Codes
    strata: Codes
    scale: Floats
    centre: Floats


@dataclass(frozen=True, eq=False)
class Spread:
    r"""Covariance of anything that is made of the masses of a tally.

    .. math::

        \operatorname{Cov}(e, f) = \sum_h (1 - f_h) \frac{n_h}{n_h - 1} \sum_{u \in h}
        (t_{ue} - \bar t_{he})(t_{uf} - \bar t_{hf}), \qquad t_{ue} = \sum_s m_{us} g_{se}

    ============== ==================== =========================================================
    symbol         shape                meaning
    ============== ==================== =========================================================
    :math:`m_{us}` ``(units, slots)``   mass of unit u in slot s: a cell and a goal
    :math:`g_{se}` ``(slots, e)``       gradient: how estimate e grows with the mass of slot s
    :math:`n_h`                         units drawn of stratum h, those that miss the cells too
    ============== ==================== =========================================================

    Where agents are their own units, each stands in one slot of a problem area, so that sums of
    squared weights are enough inside an area; through several areas they must be told apart.

    Attributes
    ----------
    offsets, frame_of_cell : (cells + 1,), (cells,)
    masses : (slots,)
    units_of_cell : (cells,)
        Units that each cell has members of.
    degrees_of_freedom : (cells,)
        Those, less their strata.
    is_agent : bool
        Whether agents are their own units.
    """

    offsets: Codes
    frame_of_cell: Codes
    masses: Floats
    units_of_cell: Codes
    degrees_of_freedom: Codes
    is_agent: bool
    squares: Floats | None
    between_strata: Gradients | None
    table: Gradients | None
    frames: tuple[_Frame, ...]

    @property
    def follows_areas(self) -> bool:
        """Whether errors of different problem areas can be told to go together."""
        return self.table is not None

    def of_shares(self, cell: int) -> Floats:
        """Covariance of the shares of the goals in one cell, those without a goal last, (k, k)."""
        rows = slice(self.offsets[cell], self.offsets[cell + 1])
        mass = self.masses[rows]
        whole = mass.sum()
        if whole <= 0:
            return np.zeros((len(mass), len(mass)))
        gradient = (np.eye(len(mass)) - mass[:, None] / whole) / whole
        if self.squares is not None:
            out: Floats = (gradient * self.squares[rows]) @ gradient.T
            if self.between_strata is not None:
                apart = self.between_strata[:, rows] @ gradient.T
                out = out - apart.T @ apart
            return out
        if self.table is None:
            raise TypeError("units are not told apart")
        placed = sparse.csc_array(gradient.T)
        residual = self._residual(self.table[:, rows] @ placed, int(self.frame_of_cell[cell]))
        same: Floats = residual.T @ residual
        return same

    def inside_area(self, gradients: Gradients, frames: Codes) -> Floats:
        """Variance of estimates that are made in one problem area each, (e,)."""
        if self.squares is None:
            return self.variance(gradients, frames)
        squared = gradients.power(2)
        out: Floats = np.asarray(squared.T @ self.squares).ravel()
        if self.between_strata is not None:
            apart = sparse.csc_array(self.between_strata) @ gradients
            out = out - np.asarray(apart.power(2).sum(axis=0)).ravel()
        return np.maximum(out, 0.0)

    def variance(self, gradients: Gradients, frames: Codes) -> Floats:
        """Variance of estimates over any problem areas, each of one value of ``over``, (e,)."""
        out = np.zeros(gradients.shape[1])
        for chosen, residual, _ in self._residuals(gradients, frames):
            out[chosen] = np.sum(residual**2, axis=0)
        return out

    def covariance(self, gradients: Gradients, frames: Codes) -> Floats:
        """Covariance of estimates over any problem areas and values of ``over``, (e, e)."""
        size = gradients.shape[1]
        if self.table is None and self.squares is not None:  # one area a value of over
            out = np.asarray((gradients.multiply(self.squares[:, None])).T @ gradients.toarray())
            if self.between_strata is not None:
                apart = np.asarray((self.between_strata @ gradients).toarray())
                out = out - (apart.T @ apart) * (frames[:, None] == frames)
            return out
        out = np.zeros((size, size))
        parts = list(self._residuals(gradients, frames, whole=True))
        for place, (chosen, residual, units) in enumerate(parts):
            out[np.ix_(chosen, chosen)] = residual.T @ residual
            for others, other, known in parts[:place]:
                _, here, there = np.intersect1d(units, known, return_indices=True)
                if len(here):
                    crossed = residual[here].T @ other[there]
                    out[np.ix_(chosen, others)] = crossed
                    out[np.ix_(others, chosen)] = crossed.T
        return out

    def _residuals(
        self, gradients: Gradients, frames: Codes, *, whole: bool = False
    ) -> Iterator[tuple[Codes, Floats, Codes]]:
        if self.table is None:
            raise TypeError("agents are not told apart")
        columns = sparse.csc_array(gradients)
        for number in np.unique(frames).tolist():
            chosen = np.flatnonzero(frames == number)
            units = self.frames[number].units
            step = len(chosen) if whole else max(_BLOCK // max(len(units), 1), 1)
            for start in range(0, len(chosen), max(step, 1)):
                some = chosen[start : start + step]
                yield some, self._residual(self.table @ columns[:, some], number), units

    def _residual(self, totals: Gradients, number: int) -> Floats:
        """Distances of the units of a frame from the mean of their stratum, scaled."""
        frame = self.frames[number]
        dense: Floats = sparse.csr_array(totals)[frame.units].toarray()
        if not len(frame.strata):  # replicates: distances already
            return dense
        size = len(frame.scale)
        sums = np.zeros((size, dense.shape[1]))
        np.add.at(sums, frame.strata, dense)
        mean = sums * frame.centre[:, None]
        apart: Floats = (dense - mean[frame.strata]) * frame.scale[frame.strata][:, None]
        return apart


def spread_of(tally: Tally, units: Units, drawing: Drawing) -> Spread:
    """Spread of the masses of a tally.

    Raises
    ------
    UncertaintyError
        A stratum with one unit under ``lonely='fail'``; a design without a stratum of two units.
    """
    offsets = slot_offsets(tally)
    slots = int(offsets[-1])
    _, frame_of_area = tally.areas.codes([n for n in tally.areas.names if n != "area"])
    frame_of_cell = frame_of_area[tally.cell_area]
    cell_of_slot = np.repeat(np.arange(len(tally.cell_area)), np.diff(offsets))
    masses = _summed(units.slot, units.weights, slots)
    cell = cell_of_slot[units.slot]
    told = units.stratum if units.unit is None else units.unit
    met = np.unique(cell * (int(told.max(initial=0)) + 1) + told) // (int(told.max(initial=0)) + 1)
    units_of_cell = np.bincount(met, minlength=len(tally.cell_area))
    seen = np.unique(cell * len(units.strata) + units.stratum) // len(units.strata)
    freedom = units_of_cell - np.bincount(seen, minlength=len(tally.cell_area))
    squares: Floats | None = None
    between: Gradients | None = None
    table: Gradients | None = None
    frames: tuple[_Frame, ...] = ()
    if units.replicates is not None:
        table = sparse.csr_array(_distances(units, drawing, masses, offsets, slots))
        count = table.shape[0]
        nothing = np.empty(0, dtype=np.int64)
        frame = _Frame(np.arange(count), nothing, np.empty(0), np.empty(0))
        frames = (frame,) * max(int(frame_of_area.max(initial=0)) + 1, 1)
        units_of_cell = np.full(len(tally.cell_area), count)
        freedom = units_of_cell - 1
    else:
        scale, centre = _scales(units, drawing)
        if units.is_agent:
            squares, between = _of_agents(units, scale, drawing, tally, frame_of_cell, cell, slots)
        if units.unit is not None:
            shape = (units.unit_count, slots)
            table = sparse.csr_array((units.weights, (units.unit, units.slot)), shape=shape)
            bounds = np.searchsorted(units.member_frame, np.arange(len(scale) + 1))
            frames = tuple(
                _Frame(units.member_unit[a:b], units.member_stratum[a:b], scale[f], centre[f])
                for f, (a, b) in enumerate(itertools.pairwise(bounds.tolist()))
            )
    return Spread(
        offsets,
        frame_of_cell,
        masses,
        units_of_cell,
        freedom,
        units.is_agent and units.replicates is None,
        squares,
        between,
        table,
        frames,
    )


def _scales(units: Units, drawing: Drawing) -> tuple[Floats, Floats]:
    """What the distances of each stratum count, and the part of its sum that is its mean."""
    sizes = units.sizes.astype(np.float64)
    left = np.ones(sizes.shape) if drawing.fractions is None else 1 - drawing.fractions
    many, one = sizes > 1, (sizes == 1) & (left > 0)
    scale = np.zeros(sizes.shape)
    np.divide(left * sizes, sizes - 1, out=scale, where=many)
    centre = np.zeros(sizes.shape)
    np.divide(1.0, sizes, out=centre, where=many)
    if one.any():
        stratum = int(np.nonzero(one)[1][0])
        if drawing.lonely == "fail":
            unit = "agent" if units.is_agent else "cluster"
            name = units.strata[stratum]
            if not name:
                raise UncertaintyError(
                    f"one {unit} in the whole sample",
                    f"at least two {unit}s, to see how they differ",
                    "leave out design=: of one nothing is known about the others",
                )
            raise UncertaintyError(
                f"one {unit} in stratum {name!r}",
                f"at least two {unit}s in every stratum, to see how they differ",
                "merge strata, or pass lonely='remove', 'adjust' or 'average'",
            )
        if drawing.lonely == "adjust":
            # pulls sum to 0, so that the mean of all units is 0
            scale[one] = left[one]
        if drawing.lonely == "average":
            met, lone = many.sum(axis=1), one.sum(axis=1)
            if (met[lone > 0] == 0).any():
                raise UncertaintyError(
                    "one unit in every stratum", "strata with two units", "merge strata"
                )
            scale *= np.divide(met + lone, met, out=np.ones(len(met)), where=met > 0)[:, None]
    return np.sqrt(scale), centre


def _of_agents(
    units: Units,
    scale: Floats,
    drawing: Drawing,
    tally: Tally,
    frame_of_cell: Codes,
    cell: Codes,
    slots: int,
) -> tuple[Floats, Gradients | None]:
    """Squares of the weights in each slot, and what lies between strata."""
    frame = frame_of_cell[cell]
    if len(units.strata) > 1:
        each = scale[frame, units.stratum] ** 2
        count = np.maximum(units.sizes[frame, units.stratum], 1)
        many = units.sizes[frame, units.stratum] > 1
        root = np.where(many, np.sqrt(each / count), 0.0) * units.weights
        shape = (len(units.strata), slots)
        between = sparse.csr_array((root, (units.stratum, units.slot)), shape=shape)
        within = _summed(units.slot, each * units.squares, slots)
        return within, between
    # agents of the cell alone: those who are in no cell were not part of it
    n = np.asarray(tally.population.agents, dtype=np.float64)
    left = 1.0 if drawing.fractions is None else 1 - drawing.fractions[frame_of_cell, 0]
    factor = np.divide(n, n - 1, out=np.zeros(len(n)), where=n > 1) * left
    alone = _summed(units.slot, factor[cell] * units.squares, slots)
    return alone, None


def _distances(
    units: Units, drawing: Drawing, masses: Floats, offsets: Codes, slots: int
) -> Floats:
    """Distance of each replicate from the estimate, as masses, scaled by the kind's factor."""
    if units.replicates is None or drawing.replicates is None:
        raise TypeError("no replicates")
    count = len(units.replicates)
    factors = replicate_factors(count, drawing.replicates, fay=drawing.fay, scales=drawing.scales)
    sums = np.zeros((count, slots))
    for place, weights in enumerate(units.replicates):
        sums[place] = _summed(units.slot, weights, slots)
    starts = offsets[:-1]
    wholes = np.add.reduceat(sums, starts, axis=1) if len(starts) else sums
    whole = np.add.reduceat(masses, starts) if len(starts) else masses
    widths = np.diff(offsets)
    # a replicate without anybody in a cell says nothing about it
    part = np.divide(
        np.repeat(whole, widths),
        np.repeat(wholes, widths, axis=1),
        out=np.ones(sums.shape),
        where=np.repeat(wholes, widths, axis=1) > 0,
    )
    apart: Floats = np.sqrt(factors)[:, None] * (sums * part - masses)
    apart[np.repeat(wholes, widths, axis=1) <= 0] = 0.0
    return apart


def _summed(place: Codes, values: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(place, values, minlength=size), dtype=np.float64)
