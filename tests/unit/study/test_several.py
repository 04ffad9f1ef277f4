"""Several goals an agent, asked in public: what is said beside the value, and what is refused."""

from io import StringIO
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console

import dissensus as ds
from dissensus.display.terminal import view
from dissensus.engine.counting import count
from dissensus.engine.population import Population
from dissensus.errors import DissensusError
from dissensus.measure.pairing.holdings import met_of_areas
from dissensus.measure.pairing.several import Work
from dissensus.model.conflict import AreaConflicts

TABLE = {"agent": [1, 1, 2, 3, 4], "goal": ["1", "2", "1", "3", "no"], "x": [3, 1, 1, 2, 0]}
GRADED = {("1", "2"): 1.0, ("1", "3"): 0.5}
SEVERAL: dict[str, Any] = {"holds": "several", "no_goal": "no", "conflict": GRADED}


def test_the_record_says_how() -> None:
    result = ds.misalignment(TABLE, **SEVERAL, pairing="independent")
    conventions = result.provenance["conventions"]
    assert conventions["several goals"].startswith("independent: each pair of goals may clash")
    assert conventions["method"].startswith("exact")
    assert result.provenance["seed"] is None
    assert result.provenance["check"] == "every agent checked, each goal once per problem area"
    assert "error_bound" not in result.rows.column_names
    assert result.rows.column("method").to_pylist() == ["exact"]
    assert ds.misalignment(TABLE, holds="draws").provenance["roles"] == {
        "agent": ["agent"],
        "goal": "goal",
        "holds": "draws",
    }


@pytest.mark.parametrize("question", [ds.misalignment, ds.between])
def test_what_is_sampled_says_so(monkeypatch: pytest.MonkeyPatch, question: Any) -> None:
    rows = TABLE | {"side": ["a", "a", "a", "b", "b"]}
    exact = question(rows, **SEVERAL, by="side")
    work = Work(budget=-1, draws=4000)
    monkeypatch.setattr("dissensus.study.several.Work", lambda: work)
    sampled = question(rows, **SEVERAL, by="side")
    pairs = zip(exact.rows.to_pylist(), sampled.rows.to_pylist(), strict=True)
    for one, other in pairs:
        assert (one["method"], other["method"]) == ("exact", "sampled")
        assert abs(one["misalignment"] - other["misalignment"]) <= other["error_bound"] < 0.1
    for table in sampled.tables.values():
        assert set(table.column("method").to_pylist()) == {"sampled"}
        assert all(bound > 0 for bound in table.column("error_bound").to_pylist())
    assert sampled.provenance["seed"] == 0
    assert any("estimates, sampled: 4,000 pairs" in note for note in sampled.summary["notes"])


def test_models_that_were_never_drawn_from() -> None:
    """One model says yes and no, another yes; a third is on the roster alone and holds no goal."""
    rows = {"m": ["a", "a", "b"], "area": ["p"] * 3, "goal": ["yes", "no", "yes"]}
    roster = {"m": ["a", "b", "c"], "w": [1.0, 2.0, 4.0]}
    options: dict[str, Any] = {"agent": "m", "holds": "draws", "roster": roster}
    for weight, value in ((None, 2 * 0.5 / 9), ("w", 2 * 1 * 2 * 0.5 / 49)):
        result = ds.misalignment(rows, **options, absent="no-goal", weight=weight)
        row = result.rows.to_pylist()[0]
        assert row["misalignment"] == pytest.approx(value)
        assert (row["agents"], row["no_goal_agents"], row["internal_conflict"]) == (3, 1, 1)
    outside = ds.misalignment(rows, **options).rows.to_pylist()[0]
    assert (outside["agents"], outside["misalignment"]) == (2, 0.25)
    states = ds.describe(rows, **options, absent="no-goal").tables["states"].to_pylist()
    # draws of those who were asked, agents of those who were not
    assert [state["rows"] for state in states] == [3, 1]


def test_areas_together_are_sampled_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"agent": [1, 1, 2, 2, 3], "area": list("pqpqp"), "goal": list("axayb")}
    exact = ds.misalignment(rows, in_any_area=True)
    assert exact.tables["any_area"]["method"].to_pylist() == ["exact"]
    work = Work(budget=-1, draws=20_000)
    monkeypatch.setattr("dissensus.study.several.Work", lambda: work)
    sampled = ds.misalignment(rows, in_any_area=True)
    row = sampled.tables["any_area"].to_pylist()[0]
    assert row["method"] == "sampled"
    assert abs(row["misalignment"] - 2 / 3) <= row["error_bound"] < 0.05
    assert sampled.provenance["seed"] == 0
    assert any("estimates, sampled" in note for note in sampled.summary["notes"])


def test_many_populations_share_the_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = TABLE | {"side": ["a", "a", "b", "c", "d"]}
    monkeypatch.setattr(
        "dissensus.study.several.Work", lambda: Work(budget=-1, draws=4000, most_draws=8000)
    )
    result = ds.between(rows, **SEVERAL, by="side")
    assert any("sampled: 500 pairs" in note for note in result.summary["notes"])


