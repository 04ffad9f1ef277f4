"""Choice by those who cannot think for ever: information, effort, and games of such parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from dissensus.system.dynamics.parameters import MechanismError
from dissensus.system.dynamics.reflection import softmax

__all__ = ["BoundedChoice", "bounded_choice", "quantal_response", "worthwhile_compute"]

Floats = npt.NDArray[np.float64]
GROWTH = 1.15  # of sharpness, step by step from even guesses to what is asked for
CLOSE = 1e-11


@dataclass(frozen=True, eq=False)
class BoundedChoice:
    """What a decision maker of limited information capacity does.

    Attributes
    ----------
    policy : (k,) array
    information : float
        Nats by which it departs from the prior.
    value : float
        Expected utility.
    free_energy : float
        Value, less the information at its price 1 / β.
    """

    policy: Floats
    information: float
    value: float
    free_energy: float


def bounded_choice(
    utilities: npt.ArrayLike, sharpness: float, prior: npt.ArrayLike | None = None
) -> BoundedChoice:
    r"""Best choice of one who pays for each nat by which it departs from its habit.

    .. math:: \pi(a) \propto p_0(a)\, e^{\beta u(a)}, \qquad
        F = \frac1\beta \log \sum_a p_0(a)\, e^{\beta u(a)}
          = \sum_a \pi(a) u(a) - \frac{1}{\beta} \mathrm{KL}(\pi \| p_0)

    ============== ========== =====================================================
    symbol         range      meaning
    ============== ========== =====================================================
    :math:`u`      ``(k,)``   utilities
    :math:`p_0`    ``(k,)``   ``prior``: what it would do without thought; even
    :math:`\beta`  >= 0       ``sharpness``, per util; at 0 it does as its prior says
    ============== ========== =====================================================

    References
    ----------
    [ortega2013]_.

    Examples
    --------
    >>> import math
    >>> found = bounded_choice([0, 1], math.log(3))
    >>> found.policy.round(6).tolist(), round(found.information, 6), round(found.free_energy, 6)
    ([0.25, 0.75], 0.130812, 0.63093)
    """
    u = np.asarray(utilities, dtype=np.float64)
    habit = np.full(len(u), 1 / len(u)) if prior is None else np.asarray(prior, dtype=np.float64)
    if (habit < 0).any() or abs(habit.sum() - 1) > 1e-9:
        raise MechanismError(
            f"a prior that sums to {habit.sum():g}", "chances that sum to 1", "correct it"
        )
    with np.errstate(divide="ignore"):
        logits = np.log(habit) + sharpness * u
    policy = softmax(logits)
    some = policy > 0
    information = max(float((policy[some] * np.log(policy[some] / habit[some])).sum()), 0.0)
    value = float(policy @ u)
    free = value - information / sharpness if sharpness > 0 else value
    return BoundedChoice(policy, information, value, free)


def worthwhile_compute(gain: float, hardness: float, price: float) -> tuple[float, float]:
    r"""How much thought is worth its price, and what is left of the gain.

    .. math:: c^* = \arg\max_{c \ge 0} \Delta\, \frac{c}{c + h} - p\, c
        = \max\left(\sqrt{\Delta h / p} - h,\ 0\right)

    Parameters
    ----------
    gain : float
        :math:`\Delta`, what knowing is worth, in utils.
    hardness : float
        h.
    price : float
        p, utils an evaluation, above 0.

    Returns
    -------
    float, float
        Compute, and gain less cost: :math:`(\sqrt\Delta - \sqrt{p h})^2`, or 0 if no thought pays.

    References
    ----------
    [lieder2020]_.

    Examples
    --------
    >>> worthwhile_compute(gain=4, hardness=1, price=1)
    (1.0, 1.0)
    >>> worthwhile_compute(gain=1, hardness=4, price=1)
    (0.0, 0.0)
    """
    if hardness == 0:
        return 0.0, gain
    compute = sqrt(gain * hardness / price) - hardness
    if compute <= 0:
        return 0.0, 0.0
    return compute, (sqrt(gain) - sqrt(price * hardness)) ** 2


def quantal_response(payoffs: npt.ArrayLike, sharpness: float) -> tuple[list[Floats], bool]:
    r"""Logit equilibrium of parts that play a game, on the branch that starts at even guesses.

    .. math:: \sigma_i(a) \propto \exp\left(\lambda\, u_i(a, \sigma_{-i})\right)

    Parameters
    ----------
    payoffs : (n, m_1, ..., m_n) array
        Of each part at each combination of moves.
    sharpness : float
        :math:`\lambda`; 0: all guess; without bound the branch leads to a Nash equilibrium.

    Returns
    -------
    list of (m_i,) array, bool
        Chances of the moves of each part, and whether the branch could be followed to the end.

    References
    ----------
    [mckelvey1995]_.

    Examples
    --------
    Matching pennies: even at any sharpness.

    >>> row = [[1, -1], [-1, 1]]
    >>> found, converged = quantal_response([row, [[-1, 1], [1, -1]]], 3.0)
    >>> [one.round(6).tolist() for one in found], converged
    ([[0.5, 0.5], [0.5, 0.5]], True)
    """
    u = np.asarray(payoffs, dtype=np.float64)
    n = len(u)
    if u.ndim != n + 1:
        raise MechanismError(
            f"payoffs of shape {' x '.join(map(str, u.shape))} for {n} parts",
            "one table a part, with one dimension for the moves of each part",
            "nest the lists: payoffs[part][move of the first][move of the second] ...",
        )
    sizes = u.shape[1:]
    ends = np.cumsum(sizes)[:-1]
    mixed = np.concatenate([np.full(size, 1 / size) for size in sizes])
    converged = True
    scale = max(float(np.ptp(u)), 1e-12)
    first = min(sharpness, 0.1 / scale)
    steps = int(np.ceil(np.log(sharpness / first) / np.log(GROWTH))) + 1 if first else 0
    for strength in np.geomspace(first, sharpness, steps) if first else ():
        mixed, converged = _answered(u, mixed, ends, float(strength))
        if not converged:
            break
    return np.split(mixed, ends), converged


def _answered(
    u: Floats, mixed: Floats, ends: npt.NDArray[np.int64], strength: float
) -> tuple[Floats, bool]:
    """Newton's method for one sharpness, from the equilibrium of the one before."""

    def answer(x: Floats) -> Floats:
        some = np.split(x, ends)
        worth = [_worth(u, some, i) for i in range(len(u))]
        return np.concatenate([softmax(strength * one) for one in worth])

    for _ in range(60):
        gap = answer(mixed) - mixed
        if np.abs(gap).max() < CLOSE:
            return mixed, True
        size = len(mixed)
        step = 1e-7
        slope = np.stack(
            [
                (answer(mixed + step * row) - answer(mixed - step * row)) / (2 * step)
                for row in np.eye(size)
            ],
            axis=1,
        )
        move = np.linalg.lstsq(np.eye(size) - slope, gap, rcond=None)[0]
        mixed = np.maximum(mixed + move, 1e-300)
        mixed = np.concatenate([one / one.sum() for one in np.split(mixed, ends)])
    return mixed, bool(np.abs(answer(mixed) - mixed).max() < 1e-8)


def _worth(u: Floats, mixed: Sequence[Floats], part: int) -> Floats:
    """Expected payoff of each move of a part, given what the others do."""
    table = u[part]
    for other in reversed(range(len(mixed))):
        if other != part:
            table = np.tensordot(table, mixed[other], axes=([other], [0]))
    return np.asarray(table)
