"""Rows ready to be counted: roster joined, wide tables made long, text parsed, columns renamed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import narwhals as nw
import pyarrow as pa

from dissensus.engine import native
from dissensus.engine.kinds import goal_as_text, is_category, join_type
from dissensus.engine.population import ColumnError, Population
from dissensus.engine.sources import Frame, Source, collect, reading
from dissensus.engine.where import Comparison, WhereError, expression, parse_where
from dissensus.errors import DissensusError, quoted
from dissensus.model.roles import Roles

__all__ = [
    "AMOUNT",
    "AREA",
    "COUNT",
    "GOAL",
    "LEVEL",
    "MEMBER",
    "PASSES",
    "SALIENCE",
    "SHARE",
    "SUM",
    "WEIGHT",
    "DataError",
    "Keys",
    "Rows",
    "agent_names",
    "aligned",
    "kept_rows",
    "key_names",
    "parsed",
    "prepared",
    "roster_rows",
    "with_small",
]

AREA, GOAL, LEVEL = "_area", "_goal", "_level"
COUNT, SHARE, WEIGHT, SALIENCE = "_count", "_share", "_weight", "_salience"
PASSES, MEMBER = "_passes", "_member"
AMOUNT = "_amount"
SUM = "_sum"  # and a place: further weights to sum


class DataError(DissensusError, ValueError):
    """Values in the data that cannot be what their column's role says."""


@dataclass(frozen=True)
class Keys:
    """Columns that a question splits the rows by: ``over`` first, then ``by``."""

    over: str | None
    by: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys([*([self.over] if self.over else []), *self.by]))


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows with canonical column names, and which of them are there."""

    frame: Frame
    columns: tuple[str, ...]


def key_names(keys: Sequence[str]) -> dict[str, str]:
    """Canonical names of the key columns, so that no name of the user's can clash."""
    return {name: f"_key{i}" for i, name in enumerate(keys)}


def agent_names(roles: Roles) -> dict[str, str]:
    """Canonical names of the columns that identify an agent."""
    return {name: f"_agent{i}" for i, name in enumerate(roles.agent)}


def prepared(
    population: Population,
    keys: Keys,
    *,
    where: str | None = None,
    level: str | None = None,
    links: Sequence[str] = (),
    sums: Sequence[str] = (),
    agents: bool = False,
) -> Rows:
    """Rows of the holdings with canonical names; nothing is computed yet.

    ``links`` are further columns to keep as keys (those that the roster is joined on), ``sums``
    further weights to sum; ``agents`` keeps the agents and the amounts on their goals.
    """
    roles = population.roles
    comparisons = parse_where(where) if where else ()
    names = tuple(dict.fromkeys([*keys.names, *links]))
    wanted = [*names, *(c.column for c in comparisons)]
    wanted += [name for name in (roles.weight, roles.salience, level, *sums) if name]
    sides = {name: population.side_of(name, _role_of(name, keys, level)) for name in wanted}
    named = [*_number_columns(population, comparisons, level, sums)]
    frame = parsed(population.source, roles.count, named)
    compared = _on_numbers(population, comparisons)
    counted = (roles.weight, roles.salience, level, roles.count, roles.share, roles.amount, *sums)
    numbers = [population.number(name) for name in counted if name]
    numbers += [comparison.column for comparison in compared]
    schema = dict(frame.collect_schema())
    joined = population.roster is not None
    if joined:
        # only what is needed: an engine may refuse to carry the rest through a join
        there = [name for name, side in sides.items() if side == "data"]
        there += [name for name in numbers if name in schema]
        roles_there = [roles.area, roles.goal, *roles.wide, roles.count, roles.share, roles.amount]
        needed = dict.fromkeys([*population.roster_keys, *there, *filter(None, roles_there)])
        frame = frame.select(*needed)
        frame, added = _with_roster(population, frame, sides, comparisons, numbers, sums)
        schema |= added
    exprs = [nw.col(name).alias(alias) for name, alias in key_names(names).items()]
    columns = list(key_names(names).values())
    if agents:
        exprs += [nw.col(name).alias(alias) for name, alias in agent_names(roles).items()]
        columns += agent_names(roles).values()
    amounts = [(roles.weight, WEIGHT), (roles.count, COUNT), (roles.share, SHARE)]
    amounts.append((roles.salience, SALIENCE))
    for name, alias in (*amounts, *([(roles.amount, AMOUNT)] if agents else [])):
        if name:
            exprs.append(nw.col(population.number(name)).alias(alias))
            columns.append(alias)
    if level:
        exprs.append(nw.col(population.number(level)).alias(LEVEL))
        columns.append(LEVEL)
    for place, name in enumerate(sums):
        exprs.append(nw.col(population.number(name)).alias(f"{SUM}{place}"))
        columns.append(f"{SUM}{place}")
    if joined:
        exprs.append(nw.col(MEMBER))
        columns.append(MEMBER)
    if comparisons:
        passes = expression(compared, schema)
        exprs.append(nw.when(passes).then(nw.lit(1)).otherwise(nw.lit(0)).alias(PASSES))
        columns.append(PASSES)
    if roles.wide:
        types = [schema[name] for name in roles.wide]
        as_text = len(set(map(str, types))) > 1 or is_category(types[0])
        areas = [goal_as_text(n, schema[n]) if as_text else nw.col(n) for n in roles.wide]
        kept = frame.select(*exprs, *areas)
        frame = native.unpivoted(kept, roles.wide, columns, AREA, GOAL)
    else:
        if roles.area:
            exprs.append(nw.col(roles.area).alias(AREA))
        frame = frame.select(*exprs, nw.col(str(roles.goal)).alias(GOAL))
    if roles.area or roles.wide:
        columns.append(AREA)
    return Rows(frame, (*columns, GOAL))


