"""Conflict between goals: models by name, tables of every form, what is declared."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from tests import oracle
from tests.expected import assert_within, column
from tests.frames import FILES

import dissensus as ds
from dissensus.model.conflict import ConflictError, conflict_matrix

GOALS = ["a", "b", "c"]
ROWS: dict[str, list[Any]] = {"agent": list(range(6)), "goal": ["a", "a", "b", "c", "c", "c"]}
SYMMETRIC = {("a", "b"): 0.5, ("a", "c"): 0.9, ("b", "c"): 0.25}
SQUARE = [[0.0, 0.5, 0.9], [0.5, 0.0, 0.25], [0.9, 0.25, 0.0]]
LISTED = {
    "goal_a": [a for a, _ in SYMMETRIC],
    "goal_b": [b for _, b in SYMMETRIC],
    "conflict": list(SYMMETRIC.values()),
}
NAMED = {"goal": GOALS, **dict(zip(GOALS, SQUARE, strict=True))}


def value(rows: Mapping[str, Any] = ROWS, **options: Any) -> float:
    (found,) = column(ds.misalignment(rows, **options).rows, "misalignment")
    assert isinstance(found, float)
    return found


def expected(conflict: oracle.Conflict) -> float:
    agents = [oracle.Agent(goal) for goal in ROWS["goal"]]
    return float(oracle.within(agents, conflict)["misalignment"] or 0)


TWICE = {**SYMMETRIC, **{(b, a): x for (a, b), x in SYMMETRIC.items()}}
BOTH_WAYS = oracle.table(TWICE)

FORMS: dict[str, dict[str, Any]] = {
    "pairs of goals": {"conflict": SYMMETRIC},
    "pairs both ways": {
        "conflict": {**SYMMETRIC, **{(b, a): x for (a, b), x in SYMMETRIC.items()}}
    },
    "a mapping of columns": {"conflict": LISTED},
    "an Arrow table": {"conflict": pa.table(LISTED)},
    "a pandas frame": {"conflict": pd.DataFrame(LISTED)},
    "a Polars frame": {"conflict": pl.DataFrame(LISTED).lazy()},
    "a named square": {"conflict": NAMED},
    "a named square, columns in another order": {
        "conflict": {name: NAMED[name] for name in ("goal", "c", "a", "b")}
    },
    "a list of lists": {"conflict": SQUARE, "goal_set": GOALS},
    "an array": {"conflict": np.array(SQUARE), "goal_set": GOALS},
    "an array with goals that nobody holds": {
        "conflict": np.pad(SQUARE, (0, 1)),
        "goal_set": [*GOALS, "d"],
    },
    "whole numbers as degrees, in text": {
        "conflict": {**LISTED, "conflict": [str(x) for x in LISTED["conflict"]]}
    },
    "goals that nobody holds": {"conflict": {**SYMMETRIC, ("x", "y"): 1.0, ("a", "x"): 1.0}},
}


@pytest.mark.parametrize("form", FORMS)
def test_tables_of_conflict(form: str) -> None:
    assert value(**FORMS[form]) == pytest.approx(expected(BOTH_WAYS), rel=1e-15)


@pytest.mark.parametrize("name", ["csv", "tsv", "csv semicolon", "parquet", "json lines"])
@pytest.mark.parametrize("table", [LISTED, NAMED])
def test_files_of_conflict(tmp_path: Path, name: str, table: dict[str, Any]) -> None:
    path = FILES[name](pa.table(table), tmp_path)
    assert value(conflict=path) == pytest.approx(expected(BOTH_WAYS), rel=1e-15)
    assert value(conflict=Path(path)) == pytest.approx(expected(BOTH_WAYS), rel=1e-15)


def test_a_pair_that_is_not_listed_is_compatible() -> None:
    assert value(conflict={("a", "b"): 1}) == 2 * 2 * 1 / 36


def test_goals_are_spelt_as_tallies_spell_them() -> None:
    rows = {"agent": [1, 2, 3], "goal": [1.0, 2.0, float("nan")]}
    for pair in ((1, 2), ("1", "2"), (1.0, 2)):
        assert value(rows, conflict={pair: 0.5}) == 0.25
    truth = {"agent": [1, 2], "goal": [True, False]}
    assert value(truth, conflict={(True, False): 0.5}) == 0.25


def test_a_table_of_its_own_for_an_area() -> None:
    """An area's own pairs go before the shared ones; the shared ones hold for the rest."""
    rows = {
        "agent": [1, 2, 3] * 2,
        "area": ["p"] * 3 + ["q"] * 3,
        "goal": ["a", "b", "c"] * 2,
    }
    table = {
        "area": [None, None, "q"],
        "goal_a": ["a", "a", "b"],
        "goal_b": ["b", "c", "a"],
        "conflict": [0.5, 1.0, 0.25],
    }
    result = ds.misalignment(rows, conflict=table)
    assert column(result.rows, "misalignment") == [2 * 1.5 / 9, 2 * 1.25 / 9]
    numbers = {**rows, "area": [1, 1, 1, 2, 2, 2]}
    result = ds.misalignment(numbers, conflict={**table, "area": [None, None, 2]})
    assert column(result.rows, "misalignment") == [2 * 1.5 / 9, 2 * 1.25 / 9]


