"""Study files: read with all their mistakes at once, written, and won over by flags."""

import json
import shutil
import tomllib
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dissensus.errors import DissensusError
from dissensus.study import shipped
from dissensus.study.options import Options
from dissensus.study.study_file import (
    OptionError,
    Study,
    StudyFileError,
    load_study,
    options_with,
    study_schema,
    write_study,
)
from dissensus.study.toml import toml_text

GOOD = """
schema = "dissensus/study/1"
title = "Votes"
question = "Who is at odds?"

[data]
source = "votes.parquet"
agent = "agent"
no_goal = ["abstain", -1]
roster = "people/members.csv"
areas = { q1 = "Shall we?" }

[conflict]
conflict = "tables/conflict.csv"
range = [0, 10]

[measure]
by = ["party"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_files_are_looked_for_beside_the_study(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, GOOD))
    options = options_with(study, {})
    assert options.data.source == str(tmp_path / "votes.parquet")
    assert options.data.roster == str(tmp_path / "people/members.csv")
    assert options.data.no_goal == ("abstain", "-1")
    assert options.data.areas == {"q1": "Shall we?"}
    assert options.conflict.conflict == str(tmp_path / "tables/conflict.csv")
    assert options.conflict.range == (0, 10)
    assert (study.title, study.question) == ("Votes", "Who is at odds?")


@pytest.mark.parametrize("source", ["-", "/data/x.csv", "s3://bucket/x.parquet"])
def test_what_is_no_file_of_the_folder_stays(tmp_path: Path, source: str) -> None:
    text = GOOD.replace("votes.parquet", source).replace("tables/conflict.csv", "ordinal")
    options = options_with(load_study(written(tmp_path, text)), {})
    assert options.data.source == source
    assert options.conflict.conflict == "ordinal"


def test_flags_win_over_the_file(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, GOOD))
    options = options_with(study, {"by": ["state"], "range": None, "sampling": "distinct-pairs"})
    assert options.measure.by == ("state",)
    assert options.conflict.range is None
    assert options.measure.sampling == "distinct-pairs"
    assert options.data.no_goal == ("abstain", "-1")


def test_flags_alone() -> None:
    assert options_with(Study(), {}) == Options()
    with pytest.raises(OptionError, match="sampling: 'all' is not one of 'with-replacement'"):
        options_with(Study(), {"sampling": "all", "range": ["a", "b"]})


def test_all_mistakes_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """schema = "dissensus/study/2"
titel = "x"
question = 3
by = "party"
[data]
source = "votes.csv"
agnt = "id"
sampling = "distinct-pairs"
count = 3
roster = ["a"]
[measure]
sampling = "all"
by = { party = 1 }
"""
    with pytest.raises(StudyFileError) as caught:
        load_study(written(tmp_path, text))
    told = caught.value.values["mistakes"]
    assert told == [
        "line 1: the schema is 'dissensus/study/2'; needed: schema = \"dissensus/study/1\"",
        "line 2: there is no key 'titel' here; did you mean 'title'?",
        "line 3: question is 3, not a text in quotes",
        "line 4: there is no key 'by' here; it belongs in [measure]",
        "line 7: [data] has no key 'agnt'; did you mean 'agent' or 'absent'?",
        "line 8: [data] has no key 'sampling'; it belongs in [measure]",
        "line 9: count: 3: input should be a valid string",
        "line 10: roster: ['a'] is not a name",
        "line 12: sampling: 'all' is not one of 'with-replacement' or 'distinct-pairs'",
        "line 13: by takes no mapping",
    ]
    assert "has 10 mistakes" in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("data = [", "no TOML"),
        ("a = " + "[" * 3000, "no TOML"),
        ("n = " + "9" * 5000, "no TOML"),
        ("", "the schema is missing"),
        ('schema = "dissensus/study/1"', "names no source"),
        ('schema = "dissensus/study/1"\ndata = 3', "not a table"),
        ('schema = "dissensus/study/1"\n[data]\nsource = " "', "the name is empty"),
    ],
)
def test_a_broken_file_is_mendable(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(StudyFileError, match=found):
        load_study(written(tmp_path, text))


def test_not_text_and_not_there(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    with pytest.raises(StudyFileError, match="cannot read"):
        load_study(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StudyFileError, match="no TOML"):
        load_study(path)


def test_a_written_study_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "studies").mkdir()
    tables = {
        "data": {"source": "votes.csv", "agent": ["id"], "area": None, "areas": {"q 1": "a\x7f\n"}},
        "conflict": {"conflict": "exclusive"},
        "measure": {"by": []},
    }
    path = write_study({"schema": "any", "title": "T", **tables}, "studies/new.toml")
    record = tomllib.loads(path.read_text(encoding="utf-8"))
    assert record["schema"] == "dissensus/study/1"
    assert record["data"]["source"] == "../votes.csv"
    assert "measure" in record
    options = options_with(load_study(path), {})
    assert Path(options.data.source).resolve() == tmp_path / "votes.csv"
    assert options.data.areas == {"q 1": "a\x7f\n"}
    with pytest.raises(StudyFileError, match="exists already"):
        write_study(tables, path)
    with pytest.raises(StudyFileError, match="cannot write"):
        write_study(tables, "no/such/folder.toml")


def test_the_schema_of_study_files_fits_them() -> None:
    schema = json.loads(study_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads(GOOD.replace(", -1", "")), schema)
    for wrong in ("agnt = 1", "sampling = 'x'"):
        text = GOOD.replace("[data]", f"[data]\n{wrong}")
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(tomllib.loads(text), schema)


SCALARS = st.one_of(
    st.text(st.characters(codec="utf-8")),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.booleans(),
    st.datetimes(),
    st.dates(),
)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1)


@given(
    st.dictionaries(
        NAMES,
        st.dictionaries(
            NAMES,
            st.one_of(
                SCALARS,
                st.lists(SCALARS),
                st.dictionaries(NAMES, SCALARS, min_size=1),
            ),
            min_size=1,
        ),
    )
)
def test_toml_is_read_back(tables: dict[str, dict[str, object]]) -> None:
    assert tomllib.loads(toml_text(tables)) == tables


KEYS = st.sampled_from([*Options.model_fields["data"].default.model_dump(), "agnt", "by", "range"])
VALUES = st.one_of(SCALARS, st.lists(SCALARS), st.dictionaries(NAMES, st.lists(SCALARS)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries(
        {"schema": st.just("dissensus/study/1")},
        optional={
            "title": VALUES,
            "question": VALUES,
            "by": VALUES,
            "data": st.one_of(VALUES, st.dictionaries(KEYS, VALUES)),
            "conflict": st.dictionaries(st.sampled_from(["conflict", "range", "levels"]), VALUES),
            "measure": st.dictionaries(st.sampled_from(["by", "where", "sampling"]), VALUES),
        },
    )
)
def test_any_study_file_is_read_or_mendable(tmp_path: Path, record: dict[str, object]) -> None:
    path = written(tmp_path, toml_text(record))
    with suppress(DissensusError):
        options = options_with(load_study(path), {})
        assert isinstance(options, Options)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(GOOD)), st.text(st.characters(codec="utf-8"), max_size=3))
def test_any_slip_in_a_study_file_is_read_or_mendable(
    tmp_path: Path, place: int, slip: str
) -> None:
    path = written(tmp_path, GOOD[:place] + slip + GOOD[place + len(slip) :])
    with suppress(StudyFileError):
        load_study(path)


def test_shipped_examples_can_be_read() -> None:
    names = [one.name for one in shipped.examples()]
    assert "us-senate" in names
    for one in shipped.examples():
        options = options_with(one.study, {})
        assert one.study.title
        assert Path(options.data.source).is_file()
        assert (one.folder / "SOURCE.md").is_file()


def test_a_source_may_name_a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shipped.study_of("votes.csv") is None
    assert shipped.study_of("us-senate") == shipped.example("us-senate").study
    written(tmp_path, GOOD)
    assert shipped.study_of("study.toml") == shipped.study_of(".")
    (tmp_path / "us-senate").mkdir()
    written(tmp_path / "us-senate", GOOD)
    assert shipped.study_of("us-senate") == load_study("us-senate/study.toml")


def test_copying_an_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = shipped.copy_example("us-senate")
    assert folder == Path("us-senate")
    assert {path.name for path in folder.iterdir()} >= {"study.toml", "SOURCE.md"}
    assert Path(options_with(load_study(folder / "study.toml"), {}).data.source).is_file()
    with pytest.raises(shipped.ShippedError, match="exists already"):
        shipped.copy_example("us-senate")
    with pytest.raises(shipped.ShippedError, match="did you mean 'us-senate'"):
        shipped.copy_example("us-sente")
    (tmp_path / "file").touch()
    with pytest.raises(shipped.ShippedError, match="exists already"):
        shipped.copy_example("us-senate", "file")
    with pytest.raises(shipped.ShippedError, match="cannot write"):
        shipped.copy_example("us-senate", "file/below")
    shutil.rmtree(folder)
