"""Checks before counting: agents counted twice, numbers out of range, rosters with gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine import native
from dissensus.engine.population import Population
from dissensus.engine.rows import (
    AMOUNT,
    AREA,
    GOAL,
    PASSES,
    SALIENCE,
    DataError,
    Keys,
    Rows,
    agent_names,
    key_names,
    prepared,
)
from dissensus.engine.salient import ABSENT, careless
from dissensus.engine.sources import Frame, collect
from dissensus.engine.tallying import goal_meant, goal_text
from dissensus.errors import quoted
from dissensus.model.salience import SalienceMean

__all__ = [
    "LEVELS_AT_MOST",
    "check_agents",
    "check_amounts",
    "check_holdings",
    "check_levels",
    "check_numbers",
    "check_numeric",
    "check_repeats",
    "check_roster",
    "check_salience",
    "check_segments",
    "row_count",
]

# above it the check for repeated rows takes a sample of the agents
EXACT_ROWS = 10_000_000
_SAMPLED_ROWS = 3_000_000
# counts of one row are kept in 64 bits; their sums are not
_MOST = 2**63
# rows of a tally by goal and salience that are still worth holding
LEVELS_AT_MOST = 10_000_000
# the squares of sums of weights have to be floats
_EXTREME = 1e100


def row_count(frame: Frame) -> int:
    """Number of rows."""
    return int(collect(frame.select(nw.len().alias("rows"))).column("rows")[0].as_py())


def check_repeats(
    population: Population, frame: Frame, rows: int, over: str | None = None
) -> tuple[str, int | None]:
    """Look for agents that stand twice in one problem area, at one value of ``over``.

    ``frame`` holds the rows that are asked about, ``rows`` is how many there are before a filter.

    Returns
    -------
    tuple
        What was checked, in words; and the number of agents if all were looked at.

    Raises
    ------
    DataError
        A repeated row, or a row without agent or area; three cases are shown.
    """
    roles = population.roles
    keys = [*roles.agent, *([roles.area] if roles.area else [])]
    if population.check == "none":
        return "not checked for agents counted twice", None
    if roles.is_counted:
        return "groups, not agents: nothing to check for agents counted twice", None
    if not roles.agent:
        return "one row an agent: nothing to check for agents counted twice", None
    _check_keys_present(frame, keys, "rows", "an agent and a problem area in every row")
    words = f"every agent checked, once per problem area in {rows:,} rows"
    sampled = None
    if population.check == "auto" and rows > EXACT_ROWS:
        one_in = -(-rows // _SAMPLED_ROWS)
        sampled = native.sample_of_agents(frame, roles.agent, one_in)
        if sampled is not None:
            frame = sampled
            words = f"a sample of about 1 in {one_in} agents checked, once per problem area"
    if over in population.source.schema:
        keys = list(dict.fromkeys([*keys, str(over)]))
    groups = frame.group_by(*keys).agg(nw.len().alias("_n"))
    repeated = groups.filter(nw.col("_n") > 1)
    worst = collect(_head(repeated))
    if worst.num_rows:
        found = _total(repeated)
        cases = [_case(row, dict(zip(keys, keys, strict=True))) for row in worst.to_pylist()]
        raise DataError(
            f"{_agents_stand(found)} more than once in a problem area: {'; '.join(cases)}",
            "one row per agent and area, since an agent holds one goal",
            "name the column that tells the rows apart as part of agent= or area=, remove the "
            "repeated rows, or say what they are: holds='several' (several goals at once) or "
            "holds='draws' (repeated answers)",
        )
    if sampled is not None:
        return words, None
    agents = collect(frame.select(*roles.agent).unique().select(nw.len().alias("agents")))
    return words, int(agents.column("agents")[0].as_py())


def check_agents(population: Population, rows: Rows, keys: Keys) -> tuple[str, int | None]:
    """See that agents that may have several rows are in one segment of a problem area each.

    Returns
    -------
    tuple
        What is checked, in words; and the number of agents.

    Raises
    ------
    DataError
        A row without agent or area; an agent in two segments; three cases are shown.
    """
    roles = population.roles
    needed = [*roles.agent, *([roles.area] if roles.area else [])]
    source = population.source.frame
    _check_keys_present(source, needed, "rows", "an agent and a problem area in every row")
    if population.check == "none":
        return "not checked for rows that stand twice", None
    check_segments(population, rows, keys)
    agents = list(agent_names(roles).values())
    frame = _asked(rows)
    known = collect(frame.select(*agents).unique().select(nw.len().alias("agents")))
    words = {
        "several": "every agent checked, each goal once per problem area",
        "draws": "rows of an agent in a problem area are draws: nothing stands twice",
    }[roles.holds]
    return words, int(known.column("agents")[0].as_py())


def check_segments(
    population: Population, rows: Rows, keys: Keys, *, together: bool = False
) -> None:
    """Refuse an agent in two segments of one problem area, or of all areas ``together``.

    Raises
    ------
    DataError
        Three cases are shown.
    """
    varying = [name for name in keys.by if name in population.source.schema]
    if not varying or population.check == "none":
        return
    agents = list(agent_names(population.roles).values())
    aliases = key_names(keys.names)
    place = [aliases[keys.over]] if keys.over else []
    place += [AREA] if AREA in rows.columns and not together else []
    segments = [aliases[name] for name in varying]
    apart = _asked(rows).group_by(*place, *agents, *segments).agg(nw.len().alias("_rows"))
    repeated = apart.group_by(*place, *agents).agg(nw.len().alias("_n"))
    repeated = repeated.filter(nw.col("_n") > 1)
    worst = collect(_head(repeated))
    if worst.num_rows:
        names = _shown(population, keys)
        cases = [_case(row, names, "segments") for row in worst.to_pylist()]
        where = "" if together else " in one problem area"
        raise DataError(
            f"{_agents_stand(_total(repeated), 'is', 'are')} in several segments of "
            f"{', '.join(varying)}{where}: {'; '.join(cases)}",
            "segments of agents: all rows of an agent in one",
            "make the column part of agent=, or choose another one for by=",
        )


def check_holdings(population: Population, rows: Rows, keys: Keys) -> None:
    """Refuse a goal that an agent holds twice in one problem area; three cases are shown.

    Values that ``goal_map`` makes one goal may stand beside each other.

    Raises
    ------
    DataError
    """
    agents = list(agent_names(population.roles).values())
    cell = [alias for name, alias in key_names(keys.names).items() if name == keys.over]
    cell += [AREA] if AREA in rows.columns else []
    groups = _asked(rows).group_by(*cell, *agents, GOAL).agg(nw.len().alias("_n"))
    repeated = groups.filter(nw.col("_n") > 1)
    worst = collect(_head(repeated))
    if worst.num_rows:
        names = _shown(population, keys) | {GOAL: population.roles.goal or "goal"}
        cases = [_case(row, names) for row in worst.to_pylist()]
        raise DataError(
            f"{_total(repeated):,} goals stand more than once with one agent: {'; '.join(cases)}",
            "one row per agent, area and goal, since an agent holds a goal once",
            "remove the repeated rows; or say that rows are draws: holds='draws'",
        )


def check_amounts(population: Population, rows: Rows, silent: Sequence[str], keys: Keys) -> None:
    """Refuse amounts on goals that cannot be such; rows without a goal may have none.

    Raises
    ------
    DataError
        A goal without an amount, a negative one, probabilities above 1 in one row or in sum.
    """
    roles = population.roles
    role = "points" if roles.points else "probability"
    column = str(roles.amount)
    if population.check != "none":
        check_holdings(population, rows, keys)
    frame = rows.frame.filter(~nw.col(GOAL).is_null())
    if silent:
        frame = frame.filter(~nw.col(GOAL).is_in(list(silent)))
    check_numbers(frame.select(nw.col(AMOUNT).alias(column)), column, role)
    if role == "points":
        return
    cell = [*key_names(keys.names).values(), *([AREA] if AREA in rows.columns else [])]
    agents = list(agent_names(roles).values())
    amounts = frame.with_columns(nw.col(AMOUNT).cast(nw.Float64))
    sums = amounts.group_by(*cell, *agents).agg(nw.col(AMOUNT).sum())
    above = sums.filter(nw.col(AMOUNT) > 1 + 1e-9)
    worst = collect(above.sort(AMOUNT, descending=True).head(3))
    if worst.num_rows:
        names = _shown(population, keys)
        cases = [
            ", ".join(f"{name} {row[alias]!r}" for alias, name in names.items() if alias in row)
            + f" ({row[AMOUNT]:g})"
            for row in worst.to_pylist()
        ]
        raise DataError(
            f"probabilities of an agent that sum to more than 1: {'; '.join(cases)}",
            "at most 1 per agent and area; what is missing to 1 is no goal",
            "divide them by their sum, or use points=",
        )


def _asked(rows: Rows) -> Frame:
    """Rows that pass the filter."""
    return rows.frame.filter(nw.col(PASSES) == 1) if PASSES in rows.columns else rows.frame


def _shown(population: Population, keys: Keys) -> dict[str, str]:
    """Names of the user's for the columns that a case shows."""
    roles = population.roles
    names = {alias: name for name, alias in agent_names(roles).items()}
    names[AREA] = roles.area or "area"
    if keys.over:
        names[key_names(keys.names)[keys.over]] = keys.over
    return names


