"""A network between agents, counted: how many edges join which goals of which segments."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dissensus.model.keys import Codes

__all__ = ["Network"]


@dataclass(frozen=True, eq=False)
class Network:
    """Edges of a network in each problem area, by the segments and goals of their two ends.

    Attributes
    ----------
    area : (entries,)
        Problem area, as an index of ``Tally.areas``.
    segment_a, segment_b : (entries,)
        Segments of the two ends, as indices of ``Tally.segments``.
    goal_a, goal_b : (entries,)
        Goals of the two ends, as positions in the goal list of the area; -1 for no goal.
    edges : (entries,)
        Number of edges.
    weights : (entries,)
        Sum of their weights; the number itself if they have none.
    listed : int
        Edges of the table that was given.
    loops, strangers : int
        Edges from an agent to itself, and edges with an agent that the data lacks: left out.
    unknown : tuple of str
        Some of these agents.
    is_weighted : bool
        Whether the edges have weights.
    """

    area: Codes
    segment_a: Codes
    segment_b: Codes
    goal_a: Codes
    goal_b: Codes
    edges: Codes
    weights: npt.NDArray[np.float64]
    listed: int = 0
    loops: int = 0
    strangers: int = 0
    unknown: tuple[str, ...] = ()
    is_weighted: bool = False

    def everyone(self) -> Network:
        """Merge all segments into one."""
        nowhere = np.zeros_like(self.segment_a)
        return replace(self, segment_a=nowhere, segment_b=nowhere)
