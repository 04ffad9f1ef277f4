"""What a person sees: the answer first, silence never as agreement, any name shown as it is."""

import io
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from dissensus.display.picking import lists, with_min_agents
from dissensus.display.plan import plan
from dissensus.display.sentences import head_line
from dissensus.display.terminal import view
from dissensus.model.result import Result

TIMES = "\N{MULTIPLICATION SIGN}"
REASONS = pa.map_(pa.string(), pa.string())
PARTS = ("participation", "misalignment", "conditional_misalignment")


def values(rows: list[tuple[float | None, float | None]]) -> dict[str, Any]:
    """Columns of rows with these shares of agents with a goal and these misalignments."""
    out: dict[str, list[float | None]] = {name: [] for name in PARTS}
    out |= {"compatible_share": [], "no_goal_share": []}
    reasons = []
    for participation, misalignment in rows:
        both = None if participation is None else participation**2
        known = misalignment is not None and both
        out["participation"].append(participation)
        out["misalignment"].append(misalignment)
        out["conditional_misalignment"].append(misalignment / both if known else None)
        out["compatible_share"].append(both - misalignment if known else None)
        out["no_goal_share"].append(1 - both if known else None)
        reasons.append(None if known else [("misalignment", "nobody holds a goal")])
    return {**out, "reasons": pa.array(reasons, REASONS)}


def result_of(
    areas: list[str],
    rows: list[tuple[float | None, float | None]],
    agents: list[int | None] | None = None,
    mean: tuple[float, float] = (1.0, 0.25),
) -> Result:
    numbers = pa.array(agents or [100] * len(rows), pa.int64())
    overall = pa.table(
        {"scope": ["everyone"], "areas": [len(areas)], "agents": [100], **values([mean])}
    )
    return Result(
        pa.table({"area": areas, "agents": numbers, **values(rows)}),
        {
            "question": "misalignment",
            "head_line": "Population: 100 agents.",
            "notes": ["found by name: area"],
            "by": [],
            "over": None,
            "areas": len(areas),
        },
        {"overall": overall},
    )


def pairs_of(sides: list[tuple[str | None, str | None, int, int, float]]) -> Result:
    """Pairs of parties in one area, all of whose agents hold a goal."""
    a, b, agents_a, agents_b, value = (list(part) for part in zip(*sides, strict=True))
    table = pa.table(
        {
            "areas": [1] * len(a),
            "party_a": pa.array(a, pa.string()),
            "party_b": pa.array(b, pa.string()),
            "agents_a": agents_a,
            "agents_b": agents_b,
            **values([(1.0, one) for one in value]),
        }
    )
    within = pa.table(
        {
            "scope": ["everyone"],
            "areas": [1],
            "party": [None],
            "agents": [100],
            **values([(1.0, 0.5)]),
        }
    )
    summary = {"question": "between", "head_line": "Pairs.", "by": ["party"], "areas": 1}
    return Result(table.drop_columns(["areas"]), summary, {"overall": table, "within": within})


def shown(result: Result, width: int = 80, encoding: str = "utf-8", **options: Any) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace")
    console = Console(file=file, width=width, markup=False, highlight=False, emoji=False)
    console.print(view(result, **options))
    file.flush()
    return raw.getvalue().decode(encoding)


def section(text: str, head: str) -> str:
    """Text below a heading, up to the next blank line."""
    return text.split(head, 1)[1].split("\n\n", 1)[0]


MIXED = result_of(
    ["split", "agreed", "quiet", "refused", "mild", "near"],
    [(1.0, 0.5), (0.9, 0.02), (0.2, 0.01), (0.0, None), (0.95, 0.3), (0.99, 0.1)],
)


def test_the_answer_comes_first() -> None:
    text = shown(MIXED)
    assert text.index("everyone") < text.index("Widest of 6 rows") < text.index("Closest")
    assert "Two agents, drawn at random, conflict in 25 of 100 draws, on average over 6" in text
    assert "What this does not show" in text
    assert "Note: found by name: area" in text
    assert "No value in 1 row: nobody holds a goal." in text