def _check_keys_present(frame: Frame, keys: list[str], rows: str, needed: str) -> None:
    missing = collect(frame.select(nw.col(key).is_null().sum().alias(key) for key in keys))
    for key in keys:
        count = int(missing.column(key)[0].as_py() or 0)
        if count:
            raise DataError(
                f"{count:,} {rows} have no {key!r}",
                needed,
                "fill the column, or drop these rows",
            )


def _agents_stand(number: int, one: str = "stands", more: str = "stand") -> str:
    return f"1 agent {one}" if number == 1 else f"{number:,} agents {more}"


def _head(frame: Frame) -> Frame:
    return frame.sort("_n", descending=True).head(3)


def _total(frame: Frame) -> int:
    return int(collect(frame.select(nw.len().alias("n"))).column("n")[0].as_py())


def _case(row: dict[str, Any], names: Mapping[str, str], what: str = "rows") -> str:
    parts = [f"{name} {row[key]!r}" for key, name in names.items() if key in row]
    return ", ".join(parts) + f" ({row['_n']} {what})"


def check_numeric(frame: Frame, column: str, role: str) -> None:
    """Refuse a column that is not of numbers.

    Raises
    ------
    DataError
        Another type.
    """
    dtype = frame.collect_schema()[column]
    if not (dtype.is_numeric() or dtype == nw.Decimal):
        raise DataError(
            f"{role} column {column!r} is {dtype}", "numbers", "convert the column to numbers"
        )


