"""Conflict that somebody judges: asked once, kept, resumed, repeated offline, and its range."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.expected import column

import dissensus as ds
from dissensus.cli import app
from dissensus.errors import DissensusError
from dissensus.measure.conflicts.perturbation import largest_changes
from dissensus.model import record

VOTES: dict[str, Any] = {
    "agent": [1, 2, 3, 4, 5],
    "party": ["A", "A", "B", "B", "B"],
    "goal": ["ban", "ban", "allow", "tax", "tax"],
}
DEGREES = {("allow", "ban"): 0.9, ("allow", "tax"): 0.4, ("ban", "tax"): 0.5}


class Panel:
    """A judge that counts how often it is asked."""

    model = "panel-1"
    prompt = "How far do these two conflict?"

    def __init__(self, fails_on: str = "", says: Any = None) -> None:
        self.asked: list[tuple[str, str]] = []
        self.fails_on, self.says = fails_on, says

    def __call__(self, a: str, b: str) -> Any:
        self.asked.append((a, b))
        if self.fails_on in (a, b):
            raise TimeoutError("no answer")
        return DEGREES[min(a, b), max(a, b)] if self.says is None else self.says


def value(**options: Any) -> float:
    (found,) = column(ds.misalignment(VOTES, **options).rows, "misalignment")
    assert isinstance(found, float)
    return found


def test_each_pair_is_asked_once_and_kept(tmp_path: Path) -> None:
    panel, path = Panel(), tmp_path / "judgements.jsonl"
    found = value(conflict=panel, judgements=path)
    assert found == pytest.approx(value(conflict=DEGREES))
    assert sorted(panel.asked) == sorted(DEGREES)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert {(row["goal_a"], row["goal_b"]): row["conflict"] for row in rows} == DEGREES
    assert {row["model"] for row in rows} == {"panel-1"}
    assert {row["prompt"] for row in rows} == {"How far do these two conflict?"}
    again = Panel()
    assert value(conflict=again, judgements=path) == found
    assert value(conflict="judged", judgements=path) == found
    assert again.asked == []
    assert [one.name for one in tmp_path.iterdir()] == ["judgements.jsonl"]


def test_any_callable_judges_and_without_a_file() -> None:
    assert value(conflict=lambda a, b: a[0] != b[0]) == pytest.approx(value())
    judge = ds.Judge(lambda a, b: a != b, model="m", prompt="p")
    result = ds.misalignment(VOTES, conflict=judge)
    assert result.summary["judge"]["model"] == "m"
    assert result.provenance["conventions"]["conflict"].endswith("by m, asked: p")


def test_what_was_judged_before_a_failure_is_kept_and_resumed(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    with pytest.raises(DissensusError, match="failed on 'allow' and 'tax': TimeoutError") as caught:
        value(conflict=Panel(fails_on="tax"), judgements=path)
    assert str(path) in caught.value.mend
    assert len(path.read_text().splitlines()) == 1
    with pytest.raises(DissensusError, match="2 of 3 pairs of goals without a judgement"):
        value(conflict="judged", judgements=path)
    resumed = Panel()
    assert value(conflict=resumed, judgements=path) == pytest.approx(value(conflict=DEGREES))
    assert resumed.asked == [("allow", "tax"), ("ban", "tax")]


def test_judgements_are_kept_when_somebody_interrupts(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"

    def interrupted(a: str, b: str) -> float:
        if b == "tax":
            raise KeyboardInterrupt
        return 1.0

    with pytest.raises(KeyboardInterrupt):
        value(conflict=interrupted, judgements=path)
    assert len(path.read_text().splitlines()) == 1


def test_progress_is_shown_to_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    value(conflict=Panel())
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    value(conflict=Panel())
    shown = capsys.readouterr().err
    assert "Judging pairs of goals: 2 of 3" in shown
    assert shown.endswith("\r\033[K")


def test_the_judge_sees_the_words_of_goals(tmp_path: Path) -> None:
    panel = Panel(says=1)
    labels = {"goal": {"ban": "Ban it", "allow": "Allow it"}}
    ds.misalignment(VOTES, conflict=panel, labels=labels)
    assert sorted(panel.asked) == [("Allow it", "Ban it"), ("Allow it", "tax"), ("Ban it", "tax")]


def test_a_directed_judge_is_asked_both_ways() -> None:
    asked: list[tuple[str, str]] = []

    def judge(a: str, b: str) -> float:
        asked.append((a, b))
        return 0.75 if a < b else 0.25

    rows = ds.between(VOTES, by="party", conflict=judge, directed=True).rows.to_pylist()
    assert len(asked) == 6
    found = {(row["party_a"], row["party_b"]): row["misalignment"] for row in rows}
    assert found["A", "B"] == pytest.approx((0.25 + 2 * 0.75) / 3)
    assert found["B", "A"] == pytest.approx((0.75 + 2 * 0.25) / 3)


WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing to go by": ({"conflict": "judged"}, "without judgements", "judgements="),
    "no degree": ({"conflict": Panel(says=2)}, "the judge says 2 of 'allow' and 'ban'", "number"),
    "words": ({"conflict": Panel(says="much")}, "the judge says 'much'", "number"),
    "NaN": ({"conflict": Panel(says=float("nan"))}, "the judge says nan", "number"),
    "no such file": ({"conflict": "judged", "judgements": "no.jsonl"}, "cannot read", "name"),
    "not a file": ({"conflict": Panel(), "judgements": {"a": 1}}, "type dict", "judgements="),
    "another model's option": (
        {"conflict": "exclusive", "judgements": "x"},
        "judgements with conflict='exclusive'",
        "'judged'",
    ),
    "no folder": (
        {"conflict": Panel(), "judgements": "nowhere/j.jsonl"},
        "cannot write",
        "another place",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_user_can_mend(case: str) -> None:
    options, found, mend = WRONG[case]
    with pytest.raises(DissensusError) as caught:
        value(**options)
    assert found in caught.value.found
    assert mend in caught.value.mend


LINE = {"goal_a": "ban", "goal_b": "allow", "conflict": 1, "model": "panel-1", "prompt": "?"}
FILES: dict[str, tuple[list[Any], str]] = {
    "no JSON": (["ban,allow,1"], "line 1 is no judgement"),
    "no degree": ([{"goal_a": "ban", "goal_b": "allow"}], "line 1 is no judgement"),
    "out of range": ([{**LINE, "conflict": 3}], "the judge says 3"),
    "two judges": ([LINE, {**LINE, "goal_a": "tax", "model": "m"}], "judgements of 2 judges"),
    "two degrees": (
        [LINE, {**LINE, "goal_a": "allow", "goal_b": "ban", "conflict": 0.5}],
        "'allow' and 'ban' are judged 1 and 0.5",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_files_that_are_no_judgements(case: str, tmp_path: Path) -> None:
    lines, found = FILES[case]
    path = tmp_path / "judgements.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts))
    with pytest.raises(DissensusError) as caught:
        value(conflict="judged", judgements=path)
    assert found in caught.value.found


def test_judgements_of_another_prompt_are_not_mixed(tmp_path: Path) -> None:
    path = tmp_path / "judgements.jsonl"
    path.write_text(json.dumps(LINE))
    with pytest.raises(DissensusError, match=r"another prompt: '\?', not 'How far"):
        value(conflict=Panel(), judgements=path)


def by_brute_force(weights: Any, degrees: Any, error: float, flips: int) -> tuple[float, float]:
    """Extremes over all choices of what is reversed, the rest moved to its ends."""
    values = []
    for number in range(flips + 1):
        for chosen in combinations(range(len(degrees)), number):
            for sign in (-1, 1):
                moved = np.clip(degrees + sign * error, 0, 1)
                moved[list(chosen)] = 1 - degrees[list(chosen)]
                values.append(float(weights @ moved))
    return min(values), max(values)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=5),
    st.integers(0, 8),
    st.integers(0, 3),
)
def test_the_range_is_that_of_all_wrong_judgements(
    entries: list[tuple[int, int]], error: int, flips: int
) -> None:
    weights = np.array([w for w, _ in entries]) / 8
    degrees = np.array([c for _, c in entries]) / 8
    count = len(entries)
    # the same value twice, once in pieces
    rows = np.repeat([0, 1, 1], count)
    names = np.tile(np.arange(count), 3)
    parts = np.concatenate([weights, weights / 2, weights / 2])
    fall, rise = largest_changes(
        rows, names, parts, np.tile(degrees, 3), error=error / 8, flips=flips, size=3
    )
    low, high = by_brute_force(weights, degrees, error / 8, flips)
    value = float(weights @ degrees)
    np.testing.assert_allclose(value - fall[:2], low, atol=1e-12)
    np.testing.assert_allclose(value + rise[:2], high, atol=1e-12)
    assert fall[2] == rise[2] == 0


@pytest.mark.parametrize("sampling", ["with-replacement", "distinct-pairs"])
@pytest.mark.parametrize(("error", "flips"), [(0.1, 0), (0.0, 1), (0.2, 2)])
def test_ranges_of_values_are_reached_by_some_table(
    sampling: Any, error: float, flips: int
) -> None:
    rows = {
        **{name: values * 2 for name, values in VOTES.items()},
        "area": ["p"] * 5 + ["q"] * 5,
        "goal": [*VOTES["goal"], "tax", "ban", "ban", "allow", "quiet"],
    }
    asked = {"no_goal": "quiet", "sampling": sampling, "area_weights": {"p": 1, "q": 3}}
    judged: dict[str, Any] = {"judgement_error": error, "judgement_flips": flips}
    found = ds.misalignment(rows, by="party", conflict=Panel(), **asked, **judged)
    pairs = ds.between(
        rows,
        by="party",
        conflict=Panel(),
        no_goal="quiet",
        area_weights=asked["area_weights"],
        **judged,
    )
    names, degrees = list(DEGREES), np.array(list(DEGREES.values()))
    tables = []
    for number in range(flips + 1):
        for chosen in combinations(range(3), number):
            for sign in (-1, 1):
                moved = np.clip(degrees + sign * error, 0, 1)
                moved[list(chosen)] = 1 - degrees[list(chosen)]
                tables.append(dict(zip(names, moved.tolist(), strict=True)))
    within = [ds.misalignment(rows, by="party", conflict=table, **asked) for table in tables]
    between = [
        ds.between(
            rows, by="party", conflict=table, no_goal="quiet", area_weights=asked["area_weights"]
        )
        for table in tables
    ]
    for result, others, table in (
        (found, within, "overall"),
        (found, within, "rows"),
        (pairs, between, "overall"),
        (pairs, between, "rows"),
    ):
        ranges = result.tables["area_judged" if table == "rows" else "judged"].to_pylist()
        values = [
            column(one.rows if table == "rows" else one.tables[table], "misalignment")
            for one in others
        ]
        for place, row in enumerate(ranges):
            reached = [one[place] for one in values]
            if row["misalignment"] is None:
                assert row["judged_low"] is None
                assert "judged_low" in dict(row["reasons"])
                continue
            assert row["judged_low"] == pytest.approx(min(reached), abs=1e-12)
            assert row["judged_high"] == pytest.approx(max(reached), abs=1e-12)


def test_from_the_command_line_and_a_study_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = [f"{a},{b}" for a, b in zip(VOTES["agent"], VOTES["goal"], strict=True)]
    (tmp_path / "votes.csv").write_text("\n".join(["agent,goal", *lines]))
    value(conflict=Panel(), judgements=tmp_path / "judgements.jsonl")
    (tmp_path / "study.toml").write_text(
        'schema = "dissensus/study/1"\n[data]\nsource = "votes.csv"\n[conflict]\n'
        'conflict = "judged"\njudgements = "judgements.jsonl"\njudgement_error = 0.25\n'
    )

    def run(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["dissensus", *words])
        with pytest.raises(SystemExit):
            app.run()
        return capfd.readouterr().out

    out = run("measure", str(tmp_path / "study.toml"), "--judgement-flips", "1")
    assert "If the judge is wrong" in out
    assert "judged by panel-1: each judgement off by at most 0.25, 1 of them reversed" in " ".join(
        out.split()
    )
    files = ["--conflict", "judged", "--judgements", str(tmp_path / "judgements.jsonl")]
    out = run(
        "measure", str(tmp_path / "votes.csv"), *files, "--table", "judged", "--format", "csv"
    )
    assert "judgements,misalignment,judged_low,judged_high" in out


def test_all_pairs_of_a_hundred_goals_are_one_table(tmp_path: Path) -> None:
    """Judgements are written in batches, whole each time."""
    goals = [f"g{i:02}" for i in range(25)]
    sizes = []
    path = tmp_path / "judgements.jsonl"

    def judge(a: str, b: str) -> float:
        sizes.append(len(path.read_text().splitlines()) if path.exists() else 0)
        return float(a[1] != b[1])

    ds.misalignment({"agent": list(range(25)), "goal": goals}, conflict=judge, judgements=path)
    assert len(path.read_text().splitlines()) == 300
    assert sizes == [20 * (i // 20) for i in range(300)]


def test_values_are_among_what_a_result_in_json_may_hold() -> None:
    found = ds.misalignment(VOTES, conflict=Panel(), pairs={"agent_a": [1], "agent_b": [3]})
    jsonschema.validate(json.loads(found.text("json")), json.loads(record.json_schema()))


def test_several_goals_have_a_value_and_say_that_it_has_no_range() -> None:
    rows = {"agent": [1, 1, 2], "goal": ["ban", "tax", "allow"]}
    found = ds.misalignment(rows, holds="several", conflict=Panel())
    assert column(found.rows, "misalignment") == [pytest.approx(0.45)]
    assert "one goal" in " ".join(found.summary["notes"])
    assert "judged" not in found.tables
