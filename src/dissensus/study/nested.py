"""Segments inside segments: a population as a tree of systems, down to who holds which goal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dissensus.engine.population import as_text
from dissensus.errors import DissensusError
from dissensus.model.tally import Tally
from dissensus.system import Part, System, World
from dissensus.system.conventions import Comparability

__all__ = ["NestedError", "nested_system"]

Floats = npt.NDArray[np.float64]


class NestedError(DissensusError, ValueError):
    """Data that makes no tree of systems."""


def nested_system(
    tally: Tally,
    area: int,
    goals: Sequence[str],
    rule: str = "plurality",
    comparability: Comparability = "ordinal",
) -> System:
    """Tree of systems of one problem area: the values of each column divide those before.

    Each segment is a part that is a system of the segments inside it; the lowest consist of those
    who hold the same goal. A part's standing is its number of agents; who holds no goal is in no
    part.

    Parameters
    ----------
    tally : Tally
        With at least one column of segments.
    area : int
        Position of the problem area.
    goals : sequence of str
        Names of its goals, in their order: what can be done.
    rule : str
        How each of the systems decides.
    comparability : str

    Raises
    ------
    NestedError
        Nobody holds a goal.
    """
    names = tally.segments.names
    columns = [tally.segments.table.column(name).to_pylist() for name in names]
    cells = np.flatnonzero(tally.cell_area == area)
    masses = tally.dense(cells, len(goals)).astype(np.float64)
    paths = [tuple(as_text(c[s]) for c in columns) for s in tally.cell_segment[cells]]
    held = [(path, mass) for path, mass in zip(paths, masses, strict=True) if mass.sum() > 0]
    if not held:
        raise NestedError(
            "no agent with a goal", "goals in the problem area", "choose another area"
        )
    world = World.of(list(goals))
    parts = _parts(held, 0, world, rule)
    return System(parts, world, rule, comparability)


def _parts(
    held: Sequence[tuple[tuple[str, ...], Floats]], depth: int, world: World, rule: str
) -> list[Part]:
    """Parts of one node: segments of the next column, or holders of each goal at the bottom."""
    if depth == len(held[0][0]):
        total = np.sum([mass for _, mass in held], axis=0)
        return [
            Part(f"for {goal}", order=[goal], standing=float(size), goal=goal)
            for goal, size in zip(world.actions, total, strict=True)
            if size > 0
        ]
    inside: dict[str, list[tuple[tuple[str, ...], Floats]]] = {}
    for path, mass in held:
        inside.setdefault(path[depth], []).append((path, mass))
    return [
        Part(
            name,
            inner=System(_parts(rows, depth + 1, world, rule), world, rule),
            standing=float(sum(mass.sum() for _, mass in rows)),
        )
        for name, rows in inside.items()
    ]
