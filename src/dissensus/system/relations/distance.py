"""Distances between policies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["closeness", "divergence", "normalised_closeness", "total_variation"]

Floats = npt.NDArray[np.float64]


def total_variation(p: npt.ArrayLike, q: npt.ArrayLike) -> Floats:
    r"""Largest difference in the chance of any event, along the last axis.

    .. math:: \mathrm{TV}(p, q) = \tfrac{1}{2} \sum_a |p_a - q_a|

    Returns
    -------
    array
        0 if the lotteries are the same, 1 if nothing that one takes is taken by the other.

    Examples
    --------
    >>> float(total_variation([0.5, 0.5, 0], [0, 0.5, 0.5]))
    0.5
    """
    first, second = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    return np.asarray(np.abs(first - second).sum(axis=-1) / 2)


def closeness(policy: npt.ArrayLike, target: npt.ArrayLike) -> float:
    r"""One minus the total variation of a policy from a target.

    Transitive in Łukasiewicz's sense, :math:`f(A, C) \ge f(A, B) + f(B, C) - 1`: along a chain of
    developer, model and user at most the sum of the gaps is lost.

    Examples
    --------
    >>> closeness([0.5, 0.5, 0], [0, 0.5, 0.5])
    0.5
    """
    return 1 - float(total_variation(policy, target))


def normalised_closeness(policy: npt.ArrayLike, target: npt.ArrayLike) -> float:
    r"""The same, divided by the distance of the policy that is farthest from the target.

    .. math:: 1 - \frac{\mathrm{TV}(\pi, t)}{\max_{\pi'} \mathrm{TV}(\pi', t)}
        = 1 - \frac{\mathrm{TV}(\pi, t)}{1 - \min_a t_a}

    0 is reached whatever the target. The price: the divisor hangs on the target, and transitivity
    is lost.

    Examples
    --------
    >>> normalised_closeness([1, 0], [0.5, 0.5])
    0.0
    """
    q = np.asarray(target, dtype=np.float64)
    farthest = 1 - float(q.min())
    return 1.0 if farthest <= 0 else 1 - float(total_variation(policy, q)) / farthest


def divergence(p: npt.ArrayLike, q: npt.ArrayLike) -> Floats:
    r"""Kullback-Leibler divergence along the last axis, in nats.

    .. math:: \mathrm{KL}(p \Vert q) = \sum_a p_a \log \frac{p_a}{q_a}

    Returns
    -------
    array
        0 if p = q; infinite if p does what q holds impossible.

    Examples
    --------
    >>> float(divergence([1.0, 0.0], [0.5, 0.5]).round(6)), float(divergence([1.0, 0], [0.0, 1]))
    (0.693147, inf)
    """
    x, y = np.broadcast_arrays(np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64))
    held = x > 1e-15
    possible = y > 0
    logs = np.log(np.where(held & possible, x, 1.0) / np.where(held & possible, y, 1.0))
    sums = np.maximum((np.where(held, x, 0.0) * logs).sum(axis=-1), 0.0)
    return np.asarray(np.where((held & ~possible).any(axis=-1), np.inf, sums))
