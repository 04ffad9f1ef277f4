"""Who predicts better gains the say: how weights drift, and what a budget is best spent on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.beliefs import divergence

__all__ = [
    "ComputeSplit",
    "PredictionDrift",
    "PredictionError",
    "compute_split",
    "prediction_drift",
    "weights_after",
]

Floats = npt.NDArray[np.float64]
GRID = 21
DRAWS = 1000
BAND = (0.05, 0.95)


class PredictionError(DissensusError, ValueError):
    """Predictions, or a budget, from which no weights can be told."""


def weights_after(
    weights: npt.ArrayLike, predictions: npt.ArrayLike, counts: npt.ArrayLike
) -> Floats | None:
    r"""Shares of the say after observations, by what each gave them.

    .. math:: w_t^i \propto w_0^i \prod_o Q_i(o)^{n_o}

    ============== ========== ==================================================================
    symbol         shape      meaning
    ============== ========== ==================================================================
    :math:`w_0`    ``(n,)``   ``weights`` before
    :math:`Q`      ``(n, o)`` ``predictions``: the chance that each gives each observation
    :math:`n_o`    ``(o,)``   ``counts``: how often each was seen
    ============== ========== ==================================================================

    The same number is the wealth of bettors who stake all they have by the odds they believe in
    (Kelly), each time at the price that they make together.

    Returns
    -------
    (n,) array, or None
        None if everybody held what was seen impossible.

    References
    ----------
    [critch2017]_; as a market [beygelzimer2012]_, [kelly1956]_.

    Examples
    --------
    >>> weights_after([0.35, 0.65], [[0.7, 0.3], [0.5, 0.5]], [1, 0]).round(6).tolist()
    [0.429825, 0.570175]
    """
    w, q = np.asarray(weights, dtype=np.float64), np.asarray(predictions, dtype=np.float64)
    n = np.asarray(counts, dtype=np.float64)
    seen = n > 0
    with np.errstate(divide="ignore"):
        logs = np.log(w) + np.log(q[:, seen]) @ n[seen]
    if not np.isfinite(logs).any():
        return None
    share = np.exp(logs - logs.max())
    return np.asarray(share / share.sum())


@dataclass(frozen=True, eq=False)
class PredictionDrift:
    """How the say moves to whoever predicts better.

    Attributes
    ----------
    losses : (n,) array
        KL divergence of each one's prediction from the truth, in nats an observation.
    rates : (n,) array
        Nats by which each falls behind the best predictor with each observation.
    typical : (steps + 1, n) array
        Shares of the say if what is seen occurs exactly as often as expected.
    low, high : (steps + 1, n) array
        The 5th and 95th percentile over sequences drawn from the truth.
    impossible : float
        Share of the drawn sequences that everybody came to hold impossible; there the weights
        stay what they were before.
    """

    losses: Floats
    rates: Floats
    typical: Floats
    low: Floats
    high: Floats
    impossible: float


def prediction_drift(
    weights: npt.ArrayLike,
    predictions: npt.ArrayLike,
    truth: npt.ArrayLike,
    steps: int,
    *,
    floor: float = 0.0,
    draws: int = DRAWS,
    seed: int = 0,
) -> PredictionDrift:
    r"""Shares of the say over independent observations.

    .. math:: \frac{1}{t} \log \frac{w_t^i}{w_t^j} \to
        \mathrm{KL}(Q \,\Vert\, Q_j) - \mathrm{KL}(Q \,\Vert\, Q_i)

    ============== ========== ==================================================================
    symbol         shape      meaning
    ============== ========== ==================================================================
    :math:`Q`      ``(o,)``   ``truth``: how often each observation occurs
    :math:`Q_i`    ``(n, o)`` ``predictions``
    :math:`t`                 up to ``steps``
    ============== ========== ==================================================================

    With a ``floor`` :math:`\lambda` the shares shown are :math:`(1 - \lambda) w_t + \lambda w_0`.

    References
    ----------
    [critch2017]_

    Examples
    --------
    >>> found = prediction_drift([0.5, 0.5], [[0.7, 0.3], [0.5, 0.5]], [0.7, 0.3], steps=50)
    >>> found.rates.round(6).tolist(), found.typical[-1].round(6).tolist()
    ([0.0, 0.082283], [0.983923, 0.016077])
    """
    w = np.asarray(weights, dtype=np.float64) / np.sum(np.asarray(weights, dtype=np.float64))
    q, p = np.asarray(predictions, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    _check_chances("truth", p[None])
    _check_chances("predictions", q)
    if steps < 1:
        raise PredictionError(f"{steps} steps", "at least 1", "write steps = 50")
    losses = np.array([divergence(p, row) for row in q])
    if not np.isfinite(losses).any():
        raise PredictionError(
            "everybody holds something impossible that does occur",
            "somebody who gives a chance to whatever occurs",
            "give every observation that occurs a chance in some model",
        )
    # standing at 0 nats: the best predictor; an infinite loss leaves nothing after one step
    behind = losses - losses.min()
    with np.errstate(divide="ignore", invalid="ignore"):
        lag = np.where(np.isinf(behind), np.inf, behind)
        typical = np.exp(np.log(w) - np.arange(steps + 1)[:, None] * np.where(lag > 0, lag, 0.0))
        typical[0] = w
    typical = np.nan_to_num(typical)
    typical /= typical.sum(axis=1, keepdims=True)
    random = np.random.default_rng(seed)
    seen = random.choice(len(p), size=(draws, steps), p=p)
    with np.errstate(divide="ignore"):
        logs = np.concatenate(
            [
                np.broadcast_to(np.log(w), (draws, 1, len(w))),
                np.log(w) + np.log(q.T[seen]).cumsum(axis=1),
            ],
            axis=1,
        )
    top = logs.max(axis=2, keepdims=True)
    dead = np.isinf(top[..., 0])
    shares = np.exp(logs - np.where(np.isinf(top), 0.0, top))
    total = shares.sum(axis=2, keepdims=True)
    shares = shares / np.where(total > 0, total, 1.0)
    for t in range(1, steps + 1):
        shares[:, t] = np.where(dead[:, t, None], shares[:, t - 1], shares[:, t])
    low, high = np.quantile(shares, BAND, axis=0)
    kept = (1 - floor) * np.array([typical, low, high]) + floor * w
    return PredictionDrift(losses, behind, kept[0], kept[1], kept[2], float(dead[:, -1].mean()))


@dataclass(frozen=True, eq=False)
class ComputeSplit:
    """What parts spend a budget on, if each does what is best for its own values.

    Attributes
    ----------
    on_values : (n,) array
        Share of its budget that each spends on working out its values; the rest on prediction.
    weights : (n,) array
        Shares of the say in the end.
    fidelity : (n,) array
        Of what each works out about its own values.
    delivered : (n,) array
        Weight times fidelity.
    is_equilibrium : bool
        Whether nobody on the grid gains by another split.
    """

    on_values: Floats
    weights: Floats
    fidelity: Floats
    delivered: Floats
    is_equilibrium: bool


def compute_split(
    weights: npt.ArrayLike,
    hardness: npt.ArrayLike,
    compute: npt.ArrayLike,
    steps: int,
    ignorance: float = 1.0,
    rounds: int = 200,
) -> ComputeSplit:
    r"""Nash equilibrium of parts that split a budget between values and prediction.

    .. math:: \varphi_i = \frac{s_i c_i}{s_i c_i + h_i}, \qquad
        \mathrm{KL}_i = \frac{\kappa}{1 + (1 - s_i) c_i}, \qquad
        \text{delivered}_i = \varphi_i \cdot
        \frac{w_i e^{-T\, \mathrm{KL}_i}}{\sum_j w_j e^{-T\, \mathrm{KL}_j}}

    ================ ========== ================================================================
    symbol           range      meaning
    ================ ========== ================================================================
    :math:`s_i`      [0, 1]     share of its budget that part i spends on values; in twentieths
    :math:`c_i`      > 0        ``compute``
    :math:`h_i`      >= 0       ``hardness`` of its values
    :math:`\kappa`   > 0        ``ignorance``: nats lost an observation without any modelling
    :math:`T`        >= 1       ``steps``: observations
    ================ ========== ================================================================

    Best responses in turn, from half and half; ``is_equilibrium`` says whether they came to rest.
    The model is ours.

    Examples
    --------
    >>> found = compute_split([0.5, 0.5], [1, 9], [10, 10], steps=20)
    >>> found.on_values.round(2).tolist(), found.delivered.round(4).tolist()
    ([0.25, 0.35], [0.4127, 0.1182])
    """
    w = np.asarray(weights, dtype=np.float64) / np.sum(np.asarray(weights, dtype=np.float64))
    n = len(w)
    h = np.broadcast_to(np.asarray(hardness, dtype=np.float64), n)
    c = np.broadcast_to(np.asarray(compute, dtype=np.float64), n)
    if not (c > 0).all():
        raise PredictionError(
            "a budget of 0", "compute above 0 for every part", "write compute = 10, say"
        )
    grid = np.linspace(0, 1, GRID)
    spent = grid[None] * c[:, None]
    fidelity = np.where(h[:, None] > 0, spent / np.maximum(spent + h[:, None], 1e-300), 1.0)
    logs = np.log(w)[:, None] - steps * ignorance / (1 + (1 - grid)[None] * c[:, None])
    place = np.full(n, GRID // 2)
    everyone = np.arange(n)

    def payoffs(i: int) -> Floats:
        """What each split of part i delivers to it, given those of the others."""
        others = np.logaddexp.reduce(np.delete(logs[everyone, place], i)) if n > 1 else -np.inf
        return np.asarray(fidelity[i] * np.exp(logs[i] - np.logaddexp(logs[i], others)))

    stays = False
    for _ in range(rounds):
        before = place.copy()
        for i in range(n):
            place[i] = int(payoffs(i).argmax())
        stays = bool((place == before).all())
        if stays:
            break
    held = logs[everyone, place]
    share = np.exp(held - np.logaddexp.reduce(held))
    kept = fidelity[everyone, place]
    return ComputeSplit(grid[place], share, kept, share * kept, stays)


def _check_chances(name: str, table: Floats) -> None:
    sums = table.sum(axis=1)
    if (table < 0).any() or (np.abs(sums - 1) > 1e-9).any():
        worst = float(sums[np.abs(sums - 1).argmax()])
        raise PredictionError(
            f"{name} with {'a negative chance' if (table < 0).any() else f'sum {worst:.10g}'}",
            "chances of at least 0 that sum to 1",
            "correct the row",
        )
