"""A second population beside the first: opened, counted, and put side by side with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dissensus.engine.counting import count
from dissensus.engine.derived import parts_of
from dissensus.engine.layouts import prepared
from dissensus.engine.population import Population, as_text
from dissensus.engine.rows import DataError
from dissensus.engine.sources import open_source
from dissensus.errors import quoted
from dissensus.model.joining import Joined, joined
from dissensus.model.tally import Tally
from dissensus.study.asking import Asked, population_of
from dissensus.study.several import single_goals
from dissensus.study.shipped import study_of
from dissensus.study.study_file import options_with

__all__ = ["Second", "check_goals", "joined_with", "names_of", "second"]


@dataclass(frozen=True, eq=False)
class Second:
    """A second population, counted.

    Attributes
    ----------
    population : Population
    tally : Tally
        By the columns that tell its agents, or groups of them, apart.
    names : list of str
        What each of its segments is called; its own value as text.
    labels : list of str or None
        The same in words, where there are any.
    """

    population: Population | None
    tally: Tally
    names: list[str]
    labels: list[str | None]


def second(
    value: Any, asked: Asked, by: Sequence[str], role: str, *, merge: bool = False
) -> Second:
    """Open and count a second population.

    Parameters
    ----------
    value : Population, path, frame or mapping of columns
        A study file, or the name of an example, brings its own roles, segments and filter; rows
        are read with the roles of the first population, as far as they have its columns.
    asked : Asked
        The first population.
    by : sequence of str
        Columns that tell its agents apart; if empty those of the study, else its agents.
    role : str
        Name of the option, for messages.
    merge : bool
        Take all of it as one.

    Raises
    ------
    DataError
        Nothing that tells its agents apart.
    """
    population, known, where = _opened(value, asked.population)
    single_goals(population, role)
    columns = () if merge else tuple(by) or known or population.roles.agent
    if not columns and not merge:
        raise DataError(
            f"{role}: groups without a column that tells them apart",
            "columns whose values are the candidates",
            "name the column, for example a party's or a model's",
        )
    over = asked.measure.over
    sides = [population.source, *([population.roster] if population.roster else [])]
    has_over = any(over in side.schema for side in sides)
    counted = count(
        population,
        by=columns,
        over=over if has_over else None,
        where=where,
        goal_set=asked.model.declared,
    )
    names, labels = names_of(counted.tally, population)
    return Second(population, counted.tally, names, labels)


def _opened(value: Any, first: Population) -> tuple[Population, tuple[str, ...], str | None]:
    if isinstance(value, Population):
        return value, (), None
    study = study_of(str(value)) if isinstance(value, str | Path) else None
    if study is not None:
        options = options_with(study, {})
        return population_of(options.data), options.measure.by, options.measure.where
    source = prepared(first.layout, open_source(value))
    roles = first.roles
    there = set(source.schema)
    given: dict[str, Any] = {
        name: getattr(roles, name)
        for name in ("area", "goal", "latest", "count", "share", "weight")
        if getattr(roles, name) in there
    }
    if roles.area and parts_of(roles.area, source.columns):
        given["area"] = roles.area
    for name in ("agent", "wide", "ranking"):
        columns = [column for column in getattr(roles, name) if column in there]
        if columns:
            given[name] = columns
    if "agent" not in given and not {"count", "share"} & set(given) and "agent" in there:
        given["agent"] = "agent"
    for name in ("holds", "no_goal", "outside", "null_goal", "goal_map"):
        given[name] = getattr(roles, name)
    return Population(source, **given, check=first.check), (), None


def names_of(
    tally: Tally, population: Population | None = None
) -> tuple[list[str], list[str | None]]:
    """What each segment is called, and the same in words where there are any."""
    table = tally.segments.table
    if not table.column_names:
        return ["everyone"] * tally.segments.size, [None] * tally.segments.size
    columns = [table.column(name).to_pylist() for name in table.column_names]
    texts = [["" if v is None else as_text(v) for v in column] for column in columns]
    known = {} if population is None else population.labels.values
    spoken = [
        [known.get(name, {}).get(text, text) for text in column]
        for name, column in zip(table.column_names, texts, strict=True)
    ]
    names = [", ".join(row) for row in zip(*texts, strict=True)]
    words = [", ".join(row) for row in zip(*spoken, strict=True)]
    if words == names:
        return names, [None] * len(names)
    return names, list(words)


def joined_with(first: Tally, other: Tally, role: str) -> Joined:
    """Put a second tally beside the first.

    Raises
    ------
    DataError
        No area in common.
    """
    if ("area" in first.areas.names) != ("area" in other.areas.names):
        with_area, without = ("data", role) if "area" in first.areas.names else (role, "data")
        raise DataError(
            f"the {with_area} has problem areas, the {without} has none",
            "a column of areas on both sides, or on none",
            "name the area column of both, or filter to one area",
        )
    both = joined(first, other, as_text)
    if not len(both.area_a):
        raise DataError(
            f"no problem area of {role} is one of the data: {_areas(other)} there, "
            f"{_areas(first)} here",
            "areas in common, spelt alike",
            "rename the areas of one of the two, or name another column as area",
        )
    return both


def _areas(tally: Tally) -> str:
    table: pa.Table = tally.areas.table
    names = table.column("area" if "area" in table.column_names else 0).unique().to_pylist()
    return quoted(names)


def check_goals(first: Tally, other: Tally, both: Joined, role: str, *, by_area: bool) -> None:
    """Refuse goals of a second tally that nobody of the first holds, and that are not declared.

    With ``by_area`` they must be among those of the same area: values on a scale that no declared
    range ends would move the scale.

    Raises
    ------
    DataError
        Three cases are shown.
    """
    known, theirs = first.goals.to_pylist(), other.goals.to_pylist()
    entry_area = np.repeat(other.cell_area, np.diff(other.entry_offsets))
    shared = np.flatnonzero(np.isin(entry_area, both.area_b))
    held = other.area_goals[other.area_offsets[entry_area[shared]] + other.entry_goal[shared]]
    cases = {goal for goal in (theirs[i] for i in np.unique(held)) if goal not in set(known)}
    listed = quoted(known, 6)
    if by_area and not cases:
        of_first = dict(zip(both.area_b.tolist(), both.area_a.tolist(), strict=True))
        for area, goal in np.unique(np.stack([entry_area[shared], held]), axis=1).T.tolist():
            here = of_first[area]
            goals = first.area_goals[first.area_offsets[here] : first.area_offsets[here + 1]]
            names = [known[i] for i in goals.tolist()]
            if theirs[goal] not in names:
                cases.add(theirs[goal])
                listed = quoted(names, 6)
    if cases:
        raise DataError(
            f"{role} hold goals that nobody of the population holds: {quoted(sorted(cases))}",
            f"goals of the population: {listed}",
            "recode them with goal_map, name them in no_goal, or declare them with goal_set= "
            "(range= for interval) if they could be held",
        )
