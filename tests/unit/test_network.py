"""Pairs from a network: what a user can mend, notes, the command line."""

from pathlib import Path
from typing import Any

import pytest

import dissensus as ds
from dissensus.cli import app
from dissensus.errors import DissensusError

VOTES: dict[str, Any] = {
    "agent": [1, 2, 3, 4],
    "party": ["A", "A", "B", "B"],
    "goal": ["yes", "yes", "no", "yes"],
}
EDGES: dict[str, Any] = {"agent_a": [1, 1, 3, 4], "agent_b": [2, 3, 4, 2], "weight": [1, 2, 1, 1]}
COUNTS: dict[str, Any] = {"goal": ["yes", "no"], "n": [3, 1]}


def edges(**columns: Any) -> dict[str, Any]:
    return {**EDGES, **columns}


WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "other columns": ({"from": [1], "to": [2]}, {}, "columns 'from', 'to'", "'agent_a'"),
    "weights below 0": (edges(weight=[1, -1, 1, 1]), {}, "weight", ""),
    "agents of another type": (
        edges(agent_a=[*"1134"], agent_b=[*"2342"]),
        {},
        "agents are Int64 in the data and String in pairs",
        "both as text",
    ),
    "an edge with one end": (
        edges(agent_b=[2, None, 4, 2]),
        {},
        "without one of its agents",
        "leave",
    ),
    "nobody of the data": (
        {"agent_a": [7], "agent_b": [8]},
        {},
        "1 edges, of which none joins",
        "'7', '8'",
    ),
    "groups": (EDGES, {**COUNTS, "count": "n"}, "without agents", "leave out pairs"),
    "absent members": (
        EDGES,
        {
            **VOTES,
            "area": [*"pppp"],
            "roster": {"agent": [1, 2, 3, 4], "area": [*"pppp"]},
            "absent": "no-goal",
        },
        "absent members of some areas",
        "outside",
    ),
    "absent members over a column": (
        EDGES,
        {**VOTES, "roster": {"agent": [1, 2, 3, 4]}, "absent": "no-goal", "over": "party"},
        "over a column while absent",
        "where=",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_user_can_mend(case: str) -> None:
    pairs, given, found, mend = WRONG[case]
    rows = {name: value for name, value in (given or VOTES).items() if isinstance(value, list)}
    options = {name: value for name, value in given.items() if name not in rows}
    with pytest.raises(DissensusError) as caught:
        ds.misalignment(rows, pairs=pairs, **options)
    assert found in caught.value.found
    assert mend in caught.value.mend


def test_agents_of_several_columns_and_names_of_their_own() -> None:
    rows = {"house": [1, 1, 2, 2], "seat": [1, 2, 1, 2], "goal": ["yes", "no", "no", "no"]}
    pairs = {"house_a": [1, 1], "seat_a": [1, 1], "house_b": [1, 2], "seat_b": [2, 1]}
    found = ds.misalignment(rows, agent=["house", "seat"], pairs=pairs).tables["network"]
    assert found["network_misalignment"].to_pylist() == [1.0]
    assert found["edges"].to_pylist() == [2]
    voters = {"voter": [1, 2], "goal": ["yes", "no"]}
    found = ds.misalignment(voters, agent="voter", pairs={"voter_a": [1], "voter_b": [2]})
    assert found.tables["network"]["network_misalignment"].to_pylist() == [1.0]


def test_wide_tables_and_several_areas() -> None:
    rows = {"agent": [1, 2, 3], "q1": ["a", "b", "b"], "q2": ["a", "a", None]}
    pairs = {"agent_a": [1, 2], "agent_b": [2, 3]}
    found = ds.misalignment(rows, wide=["q1", "q2"], pairs=pairs)
    assert found.tables["area_network"]["network_misalignment"].to_pylist() == [0.5, 0.0]
    assert found.tables["area_network"]["edges"].to_pylist() == [2, 1]
    assert found.tables["network"]["network_misalignment"].to_pylist() == [0.25]
    weighted = ds.misalignment(
        rows, wide=["q1", "q2"], pairs=pairs, area_weights={"q1": 3, "q2": 1}
    )
    assert weighted.tables["network"]["network_misalignment"].to_pylist() == [0.375]


def test_random_pairs_stand_over_the_same_areas() -> None:
    rows = {"agent": [1, 2, 3, 4], "area": [*"ppqq"], "goal": ["a", "b", "c", "c"]}
    (row,) = (
        ds.misalignment(rows, pairs={"agent_a": [1], "agent_b": [2]}, sampling="distinct-pairs")
        .tables["network"]
        .to_pylist()
    )
    assert (row["areas"], row["misalignment"], row["network_misalignment"]) == (1, 1.0, 1.0)


def test_other_questions_say_where_to_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "votes.csv").write_text("agent,party,goal\n1,A,yes\n2,B,no\n")
    (tmp_path / "edges.csv").write_text("agent_a,agent_b\n1,2\n")
    (tmp_path / "study.toml").write_text(
        'schema = "dissensus/study/1"\n[data]\nsource = "votes.csv"\n'
        '[measure]\npairs = "edges.csv"\nby = "party"\n'
    )

    def run(*words: str) -> tuple[str, str]:
        monkeypatch.setattr("sys.argv", ["dissensus", *words])
        with pytest.raises(SystemExit):
            app.run()
        out, err = capfd.readouterr()
        return out, err

    study = str(tmp_path / "study.toml")
    out, _ = run("between", study, "--table", "network", "--format", "csv")
    assert "edges,network_misalignment" in out
    assert "A,B,1,1" in out
    _, err = run("explain", study)
    assert "pairs from a network asked of explain" in err
