"""Estimates with their errors: values of cells and of pairs, and how they follow the masses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse, stats

from dissensus.measure.between import Between
from dissensus.measure.uncertainty.cells import CellErrors, conflict_of_cells, masses_of_cells
from dissensus.measure.uncertainty.spread import Gradients, Spread
from dissensus.model.conflict import AreaConflicts
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally

__all__ = [
    "Estimates",
    "estimates_of_cells",
    "estimates_of_pairs",
    "interval_of_share",
]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Estimates:
    """Values with errors, each (e,); NaN where one cannot be given.

    ``first`` and ``second`` are the parts of the variance: what follows the ``gradients``
    (slots, e), and the rest. ``frames`` is the value of ``over`` of each.
    """

    value: Floats
    first: Floats
    second: Floats
    low: Floats
    high: Floats
    exceedance: Floats
    gradients: Gradients
    frames: Codes

    @property
    def standard_error(self) -> Floats:
        """Root of the variance."""
        root: Floats = np.sqrt(self.first + self.second)
        return root

    def taken(self, rows: Codes) -> Estimates:
        """Some of them."""
        names = ("value", "first", "second", "low", "high", "exceedance", "frames")
        columns = {name: getattr(self, name)[rows] for name in names}
        return Estimates(gradients=self.gradients[:, rows], **columns)


def estimates_of_cells(
    tally: Tally, conflicts: AreaConflicts, errors: CellErrors, spread: Spread
) -> Estimates:
    """Misalignment of each cell as an estimate."""
    rows, columns, values = [], [], []
    for cells, table in conflict_of_cells(tally, conflicts):
        masses = masses_of_cells(tally, cells)
        whole = masses.sum(axis=1, keepdims=True)
        p = np.divide(masses, whole, out=np.zeros_like(masses), where=whole > 0)
        met = p @ table
        pull = 2 * (met - np.sum(p * met, axis=1, keepdims=True))
        pull = np.divide(pull, whole, out=np.zeros_like(pull), where=whole > 0)
        rows.append((spread.offsets[cells][:, None] + np.arange(p.shape[1])).ravel())
        columns.append(np.repeat(cells, p.shape[1]))
        values.append(pull.ravel())
    shape = (int(spread.offsets[-1]), len(tally.cell_area))
    gradients = _sparse(rows, columns, values, shape)
    return Estimates(
        errors.value,
        errors.first,
        errors.second,
        errors.low,
        errors.high,
        errors.exceedance,
        gradients,
        spread.frame_of_cell,
    )


def estimates_of_pairs(
    tally: Tally,
    conflicts: AreaConflicts,
    pairs: Between,
    spread: Spread,
    *,
    level: float = 0.95,
    threshold: float | None = None,
) -> Estimates:
    r"""Misalignment between two populations as an estimate, for each pair.

    .. math::

        \operatorname{Var} M \approx \operatorname{Var}\Bigl(\sum_{i \in A} \tfrac{a_i}{W_A}
        \bigl[(C p_B)_{g_i} - M\bigr] + \sum_{j \in B} \tfrac{a_j}{W_B}
        \bigl[(C^\top p_A)_{g_j} - M\bigr]\Bigr)
        + \operatorname{tr}(C \Sigma_B C^\top \Sigma_A)

    The interval is Clopper and Pearson's for a share that is as precise: M near 0 or 1 is as
    skewed as a share near 0 or 1.

    References
    ----------
    [korn1998]_.
    """
    count = len(pairs.cell_a)
    rows, columns, values = [], [], []
    second = np.zeros(count)
    for cells, table in conflict_of_cells(tally, conflicts):
        chosen = np.flatnonzero(np.isin(pairs.cell_a, cells))
        if not len(chosen):
            continue
        known = {int(cell): place for place, cell in enumerate(cells)}
        masses = masses_of_cells(tally, cells)
        whole = masses.sum(axis=1, keepdims=True)
        p = np.divide(masses, whole, out=np.zeros_like(masses), where=whole > 0)
        covariance = np.stack([spread.of_shares(int(cell)) for cell in cells])
        one = np.array([known[int(cell)] for cell in pairs.cell_a[chosen]])
        two = np.array([known[int(cell)] for cell in pairs.cell_b[chosen]])
        value = np.einsum("ek,kl,el->e", p[one], table, p[two])[:, None]
        width = p.shape[1]
        for mine, towards, cell in (
            (one, p[two] @ table.T, pairs.cell_a[chosen]),
            (two, p[one] @ table, pairs.cell_b[chosen]),
        ):
            size = whole[mine]
            pull = np.divide(towards - value, size, out=np.zeros_like(towards), where=size > 0)
            rows.append((spread.offsets[cell][:, None] + np.arange(width)).ravel())
            columns.append(np.repeat(chosen, width))
            values.append(pull.ravel())
        met_b, met_a = table @ covariance, table.T @ covariance
        second[chosen] = np.einsum("ekl,elk->e", met_b[two], met_a[one])
    gradients = _sparse(rows, columns, values, (int(spread.offsets[-1]), count))
    frames = spread.frame_of_cell[pairs.cell_a]
    first = spread.inside_area(gradients, frames)
    second = np.maximum(second, 0)
    units = np.minimum(spread.units_of_cell[pairs.cell_a], spread.units_of_cell[pairs.cell_b])
    freedom = spread.degrees_of_freedom[pairs.cell_a] + spread.degrees_of_freedom[pairs.cell_b]
    if spread.is_agent:  # not told apart, agents are as many as they are
        agents = np.asarray(tally.population.agents)
        units = np.minimum(agents[pairs.cell_a], agents[pairs.cell_b])
        freedom = np.full(count, 10**9)
    low, high, exceedance = interval_of_share(
        pairs.misalignment, first + second, units, freedom, level, threshold
    )
    return Estimates(pairs.misalignment, first, second, low, high, exceedance, gradients, frames)


def interval_of_share(
    value: Floats,
    variance: Floats,
    units: Codes,
    freedom: Codes,
    level: float = 0.95,
    threshold: float | None = None,
) -> tuple[Floats, Floats, Floats]:
    r"""Interval of a probability from its variance, and the confidence that it passes a threshold.

    .. math:: n_e = \frac{\theta (1 - \theta)}{\operatorname{Var} \theta}
        \Bigl(\frac{z}{t_f}\Bigr)^2

    Clopper and Pearson's interval of :math:`n_e \theta` successes in :math:`n_e` trials; ``units``
    trials where nothing varies.

    Returns
    -------
    low, high, exceedance : (e,)

    Examples
    --------
    >>> import numpy as np
    >>> low, high, _ = interval_of_share(np.array([0.5]), np.array([0.0025]), [100], [99])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.397], [0.603])
    """
    with np.errstate(invalid="ignore"):
        seen = variance > 1e-15
        trials = np.divide(
            value * (1 - value), variance, out=np.asarray(units, dtype=np.float64), where=seen
        )
        tail = (1 - level) / 2
        shrink = stats.norm.isf(tail) / stats.t.isf(tail, np.maximum(freedom, 1))
        trials = trials * shrink**2
        x = trials * value
        low = np.where(x > 0, stats.beta.ppf(tail, np.maximum(x, 1e-300), trials - x + 1), 0.0)
        rest = trials - x
        high = np.where(rest > 0, stats.beta.ppf(1 - tail, x + 1, np.maximum(rest, 1e-300)), 1.0)
        exceedance = np.full(len(value), np.nan)
        if threshold is not None:
            above = np.where(x > 0, stats.beta.cdf(threshold, np.maximum(x, 1e-300), rest + 1), 1.0)
            beyond = np.where(
                rest > 0, stats.beta.cdf(threshold, x + 1, np.maximum(rest, 1e-300)), 0.0
            )
            exceedance = 1 - (above + beyond) / 2
    gone = np.isnan(value)
    return (
        np.where(gone, np.nan, low),
        np.where(gone, np.nan, high),
        np.where(gone, np.nan, exceedance),
    )


def _sparse(
    rows: list[Codes], columns: list[Codes], values: list[Floats], shape: tuple[int, int]
) -> Gradients:
    if not rows:
        return sparse.csc_array(shape)
    parts = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csc_array(parts, shape=shape)
