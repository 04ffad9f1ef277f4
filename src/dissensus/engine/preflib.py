"""Read the files of PrefLib: ranked ballots as orders, categories as one area an alternative."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from dissensus.engine.sources import collect
from dissensus.errors import DissensusError, quoted

__all__ = ["PrefLibError", "open_preflib"]

_CATEGORIES = ".cat"
_HEADER = re.compile(r"#\s*([A-Z ]+?)\s*(\d*)\s*:\s*(.*)")
_LINE = r"^\s*\d+\s*:\s*[\d\s,{}]*$"
# one place of a ballot: a group in braces, or a single alternative
_PLACES = r"\{[^}]*\}|[^,{}]+"


class PrefLibError(DissensusError, ValueError):
    """A file of PrefLib that does not keep to its format."""


@dataclass(frozen=True)
class _File:
    """One file: its title, the names in its header by number, and its ballots."""

    path: str
    title: str
    alternatives: Mapping[int, str]
    categories: Mapping[int, str]
    voters: int | None
    lines: pa.Array


def open_preflib(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str]
) -> tuple[duckdb.DuckDBPyRelation, Mapping[str, Any]]:
    """Open files of one kind as a relation of ``connection``, with the roles of its columns.

    Orders (``.soc .soi .toc .toi``): a row for each distinct ballot, ``a>b=c``, most preferred
    first and ``=`` between ties; alternatives that a voter did not rank are not in it. An election
    is a problem area. Categories (``.cat``): an alternative is a problem area, the category that it
    was put into the goal; a row for each ballot and alternative.

    Raises
    ------
    PrefLibError
        Files of both kinds, or one that does not keep to the format.
    """
    kinds = {Path(path).suffix.lower() == _CATEGORIES for path in paths}
    if len(kinds) > 1:
        raise PrefLibError(
            "files of orders and of categories together", "files of one kind", "read them apart"
        )
    files = [_read(path) for path in paths]
    titles = _titles(files)
    parts = [
        (_categories if kinds == {True} else _orders)(connection, file, title)
        for file, title in zip(files, titles, strict=True)
    ]
    relation = connection.from_arrow(pa.concat_tables(parts))
    if kinds == {False}:
        return relation, {"area": "election", "goal": "order", "count": "count"}
    area = "alternative" if len(files) == 1 else "election+alternative"
    return relation, {"area": area, "goal": "category", "count": "count"}


def _read(path: str) -> _File:
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PrefLibError(
            f"{path} is not UTF-8 text: byte {error.start}",
            "text in UTF-8",
            "convert it, for example with iconv -f latin1 -t utf-8",
        ) from error
    head = [line for line in text.splitlines()[:100_000] if line.startswith("#")]
    known = [match.groups() for line in head if (match := _HEADER.fullmatch(line.rstrip()))]
    if not known:
        raise PrefLibError(
            f"{path} has no header",
            "lines such as # ALTERNATIVE NAME 1: ann, then lines such as 12: 1,{2,3}",
            "download the file anew: files from before 2022 have another form",
        )
    names = {int(number): name for key, number, name in known if key == "ALTERNATIVE NAME"}
    categories = {int(number): name for key, number, name in known if key == "CATEGORY NAME"}
    single = {key: value for key, number, value in known if not number}
    stripped = pc.utf8_trim_whitespace(pa.array(text.splitlines(), pa.string()))
    is_ballot = pc.and_(pc.not_equal(stripped, ""), pc.invert(pc.starts_with(stripped, "#")))
    voters = single.get("NUMBER VOTERS", "")
    file = _File(
        path,
        single.get("TITLE") or Path(path).stem,
        names,
        categories,
        int(voters) if voters.isdigit() else None,
        stripped.filter(is_ballot),
    )
    _check(file)
    return file


def _check(file: _File) -> None:
    if not len(file.lines):
        raise PrefLibError(f"{file.path} has no ballots", "lines such as 12: 1,{2,3}", "check it")
    broken = file.lines.filter(pc.invert(pc.match_substring_regex(file.lines, _LINE)))
    if len(broken):
        raise PrefLibError(
            f"{file.path} holds {quoted(broken.to_pylist())}",
            "a number of voters, a colon and numbers of alternatives: 12: 1,{2,3}",
            "mend these lines",
        )
    for name in file.alternatives.values():
        if ">" in name or "=" in name:
            raise PrefLibError(
                f"{file.path} names an alternative {name!r}",
                "names without > and =, which are the signs of an order",
                "rename it in the header",
            )
    if len(set(file.alternatives.values())) < len(file.alternatives):
        names = list(file.alternatives.values())
        twice = next(name for name in names if names.count(name) > 1)
        raise PrefLibError(
            f"{file.path} names two alternatives {twice!r}", "names that differ", "rename one"
        )


def _titles(files: Sequence[_File]) -> list[str]:
    titles = [file.title for file in files]
    return titles if len(set(titles)) == len(titles) else [Path(file.path).stem for file in files]


_PARSED = f"""
    SELECT ballot,
           CAST(string_split(line, ':')[1] AS BIGINT) AS "count",
           list_transform(
               regexp_extract_all(regexp_replace(string_split(line, ':')[2], '\\s', '', 'g'),
                                  '{_PLACES}'),
               lambda place: list_transform(
                   list_filter(string_split(trim(place, '{{}}'), ','), lambda one: one <> ''),
                   lambda one: CAST(one AS INTEGER))) AS places
    FROM _dissensus_lines
