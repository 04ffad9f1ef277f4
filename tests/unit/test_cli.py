"""The command line: every flag an option, clean output for machines, and how it ends."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from dissensus.cli import app
from dissensus.cli.flags import FlagError, given, option_flags
from dissensus.cli.output import Output
from dissensus.cli.questions import QUESTIONS
from dissensus.model import formats, record
from dissensus.study.options import (
    QUESTION_OPTIONS,
    ConflictOptions,
    DataOptions,
    DesignOptions,
    MeasureOptions,
)

VOTES = """agent,area,vote,party
1,q1,yea,A
2,q1,nay,A
3,q1,yea,B
4,q1,abstain,B
1,q2,yea,A
2,q2,yea,A
3,q2,nay,B
4,q2,nay,B
"""
DATA = Path(__file__).parents[1] / "data"
ROLES = ("--goal", "vote", "--no-goal", "abstain")


class Ended:
    """What a run of the command line left."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """Run the command line in this process, in a folder with votes.csv."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    (tmp_path / "votes.csv").write_text(VOTES)

    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["dissensus", *words])
        with pytest.raises(SystemExit) as ended:
            app.run()
        out, err = capfd.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    return run


def process(*words: str, text: str | None = None, **environment: str) -> Ended:
    done = subprocess.run(
        [sys.executable, "-m", "dissensus", *words],
        input=text,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def test_every_option_is_a_flag_and_only_they_are() -> None:
    tables = (DataOptions, ConflictOptions, MeasureOptions, DesignOptions)
    options = {name for table in tables for name in table.model_fields}
    assert {flag.name for flag in option_flags()} == options - {"source"}
    for question, table in QUESTION_OPTIONS.items():
        own = set(table.model_fields)
        assert not own & options
        assert {flag.name for flag in option_flags(question)} == (options | own) - {
            "source",
            "models",
        }


def test_how_flags_are_read() -> None:
    assert given(
        {
            "by": ["region", '"a, b",c'],
            "no_goal": None,
            "over": "",
            "levels": [""],
            "range": ["-5,5"],
            "goal_map": ["1=agree", "0=no-goal"],
            "area_weights": ["weights.csv"],
            "symmetrise": False,
        }
    ) == {
        "by": ["region", "a, b", "c"],
        "over": None,
        "levels": None,
        "range": ["-5", "5"],
        "goal_map": {"1": "agree", "0": "no-goal"},
        "area_weights": "weights.csv",
        "symmetrise": False,
    }
    with pytest.raises(FlagError, match="--by"):
        given({"by": ["a\nb"]})
    with pytest.raises(FlagError, match="--goal-map given 2 times"):
        given({"goal_map": ["a=b", "file.csv"]})


def test_a_file_with_an_equals_sign(tmp_path: Path) -> None:
    path = tmp_path / "a=b.csv"
    path.touch()
    assert given({"areas": [str(path)]}) == {"areas": str(path)}


def test_measure_on_a_terminal(run) -> None:
    ended = run("measure", "votes.csv", *ROLES, "--by", "party")
    assert ended.code == 0
    assert ended.err == ""
    assert "Misalignment by party" in ended.out
    assert "No goal: 'abstain'" in ended.out
    assert not any(line.endswith(" ") for line in ended.out.splitlines())


def test_csv_on_standard_output_is_clean(run) -> None:
    ended = run("measure", "votes.csv", *ROLES, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert [row["area"] for row in rows] == ["q1", "q2"]
    assert float(rows[1]["misalignment"]) == 0.5
    assert ended.err.startswith("Population: 4 agents")
    assert run("measure", "votes.csv", *ROLES, "--format", "csv", "-q").err == ""


def test_json_keeps_to_the_schema(run) -> None:
    schema = json.loads(record.json_schema())
    for words in (
        ("measure", "votes.csv", *ROLES, "--by", "party"),
        ("between", "votes.csv", *ROLES, "--by", "party"),
        ("describe", "votes.csv", *ROLES),
        ("measure", "votes.csv", *ROLES, "--by", "party", "--min-agents", "3"),
    ):
        ended = run(*words, "--format", "json")
        assert ended.code == 0
        jsonschema.validate(json.loads(ended.out), schema)
    assert json.loads(ended.out)["summary"]["hidden_rows"] > 0


@pytest.mark.parametrize("name", ["r.csv", "r.json", "r.parquet", "r.md", "r.tex"])
def test_files(run, name: str) -> None:
    ended = run("between", "votes.csv", *ROLES, "--by", "party", "-o", name)
    assert ended.code == 0
    assert "Misalignment between" in ended.out
    assert ended.err == f"Written: {name}\n"
    assert Path(name).stat().st_size
    quiet = run("between", "votes.csv", *ROLES, "--by", "party", "-o", name, "-q")
    assert (quiet.out, quiet.err) == ("", "")


def test_overall_in_a_file(run) -> None:
    run("measure", "votes.csv", *ROLES, "--by", "party", "--overall", "-o", "means.csv", "-q")
    rows = list(csv.DictReader(io.StringIO(Path("means.csv").read_text())))
    assert [row["scope"] for row in rows] == ["everyone", "segment", "segment"]


def test_a_study_file_and_flags_that_win(run) -> None:
    described = run("describe", "votes.csv", *ROLES, "--by", "party", "--write", "study.toml")
    assert described.code == 0
    assert described.err == "Next: dissensus measure study.toml\n"
    whole = run("measure", "study.toml", "--format", "json")
    assert json.loads(whole.out)["summary"]["by"] == ["party"]
    run("measure", "study.toml", "--by", "", "--where", "party = A", "-o", "r.json")
    result = formats.read("r.json")
    assert result.summary["by"] == []
    assert result.rows["agents"].to_pylist() == [2, 2]
    again = run("describe", "votes.csv", *ROLES, "--write", "study.toml")
    assert again.code == 2
    assert "exists already" in again.err
    assert again.out == ""


def test_a_party_that_takes_few_positions_is_nobodys_closest(run) -> None:
    """Seven of twenty positions: low values, which are silence."""
    ended = run(
        *("between", str(DATA / "realomat" / "holdings.csv"), "--by", "agent"),
        *("--null-goal", "no-goal", "--overall"),
    )
    lists = ended.out.split("\nWithin")[0]
    closest, silent = lists.split("\nClosest")[1].split("\nSilent")
    assert "party:bsw" not in closest
    assert silent.count("party:bsw") == 5


def test_examples(run) -> None:
    assert "us-senate" in run("examples").out
    copied = run("examples", "copy", "brexit", "here")
    assert "dissensus describe" in copied.out
    assert run("measure", "here/study.toml", "--overall", "-q").code == 0
    assert run("examples", "copy", "brexit", "here").code == 2
    assert "did you mean 'brexit'" in run("examples", "copy", "brexti").err


def test_schema(run) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(run("schema", "result").out))
    jsonschema.Draft202012Validator.check_schema(json.loads(run("schema", "study").out))
    assert run("schema", "results").code == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("measure", "none.csv"), "no such file"),
        (("measure", "votes.csv", *ROLES, "--by", "prty"), "did you mean 'party'"),
        (("measure", "votes.csv", "--goal", "vte"), "did you mean 'vote'"),
        (("measure", "votes.csv", *ROLES, "--sampling", "all"), "sampling: 'all' is not one of"),
        (("measure", "votes.csv", *ROLES, "--range", "low"), "range: not two numbers"),
        (("between", "votes.csv", *ROLES), "between without segments"),
        (("measure", "votes.csv", *ROLES, "-o", "r.xls"), "does not tell a format"),
        (("measure", "votes.csv", *ROLES, "-o", "no/where.csv"), "cannot write"),
        (("measure", "votes.csv", *ROLES, "-o", "-"), "without a format"),
        (("measure", "votes.csv", *ROLES, "--format", "xml"), "there is no format 'xml'"),
        (("measure", "votes.csv", *ROLES, "--format", "json", "--overall"), "--overall with JSON"),
        (("measure", "votes.csv", *ROLES, "--table", "rows"), "--table rows on a terminal"),
        (("measure", "votes.csv", *ROLES, "--table", "x", "--format", "csv"), "no table 'x'"),
        (("explain", "votes.csv", *ROLES, "--nested"), "nested with by"),
        (("measure", "broken.toml"), "no TOML"),
        (("measure", "none.toml"), "cannot read"),
    ],
)
def test_what_the_user_can_mend(run, words: tuple[str, ...], found: str) -> None:
    Path("broken.toml").write_text("[data")
    ended = run(*words)
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.startswith("Error: ")
    assert found in ended.err
    assert "needed: " in ended.err
    assert "mend: " in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    "words", [("measure",), ("mesure", "x"), ("measure", "x", "--min-agents", "a")]
)
def test_usage_errors(run, words: tuple[str, ...]) -> None:
    ended = run(*words)
    assert ended.code == 2
    assert "Usage" in ended.err


