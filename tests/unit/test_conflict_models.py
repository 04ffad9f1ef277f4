"""Conflict models by name: what goals cost, how they rank, what outcomes are worth to them."""

import re
from functools import partial
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau
from tests.expected import column

import dissensus as ds
from dissensus.cli import app
from dissensus.engine.counting import count
from dissensus.errors import DissensusError
from dissensus.measure.conflicts import bundles
from dissensus.measure.conflicts.bundles import bundle_conflict, joint_cost_conflict
from dissensus.measure.conflicts.orders import order_conflict
from dissensus.measure.conflicts.utilities import scaled_utilities, utility_conflict
from dissensus.study.conflict_models import CATALOGUE
from dissensus.study.conflict_models.co_holding import held_together
from dissensus.study.conflict_models.ranking import places_of
from dissensus.study.options import ConflictOptions

DATA = Path(__file__).parents[3] / "shared" / "data"
real = pytest.mark.skipif(not DATA.exists(), reason="not shipped: real ballots")


def value(goals: list[str], **options: Any) -> float:
    rows = ds.misalignment({"agent": list(range(len(goals))), "goal": goals}, **options).rows
    (found,) = column(rows, "misalignment")
    assert isinstance(found, float)
    return found


def all_bundles(costs: list[int], budget: int) -> list[set[int]]:
    """Maximal bundles, straight from the definition."""
    size = range(len(costs))
    found = []
    for chosen in product([False, True], repeat=len(costs)):
        bundle = {i for i in size if chosen[i]}
        spent = sum(costs[i] for i in bundle)
        fits = spent <= budget
        if fits and all(spent + costs[i] > budget for i in size if i not in bundle):
            found.append(bundle)
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=7), st.integers(0, 25), st.booleans())
def test_bundles_are_those_of_the_definition(costs: list[int], budget: int, by_sums: bool) -> None:
    expected = np.ones((len(costs), len(costs)))
    for g, h in product(range(len(costs)), repeat=2):
        with_g = [bundle for bundle in all_bundles(costs, budget) if g in bundle]
        if g == h:
            expected[g, h] = 0
        elif with_g:
            expected[g, h] = sum(h not in bundle for bundle in with_g) / len(with_g)
    few = bundles._SUBSETS
    try:
        bundles._SUBSETS = 0 if by_sums else few
        found = bundle_conflict(costs, budget)
    finally:
        bundles._SUBSETS = few
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_pairs_miss_what_three_projects_cannot_have_together() -> None:
    assert not joint_cost_conflict([1, 1, 1], 2).any()
    assert (bundle_conflict([1, 1, 1], 2)[np.triu_indices(3, 1)] == 0.5).all()


def test_costs_with_cents_are_added_exactly() -> None:
    assert not joint_cost_conflict([0.1, 0.2], 0.3).any()
    assert not bundle_conflict([0.1, 0.2], 0.3).any()


def test_many_projects_of_fine_costs_are_refused_with_a_way_out() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(DissensusError, match="budget_test='pairs'"):
        bundle_conflict(rng.integers(10**6, 10**7, 40), 10**8)


COSTS = {"goal": ["road", "park", "bench"], "cost": [6, 5, 1]}


@pytest.mark.parametrize(
    "costs",
    [{"road": 6, "park": 5, "bench": 1}, COSTS, pa.table(COSTS), {**COSTS, "area": [None] * 3}],
)
@pytest.mark.parametrize("budget", [7, "7", 7.0])
def test_costs_and_budgets_of_every_form(costs: Any, budget: Any) -> None:
    # of the ordered pairs of different goals: road and park exclude each other, the bench and
    # either do so in half the bundles one way, in none the other
    asked = {"conflict": "budget", "costs": costs, "budget": budget}
    found = value(["road", "park", "bench"], **asked)
    assert found == pytest.approx((2 * 1 + 4 * 0.25) / 9)
    pairs = value(
        ["road", "park", "bench"],
        conflict="budget",
        costs=costs,
        budget=budget,
        budget_test="pairs",
    )
    assert pairs == pytest.approx(2 / 9)


def test_costs_from_a_column_and_projects_that_nobody_wants() -> None:
    rows = {"agent": [1, 2], "goal": ["park", "bench"], "price": [5, 1]}
    assert column(
        ds.misalignment(rows, conflict="budget", costs="price", budget=7).rows, "misalignment"
    ) == [0]
    # the road competes for the money though nobody holds it
    costs = {"road": 6, "park": 5, "bench": 1}
    assert value(["park", "bench"], conflict="budget", costs=costs, budget=7) == 0.125


