"""A population: which column is what, found by name or told, before any row is read."""

from typing import Any

import pyarrow as pa
import pytest

import dissensus as ds
from dissensus.engine.population import RESERVED, ColumnError, as_text, expand
from dissensus.engine.rows import key_names
from dissensus.model.columns import COLUMNS, described, own_columns

LONG: dict[str, list[Any]] = {"agent": [1], "area": ["p"], "goal": ["a"], "count": [1], "x": [1]}


def test_only_three_roles_are_found_by_their_names() -> None:
    population = ds.Population(LONG)
    roles = population.roles
    assert (roles.agent, roles.area, roles.goal) == (("agent",), "area", "goal")
    assert (roles.count, roles.share, roles.weight) == (None, None, None)
    assert population.found == ("agent", "area", "goal")
    assert population.unused_role_names == ("count",)


def test_what_is_told_is_not_found() -> None:
    population = ds.Population(LONG, agent="x", area="area")
    assert population.roles.agent == ("x",)
    assert population.found == ("goal",)


def test_counted_tables_need_no_agent() -> None:
    population = ds.Population(LONG, count="count")
    assert population.roles.agent == ()
    assert population.unused_role_names == ()
    assert ds.Population(LONG, count="count", agent="agent").roles.agent == ("agent",)


def test_wide_tables_find_an_agent_and_nothing_else() -> None:
    wide = {"agent": [1], "goal": ["a"], "q1": ["a"], "q2": ["b"]}
    population = ds.Population(wide, wide="q*")
    assert population.roles.wide == ("q1", "q2")
    assert population.roles.agent == ("agent",)
    assert population.roles.goal is None
    alone = ds.Population({"q1": ["a"], "q2": ["b"]}, wide=["q1"])
    assert (alone.roles.agent, alone.roles.wide) == ((), ("q1",))


def test_notes_say_what_was_found_and_what_was_not_used() -> None:
    notes = ds.misalignment(LONG).summary["notes"]
    assert "found by name: agent, area, goal" in notes
    assert any("'count' bears a role's name and is not used" in note for note in notes)
    lost = ds.misalignment(LONG, no_goal=["pass", "a!"]).summary["notes"]
    assert "no_goal names 'pass', 'a!', which no row holds" in lost


def test_a_population_is_asked_several_questions() -> None:
    votes = {"agent": [1, 2], "party": ["x", "y"], "goal": ["a", "b"]}
    population = ds.Population(votes)
    for _ in range(2):
        assert ds.misalignment(population).rows["misalignment"].to_pylist() == [0.5]
        assert ds.between(population, by="party").rows["misalignment"].to_pylist() == [1]
    assert "goal='goal'" in repr(population)


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["b", "a"], ["b", "a"]),
        (["q1..q3"], ["q1", "q2", "q3"]),
        (["q3..q1"], ["q1", "q2", "q3"]),
        (["q2..q2"], ["q2"]),
        (["q*"], ["q1", "q2", "q3", "q10"]),
        (["q?"], ["q1", "q2", "q3"]),
        (["q[13]"], ["q1", "q3"]),
        (["q1", "q*"], ["q1", "q2", "q3", "q10"]),
        (["a..b"], ["a", "q1", "q2", "q3", "q10", "b"]),
        (["x..y"], ["x..y"]),
        (["Q*"], None),
        (["q1..q9"], None),
        (["z"], None),
    ],
)
def test_expand(patterns: list[str], expected: list[str] | None) -> None:
    columns = ["a", "q1", "q2", "q3", "q10", "b", "x..y"]
    if expected is None:
        with pytest.raises(ColumnError, match="nothing matches"):
            expand(patterns, columns)
    else:
        assert expand(patterns, columns) == tuple(expected)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        (-2.0, "-2"),
        (0.5, "0.5"),
        (True, "true"),
        (False, "false"),
        ("1.0", "1.0"),
        ("True", "True"),
        (None, "None"),
    ],
)
def test_as_text(value: Any, text: str) -> None:
    assert as_text(value) == text
    if value is not None:
        spelt = ds.describe({"agent": [1], "goal": [value]}).tables["goals"]
        assert spelt["goal"].to_pylist() == [text]


def test_roster_keys() -> None:
    rows = {"agent": [1], "area": ["p"], "goal": ["a"], "year": [1]}
    assert ds.Population(rows).roster_keys == ()
    one = ds.Population(rows, roster={"agent": [1]})
    assert one.roster_keys == ("agent",)
    two = ds.Population(rows, roster={"agent": [1], "area": ["p"], "year": [1]}, roster_on="year")
    assert two.roster_keys == ("agent", "area", "year")
    assert two.side_of("year", "by") == "data"


def test_every_column_of_a_result_is_described_and_reserved() -> None:
    """A segment column of such a name would stand there twice."""
    votes = {"agent": [1, 2], "party": ["x", "y"], "goal": ["a", "b"], "w": [1, 2]}
    options: dict[str, Any] = {"weight": "w", "goal_set": ["a", "b"], "areas": {"p": "Parks"}}
    known = set()
    for result in (
        ds.misalignment({**votes, "area": ["p"] * 2}, normalise=["asymptotic"], **options),
        ds.between({**votes, "area": ["p"] * 2}, by="party", **options),
    ):
        own = {"party", "party_a", "party_b"}
        names = set(result.rows.column_names) | set(result.tables["overall"].column_names)
        known |= names - own
    assert known <= set(COLUMNS)
    assert known <= RESERVED
    for name in sorted(RESERVED & set(votes) | {"participation", "weighted_agents_b", "scope"}):
        with pytest.raises(ColumnError, match="bears the name of a result's column"):
            ds.misalignment({**votes, name: ["x", "y"]}, by=name)


def test_a_users_column_means_what_it_means_in_the_data() -> None:
    """A state of the union is no state of a cell."""
    votes = {"agent": [1, 2], "state": ["TX", "NY"], "goal": ["a", "b"]}
    asked = ds.misalignment(votes, by="state")
    assert asked.provenance["columns"]["state"] == {"name": "state", "label": "state"}
    assert "reading" in asked.provenance["columns"]["misalignment"]
    told = ds.describe(votes).provenance["columns"]["state"]
    assert told["reading"] == "Holds a goal, no goal, or outside."
    assert own_columns({"by": ["a"], "over": "b"}) == ["b", "a", "a_a", "a_b"]
    assert own_columns({"by": None, "over": None}) == []
    table = pa.table({"state": ["TX"], "share": [0.5]})
    assert "unit" not in described([table], ["share"])["share"]
    assert described([table])["share"]["unit"] == "share"


def test_canonical_names_cannot_clash() -> None:
    assert key_names(["party", "_key0"]) == {"party": "_key0", "_key0": "_key1"}
