"""Checks before counting: agents counted twice, numbers out of range, rosters with gaps."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pyarrow as pa

from dissensus.engine import native
from dissensus.engine.population import Population
from dissensus.engine.rows import DataError
from dissensus.engine.sources import Frame, collect
from dissensus.errors import quoted

__all__ = ["check_numbers", "check_repeats", "check_roster", "row_count"]

# above it the check for repeated rows takes a sample of the agents
EXACT_ROWS = 10_000_000
_SAMPLED_ROWS = 3_000_000
# counts of one row are kept in 64 bits; their sums are not
_MOST = 2**63
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
        cases = [_case(row, keys) for row in worst.to_pylist()]
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


def _agents_stand(number: int) -> str:
    return "1 agent stands" if number == 1 else f"{number:,} agents stand"


def _head(frame: Frame) -> Frame:
    return frame.sort("_n", descending=True).head(3)


def _total(frame: Frame) -> int:
    return int(collect(frame.select(nw.len().alias("n"))).column("n")[0].as_py())


def _case(row: dict[str, Any], keys: list[str]) -> str:
    return ", ".join(f"{key} {row[key]!r}" for key in keys) + f" ({row['_n']} rows)"


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
    dtype = frame.collect_schema()[column]
    if not (dtype.is_numeric() or dtype == nw.Decimal):
        raise DataError(
            f"{role} column {column!r} is {dtype}", "numbers", "convert the column to numbers"
        )
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
        cases = [_case(row, keys) for row in worst.to_pylist()]
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
