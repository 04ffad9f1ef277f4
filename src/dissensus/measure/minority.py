"""Minority: how many of those with a goal do not hold the most frequent one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.measure.misalignment import ratio
from dissensus.model.tally import Tally

__all__ = ["minority_shares"]


def minority_shares(tally: Tally) -> npt.NDArray[np.float64]:
    r"""Share of those with a goal, in each area, who do not hold its most frequent goal.

    .. math:: 1 - \frac{\max_g n_g}{\sum_g n_g}

    summed rather than subtracted. ``tally`` has no segments.

    Returns
    -------
    numpy.ndarray
        (A,): 0 where all hold the same goal, at most (k - 1) / k; NaN where nobody holds one.

    References
    ----------
    [poole1997]_, who leave out votes with a minority below 2.5 per cent.

    Examples
    --------
    >>> from dissensus.engine.counting import count
    >>> from dissensus.engine.population import Population
    >>> votes = Population({"goal": ["yea", "nay"], "count": [98, 2]}, count="count")
    >>> minority_shares(count(votes).tally).tolist()
    [0.02]
    """
    area = np.repeat(tally.cell_area, np.diff(tally.entry_offsets))
    values = tally.entries.values.astype(np.float64)
    size = tally.areas.size
    order = np.lexsort((values, area))
    # the last of each area is its largest
    last = np.append(area[order][1:] != area[order][:-1], True)[: len(order)]
    held = np.bincount(area, values, minlength=size)
    others = np.bincount(area[order][~last], values[order][~last], minlength=size)
    return ratio(others, held, held > 0)
