"""Alignment at the boundary: doing what a system says, and which of its parts that neglects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dissensus.system.conventions import EQUAL, range_normalised
from dissensus.system.dynamics.catalogue import mechanism
from dissensus.system.dynamics.parameters import parameter
from dissensus.system.dynamics.simulation import Simulation, Table
from dissensus.system.system import expected_utilities

if TYPE_CHECKING:
    from dissensus.system.audit.case import Case

__all__ = ["Boundary", "boundary", "neglect"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Boundary:
    """Parameters of `boundary`."""

    threshold: float = parameter(
        "A part whose satisfaction is below this is neglected.", 0.5, above=0, most=1
    )


def neglect(utilities: npt.ArrayLike, policy: npt.ArrayLike) -> Floats:
    r"""How much of what it could have each part misses.

    .. math:: \text{neglect}_i = \max_\pi s_i(\pi) - s_i(\pi_H), \qquad
        s_i(\pi) = \frac{E_i \cdot \pi - \min E_i}{\max E_i - \min E_i}

    Parameters
    ----------
    utilities : (n, k) array
        E, expected utility of each action for each part.
    policy : (k,) array
        :math:`\pi_H`, chance of each action.

    Returns
    -------
    (n,) array
        0 for a part that gets its best, and for one to which all actions are alike; 1 for a part
        that gets its worst.

    Examples
    --------
    >>> neglect([[1, 0, 0.5], [0, 1, 0.5], [2, 2, 2]], [1, 0, 0]).tolist()
    [0.0, 1.0, 0.0]
    """
    values = range_normalised(utilities)
    return np.asarray(values.max(axis=1) - values @ np.asarray(policy, dtype=np.float64))


@mechanism(
    name="boundary",
    label="Alignment at the boundary",
    question="Whom does an AI neglect that does what the system says?",
    symbol="neglect_i",
    reference="kulveit2023",
    parameters=Boundary,
    needs=("utilities", "range"),
)
def boundary(case: Case, parameters: Boundary, seed: int) -> Simulation:
    """Which parts are neglected by an AI that does what comes out of the system.

    Returns
    -------
    Simulation
        ``NEGLECTS``, ``SERVES ALL``, or ``UNDEFINED`` if the system makes no choice.

    References
    ----------
    [kulveit2023]_.
    """
    system = case.system
    names = [part.name for part in system.parts]
    choice = system.choice(seed=seed)
    columns = {"part": names, "standing": system.standing.tolist()}
    title = "What each part gets of its own range"
    if choice.dist is None:
        empty = [None] * len(names)
        why = f"the system makes no choice: {choice.status}"
        rows = Table(
            title,
            {**columns, "value": empty, "neglect": empty, "is_neglected": empty},
            dict.fromkeys(("value", "neglect", "is_neglected"), why),
        )
        return Simulation("UNDEFINED", f"{why}.", rows, trace=choice.trace.steps)
    stretched = range_normalised(expected_utilities(system))
    at_stake = stretched.max(axis=1) > 0
    value = np.where(at_stake, stretched @ choice.dist, np.nan)
    missed = np.where(at_stake, neglect(expected_utilities(system), choice.dist), np.nan)
    below = at_stake & (value < parameters.threshold - EQUAL)
    rows = Table(
        title,
        {
            **columns,
            "value": value,
            "neglect": missed,
            "is_neglected": [bool(b) if s else None for b, s in zip(below, at_stake, strict=True)],
        },
        dict.fromkeys(("value", "neglect", "is_neglected"), "all options are alike to the part"),
    )
    left = [name for name, bad in zip(names, below, strict=True) if bad]
    share = float(system.standing[below].sum() / system.standing.sum())
    does = " or ".join(choice.winner_names)
    if left:
        words = f"by what it says ({does}), {_told(names, value, below)}."
    else:
        words = f"by what it says ({does}), every part gets {parameters.threshold:g} or more."
    return Simulation(
        "NEGLECTS" if left else "SERVES ALL",
        words,
        rows,
        numbers={"neglected_parts": len(left), "neglected_share": share},
        trace=choice.trace.steps,
        conventions={"satisfaction": "on each part's own range: 0 its worst option, 1 its best"},
    )


def _told(names: list[str], value: Floats, below: npt.NDArray[np.bool_]) -> str:
    some = np.flatnonzero(below)
    return ", ".join(f"{names[i]} gets {value[i]:.0%}" for i in some) + " of what it could have"
