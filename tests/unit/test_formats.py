"""A result written down and read back: exact, whole or not at all, and safe to paste."""

import csv
import io
import json
import os
import stat
from datetime import date
from decimal import Decimal
from pathlib import Path

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dissensus as ds
from dissensus.model import formats, record, spelling
from dissensus.model.columns import COLUMNS, described
from dissensus.model.result import SCHEMA, Result

REASONS = pa.map_(pa.string(), pa.string())
AWKWARD = ["a|b_c", 'say "x", then\nstop', "100 % & [red]\\", ""]


def result_of(**columns: object) -> Result:
    rows = pa.table(columns)
    return Result(
        rows,
        {"question": "misalignment", "head_line": "Everyone.", "notes": []},
        {"overall": pa.table({"scope": ["everyone"], "misalignment": [0.5]})},
        {"schema": SCHEMA, "columns": described([rows])},
    )


@pytest.fixture
def result() -> Result:
    return result_of(
        area=["q1", "q2", "q3", "q4"],
        area_label=AWKWARD,
        party=pa.array(["x", "y", None, "x"]).dictionary_encode(),
        when=[date(2024, 2, 29)] * 4,
        agents=pa.array([Decimal(10**20), Decimal(1), None, Decimal(2)], pa.decimal128(38, 0)),
        participation=[0.904, 1.0, None, 0.001],
        misalignment=[0.1, 2e-18, None, 1.0],
        reasons=pa.array([None, None, [("misalignment", "one agent")], None], REASONS),
    )


def test_json_has_four_keys_and_keeps_to_the_schema(result: Result) -> None:
    loaded = json.loads(result.text("json"))
    assert list(loaded) == ["rows", "summary", "tables", "provenance"]
    jsonschema.Draft202012Validator.check_schema(json.loads(record.json_schema()))
    jsonschema.validate(loaded, json.loads(record.json_schema()))


def test_json_is_exact(result: Result) -> None:
    rows = json.loads(result.text("json"))["rows"]
    assert rows[0]["agents"] == 10**20
    assert rows[1]["misalignment"] == 2e-18
    assert rows[2]["misalignment"] is None
    assert rows[2]["reasons"] == {"misalignment": "one agent"}
    assert rows[0]["reasons"] is None
    assert rows[0]["when"] == "2024-02-29"
    assert [row["area_label"] for row in rows] == AWKWARD


def test_json_is_never_nan() -> None:
    text = result_of(level=[float("nan"), float("inf"), 1.5], misalignment=[0.0, 0.0, 0.0]).text(
        "json"
    )

    def refuse(name: str) -> None:
        raise AssertionError(name)

    assert json.loads(text, parse_constant=refuse)["rows"][0]["level"] == "nan"


def test_schema_refuses_what_is_wrong(result: Result) -> None:
    schema = json.loads(record.json_schema())
    for change in (
        {"misalignment": 1.2},
        {"misalignment": "nan"},
        {"agents": -1},
        {"reasons": {"misalignment": 3}},
    ):
        loaded = json.loads(result.text("json"))
        loaded["rows"][0].update(change)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(loaded, schema)
    loaded = json.loads(result.text("json"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**loaded, "fifth": 1}, schema)


def test_schema_describes_every_column() -> None:
    described_there = json.loads(record.json_schema())["$defs"]["row"]["properties"]
    assert set(COLUMNS) <= set(described_there)
    assert all(one["description"] for one in described_there.values())


def test_schema_leaves_names_of_the_data_alone() -> None:
    """A segment column may be called what another question calls a number."""
    data = {"agent": [1, 2], "goal": ["a", "b"], "period": ["early", "late"]}
    result = ds.misalignment(data, by="period")
    jsonschema.validate(json.loads(result.text("json")), json.loads(record.json_schema()))


def test_read_gives_the_same_text_again(result: Result, tmp_path: Path) -> None:
    path = result.save(tmp_path / "result.json")
    again = formats.read(path)
    assert again.text("json") == result.text("json")
    assert again.rows.schema.field("reasons").type == REASONS
    assert again.rows.schema.field("agents").type == pa.decimal128(38, 0)


def test_empty_tables_survive(tmp_path: Path) -> None:
    empty = result_of(area=pa.array([], pa.string()), misalignment=pa.array([], pa.float64()))
    for name in formats.FORMATS:
        empty.save(tmp_path / "empty", name)
    assert formats.read(result_of(area=[]).save(tmp_path / "e.json")).rows.num_rows == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{", "no JSON"),
        ("[]", "no result"),
        ('{"rows": []}', "no result"),
        (
            '{"rows": [], "summary": {}, "tables": {}, '
            '"provenance": {"schema": "dissensus/result/9"}}',
            "dissensus/result/9",
        ),
    ],
)
def test_read_refuses(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(formats.RecordError, match=found):
        formats.read(path)


def test_read_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(formats.RecordError, match="cannot read"):
        formats.read(tmp_path / "none.json")


def test_csv_is_read_back_by_any_reader(result: Result) -> None:
    text = result.text("csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["area_label"] for row in rows] == AWKWARD
    assert rows[0]["agents"] == str(10**20)
    assert float(rows[1]["misalignment"]) == 2e-18
    assert rows[2]["misalignment"] == ""
    assert json.loads(rows[2]["reasons"]) == {"misalignment": "one agent"}
    assert ',"",' in text.splitlines()[-1]  # empty text is not null


@given(st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8"))), min_size=1))
def test_csv_keeps_any_text(values: list[str | None]) -> None:
    table = pa.table({"n": range(len(values)), "party": pa.array(values, pa.string())})
    text = Result(table).text("csv")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[1] for row in rows[1:]] == [value or "" for value in values]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_exact_in_text(values: list[float]) -> None:
    result = Result(pa.table({"misalignment": values}))
    rows = csv.reader(io.StringIO(result.text("csv")))
    assert [float(row[0]) for row in rows if row != ["misalignment"]] == values
    loaded = [row["misalignment"] for row in json.loads(result.text("json"))["rows"]]
    assert loaded == values
    assert all(isinstance(value, float) for value in loaded)


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1))
def test_json_keeps_any_text(values: list[str]) -> None:
    rows = json.loads(Result(pa.table({'a "b': values})).text("json"))["rows"]
    assert [row['a "b'] for row in rows] == values


