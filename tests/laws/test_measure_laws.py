"""Theorems of the measure, on populations made by chance."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import oracle
from tests.oracle import Agent

import dissensus as ds
from dissensus.measure.friction import friction
from dissensus.model.conflict import Exclusive, Line, Matrix

settings.register_profile("laws", max_examples=60, deadline=None)
settings.load_profile("laws")

GOALS = ["a", "b", "c", "d"]
SAMPLINGS = ["with-replacement", "distinct-pairs"]
goal = st.sampled_from([*GOALS, None])
population = st.lists(goal, min_size=2, max_size=14).filter(any)
degrees = st.lists(st.integers(0, 8), min_size=6, max_size=6)
weights = st.integers(1, 6)
weighted_population = st.lists(st.tuples(goal, weights), min_size=2, max_size=10).filter(
    lambda agents: any(goal for goal, _ in agents)
)


def grades(numbers):
    """Conflict of each pair of goals, in eighths, so that sums are exact."""
    pairs = [(a, b) for i, a in enumerate(GOALS) for b in GOALS[i + 1 :]]
    return {pair: n / 8 for pair, n in zip(pairs, numbers, strict=True)}


def rows(held, **columns):
    return {"agent": list(range(len(held))), "goal": held, **columns}


def value(held, column="misalignment", **options):
    """Value of one population in one area; an agent without a goal has a null."""
    result = ds.misalignment(rows(held), null_goal="no-goal", goal_set=GOALS, **options)
    return result.rows[column][0].as_py()


def near(expected):
    return None if expected is None else pytest.approx(float(expected), rel=1e-12, abs=1e-15)


@given(population, degrees, st.sampled_from(SAMPLINGS))
def test_is_the_mean_over_all_ordered_pairs(held, numbers, sampling):
    table = grades(numbers)
    conflict = oracle.table({**table, **{(b, a): x for (a, b), x in table.items()}})
    expected = oracle.within(
        [Agent(goal) for goal in held], conflict, distinct=sampling == "distinct-pairs"
    )
    for column in oracle.WITHIN:
        got = value(held, column, conflict=table, sampling=sampling)
        assert got == near(expected[column]), column


@given(
    st.lists(st.tuples(goal, weights), min_size=2, max_size=10).filter(
        lambda p: any(g for g, _ in p)
    ),
    degrees,
    st.lists(st.integers(0, 8), min_size=4, max_size=4),
    st.sampled_from(SAMPLINGS),
)
def test_weights_and_silence_in_conflict(agents, numbers, silences, sampling):
    table = grades(numbers)
    silence = {goal: n / 8 for goal, n in zip(GOALS, silences, strict=True)}
    conflict = oracle.table({**table, **{(b, a): x for (a, b), x in table.items()}})
    expected = oracle.within(
        [Agent(goal, Fraction(weight)) for goal, weight in agents],
        conflict,
        lambda goal: Fraction(silence[goal]),
        distinct=sampling == "distinct-pairs",
    )
    held = [goal for goal, _ in agents]
    (row,) = ds.misalignment(
        rows(held, weight=[weight for _, weight in agents]),
        weight="weight",
        null_goal="no-goal",
        goal_set=GOALS,
        conflict=table,
        no_goal_conflict=silence,
        sampling=sampling,
    ).rows.to_pylist()
    for column in oracle.WITHIN:
        assert row[column] == near(expected[column]), column


@given(population, population, degrees)
def test_between_is_the_mean_over_all_pairs_of_one_and_other(first, second, numbers):
    table = grades(numbers)
    conflict = oracle.table({**table, **{(b, a): x for (a, b), x in table.items()}})
    expected = oracle.between(
        [Agent(goal) for goal in first], [Agent(goal) for goal in second], conflict
    )
    side = ["A"] * len(first) + ["B"] * len(second)
    (row,) = ds.between(
        rows(first + second, side=side), by="side", null_goal="no-goal", conflict=table
    ).rows.to_pylist()
    for column in oracle.BETWEEN:
        assert row[column] == near(expected[column]), column


@given(population, population, degrees, degrees)
def test_directed_gives_both_orders(first, second, numbers, back):
    table = grades(numbers) | {(b, a): x for (a, b), x in grades(back).items()}
    side = ["A"] * len(first) + ["B"] * len(second)
    asked = {"null_goal": "no-goal", "conflict": table, "directed": True}
    there, home = ds.between(rows(first + second, side=side), by="side", **asked).rows.to_pylist()
    one, other = [Agent(goal) for goal in first], [Agent(goal) for goal in second]
    conflict = oracle.table(table)
    assert there["misalignment"] == near(oracle.between(one, other, conflict)["misalignment"])
    assert home["misalignment"] == near(oracle.between(other, one, conflict)["misalignment"])
    # a population's own value uses the mean of both ways
    mean = {(a, b): (table[a, b] + table[b, a]) / 2 for a, b in table}
    whole = value(first, conflict=table, directed=True)
    assert whole == near(oracle.within(one, oracle.table(mean))["misalignment"])


@given(population, st.sampled_from(SAMPLINGS))
def test_bounds(held, sampling):
    got = value(held, sampling=sampling)
    goals = len({goal for goal in held if goal})
    top = 1 if sampling == "distinct-pairs" else (goals - 1) / goals
    assert 0 <= got <= top + 1e-15


@given(population, degrees, st.permutations(GOALS), st.randoms())
def test_names_do_not_matter(held, numbers, others, chance):
    """Goals renamed, agents shuffled: the same value."""
    new = dict(zip(GOALS, others, strict=True)) | {None: None}
    table = grades(numbers)
    renamed = {(new[a], new[b]): x for (a, b), x in table.items()}
    shuffled = [new[goal] for goal in held]
    chance.shuffle(shuffled)
    assert value(shuffled, conflict=renamed) == near(value(held, conflict=table))


@given(population, degrees)
def test_compatible_goals_that_conflict_alike_are_one_goal(held, numbers):
    table = grades(numbers)
    table[("a", "b")] = 0.0
    for other in ("c", "d"):
        table[("b", other)] = table[("a", other)]
    merged = ["a" if goal == "b" else goal for goal in held]
    assert value(merged, conflict=table) == near(value(held, conflict=table))


@given(population, degrees, st.integers(1, 20))
def test_neutral_agents_scale_by_the_square_of_participation(held, numbers, more):
    table = grades(numbers)
    before = value(held, conflict=table)
    after = value(held + [None] * more, conflict=table)
    assert after == near(before * (len(held) / (len(held) + more)) ** 2)
    conditional = value(held, "conditional_misalignment", conflict=table)
    assert value(held + [None] * more, "conditional_misalignment", conflict=table) == near(
        conditional
    )


@given(population, degrees, st.integers(2, 4))
def test_replicating_a_population_changes_nothing(held, numbers, times):
    table = grades(numbers)
    assert value(held * times, conflict=table) == near(value(held, conflict=table))


@given(population, degrees, degrees)
def test_more_conflict_never_lowers_it(held, numbers, more):
    table = grades(numbers)
    raised = {pair: min(x + n / 8, 1.0) for (pair, x), n in zip(table.items(), more, strict=True)}
    assert value(held, conflict=raised) >= value(held, conflict=table) - 1e-15


@given(st.lists(population, min_size=2, max_size=4), degrees)
def test_blocks_add_up(groups, numbers):
    """V = sum w_a^2 M_aa + 2 sum w_a w_b M_ab; and the same for distinct pairs, by pair counts."""
    table = grades(numbers)
    held = [goal for group in groups for goal in group]
    team = [str(i) for i, group in enumerate(groups) for _ in group]
    n = len(held)
    size = {str(i): len(group) for i, group in enumerate(groups)}
    asked = {"null_goal": "no-goal", "conflict": table, "by": "team"}
    across = ds.between(rows(held, team=team), **asked).rows.to_pylist()
    for sampling in SAMPLINGS:
        own = ds.misalignment(rows(held, team=team), sampling=sampling, **asked).rows.to_pylist()
        total = value(held, conflict=table, sampling=sampling)
        less = int(sampling == "distinct-pairs")
        inside = sum(
            size[row["team"]] * (size[row["team"]] - less) * row["misalignment"] for row in own
        )
        outside = sum(
            2 * size[row["team_a"]] * size[row["team_b"]] * row["misalignment"] for row in across
        )
        assert (inside + outside) / (n * (n - less)) == near(total)


@given(population, degrees, st.sampled_from(SAMPLINGS))
def test_three_parts_sum_to_one(held, numbers, sampling):
    options = {"conflict": grades(numbers), "sampling": sampling}
    parts = ("misalignment", "compatible_share", "no_goal_share")
    assert sum(value(held, part, **options) for part in parts) == pytest.approx(1, abs=1e-15)


@given(population, degrees, st.sampled_from(SAMPLINGS))
def test_normalised_values_stay_in_range(held, numbers, sampling):
    names = ["asymptotic", "finite", "attainable"]
    for conflict in ("exclusive", grades(numbers)):
        result = ds.misalignment(
            rows(held),
            null_goal="no-goal",
            goal_set=GOALS,
            conflict=conflict,
            sampling=sampling,
            normalise=names,
        )
        (row,) = result.rows.to_pylist()
        for name in names:
            if row[name] is None:
                assert name in dict(row["reasons"])
            else:
                assert 0 <= row[name] <= 1


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=8),
    st.lists(st.floats(0, 1), min_size=8, max_size=8),
)
def test_forms_of_conflict_agree_with_their_table(masses, places):
    mass = np.array(masses)
    positions = np.array(places[: len(mass)])
    exclusive = 1 - np.eye(len(mass))
    line = np.abs(positions[:, None] - positions)
    for form, table in ((Exclusive(), exclusive), (Line(positions), line)):
        assert friction(mass, form) == pytest.approx(friction(mass, Matrix(table)), abs=1e-14)
        assert friction(np.stack([mass, 2 * mass]), form)[1] == pytest.approx(
            2 * (table @ mass), abs=1e-14
        )


@given(st.lists(st.sampled_from(["never", "sometimes", "always"]), min_size=2, max_size=10))
def test_ordinal_and_interval_are_distances(held):
    """Three levels one step apart: half a conflict a step, in ranks as in numbers."""
    levels = ["never", "sometimes", "always"]
    table = {("never", "sometimes"): 0.5, ("sometimes", "always"): 0.5, ("never", "always"): 1.0}
    numbers = [str(levels.index(level) * 10) for level in held]
    expected = ds.misalignment(rows(held), conflict=table).rows["misalignment"][0].as_py()
    ordinal = ds.misalignment(rows(held), conflict="ordinal", levels=levels)
    interval = ds.misalignment(rows(numbers), conflict="interval", range=(0, 20))
    assert ordinal.rows["misalignment"][0].as_py() == near(expected)
    assert interval.rows["misalignment"][0].as_py() == near(expected)


@given(st.lists(st.integers(0, 10**18), min_size=1, max_size=6).filter(lambda c: sum(c) > 1))
def test_large_counts_keep_their_digits(counts):
    n = sum(counts)
    exact = Fraction(n * n - sum(c * c for c in counts), n * n)
    table = {"goal": [f"g{i}" for i in range(len(counts))], "n": counts}
    for sampling, expected in (
        ("with-replacement", exact),
        ("distinct-pairs", exact * n / (n - 1)),
    ):
        (row,) = ds.misalignment(table, count="n", sampling=sampling).rows.to_pylist()
        assert row["misalignment"] == pytest.approx(float(expected), rel=1e-14, abs=0)
        assert row["agents"] == n
