"""Count: any number of rows, of any engine, to one small tally."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine import checks, native, salient
from dissensus.engine.collapsing import Packed, Places, packed, places_of, with_text_goals
from dissensus.engine.derived import check_ballots
from dissensus.engine.kinds import shared_type
from dissensus.engine.patterning import build_holdings, has_repeats
from dissensus.engine.population import RESERVED, ColumnError, Population
from dissensus.engine.rows import (
    AREA,
    COUNT,
    GOAL,
    LEVEL,
    MEMBER,
    PASSES,
    SALIENCE,
    SHARE,
    SUM,
    WEIGHT,
    DataError,
    Keys,
    Rows,
    kept_rows,
    key_names,
    prepared,
    roster_rows,
)
from dissensus.engine.sources import Frame, collect
from dissensus.engine.tallying import build_tally, goal_meant, goal_text
from dissensus.engine.where import WhereError
from dissensus.model.salience import SalienceMean
from dissensus.model.tally import Tally

__all__ = ["Counted", "count", "goal_categories", "goal_levels", "grouped_rows"]

# sums of counts are kept in two halves, since engines wrap silently at 2^63
_HALF = 2**32


@dataclass(frozen=True, eq=False)
class Counted:
    """A tally, and what was seen on the way.

    Attributes
    ----------
    tally : Tally
    checked : str
        What was checked, in words.
    agents : int, optional
        Distinct agents of the data, where all were looked at.
    rows : int, optional
        Rows of the data, where they were looked at.
    has_zero_weights : bool
        Whether some agents weigh nothing.
    """

    tally: Tally
    checked: str
    agents: int | None
    rows: int | None
    has_zero_weights: bool = False


def count(
    population: Population,
    *,
    by: Sequence[str] = (),
    over: str | None = None,
    where: str | None = None,
    goal_set: Sequence[str] = (),
    salience_mean: SalienceMean = "geometric",
) -> Counted:
    """Reduce a population to the mass of each goal, per problem area and segment.

    Parameters
    ----------
    population : Population
    by : sequence of str
        Segment columns; their crossed values are the segments.
    over : str, optional
        Column for each value of which the question is repeated.
    where : str, optional
        Filter; the areas and their goals are those seen before it.
    goal_set : sequence of str
        Declared goals, beside those that are held.
    salience_mean : {'geometric', 'arithmetic', 'harmonic', 'min', 'max', 'none'}
        Average of the saliences of two agents, where there are any.

    Raises
    ------
    DataError, ColumnError, WhereError, SourceError
        Everything that the user can mend.
    """
    keys = Keys(over, tuple(by))
    roles = population.roles
    several = roles.holds != "one"
    _check_keys(population, keys)
    links = _link_columns(population, keys)
    rows = prepared(population, keys, where=where, agents=several)
    if several:
        rows = with_text_goals(rows)
    checks.check_roster(population)
    if population.roles.ranking and population.check != "none":
        check_ballots(population.source, population.roles.ranking, population.ends_of_orders)
    zeros = _check_numbers(population)
    total = None if population.check == "none" else checks.row_count(population.source.frame)
    if total == 0:
        raise DataError("a table without rows", "at least one row", "check the source or filter")
    checked, agents = "", None
    if not several:
        kept = kept_rows(population, where)
        checked, agents = checks.check_repeats(population, kept, total or 0, keys.over)
    by_level = salient.is_by_level(roles, salience_mean)
    grouped = grouped_rows(rows, salience_mean, by_level=by_level)
    table = collect(grouped.head(checks.LEVELS_AT_MOST + 1) if by_level else grouped)
    if by_level:
        checks.check_levels(table, salience_mean)
    if table.num_rows == 0:
        raise DataError("a table without rows", "at least one row", "check the source or filter")
    if MEMBER in rows.columns and pc.sum(table.column("strangers")).as_py():
        _refuse_strangers(population)
    if SHARE in rows.columns:
        _check_shares(table)
    if SALIENCE in rows.columns:
        checks.check_salience(population, table, where)
    expected = _expected(population, keys, links, where)
    tally = build_tally(table, roles, keys.over, keys.by, goal_set, expected, salience_mean)
    if several:
        places = places_of(table, tally, roles)
        checked, agents = checks.check_agents(population, rows, keys)
        found = _packed(population, rows, places, keys)
        tally = build_holdings(found, places, tally, roles, keys, expected)
    return Counted(tally, checked, agents, total, zeros)


def _packed(population: Population, rows: Rows, places: Places, keys: Keys) -> Packed:
    """Collapse agents to patterns; rows that stand twice are refused, or merged unchecked."""
    roles = population.roles
    if roles.amount:
        checks.check_amounts(population, rows, places.silent_values, keys)
    if roles.holds == "draws" or roles.amount:
        return packed(rows, places, roles, keys)
    found = packed(rows, places, roles, keys)
    if not has_repeats(found):
        return found
    if population.check != "none":
        checks.check_holdings(population, rows, keys)
    return packed(rows, places, roles, keys, merge=True)


def goal_levels(population: Population, level: str) -> dict[str, float]:
    """Level of each goal, from a column, before any filter; what is no goal has no level.

    Raises
    ------
    DataError
        A level that is no number, or a goal with two levels.
    """
    rows = prepared(population, Keys(None, ()), level=level)
    pairs = collect(rows.frame.select(GOAL, LEVEL).unique())
    known = pairs.filter(pc.and_(pairs.column(GOAL).is_valid(), pairs.column(LEVEL).is_valid()))
    values = goal_text(known.column(GOAL)).to_pylist()
    levels: dict[str, float] = {}
    for spelt, value in zip(values, known.column(LEVEL).to_pylist(), strict=True):
        goal = goal_meant(spelt, population.roles)
        if goal is None or value != value:  # NaN is an empty level
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("inf")
        if not isfinite(number):
            raise DataError(
                f"level {value!r} of goal {goal!r}",
                "a finite number",
                "code the levels as 1, 2, 3 ...",
            )
        if levels.setdefault(goal, number) != number:
            raise DataError(
                f"goal {goal!r} has the levels {levels[goal]:g} and {number:g}",
                "one level a goal",
                f"mend column {level!r}",
            )
    return levels


def goal_categories(population: Population) -> list[str] | None:
    """Order of the goals: of an ordered categorical, or of the codes of a survey file; or None."""
    roles = population.roles
    codes = population.source.codebook.codes(population.roles.goal_columns)
    if codes is not None:
        meant = [goal_meant(word, roles) for word in sorted(codes, key=lambda word: codes[word])]
        return list(dict.fromkeys(goal for goal in meant if goal is not None))
    column = roles.wide[0] if roles.wide else str(roles.goal)
    categories = native.ordered_categories(population.source.frame, column)
    if categories is None:
        return None
    goals = (goal_meant(category, roles) for category in categories)
    return list(dict.fromkeys(goal for goal in goals if goal is not None))


def _check_keys(population: Population, keys: Keys) -> None:
    for name in keys.names:
        population.side_of(name, "over" if name == keys.over else "by")
        if name in RESERVED:
            raise ColumnError(
                f"segment column {name!r} bears the name of a result's column",
                "another name",
                f"rename the column, for example to {name + '_group'!r}",
            )
    if keys.over and keys.over in keys.by:
        raise ColumnError(f"{keys.over!r} in by and in over", "one of the two", "leave one out")
    roles = population.roles
    taken: dict[str | None, str] = {roles.goal: "goal"}
    if roles.area:
        taken[roles.area] = "area"
    for name in keys.names:
        if name in taken or name in roles.wide:
            raise ColumnError(
                f"{name!r} is the {taken.get(name, 'area')} column and a segment column",
                "segments that are made of other columns",
                f"leave {name!r} out of by and over",
            )


def grouped_rows(rows: Rows, mean: SalienceMean = "geometric", *, by_level: bool = False) -> Frame:
    """Masses of the rows by their keys, problem area and value of the goal column.

    With ``by_level`` also by salience; else with what the mean of saliences sums for each goal.
    """
    keys = [c for c in rows.columns if c.startswith("_key") or c in (AREA, GOAL)]
    passes = nw.col(PASSES) if PASSES in rows.columns else nw.lit(1)
    columns = [nw.col(key) for key in keys]
    sums: list[str] = []

    def summed(name: str, value: nw.Expr) -> None:
        columns.append(value.alias(name))
        sums.append(name)

    if PASSES in rows.columns:
        summed("passing", passes)
    if MEMBER in rows.columns:
        summed("strangers", nw.col(MEMBER).is_null().cast(nw.Int64))
    if COUNT in rows.columns:
        whole = nw.col(COUNT).cast(nw.Int64)
        high = whole // _HALF
        summed("high", high * passes)
        summed("low", (whole - high * _HALF) * passes)
        summed("seen", (whole > 0).cast(nw.Int64))
    if SHARE in rows.columns:
        share = nw.col(SHARE).cast(nw.Float64)
        summed("share", share * passes)
        summed("seen", (share > 0).cast(nw.Int64))
    if WEIGHT in rows.columns:
        weight = nw.col(WEIGHT).cast(nw.Float64)
        times = nw.col(COUNT).cast(nw.Float64) * passes if COUNT in rows.columns else passes
        summed("weight", weight * times)
        summed("square", weight * weight * times)
    for name in rows.columns:
        if name.startswith(SUM):
            times = nw.col(COUNT).cast(nw.Float64) * passes if COUNT in rows.columns else passes
            summed(name, nw.col(name).cast(nw.Float64) * times)
    if SALIENCE in rows.columns:
        summed(salient.ABSENT, salient.careless() * passes)
    if by_level:
        keys.append(SALIENCE)
        columns.append(salient.cares().alias(SALIENCE))
    elif SALIENCE in rows.columns:
        care = salient.summed_care(mean)
        if WEIGHT in rows.columns:
            care = care * nw.col(WEIGHT).cast(nw.Float64)
        if COUNT in rows.columns:
            care = care * nw.col(COUNT).cast(nw.Float64)
        summed(salient.CARE, care * passes)
    frame = rows.frame.select(*columns)
    return frame.group_by(*keys).agg(nw.len().alias("rows"), *[nw.col(name).sum() for name in sums])


def _check_numbers(population: Population) -> bool:
    """Check counts, shares and weights; say whether some weigh nothing."""
    zeros = False
    roles = population.roles
    for role in ("count", "share", "weight", "salience"):
        name = getattr(roles, role)
        if name is None:
            continue
        on_roster = name not in population.source.schema
        source = population.roster if on_roster and population.roster else population.source
        frame = source.frame
        if name in source.codebook.numbers:
            frame = frame.select(nw.col(source.codebook.numbers[name]).alias(name))
        if source.text:
            frame = native.parsed_numbers(frame, [name])
        if role == "salience":  # which of its values are read is known once they are counted
            checks.check_numeric(frame, name, role)
            continue
        zeros = checks.check_numbers(frame, name, role)
    return zeros and roles.weight is not None


def _refuse_strangers(population: Population) -> None:
    joined = prepared(population, Keys(None, ()), links=population.roster_keys)
    names = key_names(population.roster_keys)
    missing = checks.strangers(joined.frame, MEMBER)
    cases = [
        ", ".join(f"{key} {row[alias]!r}" for key, alias in names.items())
        for row in missing.to_pylist()
    ]
    raise DataError(
        f"the roster lacks agents of the data: {'; '.join(cases)}",
        "every agent of the data on the roster",
        "add them to the roster, or leave their rows out of the data",
    )


def _check_shares(table: pa.Table) -> None:
    """Refuse shares of groups that a question would have to merge without knowing their sizes."""
    rows = "passing" if "passing" in table.column_names else "rows"
    if pc.max(table.column(rows)).as_py() > 1:
        case = table.filter(pc.greater(table.column(rows), 1)).slice(0, 1).to_pylist()[0]
        raise DataError(
            f"{case[rows]} rows hold a share of goal {case[GOAL]!r} in one area and segment",
            "one share per goal, area and segment: shares of groups cannot be merged "
            "without the groups' sizes",
            "add the column that tells the groups apart to by=, or use count=",
        )
    cells = [name for name in table.column_names if name.startswith("_key") or name == AREA]
    sums = table.group_by(cells).aggregate([("share", "sum")]) if cells else None
    total = pc.max(sums.column("share_sum") if sums else pa.array([pc.sum(table["share"]).as_py()]))
    if total.as_py() is not None and total.as_py() > 1 + 1e-9:
        raise DataError(
            f"the shares of one area and segment sum to {total.as_py():g}",
            "at most 1; what is missing to 1 holds no goal",
            "divide them by their sum, or add the column that tells groups apart to by=",
        )


def _link_columns(population: Population, keys: Keys) -> tuple[str, ...]:
    """Columns by which a member of the roster belongs to an area, beside the area itself."""
    roster = population.roster
    if roster is None:
        return ()
    on = [*population.roles.roster_on, *([keys.over] if keys.over else [])]
    return tuple(name for name in dict.fromkeys(on) if name in population.source.schema)


def _expected(
    population: Population, keys: Keys, links: tuple[str, ...], where: str | None
) -> pa.Table | None:
    """Members that every area would have if all of them were present: (over, area, by) -> mass.

    None where there is no roster, or where it cannot say (a segment that is not on the roster),
    as long as absent members do not count anyway.
    """
    roster, roles = population.roster, population.roles
    if roster is None or not roles.agent:
        return None
    needed = roles.absent == "no-goal"
    lacking = [name for name in keys.by if name not in roster.schema]
    if lacking:
        if needed:
            raise ColumnError(
                f"segment {lacking[0]!r} is not on the roster",
                "segments of the roster while absent members count: they have no row in the data",
                "put the column on the roster, or read absent='outside'",
            )
        return None
    area = roles.area if roles.area and roles.area in roster.schema else None
    on = [name for name in links if name in roster.schema] + ([area] if area else [])
    over = [keys.over] if keys.over and keys.over in roster.schema else []
    names = list(dict.fromkeys([*on, *keys.by, *over]))
    try:
        frame, aliases = roster_rows(population, names, where)
    except (ColumnError, WhereError):
        if needed:
            raise
        return None
    masses = [nw.len().alias("rows")]
    if roles.weight:
        frame = frame.with_columns((nw.col(WEIGHT) * nw.col(WEIGHT)).alias("_square"))
        masses += [nw.col(WEIGHT).sum().alias("weight"), nw.col("_square").sum().alias("square")]
    if aliases:
        members = collect(frame.group_by(*aliases).agg(*masses))
    else:
        members = collect(frame.select(*masses))
    members = members.rename_columns([*names, *members.column_names[len(names) :]])
    return _linked(population, keys, links, on, members)


def _linked(
    population: Population, keys: Keys, links: tuple[str, ...], on: list[str], members: pa.Table
) -> pa.Table:
    """Give every area its members: those whose link columns it was seen with."""
    rows = prepared(population, Keys(keys.over if keys.over in links else None, ()), links=links)
    over = [keys.over] if keys.over and keys.over in links else []
    aliases = key_names(tuple(dict.fromkeys([*over, *links])))
    area = population.roles.area if AREA in rows.columns else None
    selected = [*aliases.values(), *([AREA] if AREA in rows.columns else [])]
    if selected:
        areas = collect(rows.frame.select(*selected).unique())
        renamed = [*aliases, *([area or AREA] if AREA in rows.columns else [])]
        areas = areas.rename_columns(renamed)
    else:
        areas = pa.table({"_one": [1]})
    if on:
        areas, members = _same_types(areas, members, on)
        joined = areas.join(members, keys=on, join_type="inner")
    else:
        joined = _crossed(areas, members)
    out = {}
    aliases_of_keys = key_names(keys.names)
    for name, alias in aliases_of_keys.items():
        out[alias] = joined.column(name)
    if AREA in rows.columns:
        out[AREA] = joined.column(area or AREA)
    for name in ("rows", "weight", "square"):
        if name in joined.column_names:
            out[name] = joined.column(name)
    return pa.table(out)


def _same_types(areas: pa.Table, members: pa.Table, on: list[str]) -> tuple[pa.Table, pa.Table]:
    for name in on:
        kind = shared_type(areas.schema.field(name).type, members.schema.field(name).type)
        areas, members = (
            table.set_column(table.column_names.index(name), name, table.column(name).cast(kind))
            for table in (areas, members)
        )
    return areas, members


def _crossed(left: pa.Table, right: pa.Table) -> pa.Table:
    first = np.repeat(np.arange(left.num_rows), right.num_rows)
    second = np.tile(np.arange(right.num_rows), left.num_rows)
    columns: dict[str, Any] = {
        name: left.column(name).take(pa.array(first)) for name in left.column_names
    }
    for name in right.column_names:
        columns[name] = right.column(name).take(pa.array(second))
    return pa.table(columns)