def test_areas_with_goals_of_their_own() -> None:
    """Every area has the part of the table that its goals need."""
    rows = {
        "agent": [1, 2] * 4,
        "area": [area for area in "pqrs" for _ in range(2)],
        "goal": ["a", "b", "b", "c", "a", "c", "b", "a"],
    }
    result = ds.misalignment(rows, conflict=SYMMETRIC)
    assert column(result.rows, "misalignment") == [0.25, 0.125, 0.45, 0.25]


def test_symmetrise_takes_the_mean_of_both_ways() -> None:
    lopsided = {("a", "b"): 0.9, ("b", "a"): 0.1, ("b", "c"): 0.4}
    found = value(conflict=lopsided, symmetrise=True)
    conflict = oracle.table({("a", "b"): 0.5, ("b", "a"): 0.5, ("b", "c"): 0.4, ("c", "b"): 0.4})
    assert found == pytest.approx(expected(conflict), rel=1e-15)
    square = [[0, 0.9, 0], [0.1, 0, 0.4], [0, 0.4, 0]]
    assert value(conflict=square, goal_set=GOALS, symmetrise=True) == pytest.approx(found)


def test_directed_keeps_both_ways() -> None:
    rows = {"agent": [1, 2, 3], "kind": ["hare", "fox", "fox"], "goal": ["run", "eat", "sleep"]}
    conflict = {("eat", "run"): 1.0, ("run", "eat"): 0.25}
    result = ds.between(rows, by="kind", conflict=conflict, directed=True)
    pairs = {(row["kind_a"], row["kind_b"]): row["misalignment"] for row in result.rows.to_pylist()}
    assert pairs == {("fox", "hare"): 0.5, ("hare", "fox"): 0.125}
    assert value(rows, conflict=conflict, directed=True) == pytest.approx(1.25 / 9)
    assert "directed" in result.provenance["conventions"]["conflict"]


def test_a_directed_pair_given_once_is_one_way() -> None:
    rows = {"agent": [1, 2], "kind": ["x", "y"], "goal": ["a", "b"]}
    result = ds.between(rows, by="kind", conflict={("a", "b"): 1.0}, directed=True)
    assert column(result.rows, "misalignment") == [1, 0]


@pytest.mark.parametrize(
    ("options", "places"),
    [
        ({"levels": ["a", "b", "c"]}, {"a": 0, "b": 1, "c": 2}),
        ({"levels": ["c", "a", "b"]}, {"a": 1, "b": 2, "c": 0}),
        ({"levels": ["a", "x", "b", "c"]}, {"a": 0, "b": 2, "c": 3}),
        ({"level": "level"}, {"a": 0, "b": 1, "c": 2}),
    ],
)
def test_ordinal(options: dict[str, Any], places: dict[str, int]) -> None:
    rows = {**ROWS, "level": [1, 1, 5, 100, 100, 100]}
    length = len(options.get("levels", "abc")) - 1
    found = value(rows, conflict="ordinal", **options)
    assert found == pytest.approx(expected(oracle.line(places, length)), rel=1e-15)


@pytest.mark.parametrize("conflict", ["ordinal", "interval"])
def test_levels_of_what_is_no_goal_do_not_count(conflict: str) -> None:
    """A code such as 99 of those who do not know is no level."""
    rows = {"agent": [1, 2, 3, 4], "goal": ["no", "hm", "yes", "dk"], "level": [1, 2, 3, 99]}
    asked: list[dict[str, Any]] = [
        {"no_goal": "dk"},
        {"goal_map": {"no": "no", "hm": "hm", "yes": "yes", "dk": "no-goal"}},
        {"goal_map": {"no": "NO", "hm": "HM", "yes": "YES", "dk": "no-goal"}},
    ]
    for options in asked:
        found = value(rows, conflict=conflict, level="level", **options)
        assert found == 2 * (0.5 + 0.5 + 1) / 16
    outside = value(
        rows, conflict=conflict, level="level", goal_map={**asked[1]["goal_map"], "dk": "outside"}
    )
    assert outside == pytest.approx(2 * 2 / 9)


