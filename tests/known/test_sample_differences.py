"""Differences, winners and excess of samples, through the public questions."""

import numpy as np
import pandas as pd
import pytest

import dissensus as ds
from dissensus.measure.uncertainty.areas import influence_in_areas
from dissensus.measure.uncertainty.comparing import excess_test, false_discoveries

EXCLUSIVE = 1 - np.eye(2)


def answers(n=300, areas=3, seed=2):
    """Agents that lean one way in all areas, so that their answers go together."""
    rng = np.random.default_rng(seed)
    lean = rng.normal(0, 1, n)
    frame = pd.DataFrame({"agent": np.arange(n), "party": np.where(lean > 0.4, "A", "B")})
    for i in range(areas):
        held = lean + rng.normal(0, 0.7, n) > 0.5 - 0.1 * i
        frame[f"q{i}"] = np.where(held, "yes", "no")
    return frame


def test_areas_on_the_same_agents_err_together():
    frame = answers()
    result = ds.misalignment(frame, wide="q*", design="sample", differences="areas")
    found = result.tables["differences"].to_pylist()
    held = np.stack([(frame[f"q{i}"] == "yes").astype(int) for i in range(3)], axis=1)
    values, pull = influence_in_areas(held, [EXCLUSIVE] * 3)
    assert [(row["area_first"], row["area_second"]) for row in found] == [
        ("q0", "q1"),
        ("q0", "q2"),
        ("q1", "q2"),
    ]
    for row, (a, b) in zip(found, [(0, 1), (0, 2), (1, 2)], strict=True):
        assert row["difference"] == pytest.approx(values[a] - values[b])
        together = np.sum((pull[:, a] - pull[:, b]) ** 2) ** 0.5
        apart = np.sum(pull[:, a] ** 2 + pull[:, b] ** 2) ** 0.5
        assert row["standard_error"] == pytest.approx(together, rel=0.05)
        assert row["standard_error"] < 0.9 * apart
    kept, adjusted = false_discoveries([row["p_value"] for row in found])
    assert [row["is_found"] for row in found] == kept.tolist()
    assert [row["adjusted_p_value"] for row in found] == pytest.approx(adjusted.tolist())


def test_an_area_and_its_copy_do_not_differ():
    frame = answers(areas=1).assign(q1=lambda f: f.q0)
    result = ds.misalignment(frame, wide="q*", design="sample", differences="areas")
    row = result.tables["differences"].to_pylist()[0]
    assert row["difference"] == 0
    assert row["p_value"] is None or row["p_value"] > 0.99


def test_segments_are_apart_and_years_of_a_panel_are_not():
    frame = answers(areas=1)
    segments = ds.misalignment(
        frame, goal="q0", by="party", design="sample", differences="segments"
    )
    row = segments.tables["differences"].to_pylist()[0]
    errors = [r["standard_error"] for r in segments.rows.to_pylist()]
    assert row["standard_error"] == pytest.approx(np.hypot(*errors), rel=0.03)
    later = frame.assign(year=2, q0=np.where(frame.agent % 20 == 0, "yes", frame.q0))
    panel = pd.concat([frame.assign(year=1), later])
    years = ds.misalignment(panel, goal="q0", over="year", design="sample", differences="over")
    change = years.tables["differences"].to_pylist()[0]
    alone = [r["standard_error"] for r in years.tables["overall"].to_pylist()]
    assert change["standard_error"] < 0.6 * np.hypot(*alone)
    assert (change["year_first"], change["year_second"]) == (1, 2)


def test_the_set_of_the_widest_areas():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"agent": np.arange(400)})
    for name, share in (("even", 0.5), ("nearly even", 0.52), ("settled", 0.95)):
        frame[name] = np.where(rng.random(400) < share, "yes", "no")
    areas = ["even", "nearly even", "settled"]
    result = ds.misalignment(frame, wide=areas, design="sample", differences="areas")
    rows = {row["area"]: row for row in result.rows.to_pylist()}
    assert [rows[a]["is_possibly_highest"] for a in areas] == [True, True, False]
    assert [rows[a]["is_possibly_lowest"] for a in areas] == [False, False, True]


