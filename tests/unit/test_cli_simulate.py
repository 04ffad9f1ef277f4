"""``simulate`` on the command line: verdicts, flags of a mechanism, clean output, any width."""

import io
import json
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

import dissensus as ds
from dissensus.cli import app
from dissensus.cli.simulate import ParameterFlagError, _value
from dissensus.display.terminal import view
from dissensus.system.dynamics import Parameter, mechanisms


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Run the command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dissensus", *words])
        with pytest.raises(SystemExit) as ended:
            app.run()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def test_all_mechanisms_of_a_case(run) -> None:
    code, out, err = run("simulate", "holiday")
    assert (code, err) == (0, "")
    assert "boundary: NEGLECTS" in out
    assert "illustrative" in out


def test_one_mechanism_and_its_flags(run) -> None:
    code, out, _ = run("simulate", "holiday", "boundary", "--threshold", "0.3")
    assert code == 0
    for words in ("NEGLECTS: by what it says", "What each part gets", "In numbers", "How"):
        assert words in out
    code, out, _ = run("simulate", "holiday", "boundary", "--format", "json")
    assert json.loads(out)["summary"]["verdict"] == "NEGLECTS"
    code, out, _ = run("simulate", "holiday", "boundary", "--format", "csv", "-q")
    assert out.startswith("part,standing,value,neglect,is_neglected")


def test_data_is_a_system_too(run, tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text("id,age,feed\n1,young,a\n2,young,a\n3,old,b\n")
    words = ("--agent", "id", "--goal", "feed", "--by", "age", "--comparability", "range")
    code, out, err = run("simulate", "survey.csv", "boundary", *words)
    assert code == 0, err
    assert "NEGLECTS" in out


def test_mistakes(run) -> None:
    for words, told in (
        (("simulate", "holidy"), "did you mean 'holiday'?"),
        (("simulate", "holiday", "boundry"), "did you mean 'boundary'?"),
        (("simulate", "holiday", "boundary", "--threshold", "2"), "at most 1"),
        (("simulate", "condorcet-55", "boundary"), "utilities of every part"),
    ):
        code, _, err = run(*words)
        assert code == 2, words
        assert told in err
        assert "Traceback" not in err


def test_texts_of_flags() -> None:
    numbers = Parameter("influence", "Who heeds whom.", "numbers", None)
    assert _value(numbers, "1:1000") == [1, 1000]
    assert _value(numbers, "0.5,0.5;0,1") == [[0.5, 0.5], [0, 1]]
    by_part = Parameter("exponents", "How parts scale.", "by part", None)
    assert _value(by_part, "me=1,you=0.5") == {"me": 1, "you": 0.5}
    wishes = Parameter("after", "What parts want.", "wishes", None)
    assert _value(wishes, "me=1:0") == {"me": [1, 0]}
    assert _value(Parameter("order", "Steps.", "names", None), "a, b") == ["a", "b"]
    with pytest.raises(ParameterFlagError, match="write numbers as"):
        _value(numbers, "1,x")


@pytest.mark.parametrize("width", [50, 80, 140])
def test_any_width(width: int) -> None:
    case = "holiday"
    whole = ds.simulate(case)
    ran = [row["mechanism"] for row in whole.rows.to_pylist() if row["verdict"] is not None]
    results = [whole, *(ds.simulate(case, name) for name in ran)]
    for encoding in ("utf-8", "ascii"):
        file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
        console = Console(file=file, width=width, markup=False, highlight=False, emoji=False)
        for result in results:
            console.print(view(result))
        file.flush()
        text = file.buffer.getvalue().decode(encoding)
        assert all(cell_len(line) <= width for line in text.splitlines()) or encoding == "ascii"


def test_help_lists_the_parameters_of_the_mechanism_that_is_named(run) -> None:
    for one in mechanisms():
        code, out, _ = run("simulate", "holiday", one.name, "--help")
        assert code == 0
        for parameter in one.parameters:
            assert f"--{parameter.name.replace('_', '-')}"[:16] in out
