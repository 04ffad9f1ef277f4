"""Misalignment of a population: the chance that two agents drawn at random conflict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from dissensus.measure.blocks import EXACT_POPULATION, blocks
from dissensus.measure.friction import friction
from dissensus.model.conflict import AreaConflicts, Conflict
from dissensus.model.tally import Mass, Tally

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

    ``drawn`` are all pairs that can be drawn, ``holding`` those that both hold a goal,
    ``conflicting`` the conflict among these, ``conflicting_silent`` the conflict of pairs with a
    member that holds none.
    """

    drawn: Numbers
    holding: Numbers
    conflicting: Numbers
    conflicting_silent: Numbers


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
    cells, met = [np.empty(0, dtype=np.int64)], []
    silent_conflict = np.zeros(len(tally.cell_area))
    without_goal = tally.without_goal.values.astype(np.float64)
    for block in blocks(tally, conflicts):
        cells.append(block.cells[:, 0])
        met.append((block.masses * friction(block.masses, block.conflict)).sum(axis=-1)[:, 0])
        if block.silence is not None:
            held = (block.masses * block.silence).sum(axis=-1)[:, 0]
            silent_conflict[cells[-1]] = 2 * held * without_goal[cells[-1]]
    conflicting = np.concatenate(met)[np.argsort(np.concatenate(cells))] if met else np.zeros(0)
    return PairMass(
        drawn=_pairs(tally.population, sampling),
        holding=_pairs(tally.holders, sampling),
        conflicting=conflicting,
        conflicting_silent=silent_conflict,
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
    conflict = pairs.conflicting + pairs.conflicting_silent
    compatible = ratio(pairs.holding - pairs.conflicting, pairs.drawn, somebody)
    silent = ratio(pairs.drawn - pairs.holding - pairs.conflicting_silent, pairs.drawn, somebody)
    return Within(
        misalignment=ratio(conflict, pairs.drawn, somebody),
        conditional_misalignment=ratio(pairs.conflicting, pairs.holding, somebody),
        participation=ratio(holders, population, population > 0),
        compatible_share=compatible,
        no_goal_share=silent,
    )


def ratio(part: Numbers, whole: Numbers, defined: npt.NDArray[np.bool_]) -> Floats:
    """Divide where a value is defined; NaN elsewhere."""
    below = np.asarray(whole, dtype=np.float64)
    out = np.full(len(below), np.nan)
    np.divide(np.asarray(part, dtype=np.float64), below, out=out, where=defined & (below > 0))
    return out


def _pairs(mass: Mass, sampling: Sampling) -> Numbers:
    values = mass.values
    if sampling == "with-replacement":
        return _product(values, values)
    if mass.weights is None:
        return _product(values, np.maximum(values - 1, 0))
    if mass.squares is None:  # proportions: the number of agents is unknown
        return np.full(len(values), np.nan)
    # rounding may leave a trace of one agent's pair with itself
    drawn = values**2 - mass.squares
    return np.where(drawn > 8 * np.finfo(np.float64).eps * values**2, drawn, 0.0)


def _product(a: Numbers, b: Numbers) -> Numbers:
    """Multiply, in whole numbers where the product fits, else in floats."""
    if a.dtype == np.int64 and int(a.max(initial=0)) < EXACT_POPULATION:
        return a * b
    return a.astype(np.float64) * b.astype(np.float64)
