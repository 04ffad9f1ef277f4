"""Published and independently computed answers on the data that ships, or that tests carry."""

from csv import DictReader
from fractions import Fraction
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests import oracle

import dissensus as ds

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def senate():
    return ds.example("us-senate").folder


@pytest.fixture(scope="module")
def town():
    return ds.example("bowling-green").folder


def records(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(DictReader(file))


def test_senate_parties(senate):
    """Mean over the roll calls of M between the parties; abstentions are no goal."""
    result = ds.between(
        senate / "votes.parquet",
        no_goal="abstain",
        roster=senate / "members.parquet",
        roster_on="congress",
        by="party",
        over="congress",
        where="party in (Democrat, Republican)",
    )
    values = dict(
        zip(
            result.tables["overall"]["congress"].to_pylist(),
            result.tables["overall"]["misalignment"].to_pylist(),
            strict=True,
        )
    )
    assert {k: round(v, 3) for k, v in values.items()} == {97: 0.396, 107: 0.447, 117: 0.688}
    assert values == pytest.approx(senate_by_hand(senate), rel=1e-12)


def senate_by_hand(folder):
    """The same from the rows, in exact fractions."""

    members = {
        (row["congress"], row["agent"]): row["party"]
        for row in pq.read_table(folder / "members.parquet").to_pylist()
    }
    counts = {}
    for row in pq.read_table(folder / "votes.parquet").to_pylist():
        party = members[row["congress"], row["agent"]]
        if party in ("Democrat", "Republican"):
            cell = counts.setdefault((row["congress"], row["area"]), {})
            votes = cell.setdefault(party, {})
            votes[row["goal"]] = votes.get(row["goal"], 0) + 1
    values = {}
    for (congress, _), cell in counts.items():
        a, b = cell["Democrat"], cell["Republican"]
        met = a.get("yea", 0) * b.get("nay", 0) + a.get("nay", 0) * b.get("yea", 0)
        values.setdefault(congress, []).append(Fraction(met, sum(a.values()) * sum(b.values())))
    return {congress: float(oracle.mean(listed)) for congress, listed in values.items()}


HOLDERS_ONLY = {"agree": "agree", "disagree": "disagree", "pass": "outside"}
VALID_VOTES = {"remain": "remain", "leave": "leave", "no valid vote": "outside"}
SEGMENTS = {"(all)": (), "region": "region", "counting_area": "counting_area_code"}
READINGS = {
    "pass is outside": (
        {"goal_map": HOLDERS_ONLY},
        0.246,
        3,
    ),
    "pass is no goal": ({"no_goal": "pass"}, 0.0964, 4),
    "unseen is no goal too": ({"no_goal": "pass", "absent": "no-goal"}, 0.0053, 4),
}


@pytest.mark.parametrize("reading", READINGS)
def test_one_conversation_under_three_readings(town, reading):
    options, expected, digits = READINGS[reading]
    result = ds.misalignment(
        town / "votes.parquet", roster=town / "participants.parquet", **options
    )
    (value,) = result.tables["overall"]["misalignment"].to_pylist()
    assert round(value, digits) == expected


def test_readings_table_holds_all_three(town):
    """Whatever is asked, the other readings stand beside it."""
    result = ds.misalignment(
        town / "votes.parquet", roster=town / "participants.parquet", no_goal="pass"
    )
    readings = result.tables["readings"]
    values = [round(value, 4) for value in readings["misalignment"].to_pylist()]
    assert values == [0.246, 0.0964, 0.0053]
    assert readings["is_current"].to_pylist() == [False, True, False]


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("p_electorate", {"no_goal": "no valid vote"}),
        (
            "p_valid_votes",
            {"goal_map": VALID_VOTES},
        ),
    ],
)
def test_brexit(column, options):
    """The United Kingdom, 12 regions, 382 counting areas: electorate and valid votes."""
    counts = ds.example("brexit").folder / "counts.csv"
    expected = {}
    for row in records(DATA / "brexit" / "reference.csv"):
        expected.setdefault(row["segment"], []).append(float(row[column]))
    for segment, by in SEGMENTS.items():
        result = ds.misalignment(counts, count="count", by=by, **options)
        values = result.rows["misalignment"].to_pylist()
        assert sorted(values) == pytest.approx(sorted(expected[segment]), rel=1e-12)
        assert len(values) == len(expected[segment])


