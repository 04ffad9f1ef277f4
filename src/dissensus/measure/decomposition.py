"""Within and between: how much of a population's misalignment each pair of its segments makes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dissensus.measure.between import pair_conflicts
from dissensus.measure.misalignment import Sampling, pair_masses, ratio, within
from dissensus.model.conflict import AreaConflicts
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally

__all__ = ["Decomposition", "decomposition", "mean_within", "restated", "symmetric"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Decomposition:
    """What every pair of segments adds to the misalignment of its area.

    First the segments with themselves, then the pairs; each (cells + pairs,) unless said
    otherwise, NaN where undefined.

    Attributes
    ----------
    cell_a, cell_b : Codes
        Cells of the pair; the same one twice where a segment meets itself.
    contribution : Floats
        Part of the area's misalignment that arises in this pair; these sum to it.
    pair_share : Floats
        Chance that a random pair of the area's agents is such a pair; these sum to 1.
    misalignment : Floats
        Misalignment between the two, or within the one.
    own : (cells,)
        Misalignment within each segment.
    excess : Floats
        2 M_AB - M_AA - M_BB.
    total : (A,)
        Misalignment of each area.
    """

    cell_a: Codes
    cell_b: Codes
    contribution: Floats
    pair_share: Floats
    misalignment: Floats
    own: Floats
    excess: Floats
    total: Floats


def decomposition(tally: Tally, conflicts: AreaConflicts, sampling: Sampling) -> Decomposition:
    r"""Block identity: misalignment as a sum over the pairs of segments, each term at least 0.

    .. math::

        V = \sum_a w_a^2 M_{aa} + 2 \sum_{a < b} w_a w_b M_{ab}, \qquad
        U = \frac{\sum_a n_a (n_a - 1) U_{aa} + 2 \sum_{a < b} n_a n_b M_{ab}}{n (n - 1)}

    ================ ======== =================================================================
    symbol           range    meaning
    ================ ======== =================================================================
    :math:`w_a`      [0, 1]   share of the area's population that is in segment a
    :math:`M_{ab}`   [0, 1]   misalignment between segments a and b
    :math:`e_{ab}`   [-2, 2]  ``excess``: :math:`2 M_{ab} - M_{aa} - M_{bb}`
    ================ ======== =================================================================

    Each term is computed from pair products; none is a difference, so that a small part of a
    large population keeps its value.

    Parameters
    ----------
    tally : Tally
        Segments partition the population of every area.
    conflicts : AreaConflicts
        Conflict; of a lopsided table the mean of both ways.
    sampling : str
        V or U, for the whole and for each segment with itself.

    Returns
    -------
    Decomposition
        ``contribution`` is 0 for a pair that never conflicts and the area's whole misalignment
        for one that makes all of it. ``excess`` is 0 for two segments with the same goals in the
        same shares; it may be negative, see
        :func:`dissensus.measure.negative_type.is_of_negative_type`.

    References
    ----------
    [rao1982]_, who calls the last term of V the diversity between; [kierans2022]_, Eq. 1.

    Examples
    --------
    Teams AAB, AAB and BBB: 40/81, of which 8/81 within.

    >>> from dissensus.engine.counting import count
    >>> from dissensus.engine.population import Population
    >>> goals, teams = list("AABAABBBB"), list("xxxyyyzzz")
    >>> rows = {"agent": list(range(9)), "goal": goals, "team": teams}
    >>> tally = count(Population(rows), by=["team"]).tally
    >>> parts = decomposition(tally, AreaConflicts(np.zeros(1, np.int64)), "with-replacement")
    >>> (parts.contribution * 81).round(12).tolist()
    [4.0, 4.0, 0.0, 8.0, 12.0, 12.0]
    """
    both = symmetric(conflicts)
    masses = pair_masses(tally, both, sampling)
    own = within(tally, both, sampling).misalignment
    cell_a, cell_b, met, met_in_silence = pair_conflicts(tally, both)
    met += met_in_silence
    values = tally.population.values.astype(np.float64)
    drawn = values[cell_a] * values[cell_b]
    size = tally.areas.size
    drawn_within = masses.drawn.astype(np.float64)
    met_within = masses.conflicting.astype(np.float64) + masses.conflicting_silent
    area = tally.cell_area[cell_a]
    total_drawn, total_met = (
        np.bincount(tally.cell_area, inside, minlength=size)
        + 2 * np.bincount(area, between, minlength=size)
        for inside, between in ((drawn_within, drawn), (met_within, met))
    )
    holders = np.bincount(tally.cell_area, tally.holders.values.astype(np.float64), size)
    defined = (holders > 0) & (total_drawn > 0)
    scale = ratio(np.ones(size), total_drawn, defined)
    # written in place: of many areas and segments there are millions of pairs
    cells = np.arange(len(tally.cell_area))
    places = slice(len(cells), None)
    value, contribution, share, excess = np.empty((4, len(cells) + len(area)))
    value[: len(cells)], excess[: len(cells)] = own, np.nan
    np.multiply(met_within, scale[tally.cell_area], out=contribution[: len(cells)])
    np.multiply(drawn_within, scale[tally.cell_area], out=share[: len(cells)])
    with np.errstate(invalid="ignore"):  # a segment without members
        np.divide(met, drawn, out=value[places])
    scaled = np.take(2 * scale, area)
    np.multiply(met, scaled, out=contribution[places])
    np.multiply(drawn, scaled, out=share[places])
    np.multiply(value[places], 2, out=excess[places])
    excess[places] -= np.take(own, cell_a)
    excess[places] -= np.take(own, cell_b)
    return Decomposition(
        cell_a=np.concatenate([cells, cell_a]),
        cell_b=np.concatenate([cells, cell_b]),
        contribution=contribution,
        pair_share=share,
        misalignment=value,
        own=own,
        excess=excess,
        total=ratio(total_met, total_drawn, defined),
    )


def restated(parts: Decomposition, tally: Tally, shares: npt.ArrayLike) -> Decomposition:
    r"""Return the same values with sizes of the segments that are stated, not counted.

    .. math:: V = \sum_a s_a^2 M_{aa} + 2 \sum_{a < b} s_a s_b M_{ab}

    ================ ======== =================================================================
    symbol           range    meaning
    ================ ======== =================================================================
    :math:`s_a`      [0, 1]   ``shares``: stated share of segment a, (S,); they sum to 1
    :math:`M_{ab}`   [0, 1]   misalignment between, or within, as counted
    ================ ======== =================================================================

    Returns
    -------
    Decomposition
        NaN for an area from which a segment of positive share is missing.
    """
    s = np.asarray(shares, dtype=np.float64)
    size = tally.areas.size
    area = tally.cell_area[parts.cell_a]
    first, second = (tally.cell_segment[cells] for cells in (parts.cell_a, parts.cell_b))
    pair_share = np.where(parts.cell_a == parts.cell_b, 1, 2) * s[first] * s[second]
    # members who all hold no goal conflict with nobody of their own
    silent = np.asarray(tally.holders.values == 0) & np.asarray(tally.population.values > 0)
    value = np.where(
        (parts.cell_a == parts.cell_b) & silent[parts.cell_a] & np.isnan(parts.misalignment),
        0.0,
        parts.misalignment,
    )
    met = np.where(pair_share > 0, pair_share * value, 0.0)
    complete = np.bincount(area, pair_share, minlength=size) > 1 - 1e-9
    total = np.where(complete, np.bincount(area, met, minlength=size), np.nan)
    total = np.where(np.isnan(parts.total), np.nan, total)
    defined = ~np.isnan(total[area])
    return replace(
        parts,
        contribution=np.where(defined, met, np.nan),
        pair_share=np.where(defined, pair_share, np.nan),
        total=total,
    )


def mean_within(tally: Tally, own: Floats) -> Floats:
    r"""Mean over the segments of their own misalignment, weighted by their sizes, per area.

    .. math:: \bar M = \sum_a w_a M_{aa}

    ================ ======== =================================================================
    symbol           range    meaning
    ================ ======== =================================================================
    :math:`w_a`      [0, 1]   share of the area's population that is in segment a
    :math:`M_{aa}`   [0, 1]   ``own``: misalignment within segment a, per cell; a segment in
                              which nobody holds a goal has no conflict and adds 0
    ================ ======== =================================================================

    Rao's "between" is the total less this mean. It can be negative: see the example.

    Returns
    -------
    numpy.ndarray
        (A,); 0 where nobody conflicts with a member of its own segment; NaN where a segment has
        holders of a goal and yet no value (one agent, distinct pairs).

    References
    ----------
    [rao1982]_.

    Examples
    --------
    Half the population holds no goal, the other half is split evenly: the total is 1/8, the mean
    within 1/4.

    >>> from dissensus.engine.counting import count
    >>> from dissensus.engine.population import Population
    >>> rows = {"goal": ["ban", "allow", "-"], "count": [25, 25, 50], "active": [1, 1, 0]}
    >>> tally = count(Population(rows, count="count", no_goal="-"), by=["active"]).tally
    >>> mean_within(tally, np.array([np.nan, 0.5])).tolist()
    [0.25]
    """
    values = tally.population.values.astype(np.float64)
    silent = np.asarray(tally.holders.values == 0)
    known = np.where(silent, 0.0, own)
    total = np.bincount(tally.cell_area, values, minlength=tally.areas.size)
    # an empty segment weighs nothing, whether or not it has a value
    added = np.where(values > 0, values * known, 0.0)
    mass = np.bincount(tally.cell_area, added, minlength=tally.areas.size)
    return ratio(mass, total, total > 0)


def symmetric(conflicts: AreaConflicts) -> AreaConflicts:
    """Conflict of unordered pairs: of lopsided tables the mean of both ways."""
    if not conflicts.directed:
        return conflicts
    means = tuple((table + table.T) / 2 for table in conflicts.matrices)
    return replace(conflicts, matrices=means, directed=False)
