"""Theorems of the measure, on every engine."""

from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests import oracle
from tests.expected import close, column
from tests.populations import DEGREES, GOALS, ConflictCase, conflict_cases, holdings, is_measurable

import dissensus as ds
from dissensus.errors import DissensusError

Frame = Callable[[pa.Table], Any]

QUICK = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
READING: dict[str, Any] = {"no_goal": ["pass"], "null_goal": "no-goal"}
SAMPLINGS = st.sampled_from(["with-replacement", "distinct-pairs"])
# interval reads goals as numbers, of which only some laws know
NAMED = ["exclusive", "ordinal", "matrix", "square", "symmetrise", "directed"]
GRADED = conflict_cases(kinds=NAMED)
SHARES = ("participation", "compatible_share", "no_goal_share")


def measured(data: Any, case: ConflictCase | None = None, **options: Any) -> ds.Result:
    told = {} if case is None else case.options
    return ds.misalignment(data, **{**READING, **told, **options})


def everyone(result: ds.Result, name: str = "misalignment") -> float | None:
    return next(row[name] for row in result.tables["overall"].to_pylist())


def same(a: ds.Result, b: ds.Result, names: tuple[str, ...] = oracle.WITHIN) -> None:
    assert a.rows.num_rows == b.rows.num_rows
    for name in names:
        for one, two in zip(column(a.rows, name), column(b.rows, name), strict=True):
            assert close(one, two), name


def with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, values)


@QUICK
@given(holdings(), conflict_cases(), SAMPLINGS, st.sampled_from([None, "weight"]))
def test_bounds(
    frame: Frame, table: pa.Table, case: ConflictCase, sampling: str, weight: str | None
) -> None:
    """Every value is a probability, the three parts sum to 1, and V has its maximum."""
    assume(is_measurable(table, weight=weight is not None, silent=["pass"]))
    result = measured(frame(table), case, by="party", sampling=sampling, weight=weight)
    for part in (result.rows, *result.tables.values()):
        for row in part.to_pylist():
            for name in oracle.WITHIN:
                assert row[name] is None or 0 <= row[name] <= 1
            if row["misalignment"] is not None:
                parts = row["misalignment"] + row["compatible_share"] + row["no_goal_share"]
                assert parts == pytest.approx(1, abs=1e-12)
                assert row["alignment"] == 1 - row["misalignment"]
    exclusive = measured(frame(table), weight=weight)
    for row in exclusive.rows.to_pylist():
        if row["misalignment"] is not None:
            k = row["goals"]
            assert row["misalignment"] <= (k - 1) / k + 1e-15


@QUICK
@given(holdings(least=2), GRADED)
def test_between_is_symmetric(frame: Frame, table: pa.Table, case: ConflictCase) -> None:
    """M(A, B) = M(B, A); of a directed table M(A -> B) is M(B -> A) of the transposed one."""
    parties = {(row["area"], row["party"]) for row in table.to_pylist() if row["party"]}
    assume(len({party for area, party in parties if area == "p"}) > 1)
    assume(is_measurable(table, silent=["pass"]))
    swapped = {"x": "z", "y": "y", "z": "x"}
    mirrored = with_column(
        table,
        "party",
        pa.array([swapped.get(name) for name in column(table, "party")], pa.string()),
    )
    told = dict(case.options)
    if case.directed:
        told["conflict"] = {(b, a): degree for (a, b), degree in told["conflict"].items()}
    there = ds.between(frame(table), by="party", **READING, **case.options)
    back = ds.between(frame(mirrored), by="party", **READING, **told)
    rows = oracle.by_key(back.rows, ["area", "party_a", "party_b"])
    for row in there.rows.to_pylist():
        a, b = (swapped.get(row[f"party_{side}"]) for side in "ab")
        mirror = rows.get((row["area"], b, a))
        assert mirror is not None or a is None or b is None
        if mirror is not None:
            for name in oracle.WITHIN:
                assert close(row[name], mirror[name]), name
            assert row["participation_a"] == mirror["participation_b"]