def test_the_set_of_the_closest_segments_stands_in_the_means():
    frame = answers(areas=2)
    result = ds.misalignment(frame, wide="q*", by="party", design="sample", differences="segments")
    rows = result.tables["overall"].to_pylist()
    assert rows[0]["is_possibly_lowest"] is None
    assert {row["is_possibly_lowest"] for row in rows[1:]} == {True, False}


def test_pairs_in_several_areas():
    frame = answers()
    result = ds.between(
        frame, wide="q*", by="party", design="sample", differences="areas", threshold=0.5
    )
    assert result.tables["differences"].num_rows == 3
    row = result.tables["overall"].to_pylist()[0]
    assert row["interval_low"] < row["misalignment"] < row["interval_high"]
    assert 0 <= row["exceedance_probability"] <= 1


def test_excess_is_tested_by_shuffling():
    frame = answers(areas=1)
    result = ds.between(frame, goal="q0", by="party", design="sample", excess_test=True)
    row = result.rows.to_pylist()[0]
    counts = [[(frame.q0[frame.party == p] == g).sum() for g in ("no", "yes")] for p in "AB"]
    excess, p_value = excess_test(*counts, EXCLUSIVE)
    assert row["excess"] == pytest.approx(excess)
    assert row["excess_p_value"] == pytest.approx(p_value)
    weighted = ds.between(
        frame.assign(w=1.5), goal="q0", by="party", weight="w", design="sample", excess_test=True
    )
    row = weighted.rows.to_pylist()[0]
    assert row["excess_p_value"] is None
    assert "cannot be dealt" in dict(row["reasons"])["excess_p_value"]


def test_agents_that_are_not_told_apart_have_a_reason():
    frame = answers().drop(columns="agent")
    result = ds.misalignment(frame, wide="q*", design="sample", differences="areas")
    mean = result.tables["overall"].to_pylist()[0]
    assert mean["standard_error"] is None
    assert "not told apart" in dict(mean["reasons"])["standard_error"]
    assert result.tables["differences"].to_pylist()[0]["p_value"] is None


def test_candidates_that_cannot_be_told_from_the_best():
    rng = np.random.default_rng(8)
    counts = {"a": 102, "b": 98, "c": 50}
    goals = np.repeat(list(counts), list(counts.values()))
    frame = pd.DataFrame({"agent": np.arange(250), "goal": rng.permutation(goals)})
    result = ds.target(frame, design="sample")
    rows = {row["candidate"]: row for row in result.rows.to_pylist()}
    # M = 1 - p: the difference of two is that of two shares, the cited formula of a multinomial
    p = {goal: count / 250 for goal, count in counts.items()}
    for one, other in (("a", "b"), ("a", "c")):
        variance = (p[one] + p[other] - (p[one] - p[other]) ** 2) / 250
        score = (p[one] - p[other]) / variance**0.5
        assert (score > 2.5) == (not rows[other]["is_indistinguishable"])
    assert rows["a"]["is_best"]
    assert rows["a"]["is_indistinguishable"]
    assert "is_indistinguishable" not in ds.target(frame).rows.column_names


def test_candidates_over_areas_follow_the_same_agents():
    frame = answers(400)
    candidates = {"agent": ["x", "x", "y", "y", "z"], "area": ["q0", "q1", "q0", "q1", "q0"]}
    candidates["goal"] = ["no", "no", "yes", "yes", "no"]
    data = frame.melt(["agent", "party"], var_name="area", value_name="goal")
    result = ds.target(data, by="party", candidates=candidates, design="sample")
    overall = {row["candidate"]: row for row in result.tables["overall"].to_pylist()}
    best = min(overall.values(), key=lambda row: row["conditional_misalignment"])
    assert best["is_indistinguishable"]
    assert not overall["y"]["is_indistinguishable"]
