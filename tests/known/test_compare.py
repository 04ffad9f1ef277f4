"""Models against segments: by hand, against SciPy, and on what models and parties really said."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

import dissensus as ds
from dissensus.errors import DissensusError
from dissensus.measure.comparison import (
    jensen_shannon_similarity,
    place_between,
    wasserstein_similarity,
)

ROOM = Path(__file__).parents[1] / "data" / "realomat"
LEVELS = ["low", "mid", "high"]
PEOPLE = {
    "agent": list(range(8)),
    "goal": ["low", "low", "mid", "high", "high", "high", "high", "mid"],
    "party": list("xxxxyyyy"),
}
MODELS = {
    "agent": list(range(6)),
    "model": list("mmmmnn"),
    "goal": ["low", "mid", "mid", "high", "-", "-"],
}


def realomat():
    with (ROOM / "holdings.csv").open() as file:
        return list(csv.DictReader(file))


def columns(rows):
    return {name: [row[name] for row in rows] for name in ("agent", "area", "goal")}


def test_by_hand():
    result = ds.compare(
        PEOPLE, MODELS, model="model", by="party", conflict="ordinal", levels=LEVELS, no_goal="-"
    )
    rows = {(r["compared"], r["party"]): r for r in result.tables["overall"].to_pylist()}
    x = rows["m", "x"]
    # x is (1/2, 1/4, 1/4), m is (1/4, 1/2, 1/4); friction of x: (3/8, 3/8, 5/8)
    assert x["misalignment"] == pytest.approx(1 / 4 * 3 / 8 + 1 / 2 * 3 / 8 + 1 / 4 * 5 / 8)
    assert (x["floor"], x["ceiling"]) == (0.375, 0.625)
    assert x["place_between"] == pytest.approx(0.25)
    assert x["wasserstein_similarity"] == pytest.approx(1 - 1 / 8)
    own = 2 * (1 / 8 * 1 / 2 + 1 / 8 * 1 / 2 * 1 / 2 * 2)
    assert own > 0
    assert x["baseline"] == pytest.approx(2 * (2 * 1 * 0.5 + 2 * 1 * 1 + 1 * 0.5) / 12)
    silent = rows["n", "x"]
    assert silent["misalignment"] == 0
    assert silent["conditional_misalignment"] is None
    assert silent["jensen_shannon_similarity"] is None
    assert "no pair" in dict(silent["reasons"])["place_between"]
    assert [row["compared"] for row in result.tables["overall"].to_pylist()][:2] == ["m", "n"]


def test_excess_and_equal_distributions():
    result = ds.compare(PEOPLE, PEOPLE, model="party", by="party")
    rows = {(r["compared"], r["party"]): r for r in result.tables["overall"].to_pylist()}
    assert rows["x", "x"]["excess"] == 0
    assert rows["x", "x"]["jensen_shannon_similarity"] == 1
    assert rows["x", "x"]["misalignment"] == 0.625
    assert rows["x", "x"]["wasserstein_similarity"] is None
    assert "levels" in dict(rows["x", "x"]["reasons"])["wasserstein_similarity"]
    pair = ds.between(PEOPLE, by="party").rows["misalignment"][0].as_py()
    assert rows["x", "y"]["misalignment"] == rows["y", "x"]["misalignment"] == pair


def test_similarities_agree_with_scipy():
    rng = np.random.default_rng(3)
    for _ in range(20):
        p, q = rng.dirichlet(np.ones(5), 2)
        p[0] = 0
        p /= p.sum()
        x = rng.random(5)
        work = wasserstein_distance(x, x, p, q)
        assert wasserstein_similarity(p, q, x) == pytest.approx(1 - work)
        assert jensen_shannon_similarity(p, q) == pytest.approx(1 - jensenshannon(p, q, 2))
    assert np.isnan(jensen_shannon_similarity([np.nan, 0], [1, 0]))
    assert np.isnan(place_between(0.2, 0.2, 0.2)).all()


def test_models_and_parties():
    parties = columns([row for row in realomat() if row["kind"] == "party"])
    models = columns([row for row in realomat() if row["kind"] == "llm"])
    parties["goal"] = [goal or None for goal in parties["goal"]]
    models["goal"] = [goal or None for goal in models["goal"]]
    result = ds.mix(parties, add=models, null_goal="no-goal")
    with (ROOM / "reference_areas.csv").open() as file:
        expected = {row["area"]: row for row in csv.DictReader(file)}
    for row in result.tables["area_blocks"].to_pylist():
        known = expected[row["area"]]
        assert row["cross_misalignment"] == pytest.approx(float(known["p_cross_party_llm"]))
        assert row["own_misalignment"] == pytest.approx(float(known["p_parties"]))
        assert row["added_misalignment"] == pytest.approx(float(known["p_llms"]))
    compared = ds.compare(parties, models, null_goal="no-goal")
    area = [row for row in compared.rows.to_pylist() if row["area"] == "0"]
    assert np.mean([row["misalignment"] for row in area]) == pytest.approx(
        float(expected["0"]["p_cross_party_llm"])
    )


def test_areas_and_goals_that_do_not_match():
    people = {"agent": [1, 2, 1, 2], "area": list("ppqq"), "goal": list("abab")}
    models = {"agent": [1, 1], "area": list("qr"), "goal": ["A", "a"]}
    with pytest.raises(DissensusError, match="no goal in common"):
        ds.compare(people, models)
    models["goal"] = ["a", "a"]
    result = ds.compare(people, models)
    assert result.tables["areas"].to_pylist() == [
        {"area": "p", "in_data": True, "in_models": False},
        {"area": "q", "in_data": True, "in_models": True},
        {"area": "r", "in_data": False, "in_models": True},
    ]
    assert result.summary["areas_in_common"] == 1
    assert result.summary["areas_only_in_data"] == 1
    assert result.tables["unmatched"].to_pylist() == [{"goal": "b", "side": "data", "areas": 1}]


@pytest.mark.parametrize(
    ("models", "options", "found"),
    [
        (None, {}, "compare without models"),
        ({"agent": [1], "area": ["p"], "goal": ["low"]}, {}, "has none"),
        (MODELS, {"model": "name"}, "name"),
    ],
)
def test_what_can_be_mended(models, options, found):
    with pytest.raises(DissensusError, match=found):
        ds.compare(PEOPLE, models, **options)


def test_every_example():
    from dissensus.study.questions import ask
    from dissensus.study.shipped import examples
    from dissensus.study.study_file import options_with

    for example in examples():
        models = str(example.folder / "study.toml")
        by = {"bowling-green": "group"}.get(example.name)
        given = {"salience": None, "models": models, **({"model": [by]} if by else {})}
        options = options_with(example.study, given)
        result = ask("compare", options)
        between = ask("between", options).tables["overall"].to_pylist()
        # a directed value goes from the model to the segment
        names, over = options.measure.by, options.measure.over
        found = {
            (row.get(over), row["compared"], *(row[name] for name in names)): row["misalignment"]
            for row in result.tables["overall"].to_pylist()
            if row["scope"] == "segment"
        }
        for row in between[:50]:
            a, b = ([row[f"{name}_{side}"] for name in names] for side in "ab")
            if None in a or None in b:
                continue
            key = (row.get(over), ", ".join(map(str, a)), *b)
            assert found[key] == pytest.approx(row["misalignment"], abs=1e-12)