def test_areas_share_the_budget() -> None:
    """A small area leaves what it does not need to a large one."""
    held = [(i, "large", f"g{i % j}") for i in range(60) for j in (5, 7) if i % 5 != i % 7]
    rows = [*held, *((i, "large", f"h{i % 11}") for i in range(60))]
    rows += [(1, "small", "g1"), (2, "small", "g2")]
    columns = dict(zip(("agent", "area", "goal"), map(list, zip(*rows, strict=True)), strict=True))
    tally: Any = count(Population(columns, holds="several")).tally
    tables = [np.triu(np.full((k, k), 0.5), 1) for k in tally.goal_counts]
    conflicts = AreaConflicts(np.arange(2), tuple(table + table.T for table in tables))

    def asked(budget: float) -> list[Any]:
        return met_of_areas(tally, conflicts, "any", Work(budget, draws=100), pairs=False)

    large, small = (met.steps for met in asked(1e12))
    assert 0 < small < large / 2
    assert [met.is_exact for met in asked(large + small)] == [True, True]
    assert [met.is_exact for met in asked(large)] == [False, True]


def test_work_is_done_once_for_all_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    from dissensus.measure.pairing import holdings

    calls = []
    met = holdings.met_masses
    monkeypatch.setattr(holdings, "met_masses", lambda *a, **k: calls.append(1) or met(*a, **k))
    result = ds.misalignment(TABLE, **SEVERAL)
    assert result.tables["readings"].num_rows == 2
    assert len(calls) == 1


def test_normalised_values_and_companions_are_about_single_goals() -> None:
    result = ds.misalignment(
        TABLE, **SEVERAL, normalise=["asymptotic", "attainable"], companions=["shannon"]
    )
    row = result.rows.to_pylist()[0]
    for name in ("asymptotic", "attainable", "shannon"):
        assert row[name] is None
        assert dict(row["reasons"])[name] == "defined for one goal an agent"


def test_the_terminal_says_with_themselves() -> None:
    result = ds.misalignment({"agent": [1, 1, 2], "goal": ["a", "b", "a"]}, holds="several")
    console = Console(width=100, file=StringIO())
    console.print(view(result))
    shown = " ".join(console.file.getvalue().split())
    assert "with themselves, in 50 of 100 draws" in shown
    assert "themselves participation agents" in shown
    answers = {
        "m": ["a", "a", "b", "b"],
        "goal": ["x", "y", "y", "y"],
        "kind": ["p"] * 2 + ["q"] * 2,
    }
    pairs = ds.between(answers, agent="m", holds="draws", by="kind")
    console.print(view(pairs))
    assert "Most with themselves kind with themselves" in " ".join(console.file.getvalue().split())


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "count": ({"holds": "several", "count": "x", "agent": ()}, "holds='several' with count"),
    "share": ({"holds": "draws", "share": "x"}, "holds='draws' with share"),
    "points of one": ({"points": "x"}, "points with holds='one'"),
    "points of draws": ({"holds": "draws", "points": "x"}, "points with holds='draws'"),
    "both amounts": (
        {"holds": "several", "points": "x", "probability": "x"},
        "points and probability together",
    ),
    "no agents": ({"holds": "several", "agent": (), "wide": ["goal"]}, "without agent columns"),
    "no points": ({"holds": "several", "pairing": "points"}, "pairing='points' of holds='several'"),
    "no draws": ({"pairing": "draws"}, "pairing='draws' of holds='one'"),
    "another word": ({"holds": "several", "pairing": "worst"}, "pairing: 'worst'"),
    "probability above 1": ({"holds": "several", "probability": "x"}, "3 is above 1"),
    "segments of rows": ({"holds": "several", "by": "x"}, "1 agent is in several segments of x"),
    "weights of rows": ({"holds": "several", "weight": "x"}, "1 agents have rows of different"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    options, found = REFUSED[case]
    rows = dict(TABLE)
    if case == "no agents":
        rows["id"] = rows.pop("agent")
    with pytest.raises(DissensusError) as error:
        ds.misalignment(rows, **options)
    assert found in str(error.value)


@pytest.mark.parametrize(
    ("role", "amounts", "found"),
    [
        ("points", [1, -1, 1], "-1 is negative"),
        ("points", [1, None, 1], "1 rows are empty"),
        ("points", [0, 0, 0], "all are 0"),
        ("probability", [0.5, 1.5, 1], "1.5 is above 1"),
        ("probability", [0.5, 0.75, 1], "sum to more than 1: agent 1 (1.25)"),
    ],
)
def test_amounts_that_are_none(role: str, amounts: list[Any], found: str) -> None:
    rows = {"agent": [1, 1, 2], "goal": ["a", "b", "a"], "x": amounts}
    with pytest.raises(DissensusError) as error:
        ds.misalignment(rows, holds="several", **{role: "x"})
    assert found in str(error.value)


@pytest.mark.parametrize("question", ["explain", "target", "mix", "compare", "system_from"])
def test_questions_about_single_goals(question: str) -> None:
    more = {"mix": {"add": TABLE}, "compare": {}, "system_from": {"by": "agent"}}
    arguments = [TABLE] if question == "compare" else []
    with pytest.raises(DissensusError, match=f"{question} of holds='several'") as error:
        getattr(ds, question)(
            pa.table(TABLE), *arguments, holds="several", **more.get(question, {})
        )
    assert "misalignment and between take holds='several'" in str(error.value)


def test_a_second_population_of_several() -> None:
    single = {"agent": [1, 2], "goal": ["1", "2"]}
    with pytest.raises(DissensusError, match="candidates of holds='several'"):
        ds.target(single, candidates=ds.Population(TABLE, holds="several"))
