"""How sure the value of each cell of a tally is: its variance, interval and exceedance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt
from scipy import stats

from dissensus.measure.friction import friction
from dissensus.measure.pairing.rules import conflict_table
from dissensus.measure.uncertainty.inversion import exceedance_probability, interval
from dissensus.measure.uncertainty.spread import Spread
from dissensus.measure.uncertainty.variance import variance_of_misalignment
from dissensus.model.conflict import AreaConflicts, Matrix
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally

__all__ = ["CellErrors", "conflict_of_cells", "errors_of_cells", "masses_of_cells"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CellErrors:
    """What is known about the value of each cell, (cells,); NaN where it cannot be given.

    ``value`` is the value of the population without bias; ``first`` and ``second`` are the two
    parts of its variance: of agents that meet more conflict than others, and of the rest.
    ``conditional``, ``compatible`` and ``silent`` are the other parts of a pair, without bias,
    where the sample is not simple.
    """

    value: Floats
    conditional: Floats
    compatible: Floats
    silent: Floats
    first: Floats
    second: Floats
    effective: Floats
    low: Floats
    high: Floats
    exceedance: Floats

    @property
    def standard_error(self) -> Floats:
        """Root of the variance."""
        root: Floats = np.sqrt(self.first + self.second)
        return root


def conflict_of_cells(tally: Tally, conflicts: AreaConflicts) -> Iterator[tuple[Codes, Floats]]:
    """Cells whose goals conflict by the same table, and that table, no goal in its last row."""
    tables: dict[bytes, Floats] = {}
    of_area: list[tuple[int, bytes]] = []
    for area in np.unique(tally.cell_area).tolist():
        width = int(tally.goal_counts[area])
        chosen = np.array([area])
        table = np.zeros((width + 1, width + 1))
        form = conflicts.of(chosen, tally.area_offsets)
        table[:width, :width] = conflict_table(form, width)
        silence = conflicts.silence_of(chosen, tally.area_offsets)
        if silence is not None:
            table[width, :width] = table[:width, width] = silence[0]
        key = table.shape[0].to_bytes(4, "big") + table.tobytes()
        tables.setdefault(key, table)
        of_area.append((area, key))
    order = sorted(of_area, key=lambda one: one[1])
    for key, areas in groupby(order, key=lambda one: one[1]):
        cells = np.flatnonzero(np.isin(tally.cell_area, [area for area, _ in areas]))
        yield cells, tables[key]


def masses_of_cells(tally: Tally, cells: Codes) -> Floats:
    """Masses of cells with equally many goals, those without one last, (cells, k + 1)."""
    width = int(tally.goal_counts[tally.cell_area[cells[0]]])
    held = tally.dense(cells, width).astype(np.float64)
    silent = np.asarray(tally.without_goal.values, dtype=np.float64)[cells]
    return np.column_stack([held, silent])


def errors_of_cells(
    tally: Tally,
    conflicts: AreaConflicts,
    spread: Spread | None,
    *,
    level: float = 0.95,
    threshold: float | None = None,
    fraction: float | Floats = 0.0,
    seed: int = 0,
) -> CellErrors:
    r"""Value, variance and interval of every cell.

    .. math::

        \hat\theta = V - \operatorname{tr}(C \Sigma_p), \qquad
        \operatorname{Var} \hat\theta = z^\top \Sigma_p z
        + 2 \operatorname{tr}(C \Sigma_p C \Sigma_p), \qquad z = 2 (C p - V)

    Parameters
    ----------
    tally, conflicts
        The population.
    spread : Spread, optional
        How its masses vary; without one, agents were drawn one by one with equal chances, and
        the variance of U is exact.
    level, threshold, seed
        As in :func:`~dissensus.measure.uncertainty.inversion.interval`.
    fraction : float or (cells,) array
        Part of the whole population that was drawn, where agents were drawn one by one.

    Returns
    -------
    CellErrors
        The interval is that of a simple sample that would be as precise; for fewer than two agents
        nothing is known.
    """
    size = len(tally.cell_area)
    out = CellErrors(*(np.full(size, np.nan) for _ in range(10)))
    for cells, table in conflict_of_cells(tally, conflicts):
        masses = masses_of_cells(tally, cells)
        known = masses[:, :-1].sum(axis=1) > 0
        known &= np.asarray(tally.population.agents)[cells] > 1
        some, counted = cells[known], masses[known]
        if not len(some):
            continue
        if spread is None:
            _simple(out, some, counted, table, np.broadcast_to(fraction, size)[some])
        else:
            _designed(out, some, counted, table, spread)
        shrunk = np.ones(len(some))
        if spread is not None and not spread.is_agent:
            # few clusters: their spread is itself uncertain
            tail, freedom = (1 - level) / 2, np.maximum(spread.degrees_of_freedom[some], 1)
            shrunk = (stats.norm.isf(tail) / stats.t.isf(tail, freedom)) ** 2
        # a state that nobody is in and that meets no conflict is none
        spoken = (counted[:, -1] == 0) & (not table[-1].any())
        for chosen, last in ((spoken, -1), (~spoken, len(table))):
            if chosen.any():
                _intervals(
                    out,
                    some[chosen],
                    counted[chosen, :last],
                    table[:last, :last],
                    shrunk[chosen],
                    level,
                    threshold,
                    seed,
                )
    return out


def _simple(out: CellErrors, cells: Codes, counts: Floats, table: Floats, fraction: Floats) -> None:
    n = counts.sum(axis=1)
    p = counts / n[:, None]
    form = Matrix(table)
    size = np.divide(n, fraction, out=np.full(len(n), np.inf), where=fraction > 0)
    whole = variance_of_misalignment(p, form, n, size)
    theta = np.sum(p * friction(p, form), axis=1)
    out.value[cells] = theta * n / (n - 1)
    first = np.sum(p * friction(p, form) ** 2, axis=1) - theta**2
    first = 4 * np.maximum(first, 0) * (n - 2) * (1 - fraction) / (n * (n - 1))
    out.first[cells] = np.minimum(first, whole)
    out.second[cells] = np.maximum(whole - first, 0)
    # a part of the population that was seen says as much as a larger sample of an endless one
    left = 1 - fraction
    out.effective[cells] = np.divide(n, left, out=np.full(len(n), np.inf), where=left > 1e-12)


def _designed(out: CellErrors, cells: Codes, masses: Floats, table: Floats, spread: Spread) -> None:
    p = masses / masses.sum(axis=1, keepdims=True)
    covariance = np.stack([spread.of_shares(int(cell)) for cell in cells])
    met = table @ covariance
    theta = np.sum(p * (p @ table), axis=1)
    bias = np.trace(met, axis1=1, axis2=2)
    pull = 2 * (p @ table - theta[:, None])
    first = np.einsum("ck,ckl,cl->c", pull, covariance, pull)
    second = 2 * np.einsum("ckl,clk->c", met, met)
    out.value[cells] = np.clip(theta - bias, 0, 1)
    out.first[cells], out.second[cells] = np.maximum(first, 0), np.maximum(second, 0)
    _parts(out, cells, p, table, covariance)
    simple = np.einsum("ck,kl->ckl", p, np.eye(p.shape[1])) - p[:, :, None] * p[:, None, :]
    alone = table @ simple
    one = np.einsum("ck,ckl,cl->c", pull, simple, pull)
    two = 2 * np.einsum("ckl,clk->c", alone, alone)
    variance = first + second
    seen = variance > 1e-14
    effective = np.divide(
        one + np.sqrt(one**2 + 4 * variance * two),
        2 * variance,
        out=np.full(len(cells), np.nan),
        where=seen,
    )
    # where all agree nothing varies: as many as there are units, less what the weights cost
    units = spread.units_of_cell[cells]
    out.effective[cells] = np.where(seen, effective, units)


def _parts(out: CellErrors, cells: Codes, p: Floats, table: Floats, covariance: Floats) -> None:
    """Parts of a pair, each a quadratic form of the shares and so without the same bias."""
    among = table[:-1, :-1]
    share, inside = p[:, :-1], covariance[:, :-1, :-1]
    calm = 1 - among
    compatible = np.einsum("ck,kl,cl->c", share, calm, share)
    compatible -= np.einsum("kl,ckl->c", calm, inside)
    out.compatible[cells] = np.clip(compatible, 0, 1 - out.value[cells])
    out.silent[cells] = 1 - out.value[cells] - out.compatible[cells]
    held = share.sum(axis=1)
    q = share / held[:, None]
    turn = (np.eye(q.shape[1]) - q[:, :, None]) / held[:, None, None]
    of_holders = turn @ inside @ np.swapaxes(turn, 1, 2)
    conditional = np.einsum("ck,kl,cl->c", q, among, q)
    conditional -= np.einsum("kl,ckl->c", among, of_holders)
    out.conditional[cells] = np.clip(conditional, 0, 1)


def _intervals(
    out: CellErrors,
    cells: Codes,
    masses: Floats,
    table: Floats,
    shrunk: Floats,
    level: float,
    threshold: float | None,
    seed: int,
) -> None:
    counts = masses / masses.sum(axis=1, keepdims=True)
    effective = out.effective[cells] * shrunk
    some = np.flatnonzero(np.isfinite(effective) & (effective >= 2))
    sure = np.isinf(effective)
    out.low[cells[sure]] = out.high[cells[sure]] = out.value[cells[sure]]
    if threshold is not None:
        out.exceedance[cells[sure]] = out.value[cells[sure]] > threshold
    if not len(some):
        return
    scaled, value = counts[some] * effective[some, None], out.value[cells[some]]
    if not table.any():  # no two goals conflict, whatever the sample
        out.low[cells[some]] = out.high[cells[some]] = 0.0
    else:
        found = interval(scaled, table, level, value=value, seed=seed)
        out.low[cells[some]], out.high[cells[some]] = found.low, found.high
    if threshold is not None:
        out.exceedance[cells[some]] = (
            exceedance_probability(scaled, table, threshold, value=value, seed=seed)
            if table.any()
            else 0.0
        )
