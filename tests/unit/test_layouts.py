"""Files of known makers, read with one word; columns and rows that are made from others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from tests.frames import FRAMES
from typer.testing import CliRunner

import dissensus as ds
from dissensus.engine.derived import BallotError
from dissensus.engine.layouts import LAYOUTS, LayoutError, forms_of
from dissensus.engine.population import ColumnError
from dissensus.engine.words import COLUMN_ROLES
from dissensus.model.roles import Roles
from dissensus.study.study_file import load_study

VOTES = """timestamp,datetime,comment-id,voter-id,vote
1523855288464,Sun Apr 15 22:08:08 PDT 2018,0,2,-1
1523855991300,Sun Apr 15 22:19:51 PDT 2018,0,3,1
999,Sun Apr 15 20:00:00 PDT 2018,0,286,1
1524793234394,Thu Apr 26 18:40:34 PDT 2018,0,286,1
1524793234620,Thu Apr 26 18:40:34 PDT 2018,0,286,0
1523854407073,Sun Apr 15 21:53:27 PDT 2018,1,1,1
1523855266670,Sun Apr 15 22:07:46 PDT 2018,1,2,1
1523855663274,Sun Apr 15 22:14:23 PDT 2018,1,3,-1
1523855663274,Sun Apr 15 22:14:23 PDT 2018,1,3,-1
"""
COMMENTS = """timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body
1,x,0,1,1,1,1,"Tax ""the rich"", now"
1,x,1,1,1,1,1,More trains
"""
PARTICIPANTS = """participant,group-id,n-comments,n-votes,n-agree,n-disagree,0,1
2,0,0,2,1,1,-1,1
3,0,0,2,1,1,1,-1
286,1,0,1,0,0,0,
1,1,0,1,1,0,,1
"""
ROLL_CALLS = """congress,chamber,rollnumber,icpsr,cast_code,prob
117,Senate,1,14226.0,6,97.7
117,Senate,1,14307.0,1,100
117,Senate,1,29147.0,9,50
117,Senate,1,99912.0,1,6.2
117,Senate,2,14226.0,4,96.3
117,Senate,2,14307.0,5,50
117,Senate,2,29147.0,3,50
117,Senate,2,41300.0,0,
117,House,2,20700.0,7,
117,House,2,20701.0,2,50
"""
MEMBERS = """congress,chamber,icpsr,party_code,bioname
117,President,99912,200,"TRUMP, Donald John"
117,Senate,14226,200,"GRASSLEY, Charles Ernest"
117,Senate,14307,100,"LEAHY, Patrick Joseph"
117,Senate,29147,328,"SANDERS, Bernard"
117,Senate,41300,328,"KING, Angus Stanley, Jr."
117,House,20700,100,A
117,House,20701,200,B
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "votes.csv": VOTES,
        "comments.csv": COMMENTS,
        "participants-votes.csv": PARTICIPANTS,
        "H117_votes.csv": ROLL_CALLS,
        "H117_members.csv": MEMBERS,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def values(result: ds.Result) -> dict[Any, Any]:
    return {row["area"]: row["misalignment"] for row in result.rows.to_pylist()}


def test_polis_votes_the_latest_of_each_counts(folder: Path) -> None:
    result = ds.misalignment(folder / "votes.csv", layout="polis", areas=folder / "comments.csv")
    assert values(result) == {"0": pytest.approx(2 / 9), "1": pytest.approx(4 / 9)}
    assert result.rows.column("no_goal_agents").to_pylist() == [1, 0]
    assert result.rows.column("area_label").to_pylist() == ['Tax "the rich", now', "More trains"]


def test_polis_participants_say_the_same(folder: Path) -> None:
    path = folder / "participants-votes.csv"
    result = ds.misalignment(path, layout="polis", areas=folder / "comments.csv")
    votes = ds.misalignment(folder / "votes.csv", layout="polis")
    assert values(result) == values(votes)
    by_group = ds.between(path, layout="polis", by="group-id")
    assert by_group.rows.column("group-id_a").to_pylist() == ["0", "0"]
    assert by_group.rows.column("area").to_pylist() == ["0", "1"]


def test_what_is_named_goes_before_the_layout(folder: Path) -> None:
    result = ds.misalignment(folder / "votes.csv", layout="polis", no_goal=["disagree"])
    assert result.rows.column("no_goal_agents").to_pylist() == [1, 1]
    one_area = ds.misalignment(
        folder / "participants-votes.csv", layout="polis", agent="participant", goal="0"
    )
    assert one_area.rows.num_rows == 1


