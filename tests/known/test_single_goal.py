"""Answers that follow from the definition of the measure, exact, for one goal an agent."""

from fractions import Fraction

import pytest

import dissensus as ds
from dissensus.measure.misalignment import misalignment_of_shares
from dissensus.measure.normalised import asymptotic

GRADES = {("1", "2"): 0.5, ("1", "3"): 0.9, ("2", "3"): 0.3}

# case: agents without a goal, agents of each goal, declared goals, conflict,
# value with replacement, of distinct pairs, asymptotic
TABLE = {
    "two opposed": (0, [1, 1], None, Fraction(1, 2), Fraction(1), Fraction(1)),
    "child, parent, neutral assistant": (
        1,
        [1, 1],
        None,
        Fraction(2, 9),
        Fraction(1, 3),
        Fraction(4, 9),
    ),
    "same goal": (0, [2, 0], None, Fraction(0), Fraction(0), Fraction(0)),
    "half and half": (0, [50, 50], None, Fraction(1, 2), Fraction(50, 99), Fraction(1)),
    "30, 30 and 40 without": (
        40,
        [30, 30],
        None,
        Fraction(9, 50),
        Fraction(2, 11),
        Fraction(9, 25),
    ),
    "3 equal": (0, [33, 33, 33], None, Fraction(2, 3), Fraction(33, 49), Fraction(1)),
    "4 equal": (0, [2, 2, 2, 2], None, Fraction(3, 4), Fraction(6, 7), Fraction(1)),
    "one goal only": (0, [4], None, Fraction(0), Fraction(0), None),
    "graded": (10, [20, 30, 40], GRADES, Fraction(69, 250), Fraction(46, 165), Fraction(207, 500)),
}


def asked(case, **options):
    without, held, grades, *_ = TABLE[case]
    goals = [str(i) for i in range(1, len(held) + 1)]
    rows = {"goal": ["none", *goals], "n": [without, *held]}
    return ds.misalignment(
        rows,
        count="n",
        no_goal="none",
        goal_set=goals,
        conflict=grades or "exclusive",
        **options,
    ).rows.to_pylist()[0]


@pytest.mark.parametrize("case", TABLE)
def test_with_replacement(case):
    expected = TABLE[case][3]
    row = asked(case)
    assert row["misalignment"] == pytest.approx(float(expected), rel=1e-15, abs=0)
    assert row["alignment"] == pytest.approx(float(1 - expected), rel=1e-15)


@pytest.mark.parametrize("case", TABLE)
def test_distinct_pairs(case):
    row = asked(case, sampling="distinct-pairs")
    assert row["misalignment"] == pytest.approx(float(TABLE[case][4]), rel=1e-15, abs=0)


@pytest.mark.parametrize("case", TABLE)
def test_asymptotic(case):
    expected = TABLE[case][5]
    row = asked(case, normalise="asymptotic")
    if expected is None:
        assert row["asymptotic"] is None
        assert "fewer than two goals" in dict(row["reasons"])["asymptotic"]
    else:
        assert row["asymptotic"] == pytest.approx(float(expected), rel=1e-15, abs=0)


def test_nobody_has_a_goal():
    """No goal is held: the formula gives 0, and the result says that it is no problem area."""
    assert misalignment_of_shares([0.0, 0.0], [[0, 1], [1, 0]]) == 0
    assert asymptotic(0.0, 2) == 0
    rows = {"agent": [1, 2, 3, 4, 5, 6], "area": list("xxxxxy"), "goal": ["none"] * 5 + ["a"]}
    silent, _ = ds.misalignment(rows, no_goal="none").rows.to_pylist()
    assert silent["misalignment"] is None
    assert "not one of its problem areas" in dict(silent["reasons"])["misalignment"]
    assert silent["participation"] == 0


def test_conditional():
    """30, 30 and 40 without: 1/2 among holders with replacement, 30/59 of distinct pairs."""
    case = "30, 30 and 40 without"
    assert asked(case)["conditional_misalignment"] == 0.5
    distinct = asked(case, sampling="distinct-pairs")["conditional_misalignment"]
    assert distinct == pytest.approx(30 / 59, rel=1e-15)


def test_silence_is_not_agreement():
    """90 % without a goal, 5 % each side: .005, and .5 among those with a goal."""
    rows = {"goal": ["none", "a", "b"], "n": [90, 5, 5]}
    (row,) = ds.misalignment(rows, count="n", no_goal="none").rows.to_pylist()
    assert row["misalignment"] == pytest.approx(0.005, rel=1e-15)
    assert row["conditional_misalignment"] == 0.5


def test_teams():
    """Teams AAB, AAB, BBB: 40/81 = 8/81 within + 32/81 between; mean within 8/27."""
    rows = {"agent": list(range(9)), "team": list("111222333"), "goal": list("AABAABBBB")}
    whole = ds.misalignment(rows).rows["misalignment"][0].as_py()
    within = ds.misalignment(rows, by="team").rows["misalignment"].to_pylist()
    between = ds.between(rows, by="team").rows["misalignment"].to_pylist()
    assert whole == pytest.approx(40 / 81, rel=1e-15)
    assert sum(value / 9 for value in within) == pytest.approx(8 / 81, rel=1e-15)
    assert sum(2 * value / 9 for value in between) == pytest.approx(32 / 81, rel=1e-15)
    assert sum(within) / 3 == pytest.approx(8 / 27, rel=1e-15)


def test_half_without_goals():
    """Half without goals, the other half split evenly: V .125, mean within .25."""
    rows = {
        "group": ["silent", "split", "split"],
        "goal": ["none", "a", "b"],
        "n": [100, 50, 50],
    }
    whole = ds.misalignment(rows, count="n", no_goal="none").rows["misalignment"][0].as_py()
    split = ds.misalignment(rows, count="n", no_goal="none", by="group").rows.to_pylist()
    assert whole == 0.125
    # nobody in the silent half holds a goal: by the formula it adds nothing
    assert [row["misalignment"] for row in split] == [None, 0.5]
    assert whole - (0 + 0.5) / 2 == -0.125


def test_two_halves_conflict_and_silence_does_not():
    """Between the silent half and the other: 0, with participation 0 and no conditional value."""
    rows = {"group": ["silent", "split", "split"], "goal": ["none", "a", "b"], "n": [100, 50, 50]}
    (pair,) = ds.between(rows, count="n", no_goal="none", by="group").rows.to_pylist()
    assert pair["misalignment"] == 0
    assert pair["participation"] == 0
    assert pair["conditional_misalignment"] is None


def test_one_agent_among_10_to_18():
    """Counts (10^18 - 1, 1): 2 (10^18 - 1) / 10^36, which 1 minus the squares would call 0."""
    rows = {"goal": ["a", "b"], "n": [10**18 - 1, 1]}
    exact = Fraction(2 * (10**18 - 1), 10**36)
    (row,) = ds.misalignment(rows, count="n").rows.to_pylist()
    assert row["misalignment"] == pytest.approx(float(exact), rel=1e-14, abs=0)
    assert row["agents"] == 10**18
