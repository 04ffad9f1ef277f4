"""From packed patterns to holdings: what stands in the words, and how many agents hold it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.engine.collapsing import HELD, KIND, Packed, Places, word
from dissensus.engine.rows import AREA, WEIGHT, Keys, key_names
from dissensus.engine.tallying import placed, real_numbers, whole_numbers
from dissensus.model.holdings import Holdings
from dissensus.model.keys import Codes
from dissensus.model.patterns import Patterns
from dissensus.model.roles import Roles
from dissensus.model.tally import Mass, Numbers, Tally, grouped

__all__ = ["build_holdings", "has_repeats"]


def has_repeats(found: Packed) -> bool:
    """Whether a goal stands in more than one row of an agent: then digits ran into each other."""
    words = _words(found)
    held = np.zeros(len(words), dtype=np.int64)
    for number in range(words.shape[1]):
        held += np.bitwise_count(words[:, number]).astype(np.int64)
    agents = whole_numbers(found.table, "agents")
    return bool((held * agents != whole_numbers(found.table, HELD)).any())


def build_holdings(
    found: Packed,
    places: Places,
    tally: Tally,
    roles: Roles,
    keys: Keys,
    expected: pa.Table | None = None,
) -> Holdings:
    """Holdings of a tally whose agents may hold several goals.

    Parameters
    ----------
    found : Packed
        Patterns per area and segment.
    places : Places
        Where the goals stand in them.
    tally : Tally
        The same rows, counted by goal.
    roles : Roles
    keys : Keys
        Names of the columns of ``over`` and ``by``.
    expected : pyarrow.Table, optional
        Mass of the roster's members per key and area: those who are missing are absent.
    """
    cells = tally.cell_area * tally.segments.size + tally.cell_segment
    cell = np.searchsorted(cells, _cell_codes(found.table, tally, keys))
    kind, words = whole_numbers(found.table, KIND), _words(found)
    mass = Mass(whole_numbers(found.table, "agents"))
    if WEIGHT in found.table.column_names:
        weights = real_numbers(found.table, WEIGHT), real_numbers(found.table, "_square")
        mass = Mass(mass.agents, *weights)
    if expected is not None:
        total = _expected(
            expected, np.searchsorted(cells, _cell_codes(expected, tally, keys)), mass
        )
        lacking, absent = _absent(total, mass, cell, len(cells))
        names = [one.source for one in places.kinds]
        cell = np.concatenate([cell, lacking])
        kind = np.append(kind, np.full(len(lacking), names.index("absent")))
        words = np.concatenate([words, np.zeros((len(lacking), words.shape[1]), dtype=np.int64)])
        mass = _stacked(mass, absent)

    # one pattern per area: what its agents hold, or the kind of no goal that they are of
    columns = [*words.T[::-1], kind, tally.cell_area[cell]]
    order = np.lexsort(columns)
    stacked = np.stack(columns, axis=1)[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (stacked[1:] != stacked[:-1]).any(axis=1)
    pattern = np.empty(len(order), dtype=np.int64)
    pattern[order] = np.cumsum(new) - 1
    first = order[new]
    area = tally.cell_area[cell[first]]
    patterns, draws = _decoded(words[first], area, found, places, tally)
    silence = draws
    told = kind[first] < len(places.kinds)
    silence[np.flatnonzero(told), kind[first][told]] += 1

    codes, sums = grouped(cell * max(len(first), 1) + pattern)
    size = max(len(first), 1)
    holdings = Holdings(
        **{name: getattr(tally, name) for name in Tally.__dataclass_fields__},
        patterns=patterns,
        pattern_offsets=np.searchsorted(area, np.arange(tally.areas.size + 1)),
        silence=silence,
        held_offsets=np.searchsorted(codes // size, np.arange(len(cells) + 1)),
        held_pattern=codes % size,
        held=mass.map(sums),
        are_draws=roles.holds == "draws",
    )
    return _counted(holdings, tally, places)


def _words(found: Packed) -> Codes:
    return np.stack(
        [whole_numbers(found.table, word(number)) for number in range(found.words)], axis=1
    )


def _cell_codes(table: pa.Table, tally: Tally, keys: Keys) -> Codes:
    aliases = key_names(keys.names)
    of_area = {name: AREA if name == "area" else aliases[name] for name in tally.areas.names}
    area = placed(tally.areas, _taken(table, of_area), table.num_rows)
    of_segment = {name: aliases[name] for name in tally.segments.names}
    segment = placed(tally.segments, _taken(table, of_segment), table.num_rows)
    codes: Codes = area * tally.segments.size + segment
    return codes


def _taken(table: pa.Table, names: Mapping[str, str]) -> dict[str, pa.ChunkedArray]:
    return {name: table.column(alias) for name, alias in names.items()}


def _expected(expected: pa.Table, cell: Codes, like: Mass) -> tuple[Codes, Mass]:
    """Members of the roster in each cell that has some."""
    weighted = like.weights is not None
    mass = Mass(
        whole_numbers(expected, "rows"),
        real_numbers(expected, "weight") if weighted else None,
        real_numbers(expected, "square") if weighted else None,
    )
    cells, sums = grouped(cell)
    return cells, mass.map(sums)


def _absent(total: tuple[Codes, Mass], mass: Mass, cell: Codes, size: int) -> tuple[Codes, Mass]:
    """Cells that lack members of the roster, and how many: expected less present."""
    cells, members = total
    there, sums = grouped(cell)

    def lacking(wanted: Numbers | None, present: Numbers | None) -> Numbers | None:
        if wanted is None or present is None:
            return None
        seen = np.zeros(size, dtype=wanted.dtype)
        seen[there] = sums(present)
        left: Numbers = np.maximum(wanted - seen[cells], 0)
        return left

    agents = lacking(members.agents, mass.agents)
    some = np.asarray(agents) > 0
    left = Mass(
        agents, lacking(members.weights, mass.weights), lacking(members.squares, mass.squares)
    )
    return cells[some], left.map(lambda values: values[some])


def _stacked(a: Mass, b: Mass) -> Mass:
    def both(x: Numbers | None, y: Numbers | None) -> Numbers | None:
        return None if x is None or y is None else np.concatenate([x, y])

    return Mass(both(a.agents, b.agents), both(a.weights, b.weights), both(a.squares, b.squares))


def _decoded(
    words: Codes, area: Codes, found: Packed, places: Places, tally: Tally
) -> tuple[Patterns, Numbers]:
    """Patterns of all areas; and of draws those without a goal, by kind, (m, kinds)."""
    of_area = _area_codes(places, tally)[area]
    sizes = np.diff(places.offsets)[of_area]
    mask = (1 << found.bits) - 1
    empty = np.zeros(0, dtype=np.int64)
    rows, stands, digits = [empty], [empty], [empty]
    for at in range(found.words * found.per_word):
        digit = (words[:, at // found.per_word] >> (found.bits * (at % found.per_word))) & mask
        there = np.flatnonzero(digit)
        rows.append(there)
        stands.append(np.full(len(there), at))
        digits.append(digit[there])
    row, place, amount = np.concatenate(rows), np.concatenate(stands), np.concatenate(digits)
    silence = np.zeros((len(words), len(places.kinds)))
    silent = place >= sizes[row]
    silence[row[silent], (place - sizes[row])[silent]] = amount[silent]
    order = np.flatnonzero(~silent)
    order = order[np.argsort(row[order], kind="stable")]
    row, place, amount = row[order], place[order], amount[order]
    width = max(len(tally.goals), 1)
    slots = np.repeat(np.arange(tally.areas.size), tally.goal_counts) * width + tally.area_goals
    goal = places.goals[places.offsets[of_area[row]] + place]
    held = np.searchsorted(slots, area[row] * width + goal) - tally.area_offsets[area[row]]
    amounts = None
    if found.amounts is not None:
        amounts = found.amounts[amount - 1]
    elif found.are_counts:
        amounts = amount.astype(np.float64)
    offsets = np.searchsorted(row, np.arange(len(words) + 1))
    most = int(tally.goal_counts.max(initial=0))
    return Patterns(most, offsets.astype(np.int64), held.astype(np.int64), amounts), silence


def _area_codes(places: Places, tally: Tally) -> Codes:
    """Area, as places know it, of each area of a tally: the same for all values of ``over``."""
    named = {name: tally.areas.table.column(name) for name in places.areas.names}
    return placed(places.areas, named, tally.areas.size)


def _counted(holdings: Holdings, tally: Tally, places: Places) -> Holdings:
    """Count who holds each goal, and who holds none; of draws, the draws."""
    cells = len(tally.cell_area)
    cell = np.repeat(np.arange(cells), np.diff(holdings.held_offsets))
    kinds = len(places.kinds)
    row, kind = np.nonzero(holdings.silence[holdings.held_pattern])
    filled, silent_sums = grouped(cell[row] * max(kinds, 1) + kind)

    def silent(values: Numbers) -> Numbers:
        out = np.zeros(cells * kinds, dtype=values.dtype)
        out[filled] = silent_sums(values[row])
        return out.reshape(cells, kinds)

    agents = holdings.held.map(silent)
    if holdings.are_draws:
        order = [tally.kinds.index(one) for one in places.kinds]
        absent = np.array([one.source == "absent" for one in places.kinds], dtype=bool)
        return replace(
            holdings, kinds=places.kinds, silent=_draws(tally.silent, order, agents, absent)
        )
    entry = np.repeat(np.arange(len(cell)), holdings.patterns.sizes[holdings.held_pattern])
    spread = int(tally.goal_counts.max(initial=0)) + 1
    held = holdings.patterns.take(holdings.held_pattern).held
    codes, sums = grouped(cell[entry] * spread + held)
    return replace(
        holdings,
        kinds=places.kinds,
        entry_offsets=np.searchsorted(codes // spread, np.arange(cells + 1)),
        entry_goal=codes % spread,
        entries=holdings.held.map(lambda values: sums(values[entry])),
        silent=agents,
    )


def _draws(rows: Mass, order: list[int], agents: Mass, absent: npt.NDArray[np.bool_]) -> Mass:
    """Draws of each kind of no goal; of the absent, who made none, the agents."""

    def chosen(drawn: Numbers | None, there: Numbers | None) -> Numbers | None:
        if drawn is None or there is None:
            return None
        found: Numbers = np.where(absent, there, drawn[:, order])
        return found

    return Mass(
        chosen(rows.agents, agents.agents),
        chosen(rows.weights, agents.weights),
        chosen(rows.squares, agents.squares),
    )
