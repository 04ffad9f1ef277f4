"""Variance of misalignment where the agents are a random sample."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.measure.friction import as_conflict, friction
from dissensus.measure.misalignment import misalignment_of_shares
from dissensus.model.conflict import Conflict, Exclusive, Line, Matrix

__all__ = [
    "UncertaintyError",
    "influence_of_goals",
    "unbiased_misalignment",
    "variance_of_misalignment",
]

Floats = npt.NDArray[np.float64]


class UncertaintyError(DissensusError, ValueError):
    """An interval or a test that the data cannot give."""


def unbiased_misalignment(counts: npt.ArrayLike, conflict: Conflict | npt.ArrayLike) -> Floats:
    r"""Misalignment of the population that agents were drawn from, without bias.

    .. math:: U = \frac{\sum_{i \ne j} C_{g_i g_j}}{n (n - 1)} = \frac{n}{n - 1} V

    V of a sample is too small by :math:`\theta / n` on average: an agent meets itself more often in
    a sample than in the population. Ranking by V would rank by size.

    Parameters
    ----------
    counts : (..., k) array
        Agents that hold each goal, and those without one as a goal that conflicts with none.
    conflict : Conflict or (k, k) array

    Returns
    -------
    numpy.ndarray
        Shape ``(...)``; NaN for fewer than two agents.

    Examples
    --------
    >>> round(float(unbiased_misalignment([50, 50], [[0, 1], [1, 0]])), 4)
    0.5051
    """
    values = np.asarray(counts, dtype=np.float64)
    n = values.sum(axis=-1)
    met = np.sum(values * friction(values, conflict), axis=-1)
    out = np.full(n.shape, np.nan)
    np.divide(met, n * (n - 1), out=out, where=n > 1)
    return out


def influence_of_goals(shares: npt.ArrayLike, conflict: Conflict | npt.ArrayLike) -> Floats:
    r"""How one more agent with each goal pulls misalignment, to first order.

    .. math:: z_g = 2 \bigl[(C p)_g - \theta\bigr]

    Returns
    -------
    numpy.ndarray
        Shape ``(..., k)``, with mean 0 over the population: above 0 for a goal that meets more
        conflict than a random agent's.

    Examples
    --------
    >>> influence_of_goals([0.75, 0.25], [[0, 1], [1, 0]]).tolist()
    [-0.25, 0.75]
    """
    p = np.asarray(shares, dtype=np.float64)
    met = friction(p, conflict)
    theta = np.asarray(misalignment_of_shares(p, conflict))
    pull: Floats = 2 * (met - theta[..., None])
    return pull


def variance_of_misalignment(
    shares: npt.ArrayLike,
    conflict: Conflict | npt.ArrayLike,
    agents: npt.ArrayLike,
    population_size: npt.ArrayLike = np.inf,
) -> Floats:
    r"""Variance of U over samples of n agents.

    .. math::

        \operatorname{Var} U = \frac{2}{n (n - 1)} \bigl[2 (n - 2) (1 - f) \zeta_1
        + (1 - f)^2 \zeta_2\bigr], \quad
        \zeta_1 = \sum_g p_g (C p)_g^2 - \theta^2, \quad
        \zeta_2 = \sum_{g, h} p_g p_h C_{gh}^2 - \theta^2

    =============== ============ ============ ====================================================
    symbol          shape        range        meaning
    =============== ============ ============ ====================================================
    :math:`p`       ``(..., k)`` [0, 1]       ``shares``, of those without a goal too; sum 1
    :math:`C`       ``(k, k)``   [0, 1]       ``conflict``: zero diagonal
    :math:`\theta`  ``(...)``    [0, 1]       misalignment of p
    :math:`n`       ``(...)``    >= 2         ``agents`` of the sample
    :math:`f`       ``(...)``    [0, 1]       n / N, with N the ``population_size``
    =============== ============ ============ ====================================================

    The first term is about agents that meet more conflict than others; at full symmetry (exclusive
    goals, equal groups) it is 0, the second remains, and no normal interval is right.

    Returns
    -------
    numpy.ndarray
        0 if everybody holds the same goal, or if the sample is the population; NaN for fewer than
        two agents.

    Raises
    ------
    UncertaintyError
        A population smaller than its sample.

    References
    ----------
    [hoeffding1948]_.

    Examples
    --------
    >>> table = [[0, 0.2, 0.5], [0.2, 0, 0.9], [0.5, 0.9, 0]]
    >>> round(float(variance_of_misalignment([0.2, 0.5, 0.3], table, 20)), 10)
    0.0034868421
    """
    p = np.asarray(shares, dtype=np.float64)
    n = np.asarray(agents, dtype=np.float64)
    f = n / np.asarray(population_size, dtype=np.float64)
    if (f > 1 + 1e-12).any():
        raise UncertaintyError(
            "a population smaller than the sample that was drawn from it",
            "population_size of at least the number of agents",
            "leave population_size out, or give the size of the whole population",
        )
    theta = np.asarray(misalignment_of_shares(p, conflict))
    first = np.sum(p * friction(p, conflict) ** 2, axis=-1) - theta**2
    second = np.sum(p * friction(p, squared(conflict)), axis=-1) - theta**2
    top = 2 * (n - 2) * (1 - f) * np.maximum(first, 0) + (1 - f) ** 2 * np.maximum(second, 0)
    out = np.full(np.broadcast(top, n).shape, np.nan)
    np.divide(2 * top, n * (n - 1), out=out, where=n > 1)
    return out


def squared(conflict: Conflict | npt.ArrayLike) -> Conflict:
    """Every degree of conflict squared."""
    form = as_conflict(conflict)
    if isinstance(form, Exclusive):
        return form
    if isinstance(form, Line):
        places = form.positions
        return Matrix((places[..., :, None] - places[..., None, :]) ** 2)
    return Matrix(form.values**2)
