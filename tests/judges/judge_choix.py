"""Fitted rewards and utilities against the package choix."""

from itertools import combinations

import choix
import numpy as np
import pytest

from dissensus.system import Ballots, Part, System, World
from dissensus.system.relations import bradley_terry, comparisons, fit_luce, reflexivity

DRAWS = range(60)


def each_comparison(wins):
    """Winner and loser, as often as it happened."""
    return [(a, b) for a, b in np.argwhere(wins) for _ in range(int(wins[a, b]))]


@pytest.mark.parametrize("seed", DRAWS)
def test_bradley_terry(seed):
    random = np.random.default_rng(seed)
    k = int(random.integers(2, 8))
    wins = random.integers(1, 20, (k, k)) * (1.0 - np.eye(k))
    ours = bradley_terry(wins)
    assert ours.finite
    theirs = choix.ilsr_pairwise(k, each_comparison(wins), max_iter=10_000, tol=1e-12)
    assert ours.utilities == pytest.approx(theirs - theirs.mean(), abs=1e-5)


@pytest.mark.parametrize("seed", DRAWS)
def test_pooled_comparisons_of_orders(seed):
    """Pairs that were never compared, too."""
    random = np.random.default_rng(seed)
    k, n = int(random.integers(3, 6)), int(random.integers(6, 12))
    ranks = random.random((n, k)).argsort(axis=1).argsort(axis=1) + 1.0
    wins = comparisons(Ballots.from_ranks([f"a{i}" for i in range(k)], ranks))
    gone = random.random((k, k)) < 0.2
    wins[gone | gone.T] = 0
    ours = bradley_terry(wins)
    if not ours.finite or not ours.ordered:
        return
    theirs = choix.ilsr_pairwise(k, each_comparison(wins), max_iter=10_000, tol=1e-12)
    assert ours.utilities == pytest.approx(theirs - theirs.mean(), abs=1e-5)


@pytest.mark.parametrize("seed", DRAWS)
def test_choices_from_menus(seed):
    random = np.random.default_rng(seed)
    k = int(random.integers(3, 6))
    menus = [m for size in range(2, k + 1) for m in combinations(range(k), size)]
    counts = np.zeros((len(menus), k))
    data = []
    for row, menu in enumerate(menus):
        picked = random.choice(menu, 12)
        for winner in picked.tolist():
            counts[row, winner] += 1
            data.append((winner, [a for a in menu if a != winner]))
    fit = fit_luce(menus, counts / 12)
    if not fit.finite:
        return
    theirs = choix.ilsr_top1(k, data, max_iter=10_000, tol=1e-12)
    assert fit.utilities == pytest.approx(theirs - theirs.mean(), abs=1e-5)


def test_reward_of_a_system():
    """Three voters a > b > c, two b > c > a, through the relation."""
    parts = [
        Part("three", order="a > b > c", standing=3),
        Part("two", order="b > c > a", standing=2),
    ]
    h = System(parts, World.of(["a", "b", "c"]), "condorcet")
    found = reflexivity(h, "rlhf")[0].result.witness["utilities"]
    data = [(0, 1)] * 3 + [(0, 2)] * 3 + [(1, 2)] * 5 + [(1, 0)] * 2 + [(2, 0)] * 2
    theirs = choix.ilsr_pairwise(3, data, max_iter=10_000, tol=1e-12)
    assert found == pytest.approx(theirs - theirs.mean(), abs=1e-5)
