"""Whom one policy can serve: answers that can be checked by hand, and by brute force."""

import numpy as np
import pytest
from scipy.optimize import linprog

import dissensus as ds
from dissensus.errors import DissensusError
from dissensus.measure.mixtures import minimax_mixtures, on_frontier
from dissensus.measure.serving import pareto_efficient
from dissensus.study.shipped import examples

COUNTS = {"goal": list("abcabc"), "count": [60, 30, 10, 10, 30, 60], "region": list("xxxyyy")}


def by_name(table, name="candidate"):
    return {row[name]: row for row in table.to_pylist()}


def test_goals_as_candidates():
    result = ds.target(COUNTS, count="count", by="region", mixtures=True)
    rows = by_name(result.rows)
    assert {name: row["misalignment"] for name, row in rows.items()} == pytest.approx(
        {"a": 0.65, "b": 0.7, "c": 0.65}
    )
    assert [name for name, row in rows.items() if row["is_best"]] == ["a", "c"]
    assert [name for name, row in rows.items() if row["is_minimax"]] == ["b"]
    assert all(row["is_efficient"] for row in rows.values())
    base = by_name(result.tables["baselines"], "region")
    assert base[None]["floor"] == pytest.approx(0.65)
    assert base["x"]["floor"] == pytest.approx(0.4)
    assert base["x"]["baseline"] == pytest.approx((1 - 0.46) * 100 / 99)
    mixed = by_name(result.tables["mixtures"], "goal")
    assert {name: row["share"] for name, row in mixed.items()} == pytest.approx(
        {"a": 0.5, "b": 0, "c": 0.5}
    )
    assert mixed["b"]["is_on_frontier"] is False
    assert mixed["a"]["largest_alone"] == pytest.approx(0.65)


def test_silence_never_wins():
    people = {"agent": [1, 2, 3, 4], "goal": list("aaab")}
    bots = {"agent": ["mute", "bold", "half", "half2"], "goal": ["-", "a", "b", "-"]}
    result = ds.target(people, candidates=bots, no_goal="-")
    rows = by_name(result.tables["overall"])
    assert rows["mute"]["candidate_place"] is None
    assert dict(rows["mute"]["reasons"])["candidate_place"] == "the candidate holds no goal here"
    assert rows["mute"]["misalignment"] == 0
    assert rows["bold"]["candidate_place"] == 1
    assert result.summary["without_goal"] == ["half2", "mute"]


def test_where_the_two_orders_differ():
    people = {"agent": [1, 2, 1, 2], "area": list("ppqq"), "goal": list("aabb")}
    bots = {"bot": list("xxyy"), "area": list("pqpq"), "goal": ["a", "a", "b", "-"]}
    result = ds.target(
        people,
        candidates=ds.Population(bots, agent="bot", area="area", goal="goal", no_goal="-"),
        no_goal="-",
    )
    rows = by_name(result.tables["overall"])
    assert (rows["x"]["misalignment"], rows["x"]["conditional_misalignment"]) == (0.5, 0.5)
    assert (rows["y"]["misalignment"], rows["y"]["conditional_misalignment"]) == (0.5, 1)
    assert (rows["x"]["candidate_place"], rows["y"]["candidate_place"]) == (1, 2)
    assert (rows["x"]["place_by_misalignment"], rows["y"]["place_by_misalignment"]) == (1, 1)
    assert result.summary["orders_differ"] == 1


def test_candidates_that_mix_goals():
    people = {"agent": [1, 2, 3, 4], "goal": list("aaab")}
    model = {"model": ["m", "m", "m", "m"], "draw": [1, 2, 3, 4], "goal": list("aabb")}
    population = ds.Population(model, agent=["model", "draw"], goal="goal")
    result = ds.target(people, candidates=population, candidate="model")
    assert result.rows["misalignment"].to_pylist() == [0.5 * 0.25 + 0.5 * 0.75]
    assert result.rows["agents"].to_pylist() == [4]


def test_an_area_with_over_and_candidates_without():
    rows = {
        "agent": [1, 2, 3, 4],
        "year": [1990, 1990, 2000, 2000],
        "area": ["q1"] * 4,
        "goal": list("aabb"),
    }
    bots = {"agent": ["m"], "area": ["q1"], "goal": ["a"]}
    result = ds.target(rows, over="year", candidates=bots, goal_set=["a", "b"])
    assert result.tables["overall"]["misalignment"].to_pylist() == [0, 1]


