"""The other readings of cells without a goal, and the head line that says which one was taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from dissensus.model.tally import Kind, Tally

__all__ = ["Reading", "head_line", "readings_of", "readings_table"]


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to read the kinds of no goal."""

    name: str
    tally: Tally
    is_current: bool

    @property
    def counted(self) -> str:
        """Kinds that count as no goal, in words."""
        return _named(kind for kind in self.tally.kinds if kind.counted)

    @property
    def outside(self) -> str:
        """Kinds that are left out of the population, in words."""
        return _named(kind for kind in self.tally.kinds if not kind.counted)


_WORDS = {"null": "an empty goal", "absent": "not in the data, though on the roster"}


def _named(kinds: Any) -> str:
    return ", ".join(_WORDS.get(kind.source, repr(kind.name)) for kind in kinds)


def readings_of(tally: Tally) -> list[Reading]:
    """All readings that change the population, from the narrowest to the widest.

    Holders of a goal only; with the values that the user named; with empty goals too; with absent
    members of the roster too.
    """
    present = np.asarray(tally.silent.values.astype(np.float64).sum(axis=0) > 0)
    has = {kind: bool(there) for kind, there in zip(tally.kinds, present, strict=True)}
    steps: list[tuple[str, Callable[[Kind], bool]]] = [
        ("holders of a goal only", lambda _: False),
        ("named values as no goal", lambda kind: kind.source == "value"),
        ("empty goals as no goal", lambda kind: kind.source != "absent"),
        ("absent members as no goal", lambda _: True),
    ]
    current = tuple(kind.counted and has[kind] for kind in tally.kinds)
    readings: dict[tuple[bool, ...], Reading] = {}
    for name, counts in steps:
        flags = tuple(counts(kind) and has[kind] for kind in tally.kinds)
        if flags not in readings:
            readings[flags] = Reading(name, tally.read(counts), flags == current)
    if current not in readings:
        readings[current] = Reading("as asked", tally, True)
    return list(readings.values())


def readings_table(readings: list[Reading], means: list[pa.Table]) -> pa.Table:
    """Stack the means of each reading, with what it counts."""
    tables = []
    for reading, mean in zip(readings, means, strict=True):
        size = mean.num_rows
        words = {
            "reading": pa.array([reading.name] * size, pa.string()),
            "counted_as_no_goal": pa.array([reading.counted] * size, pa.string()),
            "left_outside": pa.array([reading.outside] * size, pa.string()),
            "is_current": pa.array([reading.is_current] * size, pa.bool_()),
        }
        kept = [name for name in mean.column_names if name not in ("scope", "reasons")]
        tables.append(pa.table(words | {name: mean.column(name) for name in kept}))
    return pa.concat_tables(tables)


def head_line(
    source: str,
    agents: int | None,
    areas: int,
    readings: list[Reading],
    table: pa.Table,
    keys: Sequence[str],
    *,
    over: bool,
) -> str:
    """Say in words what was taken as the population, and what other readings would give.

    ``keys`` are the columns of ``table`` that tell its rows apart beside the reading, the one of
    ``over`` first; of its first value the row with the most agents stands for all.
    """
    current = next(reading for reading in readings if reading.is_current)
    who = "agents" if agents is None else f"{agents:,} agent" + "s" * (agents != 1)
    where = "one problem area" if areas == 1 else f"{areas:,} problem areas"
    parts = [f"Population: {who} of {source}, {where}."]
    parts.append(
        f"No goal: {current.counted} (they count)." if current.counted else "No goal: nobody."
    )
    if current.outside:
        parts.append(f"Left out: {current.outside}.")
    subject, others = _other_values(table.to_pylist(), keys, over=over)
    if others:
        mean = ", mean over the areas," if areas > 1 else ""
        parts.append(f"Read otherwise, the value{subject}{mean} would be {'; '.join(others)}.")
    return " ".join(parts)


def _other_values(
    rows: list[dict[str, Any]], keys: Sequence[str], *, over: bool
) -> tuple[str, list[str]]:
    """Row that stands for all, in words, and its values under the other readings."""
    current = [row for row in rows if row["is_current"] and row["misalignment"] is not None]
    if not current:
        return "", []
    first = [row for row in current if row[keys[0]] == current[0][keys[0]]] if over else current
    chosen = max(first, key=_agents)
    same = [row for row in rows if all(row[key] == chosen[key] for key in keys)]
    others = [
        f"{_number(row['misalignment'])} ({row['reading']})"
        for row in same
        if row["misalignment"] is not None
        and abs(row["misalignment"] - chosen["misalignment"]) > 5e-5
    ]
    words = ", ".join(str(chosen[key]) for key in keys)
    return (f" for {words}" if words else ""), others


def _agents(row: dict[str, Any]) -> int:
    counts = [row.get(name) for name in ("agents", "agents_a", "agents_b")]
    return min((count for count in counts if count is not None), default=0)


def _number(value: float) -> str:
    digits = 3 if value >= 0.0995 else 4
    return f"{value:.{digits}f}".removeprefix("0")
