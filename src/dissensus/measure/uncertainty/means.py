"""Means of estimates over problem areas: intervals that keep the shape of their parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse, stats

from dissensus.measure.uncertainty.estimates import Estimates
from dissensus.measure.uncertainty.spread import Gradients, Spread
from dissensus.model.keys import Codes

__all__ = ["FEWEST_AREAS", "MeanErrors", "covariance_of_means", "errors_of_means"]

Floats = npt.NDArray[np.float64]

# sampled areas from which their spread can be seen
FEWEST_AREAS = 20
_NOISE = 2.5


@dataclass(frozen=True, eq=False)
class MeanErrors:
    """Errors of means, each (groups,); NaN where unknown.

    ``is_followed`` says whether errors of several areas could be told to go together, ``areas``
    behind how many areas each mean stands; ``gradients`` is that of the means.
    """

    value: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    exceedance: Floats
    areas: Codes
    is_followed: npt.NDArray[np.bool_]
    gradients: Gradients
    frames: Codes
    rest: Floats
    of_areas: Floats


def errors_of_means(
    estimates: Estimates,
    group: Codes,
    size: int,
    weight: Floats | None,
    spread: Spread,
    *,
    level: float = 0.95,
    threshold: float | None = None,
    are_sampled: bool = False,
) -> MeanErrors:
    r"""Errors of the mean of each group of estimates, one a problem area.

    .. math::

        L = \bar\theta - \sqrt{d^\top R\, d}, \qquad d_m = w_m (\theta_m - l_m)

    ================ ========== ==================================================================
    symbol           shape      meaning
    ================ ========== ==================================================================
    :math:`l_m`      ``(M,)``   lower end of the interval of area m; for the upper end of the mean
                                :math:`u_m - \theta_m` stands in its place
    :math:`R`        ``(M,M)``  how errors of areas go together, since the same agents stand in many
    :math:`w_m`      ``(M,)``   weight of the area, sum 1
    ================ ========== ==================================================================

    A mean of skewed values is skewed as they are. Areas that are ``are_sampled`` from many add the
    spread of their values, less what agents and areas explain together.

    References
    ----------
    [zou2008]_; [cameron2011]_ for sampled areas.
    """
    given = np.ones(len(group)) if weight is None else weight
    used = ~np.isnan(estimates.value) & (given > 0)
    total = np.bincount(group[used], given[used], minlength=size)
    share = np.zeros(len(group))
    share[used] = given[used] / total[group[used]]
    areas = np.bincount(group[used], minlength=size)
    frames = np.zeros(size, dtype=np.int64)
    frames[group] = estimates.frames
    value = _sums(share * np.nan_to_num(estimates.value), group, size)
    value[areas == 0] = np.nan
    followed = np.asarray((areas <= 1) | spread.follows_areas)
    error = estimates.standard_error
    rest = np.sqrt(np.nan_to_num(estimates.second))
    part = np.divide(rest, error, out=np.ones_like(rest), where=np.nan_to_num(error) > 0)
    # near full symmetry what looks like the first order is noise of the second, of about its size
    part = np.minimum(_NOISE * part, 1.0)
    columns = np.arange(len(group))

    def mixed(coefficient: Floats) -> Gradients:
        chosen = np.flatnonzero(np.nan_to_num(coefficient) != 0)
        turn = sparse.csc_array(
            (coefficient[chosen], (columns[chosen], group[chosen])), shape=(len(group), size)
        )
        return sparse.csc_array(estimates.gradients @ turn)

    def variance(coefficient: Floats) -> Floats:
        gradients = mixed(coefficient)
        if spread.follows_areas:
            return spread.variance(gradients, frames)
        return spread.inside_area(gradients, frames)

    def spread_over(distance: Floats) -> Floats:
        d = share * np.maximum(np.nan_to_num(distance), 0)
        a = np.divide(d, error, out=np.zeros_like(d), where=np.nan_to_num(error) > 0)
        linear = _sums(d * part, group, size)
        return np.asarray(variance(a) + linear**2, dtype=np.float64)

    agents = variance(share) + _sums(share * rest, group, size) ** 2
    extra = np.zeros(size)
    if are_sampled:
        apart = np.where(used, estimates.value - value[group], 0.0)
        many = np.maximum(areas - 1, 1)
        between = _sums(share**2 * apart**2, group, size) * areas / many
        both = _sums(np.nan_to_num(share**2 * error**2), group, size)
        extra = np.maximum(between - both, np.maximum(between - agents, 0))
    tail = (1 - level) / 2
    reach = stats.norm.isf(tail)
    grown = np.square(stats.t.isf(tail, np.maximum(areas - 1, 1))) * extra
    down = np.sqrt(spread_over(estimates.value - estimates.low) + grown)
    up = np.sqrt(spread_over(estimates.high - estimates.value) + grown)
    alone = areas == 1
    single = np.zeros(size, dtype=np.int64)
    single[group[used]] = np.flatnonzero(used)
    low = np.where(alone & ~are_sampled, estimates.low[single], np.maximum(value - down, 0))
    high = np.where(alone & ~are_sampled, estimates.high[single], np.minimum(value + up, 1))
    lacking = np.zeros(size, dtype=bool)
    lacking[group[used & np.isnan(estimates.low)]] = True
    known = followed & ~lacking & (areas > 0)
    if are_sampled:
        known &= areas >= FEWEST_AREAS
    exceedance = np.full(size, np.nan)
    if threshold is not None:
        above = np.where(value > threshold, down, up) / reach
        ratio = np.divide(
            value - threshold, above, out=np.sign(value - threshold) * 40, where=above > 0
        )
        exceedance = np.where(
            alone & ~are_sampled, estimates.exceedance[single], stats.norm.cdf(ratio)
        )

    def seen(values: Floats) -> Floats:
        return np.where(known, values, np.nan)

    return MeanErrors(
        value,
        seen(np.sqrt(agents + extra)),
        seen(low),
        seen(high),
        seen(exceedance),
        areas.astype(np.int64),
        followed,
        mixed(share),
        frames,
        _sums(share * rest, group, size) ** 2,
        extra,
    )


def covariance_of_means(means: MeanErrors, spread: Spread, chosen: Codes) -> Floats:
    """Covariance of some of the means, what they share in agents taken into account."""
    gradients, frames = means.gradients[:, chosen], means.frames[chosen]
    out: Floats = spread.covariance(gradients, frames)
    return out + np.diag(means.rest[chosen] + means.of_areas[chosen])


def _sums(values: Floats, group: Codes, size: int) -> Floats:
    return np.asarray(np.bincount(group, np.nan_to_num(values), minlength=size), dtype=np.float64)
