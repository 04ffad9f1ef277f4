"""Segments inside segments: a population as a tree of systems."""

import pytest

import dissensus as ds

ROWS = {
    "id": range(9),
    "country": list("nnnnnnsss"),
    "party": list("xxxyyyxxx"),
    "vote": list("AABAABBBB"),
}


def tree(data=ROWS, **more):
    return ds.system_from(
        data, agent="id", goal="vote", by=["country", "party"], nested=True, **more
    )


def test_a_tree_of_countries_of_parties_of_people() -> None:
    system = tree().system
    assert [(part.name, part.standing) for part in system.parts] == [("n", 6.0), ("s", 3.0)]
    north = system.parts[0].inner
    assert [part.name for part in north.parts] == ["x", "y"]
    assert [(p.name, p.standing) for p in north.parts[0].inner.parts] == [
        ("for A", 2.0),
        ("for B", 1.0),
    ]


def test_every_level_has_the_misalignment_of_the_population() -> None:
    found = ds.simulate(tree(), "levels")
    rows = found.rows.to_pylist()
    whole = ds.misalignment(ROWS, agent="id", goal="vote").rows["misalignment"][0].as_py()
    assert found.summary["misalignment"] == pytest.approx(whole)
    for row in rows:
        assert row["within"] + row["between"] == pytest.approx(40 / 81)
    # the lowest level: the teams AAB, AAB, BBB
    assert rows[-1]["within"] == pytest.approx(8 / 81)
    assert rows[-1]["apart_share"] == pytest.approx(0.4)


def test_senators_by_party_and_state_of_a_roll_call() -> None:
    folder = ds.example("us-senate").folder
    given = {
        "no_goal": "abstain",
        "roster": folder / "members.parquet",
        "roster_on": "congress",
        "where": "congress == 117",
    }
    votes = ds.misalignment(folder / "votes.parquet", over="congress", **given).rows
    area = votes["area"][0].as_py()
    made = ds.system_from(
        folder / "votes.parquet", by=["party", "state"], about=area, nested=True, **given
    )
    found = ds.simulate(made, "levels")
    one = votes.slice(0, 1).to_pylist()[0]
    voted = one["misalignment"] / one["participation"] ** 2
    assert found.summary["misalignment"] == pytest.approx(voted)
    parties, states = found.rows.to_pylist()[1:3]
    assert parties["between"] <= states["between"]


def test_data_without_goals_makes_no_tree() -> None:
    silent = {**ROWS, "vote": ["none"] * 9}
    with pytest.raises(ds.DissensusError, match="needed"):
        tree(silent, no_goal="none")
