"""What a user can mend: found, needed, mend, in the right words, and nothing half done."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.expected import column

import dissensus as ds
from dissensus.errors import DissensusError

NAN = float("nan")
VOTES: dict[str, list[Any]] = {
    "agent": [1, 2, 3, 4],
    "area": ["p", "p", "q", "q"],
    "party": ["x", "y", "x", "y"],
    "goal": ["yes", "no", "yes", "no"],
}
ROSTER: dict[str, list[Any]] = {"agent": [1, 2, 3, 4, 5], "state": ["n", "n", "s", "s", "s"]}
COUNTS: dict[str, list[Any]] = {"goal": ["yes", "no"], "n": [3, 1]}
PAIRS: dict[str, list[Any]] = {"goal_a": ["yes"], "goal_b": ["no"], "conflict": [0.5]}


def votes(**columns: Any) -> dict[str, Any]:
    return {**VOTES, **columns}


def pairs(**columns: Any) -> dict[str, Any]:
    return {**PAIRS, **columns}


# what is asked, and words of: what was found, what is needed, how to mend it
CASES: dict[str, tuple[Callable[[], Any], str, str, str]] = {
    "no such option": (
        lambda: ds.explain(VOTES, by="party", desing="sample"),
        "no option 'desing' of this question",
        "the options that help() names",
        "leave it out, or correct it",
    ),
    "a folder": (
        lambda: ds.misalignment(str(Path(__file__).parent)),
        "is a folder",
        "a file",
        "name a file in it",
    ),
    "no such column": (
        lambda: ds.misalignment(VOTES, by="pary"),
        "no column 'pary' for by",
        "a column of the data",
        "did you mean 'party'",
    ),
    "no such column of data or roster": (
        lambda: ds.misalignment(VOTES, by="sate", roster=ROSTER),
        "no column 'sate' for by",
        "a column of the data or of the roster",
        "did you mean 'state'",
    ),
    "no such role column": (
        lambda: ds.misalignment(VOTES, goal="vote"),
        "no column 'vote' for goal",
        "a column of the data",
        "known:",
    ),
    "no goal column": (
        lambda: ds.misalignment({"agent": [1]}),
        "no column for goal",
        "an answer, a vote",
        "pass goal=",
    ),
    "no agent column": (
        lambda: ds.misalignment({"goal": ["a"]}),
        "no column for agent",
        "count=",
        "pass agent=",
    ),
    "one column, two roles": (
        lambda: ds.misalignment(VOTES, agent="agent", area="agent"),
        "column 'agent' as agent and as area",
        "one role",
        "another",
    ),
    "a wide pattern takes the agent": (
        lambda: ds.misalignment({"id": [1, 2], "q1": ["a", "b"]}, agent="id", wide="*"),
        "column 'id' as agent and as wide",
        "one role",
        "another",
    ),
    "a pattern that matches nothing": (
        lambda: ds.misalignment(VOTES, agent="agent", wide="q*"),
        "nothing matches 'q*'",
        "'q1..q20'",
        "known:",
    ),
    "wide and long": (
        lambda: ds.misalignment(VOTES, wide=["party"], goal="goal"),
        "wide and goal together",
        "one row an agent",
        "leave out goal",
    ),
    "count and share": (
        lambda: ds.misalignment({**COUNTS, "m": [1, 1]}, count="n", share="m"),
        "count and share together",
        "one of the two",
        "leave one out",
    ),
    "share and weight": (
        lambda: ds.misalignment({"goal": ["a"], "p": [0.5], "w": [1]}, share="p", weight="w"),
        "share and weight together",
        "one of the two",
        "multiply",
    ),
    "a word that a role does not know": (
        lambda: ds.misalignment(VOTES, null_goal="no_goal"),
        "null_goal='no_goal'",
        "'outside', 'no-goal'",
        "did you mean 'no-goal'",
    ),
    "an empty table": (
        lambda: ds.misalignment(
            {"agent": pa.array([], pa.int64()), "goal": pa.array([], pa.string())}
        ),
        "a table without rows",
        "at least one row",
        "check the source",
    ),
    "a table without columns": (
        lambda: ds.misalignment({}),
        "a table without columns",
        "columns and rows",
        "check",
    ),
    "all goals empty": (
        lambda: ds.misalignment(votes(goal=pa.nulls(4, pa.string()))),
        "all goals are empty",
        "at least one agent with a goal",
        "null_goal='no-goal'",
    ),
    "all goals are no goal": (
        lambda: ds.misalignment(VOTES, no_goal=["yes", "no"]),
        "no goal in this population: not one of its problem areas",
        "at least one agent with a goal",
        "check goal= and no_goal=",
    ),
    "a negative count": (
        lambda: ds.misalignment({**COUNTS, "n": [3, -1]}, count="n"),
        "count column 'n': -1 is negative",
        "at least 0",
        "mend or drop",
    ),
    "a fractional count": (
        lambda: ds.misalignment({**COUNTS, "n": [3.0, 0.5]}, count="n"),
        "1 rows are not whole",
        "whole numbers of agents",
        "share= for proportions",
    ),
    "a count that is NaN": (
        lambda: ds.misalignment({**COUNTS, "n": [3.0, NAN]}, count="n"),
        "1 rows are empty or NaN",
        "a number in every row",
        "fill or drop",
    ),
    "a negative weight": (
        lambda: ds.misalignment(votes(w=[1, 1, 1, -0.5]), weight="w"),
        "weight column 'w': -0.5 is negative",
        "at least 0",
        "mend or drop",
    ),
    "a weight that is NaN": (
        lambda: ds.misalignment(votes(w=[1, 1, NAN, NAN]), weight="w"),
        "weight column 'w': 2 rows are empty or NaN",
        "a number in every row",
        "fill or drop",
    ),
    "a weight that is text": (
        lambda: ds.misalignment(votes(w=["1", "1", "2", "1"]), weight="w"),
        "weight column 'w' is String",
        "numbers",
        "convert the column",
    ),
    "all weights zero": (
        lambda: ds.misalignment(votes(w=[0, 0, 0, 0]), weight="w"),
        "weight column 'w': all are 0",
        "somebody to count",
        "leave out weight=",
    ),
    "weights on both sides": (
        lambda: ds.misalignment(votes(w=[1] * 4), weight="w", roster={**ROSTER, "w": [1] * 5}),
        "weight column 'w' is in the data and in the roster",
        "a column on one side",
        "remove one",
    ),
    "a share above 1": (
        lambda: ds.misalignment({"goal": ["a", "b"], "p": [40, 60]}, share="p"),
        "60 is above 1",
        "shares in [0, 1]",
        "divide per cents by 100",
    ),
    "shares that sum to more than 1": (
        lambda: ds.misalignment({"goal": ["a", "b"], "p": [0.5, 0.75]}, share="p"),
        "sum to 1.25",
        "at most 1",
        "divide them by their sum",
    ),
    "shares of groups merged": (
        lambda: ds.misalignment({"goal": ["a", "a"], "p": [0.5, 0.25]}, share="p"),
        "2 rows hold a share of goal 'a'",
        "groups' sizes",
        "add the column that tells the groups apart",
    ),
    "distinct pairs of shares": (
        lambda: ds.misalignment(
            {"goal": ["a", "b"], "p": [0.5, 0.5]}, share="p", sampling="distinct-pairs"
        ),
        "number of agents is unknown",
        "count= with numbers of agents",
        "leave out sampling=",
    ),
    "an agent twice": (
        lambda: ds.misalignment(votes(agent=[1, 1, 3, 4])),
        "1 agent stands more than once in a problem area: agent 1, area 'p' (2 rows)",
        "one row per agent and area",
        "holds='draws'",
    ),
    "a row without an agent": (
        lambda: ds.misalignment(votes(agent=[1, None, 3, 4])),
        "1 rows have no 'agent'",
        "an agent and a problem area in every row",
        "fill the column",
    ),
    "a roster key twice": (
        lambda: ds.misalignment(VOTES, roster={"agent": [1, 1, 2, 3, 4]}),
        "1 keys stand more than once in the roster: agent 1 (2 rows)",
        "one row for each agent",
        "roster_on=",
    ),
    "a roster key of another type": (
        lambda: ds.misalignment(VOTES, roster={"agent": ["1", "2"]}),
        "'agent' is Int64 in the data (1, 2, 3) and String in the roster ('1', '2')",
        "the same type on both sides",
        "store both as text or both as numbers",
    ),
    "a roster without the key": (
        lambda: ds.misalignment(VOTES, roster={"id": [1, 2]}),
        "no column 'agent' in the roster",
        "on both sides",
        "",
    ),
    "a roster without a key in one row": (
        lambda: ds.misalignment(VOTES, roster={"agent": [1, 2, 3, 4, None]}),
        "1 rows of the roster have no 'agent'",
        "a value in every row",
        "fill the column",
    ),
    "an agent missing from the roster": (
        lambda: ds.misalignment(VOTES, roster={"agent": [1, 2, 3]}),
        "the roster lacks agents of the data: agent 4",
        "every agent of the data on the roster",
        "add them to the roster",
    ),
    "absent without a roster": (
        lambda: ds.misalignment(VOTES, absent="no-goal"),
        "absent='no-goal' without a roster",
        "its members are the population",
        "pass roster=",
    ),
    "a segment on both sides": (
        lambda: ds.misalignment(votes(state=list("nnss")), by="state", roster=ROSTER),
        "by column 'state' is in the data and in the roster",
        "a column on one side",
        "roster_on='state'",
    ),
    "a segment that absent members do not have": (
        lambda: ds.misalignment(VOTES, by="party", roster=ROSTER, absent="no-goal"),
        "segment 'party' is not on the roster",
        "they have no row in the data",
        "put the column on the roster",
    ),
    "a segment with a result's name": (
        lambda: ds.misalignment(votes(agents=list("abcd")), by="agents"),
        "segment column 'agents' bears the name of a result's column",
        "another name",
        "rename",
    ),
    "the goal as a segment": (
        lambda: ds.misalignment(VOTES, by="goal"),
        "'goal' is the goal column and a segment column",
        "other columns",
        "leave 'goal' out",
    ),
    "over and by alike": (
        lambda: ds.misalignment(VOTES, by="party", over="party"),
        "'party' in by and in over",
        "one of the two",
        "leave one out",
    ),
    "between without segments": (
        lambda: ds.between(VOTES, by=()),
        "between without segments",
        "columns whose values are the segments",
        "by='party'",
    ),
    "between one segment and none": (
        lambda: ds.between(votes(party=["x"] * 4), by="party"),
        "one segment of party",
        "at least two segments",
        "choose another column",
    ),
    "where nonsense": (
        lambda: ds.misalignment(VOTES, where="party is x"),
        "'is' instead of an operator",
        "comparisons joined by and",
        "for example",
    ),
    "where nobody passes": (
        lambda: ds.misalignment(VOTES, where="party = z"),
        "nobody left after where 'party = z'",
        "at least one row",
        "widen where=",
    ),
    "an unmapped goal": (
        lambda: ds.misalignment(VOTES, goal_map={"yes": "1"}),
        "goal_map does not list 'no'",
        "every value",
        "value=no-goal",
    ),
    "an unknown conflict": (
        lambda: ds.misalignment(VOTES, conflict="ordnal"),
        "no conflict model 'ordnal'",
        "'exclusive', 'ordinal', 'interval'",
        "did you mean 'ordinal'",
    ),
    "ordinal without an order": (
        lambda: ds.misalignment(VOTES, conflict="ordinal"),
        "without an order of the goals",
        "levels=[lowest, ..., highest]",
        "never alphabetical by accident",
    ),
    "levels that lack a goal": (
        lambda: ds.misalignment(VOTES, conflict="ordinal", levels=["no", "maybe"]),
        "goal 'yes' has no place in the order",
        "'no', 'maybe'",
        "add it to levels=",
    ),
    "a level twice": (
        lambda: ds.misalignment(VOTES, conflict="ordinal", levels=["no", "yes", "no"]),
        "levels with a goal twice",
        "each goal once",
        "remove one",
    ),
    "a goal with two levels": (
        lambda: ds.misalignment(votes(l=[1, 2, 3, 2]), conflict="ordinal", level="l"),
        "goal 'yes' has the levels 1 and 3",
        "one level a goal",
        "mend column 'l'",
    ),
    "a level that is text": (
        lambda: ds.misalignment(votes(l=list("abab")), conflict="ordinal", level="l"),
        "level 'a' of goal 'yes'",
        "a finite number",
        "code the levels",
    ),
    "a level that is infinite": (
        lambda: ds.misalignment(
            votes(l=[float("inf"), 1, float("inf"), 1]), conflict="interval", level="l"
        ),
        "level inf of goal 'yes'",
        "a finite number",
        "code the levels",
    ),
    "goals that are no numbers": (
        lambda: ds.misalignment(VOTES, conflict="interval"),
        "goal 'no' is no number",
        "numeric goals",
        "no_goal=",
    ),
    "a value outside the range": (
        lambda: ds.misalignment(votes(goal=[1, 2, 3, 9]), conflict="interval", range=(1, 5)),
        "value 9 outside the declared range 1 to 5",
        "values in the range",
        "widen range=",
    ),
    "a range upside down": (
        lambda: ds.misalignment(votes(goal=[1, 2, 3, 4]), conflict="interval", range=(5, 1)),
        "range 5 to 1",
        "the lower value first",
        "swap them",
    ),
    "a lopsided table": (
        lambda: ds.misalignment(
            VOTES,
            conflict={"goal_a": ["yes", "no"], "goal_b": ["no", "yes"], "conflict": [0.9, 0.1]},
        ),
        "conflict between 'yes' and 'no' is 0.9 one way and 0.1 the other",
        "a symmetric table",
        "symmetrise=True to use their mean, 0.5",
    ),
    "a lopsided square": (
        lambda: ds.misalignment(VOTES, conflict=[[0, 0.9], [0.1, 0]], goal_set=["yes", "no"]),
        "conflict between 'yes' and 'no' is 0.9 one way and 0.1 the other",
        "a symmetric table",
        "directed=True to keep both",
    ),
    "conflict above 1": (
        lambda: ds.misalignment(VOTES, conflict=pairs(conflict=[2])),
        "conflict between 'yes' and 'no' is 2",
        "a degree in [0, 1]",
        "divide by the largest",
    ),
    "conflict below 0": (
        lambda: ds.misalignment(VOTES, conflict=pairs(conflict=[-0.5])),
        "conflict between 'yes' and 'no' is -0.5",
        "a degree in [0, 1]",
        "",
    ),
    "conflict that is NaN": (
        lambda: ds.misalignment(VOTES, conflict=pairs(conflict=[NAN])),
        "conflict between 'yes' and 'no' is nan",
        "a degree in [0, 1]",
        "",
    ),
    "a goal against itself": (
        lambda: ds.misalignment(VOTES, conflict=pairs(goal_b=["yes"])),
        "'yes' is in conflict with itself (0.5)",
        "never conflicts with itself",
        "remove the row",
    ),
    "a goal against itself in a square": (
        lambda: ds.misalignment(VOTES, conflict=[[0.5, 1], [1, 0]], goal_set=["yes", "no"]),
        "'yes' is in conflict with itself (0.5)",
        "a zero diagonal",
        "set that cell to 0",
    ),
    "a pair twice": (
        lambda: ds.misalignment(
            VOTES,
            conflict={"goal_a": ["yes"] * 2, "goal_b": ["no"] * 2, "conflict": [0.5, 0.6]},
        ),
        "conflict between 'yes' and 'no' is 0.5 and 0.6",
        "each pair once",
        "remove one",
    ),
    "a square that lacks a goal": (
        lambda: ds.misalignment(VOTES, conflict=[[0, 1], [1, 0]], goal_set=["yes", "maybe"]),
        "goals without a row in the conflict table: 'no'",
        "a row and a column for every goal that is held",
        "add them",
    ),
    "a square without names": (
        lambda: ds.misalignment(VOTES, conflict=[[0, 1], [1, 0]]),
        "an array for 2 goals and goal_set of 0",
        "in the order of the array's rows",
        "pass goal_set",
    ),
    "a table of another form": (
        lambda: ds.misalignment(VOTES, conflict={"a": ["x"], "b": ["y"]}),
        "a table with the columns 'a', 'b'",
        "goal_a, goal_b, conflict",
        "rename the columns",
    ),
    "a table of conflict for an unknown area": (
        lambda: ds.misalignment(VOTES, conflict=pairs(area=["pp"])),
        "the conflict table names area 'pp'",
        "areas of the data",
        "",
    ),
    "symmetrise and directed": (
        lambda: ds.misalignment(VOTES, conflict=PAIRS, symmetrise=True, directed=True),
        "symmetrise and directed together",
        "one of the two",
        "leave one out",
    ),
    "an option of another model": (
        lambda: ds.misalignment(VOTES, conflict="exclusive", levels=["no", "yes"]),
        "levels with conflict='exclusive'",
        "options that belong",
        "leave out levels",
    ),
    "conflict of no goal above 1": (
        lambda: ds.misalignment(VOTES, no_goal_conflict=2),
        "conflict between no goal and any goal is 2",
        "a degree in [0, 1]",
        "",
    ),
    "conflict of no goal with nobody's goal": (
        lambda: ds.misalignment(VOTES, no_goal_conflict={"yess": 0.5}),
        "no_goal_conflict names 'yess'",
        "goals of the data",
        "did you mean 'yes'",
    ),
    "weights of unknown areas": (
        lambda: ds.misalignment(VOTES, area_weights={"p": 1, "q": 1, "r": 1}),
        "no area 'r'",
        "one weight for every area",
        "",
    ),
    "areas without weights": (
        lambda: ds.misalignment(VOTES, area_weights={"p": 1}),
        "no weight for area 'q'",
        "one weight for every area",
        "0 leaves an area out",
    ),
    "weights of areas that are none": (
        lambda: ds.misalignment(VOTES, area_weights={"p": 0, "q": 0}),
        "area_weights that are no weights",
        "not all 0",
        "mend the weights",
    ),
    "negative weights of areas": (
        lambda: ds.misalignment(VOTES, area_weights={"p": -1, "q": 2}),
        "area_weights that are no weights",
        "at least 0",
        "mend the weights",
    ),
    "weights of areas where there is one": (
        lambda: ds.misalignment({"agent": [1], "goal": ["a"]}, area_weights={"p": 1}),
        "area_weights for one problem area",
        "an area column",
        "pass area=",
    ),
    "labels of another form": (
        lambda: ds.misalignment(VOTES, areas={"x": ["p"], "y": ["Parks"]}),
        "areas: columns 'x', 'y'",
        "the columns id and text",
        "rename its columns",
    ),
    "roles beside a population": (
        lambda: ds.misalignment(ds.Population(VOTES), goal="goal"),
        "a Population and roles beside it: 'goal'",
        "roles in one place",
        "Population(...)",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input(case: str) -> None:
    asked, found, needed, mend = CASES[case]
    with pytest.raises(DissensusError) as error:
        asked()
    assert found in error.value.found
    assert needed in error.value.needed
    assert mend in error.value.mend
    assert error.value.mend
    assert isinstance(error.value, ValueError | KeyError | LookupError | TypeError)
    assert str(error.value).splitlines()[0] == error.value.found.splitlines()[0]


def test_every_error_says_the_same_through_a_population(tmp_path: Path) -> None:
    """Opening a population reads names and types only; its questions find the rest."""
    population = ds.Population(votes(agent=[1, 1, 3, 4]))
    with pytest.raises(DissensusError, match="more than once"):
        ds.misalignment(population)
    with pytest.raises(DissensusError, match="no column 'vote'"):
        ds.Population(VOTES, goal="vote")


def test_a_single_zero_weight_is_legal_and_said() -> None:
    result = ds.misalignment(votes(w=[1, 0, 1, 1]), weight="w")
    assert column(result.rows, "misalignment") == [0, 0.5]
    assert column(result.rows, "agents") == [2, 2]
    assert column(result.rows, "weighted_agents") == [1, 2]
    assert (
        "some agents have weight 0: they are counted and weigh nothing" in result.summary["notes"]
    )
    silent = ds.misalignment(
        votes(w=[1, 0, 1, 1], goal=["yes", None, "yes", "no"]), weight="w", null_goal="no-goal"
    )
    assert (
        "some agents have weight 0: they are counted and weigh nothing" in silent.summary["notes"]
    )


def test_weights_that_are_zero_in_one_segment() -> None:
    result = ds.misalignment(votes(w=[0, 1, 0, 1]), weight="w", by="party")
    zero = [row for row in result.rows.to_pylist() if row["party"] == "x"]
    for row in zero:
        assert row["agents"] == 1
        assert row["misalignment"] is None
        assert "weight" in dict(row["reasons"])["misalignment"]


def test_one_agent() -> None:
    """V is 0: it agrees with itself. U is undefined: there is no second agent."""
    alone = {"agent": [1], "goal": ["yes"]}
    (v,) = ds.misalignment(alone).rows.to_pylist()
    assert (v["misalignment"], v["conditional_misalignment"], v["participation"]) == (0, 0, 1)
    assert v["reasons"] is None
    (u,) = ds.misalignment(alone, sampling="distinct-pairs").rows.to_pylist()
    assert u["misalignment"] is None
    assert u["participation"] == 1
    assert dict(u["reasons"])["misalignment"] == "no two distinct agents to draw"
    (w,) = ds.misalignment(
        {**alone, "w": [0.1]}, weight="w", sampling="distinct-pairs"
    ).rows.to_pylist()
    assert w["misalignment"] is None


def test_one_holder_among_the_silent() -> None:
    """One agent with a goal and one without: U is 0, and no pair both holds a goal."""
    rows = {"agent": [1, 2], "goal": ["yes", "pass"]}
    (u,) = ds.misalignment(rows, no_goal="pass", sampling="distinct-pairs").rows.to_pylist()
    assert u["misalignment"] == 0
    assert u["no_goal_share"] == 1
    assert u["conditional_misalignment"] is None
    assert dict(u["reasons"])["conditional_misalignment"]


def test_nothing_is_written_when_it_fails(tmp_path: Path) -> None:
    result = ds.misalignment(VOTES)
    for name in ("x.xyz", "none/x.json"):
        with pytest.raises(DissensusError):
            result.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []
