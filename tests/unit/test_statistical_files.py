"""Files of SPSS, Stata and SAS: words of codes, missing codes, numbers, questions, bad files."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from tests.sas import write_sas
from typer.testing import CliRunner

import dissensus as ds
from dissensus.engine import statistical
from dissensus.engine.codebook import CodebookError
from dissensus.engine.sources import SourceError, collect, open_source
from dissensus.engine.statistical import StatisticalFileError

SCALE = {1.0: "against", 2.0: "neither", 3.0: "for", 8.0: "don't know"}
ANSWERS = pd.DataFrame(
    {
        "id": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "tax": [1.0, 3.0, 3.0, 8.0, 9.0, None],
        "trains": [1.0, 2.0, 3.0, 1.0, 8.0, 2.0],
        "party": [1.0, 1.0, 2.0, 2.0, 2.0, 1.0],
        "age": [18.0, 40.0, 98.0, 98.0, 99.0, 60.0],
        "weight": [1.0, 2.0, 1.0, 1.0, 1.0, 1.0],
        "place": ["Ŝ'burg", "Bern", "", "Bern", "Bern", "Bern"],
    }
)
QUESTIONS = {"tax": "Should taxes rise?", "trains": "More trains?"}
LABELS = {
    "tax": SCALE,
    "trains": SCALE,
    "party": {1.0: "Reds", 2.0: "Blues"},
    "age": {98.0: "98 or older"},
}
MISSING: dict[str, list[Any]] = {
    "tax": [{"lo": 8, "hi": 9}],
    "trains": [8, 9],
    "age": [99],
}


def written(path: Path) -> str:
    pyreadstat.write_sav(
        ANSWERS,
        path,
        column_labels=QUESTIONS,
        variable_value_labels=LABELS,
        missing_ranges=MISSING,
        compress=path.suffix == ".zsav",
    )
    return str(path)


@pytest.fixture
def spss(tmp_path: Path) -> str:
    return written(tmp_path / "survey.sav")


@pytest.fixture
def stata(tmp_path: Path) -> str:
    frame = ANSWERS.assign(tax=pd.Series([1, 3, 3, "a", "b", None], dtype=object))
    labels = LABELS | {"tax": {1: "against", 2: "neither", 3: "for", "a": "don't know"}}
    path = tmp_path / "survey.dta"
    pyreadstat.write_dta(
        frame.drop(columns=["trains", "age"]),
        path,
        column_labels=QUESTIONS,
        variable_value_labels={name: labels[name] for name in ("tax", "party")},
        missing_user_values={"tax": ["a", "b"]},
    )
    return str(path)


def value(result: ds.Result, **where: Any) -> Any:
    rows = [r for r in result.rows.to_pylist() if all(r[k] == v for k, v in where.items())]
    assert len(rows) == 1
    return rows[0]["misalignment"]


def test_codes_become_words_and_numbers_keep_their_type(spss: str) -> None:
    source = open_source(spss)
    assert {name: str(kind) for name, kind in source.schema.items()} == {
        "id": "Int64",
        "tax": "String",
        "trains": "String",
        "party": "String",
        "age": "String",
        "weight": "Int64",
        "place": "String",
    }
    rows = collect(source.frame.select(source.columns)).sort_by("id").to_pydict()
    assert rows["tax"] == ["against", "for", "for", "don't know", "missing 9", None]
    assert rows["age"] == ["18", "40", "98 or older", "98 or older", "missing 99", "60"]
    assert rows["place"] == ["Ŝ'burg", "Bern", None, "Bern", "Bern", "Bern"]


@pytest.mark.parametrize("suffix", ["sav", "zsav"])
def test_missing_codes_are_outside_with_their_words(suffix: str, tmp_path: Path) -> None:
    spss = written(tmp_path / f"survey.{suffix}")
    result = ds.misalignment(spss, agent="id", wide=["tax", "trains"])
    # tax: against, for, for; trains: 2 against, 2 neither, 1 for
    assert value(result, area="tax") == pytest.approx(4 / 9, abs=1e-15)
    assert value(result, area="trains") == pytest.approx(16 / 25, abs=1e-15)
    assert result.rows.column("agents").to_pylist() == [3, 5]
    assert result.rows.column("area_label").to_pylist() == list(QUESTIONS.values())
    assert "Left out: \"don't know\", 'missing 9', an empty goal." in result.summary["head_line"]


@pytest.mark.parametrize("named", ["don't know", "8", 8, 8.0])
def test_missing_codes_are_no_goal_if_named_by_word_or_code(spss: str, named: Any) -> None:
    result = ds.misalignment(spss, agent="id", wide=["tax", "trains"], no_goal=named)
    assert value(result, area="tax") == pytest.approx(2 * 2 / 16, abs=1e-15)
    assert value(result, area="trains") == pytest.approx(16 / 36, abs=1e-15)
    assert result.rows.column("no_goal_agents").to_pylist() == [1, 1]


def test_an_unlabelled_missing_code_is_named_by_its_code(spss: str) -> None:
    result = ds.misalignment(spss, agent="id", goal="tax", no_goal=[9])
    assert result.rows.column("no_goal_agents").to_pylist() == [1]
    same = ds.misalignment(spss, agent="id", goal="tax", no_goal=["missing 9"])
    assert same.rows.equals(result.rows)


def test_an_answer_is_left_out_by_word_or_code(spss: str) -> None:
    for named in ("neither", "2"):
        result = ds.misalignment(spss, agent="id", goal="trains", outside=named)
        assert value(result) == pytest.approx(4 / 9, abs=1e-15)


def test_order_and_distance_come_from_the_codes(spss: str) -> None:
    roles: dict[str, Any] = {"agent": "id", "wide": ["tax", "trains"]}
    ordinal = ds.misalignment(spss, **roles, conflict="ordinal")
    # against-neither and neither-for conflict by 1/2
    expected = 2 * (4 * 0.5 + 2 * 1 + 2 * 0.5) / 25
    assert value(ordinal, area="trains") == pytest.approx(expected, abs=1e-15)
    interval = ds.misalignment(spss, **roles, conflict="interval", range=(1, 3))
    assert value(interval, area="trains") == pytest.approx(expected, abs=1e-15)
    by_level = ds.misalignment(spss, agent="id", goal="trains", conflict="interval", level="trains")
    assert value(by_level) == pytest.approx(expected, abs=1e-15)


def test_a_scale_with_labels_at_its_ends_has_its_numbers_between(tmp_path: Path) -> None:
    path = str(tmp_path / "scale.sav")
    frame = pd.DataFrame({"id": [1.0, 2.0, 3.0], "left": [0.0, 4.0, 10.0]})
    labels = {"left": {0.0: "left", 10.0: "right"}}
    pyreadstat.write_sav(frame, path, variable_value_labels=labels)
    result = ds.misalignment(path, agent="id", goal="left", conflict="interval")
    assert value(result) == pytest.approx(2 * (0.4 + 1 + 0.6) / 9, abs=1e-15)
    assert result.rows.column("goals").to_pylist() == [3]


@pytest.mark.parametrize(
    ("where", "agents"),
    [
        ("age >= 40", 4),  # 99 is declared missing
        ("age = 98", 2),
        ("age = '98 or older'", 2),
        ("age in (18, 60)", 2),
        ("party = 1", 3),
        ("party = Reds", 3),
        ("party != Reds and age < 99", 2),
        ("place = Bern", 4),
    ],
)
def test_where_compares_with_codes_and_with_words(spss: str, where: str, agents: int) -> None:
    result = ds.misalignment(spss, agent="id", goal="trains", where=where, no_goal="don't know")
    assert result.rows.column("agents").to_pylist() == [agents]


def test_segments_weights_and_rosters_are_read_too(spss: str, tmp_path: Path) -> None:
    both = ds.between(spss, agent="id", goal="tax", by="party", weight="weight")
    assert both.rows.column("party_a").to_pylist() == ["Blues"]
    assert both.rows.column("misalignment").to_pylist() == pytest.approx([1 / 3])
    long = tmp_path / "long.csv"
    long.write_text("id,goal\n1,x\n2,y\n3,y\n")
    with pytest.raises(ds.DissensusError, match="Int64"):  # text and numbers do not join
        ds.misalignment(long, agent="id", roster=spss, by="party")
    frame = pd.DataFrame({"id": [1, 2, 3], "goal": ["x", "y", "y"]})
    result = ds.misalignment(
        frame, agent="id", roster=spss, by="party", weight="weight", where="age < 50"
    )
    assert result.rows.column("party").to_pylist() == ["Reds"]
    assert value(result) == pytest.approx(2 * 2 / 9, abs=1e-15)


def test_special_missing_values_of_stata(stata: str) -> None:
    source = open_source(stata)
    rows = collect(source.frame.select("id", "tax")).sort_by("id").to_pydict()
    assert rows["tax"] == ["against", "for", "for", "don't know", "missing .b", None]
    plain = ds.misalignment(stata, agent="id", goal="tax")
    assert value(plain) == pytest.approx(4 / 9, abs=1e-15)
    for named in ("don't know", ".a"):
        result = ds.misalignment(stata, agent="id", goal="tax", no_goal=named)
        assert value(result) == pytest.approx(4 / 16, abs=1e-15)
    result = ds.misalignment(stata, agent="id", goal="tax", no_goal=".b", where="tax >= 3")
    assert result.rows.column("agents").to_pylist() == [2]


def test_transport_files_of_sas(tmp_path: Path) -> None:
    path = str(tmp_path / "survey.xpt")
    pyreadstat.write_xport(ANSWERS, path, column_labels=QUESTIONS)
    result = ds.misalignment(path, agent="id", wide=["tax"], no_goal=[8])
    assert value(result) == pytest.approx((2 * 2 + 2 * 1 + 2 * 2) / 25, abs=1e-15)
    assert result.rows.column("area_label").to_pylist() == [QUESTIONS["tax"]]


def test_files_of_sas_with_a_catalogue_and_special_missing_values(tmp_path: Path) -> None:
    path = tmp_path / "survey.sas7bdat"
    columns = {"id": [1, 2, 3, 4, 5], "tax": [1, 3, 3, "A", None], "party": [1, 1, 2, 2, 2]}
    write_sas(path, columns, {"tax": {1: "against", 3: "for"}})
    result = ds.misalignment(path, agent="id", goal="tax")
    assert value(result) == pytest.approx(4 / 9, abs=1e-15)
    assert "Left out: 'missing .A', an empty goal." in result.summary["head_line"]
    result = ds.misalignment(path, agent="id", goal="tax", no_goal=".A", by="party")
    assert result.rows.column("no_goal_agents").to_pylist() == [0, 1]
    words = {
        row["goal"] for row in ds.explain(path, agent="id", goal="tax").tables["goals"].to_pylist()
    }
    assert {"against", "for"} <= words
    path.with_suffix(".sas7bcat").unlink()  # without it the codes themselves
    plain = ds.explain(path, agent="id", goal="tax").tables["goals"].to_pylist()
    assert {"1", "3"} <= {row["goal"] for row in plain}


def test_portable_files_of_spss(tmp_path: Path) -> None:
    path = str(tmp_path / "survey.por")
    frame = ANSWERS.drop(columns="place").rename(columns=str.upper)
    pyreadstat.write_por(frame, path, column_labels={"TAX": QUESTIONS["tax"]})
    result = ds.misalignment(path, agent="ID", wide=["TAX"], no_goal=[8], outside=[9])
    assert value(result) == pytest.approx(4 / 16, abs=1e-15)


def test_files_are_read_in_pieces(spss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ds.misalignment(spss, agent="id", wide=["tax", "trains"])
    monkeypatch.setattr(statistical, "_CELLS", len(ANSWERS.columns) * 4)  # two pieces of 4 and 2
    pieces = ds.misalignment(spss, agent="id", wide=["tax", "trains"])
    assert pieces.rows.equals(whole.rows)
    assert pieces.provenance["tally"] == whole.provenance["tally"]


def test_codes_that_share_a_label_stay_apart(tmp_path: Path) -> None:
    path = str(tmp_path / "twice.sav")
    frame = pd.DataFrame({"id": [1.0, 2.0, 3.0], "q": [1.0, 2.0, 3.0]})
    labels = {"q": {1.0: "other", 2.0: "other", 3.0: "1"}}
    pyreadstat.write_sav(frame, path, variable_value_labels=labels)
    source = open_source(path)
    words = collect(source.frame.select("id", "q")).sort_by("id").column("q").to_pylist()
    assert words == ["other (1)", "other (2)", "1 (3)"]


def test_text_with_labels_and_missing_codes(tmp_path: Path) -> None:
    path = str(tmp_path / "text.sav")
    frame = pd.DataFrame({"id": [1.0, 2.0, 3.0, 4.0], "vote": ["y", "n", "z", "o"]})
    pyreadstat.write_sav(
        frame,
        path,
        variable_value_labels={"vote": {"y": "yes", "n": "no"}},
        missing_ranges={"vote": ["z"]},
    )
    result = ds.misalignment(path, agent="id", goal="vote")
    assert value(result) == pytest.approx(6 / 9, abs=1e-15)
    assert "Left out: 'missing z'" in result.summary["head_line"]


def test_dates_are_text(tmp_path: Path) -> None:
    path = str(tmp_path / "dates.sav")
    moments = pd.to_datetime(["2020-01-01", None, "2021-06-30"])
    frame = pd.DataFrame({"id": [1.0, 2.0, 3.0], "day": moments, "goal": ["a", "b", "b"]})
    pyreadstat.write_sav(frame, path)
    result = ds.misalignment(path, agent="id", where="day >= '2021-01-01'")
    assert result.rows.column("agents").to_pylist() == [1]


def test_a_word_that_is_missing_here_and_an_answer_there(tmp_path: Path) -> None:
    path = str(tmp_path / "mixed.sav")
    pyreadstat.write_sav(
        ANSWERS, path, variable_value_labels=LABELS, missing_ranges={"tax": [8, 9]}
    )
    roles: dict[str, Any] = {"agent": "id", "wide": ["tax", "trains"]}
    with pytest.raises(CodebookError, match="declared missing in 'tax' and is an answer"):
        ds.misalignment(path, **roles)
    result = ds.misalignment(path, **roles, outside="don't know")
    assert result.rows.column("agents").to_pylist() == [3, 5]


def test_a_code_that_stands_for_several_answers(tmp_path: Path) -> None:
    path = str(tmp_path / "mixed.sav")
    labels = LABELS | {"trains": {2.0: "yes"}}
    pyreadstat.write_sav(ANSWERS, path, variable_value_labels=labels)
    with pytest.raises(CodebookError, match="code '2' stands for 'neither', 'yes'"):
        ds.misalignment(path, agent="id", wide=["tax", "trains"], no_goal=2)


def test_empty_broken_and_wrong_files(tmp_path: Path) -> None:
    empty = str(tmp_path / "empty.sav")
    pyreadstat.write_sav(ANSWERS.iloc[:0], empty, variable_value_labels=LABELS)
    with pytest.raises(ds.DissensusError, match="without rows"):
        ds.misalignment(empty, agent="id", goal="tax")
    for suffix in ("sav", "zsav", "por", "dta", "sas7bdat", "xpt"):
        for name, content in (("nothing", b""), ("garbage", b"garbage" * 999)):
            broken = tmp_path / f"{name}.{suffix}"
            broken.write_bytes(content)
            with pytest.raises(StatisticalFileError, match="cannot read"):
                open_source(str(broken))
    with pytest.raises(SourceError, match="no such file"):
        open_source(str(tmp_path / "none.sav"))
    pyreadstat.write_sav(ANSWERS, tmp_path / "a-1.sav")
    pyreadstat.write_sav(ANSWERS, tmp_path / "a-2.sav")
    with pytest.raises(SourceError, match="2 files of a survey program"):
        open_source(str(tmp_path / "a-*.sav"))


def test_a_truncated_file(spss: str, tmp_path: Path) -> None:
    cut = tmp_path / f"cut{Path(spss).suffix}"
    cut.write_bytes(Path(spss).read_bytes()[:-40])
    with pytest.raises(StatisticalFileError, match="cannot read"):
        open_source(str(cut))


def test_the_missing_extra_answers_with_what_to_type(
    spss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "pyreadstat":
            raise ImportError(name)
        return known(name, *rest)

    monkeypatch.delitem(sys.modules, "pyreadstat")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StatisticalFileError) as error:
        open_source(spss)
    assert error.value.mend == "pip install 'dissensus[spss]'"


def test_the_command_line_reads_surveys(spss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from dissensus.cli.app import application

    words = ["measure", spss, "--agent", "id", "--wide", "tax,trains", "--by", "party"]
    ran = CliRunner().invoke(application(words), [*words, "--no-goal", "don't know"])
    assert ran.exit_code == 0
    assert "Should taxes rise?" in ran.output
    assert "Reds" in ran.output
    words = ["describe", spss]
    ran = CliRunner().invoke(application(words), [*words, "--agent", "id", "--goal", "tax"])
    assert "outside: don't know" in ran.output
    assert "Should taxes rise?" in ran.output


def test_declared_missing_codes_that_nobody_has(tmp_path: Path) -> None:
    path = str(tmp_path / "rare.sav")
    frame = pd.DataFrame({"id": [1.0, 2.0], "q": [1.0, 2.0]})
    labels = {"q": {1.0: "no", 2.0: "yes", 7.0: "unsure", 9.0: "refused"}}
    ranges: dict[str, list[Any]] = {"q": [{"lo": 7, "hi": 9}]}
    pyreadstat.write_sav(frame, path, variable_value_labels=labels, missing_ranges=ranges)
    book = open_source(path).codebook
    assert book.values["q"] == {"no": "1", "yes": "2"}
    assert book.missing["q"] == {"unsure": "7", "refused": "9"}
    result = ds.misalignment(path, agent="id", goal="q", conflict="ordinal")
    assert value(result) == 0.5  # two levels, not four


def test_questions_whose_codes_disagree_have_no_order(tmp_path: Path) -> None:
    path = str(tmp_path / "turned.sav")
    frame = pd.DataFrame({"id": [1.0, 2.0], "a": [1.0, 2.0], "b": [1.0, 2.0]})
    labels = {"a": {1.0: "no", 2.0: "yes"}, "b": {1.0: "yes", 2.0: "no"}}
    pyreadstat.write_sav(frame, path, variable_value_labels=labels)
    roles: dict[str, Any] = {"agent": "id", "wide": ["a", "b"], "conflict": "ordinal"}
    with pytest.raises(ds.DissensusError, match="without an order of the goals"):
        ds.misalignment(path, **roles)
    result = ds.misalignment(path, **roles, levels=["no", "yes"])
    assert result.rows.column("misalignment").to_pylist() == [0.5, 0.5]
