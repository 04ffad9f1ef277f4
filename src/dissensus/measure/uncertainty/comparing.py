"""Differences, winners and many tests at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from dissensus.measure.friction import friction
from dissensus.measure.uncertainty.variance import UncertaintyError, unbiased_misalignment
from dissensus.model.conflict import Conflict

__all__ = [
    "Differences",
    "differences",
    "excess_test",
    "false_discoveries",
    "indistinguishable",
]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Differences:
    """Differences of values that may share agents, each (pairs,): first less second."""

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    difference: Floats
    standard_error: Floats
    interval_low: Floats
    interval_high: Floats
    p_value: Floats


def differences(
    values: npt.ArrayLike,
    covariance: npt.ArrayLike,
    level: float = 0.95,
    *,
    degrees_of_freedom: float = np.inf,
) -> Differences:
    r"""Every difference of two values, with the covariance of what is measured on the same agents.

    .. math:: \operatorname{Var}(\theta_a - \theta_b) = \Sigma_{aa} + \Sigma_{bb} - 2 \Sigma_{ab}

    ================ ========== ============ =====================================================
    symbol           shape      range        meaning
    ================ ========== ============ =====================================================
    :math:`\theta`   ``(q,)``                ``values``
    :math:`\Sigma`   ``(q, q)``              ``covariance``: of the pulls of shared agents
    ================ ========== ============ =====================================================

    Two years, two areas or two models on the same agents or areas err together, so that their
    difference is surer than two separate intervals say. Where an agent's pulls on both are the
    same, the variance is 0 and so no test is possible: the interval and p are NaN.

    Examples
    --------
    >>> found = differences([0.5, 0.3], [[0.01, 0.008], [0.008, 0.01]])
    >>> round(float(found.standard_error[0]), 4), bool(found.p_value[0] < 0.01)
    (0.0632, True)
    """
    value = np.asarray(values, dtype=np.float64)
    sigma = np.asarray(covariance, dtype=np.float64)
    first, second = (part.astype(np.int64) for part in np.triu_indices(len(value), 1))
    apart = value[first] - value[second]
    variance = sigma[first, first] + sigma[second, second] - 2 * sigma[first, second]
    floor = 1e-12 * (sigma[first, first] + sigma[second, second])
    error = np.sqrt(np.where(variance > floor, variance, 0.0))
    times = float(stats.t.ppf((1 + level) / 2, degrees_of_freedom))
    seen = error > 0
    score = np.divide(np.abs(apart), error, out=np.full(len(error), np.nan), where=seen)
    p_value = np.asarray(2 * stats.t.sf(score, degrees_of_freedom), dtype=np.float64)
    reach = np.where(seen, times * error, np.nan)
    return Differences(first, second, apart, error, apart - reach, apart + reach, p_value)


def indistinguishable(
    values: npt.ArrayLike,
    covariance: npt.ArrayLike,
    level: float = 0.95,
    *,
    lowest: bool = True,
    draws: int = 20_000,
    seed: int = 0,
) -> Flags:
    r"""Which of several values may be the lowest (or highest): the winner's set.

    .. math:: \max_{j} \frac{\theta_i - \theta_j}{\operatorname{se}(\theta_i - \theta_j)} \le c_i

    with :math:`c_i` the quantile of the largest of these scores if all values were equal, drawn
    from their joint normal distribution. The set holds the true winner with chance ``level``.

    Returns
    -------
    numpy.ndarray of bool
        Shape ``(q,)``; the best value seen is always in it, and all are where nothing is known.

    References
    ----------
    [gupta1965]_; [hothorn2008]_.

    Examples
    --------
    >>> indistinguishable([0.2, 0.21, 0.5], 0.001 * np.eye(3)).tolist()
    [True, True, False]
    """
    value = np.asarray(values, dtype=np.float64) * (1 if lowest else -1)
    sigma = np.asarray(covariance, dtype=np.float64)
    variance = np.diag(sigma)[:, None] + np.diag(sigma) - 2 * sigma
    error = np.sqrt(np.maximum(variance, 0))
    generator = np.random.default_rng(seed)
    roots, vectors = np.linalg.eigh((sigma + sigma.T) / 2)
    noise = generator.standard_normal((draws, len(value)))
    drawn = noise * np.sqrt(np.maximum(roots, 0)) @ vectors.T
    out = np.ones(len(value), dtype=bool)
    for i in range(len(value)):
        seen = error[i] > 1e-12 * max(float(np.sqrt(np.diag(sigma)).max()), 1e-300)
        # equal errors: a difference, if there is one, is certain
        certain = (~seen & (value < value[i])).any()
        if not seen.any():
            out[i] = not certain
            continue
        score = ((value[i] - value[seen]) / error[i, seen]).max()
        null = ((drawn[:, [i]] - drawn[:, seen]) / error[i, seen]).max(axis=1)
        out[i] = not certain and score <= np.quantile(null, level)
    return out


def false_discoveries(p_values: npt.ArrayLike, rate: float = 0.05) -> tuple[Flags, Floats]:
    r"""Which of many findings to keep, by Benjamini and Yekutieli: right under any dependence.

    .. math:: p_{(i)} \le \frac{i}{m\,h_m} q, \qquad h_m = \sum_{j=1}^m \frac{1}{j}

    Returns
    -------
    found : (m,)
        Of the findings kept, at most a part ``rate`` is false, on average. NaN is never kept.
    adjusted : (m,)
        Each p-value as the smallest rate at which it would be kept.

    References
    ----------
    [benjamini2001]_.

    Examples
    --------
    >>> found, adjusted = false_discoveries([0.001, 0.02, 0.5])
    >>> found.tolist(), adjusted.round(4).tolist()
    ([True, False, False], [0.0055, 0.055, 0.9167])
    """
    p = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    m = len(known)
    order = known[np.argsort(p[known], kind="stable")]
    rank = np.arange(1, m + 1)
    raised = p[order] * m * float(np.sum(1 / rank)) / rank
    adjusted[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    found = np.zeros(p.shape, dtype=bool)
    found[known] = adjusted[known] <= rate
    return found, adjusted


def excess_test(
    counts_a: npt.ArrayLike,
    counts_b: npt.ArrayLike,
    conflict: Conflict | npt.ArrayLike,
    *,
    permutations: int = 9_999,
    seed: int = 0,
) -> tuple[float, float]:
    r"""Test whether two populations conflict more with each other than within.

    .. math:: e = 2 M(A, B) - U_A - U_B

    The agents of both are shuffled and dealt again into populations of the same sizes. At e = 0
    its variance is degenerate and no standard error serves; the shuffle needs none.

    Returns
    -------
    excess, p_value : float
        ``p_value`` is the part of all deals, the one seen among them, whose excess is at least as
        far from 0. NaN for a population of fewer than two agents.

    Raises
    ------
    UncertaintyError
        Counts that are not whole: weighted agents cannot be dealt.

    References
    ----------
    [szekely2013]_ for exclusive goals: the energy distance.

    Examples
    --------
    >>> excess, p_value = excess_test([18, 2], [2, 18], [[0, 1], [1, 0]])
    >>> round(excess, 3), bool(p_value < 0.001)
    (1.261, True)
    """
    a, b = np.asarray(counts_a, dtype=np.float64), np.asarray(counts_b, dtype=np.float64)
    if (a % 1).any() or (b % 1).any():
        raise UncertaintyError(
            "counts that are not whole numbers",
            "whole agents, which can be dealt anew",
            "test unweighted counts",
        )
    if min(a.sum(), b.sum()) < 2:
        return float("nan"), float("nan")
    pooled = (a + b).astype(np.int64)

    def excess(first: Floats) -> Floats:
        second = pooled - first
        met = np.sum(first * friction(second, conflict), axis=-1)
        crossed = met / (first.sum(axis=-1) * second.sum(axis=-1))
        inside = unbiased_misalignment(first, conflict) + unbiased_misalignment(second, conflict)
        value: Floats = 2 * crossed - inside
        return value

    seen = float(excess(a))
    generator = np.random.default_rng(seed)
    dealt = generator.multivariate_hypergeometric(pooled, int(a.sum()), size=permutations)
    far = np.abs(excess(dealt.astype(np.float64))) >= abs(seen) - 1e-12
    return seen, float((far.sum() + 1) / (permutations + 1))
