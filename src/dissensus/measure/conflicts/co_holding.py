"""Conflict that shows in who holds what: goals that are seldom held together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["co_holding_conflict"]

Floats = npt.NDArray[np.float64]


def co_holding_conflict(together: npt.ArrayLike, agents: float) -> Floats:
    r"""How much seldomer two goals are held by one agent than if goals were held independently.

    .. math::

        C_{gh} = \max\left(0, 1 - \frac{n_{gh} + 1}{e_{gh} + 1}\right), \qquad
        e_{gh} = \frac{n_g n_h}{n}

    ================ ============ ======== ======================================================
    symbol           shape        range    meaning
    ================ ============ ======== ======================================================
    :math:`n_{gh}`   ``(k, k)``   >= 0     ``together``: agents that hold both goals; on the
                                           diagonal :math:`n_g`, those that hold g
    :math:`n`                     >= 1     ``agents`` that hold any goal
    ================ ============ ======== ======================================================

    The fraction is the posterior mean of the ratio of observed to expected, if the observed count
    is Poisson and the ratio has a Gamma prior of shape and rate 1: without evidence it is 1, which
    is no conflict, and no finite number of agents makes conflict certain.

    Returns
    -------
    numpy.ndarray
        Shape ``(k, k)``, symmetric: 0 if the two are held together as often as by chance, or
        oftener, or if nothing was to be expected; close to 1 if many agents should hold both and
        none does.

    Examples
    --------
    Of 100 agents 50 hold each goal and none both, though 25 should:

    >>> co_holding_conflict([[50, 0], [0, 50]], 100).round(4).tolist()
    [[0.0, 0.9615], [0.9615, 0.0]]
    """
    n = np.asarray(together, dtype=np.float64)
    held = np.diag(n)
    expected = held[:, None] * held[None, :] / max(agents, 1)
    out: Floats = np.maximum(1 - (n + 1) / (expected + 1), 0.0)
    np.fill_diagonal(out, 0.0)
    return out
