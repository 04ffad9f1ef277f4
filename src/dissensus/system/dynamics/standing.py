"""How the standing of parts moves when satisfaction feeds it, and how to read it off choices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.system.dynamics.parameters import MechanismError

__all__ = ["Feeding", "Inversion", "divergence", "log_odds_distance", "standing_from_frequencies"]

Floats = npt.NDArray[np.float64]
TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, eq=False)
class Feeding:
    r"""Parts that get what they want grow: replicator dynamics with pull-back.

    .. math:: w_{t+1} = (1 - \lambda)\,
        \frac{w_{t,i}\, e^{\eta u_i(a_t)}}{\sum_j w_{t,j}\, e^{\eta u_j(a_t)}} + \lambda w_0

    ================= ========= ========= =======================================================
    attribute         symbol    range     meaning
    ================= ========= ========= =======================================================
    ``utilities``     u         (n, k)    of each action for each part
    ``start``         w_0       (n,)      standing at first, as shares
    ``rate``          η         > 0       how fast satisfaction feeds standing, per util
    ``pull_back``     λ         [0, 1]    share that returns to where it was at each step
    ================= ========= ========= =======================================================

    Examples
    --------
    >>> feeding = Feeding(np.array([[0.5, 1], [0.8, 0.2]]), np.array([0.5, 0.5]), 1.0, 0.0)
    >>> feeding.path([1] * 8)[-1].round(6).tolist()
    [0.998341, 0.001659]
    """

    utilities: Floats
    start: Floats
    rate: float
    pull_back: float

    def after(self, standing: Floats, satisfaction: Floats) -> Floats:
        """Standing one step later, (..., n), from what each part gets, (..., n)."""
        fed = self.rate * satisfaction
        grown = standing * np.exp(fed - fed.max(axis=-1, keepdims=True))
        grown = np.maximum(grown / grown.sum(axis=-1, keepdims=True), TINY)
        return np.asarray((1 - self.pull_back) * grown + self.pull_back * self.start)

    def path(self, actions: npt.ArrayLike) -> Floats:
        """Standing before each action of a plan and after the last, (T + 1, n)."""
        states = [self.start]
        for action in np.asarray(actions, dtype=np.int64):
            states.append(self.after(states[-1], self.utilities[:, action]))
        return np.array(states)

    def counted(self, counts: Floats) -> Floats:
        """Standing after so many of each action, (..., k) to (..., n), without pull-back.

        Log-odds add up, so that the order of actions does not matter.
        """
        fed = np.log(self.start) + self.rate * counts @ self.utilities.T
        grown = np.exp(fed - fed.max(axis=-1, keepdims=True))
        return np.asarray(np.maximum(grown / grown.sum(axis=-1, keepdims=True), TINY))


def divergence(after: npt.ArrayLike, before: npt.ArrayLike) -> float:
    r"""Kullback-Leibler divergence between two standings, in nats.

    .. math:: \mathrm{KL}(p \| q) = \sum_i p_i \log \frac{p_i}{q_i}

    Returns
    -------
    float
        0 if nothing has moved; infinite if a part stands where none stood.

    Examples
    --------
    >>> round(divergence([0.5, 0.5], [0.25, 0.75]), 6)
    0.143841
    """
    p, q = np.asarray(after, dtype=np.float64), np.asarray(before, dtype=np.float64)
    some = p > 0
    with np.errstate(divide="ignore"):
        return max(float((p[some] * np.log(p[some] / q[some])).sum()), 0.0)


def log_odds_distance(one: Floats, other: Floats) -> Floats:
    r"""Hilbert's distance between standings, (..., n): the largest change of any log-odds.

    .. math:: d(v, w) = \max_i \log\frac{v_i}{w_i} - \min_i \log\frac{v_i}{w_i}

    No step of `Feeding` makes it larger: growth shifts all log-odds alike, and pull-back mixes in
    the same standing. Total variation is at most :math:`\tanh(d / 4)`.

    Examples
    --------
    >>> round(float(log_odds_distance(np.array([0.5, 0.5]), np.array([0.8, 0.2]))), 6)
    1.386294
    """
    ratio = np.log(one) - np.log(other)
    return np.asarray(ratio.max(axis=-1) - ratio.min(axis=-1))


@dataclass(frozen=True, eq=False)
class Inversion:
    """Standing that explains how often actions are chosen.

    Attributes
    ----------
    rank : int
        Of the differences of utility; n are needed.
    standing : (n,) array, or None
        Shares that sum to 1; None if other standings explain the choices as well, or none does.
    rationality : float, or None
        β, per util.
    misfit : float
        Largest error of a log-odds, 0 if the choices are explained.
    """

    rank: int
    standing: Floats | None
    rationality: float | None
    misfit: float


def standing_from_frequencies(utilities: npt.ArrayLike, frequencies: npt.ArrayLike) -> Inversion:
    r"""Read the hidden standing off choices, if they are softmax of the sum of what parts want.

    .. math:: \log\frac{f_a}{f_0} = \sum_i (u_i(a) - u_i(0))\, \beta w_i

    Parameters
    ----------
    utilities : (n, k) array
        u, of each action for each part.
    frequencies : (k,) array
        f, how often each action is chosen, all above 0.

    Returns
    -------
    Inversion
        Identified if the k - 1 differences of utility have rank n: at least one action more than
        parts, and no part whose wants the others' add up to.

    Raises
    ------
    MechanismError
        A frequency of 0 or less.

    Examples
    --------
    >>> u = np.array([[0, 1, 0.3], [1, 0.2, 0.8]])
    >>> often = np.exp(2 * np.array([0.3, 0.7]) @ u)
    >>> found = standing_from_frequencies(u, often / often.sum())
    >>> found.standing.round(6).tolist(), round(found.rationality, 6)
    ([0.3, 0.7], 2.0)
    """
    u, f = np.asarray(utilities, dtype=np.float64), np.asarray(frequencies, dtype=np.float64)
    if not (np.isfinite(f).all() and (f > 0).all()):
        raise MechanismError(
            f"frequencies {f.tolist()}",
            "each action chosen at least now and then: its log-odds are taken",
            "leave out the actions that nobody chooses, or pool periods",
        )
    differences = (u[:, 1:] - u[:, :1]).T
    odds = np.log(f[1:] / f[0])
    weights, _, rank, _ = np.linalg.lstsq(differences, odds, rcond=None)
    misfit = float(np.abs(differences @ weights - odds).max(initial=0.0))
    total = float(weights.sum())
    if rank < len(u) or total <= 0:
        return Inversion(int(rank), None, None, misfit)
    return Inversion(int(rank), np.asarray(weights / total), total, misfit)
