"""Pairings ``mean``, ``points``, ``draws``, ``probability``: one goal of each agent, drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.measure.friction import friction
from dissensus.measure.pairing.rules import shares_of
from dissensus.model.conflict import Conflict
from dissensus.model.patterns import Patterns

__all__ = ["met_by_shares"]

Floats = npt.NDArray[np.float64]


def met_by_shares(
    patterns: Patterns, conflict: Conflict | npt.ArrayLike, masses: Floats, pairing: str
) -> Floats:
    r"""Mass of conflicting pairs where D(a, b) is linear in each of the two agents.

    .. math:: \sum_{a, b} w_a w_b\, x_a^\top C x_b = y^\top C y, \qquad y = \sum_a w_a x_a

    The agents' distributions over goals are summed first, so that the work is the number of
    holdings and one product with C, however many agents or patterns there are.
    """
    shares: Floats = np.asarray(masses @ shares_of(patterns, pairing))
    met: Floats = shares @ friction(shares, conflict).T
    return met
