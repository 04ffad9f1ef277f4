"""How is my data read? Columns, roles, the three states counted, the value under each reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from dissensus.engine.kinds import has_parts
from dissensus.engine.population import ColumnError, Population
from dissensus.engine.sources import Source, collect, open_source
from dissensus.errors import DissensusError
from dissensus.model.result import SCHEMA, Result
from dissensus.model.tally import Tally
from dissensus.study.asking import Asked, population_of, record_of
from dissensus.study.options import (
    ConflictOptions,
    DataOptions,
    DesignOptions,
    MeasureOptions,
    Options,
)

__all__ = ["description", "description_of"]

_ROLES = (
    "agent",
    "area",
    "goal",
    "wide",
    "ranking",
    "latest",
    "count",
    "share",
    "weight",
    "salience",
)
_EXAMPLES = 3
_HEAD = 1000


def description(data: DataOptions, options: Options) -> Result:
    """Describe the data as it would be read with these options.

    The columns are always described. Where the roles are not enough to measure anything, the
    summary says what is missing, and the other tables are empty.
    """
    source = open_source(data.source)
    try:
        population = population_of(data.model_copy(update={"source": source}))
    except ColumnError as error:
        if source.schema:
            return _columns_only(source, data, error)
        raise
    return description_of(population, options)


def description_of(population: Population, options: Options) -> Result:
    """Describe a population, as it would be asked about with these options.

    Raises
    ------
    DissensusError
        Whatever the user can mend.
    """
    data, source = options.data, population.source
    asked = Asked(population, options.conflict, options.measure)
    whole = asked.everyone
    readings, table = asked.readings(lambda reading: asked.everyone_mean(reading.tally), of=whole)
    line = asked.head_line(readings, table)
    tables = {"states": _states(whole), "goals": _goals(whole), "readings": table}
    result = asked.result("describe", _columns(source, population), tables, line)
    study = _study(data, population, options)
    return Result(result.rows, {**result.summary, "study": study}, tables, result.provenance)


def _columns_only(source: Source, data: DataOptions, error: DissensusError) -> Result:
    summary = {
        "question": "describe",
        "head_line": f"Not enough to measure yet: {error.found}; needed: {error.needed}.",
        "notes": [f"mend: {error.mend}"],
        "by": [],
        "over": None,
        "areas": None,
        "agents": None,
        "study": {"data": {"source": _path(data.source, source)}},
    }
    provenance = {"schema": SCHEMA, "source": dict(source.about)}
    return Result(_columns(source, None), summary, {}, provenance)


def _columns(source: Source, population: Population | None) -> pa.Table:
    """One row a column of the data: type, distinct values, empty ones, examples, role, a word."""
    names = source.columns
    counts = [nw.col(name).is_null().sum().alias(f"_null{i}") for i, name in enumerate(names)]
    # lists and structs cannot be compared in every engine
    plain = [name for name in names if not has_parts(source.schema[name])]
    counts += [nw.col(name).n_unique().alias(f"_distinct{names.index(name)}") for name in plain]
    summary = collect(source.frame.select(*counts)).to_pylist()[0]
    # objects of several types cannot be shown
    shown = [name for name in names if source.schema[name] != nw.Object]
    head = collect(source.frame.select(*shown).head(_HEAD)) if shown else pa.table({})
    roles = {} if population is None else _roles_of(population)
    unused = () if population is None else population.unused_role_names
    rows = []
    for i, name in enumerate(names):
        nulls = int(summary[f"_null{i}"] or 0)
        values = head.column(name).drop_null() if name in shown else pa.chunked_array([], pa.null())
        distinct = None
        if name in plain:
            values = values.unique()
            # engines differ in whether null is a value of its own
            distinct = len(values)
            if head.num_rows == _HEAD:
                distinct = max(distinct, int(summary[f"_distinct{i}"] or 0) - (nulls > 0))
        examples = [str(value)[:40] for value in values.slice(0, _EXAMPLES).to_pylist()]
        rows.append(
            {
                "column": name,
                "type": "text" if source.text else str(source.schema[name]),
                "distinct": distinct,
                "nulls": nulls,
                "examples": ", ".join(examples),
                "role": roles.get(name),
                "note": f"bears the name of a role; pass {name}={name!r} to use it"
                if name in unused
                else source.codebook.questions.get(name),
            }
        )
    kinds = {"distinct": pa.int64(), "nulls": pa.int64()}
    fields = [(key, kinds.get(key, pa.string())) for key in rows[0]]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def _roles_of(population: Population) -> dict[str, str]:
    roles: dict[str, str] = {}
    for role in _ROLES:
        value: str | Sequence[str] | None = getattr(population.roles, role)
        for name in (value,) if isinstance(value, str) else value or ():
            found = " (found by name)" if role in population.found else ""
            roles[name] = ("area" if role == "wide" else role) + found
    for name in population.roster_keys:
        roles.setdefault(name, "joins the roster")
    return roles


def _states(tally: Tally) -> pa.Table:
    """Cells of agents and areas by their state: goal, no goal, outside."""
    values = tally.silent.values if tally.silent.agents is None else tally.silent.agents
    held = tally.entries.values if tally.entries.agents is None else tally.entries.agents
    rows: list[tuple[str, str | None, Any]] = [("holds a goal", None, held.sum())]
    for i, kind in enumerate(tally.kinds):
        rows.append(("no goal" if kind.counted else "outside", kind.name, values[:, i].sum()))
    total = float(sum(mass for _, _, mass in rows))
    return pa.table(
        {
            "state": pa.array([state for state, _, _ in rows]),
            "kind": pa.array([kind for _, kind, _ in rows], pa.string()),
            "rows": pa.array([float(mass) for _, _, mass in rows]),
            "share": pa.array([float(mass) / total if total else None for _, _, mass in rows]),
        }
    )


def _goals(tally: Tally, limit: int = 1000) -> pa.Table:
    """Goals over all areas, most held first."""
    area = np.repeat(tally.cell_area, np.diff(tally.entry_offsets))
    goal = tally.area_goals[tally.area_offsets[area] + tally.entry_goal]
    held = tally.entries.values if tally.entries.agents is None else tally.entries.agents
    mass = np.bincount(goal, held.astype(np.float64), minlength=len(tally.goals))
    order = np.argsort(-mass, kind="stable")[:limit]
    total = mass.sum()
    return pa.table(
        {
            "goal": tally.goals.take(pa.array(order)),
            "rows": pa.array(mass[order]),
            "share": pa.array(mass[order] / total if total else np.zeros(len(order))),
        }
    )


def _study(data: DataOptions, population: Population, options: Options) -> dict[str, Any]:
    """Study file that says the same as the options do."""
    known = record_of(population)
    source = _path(data.source, population.source)
    tables: dict[str, dict[str, Any]] = {"data": {"source": source, **known}}
    if population.roster is not None:
        tables["data"]["roster"] = _path(data.roster, population.roster)
    for name in ("areas", "labels"):
        value = getattr(data, name)
        if isinstance(value, str):
            tables["data"][name] = value
    parts: list[tuple[str, ConflictOptions | MeasureOptions | DesignOptions]] = [
        ("conflict", options.conflict),
        ("measure", options.measure),
        ("design", options.design),
    ]
    for name, part in parts:
        given = {key: getattr(part, key) for key in sorted(part.model_fields_set)}
        said = {key: value for key, value in given.items() if value != ()}
        tables[name] = {k: list(v) if isinstance(v, tuple) else v for k, v in said.items()}
    return {name: table for name, table in tables.items() if table}


def _path(given: Any, source: Source) -> str:
    """Path of a source as it was given; a dash for rows that are no file."""
    return given if isinstance(given, str) else str(source.about.get("path") or "-")
