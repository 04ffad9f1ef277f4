"""Sampling units: how the mass of each goal divides among what was drawn.

A tally says how much stands behind each goal; this says of whom it came: of which strata, clusters
or agents, and how much it would be under each set of replicate weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.model.keys import Codes
from dissensus.model.tally import Tally

__all__ = ["Units", "slot_offsets"]

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[Any]


def slot_offsets(tally: Tally) -> Codes:
    """Where the slots of each cell begin, (cells + 1,): one a goal of its area, and one for none.

    Examples
    --------
    >>> import dissensus as ds
    >>> from dissensus.engine.counting import count
    >>> votes = ds.Population({"agent": [1, 2], "goal": ["ban", "allow"]})
    >>> slot_offsets(count(votes).tally).tolist()
    [0, 3]
    """
    widths = tally.goal_counts[tally.cell_area] + 1
    offsets: Codes = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
    return offsets


@dataclass(frozen=True, eq=False)
class Units:
    """Masses by cell, goal and sampling unit; the population alone, none that are outside.

    Attributes
    ----------
    slot : (rows,)
        Cell and goal of each row, as :func:`slot_offsets` counts them.
    stratum : (rows,)
        Stratum of each row.
    unit : (rows,), optional
        Unit of each row; None where every agent is its own and they are not told apart.
    weights, squares : (rows,)
        Sum of the weights, and of their squares, agent by agent.
    is_agent : bool
        Whether every agent is its own unit.
    sizes : (frames, strata)
        Units that were drawn of each stratum in each value of ``over``, in the cell or not.
    member_frame, member_unit, member_stratum : (members,)
        The units of each value of ``over``, and their strata; empty where they are not told apart.
    strata : tuple of str
        Names of the strata.
    replicates : (replicates, rows), optional
        Sum of each set of replicate weights.
    """

    slot: Codes
    stratum: Codes
    unit: Codes | None
    weights: Floats
    squares: Floats
    is_agent: bool
    sizes: Codes
    member_frame: Codes
    member_unit: Codes
    member_stratum: Codes
    strata: tuple[str, ...]
    replicates: Floats | None = None

    @property
    def unit_count(self) -> int:
        """Number of units that are told apart."""
        return int(self.member_unit.max(initial=-1)) + 1
