"""The tables of a mix: the curve over the share of added agents, its parts and its peak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.measure.mean_over_areas import mean_over_areas
from dissensus.measure.mixing import mixed, peak
from dissensus.model.keys import Codes
from dissensus.model.tally import Tally
from dissensus.study.asking import Asked
from dissensus.study.tables import (
    Columns,
    area_columns,
    groups_of,
    over_keys,
    reals,
    reasons_column,
    segment_columns,
    stacked,
    wholes,
)

__all__ = ["Blocks", "curve_tables"]

Floats = npt.NDArray[np.float64]

_NO_PART = "no goal on either side, or no two agents to draw"
_NO_AFTER = "no such segment and area afterwards"
_NOBODY_HOLDS = "no pair in which both hold a goal"


@dataclass(frozen=True, eq=False)
class Blocks:
    """The parts of a mix in each area and segment; arrays are (rows,), NaN where undefined.

    ``own``, ``cross`` and ``added`` are misalignment; those with ``_met`` the chance that both hold
    a goal and conflict, those with ``_holding`` that both hold one.
    """

    tally: Tally
    areas: Codes
    area: Codes
    segment: Codes
    agents: Any
    added_agents: Any
    own: Floats
    cross: Floats
    added: Floats
    own_met: Floats
    cross_met: Floats
    added_met: Floats
    own_holding: Floats
    cross_holding: Floats
    added_holding: Floats
    participation: Floats
    added_participation: Floats
    own_after: Floats | None = None
    cross_after: Floats | None = None


_PARTS = (
    "own",
    "cross",
    "added",
    "own_met",
    "cross_met",
    "added_met",
    "own_holding",
    "cross_holding",
    "added_holding",
    "participation",
    "added_participation",
    "own_after",
    "cross_after",
)


def curve_tables(
    asked: Asked, parts: Sequence[Blocks], steps: int
) -> tuple[dict[str, pa.Table], dict[str, Any]]:
    """Curves and parts, per area and as means over the areas in common."""
    share = np.arange(steps + 1) / steps
    named: dict[str, list[pa.Table]] = {}
    for place, one in enumerate(parts):
        scope = "segment" if place else "everyone"
        for over_areas, curve, block in (
            (False, "rows", "area_blocks"),
            (True, "overall", "blocks"),
        ):
            keys, values, size, average = _rows(asked, one, scope, over_areas=over_areas)
            conditional = average(_conditional(one, share))
            named.setdefault(curve, []).append(_curve(keys, values, share, conditional))
            named.setdefault(block, []).append(_parts_table(keys, values, size))
    return {name: stacked(tables) for name, tables in named.items()}, {"steps": steps}


def _rows(
    asked: Asked, one: Blocks, scope: str, *, over_areas: bool
) -> tuple[Columns, dict[str, Floats], int, Callable[[Floats], Floats]]:
    """Columns that name the rows, their values, as they are or as means over areas, and how."""
    tally = one.tally
    columns = {name: getattr(one, name) for name in _PARTS if getattr(one, name) is not None}
    labels = asked.population.labels
    segments = tally.segments if scope == "segment" else None
    if not over_areas:
        keys = area_columns(tally, one.area, labels)
        keys["scope"] = pa.array([scope] * len(one.area), pa.string())
        if segments is not None:
            keys |= segment_columns(segments, one.segment, "", labels)
        keys["agents"] = wholes(one.agents, len(one.area))
        keys["added_agents"] = wholes(one.added_agents, len(one.area))
        return keys, columns, len(one.area), lambda values: values
    over, over_of_area = over_keys(tally)
    width = tally.segments.size
    codes, group = groups_of(over_of_area[one.area] * width + one.segment)
    size = len(codes)
    weights = asked.area_weights(asked.counted.tally)
    weight = None if weights is None else weights[one.area]
    # all parts over the same areas, so that they make one curve
    whole = ~np.isnan(one.own + one.cross + one.added)
    keys = dict(over.take(codes // width))
    keys["scope"] = pa.array([scope] * size, pa.string())
    if segments is not None:
        keys |= segment_columns(segments, codes % width, "", labels)
    keys["areas"] = wholes(np.bincount(group[whole], minlength=size), size)
    for name, counts in (("agents", one.agents), ("added_agents", one.added_agents)):
        most = None
        if counts is not None:
            most = np.zeros(size, dtype=counts.dtype)
            np.maximum.at(most, group, counts)
        keys[name] = wholes(most, size)

    def mean(values: Floats) -> Floats:
        return mean_over_areas(np.where(whole, values, np.nan), group, size, weight)

    def average(values: Floats) -> Floats:
        return np.column_stack([mean(column) for column in values.T])

    return keys, {name: mean(values) for name, values in columns.items()}, size, average


def _conditional(one: Blocks, share: Floats) -> Floats:
    """Misalignment among pairs that both hold a goal, (rows, shares)."""
    met = mixed(share, *(part[:, None] for part in (one.own_met, one.cross_met, one.added_met)))
    holding = mixed(
        share,
        *(part[:, None] for part in (one.own_holding, one.cross_holding, one.added_holding)),
    )
    out = np.full(met.shape, np.nan)
    np.divide(met, holding, out=out, where=holding > 0)
    return out


def _curve(keys: Columns, values: dict[str, Floats], share: Floats, among: Floats) -> pa.Table:
    """One row per named row and share of added agents."""
    size = len(values["own"])
    rows = pa.array(np.repeat(np.arange(size), len(share)))
    columns: Columns = {
        name: column.take(rows) for name, column in keys.items() if name != "added_agents"
    }
    t = np.tile(share, size)
    of = {name: np.repeat(column, len(share)) for name, column in values.items()}
    value = mixed(t, of["own"], of["cross"], of["added"])
    conditional = among.ravel()
    columns["added_share"] = reals(t)
    columns["participation"] = reals((1 - t) * of["participation"] + t * of["added_participation"])
    columns["misalignment"] = reals(value)
    columns["conditional_misalignment"] = reals(conditional)
    causes = [
        ("misalignment", np.isnan(value), _NO_PART),
        ("participation", np.isnan(of["participation"] + of["added_participation"]), _NO_PART),
        ("conditional_misalignment", np.isnan(value), _NO_PART),
        ("conditional_misalignment", np.isnan(conditional), _NOBODY_HOLDS),
    ]
    if "own_after" in of:
        after = mixed(t, of["own_after"], of["cross_after"], of["added"])
        changes = {
            "misalignment_after": after,
            "change_by_adding": value - of["own"],
            "change_by_goals": after - value,
            "whole_change": after - of["own"],
        }
        for name, column in changes.items():
            columns[name] = reals(column)
            causes.append((name, np.isnan(value), _NO_PART))
            causes.append((name, np.isnan(column), _NO_AFTER))
    columns["reasons"] = reasons_column(len(t), causes)
    return pa.table(columns)


def _parts_table(keys: Columns, values: dict[str, Floats], size: int) -> pa.Table:
    """One row per named row: the three parts, the excess and the peak."""
    own, cross, added = values["own"], values["cross"], values["added"]
    share, value = peak(own, cross, added)
    listed: Columns = {
        "own_misalignment": own,
        "cross_misalignment": cross,
        "added_misalignment": added,
        "excess": 2 * cross - own - added,
        "peak_share": share,
        "peak_misalignment": value,
    }
    causes = [(name, np.isnan(column), _NO_PART) for name, column in listed.items()]
    if "own_after" in values:
        after = {"own_after": values["own_after"], "cross_after": values["cross_after"]}
        listed |= after
        causes += [(name, np.isnan(column), _NO_AFTER) for name, column in after.items()]
    columns = dict(keys) | {name: reals(column) for name, column in listed.items()}
    columns["reasons"] = reasons_column(size, causes)
    return pa.table(columns)
