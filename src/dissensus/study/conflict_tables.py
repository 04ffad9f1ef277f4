"""Tables of conflict: pairs of goals or a square, checked, and read into one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dissensus.engine.population import as_text
from dissensus.engine.sources import collect, open_source
from dissensus.errors import quoted
from dissensus.model.conflict import ConflictError, conflict_matrix
from dissensus.study.options import ConflictOptions

__all__ = ["Pairs", "degree_of", "read_table"]

Pairs = dict[str | None, dict[tuple[str, str], float]]
Row = tuple[str | None, str, str, Any]


# what the two goals of a row are called: the second way is that of the formulas
_PAIR_COLUMNS = (("goal_a", "goal_b"), ("goal_i", "goal_j"))


def read_table(value: Any, options: ConflictOptions) -> tuple[Pairs, list[str], bool]:
    """Read a table of conflict from a file, a frame, a mapping of pairs, or an array.

    Returns
    -------
    tuple
        Conflict of pairs per area (None: all areas), the goals declared for all areas, and
        whether every goal that is held must be among them.

    Raises
    ------
    ConflictError
        Not such a table, a degree outside [0, 1], or a pair with two values.
    """
    if isinstance(value, Mapping) and all(
        isinstance(key, tuple) and len(key) == 2 for key in value
    ):
        listed: list[Row] = [(None, as_text(a), as_text(b), x) for (a, b), x in value.items()]
        return _pairs(listed, options)
    if isinstance(value, np.ndarray | list | tuple):
        goals = list(options.goal_set)
        if len(goals) != len(value):
            raise ConflictError(
                f"an array for {len(value)} goals and goal_set of {len(goals)}",
                "goal_set=[...], the goals in the order of the array's rows",
                "pass goal_set, or a table with the goals' names",
            )
        return _square(np.asarray(value, dtype=object), goals, options)
    source = open_source(str(value) if isinstance(value, Path) else value)
    table = collect(source.frame)
    columns = set(table.column_names)
    pair = next((one for one in _PAIR_COLUMNS if {*one, "conflict"} <= columns), None)
    if pair is not None:
        areas = table.column("area").to_pylist() if "area" in columns else [None] * len(table)
        names = (table.column(name).to_pylist() for name in (*pair, "conflict"))
        rows = [
            (None if area is None else as_text(area), as_text(a), as_text(b), x)
            for area, a, b, x in zip(areas, *names, strict=True)
        ]
        return _pairs(rows, options)
    goals = [as_text(goal) for goal in table.column(0).to_pylist()]
    if sorted(goals) != sorted(table.column_names[1:]):
        raise ConflictError(
            f"a table with the columns {quoted(table.column_names, 6)}",
            "columns goal_a, goal_b, conflict (and area), or a square table whose first column "
            "names the goals of the others",
            "rename the columns, or give rows and columns the same goals",
        )
    values = [table.column(goal).to_pylist() for goal in goals]
    return _square(np.array(values, dtype=object).T, goals, options)


def _square(
    values: Any, goals: list[str], options: ConflictOptions
) -> tuple[Pairs, list[str], bool]:
    numbers = np.array(
        [
            [degree_of(x, f"{goals[i]!r} and {goals[j]!r}") for j, x in enumerate(row)]
            for i, row in enumerate(values)
        ]
    )
    table = conflict_matrix(
        numbers, goals, symmetrise=options.symmetrise, directed=options.directed
    ).values
    pairs = {
        (a, b): float(table[i, j])
        for i, a in enumerate(goals)
        for j, b in enumerate(goals)
        if table[i, j]
    }
    return {None: pairs}, goals, True


def _pairs(rows: Sequence[Row], options: ConflictOptions) -> tuple[Pairs, list[str], bool]:
    given: Pairs = {}
    for area, a, b, x in rows:
        degree = degree_of(x, f"{a!r} and {b!r}")
        if a == b and degree:
            raise ConflictError(
                f"{a!r} is in conflict with itself ({degree:g})",
                "0: a goal never conflicts with itself",
                "remove the row",
            )
        known = given.setdefault(area, {}).setdefault((a, b), degree)
        if known != degree:
            raise ConflictError(
                f"conflict between {a!r} and {b!r} is {known:g} and {degree:g}",
                "each pair once",
                "remove one of the two rows",
            )
    out: Pairs = {area: _both_ways(pairs, options) for area, pairs in given.items()}
    shared = [area for area in out if area is None]
    goals = dict.fromkeys(goal for area in shared for pair in given[area] for goal in pair)
    return out, list(goals), False


def _both_ways(
    pairs: Mapping[tuple[str, str], float], options: ConflictOptions
) -> dict[tuple[str, str], float]:
    if options.directed:
        return dict(pairs)
    out: dict[tuple[str, str], float] = {}
    for (a, b), degree in pairs.items():
        back = pairs.get((b, a), degree)
        if back != degree and not options.symmetrise:
            raise ConflictError(
                f"conflict between {a!r} and {b!r} is {degree:g} one way and {back:g} the other",
                "a symmetric table, each pair once or twice with the same value",
                "remove one of the two rows, or pass symmetrise=True to use their mean, "
                f"{(degree + back) / 2:g}, or directed=True to keep both",
            )
        out[a, b] = out[b, a] = (degree + back) / 2
    return out


def degree_of(value: Any, between: str) -> float:
    """Read a degree of conflict, a number in [0, 1]; ``between`` names the two for the message."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not 0 <= number <= 1:
        raise ConflictError(
            f"conflict between {between} is {value!r}",
            "a degree in [0, 1]: 0 compatible, 1 mutually exclusive",
            "divide by the largest value, if it is on another scale",
        )
    return number
