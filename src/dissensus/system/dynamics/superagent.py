"""Superagents: whether agents would all gain by becoming one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError

__all__ = ["Superagent", "SuperagentError", "log_pool", "superagent"]

Floats = npt.NDArray[np.float64]


class SuperagentError(DissensusError, ValueError):
    """Distributions of agents that cannot be pooled."""


def log_pool(beliefs: npt.ArrayLike, weights: npt.ArrayLike) -> Floats:
    r"""Logarithmic pool: :math:`P(x) \propto \prod_i P_i(x)^{w_i}`.

    Examples
    --------
    >>> log_pool([[0.8, 0.199, 0.001], [0.8, 0.001, 0.199]], [1, 1]).round(6).tolist()
    [0.965935, 0.017033, 0.017033]
    """
    p, w = np.asarray(beliefs, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    with np.errstate(divide="ignore"):
        logs = w / w.sum() @ np.log(p)
    weight = np.exp(logs - logs.max())
    return np.asarray(weight / weight.sum())


@dataclass(frozen=True, eq=False)
class Superagent:
    """Whether agents gain by becoming one.

    Attributes
    ----------
    forms : bool
        Whether every one gains.
    pool : (x,) array
        What the whole would bring about.
    gains : (n,) array
        Of each, in nats.
    linear_gains : (n,) array
        The same if they pooled linearly: never above 0 for all.
    """

    forms: bool
    pool: Floats
    gains: Floats
    linear_gains: Floats


def superagent(distributions: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Superagent:
    r"""Whether agents, each a distribution over outcomes, all gain by pooling into one.

    .. math:: g_i = \sum_x P(x) \log P_i(x) - \sum_x P_i(x) \log P_i(x), \qquad
        P \propto \prod_i P_i^{w_i}

    ============= ========== ====================================================================
    symbol        shape      meaning
    ============= ========== ====================================================================
    :math:`P_i`   ``(n, x)`` ``distributions``: chances above 0 of each outcome under each agent
    :math:`w_i`   ``(n,)``   ``weights``, as shares; equal by default
    ============= ========== ====================================================================

    Returns
    -------
    Superagent
        With two outcomes never; with three and more it can.

    Raises
    ------
    SuperagentError
        A chance that is not above 0: the agent would lose without bound.

    References
    ----------
    [lee2025]_; the welfare is our reconstruction.

    Examples
    --------
    >>> found = superagent([[0.8, 0.199, 0.001], [0.8, 0.001, 0.199]])
    >>> found.forms, found.gains.round(4).tolist(), found.linear_gains.round(3).tolist()
    (True, [0.146, 0.146], [-0.524, -0.524])
    """
    p = np.asarray(distributions, dtype=np.float64)
    w = np.ones(len(p)) if weights is None else np.asarray(weights, dtype=np.float64)
    if p.ndim != 2 or not (p > 0).all() or (np.abs(p.sum(axis=1) - 1) > 1e-9).any():
        raise SuperagentError(
            "a distribution with a chance of 0, or that does not sum to 1",
            "chances above 0 that sum to 1",
            "give every outcome a chance",
        )
    pool, logs = log_pool(p, w), np.log(p)
    own = (p * logs).sum(axis=1)
    gained = logs @ pool - own
    linear = logs @ (w / w.sum() @ p) - own
    return Superagent(bool((gained > 1e-12).all()), pool, gained, linear)
