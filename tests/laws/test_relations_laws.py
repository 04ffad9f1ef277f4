"""Theorems about relations, on random systems."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dissensus.system import Part, System, World
from dissensus.system.relations import (
    Verdict,
    alignment,
    catalogue,
    fit_luce,
    luce_nll,
    properties,
    reflexivity,
)

DETERMINISTIC = ["plurality", "borda", "instant-runoff", "schulze", "agenda", "utilitarian", "nash"]
few = settings(max_examples=20, deadline=None)


@st.composite
def utilities(draw, parts=(1, 4), actions=(2, 4)):
    """Utilities without ties, on a grid that a reader can follow."""
    n, k = draw(st.integers(*parts)), draw(st.integers(*actions))
    row = st.lists(st.integers(0, 20), min_size=k, max_size=k, unique=True)
    return np.array(draw(st.lists(row, min_size=n, max_size=n)), dtype=float) / 20


@st.composite
def systems(draw, rules=None, parts=(1, 4), actions=(2, 4)):
    u = draw(utilities(parts, actions))
    n = len(u)
    rule = draw(st.sampled_from(rules or [*DETERMINISTIC, "random-dictator", "turn-taking"]))
    standing = draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    hardness = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    return build(u, rule, standing, hardness)


def build(u, rule, standing=None, hardness=None, names=None):
    n, k = np.shape(u)
    weight, hard = standing or [1] * n, hardness or [0] * n
    parts = [
        Part(f"part {i}", u[i], standing=weight[i], hardness=hard[i], compute=9) for i in range(n)
    ]
    world = World.of(names or [f"a{j}" for j in range(k)])
    return System(parts, world, rule, "full")


@few
@given(systems())
def test_gaps_add_up(h):
    for row in reflexivity(h):
        if row.score is not None:
            assert row.score <= 1
            assert row.intrinsic_gap >= -1e-12
            assert row.procedural_gap >= -1e-12
            assert 1 - row.score == pytest.approx(row.intrinsic_gap + row.procedural_gap, abs=1e-9)
        else:
            assert row.verdict in (Verdict.UNDEFINED, Verdict.AMBIGUOUS)
        if row.verdict is Verdict.HOLDS:
            assert row.score == pytest.approx(1, abs=1e-6)
        if row.verdict is Verdict.UNDEFINED:
            assert row.score is None
            assert row.status != "OK"
        assert row.witness


@few
@given(utilities(parts=(2, 4)))
def test_dictator_is_self_aligned_by_what_it_does(u):
    """Wherever a relation looks at outputs: at H's own choices, or those of its copies."""
    for row in reflexivity(build(u, "dictator:part 1", hardness=[1] * len(u))):
        known = next(relation for relation in catalogue() if relation.name == row.relation)
        if known.looks_at == "outputs":
            assert row.verdict is Verdict.HOLDS, row


@few
@given(utilities(parts=(1, 1)), st.sampled_from(DETERMINISTIC))
def test_one_part_alone_is_reflexive_everywhere(u, rule):
    """The off switch has nothing to gain from an overseer who does as it wants anyway."""
    for row in reflexivity(build(u, rule, hardness=[1])):
        if row.relation == "off-switch":
            assert row.status == "NOTHING TO GAIN"
        else:
            assert row.verdict is Verdict.HOLDS, row


@few
@given(systems())
def test_a_policy_in_the_target_scores_the_ceiling(h):
    """f(A, H) = 1 for a policy in the target; where no policy reaches 1, the most that one does."""
    for row in reflexivity(h):
        best = row.result.best
        if best is None or "frame to frame" in str(best.trace):
            continue
        reached = alignment(best, h, row.relation)[0]
        if reached.score is not None and reached.verdict is not Verdict.AMBIGUOUS:
            ceiling = 1 - (row.intrinsic_gap or 0)
            assert reached.score == pytest.approx(ceiling, abs=1e-6), row


@few
@given(systems(), st.integers(0, 3))
def test_no_policy_scores_above_the_ceiling(h, seed):
    """Of the relations whose target is fixed by H alone."""
    policy = np.random.default_rng(seed).dirichlet(np.ones(len(h.actions)))
    for name in ("obey", "no-veto", "pareto", "whole-system"):
        own = reflexivity(h, name)[0]
        if own.score is not None:
            assert alignment(policy, h, name)[0].score <= 1 - own.intrinsic_gap + 1e-9


