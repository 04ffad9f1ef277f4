"""Theorems about rules, on random profiles with ties, gaps and standing."""

from dataclasses import replace
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dissensus.system import (
    Ballots,
    Conventions,
    Part,
    Status,
    System,
    World,
    choose,
    improving_steps,
    is_efficient,
    majority_winner,
    manipulability,
    unanimity,
)
from dissensus.system.conventions import dense_ranks
from dissensus.system.lotteries import largest_product
from dissensus.system.pareto import distance_to_efficient, improvement
from dissensus.system.rules import RuleError, rules
from dissensus.system.rules.condorcet import reaches

SHIPPED = [rule for rule in rules() if rule.name not in ("pref_voting", "dictator")]
NAMES = [rule.name for rule in SHIPPED]
EXACT = [rule.name for rule in SHIPPED if not rule.lotteries]
SCALE_FREE = [rule.name for rule in SHIPPED if rule.needs in ("ordinal", "range")]
CONDORCET = [rule.name for rule in SHIPPED if "condorcet" in rule.claims]
EFFICIENT = [rule for rule in SHIPPED if "efficient" in rule.claims]
UNMANIPULABLE = [rule.name for rule in SHIPPED if "unmanipulable" in rule.claims]

laws = settings(max_examples=40, deadline=None)


@st.composite
def utilities(draw, most_parts=5, most_actions=5):
    """Small whole numbers, so that ties are common."""
    n, k = draw(st.integers(1, most_parts)), draw(st.integers(1, most_actions))
    cell = st.integers(0, 4)
    rows = draw(st.lists(st.lists(cell, min_size=k, max_size=k), min_size=n, max_size=n))
    return np.array(rows, dtype=np.float64)


@st.composite
def numbered(draw, **most):
    u = draw(utilities(**most))
    standing = draw(st.lists(st.integers(1, 3), min_size=len(u), max_size=len(u)))
    names = [f"a{i}" for i in range(u.shape[1])]
    return Ballots.from_utilities(names, u, standing, comparability="full")


@st.composite
def partial(draw):
    """Orders with ties and gaps."""
    ballots = draw(numbered())
    gaps = draw(st.lists(st.booleans(), min_size=ballots.ranks.size, max_size=ballots.ranks.size))
    ranks = np.where(np.reshape(gaps, ballots.ranks.shape), np.nan, ballots.ranks)
    unranked = draw(st.sampled_from(["last", "silent"]))
    return Ballots.from_ranks(
        ballots.actions,
        dense_ranks(-ranks),
        ballots.standing,
        Conventions(unranked=unranked),
    )


def answer(rule, ballots):
    try:
        return choose(rule, ballots)
    except RuleError:  # too many ways to break ties
        assume(False)


def same(a, b):
    assert a.status == b.status
    assert a.winners == b.winners
    if a.dist is not None:
        assert a.dist == pytest.approx(b.dist, abs=1e-6)


@laws
@given(ballots=numbered(), data=st.data())
@pytest.mark.parametrize("rule", NAMES)
def test_names_of_parts_do_not_matter(rule, ballots, data):
    order = data.draw(st.permutations(range(len(ballots.parts))))
    other = replace(
        ballots,
        ranks=ballots.ranks[order],
        utilities=ballots.utilities[order],
        standing=ballots.standing[order],
    )
    same(answer(rule, ballots), answer(rule, other))


@laws
@given(ballots=numbered(), data=st.data())
@pytest.mark.parametrize("rule", [name for name in NAMES if name != "agenda"])
def test_names_of_actions_do_not_matter(rule, ballots, data):
    order = data.draw(st.permutations(range(len(ballots.actions))))
    other = replace(ballots, ranks=ballots.ranks[:, order], utilities=ballots.utilities[:, order])
    first, second = answer(rule, ballots), answer(rule, other)
    assert first.status == second.status
    assert first.winners == {order[a] for a in second.winners}
    if first.dist is not None:
        assert first.dist[order] == pytest.approx(second.dist, abs=1e-6)


@laws
@given(ballots=partial(), data=st.data())
@pytest.mark.parametrize("rule", [r.name for r in SHIPPED if r.needs == "ordinal"])
def test_equal_ballots_count_as_their_sum(rule, ballots, data):
    i = data.draw(st.integers(0, len(ballots.parts) - 1))
    rows = [*range(len(ballots.parts)), i]
    standing = ballots.standing.copy()
    standing[i] += 2
    apart = np.append(ballots.standing, 2.0)
    merged = Ballots.from_ranks(ballots.actions, ballots.ranks, standing, ballots.conventions)
    split = Ballots.from_ranks(ballots.actions, ballots.ranks[rows], apart, ballots.conventions)
    same(answer(rule, merged), answer(rule, split))


