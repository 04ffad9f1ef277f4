"""An audit to the tables of a result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dissensus.study.tables import reals, reasons_column
from dissensus.system import Status, System
from dissensus.system.audit import (
    AXES,
    Case,
    Commitment,
    Crossed,
    Importance,
    Robustness,
    Setting,
    Settling,
)
from dissensus.system.choice import Choice
from dissensus.system.pointers import Pointers
from dissensus.system.relations import Row

__all__ = [
    "action_tables",
    "card_table",
    "cell_rows",
    "commitments_table",
    "importance_table",
    "parts_table",
    "pointers_table",
    "robustness_table",
    "satisfaction_table",
    "satisfactions",
    "settling_table",
    "uncounted_table",
    "value_in_words",
]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

IDLE = "makes no difference here"
ORDERS = "some part gives no utilities"
_NAMES = pa.list_(pa.string())


def cell_rows(crossed: Crossed) -> pa.Table:
    """One row a cell: its value on each axis, the winners, the status, its policy."""
    size = len(crossed.settings)
    columns: dict[str, Any] = {"cell": pa.array(np.arange(1, size + 1))}
    causes: list[tuple[str, Mask, str]] = []
    for name in crossed.axes:
        values = [getattr(one, name) for one in crossed.settings]
        kind = pa.float64() if name == "compute" else pa.string()
        columns[name] = pa.array(values, kind)
        causes.append((name, np.array([value is None for value in values]), IDLE))
    undefined = crossed.outcome_of < 0
    columns["outcome"] = _winners(crossed.choices)
    columns["status"] = pa.array([str(choice.status) for choice in crossed.choices])
    mixed = [_is_lottery(choice) for choice in crossed.choices]
    if any(mixed):
        columns["chances"] = pa.array(
            [_chances(choice) if _is_lottery(choice) else None for choice in crossed.choices],
            pa.list_(pa.float64()),
        )
        causes.append(("chances", ~np.array(mixed), "no lottery"))
    columns["policy"] = pa.array(crossed.policies + 1, mask=crossed.policies < 0)
    for status in (Status.CYCLE, Status.EMPTY, Status.NOT_CONVERGED):
        mask = np.array([choice.status is status for choice in crossed.choices])
        words = _WITHOUT[status]
        causes += [("outcome", mask, words), ("policy", mask & undefined, words)]
    if crossed.case.today is not None:
        chosen, short, why = _today(crossed)
        columns["today_chosen"] = chosen
        causes.append(("today_chosen", undefined, "nothing is chosen"))
        if (short > 0).any():
            columns["today_regret"] = reals(short)
            causes.append(("today_regret", np.isnan(short), why))
    columns["reasons"] = reasons_column(size, causes)
    return pa.table(columns)


_WITHOUT = {
    Status.CYCLE: "every option is beaten by another",
    Status.EMPTY: "no option qualifies",
    Status.NOT_CONVERGED: "no answer within the steps allowed",
}


def importance_table(crossed: Crossed, found: Mapping[str, Importance] | None) -> pa.Table:
    """One row a crossed axis, the one that decides most first."""
    names = sorted(crossed.axes, key=lambda name: -found[name].total if found else 0.0)
    size = len(names)
    none = np.full(size, np.nan)
    main = np.array([found[name].main for name in names]) if found else none
    total = np.array([found[name].total for name in names]) if found else none
    why = np.full(size, found is None)
    words = "every reading has the same outcome"
    return pa.table(
        {
            "axis": pa.array(names, pa.string()),
            "axis_label": pa.array([AXES[name].label for name in names], pa.string()),
            "values": pa.array([len(crossed.axes[name]) for name in names], pa.int64()),
            "main": reals(main),
            "total": reals(total),
            "reasons": reasons_column(size, [("main", why, words), ("total", why, words)]),
        }
    )


def commitments_table(
    crossed: Crossed, found: Sequence[Commitment], robust: Robustness | None
) -> pa.Table:
    """One row a minimal commitment, those of fewest choices first."""
    names = crossed.case.system.actions
    shares = [None if robust is None else robust.share_of(one) for one in found]
    missing = np.array([share is None for share in shares], dtype=bool)
    why = "orders only: nothing to perturb" if robust is None else "none of its cells was asked"
    return pa.table(
        {
            "commitment": pa.array([_in_words(one.values) for one in found], pa.string()),
            "choices": pa.array([len(one.values) for one in found], pa.int64()),
            "outcome": pa.array(
                [[names[a] for a in crossed.outcomes[one.outcome]] for one in found], _NAMES
            ),
            "cells": pa.array([len(one.cells) for one in found], pa.int64()),
            "kept_share": pa.array(shares, pa.float64()),
            "reasons": reasons_column(len(found), [("kept_share", missing, why)]),
        }
    )


def settling_table(found: Sequence[Settling]) -> pa.Table:
    """One row a set of axes: of how many combinations of values each settles the outcome."""
    return pa.table(
        {
            "axes": pa.array([", ".join(one.axes) for one in found], pa.string()),
            "combinations": pa.array([one.combinations for one in found], pa.int64()),
            "settled": pa.array([one.settled for one in found], pa.int64()),
        }
    )


def robustness_table(crossed: Crossed, robust: Robustness | None) -> pa.Table:
    """One row a cell and outcome: in what share of the perturbed draws the cell has it."""
    names = crossed.case.system.actions
    cells: list[int] = []
    outcomes: list[list[str]] = []
    shares: list[float] = []
    own: list[bool] = []
    for place, cell in enumerate([] if robust is None else robust.cells.tolist()):
        winners = tuple(sorted(crossed.choices[cell].winners))
        for some, share in robust.shares(place) if robust else ():
            cells.append(cell + 1)
            outcomes.append([names[a] for a in some])
            shares.append(share)
            own.append(some == winners)
    return pa.table(
        {
            "cell": pa.array(cells, pa.int64()),
            "outcome": pa.array(outcomes, _NAMES),
            "draws_share": pa.array(shares, pa.float64()),
            "is_outcome": pa.array(own, pa.bool_()),
        }
    )


def satisfaction_table(crossed: Crossed) -> pa.Table:
    """One row a cell and part: what the part gets, and what it misses."""
    values, regrets = satisfactions(crossed)
    cells, parts = values.shape
    names = [part.name for part in crossed.case.system.parts]
    value, regret = values.ravel(), regrets.ravel()
    undefined = np.repeat(crossed.outcome_of < 0, parts)
    causes: list[tuple[str, Mask, str]] = []
    for name, numbers in (("value", value), ("regret", regret)):
        causes.append((name, undefined, "nothing is chosen"))
        causes.append(
            (name, np.isnan(numbers), "the part gives no utilities, or no option is best")
        )
    return pa.table(
        {
            "cell": pa.array(np.repeat(np.arange(1, cells + 1), parts)),
            "part": pa.array(names).take(pa.array(np.tile(np.arange(parts), cells))),
            "value": reals(value),
            "regret": reals(regret),
            "reasons": reasons_column(len(value), causes),
        }
    )


def parts_table(crossed: Crossed) -> pa.Table:
    """One row a part: its standing, and the range of what it gets and misses over the cells."""
    values, regrets = satisfactions(crossed)
    parts = crossed.case.system.parts
    silent = np.asarray(np.isnan(regrets).all(axis=0))
    columns: dict[str, Any] = {
        "part": pa.array([part.name for part in parts]),
        "standing": pa.array([part.standing for part in parts]),
    }
    causes: list[tuple[str, Mask, str]] = []
    for name, numbers, pick in (
        ("least_value", values, np.nanmin),
        ("most_value", values, np.nanmax),
        ("least_regret", regrets, np.nanmin),
        ("most_regret", regrets, np.nanmax),
    ):
        column = np.full(len(parts), np.nan)
        some = ~np.isnan(numbers).all(axis=0)
        column[some] = pick(numbers[:, some], axis=0)
        columns[name] = reals(column)
        causes.append((name, silent, "the part gives no utilities, or nothing is chosen"))
        causes.append((name, np.asarray(~some), "no option is best for the part"))
    columns["reasons"] = reasons_column(len(parts), causes)
    return pa.table(columns)


def action_tables(crossed: Crossed) -> tuple[pa.Table, pa.Table]:
    """Actions with the cells that choose them, and what each part gets from each action."""
    system = crossed.case.system
    outcome = crossed.outcome_of
    alone = np.zeros(len(system.actions), dtype=np.int64)
    among = np.zeros(len(system.actions), dtype=np.int64)
    for code, winners in enumerate(crossed.outcomes):
        count = int((outcome == code).sum())
        (alone if len(winners) == 1 else among)[list(winners)] += count
    actions = pa.table(
        {
            "action": pa.array(system.actions),
            "cells": pa.array(alone),
            "shared_cells": pa.array(among),
            "cells_share": pa.array((alone + among) / len(outcome)),
        }
    )
    values = crossed.cells.ground(
        crossed.settings[0]._replace(beliefs="own", deliberation="none")
    ).stretched
    parts, size = values.shape
    flat = values.ravel()
    gains = pa.table(
        {
            "action": pa.array(np.tile(np.array(system.actions, dtype=object), parts)),
            "part": pa.array(np.repeat(np.array([p.name for p in system.parts], object), size)),
            "value": reals(flat),
            "reasons": reasons_column(len(flat), [("value", np.isnan(flat), ORDERS)]),
        }
    )
    return actions, gains


def pointers_table(found: Pointers) -> pa.Table:
    """One row a pointer to what the system wants."""
    names = found.output.actions
    wanted = sorted({action for best in found.wants for action in best})
    rows = [
        ("output", "what its own rule gives", "", [*found.output.winner_names]),
        ("parts", "what its parts want", "", [names[a] for a in wanted]),
        ("efficient", "what is efficient for its parts", "", [names[a] for a in found.efficient]),
    ]
    rows += [
        ("efficient", "one efficient option", rule, [*choice.winner_names])
        for rule, choice in found.selections.items()
    ]
    pointer, meaning, rule, actions = (list(column) for column in zip(*rows, strict=True))
    return pa.table(
        {
            "pointer": pa.array(pointer),
            "meaning": pa.array(meaning),
            "rule": pa.array([name or None for name in rule], pa.string()),
            "outcome": pa.array(actions, _NAMES),
        }
    )


def card_table(rows: Iterable[Row]) -> pa.Table:
    """One row a relation: score, verdict, the two halves of the gap, and the witness."""
    rows = list(rows)
    columns: dict[str, Any] = {
        "relation": pa.array([row.relation for row in rows], pa.string()),
        "number": pa.array([row.number for row in rows], pa.string()),
        "relation_label": pa.array([row.label for row in rows], pa.string()),
        "target": pa.array([row.target for row in rows], pa.string()),
    }
    causes = []
    for name in ("score", "intrinsic_gap", "procedural_gap", "misfit"):
        values = [getattr(row, name) for row in rows]
        columns[name] = pa.array(values, pa.float64())
        missing = np.array([value is None for value in values], dtype=bool)
        if name == "misfit":
            learned = np.array([row.score is not None for row in rows], dtype=bool)
            causes.append((name, missing & learned, "nothing is learned, or it cannot be given"))
        for place in np.flatnonzero(missing):
            only = np.zeros(len(rows), dtype=bool)
            only[place] = True
            causes.append((name, only, rows[place].witness or rows[place].status))
    columns["verdict"] = pa.array([str(row.verdict) for row in rows], pa.string())
    columns["status"] = pa.array([row.status for row in rows], pa.string())
    columns["witness"] = pa.array([row.witness for row in rows], pa.string())
    columns["reasons"] = reasons_column(len(rows), causes)
    return pa.table(columns)


def uncounted_table(crossed: Crossed) -> pa.Table:
    """Readings that the case states and does not cross, and what would come of them."""
    case = crossed.case
    crossed_too = crossed.axes.get("reading", ())
    names = [one.name for one in case.readings if one.name not in crossed_too]
    names = names if crossed_too else []
    base = crossed.settings[0]
    settings = [crossed.cells.distinct(_base(case, base, name)) for name in names]
    choices = [crossed.cells.choice(one) for one in settings]
    return pa.table(
        {
            "reading": pa.array(names, pa.string()),
            "outcome": _winners(choices),
            "status": pa.array([str(choice.status) for choice in choices], pa.string()),
        }
    )


def _base(case: Case, setting: Setting, reading: str) -> Setting:
    from dissensus.system.audit.axes import setting_of

    plain = setting_of(case)
    fixed = {name: value for name, value in setting._asdict().items() if value is not None}
    return plain._replace(**{**fixed, "rule": plain.rule, "scale": plain.scale, "reading": reading})


def value_in_words(value: str | float) -> str:
    """Value of an axis in words.

    Examples
    --------
    >>> value_in_words(1000.0), value_in_words("egalitarian")
    ('1000', 'egalitarian')
    """
    return value if isinstance(value, str) else f"{value:g}"


def _in_words(values: Mapping[str, str | float]) -> str:
    return ", ".join(f"{name} = {value_in_words(value)}" for name, value in values.items())


def _winners(choices: Sequence[Choice]) -> pa.Array:
    return pa.array(
        [list(choice.winner_names) if choice.winners else None for choice in choices], _NAMES
    )


def _is_lottery(choice: Choice) -> bool:
    return choice.status is Status.OK and len(choice.winners) > 1


def _chances(choice: Choice) -> list[float]:
    return [] if choice.dist is None else choice.dist.tolist()


def satisfactions(crossed: Crossed) -> tuple[Floats, Floats]:
    """Value on own range and regret in own utils of each part in each cell, (cells, n)."""
    system = crossed.case.system
    size = len(crossed.settings)
    values, regrets = np.full((2, size, len(system.parts)), np.nan)
    dists = np.array(
        [
            np.full(len(system.actions), np.nan) if choice.dist is None else choice.dist
            for choice in crossed.choices
        ]
    )
    grounds: dict[tuple[str | None, ...], list[int]] = {}
    for cell, one in enumerate(crossed.settings):
        grounds.setdefault((one.beliefs, one.observation, one.deliberation), []).append(cell)
    for cells in grounds.values():
        ground = crossed.cells.ground(crossed.settings[cells[0]])
        values[cells] = np.clip(dists[cells] @ ground.stretched.T, 0.0, 1.0)
        best = ground.expected.max(axis=1)
        regrets[cells] = best - dists[cells] @ ground.expected.T
    return values, np.where(np.abs(regrets) < 1e-12, 0.0, regrets)


def _today(crossed: Crossed) -> tuple[pa.Array, Floats, str]:
    """Whether each cell chooses what is done today, and by how much that falls short."""
    case = crossed.case
    today = case.system.actions.index(str(case.today))
    chosen = [today in choice.winners if choice.winners else None for choice in crossed.choices]
    short = np.full(len(chosen), np.nan)
    for cell, (setting, choice) in enumerate(zip(crossed.settings, crossed.choices, strict=True)):
        if chosen[cell]:
            short[cell] = 0.0
        elif choice.dist is not None and _adds_up(crossed, setting):
            rows = case.members(setting.reading)
            expected = crossed.cells.ground(setting).expected[rows]
            weights = case.system.standing[rows] / case.system.standing[rows].sum()
            short[cell] = float(weights @ (expected @ choice.dist - expected[:, today]))
    return pa.array(chosen, pa.bool_()), short, "no sum of utilities that it falls short of"


def _adds_up(crossed: Crossed, setting: Setting) -> bool:
    """Whether a mean of utilities is what a cell goes by: one part alone, or their sum."""
    alone = len(crossed.case.members(setting.reading)) == 1
    raw = setting.scale in (None, "raw")
    return alone or (crossed.cells.rule_of(setting) == "utilitarian" and raw)


def parts_as_agents(
    system: System, wants: Sequence[Sequence[int]], weights: Floats
) -> tuple[Floats, Floats]:
    """Shares and conflict of the parts as agents of a population.

    A part's goal is the label that it states, if all parts state one, else its best actions; goals
    conflict if they have no action in common. A part that says nothing holds no goal.
    """
    labels = [part.goal for part in system.parts]
    goals: list[frozenset[object]]
    if all(label is not None for label in labels):
        goals = [frozenset([label]) for label in labels]
    else:
        goals = [frozenset(best) for best in wants]
    held = list(dict.fromkeys(goal for goal in goals if goal))
    shares = (
        np.array(
            [sum(w for w, goal in zip(weights, goals, strict=True) if goal == one) for one in held]
        )
        / weights.sum()
    )
    conflict = np.array([[float(not a & b) for b in held] for a in held]).reshape(
        len(held), len(held)
    )
    return shares, conflict
