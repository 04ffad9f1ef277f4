"""From grouped counts to a tally: every value of the goal column finds its state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine.rows import AREA, GOAL, DataError, key_names
from dissensus.engine.salient import salience_of
from dissensus.errors import quoted
from dissensus.model.keys import Codes, Keys, distinct, encode, encode_rows
from dissensus.model.roles import NO_GOAL, OUTSIDE, Roles
from dissensus.model.salience import SalienceMean
from dissensus.model.tally import Kind, Mass, Numbers, Tally, grouped

__all__ = [
    "build_tally",
    "goal_meant",
    "goal_state",
    "goal_text",
    "placed",
    "real_numbers",
    "whole_numbers",
]

_HALF = 2**32


@dataclass(frozen=True)
class _Reading:
    """What each distinct value of the goal column means: a goal, or a kind of no goal."""

    goals: list[str]
    goal_of: Codes  # per value: index of its goal, or -1
    kinds: tuple[Kind, ...]
    kind_of: Codes  # per value: index of its kind, or -1


def goal_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Goals as text; NaN is null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    if not pa.types.is_string(column.type):
        column = column.cast(pa.string())
    return column


def build_tally(
    table: pa.Table,
    roles: Roles,
    over: str | None,
    by: Sequence[str],
    goal_set: Sequence[str] = (),
    expected: pa.Table | None = None,
    salience_mean: SalienceMean = "geometric",
) -> Tally:
    """Sort grouped counts into a tally.

    Parameters
    ----------
    table : pyarrow.Table
        One row per key, area and value of the goal column, with its masses.
    roles : Roles
        Which values mean no goal, and how null and absent are read.
    over, by : str
        Names of the key columns.
    goal_set : sequence of str
        Declared goals.
    expected : pyarrow.Table, optional
        Mass of the roster's members per key and area.
    salience_mean : SalienceMean
        Average of the saliences of two agents, where the roles name a salience.

    Raises
    ------
    DataError
        A value that ``goal_map`` does not list.
    """
    values, value_of = encode(goal_text(table.column(GOAL)))
    names = list(dict.fromkeys([*([over] if over else []), *by]))
    aliases = key_names(names)
    area_columns = {over: aliases[over]} if over else {}
    if AREA in table.column_names:
        area_columns["area"] = AREA
    area_keys, area_of = _codes(table, expected, area_columns)
    segment_keys, segment_of = _codes(table, expected, {name: aliases[name] for name in by})
    mass = _mass(table)
    passing = (
        whole_numbers(table, "passing")
        if "passing" in table.column_names
        else whole_numbers(table, "rows")
    )

    reading = _read_values(values, roles, has_roster=expected is not None)
    goal_of, kind_of = reading.goal_of[value_of], reading.kind_of[value_of]
    goals = list(dict.fromkeys([*reading.goals, *goal_set]))
    order = np.argsort(np.array(goals, dtype=object), kind="stable")
    rank = np.empty(len(goals), dtype=np.int64)
    rank[order] = np.arange(len(goals))
    goal_of = np.where(goal_of >= 0, rank[goal_of] if goals else -1, -1)

    rows = table.num_rows
    seen = whole_numbers(table, "seen" if "seen" in table.column_names else "rows") > 0
    extant = (goal_of >= 0) & seen
    declared = rank[[goals.index(goal) for goal in goal_set]] if goal_set else np.zeros(0, np.int64)
    area_offsets, area_goals, slots = _goal_lists(
        area_of[:rows][extant], goal_of[extant], area_keys.size, max(len(goals), 1), declared
    )

    # cells: an area and a segment that meet after the filter
    width = segment_keys.size
    cell_code = area_of * width + segment_of
    present = np.flatnonzero(passing > 0)
    codes = cell_code[:rows][present]
    if expected is not None:
        codes = np.concatenate([codes, cell_code[rows:]])
    cells = distinct(codes)

    holding = present[goal_of[present] >= 0]
    holding = holding[_positive(mass, holding)]
    slot = np.searchsorted(slots, area_of[holding] * max(len(goals), 1) + goal_of[holding])
    cell = np.searchsorted(cells, cell_code[holding])
    entry_goal = slot - area_offsets[area_of[holding]]
    spread = int(np.diff(area_offsets).max(initial=0)) + 1
    slot_of_row = cell * spread + entry_goal
    entry_codes, sums = grouped(slot_of_row)
    entries = mass.map(lambda m: sums(m[holding]))

    salience = None
    if roles.salience:
        entry = np.searchsorted(entry_codes, slot_of_row)
        salience = salience_of(table, holding, entry, mass.values, salience_mean)

    silent_rows = present[kind_of[present] >= 0]
    silent = _silent(mass, silent_rows, kind_of, cell_code, cells, len(reading.kinds))
    entry_offsets = np.searchsorted(entry_codes // spread, np.arange(len(cells) + 1))
    tally = Tally(
        areas=area_keys,
        segments=segment_keys,
        goals=pa.array([goals[i] for i in order], pa.string()),
        area_offsets=area_offsets,
        area_goals=area_goals,
        cell_area=cells // width,
        cell_segment=cells % width,
        entry_offsets=entry_offsets,
        entry_goal=entry_codes % spread,
        entries=entries,
        kinds=reading.kinds,
        silent=silent,
        declared=bool(goal_set),
        salience=salience,
    )
    if expected is None:
        return _with_rest(tally) if "share" in table.column_names else tally
    return _with_absent(tally, expected, cell_code[rows:])


def _codes(
    table: pa.Table, expected: pa.Table | None, columns: dict[str, str]
) -> tuple[Keys, Codes]:
    """Codes of key columns over the counted rows, followed by the expected ones."""
    stacked = {}
    for name, alias in columns.items():
        chunks = table.column(alias)
        if expected is not None:
            other = expected.column(alias).cast(chunks.type)
            chunks = pa.chunked_array([*chunks.chunks, *other.chunks], type=chunks.type)
        stacked[name] = chunks
    size = table.num_rows + (expected.num_rows if expected is not None else 0)
    return encode_rows(stacked, size)


def placed(keys: Keys, columns: Mapping[str, pa.ChunkedArray], size: int) -> Codes:
    """Code of each row in keys that hold it."""
    stacked = {
        name: pa.chunked_array(
            [*known.chunks, *columns[name].cast(known.type).chunks], type=known.type
        )
        for name, known in zip(keys.names, keys.table.columns, strict=True)
    }
    _, codes = encode_rows(stacked, keys.size + size)
    return codes[keys.size :]


def whole_numbers(table: pa.Table, name: str) -> Codes:
    """Column of whole numbers; null is 0."""
    column = table.column(name)
    return np.asarray(pc.fill_null(column, 0).cast(pa.int64()).to_numpy())


def real_numbers(table: pa.Table, name: str) -> Numbers:
    """Column of numbers; null is 0."""
    return np.asarray(pc.fill_null(table.column(name).cast(pa.float64()), 0.0).to_numpy())


def _mass(table: pa.Table) -> Mass:
    """Masses of the counted rows; whole numbers past 2^62 become Python's own."""
    names = table.column_names
    if "share" in names:
        return Mass(None, real_numbers(table, "share"))
    if "high" in names:
        high, low = whole_numbers(table, "high"), whole_numbers(table, "low")
        wide = int(high.astype(object).sum()) >= 2**29
        agents = high.astype(object) * _HALF + low if wide else high * _HALF + low
    else:
        agents = whole_numbers(table, "passing" if "passing" in names else "rows")
    if "weight" not in names:
        return Mass(agents)
    return Mass(agents, real_numbers(table, "weight"), real_numbers(table, "square"))


