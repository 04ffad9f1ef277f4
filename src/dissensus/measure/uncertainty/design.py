"""Samples that are not simple: survey weights, strata, clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import stats

from dissensus.errors import nearest
from dissensus.measure.friction import friction
from dissensus.measure.misalignment import misalignment_of_shares
from dissensus.measure.uncertainty.inversion import interval
from dissensus.measure.uncertainty.variance import (
    UncertaintyError,
    influence_of_goals,
)
from dissensus.model.conflict import Conflict
from dissensus.model.keys import Codes

__all__ = [
    "Design",
    "DesignValue",
    "LonelyCluster",
    "design_covariance",
    "effective_agents",
    "from_covariance",
    "influence_of_shares",
    "misalignment_by_design",
]

Floats = npt.NDArray[np.float64]
LonelyCluster = Literal["fail", "remove", "adjust", "average"]


@dataclass(frozen=True, eq=False)
class Design:
    """How agents were sampled: strata, and clusters (primary sampling units) inside them.

    Attributes
    ----------
    strata : (n,), optional
        Stratum of each agent; one stratum unless given.
    clusters : (n,), optional
        Cluster of each agent; every agent its own unless given.
    fractions : (strata,), optional
        Part of its clusters that was sampled, per stratum; small enough to neglect unless given.
    lonely : {'fail', 'remove', 'adjust', 'average'}
        A stratum with one cluster: an error; no variance; its distance from the mean of all; the
        average of the other strata. The names are those of R's package survey.
    """

    strata: Codes | None = None
    clusters: Codes | None = None
    fractions: Floats | None = None
    lonely: LonelyCluster = "fail"


@dataclass(frozen=True, eq=False)
class DesignValue:
    """Misalignment of the population behind a complex sample; null values are NaN.

    ``effective_agents`` is the size of a simple sample that would be as precise; ``kish`` what the
    spread of the weights alone leaves of the agents; ``reasons`` says why values are missing.
    """

    misalignment: float
    standard_error: float
    interval_low: float
    interval_high: float
    effective_agents: float
    kish: float
    clusters: int
    degrees_of_freedom: int
    reasons: tuple[str, ...]


def effective_agents(weights: npt.ArrayLike) -> float:
    r"""Kish's effective number of agents, :math:`(\sum a)^2 / \sum a^2`.

    n if all weights are equal, 1 if one agent has all the weight.

    References
    ----------
    [kish1965]_.

    Examples
    --------
    >>> effective_agents([1, 1, 2])
    2.6666666666666665
    """
    a = np.asarray(weights, dtype=np.float64)
    if not (np.isfinite(a).all() and (a >= 0).all() and a.sum() > 0):
        raise UncertaintyError(
            "weights that are no weights", "numbers of at least 0, not all 0", "mend the weights"
        )
    return float(a.sum() ** 2 / (a**2).sum())


def influence_of_shares(goal: Codes, goals: int, weights: Floats | None = None) -> Floats:
    r"""Pull of each agent on each share, :math:`a_i (1[g_i = g] - p_g) / \sum a`, (n, k)."""
    a = np.ones(len(goal)) if weights is None else weights
    mine = np.zeros((len(goal), goals))
    mine[np.arange(len(goal)), goal] = 1.0
    shares = a @ mine / a.sum()
    pull: Floats = a[:, None] * (mine - shares) / a.sum()
    return pull


def design_covariance(influence: npt.ArrayLike, design: Design) -> Floats:
    r"""Covariance of estimates, from the pull of each agent on each of them.

    .. math::

        \sum_h (1 - f_h) \frac{n_h}{n_h - 1} \sum_{c \in h}
        (t_{hc} - \bar t_h)(t_{hc} - \bar t_h)^\top, \qquad t_{hc} = \sum_{i \in c} z_i

    ================ ========== ========== =======================================================
    symbol           shape      range      meaning
    ================ ========== ========== =======================================================
    :math:`z_i`      ``(n, q)``            ``influence`` of agent i on q estimates, sums 0
    :math:`n_h`                 >= 2       clusters of stratum h
    :math:`f_h`                 [0, 1]     part of the clusters of stratum h that was sampled
    ================ ========== ========== =======================================================

    Returns
    -------
    numpy.ndarray
        Shape ``(q, q)``.

    Raises
    ------
    UncertaintyError
        A cluster in two strata; under ``lonely='fail'`` a stratum with one cluster.

    References
    ----------
    [binder1983]_; [lumley2010]_.

    Examples
    --------
    >>> pull = influence_of_shares(np.array([0, 0, 1, 1]), 2)
    >>> float(design_covariance(pull, Design())[0, 0])
    0.08333333333333333
    """
    z = np.asarray(influence, dtype=np.float64)
    z = z[:, None] if z.ndim == 1 else z
    if design.lonely not in get_args(LonelyCluster):
        raise UncertaintyError(
            f"lonely={design.lonely!r}",
            f"one of {', '.join(get_args(LonelyCluster))}",
            nearest(str(design.lonely), get_args(LonelyCluster)),
        )
    stratum_of, totals = _totals(z, design)
    sizes = np.bincount(stratum_of)
    out = np.zeros((z.shape[1], z.shape[1]))
    lonely, met = 0, 0
    for h in np.flatnonzero(sizes):
        t = totals[stratum_of == h]
        f = 0.0 if design.fractions is None else float(design.fractions[h])
        if len(t) > 1:
            apart = t - t.mean(axis=0)
            out += (1 - f) * len(t) / (len(t) - 1) * apart.T @ apart
            met += 1
            continue
        lonely += f < 1
        if f >= 1 or design.lonely in ("remove", "average"):
            continue
        if design.lonely == "fail":
            raise UncertaintyError(
                f"one cluster in stratum {h}",
                "at least two clusters in every stratum, to see how they differ",
                "merge strata, or pass lonely='remove', 'adjust' or 'average'",
            )
        apart = t - totals.mean(axis=0)
        out += (1 - f) * apart.T @ apart
    if lonely and design.lonely == "average":
        if not met:
            raise UncertaintyError(
                "one cluster in every stratum", "strata with two clusters", "merge strata"
            )
        out *= (met + lonely) / met
    return out


def misalignment_by_design(
    goal: npt.ArrayLike,
    conflict: Conflict | npt.ArrayLike,
    goals: int,
    design: Design | None = None,
    *,
    weights: npt.ArrayLike | None = None,
    level: float = 0.95,
    seed: int = 0,
    fewest_clusters: int = 20,
) -> DesignValue:
    r"""Misalignment of a population, from a weighted, stratified, clustered sample of its agents.

    .. math::

        \hat\theta = V - \operatorname{tr}(C \hat\Sigma_p), \qquad
        z_i = \frac{2 a_i [(C p)_{g_i} - V]}{\sum a}

    ================= ========= ======== =========================================================
    symbol            shape     range    meaning
    ================= ========= ======== =========================================================
    :math:`a_i`       ``(n,)``  >= 0     ``weights``
    :math:`\Sigma_p`  ``(k,k)``          design covariance of the shares p
    :math:`z_i`       ``(n,)``           pull of agent i on V: its variance is that of V
    ================= ========= ======== =========================================================

    Members of one cluster resemble each other, so that V is too small by the trace; with a simple
    sample :math:`\hat\theta` is U. The interval is that of a simple sample as precise as this one.

    Parameters
    ----------
    goal : (n,) array
        Goal of each agent; those without one hold a goal that conflicts with none.
    fewest_clusters : int
        Fewer clusters than that give no standard error and no interval: a reason instead.

    Raises
    ------
    UncertaintyError
        Weights all 0, a cluster in two strata, a lonely cluster.

    References
    ----------
    [binder1983]_; [rao1984]_ for the effective sample.

    Examples
    --------
    >>> found = misalignment_by_design([0] * 30 + [1] * 30, [[0, 1], [1, 0]], 2)
    >>> round(found.misalignment, 4), found.clusters
    (0.5085, 60)
    """
    plan = design or Design()
    held = np.asarray(goal, dtype=np.int64)
    a = np.ones(len(held)) if weights is None else np.asarray(weights, dtype=np.float64)
    kish = effective_agents(a)
    stratum_of, _ = _totals(a[:, None], plan)
    clusters = len(stratum_of)
    freedom = clusters - int(np.count_nonzero(np.bincount(stratum_of)))
    p = np.bincount(held, a, minlength=goals) / a.sum()
    if clusters < max(fewest_clusters, 2):
        reason = f"{clusters} clusters: at least {fewest_clusters} are needed to see their spread"
        value = float(misalignment_of_shares(p, conflict)) if clusters else float("nan")
        nothing = float("nan")
        return DesignValue(
            value, nothing, nothing, nothing, nothing, kish, clusters, freedom, (reason,)
        )
    shares = influence_of_shares(held, goals, a)
    covariance = design_covariance(shares, plan)
    return from_covariance(
        p,
        covariance,
        conflict,
        kish=kish,
        clusters=clusters,
        freedom=freedom,
        level=level,
        seed=seed,
    )


def from_covariance(
    shares: Floats,
    covariance: Floats,
    conflict: Conflict | npt.ArrayLike,
    *,
    kish: float,
    clusters: int,
    freedom: int,
    level: float = 0.95,
    seed: int = 0,
) -> DesignValue:
    r"""Value, standard error and interval, from the covariance of the shares, however it was had.

    .. math:: \operatorname{Var} = z^\top \Sigma_p z + 2 \operatorname{tr}(C \Sigma_p C \Sigma_p)

    with z the pull of each goal. The second term remains at full symmetry, where the first is 0.
    """
    met = friction(covariance, conflict)
    value = float(misalignment_of_shares(shares, conflict)) - float(np.trace(met))
    pull = influence_of_goals(shares, conflict)
    variance = float(pull @ covariance @ pull) + 2 * float(np.sum(met * met.T))
    simple = np.diag(shares) - np.outer(shares, shares)
    alone = friction(simple, conflict)
    first = float(pull @ simple @ pull)
    second = 2 * float(np.sum(alone * alone.T))
    nothing = float("nan")
    # the simple sample with the same variance: first / n + second / n^2
    effective = nothing
    if variance > 0:
        effective = (first + (first**2 + 4 * variance * second) ** 0.5) / (2 * variance)
    if not effective >= 2:
        reason = "one goal only" if variance <= 0 else "fewer than two effective agents"
        return DesignValue(
            value, nothing, nothing, nothing, effective, kish, clusters, freedom, (reason,)
        )
    # few clusters: their spread is itself uncertain
    tail = (1 - level) / 2
    shrunk = float(stats.norm.isf(tail) / stats.t.isf(tail, max(freedom, 1))) ** 2
    counts = shares[None, :] * max(effective * shrunk, 2.0)
    found = interval(counts, conflict, level, value=[value], seed=seed)
    return DesignValue(
        value,
        variance**0.5,
        float(found.low[0]),
        float(found.high[0]),
        effective,
        kish,
        clusters,
        freedom,
        (),
    )


def _totals(z: Floats, design: Design) -> tuple[Codes, Floats]:
    """Stratum of each cluster, and the sums of its agents."""
    n = len(z)
    strata = np.zeros(n, dtype=np.int64) if design.strata is None else design.strata
    if design.clusters is None:
        return strata.astype(np.int64), z
    known, first, code = np.unique(design.clusters, return_index=True, return_inverse=True)
    stratum_of = strata[first]
    crossed = np.flatnonzero(stratum_of[code] != strata)
    if len(crossed):
        i = int(crossed[0])
        raise UncertaintyError(
            f"cluster {known[code[i]]} lies in the strata {stratum_of[code[i]]} and {strata[i]}",
            "each cluster in one stratum",
            "number the clusters through all strata: join the names of stratum and cluster",
        )
    totals = np.zeros((len(known), z.shape[1]))
    np.add.at(totals, code, z)
    return stratum_of.astype(np.int64), totals