def test_a_bug_stays_loud(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Output, "deliver", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run("measure", "votes.csv", *ROLES)


def test_control_characters_in_a_message(run) -> None:
    ended = run("measure", "\x1b[31m.csv")
    assert "\x1b" not in ended.err
    assert "\\x1b[31m.csv" in ended.err


def test_help_names_every_flag_and_has_examples(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for name, (question, _) in QUESTIONS.items():
        text = run(name, "--help").out
        assert name in text
        assert all(f"--{flag.name.replace('_', '-')}" in text for flag in option_flags(question))
        assert f"dissensus {name} " in text
    assert "dissensus between us-senate" in run("--help").out
    assert run("--version").out.startswith("dissensus ")
    assert run().code in (0, 2)


def test_standard_input_and_nothing_else_on_standard_error(tmp_path: Path) -> None:
    ended = process("measure", "-", *ROLES, "--by", "party", "--format", "csv", "-q", text=VOTES)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("area,party,")
    ended = process("between", "us-senate", "--overall", NO_COLOR="1")
    assert (ended.code, ended.err) == (0, "")
    assert "\x1b" not in ended.out


def test_a_terminal_without_utf_8() -> None:
    ended = process("between", "us-senate", "--overall", PYTHONIOENCODING="ascii")
    assert ended.code == 0
    assert ended.out.isascii()
    assert "Democrat x Republican" in ended.out


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX shells")
@pytest.mark.parametrize("words", ["--help", "schema result", "measure us-senate --format csv -q"])
def test_a_reader_that_leaves_early(words: str) -> None:
    line = f"set -o pipefail; {sys.executable} -m dissensus {words} | head -n 1"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


def test_help_loads_nothing_heavy() -> None:
    """How long --help takes hangs on this."""
    code = (
        "import sys; sys.argv = ['dissensus', '--help']\n"
        "from dissensus.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pyarrow', 'numpy', 'duckdb', 'narwhals', 'scipy', 'pandas', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False
    )
    assert done.stderr.strip() == "[]"


def test_completion_knows_commands_and_values() -> None:
    about = {"_DISSENSUS_COMPLETE": "complete_bash", "COMP_CWORD": "1"}
    assert "measure" in process(**about, COMP_WORDS="dissensus m").out
    about["COMP_CWORD"] = "4"
    ended = process(**about, COMP_WORDS="dissensus measure x.csv --sampling d")
    assert ended.out.split() == ["distinct-pairs"]


def test_explain(run) -> None:
    ended = run("explain", "votes.csv", *ROLES, "--by", "party")
    assert ended.code == 0
    assert "between party" in ended.out
    assert "never negative" in ended.out or "may be negative" in ended.out
    ended = run("explain", "votes.csv", *ROLES, "--table", "area_goals", "--format", "csv", "-q")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert [(row["area"], row["goal"]) for row in rows[:3]] == [
        ("q1", "nay"),
        ("q1", "yea"),
        ("q1", ""),
    ]


def test_explain_from_a_study_file(run) -> None:
    Path("study.toml").write_text(
        'schema = "dissensus/study/1"\n[data]\nsource = "votes.csv"\ngoal = "vote"\n'
        '[measure]\nby = ["party", "agent"]\n[explain]\nnested = true\n'
    )
    ended = run("explain", "study.toml", "--format", "json")
    assert json.loads(ended.out)["summary"]["nested"] is True
    assert [row["part"] for row in json.loads(ended.out)["tables"]["overall"]][1:] == [
        "between agent, within party",
        "within agent",
    ]
    jsonschema.validate(json.loads(ended.out), json.loads(record.json_schema()))


def test_the_wider_questions(run) -> None:
    Path("bots.csv").write_text("agent,area,vote\nbold,q1,yea\nbold,q2,yea\nmute,q1,abstain\n")
    target = run("target", "votes.csv", *ROLES, "--by", "party", "--candidates", "bots.csv")
    assert target.code == 0
    assert "bold" in target.out
    assert "Apart, since they hold no goal at all: mute" in target.out
    mixed = run("mix", "votes.csv", *ROLES, "--add", "bots.csv", "--steps", "4")
    assert "By the share of added agents" in mixed.out
    split = run("mix", "votes.csv", *ROLES, "--split", "party=B", "--format", "csv", "-q")
    assert len(split.out.splitlines()) == 1 + 2 * 21
    compared = run("compare", "votes.csv", "bots.csv", *ROLES, "--by", "party", "--per-area")
    assert "2 problem areas in common" in compared.out
    assert "Areas in which they conflict most" in compared.out
    for words in (("target",), ("mix", "--add", "bots.csv"), ("compare", "--model", "agent")):
        more = ["bots.csv"] if words[0] == "compare" else []
        ended = run(words[0], "votes.csv", *more, *ROLES, *words[1:], "--format", "json")
        jsonschema.validate(json.loads(ended.out), json.loads(record.json_schema()))
        assert run(words[0], "votes.csv", *more, *ROLES, *words[1:], "--overall").code == 0


def test_the_wider_questions_from_a_study_file(run) -> None:
    Path("sub").mkdir()
    Path("sub/bots.csv").write_text("agent,area,vote\nbold,q1,yea\nbold,q2,yea\n")
    Path("sub/study.toml").write_text(
        'schema = "dissensus/study/1"\n[data]\nsource = "../votes.csv"\ngoal = "vote"\n'
        'no_goal = ["abstain"]\n[target]\ncandidates = "bots.csv"\n[compare]\nmodels = "bots.csv"\n'
        '[mix]\nadd = "bots.csv"\nsteps = 3\n'
    )
    for question in ("target", "mix", "compare"):
        ended = run(question, "sub/study.toml", "--format", "json")
        assert ended.code == 0, ended.err
    assert run("mix", "sub/study.toml", "--steps", "x").code == 2
