"""Replicate weights: a survey's own way to say how its estimates vary."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from dissensus.errors import nearest
from dissensus.measure.uncertainty.variance import UncertaintyError
from dissensus.model.keys import Codes

__all__ = ["ReplicateKind", "replicate_covariance", "replicate_factors", "replicate_shares"]

Floats = npt.NDArray[np.float64]
ReplicateKind = Literal["BRR", "Fay", "JK1", "JKn", "bootstrap"]


def replicate_shares(goal: Codes, goals: int, weights: npt.ArrayLike) -> Floats:
    """Shares of the goals under each set of weights, (replicates, k); ``weights`` (n, r).

    Examples
    --------
    >>> replicate_shares(np.array([0, 1]), 2, [[2, 0], [0, 2]]).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    table = np.asarray(weights, dtype=np.float64)
    if not (np.isfinite(table).all() and (table >= 0).all() and (table.sum(axis=0) > 0).all()):
        raise UncertaintyError(
            "replicate weights that are no weights",
            "numbers of at least 0, not all 0 in a replicate",
            "mend the weights",
        )
    sums = np.stack([np.bincount(goal, column, minlength=goals) for column in table.T])
    shares: Floats = sums / sums.sum(axis=1, keepdims=True)
    return shares


def replicate_covariance(
    replicates: npt.ArrayLike,
    estimate: npt.ArrayLike,
    kind: ReplicateKind,
    *,
    fay: float | None = None,
    scales: npt.ArrayLike | None = None,
) -> Floats:
    r"""Covariance of estimates, from what each set of replicate weights gives.

    .. math:: \sum_r c_r (\theta_r - \hat\theta)(\theta_r - \hat\theta)^\top

    =============== ==================================================
    kind            :math:`c_r`
    =============== ==================================================
    ``BRR``         1 / R
    ``Fay``         1 / (R (1 - rho)^2), with rho = ``fay`` in [0, 1)
    ``JK1``         (R - 1) / R
    ``JKn``         ``scales``: (n_h - 1) / n_h of the stratum that lost a cluster
    ``bootstrap``   1 / (R - 1)
    =============== ==================================================

    Parameters
    ----------
    replicates : (R, q) array
        The estimates under each set of weights.
    estimate : (q,) array
        The estimates under the full weights.
    scales : (R,) array, optional
        Own factors; they replace :math:`c_r` of the other kinds too.

    Returns
    -------
    numpy.ndarray
        Shape ``(q, q)``; 0 if all replicates agree.

    Raises
    ------
    UncertaintyError
        No such kind, fewer than two replicates, ``Fay`` without its factor, ``JKn`` without scales.

    References
    ----------
    [wolter2007]_.

    Examples
    --------
    >>> round(float(replicate_covariance([[0.4], [0.6]], [0.5], "BRR")[0, 0]), 4)
    0.01
    """
    table = np.asarray(replicates, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    c = replicate_factors(len(table), kind, fay=fay, scales=scales)
    apart = table - np.atleast_1d(np.asarray(estimate, dtype=np.float64))
    covariance: Floats = (c[:, None] * apart).T @ apart
    return covariance


def replicate_factors(
    count: int,
    kind: ReplicateKind,
    *,
    fay: float | None = None,
    scales: npt.ArrayLike | None = None,
) -> Floats:
    """Factors :math:`c_r` of ``count`` replicates, as :func:`replicate_covariance` lists them.

    Examples
    --------
    >>> replicate_factors(4, "JK1").tolist()
    [0.75, 0.75, 0.75, 0.75]
    """
    if kind not in get_args(ReplicateKind):
        raise UncertaintyError(
            f"replicate weights of kind {kind!r}",
            f"one of {', '.join(get_args(ReplicateKind))}",
            nearest(str(kind), get_args(ReplicateKind)),
        )
    if count < 2:
        raise UncertaintyError(
            f"{count} replicate", "at least two", "name all columns of replicate weights"
        )
    if kind == "Fay" and (fay is None or not 0 <= fay < 1):
        raise UncertaintyError(
            f"Fay's method with rho = {fay}", "rho in [0, 1)", "pass fay=, as the survey states it"
        )
    if kind == "JKn" and scales is None:
        raise UncertaintyError(
            "JKn without the strata's factors",
            "scales: (n_h - 1) / n_h of the stratum that lost a cluster, for each replicate",
            "pass replicate_scales=, or use JK1 for a sample without strata",
        )
    factors = {
        "BRR": 1 / count,
        "Fay": 1 / (count * (1 - (fay or 0.0)) ** 2),
        "JK1": (count - 1) / count,
        "JKn": 1.0,
        "bootstrap": 1 / (count - 1),
    }
    c = np.full(count, factors[kind]) if scales is None else np.asarray(scales, dtype=np.float64)
    if c.shape != (count,):
        raise UncertaintyError(
            f"{c.size} scales of {count} replicates", "one a replicate", "give one a replicate"
        )
    return c
