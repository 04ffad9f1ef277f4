"""Near-unanimous problem areas, left out on request."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from dissensus.engine.counting import count
from dissensus.engine.narrowing import without_areas
from dissensus.engine.population import Population
from dissensus.engine.rows import DataError
from dissensus.measure.minority import minority_shares
from dissensus.study.options import MeasureOptions

__all__ = ["contested"]


def contested(population: Population, measure: MeasureOptions) -> tuple[Population, int]:
    """Population without the areas in which nearly all hold one goal, and how many these are.

    Raises
    ------
    DataError
        No areas to tell apart; agents with several goals; shares of segments; or nothing is left.
    """
    least = measure.min_minority
    if not least:
        return population, 0
    roles = population.roles
    if not (roles.area or roles.wide):
        raise DataError(
            "min_minority of one problem area", "a column of problem areas", "pass area=..."
        )
    if roles.holds != "one":
        raise DataError(
            f"min_minority and holds={roles.holds!r} together",
            "one goal an agent and area, of which one is the most frequent",
            "leave out min_minority",
        )
    if roles.share and measure.by:
        raise DataError(
            "min_minority of shares of several segments, whose sizes are unknown",
            "numbers of agents",
            "use count= instead of share=, or leave out min_minority",
        )
    tally = count(population, over=measure.over, where=measure.where).tally
    shares = minority_shares(tally)
    # where nobody holds a goal there is no minority, and no value
    near = np.flatnonzero(shares < least)
    if len(near) == np.count_nonzero(~np.isnan(shares)):
        raise DataError(
            f"a minority of {least:g} in no problem area",
            "one area at least in which so many hold another goal than most",
            f"lower min_minority; the largest minority is {np.nanmax(shares, initial=0):g}",
        )
    if not len(near):
        return population, 0
    areas = pa.table(tally.areas.take(near))
    return without_areas(population, areas, measure.over), len(near)