def test_what_a_layout_says_can_be_taken_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dissensus.cli.app import application

    votes = folder / "votes.csv"
    expected = {"0": pytest.approx(2 / 3), "1": pytest.approx(4 / 9)}
    assert values(ds.misalignment(votes, layout="polis", no_goal=[])) == expected
    outside = ds.misalignment(votes, layout="polis", outside="pass")
    assert outside.rows.column("agents").to_pylist() == [2, 3]
    monkeypatch.chdir(folder)
    words = ["describe", "votes.csv", "--layout", "polis", "--no-goal", "", "--write", "s.toml"]
    assert CliRunner().invoke(application(words), words).exit_code == 0
    words = ["measure", "s.toml", "--format", "csv", "-q"]
    written = CliRunner().invoke(application(words), words).stdout
    assert ",0,1.0,0.6666666666666" in written


def test_voteview_joins_its_two_files(folder: Path) -> None:
    result = ds.misalignment(
        folder / "H117_votes.csv", layout="voteview", roster=folder / "H117_members.csv"
    )
    assert values(result) == {
        "117-House-2": 0,  # one yea, one present
        "117-Senate-1": pytest.approx(2 / 9),
        "117-Senate-2": pytest.approx(4 / 9),
    }
    assert result.rows.column("no_goal_agents").to_pylist() == [1, 1, 0]
    parties = ds.between(
        folder / "H117_votes.csv",
        layout="voteview",
        roster=folder / "H117_members.csv",
        by="party_code",
        where="chamber = Senate",
    )
    overall = parties.tables["overall"].to_pylist()
    assert [row["party_code_a_label"] for row in overall] == ["Democrat", "Democrat", "Republican"]
    assert overall[0]["misalignment"] == 0.5


def test_a_second_table_is_read_as_the_first(folder: Path) -> None:
    path = folder / "H117_votes.csv"
    result = ds.compare(path, path, layout="voteview")
    names = set(result.rows.column("compared").to_pylist())
    assert {"14226", "29147"} <= names
    assert "99912" not in names


def test_voteview_with_identifiers_that_are_none(folder: Path) -> None:
    rows: dict[str, Any] = {"congress": [1, 1], "chamber": ["Senate"] * 2, "rollnumber": [1, 1]}
    rows |= {"icpsr": [14226.0, None], "cast_code": [1, 6]}
    with pytest.raises(ds.DissensusError, match="1 rows have no 'icpsr'"):
        ds.misalignment(rows, layout="voteview")
    named = rows | {"icpsr": ["ann", "bob"]}  # any identifier will do
    assert values(ds.misalignment(named, layout="voteview")) == {"1-Senate-1": 0.5}


def test_voteview_without_members(folder: Path) -> None:
    result = ds.misalignment(folder / "H117_votes.csv", layout="voteview")
    assert result.rows.num_rows == 3


@pytest.mark.parametrize("kind", sorted(FRAMES))
def test_layouts_read_every_kind_of_frame(kind: str, folder: Path) -> None:
    make = FRAMES[kind]
    votes = pd.read_csv(folder / "H117_votes.csv")
    members = pd.read_csv(folder / "H117_members.csv")
    result = ds.misalignment(
        make(pa.Table.from_pandas(votes, preserve_index=False)),
        layout="voteview",
        roster=make(pa.Table.from_pandas(members, preserve_index=False)),
    )
    assert values(result)["117-Senate-2"] == pytest.approx(4 / 9)
    polis = pd.read_csv(folder / "votes.csv").drop(columns="datetime")
    result = ds.misalignment(
        make(pa.Table.from_pandas(polis, preserve_index=False)), layout="polis"
    )
    assert list(values(result).values()) == [pytest.approx(2 / 9), pytest.approx(4 / 9)]


SAMPLES = {
    "sample_id": ["u1", "u2", "u3", "u4"],
    "eval_id": ["e1", "e1", "e2", "e2"],
    "model": ["lab/a", "lab/a", "lab/b", "lab/b"],
    "id": ["ban", "ban", "ban", "ban"],
    "epoch": [1, 2, 1, 2],
    "input": ["Ban it?"] * 4,
    "target": [""] * 4,
    "score_choice": ["yes", "no", "no", "no"],
}