@pytest.mark.parametrize(
    ("column", "options"),
    [
        ("p_cross_electorate", {"no_goal": "no valid vote"}),
        (
            "p_cross_valid",
            {"goal_map": VALID_VOTES},
        ),
    ],
)
def test_brexit_between_regions(column, options):
    """All 66 pairs of regions; the reference has 12 digits."""
    counts = ds.example("brexit").folder / "counts.csv"
    expected = {
        frozenset((row["region_a"], row["region_b"])): float(row[column])
        for row in records(DATA / "brexit" / "reference_cross_regions.csv")
    }
    result = ds.between(counts, count="count", by="region", **options)
    values = {
        frozenset((row["region_a"], row["region_b"])): row["misalignment"]
        for row in result.rows.to_pylist()
    }
    assert values == pytest.approx(expected, abs=1e-12)


HOLDINGS = DATA / "realomat" / "holdings.csv"


def test_parties_and_models_per_thesis():
    """Everyone, parties, models, and a party with a model, per thesis; 12 digits."""
    rows = records(DATA / "realomat" / "reference_areas.csv")
    asked = {"null_goal": "no-goal"}
    everyone = ds.misalignment(HOLDINGS, **asked).rows.to_pylist()
    by_kind = ds.misalignment(HOLDINGS, by="kind", **asked).rows.to_pylist()
    across = ds.between(HOLDINGS, by="kind", **asked).rows.to_pylist()
    kinds = {(row["area"], row["kind"]): row["misalignment"] for row in by_kind}
    party, model = sorted({row["kind"] for row in by_kind}, key=lambda kind: kind != "party")
    for row in rows:
        area = row["area"]
        one = next(other for other in everyone if other["area"] == area)
        pair = next(other for other in across if other["area"] == area)
        assert one["misalignment"] == pytest.approx(float(row["p_all"]), abs=1e-12)
        assert one["no_goal_agents"] == int(row["g0"])
        assert kinds[area, party] == pytest.approx(float(row["p_parties"]), abs=1e-12)
        assert (kinds[area, model] or 0) == pytest.approx(float(row["p_llms"]), abs=1e-12)
        assert pair["misalignment"] == pytest.approx(float(row["p_cross_party_llm"]), abs=1e-12)


def agent_pairs(data, **options):
    """Overall values of each pair of agents, each a segment of its own."""
    result = ds.between(data, **options)
    return result.tables["overall"].to_pylist()


def test_a_party_with_few_positions_is_not_the_closest(tmp_path):
    """The party with 7 of 20 positions is nobody's best match by misalignment among holders."""
    rows = records(HOLDINGS)
    named = {
        "who": [row["agent"] for row in rows],
        "agent": [row["agent"] for row in rows],
        "area": [row["area"] for row in rows],
        "goal": [row["goal"] or None for row in rows],
    }
    positions = {}
    for row in rows:
        positions[row["agent"]] = positions.get(row["agent"], 0) + bool(row["goal"])
    few = min(positions, key=positions.get)
    assert positions[few] == 7
    pairs = agent_pairs(named, by="who", null_goal="no-goal")
    models = {who for who in positions if who.startswith("llm:")}
    closest_by_value = set()
    for model in models:
        parties = [
            row
            for row in pairs
            if model in (row["who_a"], row["who_b"])
            and {row["who_a"], row["who_b"]} - {model} <= set(positions) - models
        ]
        closest = min(parties, key=lambda row: row["conditional_misalignment"])
        assert few not in (closest["who_a"], closest["who_b"])
        lowest = min(parties, key=lambda row: row["misalignment"])
        closest_by_value |= {lowest["who_a"], lowest["who_b"]}
        shown = next(row for row in parties if few in (row["who_a"], row["who_b"]))
        assert shown["participation"] <= 7 / 20
    # silence makes it look close by the plain value: that is why participation stands beside
    assert few in closest_by_value


def test_a_model_that_never_answers_is_nobodys_best_aligned():
    folder = ds.example("political-compass").folder
    pairs = agent_pairs(
        folder / "answers.parquet",
        by="model",
        no_goal="no clear answer",
        conflict="ordinal",
        level="level",
    )
    silent = "gpt-4-1106-preview"
    with_it = [row for row in pairs if silent in (row["model_a"], row["model_b"])]
    assert len(with_it) == 9
    for row in with_it:
        assert row["misalignment"] == 0
        assert row["participation"] == 0
        assert row["conditional_misalignment"] is None
