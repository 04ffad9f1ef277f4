"""Misalignment of a population: the chance that two agents drawn at random conflict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dissensus.measure.blocks import blocks, is_exact
from dissensus.measure.friction import friction
from dissensus.model.conflict import AreaConflicts, Conflict, Exclusive
from dissensus.model.tally import Mass, Tally, sums_between

__all__ = [
    "PairMass",
    "Sampling",
    "Within",
    "misalignment_of_shares",
    "pair_masses",
    "ratio",
    "within",
]

Sampling = Literal["with-replacement", "distinct-pairs"]
Numbers = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]


def misalignment_of_shares(
    shares: npt.ArrayLike, conflict: Conflict | npt.ArrayLike
) -> float | Floats:
    r"""Chance that two agents drawn at random, with replacement, hold conflicting goals.

    .. math:: V = p^\top C p

    ============ ============ ======================== ==========================================
    symbol       shape        range                    meaning
    ============ ============ ======================== ==========================================
    :math:`p`    ``(..., k)`` [0, 1], sum at most 1    ``shares``: part of the population holding
                                                       each goal; the rest holds none
    :math:`C`    ``(k, k)``   [0, 1], symmetric        ``conflict``: zero diagonal
    ============ ============ ======================== ==========================================

    Returns
    -------
    float, or array of shape ``(...)``
        0 if no two held goals conflict; (k - 1) / k if k goals, held by equally many, all conflict.

    Raises
    ------
    ConflictError
        The conflict is not square, not symmetric, out of range, or its diagonal is not zero.

    References
    ----------
    [kierans2022]_, Eq. 1; without conflict grades the Gini-Simpson index [simpson1949]_.

    Examples
    --------
    >>> misalignment_of_shares([0.5, 0.5], [[0, 1], [1, 0]])
    0.5
    """
    p = np.asarray(shares, dtype=np.float64)
    value = np.sum(p * friction(p, conflict), axis=-1)
    return float(value) if value.ndim == 0 else value


@dataclass(frozen=True, eq=False)
class PairMass:
    """Mass of ordered pairs of agents in each cell, by what becomes of them; each (cells,).

    Pairs that both hold a goal are ``conflicting`` or ``compatible``, each as far as it is; of the
    ``silent`` ones, with a member that holds none, ``conflicting_silent`` is the conflict. Each is
    a sum of what is not negative, so that none loses its digits beside a larger one.
    """

    conflicting: Numbers
    compatible: Numbers
    silent: Numbers
    conflicting_silent: Numbers

    @property
    def holding(self) -> Numbers:
        """Pairs that both hold a goal."""
        held: Numbers = self.compatible + self.conflicting
        return held

    @property
    def drawn(self) -> Numbers:
        """All pairs that can be drawn."""
        drawn: Numbers = self.holding + self.silent
        return drawn


@dataclass(frozen=True, eq=False)
class Within:
    """Misalignment of each population, with what it is made of; (cells,), NaN where undefined."""

    misalignment: Floats
    conditional_misalignment: Floats
    participation: Floats
    compatible_share: Floats
    no_goal_share: Floats


def pair_masses(tally: Tally, conflicts: AreaConflicts, sampling: Sampling) -> PairMass:
    r"""Sort the pairs of each cell's agents into conflicting, compatible and silent.

    With replacement a pair is any of :math:`n^2` and an agent may meet itself; distinct pairs are
    the :math:`n (n - 1)` others. Weights :math:`a_i` replace counts: :math:`(\sum a_i)^2` and
    :math:`\sum_{i \ne j} a_i a_j`. One goal an agent: nobody conflicts with itself, so the
    conflicting mass is the same in both.
    """
    kind = np.int64 if is_exact(tally) else np.float64
    size = len(tally.cell_area)
    apart: Numbers = np.zeros(size, dtype=kind)
    conflicting: Numbers = np.zeros(size)
    opposed = np.zeros(size)
    for block in blocks(tally, conflicts):
        cells, masses = block.cells[:, 0], block.masses
        apart[cells] = (masses * friction(masses, Exclusive())).sum(axis=-1)[:, 0]
        if not isinstance(block.conflict, Exclusive):
            met = (masses * friction(masses, block.conflict)).sum(axis=-1)
            conflicting[cells] = met[:, 0]
        if block.silence is not None:
            opposed[cells] = (masses * block.silence).sum(axis=-1)[:, 0]
    same = sums_between(_pairs(tally.entries, sampling, kind), tally.entry_offsets)
    held, silent = (mass.values.astype(kind) for mass in (tally.holders, tally.without_goal))
    if conflicts.is_exclusive:
        conflicting = apart
    # rounding alone may pass the bounds
    conflicting = np.minimum(conflicting, apart)
    return PairMass(
        conflicting=conflicting,
        compatible=same + (apart - conflicting),
        silent=_pairs(tally.without_goal, sampling, kind) + 2 * silent * held,
        conflicting_silent=2 * silent * np.minimum(opposed, held),
    )


def within(tally: Tally, conflicts: AreaConflicts, sampling: Sampling) -> Within:
    r"""Misalignment of the agents of each cell.

    .. math::

        V = \frac{1}{n^2} \sum_{i, j} D(i, j), \qquad
        U = \frac{1}{n (n - 1)} \sum_{i \ne j} D(i, j)

    with :math:`D(i, j) = C_{g_i g_j}`; V for ``with-replacement``, U for ``distinct-pairs``.

    Returns
    -------
    Within
        Arrays over cells. All but participation are NaN in a cell in which nobody holds a goal
        (it is no problem area of that population) or from which no pair can be drawn.

    References
    ----------
    [kierans2022]_, Eq. 2.
    """
    pairs = pair_masses(tally, conflicts, sampling)
    population, holders = tally.population.values, tally.holders.values
    somebody = holders > 0
    drawn = pairs.drawn
    return Within(
        misalignment=ratio(pairs.conflicting + pairs.conflicting_silent, drawn, somebody),
        conditional_misalignment=ratio(pairs.conflicting, pairs.holding, somebody),
        participation=ratio(holders, population, population > 0),
        compatible_share=ratio(pairs.compatible, drawn, somebody),
        no_goal_share=ratio(pairs.silent - pairs.conflicting_silent, drawn, somebody),
    )


def ratio(part: Numbers, whole: Numbers, defined: npt.NDArray[np.bool_]) -> Floats:
    """Divide where a value is defined; NaN elsewhere."""
    below = np.asarray(whole, dtype=np.float64)
    out = np.full(len(below), np.nan)
    np.divide(np.asarray(part, dtype=np.float64), below, out=out, where=defined & (below > 0))
    return out


def _pairs(mass: Mass, sampling: Sampling, kind: type[np.int64 | np.float64]) -> Numbers:
    """Pairs of agents among those of each mass."""
    values = mass.values
    if sampling == "with-replacement":
        squares: Numbers = np.square(values.astype(kind))
        return squares
    if mass.weights is None:
        pairs: Numbers = values.astype(kind) * np.maximum(values - 1, 0).astype(kind)
        return pairs
    if mass.squares is None:  # proportions: the number of agents is unknown
        return np.full(len(values), np.nan)
    # rounding may leave a trace of one agent's pair with itself
    others = values**2 - mass.squares
    trace = others <= 8 * np.finfo(np.float64).eps * values**2
    drawn: Numbers = np.where(trace, 0.0, others)  # what is unknown stays so
    return drawn