@laws
@given(ballots=numbered(), data=st.data())
@pytest.mark.parametrize("rule", SCALE_FREE)
def test_scale_and_zero_of_a_part_do_not_matter(rule, ballots, data):
    n = len(ballots.parts)
    factor = data.draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    zero = data.draw(st.lists(st.integers(-9, 9), min_size=n, max_size=n))
    scaled = ballots.utilities * np.array(factor)[:, None] + np.array(zero)[:, None]
    same(answer(rule, ballots), answer(rule, replace(ballots, utilities=scaled)))


@laws
@given(ballots=numbered(), data=st.data())
@pytest.mark.parametrize("rule", [rule.name for rule in SHIPPED if rule.scale])
def test_own_ranges_make_every_rule_scale_free(rule, ballots, data):
    n = len(ballots.parts)
    factor = data.draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))
    ballots = replace(ballots, conventions=Conventions(scale="range"), comparability="range")
    scaled = ballots.utilities * np.array(factor)[:, None]
    same(answer(rule, ballots), answer(rule, replace(ballots, utilities=scaled)))


@laws
@given(u=utilities(most_parts=1))
@pytest.mark.parametrize(
    "rule", [name for name in NAMES if name not in ("softmax", "turn-taking", "approval")]
)
def test_one_part_alone_gets_its_best(rule, u):
    parts = [Part("alone", u[0])]
    h = System(parts, World.of([f"a{i}" for i in range(u.shape[1])]), rule, comparability="full")
    choice = h.choice()
    assert choice.winners <= set(np.flatnonzero(u[0] == u[0].max()))


@laws
@given(ballots=partial())
@pytest.mark.parametrize("rule", CONDORCET)
def test_an_option_that_beats_all_others_wins(rule, ballots):
    found = majority_winner(ballots)
    assume(found.holds and ballots.speaking.any())
    assert answer(rule, ballots).winner_names == (found.witness["winner"],)


@laws
@given(ballots=numbered())
@pytest.mark.parametrize("rule", EFFICIENT, ids=lambda rule: rule.name)
def test_efficiency(rule, ballots):
    choice = answer(rule.name, ballots)
    u = ballots.utilities
    if rule.lotteries:
        assert improvement(u, choice.dist).gap < 1e-6
        return
    for a in choice.winners:
        better = (u >= u[:, [a]]).all(axis=0) & (u > u[:, [a]]).any(axis=0)
        assert not better.any()


@laws
@given(ballots=numbered(most_parts=3, most_actions=4))
@pytest.mark.parametrize("rule", [*UNMANIPULABLE, "dictator:part 1"])
def test_claims_of_strategy_proofness(rule, ballots):
    assert manipulability(rule, ballots).holds


@laws
@given(ballots=partial())
@pytest.mark.parametrize(
    "rule", ["random-dictator", "borda", "copeland", "schulze", "kemeny", "ranked-pairs"]
)
def test_nothing_wins_that_all_find_worse(rule, ballots):
    assume(ballots.speaking.any())
    try:
        assert unanimity(rule, ballots).holds
    except RuleError:
        assume(False)


@laws
@given(ballots=partial())
@pytest.mark.parametrize("rule", [r.name for r in SHIPPED if r.needs == "ordinal"])
def test_chances_and_status_agree(rule, ballots):
    choice = answer(rule, ballots)
    if choice.dist is None:
        assert choice.status in (Status.CYCLE, Status.EMPTY)
        assert not choice.winners
        return
    assert choice.dist.sum() == pytest.approx(1)
    assert choice.winners == set(np.flatnonzero(choice.dist > 1e-9))
    if rule in EXACT:
        assert choice.status == (Status.OK if len(choice.winners) == 1 else Status.TIE)
    assert choice.trace.steps