def _positive(mass: Mass, rows: Codes) -> Codes:
    values = mass.values if mass.agents is None else mass.agents
    return np.flatnonzero(np.asarray(values[rows] > 0))


def _read_values(values: pa.Array, roles: Roles, *, has_roster: bool) -> _Reading:
    goals: dict[str, int] = {}
    kinds: dict[Kind, int] = {}
    goal_of, kind_of = [], []
    unmapped = []
    for value in values.to_pylist():
        state = goal_state(value, roles)
        if state is None:
            unmapped.append(value)
            continue
        if isinstance(state, Kind):
            kind_of.append(kinds.setdefault(state, len(kinds)))
            goal_of.append(-1)
        else:
            goal_of.append(goals.setdefault(state, len(goals)))
            kind_of.append(-1)
    if unmapped:
        raise DataError(
            f"goal_map does not list {quoted(unmapped, 8)}",
            "every value of the goal column",
            "add them: value=goal, value=no-goal or value=outside",
        )
    if has_roster:
        absent = Kind("absent", "absent", roles.absent == "no-goal")
        kinds.setdefault(absent, len(kinds))
    return _Reading(
        list(goals),
        np.array(goal_of, dtype=np.int64),
        tuple(kinds),
        np.array(kind_of, dtype=np.int64),
    )


