"""Answers for agents with several goals that can be counted by hand."""

import numpy as np
import pytest

from dissensus.measure.pairing.several import within_patterns
from dissensus.model.patterns import PairingError, patterns_of
from dissensus.model.tally import Mass

TABLE = [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def test_three_agents_one_of_two_minds():
    patterns = patterns_of([[0, 1], [0], [2]], 3)
    each = Mass(np.array([[1, 1, 1]]))
    value = within_patterns(patterns, each, TABLE, "any")
    assert value.misalignment[0] == 2 / 9
    assert value.internal_conflict[0] == 1 / 3
    distinct = within_patterns(patterns, each, TABLE, "any", "distinct-pairs")
    assert distinct.misalignment[0] == 1 / 3
    assert within_patterns(patterns, each, TABLE, "mean").misalignment[0] == 1 / 9


@pytest.mark.parametrize("pairing", ["any", "independent", "mean"])
@pytest.mark.parametrize(
    ("counts", "value", "distinct"),
    [
        ([0, 1, 1], 1 / 2, 1),
        ([1, 1, 1], 2 / 9, 1 / 3),
        ([0, 50, 50], 1 / 2, 50 / 99),
        ([40, 30, 30], 9 / 50, 2 / 11),
        ([0, 33, 33, 33], 2 / 3, 33 / 49),
        ([0, 2, 2, 2, 2], 3 / 4, 6 / 7),
    ],
)
def test_single_goals_as_sets(pairing, counts, value, distinct):
    k = len(counts) - 1
    patterns = patterns_of([[], *[[g] for g in range(k)]], k)
    table = 1.0 - np.eye(k)
    for sampling, expected in (("with-replacement", value), ("distinct-pairs", distinct)):
        found = within_patterns(patterns, Mass(np.array([counts])), table, pairing, sampling)
        assert found.misalignment[0] == pytest.approx(expected, rel=1e-14)
        assert found.internal_conflict[0] == 0


def test_silence_is_kept_apart():
    patterns = patterns_of([[], [0], [1]], 2)
    found = within_patterns(patterns, Mass(np.array([[40, 30, 30]])), [[0, 1], [1, 0]], "any")
    assert found.conditional_misalignment[0] == 1 / 2
    assert found.participation[0] == 0.6
    parts = found.misalignment + found.compatible_share + found.no_goal_share
    assert parts[0] == pytest.approx(1)
    nobody = within_patterns(patterns, Mass(np.array([[5, 0, 0]])), [[0, 1], [1, 0]], "any")
    assert np.isnan(nobody.misalignment[0])
    assert nobody.participation[0] == 0


def test_one_agent_makes_no_pair():
    found = within_patterns(
        patterns_of([[0, 1]], 2), Mass(np.array([[1]])), [[0, 1], [1, 0]], "any", "distinct-pairs"
    )
    assert np.isnan(found.misalignment[0])
    assert found.internal_conflict[0] == 1


def test_draws_of_two_models():
    # a model that answers yes 3 times of 4, and one that always says no
    patterns = patterns_of([[0, 1], [1]], 2, [[3, 1], [4]])
    table = [[0, 1], [1, 0]]
    found = within_patterns(patterns, Mass(np.array([[1, 1]])), table, "draws", "distinct-pairs")
    assert found.misalignment[0] == 3 / 4
    assert found.internal_conflict[0] == pytest.approx((1 / 2 + 0) / 2)


def test_counts_and_weights_of_equal_sets():
    patterns = patterns_of([[0, 1], [0], [2]], 3)
    counts = Mass(np.array([[2, 1, 1]]))
    found = within_patterns(patterns, counts, TABLE, "any", "distinct-pairs")
    # four agents, two with {1, 2}: these two conflict with each other and with {1}
    assert found.misalignment[0] == 6 / 12
    weights = np.array([[2.0, 1.0, 1.0]])
    mass = Mass(np.array([[1, 1, 1]]), weights, weights**2)
    found = within_patterns(patterns, mass, TABLE, "any", "distinct-pairs")
    # one observation of weight 2 does not meet itself
    assert found.misalignment[0] == 4 / 10


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: patterns_of([[3]], 3), "goal 3 of 3 goals"),
        (lambda: patterns_of([[1, 1]], 3), "a goal twice"),
        (lambda: patterns_of([[1]], 3, [[-1]]), "an amount of -1"),
        (lambda: patterns_of([[1]], 3, [[1, 2]]), "2 amounts on 1 goals"),
        (lambda: patterns_of([[1]], 3, [[4]], [3]), "3 draws, and 4 on goals"),
        (lambda: ask(patterns_of([[1]], 3), "points"), "of plain sets"),
        (lambda: ask(patterns_of([[1]], 3), "worst"), "pairing='worst'"),
        (lambda: ask(patterns_of([[0, 1]], 3, [[0.7, 0.7]]), "probability"), "sum to 1.4"),
        (lambda: ask(patterns_of([[1]], 3, [[0.5]]), "draws"), "0.5 draws"),
        (lambda: ask(patterns_of([[1]], 4), "any"), "of 3 goals, and 4 goals"),
        (lambda: ask(patterns_of([[1], [2]], 3), "any"), "masses of 1 patterns"),
        (
            lambda: within_patterns(
                patterns_of([[1]], 3), Mass(None, np.ones((1, 1))), TABLE, "any"
            ),
            "in proportions",
        ),
    ],
)
def test_what_is_refused(make, found):
    with pytest.raises(PairingError, match=found):
        make()


def ask(patterns, pairing):
    return within_patterns(patterns, Mass(np.array([[1]])), TABLE, pairing)