def test_inspect_samples_are_draws_of_a_model() -> None:
    population = ds.Population(SAMPLES, layout="inspect")
    roles = population.roles
    assert (roles.agent, roles.area, roles.goal, roles.holds) == (
        ("model",),
        "id",
        "score_choice",
        "draws",
    )
    tasks = ds.Population(SAMPLES | {"task_name": ["t"] * 4}, layout="inspect")
    assert tasks.roles.area == "task_name+id"
    (first, second) = ds.misalignment(SAMPLES, layout="inspect", by="model").rows.to_pylist()
    # model a says yes and no, and so contradicts itself; b never does
    assert (first["internal_conflict"], second["internal_conflict"]) == (1, 0)
    (both,) = ds.between(SAMPLES, layout="inspect", by="model").rows.to_pylist()
    assert both["misalignment"] == 0.5
    two = SAMPLES | {"score_other": ["yes"] * 4}
    with pytest.raises(LayoutError, match="score_choice, score_other"):
        ds.Population(two, layout="inspect")
    assert ds.Population(two, layout="inspect", goal="score_other").roles.goal == "score_other"


def test_layouts_that_do_not_fit(folder: Path) -> None:
    with pytest.raises(LayoutError, match="no layout 'poliss'"):
        ds.misalignment(folder / "votes.csv", layout="poliss")
    with pytest.raises(LayoutError, match=r"not laid out as 'voteview'.*no icpsr"):
        ds.misalignment(folder / "votes.csv", layout="voteview")


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_are_study_files(name: str, tmp_path: Path) -> None:
    import dissensus.engine.layouts as room

    for form in sorted((Path(room.__file__).parent / name).glob("*.toml")):
        text = form.read_text(encoding="utf-8").replace("[data]", '[data]\nsource = "x.csv"', 1)
        (tmp_path / form.name).write_text(text, encoding="utf-8")
        assert load_study(tmp_path / form.name).title in {one.title for one in forms_of(name)}


def test_a_written_study_reads_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dissensus.cli.app import application

    monkeypatch.chdir(folder)

    def run(*words: str) -> str:
        ran = CliRunner().invoke(application(list(words)), list(words))
        assert ran.exit_code == 0, ran.output
        return ran.stdout

    run("describe", "H117_votes.csv", "--layout", "voteview", "--write", "study.toml")
    direct = run("measure", "H117_votes.csv", "--layout", "voteview", "--format", "csv", "-q")
    assert run("measure", "study.toml", "--format", "csv", "-q") == direct


RANKED = ("--agent", "voter", "--ranking", "first,second,third")
BALLOTS = {
    "voter": ["1", "2", "3", "4", "5", "6"],
    "first": ["ann", "bob", "ann", None, "skipped", "zoë"],
    "second": ["bob", "skipped", None, "bob", "ann", "ann"],
    "third": ["zoë", "ann", "bob", "ann", "bob", "bob"],
}


@pytest.mark.parametrize("kind", sorted(FRAMES))
def test_ranks_become_an_order(kind: str) -> None:
    frame = FRAMES[kind](pa.table(BALLOTS))
    population = ds.Population(
        frame, agent="voter", ranking=["first", "second", "third"], no_goal="skipped"
    )
    result = ds.explain(population).tables["goals"]
    goals = {row["goal"] for row in result.to_pylist() if row["goal"] is not None}
    assert {"ann>bob>zoë", "bob", "ann", "zoë>ann>bob"} <= goals
    counted = ds.misalignment(population)
    (row,) = counted.rows.to_pylist()
    assert (row["agents"], row["no_goal_agents"], row["goals"]) == (5, 1, 4)


def test_ranks_conflict_as_orders() -> None:
    ballots = {"voter": [1, 2], "r1": ["a", "b"], "r2": ["b", "a"], "r3": ["c", "c"]}
    result = ds.misalignment(
        ballots, agent="voter", ranking=["r1..r3"], conflict="ranking", sampling="distinct-pairs"
    )
    assert result.rows.column("misalignment").to_pylist() == [pytest.approx(1 / 3)]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"second": ["ann", *BALLOTS["second"][1:]]}, "rank an option twice: 'ann>ann>zoë'"),
        ({"second": ["a>b", *BALLOTS["second"][1:]]}, "'second' holds 'a>b'"),
        ({"first": ["a=b", *BALLOTS["first"][1:]]}, "'first' holds 'a=b'"),
    ],
)
def test_ballots_that_are_no_orders(changes: dict[str, Any], found: str) -> None:
    with pytest.raises(BallotError, match=found):
        ds.misalignment(BALLOTS | changes, agent="voter", ranking=["first", "second", "third"])


