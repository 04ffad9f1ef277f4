"""Minimal commitments: the smallest sets of choices, stated, that leave one outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from dissensus.system.audit.case import Value
from dissensus.system.audit.counts import importances
from dissensus.system.audit.crossing import Crossed

__all__ = ["MOST_AXES", "Commitment", "Settling", "commitments", "settling"]

Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
MOST_AXES = 8  # all 2 ** 8 subsets of them are looked at


@dataclass(frozen=True, eq=False)
class Commitment:
    """Values of some axes under which every cell has one outcome, and no part of them does that.

    Attributes
    ----------
    values : mapping of str to value
    outcome : int
        Code of the outcome.
    cells : (c,) array
        The cells that keep to it.
    """

    values: Mapping[str, Value]
    outcome: int
    cells: Codes


@dataclass(frozen=True)
class Settling:
    """How many combinations of values of some axes leave one outcome."""

    axes: tuple[str, ...]
    combinations: int
    settled: int


def commitments(crossed: Crossed) -> list[Commitment]:
    """All minimal commitments; those of fewest axes first, then those that cover most cells.

    Stating a value of an axis rules out the cells with another value; a cell in which the axis
    makes no difference stays. Empty if the audit has one outcome anyway.

    Examples
    --------
    >>> from dissensus.system import Part, System, World
    >>> from dissensus.system.audit import Case, cross
    >>> two = System([Part("a", [1, 0], hardness=1), Part("b", [0, 2], hardness=1)],
    ...              World.of(["sea", "hills"]), "utilitarian", comparability="unit")
    >>> crossed = cross(Case(two, axes={"rule": ["utilitarian", "dictator:a"], "compute": [1, 9]}))
    >>> [dict(one.values) for one in commitments(crossed)]
    [{'rule': 'utilitarian'}, {'rule': 'dictator:a'}]
    """
    outcome = crossed.outcome_of[crossed.cell_of]
    if _is_one(outcome):
        return []
    found: list[Commitment] = []
    settles: dict[tuple[int, ...], Mask] = {(): np.zeros(len(outcome), dtype=bool)}
    for some in _subsets(crossed):
        group, settled = _settled(crossed, some, outcome)
        settles[some] = settled
        known = [settles[one] for one in combinations(some, len(some) - 1)]
        minimal = settled & ~np.logical_or.reduce(known)
        for place in np.unique(group[minimal], return_index=True)[1]:
            row = int(np.flatnonzero(minimal)[place])
            found.append(_commitment(crossed, some, group == group[row], row))
    return sorted(found, key=lambda one: (len(one.values), -len(one.cells)))


def settling(crossed: Crossed) -> list[Settling]:
    """For each set of axes, how many combinations of their values leave one outcome."""
    outcome = crossed.outcome_of[crossed.cell_of]
    out = []
    for some in _subsets(crossed):
        group, settled = _settled(crossed, some, outcome)
        names = tuple(list(crossed.axes)[i] for i in some)
        out.append(Settling(names, len(np.unique(group)), len(np.unique(group[settled]))))
    return out


def _subsets(crossed: Crossed) -> Iterator[tuple[int, ...]]:
    """Sets of axes, the smallest first; of more than `MOST_AXES` those that decide most."""
    places = list(range(len(crossed.axes)))
    if len(places) > MOST_AXES:
        decides = importances(crossed) or {}
        names = list(crossed.axes)
        largest = sorted(places, key=lambda i: -decides[names[i]].total if decides else 0.0)
        places = sorted(largest[:MOST_AXES])
    for size in range(1, len(places) + 1):
        yield from combinations(places, size)


def _settled(crossed: Crossed, some: tuple[int, ...], outcome: Codes) -> tuple[Codes, Mask]:
    """Group of each combination by its values on some axes, and whether it has one outcome."""
    codes, sizes = crossed.combinations, [len(values) for values in crossed.axes.values()]
    group = np.zeros(len(codes), dtype=np.int64)
    for i in some:
        group = group * sizes[i] + codes[:, i]
    count = int(group.max(initial=0)) + 1
    first = np.full(count, -1, dtype=np.int64)
    first[group] = outcome
    broken = np.zeros(count, dtype=bool)
    broken[group[(outcome != first[group]) | (outcome < 0)]] = True
    return group, ~broken[group]


def _commitment(crossed: Crossed, some: tuple[int, ...], rows: Mask, row: int) -> Commitment:
    axes = list(crossed.axes.items())
    values = {axes[i][0]: axes[i][1][crossed.combinations[row, i]] for i in some}
    cells = np.unique(crossed.cell_of[rows])
    return Commitment(values, int(crossed.outcome_of[cells[0]]), cells)


def _is_one(outcome: Codes) -> bool:
    return bool(len(outcome)) and bool((outcome == outcome[0]).all()) and bool(outcome[0] >= 0)
