"""Questions about systems: results, systems from data, and what they refuse."""

import json
from pathlib import Path

import jsonschema
import pyarrow as pa
import pytest

import dissensus as ds
from dissensus.model import formats, record
from dissensus.scenario.shipped import shipped_folders
from dissensus.study.subjects import SubjectError
from dissensus.study.systems import SystemDataError
from dissensus.system.audit import AuditError

WANTS = {
    "agent": list(range(10)),
    "age": ["young"] * 6 + ["old"] * 4,
    "goal": ["clips"] * 5 + ["mix"] + ["news"] * 3 + ["mix"],
}
LONG = {
    "agent": [1, 2, 3, 4] * 2,
    "age": ["young", "young", "old", "old"] * 2,
    "area": ["ads"] * 4 + ["rank"] * 4,
    "goal": ["few", "few", "many", "many", "time", "clicks", "time", "time"],
}


@pytest.mark.parametrize("name", shipped_folders())
def test_an_audit_is_a_result(name: str, tmp_path: Path) -> None:
    result = ds.audit(name, draws=5)
    text = result.text("json")
    jsonschema.validate(json.loads(text), json.loads(record.json_schema()))
    path = result.save(tmp_path / "audit.json")
    again = formats.read(path)
    assert again.rows.column("outcome").to_pylist() == result.rows.column("outcome").to_pylist()
    assert again.summary["verdict"] == result.summary["verdict"]
    for form in ("csv", "markdown", "latex", "parquet"):
        result.save(tmp_path / "rows", format=form)
    # every column is described
    for column in result.provenance["columns"].values():
        assert column.get("reading"), column
    assert result.provenance["seed"] == 0
    assert result.provenance["source"]["sha256"]


def test_what_cannot_be_given_is_null_with_its_reason() -> None:
    result = ds.audit("condorcet-55")
    for table in (result.rows, *result.tables.values()):
        if "reasons" not in table.column_names:
            continue
        for row in table.to_pylist():
            reasons = dict(row["reasons"] or [])
            for name, value in row.items():
                if value is None and name not in ("reasons", "rule"):
                    assert reasons[name], (name, row)


def test_fixing_a_choice() -> None:
    result = ds.audit("holiday", fix={"rule": "egalitarian"}, draws=0)
    assert result.summary["verdict"] == "SETTLED"
    assert result.summary["fixed"] == {"rule": "egalitarian"}
    assert result.summary["cells"] == 6
    assert result.summary["head_line"] == "All 6 readings give 'ask'."
    assert result.provenance["conventions"]["rule"] == "egalitarian"
    with pytest.raises(AuditError):
        ds.audit("holiday", fix={"rule": "none"})


def test_the_parts_as_a_population() -> None:
    """request wants nice; attachment and fear the partner's favourite; growth horrible."""
    summary = ds.audit("holiday", draws=0).summary
    assert summary["parts_misalignment"] == pytest.approx(1 - (1 + 4 + 1) / 16)
    alone = ds.System([ds.Part("one", [1, 0])], ds.World.of(["a", "b"]), "plurality")
    assert ds.audit(alone, draws=0).summary["parts_misalignment"] == 0
    assert ds.audit(alone, draws=0).summary["verdict"] == "SETTLED"
    labelled = ds.System(
        [ds.Part("one", [1, 0], goal="x"), ds.Part("two", [1, 0], goal="y", standing=3)],
        ds.World.of(["a", "b"]),
        "plurality",
    )
    found = ds.reflexivity(labelled).summary
    assert found["parts_misalignment"] == 0.5
    assert found["parts_misalignment_by_standing"] == pytest.approx(2 * 3 / 16)


def test_reflexivity_and_alignment() -> None:
    card = ds.reflexivity("holiday")
    assert card.rows["relation"].to_pylist() == [
        "obey",
        "irl",
        "assistance",
        "rlhf",
        "no-veto",
        "pareto",
        "whole-system",
        "self-endorsement",
        "off-switch",
    ]
    assert card.summary["head_line"].startswith("It is aligned with itself under")
    other = ds.alignment("ask", "holiday")
    assert other.rows["score"].to_pylist()[0] == 0
    for result in (card, other):
        jsonschema.validate(json.loads(result.text("json")), json.loads(record.json_schema()))