def kept_rows(population: Population, where: str | None) -> Frame:
    """Rows of the data that pass what ``where`` says of its own columns.

    What it says of the roster's columns is left out: those are the same in all rows of an agent.
    """
    every = parse_where(where) if where else ()
    comparisons = tuple(c for c in every if c.column in population.source.schema)
    if not comparisons:
        return population.source.frame
    frame = parsed(population.source, None, _number_columns(population, comparisons, None))
    compared = _on_numbers(population, comparisons)
    return frame.filter(expression(compared, dict(frame.collect_schema())))


def roster_rows(
    population: Population, names: Sequence[str], where: str | None
) -> tuple[Frame, list[str]]:
    """Members of the roster that pass ``where``, with the columns asked for and their weights."""
    roster = population.roster
    if roster is None:
        raise TypeError("roster_rows needs a roster")
    comparisons = parse_where(where) if where else ()
    for comparison in comparisons:
        if comparison.column not in roster.schema:
            raise WhereError(
                f"where on {comparison.column!r}, which members without a row do not have",
                "a column of the roster, while absent members count",
                "put the column on the roster, or read absent='outside'",
            )
    weight = population.roles.weight
    if weight and weight not in roster.schema:
        raise ColumnError(
            f"weight {weight!r} is in the data, where members without a row have none",
            "a weight on the roster, while absent members count",
            "put the weight on the roster, or read absent='outside'",
        )
    numbers = [*sorted(_compared_as_numbers(comparisons)), *([weight] if weight else [])]
    frame = parsed(roster, None, numbers if roster.text else [])
    if comparisons:
        compared = _on_numbers(population, comparisons)
        frame = frame.filter(expression(compared, dict(frame.collect_schema())))
    aliases = {name: f"_roster{i}" for i, name in enumerate(names)}
    # a literal alone has one row, not one a member
    exprs = [nw.col(population.roles.agent[0]).alias("_agent"), nw.lit(1).alias(MEMBER)]
    exprs += [nw.col(name).alias(alias) for name, alias in aliases.items()]
    if weight:
        exprs.append(nw.col(population.number(weight)).cast(nw.Float64).alias(WEIGHT))
    return frame.select(*exprs), list(aliases.values())


def _on_numbers(
    population: Population, comparisons: tuple[Comparison, ...]
) -> tuple[Comparison, ...]:
    """Comparisons with numbers, made on the codes of a survey file instead of their words."""
    return tuple(
        replace(one, column=population.number(one.column)) if one.is_numeric else one
        for one in comparisons
    )


def _role_of(name: str, keys: Keys, level: str | None) -> str:
    if name == keys.over:
        return "over"
    if name in keys.by:
        return "by"
    return "level" if name == level else "where"


