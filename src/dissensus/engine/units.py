"""Count sampling units: one further GROUP BY, by strata and clusters, or agents, or replicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine import native
from dissensus.engine.checks import check_numbers
from dissensus.engine.columns import expand
from dissensus.engine.counting import grouped_rows
from dissensus.engine.population import Population
from dissensus.engine.rows import AREA, GOAL, SUM, DataError, Keys, key_names, prepared
from dissensus.engine.sources import collect
from dissensus.engine.tallying import goal_state, goal_text
from dissensus.errors import quoted
from dissensus.model import keys as coded
from dissensus.model.keys import Codes
from dissensus.model.tally import Kind, Tally, grouped
from dissensus.model.units import Units, slot_offsets

__all__ = ["UnitColumns", "count_units", "unit_columns"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class UnitColumns:
    """Columns that say how agents were drawn.

    Attributes
    ----------
    strata, cluster : tuple of str
        Columns of the strata, and of the clusters that were drawn inside them.
    replicates : tuple of str
        Columns of replicate weights.
    are_nested : bool
        Whether the names of clusters begin anew in each stratum.
    """

    strata: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    replicates: tuple[str, ...] = ()
    are_nested: bool = False


def unit_columns(
    population: Population,
    strata: Sequence[str],
    cluster: Sequence[str],
    replicates: Sequence[str],
    *,
    are_nested: bool,
) -> UnitColumns:
    """Find the columns of a design, patterns written out.

    Raises
    ------
    ColumnError
        A column that is not there, or on both sides.
    """
    for role, names in (("strata", strata), ("cluster", cluster)):
        for name in names:
            population.side_of(name, role)
    named: tuple[str, ...] = ()
    if replicates:
        sides = [
            *population.source.columns,
            *(population.roster.columns if population.roster else []),
        ]
        named = expand(replicates, list(dict.fromkeys(sides)), "replicates")
        for name in named:
            population.side_of(name, "replicates")
            _check_weight(population, name)
    return UnitColumns(tuple(strata), tuple(cluster), named, are_nested)


def count_units(
    population: Population,
    tally: Tally,
    columns: UnitColumns,
    *,
    by: Sequence[str] = (),
    over: str | None = None,
    where: str | None = None,
    tell_agents_apart: bool = False,
) -> Units:
    """Divide the masses of a tally among sampling units.

    Parameters
    ----------
    population, by, over, where
        As the tally was counted.
    tally : Tally
    columns : UnitColumns
    tell_agents_apart : bool
        Whether agents that are their own units are kept apart, to follow them through several
        problem areas; then as many rows come here as the data has.

    Raises
    ------
    DataError
        A cluster in two strata; absent members, of whom no row says where they were drawn.
    """
    roles = population.roles
    if any(kind.source == "absent" and kind.counted for kind in tally.kinds):
        raise DataError(
            "absent='no-goal' with a sample that has a design",
            "a row for each agent, which says where it was drawn",
            "write a row with an empty goal for them, and read null_goal='no-goal'",
        )
    agents = roles.agent if tell_agents_apart and not columns.cluster else ()
    keys = Keys(over, tuple(by))
    links = tuple(dict.fromkeys([*columns.strata, *columns.cluster, *agents]))
    rows = prepared(population, keys, where=where, links=links, sums=columns.replicates)
    table = collect(grouped_rows(rows))
    aliases = key_names(tuple(dict.fromkeys([*keys.names, *links])))

    def codes(names: Sequence[str]) -> tuple[coded.Keys, Codes]:
        return coded.encode_rows({n: table.column(aliases[n]) for n in names}, table.num_rows)

    strata, stratum = codes(columns.strata)
    unit_names = (*(columns.strata if columns.are_nested else ()), *columns.cluster) or agents
    unit = codes(unit_names)[1] if unit_names else None
    area_names = {over: aliases[over]} if over else {}
    if AREA in table.column_names:
        area_names["area"] = AREA
    area = _codes_in(tally.areas, table, area_names)
    segment = _codes_in(tally.segments, table, {name: aliases[name] for name in by})
    frames, frame_of_area = tally.areas.codes([over] if over else [])
    frame = frame_of_area[area]
    named = strata.table.to_pylist() if columns.strata else [{}]
    words = tuple(", ".join(str(value) for value in row.values()) for row in named)
    members = _members(frame, unit, stratum)
    if columns.cluster:
        _refuse_crossed(members, unit_names, codes(unit_names)[0], words)
    slot = _slots(table, tally, population, area, segment)
    count = _whole(table, "passing" if "passing" in table.column_names else "rows")
    if "high" in table.column_names:
        count = _whole(table, "high") * 2**32 + _whole(table, "low")
    weights = _real(table, "weight") if "weight" in table.column_names else count.astype(float)
    squares = _real(table, "square") if "square" in table.column_names else count.astype(float)
    kept = np.flatnonzero((slot >= 0) & (count > 0))
    replicates = [_real(table, name) for name in table.column_names if name.startswith(SUM)]
    width = len(words) if unit is None else int(members[1].max(initial=0)) + 1
    told = stratum if unit is None else unit
    distinct, sums = grouped(slot[kept] * width + told[kept])
    first = np.full(len(distinct), 0, dtype=np.int64)
    first[np.searchsorted(distinct, slot[kept] * width + told[kept])] = stratum[kept]
    return Units(
        slot=distinct // width,
        stratum=first,
        unit=None if unit is None else distinct % width,
        weights=sums(weights[kept]),
        squares=sums(squares[kept]),
        is_agent=not columns.cluster,
        sizes=_sizes(table, members, unit, stratum, area, frame_of_area, frames.size, len(words)),
        member_frame=members[0],
        member_unit=members[1],
        member_stratum=members[2],
        strata=words,
        replicates=np.stack([sums(one[kept]) for one in replicates]) if replicates else None,
    )


def _check_weight(population: Population, name: str) -> None:
    source, name = population.source, population.number(name)
    if name not in source.schema and population.roster is not None:
        source = population.roster
    frame = native.parsed_numbers(source.frame, [name]) if source.text else source.frame
    check_numbers(frame, name, "replicate weight")


def _codes_in(keys: coded.Keys, table: pa.Table, columns: dict[str, str]) -> Codes:
    """Code of each row among known keys; -1 for one that is not among them."""
    if not columns:
        return np.zeros(table.num_rows, dtype=np.int64)
    met, code = coded.encode_rows({n: table.column(a) for n, a in columns.items()}, table.num_rows)
    place = {tuple(row.values()): i for i, row in enumerate(keys.table.to_pylist())}
    of = [place.get(tuple(row.values()), -1) for row in met.table.to_pylist()]
    return np.array(of, dtype=np.int64)[code]


def _slots(
    table: pa.Table, tally: Tally, population: Population, area: Codes, segment: Codes
) -> Codes:
    """Slot of each row; -1 where it is outside, or in no cell."""
    values, value = coded.encode(goal_text(table.column(GOAL)))
    goals = {name: i for i, name in enumerate(tally.goals.to_pylist())}
    counted = {(kind.name, kind.source) for kind in tally.kinds if kind.counted}
    goal_of, is_silent = [], []
    for spelt in values.to_pylist():
        state = goal_state(spelt, population.roles)
        goal_of.append(-1 if isinstance(state, Kind) else goals.get(str(state), -1))
        is_silent.append(isinstance(state, Kind) and (state.name, state.source) in counted)
    goal = np.array(goal_of, dtype=np.int64)[value]
    silent = np.array(is_silent, dtype=bool)[value]
    width = max(len(tally.goals), 1)
    listed = np.repeat(np.arange(tally.areas.size), tally.goal_counts) * width + tally.area_goals
    code = area * width + goal
    place = np.minimum(np.searchsorted(listed, code), max(len(listed) - 1, 0))
    held = (goal >= 0) & (listed[place] == code) if len(listed) else np.zeros(len(goal), bool)
    cells = tally.cell_area * tally.segments.size + tally.cell_segment
    wanted = area * tally.segments.size + segment
    cell = np.minimum(np.searchsorted(cells, wanted), max(len(cells) - 1, 0))
    inside = (segment >= 0) & (cells[cell] == wanted)
    position = np.where(held, place - tally.area_offsets[area], tally.goal_counts[area])
    slot = slot_offsets(tally)[cell] + position
    found: Codes = np.where(inside & (held | silent), slot, -1)
    return found


def _members(frame: Codes, unit: Codes | None, stratum: Codes) -> tuple[Codes, Codes, Codes]:
    """Units of each frame and their strata, every one once."""
    if unit is None:
        none = np.empty(0, dtype=np.int64)
        return none, none, none
    strata, units = int(stratum.max(initial=0)) + 1, int(unit.max(initial=0)) + 1
    met = coded.distinct((frame * units + unit) * strata + stratum)
    return met // strata // units, met // strata % units, met % strata


def _refuse_crossed(
    members: tuple[Codes, Codes, Codes],
    names: Sequence[str],
    clusters: coded.Keys,
    strata: tuple[str, ...],
) -> None:
    frame, unit, stratum = members
    again = np.flatnonzero((np.diff(frame) == 0) & (np.diff(unit) == 0))
    if len(again):
        i = int(again[0])
        name = clusters.table.slice(int(unit[i]), 1).to_pylist()[0]
        raise DataError(
            f"cluster {quoted(name.values())} lies in the strata {strata[stratum[i]]!r} "
            f"and {strata[stratum[i + 1]]!r}",
            f"each cluster ({', '.join(names)}) in one stratum",
            "pass nested_clusters=True if clusters are numbered anew in each stratum",
        )


def _sizes(
    table: pa.Table,
    members: tuple[Codes, Codes, Codes],
    unit: Codes | None,
    stratum: Codes,
    area: Codes,
    frame_of_area: Codes,
    frames: int,
    strata: int,
) -> Codes:
    """Units of each frame and stratum; agents not told apart are the rows of its fullest area."""
    out = np.zeros((frames, strata), dtype=np.int64)
    if unit is not None:
        np.add.at(out, (members[0], members[2]), 1)
        return out
    rows = _whole(table, "rows")
    if "high" in table.column_names:
        rows = _whole(table, "high") * 2**32 + _whole(table, "low")
    codes, sums = grouped(area * strata + stratum)
    np.maximum.at(out, (frame_of_area[codes // strata], codes % strata), sums(rows))
    return out


def _whole(table: pa.Table, name: str) -> Codes:
    return np.asarray(pc.fill_null(table.column(name), 0).cast(pa.int64()).to_numpy())


def _real(table: pa.Table, name: str) -> Floats:
    return np.asarray(pc.fill_null(table.column(name).cast(pa.float64()), 0.0).to_numpy())