def test_silence_is_never_ranked_as_agreement() -> None:
    text = shown(MIXED)
    closest = section(text, "Closest, among those with a goal")
    assert "agreed" in closest
    assert "quiet" not in closest
    assert "refused" not in closest
    silent = section(text, "Silent rather than agreed")
    assert "quiet" in silent
    assert "! 20 %" in silent
    assert "refused" not in text
    assert "is silence, not agreement" in " ".join(text.split())


def test_who_never_answers_is_marked_and_has_no_value() -> None:
    text = shown(result_of(["a"], [(0.0, None)], mean=(0.0, 0.0)))
    assert "none" in text
    assert "! 0 %" in text


def test_a_high_value_is_not_called_silent_agreement() -> None:
    rows = [(1.0, 0.0), (1.0, 0.1), (1.0, 0.1), (1.0, 0.1), (0.69, 0.4)]
    picked = lists(result_of(list("abcde"), rows).rows, ["area"])
    assert picked.silent.rows.num_rows == 0
    assert picked.widest.rows["area"].to_pylist() == ["e", "b", "c"]


def test_ties_are_ordered_by_agents_then_name() -> None:
    rows = result_of(list("bcda"), [(1.0, 0.5)] * 4, [10, 30, 10, 10]).rows
    picked = lists(rows, ["area"], length=2)
    assert picked.widest.rows["area"].to_pylist() == ["c", "a"]
    assert picked.widest.tied == 4


def test_small_rows_are_hidden_and_counted() -> None:
    result = result_of(["big", "small"], [(1.0, 0.1), (1.0, 0.5)], [30, 29])
    text = shown(result)
    assert "small" not in text
    assert "Hidden: 1 row about fewer than 30 agents." in text
    assert "small" in shown(result, min_agents=0)
    assert "big" not in shown(result, min_agents=31)


def test_if_all_are_small_none_is_hidden() -> None:
    text = shown(pairs_of([("x", "y", 5, 40, 0.5), ("x", "z", 5, 5, 0.25)]))
    assert f"x {TIMES} z" in text
    assert "There are fewer than 30 agents in each row" in text
    text = shown(pairs_of([("x", "y", 50, 40, 0.5), ("x", "z", 50, 5, 0.25)]))
    assert f"x {TIMES} z" not in text
    assert "Hidden: 1 row" in text


def test_files_leave_out_small_rows_only_if_asked() -> None:
    result = result_of(["big", "small"], [(1.0, 0.1), (1.0, 0.5)], [30, None])
    assert with_min_agents(result, 30).rows.num_rows == 2  # an unknown number stays
    small = with_min_agents(result, 31)
    assert small.rows["area"].to_pylist() == ["small"]
    assert small.summary["hidden_rows"] == 1


def test_many_pairs_become_three_lists() -> None:
    sides = [(f"p{i:02}", f"q{i:02}", 50, 50, i / 40) for i in range(40)]
    text = shown(pairs_of(sides))
    assert "Widest of 40 rows" in text
    assert section(text, "Widest of 40 rows").count("p3") == 5
    assert "One agent of party p39 and one of party q39, drawn at random" in " ".join(text.split())


def test_a_segment_without_a_name() -> None:
    text = shown(pairs_of([("x", None, 50, 50, 0.5)]))
    assert f"x {TIMES} (none)" in text
    assert "Within, to compare" in text


def test_over_and_words_for_ids() -> None:
    result = result_of(["q1", "q2"], [(1.0, 0.5), (1.0, 0.1)])
    rows = result.rows.append_column("year", pa.array([1990, 1991]))
    rows = rows.append_column("area_label", pa.array(["Shall we?", None]))
    overall = result.tables["overall"]
    overall = pa.concat_tables([overall, overall]).append_column("year", pa.array([1990, 1991]))
    summary = {**result.summary, "over": "year"}
    text = shown(replace(result, rows=rows, summary=summary, tables={"overall": overall}))
    assert "Misalignment, for each year" in text
    assert "In year 1990, two agents" in text
    assert "Shall we?" in text
    assert "q1" not in text
    assert "q2" in text


def test_overall_and_quiet() -> None:
    text = shown(MIXED, overall=True)
    assert "Widest" not in text
    assert "everyone" in text
    quiet = shown(MIXED, quiet=True)
    assert "Population" not in quiet
    assert "drawn at random" not in quiet
    assert "Widest" in quiet