def test_budgets_by_area() -> None:
    rows = {
        "agent": [1, 2, 1, 2],
        "area": ["north", "north", "south", "south"],
        "goal": ["road", "park", "road", "park"],
    }
    result = ds.misalignment(
        rows, conflict="budget", costs={"road": 6, "park": 5}, budget={"north": 7, "south": 11}
    )
    assert column(result.rows, "misalignment") == [0.5, 0]


def test_directed_keeps_both_ways_of_a_budget() -> None:
    rows = {"agent": [1, 2, 3], "goal": ["road", "park", "bench"], "side": ["a", "c", "b"]}
    result = ds.between(
        rows, by="side", conflict="budget", costs=COSTS, budget=7, directed=True
    ).rows.to_pylist()
    found = {(row["side_a"], row["side_b"]): row["misalignment"] for row in result}
    assert found["a", "b"] == 0  # every bundle with the road has the bench
    assert found["b", "a"] == 0.5


# Kendall's distance with p = 1/2 (Fagin et al. 2006), pair by pair
def distance(first: str, second: str) -> float:
    _, (r, s) = places_of([first, second])
    pairs = list(combinations(range(len(r)), 2))
    apart = 0.0
    for x, y in pairs:
        one, two = np.sign(r[x] - r[y]), np.sign(s[x] - s[y])
        apart += 1 if one * two < 0 else 0.5 * (one != two)
    return apart / len(pairs) if pairs else 0.0


ORDERS = st.permutations("abcd").flatmap(
    lambda names: st.tuples(st.just(names), st.lists(st.sampled_from(">="), min_size=3, max_size=3))
)


def spelt(order: tuple[list[str], list[str]]) -> str:
    names, signs = order
    return names[0] + "".join(sign + name for sign, name in zip(signs, names[1:], strict=True))


@given(ORDERS, ORDERS, ORDERS)
def test_orders_conflict_by_kendalls_distance(a: Any, b: Any, c: Any) -> None:
    orders = [spelt(order) for order in (a, b, c)]
    table = order_conflict(places_of(orders)[1])
    for i, j in product(range(3), repeat=2):
        assert table[i, j] == pytest.approx(distance(orders[i], orders[j]))
    assert table[0, 2] <= table[0, 1] + table[1, 2] + 1e-12  # a metric
    reverse = [">".join(reversed(a[0])), ">".join(a[0])]
    assert order_conflict(places_of(reverse)[1])[0, 1] == 1


@given(st.permutations(range(6)), st.permutations(range(6)))
def test_strict_orders_conflict_by_kendalls_tau(a: list[int], b: list[int]) -> None:
    tau = kendalltau(a, b).statistic
    assert order_conflict([a, b])[0, 1] == pytest.approx((1 - tau) / 2)


def test_orders_may_end_early() -> None:
    # c and d are tied behind: against a>b>c>d one pair of six is tied in one order
    assert value(["a>b", "a>b>c>d"], conflict="ranking") == pytest.approx(2 / 4 * (1 / 12))
    # a plurality ballot and its opposite
    assert value(["a", "b"], conflict="ranking") == 0.5


def test_pairs_of_alternatives_are_taken_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    places = rng.integers(0, 4, (7, 5))
    whole = order_conflict(places)
    monkeypatch.setattr("dissensus.measure.conflicts.orders._AT_ONCE", 21)
    np.testing.assert_allclose(order_conflict(places), whole, atol=1e-15)


def test_thousands_of_orders_need_two_products() -> None:
    rng = np.random.default_rng(0)
    table = order_conflict(rng.permuted(np.tile(np.arange(8), (3000, 1)), axis=1))
    assert table.shape == (3000, 3000)
    assert table.mean() == pytest.approx(0.5, abs=0.01)


UTILITIES = {"goal": ["left", "right", "centre"], "x": [0, 10, 1], "y": [5, 0, 4], "z": [10, 0, 1]}
LONG = {
    "goal": ["left"] * 3 + ["right"] * 3 + ["centre"] * 3,
    "outcome": ["x", "y", "z"] * 3,
    "utility": [0, 5, 10, 10, 0, 0, 1, 4, 1],
}


