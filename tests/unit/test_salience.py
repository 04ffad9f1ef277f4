"""Salience through the questions: what is refused, shares of attention, what a terminal shows."""

from itertools import permutations

import numpy as np
import pyarrow as pa
import pytest

import dissensus as ds
from dissensus.display.terminal import view
from dissensus.engine import checks
from dissensus.errors import DissensusError
from dissensus.measure import intensity as measure
from dissensus.measure import salience
from dissensus.measure.salience import SalienceError

TWO = {"agent": [1, 2, 3], "goal": ["a", "b", None], "care": [0.5, 0.98, None]}
MEANS = ("min", "max", "harmonic")


def refused(match: str, rows: object = TWO, question=ds.misalignment, **given: object) -> None:
    with pytest.raises(DissensusError, match=match):
        question(rows, **given)


@pytest.mark.parametrize("mean", ["geometric", "arithmetic", "min"])
@pytest.mark.parametrize(
    ("cares", "match"),
    [
        ([0.5, 1.2, 0], r"'care': 1 row without .* 1.2 \(agent 2\)"),
        ([-0.1, 85, 0], r"2 rows without .* 85 \(agent 2\); -0.1 \(agent 1\)"),
        ([0.5, None, 0], r"1 row without .* none \(agent 2\)"),
        ([0.5, float("nan"), 0], r"1 row without .* none \(agent 2\)"),
    ],
)
def test_salience_out_of_range_names_the_worst(cares, match, mean):
    refused(match, {**TWO, "care": cares}, salience="care", salience_mean=mean)


def test_salience_of_nobody_and_of_those_who_are_filtered_out_is_not_looked_at():
    rows = {**TWO, "care": [0.5, 0.98, 7.0], "kind": ["x", "x", "y"]}
    assert ds.misalignment(rows, salience="care", null_goal="no-goal").rows["intensity"][
        0
    ].as_py() == pytest.approx(2 * 0.7 / 9)
    rows["goal"] = ["a", "b", "c"]
    found = ds.misalignment(rows, salience="care", where="kind = x").rows["intensity"]
    assert found[0].as_py() == pytest.approx(0.35)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"salience": "goal"}, "as goal and as salience"),
        ({"salience": "cares"}, "no column 'cares'"),
        ({"salience": "word"}, "salience column 'word' is String"),
        ({"salience_mean": "min"}, "salience_mean='min' without salience"),
        ({"attention_shares": True}, "attention_shares=True without salience"),
        ({"salience": "care", "no_goal_conflict": 1}, "salience and no_goal_conflict"),
        ({"salience": "care", "salience_mean": "mid"}, "salience_mean: .*mid"),
        (
            {"salience": "care", "attention_shares": True, "salience_mean": "max"},
            "attention_shares with salience_mean='max'",
        ),
    ],
)
def test_options_that_do_not_go_together(given, match):
    refused(match, {**TWO, "word": ["x", "y", "z"]}, **given)


@pytest.mark.parametrize("question", [ds.explain, ds.target])
def test_questions_about_misalignment_alone(question):
    refused("salience='care' for the question", question=question, salience="care")


def test_questions_with_a_second_population():
    refused("for the question mix", question=ds.mix, add=TWO, salience="care")
    refused(
        "for the question compare", question=ds.compare, models=TWO, by="agent", salience="care"
    )


def test_too_many_distinct_saliences(monkeypatch):
    monkeypatch.setattr(checks, "LEVELS_AT_MOST", 1)
    refused("more than 1 distinct pairs", salience="care", salience_mean="min")
    monkeypatch.setattr(measure, "_LARGEST_TABLE", 1)
    monkeypatch.setattr(checks, "LEVELS_AT_MOST", 10)
    with pytest.raises(SalienceError, match="2 segments and 2 distinct saliences"):
        ds.between(
            {**TWO, "goal": ["a", "b", "pass"]},
            no_goal="pass",
            by="agent",
            where="agent < 3",
            salience="care",
            salience_mean="max",
        )