@QUICK
@given(
    holdings(), conflict_cases(kinds=["exclusive", "matrix"]), st.permutations(GOALS), st.randoms()
)
def test_names_mean_nothing(
    frame: Frame, table: pa.Table, case: ConflictCase, names: list[str], random: Any
) -> None:
    """Other names for goals and agents, rows in another order: the same values."""
    assume(is_measurable(table, silent=["pass"]))
    rename = {old: f"goal {new}" for old, new in zip(GOALS, names, strict=True)}
    told = dict(case.options)
    for key in ("goal_set", "no_goal_conflict"):
        if isinstance(told.get(key), dict):
            told[key] = {rename[goal]: degree for goal, degree in told[key].items()}
        elif key in told:
            told[key] = [rename[goal] for goal in told[key]]
    if "conflict" in told:
        pairs = told["conflict"]
        renamed = {side: [rename[goal] for goal in pairs[side]] for side in ("goal_a", "goal_b")}
        told["conflict"] = {**pairs, **renamed}
    order = list(range(table.num_rows))
    random.shuffle(order)
    other = table.take(order)
    goals = [rename.get(goal or "") for goal in column(other, "goal")]
    other = with_column(other, "goal", pa.array(goals, pa.string()))
    other = with_column(other, "agent", pa.array([f"a{9 - i}" for i in column(other, "agent")]))
    one = measured(frame(table), case, by="party")
    two = ds.misalignment(
        frame(other), by="party", no_goal=[rename["pass"]], null_goal="no-goal", **told
    )
    same(one, two)
    assert column(one.rows, "party") == column(two.rows, "party")


@QUICK
@given(holdings(), GRADED)
def test_compatible_goals_may_be_merged(frame: Frame, table: pa.Table, case: ConflictCase) -> None:
    """Two goals that conflict with nothing differently, nor with each other, are as good as one."""
    merged = {**dict.fromkeys(GOALS, ""), **{goal: goal for goal in GOALS}, "2": "1"}

    def root(goal: str) -> str:
        return merged[goal]

    pairs = {
        (a, b): float(case.conflict(root(a), root(b)))
        for a in GOALS
        for b in GOALS
        if root(a) != root(b)
    }
    assume(is_measurable(table, silent=["pass"]))
    options: dict[str, Any] = {"conflict": pairs, "directed": True}
    apart = measured(frame(table), **options)
    together = measured(frame(table), goal_map={goal: merged[goal] for goal in GOALS}, **options)
    same(apart, together)