def _compared_as_numbers(comparisons: tuple[Comparison, ...]) -> set[str]:
    """Columns that are compared with numbers and with nothing else."""
    numbers = {c.column for c in comparisons if c.is_numeric}
    return numbers - {c.column for c in comparisons if not c.is_numeric}


def _number_columns(
    population: Population,
    comparisons: tuple[Comparison, ...],
    level: str | None,
    sums: Sequence[str] = (),
) -> list[str]:
    """Text columns of the data that are read as numbers."""
    if not population.source.text:
        return []
    roles = population.roles
    compared = _compared_as_numbers(comparisons)
    named = [roles.weight, roles.share, roles.count, roles.amount, roles.salience, level]
    named += [*sorted(compared), *sums]
    roles_of_text = {*roles.agent, roles.area, roles.goal, *roles.wide}
    return [
        name
        for name in dict.fromkeys(filter(None, named))
        if name in population.source.schema and name not in roles_of_text
    ]


def parsed(source: Source, count: str | None, columns: Sequence[str]) -> Frame:
    """Parse number columns of a text source; text that is no number is an error that shows it."""
    if not columns:
        return source.frame
    for name in columns:
        number = f"_number_{name}"
        doubled = source.frame.select(nw.col(name), nw.col(name).alias(number))
        numbers = native.parsed_numbers(doubled, [number])
        bad = collect(numbers.filter(~nw.col(name).is_null() & nw.col(number).is_null()).head(3))
        if bad.num_rows:
            raise DataError(
                f"{name!r} holds {quoted(bad.column(name).to_pylist())}",
                "numbers in this column",
                "mend these rows; in where, put a value in quotes to compare as text",
            )
    return native.parsed_numbers(source.frame, [name for name in columns if name != count])


def _with_roster(
    population: Population,
    frame: Frame,
    sides: dict[str, str],
    comparisons: tuple[Comparison, ...],
    numbers: Sequence[str],
    sums: Sequence[str],
) -> tuple[Frame, dict[str, nw.dtypes.DType]]:
    """Join the columns asked for, and a mark that says who is a member."""
    roster = population.roster
    if roster is None:
        raise TypeError("no roster to join")
    keys = list(population.roster_keys)
    wanted = [name for name, side in sides.items() if side == "roster" and name not in keys]
    roles = population.roles
    read = _compared_as_numbers(comparisons) | {roles.weight, roles.salience, *sums}
    side = parsed(roster, None, [n for n in wanted if n in read] if roster.text else [])
    codes = set(roster.codebook.numbers.values())
    wanted += [name for name in dict.fromkeys(numbers) if name in codes]
    side = side.select(*keys, *wanted, nw.lit(1).alias(MEMBER))
    schema = dict(side.collect_schema())
    with reading("the roster's keys"):
        frame, side = aligned(frame, side, keys)
    return frame.join(side, on=keys, how="left"), schema  # type: ignore[arg-type]


def aligned(frame: Frame, side: Frame, keys: Sequence[str]) -> tuple[Frame, Frame]:
    """Two frames fit to be joined on their keys: of one kind, with the same types of the keys."""
    frame, side = _cast_keys(frame, side, keys)
    if not _joins(frame, side):
        side = native.like(frame, collect(side))
    return frame, native.with_types_of(frame, side, keys)


def with_small(frame: Frame, table: pa.Table, keys: Sequence[str]) -> Frame:
    """Join a small table that has every key of the frame once."""
    frame, side = aligned(frame, native.like(frame, table), keys)
    return frame.join(side, on=list(keys), how="inner")  # type: ignore[arg-type]


def _cast_keys(frame: Frame, side: Frame, keys: Sequence[str]) -> tuple[Frame, Frame]:
    """Cast keys of different types, such as narrow and wide whole numbers, to one."""
    here, there = frame.collect_schema(), side.collect_schema()
    types = {key: join_type(here[key], there[key]) for key in keys}

    def cast(rows: Frame, known: nw.Schema) -> Frame:
        casts = [nw.col(k).cast(kind) for k, kind in types.items() if kind and kind != known[k]]
        return rows.with_columns(*casts) if casts else rows

    return cast(frame, here), cast(side, there)


def _joins(frame: Frame, side: Frame) -> bool:
    """Whether two frames are of one kind; two DuckDB relations may be of two connections."""
    if type(frame) is not type(side) or frame.implementation is not side.implementation:
        return False
    return not native.is_duckdb(frame) or native.share_connection(frame, side)