AWKWARD = [
    "x" * 10_000,
    "[red]not markup[/red] :smile:",
    "\x1b[31mred\x1b[0m \x07 \u202eabc",
    "two\nlines\tand a tab",
    "שלום עולם",
    "日本語の質問" * 20,
]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_any_name_fits_and_is_shown_as_it_is(width: int) -> None:
    text = shown(result_of(AWKWARD, [(1.0, i / 20) for i in range(6)]), width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    assert "[red]not" in " ".join(text.split())
    assert "\x1b" not in text
    assert "\\x1b[31mred" in text
    assert "\u202e" not in text
    assert "\\u202eabc" in "".join(text.split()) or width == 60
    assert "two lines and" in " ".join(text.split())
    assert "שלום עולם" in text


@pytest.mark.parametrize("width", [60, 200])
def test_without_utf_8_only_ascii_is_shown(width: int) -> None:
    pairs = pairs_of([("a", "b", 50, 50, 0.5), ("a", "long name " * 90, 50, 50, 1e-9)])
    text = shown(pairs, width, "ascii")
    assert text.isascii()
    assert "a x b" in text
    assert "0.500 ###" in text
    assert "..." in text
    assert "<0.001" in text


def test_bars_have_one_scale() -> None:
    text = shown(pairs_of([("a", "b", 50, 50, 0.5), ("a", "c", 50, 50, 1.0)]))
    assert "0.500 ███ " in text
    assert "1.000 ██████ " in text


NAMES = st.text(st.characters(codec="utf-8"), max_size=30)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(NAMES, st.one_of(st.none(), st.floats(0, 0.5)), st.integers(0, 100)),
        min_size=1,
        max_size=12,
    ),
    st.integers(60, 200),
)
def test_any_result_can_be_shown(rows: list[tuple[str, float | None, int]], width: int) -> None:
    names, numbers, agents = (list(part) for part in zip(*rows, strict=True))
    result = result_of(names, [(1.0, value) for value in numbers], agents)
    lines = shown(result, width).splitlines()
    assert all(cell_len(line) <= width for line in lines)
    assert plan(result).parts


def test_long_paths_are_cut_down() -> None:
    path = "/home/somebody/a/very/long/way/down/to/data/votes.parquet"
    result = replace(
        MIXED,
        summary={**MIXED.summary, "head_line": f"Population: 3 agents of {path}."},
        provenance={"source": {"path": path}},
    )
    assert head_line(result) == "Population: 3 agents of …/data/votes.parquet."
    assert "…/data/votes.parquet" in shown(result)


def test_a_description() -> None:
    rows = pa.table(
        {
            "column": ["id", "vote", "party"],
            "type": ["text"] * 3,
            "distinct": [1200, 3, 2],
            "nulls": [0, 7, 0],
            "examples": ["1, 2", "yea, nay", "[red]"],
            "role": ["agent", "goal", None],
            "note": pa.nulls(3, pa.string()),
        }
    )
    tables = {
        "states": pa.table(
            {
                "state": ["holds a goal", "no goal"],
                "kind": [None, "abstain"],
                "rows": [900.0, 300.0],
                "share": [0.75, 0.25],
            }
        ),
        "goals": pa.table(
            {"goal": ["yea", "nay"], "rows": [600.0, 300.0], "share": [2 / 3, 1 / 3]}
        ),
        "readings": pa.table(
            {
                "reading": ["holders of a goal only", "named values as no goal"],
                "counted_as_no_goal": ["", "'abstain'"],
                "is_current": [False, True],
                **values([(1.0, 0.4), (0.75, 0.2)]),
            }
        ),
    }
    summary = {"question": "describe", "head_line": "Population: 1,200 agents."}
    text = shown(Result(rows, summary, tables))
    assert "1,200" in text
    assert "no goal: abstain" in text
    assert "[red]" in text
    assert "(this" in text
    assert "Columns that could be segments (--by): party" in text
    only_columns = shown(Result(rows, summary, {}), quiet=True)
    assert "Population" not in only_columns
    assert "vote" in only_columns
