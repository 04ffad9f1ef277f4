"""Salience where agents hold several goals: one salience an agent, any pairing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.measure.pairing.rules import own_conflict
from dissensus.measure.pairing.several import Work, met_masses
from dissensus.measure.salience import average, checked_salience
from dissensus.model.conflict import Conflict
from dissensus.model.keys import Codes
from dissensus.model.patterns import Patterns
from dissensus.model.salience import SalienceMean
from dissensus.model.tally import Mass

__all__ = ["met_with_salience_of_patterns"]

Floats = npt.NDArray[np.float64]


def met_with_salience_of_patterns(
    patterns: Patterns,
    pattern: Codes,
    salience: npt.ArrayLike,
    conflict: Conflict | npt.ArrayLike,
    pairing: str,
    mean: SalienceMean = "geometric",
    *,
    weights: npt.ArrayLike | None = None,
    work: Work | None = None,
) -> tuple[float, float]:
    r"""Mass of conflicting ordered pairs of agents, weighed by the average of two saliences.

    .. math:: \sum_{i \ne j} a_i a_j D(S_i, S_j) \operatorname{avg}(s_i, s_j)

    ============ ========= =========== ===========================================================
    symbol       shape     range       meaning
    ============ ========= =========== ===========================================================
    :math:`S_i`  ``(n,)``  0 .. m - 1  ``pattern`` of each agent
    :math:`s_i`  ``(n,)``  [0, 1]      ``salience`` of each agent
    :math:`a_i`  ``(n,)``  >= 0        ``weights``; everyone counts once unless given
    ============ ========= =========== ===========================================================

    ``geometric`` is a weight of :math:`a_i \sqrt{s_i}`; ``arithmetic`` pairs two sums; for the
    other means each distinct salience is a population of its own, and each meets each.

    Returns
    -------
    met, bound : float
        Divide both by the mass of pairs drawn; the bound is 0 where the value is exact.

    Raises
    ------
    SalienceError, PairingError, ConflictError
        Saliences outside [0, 1], no such mean or pairing, a table that is none.

    Examples
    --------
    >>> from dissensus.model.patterns import patterns_of
    >>> patterns = patterns_of([[0, 1], [0], [2]], goals=3)
    >>> table = [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    >>> cares = [1, 0.25, 0.5]
    >>> met_with_salience_of_patterns(patterns, np.arange(3), cares, table, "any")
    (1.0, 0.0)
    """
    average(0.0, 0.0, mean)
    cares = checked_salience(salience)
    mass = np.ones(len(cares)) if weights is None else np.asarray(weights, dtype=np.float64)

    def summed(values: Floats, level: Codes | None = None, size: int = 1) -> Floats:
        place = pattern if level is None else level * patterns.size + pattern
        sums = np.bincount(place, values, minlength=size * patterns.size).astype(np.float64)
        return sums.reshape(size, patterns.size)

    def met_of(weight: Floats, square: Floats) -> tuple[Floats, Floats]:
        agents = np.zeros(weight.shape, dtype=np.int64)
        met = met_masses(patterns, Mass(agents, weight, square), conflict, pairing, work)
        return met.mass, met.bound

    if mean in ("geometric", "none"):
        rooted = mass if mean == "none" else mass * np.sqrt(cares)
        met, bound = met_of(summed(rooted), summed(rooted**2))
        return float(met[0, 0]), float(bound[0, 0])
    if mean == "arithmetic":
        both = np.vstack([summed(mass * cares), summed(mass)])
        met, bound = met_of(both, both**2)
        own = summed(mass**2 * cares)[0] @ own_conflict(patterns, conflict, pairing)
        return (
            float(max((met[0, 1] + met[1, 0]) / 2 - own, 0.0)),
            float((bound[0, 1] + bound[1, 0]) / 2),
        )
    levels, level = np.unique(cares, return_inverse=True)
    apart = summed(mass, level, len(levels)), summed(mass**2, level, len(levels))
    met, bound = met_of(*apart)
    height = average(levels[:, None], levels, mean)
    return float((height * met).sum()), float((height * bound).sum())
