"""Errors of the means over problem areas of a sample."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dissensus.measure.between import Between
from dissensus.measure.uncertainty.estimates import Estimates
from dissensus.measure.uncertainty.means import MeanErrors, errors_of_means
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally
from dissensus.study.sampling import Sample
from dissensus.study.tables import groups_of, over_keys, seen_cells, seen_pairs

__all__ = ["mean_errors", "mean_pair_errors"]

Floats = npt.NDArray[np.float64]


def mean_errors(sample: Sample, tally: Tally) -> tuple[MeanErrors, Codes, Codes]:
    """Errors of the means over areas, the cells behind them and their groups."""
    cells = seen_cells(tally)
    _, over_of_area = over_keys(tally)
    areas = tally.cell_area[cells]
    codes, group = groups_of(over_of_area[areas] * tally.segments.size + tally.cell_segment[cells])
    weights = sample.asked.area_weights(tally)
    return (
        _means(sample, tally, sample.estimates(tally), cells, group, len(codes), weights, areas),
        cells,
        group,
    )


def mean_pair_errors(
    sample: Sample, tally: Tally, pairs: Between, estimates: Estimates
) -> tuple[MeanErrors, Codes, Codes]:
    """Errors of the means over areas of pairs of segments, the pairs behind them, their groups."""
    chosen = seen_pairs(tally, pairs)
    _, over_of_area = over_keys(tally)
    width = tally.segments.size
    areas = tally.cell_area[pairs.cell_a[chosen]]
    first, second = (tally.cell_segment[c[chosen]] for c in (pairs.cell_a, pairs.cell_b))
    codes, group = groups_of((over_of_area[areas] * width + first) * width + second)
    weights = sample.asked.area_weights(tally)
    return (
        _means(sample, tally, estimates, chosen, group, len(codes), weights, areas),
        chosen,
        group,
    )


def _means(
    sample: Sample,
    tally: Tally,
    estimates: Estimates,
    chosen: Codes,
    group: Codes,
    size: int,
    weights: Floats | None,
    areas: Codes,
) -> MeanErrors:
    return errors_of_means(
        estimates.taken(chosen),
        group,
        size,
        None if weights is None else weights[areas],
        sample.spread(tally),
        level=sample.design.interval,
        threshold=sample.design.threshold,
        are_sampled=sample.design.sampled_areas,
    )