@pytest.mark.parametrize("utilities", [UTILITIES, LONG, pa.table(LONG)])
def test_utilities_wide_and_long(utilities: Any) -> None:
    # scaled: left 0 1/2 1, right 1 0 0, centre 0 1 0
    left_right, left_centre, right_centre = 2.5 / 3, 1.5 / 3, 2 / 3
    expected = 2 * (left_right + left_centre + right_centre) / 9
    found = value(["left", "right", "centre"], conflict="utility", utilities=utilities)
    assert found == pytest.approx(expected)
    # on a scale from 0 to 10 the centre's modest likes stay modest
    shared = (10 + 5 + 10) / 30, (1 + 1 + 9) / 30, (9 + 4 + 1) / 30
    found = value(
        ["left", "right", "centre"], conflict="utility", utilities=utilities, range=(0, 10)
    )
    assert found == pytest.approx(2 * sum(shared) / 9)


@given(
    st.lists(st.lists(st.integers(-5, 5), min_size=3, max_size=3), min_size=2, max_size=4),
    st.integers(1, 9),
    st.integers(-9, 9),
)
def test_utilities_have_no_unit_and_no_zero(rows: list[list[int]], unit: int, zero: int) -> None:
    rows = [row for row in rows if len(set(row)) > 1]
    if not rows:
        return
    table = utility_conflict(scaled_utilities(rows))
    moved = utility_conflict(scaled_utilities(np.array(rows) * unit + zero))
    np.testing.assert_allclose(table, moved, atol=1e-12)
    assert ((table >= 0) & (table <= 1)).all()
    assert not np.diag(table).any()


HELD = st.dictionaries(
    st.integers(0, 8), st.sets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=9
)


@settings(max_examples=15, deadline=None)
@given(HELD)
def test_co_holding_counts_who_holds_both(held: dict[int, set[str]]) -> None:
    rows = [(agent, goal) for agent, goals in held.items() for goal in sorted(goals)]
    data = {"agent": [agent for agent, _ in rows], "goal": [goal for _, goal in rows]}
    degrees = {}
    for g, h in combinations("abcd", 2):
        number = {goal: sum(goal in goals for goals in held.values()) for goal in (g, h)}
        both = sum({g, h} <= goals for goals in held.values())
        expected = number[g] * number[h] / len(held)
        degrees[g, h] = max(0.0, 1 - (both + 1) / (expected + 1))
    asked = {"holds": "several", "pairing": "independent"}
    found = ds.misalignment(data, conflict="co-holding", **asked)
    given_as_table = ds.misalignment(data, conflict=degrees, **asked)
    assert column(found.rows, "misalignment") == pytest.approx(
        column(given_as_table.rows, "misalignment"), abs=1e-12
    )


def test_co_holding_is_counted_in_each_area_before_where_and_by() -> None:
    rows = {
        "agent": [1, 1, 2, 3, 1, 2, 2],
        "area": [*"ppppqqq"],
        "age": [30, 30, 40, 50, 30, 40, 40],
        "goal": [*"abababa"],
    }
    asked: dict[str, Any] = {"holds": "several", "conflict": "co-holding", "pairing": "mean"}
    whole = ds.misalignment(rows, **asked)
    # p: a and b are held by 2 of 3 each, by one together, 4/3 expected
    # q: a by two, b by one of them, 1 expected
    assert column(whole.rows, "misalignment") == [pytest.approx(4 / 9 * (1 - 2 / (7 / 3))), 0]
    young = ds.misalignment(rows, where="age > 35", **asked)
    assert young.rows["misalignment"][0].as_py() == pytest.approx((1 - 2 / (7 / 3)) / 2)


ASKED: dict[str, dict[str, Any]] = {
    "ranking": {},
    "budget": {"costs": {"a>b": 6, "b>a>c": 5, "c": 1, "c=a": 2}, "budget": 7},
    "utility": {
        "utilities": {"goal": ["a>b", "b>a>c", "c", "c=a"], "x": [1, 0, 0, 5], "y": [0, 2, 1, 4]}
    },
}
QUESTIONS: dict[str, Any] = {
    "misalignment": partial(ds.misalignment, normalise=["attainable"], companions=["esteban_ray"]),
    "between": ds.between,
    "explain": ds.explain,
    "target": partial(ds.target, mixtures=True),
    "compare": lambda rows, **options: ds.compare(rows, rows, **options),
    "mix": lambda rows, by, **options: ds.mix(rows, split={by: "x"}, **options),
}


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_model_answers_as_its_table_would(name: str, question: str) -> None:
    goals = ["a>b", "b>a>c", "c", "c=a"]
    rows = {"agent": list(range(6)), "party": [*"xxxyyy"], "goal": [*goals, *goals[:2]]}
    options = ConflictOptions(conflict=name, **ASKED[name])
    model = CATALOGUE[name].read
    assert model is not None
    table = model(options, ds.Population(rows)).between(goals, None)
    ask = QUESTIONS[question]
    found = ask(rows, by="party", conflict=name, **ASKED[name])
    expected = ask(rows, by="party", conflict=table, goal_set=goals)
    for place, value in expected.rows.to_pydict().items():
        if place in found.rows.column_names and place not in ("reasons", "declared_goals"):
            assert found.rows[place].to_pylist() == pytest.approx(value, abs=1e-12)


