"""Misalignment along the edges of a network: of agents that meet, instead of any two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dissensus.measure.misalignment import ratio
from dissensus.model.conflict import AreaConflicts
from dissensus.model.keys import Codes
from dissensus.model.network import Network
from dissensus.model.tally import Tally, grouped

__all__ = ["AlongEdges", "along_edges", "degrees_between"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AlongEdges:
    """What holds along the edges between pairs of populations; each (pairs,), NaN where undefined.

    ``edges`` and ``weights`` count each edge once.
    """

    edges: Codes
    weights: Floats
    misalignment: Floats
    conditional_misalignment: Floats
    participation: Floats


def along_edges(
    network: Network, tally: Tally, conflicts: AreaConflicts, cell_a: Codes, cell_b: Codes
) -> AlongEdges:
    r"""Misalignment of agents that an edge joins, one in each of two populations.

    .. math:: V_W(A, B) = \frac{\sum_{a \in A, b \in B} w_{ab} D_{ab}}
                               {\sum_{a \in A, b \in B} w_{ab}}

    ================ ======== ====================================================================
    symbol           range    meaning
    ================ ======== ====================================================================
    :math:`w_{ab}`   >= 0     weight of the edge between agents a and b; 1 if edges have none
    :math:`D_{ab}`   [0, 1]   conflict between their goals
    ================ ======== ====================================================================

    An edge has no direction. Inside one population (A = B) it is looked at from both ends, so that
    a directed conflict enters by the mean of both ways; ``conditional_misalignment`` is the same
    over edges whose two ends both hold a goal, ``participation`` their share.

    Parameters
    ----------
    network : Network
        Edges by area, segments and goals of their ends.
    tally : Tally
        Its areas, segments and cells.
    conflicts : AreaConflicts
        Conflict between the goals of each area.
    cell_a, cell_b : (pairs,)
        Two cells of one area; the same one for a population by itself.

    Returns
    -------
    AlongEdges
        NaN where no edge joins the two: 0 if no edge joins agents with conflicting goals, 1 if
        each does so fully.

    References
    ----------
    [kierans2022]_, Eq. 1, for pairs that are drawn from a network; for exclusive goals 1 less the
    trace of the mixing matrix of [newman2003]_.
    """
    # from both ends, so that each ordered pair of populations finds its edges
    area = np.concatenate([network.area, network.area])
    segments = np.concatenate([network.segment_a, network.segment_b])
    others = np.concatenate([network.segment_b, network.segment_a])
    goals = np.concatenate([network.goal_a, network.goal_b])
    opposite = np.concatenate([network.goal_b, network.goal_a])
    weights = np.concatenate([network.weights, network.weights])
    edges = np.concatenate([network.edges, network.edges])
    degree = degrees_between(tally, conflicts, area, goals, opposite)
    holding = (goals >= 0) & (opposite >= 0)
    width = tally.segments.size
    found, sums = grouped((area * width + segments) * width + others)
    asked = tally.cell_area[cell_a] * width + tally.cell_segment[cell_a]
    asked = asked * width + tally.cell_segment[cell_b]
    place = np.minimum(np.searchsorted(found, asked), max(len(found) - 1, 0))
    there = found[place] == asked if len(found) else np.zeros(len(asked), dtype=bool)

    def total(values: npt.NDArray[np.float64]) -> Floats:
        if not len(found):
            return np.zeros(len(asked))
        return np.where(there, sums(values)[place], 0.0)

    drawn, held = total(weights), total(weights * holding)
    met = total(weights * degree * holding)
    conflicting = met + total(weights * degree * ~holding)
    twice = np.where(cell_a == cell_b, 2, 1)
    count = total(edges.astype(np.float64)) / twice
    every = np.ones(len(asked), dtype=bool)
    return AlongEdges(
        edges=np.rint(count).astype(np.int64),
        weights=drawn / twice,
        # rounding alone may pass the bounds
        misalignment=ratio(np.minimum(conflicting, drawn), drawn, every),
        conditional_misalignment=ratio(np.minimum(met, held), held, every),
        participation=ratio(held, drawn, every),
    )


def degrees_between(
    tally: Tally, conflicts: AreaConflicts, area: Codes, goal_a: Codes, goal_b: Codes
) -> Floats:
    """Conflict of pairs of goals, each pair in an area of its own; -1 stands for no goal."""
    out = np.zeros(len(area))
    holding = np.flatnonzero((goal_a >= 0) & (goal_b >= 0))
    a, b, where = goal_a[holding], goal_b[holding], area[holding]
    starts = tally.area_offsets[where]
    if conflicts.is_exclusive:
        out[holding] = a != b
    elif conflicts.positions is not None:
        out[holding] = np.abs(conflicts.positions[starts + a] - conflicts.positions[starts + b])
    else:
        table_of = conflicts.matrix_of_area[where]
        for table in np.unique(table_of).tolist():
            some = np.flatnonzero(table_of == table)
            out[holding[some]] = conflicts.matrices[table][a[some], b[some]]
    if conflicts.silence is not None:
        for held, other in ((goal_a, goal_b), (goal_b, goal_a)):
            silent = np.flatnonzero((held >= 0) & (other < 0))
            out[silent] = conflicts.silence[tally.area_offsets[area[silent]] + held[silent]]
    return out
