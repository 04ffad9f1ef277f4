"""How much the holders of each goal care: what a tally keeps of salience."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from dissensus.model.keys import Codes

__all__ = ["Salience", "SalienceMean"]

Floats = npt.NDArray[np.float64]
SalienceMean = Literal["geometric", "arithmetic", "harmonic", "min", "max", "none"]


@dataclass(frozen=True, eq=False)
class Salience:
    r"""Mass of the holders of each goal, by how much they care.

    Agents of one goal are merged as far as the mean allows without a loss: under ``geometric``
    into one agent who cares fully, of mass :math:`\sum a \sqrt{s}`; under ``arithmetic`` into one
    of their mean salience; under the others those who care alike.

    Attributes
    ----------
    mean : {'geometric', 'arithmetic', 'harmonic', 'min', 'max', 'none'}
        Average of the saliences of two agents.
    entry : (rows,)
        Entry of the tally that each row belongs to, in order.
    level : (rows,)
        Salience, in [0, 1].
    mass : (rows,)
        How much stands behind each row: agents, weights or shares.
    """

    mean: SalienceMean
    entry: Codes
    level: Floats
    mass: Floats

    def moved(self, entry_of: Codes) -> Salience:
        """Rows of the tally's entries where each has gone to; -1 drops it."""
        entry = entry_of[self.entry]
        order = np.argsort(entry, kind="stable")[np.count_nonzero(entry < 0) :]
        return Salience(self.mean, entry[order], self.level[order], self.mass[order])