WRONG: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "a model that lacks all": (
        {"conflict": "budget"},
        "conflict='budget' without budget and costs",
        "budget: what there is to spend.*costs: what each goal costs",
        "budget=..., costs=...",
    ),
    "utility without utilities": ({"conflict": "utility"}, "without utilities", "worth", "pass"),
    "an option of another model": (
        {"conflict": "ranking", "budget": 3},
        "budget with conflict='ranking'",
        "belong",
        "'budget'",
    ),
    "a goal without a cost": (
        {"conflict": "budget", "costs": {"b": 1}, "budget": 1},
        "no cost of goal 'a'",
        "known: 'b'",
        "costs=",
    ),
    "a cost that is none": (
        {"conflict": "budget", "costs": {"a": -1, "b": 1}, "budget": 1},
        "costs of 'a' is -1",
        "at least 0",
        "correct",
    ),
    "costs in no column": (
        {"conflict": "budget", "costs": "gaol", "budget": 1},
        "costs='gaol', which is no column",
        "goal=cost",
        "did you mean 'goal'",
    ),
    "an area without a budget": (
        {"conflict": "budget", "costs": {"a": 1, "b": 1}, "budget": {"p": 1}},
        "no budget of area",
        "every area",
        "budget=",
    ),
    "directed pairs": (
        {
            "conflict": "budget",
            "costs": {"a": 1, "b": 1},
            "budget": 1,
            "budget_test": "pairs",
            "directed": True,
        },
        "directed with budget_test",
        "two ways",
        "leave out",
    ),
    "costs that are no table of costs": (
        {"conflict": "budget", "costs": {"goal": ["a"], "price": [1]}, "budget": 1},
        "costs: columns 'goal', 'price'",
        "goal, cost",
        "rename",
    ),
    "a goal without utilities": (
        {"conflict": "utility", "utilities": {"goal": ["a"], "x": [1], "y": [2]}},
        "goals without utilities: 'b'",
        "every outcome",
        "add",
    ),
    "a hole in the utilities": (
        {
            "conflict": "utility",
            "utilities": {
                "goal": ["a", "a", "b"],
                "outcome": ["x", "y", "x"],
                "utility": [1, 2, 3],
            },
        },
        "no utility of outcome 'y' to goal 'b'",
        "every outcome",
        "add",
    ),
    "one goal each": (
        {"conflict": "co-holding"},
        "conflict='co-holding' of holds='one'",
        "several goals",
        "holds='several'",
    ),
    "an indifferent goal": (
        {"conflict": "utility", "utilities": {"goal": ["a", "b"], "x": [1, 1], "y": [2, 1]}},
        "to goal 'b' all outcomes are worth the same",
        "best and a worst",
        "range=",
    ),
    "a utility that is no number": (
        {"conflict": "utility", "utilities": {"goal": ["a", "b"], "x": ["1", "good"]}},
        "utility of 'x' to 'b' is 'good'",
        "a number",
        "correct",
    ),
    "utilities of other columns": (
        {"conflict": "utility", "utilities": {"outcome": ["x"], "utility": [1]}},
        "utilities: columns",
        "goal",
        "rename",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_user_can_mend(case: str) -> None:
    options, found, needed, mend = WRONG[case]
    with pytest.raises(DissensusError) as caught:
        value(["a", "b"], **options)
    text = str(caught.value)
    assert found in caught.value.found, text
    assert mend in caught.value.mend, text
    assert re.search(needed, caught.value.needed), text


def test_more_goals_than_a_table_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dissensus.study.conflict_models.area_tables._GOALS_AT_MOST", 2)
    with pytest.raises(DissensusError, match="between 3 goals"):
        value(["a>b", "b>a", "a=b"], conflict="ranking")


@pytest.mark.parametrize("order", ["a>>b", "a>b>a", ">", "a=a"])
def test_orders_that_are_none(order: str) -> None:
    with pytest.raises(DissensusError, match="names"):
        value([order, "a>b"], conflict="ranking")


def test_a_study_file_and_flags_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wishes.csv").write_text("agent,goal\n1,road\n2,park\n3,bench\n")
    (tmp_path / "costs.csv").write_text("goal,cost\nroad,6\npark,5\nbench,1\n")
    (tmp_path / "study.toml").write_text(
        'schema = "dissensus/study/1"\n[data]\nsource = "wishes.csv"\n'
        '[conflict]\nconflict = "budget"\ncosts = "costs.csv"\nbudget = 7\n'
    )
    data, costs = str(tmp_path / "wishes.csv"), str(tmp_path / "costs.csv")
    flags = ["--conflict", "budget", "--costs", costs, "--budget", "7"]
    outputs = []
    for source, more in ((str(tmp_path / "study.toml"), []), (data, flags)):
        words = ["dissensus", "measure", source, *more, "--format", "csv"]
        monkeypatch.setattr("sys.argv", words)
        with pytest.raises(SystemExit):
            app.run()
        outputs.append(capfd.readouterr().out)
    assert outputs[0] == outputs[1]
    assert ",0.333333" in outputs[0]


def test_the_docs_list_every_model_with_what_it_needs_and_takes() -> None:
    folder = Path(__file__).parents[2] / "docs" / "explanation" / "conflict-models"
    text = (folder / "index.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w-]+)`[^|]*\|(.*)$", text, re.M))
    assert list(rows) == list(CATALOGUE)
    for name, model in CATALOGUE.items():
        assert set(re.findall(r"`(\w+)`", rows[name])) == {*model.needs, *model.takes}
        assert (folder / f"{name}.md").exists() == (model.read is not None)