"""


def _ballots(connection: duckdb.DuckDBPyConnection, file: _File) -> duckdb.DuckDBPyRelation:
    """Ballots as lists of places, each a list of numbers of alternatives; checked."""
    numbers = pa.array(range(1, len(file.lines) + 1))
    lines = connection.from_arrow(pa.table({"ballot": numbers, "line": file.lines}))
    ballots = connection.from_arrow(_queried(lines, "_dissensus_lines", _PARSED))
    flat = "SELECT ballot, flatten(places) AS all_of FROM _ballots"
    known = ", ".join(map(str, sorted(file.alternatives))) or "NULL"
    wrong = _queried(
        ballots,
        "_ballots",
        f"""
        SELECT ballot FROM ({flat})
        WHERE len(list_distinct(all_of)) < len(all_of)
           OR len(list_filter(all_of, lambda one: one NOT IN ({known}))) > 0
        LIMIT 3
        """,
    )
    if wrong.num_rows:
        cases = [file.lines[ballot - 1].as_py() for ballot in wrong.column(0).to_pylist()]
        raise PrefLibError(
            f"{file.path} holds {quoted(cases)}",
            f"alternatives of the header ({len(file.alternatives)}), each once in a ballot",
            "mend these lines",
        )
    counted = _single(ballots, 'sum("count")')
    if file.voters is not None and counted != file.voters:
        raise PrefLibError(
            f"{file.path} has ballots of {counted:,} voters and says that there are "
            f"{file.voters:,}",
            "a whole file",
            "download it anew, or correct NUMBER VOTERS",
        )
    return ballots


def _orders(connection: duckdb.DuckDBPyConnection, file: _File, title: str) -> pa.Table:
    names = _names_as_list(file.alternatives)
    ballots = _ballots(connection, file)
    query = f"""
        SELECT {_literal(title)} AS election,
               nullif(array_to_string(list_transform(
                   list_filter(places, lambda place: len(place) > 0),
                   lambda place: array_to_string(
                       list_transform(place, lambda one: {names}[one]), '=')), '>'), '') AS "order",
               "count"
        FROM _ballots
    """
    return _queried(ballots, "_ballots", query)


def _categories(connection: duckdb.DuckDBPyConnection, file: _File, title: str) -> pa.Table:
    if not file.categories:
        raise PrefLibError(
            f"{file.path} names no categories", "lines # CATEGORY NAME 1: yes", "add them"
        )
    ballots = _ballots(connection, file)
    most = _single(ballots, "max(len(places))")
    if most > max(file.categories):
        raise PrefLibError(
            f"{file.path} has a ballot with {most} categories and names {len(file.categories)}",
            "a name for each category, and a place for each in every ballot",
            "mend the header or the ballots",
        )
    names, words = _names_as_list(file.alternatives), _names_as_list(file.categories)
    query = f"""
        WITH pairs AS (
            SELECT ballot, "count", places, unnest({sorted(file.alternatives)}) AS one FROM _ballots
        )
        SELECT {_literal(title)} AS election, ballot, {names}[one] AS alternative,
               {words}[list_position(list_transform(places,
                   lambda place: list_contains(place, one)), true)] AS category,
               "count"
        FROM pairs
    """
    return _queried(ballots, "_ballots", query)


def _queried(relation: duckdb.DuckDBPyRelation, name: str, query: str) -> pa.Table:
    """Answer of a query that calls the relation by ``name``."""
    answer: Any = relation.query(name, query)
    return collect(nw.from_native(answer))


def _single(relation: duckdb.DuckDBPyRelation, aggregate: str) -> int:
    table = _queried(relation, "_ballots", f"SELECT {aggregate} AS one FROM _ballots")
    return int(table.column("one")[0].as_py())


def _names_as_list(names: Mapping[int, str]) -> str:
    """SQL list in which a name stands at its number."""
    places = range(1, max(names, default=0) + 1)
    return "[" + ", ".join(_literal(names.get(place, "")) for place in places) + "]"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
