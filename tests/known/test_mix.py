"""Adding agents: by hand, at the ends, and against populations that are really merged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dissensus as ds
from dissensus.errors import DissensusError
from dissensus.measure.mixing import mixed, peak
from dissensus.study.shipped import examples

PEOPLE = {"agent": [1, 2, 3, 4], "goal": list("aabb"), "city": list("xxyy")}
BOTS = {"agent": [1, 2], "goal": list("aa")}


def test_by_hand():
    result = ds.mix(PEOPLE, add=BOTS, by="city", steps=4)
    rows = [row for row in result.rows.to_pylist() if row["scope"] == "everyone"]
    # (1 - t)^2 / 2 + 2 t (1 - t) / 2
    expected = [(1 - t) ** 2 / 2 + t * (1 - t) for t in (0, 0.25, 0.5, 0.75, 1)]
    assert [row["misalignment"] for row in rows] == pytest.approx(expected)
    blocks = {row["city"]: row for row in result.tables["blocks"].to_pylist()}
    assert (blocks[None]["peak_share"], blocks[None]["peak_misalignment"]) == (0, 0.5)
    assert blocks["x"]["peak_share"] == 0
    assert (blocks["y"]["peak_share"], blocks["y"]["peak_misalignment"]) == (0.5, 0.5)
    assert blocks["y"]["excess"] == 2


def test_split_is_the_same_as_two_files():
    rows = {
        "agent": [1, 2, 3, 4, 5, 6],
        "goal": list("aabbaa"),
        "kind": ["human"] * 4 + ["AI"] * 2,
    }
    split = ds.mix(rows, split={"kind": "AI"}, steps=3)
    apart = ds.mix(PEOPLE, add=BOTS, steps=3)
    assert split.rows["misalignment"].to_pylist() == apart.rows["misalignment"].to_pylist()
    both = ds.mix(rows, split={"kind": "AI"}, by="kind", steps=3)
    assert set(both.tables["blocks"]["kind"].to_pylist()) == {None, "human"}


def test_silent_agents_lower_the_value_and_not_the_conditional_one():
    result = ds.mix(PEOPLE, add={"agent": [1], "goal": ["-"]}, no_goal="-", steps=2)
    assert result.rows["misalignment"].to_pylist() == [0.5, 0.125, 0]
    assert result.rows["conditional_misalignment"].to_pylist() == [0.5, 0.5, None]
    assert result.rows["participation"].to_pylist() == [1, 0.5, 0]


def test_before_and_after():
    later = {"agent": [1, 2, 3, 4], "goal": list("aaab"), "city": list("xxyy")}
    result = ds.mix(PEOPLE, add=BOTS, after=later, steps=2, by="city")
    row = result.tables["overall"].to_pylist()[1]
    assert row["misalignment"] == pytest.approx(0.375)
    assert row["misalignment_after"] == pytest.approx(0.25 * 0.375 + 0.5 * 0.25)
    assert row["change_by_adding"] == pytest.approx(-0.125)
    assert row["change_by_adding"] + row["change_by_goals"] == pytest.approx(row["whole_change"])
    cities = [one for one in result.tables["blocks"].to_pylist() if one["city"] == "y"]
    assert cities[0]["own_after"] == 0.5


def test_after_with_a_split_leaves_out_the_added():
    rows = {"agent": [1, 2, 3], "goal": list("aba"), "kind": ["h", "h", "AI"]}
    later = {"agent": [1, 2, 3], "goal": list("aab"), "kind": ["h", "h", "AI"]}
    result = ds.mix(rows, split={"kind": "AI"}, after=later, steps=1)
    assert result.tables["blocks"]["own_after"].to_pylist() == [0]
    assert result.tables["blocks"]["cross_after"].to_pylist() == [0]


GOALS = st.lists(st.sampled_from("abc-"), min_size=1, max_size=8)


@settings(max_examples=30, deadline=None)
@given(GOALS, GOALS)
def test_a_mix_is_the_merged_population(ours, theirs):
    if set(ours) == {"-"} or set(theirs) == {"-"}:
        return
    conflict = {("a", "b"): 1, ("a", "c"): 0.25, ("b", "c"): 0.5}
    options = {"no_goal": "-", "conflict": conflict, "no_goal_conflict": 0.125}
    result = ds.mix(
        {"agent": list(range(len(ours))), "goal": ours},
        add={"agent": list(range(len(theirs))), "goal": theirs},
        goal_set=["a", "b", "c"],
        steps=len(ours) + len(theirs),
        **options,
    )
    whole = ds.misalignment(
        {"agent": list(range(len(ours + theirs))), "goal": ours + theirs},
        goal_set=["a", "b", "c"],
        **options,
    )
    row = result.rows.to_pylist()[len(theirs)]
    expected = whole.rows.to_pylist()[0]
    for name in ("misalignment", "conditional_misalignment", "participation"):
        assert row[name] == pytest.approx(expected[name], abs=1e-12)


@given(*(st.floats(0, 1) for _ in range(3)))
def test_the_peak_is_the_largest_value(own, cross, added):
    share, value = peak(own, cross, added)
    grid = mixed(np.linspace(0, 1, 101), own, cross, added)
    assert value >= grid.max() - 1e-9
    assert 0 <= share <= 1


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, "neither add nor split"),
        ({"add": BOTS, "split": {"city": "x"}}, "together"),
        ({"split": {"city": "z"}}, "nobody has city 'z'"),
        ({"split": {"city": "x", "goal": "a"}}, "one column and one value"),
        ({"add": BOTS, "steps": 0}, "steps"),
        ({"add": {"agent": [1], "area": ["p"], "goal": ["a"]}}, "has none"),
    ],
)
def test_what_can_be_mended(options, found):
    with pytest.raises(DissensusError, match=found):
        ds.mix(PEOPLE, **options)


def test_new_goals_are_named():
    result = ds.mix(PEOPLE, add={"agent": [1], "goal": ["A"]}, steps=1)
    assert "goals that nobody else does: 'A'" in " ".join(result.summary["notes"])


@pytest.mark.parametrize("example", examples(), ids=lambda one: one.name)
def test_every_example(example):
    from dissensus.study.questions import ask
    from dissensus.study.study_file import options_with

    options = options_with(example.study, {"salience": None})
    name = options.measure.by[0]
    segments = ask("misalignment", options).tables["overall"][name].to_pylist()
    value = next(v for v in segments if v is not None)
    result = ask(
        "mix", options_with(example.study, {"salience": None, "split": {name: value}, "steps": 2})
    )
    first = {
        (row.get(options.measure.over), row["scope"], row[name]): row
        for row in result.tables["blocks"].to_pylist()
    }
    for row in result.tables["overall"].to_pylist():
        block = first[row.get(options.measure.over), row["scope"], row[name]]
        if row["misalignment"] is not None and row["added_share"] == 0:
            assert row["misalignment"] == pytest.approx(block["own_misalignment"], abs=1e-12)
            assert row["misalignment"] <= block["peak_misalignment"] + 1e-12
