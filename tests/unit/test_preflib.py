"""Files of PrefLib: orders and categories, their checks, and what is measured of them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

import dissensus as ds
from dissensus.engine.preflib import PrefLibError
from dissensus.engine.sources import collect, open_source

ORDERS = """# FILE NAME: village.toi
# TITLE: Village
# DATA TYPE: toi
# NUMBER ALTERNATIVES: 4
# NUMBER VOTERS: 10
# NUMBER UNIQUE ORDERS: 4
# ALTERNATIVE NAME 1: Ann
# ALTERNATIVE NAME 2: Bob O'Brien
# ALTERNATIVE NAME 3: Cem
# ALTERNATIVE NAME 4: Zoë
4: 1,2,3,4
3: 4, {2,3}, 1
2: {1,2}
1: 3
"""
CATEGORIES = """# FILE NAME: approval.cat
# TITLE: Approval
# NUMBER ALTERNATIVES: 3
# NUMBER VOTERS: 10
# NUMBER CATEGORIES: 2
# CATEGORY NAME 1: Yes
# CATEGORY NAME 2: No
# ALTERNATIVE NAME 1: Ann
# ALTERNATIVE NAME 2: Bob
# ALTERNATIVE NAME 3: Cem
6: 1,{2,3}
3: {},{1,2,3}
1: {1,2},{}
"""
Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def into_folder(name: str, text: str) -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return into_folder


def test_orders_have_the_names_of_the_alternatives(write: Write) -> None:
    source = open_source(write("village.toi", ORDERS))
    assert collect(source.frame).sort_by([("count", "descending")]).to_pylist() == [
        {"election": "Village", "order": "Ann>Bob O'Brien>Cem>Zoë", "count": 4},
        {"election": "Village", "order": "Zoë>Bob O'Brien=Cem>Ann", "count": 3},
        {"election": "Village", "order": "Ann=Bob O'Brien", "count": 2},
        {"election": "Village", "order": "Cem", "count": 1},
    ]


def test_every_voter_counts(write: Write) -> None:
    result = ds.misalignment(write("village.toi", ORDERS))
    (row,) = result.rows.to_pylist()
    assert row["area"] == "Village"
    assert row["agents"] == 10
    assert row["misalignment"] == pytest.approx(1 - (16 + 9 + 4 + 1) / 100, abs=1e-15)


def test_orders_conflict_by_the_pairs_that_they_rank_apart(write: Write) -> None:
    # place of Ann, Bob, Cem and Zoë in each ballot, the unranked tied behind
    ballots = [(4, (0, 1, 2, 3)), (3, (2, 1, 1, 0)), (2, (0, 0, 1, 1)), (1, (1, 1, 0, 1))]

    def apart(one: tuple[int, ...], other: tuple[int, ...]) -> Fraction:
        total = Fraction(0)
        for i, j in combinations(range(4), 2):
            a, b = one[i] - one[j], other[i] - other[j]
            total += 1 if a * b < 0 else Fraction((a == 0) != (b == 0)) / 2
        return total / 6

    expected = sum(m * n * apart(a, b) for m, a in ballots for n, b in ballots) / 100
    result = ds.misalignment(write("village.toi", ORDERS), conflict="ranking")
    assert result.rows.column("misalignment").to_pylist() == [pytest.approx(float(expected))]


def test_an_alternative_is_an_area_of_categories(write: Write) -> None:
    result = ds.misalignment(write("approval.cat", CATEGORIES))
    rows = {row["area"]: row for row in result.rows.to_pylist()}
    assert rows["Ann"]["misalignment"] == pytest.approx(0.42, abs=1e-15)
    assert rows["Bob"]["misalignment"] == pytest.approx(0.18, abs=1e-15)
    assert rows["Cem"]["misalignment"] == 0
    assert rows["Cem"]["agents"] == 9  # one voter put Cem nowhere
    silent = ds.misalignment(write("approval.cat", CATEGORIES), null_goal="no-goal")
    assert silent.rows.column("no_goal_agents").to_pylist() == [0, 0, 1]


def test_many_files_are_many_areas(write: Write) -> None:
    first = write("a-1.toi", ORDERS)
    write("a-2.toi", ORDERS.replace("Village", "Town"))
    pattern = str(Path(first).parent / "a-*.toi")
    result = ds.misalignment(pattern)
    assert result.rows.column("area").to_pylist() == ["Town", "Village"]
    write("a-2.toi", ORDERS)  # the same title: told apart by their files
    assert ds.misalignment(pattern).rows.column("area").to_pylist() == ["a-1", "a-2"]
    write("b-1.cat", CATEGORIES)
    write("b-2.cat", CATEGORIES.replace("Approval", "Second"))
    result = ds.misalignment(str(Path(first).parent / "b-*.cat"))
    assert result.rows.num_rows == 6
    assert "Approval-Ann" in result.rows.column("area").to_pylist()
    with pytest.raises(PrefLibError, match="orders and of categories"):
        ds.misalignment(str(Path(first).parent / "?-1.*"))


def test_named_roles_go_before_those_of_the_format(write: Write) -> None:
    path = write("approval.cat", CATEGORIES)
    named: dict[str, Any] = {"area": "election", "goal": "category", "where": "alternative = Ann"}
    (row,) = ds.misalignment(path, **named).rows.to_pylist()
    assert (row["area"], row["agents"]) == ("Approval", 10)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "no header"),
        ("3\n1,Ann\n2,Bob\n3,Cem\n10,10,1\n10,1,2,3\n", "no header"),
        (ORDERS.split("4: 1", maxsplit=1)[0], "no ballots"),
        (ORDERS.replace("1: 3\n", "1: x\n"), "holds '1: x'"),
        (ORDERS.replace("1: 3\n", "1: 5\n"), "holds '1: 5'"),
        (ORDERS.replace("1: 3\n", "1: 3,{3,1}\n"), "holds '1: 3,{3,1}'"),
        (ORDERS.replace("1: 3\n", ""), "of 9 voters and says that there are 10"),
        (ORDERS.replace("Cem", "Ann"), "two alternatives 'Ann'"),
        (ORDERS.replace("Cem", "a>b"), "names an alternative 'a>b'"),
    ],
)
def test_files_that_do_not_keep_to_the_format(write: Write, text: str, found: str) -> None:
    with pytest.raises(PrefLibError, match=found.replace("{", r"\{")):
        open_source(write("bad.toi", text))


def test_categories_that_do_not_fit(write: Write) -> None:
    with pytest.raises(PrefLibError, match="ballot with 3 categories and names 2"):
        open_source(write("bad.cat", CATEGORIES.replace("1: {1,2},{}", "1: {1,2},{},3")))
    without = "\n".join(line for line in CATEGORIES.split("\n") if "CATEGORY NAME" not in line)
    with pytest.raises(PrefLibError, match="no categories"):
        open_source(write("bad.cat", without))


def test_text_that_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "latin.toi"
    path.write_bytes(ORDERS.encode("latin-1"))
    with pytest.raises(PrefLibError, match="not UTF-8"):
        open_source(str(path))
