"""Explain: what can be mended, what is said, and every shipped example."""

import numpy as np
import pytest

import dissensus as ds
from dissensus.errors import DissensusError
from dissensus.measure.drivers import goal_pairs
from dissensus.model.conflict import AreaConflicts
from dissensus.study.shipped import examples

ROWS = {
    "agent": [1, 2, 3, 4, 1, 2, 3, 4],
    "area": list("ppppqqqq"),
    "goal": list("aabbab-b"),
    "kind": ["human", "human", "AI", "composite"] * 2,
    "party": ["x", "x", "y", None] * 2,
}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"by": "party", "nested": True}, "nested with by"),
        ({"kind_shares": {"human": 1}}, "kind_shares without kind"),
        ({"kind": "kind", "kind_shares": {"human": 1}}, "no share for kind 'AI'"),
        ({"kind": "kind", "kind_shares": {"human": 1, "AI": 0, "bot": 0}}, "no kind|no share"),
        (
            {"kind": "kind", "kind_shares": {"human": 0.5, "AI": 0.2, "composite": 0}},
            "sum to 1",
        ),
        (
            {"kind": "kind", "kind_shares": {"human": "x", "AI": 0.2, "composite": 0}},
            "sum to 1",
        ),
        ({"kind": "sort"}, "sort"),
    ],
)
def test_what_can_be_mended(options, found):
    with pytest.raises(DissensusError, match=found):
        ds.explain(ROWS, **options)


def test_shares_without_sizes():
    rows = {"goal": list("abab"), "share": [0.5, 0.5, 0.2, 0.8], "s": list("xxyy")}
    with pytest.raises(DissensusError, match="sizes are unknown"):
        ds.explain(rows, share="share", by="s")
    one = ds.explain(rows, share="share", by="s", where="s = x")
    assert one.tables["overall"]["contribution"].to_pylist() == [0, 0.5]
    assert one.tables["overall"]["misalignment"].to_pylist() == [None, 0.5]


def test_composites_and_segments_from_answers():
    result = ds.explain(ROWS, kind="kind", by="party", segments_from_answers=True)
    notes = " ".join(result.summary["notes"])
    assert "counted twice" in notes
    assert "partly built in" in notes
    assert "counted twice" not in " ".join(ds.explain(ROWS, by="party").summary["notes"])


@pytest.mark.parametrize("question", [ds.misalignment, ds.between, ds.explain])
def test_composites_are_told_once_under_every_question(question):
    notes = question(ROWS, by="kind").summary["notes"]
    assert sum("counted twice" in note for note in notes) == 1
    alone = question(ROWS, by="kind", where="kind != composite").summary["notes"]
    assert not any("counted twice" in note for note in alone)


def test_kind_shares_from_a_table():
    table = {"id": ["human", "AI", "composite"], "share": [0.5, 0.5, 0]}
    result = ds.explain(ROWS, kind="kind", kind_shares=table)
    assert result.summary["kind_shares"] == {"AI": 0.5, "composite": 0.0, "human": 0.5}


def test_areas_without_a_goal_do_not_count():
    rows = {"agent": [1, 2, 1, 2], "area": list("ppqq"), "goal": list("ab--"), "s": list("xyxy")}
    result = ds.explain(rows, no_goal="-", by="s")
    assert result.rows["contribution"].to_pylist() == [0.5, 0, None, None]
    assert "not one of its problem areas" in dict(result.rows["reasons"][2].as_py())["contribution"]
    assert result.tables["overall"]["contribution"].to_pylist() == [0.5, 0]
    assert result.tables["overall"]["areas"].to_pylist() == [1, 1]


def test_directed_conflict_uses_both_ways():
    rows = {"agent": [1, 2], "goal": ["wolf", "sheep"], "s": ["x", "y"]}
    result = ds.explain(
        rows, by="s", conflict={("wolf", "sheep"): 1, ("sheep", "wolf"): 0}, directed=True
    )
    assert result.tables["overall"]["contribution"].to_pylist() == [0.25, 0]
    friction = {row["goal"]: row["friction"] for row in result.tables["goals"].to_pylist()}
    assert friction == {"wolf": 0.5, "sheep": 0.0}


def test_the_largest_pairs_of_very_many_goals():
    rng = np.random.default_rng(0)
    counts = rng.permutation(np.arange(1, 31))
    rows = {"goal": [str(i) for i in range(30)], "count": counts}
    from dissensus.engine.counting import count

    tally = count(ds.Population(rows, count="count")).tally
    conflicts = AreaConflicts(np.zeros(1, np.int64))
    few = goal_pairs(tally, conflicts, "with-replacement", most=5)
    every = goal_pairs(tally, conflicts, "with-replacement", most=1000)
    assert few.contribution.tolist() == every.contribution[:5].tolist()
    assert few.left_out == 30 * 29 // 2 - 5
    assert every.left_out == 0


@pytest.mark.parametrize("example", examples(), ids=lambda one: one.name)
def test_every_example(example):
    from dissensus.study.questions import ask
    from dissensus.study.study_file import options_with

    options = options_with(example.study, {"salience": None})
    result = ask("explain", options)
    whole = ask("misalignment", options).tables["overall"]
    for row in result.tables["totals"].to_pylist():
        over = options.measure.over
        value = next(
            one["misalignment"]
            for one in whole.to_pylist()
            if one["scope"] == "everyone" and (not over or one[over] == row[over])
        )
        assert row["misalignment"] == pytest.approx(value, abs=1e-12)
        for name in ("overall", "segment_pairs", "goal_pairs"):
            parts = [
                one["contribution"]
                for one in result.tables[name].to_pylist()
                if not over or one[over] == row[over]
            ]
            assert sum(parts) == pytest.approx(value, abs=1e-9)


def test_values_of_over_with_nobody_left_have_no_rows():
    votes = {
        "agent": [1, 2, 3, 4],
        "goal": ["a", "b", "a", "b"],
        "party": ["x", "y", "x", "y"],
        "year": [2000, 2000, 2004, 2004],
    }
    result = ds.explain(votes, by="party", over="year", where="year = 2004")
    for table in ("overall", "totals"):
        assert {str(year) for year in result.tables[table]["year"].to_pylist()} == {"2004"}