@QUICK
@given(holdings(), conflict_cases(kinds=["exclusive", "ordinal", "matrix"]), st.integers(1, 5))
def test_neutral_agents_dilute(
    frame: Frame, table: pa.Table, case: ConflictCase, neutral: int
) -> None:
    """Agents without a goal scale V by the square of participation; the conditional stays."""
    assume(is_measurable(table, silent=["pass"]))
    told = {name: value for name, value in case.options.items() if name != "no_goal_conflict"}
    here = table.filter(pc.is_in(table["goal"], pa.array(GOALS[:4])))
    areas = list(dict.fromkeys(column(here, "area")))
    silent = pa.table(
        {
            "agent": pa.array([100 + i for i in range(neutral)] * len(areas), pa.int64()),
            "area": [area for area in areas for _ in range(neutral)],
            "party": ["x"] * neutral * len(areas),
            "weight": [1.0] * neutral * len(areas),
            "goal": ["pass", None] * (neutral * len(areas) // 2)
            + ["pass"] * (neutral * len(areas) % 2),
        },
        schema=here.schema,
    )
    before = measured(frame(here), **told)
    after = measured(frame(pa.concat_tables([here, silent])), **told)
    for old, new in zip(before.rows.to_pylist(), after.rows.to_pylist(), strict=True):
        assert old["participation"] == 1
        share = Fraction(old["agents"], old["agents"] + neutral)
        assert new["participation"] == pytest.approx(float(share), rel=1e-15)
        assert new["misalignment"] == pytest.approx(
            old["misalignment"] * float(share**2), rel=1e-12
        )
        assert new["conditional_misalignment"] == pytest.approx(old["misalignment"], rel=1e-12)
        assert new["no_goal_share"] == pytest.approx(float(1 - share**2), rel=1e-12)


@QUICK
@given(holdings(), conflict_cases(), st.integers(2, 4), st.sampled_from([None, "weight"]))
def test_copies_of_a_population(
    frame: Frame, table: pa.Table, case: ConflictCase, times: int, weight: str | None
) -> None:
    """V does not depend on how often everybody is there; U goes towards it."""
    assume(is_measurable(table, weight=weight is not None, silent=["pass"]))
    copies = pa.concat_tables(
        with_column(table, "agent", pc.add(table["agent"], 1000 * i)) for i in range(times)
    )
    one = measured(frame(table), case, by="party", weight=weight)
    many = measured(frame(copies), case, by="party", weight=weight)
    same(one, many)
    assert [n * times for n in column(one.rows, "agents")] == column(many.rows, "agents")


@QUICK
@given(holdings(), st.data())
def test_more_conflict_never_lowers_it(frame: Frame, table: pa.Table, data: st.DataObject) -> None:
    assume(is_measurable(table, silent=["pass"]))
    ordered = st.tuples(st.sampled_from(DEGREES), st.sampled_from(DEGREES)).map(sorted)
    drawn = {pair: data.draw(ordered) for pair in combinations(GOALS, 2)}
    silent = {goal: data.draw(ordered) for goal in GOALS}
    low, high = (
        measured(
            frame(table),
            conflict={pair: degrees[i] for pair, degrees in drawn.items()},
            no_goal_conflict={goal: degrees[i] for goal, degrees in silent.items()},
            goal_set=GOALS,
            by="party",
        )
        for i in (0, 1)
    )
    for less, more in zip(low.rows.to_pylist(), high.rows.to_pylist(), strict=True):
        for name in ("misalignment", "conditional_misalignment"):
            if less[name] is not None:
                assert less[name] <= more[name] + 1e-15


@QUICK
@given(holdings(least=2), conflict_cases(kinds=NAMED[:-1]), SAMPLINGS)
def test_blocks_add_up(frame: Frame, table: pa.Table, case: ConflictCase, sampling: str) -> None:
    """V = sum w_a^2 M_aa + 2 sum w_a w_b M_ab, and the same in pairs of agents for U."""
    assume(is_measurable(table, silent=["pass"]))
    try:
        pairs = ds.between(frame(table), by="party", **READING, **case.options)
    except DissensusError:
        assume(False)
    distinct = sampling == "distinct-pairs"
    whole = oracle.by_key(measured(frame(table), case, sampling=sampling).rows, ["area"])
    parts = measured(frame(table), case, by="party", sampling=sampling).rows.to_pylist()
    for (area,), row in whole.items():
        if row["misalignment"] is None:
            continue
        own = [part for part in parts if part["area"] == area]
        met = sum(
            part["agents"] * (part["agents"] - distinct) * (part["misalignment"] or 0)
            for part in own
        )
        met += 2 * sum(
            pair["agents_a"] * pair["agents_b"] * pair["misalignment"]
            for pair in pairs.rows.to_pylist()
            if pair["area"] == area
        )
        agents = sum(part["agents"] for part in own)
        assert agents == row["agents"]
        assert met / (agents * (agents - distinct)) == pytest.approx(
            row["misalignment"], rel=1e-12, abs=1e-15
        )


@QUICK
@given(holdings(), conflict_cases())
def test_distinct_pairs_and_replacement(frame: Frame, table: pa.Table, case: ConflictCase) -> None:
    """U = V n / (n - 1), since nobody conflicts with itself; of one agent U is not defined."""
    assume(is_measurable(table, silent=["pass"]))
    v = measured(frame(table), case).rows.to_pylist()
    u = measured(frame(table), case, sampling="distinct-pairs").rows.to_pylist()
    for one, two in zip(v, u, strict=True):
        n = one["agents"]
        if one["misalignment"] is None or n < 2:
            assert two["misalignment"] is None
        else:
            assert two["misalignment"] == pytest.approx(one["misalignment"] * n / (n - 1))


@QUICK
@given(holdings(), conflict_cases())
def test_equal_weights_weigh_nothing(frame: Frame, table: pa.Table, case: ConflictCase) -> None:
    assume(is_measurable(table, silent=["pass"]))
    weighted = with_column(table, "weight", pa.array([0.7] * table.num_rows))
    for sampling in ("with-replacement", "distinct-pairs"):
        plain = measured(frame(table), case, by="party", sampling=sampling)
        equal = measured(frame(weighted), case, by="party", sampling=sampling, weight="weight")
        same(plain, equal)
        assert column(equal.rows, "agents") == column(plain.rows, "agents")


@QUICK
@given(holdings(), conflict_cases(), SAMPLINGS)
def test_shapes_say_the_same(
    frame: Frame, table: pa.Table, case: ConflictCase, sampling: str
) -> None:
    """Rows of agents, and counts of them, of any partition of the rows."""
    assume(is_measurable(table, silent=["pass"]))
    named = with_column(table, "goal", pc.fill_null(table["goal"], "pass"))
    counted = named.group_by(["area", "party", "goal", "weight"]).aggregate([([], "count_all")])
    long = measured(frame(named), case, by="party", sampling=sampling)
    groups = measured(
        frame(counted.drop_columns("weight")),
        case,
        by="party",
        sampling=sampling,
        count="count_all",
    )
    assert groups.rows.equals(long.rows)
    assert groups.provenance["tally"] == long.provenance["tally"]


@QUICK
@given(holdings(least=2), conflict_cases(kinds=["exclusive", "matrix"]))
def test_over_is_where_each(frame: Frame, table: pa.Table, case: ConflictCase) -> None:
    """The question for each value of a column is the question of the rows that have it."""
    assume(is_measurable(table, silent=["pass"]))
    told = {name: value for name, value in case.options.items() if name != "no_goal_conflict"}
    whole = oracle.by_key(measured(frame(table), over="party", **told).rows, ["party", "area"])
    for party in "xyz":
        mine = [row for key, row in whole.items() if key[0] == party]
        if not any(row["participation"] for row in mine):
            continue
        alone = oracle.by_key(
            measured(frame(table), where=f"party = {party}", **told).rows, ["area"]
        )
        for row in mine:
            for name in oracle.WITHIN:
                assert close(row[name], alone[row["area"],][name]), name


@QUICK
@given(holdings(), conflict_cases())
def test_a_filter_that_all_pass(frame: Frame, table: pa.Table, case: ConflictCase) -> None:
    assume(is_measurable(table, silent=["pass"]))
    plain = measured(frame(table), case, by="party")
    all_pass = measured(frame(table), case, by="party", where="agent >= 0")
    assert all_pass.rows.equals(plain.rows)
    assert all_pass.tables["overall"].equals(plain.tables["overall"])


@QUICK
@given(holdings(), conflict_cases(), st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0]), min_size=3))
def test_the_mean_is_a_random_area(
    frame: Frame, table: pa.Table, case: ConflictCase, weights: list[float]
) -> None:
    assume(is_measurable(table, silent=["pass"]))
    areas = list(dict.fromkeys(column(table, "area")))
    given_weights = dict(zip(areas, weights, strict=False))
    assume(sum(given_weights.values()) > 0)
    result = measured(frame(table), case, area_weights=given_weights)
    rows = result.rows.to_pylist()
    for name in oracle.WITHIN:
        mean = oracle.mean(
            [None if row[name] is None else Fraction(row[name]) for row in rows],
            [given_weights[row["area"]] for row in rows],
        )
        oracle.assert_close({name: everyone(result, name)}, {name: mean})
    uniform = measured(frame(table), case)
    equal = measured(frame(table), case, area_weights=dict.fromkeys(areas, 2))
    assert equal.tables["overall"].equals(uniform.tables["overall"])


@QUICK
@given(holdings(), conflict_cases())
def test_readings_are_other_questions(frame: Frame, table: pa.Table, case: ConflictCase) -> None:
    """What the table of readings says is what the question with that reading answers."""
    told = {name: value for name, value in case.options.items() if name != "no_goal_conflict"}
    assume(is_measurable(table, silent=["pass"]))
    roster = pa.table({"agent": pa.array(range(9), pa.int64())})
    base = {**told, "no_goal": "pass", "roster": roster}
    result = ds.misalignment(frame(table), **base)
    asked: list[dict[str, Any]] = [
        {"null_goal": "outside", "absent": "outside"},
        {"null_goal": "no-goal", "absent": "outside"},
        {"null_goal": "no-goal", "absent": "no-goal"},
    ]
    answers = [ds.misalignment(frame(table), **base, **reading) for reading in asked]
    known = {round(row["misalignment"] or -1, 12) for row in result.tables["readings"].to_pylist()}
    for answer in answers:
        assert round(everyone(answer) or -1, 12) in known
        current = [row for row in answer.tables["readings"].to_pylist() if row["is_current"]]
        assert [row["misalignment"] for row in current] == [everyone(answer)]
