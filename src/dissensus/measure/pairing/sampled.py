"""Pairs of agents drawn at random, where all pairs of patterns are too many."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from dissensus.measure.pairing.rules import certain_or_not, own_conflict, reach
from dissensus.model.patterns import Patterns

__all__ = ["error_bound", "met_by_sampling"]

Floats = npt.NDArray[np.float64]

# numbers that a block of draws may hold
_TOGETHER = 4_000_000


def error_bound(draws: int, variance: npt.ArrayLike, failure: float) -> Floats:
    r"""How far a mean of draws from [0, 1] may be from what it estimates.

    .. math::

        \min\Bigl(\sqrt{\frac{\ln(4/\delta)}{2 r}},\;
        \sqrt{\frac{2 v \ln(6/\delta)}{r}} + \frac{3 \ln(6/\delta)}{r}\Bigr)

    ================= ========= ================= ================================================
    symbol            shape     range             meaning
    ================= ========= ================= ================================================
    :math:`r`                   >= 1              ``draws``
    :math:`v`         ``(...)`` [0, 1/4]          ``variance`` of the draws that were seen
    :math:`\delta`              (0, 1)            ``failure``: chance that the bound does not hold
    ================= ========= ================= ================================================

    Hoeffding's bound and the empirical Bernstein bound, each at half the failure. It holds for
    every population and every number of draws; it is no approximation.

    References
    ----------
    [hoeffding1963]_; [audibert2009]_, Theorem 1.

    Examples
    --------
    >>> round(float(error_bound(1_000_000, 0.0, 0.01)), 6)
    1.9e-05
    """
    hoeffding = math.sqrt(math.log(4 / failure) / (2 * draws))
    size = math.log(6 / failure)
    bernstein = np.sqrt(2 * np.asarray(variance) * size / draws) + 3 * size / draws
    bound: Floats = np.minimum(hoeffding, bernstein)
    return bound


def met_by_sampling(
    patterns: Patterns,
    table: Floats,
    masses: Floats,
    squares: Floats,
    pairing: str,
    *,
    draws: int,
    failure: float,
    seed: int,
    pairs: bool = True,
) -> tuple[Floats, Floats]:
    """Estimate the mass of conflicting pairs of different agents, and bound the error.

    Without ``pairs`` only those within each population: the rest is left at 0.
    Each pair of populations has its own draws. Two draws of one pattern may be of one agent: their
    conflict counts in proportion to the chance that they are not.

    Returns
    -------
    met, bound : (c, c)
        Masses. Each bound holds but for a chance of ``failure``; on the diagonal self-pairs are
        left out, and elsewhere none exists.
    """
    generator = np.random.default_rng(seed)
    cells = len(masses)
    met, bound = np.zeros((cells, cells)), np.zeros((cells, cells))
    own = own_conflict(patterns, table, pairing)
    symmetric = bool((table == table.T).all())
    block = max(_TOGETHER // max(patterns.goals, 1), 1)
    for a in range(cells):
        for b in _partners(a, cells, pairs=pairs, symmetric=symmetric):
            whole = masses[a].sum() * masses[b].sum()
            if whole <= 0:
                continue
            first = _drawn(generator, masses[a], draws)
            second = _drawn(generator, masses[b], draws)
            total = square = 0.0
            for start in range(0, draws, block):
                s, t = first[start : start + block], second[start : start + block]
                degree = _degrees(patterns, table, s, t, pairing)
                if a == b:
                    same = s == t
                    chance = squares[a][s[same]] / masses[a][s[same]] ** 2
                    degree[same] = own[s[same]] * (1 - chance)
                total += float(degree.sum())
                square += float((degree**2).sum())
            mean = total / draws
            variance = max(square / draws - mean**2, 0.0) * draws / max(draws - 1, 1)
            met[a, b] = whole * mean
            bound[a, b] = whole * float(error_bound(draws, variance, failure))
            if symmetric:
                met[b, a], bound[b, a] = met[a, b], bound[a, b]
    return met, bound


def _partners(a: int, cells: int, *, pairs: bool, symmetric: bool) -> range:
    if not pairs:
        return range(a, a + 1)
    return range(a if symmetric else 0, cells)


def _drawn(generator: np.random.Generator, mass: Floats, draws: int) -> npt.NDArray[np.int64]:
    heights = np.cumsum(mass)
    place = np.searchsorted(heights, generator.random(draws) * heights[-1], side="right")
    last = int(np.flatnonzero(mass)[-1])
    chosen: npt.NDArray[np.int64] = np.minimum(place, last).astype(np.int64)
    return chosen


def _degrees(
    patterns: Patterns,
    table: Floats,
    first: npt.NDArray[np.int64],
    second: npt.NDArray[np.int64],
    pairing: str,
) -> Floats:
    ours, theirs = patterns.take(first), patterns.members(second)
    if pairing == "any":
        worst: Floats = np.where(theirs, reach(ours, table, slice(None)), 0.0).max(
            axis=1, initial=0.0
        )
        return worst
    sums = ours.members(slice(None)).astype(np.float64) @ certain_or_not(table)
    degrees: Floats = -np.expm1(-np.where(theirs, sums, 0.0).sum(axis=1))
    return degrees
