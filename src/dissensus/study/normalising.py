"""Normalised values beside the value, by name: null, with the reason, outside their domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dissensus.measure.misalignment import Sampling, Within
from dissensus.measure.normalised import asymptotic, attainable_maximum, finite_maximum
from dissensus.model.conflict import AreaConflicts, Line, Matrix
from dissensus.model.holdings import Holdings
from dissensus.model.keys import distinct
from dissensus.model.tally import Tally

__all__ = ["normalised"]

Floats = npt.NDArray[np.float64]
Causes = list[tuple[str, npt.NDArray[np.bool_], str]]


def normalised(
    tally: Tally,
    conflicts: AreaConflicts,
    values: Within,
    sampling: Sampling,
    names: Sequence[str],
) -> tuple[dict[str, Floats], Causes]:
    """Values of the cells as a part of their maximum, and why one is null."""
    every = np.ones(len(tally.cell_area), dtype=bool)
    columns: dict[str, Floats] = {}
    causes: Causes = []
    for name in names:
        reason = _outside_domain(name, tally, conflicts, sampling)
        if reason:
            columns[name] = np.full(len(every), np.nan)
            causes.append((name, every, reason))
            continue
        columns[name] = _value(name, tally, conflicts, values.misalignment, sampling)
        undefined = np.isnan(values.misalignment)
        causes.append((name, undefined, "misalignment is null here"))
        causes.append((name, np.isnan(columns[name]) & ~undefined, _UNDEFINED[name]))
    return columns, causes


_UNDEFINED = {
    "asymptotic": "fewer than two goals: nothing could conflict",
    "finite": "fewer than two goals: nothing could conflict",
    "attainable": "nothing could conflict, or more than 15 goals of graded conflict",
}


def _outside_domain(
    name: str, tally: Tally, conflicts: AreaConflicts, sampling: Sampling
) -> str | None:
    if isinstance(tally, Holdings):
        return "defined for one goal an agent"
    if conflicts.silence is not None:
        return "defined where having no goal conflicts with none"
    if name != "finite" and sampling != "with-replacement":
        return "defined for draws with replacement"
    if name == "finite" and (conflicts.matrices or conflicts.positions is not None):
        return "defined for exclusive goals"
    if name == "finite" and (tally.entries.agents is None or tally.entries.weights is not None):
        return "defined for agents that each count once"
    return None


def _value(
    name: str, tally: Tally, conflicts: AreaConflicts, value: Floats, sampling: Sampling
) -> Floats:
    goals = tally.goal_counts[tally.cell_area]
    if name == "asymptotic":
        return asymptotic(value, goals)
    if name == "finite":
        agents = tally.population.values.astype(np.float64)
        most = finite_maximum(agents, goals, distinct=sampling == "distinct-pairs")
    else:
        most = _attainable(tally, conflicts)[tally.cell_area]
    out = np.full(len(value), np.nan)
    np.divide(value, most, out=out, where=most > 0)
    np.minimum(out, 1.0, out=out)  # rounding alone may pass the maximum
    return out


def _attainable(tally: Tally, conflicts: AreaConflicts) -> Floats:
    """Largest attainable value of every area: one search per distinct table of conflict."""
    goals = tally.goal_counts
    if not conflicts.matrices and conflicts.positions is None:
        exclusive: Floats = np.maximum(goals - 1, 0) / np.maximum(goals, 1)
        return exclusive
    most = np.full(tally.areas.size, np.nan)
    if conflicts.positions is not None:
        for width in distinct(goals).tolist():
            areas = np.flatnonzero(goals == width)
            form: Any = conflicts.of(areas, tally.area_offsets)
            if isinstance(form, Line) and width:
                most[areas] = np.ptp(form.positions, axis=1) / 2
        return most
    for matrix in distinct(conflicts.matrix_of_area).tolist():
        areas = np.flatnonzero(conflicts.matrix_of_area == matrix)
        table = conflicts.matrices[matrix]
        found = attainable_maximum(Matrix(table), len(table))
        most[areas] = np.nan if found is None else found
    return most
