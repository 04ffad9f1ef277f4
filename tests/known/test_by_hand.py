"""Answers on shipped data against plain counts of the raw rows, in exact fractions."""

from collections import Counter
from csv import DictReader
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests import oracle
from tests.expected import close, column

import dissensus as ds

DATA = Path(__file__).parents[1] / "data"


def exclusive(counts: Counter[str], silent: int) -> dict[str, oracle.Value]:
    """Eq. 2, by whole numbers: pairs of different goals among all pairs."""
    held = sum(counts.values())
    n = held + silent
    same = sum(count * count for count in counts.values())
    if not held:
        return dict.fromkeys(oracle.WITHIN) | {"participation": Fraction(0)}
    value = Fraction(held * held - same, n * n)
    return {
        "participation": Fraction(held, n),
        "misalignment": value,
        "conditional_misalignment": Fraction(held * held - same, held * held),
        "alignment": 1 - value,
        "compatible_share": Fraction(same, n * n),
        "no_goal_share": Fraction(n * n - held * held, n * n),
    }


@pytest.mark.parametrize("reading", ["pass outside", "pass no goal", "unseen no goal too"])
def test_bowling_green_statement_by_statement(reading: str) -> None:
    folder = ds.example("bowling-green").folder
    options: dict[str, Any] = {
        "pass outside": {"goal_map": {"agree": "agree", "disagree": "disagree", "pass": "outside"}},
        "pass no goal": {"no_goal": "pass"},
        "unseen no goal too": {"no_goal": "pass", "absent": "no-goal"},
    }[reading]
    result = ds.misalignment(
        folder / "votes.parquet", roster=folder / "participants.parquet", **options
    )
    members = pq.read_metadata(folder / "participants.parquet").num_rows
    reactions: dict[int, Counter[str]] = {}
    for row in pq.read_table(folder / "votes.parquet").to_pylist():
        reactions.setdefault(row["area"], Counter())[row["goal"]] += 1
    expected = {}
    for area, counts in reactions.items():
        passes = counts.pop("pass", 0)
        silent = {
            "pass outside": 0,
            "pass no goal": passes,
            "unseen no goal too": members - sum(counts.values()),
        }[reading]
        if sum(counts.values()) + silent:
            expected[area] = exclusive(counts, silent)
    rows = {row["area"]: row for row in result.rows.to_pylist()}
    populated = {area for area, row in rows.items() if row["agents"]}
    assert populated == set(expected)
    for area, values in expected.items():
        oracle.assert_close(rows[area], values)
    (overall,) = result.tables["overall"].to_pylist()
    means = {
        name: oracle.mean(values[name] for values in expected.values()) for name in oracle.WITHIN
    }
    oracle.assert_close(overall, means)
    assert overall["areas"] == sum(v["misalignment"] is not None for v in expected.values())


def test_brexit_place_by_place() -> None:
    """Each region and counting area has its own reference answer, not another's."""
    folder = ds.example("brexit").folder
    with (DATA / "brexit" / "reference.csv").open(newline="", encoding="utf-8") as file:
        reference = list(DictReader(file))
    for segment, by in (("region", "region"), ("counting_area", "counting_area")):
        expected = {row["group"]: row for row in reference if row["segment"] == segment}
        result = ds.misalignment(
            folder / "counts.csv", count="count", by=by, no_goal="no valid vote"
        )
        found = {row[by]: row for row in result.rows.to_pylist()}
        assert set(found) == set(expected)
        for place, row in found.items():
            told = expected[place]
            remain, leave, n = (int(told[key]) for key in ("remain", "leave", "electorate"))
            assert row["agents"] == n
            assert row["no_goal_agents"] == n - remain - leave
            values = exclusive(Counter({"remain": remain, "leave": leave}), n - remain - leave)
            oracle.assert_close(row, values)
            assert close(row["misalignment"], float(told["p_electorate"]))
            assert close(row["conditional_misalignment"], float(told["p_valid_votes"]))


def test_senate_roll_call_by_roll_call() -> None:
    """Every roll call of three congresses, within each party and between all of them."""
    folder = ds.example("us-senate").folder
    roles: dict[str, Any] = {
        "no_goal": "abstain",
        "roster": folder / "members.parquet",
        "roster_on": "congress",
        "by": "party",
        "over": "congress",
    }
    party = {
        (row["congress"], row["agent"]): row["party"]
        for row in pq.read_table(folder / "members.parquet").to_pylist()
    }
    counts: dict[tuple[int, str, str], Counter[str]] = {}
    for row in pq.read_table(folder / "votes.parquet").to_pylist():
        key = (row["congress"], row["area"], party[row["congress"], row["agent"]])
        counts.setdefault(key, Counter())[row["goal"]] += 1
    within = ds.misalignment(folder / "votes.parquet", **roles)
    rows = oracle.by_key(within.rows, ["congress", "area", "party"])
    assert set(rows) == set(counts)
    for key, goals in counts.items():
        held = Counter({goal: n for goal, n in goals.items() if goal != "abstain"})
        oracle.assert_close(rows[key], exclusive(held, goals["abstain"]))
    between = ds.between(folder / "votes.parquet", **roles)
    for row in between.rows.to_pylist():
        a, b = (counts[row["congress"], row["area"], row[f"party_{side}"]] for side in "ab")
        met = a["yea"] * b["nay"] + a["nay"] * b["yea"]
        pairs = a.total() * b.total()
        oracle.assert_close(row, {"misalignment": Fraction(met, pairs)})
    assert between.rows.num_rows == sum(
        1
        for congress, area, name in counts
        for other in ("Independent", "Republican")
        if name < other and (congress, area, other) in counts
    )


def test_models_of_the_political_compass() -> None:
    """Ten models, ordinal answers, by the distance of ranks in exact thirds."""
    folder = ds.example("political-compass").folder
    levels = ["strongly disagree", "disagree", "agree", "strongly agree"]
    result = ds.misalignment(
        folder / "answers.parquet",
        no_goal="no clear answer",
        conflict="ordinal",
        levels=levels,
        by="model",
    )
    answers: dict[tuple[str, str], list[oracle.Agent]] = {}
    for row in pq.read_table(folder / "answers.parquet").to_pylist():
        goal = None if row["goal"] == "no clear answer" else row["goal"]
        answers.setdefault((row["area"], row["model"]), []).append(oracle.Agent(goal))
    conflict = oracle.line({level: i for i, level in enumerate(levels)}, 3)
    rows = oracle.by_key(result.rows, ["area", "model"])
    assert set(rows) == set(answers)
    for key in sorted(answers)[::5]:  # every fifth: all pairs of agents take their time
        oracle.assert_close(rows[key], oracle.within(answers[key], conflict))
        assert rows[key]["agents"] == len(answers[key])
    (one, *_) = column(result.tables["overall"], "areas")
    assert one == 62