@few
@given(systems(), st.randoms(use_true_random=False))
def test_names_and_order_of_parts_do_not_matter(h, random):
    shuffled = list(h.parts)
    random.shuffle(shuffled)
    other = System(shuffled, h.world, h.rule, h.comparability)
    assert_same(h, other)


@few
@given(systems(actions=(2, 3)), st.randoms(use_true_random=False))
def test_names_and_order_of_actions_do_not_matter(h, random):
    order = list(range(len(h.actions)))
    random.shuffle(order)
    u = np.array([part.utilities for part in h.parts])[:, order]
    standing = [part.standing for part in h.parts]
    hardness = [part.hardness for part in h.parts]
    names = [f"other {j}" for j in order]
    assert_same(h, build(u, h.rule, standing, hardness, names))


def assert_same(h, other):
    for one, two in zip(reflexivity(h), reflexivity(other), strict=True):
        assert one.verdict == two.verdict, (one, two)
        if one.score is None:
            assert two.score is None
        else:
            assert one.score == pytest.approx(two.score, abs=1e-6), (one, two)


@few
@given(systems())
def test_own_scale_of_a_part_does_not_matter(h):
    """Where utilities enter on own ranges; the learners read their size as rationality."""
    assume(h.rule != "utilitarian")
    scaled = [
        Part(p.name, 3 * p.utilities + 1, standing=p.standing, hardness=p.hardness, compute=9)
        for p in h.parts
    ]
    other = System(scaled, h.world, h.rule, h.comparability)
    for name in ("obey", "irl", "rlhf", "no-veto", "pareto", "whole-system"):
        one, two = reflexivity(h, name)[0], reflexivity(other, name)[0]
        assert one.verdict == two.verdict
        assert one.score == pytest.approx(two.score, abs=1e-6)


@few
@given(systems(parts=(2, 3), actions=(2, 3)), st.integers(0, 99))
def test_obedience_is_transitive_and_symmetric(h, seed):
    random = np.random.default_rng(seed)
    k = len(h.actions)
    others = [build(random.permuted(np.arange(k * 2.0)).reshape(2, k), "random-dictator")]
    others.append(build(random.permuted(np.arange(k * 1.0)).reshape(1, k), "plurality"))
    found = properties([h, *others], "obey")
    assert found.symmetric
    assert found.transitive


@few
@given(st.integers(2, 5), st.integers(0, 10**6))
def test_luce_recovers_luce(k, seed):
    random = np.random.default_rng(seed)
    u = random.normal(0, 2, k)
    menus = [m for size in range(2, k + 1) for m in combinations(range(k), size)]
    chosen = np.zeros((len(menus), k))
    for i, menu in enumerate(menus):
        weight = np.exp(u[list(menu)])
        chosen[i, list(menu)] = weight / weight.sum()
    fit = fit_luce(menus, chosen)
    assert fit.utilities == pytest.approx(u - u.mean(), abs=1e-6)
    assert fit.predicted == pytest.approx(chosen, abs=1e-8)


@few
@given(st.integers(2, 4), st.integers(0, 10**6))
def test_luce_fit_is_a_maximum(k, seed):
    """No other utilities make the choices likelier, also where the maximum is at infinity."""
    random = np.random.default_rng(seed)
    menus = [m for size in range(2, k + 1) for m in combinations(range(k), size)]
    offered = np.zeros((len(menus), k), dtype=bool)
    chosen = np.zeros((len(menus), k))
    for i, menu in enumerate(menus):
        offered[i, list(menu)] = True
        share = random.dirichlet(np.ones(len(menu)))
        if random.random() < 0.5:
            share = np.eye(len(menu))[share.argmax()]
        chosen[i, list(menu)] = share
    fit = fit_luce(menus, chosen)
    held = chosen > 0
    best = -(chosen[held] * np.log(fit.predicted[held])).sum() / len(menus)
    for _ in range(20):
        rival, _ = luce_nll(random.normal(0, 3, k), offered, chosen)
        assert rival >= best - 1e-12
    spread = 40.0 * (fit.levels.max(initial=0) - fit.levels)
    reached, slope = luce_nll(fit.utilities + spread, offered, chosen)
    if fit.ordered:
        assert reached == pytest.approx(best, abs=1e-6)
        assert np.abs(slope).max() < 1e-6
