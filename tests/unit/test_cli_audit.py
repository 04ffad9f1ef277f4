"""``audit``, ``new`` and ``check``: from a file or data to one screen, and clean output."""

import io
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from rich.cells import cell_len
from rich.console import Console

import dissensus as ds
from dissensus.cli import app
from dissensus.cli.audit import FixError, _fixed
from dissensus.display.terminal import view
from dissensus.model import record
from dissensus.scenario import load_scenario, scenario_schema

ANSWERS = """My company
ship now, wait, never
sales
ship now > wait
legal
wait > nevr
wait > never

"""
SURVEY = """id,age,feed
1,young,clips
2,young,clips
3,young,mix
4,old,news
5,old,mix
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Run the command line in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def run(*words: str, answers: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dissensus", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        with pytest.raises(SystemExit) as ended:
            app.run()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def test_the_first_screen_says_it_all(run) -> None:
    code, out, _ = run("audit", "holiday")
    assert code == 0
    for words in (
        "illustrative",
        "UNSETTLED: each of the 4 options",
        "30 readings, 6 outcomes; two readings drawn at random differ in 75 of 100 draws",
        "What it wants: three pointers",
        "What comes out of it",
        "What each part gets of its own range",
        "What decides",
        "the aggregation rule (rule, 5 values)",
        "Rule by compute",
        "To settle it",
        "rule = egalitarian",
        "Is it aligned with itself? Under 6 of 8 relations",
        "no policy",
        "the rule's",
        "Because",
        "Its parts as a population",
        "Conventions",
        "Readings are combinations of choices, not chances",
    ):
        assert words in out, words
    assert not any(line.endswith(" ") for line in out.splitlines())


def test_json_for_machines(run, tmp_path: Path) -> None:
    code, out, err = run("audit", "sydney", "--format", "json", "--draws", "5")
    assert code == 0
    assert err == ""
    result = json.loads(out)
    jsonschema.validate(result, json.loads(record.json_schema()))
    assert result["rows"][0]["outcome"] == ["bland"]
    code, out, _ = run("audit", "holiday", "--fix", "rule=egalitarian", "-o", "a.json", "-q")
    assert code == 0
    assert out == ""
    assert json.loads((tmp_path / "a.json").read_text())["summary"]["verdict"] == "SETTLED"


def test_a_survey_is_audited(run, tmp_path: Path) -> None:
    (tmp_path / "survey.csv").write_text(SURVEY)
    (tmp_path / "survey.toml").write_text(
        'schema = "dissensus/study/1"\n[data]\nsource = "survey.csv"\nagent = "id"\ngoal = "feed"\n'
    )
    code, out, err = run("audit", "survey.toml", "--by", "age", "--today", "clips", "--draws", "5")
    assert code == 0, err
    assert "What is done today, clips, is chosen by" in out
    assert "The agents behind the parts: two of them" in out.replace("\n", " ")
    code, _, err = run("audit", "survey.csv", "--agent", "id", "--goal", "feed")
    assert code == 2
    assert "columns whose values are the segments" in err
    code, out, _ = run(
        "audit",
        "survey.csv",
        "--agent",
        "id",
        "--goal",
        "feed",
        "--by",
        "age",
        "--actions",
        "clips,news",
        "--comparability",
        "unit",
        "--rule",
        "utilitarian",
        "--draws",
        "5",
    )
    assert code == 0
    assert "mix" not in out


def test_new_asks_until_it_understands(run, tmp_path: Path) -> None:
    code, out, err = run("new", "my-company.toml", answers=ANSWERS)
    assert code == 0, err
    assert "'nevr' in the order of part 'legal'; did you mean 'never'?" in out
    assert "Next: dissensus audit my-company.toml" in out
    scenario = load_scenario(tmp_path / "my-company.toml")
    assert scenario.title == "My company"
    assert scenario.case.system.parts[1].order == (("wait",), ("never",))
    code, _, err = run("new", "my-company.toml")
    assert code == 2
    assert "exists already" in err
    code, out, _ = run("check", "my-company.toml")
    assert code == 0
    assert "without mistakes: 2 parts, 3 actions" in out
    code, out, _ = run("audit", "my-company.toml")
    assert code == 0
    assert "No reading chooses never." in out


def test_check_lists_every_mistake_of_either_kind_of_file(run, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(
        'schema = "dissensus/system/1"\nactions = ["a", "b"]\nrule = "bord"\ntoday = "c"\n'
        '[[parts]]\nname = "x"\nstanding = 0\norder = "a > b"\n'
    )
    code, _, err = run("check", "case.toml")
    assert code == 2
    for words in ("3 mistakes", "line 3: rule", "line 4: today", "line 5: part 1 'x'"):
        assert words in err
    (tmp_path / "study.toml").write_text(
        'schema = "dissensus/study/1"\n[data]\nsorce = "x.csv"\nagnt = "id"\n'
    )
    code, _, err = run("check", "study.toml")
    assert code == 2
    for words in ("line 3: ", "did you mean 'source'", "line 4: "):
        assert words in err
    (tmp_path / "survey.csv").write_text(SURVEY)
    study = 'schema = "dissensus/study/1"\n[data]\nsource = "survey.csv"\nagent = "id"\n'
    (tmp_path / "study.toml").write_text(study + 'goal = "feed"\n')
    assert run("check", "study.toml")[0] == 0
    (tmp_path / "study.toml").write_text(study + 'goal = "fed"\n')
    code, _, err = run("check", "study.toml")
    assert code == 2
    assert "did you mean 'feed'" in err


def test_mistakes(run, tmp_path: Path) -> None:
    for words, told in (
        (("audit", "holidy"), "did you mean 'holiday'?"),
        (("audit", "holiday", "--fix", "rule"), "write --fix rule=egalitarian"),
        (("audit", "holiday", "--fix", "rule=a", "--fix", "rule=b"), "given twice"),
        (("audit", "holiday", "--fix", "rule=nsh"), "did you mean 'nash'?"),
        (("audit", "holiday", "--by", "age"), "options that are about data"),
        (("audit", "missing.toml"), "cannot read missing.toml"),
        (("schema", "sytem"), "did you mean 'system'?"),
    ):
        code, _, err = run(*words)
        assert code == 2, words
        assert told in err
        assert "Traceback" not in err
    with pytest.raises(FixError):
        _fixed(["=x"])
    assert _fixed(["rule = nash", "tie_break=a = b"]) == {"rule": "nash", "tie_break": "a = b"}


def test_schema_of_scenario_files(run) -> None:
    code, out, _ = run("schema", "system")
    assert code == 0
    assert out.strip() == scenario_schema().strip()
    assert json.loads(out)["properties"]["schema"]["const"] == "dissensus/system/1"


@pytest.mark.parametrize("width", [50, 80, 140])
@pytest.mark.parametrize("name", ["holiday", "sydney", "condorcet-55"])
def test_any_width(name: str, width: int) -> None:
    result = ds.audit(name, draws=5)
    for encoding in ("utf-8", "ascii"):
        file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
        console = Console(file=file, width=width, markup=False, highlight=False, emoji=False)
        console.print(view(result))
        console.print(view(ds.reflexivity(name)))
        file.flush()
        text = file.buffer.getvalue().decode(encoding)
        assert all(cell_len(line) <= width for line in text.splitlines())


def test_help_does_not_load_the_mathematics() -> None:
    code = (
        "import sys; from dissensus.cli.app import application; application(['--help']); "
        "print('dissensus.system' in sys.modules, 'scipy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, timeout=60
    )
    assert done.stdout.split() == ["False", "False"]