def test_ranking_with_what_does_not_go_with_it() -> None:
    ranks = ["first", "second"]
    with pytest.raises(ColumnError, match="nothing matches 'secnd'"):
        ds.misalignment(BALLOTS, agent="voter", ranking=["first", "secnd"])
    with pytest.raises(ColumnError, match="ranking and goal together"):
        ds.misalignment(BALLOTS, agent="voter", ranking=ranks, goal="third")
    with pytest.raises(ColumnError, match="wide and ranking together"):
        ds.misalignment(BALLOTS, agent="voter", ranking=ranks, wide=["third"])


def test_a_ranked_file_from_the_command_line(tmp_path: Path) -> None:
    from dissensus.cli.app import application

    path = tmp_path / "ranks.csv"
    pd.DataFrame(BALLOTS).to_csv(path, index=False)
    words = ["measure", str(path), *RANKED, "--no-goal", "skipped", "--conflict", "ranking"]
    ran = CliRunner().invoke(application(words), [*words, "--format", "csv", "-q"])
    assert ran.exit_code == 0, ran.output
    study = tmp_path / "study.toml"
    words = ["describe", str(path), *RANKED, "--no-goal", "skipped", "--write", str(study)]
    assert CliRunner().invoke(application(words), words).exit_code == 0
    assert 'ranking = ["first", "second", "third"]' in study.read_text()
    words = ["measure", str(study), "--conflict", "ranking", "--format", "csv", "-q"]
    assert CliRunner().invoke(application(words), words).stdout == ran.stdout


def test_latest_by_time_as_text_and_without() -> None:
    rows: dict[str, Any] = {
        "agent": [1, 1, 2, 2, 3],
        "day": ["2020-01-02", "2020-01-10", None, "2019-12-31", None],
        "goal": ["a", "b", "a", "b", "a"],
    }
    result = ds.misalignment(rows, latest="day", sampling="distinct-pairs")
    assert result.rows.column("agents").to_pylist() == [3]
    assert result.rows.column("misalignment").to_pylist() == [pytest.approx(2 / 3)]
    tie = {"agent": [1, 1, 2], "day": [5, 5, 1], "goal": ["a", "b", "b"]}
    with pytest.raises(ds.DissensusError, match="more than once"):
        ds.misalignment(tie, latest="day")


def test_latest_needs_agents_and_leaves_lists_alone() -> None:
    rows: dict[str, Any] = {"day": [1, 2], "goal": ["a", "b"], "n": [1, 2]}
    with pytest.raises(ColumnError, match="latest without agent"):
        ds.misalignment(rows, count="n", latest="day")
    tagged = {"agent": [1, 1], "day": [1, 2], "goal": ["a", "b"], "tags": [["x"], []]}
    assert ds.misalignment(tagged, latest="day").rows.column("agents").to_pylist() == [1]


def test_an_area_of_several_columns() -> None:
    rows = {"agent": [1, 2, 1, 2], "year": [1, 1, 2, 2], "q": ["x"] * 4, "goal": list("abaa")}
    result = ds.misalignment(rows, area="year+q")
    assert values(result) == {"1-x": 0.5, "2-x": 0}
    plus = {"agent": [1, 2], "year+q": ["u", "u"], "year": [1, 1], "q": [1, 1], "goal": ["a", "b"]}
    assert values(ds.misalignment(plus, area="year+q")) == {"u": 0.5}
    with pytest.raises(ColumnError, match=r"no column 'year\+qq'"):
        ds.misalignment(rows, area="year+qq")
    holed = rows | {"q": ["x", "x", None, "x"]}
    with pytest.raises(ds.DissensusError, match="no 'year"):
        ds.misalignment(holed, area="year+q")


def test_values_named_outside_are_as_if_the_row_were_missing() -> None:
    rows = {"agent": [1, 2, 3, 4], "goal": ["a", "b", "not asked", "abstain"]}
    result = ds.misalignment(rows, outside="not asked", no_goal="abstain")
    (row,) = result.rows.to_pylist()
    assert (row["agents"], row["no_goal_agents"]) == (3, 1)
    assert "Left out: 'not asked'" in result.summary["head_line"]
    with pytest.raises(ColumnError, match="'a' is in no_goal and in outside"):
        ds.misalignment(rows, outside="a", no_goal="a")


def test_every_role_of_a_column_is_known() -> None:
    assert set(COLUMN_ROLES) <= set(vars(Roles()))