@pytest.mark.parametrize("mean", MEANS)
@pytest.mark.parametrize("levels", ["a", "b", "c"])
def test_large_areas_are_swept_cell_by_cell(monkeypatch, mean, levels):
    rng = np.random.default_rng(1)
    size = 200
    rows = pa.table(
        {
            "agent": np.arange(size),
            "area": rng.choice(["p", "q"], size),
            "goal": rng.choice(["a", "b", "c"], size),
            "care": rng.random(size).round(2),
            "group": rng.choice(["x", "y", "z"], size),
        }
    )
    scale = {"conflict": "ordinal", "levels": ["a", "b", "c"]} if levels == "a" else {}
    table = {"conflict": {("a", "b"): 0.5, ("b", "c"): 0.25}} if levels == "b" else {}
    given = {"salience": "care", "salience_mean": mean, "by": "group", **scale, **table}
    dense = ds.misalignment(rows, **given).rows["intensity"].to_pylist()
    monkeypatch.setattr(measure, "_TABLE", 0)
    monkeypatch.setattr(salience, "_TABLE", 0)
    swept = ds.misalignment(rows, **given).rows["intensity"].to_pylist()
    assert swept == pytest.approx(dense, rel=1e-12)


def attention(agents: int = 5, areas: int = 4) -> dict[str, list[object]]:
    rng = np.random.default_rng(7)
    shares = rng.dirichlet(np.ones(areas), agents)
    return {
        "agent": np.repeat(np.arange(agents), areas).tolist(),
        "area": np.tile(np.arange(areas), agents).tolist(),
        "goal": rng.choice(["a", "b", "c"], agents * areas).tolist(),
        "care": shares.ravel().tolist(),
        "group": np.repeat(["x", "x", "x", "y", "y"][:agents], areas).tolist(),
    }


def test_intensity_summed_over_areas_is_that_of_a_random_pair():
    rows = attention()
    care = np.reshape(rows["care"], (5, 4))
    goal = np.reshape(rows["goal"], (5, 4))
    pairs = [
        sum((goal[i, m] != goal[j, m]) * (care[i, m] * care[j, m]) ** 0.5 for m in range(4))
        for i, j in permutations(range(5), 2)
    ]
    given = {"salience": "care", "attention_shares": True, "sampling": "distinct-pairs"}
    result = ds.misalignment(rows, **given)
    total = result.tables["overall"]["total_intensity"][0].as_py()
    assert total == pytest.approx(np.mean(pairs), rel=1e-12)
    crossed = ds.between(rows, by="group", **given).tables["overall"]["total_intensity"]
    some = [
        sum((goal[i, m] != goal[j, m]) * (care[i, m] * care[j, m]) ** 0.5 for m in range(4))
        for i in range(3)
        for j in (3, 4)
    ]
    assert crossed[0].as_py() == pytest.approx(np.mean(some), rel=1e-12)


def test_shares_of_attention_are_checked():
    given = {"salience": "care", "attention_shares": True}
    rows = attention()
    care = list(rows["care"])
    care[0] = 1.0
    refused(r"saliences of agent 0 add up to 1\.", {**rows, "care": care}, **given)
    fewer = {name: values[:-1] for name, values in rows.items()}
    refused("not all agents are in all problem areas", fewer, **given)
    refused("attention_shares and area_weights", rows, area_weights={"0": 1}, **given)
    groups = {"goal": ["a", "b"], "number": [1, 2], "care": [1, 1]}
    refused("attention_shares of rows without agents", groups, count="number", **given)
    roster = {"agent": list(range(5))}
    result = ds.misalignment(fewer, roster=roster, absent="no-goal", **given)
    assert result.tables["overall"]["total_intensity"][0].as_py() > 0


def test_terminal_shows_intensity_and_orders_by_it(capsys):
    from rich.console import Console

    study = ds.example("cars")
    result = ds.misalignment(study.folder / "cars.csv", salience="care", sampling="distinct-pairs")
    Console(width=80).print(view(result))
    text = capsys.readouterr().out
    assert "weighed by how much they care, the intensity is 0.106" in " ".join(text.split())
    assert "how much anyone cares" not in text
    widest, closest = text.split("Widest")[1].split("Closest")
    assert [line.split()[0] for line in widest.splitlines() if "0.501" in line] == list("0123")
    assert [line.split()[0] for line in closest.splitlines() if "0.501" in line] == list("6457")


def test_population_is_described():
    folder = ds.example("cars").folder
    population = ds.Population(str(folder / "cars.csv"), salience="care")
    told = ds.describe(population)
    roles = dict(zip(told.rows["column"].to_pylist(), told.rows["role"].to_pylist(), strict=True))
    assert roles["care"] == "salience"
    assert told.summary["study"]["data"]["salience"] == "care"
    assert told.summary["study"]["data"]["source"].endswith("cars.csv")