def check_numbers(frame: Frame, column: str, role: str) -> bool:
    """Refuse counts, shares and weights that cannot be such.

    ``frame`` holds the column as numbers, under its own name.

    Returns
    -------
    bool
        Whether some are 0.

    Raises
    ------
    DataError
        Null, NaN, negative, infinite; a fractional count; a share above 1; only zeros; numbers
        whose squares no float holds.
    """
    check_numeric(frame, column, role)
    dtype = frame.collect_schema()[column]
    value = nw.col(column)
    empty = value.is_null()
    if dtype.is_float():
        empty = empty | value.is_nan()
    parts = [empty.sum().alias("empty"), value.min().alias("min"), value.max().alias("max")]
    if role == "count" and not dtype.is_integer():
        real = value.cast(nw.Float64)
        parts.append((real != real.floor()).sum().alias("broken"))
    if role != "count":
        parts.append(nw.when(value > 0).then(value).min().alias("least"))
    summary = collect(frame.select(*parts)).to_pylist()[0]
    problem = _problem(summary, role)
    if problem:
        found, needed, mend = problem
        raise DataError(f"{role} column {column!r}: {found}", needed, mend)
    return bool(summary["min"] == 0)


def _problem(summary: dict[str, Any], role: str) -> tuple[str, str, str] | None:
    empty = int(summary["empty"] or 0)
    if empty:
        return (
            f"{empty:,} rows are empty or NaN",
            "a number in every row",
            "fill or drop these rows",
        )
    low, high = summary["min"], summary["max"]
    if low is None:
        return None
    if low < 0:
        return f"{low} is negative", "numbers of at least 0", "mend or drop these rows"
    if high == float("inf"):
        return "an infinite value", "finite numbers", "mend or drop these rows"
    if role == "count" and summary.get("broken"):
        return (
            f"{int(summary['broken']):,} rows are not whole",
            "whole numbers of agents",
            "use share= for proportions, or weight= for survey weights",
        )
    if role == "count" and high >= _MOST:
        return (
            f"{high} is too many",
            "at most 2^63 - 1 agents in one row",
            "count in thousands, or use share= for proportions",
        )
    if role == "share" and high > 1:
        return f"{high} is above 1", "shares in [0, 1]", "divide per cents by 100, or use count="
    if role == "probability" and high > 1:
        return f"{high} is above 1", "numbers in [0, 1]", "divide per cents by 100, or use points="
    least = summary.get("least")
    if high > _EXTREME or (least is not None and least < 1 / _EXTREME):
        extreme = high if high > _EXTREME else least
        return (
            f"{extreme:g} is too {'large' if high > _EXTREME else 'small'}",
            f"numbers between {1 / _EXTREME:g} and {_EXTREME:g}, or 0",
            "multiply or divide all of them by the same number: only their ratios count",
        )
    if high == 0:
        return "all are 0", "somebody to count", f"leave out {role}=, or mend the column"
    return None


