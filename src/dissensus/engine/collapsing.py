"""Collapse: rows of agents that may hold several goals, to distinct patterns and their masses.

What an agent holds in a problem area is packed into a few whole numbers: each goal has a place in
them, and the digit there says how often, or with which amount, the agent holds it. A digit is a
plain sum, so that every engine collapses agents by two groupings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine.kinds import goal_as_text
from dissensus.engine.rows import (
    AMOUNT,
    AREA,
    GOAL,
    PASSES,
    WEIGHT,
    DataError,
    Keys,
    Rows,
    agent_names,
    key_names,
    with_small,
)
from dissensus.engine.sources import Frame, collect
from dissensus.engine.tallying import goal_state, goal_text
from dissensus.model.keys import Codes, distinct, encode, encode_rows
from dissensus.model.keys import Keys as AreaKeys
from dissensus.model.roles import Roles
from dissensus.model.tally import Kind, Numbers, Tally

__all__ = ["Packed", "Places", "packed", "places_of", "with_text_goals"]

# bits of a word; what is left of 63 is for rows that stand twice, which are found by it
_BITS = 48
PLACE, KIND, DIGIT, HELD, LEAST, UNEVEN = (
    *("_place", "_kind", "_digit", "_held", "_least", "_uneven"),
)


def word(number: int) -> str:
    """Name of the column with a word of the patterns."""
    return f"_word{number}"


@dataclass(frozen=True, eq=False)
class Places:
    """Where each goal of a problem area stands in the words of a pattern.

    Attributes
    ----------
    kinds : tuple of Kind
        Kinds of no goal; an agent without a goal is of the first that it shows.
    areas : Keys
        Values of the area column, sorted.
    offsets, goals : (areas + 1,), (places,)
        Goals of each area, as indices of the tally's.
    side : pyarrow.Table
        Place and kind of each value in each area; a goal's kind is the number of kinds.
    row : (counts,)
        Row of ``side`` that each count by key, area and value is about.
    null : str
        What stands for an empty goal.
    nothing : int
        Kind of an agent that has an amount on no goal; -1 where there are no amounts.
    """

    kinds: tuple[Kind, ...]
    areas: AreaKeys
    offsets: Codes
    goals: Codes
    side: pa.Table
    row: Codes
    null: str
    nothing: int

    @property
    def silent_values(self) -> list[str]:
        """Values of the goal column that are no goal in any area."""
        held = pc.equal(self.side.column(KIND), len(self.kinds))
        silent: list[str] = self.side.filter(pc.invert(held)).column(GOAL).unique().to_pylist()
        return silent


@dataclass(frozen=True, eq=False)
class Packed:
    """Patterns as the engine found them, one row per area, segment and pattern.

    Attributes
    ----------
    table : pyarrow.Table
        Keys, area, words, kind, and the masses ``agents``, ``weight``, ``square``.
    bits, words : int
        Bits of a digit; number of words.
    amounts : array, optional
        Amount that each digit stands for, from 1 on; None if there are none.
    are_counts : bool
        Whether a digit is a number of rows.
    """

    table: pa.Table
    bits: int
    words: int
    amounts: Numbers | None = None
    are_counts: bool = False

    @property
    def per_word(self) -> int:
        """Digits in a word."""
        return _BITS // self.bits


def with_text_goals(rows: Rows) -> Rows:
    """Rows with goals as text, spelt alike whatever the engine."""
    dtype = rows.frame.collect_schema()[GOAL]
    return Rows(rows.frame.with_columns(goal_as_text(GOAL, dtype).alias(GOAL)), rows.columns)


def places_of(table: pa.Table, tally: Tally, roles: Roles) -> Places:
    """Give every goal of an area its place, from what the rows hold in all.

    Parameters
    ----------
    table : pyarrow.Table
        Counts per key, area and value of the goal column.
    tally : Tally
        Their tally.
    roles : Roles
    """
    kinds = list(tally.kinds)
    nothing = Kind(f"{roles.amount} 0", "value", True)
    if roles.amount:
        kinds.append(nothing)
    # of several kinds of no goal that an agent shows, one that counts goes first
    kinds.sort(key=lambda kind: (not kind.counted, kind.source != "value"))
    index = {goal: i for i, goal in enumerate(tally.goals.to_pylist())}
    values, value_of = encode(goal_text(table.column(GOAL)))
    states = [goal_state(value, roles) for value in values.to_pylist()]
    goal = np.array([-1 if isinstance(s, Kind) else index[str(s)] for s in states], dtype=np.int64)
    kind = [kinds.index(s) if isinstance(s, Kind) else len(kinds) for s in states]
    named = {"area": table.column(AREA)} if AREA in table.column_names else {}
    areas, area_of = encode_rows(named, table.num_rows)
    width = max(len(index), 1)
    holds = goal[value_of] >= 0
    slots = distinct(area_of[holds] * width + goal[value_of][holds])
    offsets = np.searchsorted(slots, np.arange(areas.size + 1) * width)
    crossed = area_of * len(values) + value_of
    pairs = distinct(crossed)
    area, value = pairs // len(values), pairs % len(values)
    place = np.searchsorted(slots, area * width + goal[value]) - offsets[area]
    kind_of = np.array(kind, dtype=np.int64)[value]
    # draws without a goal have places too, after the goals of the area; else none
    silent = goal[value] < 0
    sizes = np.diff(offsets)
    after = sizes[area] if roles.holds == "draws" else sizes.max(initial=0)
    place[silent] = (after + kind_of)[silent]
    null = "no goal"
    while null in values.to_pylist():
        null += " "
    side = {GOAL: pc.fill_null(values.take(pa.array(value)), null), PLACE: place, KIND: kind_of}
    if named:
        side[AREA] = areas.table.column("area").take(pa.array(area))
    at = kinds.index(nothing) if roles.amount else -1
    row = np.searchsorted(pairs, crossed)
    return Places(tuple(kinds), areas, offsets, slots % width, pa.table(side), row, null, at)


def packed(
    rows: Rows,
    places: Places,
    roles: Roles,
    keys: Keys,
    *,
    merge: bool = False,
    together: bool = False,
) -> Packed:
    """Collapse agents to patterns, in the engine.

    ``merge`` looks for rows of one goal of one agent and takes them as one, or as their sum;
    ``together`` takes what an agent holds in all areas as one.

    Raises
    ------
    DataError
        An agent with several weights in one area.
    """
    area = [AREA] if AREA in rows.columns and not together else []
    aliases = [*key_names(keys.names).values(), *area]
    cell = [*aliases, *agent_names(roles).values()]
    frame = _coded(rows, places, cell)
    sizes = np.diff(places.offsets) + (len(places.kinds) if roles.holds == "draws" else 0)
    most = int(sizes.max(initial=1))
    bits, amounts = 1, None
    if roles.holds == "draws":
        counts = frame.group_by(*cell).agg(nw.len().alias("n"))
        bits = int(collect(counts.select(nw.col("n").max())).column("n")[0].as_py()).bit_length()
    elif merge or roles.amount:
        frame = _merged(frame, cell)
        if roles.amount:
            frame, amounts = _with_digits(frame, places)
            bits = max(len(amounts).bit_length(), 1)
    words = -(-most // (_BITS // bits))
    frame = with_small(frame, _units(most, len(places.kinds), bits, words), [PLACE])
    frame = _agents(frame, cell, words, roles, places)
    names = [*aliases, *map(word, range(words)), KIND]
    sums = [HELD, *([WEIGHT, "_square", UNEVEN] if WEIGHT in rows.columns else [])]
    grouped = frame.group_by(*names).agg(
        nw.len().alias("agents"), *[nw.col(name).sum() for name in sums]
    )
    table = collect(grouped)
    if WEIGHT in rows.columns and pc.sum(table.column(UNEVEN)).as_py():
        raise DataError(
            f"{pc.sum(table.column(UNEVEN)).as_py():,} agents have rows of different weight in one "
            "problem area",
            "one weight an agent: it stands for the agent, not for a row",
            "mend the weights, or put them on the roster; for amounts on goals use points=",
        )
    return Packed(table, bits, words, amounts, roles.holds == "draws")


def _coded(rows: Rows, places: Places, cell: Sequence[str]) -> Frame:
    """Rows that are asked about, with the place and kind of their goals."""
    frame = rows.frame
    if PASSES in rows.columns:
        frame = frame.filter(nw.col(PASSES) == 1)
    keys = [GOAL, *([AREA] if AREA in rows.columns else [])]
    columns = [nw.col(name) for name in dict.fromkeys([*cell, *keys[1:]])]
    columns.append(nw.col(GOAL).fill_null(places.null))
    if WEIGHT in rows.columns:
        weight = nw.col(WEIGHT).cast(nw.Float64)
        columns += [weight.alias(WEIGHT), weight.alias(LEAST)]
    if AMOUNT in rows.columns:
        columns.append(nw.col(AMOUNT).cast(nw.Float64))
    return with_small(frame.select(*columns), places.side, keys)


def _merged(frame: Frame, cell: Sequence[str]) -> Frame:
    """One row per agent, area and goal."""
    there = frame.collect_schema().names()
    parts = [(AMOUNT, nw.col(AMOUNT).sum()), (WEIGHT, nw.col(WEIGHT).max())]
    parts.append((LEAST, nw.col(LEAST).min()))
    sums = [part for name, part in parts if name in there]
    return frame.group_by(*cell, PLACE, KIND).agg(nw.len().alias("_rows"), *sums)


def _with_digits(frame: Frame, places: Places) -> tuple[Frame, Numbers]:
    """Number the distinct amounts; whoever has none on any goal holds none."""
    held = nw.col(KIND) == len(places.kinds)
    amount = nw.when(held & (nw.col(AMOUNT) > 0)).then(nw.col(AMOUNT)).otherwise(nw.lit(0.0))
    frame = frame.with_columns(amount.alias(AMOUNT))
    known = np.unique(collect(frame.select(AMOUNT).unique()).column(AMOUNT).to_numpy())
    amounts = known[known > 0]
    values = np.concatenate([[0.0], amounts])
    frame = with_small(frame, pa.table({AMOUNT: values, DIGIT: np.arange(len(values))}), [AMOUNT])
    kind = nw.when(held & (nw.col(DIGIT) == 0)).then(nw.lit(places.nothing))
    return frame.with_columns(kind.otherwise(nw.col(KIND)).alias(KIND)), amounts


def _units(places: int, kinds: int, bits: int, words: int) -> pa.Table:
    """What a digit of 1 at each place adds to each word; kinds behind the last place add none."""
    place = np.arange(places + kinds)
    per = _BITS // bits
    unit = np.where(place < places, 1 << (bits * (place % per)), 0)
    columns = {word(w): np.where(place // per == w, unit, 0) for w in range(words)}
    return pa.table({PLACE: place, **columns})


def _agents(frame: Frame, cell: Sequence[str], words: int, roles: Roles, places: Places) -> Frame:
    """One row per agent and area: its words, its kind of no goal, its weight."""
    goal = nw.lit(len(places.kinds))
    there = frame.collect_schema().names()
    names = [word(w) for w in range(words)]
    digit = nw.col(DIGIT) if DIGIT in there else nw.lit(1)
    columns = [nw.col(name) for name in cell]
    columns += [(nw.col(name) * digit).alias(name) for name in names]
    columns += [nw.col(KIND), (nw.col(KIND) == goal).cast(nw.Int64).alias(HELD)]
    weighted = WEIGHT in there
    columns += [nw.col(WEIGHT), nw.col(LEAST)] if weighted else []
    parts = [nw.col(name).sum() for name in [*names, HELD]]
    parts.append(nw.col(KIND).min())
    parts += [nw.col(WEIGHT).max(), nw.col(LEAST).min()] if weighted else []
    agents = frame.select(*columns).group_by(*cell).agg(*parts)
    some = nw.lit(True) if roles.holds == "draws" else nw.col(HELD) > 0
    # a sum may be of a wider type
    after = [nw.col(name).cast(nw.Int64) for name in names]
    after += [nw.when(some).then(goal).otherwise(nw.col(KIND)).alias(KIND)]
    if weighted:
        after.append((nw.col(WEIGHT) * nw.col(WEIGHT)).alias("_square"))
        after.append((nw.col(WEIGHT) != nw.col(LEAST)).cast(nw.Int64).alias(UNEVEN))
    return agents.with_columns(*after)
