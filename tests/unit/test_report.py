"""Pages and pictures: what goes in, what is refused, what is never half a file."""

import json
import xml.etree.ElementTree as ET
from importlib import util

import pyarrow as pa
import pytest
from typer.testing import CliRunner

import dissensus as ds
from dissensus.cli.app import application
from dissensus.display.page.tables import ROWS_AT_MOST, as_data, selected
from dissensus.display.plotting import kinds, picture_file
from dissensus.errors import DissensusError
from dissensus.model.record import read

VOTES = {
    "agent": [1, 2, 3, 4] * 2,
    "area": list("ppppqqqq"),
    "goal": ["yes", "no", "yes", None, "no", "no", "yes", "yes"],
    "party": ["A", "A", "B", "B"] * 2,
    "year": [2020] * 4 + [2021] * 4,
}


def run(*words):
    return CliRunner().invoke(application(words), words)


def drawn(chart):
    """Marks of a chart."""
    return [row for data in chart.to_dict()["datasets"].values() for row in data]


@pytest.fixture
def between():
    return ds.between(VOTES, by="party")


def test_every_kind_draws_what_the_result_says(between):
    (bar,) = drawn(ds.plot(between))
    assert bar["value"] == between.tables["overall"]["misalignment"][0].as_py()
    assert bar["name"] == "A \u00d7 B"


def test_kinds_say_what_they_are_of():
    assert len(kinds()) >= 12
    for name, kind in kinds().items():
        assert kind.name == name
        assert kind.about
        assert kind.questions


@pytest.mark.parametrize(
    ("kind", "found"),
    [("bubbles", "no kind of picture 'bubbles'"), ("mix", "'mix' of a result of 'between'")],
)
def test_a_kind_that_does_not_fit(between, kind, found):
    with pytest.raises(DissensusError, match=found):
        ds.plot(between, kind)


def test_a_trend_needs_two_times(between):
    with pytest.raises(DissensusError, match="nothing to draw"):
        ds.plot(between, "trend")
    points = drawn(ds.plot(ds.between(VOTES, by="party", over="year"), "trend"))
    assert [point["x"] for point in points if "at" not in point] == [2020, 2021]