def goal_state(value: str | None, roles: Roles) -> str | Kind | None:
    """Return a goal, a kind of no goal, or None for a value that no one has mapped."""
    if value in roles.no_goal:
        return Kind(str(value), "value", True)
    if value is None:
        # a member whose goal is empty is as good as absent
        return Kind("null", "null", "no-goal" in (roles.null_goal, roles.absent))
    if value in roles.outside:
        return Kind(str(value), "value", False)
    if not roles.goal_map:
        return value
    goal = roles.goal_map.get(value)
    if goal is None:
        return None
    if goal in roles.outside:
        return Kind(goal, "value", False)
    if goal in roles.no_goal:
        return Kind(goal, "value", True)
    if goal in (NO_GOAL, OUTSIDE):
        return Kind(value, "value", goal == NO_GOAL)
    return goal


def goal_meant(value: str | None, roles: Roles) -> str | None:
    """Goal that a value of the goal column means; None if it means none, or is not mapped."""
    state = goal_state(value, roles)
    return state if isinstance(state, str) else None


def _goal_lists(
    area: Codes, goal: Codes, areas: int, width: int, declared: Codes
) -> tuple[Codes, Codes, Codes]:
    """Goals of each area: those held before any filter, and those declared."""
    codes = [area * width + goal]
    if len(declared):
        codes.append((np.arange(areas)[:, None] * width + declared).ravel())
    slots = distinct(np.concatenate(codes))
    offsets = np.searchsorted(slots, np.arange(areas + 1) * width)
    return offsets, slots % width, slots


def _silent(
    mass: Mass, rows: Codes, kind_of: Codes, cell_code: Codes, cells: Codes, kinds: int
) -> Mass:
    """Mass of each kind of no goal in each cell, (cells, kinds)."""
    place = np.searchsorted(cells, cell_code[rows]) * max(kinds, 1) + kind_of[rows]
    filled, sums = grouped(place)

    def table(values: Numbers) -> Numbers:
        out = np.zeros(len(cells) * kinds, dtype=values.dtype)
        if len(filled):
            out[filled] = sums(values[rows])
        return out.reshape(len(cells), kinds)

    return mass.map(table)


def _with_absent(tally: Tally, expected: pa.Table, codes: Codes) -> Tally:
    """Fill in the members of the roster that have no row: expected less present."""
    cells = tally.cell_area * tally.segments.size + tally.cell_segment
    place = np.minimum(np.searchsorted(cells, codes), max(len(cells) - 1, 0))
    known = np.flatnonzero(cells[place] == codes) if len(cells) else np.zeros(0, dtype=np.int64)
    filled, sums = grouped(place[known])
    column = [kind.source for kind in tally.kinds].index("absent")
    holders = tally.holders

    def fill(
        values: Numbers | None, name: str, held: Numbers | None, there: Numbers | int = 1
    ) -> Numbers | None:
        if values is None or held is None:
            return None
        total = np.zeros(len(cells), dtype=values.dtype)
        source = whole_numbers(expected, name) if name == "rows" else real_numbers(expected, name)
        total[filled] = sums(source[known])
        out = values.copy()
        out[:, column] = np.maximum(total - held - values.sum(axis=1), 0) * there
        return out

    silent = tally.silent
    agents = fill(silent.agents, "rows", holders.agents)
    # rounding of weights may leave less than nothing, or a trace where nobody is absent
    there = 1 if agents is None else agents[:, column] > 0
    return replace(
        tally,
        silent=Mass(
            agents,
            fill(silent.weights, "weight", holders.weights, there),
            fill(silent.squares, "square", holders.squares, there),
        ),
    )


def _with_rest(tally: Tally) -> Tally:
    """Read what is missing to 1 in shares: it holds no goal."""
    present = tally.holders.values + tally.silent.values.sum(axis=1)
    rest = np.where(present < 1 - 1e-9, 1 - present, 0.0)
    kinds = (*tally.kinds, Kind("the rest of 1", "value", True))
    silent = Mass(None, np.column_stack([tally.silent.values, rest]))
    return replace(tally, kinds=kinds, silent=silent) if rest.any() else tally