def test_parquet_carries_its_descriptions(result: Result, tmp_path: Path) -> None:
    path = result.save(tmp_path / "result.parquet")
    table = pq.read_table(path)
    assert table.column("area_label").to_pylist() == AWKWARD
    assert table.column("agents").to_pylist()[0] == 10**20
    about = table.schema.field("misalignment").metadata
    assert about[b"unit"] == b"probability"
    assert json.loads(table.schema.metadata[b"dissensus.summary"])["head_line"] == "Everyone."
    assert json.loads(table.schema.metadata[b"dissensus.provenance"])["schema"] == SCHEMA


def test_markdown(result: Result) -> None:
    lines = result.text("markdown").splitlines()
    assert lines[0] == (
        "| problem area | party | when | agents | participation | misalignment | why null |"
    )
    assert lines[1] == "| :--- | :--- | :--- | ---: | ---: | ---: | :--- |"
    assert lines[2].startswith(r"| a\|b\_c | x | 2024-02-29 | 100,000,000,000,000,000,000 | 90 % |")
    assert lines[3].startswith('| say "x", then stop | y |')
    assert "| &lt;0.001 |" in lines[3]
    assert lines[4].startswith(r"| 100 % &amp; \[red\]\\ |  |")
    assert len(lines) == 6


def test_latex(result: Result) -> None:
    lines = result.text("latex").splitlines()
    assert lines[1] == r"\begin{tabular}{lllrrrl}"
    assert r"a\textbar{}b\_c & x & 2024-02-29" in lines[5]
    assert r"90 \% & 0.100" in lines[5]
    assert lines[7].startswith(r"100 \% \& {[}red{]}\textbackslash{} &  &")
    assert lines[-1] == r"\end{tabular}"
    assert all(line.endswith(r"\\") for line in lines[5:9])


def test_words_stand_in_for_ids_only_where_there_are_words() -> None:
    text = result_of(area=["q1", "q2"], area_label=["In words", None]).text("markdown")
    assert "| In words |" in text
    assert "| q2 |" in text


def test_other_tables(result: Result, tmp_path: Path) -> None:
    path = formats.write(result, tmp_path / "overall.csv", table="overall")
    assert path.read_text() == "scope,misalignment\neveryone,0.5\n"
    with pytest.raises(formats.FormatError, match="no table 'overal'"):
        formats.as_text(result, "csv", "overal")


def test_format_follows_from_the_name(result: Result, tmp_path: Path) -> None:
    assert result.save(tmp_path / "a.TEX").read_text() == result.text("latex")
    assert result.save(tmp_path / "a.txt", "markdown").read_text() == result.text("markdown")
    with pytest.raises(formats.FormatError, match="does not tell a format"):
        result.save(tmp_path / "a.xls")
    with pytest.raises(formats.FormatError, match="no format 'jsn'"):
        result.text("jsn")
    with pytest.raises(formats.FormatError, match="no text"):
        result.text("parquet")


def test_nothing_is_left_of_a_failure(result: Result, tmp_path: Path) -> None:
    target = tmp_path / "kept.csv"
    target.write_text("old")
    with pytest.raises(formats.FormatError):
        formats.write(result, target, "csv", "no such table")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_keeps_its_rights_and_a_link_stays_a_link(result: Result, tmp_path: Path) -> None:
    target, link = tmp_path / "real.csv", tmp_path / "link.csv"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    result.save(link)
    assert link.is_symlink()
    assert target.read_text() == result.text("csv")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_device_is_written_to_and_not_replaced(result: Result) -> None:
    before = Path(os.devnull).stat().st_rdev
    result.save(os.devnull, "csv")
    assert Path(os.devnull).stat().st_rdev == before


@pytest.mark.parametrize("place", ["none/there.csv", "."])
def test_a_place_that_cannot_be_written(result: Result, tmp_path: Path, place: str) -> None:
    with pytest.raises(formats.OutputError, match="cannot write") as caught:
        result.save(tmp_path / place, "csv")
    assert isinstance(caught.value, OSError)
    assert list(tmp_path.iterdir()) == []


def test_spelling_never_rounds_to_nothing_or_to_all() -> None:
    assert spelling.spelled(0.9999, "probability") == ">0.999"
    assert spelling.spelled(0.9949, "share") == "99 %"
    assert spelling.spelled(1.0, "share") == "100 %"
    assert spelling.spelled(1234.5, "agents") == "1,234.5"
    assert spelling.spelled(True) == "true"
    assert spelling.visible("a\x1b[31m\u202eb\u2066\tc") == "a\\x1b[31m\\u202eb\\u2066 c"
