r"""What a part of limited compute perceives: the same system at another scale.

A part that makes :math:`c` evaluations of values that are hard to compute (:math:`h`: the variance
of one evaluation's error over the variance of what is evaluated) sees the truth with reliability
:math:`\rho = c / (c + h)`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["perceived_utilities", "reliability"]

Floats = npt.NDArray[np.float64]


def reliability(compute: npt.ArrayLike, hardness: npt.ArrayLike) -> Floats:
    r"""Share of signal in what a part perceives.

    .. math:: \rho = \frac{c}{c + h}

    Parameters
    ----------
    compute : array
        c, evaluations made, at least 0.
    hardness : array
        h, evaluations at which signal and guess weigh the same, at least 0.

    Returns
    -------
    array
        1 if nothing is hard (whatever the compute), 0 if something is and nothing is computed.

    Examples
    --------
    >>> reliability([1, 1, 100, 0], [1, 9, 9, 0]).round(4).tolist()
    [0.5, 0.1, 0.9174, 1.0]
    """
    c, h = np.asarray(compute, dtype=np.float64), np.asarray(hardness, dtype=np.float64)
    total = c + h
    return np.where(h > 0, c / np.where(total > 0, total, 1.0), 1.0)


def perceived_utilities(
    utilities: npt.ArrayLike,
    compute: Sequence[float] | Floats,
    hardness: Sequence[float] | Floats,
    model: str = "shrinkage",
    seed: int = 0,
) -> Floats:
    r"""Expected utilities as parts of limited compute perceive them.

    ============= ================================================================================
    model         what a part perceives
    ============= ================================================================================
    ``shrinkage`` :math:`\bar u + \rho\,(u - \bar u)`, the posterior mean: what is hard to compute
                  pales, and loses weight by construction
    ``noisy``     :math:`u + \varepsilon`, :math:`\varepsilon \sim N(0, (h / c) \operatorname{Var}
                  u)`: nothing pales, but the best is picked by mistake more often
    ``search``    the values of :math:`\lfloor c / h \rfloor` options drawn at random, and its mean
                  :math:`\bar u` for all the others
    ============= ================================================================================

    with :math:`\bar u` and Var over the part's own options.

    Returns
    -------
    (n, k) array
        The utilities themselves where hardness is 0.

    References
    ----------
    [ortega2013]_, [lieder2020]_; the three models are ours.

    Examples
    --------
    >>> perceived_utilities([[1, 0, 0.5]], compute=[1], hardness=[1]).tolist()
    [[0.75, 0.25, 0.5]]
    """
    u = np.asarray(utilities, dtype=np.float64)
    c, h = np.asarray(compute, dtype=np.float64), np.asarray(hardness, dtype=np.float64)
    mean = u.mean(axis=1, keepdims=True)
    hard = h > 0
    if model == "shrinkage":
        blurred = mean + reliability(c, h)[:, None] * (u - mean)
        return np.where(hard[:, None], blurred, u)
    random = np.random.default_rng(seed)
    if model == "noisy":
        with np.errstate(divide="ignore"):
            spread = np.where(hard, np.sqrt(h / c), 0.0) * u.std(axis=1)
        guess = random.standard_normal(u.shape)
        finite = np.isfinite(spread)[:, None]
        return np.where(finite, u + np.where(finite, spread[:, None], 0.0) * guess, mean + guess)
    looked = np.floor(np.where(hard, c / np.where(hard, h, 1.0), u.shape[1]))[:, None]
    place = random.random(u.shape).argsort(axis=1).argsort(axis=1)
    return np.where(place < looked, u, mean)
