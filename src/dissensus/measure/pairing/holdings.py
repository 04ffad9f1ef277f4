"""All problem areas and segments at once, where agents may hold several goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from dissensus.measure.between import Between
from dissensus.measure.misalignment import Sampling, ratio
from dissensus.measure.pairing.rules import holding_of
from dissensus.measure.pairing.several import (
    BetweenPatterns,
    Met,
    WithinPatterns,
    Work,
    between_patterns,
    met_masses,
    within_patterns,
)
from dissensus.model.conflict import AreaConflicts
from dissensus.model.holdings import Holdings
from dissensus.model.keys import Codes

__all__ = ["PairsOfHoldings", "between_holdings", "met_of_areas", "within_holdings"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PairsOfHoldings(Between):
    """Pairs of populations, as :class:`~dissensus.measure.between.Between`, with what is added.

    ``error_bound`` is that of the misalignment, 0 where it is exact.
    """

    error_bound: Floats


def met_of_areas(
    tally: Holdings,
    conflicts: AreaConflicts,
    pairing: str,
    work: Work | None = None,
    *,
    pairs: bool,
) -> list[Met]:
    """Mass of conflicting pairs of agents in each problem area, cells by cells.

    It does not depend on how cells without a goal are read, but for draws. The budget of ``work``
    is for all areas together.

    Raises
    ------
    PairingError
        As in :func:`~dissensus.measure.pairing.several.met_masses`.
    """
    limits = work or Work()
    found: dict[int, Met] = {}
    left = limits.budget
    # areas of few patterns first: what they leave of the budget goes to the others
    order = np.argsort(np.diff(tally.pattern_offsets), kind="stable")
    for place, area in enumerate(order.tolist()):
        _, patterns, mass = tally.area(area)
        conflict = conflicts.of(np.array([area]), tally.area_offsets)
        share = replace(limits, budget=left / (len(order) - place))
        met = met_masses(patterns, mass, conflict, pairing, share, pairs=pairs)
        left -= met.steps
        found[area] = met
    return [found[area] for area in range(tally.areas.size)]


def within_holdings(
    tally: Holdings,
    conflicts: AreaConflicts,
    pairing: str,
    sampling: Sampling,
    mets: Sequence[Met],
) -> WithinPatterns:
    """Misalignment of the agents of each cell, (cells,).

    ``mets`` are the conflicting pairs of each area.
    """
    size = len(tally.cell_area)
    names = [name for name in WithinPatterns.__dataclass_fields__ if name != "method"]
    values = {name: np.full(size, np.nan) for name in names}
    for area, met in enumerate(mets):
        cells, patterns, mass = tally.area(area)
        conflict = conflicts.of(np.array([area]), tally.area_offsets)
        silence = conflicts.silence_of(np.array([area]), tally.area_offsets)
        found = within_patterns(
            patterns,
            mass,
            conflict,
            pairing,
            sampling,
            silence=None if silence is None else silence[0],
            met=met,
        )
        for name in names:
            values[name][cells] = getattr(found, name)
    return WithinPatterns(**values, method=_method(mets))


def between_holdings(
    tally: Holdings, conflicts: AreaConflicts, pairing: str, mets: Sequence[Met]
) -> PairsOfHoldings:
    """Misalignment of every two cells of each area; both orders where conflict is directed."""
    parts: list[dict[str, Floats | Codes]] = []
    names = [name for name in BetweenPatterns.__dataclass_fields__ if name != "method"]
    for area, met in enumerate(mets):
        cells, patterns, mass = tally.area(area)
        conflict = conflicts.of(np.array([area]), tally.area_offsets)
        silence = conflicts.silence_of(np.array([area]), tally.area_offsets)
        found = between_patterns(
            patterns,
            mass,
            conflict,
            pairing,
            silence=None if silence is None else silence[0],
            met=met,
        )
        apart = ~np.eye(len(cells), dtype=bool)
        first, second = np.nonzero(apart if conflicts.directed else np.triu(apart))
        masses = np.asarray(mass.values, dtype=np.float64)
        population = masses.sum(axis=1)
        share = ratio(masses @ holding_of(patterns, pairing), population, population > 0)
        part = {name: getattr(found, name)[first, second] for name in names}
        part |= {"cell_a": cells[first], "cell_b": cells[second]}
        part |= {"participation_a": share[first], "participation_b": share[second]}
        parts.append(part)
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return PairsOfHoldings(**joined)


def _method(mets: Sequence[Met]) -> str:
    """How the values were found; the first estimate stands for all."""
    return next((met.method for met in mets if not met.is_exact), mets[0].method if mets else "")