def test_segments_become_parts() -> None:
    feed = ds.system_from(WANTS, by="age", today="clips")
    old, young = feed.system.parts
    assert (old.name, young.name) == ("old", "young")
    assert (old.standing, young.standing) == pytest.approx((0.4, 0.6))
    assert feed.system.actions == ("clips", "mix", "news")
    # utility: chance that a random member does not conflict
    assert old.utilities.tolist() == pytest.approx([0, 1 / 4, 3 / 4])
    assert young.utilities.tolist() == pytest.approx([5 / 6, 1 / 6, 0])
    assert feed.system.comparability == "ordinal"
    frictions = [1 - value for value in young.utilities]
    assert frictions == pytest.approx(list(ds.friction([5 / 6, 1 / 6, 0], _exclusive(3))))
    result = ds.audit(feed, draws=0)
    assert result.summary["today"] == "clips"
    # five want clips, two a mix, three news: 1 - .25 - .04 - .09
    assert result.summary["people_misalignment"] == pytest.approx(0.62)
    assert "people_misalignment" not in ds.audit("holiday", draws=0).summary


def _exclusive(k: int) -> list[list[float]]:
    return [[float(i != j) for j in range(k)] for i in range(k)]


def test_silence_is_no_conflict() -> None:
    wants = {**WANTS, "goal": ["clips"] * 5 + ["?"] + ["news"] * 3 + ["?"]}
    feed = ds.system_from(wants, by="age", no_goal="?")
    assert feed.system.parts[0].utilities.tolist() == pytest.approx([1 / 4, 1])


def test_one_problem_area_or_policies_over_several() -> None:
    with pytest.raises(SystemDataError, match="2 problem areas"):
        ds.system_from(LONG, by="age")
    with pytest.raises(SystemDataError, match="did you mean 'rank'"):
        ds.system_from(LONG, by="age", about="rnk")
    one = ds.system_from(LONG, by="age", about="rank", actions=["time", "clicks"])
    assert one.system.actions == ("time", "clicks")
    policies = {"calm": {"ads": "few", "rank": "time"}, "loud": {"ads": "many", "rank": "clicks"}}
    both = ds.system_from(LONG, by="age", actions=policies)
    old, young = both.system.parts
    assert old.utilities.tolist() == [0.5, 0.5]
    assert young.utilities.tolist() == [0.75, 0.25]
    table = pa.table(
        {
            "policy": ["calm", "calm", "loud", "loud"],
            "area": ["ads", "rank"] * 2,
            "goal": ["few", "time", "many", "clicks"],
        }
    )
    same = ds.system_from(LONG, by="age", actions=table)
    assert [part.utilities.tolist() for part in same.system.parts] == [
        part.utilities.tolist() for part in both.system.parts
    ]
    with pytest.raises(SystemDataError, match="no goal 'tim'"):
        ds.system_from(LONG, by="age", actions={"x": {"rank": "tim"}})
    with pytest.raises(SystemDataError, match="policy, area and goal"):
        ds.system_from(LONG, by="age", actions=table.drop(["area"]))


def test_ratings_and_ranks() -> None:
    marks = {
        "agent": [1, 1, 2, 2, 3, 3],
        "age": ["y", "y", "y", "y", "o", "o"],
        "area": ["clips", "news"] * 3,
        "goal": ["5", "1", "4", "2", "1", "5"],
    }
    old, young = ds.system_from(marks, by="age", options_are="ratings").system.parts
    assert old.utilities.tolist() == [1, 5]
    assert young.utilities.tolist() == [4.5, 1.5]
    old, young = ds.system_from(marks, by="age", options_are="ranks").system.parts
    assert young.utilities.tolist() == [-4.5, -1.5]
    with pytest.raises(SystemDataError, match="'clips' among ratings"):
        ds.system_from({**WANTS, "area": ["x"] * 10}, by="age", options_are="ratings")


def test_what_is_no_system() -> None:
    with pytest.raises(SubjectError, match="did you mean 'holiday'"):
        ds.audit("holidy")
    with pytest.raises(SubjectError, match="int is no system"):
        ds.audit(3)
    with pytest.raises(SystemDataError, match="without segments"):
        ds.system_from(WANTS, by=[])