def test_pictures_in_files(between, tmp_path):
    svg = picture_file(between, tmp_path / "a.svg")
    assert ET.parse(svg).getroot().tag.endswith("svg")
    assert picture_file(between, tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
    assert picture_file(between, tmp_path / "a.pdf").read_bytes()[:4] == b"%PDF"
    with pytest.raises(DissensusError, match=r"\.svg, \.png or \.pdf"):
        picture_file(between, tmp_path / "a.gif")
    with pytest.raises(DissensusError, match="cannot write"):
        picture_file(between, tmp_path / "none" / "a.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "a.png", "a.svg"]


def test_a_page_of_nothing_or_of_too_much(between):
    with pytest.raises(DissensusError, match="a page of nothing"):
        ds.report()
    with pytest.raises(DissensusError, match="two answers to between"):
        ds.report(between, between)
    other = ds.misalignment({"agent": [1], "goal": ["x"]})
    with pytest.raises(DissensusError, match="different studies"):
        ds.report(between, other)
    with pytest.raises(DissensusError, match="a dict on a page"):
        ds.report({})
    with pytest.raises(DissensusError, match="description"):
        ds.report(ds.describe(VOTES))


def test_a_page_that_cannot_be_written_leaves_nothing(between, tmp_path):
    page = ds.report(between)
    with pytest.raises(DissensusError, match="cannot write"):
        page.save(tmp_path / "none" / "page.html")
    (tmp_path / "page.html").mkdir()
    with pytest.raises(DissensusError, match="cannot write"):
        page.save(tmp_path / "page.html")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_one_area_one_segment_and_nothing_but_nulls():
    assert ds.report(ds.misalignment({"agent": [1, 2], "goal": ["x", "x"]})).html
    silent = {"agent": [1, 2, 3], "area": list("ppq"), "goal": ["-", "-", "x"]}
    result = ds.misalignment(silent, no_goal="-", where="area = p")
    assert result.rows["misalignment"].to_pylist() == [None]
    assert "no value" in ds.report(result).html


def test_a_result_of_another_version_is_refused(between, tmp_path):
    path = between.save(tmp_path / "between.json")
    record = json.loads(path.read_text())
    record["provenance"]["schema"] = "dissensus/result/9"
    path.write_text(json.dumps(record))
    done = run("report", str(path), "-o", str(tmp_path / "page.html"))
    assert isinstance(done.exception, DissensusError)
    assert "dissensus/result/9" in str(done.exception)
    assert not (tmp_path / "page.html").exists()


def test_saved_results_make_the_same_page(between, tmp_path):
    path = between.save(tmp_path / "between.json")
    assert drawn(ds.plot(between)) == drawn(ds.plot(read(path)))


@pytest.mark.parametrize("source", ["bowling-green", "holiday", "couple"])
def test_the_command_line(source, tmp_path):
    page = tmp_path / "page.html"
    done = run("report", source, "-o", str(page), "--title", "A <b>title</b>")
    assert done.exit_code == 0, done.output
    html = page.read_text(encoding="utf-8")
    assert "<h1>A &lt;b&gt;title&lt;/b&gt;</h1>" in html
    assert 'http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;' in html
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_picture_from_the_command_line(tmp_path):
    picture = tmp_path / "plot.svg"
    assert run("plot", "us-senate", "--kind", "trend", "-o", str(picture)).exit_code == 0
    assert "Democrat" in picture.read_text()
    done = run("plot", "us-senate", "--kind", "none", "-o", str(picture))
    assert "no kind of picture 'none'" in str(done.exception)


def test_the_extra_is_asked_for(between, monkeypatch):
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    monkeypatch.setattr("dissensus.display.plotting.find_spec", lambda name: None)
    with pytest.raises(DissensusError, match=r"dissensus\[report\]"):
        ds.plot(between)
    with pytest.raises(DissensusError, match=r"dissensus\[report\]"):
        ds.report(between)


def test_a_large_table_keeps_what_stands_out():
    size = 3 * ROWS_AT_MOST
    values = [i / size for i in range(size)]
    table = pa.table(
        {
            "area": [str(i) for i in range(size)],
            "misalignment": values,
            "conditional_misalignment": values,
            "participation": [1.0] * size,
        }
    )
    kept = selected(table)
    assert kept.num_rows <= ROWS_AT_MOST
    assert {"0", str(size - 1)} <= set(kept["area"].to_pylist())
    assert selected(table.slice(0, 10)).equals(table.slice(0, 10))


def test_data_of_a_page_is_finite_and_short():
    table = pa.table({"area": ["x" * 1000, None], "misalignment": [1 / 3, None]})
    data = {one["key"]: one for one in as_data(table)["columns"]}
    assert data["misalignment"]["values"] == [0.3333, None]
    assert max(len(word) for word in data["area"]["words"] if word) == 300


def test_the_course_of_a_mechanism():
    result = ds.simulate("productivity", "drift")
    points = [row for row in drawn(ds.plot(result)) if "at" not in row]
    approvals = [row["value"] for row in points if row["series"] == "approval"]
    assert approvals == result.rows["approval"].to_pylist()
    assert "MANIPULATED" in ds.report(result).html


def test_what_a_study_lacks_is_said_and_the_rest_is_shown(tmp_path):
    rows = tmp_path / "rows.csv"
    rows.write_text("agent,goal,party\n1,a,x\n2,b,x\n")
    study = tmp_path / "study.toml"
    study.write_text(
        'schema = "dissensus/study/1"\n[data]\nsource = "rows.csv"\n[measure]\nby = ["party"]\n'
    )
    page = tmp_path / "page.html"
    assert run("report", str(study), "-o", str(page)).exit_code == 0
    assert "left out: between (one segment of party" in page.read_text(encoding="utf-8")


def test_a_picture_of_what_becomes_of_a_case(tmp_path):
    picture = tmp_path / "frontier.svg"
    done = run("plot", "cake", "--kind", "frontier", "-o", str(picture))
    assert done.exit_code == 0, done.output
    assert "half" in picture.read_text()