@laws
@given(ballots=partial(), data=st.data())
@pytest.mark.parametrize("rule", [r.name for r in SHIPPED if r.needs == "ordinal"])
def test_a_stated_order_breaks_ties_among_the_winners(rule, ballots, data):
    choice = answer(rule, ballots)
    order = tuple(data.draw(st.permutations(ballots.actions)))
    broken = answer(rule, replace(ballots, frame=replace(ballots.frame, tie_break=order)))
    assert broken.winners <= choice.winners
    if choice.status == Status.TIE:
        assert broken.status == Status.OK
        assert broken.winner_names[0] == min(choice.winner_names, key=order.index)


@laws
@given(
    u=st.integers(0, 10_000).map(np.random.default_rng),
    shape=st.tuples(st.integers(1, 8), st.integers(1, 30)),
)
def test_nash_over_lotteries_is_certified(u, shape):
    gains = u.random(shape)
    weights = u.random(shape[0]) + 0.1
    solved = largest_product(gains, weights)
    assert solved.gap <= 1e-9
    assert solved.dist.sum() == pytest.approx(1)
    alpha = weights / weights.sum()
    best = alpha @ np.log(gains @ solved.dist)
    for other in u.dirichlet(np.ones(shape[1]), 20):
        assert alpha @ np.log(gains @ other) <= best + 1e-9


@laws
@given(u=utilities(most_parts=3, most_actions=4), data=st.data())
def test_improving_steps_harm_nobody_and_end_efficient(u, data):
    weight = np.array(
        data.draw(st.lists(st.integers(1, 5), min_size=u.shape[1], max_size=u.shape[1])), float
    )
    start = weight / weight.sum()
    steps = improving_steps(u, start)
    for dist, values in zip(steps.dists, steps.utilities, strict=True):
        assert (values >= u @ start - 1e-7).all()
        assert improvement(u, dist).gap < 1e-6
    found = improvement(u, start)
    if found.gap == 0:
        assert steps.diameter < 1e-6
    assert improvement(u, found.dist).gap < 1e-6


@laws
@given(u=utilities(most_parts=3, most_actions=4), data=st.data())
def test_distance_to_the_efficient_lotteries(u, data):

    k = u.shape[1]
    weight = np.array(data.draw(st.lists(st.integers(0, 5), min_size=k, max_size=k)), float)
    assume(weight.sum() > 0)
    dist = weight / weight.sum()
    held = [
        dist[list(members)].sum()
        for size in range(1, k + 1)
        for members in combinations(range(k), size)
        if is_efficient(u, np.isin(np.arange(k), members) / size)
    ]
    assert distance_to_efficient(u, dist) == pytest.approx(1 - max(held), abs=1e-9)


@laws
@given(u=utilities())
def test_shrinking_keeps_the_order(u):
    names = [f"a{i}" for i in range(u.shape[1])]
    parts = [Part(f"part {i}", row, hardness=1) for i, row in enumerate(u)]
    h = System(parts, World.of(names), "borda")
    assert (h.ballots().ranks == Ballots.from_utilities(names, u).ranks).all()


def locked_in_every_order(margins):
    """Winners of ranked pairs, by brute force over the orders of equal margins."""
    k = len(margins)
    levels = sorted({m for m in margins.ravel() if m > 0}, reverse=True)
    worlds = {frozenset()}
    for level in levels:
        equal = [tuple(pair) for pair in np.argwhere(margins == level).tolist()]
        assume(len(equal) <= 5)
        after = set()
        for world, order in product(worlds, permutations(equal)):
            edges = set(world)
            for a, b in order:
                reach = np.zeros((k, k), dtype=bool)
                for x, y in edges:
                    reach[x, y] = True
                if not reaches(reach)[b, a]:
                    edges.add((a, b))
            after.add(frozenset(edges))
        worlds = after
    return {a for world in worlds for a in range(k) if a not in {b for _, b in world}}


@laws
@given(ballots=partial())
def test_ranked_pairs_follow_every_order_of_equal_margins(ballots):
    assume(ballots.speaking.any())
    expected = locked_in_every_order(ballots.margins)
    assert answer("ranked-pairs", ballots).winners == expected


@laws
@given(ballots=partial())
def test_kemeny_finds_the_best_of_all_rankings(ballots):
    assume(ballots.speaking.any())
    k = len(ballots.actions)
    cost = {
        order: sum(
            ballots.preferring[order[j], order[i]] for i in range(k) for j in range(i + 1, k)
        )
        for order in permutations(range(k))
    }
    least = min(cost.values())
    winners = {order[0] for order, c in cost.items() if c <= least + 1e-9}
    assert answer("kemeny", ballots).winners == winners