@pytest.mark.parametrize(
    ("bots", "options", "found"),
    [
        ({"agent": [1], "goal": ["A"]}, {}, "hold goals that nobody of the population holds: 'A'"),
        ({"agent": [1], "area": ["q"], "goal": ["a"]}, {}, "has none"),
        ({"goal": ["a"], "share": [1.0]}, {"share": "share"}, "tells them apart"),
        (None, {"candidate": "x"}, "without candidates"),
    ],
)
def test_what_can_be_mended(bots, options, found):
    people = {"agent": [1, 2], "goal": list("ab")}
    share = options.pop("share", None)
    candidates = bots
    if share:
        candidates = ds.Population(bots, share=share)
    with pytest.raises(DissensusError, match=found):
        ds.target(people, candidates=candidates, **options)


def test_no_area_in_common():
    people = {"agent": [1, 2], "area": ["p", "p"], "goal": list("ab")}
    with pytest.raises(DissensusError, match="no problem area of candidates"):
        ds.target(people, candidates={"agent": [1], "area": ["q"], "goal": ["a"]})


def test_a_scale_without_a_declared_range_is_not_moved():
    people = {"agent": [1, 2, 1, 2], "area": list("ppqq"), "goal": [1, 3, 1, 9]}
    bot = {"agent": [1], "area": ["p"], "goal": [9]}
    with pytest.raises(DissensusError, match="'9'"):
        ds.target(people, candidates=bot, conflict="interval")
    result = ds.target(people, candidates=bot, conflict="interval", range=(1, 9))
    assert result.rows["misalignment"].to_pylist() == [(1 + 0.75) / 2]


def test_pareto_by_brute_force():
    rng = np.random.default_rng(1)
    for _ in range(50):
        values = rng.integers(0, 4, (7, 3)) / 4
        expected = [
            not any((d <= c).all() and (d < c).any() for d in values.tolist() and values)
            for c in values
        ]
        assert pareto_efficient(values).tolist() == expected


def test_mixtures_beat_a_fine_grid():
    rng = np.random.default_rng(2)
    steps = (
        np.array([(a, b, 20 - a - b) for a in range(21) for b in range(21 - a)], dtype=float) / 20
    )
    for _ in range(20):
        table = rng.random((4, 3))
        found = minimax_mixtures([table], [1], [0])
        grid = (table @ steps.T).max(axis=0)
        assert found.largest[0] <= grid.min() + 1e-9
        assert found.largest[0] >= grid.min() - 0.1
        corners = on_frontier(table)
        for g in range(3):
            # strictly better for all: a programme of its own
            best = linprog(
                [0, 0, 0, -1],
                A_ub=np.column_stack([table, np.ones(4)]),
                b_ub=table[:, g],
                A_eq=[[1, 1, 1, 0]],
                b_eq=[1],
                bounds=[(0, 1)] * 3 + [(None, None)],
            )
            if -best.fun > 1e-6:
                assert not corners[g]


def test_two_areas_together_do_better_than_alone():
    tables = [[[0, 1], [1, 0]], [[0, 1], [0.2, 0]]]
    apart = minimax_mixtures(tables, [1, 1], [0, 1])
    one = minimax_mixtures(tables, [1, 1], [0, 0])
    assert one.largest[0] <= np.mean(apart.values, axis=0).max() + 1e-9
    assert apart.largest.tolist() == pytest.approx([0.5, 0.2 * 1 / 1.2])


@pytest.mark.parametrize("example", examples(), ids=lambda one: one.name)
def test_every_example(example):
    from dissensus.study.questions import ask
    from dissensus.study.study_file import options_with

    options = options_with(
        example.study, {"salience": None, "candidates": str(example.folder / "study.toml")}
    )
    if example.name == "bowling-green":
        options = options_with(example.study, {"salience": None})
    result = ask("target", options)
    pairs = result.tables["segments"]
    assert result.rows.num_rows
    assert pairs.num_rows
    low = {
        tuple(row.get(n) for n in (options.measure.over, "area")): row["floor"]
        for row in result.tables["area_baselines"].to_pylist()
        if row["scope"] == "everyone"
    }
    for row in result.rows.slice(0, 500).to_pylist():
        key = tuple(row.get(n) for n in (options.measure.over, "area"))
        if row["participation"] == 1:
            assert row["misalignment"] >= low[key] - 1e-12
