"""Columns and rows made from others: areas of several columns, orders of ranks, latest rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import combinations

import narwhals as nw

from dissensus.engine import native
from dissensus.engine.kinds import goal_as_text, has_parts
from dissensus.engine.sources import Frame, Source, collect, with_rows
from dissensus.errors import DissensusError, quoted

__all__ = [
    "BallotError",
    "check_ballots",
    "joined_columns",
    "latest_rows",
    "parts_of",
    "with_orders",
]

# marks of an order: a is preferred to b, and c and d are tied
PREFERRED, TIED = ">", "="


class BallotError(DissensusError, ValueError):
    """Ranked choices that do not make an order."""


def parts_of(name: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Columns that ``a+b`` joins; none if there is a column of that name, or a part is missing.

    Examples
    --------
    >>> parts_of("congress+vote", ["congress", "vote"])
    ('congress', 'vote')
    """
    parts = tuple(part.strip() for part in name.split("+"))
    joins = len(parts) > 1 and name not in columns and all(part in columns for part in parts)
    return parts if joins else ()


def joined_columns(source: Source, parts: Sequence[str], name: str) -> Source:
    """Rows with one more column: the texts of several columns, with hyphens between.

    It is null where one of them is.
    """
    texts = [goal_as_text(part, source.schema[part]) for part in parts]
    joined = nw.concat_str(texts, separator="-").alias(name)
    return with_rows(source, source.frame.with_columns(joined))


def with_orders(source: Source, ranks: Sequence[str], no_goal: Sequence[str], name: str) -> Source:
    """Rows with one more column: ranked choices as one order, ``first>second>third``.

    An empty rank, or one that holds a value of ``no_goal``, ends the order; a first rank that
    holds such a value is the whole of it.
    """
    frame, chosen = _chosen(source, ranks, no_goal)
    order = nw.concat_str([nw.col(one) for one in chosen], separator=PREFERRED, ignore_nulls=True)
    first = goal_as_text(ranks[0], source.schema[ranks[0]])
    goal = nw.when(~nw.col(chosen[0]).is_null()).then(order).otherwise(first)
    return with_rows(source, frame.with_columns(goal.alias(name)).drop(*chosen))


def check_ballots(source: Source, ranks: Sequence[str], no_goal: Sequence[str]) -> None:
    """Refuse what is no order.

    Raises
    ------
    BallotError
        A ballot that ranks an option twice, or an option whose name holds ``>`` or ``=``.
    """
    frame, chosen = _chosen(source, ranks, no_goal)
    twice: list[nw.Expr] = [nw.col(a) == nw.col(b) for a, b in combinations(chosen, 2)]
    if twice:
        worst = collect(frame.filter(reduce(nw.Expr.__or__, twice)).select(*chosen).head(3))
        ballots = [
            PREFERRED.join(option for option in row.values() if option is not None)
            for row in worst.to_pylist()
        ]
        if ballots:
            raise BallotError(
                f"ballots that rank an option twice: {quoted(ballots)}",
                "each option once in a ballot",
                "mend these rows, or leave out the columns of the later ranks",
            )
    signs = "[" + PREFERRED + TIED + "]"
    for rank, column in zip(ranks, chosen, strict=True):
        named = frame.filter(nw.col(column).str.contains(signs)).select(column).head(1)
        for option in collect(named).column(0).to_pylist():
            raise BallotError(
                f"{rank!r} holds {option!r}",
                f"options without {PREFERRED} and {TIED}, which are the signs of an order",
                f"rename the option; whole orders in one column are goal={rank!r}",
            )


def _chosen(
    source: Source, ranks: Sequence[str], no_goal: Sequence[str]
) -> tuple[Frame, list[str]]:
    """Rows with the ranks as text up to the end of each order, and the names of these columns."""
    chosen = [f"_chosen{i}" for i in range(len(ranks))]
    texts = [goal_as_text(rank, source.schema[rank]) for rank in ranks]
    pairs = zip(texts, chosen, strict=True)
    frame = source.frame.with_columns(*[text.alias(alias) for text, alias in pairs])
    kept = nw.lit(value=True)
    ended = []
    for alias in chosen:
        option = nw.col(alias)
        holds = ~option.is_null() & (option != nw.lit(""))
        kept = kept & (holds & ~option.is_in(list(no_goal)) if no_goal else holds)
        ended.append(nw.when(kept).then(option).alias(alias))
    return frame.with_columns(*ended), chosen


def latest_rows(source: Source, keys: Sequence[str], latest: str) -> Source:
    """Of the rows of an agent in an area, the one with the highest value of ``latest``.

    Rows that are alike in every column stand for one; lists and the like are not looked at. Text
    is compared as a number where it is one, else as it is spelt; rows without a value go before
    all others.
    """
    order, number = "_latest", "_latest_number"
    time = nw.col(source.codebook.numbers.get(latest, latest))
    frame = source.frame.with_columns(time.alias(order), time.alias(number))
    if source.text:
        frame = native.parsed_numbers(frame, [number])
    best_number, best = nw.col(number).max().over(*keys), nw.col(order).max().over(*keys)
    is_latest = (nw.col(number) == best_number) | (
        best_number.is_null() & ((nw.col(order) == best) | best.is_null())
    )
    rows = frame.with_columns(is_latest.alias("_is_latest")).filter(nw.col("_is_latest"))
    plain = [name for name, kind in source.schema.items() if not has_parts(kind)]
    return with_rows(source, rows.drop(order, number, "_is_latest").unique(plain))
