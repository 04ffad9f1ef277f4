"""Standing that the parts may come to have: by what they would rather want, or by being served."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dissensus.errors import DissensusError
from dissensus.system.dynamics.cev import extrapolated_standing
from dissensus.system.dynamics.drift import drift_ends
from dissensus.system.dynamics.meta_preferences import reflected_standing

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case

__all__ = ["TODAY", "standings_of"]

Floats = npt.NDArray[np.float64]
TODAY = "none"
LEAST = 1e-12  # a part that is left with less keeps this, so that it stays a part


@lru_cache(maxsize=64)
def standings_of(case: Case) -> Mapping[str, Floats]:
    """Standing of the parts under each value of the axis ``standing_after``.

    Returns
    -------
    mapping of str to (n,) array
        ``none``: today's. ``meta-preferences``: where reflection leads from there, if it settles.
        ``extrapolation``: where extrapolation ends, if at one point.
        Each learner's objective: what an AI leaves that plans by it. What the case has no
        parameters for is left out.

    Examples
    --------
    >>> from dissensus.scenario import shipped_scenario
    >>> found = standings_of(shipped_scenario("productivity").case)
    >>> {name: standing.round(3).tolist() for name, standing in found.items()
    ...  if name in ("none", "initial", "real-time")}
    {'none': [1.0, 1.0], 'real-time': [1.997, 0.003], 'initial': [0.166, 1.834]}
    """
    today = case.system.standing
    shares: dict[str, Floats] = {}
    for table, find in (
        ("meta_preferences", reflected_standing),
        ("cev", extrapolated_standing),
        ("drift", drift_ends),
    ):
        given = case.dynamics.get(table)
        if given is None:
            continue
        try:
            shares |= find(case, given)
        except DissensusError:  # lacks something: the mechanism itself says what
            continue
    whole = float(today.sum())
    return {TODAY: today, **{name: np.maximum(s, LEAST) * whole for name, s in shares.items()}}