def check_roster(population: Population) -> None:
    """Refuse a roster in which a key stands twice or is empty.

    Raises
    ------
    DataError
        Three cases are shown.
    """
    roster = population.roster
    if roster is None:
        return
    keys = list(population.roster_keys)
    _check_keys_present(roster.frame, keys, "rows of the roster", "a value in every row")
    repeated = roster.frame.group_by(*keys).agg(nw.len().alias("_n")).filter(nw.col("_n") > 1)
    worst = collect(_head(repeated))
    if worst.num_rows:
        cases = [_case(row, dict(zip(keys, keys, strict=True))) for row in worst.to_pylist()]
        others = [name for name in roster.columns if name not in keys]
        raise DataError(
            f"{_total(repeated):,} keys stand more than once in the roster: {'; '.join(cases)}",
            f"one row for each {', '.join(keys)}",
            "remove the repeated rows, or add the column that tells them apart to roster_on="
            f" (columns: {quoted(others, 8)})",
        )


def strangers(frame: Frame, member: str) -> pa.Table:
    """First agents of the data that are not on the roster."""
    return collect(frame.filter(nw.col(member).is_null()).head(3))


def check_salience(population: Population, table: pa.Table, where: str | None) -> None:
    """Refuse goals that are held with a salience outside [0, 1], or without one.

    Parameters
    ----------
    population : Population
    table : pyarrow.Table
        Grouped counts, with the number of rows in each group whose salience is none.
    where : str, optional
        Filter of the question.

    Raises
    ------
    DataError
        The worst rows are named; the salience of an agent without a goal is not looked at.
    """
    bad = table.filter(pc.greater(table.column(ABSENT), 0))
    if not bad.num_rows:
        return
    spelt = goal_text(bad.column(GOAL)).to_pylist()
    held = [goal_meant(goal, population.roles) is not None for goal in spelt]
    bad = bad.filter(pa.array(held))
    if not bad.num_rows:
        return
    agent = population.roles.agent
    rows = prepared(population, Keys(None, ()), where=where, links=agent)
    goals = [goal for goal in bad.column(GOAL).unique().to_pylist() if goal is not None]
    frame = rows.frame.filter((careless() == 1) & nw.col(GOAL).is_in(goals))
    if PASSES in rows.columns:
        frame = frame.filter(nw.col(PASSES) == 1)
    off = (nw.col(SALIENCE).cast(nw.Float64) - 0.5).abs()
    worst = collect(frame.with_columns(off.alias("_off")).sort("_off", descending=True).head(3))
    names = key_names(agent) | ({"area": AREA} if AREA in worst.column_names else {})
    cases = []
    for row in worst.to_pylist():
        value = row[SALIENCE]
        who = ", ".join(f"{name} {row[alias]!r}" for name, alias in names.items())
        shown = "none" if value is None or value != value else f"{value:g}"
        cases.append(f"{shown} ({who or f'goal {row[GOAL]!r}'})")
    number = int(pc.sum(bad.column(ABSENT)).as_py())
    raise DataError(
        f"salience column {population.roles.salience!r}: {number:,} "
        f"row{'s' * (number != 1)} without a number in [0, 1], the worst {'; '.join(cases)}",
        "numbers in [0, 1] for everyone with a goal: 0 does not care, 1 cares fully",
        "divide by the largest value possible; leave out rows without a salience",
    )


def check_levels(table: pa.Table, mean: SalienceMean) -> None:
    """Refuse more distinct saliences than can be held.

    Raises
    ------
    DataError
        The grouped counts have more than ten million rows.
    """
    if table.num_rows > LEVELS_AT_MOST:
        raise DataError(
            f"more than {LEVELS_AT_MOST:,} distinct pairs of goal and salience under "
            f"salience_mean={mean!r}",
            "few enough to be held: each salience is counted apart",
            "round the saliences, for example to three digits, or use the geometric or "
            "arithmetic mean",
        )