def test_interval() -> None:
    rows = {"agent": [1, 2, 3], "area": ["p"] * 3, "goal": [1, 3, 5]}
    assert value(rows, conflict="interval") == pytest.approx(2 * (0.5 + 0.5 + 1) / 9)
    wide = value(rows, conflict="interval", range=(0, 10))
    assert wide == pytest.approx(2 * (0.2 + 0.2 + 0.4) / 9)
    text = {**rows, "goal": ["1", "3.0", "5e0"]}
    assert value(text, conflict="interval", range=(0, 10)) == pytest.approx(wide)


def test_the_range_is_that_of_each_area() -> None:
    rows = {"agent": [1, 2] * 2, "area": ["p", "p", "q", "q"], "goal": [0, 1, 0, 100]}
    assert column(ds.misalignment(rows, conflict="interval").rows, "misalignment") == [0.5, 0.5]
    alone = {"agent": [1, 2], "goal": [7, 7]}
    assert value(alone, conflict="interval") == 0


def test_a_goal_that_nobody_holds_does_not_widen_the_range() -> None:
    rows = {"goal": [1, 2, 9], "n": [1, 1, 0]}
    assert value(rows, conflict="interval", count="n") == 0.5
    assert value(rows, conflict="interval", count="n", where="n >= 0") == 0.5


def test_no_goal_conflict() -> None:
    rows = {"agent": [1, 2, 3, 4], "goal": ["a", "b", "pass", "pass"]}
    for degrees, silence in (
        (0.5, lambda goal: 0.5),
        ({"a": 1, "b": 0.25}, lambda goal: {"a": 1, "b": 0.25}[goal]),
        ({"b": "0.5"}, lambda goal: {"b": 0.5}.get(goal, 0)),
    ):
        result = ds.misalignment(rows, no_goal="pass", no_goal_conflict=degrees)
        cells = {(): {(): [oracle.Agent(None if g == "pass" else g) for g in rows["goal"]]}}
        assert_within(
            result, cells, area=None, silence=lambda goal, s=silence: oracle.Fraction(s(goal))
        )
        assert "having no goal conflicts" in result.provenance["conventions"]["conflict"]


def test_declared_goals_are_told() -> None:
    result = ds.misalignment(ROWS, goal_set=["a", "b", "c", "d"], normalise="asymptotic")
    (row,) = result.rows.to_pylist()
    assert (row["goals"], row["declared_goals"]) == (3, 4)
    assert row["asymptotic"] == pytest.approx(row["misalignment"] * 4 / 3)
    assert "declared_goals" not in ds.misalignment(ROWS).rows.column_names


def test_conventions_say_the_conflict() -> None:
    for conflict, words in (
        ("exclusive", "every two different goals conflict fully"),
        (SYMMETRIC, "a pair that it does not list is compatible"),
    ):
        told = ds.misalignment(ROWS, conflict=conflict).provenance["conventions"]["conflict"]
        assert words in told


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([[0, 1]], "shape"),
        ([0, 1], "shape"),
        ([[0, 2], [2, 0]], "is 2"),
        ([[0, float("nan")], [0, 0]], "is nan"),
        ([[1, 0], [0, 0]], "in conflict with itself"),
        ([[0, 0.5], [0.25, 0]], "one way"),
    ],
)
def test_conflict_matrix_refuses(values: Any, words: str) -> None:
    with pytest.raises(ConflictError, match=words):
        conflict_matrix(values)
    with pytest.raises(ConflictError):
        ds.misalignment_of_shares([0.5, 0.5], values)


def test_conflict_matrix_keeps_or_symmetrises() -> None:
    lopsided = [[0, 0.5], [0.25, 0]]
    assert conflict_matrix(lopsided, directed=True).values.tolist() == lopsided
    assert conflict_matrix(lopsided, symmetrise=True).values.tolist() == [[0, 0.375], [0.375, 0]]
    original = np.array([[0.0, 1.0], [1.0, 0.0]])
    conflict_matrix(original).values[0, 1] = 0.5
    assert original[0, 1] == 1


def test_a_table_with_the_names_of_the_formulas():
    data = {"agent": [1, 2], "goal": ["ban", "allow"]}
    tables = [
        {one: ["ban"], other: ["allow"], "conflict": [0.25]}
        for one, other in (("goal_a", "goal_b"), ("goal_i", "goal_j"))
    ]
    values = [ds.misalignment(data, conflict=pa.table(one)).rows for one in tables]
    assert values[0]["misalignment"].to_pylist() == values[1]["misalignment"].to_pylist() == [0.125]


def test_orders_under_exclusive_conflict_are_told():
    ballots = {"agent": [1, 2], "first": ["a", "b"], "second": ["b", "a"]}
    told = [
        ds.misalignment(ballots, ranking=["first", "second"], conflict=one).summary["notes"]
        for one in ("exclusive", "ranking")
    ]
    assert ["conflict='ranking'" in " ".join(notes) for notes in told] == [True, False]