@real
def test_ballots_of_glasgow_as_orders() -> None:
    table = pq.read_table(DATA / "preflib" / "glasgow_2007" / "ballots.parquet")
    wards = sorted(set(table.column("ward").to_pylist()))
    rows = table.filter(pc.equal(table.column("ward"), wards[0]))
    rows = rows.sort_by([("count", "descending")]).slice(0, 40)
    found = ds.misalignment(rows, goal="ranking", count="count", conflict="ranking")
    orders, counts = (rows.column(name).to_pylist() for name in ("ranking", "count"))
    # unnamed alternatives stand last among all that these ballots name
    known, places = places_of(orders)
    signs = np.sign(places[:, :, None] - places[:, None, :])
    apart = np.abs(signs[:, None] - signs[None]).sum(axis=(2, 3)) / 2
    shares = np.array(counts) / sum(counts)
    expected = shares @ apart @ shares / (len(known) * (len(known) - 1))
    assert column(found.rows, "misalignment") == [pytest.approx(expected)]


@real
@pytest.mark.parametrize("city", ["approval_lodz_2020", "points_katowice_2021"])
def test_participatory_budgets_conflict_as_their_table_says(city: str) -> None:
    """The table that comes with the ballots was made from joint costs."""
    folder = DATA / "pabulib_dev" / city
    rows = pq.read_table(folder / "holdings.parquet")
    favourite = rows.group_by(["agent", "area"]).aggregate([("goal", "min")])
    favourite = favourite.rename_columns(["agent", "area", "goal"])
    text = (folder / "conflict.csv").read_text().replace("goal_i,goal_j", "goal_a,goal_b", 1)
    lines = [line.split(",") for line in text.splitlines()]
    table = {name: list(cells) for name, *cells in zip(*lines, strict=True)}
    named = column(ds.misalignment(favourite, conflict=table).rows, "misalignment")
    costs, areas = folder / "goals.csv", folder / "areas.csv"
    found = ds.misalignment(
        favourite, conflict="budget", costs=costs, budget=areas, budget_test="pairs"
    )
    assert column(found.rows, "misalignment") == pytest.approx(named)
    bundled = ds.misalignment(favourite, conflict="budget", costs=costs, budget=areas)
    assert all(
        one >= two for one, two in zip(column(bundled.rows, "misalignment"), named, strict=True)
    )


@real
def test_approvals_of_french_candidates() -> None:
    """Rivals of the second round of 2002 are hardly ever approved of together."""
    table = pq.read_table(DATA / "preflib" / "french_approval_2002" / "holdings.parquet")
    held: dict[str, set[str]] = {}
    for row in table.to_pylist():
        held.setdefault(row["agent"], set()).add(row["goal"])
    pair = {"LePen", "Jospin"}
    number = [sum(goal in goals for goals in held.values()) for goal in sorted(pair)]
    both = sum(pair <= goals for goals in held.values())
    expected = number[0] * number[1] / len(held)
    model = held_together(count(ds.Population(table, holds="several")).tally)
    found = model.between(["LePen", "Jospin"], "president_2002")
    assert found[0, 1] == pytest.approx(1 - (both + 1) / (expected + 1))
    assert found[0, 1] > 0.5
